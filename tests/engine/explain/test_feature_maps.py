"""Feature maps, filters, histograms and the reach of a unit, beside hooks, numpy and gradients of one's own."""

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

from resnet_gui.analysis.locations import find_shape, layer_points, reach_of, stage_points, unit_box, unit_centre
from resnet_gui.base.errors import InputError
from resnet_gui.design.bounds import Shape
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine.explain.views import BINS, histogram
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.explain_events import FeatureMaps, Filters, Histogram, Histograms, UnitGradient
from resnet_gui.protocol.jobs import (
    MOST_MAPS,
    Look,
    MapOrder,
    ModelRequest,
    ShowFilters,
    ShowHistograms,
    ShowMaps,
    ShowUnitGradient,
)
from tests.conftest import examples
from tests.designs import designs
from tests.engine.explain.explaining import Seen, for_pictures, preset, seasoned, see

CIFAR = preset("resnet20", 32, 24)
GATED = ResNetSpec(
    block="bottleneck", blocks=(1, 2), widths=(4, 6), order="full_preact", ablation="exclusive_gating", se_ratio=2,
    se_divisor=1, activation="leaky_relu", classes=3, input=(1, 40, 36),
)  # fmt: skip


def untouched(model: ResNet, x: Tensor, layer: str) -> NDArray[np.float32]:
    """What a layer writes, copied before the next one can overwrite it, (C, H, W)."""
    kept: list[Tensor] = []
    handle = model.get_submodule(layer).register_forward_hook(lambda _m, _i, out: kept.append(out.detach().clone()))
    model(x)
    handle.remove()
    values: NDArray[np.float32] = kept[0][0].numpy()
    return values


def mapped(seen: Seen, layer: str, start: int = 0, count: int = MOST_MAPS, order: MapOrder = "number") -> FeatureMaps:
    answer = seen.lookers().answer(ShowMaps(4, seen.subject, seen.image, layer, start, count, order))
    assert isinstance(answer, FeatureMaps)
    return answer


# ---- feature maps


@pytest.mark.parametrize("spec", [CIFAR, GATED], ids=["cifar", "gated"])
def test_maps_of_every_layer_block_and_stage_are_what_hooks_find_in_an_untouched_network(
    spec: ResNetSpec, tmp_path: Path
) -> None:
    seen = see(tmp_path, seasoned(spec))
    assert any(getattr(module, "inplace", False) for module in seen.model.modules())
    for point in (*layer_points(seen.model.plan), *stage_points(seen.model.plan)):
        expected = untouched(seen.model, seen.x, point.name)
        answer = mapped(seen, point.name)
        assert (answer.job, answer.image, answer.layer, answer.start) == (4, seen.image, point.name, 0)
        assert answer.shape == point.shape == expected.shape
        assert [found.channel for found in answer.maps] == list(range(len(expected)))
        for found, values in zip(answer.maps, expected, strict=True):
            assert found.mean == pytest.approx(float(values.mean()), rel=1e-4, abs=1e-5)
            assert found.low == pytest.approx(float(values.min()), rel=1e-4, abs=1e-5)
            assert found.high == pytest.approx(float(values.max()), rel=1e-4, abs=1e-5)
            assert found.active == pytest.approx(np.count_nonzero(values > 0) / values.size, abs=1e-6)
            shown = np.frombuffer(found.values, np.uint8).reshape(values.shape).astype(float)
            if found.high > found.low:
                assert (shown.min(), shown.max()) == (0, 255)
                scaled = 255 * (values.astype(float) - found.low) / (found.high - found.low)
                assert np.abs(shown - scaled).max() <= 0.5 + 0.05
            else:
                assert not shown.any()


def test_norms_before_an_activation_in_place_show_what_is_below_zero(tmp_path: Path) -> None:
    seen = see(tmp_path, seasoned(CIFAR))
    for layer, activation in (("bn1", "relu"), ("layer1.0.bn1", "layer1.0.relu1"), ("layer2.0.add", "layer2.0.relu2")):
        assert min(found.low for found in mapped(seen, layer).maps) < -0.1
        assert min(found.low for found in mapped(seen, activation).maps) == 0


