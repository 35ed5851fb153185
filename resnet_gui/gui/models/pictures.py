"""Pictures to classify as rows: path, answer or sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from resnet_gui.gui.format import percent
from resnet_gui.spec.events import Score

Index = QModelIndex | QPersistentModelIndex


class Picture:
    """A picture with what the network says of it.

    Attributes:
        path: of the file.
        top: the likeliest classes; empty while there is no answer.
        error: why there is none.
        milliseconds: that the answer took.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.top: tuple[Score, ...] = ()
        self.error = ""
        self.milliseconds = 0.0

    def forget(self) -> None:
        """Drop the answer: another network is asked."""
        self.top, self.error, self.milliseconds = (), "", 0.0

    @property
    def answer(self) -> str:
        """The likeliest class, or what stands in its place."""
        if self.error:
            return "not readable"
        return self.top[0].label if self.top else "…"


class PictureModel(QAbstractListModel):
    """The pictures in the order in which they came; a path stands once."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures: list[Picture] = []

    def pictures(self) -> list[Picture]:
        """All pictures."""
        return list(self._pictures)

    def add(self, paths: list[Path]) -> list[Picture]:
        """Append pictures that are not there yet; returns the new ones."""
        known = {picture.path for picture in self._pictures}
        new = [Picture(path) for path in dict.fromkeys(paths) if path not in known]
        if new:
            first = len(self._pictures)
            self.beginInsertRows(QModelIndex(), first, first + len(new) - 1)
            self._pictures.extend(new)
            self.endInsertRows()
        return new

    def find(self, path: Path) -> Picture | None:
        """The picture of a path."""
        return next((picture for picture in self._pictures if picture.path == path), None)

    def index_of(self, picture: Picture) -> QModelIndex:
        """The index of a picture."""
        return self.index(self._pictures.index(picture))

    def touch(self, picture: Picture) -> None:
        """A picture has changed."""
        index = self.index_of(picture)
        self.dataChanged.emit(index, index)

    def clear(self) -> None:
        """Take all pictures away."""
        self.beginResetModel()
        self._pictures = []
        self.endResetModel()

    def forget_answers(self) -> None:
        """Drop all answers: another network is asked."""
        for picture in self._pictures:
            picture.forget()
        if self._pictures:
            self.dataChanged.emit(self.index(0), self.index(len(self._pictures) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of pictures."""
        return 0 if parent.isValid() else len(self._pictures)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The picture object under UserRole; its answer in words for readers."""
        if not index.isValid() or not 0 <= index.row() < len(self._pictures):
            return None
        picture = self._pictures[index.row()]
        match role:
            case Qt.ItemDataRole.UserRole:
                return picture
            case Qt.ItemDataRole.DisplayRole:
                return picture.answer
            case Qt.ItemDataRole.AccessibleTextRole:
                sure = f", {percent(picture.top[0].probability)}" if picture.top else ""
                return f"{picture.path.name}: {picture.error or picture.answer}{sure}"
            case Qt.ItemDataRole.ToolTipRole:
                return f"{picture.path}\n{picture.error}".strip()
            case _:
                return None
