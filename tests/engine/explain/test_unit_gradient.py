"""The gradient of a unit at the input, beside gradients of one's own and the geometry of its receptive field."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor, nn

from resnet_gui.analysis.locations import (
    find_shape,
    layer_maps,
    receptive_field_of,
    stage_maps,
    unit_box,
    unit_centre,
)
from resnet_gui.base.errors import InputError
from resnet_gui.design.bounds import Shape
from resnet_gui.design.checks import smallest_input
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.explain_events import UnitGradient
from resnet_gui.protocol.jobs import (
    ShowUnitGradient,
)
from tests.conftest import examples
from tests.designs import designs
from tests.engine.explain.explain_case import (
    CIFAR,
    ExplainCase,
    for_pictures,
    make_case,
    seasoned,
)


def gradient_of(case: ExplainCase, layer: str, x: int, y: int, channel: int = -1) -> UnitGradient:
    answer = case.service().answer(ShowUnitGradient(6, case.model_request, case.image, layer, x, y, channel))
    assert isinstance(answer, UnitGradient)
    return answer


def heat(answer: UnitGradient) -> NDArray[np.uint8]:
    return np.frombuffer(answer.values, np.uint8).reshape(answer.height, answer.width)


def box_of(values: NDArray[Any]) -> tuple[int, ...]:
    down, across = np.flatnonzero(values.any(axis=1)), np.flatnonzero(values.any(axis=0))
    return (across[0], down[0], across[-1] + 1, down[-1] + 1) if len(down) else ()


@pytest.mark.parametrize(
    ("layer", "x", "y", "channel"),
    [
        ("layer1.0.conv1", 3, 20, 5),
        ("layer2", 9, 2, -1),
        ("layer3.1", 0, 7, 11),
        ("bn1", 23, 31, 0),
        ("avgpool", 0, 0, 3),
    ],
)
def test_the_gradient_of_a_unit_is_that_of_autograd_at_the_pixels(
    layer: str, x: int, y: int, channel: int, tmp_path: Path
) -> None:
    case = make_case(tmp_path, seasoned(CIFAR))
    pixels = case.x.clone().requires_grad_(True)
    kept: list[Tensor] = []
    handle = case.model.get_submodule(layer).register_forward_hook(lambda _m, _i, out: kept.append(out.clone()))
    case.model(pixels)
    handle.remove()
    chosen = kept[0][0, :, y, x].sum() if channel < 0 else kept[0][0, channel, y, x]
    expected = torch.autograd.grad(chosen, [pixels])[0][0].abs().sum(dim=0).numpy()
    answer = gradient_of(case, layer, x, y, channel)
    assert (answer.job, answer.image, answer.layer, answer.x, answer.y) == (6, case.image, layer, x, y)
    assert (answer.height, answer.width) == (32, 24)
    assert answer.peak == pytest.approx(float(expected.max()), rel=1e-4)
    assert np.abs(heat(answer) - 255 * expected / expected.max()).max() <= 0.5 + 0.05
    assert answer.box == box_of(expected)
    assert answer.half == half_of(expected, unit_centre(case.model.plan, layer, x, y))


def half_of(values: NDArray[Any], centre: tuple[float, float]) -> int:
    """Squares around a place grow until one holds half."""
    rows, columns = np.indices(values.shape)
    odd = int(2 * centre[0]) % 2
    for side in range(1 - odd + odd * 2, 4 * max(values.shape), 2):
        inside = (np.abs(columns - centre[0]) <= (side - 1) / 2) & (np.abs(rows - centre[1]) <= (side - 1) / 2)
        if values[inside].sum(dtype=float) >= values.sum(dtype=float) / 2:
            return side
    raise AssertionError("no square holds half")


def test_a_unit_that_nothing_moves_has_no_box_and_no_half(tmp_path: Path) -> None:
    model = seasoned(CIFAR)
    with torch.no_grad():
        model.get_parameter("bn1.weight").zero_()
        model.get_parameter("bn1.bias").fill_(-1)
    answer = gradient_of(make_case(tmp_path, model), "relu", 4, 4)
    assert (answer.peak, answer.box, answer.half, any(answer.values)) == (0.0, (), 0, False)


@pytest.mark.parametrize(("x", "y", "channel"), [(24, 0, -1), (0, 32, -1), (-1, 0, -1), (0, 0, 16), (0, 0, -2)])
def test_a_unit_that_is_not_there_is_refused_in_a_sentence(x: int, y: int, channel: int, tmp_path: Path) -> None:
    case = make_case(tmp_path, seasoned(CIFAR))
    with pytest.raises(InputError, match=rf"^'layer1' has 16 channels of 24×32 units; .* {channel}, column {x}, row"):
        gradient_of(case, "layer1", x, y, channel)


@examples(12)
@given(spec=designs(stages=2, norm="batch", attention="se", se_ratio=0), data=st.data())
def test_what_moves_a_unit_lies_inside_the_field_of_its_geometry(
    spec: ResNetSpec, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    case = make_case(tmp_path_factory.mktemp("inside"), seasoned(for_pictures(spec)))
    planned = case.model.plan
    points = [point.name for point in (*layer_maps(planned), *stage_maps(planned))]
    for layer in data.draw(st.lists(st.sampled_from(points), min_size=4, max_size=4)):
        _, height, width = find_shape(planned, layer) or (0, 0, 0)
        x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
        answer = gradient_of(case, layer, x, y)
        if answer.box:
            left, top, right, bottom = unit_box(planned, layer, x, y)
            assert left <= answer.box[0]
            assert top <= answer.box[1]
            assert answer.box[2] <= right
            assert answer.box[3] <= bottom


def dense(spec: ResNetSpec) -> ResNet:
    """A network through which every pixel counts: nothing is negative, and nothing is chosen by a maximum.

    Standardised convolutions, each of mean 0, cannot be part of one.
    """
    model = ResNet(plan(spec)).eval()
    torch.manual_seed(0)
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.Conv2d):
                module.weight.uniform_(0.5, 1.5)
                module.weight /= module.weight[0].sum()
    return model


MOST_PIXELS = 120


@examples(12)
@given(
    spec=designs(
        stages=2, deepest=1, norm="batch", attention="se", se_ratio=0, branch_scale="none", ablation="none",
        activation="relu", dropout=0.0, convolution="ordinary", zero_init=False, head="pool",
    ),
    stem=st.sampled_from(["cifar", "3x3", "7x7"]),
    data=st.data(),
)  # fmt: skip
def test_where_every_pixel_counts_what_moves_a_unit_is_the_field_of_its_geometry(
    spec: ResNetSpec, stem: Any, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    spec = for_pictures(spec)
    side = max(*spec.input[1:], smallest_input(stem, spec.stage_steps, stem_stride=spec.stem_stride))
    spec = evolve(spec, stem=stem, input=(spec.input[0], side, side))
    layers = [point.name for point in layer_maps(plan(spec)) if point.shape[1:] != (1, 1)]
    assume(layers)
    layer = data.draw(st.sampled_from(layers))
    field = receptive_field_of(plan(spec), layer)
    size = field.size + 3 * field.jump
    assume(size <= MOST_PIXELS)
    smallest = spec.input[1:]
    shape: Shape = (spec.input[0], max(size, smallest[0]), max(size + 5, smallest[1]))
    spec = evolve(spec, input=shape)
    planned = plan(spec)
    _, height, width = find_shape(planned, layer) or (0, 0, 0)
    units = [
        (x, y, box)
        for y in range(height)
        for x in range(width)
        if min((box := unit_box(planned, layer, x, y))[:2]) >= 0 and box[2] <= shape[2] and box[3] <= shape[1]
    ]
    x, y, box = data.draw(st.sampled_from(units))
    case = make_case(tmp_path_factory.mktemp("dense"), dense(spec), lowest=200)
    assert gradient_of(case, layer, x, y).box == box


@pytest.mark.parametrize(
    ("layer", "x", "box"),
    [
        ("layer1.0.aa.0", 0, (-2, -2, 3, 3)),
        ("layer1.0.aa.0", 1, (-1, -2, 2, 3)),
        ("layer1.0.aa.0", 10, (6, -2, 11, 3)),
        ("layer1.0.aa.1", 0, (-2, -2, 3, 3)),
        ("layer1.0.aa.1", 4, (2, -2, 6, 3)),
    ],
)
def test_the_field_of_a_unit_at_a_border_holds_what_is_mirrored_there(
    layer: str, x: int, box: tuple[int, int, int, int], tmp_path: Path
) -> None:
    spec = ResNetSpec(
        block="basic", blocks=(1,), widths=(2,), strides=(2,), stem="1x1", downsampling="blurred", classes=2,
        input=(1, 9, 9),
    )  # fmt: skip
    assert unit_box(plan(spec), layer, x, 0) == box
    seen = gradient_of(make_case(tmp_path, dense(spec), lowest=200), layer, x, 0).box
    assert box[0] <= seen[0] < seen[2] == min(box[2], 9)
