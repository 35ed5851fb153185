"""Every figure of ``figures.toml``: parameters, MACs, receptive fields and shapes, to the last digit."""

from __future__ import annotations

from typing import Any

import pytest

from resnet_gui.analysis.costs import totals
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS, find_preset
from resnet_gui.design.spec import ResNetSpec, evolve
from tests.conftest import FIGURES

IMAGENET: dict[str, dict[str, Any]] = FIGURES["imagenet"]
V1: dict[str, dict[str, Any]] = FIGURES["imagenet_v1"]
CIFAR: dict[str, dict[str, Any]] = FIGURES["cifar"]
CIFAR_V2: dict[str, dict[str, Any]] = FIGURES["cifar_v2"]
TUTORIALS: dict[str, dict[str, Any]] = FIGURES["tutorials"]
CHECKED = {
    "imagenet": {"params", "macs", "rf", "blocks", "block", "same_as"},
    "imagenet_v1": {"params", "macs_g", "rf"},
    "cifar": {"n", "A", "B", "C", "mmacs_A", "rf"},
    "cifar_v2": {"params", "block", "depth", "widen"},
    "tutorials": {"params", "shapes", "input", "classes"},
}
"""Tables of designs, and their columns that the tests here and ``network/test_published_networks.py`` read."""


def test_the_figures_have_no_table_and_no_column_that_no_test_reads() -> None:
    assert {name for name in FIGURES if name != "paper"} == set(CHECKED)
    assert set(FIGURES["paper"]) == {"imagenet", "cifar10", "cifar10_orders", "cifar10_shortcuts"}
    for table, columns in CHECKED.items():
        assert {column for row in FIGURES[table].values() for column in row} == columns


@pytest.mark.parametrize("name", IMAGENET)
def test_an_imagenet_preset_has_the_published_figures(name: str) -> None:
    row, spec = IMAGENET[name], PRESETS[name].spec
    total = totals(plan(spec))
    found = {
        "params": total.cost.params, "macs": total.cost.macs, "rf": total.receptive_field, "block": spec.block,
        "blocks": list(spec.blocks), "same_as": row["same_as"],
    }  # fmt: skip
    assert row == {figure: found[figure] for figure in row}
    assert (spec.input, spec.classes) == ((3, 224, 224), 1000)


@pytest.mark.parametrize("depth", [18, 34, 50, 101, 152])
def test_an_imagenet_preset_has_the_depth_of_its_name(depth: int) -> None:
    spec = PRESETS[f"resnet{depth}"].spec
    assert totals(plan(spec)).depth == spec.depth == depth


@pytest.mark.parametrize("name", V1)
def test_the_papers_own_bottleneck_strides_on_the_first_1x1_and_has_its_figures(name: str) -> None:
    spec, row = PRESETS[f"{name}_v1"].spec, V1[name]
    total = totals(plan(spec))
    assert evolve(spec, stride_on="3x3") == PRESETS[name].spec
    assert (total.cost.params, total.receptive_field) == (row["params"], row["rf"])
    assert f"{total.cost.macs / 1e9:.3f}" == f"{row['macs_g']:.3f}"
    first = {layer.name: layer.stride for layer in plan(spec).stages[1].blocks[0].layers if layer.kind == "conv"}
    assert first == {"conv1": 2, "conv2": 1, "conv3": 1, "downsample.0": 2}


def cifar_spec(n: int, shortcut: str) -> ResNetSpec:
    return ResNetSpec(
        block="basic", blocks=(n, n, n), widths=(16, 32, 64),
        shortcut=shortcut, stem="cifar", classes=10, input=(3, 32, 32),
    )  # fmt: skip


@pytest.mark.parametrize("shortcut", ["A", "B", "C", "none"])
@pytest.mark.parametrize("name", CIFAR)
def test_a_cifar_network_has_the_published_params_and_field(name: str, shortcut: str) -> None:
    row = CIFAR[name]
    total = totals(plan(cifar_spec(row["n"], shortcut)))
    # A plain network has exactly the parameters of option A.
    assert total.cost.params == row["A" if shortcut == "none" else shortcut]
    assert total.receptive_field == row["rf"]
    assert total.depth == int(name.removeprefix("resnet")) == 6 * row["n"] + 2


@pytest.mark.parametrize("shortcut", ["A", "none"])
@pytest.mark.parametrize("name", CIFAR)
def test_a_cifar_network_without_projections_has_the_published_macs(name: str, shortcut: str) -> None:
    total = totals(plan(cifar_spec(CIFAR[name]["n"], shortcut)))
    assert f"{total.cost.macs / 1e6:.2f}" == f"{CIFAR[name]['mmacs_A']:.2f}"


@pytest.mark.parametrize("name", CIFAR)
def test_a_cifar_preset_is_the_papers_network_of_option_a(name: str) -> None:
    assert PRESETS[name].spec == cifar_spec(CIFAR[name]["n"], "A")


@pytest.mark.parametrize("depth", [18, 34, 20, 32, 44, 56, 110])
def test_a_plain_preset_is_the_resnet_without_shortcuts_and_has_the_parameters_of_option_a(depth: int) -> None:
    spec = PRESETS[f"plain{depth}"].spec
    resnet = evolve(PRESETS[f"resnet{depth}"].spec, shortcut="A")
    assert spec == evolve(resnet, shortcut="none")
    assert totals(plan(spec)).cost.params == totals(plan(resnet)).cost.params


