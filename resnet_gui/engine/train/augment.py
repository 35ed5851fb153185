"""Augmentation of a whole batch at once; each draw depends on seed and step alone, so that a resumed run repeats it.

What happens to a picture is drawn for the whole batch of a step and applied to any part of it, so that several
processes, which each compute a part, see what one process would see. torchvision's v2 transforms and kornia draw from a
generator that goes on with each call: whoever resumes in the middle of an epoch would draw something else.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import msgspec
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from resnet_gui.data.preprocessing import LEAST_AREA, MOST_RATIO
from resnet_gui.training.recipe import Recipe

# Odd constants that keep the generators of order, augmentation and dropout apart for every seed and step.
_ORDER: Final = 0x9E3779B97F4A7C15
_AUGMENT: Final = 0xC2B2AE3D27D4EB4F
_MIX: Final = 0x165667B19E3779F9
_NOISE: Final = 0x27D4EB2F165667C5
_MASK: Final = 2**63 - 1


def keyed(stream: int, seed: int, index: int) -> int:
    """A seed of its own for a stream of draws at a step or epoch."""
    mixed = (stream + seed * 0xD6E8FEB86659FD93 + index * 0xFF51AFD7ED558CCD) & (2**64 - 1)
    mixed ^= mixed >> 33
    mixed = (mixed * 0xC4CEB9FE1A85EC53) & (2**64 - 1)
    mixed ^= mixed >> 29
    return mixed & _MASK


def _generator(stream: int, seed: int, index: int) -> torch.Generator:
    return torch.Generator().manual_seed(keyed(stream, seed, index))


def noise_seed(seed: int, step: int, rank: int) -> int:
    """Seed of what a network itself draws in a step (dropout, stochastic depth), one for each process."""
    return keyed(_NOISE + 2 * rank, seed, step)


def epoch_order(count: int, seed: int, epoch: int) -> Tensor:
    """The order of ``count`` pictures in an epoch: (count,) int64 on the CPU."""
    return torch.randperm(count, generator=_generator(_ORDER, seed, epoch))


def plain_pictures(recipe: Recipe) -> Recipe:
    """The recipe of a phase of cached features: those of pictures as they are tested, which nothing changes."""
    return msgspec.structs.replace(
        recipe, augment="none", colour=0.0, cutout=0.0, mixup=0.0, cutmix=0.0, vertical_flip=False, quarter_turns=False
    )


class Mixing(NamedTuple):
    """The way in which the pictures of a batch are mixed.

    Attributes:
        partner: (N,) int64, the picture that each is mixed with.
        share: weight of the picture itself, 0 to 1.
        box: top, bottom, left, right of the rectangle that CutMix takes from the partner; None for MixUp.
    """

    partner: Tensor
    share: float
    box: tuple[int, int, int, int] | None


class Draws(NamedTuple):
    """The random draws for N pictures, what happens to each; None for what the recipe does not do.

    Attributes:
        offsets: (N, 2) int64, rows and columns into the padded picture.
        flips: (N,) bool.
        boxes: (N, 4) float64, centre (y, x) and size (h, w) of a crop as fractions of a picture of the input's shape.
        colours: (N, 3) float32, factors of brightness, contrast, saturation.
        holes: (N, 2) float64, centre (y, x) of a blank square as fractions.
        upside_down: (N,) bool.
        turns: (N,) int64, quarter turns against the clock.
        chances: (N, 4) float64, what ``boxes`` are made of, for pictures of other shapes; see ``random_crop``.
    """

    offsets: Tensor | None
    flips: Tensor | None
    boxes: Tensor | None
    colours: Tensor | None
    holes: Tensor | None
    upside_down: Tensor | None = None
    turns: Tensor | None = None
    chances: Tensor | None = None

    def part(self, numbers: Tensor) -> Draws:
        """What happens to some of the pictures."""
        return Draws(*(None if values is None else values[numbers] for values in self))


def draw(recipe: Recipe, step: int, count: int, height: int, width: int) -> Draws:
    """Draw for all pictures of a step.

    Args:
        recipe: with augmentation and seed.
        step: steps behind.
        count: pictures of the step, over all processes.
        height: of a picture.
        width: of a picture.
    """
    generator = _generator(_AUGMENT, recipe.seed, step)
    offsets = flips = boxes = colours = holes = upside_down = turns = chances = None
    if recipe.augment in {"shift", "shift-flip"}:
        pads = pads_of(height, width)
        offsets = torch.cat([torch.randint(0, 2 * pad + 1, (count, 1), generator=generator) for pad in pads], 1)
    if recipe.augment in {"shift-flip", "resized-crop"}:
        flips = torch.rand((count, 1), generator=generator)[:, 0] < 0.5
    if recipe.augment == "resized-crop":
        chances = torch.rand((count, 4), generator=generator, dtype=torch.float64)
        boxes = _boxes(chances, height / width)
    if recipe.colour:
        colours = 1 + recipe.colour * (2 * torch.rand((count, 3), generator=generator) - 1)
    if recipe.cutout:
        holes = torch.rand((count, 2), generator=generator, dtype=torch.float64)
    # Last: a recipe without them draws what it drew before there were any.
    if recipe.vertical_flip:
        upside_down = torch.rand((count,), generator=generator) < 0.5
    if recipe.quarter_turns:
        turns = torch.randint(0, 4, (count,), generator=generator)
    return Draws(offsets, flips, boxes, colours, holes, upside_down, turns, chances)


def _boxes(uniform: Tensor, aspect: float) -> Tensor:
    """Crops of 8 to 100 % of the area with aspect ratios 3/4 to 4/3 (Szegedy et al. 2014, section 6)."""
    area = LEAST_AREA + (1 - LEAST_AREA) * uniform[:, 0]
    ratio = torch.exp((2 * uniform[:, 1] - 1) * math.log(MOST_RATIO))
    # Fractions of both sides; the drawn ratio is that of the crop in pixels.
    high, wide = (area / (ratio * aspect)).sqrt().clamp(max=1.0), (area * ratio * aspect).sqrt().clamp(max=1.0)
    top, left = uniform[:, 2] * (1 - high), uniform[:, 3] * (1 - wide)
    return torch.stack([top + high / 2, left + wide / 2, high, wide], 1)


def pads_of(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of padding before a random crop: an eighth, 4 of 32 as in He et al. 2015, section 4.2."""
    return max(1, round(height / 8)), max(1, round(width / 8))


