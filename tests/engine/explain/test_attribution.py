"""The answer about attributions: bytes, settings that are filled in, and sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.design.spec import evolve
from resnet_gui.engine.explain.attribution.attribution import METHODS, AttributionWatch, attribute
from resnet_gui.engine.explain.attribution.pixel_map import pixel_map
from resnet_gui.engine.explain.attribution.question import passes_at_once
from resnet_gui.protocol.attribution_messages import Attribute
from resnet_gui.protocol.attribution_settings import READ_BY, AttributionSettings, Method
from tests.engine.explain.explain_case import ExplainCase, explained, make_case, preset, seasoned

SMALL = evolve(preset("resnet20", 16, 24, classes=4), blocks=(1, 1), widths=(4, 6))


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> ExplainCase:
    return make_case(tmp_path_factory.mktemp("case"), seasoned(SMALL, 6))


def job_of(case: ExplainCase, method: Method, target: int = -1, **settings: Any) -> Attribute:
    return Attribute(9, case.model_request, case.image, target, method, AttributionSettings(**settings))


def test_a_map_is_bytes_around_its_zero() -> None:
    values = np.array([[[1.0, -2.0, 0.0]], [[1.0, 0.5, 0.0]]], dtype=np.float32)
    made = pixel_map(values, capped=False)
    assert (made.height, made.width, made.peak, made.absolute_peak) == (1, 3, 2.0, 2.5)
    assert list(made.signed) == [255, 128 - round(127 * 1.5 / 2), 128]
    assert list(made.absolute) == [204, 255, 0]
    many = np.arange(-50, 51, dtype=np.float32).reshape(1, 1, 101)
    capped = pixel_map(many)
    assert (capped.peak, capped.signed[0], capped.signed[50], capped.signed[-1]) == (50.0, 1, 128, 255)
    many[0, 0, 0] = 1e6
    assert (pixel_map(many).peak, pixel_map(many).signed[0]) == (50.0, 255), "one pixel outshines no others"
    alone = np.zeros((1, 20, 20), dtype=np.float32)
    alone[0, 3, 3] = 2
    assert pixel_map(alone).peak == 2, "where next to all are 0, the others are still seen"
    nothing = pixel_map(np.zeros((1, 2, 2), dtype=np.float32))
    assert (set(nothing.signed), set(nothing.absolute), nothing.peak) == ({128}, {0}, 0.0)


def test_grad_cam_is_the_map_that_the_view_of_grad_cam_shows(case: ExplainCase) -> None:
    answer = attribute(case.explain_model(), job_of(case, "grad-cam", 1)).attribution
    heat = explained(case, 1, (answer.settings.location,)).heats[0]
    assert (answer.map.absolute, answer.map.absolute_peak) == (heat.values, heat.peak)
    assert (answer.map.height, answer.map.width) == (heat.height, heat.width)
    assert heat.peak > 0


def test_what_was_left_to_the_program_is_filled_in(case: ExplainCase) -> None:
    likeliest = explained(case).target
    for method in METHODS:
        answer = attribute(case.explain_model(), job_of(case, method, steps=2, samples=2)).attribution
        assert (answer.job, answer.method, answer.target) == (9, method, likeliest)
        assert set(READ_BY[method]) <= set(AttributionSettings.__struct_fields__)
        assert answer.map.width * answer.map.height == len(answer.map.signed)
    assert attribute(case.explain_model(), job_of(case, "occlusion")).attribution.settings.window == 2
    assert attribute(case.explain_model(), job_of(case, "occlusion", window=8)).attribution.settings.stride == 4


@pytest.mark.parametrize(
    ("method", "settings", "sentence"),
    [
        ("integrated-gradients", {"steps": 0}, "steps is 0; it must be from 1 to 1024."),
        ("integrated-gradients", {"steps": 1, "quadrature": "trapezoid"}, "needs both ends of the way"),
        ("smoothgrad", {"samples": 5000}, "samples is 5000; it must be from 1 to 1024."),
        ("smoothgrad", {"sigma": float("nan")}, "sigma is nan; it must be from 0 to 10."),
        ("smoothgrad", {"seed": -1}, "seed is -1"),
        ("lrp", {"epsilon": -1.0}, "epsilon is -1; it must be from 0 to 1."),
        ("lrp", {"rule": "gamma", "biases": "spread"}, "use absorbed, or the rule composite or z-plus"),
        ("grad-cam", {"location": "layer9"}, "The network has no place 'layer9'."),
    ],
)
def test_settings_out_of_bounds_are_refused_in_a_sentence(
    case: ExplainCase, method: Method, settings: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InputError) as caught:
        attribute(case.explain_model(), job_of(case, method, **settings))
    assert sentence in str(caught.value)


def test_a_class_that_is_not_there_is_refused(case: ExplainCase) -> None:
    with pytest.raises(InputError, match="There is no class 4: the network has 4, counted from 0"):
        attribute(case.explain_model(), job_of(case, "lrp", 4))


def test_whoever_watches_counts_every_pass_and_may_end_the_work(case: ExplainCase) -> None:
    seen: list[tuple[int, int]] = []
    job = msgspec.structs.replace(job_of(case, "integrated-gradients", steps=100), sanity=True)
    attribute(case.explain_model(), job, AttributionWatch(lambda done, total: seen.append((done, total))))
    assert seen[0] == (0, 500)
    assert seen[-1] == (500, 500), "the network itself, and four with random weights"
    assert seen == sorted(seen)

    def give_up(done: int, _total: int) -> None:
        if done:
            raise InputError("given up")

    with pytest.raises(InputError, match="given up"):
        attribute(case.explain_model(), job, AttributionWatch(give_up))


def test_a_batch_holds_fewer_pictures_of_a_larger_network() -> None:
    from resnet_gui.design.plan import plan
    from resnet_gui.design.presets import PRESETS

    small, large = (passes_at_once(plan(PRESETS[name].spec)) for name in ("resnet20", "resnet152"))
    assert (small, large) == (64, 1)


def test_a_network_that_stays_ready_has_the_labels_that_were_asked_for(case: ExplainCase, tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("a\nb\nc\nd\n", encoding="utf-8")
    service, request = case.service(), case.model_request
    assert service._model(request) is service._model(request)
    other = msgspec.structs.replace(request, labels=str(tmp_path / "labels.txt"))
    assert service._model(other).loaded.classes == ("a", "b", "c", "d")
