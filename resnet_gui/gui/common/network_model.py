"""The networks that can classify pictures, as rows under headings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from resnet_gui.base.errors import InputError
from resnet_gui.data.datasets import data_title
from resnet_gui.data.weights_catalogue import (
    SHIPPED,
    SHIPPED_TOP1,
    WEIGHTS,
    PublishedWeights,
    published_file,
    shipped_file,
)
from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.kit.format import percent
from resnet_gui.gui.runs.row import RunRow, progress_text
from resnet_gui.runs.folder import BEST_FILE, summarise
from resnet_gui.runs.scan import recorded_folders

Index = QModelIndex | QPersistentModelIndex
Kind = Literal["shipped", "run", "published", "heading"]

SHIPPED_TITLE: Final = "ResNet-20"
SHIPPED_DETAIL: Final = "CIFAR-10, 32 × 32"


TRAIN: Final = "train"
FETCH: Final = "fetch"
"""Keys of headings that can be clicked: train a network, and list the weights that could be downloaded."""


class NetworkEntry(msgspec.Struct, frozen=True):
    """A network of the list.

    Attributes:
        key: MODEL as an engine knows it; of a heading its second text.
        title, detail, figure: what is written.
        here: whether its weights are on this computer.
        token: colour of a run, with ``dashed``.
        stamp: changes when the weights do.
        going: whether they may change, for they are being trained.
    """

    kind: Kind
    key: str
    title: str
    detail: str = ""
    figure: str = ""
    here: bool = True
    token: str = ""
    dashed: bool = False
    stamp: int = 0
    going: bool = False


def _of_run(row: RunRow) -> NetworkEntry | None:
    try:
        stamp = (row.folder / BEST_FILE).stat().st_mtime_ns
    except OSError:
        return None
    figure = "–" if row.top1 is None else percent(row.top1, 2)
    detail = f"{row.data_name}, {progress_text(row)}" if row.going else progress_text(row)
    return NetworkEntry("run", str(row.folder), row.name, detail, figure, True, row.token, row.dashed, stamp, row.going)


def _of_published(weights: PublishedWeights) -> NetworkEntry:
    here = published_file(weights.name).is_file()
    top1 = f"{weights.top1:.2f}\u2009%"
    detail = weights.version if here else f"{weights.version}, {top1}"
    figure = top1 if here else f"{weights.megabytes:.1f} MB"
    return NetworkEntry("published", weights.name, PRESETS[weights.function].title, detail, figure, here)


@lru_cache(maxsize=16)
def _of_recording(folder: Path) -> NetworkEntry | None:
    """A recorded run whose weights come with the program; nothing of it ever changes."""
    try:
        summary, there = summarise(folder), (folder / BEST_FILE).is_file()
    except InputError:
        return None
    figure = "" if summary.error is None else percent(1 - summary.error, 2)
    height, width = summary.info.spec.input[1:]
    detail = f"{data_title(summary.info.data.name)}, {height} × {width}"
    return NetworkEntry("shipped", str(folder), summary.info.name, detail, figure) if there else None


def recorded_networks() -> list[NetworkEntry]:
    """The recorded runs that have weights to answer with."""
    return [entry for entry in map(_of_recording, recorded_folders()) if entry is not None]


class NetworkModel(QAbstractListModel):
    """The model of the networks: those inside, the runs with weights, and torchvision's weights.

    Weights that are not on this computer are one line until they are wanted.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[NetworkEntry] = []
        self._progress: dict[str, float] = {}
        self._runs: Sequence[RunRow] = ()
        self._unfolded = False

    def load(self, runs: Sequence[RunRow]) -> None:
        """Take the runs as they are now and look which weights are here."""
        self._runs = runs
        entries: list[NetworkEntry] = []
        if shipped_file().is_file():
            entries += [
                NetworkEntry("heading", "", "Inside the program"),
                NetworkEntry("shipped", SHIPPED, SHIPPED_TITLE, SHIPPED_DETAIL, percent(SHIPPED_TOP1, 2)),
                *recorded_networks(),
            ]
        found = [entry for entry in map(_of_run, runs) if entry is not None]
        entries.append(NetworkEntry("heading", "top-1", "Trained here"))
        entries += found or [NetworkEntry("heading", TRAIN, "No trained runs yet.")]
        entries.append(NetworkEntry("heading", "ImageNet top-1", "torchvision weights"))
        published = list(map(_of_published, WEIGHTS.values()))
        missing = [entry for entry in published if not entry.here]
        entries += [entry for entry in published if entry.here]
        if missing:
            entries.append(NetworkEntry("heading", FETCH, f"{len(missing)} more to download"))
        entries += missing if self._unfolded else []
        if entries != self._entries:
            self.beginResetModel()
            self._entries = entries
            self.endResetModel()

    @property
    def unfolded(self) -> bool:
        """Whether weights that are not here are listed one by one."""
        return self._unfolded

    def unfold(self, *, on: bool) -> None:
        """List weights that are not here one by one, or as one line."""
        if on != self._unfolded:
            self._unfolded = on
            self.load(self._runs)

    def entries(self) -> list[NetworkEntry]:
        """All rows."""
        return list(self._entries)

    def entry(self, index: Index) -> NetworkEntry | None:
        """The row of an index, headings left out."""
        if not index.isValid() or not 0 <= index.row() < len(self._entries):
            return None
        found = self._entries[index.row()]
        return None if found.kind == "heading" else found

    def link(self, index: Index) -> str:
        """Key of a heading that can be clicked; empty for another row."""
        if not index.isValid() or not 0 <= index.row() < len(self._entries):
            return ""
        found = self._entries[index.row()]
        return found.key if found.kind == "heading" and found.key in {TRAIN, FETCH} else ""

    def index_of(self, key: str) -> QModelIndex:
        """The index of a network; an invalid one if it is not in the list."""
        for number, entry in enumerate(self._entries):
            if entry.kind != "heading" and (
                entry.key == key or (entry.kind != "published" and Path(entry.key) == Path(key))
            ):
                return self.index(number)
        return QModelIndex()

    def show_progress(self, key: str, fraction: float | None) -> None:
        """How far the download of weights is; None when it is over."""
        if fraction is None:
            self._progress.pop(key, None)
        else:
            self._progress[key] = fraction
        index = self.index_of(key)
        self.dataChanged.emit(index, index)

    def progress(self, key: str) -> float | None:
        """How far a download is; None if there is none."""
        return self._progress.get(key)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of rows."""
        return 0 if parent.isValid() else len(self._entries)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings cannot be chosen."""
        if self.entry(index) is None:
            # The arrow keys reach what Enter opens.
            return Qt.ItemFlag.ItemIsEnabled if self.link(index) else Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The row under UserRole; its words for readers."""
        if not index.isValid() or not 0 <= index.row() < len(self._entries):
            return None
        entry = self._entries[index.row()]
        match role:
            case Qt.ItemDataRole.UserRole:
                return entry
            case Qt.ItemDataRole.DisplayRole:
                return entry.title
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(filter(None, (entry.title, entry.detail, entry.figure)))
            case Qt.ItemDataRole.ToolTipRole if entry.kind == "published":
                weights = WEIGHTS[entry.key]
                state = "on this computer" if entry.here else f"{weights.megabytes:.1f} MB to download"
                return f"{weights.function}, {weights.version}: {weights.top1:.3f} % top-1 on ImageNet; {state}"
            case Qt.ItemDataRole.ToolTipRole if entry.kind == "run":
                return entry.key
            case _:
                return None
