"""Corruptions on pixels against other libraries' and against what can be said by hand."""

from __future__ import annotations

import colorsys
import io
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage, stats
from torchvision.transforms.v2 import functional as transforms

from resnet_gui.base.files import assets
from resnet_gui.engine.evaluate.robustness.pixels import corrupted, turned
from resnet_gui.evaluation import corruptions

NUMBERS = (3, 17, 4)


def drawn(*shape: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("key", corruptions.ORDER)
def test_a_setting_that_changes_nothing_changes_nothing_to_the_bit_and_severity_5_does(key: str, channels: int) -> None:
    pixels = drawn(3, channels, 12, 15)
    it = corruptions.CORRUPTIONS[key]
    kept = pixels.copy()
    assert np.array_equal(corrupted(pixels, NUMBERS, {key: it.setting_at(0, pixels.shape[1:])}), kept)
    made = corrupted(pixels, NUMBERS, {key: it.setting_at(5, pixels.shape[1:])})
    assert made.dtype == np.uint8
    assert made.shape == pixels.shape
    assert all((made[place] != kept[place]).any() for place in range(3))
    assert np.array_equal(pixels, kept)  # what was given stays as it was


@pytest.mark.parametrize("key", corruptions.ORDER)
def test_a_picture_is_corrupted_the_same_way_alone_and_in_any_batch(key: str) -> None:
    pixels = drawn(3, 3, 16, 12)
    settings = {key: corruptions.CORRUPTIONS[key].small[2]}
    together = corrupted(pixels, NUMBERS, settings, seed=1)
    for place, number in enumerate(NUMBERS):
        assert np.array_equal(corrupted(pixels[place : place + 1], [number], settings, seed=1)[0], together[place])


@pytest.mark.parametrize("key", ["gaussian_noise", "shift", "occlusion", "rotation"])
def test_what_is_drawn_differs_by_picture_and_by_seed(key: str) -> None:
    pixels, numbers = np.repeat(drawn(1, 3, 16, 16), 12, axis=0), range(12)
    settings = {key: corruptions.CORRUPTIONS[key].small[-1]}
    first = corrupted(pixels, numbers, settings, seed=0)
    assert any((first[0] != other).any() for other in first[1:])
    assert not np.array_equal(first, corrupted(pixels, numbers, settings, seed=1))


@pytest.mark.parametrize("deviation", [0.4, 1.0, 3.0])
def test_blur_is_scipys_and_inside_the_border_torchvisions(deviation: float) -> None:
    pixels = drawn(2, 3, 40, 36)
    made = corrupted(pixels, (0, 1), {"gaussian_blur": deviation})
    expected = ndimage.gaussian_filter(pixels.astype(float), (0, 0, deviation, deviation), mode="nearest", truncate=4.0)
    assert np.abs(made - expected).max() <= 0.5 + 1e-3  # rounded to the nearest level
    radius = int(4 * deviation + 0.5)
    other = transforms.gaussian_blur(torch.from_numpy(pixels).double(), [2 * radius + 1] * 2, [deviation] * 2).numpy()
    inside = (slice(None), slice(None), slice(radius, -radius), slice(radius, -radius))
    assert np.abs(made[inside] - other[inside]).max() <= 0.5 + 1e-3


def test_noise_is_gaussian_of_its_deviation_and_grows_by_scaling() -> None:
    pixels = np.full((4, 3, 64, 64), 128, dtype=np.uint8)
    deviation = 0.06
    noise = corrupted(pixels, range(4), {"gaussian_noise": deviation}).astype(float) - 128
    values = noise.ravel() / (255 * deviation)
    assert abs(values.mean()) < 3 / np.sqrt(values.size)
    assert values.std() == pytest.approx(1, abs=0.01)
    assert abs(stats.skew(values)) < 0.05
    assert abs(stats.kurtosis(values)) < 0.1
    # Neighbours, channels and pictures have nothing to do with each other.
    for one, other in [(noise[..., 1:], noise[..., :-1]), (noise[:, 0], noise[:, 1]), (noise[0], noise[1])]:
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.03
    twice = corrupted(pixels, range(4), {"gaussian_noise": 2 * deviation}).astype(float) - 128
    assert np.abs(twice - 2 * noise).max() <= 1.5  # the same draws, each rounded by itself


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_jpeg_is_pillows_round_trip(mode: str) -> None:
    with Image.open(assets() / "samples" / "frog.jpg") as image:
        small = image.convert(mode).resize((32, 24))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=35)
    expected = np.atleast_3d(np.asarray(Image.open(file))).transpose(2, 0, 1)
    pixels = np.atleast_3d(np.asarray(small)).transpose(2, 0, 1)
    made = corrupted(pixels[None], [0], {"jpeg_compression": 35.0})[0]
    assert np.array_equal(made, expected)
    assert not np.array_equal(made, pixels)


