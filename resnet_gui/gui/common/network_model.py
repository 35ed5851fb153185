"""The networks that can classify pictures, as rows under headings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

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
from resnet_gui.runs.folder import BEST_FILE

Index = QModelIndex | QPersistentModelIndex
Kind = Literal["shipped", "run", "published", "heading"]

SHIPPED_TITLE: Final = "ResNet-20"
SHIPPED_DETAIL: Final = "CIFAR-10, 32 × 32"


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


class NetworkModel(QAbstractListModel):
    """The model of the networks: the one inside, the runs with weights, and torchvision's weights."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[NetworkEntry] = []
        self._progress: dict[str, float] = {}

    def load(self, runs: Sequence[RunRow]) -> None:
        """Take the runs as they are now and look which weights are here."""
        entries: list[NetworkEntry] = []
        if shipped_file().is_file():
            entries += [
                NetworkEntry("heading", "", "Inside the program"),
                NetworkEntry("shipped", SHIPPED, SHIPPED_TITLE, SHIPPED_DETAIL, percent(SHIPPED_TOP1, 2)),
            ]
        found = [entry for entry in map(_of_run, runs) if entry is not None]
        entries.append(NetworkEntry("heading", "top-1", "Trained here"))
        entries += found or [NetworkEntry("heading", "train", "No trained runs yet.")]
        entries.append(NetworkEntry("heading", "ImageNet top-1", "torchvision weights"))
        entries += map(_of_published, WEIGHTS.values())
        if entries != self._entries:
            self.beginResetModel()
            self._entries = entries
            self.endResetModel()

    def entries(self) -> list[NetworkEntry]:
        """All rows."""
        return list(self._entries)

    def entry(self, index: Index) -> NetworkEntry | None:
        """The row of an index, headings left out."""
        if not index.isValid() or not 0 <= index.row() < len(self._entries):
            return None
        found = self._entries[index.row()]
        return None if found.kind == "heading" else found

    def index_of(self, key: str) -> QModelIndex:
        """The index of a network; an invalid one if it is not in the list."""
        for number, entry in enumerate(self._entries):
            if entry.kind != "heading" and (entry.key == key or (entry.kind == "run" and Path(entry.key) == Path(key))):
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
            return Qt.ItemFlag.NoItemFlags
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
