"""The popup of a palette: a field, and a list of what it finds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from resnet_gui.gui.kit.basic import column, label
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.palette.finding import PaletteEntry, find_entries
from resnet_gui.gui.kit.palette.model import Index, PaletteModel
from resnet_gui.gui.kit.theme import Theme

WIDE, HIGH, HEADING, ROW = 620, 440, 26, 34
PAGE: Final = 8
"""Rows that a Page key moves by."""


class _PaletteDelegate(QStyledItemDelegate):
    """The delegate: headings, and entries with their detail and their key."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        """Headings are lower."""
        return QSize(100, ROW if index.data(Qt.ItemDataRole.UserRole) is not None else HEADING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        color, box = self._theme.color, option.rect
        entry = index.data(Qt.ItemDataRole.UserRole)
        if entry is None:
            painter.setPen(color("t3"))
            ink(str(index.data()), 11, 600).draw_in(painter, box.adjusted(12, 4, 0, 0))
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(color("acc"), 1))
            painter.setBrush(color("accsoft"))
            painter.drawRoundedRect(QRectF(box.adjusted(5, 1, -6, -2)), 5, 5)
        inside = QRectF(box.adjusted(14, 0, -16, -1))
        if entry.key:
            key = ink(entry.key, 11)
            painter.setPen(color("t2"))
            key.draw_in(painter, inside, "right")
            inside.setRight(inside.right() - key.width - 12)
        title = elided(entry.title, int(inside.width()), 13, 500)
        painter.setPen(color("dis" if entry.reason else "t1"))
        drawn = ink(title, 13, 500)
        drawn.draw_in(painter, inside)
        inside.setLeft(inside.left() + drawn.width + 12)
        about = entry.reason or entry.detail
        if about and inside.width() > 40:
            painter.setPen(color("t2"))
            ink(elided(about, int(inside.width()), 11), 11).draw_in(painter, inside)


class CommandPalette(QFrame):
    """The popup of the palette: a field and what it finds."""

    def __init__(self, theme: Theme, parent: QWidget, placeholder: str) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._window = parent
        self.setObjectName("popover")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Command palette")
        self._entries: list[PaletteEntry] = []
        layout = column(self, (6, 8, 6, 6), 6)
        self.search = QLineEdit()
        self.search.setPlaceholderText(placeholder)
        self.search.setAccessibleName("Command")
        self.search.textChanged.connect(self._find)
        self.search.installEventFilter(self)
        layout.addWidget(self.search)
        self.model = PaletteModel(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(_PaletteDelegate(theme, self.list))
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMouseTracking(True)
        self.list.clicked.connect(self._do)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName("Commands")
        layout.addWidget(self.list)
        self.nothing = label("Nothing has these letters.", "muted12")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self.nothing)
        self.about = label("", "muted12", wrap=True)
        self.about.setContentsMargins(8, 0, 8, 2)
        layout.addWidget(self.about)
        self.list.selectionModel().currentChanged.connect(self._show_about)

    def open_with(self, entries: Sequence[PaletteEntry]) -> None:
        """Open in the upper middle of the window with everything listed."""
        self.show_entries(entries)
        self.search.clear()
        self._find("")
        window = self._window
        size = QSize(min(WIDE, window.width() - 32), min(HIGH, window.height() - 64))
        corner = window.mapToGlobal(QPoint((window.width() - size.width()) // 2, 52))
        self.setGeometry(QRect(corner, size))
        self.show()
        self.search.setFocus()

    def show_entries(self, entries: Sequence[PaletteEntry]) -> None:
        """Take other entries, as when there are more by now."""
        self._entries = list(entries)
        if self.isVisible():
            self._find(self.search.text())

    def _find(self, text: str) -> None:
        found = find_entries(text, self._entries)
        self.model.show_entries(found)
        self.list.setVisible(bool(found))
        self.nothing.setVisible(not found)
        self.list.setCurrentIndex(self.model.index(1, 0))
        self.list.scrollToTop()
        if not found:
            self._show_about()

    def _show_about(self) -> None:
        """Say below the list why the chosen one cannot be done."""
        entry = self.model.entry(self.list.currentIndex().row())
        reason = entry.reason if entry is not None else ""
        self.about.setText(reason)
        self.about.setVisible(bool(reason))

    def _do(self, index: QModelIndex) -> None:
        """Close and do what was chosen, unless that cannot be done."""
        entry = self.model.entry(index.row())
        if entry is None or entry.reason:
            return
        self.close()
        # When the popup is gone: the work may open a dialog, or ask which widget has the focus.
        QTimer.singleShot(0, self._window, entry.work)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up, Down, Page keys and Enter in the field are for the list."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -PAGE, Qt.Key.Key_PageDown: PAGE}
            step = steps.get(Qt.Key(event.key()))
            if step is not None:
                self._move(step)
                return True
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self._do(self.list.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def _move(self, step: int) -> None:
        rows = [row for row in range(self.model.rowCount()) if self.model.entry(row) is not None]
        if not rows:
            return
        present = self.list.currentIndex().row()
        place = rows.index(present) + step if present in rows else 0
        self.list.setCurrentIndex(self.model.index(rows[min(max(place, 0), len(rows) - 1)], 0))
