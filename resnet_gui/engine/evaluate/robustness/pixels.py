"""Corruptions on pixels: bytes in, bytes out, before anything is normalised.

What is drawn at random belongs to a picture's number and a seed, not to its place in a batch: the same picture is
corrupted the same way alone or among a thousand, and with more of the same (the noise is scaled, the square grows).
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

from resnet_gui.engine.evaluate.tested_pictures import as_picture
from resnet_gui.evaluation import corruptions

TRUNCATED: Final = 4.0
"""Deviations after which a Gaussian is cut off, as in the paper's code (scikit-image's ``gaussian``)."""

GREY: Final = 128
"""What covers an occluded square: the middle of the range, as Zeiler and Fergus 2014 cover squares in grey."""

Pixels = NDArray[np.uint8]
"""Pictures, (N, C, H, W)."""


class _PictureDraws(NamedTuple):
    """The source of what is drawn for each picture of a batch."""

    seed: int
    numbers: Sequence[int]

    def generators(self, key: str) -> list[np.random.Generator]:
        """One a picture, the same for every setting of a corruption."""
        stream = int.from_bytes(key.encode(), "little")
        return [np.random.default_rng((self.seed, number, stream)) for number in self.numbers]


def corrupted(pixels: Pixels, numbers: Sequence[int], settings: Mapping[str, float], seed: int = 0) -> Pixels:
    """Pictures with corruptions, one after the other in the order of ``corruptions.ORDER``.

    Args:
        pixels: (N, C, H, W) bytes, grey or RGB.
        numbers: of each picture in its set, from 0.
        settings: key of a corruption -> its setting; one that changes nothing is left out to the bit.
        seed: of what is drawn, from 0.
    """
    draws = _PictureDraws(seed, numbers)
    for key in corruptions.ORDER:
        setting = settings.get(key, corruptions.CORRUPTIONS[key].none)
        if setting != corruptions.CORRUPTIONS[key].none:
            pixels = _FUNCTIONS[key](pixels, setting, draws)
    return pixels


def _blurred(pixels: Pixels, deviation: float, _draws: _PictureDraws) -> Pixels:
    """Convolved with a Gaussian down and across; beyond the border its last pixel is repeated."""
    height, width = pixels.shape[2:]
    # As products with two band matrices: ten times as fast as a convolution of single planes by so long a kernel.
    down, across = _gaussian_band(height, deviation), _gaussian_band(width, deviation)
    return as_levels(down @ torch.from_numpy(pixels).float() @ across.T)


def _gaussian_band(side: int, deviation: float) -> Tensor:
    """The matrix (side, side) that convolves a column with a Gaussian of sum 1, the ends of the column repeated."""
    radius = int(TRUNCATED * deviation + 0.5)
    offsets = torch.arange(-radius, radius + 1)
    kernel = torch.exp(-0.5 * (offsets / deviation).double() ** 2)
    places = (torch.arange(side)[:, None] + offsets).clamp(0, side - 1)
    band = torch.zeros(side, side, dtype=torch.float64)
    band.scatter_add_(1, places, (kernel / kernel.sum()).expand(side, -1))
    return band.float()


def _noisy(pixels: Pixels, deviation: float, draws: _PictureDraws) -> Pixels:
    """With independent Gaussian noise on every value, clipped to the range."""
    noise = np.stack(
        [made.standard_normal(pixels.shape[1:], dtype=np.float32) for made in draws.generators(corruptions.NOISE.key)]
    )
    return as_levels(torch.from_numpy(pixels).float() + torch.from_numpy(noise) * (255 * deviation))


def _compressed(pixels: Pixels, quality: float, _draws: _PictureDraws) -> Pixels:
    """Written as JPEG and read again by Pillow, with its own subsampling of colours (4:2:0)."""
    return np.stack([_through_jpeg(picture, round(quality)) for picture in pixels])


def _through_jpeg(picture: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    file = io.BytesIO()
    as_picture(picture).save(file, "JPEG", quality=quality)
    with Image.open(file) as image:
        return _from_image(image)


def _brightened(pixels: Pixels, added: float, _draws: _PictureDraws) -> Pixels:
    """With more of HSV's value, clipped at white: all channels grow by the same factor, and black becomes grey."""
    values = torch.from_numpy(pixels).float()
    value = values.amax(dim=1, keepdim=True)
    brighter = (value + 255 * added).clamp(0, 255)
    return as_levels(torch.where(value > 0, values * (brighter / value.clamp(min=1)), brighter))


