"""Responses of 3×3 layers, against plain hooks on a network written by hand."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from resnet_gui.base.errors import InputError
from resnet_gui.design.spec import evolve
from resnet_gui.engine.lab.finished_run import LabelledPictures
from resnet_gui.engine.lab.responses import measure_responses
from resnet_gui.lab.measured.responses import ResponseSetup, ResponsesMeasured
from tests.engine.lab.hand_written import SPEC, by_hand, hand_written, labelled_pictures, measured_network

PICTURES = labelled_pictures(19)  # two batches of 8, and one of 3
SETUP = ResponseSetup()


@pytest.mark.parametrize("shortcut", ["B", "none"])
def test_responses_are_those_that_hooks_behind_the_norms_of_a_network_written_by_hand_see(shortcut: str) -> None:
    measured = measured_network(evolve(SPEC, shortcut=shortcut))
    shares: list[float] = []
    found = measure_responses("it", measured, PICTURES, SETUP, shares.append)
    network = hand_written(measured.model)
    seen: dict[str, float] = {}

    def hook(path: str) -> None:
        def keep(_module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
            seen[path.replace("bn", "conv")] = float(np.std(output.detach().numpy().astype(np.float64)))

        network.get_submodule(path).register_forward_hook(keep)

    for path, module in network.named_modules():
        if isinstance(module, nn.BatchNorm2d) and "downsample" not in path:
            hook(path)
    network(by_hand(PICTURES.images))
    assert {layer.path: layer.std for layer in found.layers} == pytest.approx(seen, rel=1e-5)
    assert [layer.path for layer in found.layers] == list(seen)
    assert len(seen) == found.depth - 1 == 9
    assert [layer.std for layer in found.ranked] == pytest.approx(sorted(seen.values(), reverse=True), rel=1e-5)
    assert found.mean == pytest.approx(sum(seen.values()) / 9, rel=1e-5)
    assert (found.pictures, found.residual) == (19, shortcut == "B")
    assert shares == pytest.approx([0, 8 / 19, 16 / 19, 1])
    assert msgspec.json.decode(msgspec.json.encode(found), type=ResponsesMeasured) == found


def test_of_bottlenecks_only_the_three_by_three_layers_respond() -> None:
    spec = evolve(SPEC, block="bottleneck", blocks=(1, 1))
    found = measure_responses("it", measured_network(spec), PICTURES, SETUP)
    assert [layer.path for layer in found.layers] == ["conv1", "layer1.0.conv2", "layer2.0.conv2"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"order": "full_preact"}, "conv1"),
        ({"order": "bn_after_addition"}, "layer1.0.conv2"),
        ({"norm": "none"}, "conv1"),
    ],
)
def test_an_order_without_a_norm_in_front_of_activation_or_addition_is_refused(
    changes: dict[str, str], path: str
) -> None:
    measured = measured_network(evolve(SPEC, **changes))
    with pytest.raises(InputError, match=f"'it' has no norm between '{path}' and the activation or addition behind it"):
        measure_responses("it", measured, PICTURES, SETUP)


def test_what_has_no_response_gets_a_sentence_and_a_network_stays_as_it_was() -> None:
    measured = measured_network()
    before = {name: value.clone() for name, value in measured.model.state_dict().items()}
    measure_responses("it", measured, PICTURES, SETUP)
    assert all(bool((value == before[name]).all()) for name, value in measured.model.state_dict().items())
    assert not any(module._forward_hooks for module in measured.model.modules())
    with pytest.raises(InputError, match="no picture to measure the responses of 'it' on"):
        measure_responses("it", measured, LabelledPictures(PICTURES.images[:0], PICTURES.labels[:0]), SETUP)
    with pytest.raises(InputError, match="1 picture or more"):
        ResponseSetup(pictures=-1)
    with torch.no_grad():
        measured.model.get_parameter("bn1.weight").fill_(math.inf)
    with pytest.raises(InputError, match="A response of 'it' is too large"):
        measure_responses("it", measured, PICTURES, SETUP)
