"""The pictures of the gallery as rows: a number each, and what is written at it when it is asked for."""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from resnet_gui.evaluation.answers import Answers
from resnet_gui.evaluation.mistakes import MistakeOrder
from resnet_gui.protocol.evaluation_events import CopiesFound, PictureCopy

Index = QModelIndex | QPersistentModelIndex
GalleryOrder = MistakeOrder | Literal["copies"]

NOTHING: Final = np.zeros(0, dtype=np.int64)


class GalleryTile(NamedTuple):
    """The words at a picture.

    Attributes:
        number: of the picture in the evaluation.
        badge: on the picture: how sure the answer is.
        first: below it in bold, the answer.
        second: below that, the truth.
        tip: all of it in a sentence, with the file.
    """

    number: int
    badge: str
    first: str
    second: str
    tip: str


class GalleryModel(QAbstractListModel):
    """The model of the gallery; ten thousand rows are an array of numbers."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._answers: Answers | None = None
        self._numbers: NDArray[np.int64] = NOTHING
        self._order: GalleryOrder = "confidence"
        self._suggested: dict[int, int] = {}
        self._copies: dict[int, tuple[PictureCopy, bool]] = {}

    def show_numbers(self, answers: Answers | None, numbers: NDArray[np.int64], order: GalleryOrder) -> None:
        """Show other pictures, or the same in another order; confidences are the network's own, as the order is."""
        self.beginResetModel()
        self._answers, self._numbers, self._order = answers, numbers, order
        self._suggested = {}
        if answers is not None and order == "label":
            suspects = answers.suspects
            self._suggested = dict(zip(suspects.numbers.tolist(), suspects.suggested.tolist(), strict=True))
        self.endResetModel()

    def set_copies(self, copies: CopiesFound | None) -> None:
        """Take which pictures are among training pictures; None where that is not known."""
        near, exact = (copies.near, copies.exact) if copies is not None else ((), ())
        # One with the same pixels is near too.
        self._copies = {copy.number: (copy, False) for copy in near} | {copy.number: (copy, True) for copy in exact}

    def copies(self) -> list[int]:
        """Numbers of those pictures, the same pixels first, then the nearest."""
        exact = [number for number, (_, same) in self._copies.items() if same]
        return exact + [number for number, (_, same) in self._copies.items() if not same]

    @property
    def numbers(self) -> NDArray[np.int64]:
        """Numbers of the pictures on show, in their order."""
        return self._numbers

    def tile(self, row: int) -> GalleryTile | None:
        """The words at the picture of a row."""
        answers = self._answers
        if answers is None or not 0 <= row < len(self._numbers):
            return None
        number = int(self._numbers[row])
        truth, answer = answers.labels[int(answers.truth[number])], answers.labels[int(answers.answer[number])]
        badge = f"{100 * float(answers.confidence[number]):.1f} %"
        right = bool(answers.correct[number])
        said = f"taken for '{answer}' at {badge}, is '{truth}'" if not right else f"'{truth}', answered at {badge}"
        first, second = answer, "right" if right else f"is {truth}"
        if self._order == "label" and number in self._suggested:
            suggested = answers.labels[self._suggested[number]]
            first, second = f"{suggested}?", f"labelled {truth}"
            said = f"labelled '{truth}', more probably '{suggested}'; answered '{answer}' at {badge}"
        elif self._order == "copies" and number in self._copies:
            copy, same = self._copies[number]
            first = "same pixels" if same else f"{copy.distance} of 64 bits"
            second = f"train: {copy.training_class}"
            said = f"'{truth}', and in training '{copy.training_class}': {copy.training}"
        return GalleryTile(number, badge, first, second, f"{answers.name(number)}: {said}")

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of pictures."""
        return 0 if parent.isValid() else len(self._numbers)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The tile under UserRole; its words."""
        tile = self.tile(index.row()) if index.isValid() else None
        if tile is None:
            return None
        match role:
            case Qt.ItemDataRole.UserRole:
                return tile
            case Qt.ItemDataRole.DisplayRole:
                return tile.first
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return tile.tip
            case _:
                return None
