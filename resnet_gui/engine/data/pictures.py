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
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from resnet_gui.base.errors import InputError
from resnet_gui.data.file_kinds import CONVERTIBLE, PICTURE_KINDS, PICTURE_SUFFIXES, TOO_MANY_PIXELS, conversion
from resnet_gui.data.preprocessing import PixelBox, Scaling, Size, random_crop, short_side
from resnet_gui.design.bounds import Shape
from resnet_gui.engine.data.greys import is_deep, keep_said
from resnet_gui.engine.data.plain_jpegs import count_scans, read_plain
from resnet_gui.engine.data.scaling.crops import RESAMPLING, as_array, crops
from resnet_gui.engine.data.scaling.flat import flat_image
from resnet_gui.engine.data.scaling.strips import StripScaling
from resnet_gui.engine.data.scaling.turns import SIDEWAYS, turn_of, upright_size

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
    """A decoded picture, its upright size on disk, and whether it has 16 bits there, of which 8 are read.

    It stands upright, or as it is stored where a scaling turns it.
    """

    image: Image.Image
    size: Size
    cut: bool


def _opened(path: Path, enough: Callable[[Size], Size] | None, scaling: StripScaling | None = None) -> _DecodedPicture:
    """Decode a picture.

    Args:
        path: of the file.
        enough: from the upright size to the width and height that are enough; a JPEG is then decoded at a half, a
            quarter or an eighth of its size, as long as it stays at least so large. One of more than 100 megapixels
            is always decoded at a half of its size or less.
        scaling: that takes the picture as it is stored, and may begin before all of it is decoded.

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
                if scaling is not None:
                    scaling.watch(image)
                image.load()
                turn = turn_of(image)
                if scaling is None:
                    _set_upright(image)
                return _DecodedPicture(image, upright_size(size, turn), cut)
    except InputError:
        raise
    except FileNotFoundError as error:
        raise InputError(f"There is no picture {path}.") from error
    except IsADirectoryError as error:
        raise InputError(f"{path} is a folder, not a picture.") from error
    except UnidentifiedImageError as error:
        advice = f"; {conversion(1)}" if path.suffix.lower() in CONVERTIBLE else ""
        raise InputError(f"{path} is not a picture that can be read ({PICTURE_KINDS}){advice}.") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InputError(f"{path} has too many pixels; more than 100 {TOO_MANY_PIXELS}") from error
    except Exception as error:  # noqa: BLE001, RUF100 (decoders raise anything: SyntaxError, struct.error, ...)
        reason = str(getattr(error, "strerror", None) or str(error) or type(error).__name__)
        # As Pillow writes it of a file that lacks its last byte.
        reason = reason.replace("(1 bytes ", "(1 byte ").rstrip(".")
        raise InputError(f"{path} cannot be read: {reason}.") from error


def _enough_to_decode(image: Image.Image, enough: Callable[[Size], Size] | None) -> Size:
    """The width and height as stored, or less, that are enough of a JPEG."""
    wide, high = size = image.size
    if enough is not None:
        size = enough(size[::-1])[::-1] if turn_of(image) in SIDEWAYS else enough(size)
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


def _set_upright(image: Image.Image) -> None:
    """Turn a decoded picture as its EXIF data says; as it is where they cannot be read."""
    try:
        # In place: the other way copies every picture, also one that stands upright.
        ImageOps.exif_transpose(image, in_place=True)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001, RUF100 (parsers raise anything; after a turn too, when they write the rest anew)
        return


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


SPARE: Final = 2
"""A picture that is decoded smaller stays this much larger than what it is scaled to, so that answers hardly change."""


def prepare(
    path: Path, shape: Shape, how: Scaling, *, views: int = 1, quick: bool = False, alone: bool = False
) -> PreparedPicture:
    """Decode a picture and cut a network's input out of it, as torchvision's transforms do where ``how`` resizes.

    Args:
        path: of the file.
        shape: (1 or 3, height, width) of the input.
        how: how it is scaled.
        views: 1 or 10 crops.
        quick: whether a large JPEG is decoded at a fraction of its size.
        alone: whether nothing else is done meanwhile, so that a second processor may help.

    Raises:
        InputError: it cannot be read or used.
    """
    side = SPARE * max(short_side(shape, how, views), *shape[1:])
    with StripScaling(shape, how, views, alone=alone) as scaling:
        found = _opened(path, (lambda _size: (side, side)) if quick else None, scaling)
        try:
            return PreparedPicture(found.size, scaling.crops(found.image), found.cut)
        except InputError as error:
            raise InputError(f"{path} cannot be used: {error}") from error


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
        return as_array(flat.crop(box).resize((width, height), RESAMPLING[how.interpolation]), shape[0])
    except InputError as error:
        raise InputError(f"{path} cannot be used: {error}") from error