def move(batch: Tensor, draws: Draws) -> Tensor:
    """Shift and mirror pictures (N, C, H, W) of any type; the padding is black."""
    if (draws.offsets is None and draws.flips is None) or draws.boxes is not None:
        return batch
    count, _, height, width = batch.shape
    pads = pads_of(height, width) if draws.offsets is not None else (0, 0)
    offsets = draws.offsets if draws.offsets is not None else torch.zeros((count, 2), dtype=torch.int64)
    rows = offsets[:, :1] + torch.arange(height)
    columns = offsets[:, 1:] + torch.arange(width)
    if draws.flips is not None:
        columns = torch.where(draws.flips[:, None], columns.flip(1), columns)
    rows, columns = rows.to(batch.device), columns.to(batch.device)
    padded = functional.pad(batch, (pads[1], pads[1], pads[0], pads[0]))
    numbers = torch.arange(count, device=batch.device)[:, None, None]
    # Advanced indices with a slice between them put the channels last.
    return padded[numbers, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def crop(batch: Tensor, draws: Draws) -> Tensor:
    """Cut out, stretch to the full size (bilinear) and mirror float pictures (N, C, H, W)."""
    if draws.boxes is None:
        return batch
    boxes = draws.boxes.float().to(batch.device)
    theta = torch.zeros((len(batch), 2, 3), device=batch.device)
    theta[:, 0, 0], theta[:, 1, 1] = boxes[:, 3], boxes[:, 2]
    if draws.flips is not None:
        theta[:, 0, 0] *= torch.where(draws.flips.to(batch.device), -1.0, 1.0)
    theta[:, 0, 2], theta[:, 1, 2] = 2 * boxes[:, 1] - 1, 2 * boxes[:, 0] - 1
    grid = functional.affine_grid(theta, list(batch.shape), align_corners=False)
    return functional.grid_sample(batch, grid, padding_mode="border", align_corners=False)


def turn(batch: Tensor, draws: Draws) -> Tensor:
    """Turn pictures (N, C, H, W) of any type upside down, then square ones by quarter turns."""
    if draws.upside_down is not None:
        batch = torch.where(draws.upside_down.to(batch.device)[:, None, None, None], batch.flip(2), batch)
    if draws.turns is not None:
        turns = draws.turns.to(batch.device)[:, None, None, None]
        for quarters in (1, 2, 3):
            batch = torch.where(turns == quarters, torch.rot90(batch, quarters, (2, 3)), batch)
    return batch


def recolour(batch: Tensor, draws: Draws) -> Tensor:
    """Change brightness, then contrast, then saturation of float pictures on the scale 0 to 1."""
    if draws.colours is None:
        return batch
    factors = draws.colours.to(batch.device)[:, :, None, None]
    batch = batch * factors[:, :1]
    grey = batch.mean((1, 2, 3), keepdim=True)
    batch = (batch - grey) * factors[:, 1:2] + grey
    if batch.shape[1] == 3:
        weights = torch.tensor([0.299, 0.587, 0.114], device=batch.device).view(1, 3, 1, 1)
        luma = (batch * weights).sum(1, keepdim=True)
        batch = (batch - luma) * factors[:, 2:] + luma
    return batch.clamp(0, 1)


def cut_out(batch: Tensor, draws: Draws, side: float) -> Tensor:
    """Blank a square in normalised pictures, with the mean of the data; it may stick out (DeVries and Taylor 2017)."""
    if draws.holes is None:
        return batch
    hidden = []
    for axis, size in enumerate(batch.shape[2:]):
        half = max(1, round(size * side)) / 2
        centre = draws.holes[:, axis : axis + 1] * size
        places = torch.arange(size) + 0.5
        hidden.append(((places - centre).abs() < half).to(batch.device))
    hole = hidden[0][:, None, :, None] & hidden[1][:, None, None, :]
    return batch.masked_fill(hole, 0.0)


def draw_mix(recipe: Recipe, step: int, count: int, height: int, width: int) -> Mixing | None:
    """How the pictures of a step are mixed; None where the recipe does not."""
    if not recipe.mixes:
        return None
    generator = np.random.Generator(np.random.PCG64(keyed(_MIX, recipe.seed, step)))
    cuts = recipe.cutmix > 0 and (recipe.mixup == 0 or generator.random() < 0.5)
    alpha = recipe.cutmix if cuts else recipe.mixup
    share = float(generator.beta(alpha, alpha))
    partner = torch.from_numpy(generator.permutation(count))
    if not cuts:
        return Mixing(partner, share, None)
    # A box of 1 − share of the area around a uniform centre, cut at the edges (Yun et al. 2019, algorithm A1).
    side = math.sqrt(1 - share)
    y, x = generator.random(2)
    top, bottom = (int(np.clip(round(y * height + sign * side * height / 2), 0, height)) for sign in (-1, 1))
    left, right = (int(np.clip(round(x * width + sign * side * width / 2), 0, width)) for sign in (-1, 1))
    return Mixing(partner, 1 - (bottom - top) * (right - left) / (height * width), (top, bottom, left, right))


def mix(batch: Tensor, partners: Tensor, how: Mixing) -> Tensor:
    """Mix pictures (N, C, H, W) with their partners, of the same shape."""
    if how.box is None:
        return batch * how.share + partners * (1 - how.share)
    top, bottom, left, right = how.box
    mixed = batch.clone()
    mixed[:, :, top:bottom, left:right] = partners[:, :, top:bottom, left:right]
    return mixed
