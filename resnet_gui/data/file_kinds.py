"""Kinds of files by their endings and their places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePath
from typing import Final, NamedTuple

WEIGHT_SUFFIXES: Final = (".pt", ".pth", ".th", ".ckpt", ".safetensors", ".bin", ".tar", ".pkl")
"""Endings of files that hold weights; what they are in truth is found by reading them."""

PICTURE_SUFFIXES: Final = (
    ".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".jfi", ".mpo", ".webp", ".avif", ".bmp", ".gif",
    ".tif", ".tiff", ".jp2", ".j2k", ".jpx", ".pgm", ".ppm", ".pbm", ".pnm", ".pfm",
)  # fmt: skip
"""Endings of files that hold pictures; which kind one is in truth is found by reading it."""

PICTURE_KINDS: Final = "PNG, JPEG, WebP, AVIF, BMP, GIF, TIFF, JPEG 2000, PPM"
"""What is read, for people."""

TOO_MANY_PIXELS: Final = "megapixels are not decoded."
"""How the sentence about a picture ends that is too large, by which it is told from a damaged one."""

CONVERTIBLE: Final = frozenset(
    {
        *(".heic", ".heif", ".hif", ".raw", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf"),
        *(".jxl", ".psd", ".svg", ".ico", ".tga", ".pcx", ".exr", ".hdr"),
    }
)
"""Endings of pictures, such as those of telephones and cameras, that are not read; other programs make JPEG of them."""

UNREAD: Final = CONVERTIBLE | frozenset(
    {
        *(".dcm", ".nii", ".npy", ".mat", ".mp4", ".avi", ".mov"),
        *(".zip", ".tar", ".gz", ".tgz", ".rar", ".7z", ".parquet", ".tfrecord", ".h5", ".hdf5", ".npz", ".pkl"),
    }
)
"""Endings of files that may hold pictures and are not read as pictures; whoever has them wants to know."""


class UnreadFiles(NamedTuple):
    """Files that may hold pictures and are not read as pictures.

    Attributes:
        kinds: how many of each ending, the most frequent first: ``6 .heic, 1 .dng``; empty for none.
        advice: what to do about them, ``convert them to JPEG or PNG``; empty where that does not help.
    """

    kinds: str = ""
    advice: str = ""

    @property
    def words(self) -> str:
        """The end of a sentence about a folder that holds no pictures that can be read; empty for none."""
        return "" if not self.kinds else f", only {self.kinds}" + (f"; {self.advice}" if self.advice else "")


def unread_files(names: Iterable[str]) -> UnreadFiles:
    """What of some files, by their names, may hold pictures in a form that is not read."""
    endings = Counter(ending for name in names if (ending := PurePath(name).suffix.lower()) in UNREAD)
    kinds = ", ".join(f"{count:,} {ending}" for ending, count in endings.most_common(4))
    convertible = bool(endings) and CONVERTIBLE.issuperset(endings)
    return UnreadFiles(kinds, conversion(endings.total()) if convertible else "")


def conversion(count: int) -> str:
    """What to do with so many pictures that are not read."""
    return f"convert {'it' if count == 1 else 'them'} to JPEG or PNG"
