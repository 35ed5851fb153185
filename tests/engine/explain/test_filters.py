"""The filters of the first convolution, beside the weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from resnet_gui.design.spec import ResNetSpec
from resnet_gui.engine.predict.classifier import ClassifierCache
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.explain_events import Filters
from resnet_gui.protocol.jobs import (
    ModelRequest,
    ShowFilters,
)
from tests.engine.explain.explain_case import (
    CIFAR,
    GATED,
    ExplainCase,
    make_case,
    seasoned,
    write_network,
)

FILTERS = {
    "rgb": (CIFAR, "conv1"),
    "grey": (GATED, "conv1"),
    "deep": (ResNetSpec(block="basic", blocks=(1,), widths=(6,), stem="deep", classes=2, input=(3, 24, 24)), "conv1.0"),
    "two channels": (
        ResNetSpec(block="basic", blocks=(1,), widths=(6,), stem="cifar", classes=2, input=(2, 9, 9)),
        "conv1",
    ),
}


@pytest.mark.parametrize("kind", FILTERS)
def test_filters_of_the_first_convolution_are_shown_about_grey_with_their_norms(kind: str, tmp_path: Path) -> None:
    spec, layer = FILTERS[kind]
    model = seasoned(spec)
    case = make_case(tmp_path, model) if spec.input[0] != 2 else case_without_a_picture(tmp_path, model)
    answer = case.service().answer(ShowFilters(9, case.model_request))
    assert isinstance(answer, Filters)
    weight = model.get_parameter(f"{layer}.weight").numpy().astype(float)
    assert (answer.job, answer.layer, answer.shape) == (9, layer, weight.shape)
    assert answer.peak == pytest.approx(np.abs(weight).max())
    assert answer.norms == pytest.approx(np.sqrt((weight**2).sum(axis=(1, 2, 3))).tolist())
    size = weight.shape[-1]
    assert len(answer.filters) == len(weight)
    for shown, values in zip(answer.filters, weight, strict=True):
        pixels = np.frombuffer(shown, np.uint8).reshape(size, size, 3 if spec.input[0] == 3 else 1).astype(float)
        colours = values if spec.input[0] == 3 else values.mean(axis=0, keepdims=True)
        assert np.abs(pixels.transpose(2, 0, 1) - (colours / answer.peak + 1) * 127.5).max() <= 0.5 + 1e-3


def case_without_a_picture(folder: Path, model: ResNet) -> ExplainCase:
    """A network that pictures cannot be read for."""
    write_network(folder / "network.safetensors", model)
    request = ModelRequest(model=str(folder / "network.safetensors"), device="cpu")
    return ExplainCase(
        model.requires_grad_(False), torch.zeros(0), request, "", np.zeros(0, np.uint8), ClassifierCache()
    )
