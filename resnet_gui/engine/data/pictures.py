"""From a picture file to the pixels that a network reads; the same for training and prediction."""

from __future__ import annotations

import stat
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile, ImageOps, UnidentifiedImageError

from resnet_gui.base.errors import InputError
from resnet_gui.data.file_kinds import PICTURE_KINDS, PICTURE_SUFFIXES, TOO_MANY_PIXELS
from resnet_gui.data.grey_range import EACH_ITS_OWN, GreyRange
from resnet_gui.data.preprocessing import (
    PixelBox,
    Scaling,
    Size,
    centred,
    crop_places,
    padded,
    random_crop,
    scaled_size,
    short_side,
)
from resnet_gui.design.bounds import Shape
from resnet_gui.engine.data.greys import as_bytes, is_deep, keep_said
from resnet_gui.engine.data.plain_jpegs import count_scans, read_plain

FORMATS: Final = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "PPM", "AVIF", "JPEG2000")
"""Only these are tried: Pillow knows seventy, some of which start other programs."""

SUFFIXES: Final = frozenset(PICTURE_SUFFIXES)
PLAIN: Final = Scaling()
"""The largest centred part of the input's aspect ratio."""

MAX_PIXELS: Final = 100_000_000
"""What is decoded: 400 MB as Pillow holds it."""

MAX_PHOTO_PIXELS: Final = 200_000_000
"""Of a JPEG, the largest of which are decoded at half their size: what the largest sensors of phones make."""

MAX_BYTES: Final = 1_000_000_000
MAX_SCANS: Final = 100
MAX_SCALED: Final = 100_000
SIDEWAYS: Final = range(5, 9)
"""The EXIF orientations of pictures that are stored on their side."""

TILE_WIDTH: Final = 322
TILE_LENGTH: Final = 323

# Set once and for all threads: ``warnings.catch_warnings`` in one of them undoes that of another. What Pillow warns of
# (a picture above its limit, which is lower than ours, or a broken EXIF entry) is an error here or of no interest.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("ignore", module=r"PIL\.")


def open_picture(path: Path) -> Image.Image:
    """Decode a picture, upright, its first frame.

    Raises:
        InputError: it is missing, no picture, damaged, or too large (told before decoding): above
            100 megapixels, a JPEG above 200.
    """
    return _opened(path, None).image


class PictureHeader(msgspec.Struct, frozen=True):
    """The header of a picture file, read before anything is decoded.

    Attributes:
        size: width and height as they are stored; a camera on its side has changed them.
        mode: Pillow's name of the kind of its pixels.
        cut: whether its colours (or greys with transparency) have 16 bits, of which Pillow reads the upper 8.
    """

    size: tuple[int, int]
    mode: str
    cut: bool = False


def read_header(path: Path) -> PictureHeader:
    """What a picture file says of itself; nothing is decoded.

    Raises:
        InputError: it is missing, no picture, or damaged in its first part.
    """
    try:
        _check_file(path)
        with path.open("rb") as file, Image.open(file, formats=FORMATS) as image:
            return PictureHeader(image.size, image.mode, _is_cut(image))
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001, RUF100 (parsers raise anything: SyntaxError, struct.error, ...)
        raise InputError(f"{path} cannot be read: {str(error).rstrip('.')}.") from error


def _is_cut(image: ImageFile.ImageFile) -> bool:
    """Whether more than 8 bits of each channel lie in the file of a picture whose mode has 8."""
    args = image.tile[0].args if image.tile else None
    stored = args[0] if isinstance(args, tuple) and args else args
    return isinstance(stored, str) and ";16" in stored and not is_deep(image.mode)


class _DecodedPicture(NamedTuple):
    """A decoded picture, its upright size on disk, and whether it has 16 bits there, of which 8 are read."""

    image: Image.Image
    size: Size
    cut: bool


