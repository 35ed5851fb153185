"""Places that can be looked at: which there are, what shape their maps have, and where their units look."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from torch import Tensor

from resnet_gui.analysis.locations import (
    block_maps,
    blocks_of,
    default_location,
    find_shape,
    layer_maps,
    stage_maps,
    unit_box,
    unit_centre,
)
from resnet_gui.design.location import TERMS, Location
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.network.resnet import ResNet
from tests.conftest import examples
from tests.designs import designs

RESNET18 = plan(PRESETS["resnet18"].spec)
SQUEEZED = plan(evolve(PRESETS["seresnet18"].spec, input=(3, 160, 96)))


def test_the_stages_of_a_network_are_named_as_its_paper_does_and_the_last_is_looked_at_first() -> None:
    assert [(point.name, point.title, point.shape) for point in stage_maps(RESNET18)] == [
        ("layer1", "Stage 1, conv2_x", (64, 56, 56)),
        ("layer2", "Stage 2, conv3_x", (128, 28, 28)),
        ("layer3", "Stage 3, conv4_x", (256, 14, 14)),
        ("layer4", "Stage 4, conv5_x", (512, 7, 7)),
    ]
    assert default_location(RESNET18) == "layer4"


@pytest.mark.parametrize(("side", "place"), [(64, "layer4"), (32, "layer3"), (17, "layer3")])
def test_grad_cam_looks_at_the_last_stage_whose_map_has_more_than_one_cell(side: int, place: str) -> None:
    planned = plan(evolve(PRESETS["resnet18"].spec, input=(3, side, side)))
    assert default_location(planned) == place


def test_inside_a_block_are_branch_shortcut_and_sum_then_its_output() -> None:
    blocks = dict(blocks_of(RESNET18))
    assert list(blocks) == [f"layer{stage}.{number}" for stage in (1, 2, 3, 4) for number in (0, 1)]
    points = block_maps(Location(2, 0), blocks["layer3.0"])
    assert [(point.name, point.title) for point in points] == [
        ("layer3.0:branch", "branch F(x)"),
        ("layer3.0:shortcut", "shortcut"),
        ("layer3.0:sum", "sum"),
        ("layer3.0", "output"),
    ]
    assert {point.shape for point in points} == {(256, 14, 14)}


def test_a_plain_block_has_nothing_inside() -> None:
    planned = plan(PRESETS["plain18"].spec)
    location, block = next(planned.blocks())
    path = location.path
    assert [point.name for point in block_maps(location, block)] == [path]
    assert find_shape(planned, f"{path}:sum") is None
    assert find_shape(planned, path) == (64, 56, 56)


@pytest.mark.parametrize(
    "name",
    ["", ":", "layer5", "layer1.2", "layer1.0:", "layer1.0:end", "layer1.0:out", "layer1:sum", "conv1:sum", "head",
     "fc", "flatten", "layer1.0.conv1:branch", "layer1.0:sum:sum", "layer01", " layer1", "layer1.0.", "LAYER1"],
)  # fmt: skip
def test_what_is_no_place_has_no_shape(name: str) -> None:
    assert find_shape(RESNET18, name) is None


@examples(8)
@given(spec=designs())
def test_every_place_is_a_module_that_writes_a_map_of_that_shape(spec: ResNetSpec) -> None:
    planned = plan(spec)
    points = [*stage_maps(planned), *layer_maps(planned)]
    assert len({point.name for point in points}) == len(points)
    seen: dict[str, tuple[int, ...]] = {}
    with torch.device("meta"):
        model = ResNet(planned).eval()
        for point in points:
            model.get_submodule(point.name).register_forward_hook(
                lambda _m, _i, out, name=point.name: seen.update({name: tuple(out.shape[1:])})
            )
        for location, block in planned.blocks():
            path = location.path
            if block.shortcut == "none":
                assert len(block_maps(location, block)) == 1
                continue
            model.get_submodule(f"{path}.add").register_forward_hook(
                lambda _m, inputs, out, path=path: seen.update(inside(path, *inputs, out))
            )
            points += block_maps(location, block)
        model(torch.empty(1, *spec.input))
    for point in points:
        assert seen[point.name] == point.shape == find_shape(planned, point.name)
    flattened = {path for path, layer in planned.layers() if len(layer.output) != 3}
    assert {path for path, _ in planned.layers()} - flattened <= {point.name for point in points}
    assert all(find_shape(planned, path) is None for path in flattened)


def inside(path: str, *values: Tensor) -> dict[str, tuple[int, ...]]:
    parts = zip(TERMS, values, strict=True)
    return {f"{path}:{place}": tuple(each.shape[1:]) for place, each in parts}


# ---- where units look


@pytest.mark.parametrize(
    ("name", "x", "y", "box"),
    [
        # 7×7 of stride 2 and padding 3; pooling 3×3 of stride 2 and padding 1, which sees one window more on each side.
        ("conv1", 0, 0, (-3, -3, 4, 4)),
        ("conv1", 5, 2, (7, 1, 14, 8)),
        ("maxpool", 0, 0, (-5, -5, 6, 6)),
        ("maxpool", 1, 3, (-1, 7, 10, 18)),
        # Each 3×3 adds four pixels on each side here.
        ("layer1.0.conv1", 0, 0, (-9, -9, 10, 10)),
        ("layer1.0", 2, 0, (-5, -13, 22, 14)),
        ("layer1.0.add", 2, 0, (-5, -13, 22, 14)),
        ("layer1", 0, 0, (-21, -21, 22, 22)),
        # The projection sees what one unit of the first stage sees, and jumps twice as far.
        ("layer2.0.downsample.0", 3, 1, (3, -13, 46, 30)),
    ],
)
def test_the_box_of_a_unit_is_worked_out_by_hand(name: str, x: int, y: int, box: tuple[int, int, int, int]) -> None:
    assert unit_box(RESNET18, name, x, y) == box
    assert unit_centre(RESNET18, name, x, y) == ((box[0] + box[2] - 1) / 2, (box[1] + box[3] - 1) / 2)


def test_a_stage_and_a_block_look_where_their_last_layer_does() -> None:
    assert unit_box(RESNET18, "layer4", 3, 3) == unit_box(RESNET18, "layer4.1", 3, 3)
    left, top, right, bottom = unit_box(RESNET18, "layer4.1.relu2", 3, 3)
    assert (left, top, right, bottom) == unit_box(RESNET18, "layer4", 3, 3)
    assert right - left == bottom - top == 435
    many = plan(PRESETS["resnet101"].spec)
    assert unit_box(many, "layer3.1", 0, 0) != unit_box(many, "layer3.10", 0, 0)


@pytest.mark.parametrize("name", ["avgpool", "layer2.0.se.pool", "layer2.0.se.fc1", "layer4.1.se.sigmoid"])
def test_what_stands_behind_global_pooling_sees_the_whole_picture(name: str) -> None:
    assert unit_box(SQUEEZED, name, 0, 0) == (0, 0, 96, 160)
    assert unit_centre(SQUEEZED, name, 0, 0) == (47.5, 79.5)


def test_the_gate_of_squeeze_and_excitation_is_left_out_of_what_it_weighs() -> None:
    for path in ("layer1.0", "layer4.1"):
        assert unit_box(SQUEEZED, f"{path}.se.scale", 1, 1) == unit_box(SQUEEZED, f"{path}.bn2", 1, 1)
        assert unit_box(SQUEEZED, path, 1, 1) == unit_box(RESNET18, path, 1, 1)
