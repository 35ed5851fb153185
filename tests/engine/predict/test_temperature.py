"""Probabilities at another temperature, by SciPy's softmax."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
import torch
from scipy.special import softmax

from resnet_gui.base.errors import InputError
from resnet_gui.data.preprocessing import Views
from resnet_gui.data.weights_catalogue import SHIPPED
from resnet_gui.engine.predict.classifier import ClassifierCache
from resnet_gui.evaluation.calibration import TEMPERATURES, confidences_at
from resnet_gui.protocol.model_request import ModelRequest


@pytest.mark.parametrize("views", [1, 10])
def test_a_temperature_divides_the_logits_or_those_of_the_mean_of_crops_and_changes_no_answer(views: Views) -> None:
    request = ModelRequest(model=SHIPPED, device="cpu", views=views)
    cache = ClassifierCache()
    plain = cache.get(request)
    warm = cache.get(msgspec.structs.replace(request, temperature=2.5))
    assert warm.network is plain.network
    pixels = np.random.default_rng(3).integers(0, 256, (3, views, 3, 32, 32), dtype=np.uint8)
    logits = plain.logits(pixels.reshape(-1, 3, 32, 32)).double().numpy()
    mean = softmax(logits, axis=1).reshape(3, views, 10).mean(axis=1)
    likely = softmax((logits if views == 1 else np.log(mean)) / 2.5, axis=1)
    assert np.abs(np.exp(warm.scores(pixels)) - likely).max() < 1e-6
    assert (warm.scores(pixels).argmax(axis=1) == plain.scores(pixels).argmax(axis=1)).all()
    # What is fitted is what Predict does: the confidences that a temperature is judged by are these.
    assert confidences_at(plain.scores(pixels), (2.5,))[0] == pytest.approx(likely.max(axis=1), abs=1e-6)


@pytest.mark.filterwarnings("error")
def test_logits_beyond_float32_are_probabilities_of_zero_without_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    classifier = ClassifierCache().get(ModelRequest(model=SHIPPED, device="cpu"))
    huge = torch.tensor([[3e38, -3e38, 0.0], [-1e38, 3e38, 0.0]])
    monkeypatch.setattr(classifier, "logits", lambda _pixels: huge)
    scores = classifier.scores(np.zeros((2, 1, 3, 32, 32), dtype=np.uint8))
    assert scores[0].tolist() == [0, -np.inf, pytest.approx(-3e38)]
    assert confidences_at(scores, TEMPERATURES).tolist() == [[1.0, 1.0]] * len(TEMPERATURES)


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan"), float("inf")])
def test_a_temperature_that_is_no_number_above_zero_is_refused(temperature: float) -> None:
    with pytest.raises(InputError, match="it must be a number above 0"):
        ClassifierCache().get(ModelRequest(model=SHIPPED, device="cpu", temperature=temperature))