def test_the_most_active_channels_come_first_a_page_at_a_time(tmp_path: Path) -> None:
    seen = see(tmp_path, seasoned(CIFAR))
    activity = np.abs(untouched(seen.model, seen.x, "layer3.0.bn1")).mean(axis=(1, 2))
    order = np.argsort(-activity).tolist()
    assert order != sorted(order)
    assert [found.channel for found in mapped(seen, "layer3.0.bn1", order="active").maps] == order
    pages = [mapped(seen, "layer3.0.bn1", start, 24, "active") for start in (0, 24, 48, 72)]
    assert [page.start for page in pages] == [0, 24, 48, 72]
    assert [len(page.maps) for page in pages] == [24, 24, 16, 0]
    assert [found.channel for page in pages for found in page.maps] == order
    assert [found.channel for found in mapped(seen, "layer3.0.bn1", 5, 3).maps] == [5, 6, 7]
    assert mapped(seen, "layer3.0.bn1", 0, -1).maps == ()
    assert mapped(seen, "layer3.0.bn1", -3, 2).start == 0


@pytest.mark.parametrize("layer", ["flatten", "fc", "layer1.0:sum", "layer9", "", "layer1.0.gate", "forward"])
def test_a_layer_without_a_map_is_refused_in_a_sentence(layer: str, tmp_path: Path) -> None:
    seen = see(tmp_path, seasoned(CIFAR))
    jobs: list[Look] = [
        ShowMaps(1, seen.subject, seen.image, layer),
        ShowUnitGradient(1, seen.subject, seen.image, layer, 0, 0),
    ]
    if layer not in {"flatten", "fc"}:
        # Their values can be counted all the same.
        jobs.append(ShowHistograms(1, seen.subject, seen.image, layer))
    for job in jobs:
        with pytest.raises(InputError, match=f"^The network has no layer '{layer}' with a map.$"):
            seen.lookers().answer(job)


def test_a_layer_of_a_branch_that_is_turned_off_is_refused_in_a_sentence(tmp_path: Path) -> None:
    seen = see(tmp_path, seasoned(CIFAR))
    subject = ModelRequest(model=seen.subject.model, device="cpu", lesions=("layer2.1",))
    with pytest.raises(
        InputError, match=r"^'layer2\.1\.conv1' takes no part in the answer: its branch is turned off.$"
    ):
        seen.lookers().answer(ShowMaps(1, subject, seen.image, "layer2.1.conv1"))


@pytest.mark.parametrize("job", [ShowMaps, ShowHistograms])
def test_looks_at_values_beyond_any_number_are_refused_or_leave_them_out(
    job: type[ShowMaps | ShowHistograms], tmp_path: Path
) -> None:
    model = seasoned(evolve(CIFAR, blocks=(1,), widths=(4,)))
    with torch.no_grad():
        model.get_parameter("conv1.weight").fill_(3e38)
    seen = see(tmp_path, model, lowest=200)
    if job is ShowMaps:
        with pytest.raises(InputError, match=r"^What 'bn1' makes of this picture is no finite number"):
            seen.lookers().answer(ShowMaps(1, seen.subject, seen.image, "bn1"))
    else:
        answer = seen.lookers().answer(ShowHistograms(1, seen.subject, seen.image, "conv1"))
        assert isinstance(answer, Histograms)
        assert np.isfinite([answer.activations.low, answer.activations.high, answer.activations.mean]).all()


# ---- filters


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
    seen = see(tmp_path, model) if spec.input[0] != 2 else see_weights(tmp_path, model)
    answer = seen.lookers().answer(ShowFilters(9, seen.subject))
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


