"""Probabilities at another temperature, by SciPy's softmax."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from scipy.special import softmax

from resnet_gui.base.errors import InputError
from resnet_gui.data.preprocessing import Views
from resnet_gui.data.weights_catalogue import SHIPPED
from resnet_gui.engine.predict.classifier import ClassifierCache
from resnet_gui.protocol.model_request import ModelRequest


@pytest.mark.parametrize("views", [1, 10])
def test_a_temperature_divides_the_logits_and_changes_no_answer_of_one_crop(views: Views) -> None:
    request = ModelRequest(model=SHIPPED, device="cpu", views=views)
    cache = ClassifierCache()
    plain = cache.get(request)
    warm = cache.get(msgspec.structs.replace(request, temperature=2.5))
    assert warm.network is plain.network
    pixels = np.random.default_rng(3).integers(0, 256, (3, views, 3, 32, 32), dtype=np.uint8)
    logits = plain.logits(pixels.reshape(-1, 3, 32, 32)).double().numpy()
    likely = softmax(logits / 2.5, axis=1).reshape(3, views, 10).mean(axis=1)
    assert np.abs(np.exp(warm.scores(pixels)) - likely).max() < 1e-6
    if views == 1:
        assert (warm.scores(pixels).argmax(axis=1) == plain.scores(pixels).argmax(axis=1)).all()


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan"), float("inf")])
def test_a_temperature_that_is_no_number_above_zero_is_refused(temperature: float) -> None:
    with pytest.raises(InputError, match="it must be a number above 0"):
        ClassifierCache().get(ModelRequest(model=SHIPPED, device="cpu", temperature=temperature))
