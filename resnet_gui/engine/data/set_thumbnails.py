"""Test pictures of a run, to be looked at."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from resnet_gui.base.errors import InputError
from resnet_gui.engine.data.datasets import DataSet, load
from resnet_gui.engine.data.loaders import resized
from resnet_gui.engine.data.pictures import read_pixels
from resnet_gui.protocol.events import Thumbnail, ThumbnailsLoaded
from resnet_gui.protocol.jobs import ShowPictures
from resnet_gui.runs.folder import read_run_info

MOST: Final = 64
_kept: dict[str, DataSet] = {}
"""The last data set that was looked into: its pictures are asked for again and again."""


def show_pictures(job: ShowPictures) -> ThumbnailsLoaded:
    """Read some test pictures as the network gets them.

    Raises:
        InputError: the data set is gone or has changed.
    """
    info = read_run_info(Path(job.run))
    key = info.data.sha256 + str(info.spec.input)
    if key not in _kept:
        _kept.clear()
        found = load(info.recipe.data, info.spec.input, known=info.data, recipe=info.recipe)
        if found.identity.sha256 != info.data.sha256:
            raise InputError(f"The pictures of '{info.recipe.data}' have changed since this run; they are not shown.")
        _kept[key] = found
    split, how = _kept[key].test, _kept[key].scaling
    shown = []
    for index in job.indices[:MOST]:
        if not 0 <= index < len(split.labels):
            continue
        path = split.files[index] if split.files else None
        if split.streamed and path is not None:
            array = read_pixels(path, info.spec.input, how)
        else:
            array = resized(split.images[index : index + 1], info.spec.input, how)[0].numpy()
        shown.append(Thumbnail(index, as_png(array), str(path or "")))
    return ThumbnailsLoaded(job.job, tuple(shown))


def as_png(array: NDArray[np.uint8], most: int = 0) -> bytes:
    """A picture (C, H, W) as PNG; with ``most`` its longer side has at most so many pixels."""
    image = Image.fromarray(array[0] if array.shape[0] == 1 else array.transpose(1, 2, 0))
    if most:
        image.thumbnail((most, most))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
