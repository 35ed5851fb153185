"""The table of classes as it is drawn: dots, figures with bars, the means below."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from resnet_gui.evaluation.by_class import ClassFigures
from resnet_gui.gui.evaluate.class_colours import class_colour
from resnet_gui.gui.evaluate.classes.model import F1, HEADS, LABEL, SUPPORT, ClassFiguresModel, figure_of, figure_text
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.theme import Theme, paint_row
from resnet_gui.gui.kit.window.dragged_columns import DraggedColumns

ROW: Final = 24
HEADER: Final = 26
BAR: Final = 48
SHARES: Final = (116, 74, 70, 70, 76)
"""Widths of the columns at 406 pixels."""

NAMES: Final = ("", "precision", "recall", "f1", "support")
"""Of the columns in the settings; the classes' names take what the others leave."""

LEAST: Final = 62
"""Pixels of a figure with its bar and its head."""

LEAST_LABEL: Final = 60
"""Pixels of a name, however wide the figures' columns were dragged."""

MEASURED: Final = 100
"""Classes whose names are measured; of more some name is long anyway."""


class ClassRowDelegate(QStyledItemDelegate):
    """The delegate that draws a figure of a class."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """One height for all."""
        return QSize(60, ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one cell."""
        figures: ClassFigures = index.data(Qt.ItemDataRole.UserRole)
        color, box, column = self._theme.color, QRect(option.rect), index.column()
        painter.save()
        chosen = paint_row(painter, self._theme, option, frame=False)
        if chosen:
            painter.fillRect(QRect(box.left(), box.top(), box.width(), 1), color("acc"))
            painter.fillRect(QRect(box.left(), box.bottom(), box.width(), 1), color("acc"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if column == LABEL:
            self._draw_label(painter, figures, box)
        elif column == SUPPORT:
            painter.setPen(color("t2"))
            ink(f"{figures.support:,}", 12).draw_in(painter, box.adjusted(0, 0, -16, 0), "right")
        else:
            self._draw_figure(painter, figure_of(figures, column), box, bold=column == F1)
        painter.restore()

    def _draw_label(self, painter: QPainter, figures: ClassFigures, box: QRect) -> None:
        token, hollow = class_colour(figures.number)
        colour = self._theme.color(token)
        painter.setPen(QPen(colour, 1.6) if hollow else Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush if hollow else colour)
        radius = 3.4 if hollow else 4.0
        painter.drawEllipse(QPointF(box.left() + 21, box.center().y() + 0.5), radius, radius)
        painter.setPen(self._theme.color("t1"))
        ink(elided(figures.label, box.width() - 36), 12).draw_in(painter, box.adjusted(34, 0, 0, 0))

    def _draw_figure(self, painter: QPainter, value: float | None, box: QRect, *, bold: bool) -> None:
        color = self._theme.color
        painter.setPen(color("t1" if value is not None else "t3"))
        text = ink(figure_text(value), 12, 600 if bold else 400)
        text.draw(painter, box.right() - text.width + 1, box.top() + 2)
        if value is None:
            return
        bar = QRectF(box.right() + 1 - BAR, box.bottom() - 5, BAR, 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("hover"))
        painter.drawRoundedRect(bar, 1.5, 1.5)
        painter.setBrush(color("acc"))
        painter.drawRoundedRect(QRectF(bar.left(), bar.top(), max(1.0, BAR * value), 3), 1.5, 1.5)


class ClassHeader(QHeaderView):
    """The header of the table, whose words stand above their figures; an arrow says what it is sorted by."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._theme = theme
        self.setFixedHeight(HEADER)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setMinimumSectionSize(20)
        self.setHighlightSections(False)
        self.setSectionsClickable(True)
        self.setAccessibleName("Columns of the figures by class")

    def paintSection(self, painter: QPainter, box: QRect, column: int) -> None:
        """Draw one title."""
        color = self._theme.color
        painter.fillRect(box, color("raise"))
        painter.fillRect(QRect(box.left(), box.bottom(), box.width(), 1), color("line"))
        arrow = ""
        if self.sortIndicatorSection() == column:
            arrow = " ▲" if self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder else " ▼"
        painter.setPen(color("t2"))
        words = ink(f"{HEADS[column]}{arrow}", 11, 500)
        if column == LABEL:
            words.draw_in(painter, box.adjusted(16, 0, 0, 0))
        else:
            words.draw_in(painter, box.adjusted(0, 0, -16 if column == SUPPORT else 1, 0), "right")


class ClassTable(QTableView):
    """The table of classes; a row chosen selects that class.

    Attributes:
        dragged: columns that the user has given another width.
    """

    def __init__(self, theme: Theme, classes: ClassFiguresModel) -> None:
        super().__init__()
        self._longest = 0
        self.setModel(classes)
        self._delegate = ClassRowDelegate(theme)
        self.setItemDelegate(self._delegate)
        self.setShowGrid(False)
        self.setAccessibleName("Figures by class")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().setVisible(False)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW)
        header = ClassHeader(theme)
        self.setHorizontalHeader(header)
        self.dragged = DraggedColumns(header, self._share_width, NAMES.__getitem__, table="classes")
        column, order = classes.sorted_by
        header.setSortIndicator(column, order)
        self.setSortingEnabled(True)
        theme.changed.connect(self.viewport().update)
        classes.modelReset.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        """No higher than its rows, so that the means stand right below them."""
        rows = self.model().rowCount()
        self.setMaximumHeight(HEADER + ROW * rows)
        figures = [self.model().index(row, LABEL).data(Qt.ItemDataRole.UserRole) for row in range(min(rows, MEASURED))]
        self._longest = round(max((ink(each.label, 12).width for each in figures), default=0.0))
        self._share_width()

    def resizeEvent(self, event: object) -> None:
        """The columns share the width."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._share_width()

    def _share_width(self) -> None:
        wide = self.viewport().width()
        widths = [self.dragged.width(column, wide * share // sum(SHARES)) for column, share in enumerate(SHARES)]
        widths[LABEL] += wide - sum(widths)
        # Long names take what the figures do not need.
        lacking = self._longest + 40 - widths[LABEL]
        for column in range(len(widths)):
            if column != LABEL and lacking > 0 and not self.dragged.is_dragged(column):
                given = min(max(0, widths[column] - LEAST), -(-lacking // (len(widths) - column)))
                widths[column] -= given
                widths[LABEL] += given
                lacking -= given
        # There is no bar to scroll sideways with: what was dragged too wide gives way.
        if (missing := LEAST_LABEL - widths[LABEL]) > 0:
            figures = sum(widths) - widths[LABEL]
            widths = [width - math.ceil(missing * width / figures) for width in widths]
            widths[LABEL] = LEAST_LABEL
        with self.dragged.fitting():
            for column, width in enumerate(widths):
                self.setColumnWidth(column, width)


class MeanRow(QWidget):
    """The means over the classes, below the columns that they are of."""

    def __init__(self, theme: Theme, table: ClassTable) -> None:
        super().__init__()
        self._theme, self._table = theme, table
        self._texts: tuple[str, ...] = ()
        self.setFixedHeight(26)
        self.setAccessibleName("Mean over the classes")
        table.horizontalHeader().sectionResized.connect(lambda *_: self.update())
        theme.changed.connect(self.update)

    def show_texts(self, texts: tuple[str, ...], tip: str) -> None:
        """Show other words, one a column."""
        self._texts = texts
        self.setToolTip(tip)
        names = zip(HEADS[1:], texts[1:], strict=False)
        self.setAccessibleDescription(", ".join(f"{name} {text}" for name, text in names))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the words below their columns."""
        painter, color = QPainter(self), self._theme.color
        painter.fillRect(self.rect(), color("raise"))
        header = self._table.horizontalHeader()
        for column, text in enumerate(self._texts):
            left = header.sectionViewportPosition(column)
            box = QRect(left, 0, header.sectionSize(column), self.height())
            words = ink(text, 12, 600)
            painter.setPen(color("t2" if column == SUPPORT else "t1"))
            if column == LABEL:
                words.draw_in(painter, box.adjusted(16, 0, 0, 0))
            else:
                words.draw_in(painter, box.adjusted(0, 0, -16 if column == SUPPORT else 1, 0), "right")
