"""Feature maps, beside hooks in an untouched network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from resnet_gui.analysis.locations import layer_maps, stage_maps
from resnet_gui.base.errors import InputError
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.protocol.explain_events import FeatureMaps
from resnet_gui.protocol.jobs import (
    MOST_MAPS,
    ExplainRequest,
    MapOrder,
    ModelRequest,
    ShowHistograms,
    ShowMaps,
    ShowUnitGradient,
)
from tests.engine.explain.explain_case import (
    CIFAR,
    GATED,
    ExplainCase,
    case_of_huge_values,
    make_case,
    seasoned,
    untouched,
)


def mapped(
    case: ExplainCase, layer: str, start: int = 0, count: int = MOST_MAPS, order: MapOrder = "number"
) -> FeatureMaps:
    answer = case.service().answer(ShowMaps(4, case.model_request, case.image, layer, start, count, order))
    assert isinstance(answer, FeatureMaps)
    return answer


@pytest.mark.parametrize("spec", [evolve(CIFAR, blocks=(1, 2, 1)), GATED], ids=["cifar", "gated"])
def test_maps_of_every_layer_block_and_stage_are_what_hooks_find_in_an_untouched_network(
    spec: ResNetSpec, tmp_path: Path
) -> None:
    case = make_case(tmp_path, seasoned(spec))
    assert any(getattr(module, "inplace", False) for module in case.model.modules())
    for point in (*layer_maps(case.model.plan), *stage_maps(case.model.plan)):
        expected = untouched(case.model, case.x, point.name)
        answer = mapped(case, point.name)
        assert (answer.job, answer.image, answer.layer, answer.start) == (4, case.image, point.name, 0)
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
    case = make_case(tmp_path, seasoned(CIFAR))
    for layer, activation in (("bn1", "relu"), ("layer1.0.bn1", "layer1.0.relu1"), ("layer2.0.add", "layer2.0.relu2")):
        assert min(found.low for found in mapped(case, layer).maps) < -0.1
        assert min(found.low for found in mapped(case, activation).maps) == 0


def test_the_most_active_channels_come_first_a_page_at_a_time(tmp_path: Path) -> None:
    case = make_case(tmp_path, seasoned(CIFAR))
    activity = np.abs(untouched(case.model, case.x, "layer3.0.bn1")).mean(axis=(1, 2))
    order = np.argsort(-activity).tolist()
    assert order != sorted(order)
    assert [found.channel for found in mapped(case, "layer3.0.bn1", order="active").maps] == order
    pages = [mapped(case, "layer3.0.bn1", start, 24, "active") for start in (0, 24, 48, 72)]
    assert [page.start for page in pages] == [0, 24, 48, 72]
    assert [len(page.maps) for page in pages] == [24, 24, 16, 0]
    assert [found.channel for page in pages for found in page.maps] == order
    assert [found.channel for found in mapped(case, "layer3.0.bn1", 5, 3).maps] == [5, 6, 7]
    assert mapped(case, "layer3.0.bn1", 0, -1).maps == ()
    assert mapped(case, "layer3.0.bn1", -3, 2).start == 0


@pytest.mark.parametrize("layer", ["flatten", "fc", "layer1.0:sum", "layer9", "", "layer1.0.gate", "forward"])
def test_a_layer_without_a_map_is_refused_in_a_sentence(layer: str, tmp_path: Path) -> None:
    case = make_case(tmp_path, seasoned(CIFAR))
    jobs: list[ExplainRequest] = [
        ShowMaps(1, case.model_request, case.image, layer),
        ShowUnitGradient(1, case.model_request, case.image, layer, 0, 0),
    ]
    if layer not in {"flatten", "fc"}:
        # Their values can be counted all the same.
        jobs.append(ShowHistograms(1, case.model_request, case.image, layer))
    for job in jobs:
        with pytest.raises(InputError, match=f"^The network has no layer '{layer}' with a map.$"):
            case.service().answer(job)


def test_a_layer_of_a_branch_that_is_turned_off_is_refused_in_a_sentence(tmp_path: Path) -> None:
    case = make_case(tmp_path, seasoned(CIFAR))
    request = ModelRequest(model=case.model_request.model, device="cpu", lesions=("layer2.1",))
    with pytest.raises(
        InputError, match=r"^'layer2\.1\.conv1' takes no part in the answer: its branch is turned off.$"
    ):
        case.service().answer(ShowMaps(1, request, case.image, "layer2.1.conv1"))


def test_maps_of_values_beyond_any_number_are_refused_in_a_sentence(tmp_path: Path) -> None:
    case = case_of_huge_values(tmp_path)
    with pytest.raises(InputError, match=r"^What 'bn1' makes of this picture is no finite number"):
        case.service().answer(ShowMaps(1, case.model_request, case.image, "bn1"))
