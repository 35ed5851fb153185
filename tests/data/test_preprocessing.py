"""Resizing and cropping is torchvision's arithmetic; boxes on the original; steps in words; what is suggested."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import assume, example, given
from hypothesis import strategies as st
from PIL import Image
from torchvision import models
from torchvision.transforms import functional, transforms
from torchvision.transforms import v2 as transforms_v2

from resnet_gui.data.preprocessing import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    PREPROCESSES,
    Changes,
    PictureFit,
    Preprocess,
    Scaling,
    centred,
    crop_boxes,
    crop_places,
    describe_steps,
    fitted,
    for_channels,
    padded,
    resized,
    scaled_size,
    suggest,
)

SIDES = st.integers(1, 700)
IMAGENET = PREPROCESSES["imagenet"].preprocess


def places(size: tuple[int, int]) -> Image.Image:
    """A picture whose pixels tell where they are, counted from 1: row and column; what is padded is 0."""
    rows, columns = np.mgrid[1 : size[1] + 1, 1 : size[0] + 1]
    return Image.fromarray((rows * 1000 + columns).astype(np.int32))


def seen(picture: Image.Image) -> tuple[int, int, int, int]:
    """Row and column of the first and of the last pixel that are not padding."""
    values = np.asarray(picture)
    inside = values[values > 0]
    return (*divmod(int(inside.min()), 1000), *divmod(int(inside.max()), 1000))


@given(width=SIDES, height=SIDES, short=st.integers(1, 512))
@example(width=500, height=375, short=256)
@example(width=1, height=700, short=1)
def test_a_picture_is_resized_to_the_size_that_torchvision_gives_it(width: int, height: int, short: int) -> None:
    wide, high = resized((width, height), short)
    assume(wide * high < 2**22)
    theirs = functional.resize(torch.zeros(1, height, width), [short], antialias=False)
    assert (high, wide) == tuple(theirs.shape[1:])


@given(width=st.integers(1, 60), height=st.integers(1, 60), wide=st.integers(1, 60), high=st.integers(1, 60))
@example(width=21, height=21, wide=24, high=24)
@example(width=25, height=27, wide=24, high=24)
def test_the_central_crop_is_the_one_that_torchvision_cuts_or_pads(
    width: int, height: int, wide: int, high: int
) -> None:
    theirs = transforms.CenterCrop((high, wide))(places((width, height)))
    left, top = centred((width, height), (wide, high))
    ours = places((width, height)).crop((left, top, left + wide, top + high))
    assert np.array_equal(np.asarray(ours), np.asarray(theirs))


@given(width=st.integers(24, 60), height=st.integers(24, 60), wide=st.integers(1, 24), high=st.integers(1, 24))
def test_ten_crops_are_cut_where_torchvision_cuts_them(width: int, height: int, wide: int, high: int) -> None:
    picture = places((width, height))
    theirs = transforms.TenCrop((high, wide))(picture)
    ours = crop_places((width, height), (3, high, wide), 10)
    assert len(ours) == 5
    for (left, top), crop in zip(ours, theirs[:5], strict=True):
        assert seen(crop) == (top + 1, left + 1, top + high, left + wide)


@given(
    size=st.tuples(SIDES, SIDES), resize=st.sampled_from([0, 1, 20, 32, 40, 64]),
    shape=st.tuples(st.just(3), st.integers(1, 40), st.integers(1, 40)),
)  # fmt: skip
def test_ten_crops_never_stick_out(size: tuple[int, int], resize: int, shape: tuple[int, int, int]) -> None:
    how = Preprocess(mean=IMAGENET_MEAN, std=IMAGENET_STD, resize=resize)
    wide, high = scaled_size(size, shape, how, 10)
    assert wide >= shape[2]
    assert high >= shape[1]
    for left, top in crop_places((wide, high), shape, 10):
        assert 0 <= left <= wide - shape[2]
        assert 0 <= top <= high - shape[1]
    for box in crop_boxes(size, shape, how, 10):
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= size[0] + 1e-6
        assert box.y + box.height <= size[1] + 1e-6


@pytest.mark.parametrize(
    "weights",
    [models.ResNet50_Weights.IMAGENET1K_V1, models.ResNet50_Weights.IMAGENET1K_V2],
    ids=lambda each: each.name,
)
@pytest.mark.parametrize("size", [(500, 375), (375, 500), (224, 224), (256, 256), (233, 1000), (30, 40), (2000, 232)])
def test_the_box_of_the_crop_is_what_torchvisions_preset_leaves_of_a_picture(
    weights: models.WeightsEnum, size: tuple[int, int]
) -> None:
    how = PREPROCESSES["imagenet" if weights.name.endswith("V1") else "imagenet-v2"].preprocess
    theirs = weights.transforms()
    assert ([how.resize], how.mean, how.std) == (theirs.resize_size, tuple(theirs.mean), tuple(theirs.std))
    assert how.interpolation == theirs.interpolation.value
    (box,) = crop_boxes(size, (3, 224, 224), how)
    # Ramps survive a resize: the values at the middle of the edges tell how far the crop reaches.
    columns = torch.arange(size[0]).add(0.5).div(size[0]).expand(3, size[1], size[0])
    rows = torch.arange(size[1]).add(0.5).div(size[1])[:, None].expand(3, size[1], size[0])
    preset = type(theirs)(crop_size=224, resize_size=how.resize, mean=(0.0,) * 3, std=(1.0,) * 3, antialias=False)
    across, down = preset(columns)[0, 112], preset(rows)[0, :, 112]
    step = (float(across[150] - across[50]) / 100, float(down[150] - down[50]) / 100)
    assert box.width == pytest.approx(224 * step[0] * size[0], rel=1e-3)
    assert box.height == pytest.approx(224 * step[1] * size[1], rel=1e-3)
    middle = float(across[111] + across[112]) / 2 * size[0], float(down[111] + down[112]) / 2 * size[1]
    assert box.x + box.width / 2 == pytest.approx(middle[0], abs=0.02 + size[0] / 1e4)
    assert box.y + box.height / 2 == pytest.approx(middle[1], abs=0.02 + size[1] / 1e4)


@given(width=SIDES, height=SIDES, side=st.integers(1, 300))
@example(width=500, height=375, side=224)
def test_a_picture_between_bars_has_the_size_that_torchvision_gives_a_longest_side(
    width: int, height: int, side: int
) -> None:
    ours = padded((width, height), (side, side))
    if int(side * min(width, height) / max(width, height)) < 1:
        assert min(ours) == 1, "torchvision refuses a picture without a pixel"
        return
    assert ours == transforms_v2.Resize(size=None, max_size=side)(Image.new("L", (width, height))).size


@given(width=SIDES, height=SIDES, wide=st.integers(1, 60), high=st.integers(1, 60))
def test_the_box_of_a_whole_picture_is_the_picture_and_its_bars(width: int, height: int, wide: int, high: int) -> None:
    shape = (1, high, wide)
    (squeezed,) = crop_boxes((width, height), shape, Scaling(fit="squeeze"))
    assert (squeezed.x, squeezed.y, squeezed.width, squeezed.height) == pytest.approx((0, 0, width, height))
    (box,) = crop_boxes((width, height), shape, Scaling(fit="pad"))
    assert box.x <= 0
    assert box.y <= 0
    assert box.x + box.width >= width - 1e-6
    assert box.y + box.height >= height - 1e-6
    inner = padded((width, height), (wide, high))
    assert inner[0] == wide or inner[1] == high
    # A side between bars is at most a pixel of the input too short, and so is one of the two bars.
    assert (box.width * inner[0], box.height * inner[1]) == pytest.approx((width * wide, height * high))
    assert -box.x * inner[0] / width == pytest.approx((wide - inner[0]) // 2)
    (cut,) = crop_boxes((width, height), shape, Scaling(fit="squeeze", resize=70))
    frame = resized((wide, high), 70)
    assert (cut.width, cut.height) == pytest.approx((width * wide / frame[0], height * high / frame[1]))


@pytest.mark.parametrize(
    ("fit", "resize", "words"),
    [
        ("squeeze", 0, [("Squeeze", "whole picture, stretched to 224 × 192, bilinear")]),
        ("pad", 0, [("Pad", "whole picture, with black bars to 224 × 192, bilinear")]),
        ("pad", 256, [("Pad", "whole picture, with black bars to 298 × 256, bilinear"), ("Centre crop", "224 × 192")]),
    ],
)
def test_the_steps_say_how_a_picture_is_fitted(fit: PictureFit, resize: int, words: list[tuple[str, str]]) -> None:
    how = Preprocess(mean=(0.5,), std=(0.25,), fit=fit, resize=resize)
    assert describe_steps((1, 192, 224), how)[: len(words) + 1] == (*words, ("Scale", "0…255 to 0…1"))


@given(width=SIDES, height=SIDES, wide=st.integers(1, 60), high=st.integers(1, 60))
def test_a_fitted_picture_loses_two_equal_strips_of_one_side_only(
    width: int, height: int, wide: int, high: int
) -> None:
    how = Preprocess(mean=(0.5,), std=(0.5,))
    (box,) = crop_boxes((width, height), (1, high, wide), how)
    assert box == fitted((width, height), (wide, high))
    assert box.width / box.height == pytest.approx(wide / high)
    assert math.isclose(box.width, width) or math.isclose(box.height, height)
    assert (box.x + box.width / 2, box.y + box.height / 2) == pytest.approx((width / 2, height / 2))
    assert box.x >= -1e-9
    assert box.y >= -1e-9


def test_the_parts_that_ten_crops_show_are_corners_and_centre_of_the_original() -> None:
    boxes = crop_boxes((1024, 512), (3, 224, 224), IMAGENET, 10)
    assert [(box.x, box.y, box.width, box.height) for box in boxes] == [
        (0, 0, 448, 448), (576, 0, 448, 448), (0, 64, 448, 448), (576, 64, 448, 448), (288, 32, 448, 448),
    ]  # fmt: skip
    (small,) = crop_boxes((32, 32), (3, 224, 224), Preprocess(mean=IMAGENET_MEAN, std=IMAGENET_STD, resize=112))
    assert (small.x, small.y, small.width, small.height) == (-16, -16, 64, 64)


# ---- in words


@pytest.mark.parametrize(
    ("shape", "how", "views", "steps"),
    [
        (
            (3, 224, 224), IMAGENET, 1,
            ["Resize: short side 256, bilinear", "Centre crop: 224 × 224", "Normalise: ImageNet mean, std"],
        ),
        (
            (3, 224, 224), IMAGENET, 10,
            [
                "Resize: short side 256, bilinear", "Crop: 224 × 224, four corners and centre, mirrored",
                "Normalise: ImageNet mean, std",
            ],
        ),
        (
            (3, 32, 32), PREPROCESSES["cifar10"].preprocess, 1,
            ["Centre crop: square", "Resize: 32 × 32, bilinear", "Normalise: CIFAR-10 mean, std"],
        ),
        (
            (3, 32, 32), PREPROCESSES["cifar10"].preprocess, 10,
            [
                "Resize: short side 37, bilinear", "Crop: 32 × 32, four corners and centre, mirrored",
                "Normalise: CIFAR-10 mean, std",
            ],
        ),
        (
            (1, 20, 30), Preprocess(mean=(0.13,), std=(0.30811,), interpolation="bicubic"), 1,
            ["Centre crop: to 30:20", "Resize: 30 × 20, bicubic", "Normalise: mean 0.13; std 0.308"],
        ),
        (
            (3, 8, 8), PREPROCESSES["half"].preprocess, 1,
            ["Centre crop: square", "Resize: 8 × 8, bilinear", "Normalise: mean 0.5, 0.5, 0.5; std 0.5, 0.5, 0.5"],
        ),
    ],
)  # fmt: skip
def test_the_steps_are_said_in_their_order(
    shape: tuple[int, int, int], how: Preprocess, views: int, steps: list[str]
) -> None:
    said = [f"{word}: {numbers}" for word, numbers in describe_steps(shape, how, views)]
    assert said == [*steps[:2], "Scale: 0…255 to 0…1", steps[2]]


# ---- suggested and changed


@pytest.mark.parametrize(
    ("shape", "classes", "name"),
    [
        ((3, 224, 224), 1000, "imagenet"),
        ((3, 64, 64), 1000, "imagenet-fit"),
        ((3, 32, 32), 10, "cifar10"),
        ((3, 32, 32), 100, "cifar100"),
        ((3, 32, 32), 7, "cifar10"),
        ((3, 224, 224), 100, "imagenet"),
        ((3, 224, 224), 2, "imagenet"),
    ],
)
def test_what_is_suggested_fits_the_input_and_the_number_of_classes(
    shape: tuple[int, int, int], classes: int, name: str
) -> None:
    assert suggest(shape, classes) == name
    assert name in PREPROCESSES


@given(channels=st.integers(1, 5), name=st.sampled_from(sorted(PREPROCESSES)))
def test_a_normalisation_is_made_to_fit_any_number_of_channels(channels: int, name: str) -> None:
    how = PREPROCESSES[name].preprocess
    made = for_channels(how, channels)
    assert (len(made.mean), len(made.std)) == (channels, channels)
    assert (made.resize, made.interpolation) == (how.resize, how.interpolation)
    assert made.mean[0] == pytest.approx(sum(how.mean) / 3) if channels != 3 else made == how


def test_changes_leave_what_they_do_not_name() -> None:
    assert Changes().applied(IMAGENET) == IMAGENET
    changed = Changes(std=(1.0, 1.0, 1.0), resize=0).applied(IMAGENET)
    assert changed == Preprocess(mean=IMAGENET_MEAN, std=(1.0, 1.0, 1.0), resize=0)
