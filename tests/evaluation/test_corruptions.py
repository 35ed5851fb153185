"""The registry of corruptions: the paper's values, and sliders that go there and back."""

from __future__ import annotations

from itertools import pairwise

import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.evaluation.corruptions import (
    CORRUPTIONS,
    ORDER,
    checked_settings,
    known_corruptions,
    settings_words,
)

SMALL, LARGE, BETWEEN = (3, 32, 32), (3, 224, 224), (3, 96, 96)
PUBLISHED = {
    "gaussian_blur": ((0.4, 0.6, 0.7, 0.8, 1), (1, 2, 3, 4, 6)),
    "gaussian_noise": ((0.04, 0.06, 0.08, 0.09, 0.10), (0.08, 0.12, 0.18, 0.26, 0.38)),
    "jpeg_compression": ((80, 65, 58, 50, 40), (25, 18, 15, 10, 7)),
    "brightness": ((0.05, 0.1, 0.15, 0.2, 0.3), (0.1, 0.2, 0.3, 0.4, 0.5)),
}
"""Of make_cifar_c.py and make_imagenet_c.py, Hendrycks and Dietterich 2019."""


def test_the_papers_corruptions_have_the_values_of_its_code() -> None:
    assert {key: (CORRUPTIONS[key].values(SMALL), CORRUPTIONS[key].values(LARGE)) for key in PUBLISHED} == PUBLISHED
    assert set(ORDER) == set(CORRUPTIONS)
    assert all("this program" in CORRUPTIONS[key].source for key in set(ORDER) - set(PUBLISHED))


@pytest.mark.parametrize("key", CORRUPTIONS)
def test_severities_go_from_small_to_large_inputs_without_a_jump_and_stay_in_order(key: str) -> None:
    it = CORRUPTIONS[key]
    by_side = [it.values((3, side, 300)) for side in range(20, 240)]
    assert by_side[:13] == [it.small] * 13
    assert by_side[204:] == [it.large] * 16
    for values, following in pairwise(by_side):
        for one, other in zip(values, following, strict=True):
            assert abs(one - other) <= 1.01 * (it.step + 0.035 * one)
        assert len(set(values)) == 5
        assert list(values) == sorted(values, reverse=key == "jpeg_compression")
    assert it.values((3, 300, 96)) == it.values((1, 96, 96))


def test_a_shift_is_about_the_same_part_of_a_picture_of_any_side() -> None:
    parts = [CORRUPTIONS["shift"].values((3, side, side))[2] / side for side in (32, 64, 96, 160, 224)]
    assert max(parts) < 1.2 * min(parts)


@pytest.mark.parametrize("shape", [SMALL, BETWEEN, LARGE])
@pytest.mark.parametrize("key", CORRUPTIONS)
def test_a_slider_goes_from_nothing_over_the_severities_to_the_fifth(key: str, shape: tuple[int, int, int]) -> None:
    it = CORRUPTIONS[key]
    settings = [it.setting_at(severity, shape) for severity in range(6)]
    assert settings == [it.none, *it.values(shape)]
    assert settings == sorted(settings, reverse=key == "jpeg_compression")
    assert it.setting_range(shape) == (it.none, it.values(shape)[-1])
    assert [it.severity_of(setting, shape) for setting in settings] == pytest.approx(range(6))
    for severity in (0.3, 2.5, 4.9):
        assert it.severity_of(it.setting_at(severity, shape), shape) == pytest.approx(severity, abs=0.51)
    assert (it.setting_at(-1, shape), it.setting_at(9, shape)) == (settings[0], settings[-1])
    assert it.words(it.none) == "none"
    assert it.words(it.values(shape)[0]) not in {"none", it.words(it.values(shape)[-1])}


def test_settings_are_read_in_a_line() -> None:
    settings = {"jpeg_compression": 35.0, "gaussian_blur": 0.7, "gaussian_noise": 0.06, "brightness": 0.0}
    assert settings_words(settings) == "blur 0.7 px, noise σ 0.06, JPEG quality 35"
    assert settings_words({}) == "none"
    assert settings_words({"shift": 3, "occlusion": 30, "rotation": 12, "brightness": 0.1}) == (
        "brightness +0.10, shift 3 px, occlusion 30 % of the side, rotation 12°"
    )


def test_settings_are_put_in_order_and_those_that_change_nothing_left_out() -> None:
    settings = {"jpeg_compression": 100.0, "gaussian_noise": 0.05, "rotation": 30, "shift": 0.0}
    assert list(checked_settings(settings, SMALL).items()) == [("rotation", 30.0), ("gaussian_noise", 0.05)]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"fog": 1.0}, "There is no corruption 'fog'; there are gaussian_blur, "),
        ({"gaussian_blur": 1.5}, "Blur is set to 1.5; on an input of 32×32 it goes from 0 to 1 (px)."),
        ({"jpeg_compression": 30}, "JPEG is set to 30; on an input of 32×32 it goes from 40 to 100 (quality)."),
        ({"rotation": float("nan")}, "Rotation is set to nan; "),
    ],
)
def test_a_setting_beyond_its_slider_is_a_sentence(settings: dict[str, float], sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        checked_settings(settings, SMALL)
    assert str(caught.value).startswith(sentence)


def test_corruptions_are_found_by_key_in_their_order() -> None:
    assert [each.key for each in known_corruptions(["rotation", "gaussian_blur"])] == ["gaussian_blur", "rotation"]
    assert known_corruptions([]) == tuple(CORRUPTIONS.values())
    with pytest.raises(InputError, match="no corruption 'blur'"):
        known_corruptions(["blur"])
