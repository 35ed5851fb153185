"""Greys of more than 8 bits as bytes: scaled by what their file says, by what their set uses, or by their own values.

Cameras, X-rays and microscopes keep 10, 12 or 14 bits in files of 16. Scaled by what 16 bits could hold, sixteen
greys of four thousand would be left of a picture of 12 bits.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, BinaryIO, Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from resnet_gui.data.grey_range import EACH_ITS_OWN, FULL_RANGE, GreyRange, Range

STRIP: Final = 1 << 20
"""Pixels that are converted at once: sixteen bits as doubles would take eight times the memory of the picture."""

KEY: Final = "resnet-explorer-greys"
"""Where ``Image.info`` keeps what the file says."""

BITS_PER_SAMPLE: Final = 258
PHOTOMETRIC: Final = 262
LARGEST: Final = (281, 341)
"""MaxSampleValue and SMaxSampleValue: the largest value that is used (TIFF 6.0, section 8 and page 78)."""

CONTAINER: Final = 16
NOISE: Final = 0.1
"""What floating-point numbers may fall below 0, as a part of their largest, without being values of their own."""


class FileGreys(msgspec.Struct, frozen=True):
    """The greys of a file as it describes them itself.

    Attributes:
        bits: that its values have, fewer than the file has room for, or all of them where the decoder has scaled them;
            0 where it does not say.
        largest: value that it uses; 0 where it does not say.
        inverted: whether 0 is white.
    """

    bits: int = 0
    largest: float = 0.0
    inverted: bool = False


def is_deep(mode: str) -> bool:
    """Whether pictures of one of Pillow's modes are greys of more than 8 bits."""
    return mode.startswith(("I", "F"))


def keep_said(image: Image.Image, file: BinaryIO) -> None:
    """Keep what the file of a picture that is open and not decoded yet says of its greys in ``Image.info``."""
    if is_deep(image.mode):
        image.info[KEY] = _said(image, file)


def _said(image: Image.Image, file: BinaryIO) -> FileGreys:
    match image.format:
        case "PNG":
            return FileGreys(bits=_significant_bits(file))
        case "TIFF":
            tags: Any = getattr(image, "tag_v2", {})
            first: Any = (tags.get(BITS_PER_SAMPLE) or (0,))[0]
            bits = int(first) if isinstance(first, int) and first < CONTAINER else 0
            largest = max((_first_number(tags.get(tag)) for tag in LARGEST), default=0.0)
            return FileGreys(bits=bits, largest=largest, inverted=tags.get(PHOTOMETRIC) == 0)
        case "PPM":
            # Where its header names another largest value, Pillow has scaled all values to 16 bits.
            tile: Any = getattr(image, "tile", ())
            args = tile[0].args if tile else None
            scaled = isinstance(args, tuple) and len(args) == 2 and args[1] != 2**CONTAINER - 1
            return FileGreys(bits=CONTAINER if scaled and image.mode == "I" else 0)
    return FileGreys()


def _first_number(value: Any) -> float:
    first = value[0] if isinstance(value, tuple) and value else value
    return float(first) if isinstance(first, int | float) and np.isfinite(first) else 0.0


def _significant_bits(file: BinaryIO) -> int:
    """Bits of a grey PNG's values by its chunk sBIT; 0 where it has none."""
    place = file.tell()
    try:
        file.seek(8)
        while len(head := file.read(8)) == 8 and head[4:] not in {b"IDAT", b"IEND"}:
            length = int.from_bytes(head[:4], "big")
            if head[4:] == b"sBIT":
                return min(file.read(1)[0], CONTAINER) if length else 0
            file.seek(length + 4, 1)
        return 0
    finally:
        file.seek(place)


# ---- the range


