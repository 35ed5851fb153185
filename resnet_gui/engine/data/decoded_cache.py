"""Decoded folders, kept in the program's own folder so that a run starts at once the next time."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from resnet_gui.base.files import AtomicPath, data_folder, make_room
from resnet_gui.data.grey_range import EACH_ITS_OWN, FULL_RANGE
from resnet_gui.data.preprocessing import Scaling
from resnet_gui.design.bounds import Shape
from resnet_gui.engine.data.folders import Listing

MAX_TOTAL: Final = 2 * 2**30
"""Bytes of all that is kept; the oldest goes first."""

WORTH: Final = 2_000
"""Fewer pictures are read as quickly from their files."""

MOST_SKIPPED: Final = 200
Part = tuple[NDArray[np.uint8], NDArray[np.bool_], list[str]]


def cache_folder() -> Path:
    """Where decoded folders are kept."""
    return data_folder() / "cache"


def _path(listing: Listing, shape: Shape, how: Scaling) -> Path:
    size = "x".join(map(str, shape))
    # Files are the same, pixels are not where they are scaled or fitted in another way.
    # By its place too: files elsewhere may have the same names, sizes and times, and other bytes.
    key = hashlib.sha256(
        f"{listing.folder.resolve()}\0{listing.fingerprint(times=True)}".encode(errors="surrogateescape")
    ).hexdigest()
    if how.greys != FULL_RANGE:
        key = hashlib.sha256(key.encode() + msgspec.json.encode(how.greys)).hexdigest()
    if (plain := msgspec.structs.replace(how, greys=EACH_ITS_OWN)) != Scaling():
        key = hashlib.sha256(key.encode() + msgspec.json.encode(plain)).hexdigest()
    return cache_folder() / f"{key[:32]}-{size}.npz"


def read_cached(listing: Listing, read_as: tuple[Shape, Scaling]) -> list[Part] | None:
    """Pictures, which files are readable, and sentences for training and test; None if they are not kept."""
    if len(listing.train) + len(listing.test) < WORTH:
        return None
    try:
        # Opened here: of a damaged file numpy would leave its own open.
        with _path(listing, *read_as).open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            sentences: dict[str, str] = json.loads(str(file["skipped"]))
            parts: list[Part] = []
            for which in ("train", "test"):
                files = listing.part("train" if which == "train" else "test")[0]
                names = [path.relative_to(listing.folder).as_posix() for path in files]
                readable = np.array([name not in sentences for name in names])
                images = file[which]
                if images.shape != (int(readable.sum()), *read_as[0]) or images.dtype != np.uint8:
                    return None
                parts.append((images, readable, [sentences[name] for name in names if name in sentences]))
            return parts
    except Exception:  # noqa: BLE001, RUF100 (a damaged file is as good as none: zipfile, zlib, json, numpy, ...)
        return None


def write_cached(
    listing: Listing, read_as: tuple[Shape, Scaling], images: Sequence[Tensor], skipped: Sequence[str]
) -> None:
    """Keep what was decoded; a full disk is no error."""
    if len(listing.train) + len(listing.test) < WORTH or len(skipped) > MOST_SKIPPED:
        return
    files = [path for path, _ in (*listing.train, *listing.test)]
    sentences = {
        path.relative_to(listing.folder).as_posix(): sentence
        for path in files
        for sentence in skipped
        if sentence.startswith(f"{path} ")
    } if skipped else {}  # fmt: skip
    if len(sentences) != len(skipped):
        return
    arrays = {name: part.numpy() for name, part in zip(("train", "test"), images, strict=True)}
    with contextlib.suppress(OSError):
        path = _path(listing, *read_as)
        path.parent.mkdir(parents=True, exist_ok=True)
        make_room(cache_folder().glob("*.npz"), sum(array.nbytes for array in arrays.values()), MAX_TOTAL)
        with AtomicPath(path) as temporary, temporary.open("wb") as file:
            np.savez(file, skipped=np.array(json.dumps(sentences)), **arrays)  # type: ignore[arg-type]
