"""The list of published designs, grouped by family, with a search and the source under each name."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QCursor, QKeyEvent, QPainter, QPaintEvent, QPen, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from resnet_gui.design.presets import PRESETS, Preset
from resnet_gui.gui.kit.basic import ElidingCombo, column, label
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.field_guard import FieldGuard
from resnet_gui.gui.kit.theme import Theme

NAME, SOURCE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
POPUP = QSize(380, 460)
HEADING, ROW = 28, 42


def find_presets(text: str) -> list[Preset]:
    """Presets that have every word of a search in their title, name, family or source."""
    words = text.casefold().split()
    return [
        preset
        for preset in PRESETS.values()
        if all(
            word in f"{preset.title} {preset.name} {preset.family} {preset.source}".casefold().replace("×", "x")
            or word in preset.title.casefold()
            for word in words
        )
    ]


def fill_preset_model(model: QStandardItemModel, presets: list[Preset]) -> None:
    """Put presets into a model, each family under its heading."""
    model.clear()
    family = ""
    for preset in presets:
        if preset.family != family:
            family = preset.family
            heading = QStandardItem(family)
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            model.appendRow(heading)
        item = QStandardItem(preset.title)
        item.setData(preset.name, NAME)
        item.setData(preset.source, SOURCE)
        item.setToolTip(preset.source)
        item.setData(f"{preset.title}, {preset.source}", Qt.ItemDataRole.AccessibleTextRole)
        model.appendRow(item)


class _PresetRows(QStyledItemDelegate):
    """The delegate of the list: headings, and presets with their source; the ``present`` one has a check."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.present = ""

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Headings are lower."""
        return QSize(100, ROW if index.data(NAME) else HEADING)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one row."""
        color, box = self._theme.color, option.rect
        title, name = str(index.data()), index.data(NAME)
        if not name:
            painter.setPen(color("t3"))
            ink(title, 11, 600).draw_in(painter, box.adjusted(12, 4, 0, 0))
            return
        on = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if on:
            painter.setPen(QPen(color("acc"), 1))
            painter.setBrush(color("accsoft"))
            painter.drawRoundedRect(box.adjusted(5, 1, -6, -2), 5, 5)
        room = box.width() - 48
        painter.setPen(color("t1"))
        ink(elided(title, room, 13, 500), 13, 500).draw(painter, box.left() + 14, box.top() + 4)
        painter.setPen(color("t2"))
        ink(elided(str(index.data(SOURCE)), room + 18, 11), 11).draw(painter, box.left() + 14, box.top() + 22)
        if name == self.present:
            painter.drawPixmap(box.right() - 28, box.top() + 12, self._theme.pixmap("check", "acc", 16))


class PresetPopup(QFrame):
    """The popup of a preset combo: a search field and the list.

    Signals:
        chosen: name of the preset that was chosen.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._theme = theme
        layout = column(self, (7, 8, 7, 7), 6)
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
        self._rows = _PresetRows(theme)
        self.list.setItemDelegate(self._rows)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setMouseTracking(True)
        self.list.entered.connect(self._light)
        self._pointer = QPoint()
        self.list.clicked.connect(self._tell)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # The popup has the frame; a list inside a combo box would have another.
        self.list.setStyleSheet("border: none; padding: 0;")
        self.list.setAccessibleName("Presets")
        layout.addWidget(self.list)
        self.nothing = label("No preset has these words.", "muted12")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self.nothing)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw ground and frame; Qt frames no popup that a style sheet describes."""
        painter = QPainter(self)
        painter.setPen(self._theme.color("ctl"))
        painter.setBrush(self._theme.color("panel"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def open_under(self, anchor: QWidget, name: str) -> None:
        """Open below a widget with everything listed and the preset of a name in view."""
        self._rows.present = name
        self.search.clear()
        self._find("")
        present = self.model.match(self.model.index(0, 0), NAME, name, 1, Qt.MatchFlag.MatchExactly)
        if present:
            self.list.setCurrentIndex(present[0])
            self.list.scrollTo(present[0], QAbstractItemView.ScrollHint.PositionAtCenter)
        corner = anchor.mapToGlobal(anchor.rect().bottomLeft())
        size = QSize(max(POPUP.width(), anchor.width()), POPUP.height())
        screen = anchor.screen().availableGeometry()
        below = screen.bottom() - corner.y()
        size.setHeight(min(size.height(), max(200, below - 12)))
        place = QRect(corner, size)
        place.moveLeft(min(place.left(), screen.right() - size.width()))
        self.setGeometry(place.translated(0, 4))
        self._pointer = QCursor.pos()
        self.show()
        self.search.setFocus()

    def _find(self, text: str) -> None:
        found = find_presets(text)
        fill_preset_model(self.model, found)
        self.list.setVisible(bool(found))
        self.nothing.setVisible(not found)
        self._pointer = QCursor.pos()
        if text.strip() and found:
            self.list.setCurrentIndex(self.model.index(1, 0))

    def _light(self, index: QModelIndex) -> None:
        """Take the row below the pointer; not that of one which rests where the list opened, or was only touched."""
        moved = (QCursor.pos() - self._pointer).manhattanLength() >= QApplication.startDragDistance()
        if moved and index.data(NAME):
            self.list.setCurrentIndex(index)

    def _tell(self, index: QModelIndex) -> None:
        name = index.data(NAME)
        if name:
            self.close()
            self.chosen.emit(str(name))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up, Down, Page keys and Enter in the search are for the list."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -8, Qt.Key.Key_PageDown: 8}
            step = steps.get(Qt.Key(event.key()))
            if step is not None:
                self._pointer = QCursor.pos()
                self._move(step)
                return True
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self._tell(self.list.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def _move(self, step: int) -> None:
        rows = [row for row in range(self.model.rowCount()) if self.model.index(row, 0).data(NAME)]
        if not rows:
            return
        present = self.list.currentIndex().row()
        place = rows.index(present) + step if present in rows else 0
        self.list.setCurrentIndex(self.model.index(rows[min(max(place, 0), len(rows) - 1)], 0))


class PresetCombo(ElidingCombo):
    """A combo box of the presets whose list can be searched.

    Signals:
        preset_chosen: the user chose one.
    """

    preset_chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        model = QStandardItemModel(self)
        fill_preset_model(model, list(PRESETS.values()))
        self.setModel(model)
        # As wide as its place; the list has a width of its own.
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.setAccessibleName("Preset")
        self.setToolTip("A published design to begin with")
        # A wheel over a list that has no focus scrolls the form and chooses nothing.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.installEventFilter(FieldGuard(self))
        self.activated.connect(self._tell)
        self._popup: PresetPopup | None = None

    @property
    def popup(self) -> PresetPopup:
        """The list, made when it is first asked for."""
        if self._popup is None:
            self._popup = PresetPopup(self._theme, self)
            self._popup.chosen.connect(self._choose)
        return self._popup

    def showPopup(self) -> None:  # noqa: N802
        """Open the list with its search."""
        self.popup.open_under(self, self.currentData() or "")

    def hidePopup(self) -> None:  # noqa: N802
        """Close it."""
        if self._popup is not None:
            self._popup.hide()

    def show_preset(self, preset: Preset) -> None:
        """Show a preset without telling anybody."""
        place = self.findData(preset.name)
        if place != self.currentIndex():
            self.setCurrentIndex(place)

    def _choose(self, name: str) -> None:
        self.setCurrentIndex(self.findData(name))
        self.preset_chosen.emit(PRESETS[name])

    def _tell(self, index: int) -> None:
        name = self.itemData(index)
        if name in PRESETS:
            self.preset_chosen.emit(PRESETS[name])
