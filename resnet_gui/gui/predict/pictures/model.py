"""Pictures to classify as rows of a table: path, answer or sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from resnet_gui.gui.kit.format import percent
from resnet_gui.gui.kit.window.missing_letters import letter_notice
from resnet_gui.protocol.events import Latency, Predicted, Score

Index = QModelIndex | QPersistentModelIndex
HEADS: Final = ("Picture", "Class", "Probability", "Second", "Probability", "Size", "Time (ms)")
NUMBERS: Final = frozenset({2, 4, 5, 6})
"""Columns of figures, which stand at the right."""

SHOWN: Final = 5
CANCELLED: Final = "cancelled"
SORT_ROLE: Final = Qt.ItemDataRole.UserRole + 1


class Picture:
    """A picture with what the network says of it.

    Attributes:
        path: of the file.
        row: its place in the table.
        top: the likeliest classes; empty while there is no answer.
        error: why there is none; ``word`` is short for it.
        latency: what the answer took.
        size: width and height of the upright picture; zeros while unknown.
        scores: natural logarithm of every class's probability; None while there is no answer.
        cut: whether its colours have 16 bits, of which the upper 8 are read.
        truth: the class that its folder is called by; empty where it has no class's name, or there is no answer.
    """

    def __init__(self, path: Path, row: int) -> None:
        self.path, self.row = path, row
        self.forget()

    def forget(self) -> None:
        """Drop the answer: another network is asked."""
        self.top: tuple[Score, ...] = ()
        self.error = self.word = ""
        self.latency = Latency(0.0, 0.0)
        self.size = (0, 0)
        self.scores: NDArray[np.float32] | None = None
        self.cut = False
        self.truth = ""

    @property
    def wrong(self) -> bool:
        """Whether the answer is another class than its folder is called by."""
        return bool(self.truth and self.top) and self.top[0].label != self.truth

    @property
    def answered(self) -> bool:
        """Whether there is an answer or a sentence."""
        return bool(self.top or self.error)

    @property
    def answer(self) -> str:
        """The likeliest class, or what stands in its place."""
        if self.error:
            return self.word
        return self.top[0].label if self.top else "…"

    @property
    def cancelled(self) -> bool:
        """Whether nobody was asked about it in the end."""
        return self.word == CANCELLED

    @property
    def sentence(self) -> str:
        """Why there is no answer, with the file's name and not its whole path; empty if there is none."""
        return self.error.replace(str(self.path), self.path.name)

    @property
    def reason(self) -> str:
        """Why there is no answer, beside the file's name; empty if there is none."""
        return self.error.removeprefix(f"{self.path} ").replace(str(self.path), self.path.name)

    def refuse(self, sentence: str, word: str = "not readable") -> None:
        """Take a sentence instead of an answer."""
        self.top, self.error, self.word = (), sentence, word

    def take(self, event: Predicted, classes: tuple[str, ...], temperature: float) -> None:
        """Take an answer."""
        self.error, self.word, self.latency, self.size = "", "", event.latency, event.size
        self.cut = event.cut
        self.scores = np.frombuffer(event.scores, dtype="<f4") if event.scores else None
        self.top = event.top
        folder = self.path.parent.name.casefold()
        self.truth = next((label for label in classes if label.casefold() == folder), "")
        if temperature != 1.0:
            self.heat(classes, temperature)

    def heat(self, classes: tuple[str, ...], temperature: float) -> None:
        """Rank the classes by the softmax of the log-probabilities over a temperature; with one crop, of the logits."""
        if self.scores is None or len(classes) != len(self.scores):
            return
        scaled = self.scores.astype(np.float64) / temperature
        chances = np.exp(scaled - scaled.max())
        chances /= chances.sum()
        order = np.argsort(-chances, kind="stable")[:SHOWN]
        self.top = tuple(Score(classes[index], index, float(chances[index])) for index in order.tolist())