def _opened(path: Path, enough: Callable[[Size], Size] | None) -> _DecodedPicture:
    """Decode a picture.

    Args:
        path: of the file.
        enough: from the upright size to the width and height that are enough; a JPEG is then decoded at a half, a
            quarter or an eighth of its size, as long as it stays at least so large. One of more than 100 megapixels
            is always decoded at a half of its size or less.

    Raises:
        InputError: it cannot be decoded, or must not be.
    """
    try:
        _check_file(path)
        # From an open file: given a path, Pillow maps TIFFs into memory and turns them with the wrong row length.
        with path.open("rb") as file:
            if enough is None and (plain := read_plain(file)) is not None:
                return _DecodedPicture(plain, plain.size, False)
            with Image.open(file, formats=FORMATS) as image:
                _check_claims(path, file, image)
                image.seek(0)
                size, cut = image.size, _is_cut(image)
                if image.format in {"JPEG", "MPO"} and (wanted := _enough_to_decode(image, enough)) != size:
                    image.draft(None, wanted)
                keep_said(image, file)
                _mend_transparency(image)
                image.load()
                return _DecodedPicture(image, size[::-1] if _set_upright(image) else size, cut)
    except InputError:
        raise
    except FileNotFoundError as error:
        raise InputError(f"There is no picture {path}.") from error
    except IsADirectoryError as error:
        raise InputError(f"{path} is a folder, not a picture.") from error
    except UnidentifiedImageError as error:
        raise InputError(f"{path} is not a picture that can be read ({PICTURE_KINDS}).") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InputError(f"{path} has too many pixels; more than 100 {TOO_MANY_PIXELS}") from error
    except Exception as error:  # noqa: BLE001, RUF100 (decoders raise anything: SyntaxError, struct.error, ...)
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise InputError(f"{path} cannot be read: {str(reason).rstrip('.')}.") from error


