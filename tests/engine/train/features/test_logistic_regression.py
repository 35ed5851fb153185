"""The linear probe is logistic regression: its optimum is scikit-learn's, on the same features."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.engine.data.datasets import load
from resnet_gui.engine.data.loaders import Resident
from resnet_gui.engine.train.distributed import RankGroup
from resnet_gui.engine.train.features.extractor import FeatureExtractor, extracted, feature_count
from resnet_gui.engine.train.step import TrainingStep
from resnet_gui.network.parts import other_parts
from resnet_gui.network.resnet import ResNet
from resnet_gui.training.phases import BACKBONE, Phase
from resnet_gui.training.recipe import Recipe

SPEC = PRESETS["digits-resnet"].spec
COUNT, STEPS, DECAY = 120, 300, 0.1
FULL_BATCH = Recipe(
    batch_size=COUNT, lr=0.5, momentum=0.9, weight_decay=DECAY, decay_norm=False, schedule="constant",
    phases=(Phase(frozen=BACKBONE, cached=True),), precision="fp32",
)  # fmt: skip


def features_of(learner: TrainingStep) -> tuple[Tensor, Tensor]:
    """Features of digits, those of a network with drawn weights, and their labels."""
    data = load("digits", SPEC.input)
    extractor = FeatureExtractor(learner.model, data.identity)
    source = Resident(data.train.images[:COUNT], data.train.labels[:COUNT], torch.device("cpu"))
    making = extracted(extractor, source, RankGroup(), feature_count(learner.model.plan))
    while True:
        try:
            next(making)
        except StopIteration as end:
            features, labels = end.value
            return features, labels


@pytest.mark.parametrize("balanced", [False, True])
def test_a_probe_that_has_converged_is_scikit_learns_logistic_regression_on_the_same_features(balanced: bool) -> None:
    # Here, for it takes every process of the tests a hundred megabytes.
    from sklearn.linear_model import LogisticRegression

    torch.manual_seed(2)
    learner = TrainingStep(ResNet(plan(SPEC)), FULL_BATCH, "fp32", torch.contiguous_format, RankGroup())
    learner.begin_phase(FULL_BATCH.phases[0])
    features, labels = features_of(learner)
    if balanced:  # uneven classes: the first ones are there half as often
        kept = (labels >= 5) | (torch.arange(COUNT) % 2 == 0)
        features, labels = features[kept], labels[kept]
        counts = torch.bincount(labels, minlength=10)
        learner.weigh_classes(len(labels) / (10 * counts))
    count = len(labels)
    for step in range(STEPS):
        learner.learn((features, labels), step, STEPS, count)
    # Ours: mean of the cross-entropy + decay/2 · |W|²; theirs: C · its sum + 1/2 · |W|². Neither decays the bias.
    theirs = LogisticRegression(
        C=1 / (count * DECAY), tol=1e-10, max_iter=10_000, class_weight="balanced" if balanced else None
    ).fit(features.double().numpy(), labels.numpy())
    head = other_parts(learner.model, len(SPEC.blocks) + 1)
    weight, bias = (value.detach().double().numpy() for value in head.parameters())
    np.testing.assert_allclose(weight, theirs.coef_, atol=2e-5)
    # Softmax knows biases up to a common constant only.
    np.testing.assert_allclose(bias - bias.mean(), theirs.intercept_ - theirs.intercept_.mean(), atol=1e-4)
    with torch.inference_mode():
        found = torch.softmax(head(features), 1).numpy()
    np.testing.assert_allclose(found, theirs.predict_proba(features.double().numpy()), atol=1e-5)
    assert np.abs(weight).max() > 0.1  # something was learnt