def _shifted(pixels: Pixels, distance: float, draws: _PictureDraws) -> Pixels:
    """Moved by whole pixels left, right, up or down; what comes in is the mirror image at the border."""
    made = np.empty_like(pixels)
    for place, generator in enumerate(draws.generators(corruptions.SHIFT.key)):
        axis, forward = generator.integers(2, size=2).tolist()
        side = pixels.shape[2 + axis]
        steps = round(distance) if forward else -round(distance)
        found = (np.arange(side) - steps) % (2 * side)
        made[place] = pixels[place].take(np.where(found < side, found, 2 * side - 1 - found), axis=1 + axis)
    return made


def _occluded(pixels: Pixels, percent: float, draws: _PictureDraws) -> Pixels:
    """With a grey square wholly inside; a larger one lies about where a smaller one did."""
    height, width = pixels.shape[2:]
    side = round(percent / 100 * min(height, width))
    made = pixels.copy()
    for place, generator in enumerate(draws.generators(corruptions.OCCLUSION.key)):
        across, down = generator.random(2).tolist()
        left, top = int(across * (width - side + 1)), int(down * (height - side + 1))
        made[place, :, top : top + side, left : left + side] = GREY
    return made


def _rotated(pixels: Pixels, degrees: float, draws: _PictureDraws) -> Pixels:
    """Turned around the middle, interpolated bilinearly; what comes in is the mirror image at the border."""
    generators = draws.generators(corruptions.ROTATION.key)
    signs = torch.tensor([1.0 if made.integers(2) else -1.0 for made in generators], dtype=torch.float64)
    return turned(pixels, signs * degrees)


def turned(pixels: Pixels, degrees: Tensor) -> Pixels:
    """Pictures turned counter-clockwise around their middle, each by its own angle.

    Args:
        pixels: (N, C, H, W) bytes.
        degrees: (N,).
    """
    height, width = pixels.shape[2:]
    angles = degrees.double() * (math.pi / 180)
    cosines, sines, none = angles.cos(), angles.sin(), torch.zeros_like(angles)
    # Where each pixel of the answer comes from, in coordinates that go from -1 to 1 along either side.
    rows = [
        torch.stack([cosines, -sines * height / width, none], dim=1),
        torch.stack([sines * width / height, cosines, none], dim=1),
    ]
    values = torch.from_numpy(pixels).double()
    grid = functional.affine_grid(torch.stack(rows, dim=1), list(values.shape), align_corners=False)
    return as_levels(functional.grid_sample(values, grid, padding_mode="reflection", align_corners=False))


_FUNCTIONS: Final[dict[str, Callable[[Pixels, float, _PictureDraws], Pixels]]] = {
    corruptions.BLUR.key: _blurred,
    corruptions.NOISE.key: _noisy,
    corruptions.JPEG.key: _compressed,
    corruptions.BRIGHTNESS.key: _brightened,
    corruptions.SHIFT.key: _shifted,
    corruptions.OCCLUSION.key: _occluded,
    corruptions.ROTATION.key: _rotated,
}
"""Key of a corruption -> what applies it to a batch with a setting."""

if set(_FUNCTIONS) != set(corruptions.CORRUPTIONS) or set(corruptions.ORDER) != set(corruptions.CORRUPTIONS):
    raise TypeError("Every corruption needs a function and a place in the order.")


def as_levels(values: Tensor) -> NDArray[np.uint8]:
    """Values as bytes: rounded to the nearest level, clipped to the range from 0 to 255."""
    made: NDArray[np.uint8] = values.round().clamp(0, 255).to(torch.uint8).cpu().numpy()
    return made


def _from_image(image: Image.Image) -> NDArray[np.uint8]:
    """A picture, grey or RGB, as bytes (1 or 3, H, W)."""
    array = np.array(image, dtype=np.uint8)
    return array[None] if array.ndim == 2 else np.ascontiguousarray(array.transpose(2, 0, 1))
