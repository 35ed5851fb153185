"""The plan against the built model: every design is verified, and a sabotaged model is caught at its first row."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from torch import nn

from resnet_gui.analysis.costs import totals
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine.export.verify import compare, verify
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.events import Mismatch, Verified
from tests.conftest import FIGURES, daily, one_of_each_kind, specs

SPEC = ResNetSpec(block="basic", blocks=(1, 2), widths=(4, 8), stem="cifar", classes=3, input=(3, 9, 9))


@pytest.mark.parametrize("name", one_of_each_kind(PRESETS))
def test_a_preset_is_verified_with_its_rows_params_and_macs(name: str) -> None:
    spec = PRESETS[name].spec
    total = totals(plan(spec))
    assert verify(7, spec) == Verified(7, total.rows, total.cost.params, total.cost.macs)


CIFAR = [(name, shortcut) for name in FIGURES["cifar"] if name != "resnet1202" for shortcut in ("B", "C")]


@pytest.mark.parametrize(("name", "shortcut"), daily(CIFAR[:2], CIFAR[2:]))
def test_a_cifar_network_with_projections_is_verified_with_the_published_params(name: str, shortcut: str) -> None:
    answer = verify(1, evolve(PRESETS[name].spec, shortcut=shortcut))
    assert isinstance(answer, Verified)
    assert answer.params == FIGURES["cifar"][name][shortcut]


@given(spec=specs())
@settings(max_examples=30)
def test_any_legal_design_is_verified(spec: ResNetSpec) -> None:
    total = totals(plan(spec))
    assert verify(1, spec) == Verified(1, total.rows, total.cost.params, total.cost.macs)


def wider(model: nn.Module) -> None:
    block = model.get_submodule("layer2.0")
    block.conv1 = nn.Conv2d(4, 9, 3, stride=2, padding=1, bias=False, device="meta")
    block.bn1 = nn.BatchNorm2d(9, device="meta")
    block.conv2 = nn.Conv2d(9, 8, 3, padding=1, bias=False, device="meta")


def unpadded(model: nn.Module) -> None:
    model.conv1 = nn.Conv2d(3, 4, 3, bias=False, device="meta")


def biased(model: nn.Module) -> None:
    model.get_submodule("layer2.1").conv1 = nn.Conv2d(8, 8, 3, padding=1, bias=True, device="meta")


def renamed(model: nn.Module) -> None:
    block = model.get_submodule("layer1.0")
    block._modules["conv9"] = block._modules.pop("conv2")
    block._residual = ("conv1", "bn1", "relu1", "conv9", "bn2")  # type: ignore[assignment]


def grouped(model: nn.Module) -> None:
    model.get_submodule("layer2.1").conv2 = nn.Conv2d(8, 8, 3, padding=1, bias=False, groups=2, device="meta")


def strided_late(model: nn.Module) -> None:
    block = model.get_submodule("layer2.0")
    block.conv1 = nn.Conv2d(4, 8, 3, padding=1, bias=False, device="meta")
    block.conv2 = nn.Conv2d(8, 8, 3, stride=2, padding=1, bias=False, device="meta")


def without_scale(model: nn.Module) -> None:
    model.get_submodule("layer2.0").bn1 = nn.BatchNorm2d(8, affine=False, device="meta")


def with_more_layers(model: nn.Module) -> None:
    model.fc = nn.Sequential(nn.Linear(8, 3, device="meta"), nn.Linear(3, 3, device="meta"))


def with_a_layer_in_between(model: nn.Module) -> None:
    model.get_submodule("layer1").append(nn.Conv2d(4, 4, 1, device="meta"))  # type: ignore[operator]


def with_a_loose_parameter(model: nn.Module) -> None:
    model.get_submodule("layer1").register_parameter("scale", nn.Parameter(torch.ones(5, device="meta")))


@pytest.mark.parametrize(
    ("sabotage", "path", "what", "planned", "built"),
    [
        (wider, "layer2.0.conv1", "output shape", "8×5×5", "9×5×5"),
        (unpadded, "conv1", "output shape", "4×9×9", "4×7×7"),
        (biased, "layer2.1.conv1", "parameters", "576", "584"),
        (renamed, "layer1.0.conv2", "layer", "conv", "missing"),
        (grouped, "layer2.1.conv2", "parameters", "576", "288"),
        (strided_late, "layer2.0.conv1", "output shape", "8×5×5", "8×9×9"),
        (without_scale, "layer2.0.bn1", "parameters", "16", "0"),
        (with_more_layers, "fc", "layer", "linear", "missing"),
        (with_a_layer_in_between, "layer1.1", "layer", "missing", "20 parameters"),
        (with_a_loose_parameter, "total", "parameters", None, None),
    ],
)
def test_a_model_that_differs_from_its_plan_is_caught_at_the_first_row(
    sabotage: Callable[[nn.Module], None], path: str, what: str, planned: str | None, built: str | None
) -> None:
    plain = plan(SPEC)
    with torch.device("meta"):
        model = ResNet(plain).eval()
    assert isinstance(compare(1, plain, model), Verified)
    sabotage(model)
    answer = compare(1, plain, model)
    assert isinstance(answer, Mismatch)
    assert (answer.job, answer.path, answer.what) == (1, path, what)
    if planned is not None:
        assert (answer.planned, answer.built) == (planned, built)
    else:
        count = totals(plain).cost.params
        assert (answer.planned, answer.built) == (f"{count:,}", f"{count + 5:,}")
