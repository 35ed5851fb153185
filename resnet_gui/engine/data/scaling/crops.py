"""The crops of a picture, resized as Pillow resizes, and so as torchvision's transforms do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from resnet_gui.base.errors import InputError
from resnet_gui.data.preprocessing import Scaling, Size, centred, crop_places, padded, scaled_size, short_side
from resnet_gui.design.bounds import Shape
from resnet_gui.engine.data.scaling.flat import check_channels

RESAMPLING: Final = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
MAX_SCALED: Final = 100_000
MAX_SCALED_PIXELS: Final = 100_000_000

Resize = Callable[[Size], Image.Image]
"""From a width and height to the picture of that size."""


def crops(flat: Image.Image, shape: Shape, how: Scaling, views: int) -> NDArray[np.uint8]:
    """Cut the inputs of a network out of a picture.

    Args:
        flat: 8-bit grey or RGB; of a grey one every channel of the input is the same.
        shape: (1 or 3, height, width) of the input.
        how: how it is scaled.
        views: 1 or 10.

    Returns:
        (views, channels, height, width) bytes.

    Raises:
        InputError: it would be too large when scaled.
    """
    if is_fitted(shape, how, views):
        height, width = shape[1:]
        if flat.size != (width, height):
            flat = ImageOps.fit(flat, (width, height), method=RESAMPLING[how.interpolation])
        return as_array(flat, shape[0])[None]

    def resize(size: Size) -> Image.Image:
        return flat.resize(size, RESAMPLING[how.interpolation]) if flat.size != size else flat

    return crops_of(flat.size, resize, shape, how, views)


def is_fitted(shape: Shape, how: Scaling, views: int) -> bool:
    """Whether the largest part of a picture is scaled to the input, and not the whole of it."""
    return how.fit == "crop" and not short_side(shape, how, views)


def crops_of(size: Size, resize: Resize, shape: Shape, how: Scaling, views: int) -> NDArray[np.uint8]:
    """Cut the inputs of a network out of a picture that is scaled as a whole.

    Args:
        size: (width, height) of the upright picture.
        resize: scales it, to 8-bit grey or RGB.
        shape: (1 or 3, height, width) of the input.
        how: how it is scaled.
        views: 1 or 10.

    Returns:
        (views, channels, height, width) bytes.

    Raises:
        InputError: it would be too large when scaled.
    """
    height, width = shape[1:]
    scaled = scaled_size(size, shape, how, views)
    if _is_too_large(scaled):
        # A narrow picture, or a short side that somebody chose.
        raise InputError(f"it would have {scaled[0]:,}×{scaled[1]:,} pixels when scaled, which is too many.")
    inner = inner_size(size, scaled, how)
    flat = resize(inner)
    if inner != scaled:
        left, top = centred(inner, scaled)
        # What is cut out beside the picture is black.
        flat = flat.crop((left, top, left + scaled[0], top + scaled[1]))
    # What sticks out of the picture is black, as torchvision pads it. Mirrored before it is cut, as in its TenCrop:
    # where the centre has no middle pixel, the mirrored one lies a pixel beside.
    pictures = (flat,) if views == 1 else (flat, ImageOps.mirror(flat))
    return np.stack(
        [
            as_array(image.crop((left, top, left + width, top + height)), shape[0])
            for image in pictures
            for left, top in crop_places(scaled, shape, views)
        ]
    )


def _is_too_large(scaled: Size) -> bool:
    return max(scaled) > MAX_SCALED or scaled[0] * scaled[1] > MAX_SCALED_PIXELS


def check_input(shape: Shape, how: Scaling, views: int) -> None:
    """Refuse an input that no picture can be brought to, whatever its size, before each is refused for it.

    Raises:
        InputError: pictures do not have that number of channels, or all of them would be too large when scaled.
    """
    check_channels(shape[0])
    scaled = scaled_size((shape[2], shape[1]), shape, how, views)
    if how.fit != "crop" and _is_too_large(scaled):
        raise InputError(
            f"Every picture would have {scaled[0]:,}×{scaled[1]:,} pixels when scaled, which is too many; choose a "
            "smaller --resize or another --input."
        )


def inner_size(size: Size, scaled: Size, how: Scaling) -> Size:
    """A picture's own size when it is scaled, without its bars."""
    return padded(size, scaled) if how.fit == "pad" else scaled


def as_array(image: Image.Image, channels: int) -> NDArray[np.uint8]:
    """An 8-bit grey or RGB picture as (channels, height, width) bytes."""
    array = np.array(image, dtype=np.uint8)
    if array.ndim == 2:
        return np.repeat(array[None], channels, axis=0)
    return np.ascontiguousarray(array.transpose(2, 0, 1))
