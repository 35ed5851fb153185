"""The parts of a network: every tensor is in one of them, and the first and the others compute what all of it does."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given

from resnet_gui.design.choices import KINDS
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.network.parts import first_parts, other_parts, part_of_modules
from resnet_gui.network.resnet import ResNet
from tests.conftest import examples
from tests.designs import designs


@given(spec=designs())
@examples(12)
def test_the_first_parts_and_then_the_others_compute_what_the_network_does(spec: ResNetSpec) -> None:
    model = ResNet(plan(spec)).eval()
    pictures = torch.randn(2, *spec.input)
    with torch.no_grad():
        expected = model(pictures)
        for count in range(len(spec.blocks) + 3):
            assert torch.equal(other_parts(model, count)(first_parts(model, count)(pictures)), expected)
    names = [name for name, module in model.named_children() if list(module.modules())]
    assert list(part_of_modules(model)) == names


@pytest.mark.parametrize("name", ["resnet18", "preact_resnet110", "resnetv2_50", "digits-resnet"])
def test_what_is_frozen_of_a_network_ends_with_its_pooling_so_that_its_probe_is_linear(name: str) -> None:
    spec = PRESETS[name].spec
    planned = plan(spec)
    with torch.device("meta"):
        model = ResNet(planned)
    stages = len(spec.blocks)
    assert {part for part, _, _ in planned.parts()} == set(range(stages + 2))
    head = other_parts(model, stages + 1)
    assert [name for name, _ in head.named_parameters()] == ["fc.weight", "fc.bias"]
    assert [KINDS[layer.kind].mixes for layer in planned.learning_head()] == [True]
    assert first_parts(model, stages + 1)(torch.empty(2, *spec.input, device="meta")).ndim == 2


def test_hidden_layers_belong_to_the_head_and_a_flattened_map_to_the_backbone() -> None:
    spec = evolve(PRESETS["digits-resnet"].spec, head="flatten", hidden=(5, 4))
    with torch.device("meta"):
        model = ResNet(plan(spec))
    stages = len(spec.blocks)
    assert list(part_of_modules(model).items())[-2:] == [("hidden", stages + 1), ("fc", stages + 1)]
    assert part_of_modules(model)["flatten"] == stages
