"""Parameters, MACs and receptive fields of the published networks, to the last digit."""

from __future__ import annotations

from typing import Any

import pytest

from resnet_gui.spec.arch import ResNetSpec, evolve
from resnet_gui.spec.choices import Shortcut
from resnet_gui.spec.costs import totals
from resnet_gui.spec.plan import plan
from resnet_gui.spec.presets import PRESETS, find_preset
from tests.conftest import FIGURES

IMAGENET = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"]
CIFAR: dict[str, dict[str, Any]] = FIGURES["cifar"]


@pytest.mark.parametrize("name", IMAGENET)
def test_an_imagenet_preset_has_the_published_blocks_params_macs_and_field(name: str) -> None:
    row = FIGURES["imagenet"][name]
    spec = PRESETS[name].spec
    total = totals(plan(spec))
    assert (spec.block, list(spec.blocks)) == (row["block"], row["blocks"])
    assert (total.cost.params, total.cost.macs, total.receptive_field) == (row["params"], row["macs"], row["rf"])
    assert total.depth == spec.depth == int(name.removeprefix("resnet"))


def cifar_spec(n: int, shortcut: Shortcut) -> ResNetSpec:
    return ResNetSpec(
        block="basic", blocks=(n, n, n), widths=(16, 32, 64),
        shortcut=shortcut, stem="cifar", classes=10, input=(3, 32, 32),
    )  # fmt: skip


@pytest.mark.parametrize("shortcut", ["A", "B", "C", "none"])
@pytest.mark.parametrize("name", CIFAR)
def test_a_cifar_network_has_the_published_params_and_field(name: str, shortcut: Shortcut) -> None:
    row = CIFAR[name]
    total = totals(plan(cifar_spec(row["n"], shortcut)))
    # A plain network has exactly the parameters of option A.
    assert total.cost.params == row["A" if shortcut == "none" else shortcut]
    assert total.receptive_field == row["rf"]
    assert total.depth == int(name.removeprefix("resnet")) == 6 * row["n"] + 2


@pytest.mark.parametrize("shortcut", ["A", "none"])
@pytest.mark.parametrize("name", CIFAR)
def test_a_cifar_network_without_projections_has_the_published_macs(name: str, shortcut: Shortcut) -> None:
    total = totals(plan(cifar_spec(CIFAR[name]["n"], shortcut)))
    assert f"{total.cost.macs / 1e6:.2f}" == f"{CIFAR[name]['mmacs_A']:.2f}"


@pytest.mark.parametrize("name", CIFAR)
def test_a_cifar_preset_is_the_papers_network_of_option_a(name: str) -> None:
    assert PRESETS[name].spec == cifar_spec(CIFAR[name]["n"], "A")


@pytest.mark.parametrize("depth", [20, 56])
def test_a_plain_preset_is_the_resnet_without_shortcuts(depth: int) -> None:
    assert PRESETS[f"plain{depth}"].spec == evolve(PRESETS[f"resnet{depth}"].spec, shortcut="none")


def test_the_presets_are_the_imagenet_the_cifar_and_the_plain_networks_and_the_small_one() -> None:
    assert list(PRESETS) == [*IMAGENET, *CIFAR, "plain20", "plain56", "digits-resnet"]


@pytest.mark.parametrize("text", ["ResNet-50", "resnet_50", "RESNET50"])
def test_a_preset_is_found_whatever_its_case_and_hyphens(text: str) -> None:
    assert find_preset(text) is PRESETS["resnet50"]


def test_the_layers_of_resnet50_are_named_and_shaped_as_in_torchvision() -> None:
    layers = dict(plan(PRESETS["resnet50"].spec).layers())
    shapes = {path: layers[path].output for path in ("conv1", "maxpool", "layer1.2.add", "layer4.2.relu3", "fc")}
    assert shapes == {
        "conv1": (64, 112, 112),
        "maxpool": (64, 56, 56),
        "layer1.2.add": (256, 56, 56),
        "layer4.2.relu3": (2048, 7, 7),
        "fc": (1000,),
    }
    down = layers["layer3.0.downsample.0"]
    assert (down.kernel, down.stride, down.input, down.output) == (1, 2, (512, 28, 28), (1024, 14, 14))
    middle = layers["layer3.0.conv2"]
    assert (middle.kernel, middle.stride, middle.padding) == (3, 2, 1), "the stride stands on the 3×3 (v1.5)"