def test_brightness_adds_to_the_value_of_hsv() -> None:
    pixels = drawn(1, 3, 6, 6)
    pixels[0, :, 0, 0], pixels[0, :, 0, 1] = 0, 255
    made = corrupted(pixels, [0], {"brightness": 0.3})[0]
    for down, across in np.ndindex(6, 6):
        hue, saturation, value = colorsys.rgb_to_hsv(*(pixels[0, :, down, across] / 255))
        expected = colorsys.hsv_to_rgb(hue, saturation, min(1.0, value + 0.3))
        assert np.abs(made[:, down, across] - 255 * np.array(expected)).max() <= 0.5 + 1e-3
    grey = corrupted(drawn(1, 1, 6, 6), [0], {"brightness": 0.2})
    assert np.array_equal(grey, np.minimum(drawn(1, 1, 6, 6).astype(int) + 51, 255))


def test_a_shift_moves_whole_pixels_one_of_four_ways_and_mirrors_the_border() -> None:
    pixels, numbers = np.repeat(drawn(1, 3, 9, 7), 40, axis=0), range(40)
    steps = 3
    wide = np.pad(pixels[0], ((0, 0), (steps, steps), (steps, steps)), mode="symmetric")
    ways = {
        (down, across): wide[:, steps - down : steps - down + 9, steps - across : steps - across + 7].tobytes()
        for down, across in [(steps, 0), (-steps, 0), (0, steps), (0, -steps)]
    }
    made = {picture.tobytes() for picture in corrupted(pixels, numbers, {"shift": float(steps)})}
    assert made == set(ways.values())


def test_a_rotation_by_right_angles_is_exact() -> None:
    pixels = drawn(4, 3, 11, 11)
    made = turned(pixels, torch.tensor([0.0, 90.0, 180.0, -90.0]))
    for picture, quarters in enumerate([0, 1, 2, 3]):
        assert np.array_equal(made[picture], np.rot90(pixels[picture], quarters, axes=(1, 2)))


def test_a_rotation_is_scipys_with_the_border_mirrored_and_goes_either_way() -> None:
    pixels = drawn(1, 1, 20, 26)
    made = turned(pixels, torch.tensor([25.0]))[0, 0]
    expected = ndimage.rotate(pixels[0, 0].astype(float), 25.0, reshape=False, order=1, mode="reflect")
    assert np.abs(made - expected).max() <= 0.5 + 1e-6
    both = corrupted(np.repeat(pixels, 20, axis=0), range(20), {"rotation": 25.0})
    ways = {turned(pixels, torch.tensor([sign * 25.0])).tobytes() for sign in (1, -1)}
    assert {picture[None].tobytes() for picture in both} == ways


def test_an_occlusion_is_one_grey_square_inside_that_grows_about_its_place() -> None:
    pixels = np.zeros((30, 3, 20, 32), dtype=np.uint8)
    small = corrupted(pixels, range(30), {"occlusion": 20.0})
    large = corrupted(pixels, range(30), {"occlusion": 40.0})
    for made, side in ((small, 4), (large, 8)):
        assert set(np.unique(made)) == {0, 128}
        for picture in made:
            assert (picture == picture[0]).all()
            rows, columns = np.nonzero(picture[0])
            assert (int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1, len(rows)) == (side, side, side * side)
    assert (large[small == 128] == 128).mean() > 0.8


def test_several_corruptions_are_applied_in_the_order_of_a_camera() -> None:
    pixels = drawn(2, 3, 16, 16)
    settings = {key: corruptions.CORRUPTIONS[key].small[1] for key in reversed(corruptions.ORDER)}
    expected = pixels
    for key in ("rotation", "shift", "occlusion", "gaussian_blur", "brightness", "gaussian_noise", "jpeg_compression"):
        expected = corrupted(expected, (0, 1), {key: settings[key]})
    assert np.array_equal(corrupted(pixels, (0, 1), settings), expected)


def test_a_large_blur_of_a_small_picture_is_no_failure(tmp_path: Path) -> None:
    pixels = drawn(1, 1, 5, 4)
    made = corrupted(pixels, [0], {"gaussian_blur": 6.0, "shift": 48.0})
    assert made.std() < pixels.std()
