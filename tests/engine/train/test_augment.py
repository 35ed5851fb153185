"""Augmentation: draws are keyed by seed and step, stay within the padding, and mirror half of the pictures."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from resnet_gui.base.errors import RecipeError
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import evolve
from resnet_gui.engine.train.augment import crop, cut_out, draw, epoch_order, move, recolour, turn
from resnet_gui.training.recipe import Augmentation, Recipe
from resnet_gui.training.trainable import check_turns
from tests.engine.train.test_step import vary

KINDS: tuple[Literal["shift", "shift-flip"], ...] = ("shift", "shift-flip")


def augment(pictures: Tensor, kind: Augmentation, seed: int, step: int) -> Tensor:
    height, width = pictures.shape[2:]
    return move(pictures, draw(Recipe(augment=kind, seed=seed), step, len(pictures), height, width))


def batch(count: int = 16, height: int = 8, width: int = 8, channels: int = 2) -> Tensor:
    """Pictures without a black pixel, so that padding can be told from them."""
    values = torch.arange(count * channels * height * width) % 254 + 1
    return values.to(torch.uint8).reshape(count, channels, height, width)


def test_no_augmentation_leaves_the_batch() -> None:
    pictures = batch()
    assert torch.equal(augment(pictures, "none", 1, 1), pictures)


@pytest.mark.parametrize("kind", KINDS)
def test_a_step_draws_the_same_again_and_another_step_or_seed_draws_differently(
    kind: Literal["shift", "shift-flip"],
) -> None:
    pictures = batch()
    first = augment(pictures, kind, 1, 100)
    torch.rand(5)  # the global generator must not matter
    assert torch.equal(augment(pictures, kind, 1, 100), first)
    for seed, step in ((1, 101), (2, 100), (1, 99), (0, 100), (100, 1)):
        assert not torch.equal(augment(pictures, kind, seed, step), first)


def test_augmentation_leaves_the_global_generator_alone() -> None:
    before = torch.get_rng_state()
    augment(batch(), "shift-flip", 1, 1)
    epoch_order(10, 1, 1)
    assert torch.equal(torch.get_rng_state(), before)


def shifts_of(picture: Tensor, shifted: Tensor, pads: tuple[int, int]) -> list[tuple[int, int, bool]]:
    """Every shift (down, right) and mirroring within the padding that gives ``shifted``."""
    _, height, width = picture.shape
    found = []
    for mirrored in (False, True):
        source = torch.nn.functional.pad(picture, (pads[1], pads[1], pads[0], pads[0]))
        for top in range(2 * pads[0] + 1):
            for left in range(2 * pads[1] + 1):
                window = source[:, top : top + height, left : left + width]
                if torch.equal(window.flip(2) if mirrored else window, shifted):
                    found.append((top - pads[0], left - pads[1], mirrored))
    return found


@given(
    height=st.integers(1, 20),
    width=st.integers(1, 20),
    channels=st.integers(1, 3),
    seed=st.integers(0, 2**31 - 1),
    step=st.integers(0, 10**7),
    kind=st.sampled_from(KINDS),
)
def test_every_picture_is_a_window_of_itself_padded_by_an_eighth(
    height: int, width: int, channels: int, seed: int, step: int, kind: Literal["shift", "shift-flip"]
) -> None:
    generator = torch.Generator().manual_seed(1)
    pictures = torch.randint(1, 256, (4, channels, height, width), generator=generator, dtype=torch.uint8)
    found = augment(pictures, kind, seed, step)
    assert found.shape == pictures.shape
    assert found.dtype == pictures.dtype
    pads = (max(1, round(height / 8)), max(1, round(width / 8)))
    for picture, shifted in zip(pictures, found, strict=True):
        assert shifts_of(picture, shifted, pads)


def test_every_shift_within_the_padding_is_drawn_about_as_often_as_the_others() -> None:
    pictures = batch(count=1000, height=16, width=8, channels=1)
    counts: dict[tuple[int, int, bool], int] = {}
    for picture, shifted in zip(pictures, augment(pictures, "shift", 5, 9), strict=True):
        (shift,) = shifts_of(picture, shifted, (2, 1))
        counts[shift] = counts.get(shift, 0) + 1
    assert set(counts) == {(down, right, False) for down in range(-2, 3) for right in range(-1, 2)}
    assert all(30 < count < 110 for count in counts.values()), counts  # 1000 / 15 = 67


def test_about_half_of_the_pictures_are_mirrored_and_only_if_requested() -> None:
    pictures = batch(count=400, channels=1)
    found = augment(pictures, "shift-flip", 5, 9)
    mirrored = sum(
        shift[2]
        for picture, turned in zip(pictures, found, strict=True)
        for shift in shifts_of(picture, turned, (1, 1))
    )
    assert 150 < mirrored < 250


@given(count=st.integers(1, 200), seed=st.integers(0, 2**31 - 1), epoch=st.integers(0, 10**5))
def test_an_epoch_has_every_picture_once_in_an_order_of_its_own(count: int, seed: int, epoch: int) -> None:
    order = epoch_order(count, seed, epoch)
    assert sorted(order.tolist()) == list(range(count))
    assert torch.equal(epoch_order(count, seed, epoch), order)


def test_orders_of_different_epochs_and_seeds_differ() -> None:
    orders = {tuple(epoch_order(100, seed, epoch).tolist()) for seed in range(10) for epoch in range(10)}
    assert len(orders) == 100


# ---- turns


@given(seed=st.integers(0, 2**31 - 1), step=st.integers(0, 10**7), kind=st.sampled_from(get_args(Augmentation)))
def test_a_recipe_that_turns_draws_all_else_as_one_that_does_not(seed: int, step: int, kind: Augmentation) -> None:
    plain = Recipe(augment=kind, seed=seed, colour=0.2, cutout=0.3)
    turning = msgspec.structs.replace(plain, vertical_flip=True, quarter_turns=True)
    before, found = (draw(recipe, step, 9, 8, 8)._asdict() for recipe in (plain, turning))
    assert before["upside_down"] is before["turns"] is None
    assert len(found.pop("upside_down")) == len(found.pop("turns")) == 9
    for name, values in found.items():
        assert values is before[name] is None or torch.equal(values, before[name]), name


def test_pictures_are_turned_upside_down_and_by_every_number_of_quarters_about_equally_often() -> None:
    draws = draw(Recipe(augment="none", vertical_flip=True, quarter_turns=True), 3, 800, 4, 4)
    assert draws.upside_down is not None
    assert draws.turns is not None
    counts = torch.bincount(draws.turns * 2 + draws.upside_down.long(), minlength=8)
    assert int(counts.min()) > 60
    pictures = batch(800, 4, 4)
    for picture, turned, quarters, over in zip(
        pictures, turn(pictures, draws), draws.turns, draws.upside_down, strict=True
    ):
        expected = np.rot90(np.flipud(picture.permute(1, 2, 0)) if over else picture.permute(1, 2, 0), int(quarters))
        assert np.array_equal(turned.permute(1, 2, 0), expected)


def test_turns_can_be_taken_for_a_part_of_the_batch_and_leave_other_recipes_alone() -> None:
    pictures, numbers = batch(12), torch.tensor([3, 7, 1])
    draws = draw(Recipe(augment="none", vertical_flip=True, quarter_turns=True), 1, 12, 8, 8)
    assert torch.equal(turn(pictures[numbers], draws.part(numbers)), turn(pictures, draws)[numbers])
    assert turn(pictures, draw(Recipe(augment="none"), 1, 12, 8, 8)) is pictures


def test_pictures_that_are_not_square_are_not_turned() -> None:
    recipe = Recipe(quarter_turns=True)
    with pytest.raises(RecipeError, match=r"^quarter_turns is on, but the input has 32 × 24 pixels; pictures must be"):
        check_turns(evolve(PRESETS["resnet20"].spec, input=(3, 24, 32)), recipe)
    check_turns(PRESETS["resnet20"].spec, recipe)
    check_turns(evolve(PRESETS["resnet20"].spec, input=(3, 24, 32)), Recipe())


# ---- holes, colours, crops


@given(side=st.floats(0.05, 0.9), step=st.integers(0, 10**6), size=st.integers(4, 40))
def test_a_hole_is_a_square_of_its_side_that_may_stick_out_and_is_blank(side: float, step: int, size: int) -> None:
    recipe = vary(cutout=side)
    pictures = torch.ones(6, 3, size, size)
    found = cut_out(pictures, draw(recipe, step, 6, size, size), side)
    length = max(1, round(size * side))
    for picture in found:
        assert torch.equal(picture[0], picture[2])
        rows, columns = (picture[0] == 0).any(1), (picture[0] == 0).any(0)
        assert torch.equal(picture[0] == 0, rows[:, None] & columns[None, :])
        for line in (rows, columns):
            count = int(line.sum())
            assert count <= length
            inside = line.nonzero()
            if count:
                assert int(inside[-1] - inside[0]) + 1 == count
                if not line[0] and not line[-1]:
                    assert count == length
            assert count >= length // 2


@given(amount=st.floats(0.01, 0.9), step=st.integers(0, 10**6), channels=st.sampled_from([1, 3]))
def test_colours_stay_between_black_and_white_and_change_no_more_than_they_may(
    amount: float, step: int, channels: int
) -> None:
    draws = draw(vary(colour=amount), step, 8, 5, 5)
    assert draws.colours is not None
    assert float(draws.colours.min()) >= 1 - amount - 1e-6
    assert float(draws.colours.max()) <= 1 + amount + 1e-6
    pictures = torch.rand(8, channels, 5, 5, generator=torch.Generator().manual_seed(1))
    found = recolour(pictures, draws)
    assert torch.equal(found, found.clamp(0, 1))
    same = recolour(pictures, draws._replace(colours=torch.ones(8, 3)))
    torch.testing.assert_close(same, pictures)
    flat = recolour(torch.full((8, channels, 5, 5), 0.4), draws)
    brightness = draws.colours[:, 0]
    torch.testing.assert_close(flat[:, 0, 0, 0], (0.4 * brightness).clamp(0, 1), rtol=1e-5, atol=1e-6)


@given(step=st.integers(0, 10**6), height=st.integers(4, 64), width=st.integers(4, 64))
def test_a_crop_has_the_area_and_ratio_of_szegedy_and_lies_within_the_picture(
    step: int, height: int, width: int
) -> None:
    boxes = draw(vary(augment="resized-crop"), step, 50, height, width).boxes
    assert boxes is not None
    middle, size = boxes[:, :2], boxes[:, 2:]
    assert float((middle - size / 2).min()) >= -1e-9
    assert float((middle + size / 2).max()) <= 1 + 1e-9
    area = size.prod(1)
    assert float(area.max()) <= 1
    ratio = size[:, 1] * width / (size[:, 0] * height)
    free = (size < 1).all(1)  # a crop that would be larger than the picture is cut
    assert bool((area[free] >= 0.08 - 1e-9).all())
    assert bool(((ratio[free] >= 3 / 4 - 1e-9) & (ratio[free] <= 4 / 3 + 1e-9)).all())


def test_a_crop_of_all_is_the_picture_and_one_of_a_quarter_is_that_quarter_enlarged_and_mirrored() -> None:
    ramp = torch.linspace(0, 1, 16)
    pictures = (ramp.view(1, 1, 16, 1) * 0.25 + ramp.view(1, 1, 1, 16) * 0.5).repeat(2, 1, 1, 1)
    draws = draw(vary(augment="resized-crop"), 0, 2, 16, 16)
    whole = draws._replace(boxes=torch.tensor([[0.5, 0.5, 1.0, 1.0]] * 2).double(), flips=torch.tensor([False, True]))
    found = crop(pictures, whole)
    torch.testing.assert_close(found[0], pictures[0])
    torch.testing.assert_close(found[1], pictures[1].flip(2))
    quarter = draws._replace(boxes=torch.tensor([[0.25, 0.75, 0.5, 0.5]] * 2).double(), flips=torch.tensor([False] * 2))
    expected = functional.interpolate(pictures[:, :, :8, 8:], size=(16, 16), mode="bilinear", align_corners=False)
    torch.testing.assert_close(crop(pictures, quarter)[:, :, 1:-1, 1:-1], expected[:, :, 1:-1, 1:-1])
