"""The published designs with a check box each, so that several are pinned in one go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPen, QStandardItemModel
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

from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design
from resnet_gui.gui.common.preset_combo import NAME, SOURCE, fill_preset_model, find_presets
from resnet_gui.gui.kit.basic import button, column, label, row
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.theme import Theme

POPUP: Final = QSize(400, 500)
HEADING, ROW, BOX = 28, 42, 16
CHECKED = Qt.ItemDataRole.CheckStateRole


class _CheckedRows(QStyledItemDelegate):
    """The delegate of the list: headings, and presets with a check box and their source."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Headings are lower."""
        return QSize(100, ROW if index.data(NAME) else HEADING)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one row."""
        color, box = self._theme.color, option.rect
        if not index.data(NAME):
            painter.setPen(color("t3"))
            ink(str(index.data()), 11, 600).draw_in(painter, box.adjusted(12, 4, 0, 0))
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(color("acc"), 1))
            painter.setBrush(color("accsoft"))
            painter.drawRoundedRect(box.adjusted(5, 1, -6, -2), 5, 5)
        on, able = index.data(CHECKED) == Qt.CheckState.Checked.value, bool(index.flags() & Qt.ItemFlag.ItemIsEnabled)
        square = QRectF(box.left() + 14, box.center().y() - BOX / 2, BOX, BOX)
        painter.setPen(QPen(color("accfill" if on else "ctl"), 1))
        painter.setBrush(color("accfill" if on else "raise"))
        painter.setOpacity(1.0 if able else 0.5)
        painter.drawRoundedRect(square, 3, 3)
        if on:
            painter.drawPixmap(int(square.left()) + 2, int(square.top()) + 2, self._theme.pixmap("check", "onacc", 12))
        painter.setOpacity(1.0)
        room = box.width() - 56
        painter.setPen(color("t1" if able else "t2"))
        title = str(index.data()) if able else f"{index.data()}, pinned"
        ink(elided(title, room, 13, 500), 13, 500).draw(painter, box.left() + 40, box.top() + 4)
        painter.setPen(color("t2"))
        ink(elided(str(index.data(SOURCE)), room, 11), 11).draw(painter, box.left() + 40, box.top() + 22)


class PresetChecklist(QFrame):
    """The popup of the presets: a search, a list with check boxes, and a button that pins what is checked.

    Signals:
        chosen: names of the presets that were checked, in the order of checking.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget, pinned: Sequence[str], most: int) -> None:
        """Offer the presets but those that are ``pinned``, of which ``most`` may be checked."""
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popover")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._pinned, self._most = frozenset(pinned), most
        self._checked: list[str] = []
        layout = column(self, (6, 8, 6, 8), 6)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search, e.g. 50, Xie or option A")
        self.search.setAccessibleName("Search of the presets")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._find)
        self.search.installEventFilter(self)
        layout.addWidget(self.search)
        self.model = QStandardItemModel(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self._rows = _CheckedRows(theme)
        self.list.setItemDelegate(self._rows)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName("Presets")
        self.list.clicked.connect(self.toggle)
        layout.addWidget(self.list, 1)
        self.nothing = label("No preset has these words.", "muted12")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self.nothing)
        line = row(margins=(8, 0, 8, 0), gap=8)
        self.words = label("", "muted12")
        self.pin = button("Pin", "primary", "Pin what is checked (Enter)")
        self.pin.clicked.connect(self._take)
        line.addWidget(self.words, 1)
        line.addWidget(self.pin)
        layout.addLayout(line)
        self._find("")
        self._show_count()

    def open_under(self, anchor: QWidget) -> None:
        """Open below a widget."""
        corner, screen = anchor.mapToGlobal(anchor.rect().bottomLeft()), anchor.screen().availableGeometry()
        size = QSize(POPUP.width(), min(POPUP.height(), max(240, screen.bottom() - corner.y() - 12)))
        place = QRect(corner, size)
        place.moveLeft(max(screen.left(), min(place.left(), screen.right() - size.width())))
        self.setGeometry(place.translated(0, 4))
        self.show()
        self.search.setFocus()

    @property
    def checked(self) -> tuple[str, ...]:
        """Names of the presets that are checked, in the order of checking."""
        return tuple(self._checked)

    def toggle(self, index: QModelIndex) -> None:
        """Check a preset, or no longer; no more are checked than can be pinned."""
        name = index.data(NAME)
        if not name or name in self._pinned:
            return
        if name in self._checked:
            self._checked.remove(name)
        elif len(self._checked) < self._most:
            self._checked.append(name)
        self._show_checks()
        self._show_count()

    def _find(self, text: str) -> None:
        found = find_presets(text)
        fill_preset_model(self.model, found)
        self.list.setVisible(bool(found))
        self.nothing.setVisible(not found)
        self._show_checks()
        if text.strip() and found:
            self.list.setCurrentIndex(self.model.index(1, 0))

    def _show_checks(self) -> None:
        for number in range(self.model.rowCount()):
            item = self.model.item(number)
            name = item.data(NAME)
            if name:
                pinned = name in self._pinned
                item.setEnabled(not pinned)
                item.setCheckState(
                    Qt.CheckState.Checked if pinned or name in self._checked else Qt.CheckState.Unchecked
                )

    def _show_count(self) -> None:
        count = len(self._checked)
        full = f", and no more than {self._most} fit" if count == self._most else ""
        self.words.setText(f"{count} checked{full}" if count else "Check the designs to compare")
        self.pin.setText(f"Pin {count}" if count else "Pin")
        self.pin.setEnabled(bool(count))

    def _take(self) -> None:
        """Pin what is checked; where nothing is, what is marked."""
        name = self.list.currentIndex().data(NAME)
        found = self.checked or ((str(name),) if name and name not in self._pinned and self._most else ())
        if found:
            self.close()
            self.chosen.emit(found)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows walk through the list from the search, Ctrl+Space checks, Enter pins."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8}
            step = steps.get(Qt.Key(event.key()))
            if step is not None:
                self._move(step)
                return True
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self._take()
                return True
            if event.key() == Qt.Key.Key_Space and (
                event.modifiers() & Qt.KeyboardModifier.ControlModifier or not self.search.text()
            ):
                self.toggle(self.list.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def _move(self, step: int) -> None:
        rows = [number for number in range(self.model.rowCount()) if self.model.index(number, 0).data(NAME)]
        if rows:
            present = self.list.currentIndex().row()
            place = rows.index(present) + step if present in rows else 0
            self.list.setCurrentIndex(self.model.index(rows[min(max(place, 0), len(rows) - 1)], 0))


def names_of(designs: Sequence[Design]) -> tuple[str, ...]:
    """Names of the presets whose designs these are."""
    return tuple(name for name, preset in PRESETS.items() if preset.design in designs)