class PictureModel(QAbstractTableModel):
    """The model of the pictures in the order in which they came; a path stands once."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures: list[Picture] = []
        self._places: dict[Path, Picture] = {}

    def pictures(self) -> list[Picture]:
        """All pictures."""
        return list(self._pictures)

    def add(self, paths: list[Path]) -> list[Picture]:
        """Append pictures that are not there yet; returns the new ones."""
        fresh = [path for path in dict.fromkeys(paths) if path not in self._places]
        first = len(self._pictures)
        new = [Picture(path, first + number) for number, path in enumerate(fresh)]
        if new:
            self.beginInsertRows(QModelIndex(), first, first + len(new) - 1)
            self._pictures.extend(new)
            self._places.update((picture.path, picture) for picture in new)
            self.endInsertRows()
        for path in fresh:
            letter_notice().look(path.name)
        return new

    def find(self, path: Path) -> Picture | None:
        """The picture of a path."""
        return self._places.get(path)

    def index_of(self, picture: Picture) -> QModelIndex:
        """The index of a picture."""
        return self.index(picture.row, 0)

    def touch(self, picture: Picture) -> None:
        """A picture has changed."""
        self.dataChanged.emit(self.index(picture.row, 0), self.index(picture.row, len(HEADS) - 1))

    def touch_all(self) -> None:
        """All pictures have changed."""
        if self._pictures:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._pictures) - 1, len(HEADS) - 1))

    def clear(self) -> None:
        """Take all pictures away."""
        self.beginResetModel()
        self._pictures, self._places = [], {}
        self.endResetModel()

    def forget_answers(self) -> None:
        """Drop all answers: another network is asked."""
        for picture in self._pictures:
            picture.forget()
        self.touch_all()

    def counts(self) -> tuple[int, int, int]:
        """Pictures, those with an answer, those with a sentence."""
        failed = sum(bool(picture.error) for picture in self._pictures)
        return len(self._pictures), sum(bool(picture.top) for picture in self._pictures), failed

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of pictures."""
        return 0 if parent.isValid() else len(self._pictures)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """What is told of each."""
        return 0 if parent.isValid() else len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Titles of the columns."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADS[section]
        if (
            orientation == Qt.Orientation.Horizontal
            and role == Qt.ItemDataRole.TextAlignmentRole
            and section in NUMBERS
        ):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The picture object under UserRole; what is known of it in words."""
        if not index.isValid() or not 0 <= index.row() < len(self._pictures):
            return None
        picture = self._pictures[index.row()]
        match role:
            case Qt.ItemDataRole.UserRole:
                return picture
            case Qt.ItemDataRole.DisplayRole:
                return _text(picture, index.column())
            case Qt.ItemDataRole.AccessibleTextRole if index.column() == 0:
                sure = f", {percent(picture.top[0].probability)}" if picture.top else ""
                return f"{picture.path.name}: {picture.error or picture.answer}{sure}"
            case Qt.ItemDataRole.ToolTipRole:
                return f"{picture.path}\n{picture.error}".strip()
            case Qt.ItemDataRole.TextAlignmentRole if index.column() in NUMBERS:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case _ if role == SORT_ROLE:
                return _key(picture, index.column())
            case _:
                return None


def _text(picture: Picture, column: int) -> str:
    top = picture.top
    match column:
        case 0:
            return picture.path.name
        case 1:
            return picture.reason or picture.answer
        case 2:
            return percent(top[0].probability) if top else ""
        case 3:
            return top[1].label if len(top) > 1 else ""
        case 4:
            return percent(top[1].probability) if len(top) > 1 else ""
        case 5:
            return f"{picture.size[0]} × {picture.size[1]}" if picture.size[0] else ""
        case _:
            return f"{picture.latency.total:.1f}" if top else ""


def _key(picture: Picture, column: int) -> float | str:
    """What a column is sorted by: numbers as numbers."""
    top = picture.top
    match column:
        case 2:
            return top[0].probability if top else -1.0
        case 4:
            return top[1].probability if len(top) > 1 else -1.0
        case 5:
            return float(picture.size[0] * picture.size[1])
        case 6:
            return picture.latency.total
        case _:
            return _text(picture, column).casefold()
