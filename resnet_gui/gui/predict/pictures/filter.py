"""Which of the pictures are shown: all, those of one answer, those that are wrong, those without an answer."""

from __future__ import annotations

from collections import Counter
from typing import Final, NamedTuple

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt

from resnet_gui.gui.predict.pictures.model import Picture, PictureModel

ALL, WRONG, FAILED, CLASS = "", "wrong", "failed", "class "
MOST_CLASSES: Final = 100
"""Answers that are offered, the most frequent first; a list of a thousand helps nobody."""


class FilterChoice(NamedTuple):
    """A choice of the filter: its key and how many pictures it shows."""

    key: str
    title: str
    pictures: int


def passes(picture: Picture, key: str) -> bool:
    """Whether a picture is shown under a choice."""
    match key:
        case "":
            return True
        case "wrong":
            return picture.wrong
        case "failed":
            return bool(picture.error)
        case _:
            return bool(picture.top) and picture.top[0].label == key.removeprefix(CLASS)


class PictureFilter(QSortFilterProxyModel):
    """The pictures that pass a choice, in their own order."""

    def __init__(self, pictures: PictureModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self.key = ALL
        self.setSourceModel(pictures)

    def show_key(self, key: str) -> None:
        """Show the pictures of a choice."""
        if key != self.key:
            self.key = key
            self.invalidate()

    def choices(self) -> list[FilterChoice]:
        """What there is to choose from: what shows something, and the present choice."""
        pictures = self._pictures.pictures()
        found = [FilterChoice(ALL, "All", len(pictures))]
        wrong, failed = sum(one.wrong for one in pictures), sum(bool(one.error) for one in pictures)
        if wrong or self.key == WRONG or any(one.truth for one in pictures):
            found.append(FilterChoice(WRONG, "Wrong only", wrong))
        if failed or self.key == FAILED:
            found.append(FilterChoice(FAILED, "Without an answer", failed))
        answers = Counter(one.top[0].label for one in pictures if one.top)
        chosen = self.key.removeprefix(CLASS) if self.key.startswith(CLASS) else ""
        if chosen:
            answers.setdefault(chosen, 0)
        common = answers.most_common(MOST_CLASSES)
        found += [FilterChoice(f"{CLASS}{label}", label, count) for label, count in common]
        return found

    def index_of(self, picture: Picture) -> QModelIndex:
        """The index of a picture; an invalid one where the choice leaves it out."""
        return self.mapFromSource(self._pictures.index_of(picture))

    def filterAcceptsRow(  # noqa: N802
        self, row: int, _parent: QModelIndex | QPersistentModelIndex
    ) -> bool:
        """Whether a row is shown."""
        picture = self._pictures.index(row, 0).data(Qt.ItemDataRole.UserRole)
        return isinstance(picture, Picture) and passes(picture, self.key)