def see_weights(folder: Path, model: ResNet) -> Seen:
    """A network that pictures cannot be read for."""
    from resnet_gui.engine.predict.classifier import ClassifierCache
    from tests.engine.explain.explaining import write_network

    write_network(folder / "network.safetensors", model)
    subject = ModelRequest(model=str(folder / "network.safetensors"), device="cpu")
    return Seen(model.requires_grad_(False), torch.zeros(0), subject, "", np.zeros(0, np.uint8), ClassifierCache())


# ---- histograms


def assert_counts(found: Histogram, values: NDArray[Any]) -> None:
    flat = values.astype(float).ravel()
    assert found.count == flat.size == sum(found.counts)
    assert (found.low, found.high) == pytest.approx((flat.min(), flat.max()))
    assert found.mean == pytest.approx(flat.mean(), abs=1e-6)
    assert found.deviation == pytest.approx(flat.std(), rel=1e-5, abs=1e-7)
    assert found.zeros == pytest.approx(np.count_nonzero(flat == 0) / flat.size)
    expected = np.histogram(flat, np.linspace(found.low, found.high, BINS + 1))[0]
    # A value on an edge may fall to either side.
    assert np.abs(np.cumsum(found.counts) - np.cumsum(expected)).max() <= 2


@pytest.mark.parametrize("layer", ["conv1", "layer2.0.bn2", "layer2.0.downsample.0", "layer3.2.conv2", "fc"])
def test_weights_and_outputs_of_a_layer_are_counted_as_numpy_counts_them(layer: str, tmp_path: Path) -> None:
    seen = see(tmp_path, seasoned(CIFAR))
    answer = seen.lookers().answer(ShowHistograms(2, seen.subject, seen.image, layer))
    assert isinstance(answer, Histograms)
    assert (answer.job, answer.image, answer.layer) == (2, seen.image, layer)
    assert_counts(answer.activations, untouched(seen.model, seen.x, layer))
    if layer == "layer2.0.downsample.0":
        # Option A of the preset: zeros, and no weights.
        assert answer.weights is None
        assert answer.activations.zeros >= 0.5
    else:
        assert answer.weights is not None
        assert_counts(answer.weights, seen.model.get_parameter(f"{layer}.weight").numpy())


@pytest.mark.parametrize("layer", ["relu", "layer1.0.add", "avgpool", "layer2", "layer2.0"])
def test_what_has_no_weights_tells_of_its_output_alone(layer: str, tmp_path: Path) -> None:
    seen = see(tmp_path, seasoned(CIFAR))
    answer = seen.lookers().answer(ShowHistograms(2, seen.subject, seen.image, layer))
    assert isinstance(answer, Histograms)
    assert answer.weights is None
    assert_counts(answer.activations, untouched(seen.model, seen.x, layer))


def test_equal_values_no_values_and_values_that_are_none_are_counted_too() -> None:
    same = histogram(np.full((3, 4), 2.5, np.float32))
    assert (same.low, same.high, same.count, sum(same.counts), max(same.counts)) == (2.5, 2.5, 12, 12, 12)
    assert (same.mean, same.deviation, same.zeros) == (2.5, 0.0, 0.0)
    assert max(histogram(np.full(5, 3e38, np.float32)).counts) == 5
    for nothing in (np.zeros(0, np.float32), np.full(3, np.nan, np.float32)):
        assert histogram(nothing) == Histogram(0.0, 0.0, (0,) * BINS, 0.0, 0.0, 0.0, 0)
    odd = histogram(np.array([np.inf, -np.inf, np.nan, 0.0, 4.0], np.float32))
    assert (odd.low, odd.high, odd.count, odd.zeros, odd.mean) == (0.0, 4.0, 2, 0.5, 2.0)
    tight = np.float32(1e30) + np.arange(2, dtype=np.float32) * np.spacing(np.float32(1e30))
    assert sum(histogram(tight).counts) == 2


# ---- the reach of a unit


