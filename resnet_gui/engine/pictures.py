"""From a picture file to the pixels that a network reads; the same for training and prediction."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from resnet_gui.spec.choices import Shape
from resnet_gui.spec.errors import InputError

FORMATS: Final = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "PPM")
"""Only these are tried: Pillow knows seventy, some of which start other programs."""

SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".pgm", ".ppm", ".pbm"})
MAX_PIXELS: Final = 100_000_000


def is_picture(path: Path) -> bool:
    """Whether a name looks like a picture's; hidden files (``._a.png`` of macOS too) do not."""
    return path.suffix.casefold() in SUFFIXES and not path.name.startswith(".")


def open_picture(path: Path) -> Image.Image:
    """Decode a picture, upright, its first frame.

    Raises:
        InputError: it is missing, no picture, damaged, or larger than 100 megapixels (told before decoding).
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns above 89 megapixels; the limit here is ours and is an error.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            # From an open file: given a path, Pillow maps TIFFs into memory and turns them with the wrong row length.
            with path.open("rb") as file, Image.open(file, formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise InputError(
                        f"{path} has {image.width}×{image.height} pixels; more than 100 megapixels are not decoded."
                    )
                image.seek(0)
                return ImageOps.exif_transpose(image.copy())
    except InputError:
        raise
    except FileNotFoundError as error:
        raise InputError(f"There is no picture {path}.") from error
    except IsADirectoryError as error:
        raise InputError(f"{path} is a folder, not a picture.") from error
    except UnidentifiedImageError as error:
        raise InputError(f"{path} is not a picture that can be read (PNG, JPEG, WebP, BMP, GIF, TIFF).") from error
    except Image.DecompressionBombError as error:
        raise InputError(f"{path} has too many pixels; more than 100 megapixels are not decoded.") from error
    except Exception as error:  # noqa: BLE001, RUF100 (decoders raise anything: SyntaxError, struct.error, ...)
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise InputError(f"{path} cannot be read: {str(reason).rstrip('.')}.") from error


def _flat(image: Image.Image, mode: str) -> Image.Image:
    """Any of Pillow's modes as 8-bit grey or RGB; transparency is put on white."""
    if image.mode.startswith(("I", "F")):
        # 16-bit and float greys: Pillow's own conversion clips at 255 instead of scaling.
        pixels = np.asarray(image, dtype=np.float64)
        top = 65535.0 if image.mode.startswith("I") else max(float(pixels.max(initial=0.0)), 1.0)
        scaled = np.clip(np.nan_to_num(pixels) / top * 255.0, 0, 255)
        return Image.fromarray(np.round(scaled).astype(np.uint8)).convert(mode)
    if image.mode in {"LA", "La", "PA", "RGBA", "RGBa"} or "transparency" in image.info:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert(mode)
    return image.convert(mode)


def pixels(image: Image.Image, shape: Shape) -> NDArray[np.uint8]:
    """Fit a picture to a network's input: cut to its aspect ratio around the centre, then resized (antialiased).

    Args:
        image: any mode.
        shape: (1 or 3, height, width).

    Returns:
        uint8 array of that shape.

    Raises:
        InputError: pictures do not have that number of channels.
    """
    channels, height, width = shape
    if channels not in {1, 3}:
        raise InputError(f"The design reads {channels} channels, but pictures have 1 (grey) or 3 (colour).")
    try:
        flat = _flat(image, "L" if channels == 1 else "RGB")
    except (ValueError, MemoryError) as error:
        raise InputError(f"Its colours ({image.mode}) cannot be converted: {str(error).rstrip('.')}.") from error
    if flat.size != (width, height):
        flat = ImageOps.fit(flat, (width, height), method=Image.Resampling.BILINEAR)
    array = np.array(flat, dtype=np.uint8)
    return array[None] if channels == 1 else np.ascontiguousarray(array.transpose(2, 0, 1))


def read_pixels(path: Path, shape: Shape) -> NDArray[np.uint8]:
    """``open_picture``, then ``pixels``."""
    image = open_picture(path)
    try:
        return pixels(image, shape)
    except InputError as error:
        raise InputError(f"{path} cannot be used: {error}") from error


def pictures_below(folder: Path) -> list[Path]:
    """The pictures in and below a folder in the order of their names; what is hidden is left out."""
    return sorted(
        path
        for path in folder.rglob("*")
        if is_picture(path)
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    )


def find_pictures(paths: Iterable[Path]) -> list[Path]:
    """Files as they are, folders as the pictures in and below them, in the order of their names.

    Raises:
        InputError: a path is missing, or a folder holds no picture.
    """
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = pictures_below(path)
        if not inside:
            raise InputError(f"The folder {path} holds no pictures.")
        found.extend(inside)
    return found