def _enough_to_decode(image: Image.Image, enough: Callable[[Size], Size] | None) -> Size:
    """The width and height as stored, or less, that are enough of a JPEG."""
    wide, high = size = image.size
    if enough is not None:
        size = enough(size[::-1])[::-1] if _is_sideways(image) else enough(size)
    if wide * high > MAX_PIXELS:
        size = min(size[0], wide // 2), min(size[1], high // 2)
    return size


def _check_file(path: Path) -> None:
    """Refuse what never ends (opening a pipe waits for its writer) and what decoders would take whole into memory."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
        raise InputError(f"{path} is a pipe or a device, not a picture.")
    if status.st_size > MAX_BYTES:
        raise InputError(f"{path} has {status.st_size / 1e9:.1f} GB; a picture of more than 1 GB is not read.")


def _check_claims(path: Path, file: BinaryIO, image: Image.Image) -> None:
    """Refuse what would take too much memory or time to decode; only headers have been read so far."""
    tags: Mapping[int, int] = getattr(image, "tag_v2", {})
    # A TIFF of few pixels may have one tile of many.
    # A progressive one is held whole at whatever size it is decoded.
    reducible = image.format in {"JPEG", "MPO"} and not image.info.get("progressive")
    most = MAX_PHOTO_PIXELS if reducible else MAX_PIXELS
    for width, height in (image.size, (tags.get(TILE_WIDTH, 0), tags.get(TILE_LENGTH, 0))):
        if width * height > most:
            raise InputError(f"{path} has {width}×{height} pixels; more than {most // 10**6} {TOO_MANY_PIXELS}")
    if image.format in {"JPEG", "MPO"}:
        place = file.tell()
        file.seek(0)
        scans = count_scans(file.read(), MAX_SCANS)
        file.seek(place)
        if scans > MAX_SCANS:
            raise InputError(f"{path} paints its pixels more than {MAX_SCANS} times over; that is not decoded.")


def _mend_transparency(image: ImageFile.ImageFile) -> None:
    """Scale a PNG's transparent colour as its pixels are: Pillow leaves it at the depth of the file."""
    depth = image.tile[0].args if image.tile else None
    clear = image.info.get("transparency")
    if isinstance(clear, int) and depth in {"L;2", "L;4"}:
        image.info["transparency"] = clear * (85 if depth == "L;2" else 17)
    elif isinstance(clear, tuple) and depth == "RGB;16B":
        image.info["transparency"] = tuple(value >> 8 for value in clear)


def _is_sideways(image: Image.Image) -> bool:
    """Whether a picture is stored on its side, as its EXIF data says; not where they cannot be read."""
    try:
        return image.getexif().get(ExifTags.Base.Orientation) in SIDEWAYS
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001, RUF100 (parsers raise anything)
        return False


def _set_upright(image: Image.Image) -> bool:
    """Turn a decoded picture as its EXIF data says; as it is where they cannot be read.

    Returns:
        whether its width and height have changed places.
    """
    sideways = _is_sideways(image)
    try:
        # In place: the other way copies every picture, also one that stands upright.
        ImageOps.exif_transpose(image, in_place=True)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001, RUF100 (parsers raise anything; after a turn too, when they write the rest anew)
        return sideways
    return sideways


def _flat(image: Image.Image, mode: str, greys: GreyRange) -> Image.Image:
    """Any of Pillow's modes as 8-bit grey or RGB; transparency is put on white."""
    if is_deep(image.mode):
        return as_bytes(image, greys).convert(mode)
    if image.mode in {"LA", "La", "PA", "RGBA", "RGBa"} or "transparency" in image.info:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert(mode)
    # Pillow knows no way from LAB to grey.
    return (image.convert("RGB") if image.mode == "LAB" else image).convert(mode)


def pixels(image: Image.Image, shape: Shape, how: Scaling = PLAIN) -> NDArray[np.uint8]:
    """Bring a picture of any mode to a network's input (1 or 3, height, width), antialiased.

    Raises:
        InputError: pictures do not have that number of channels, or it would be too large when scaled.
    """
    made: NDArray[np.uint8] = crops(flat_image(image, shape[0], how.greys), shape, how, 1)[0]
    return made


class PreparedPicture(msgspec.Struct, frozen=True):
    """A picture as a network reads it.

    Attributes:
        size: width and height of the upright original.
        pixels: uint8 array (crops, channels, height, width), not normalised.
        cut: whether its colours had 16 bits, of which the upper 8 are read.
    """

    size: tuple[int, int]
    pixels: NDArray[np.uint8]
    cut: bool = False


RESAMPLING: Final = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
SPARE: Final = 2
"""A picture that is decoded smaller stays this much larger than what it is scaled to, so that answers hardly change."""


def prepare(path: Path, shape: Shape, how: Scaling, *, views: int = 1, quick: bool = False) -> PreparedPicture:
    """Decode a picture and cut a network's input out of it, as torchvision's transforms do where ``how`` resizes.

    Args:
        path: of the file.
        shape: (1 or 3, height, width) of the input.
        how: how it is scaled.
        views: 1 or 10 crops.
        quick: whether a large JPEG is decoded at a fraction of its size.

    Raises:
        InputError: it cannot be read or used.
    """
    side = SPARE * max(short_side(shape, how, views), *shape[1:])
    found = _opened(path, (lambda _size: (side, side)) if quick else None)
    try:
        flat = flat_image(found.image, shape[0], how.greys)
        return PreparedPicture(found.size, crops(flat, shape, how, views), found.cut)
    except InputError as error:
        raise InputError(f"{path} cannot be used: {error}") from error


def crops(flat: Image.Image, shape: Shape, how: Scaling, views: int) -> NDArray[np.uint8]:
    """Cut 1 or 10 inputs (views, channels, height, width) out of an 8-bit grey or RGB picture; may raise InputError."""
    height, width = shape[1:]
    if how.fit == "crop" and not short_side(shape, how, views):
        if flat.size != (width, height):
            flat = ImageOps.fit(flat, (width, height), method=RESAMPLING[how.interpolation])
        return _array(flat)[None]
    scaled = scaled_size(flat.size, shape, how, views)
    if max(scaled) > MAX_SCALED or scaled[0] * scaled[1] > MAX_PIXELS:
        # A narrow picture, or a short side that somebody chose.
        raise InputError(f"it would have {scaled[0]:,}×{scaled[1]:,} pixels when scaled, which is too many.")
    flat = _at_size(flat, scaled, how)
    # What sticks out of the picture is black, as torchvision pads it. Mirrored before it is cut, as in its TenCrop:
    # where the centre has no middle pixel, the mirrored one lies a pixel beside.
    pictures = (flat,) if views == 1 else (flat, ImageOps.mirror(flat))
    return np.stack(
        [
            _array(image.crop((left, top, left + width, top + height)))
            for image in pictures
            for left, top in crop_places(scaled, shape, views)
        ]
    )


def _at_size(flat: Image.Image, scaled: Size, how: Scaling) -> Image.Image:
    """A picture at a size of any shape: stretched to it, or between black bars."""
    inner = padded(flat.size, scaled) if how.fit == "pad" else scaled
    found = flat.resize(inner, RESAMPLING[how.interpolation]) if flat.size != inner else flat
    if inner == scaled:
        return found
    left, top = centred(inner, scaled)
    # What is cut out beside the picture is black.
    return found.crop((left, top, left + scaled[0], top + scaled[1]))


def _array(image: Image.Image) -> NDArray[np.uint8]:
    array = np.array(image, dtype=np.uint8)
    return array[None] if array.ndim == 2 else np.ascontiguousarray(array.transpose(2, 0, 1))


def check_channels(channels: int) -> None:
    """Refuse an input that no picture can be brought to.

    Raises:
        InputError: pictures do not have that number of channels.
    """
    if channels not in {1, 3}:
        raise InputError(f"The design reads {channels} channels, but pictures have 1 (grey) or 3 (colour).")


def flat_image(image: Image.Image, channels: int, greys: GreyRange = EACH_ITS_OWN) -> Image.Image:
    """A picture as 8-bit grey or RGB; ``greys`` says what is black and white among greys of more bits.

    Raises:
        InputError: pictures do not have that number of channels, or these colours cannot be converted.
    """
    check_channels(channels)
    try:
        return _flat(image, "L" if channels == 1 else "RGB", greys)
    except (ValueError, MemoryError) as error:
        raise InputError(f"Its colours ({image.mode}) cannot be converted: {str(error).rstrip('.')}.") from error


def read_pixels(path: Path, shape: Shape, how: Scaling = PLAIN) -> NDArray[np.uint8]:
    """``open_picture``, then ``pixels``."""
    made: NDArray[np.uint8] = prepare(path, shape, how).pixels[0]
    return made


def read_crop(path: Path, shape: Shape, how: Scaling, chances: Sequence[float]) -> NDArray[np.uint8]:
    """Cut a random part out of a picture as it is on disk, and bring it to a network's input, antialiased.

    A large JPEG is decoded at a fraction of its size as long as the part has the input's resolution.

    Args:
        path: of the file.
        shape: (1 or 3, height, width) of the input.
        how: pixels are resampled, and deep greys become bytes; the part is stretched to the input whatever the fit.
        chances: see ``random_crop``.

    Raises:
        InputError: it cannot be read or used.
    """
    height, width = shape[1:]

    def enough(size: Size) -> Size:
        box = random_crop(size, chances)
        return -(-width * size[0] // (box.right - box.left)), -(-height * size[1] // (box.bottom - box.top))

    image, size, _ = _opened(path, enough)
    try:
        flat, box = flat_image(image, shape[0], how.greys), random_crop(size, chances)
        if flat.size != size:
            across, down = flat.width / size[0], flat.height / size[1]
            box = PixelBox(
                round(box.left * across), round(box.top * down), round(box.right * across), round(box.bottom * down)
            )
        # Cut first, as torchvision does: a resize of a box would look at pixels beside it.
        return _array(flat.crop(box).resize((width, height), RESAMPLING[how.interpolation]))
    except InputError as error:
        raise InputError(f"{path} cannot be used: {error}") from error