def traced(seen: Seen, layer: str, x: int, y: int, channel: int = -1) -> UnitGradient:
    answer = seen.lookers().answer(ShowUnitGradient(6, seen.subject, seen.image, layer, x, y, channel))
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
def test_the_reach_of_a_unit_is_the_gradient_at_the_pixels(
    layer: str, x: int, y: int, channel: int, tmp_path: Path
) -> None:
    seen = see(tmp_path, seasoned(CIFAR))
    pixels = seen.x.clone().requires_grad_(True)
    kept: list[Tensor] = []
    handle = seen.model.get_submodule(layer).register_forward_hook(lambda _m, _i, out: kept.append(out.clone()))
    seen.model(pixels)
    handle.remove()
    chosen = kept[0][0, :, y, x].sum() if channel < 0 else kept[0][0, channel, y, x]
    expected = torch.autograd.grad(chosen, [pixels])[0][0].abs().sum(dim=0).numpy()
    answer = traced(seen, layer, x, y, channel)
    assert (answer.job, answer.image, answer.layer, answer.x, answer.y) == (6, seen.image, layer, x, y)
    assert (answer.height, answer.width) == (32, 24)
    assert answer.peak == pytest.approx(float(expected.max()), rel=1e-4)
    assert np.abs(heat(answer) - 255 * expected / expected.max()).max() <= 0.5 + 0.05
    assert answer.box == box_of(expected)
    assert answer.half == half_of(expected, unit_centre(seen.model.plan, layer, x, y))


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
    answer = traced(see(tmp_path, model), "relu", 4, 4)
    assert (answer.peak, answer.box, answer.half, any(answer.values)) == (0.0, (), 0, False)


@pytest.mark.parametrize(("x", "y", "channel"), [(24, 0, -1), (0, 32, -1), (-1, 0, -1), (0, 0, 16), (0, 0, -2)])
def test_a_unit_that_is_not_there_is_refused_in_a_sentence(x: int, y: int, channel: int, tmp_path: Path) -> None:
    seen = see(tmp_path, seasoned(CIFAR))
    with pytest.raises(InputError, match=rf"^'layer1' has 16 channels of 24×32 units; .* {channel}, column {x}, row"):
        traced(seen, "layer1", x, y, channel)


@examples(12)
@given(spec=designs(stages=2, norm="batch", se_ratio=0), data=st.data())
def test_what_moves_a_unit_lies_inside_the_field_of_its_geometry(
    spec: ResNetSpec, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    seen = see(tmp_path_factory.mktemp("inside"), seasoned(for_pictures(spec)))
    planned = seen.model.plan
    points = [point.name for point in (*layer_points(planned), *stage_points(planned))]
    for layer in data.draw(st.lists(st.sampled_from(points), min_size=4, max_size=4)):
        _, height, width = find_shape(planned, layer) or (0, 0, 0)
        x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
        answer = traced(seen, layer, x, y)
        if answer.box:
            left, top, right, bottom = unit_box(planned, layer, x, y)
            assert left <= answer.box[0]
            assert top <= answer.box[1]
            assert answer.box[2] <= right
            assert answer.box[3] <= bottom


def dense(spec: ResNetSpec) -> ResNet:
    """A network through which every pixel counts: nothing is negative, and nothing is chosen by a maximum."""
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
        stages=2, deepest=1, norm="batch", se_ratio=0, ablation="none", activation="relu", dropout=0.0,
        zero_init=False, head="pool",
    ),
    stem=st.sampled_from(["cifar", "3x3", "7x7"]),
    data=st.data(),
)  # fmt: skip
def test_where_every_pixel_counts_what_moves_a_unit_is_the_field_of_its_geometry(
    spec: ResNetSpec, stem: Any, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    spec = evolve(for_pictures(spec), stem=stem)
    layer = data.draw(st.sampled_from([point.name for point in layer_points(plan(spec)) if point.shape[1:] != (1, 1)]))
    reach = reach_of(plan(spec), layer)
    size = reach.size + 3 * reach.jump
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
    seen = see(tmp_path_factory.mktemp("dense"), dense(spec), lowest=200)
    assert traced(seen, layer, x, y).box == box
