"""Large pictures scaled in strips: turned upright and made flat on the way, and while the rest is still decoded.

Pillow resizes rows first and columns then, with a picture of bytes between the two. Rows know nothing of each other, so
that the first half can be done for some of them at a time, in any order and in several threads: the bytes are those of
a resize of the whole picture. What a strip holds stays in the processor's cache, and rows that no crop shows are left.
Of tall pictures Pillow 13 resizes the columns first, which gives other bytes; they are left to it as a whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from resnet_gui.data.preprocessing import Scaling, Size, centred, crop_places, scaled_size
from resnet_gui.design.bounds import Shape
from resnet_gui.engine.data.greys import is_deep
from resnet_gui.engine.data.scaling.crops import RESAMPLING, crops, crops_of, inner_size, is_fitted
from resnet_gui.engine.data.scaling.flat import flat_image, needed_channels
from resnet_gui.engine.data.scaling.turns import Turn, turn_of, upright_rows, upright_size

LARGE: Final = 1 << 20
"""Pixels from which on a picture is scaled in strips."""

STRIP: Final = 1 << 18
"""Pixels of a strip: a megabyte as Pillow holds them."""

REACH: Final = {"bilinear": 1.0, "bicubic": 2.0}
"""How far a pixel of a scaled picture looks, in pixels of the smaller of the two pictures."""

MARK: Final[dict[str, int | tuple[int, ...]]] = {"L": 1, "RGB": (1, 254, 3), "CMYK": (1, 254, 3, 1)}
"""A colour, by Pillow's mode, that few pictures have: where it still stands nothing was decoded yet."""


class _Range(NamedTuple):
    """Rows or columns of a picture: from ``start`` to, but without, ``end``."""

    start: int
    end: int


class StripScaling:
    """The way of one picture to a network's crops; a large one is scaled in strips.

    Where it is ``alone`` a second thread scales strips too, and what of a JPEG is decoded already is scaled while the
    rest is decoded::

        with StripScaling(shape, how, views, alone=True) as scaling:
            scaling.watch(image)  # opened, not decoded yet
            image.load()
            pixels = scaling.crops(image)
    """

    def __init__(self, shape: Shape, how: Scaling, views: int, *, alone: bool) -> None:
        """Nothing is begun yet.

        Args:
            shape: (1 or 3, height, width) of the input.
            how: how pictures are scaled.
            views: 1 or 10 crops.
            alone: whether no other picture is worked on meanwhile, so that a second thread has nothing else to do.
        """
        self._shape, self._how, self._views, self._alone = shape, how, views, alone
        self._helper: ThreadPoolExecutor | None = None
        self._strips: _Strips | None = None

    def __enter__(self) -> StripScaling:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._helper is not None:
            self._helper.shutdown(cancel_futures=True)

    def watch(self, image: ImageFile.ImageFile) -> None:
        """Have rows of a JPEG scaled as soon as they are decoded; call it when nothing of it is decoded yet."""
        # A progressive one comes as a whole at the end, and one that is turned has its rows in the wrong order.
        rowwise = image.format in {"JPEG", "MPO"} and image.mode in MARK and not image.info.get("progressive")
        if not (self._alone and rowwise and turn_of(image) is None and self._in_strips(image, image.size)):
            return
        # Of the same memory, and not itself: Pillow would begin to decode whatever thread asks a picture for a part.
        canvas = Image.new(image.mode, image.size)
        image.im = canvas.im
        self._strips = self._planned(canvas, None)
        self._strips.watch(image)

    def crops(self, image: Image.Image) -> NDArray[np.uint8]:
        """The crops (views, channels, height, width) of a picture.

        Args:
            image: decoded, as it is stored, of any mode; what ``watch`` was called with, if it was.

        Raises:
            InputError: it would be too large when scaled, or its colours cannot be converted.
        """
        shape, how, views = self._shape, self._how, self._views
        turn = turn_of(image)
        size = upright_size(image.size, turn)
        if not self._in_strips(image, size):
            flat = flat_image(image, needed_channels(image, shape[0]), how.greys)
            return crops(flat if turn is None else flat.transpose(turn), shape, how, views)

        def resize(inner: Size) -> Image.Image:
            # Planned here, where the size is known to be none that is too large.
            strips = self._strips or self._planned(image, turn)
            return strips.scaled(inner, RESAMPLING[how.interpolation])

        return crops_of(size, resize, shape, how, views)

    def _in_strips(self, image: Image.Image, size: Size) -> bool:
        """Whether a picture is scaled in strips; ``size`` is that of the upright one."""
        # The greys of a deep picture depend on all of them.
        if size[0] * size[1] < LARGE or is_deep(image.mode) or is_fitted(self._shape, self._how, self._views):
            return False
        return rows_come_first(
            size, inner_size(size, scaled_size(size, self._shape, self._how, self._views), self._how)
        )

    def _planned(self, image: Image.Image, turn: Turn | None) -> _Strips:
        """The strips of a picture."""
        size, resampling = upright_size(image.size, turn), RESAMPLING[self._how.interpolation]
        scaled = scaled_size(size, self._shape, self._how, self._views)
        width = inner_size(size, scaled, self._how)[0]
        channels, greys = needed_channels(image, self._shape[0]), self._how.greys

        def scale(rows: _Range) -> Image.Image:
            part = flat_image(upright_rows(image, turn, *rows), channels, greys)
            return part.resize((width, part.height), resampling)

        if self._alone:
            self._helper = ThreadPoolExecutor(1, "strips")
        return _Strips(image, size[1], scale, shown_parts(size, self._shape, self._how, self._views), self._helper)


