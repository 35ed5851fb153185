"""The classes of a data set: a row each with its name, its counts, and some pictures as the network sees them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPixmap, QResizeEvent
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from resnet_gui.data.layouts.description import ClassCount, name_text
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.theme import Theme

Index = QModelIndex | QPersistentModelIndex
HEIGHT, CROP, CROP_GAP, EDGE = 56, 44, 6, 16
NAME, COUNTS = 72, 196
"""Pixels of a class's name at least, and of its counts."""

NAME_SHARE: Final = 4
"""The names take a part in so many of the list's width at most; the pictures have the rest."""

BAR: Final = 120
"""Pixels of the bar of the largest class."""

FEW: Final = 0.5
"""A class with less than so much of the largest one's training pictures is marked."""

ROW: Final = Qt.ItemDataRole.UserRole


@dataclass
class ClassRow:
    """A class as a row: its counts, whether it has few pictures, and pictures that have come."""

    count: ClassCount
    few: bool = False
    share: float = 0.0
    pictures: list[QPixmap] = field(default_factory=list)
    asked: bool = False


def few_classes(counts: Sequence[ClassCount]) -> list[ClassCount]:
    """The classes that have few training pictures beside the largest one, the smallest first."""
    most = max((each.training for each in counts), default=0)
    return sorted((each for each in counts if each.training < FEW * most), key=lambda each: each.training)


class ClassModel(QAbstractListModel):
    """The model of the classes, in the order of the network's outputs."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[ClassRow] = []

    def show_counts(self, counts: Sequence[ClassCount]) -> None:
        """Show classes; their pictures come later."""
        self.beginResetModel()
        few = {each.name for each in few_classes(counts)}
        most = max((_all(each) for each in counts), default=0)
        self.rows = [ClassRow(each, each.name in few, _all(each) / max(1, most)) for each in counts]
        self.endResetModel()

    def show_pictures(self, number: int, pictures: Iterable[bytes]) -> None:
        """Show pictures (PNG) of a class."""
        if 0 <= number < len(self.rows):
            self.rows[number].pictures, self.rows[number].asked = [_pixmap(png) for png in pictures], True
            place = self.index(number)
            self.dataChanged.emit(place, place)

    def rowCount(self, _parent: Index | None = None) -> int:
        """How many classes."""
        return len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The row, its name, and all of it in words."""
        shown = self.rows[index.row()]
        if role == ROW:
            return shown
        if role in {Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole}:
            return counts_sentence(shown.count)
        return name_text(shown.count.name) if role == Qt.ItemDataRole.DisplayRole else None


def counts_sentence(count: ClassCount) -> str:
    """``apple: 137 to train, 34 to validate``."""
    parts = [f"{count.training:,} to train"]
    parts += [f"{count.validation:,} to validate"] if count.validation else []
    parts += [f"{count.test:,} to test"] if count.test else []
    return f"{name_text(count.name)}: {', '.join(parts)}"


def _all(count: ClassCount) -> int:
    return count.training + count.validation + count.test


def _pixmap(png: bytes) -> QPixmap:
    made = QPixmap()
    made.loadFromData(png)
    small = made.width() * 2 <= CROP  # small pictures keep their pixels as squares
    how = Qt.TransformationMode.FastTransformation if small else Qt.TransformationMode.SmoothTransformation
    scaled = made.scaled(2 * CROP, 2 * CROP, Qt.AspectRatioMode.KeepAspectRatioByExpanding, how)
    scaled.setDevicePixelRatio(2)
    return scaled


class _ClassDelegate(QStyledItemDelegate):
    """The painter of a row.

    Attributes:
        name_width: pixels of the column of names.
    """

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme
        self.name_width = NAME

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """One height for all."""
        return QSize(300, HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw name, counts, bar and pictures."""
        shown: ClassRow = index.data(ROW)
        box, color = QRectF(option.rect), self._theme.color
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRectF(box.left(), box.bottom() - 1, box.width(), 1), color("line"))
        left = box.left() + EDGE
        painter.setPen(color("t1"))
        wide = self.name_width
        name = elided(name_text(shown.count.name), wide - 8, 13, 500, middle=True)
        ink(name, 13, 500).draw_in(painter, QRectF(left, box.top(), wide - 8, HEIGHT - 1))
        self._paint_counts(painter, left + wide, box.top(), shown)
        self._paint_pictures(painter, left + wide + COUNTS, box, shown)
        painter.restore()

    def _paint_counts(self, painter: QPainter, left: float, top: float, shown: ClassRow) -> None:
        color, count = self._theme.color, shown.count
        x = left
        held = [each for each in (count.validation, count.test) if each]
        texts = [(f"{count.training:,}", 600, "t1"), *((f" + {each:,}", 400, "t2") for each in held)]
        if shown.few:
            texts.append(("  few", 500, "warn"))
        for text, weight, token in texts:
            painter.setPen(color(token))
            drawn = ink(text, 12, weight)
            drawn.draw(painter, x, top + 10)
            x += drawn.width
        wide, all_of_it = BAR * shown.share, max(1, _all(count))
        bar = QRectF(left, top + 32, max(wide, 3), 7)
        clip = QPainterPath()
        clip.addRoundedRect(bar, 3.5, 3.5)
        painter.save()
        painter.setClipPath(clip)
        painter.fillRect(bar, color("line2"))
        painter.fillRect(QRectF(bar.left(), bar.top(), bar.width() * count.training / all_of_it, 7), color("acc"))
        painter.restore()

    def _paint_pictures(self, painter: QPainter, left: float, box: QRectF, shown: ClassRow) -> None:
        top = box.top() + (HEIGHT - 1 - CROP) / 2
        for place, picture in enumerate(shown.pictures):
            at = QRectF(left + place * (CROP + CROP_GAP), top, CROP, CROP)
            if at.right() > box.right() - 4:
                break
            clip = QPainterPath()
            clip.addRoundedRect(at, 4, 4)
            painter.save()
            painter.setClipPath(clip)
            painter.drawPixmap(at, picture, QRectF(0, 0, picture.width(), picture.height()))
            painter.restore()


class ClassList(QListView):
    """The list of the classes.

    Signals:
        shown: other rows may be in view.
        name_width_changed: pixels of the column of names.
    """

    shown = Signal()
    name_width_changed = Signal(int)

    def __init__(self, theme: Theme, model: ClassModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes = model
        self.setModel(model)
        self._delegate = _ClassDelegate(theme, self)
        self.setItemDelegate(self._delegate)
        model.modelReset.connect(self._fit_names)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Classes")
        self.verticalScrollBar().valueChanged.connect(lambda _value: self.shown.emit())
        theme.changed.connect(self.viewport().update)

    @property
    def name_width(self) -> int:
        """Pixels of the column of names: as the longest needs, as far as the list is wide enough."""
        return self._delegate.name_width

    def _fit_names(self) -> None:
        longest = max((ink(name_text(each.count.name), 13, 500).width for each in self._classes.rows), default=0.0)
        wide = max(NAME, min(round(longest) + 20, self.viewport().width() // NAME_SHARE))
        if wide != self._delegate.name_width:
            self._delegate.name_width = wide
            self.name_width_changed.emit(wide)
            self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the names what they need."""
        super().resizeEvent(event)
        self._fit_names()

    def wanted(self) -> list[int]:
        """Classes in view, and a few below, whose pictures have not been asked for."""
        first = self.verticalScrollBar().value() // HEIGHT
        last = first + self.height() // HEIGHT + 4
        rows = self._classes.rows
        return [number for number in range(first, min(last, len(rows))) if not rows[number].asked]
