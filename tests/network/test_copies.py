"""Copies that share weights: what is changed of one network never reaches the other, and no value lies twice."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from resnet_gui.design.plan import plan
from resnet_gui.engine.predict.lesions import lesion
from resnet_gui.network.copies import shared_copy
from resnet_gui.network.fusion import FusedConv, folded, fused
from resnet_gui.network.parts import sections_of
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.weights import network_with
from tests.network.test_fusion import narrow, stirred


def addresses(network: nn.Module) -> dict[str, int]:
    return {name: tensor.data_ptr() for name, tensor in network.state_dict().items()}


def test_a_shared_copy_has_the_others_values_and_modules_of_its_own() -> None:
    model = stirred(narrow("resnet18"))
    made = shared_copy(model)
    assert addresses(made) == addresses(model)
    assert list(made.state_dict()) == list(model.state_dict())
    assert not {*map(id, made.modules())} & {*map(id, model.modules())}
    assert not any(parameter.requires_grad for parameter in made.parameters())
    made.double().train()
    made.get_submodule("layer1").add_module("0", nn.Identity())
    made.get_submodule("layer2").register_forward_hook(lambda *_: pytest.fail("the other network ran this hook"))
    assert all(parameter.requires_grad for parameter in model.parameters())
    assert {tensor.dtype for tensor in model.parameters()} == {torch.float32}
    assert not any(module.training for module in model.modules())
    model(torch.randn(1, *model.plan.spec.input))


@torch.inference_mode()
@pytest.mark.parametrize("name", ["resnet18", "resnet50", "preact_resnet22", "resnet110_relu_before_addition"])
def test_a_lesion_of_a_fused_network_is_the_fused_network_with_that_lesion_to_the_bit(name: str) -> None:
    spec = narrow(name)
    model, lesions = stirred(spec), ("layer1.1", "layer2.0")
    x = torch.randn(2, *spec.input).contiguous(memory_format=torch.channels_last)
    whole = fused(folded(model).to(memory_format=torch.channels_last))
    before = whole(x)
    hurt = lesion(whole, lesions)
    expected = fused(folded(lesion(model, lesions)).to(memory_format=torch.channels_last))
    assert torch.equal(hurt(x), expected(x))
    assert not torch.equal(hurt(x), before)
    assert torch.equal(whole(x), before), "the network itself stays whole"
    ready = {id(module) for module in whole.modules() if isinstance(module, FusedConv)}
    assert {id(module) for module in hurt.modules() if isinstance(module, FusedConv)} <= ready, "nothing is made anew"


def test_a_network_that_is_filled_draws_nothing_and_holds_copies() -> None:
    model = stirred(narrow("resnet18"))
    before = torch.get_rng_state()
    values = {
        name: value.double() if value.is_floating_point() else value for name, value in model.state_dict().items()
    }
    made = network_with(model.plan, values)
    assert torch.equal(torch.get_rng_state(), before)
    assert not {*addresses(made).values()} & {value.data_ptr() for value in values.values()}
    assert all(torch.equal(value, model.state_dict()[name]) for name, value in made.state_dict().items())
    assert not made.training


@torch.no_grad()
def test_the_sections_of_a_network_one_after_the_other_are_the_network() -> None:
    model = ResNet(plan(narrow("preact_resnet22"))).eval()
    x = torch.randn(1, *model.plan.spec.input)
    expected = model(x)
    for section in sections_of(model):
        x = section(x)
    assert torch.equal(x, expected)
