"""How a camera was held: what turns a stored picture upright, and which part of it some upright rows are."""

from __future__ import annotations

from typing import Final

from PIL import ExifTags, Image

from resnet_gui.data.preprocessing import PixelBox, Size

Turn = Image.Transpose

TURNS: Final = {
    2: Turn.FLIP_LEFT_RIGHT,
    3: Turn.ROTATE_180,
    4: Turn.FLIP_TOP_BOTTOM,
    5: Turn.TRANSPOSE,
    6: Turn.ROTATE_270,
    7: Turn.TRANSVERSE,
    8: Turn.ROTATE_90,
}
"""By the EXIF orientation (EXIF 2.3, section 4.6.4); 1 stands upright."""

SIDEWAYS: Final = frozenset({Turn.TRANSPOSE, Turn.ROTATE_270, Turn.TRANSVERSE, Turn.ROTATE_90})
"""What turns pictures that are stored on their side: width and height change places."""

FROM_THE_END: Final = frozenset({Turn.ROTATE_180, Turn.FLIP_TOP_BOTTOM, Turn.TRANSVERSE, Turn.ROTATE_90})
"""What turns pictures whose first upright row is the last row or column in the file."""


def turn_of(image: Image.Image) -> Turn | None:
    """What turns a picture upright, as its EXIF data says; None where it stands so, or they cannot be read."""
    try:
        return TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001, RUF100 (parsers raise anything)
        return None


def upright_size(size: Size, turn: Turn | None) -> Size:
    """Width and height of a stored picture after its turn."""
    return size[::-1] if turn in SIDEWAYS else size


def upright_rows(image: Image.Image, turn: Turn | None, top: int, bottom: int) -> Image.Image:
    """Some rows of the upright picture, of which the others are not turned.

    Args:
        image: as it is stored, decoded.
        turn: what turns it upright.
        top: number of the first row.
        bottom: number of the first one that is left out.
    """
    if turn in FROM_THE_END:
        height = upright_size(image.size, turn)[1]
        top, bottom = height - bottom, height - top
    width, height = image.size
    box = PixelBox(top, 0, bottom, height) if turn in SIDEWAYS else PixelBox(0, top, width, bottom)
    part = image.crop(box)
    return part if turn is None else part.transpose(turn)