@pytest.mark.parametrize("name", CIFAR_V2)
def test_a_preactivated_cifar_preset_has_the_published_params(name: str) -> None:
    row, spec = CIFAR_V2[name], PRESETS[name].spec
    total = totals(plan(spec))
    assert total.cost.params == row["params"]
    assert spec.order == "full_preact"
    assert (spec.input, spec.classes, spec.stem_channels) == ((3, 32, 32), 10, 16)
    if "widen" in row:
        assert spec.widths == tuple(width * row["widen"] for width in (16, 32, 64))
        # Zagoruyko & Komodakis count the stem and the three projections: depth 6n + 4.
        assert name == f"wrn_{6 * spec.blocks[0] + 4}_{row['widen']}"
    else:
        assert (spec.block, spec.depth, total.depth) == (row["block"], row["depth"], row["depth"])
    projections = [
        [layer.kind for layer in block.on("shortcut")]
        for stage in plan(spec).stages
        for block in stage.blocks
        if block.on("shortcut")
    ]
    assert projections in ([["conv"]] * 2, [["conv"]] * 3), "a projection is one 1×1 convolution without BN"


BOTTLENECK_CIFAR = [name for name, preset in PRESETS.items() if preset.family != "Small"
                    and preset.spec.block == "bottleneck" and preset.spec.stem == "cifar"]  # fmt: skip


@pytest.mark.parametrize("name", BOTTLENECK_CIFAR)
def test_a_bottleneck_of_the_paper_of_2016_strides_on_the_first_1x1_as_its_authors_code_does(name: str) -> None:
    # KaimingHe/resnet-1k-layers, resnet-pre-act.lua: the stride is the first 1×1 convolution's.
    assert PRESETS[name].spec.stride_on == "1x1"


@pytest.mark.parametrize("name", TUTORIALS)
def test_a_tutorials_network_has_the_parameters_of_the_tutorial(name: str) -> None:
    row, spec = TUTORIALS[name], PRESETS[name].spec
    assert totals(plan(spec)).cost.params == row["params"]
    assert list(spec.input) == row.get("input", [3, 224, 224])
    assert spec.classes == row.get("classes", 1000)


def test_the_unnormalised_resnet18_has_the_shapes_of_its_tutorial_and_trained_projections() -> None:
    planned = plan(PRESETS["unnormalised_resnet18"].spec)
    layers = dict(planned.layers())
    blocks = [block.output for stage in planned.stages for block in stage.blocks]
    shapes = [layers["conv1"].output, layers["maxpool"].output, *blocks, layers["avgpool"].output, layers["fc"].output]
    assert [list(shape) for shape in shapes] == TUTORIALS["unnormalised_resnet18"]["shapes"]
    assert not [path for path, layer in planned.layers() if layer.kind in {"bn", "group_norm"}]
    convolutions = {path: layer for path, layer in planned.layers() if layer.kind == "conv"}
    projections = {path for path in convolutions if "downsample" in path}
    assert len(projections) == 3
    for path, layer in convolutions.items():
        wanted = (1, 2, False) if path in projections else (7 if path == "conv1" else 3, layer.stride, True)
        assert (layer.kernel, layer.stride, layer.bias) == wanted, path


@pytest.mark.parametrize("depth", [50, 101, 152])
def test_a_biased_resnet_is_the_resnet_with_a_bias_in_every_convolution(depth: int) -> None:
    spec = PRESETS[f"biased_resnet{depth}"].spec
    assert spec == evolve(PRESETS[f"resnet{depth}"].spec, conv_bias=True)
    assert all(layer.bias for _, layer in plan(spec).layers() if layer.kind == "conv")


def test_preact_resnet22_is_laid_out_as_its_tutorial_says() -> None:
    spec = PRESETS["preact_resnet22"].spec
    planned = plan(spec)
    assert [(layer.name, layer.kind, layer.output) for layer in planned.stem.layers] == [
        ("conv1", "conv", (16, 128, 128)), ("bn1", "bn", (16, 128, 128)), ("relu", "relu", (16, 128, 128)),
    ]  # fmt: skip
    assert [layer.kind for layer in planned.head.layers] == ["flatten", "linear", "relu", "linear"]
    assert [layer.output for layer in planned.head.layers] == [(128 * 8 * 8,), (128,), (128,), (4,)]
    assert [stage.output for stage in planned.stages] == [(16, 64, 64), (32, 32, 32), (64, 16, 16), (128, 8, 8)]
    for stage in planned.stages:
        first, second = stage.blocks
        assert first.shortcut == "projection"
        assert second.shortcut == "identity"
        assert not first.on("shared"), "the projection reads the raw input of the block"
        kinds = [layer.kind for layer in first.on("main")]
        assert kinds == [layer.kind for layer in second.on("main")] == ["bn", "relu", "conv"] * 2
    assert all(layer.bias for _, layer in planned.layers() if layer.kind == "conv")


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


@pytest.mark.parametrize("text", ["ResNet-50", "resnet_50", "RESNET50"])
def test_a_preset_is_found_whatever_its_case_and_hyphens(text: str) -> None:
    assert find_preset(text) is PRESETS["resnet50"]
