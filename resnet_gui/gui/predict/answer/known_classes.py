"""What a network knows: its classes, as chips or as a list that can be searched, the answer lit."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QRectF, QSize, QSortFilterProxyModel, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListView, QSizePolicy, QWidget

from resnet_gui.gui.kit.basic import column, header, label
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.theme import Theme

MOST_CHIPS: Final = 24
"""Classes up to which every one is a chip."""

CHIP, GAP, SIDE, WIDEST = 22, 6, 16, 200
LIST_HIGH: Final = 118
LIMITS: Final = "Whatever a picture shows, the answer is one of these."


class ClassChips(QWidget):
    """The chips of a few classes; that of the answer is lit.

    Signals:
        class_clicked: number of a class.
    """

    class_clicked = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._classes: tuple[str, ...] = ()
        self._answer, self._place = -1, 0
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Classes that the network knows")
        self.setToolTip("Click a class to see where its evidence lies")
        theme.changed.connect(self.update)

    def show_classes(self, classes: tuple[str, ...]) -> None:
        """Take the labels, in the order of their numbers."""
        self._classes, self._answer, self._place = classes, -1, 0
        self.updateGeometry()
        self.update()

    def show_answer(self, number: int) -> None:
        """Light the class of the answer; −1 for none."""
        self._answer = number
        known = ", ".join(self._classes)
        lit = f"; the answer is {self._classes[number]}" if 0 <= number < len(self._classes) else ""
        self.setAccessibleDescription(f"{known}{lit}")
        self.update()

    def _cells(self, width: int) -> list[QRectF]:
        cells, x, y = list[QRectF](), float(SIDE), 2.0
        for name in self._classes:
            wide = min(WIDEST, ink(name, 12, 600).width) + 16
            if x > SIDE and x + wide > width - SIDE:
                x, y = float(SIDE), y + CHIP + GAP
            cells.append(QRectF(x, y, wide, CHIP))
            x += wide + GAP
        return cells

    def hasHeightForWidth(self) -> bool:
        """Narrower, it has more lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As high as its lines."""
        cells = self._cells(width)
        return int(cells[-1].bottom()) + 4 if cells else CHIP

    def sizeHint(self) -> QSize:
        """Some chips in a line."""
        return QSize(300, self.heightForWidth(300))

    def minimumSizeHint(self) -> QSize:
        """All lines at the present width: a panel with too little height scrolls, and squeezes nothing."""
        return QSize(120, self.heightForWidth(max(self.width(), 120)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The lines break elsewhere."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the class under the mouse."""
        for number, cell in enumerate(self._cells(self.width())):
            if cell.contains(event.position()):
                self._place = number
                self.class_clicked.emit(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right move, Enter and space choose."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is not None and self._classes:
            self._place = min(len(self._classes) - 1, max(0, self._place + step))
            self.update()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space} and self._classes:
            self.class_clicked.emit(self._place)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the chips."""
        painter, color = QPainter(self), self._theme.color
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, (name, cell) in enumerate(zip(self._classes, self._cells(self.width()), strict=True)):
            lit = number == self._answer
            focused = self.hasFocus() and number == self._place
            painter.setPen(QPen(color("acc" if lit or focused else "line2"), 2 if focused else 1))
            painter.setBrush(color("accsoft" if lit else "raise"))
            painter.drawRoundedRect(cell.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            painter.setPen(color("t1" if lit else "t2"))
            weight = 600 if lit else 400
            ink(elided(name, int(cell.width()) - 12, 12, weight), 12, weight).draw_in(painter, cell, "centre")


class ClassSearch(QWidget):
    """The list of many classes with a search; that of the answer is selected.

    Signals:
        class_clicked: number of a class.
    """

    class_clicked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        layout = column(self, (SIDE, 0, SIDE, 0), 4)
        self.search = QLineEdit()
        self.search.setProperty("small", "true")
        self.search.setAccessibleName("Search the classes")
        self.search.setClearButtonEnabled(True)
        layout.addWidget(self.search)
        self._names = QStringListModel(self)
        self._found = QSortFilterProxyModel(self)
        self._found.setSourceModel(self._names)
        self._found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.list = QListView()
        self.list.setModel(self._found)
        self.list.setUniformItemSizes(True)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setAccessibleName("Classes that the network knows")
        self.list.setFixedHeight(LIST_HIGH)
        layout.addWidget(self.list)
        self.nothing = label("It knows no class of that name.", "muted12")
        layout.addWidget(self.nothing)
        self.search.textChanged.connect(self._search)
        self.list.clicked.connect(self._tell)
        self.list.activated.connect(self._tell)

    def show_classes(self, classes: tuple[str, ...]) -> None:
        """Take the labels, in the order of their numbers."""
        self.search.setPlaceholderText(f"Search {len(classes):,} classes")
        self._names.setStringList(list(classes))
        self._search(self.search.text())

    def show_answer(self, number: int) -> None:
        """Select the class of the answer; −1 for none."""
        index = self._found.mapFromSource(self._names.index(number)) if number >= 0 else self._found.index(-1, 0)
        self.list.setCurrentIndex(index)
        if index.isValid():
            self.list.scrollTo(index, QListView.ScrollHint.PositionAtCenter)

    def found(self) -> list[str]:
        """What the search has left."""
        return [str(self._found.index(row, 0).data()) for row in range(self._found.rowCount())]

    def _search(self, text: str) -> None:
        self._found.setFilterFixedString(text.strip())
        some = bool(self._found.rowCount())
        self.list.setVisible(some)
        self.nothing.setVisible(not some)

    def _tell(self, index: QModelIndex) -> None:
        self.class_clicked.emit(self._found.mapToSource(index).row())


class KnownClasses(QFrame):
    """The part of the answer panel that says what the network knows; hidden while there is no network.

    Signals:
        class_clicked: number of a class.
    """

    class_clicked = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        layout = column(self)
        bar, line, _ = header("What it knows")
        bar.setObjectName("panelSection")
        line.addStretch()
        self.count = label("", "muted12")
        line.addWidget(self.count)
        layout.addWidget(bar)
        inside = QWidget()
        layout.addWidget(inside)
        body = column(inside, (0, 8, 0, 0))
        self.chips, self.search = ClassChips(theme), ClassSearch()
        self.limits = label(LIMITS, "caption", wrap=True)
        self.limits.setContentsMargins(SIDE, 4, SIDE, 8)
        for part in (self.chips, self.search, self.limits):
            body.addWidget(part)
        self.chips.class_clicked.connect(self.class_clicked)
        self.search.class_clicked.connect(self.class_clicked)
        self._few = True
        self.show_classes(())

    def show_classes(self, classes: tuple[str, ...]) -> None:
        """Take the labels of a network, in the order of their numbers; none for no network."""
        self.setVisible(bool(classes))
        self._few = len(classes) <= MOST_CHIPS
        self.count.setText(f"{len(classes):,} classes")
        self.chips.setVisible(self._few)
        self.search.setVisible(not self._few)
        self.chips.show_classes(classes if self._few else ())
        self.search.show_classes(() if self._few else classes)

    def show_answer(self, number: int) -> None:
        """Light the class of the answer; −1 for none."""
        (self.chips if self._few else self.search).show_answer(number)
