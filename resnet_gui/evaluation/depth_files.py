"""The files of features by depth in an evaluation's folder.

In the folder, beside the answers; M of its pictures were drawn (``drawn_places``), and the S locations are the stem and
every block::

    sampled.npy              int64 (M,): their places in truth.npy, increasing
    features-LOCATION.npy    float32 (M, C): the mean over the map of each channel after the stem or a block
    depth.json               DepthRecord: locations, explained variance, probes, film
    projection-pca.npy       float32 (S, M, 2)
    cka.json                 CkaRecord: of every block with every block
    projection-tsne-LOCATION.json, .npy, -pictures.npy
                             TsneRecord, float32 (P, 2) and int64 (P,): of P of the M pictures, made when asked for

LOCATION is "stem" or the path of a block, such as ``layer2.0``. Arrays are plain ``.npy`` files without pickles.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import AtomicPath, read_text, write_atomic
from resnet_gui.base.text import readable
from resnet_gui.evaluation.depth import CkaRecord, DepthRecord, ProjectedPictures, TsneRecord

DEPTH_FILE: Final = "depth.json"
CKA_FILE: Final = "cka.json"
SAMPLED_FILE: Final = "sampled.npy"
PCA_FILE: Final = "projection-pca.npy"

_Record = TypeVar("_Record", bound=msgspec.Struct)


class DepthFiles:
    """The features of an evaluation's folder and what was made of them, each read when it is asked for.

    Attributes:
        folder: of the evaluation.
    """

    def __init__(self, folder: Path) -> None:
        """Of a folder; nothing is read yet."""
        self.folder = folder

    @property
    def has_features(self) -> bool:
        """Whether features were kept."""
        return (self.folder / SAMPLED_FILE).is_file()

    @property
    def is_measured(self) -> bool:
        """Whether projections, probes and CKA are there."""
        return (self.folder / DEPTH_FILE).is_file()

    @property
    def has_cka(self) -> bool:
        """Whether the likeness of blocks is there."""
        return (self.folder / CKA_FILE).is_file()

    @cached_property
    def record(self) -> DepthRecord:
        """What was measured.

        Raises:
            InputError: it was not, or the file is damaged.
        """
        return _read_record(self.folder / DEPTH_FILE, DepthRecord)

    @cached_property
    def cka(self) -> CkaRecord:
        """CKA of the network with itself; its values change with no slider.

        Raises:
            InputError: it was not measured, or the file is damaged.
        """
        return _read_record(self.folder / CKA_FILE, CkaRecord)

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """Places in the evaluation of the pictures with features, (M,), increasing.

        Raises:
            InputError: there are none, or the file is damaged.
        """
        found: NDArray[np.int64] = _read_array(self.folder / SAMPLED_FILE, "int64", 1)
        return found

    @property
    def paths(self) -> tuple[str, ...]:
        """The locations with features, in the order of computation.

        Raises:
            InputError: no features were kept.
        """
        names = [path.name for path in self.folder.glob("features-*.npy")]
        found = [name.removeprefix("features-").removesuffix(".npy") for name in names]
        if not self.has_features or not found:
            raise InputError(f"The evaluation {self.folder} has no features by depth; measure it again.")
        return tuple(sorted(found, key=lambda path: [int(part) for part in re.findall("[0-9]+", path)]))

    def features(self, path: str) -> NDArray[np.float32]:
        """Pooled features at a location, (M, C), opened and not read.

        Raises:
            InputError: there are none, or the file is damaged.
        """
        found: NDArray[np.float32] = _read_array(features_file(self.folder, path), "float32", 2, opened=True)
        if len(found) != len(self.places):
            raise _damaged(features_file(self.folder, path))
        return found

    @cached_property
    def _pca(self) -> NDArray[np.float32]:
        found: NDArray[np.float32] = _read_array(self.folder / PCA_FILE, "float32", 3)
        if found.shape != (len(self.record.locations), len(self.places), 2):
            raise _damaged(self.folder / PCA_FILE)
        return found

    def pca(self, path: str) -> ProjectedPictures:
        """The pictures along the first two directions of the features at a location, (M, 2), in the features' units.

        Raises:
            InputError: it was not measured, there is no such location, or a file is damaged.
        """
        return ProjectedPictures(self.places, self._pca[self._place(path)])

    def _place(self, path: str) -> int:
        paths = [location.path for location in self.record.locations]
        if path not in paths:
            raise InputError(f"There is no location '{readable(path)}' in this network; it has {', '.join(paths)}.")
        return paths.index(path)

    def tsne_record(self, path: str) -> TsneRecord | None:
        """How the t-SNE of a location was made, if it was.

        Raises:
            InputError: there is no such location, or a file is damaged.
        """
        self._place(path)
        record = tsne_files(self.folder, path).record
        return _read_record(record, TsneRecord) if record.is_file() else None

    def tsne(self, path: str) -> ProjectedPictures:
        """The t-SNE of a location.

        Raises:
            InputError: it was not made, or a file is damaged.
        """
        names = tsne_files(self.folder, path)
        places: NDArray[np.int64] = _read_array(names.pictures, "int64", 1)
        found: NDArray[np.float32] = _read_array(names.points, "float32", 2)
        if found.shape != (len(places), 2):
            raise _damaged(names.points)
        return ProjectedPictures(places, found)


def features_file(folder: Path, path: str) -> Path:
    """Where the features at a location lie."""
    return folder / f"features-{path}.npy"


class TsneFiles(NamedTuple):
    """The files of the t-SNE of a location: how it was made, its points, and the pictures' places in the evaluation."""

    record: Path
    points: Path
    pictures: Path


def tsne_files(folder: Path, path: str) -> TsneFiles:
    """Where the t-SNE of a location lies."""
    name = f"projection-tsne-{path}"
    return TsneFiles(folder / f"{name}.json", folder / f"{name}.npy", folder / f"{name}-pictures.npy")


def write_features(folder: Path, places: NDArray[np.int64], features: Mapping[str, NDArray[np.float32]]) -> None:
    """Write the features of some pictures.

    Args:
        folder: of the evaluation.
        places: (M,) of the pictures in the evaluation, increasing.
        features: path of each location -> (M, C).

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    for path, values in features.items():
        write_array(features_file(folder, path), values)
    # Last, for it says that they are there.
    write_array(folder / SAMPLED_FILE, places)


def write_array(path: Path, values: NDArray[Any]) -> None:
    """Write an array whole or not at all.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    with AtomicPath(path) as temporary, temporary.open("wb") as file:
        np.save(file, values, allow_pickle=False)


def write_record(path: Path, record: msgspec.Struct) -> None:
    """Write a record as JSON that people can read, whole or not at all.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    write_atomic(path, msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")


def _read_record(path: Path, kind: type[_Record]) -> _Record:
    try:
        return msgspec.json.decode(read_text(path, "file of features by depth"), type=kind)
    except msgspec.MsgspecError as error:
        raise _damaged(path) from error


def _read_array(path: Path, kind: str, dimensions: int, *, opened: bool = False) -> Any:
    try:
        # Only what is large stays open: Windows replaces no file that somebody has mapped.
        found = np.load(path, mmap_mode="r" if opened else None, allow_pickle=False)
    except FileNotFoundError as error:
        raise InputError(f"There is no {path}; measure the evaluation again.") from error
    except (OSError, ValueError, EOFError) as error:
        raise _damaged(path) from error
    if found.dtype != kind or found.ndim != dimensions:
        raise _damaged(path)
    return found


def _damaged(path: Path) -> InputError:
    return InputError(f"{path} is damaged; measure the evaluation again.")
