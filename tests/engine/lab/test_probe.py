"""Linear probes by depth against scikit-learn's ridge classifier on features that hooks read."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from resnet_gui.base.errors import InputError
from resnet_gui.engine.lab.finished_run import LabelledPictures
from resnet_gui.engine.lab.probe import probe_depths, ridge_classifier, ridge_classifiers
from resnet_gui.lab.measured.probe import ProbeSetup
from tests.engine.lab.measured_case import drawn_network, drawn_pictures, logits_of

LEARNT, TESTED = 90, 50


@pytest.mark.parametrize("ridge", [1e-3, 0.5])
def test_a_probe_is_scikit_learns_ridge_regression_on_standardised_pooled_features(ridge: float) -> None:
    # Here, for it takes every process of the tests a hundred megabytes.
    from sklearn.linear_model import RidgeClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    network = drawn_network()
    train, test = drawn_pictures(LEARNT), drawn_pictures(TESTED, seed=4)
    shares: list[float] = []
    found = probe_depths(network, train, test, ProbeSetup(ridge=ridge), shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    blocks = [location.path for location, _ in network.model.plan.blocks()]
    assert [each.location for each in found.probes] == ["stem", *blocks]
    for probe in found.probes:
        maps: list[Tensor] = []
        path = "layer1.0" if probe.location == "stem" else probe.location
        hook = network.model.get_submodule(path).register_forward_hook(
            lambda _module, inputs, output, kept=maps, stem=probe.location == "stem": kept.append(
                (inputs[0] if stem else output).mean((2, 3)).double()
            )
        )
        logits = [logits_of(network.model, network, pictures.images) for pictures in (train, test)]
        hook.remove()
        features = torch.cat(maps)
        assert probe.features == features.shape[1]
        theirs = make_pipeline(StandardScaler(), RidgeClassifier(alpha=ridge * LEARNT)).fit(
            features[:LEARNT].numpy(), train.labels.numpy()
        )
        errors = [
            float(np.mean(theirs.predict(part.numpy()) != pictures.labels.numpy()))
            for part, pictures in ((features[:LEARNT], train), (features[LEARNT:], test))
        ]
        assert [probe.train_error, probe.test_error] == errors
        weight, bias = ridge_classifier(features[:LEARNT], train.labels, 5, ridge)
        # Theirs has targets of -1 and 1.
        ours = 2 * (features[LEARNT:] @ weight + bias) - 1
        np.testing.assert_allclose(ours.numpy(), theirs.decision_function(features[LEARNT:].numpy()), atol=1e-7)
    errors = [
        float((each.argmax(1) != pictures.labels).double().mean())
        for each, pictures in zip(logits, (train, test), strict=True)
    ]
    assert [found.train_error, found.test_error] == errors
    assert min(each.train_error for each in found.probes) < 0.75, "something was learnt"


def test_features_that_never_change_or_repeat_count_for_nothing_even_without_a_penalty() -> None:
    generator = torch.Generator().manual_seed(0)
    good, labels = torch.randn((30, 3), generator=generator), torch.arange(30) % 3
    odd = torch.cat([good, torch.full((30, 1), 7.3), good[:, :1]], dim=1)
    for ridge in (0.0, 0.1):
        weight, bias = ridge_classifier(odd, labels, 3, ridge)
        assert torch.isfinite(weight).all()
        assert not weight[3].any()
    plain, offset = ridge_classifier(good, labels, 3, 0.0)
    weight, bias = ridge_classifier(odd, labels, 3, 0.0)
    torch.testing.assert_close(odd.double() @ weight + bias, good.double() @ plain + offset)


def test_fewer_pictures_than_features_have_the_weights_of_the_normal_equations() -> None:
    torch.manual_seed(0)
    x, labels = torch.randn(12, 30) * 3 + 1, torch.arange(12) % 3
    z = (x.double() - x.double().mean(0)) / x.double().std(0, correction=0)
    target = functional.one_hot(labels).double() - 1 / 3
    ridges = (1e-3, 0.5)
    for ridge, (weight, bias) in zip(ridges, ridge_classifiers(x, labels, 3, ridges), strict=True):
        by_feature = torch.linalg.solve(z.T @ z / 12 + ridge * torch.eye(30), z.T @ target / 12)
        torch.testing.assert_close(x.double() @ weight + bias, z @ by_feature + 1 / 3, rtol=1e-9, atol=1e-9)


def test_probes_without_pictures_are_refused() -> None:
    network, some = drawn_network(), drawn_pictures(4)
    none = LabelledPictures(some.images[:0], some.labels[:0])
    for train, test in ((none, some), (some, none)):
        with pytest.raises(InputError, match="Probes need pictures to learn from"):
            probe_depths(network, train, test, ProbeSetup())