def rows_come_first(size: Size, scaled: Size) -> bool:
    """Whether Pillow resizes rows before columns, from one width and height to another.

    Up to Pillow 12 it always did. From 13 on it begins with the columns where there is much more to be saved
    (its pull request 9549).
    """
    return size[1] - scaled[1] <= max(0, 2 * (size[0] - scaled[0]))


class ShownParts(NamedTuple):
    """The part of a picture that its crops show.

    Attributes:
        rows: of the upright picture, those on which the crops depend.
        columns: of the scaled picture, those that are in a crop.
    """

    rows: _Range
    columns: _Range


def shown_parts(size: Size, shape: Shape, how: Scaling, views: int) -> ShownParts:
    """The part of a picture that its crops show.

    Args:
        size: (width, height) of the upright picture.
        shape: (1 or 3, height, width) of the input.
        how: how it is scaled, as a whole.
        views: 1 or 10.
    """
    scaled = scaled_size(size, shape, how, views)
    inner = inner_size(size, scaled, how)
    across, down = centred(inner, scaled)  # negative where there are bars
    places = crop_places(scaled, shape, views)
    lefts, tops = [left + across for left, _ in places], [top + down for _, top in places]
    scale = size[1] / inner[1]
    # One more for what is rounded.
    reach = REACH[how.interpolation] * max(1.0, scale) + 1
    first, last = math.floor(min(tops) * scale - reach), math.ceil((max(tops) + shape[1]) * scale + reach)
    return ShownParts(
        _Range(max(0, first), min(size[1], last)),
        _Range(max(0, min(lefts)), min(inner[0], max(lefts) + shape[2])),
    )


class _Strips:
    """The strips of one picture, each of which is scaled once."""

    def __init__(
        self, image: Image.Image, height: int, scale: Callable[[_Range], Image.Image], shown: ShownParts,
        helper: ThreadPoolExecutor | None,
    ) -> None:  # fmt: skip
        """Plan them.

        Args:
            image: decoded, or the memory that it is decoded into.
            height: of the upright picture.
            scale: brings some rows to the width of the scaled picture.
            shown: what of the picture is needed.
            helper: scales too, if there is one.
        """
        self._image, self._height, self._scale, self._helper = image, height, scale, helper
        rows = max(1, STRIP * height // (image.width * image.height))
        tops = range(*shown.rows, rows)
        self._rows, self._columns = [_Range(top, min(top + rows, shown.rows.end)) for top in tops], shown.columns
        self._begun: list[Future[Image.Image]] = []

    def watch(self, image: ImageFile.ImageFile) -> None:
        """Give strips to the helper while a picture is decoded into ``self._image``."""
        mark = MARK[image.mode]
        ends = [rows.end for rows in self._rows if rows.end < self._height]
        for row in ends:
            self._image.putpixel((0, row), mark)
        read = image.load_read  # type: ignore[attr-defined]

        def watching(count: int) -> bytes:
            """Called for every further piece of the file, when as much as possible of the last one was decoded."""
            # Whatever row has been begun, those above it are whole.
            decoded = [
                number
                for number in range(len(self._begun), len(ends))
                if self._image.getpixel((0, ends[number])) != mark
            ]
            if decoded:
                self._begin(decoded[-1] + 1)
            found: bytes = read(count)
            return found

        image.load_read = watching  # type: ignore[attr-defined]

    def _begin(self, count: int) -> None:
        """Give strips to the helper, until it was given so many."""
        if self._helper is not None:
            for rows in self._rows[len(self._begun) : count]:
                self._begun.append(self._helper.submit(self._scale, rows))

    def scaled(self, size: Size, resampling: Image.Resampling) -> Image.Image:
        """The picture at its scaled size, black where no crop shows it; it is all decoded now."""
        self._begin(len(self._rows))
        parts = self._wide_as_scaled()
        left, right = self._columns
        tall = Image.new(parts[0].mode, (right - left, self._height))
        for rows, part in zip(self._rows, parts, strict=True):
            tall.paste(part.crop((left, 0, right, part.height)), (0, rows.start))
        made = Image.new(tall.mode, size)
        made.paste(tall.resize((right - left, size[1]), resampling), (left, 0))
        return made

    def _wide_as_scaled(self) -> list[Image.Image]:
        """Every strip, scaled: the helper goes on with the first ones, and this thread does the last ones meanwhile."""
        if self._helper is None:
            return list(map(self._scale, self._rows))
        parts = [
            self._scale(rows) if future.cancel() else future.result()
            for rows, future in zip(reversed(self._rows), reversed(self._begun), strict=True)
        ]
        return parts[::-1]