def _extremes(values: NDArray[Any]) -> Range:
    """Smallest and largest number; 0 and 0 where there is none."""
    if values.dtype.kind != "f":
        return (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    finite = np.isfinite(values)
    if not finite.any():
        return 0.0, 0.0
    return (
        float(np.min(values, initial=np.inf, where=finite)),
        float(np.max(values, initial=-np.inf, where=finite)),
    )


def _whole_range(low: float, high: float) -> Range:
    """The range of the fewest bits, 8 at least, that holds whole numbers from ``low`` to ``high``."""
    black = -float(2 ** max(8, int(-low - 1).bit_length())) if low < 0 else 0.0
    return black, float(2 ** max(8, int(max(high, 0)).bit_length()) - 1)


def _real_range(low: float, high: float) -> Range:
    """From the smallest value to the largest; a little below 0 is noise around black, and 1 is the least white."""
    white = max(1.0, high)
    return (low if low < -NOISE * white else 0.0), white


def _certain_range(said: FileGreys, low: float, high: float) -> Range | None:
    """The range by the bits that a file says it has; None where it does not say or its values are of other bits."""
    if not said.bits or low < 0:
        return None
    white = float(2**said.bits - 1)
    # A PNG that keeps the rules has its significant bits in front (PNG, third edition, section 12.4): of full range.
    return (0.0, white) if high <= white else (0.0, float(2**CONTAINER - 1))


def _range(image: Image.Image, values: NDArray[Any], greys: GreyRange) -> Range:
    """Black and white of a picture."""
    said: FileGreys = image.info.get(KEY, FileGreys())
    real = values.dtype.kind == "f"
    if greys == FULL_RANGE:
        return (0.0, max(_extremes(values)[1], 1.0)) if real else (0.0, float(2**CONTAINER - 1))
    known = greys.real if real else greys.whole
    if real:
        low, high = _extremes(values) if known is None else (0.0, 0.0)
        black, white = known or _real_range(low, max(high, said.largest))
    else:
        low, high = _extremes(values) if known is None or said.bits else (0.0, 0.0)
        black, white = _certain_range(said, low, high) or known or _whole_range(low, max(high, said.largest))
    return (white, black) if said.inverted else (black, white)


def as_bytes(image: Image.Image, greys: GreyRange) -> Image.Image:
    """16-bit, 32-bit and float greys as 8-bit greys: Pillow's own conversion clips at 255 instead of scaling."""
    values = np.asarray(image)
    black, white = _range(image, values, greys)
    scaled = np.empty(values.shape, np.uint8)
    rows = max(1, STRIP // image.width)
    for row in range(0, image.height, rows):
        # What is no number is black, what is infinite white.
        with np.errstate(invalid="ignore"):
            part = np.nan_to_num(values[row : row + rows].astype(np.float64), nan=black, posinf=white, neginf=black)
        scaled[row : row + rows] = np.round(np.clip((part - black) / (white - black) * 255.0, 0, 255))
    if isinstance(clear := image.info.get("transparency"), int):
        scaled[values == clear] = 255
    return Image.fromarray(scaled)


# ---- of a whole set


def values_used(image: Image.Image) -> GreyRange:
    """The smallest and largest value of a decoded picture of deep greys; of neither kind where its file is certain."""
    said: FileGreys = image.info.get(KEY, FileGreys())
    values = np.asarray(image)
    low, high = _extremes(values)
    if values.dtype.kind == "f":
        return GreyRange(real=(low, max(high, said.largest)))
    if _certain_range(said, low, high) is not None:
        return EACH_ITS_OWN
    return GreyRange(whole=(low, max(high, said.largest)))


def is_finite(image: Image.Image) -> bool:
    """Whether all values of a decoded picture are finite numbers; NaN and infinity can stand among floats alone."""
    values = np.asarray(image)
    return values.dtype.kind != "f" or bool(np.isfinite(values).all())


def enclosing(used: Iterable[GreyRange]) -> GreyRange:
    """The range for all pictures of a set, by the values that some of them use."""
    found = tuple(used)
    whole = [each.whole for each in found if each.whole is not None]
    real = [each.real for each in found if each.real is not None]
    return GreyRange(
        whole=_whole_range(min(low for low, _ in whole), max(high for _, high in whole)) if whole else None,
        real=_real_range(min(low for low, _ in real), max(high for _, high in real)) if real else None,
    )
