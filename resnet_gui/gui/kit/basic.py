"""Small parts of every page: labels, buttons, segments, lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

from resnet_gui.gui.kit.format import native_keys
from resnet_gui.gui.kit.theme import Theme, font


def label(text: str = "", role: str = "", *, wrap: bool = False) -> QLabel:
    """A label in one of the style sheet's roles; its text is never read as HTML."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    return made


class ElidedLabel(QLabel):
    """A label in one of the style sheet's roles that ends in an ellipsis where it has too little room."""

    def __init__(self, text: str = "", role: str = "", *, least: int = 40) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._least = least
        if role:
            self.setProperty("role", role)

    def minimumSizeHint(self) -> QSize:
        """A few letters."""
        return QSize(min(self._least, super().minimumSizeHint().width()), super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what there is room for."""
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        if shown == self.text():
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter), shown)


class ElidingCombo(QComboBox):
    """A combo box whose present entry ends in an ellipsis where it has too little room."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw frame, arrow and text."""
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        # The label is drawn into the field but for a pixel on either side.
        room = field.width() - 2
        if not option.currentIcon.isNull():
            room -= option.iconSize.width() + 6
        shown = option.currentText if self.currentIndex() >= 0 else self.placeholderText()
        option.currentText = self.fontMetrics().elidedText(shown, Qt.TextElideMode.ElideRight, room)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)


def scrolled(body: QWidget, viewport: QWidget | None = None) -> QScrollArea:
    """What is higher than its place, without a frame, to be scrolled up and down."""
    area = QScrollArea()
    if viewport is not None:
        area.setViewport(viewport)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(body)
    return area


def resize_within_screen(window: QWidget, width: int, height: int) -> None:
    """Give a window a size, or nine tenths of its screen where that is smaller."""
    screen = window.screen()
    room = screen.availableSize() * 0.9 if screen is not None else QSize(width, height)
    window.resize(QSize(width, height).boundedTo(room))


def fill_menu(menu: QMenu, entries: Iterable[tuple[str, Callable[[], object], bool] | None]) -> None:
    """Add entries to a menu: a text, what it does, and whether that can be done now; None is a line between."""
    for entry in entries:
        if entry is None:
            menu.addSeparator()
            continue
        text, work, able = entry
        action = menu.addAction(text)
        action.setEnabled(able)
        action.triggered.connect(lambda _=False, work=work: work())


def restyle(widget: QWidget, **properties: object) -> None:
    """Set properties that the style sheet asks for, and let it look again."""
    if all(widget.property(name) == value for name, value in properties.items()):
        return
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def button(text: str, kind: str = "", tip: str = "") -> QPushButton:
    """A push button of one of the style sheet's kinds."""
    made = QPushButton(text)
    if kind:
        made.setProperty("kind", kind)
    if tip:
        made.setToolTip(native_keys(tip))
    return made


def icon_button(theme: Theme, icon: str, tip: str, *, size: int = 28) -> QPushButton:
    """A square button that shows only an icon; its tooltip is its accessible name."""
    made = button("", "ghost", tip)
    made.setFixedSize(size, size)
    made.setStyleSheet("padding: 0; min-height: 0;")
    made.setAccessibleName(native_keys(tip))
    made.setIconSize(QSize(16, 16))
    theme.follow(made, lambda: made.setIcon(theme.icon(icon)))
    return made


def set_icon(theme: Theme, target: QPushButton, icon: str, token: str) -> None:
    """Give a button an icon that follows the theme."""
    target.setIconSize(QSize(16, 16))
    theme.follow(target, lambda: target.setIcon(theme.icon(icon, token)))


def vertical_line() -> QFrame:
    """The short line between groups in a bar."""
    made = QFrame()
    made.setObjectName("vr")
    made.setFixedSize(1, 20)
    return made


def panel(name: str = "panel") -> QFrame:
    """A frame with the panel's background; ``name`` picks a variant of the style sheet."""
    made = QFrame()
    made.setObjectName(name)
    made.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return made


def column(parent: QWidget, margins: tuple[int, int, int, int] = (0, 0, 0, 0), gap: int = 0) -> QVBoxLayout:
    """A column without surprises: margins left, top, right, bottom."""
    layout = QVBoxLayout(parent)
    _tighten(layout, margins, gap)
    return layout


def row(parent: QWidget | None = None, margins: tuple[int, int, int, int] = (0, 0, 0, 0), gap: int = 8) -> QHBoxLayout:
    """A row without surprises: margins left, top, right, bottom."""
    layout = QHBoxLayout(parent) if parent is not None else QHBoxLayout()
    _tighten(layout, margins, gap)
    return layout


def _tighten(layout: QBoxLayout, margins: tuple[int, int, int, int], gap: int) -> None:
    layout.setContentsMargins(*margins)
    layout.setSpacing(gap)


def focusable(layout: QLayout) -> list[QWidget]:
    """The widgets of a layout that take the focus, in the order in which they stand."""
    found: list[QWidget] = []
    order = list(range(layout.count()))
    if isinstance(layout, QGridLayout):
        places = {number: layout.getItemPosition(number) for number in order}
        order.sort(key=lambda number: list(places[number]))  # type: ignore[call-overload]
    for number in order:
        item = layout.itemAt(number)
        if item is None:
            continue
        inner, widget = item.layout(), item.widget()
        if inner is None and widget is not None and widget.focusPolicy() == Qt.FocusPolicy.NoFocus:
            inner = widget.layout()
        if inner is not None:
            found += focusable(inner)
        elif widget is not None and widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
            found.append(widget)
    return found


def header(title: str, *, height: int = 36) -> tuple[QFrame, QHBoxLayout, QLabel]:
    """A panel's title bar, its row (add to it what stands at the right) and its title."""
    bar = panel("panelHeader")
    bar.setFixedHeight(height)
    layout = row(bar, (12, 0, 12, 0))
    made = label(title, "title")
    layout.addWidget(made)
    return bar, layout, made


class SegmentedControl(QWidget):
    """Exclusive choices side by side, each with an optional second line.

    Signals:
        chosen: the key of the segment that the user chose.
        kept: the key of the chosen segment, which the user chose once more.
    """

    chosen = Signal(str)
    kept = Signal(str)

    def __init__(
        self, theme: Theme, options: Sequence[tuple[str, str, str]], *, height: int = 0, fitted: bool = False
    ) -> None:
        """Make a choice among ``options``: key, title, second line (may be empty).

        ``fitted`` segments are as wide as their words, others are all of one width.
        """
        super().__init__()
        self._theme, self._fitted = theme, fitted
        self._options = list(options)
        self._key = options[0][0] if options else ""
        self._hover = -1
        self._blocked: set[str] = set()
        tall = any(option[2] for option in options)
        self.setFixedHeight(height or (42 if tall else 28))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(
            QSizePolicy.Policy.Maximum if fitted else QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed
        )
        theme.changed.connect(self.update)

    @property
    def key(self) -> str:
        """The key of the chosen segment."""
        return self._key

    def set_key(self, key: str) -> None:
        """Show a choice without telling anybody."""
        if key == self._key and self.accessibleDescription():
            return
        self._key = key
        self.setAccessibleDescription(next((title for known, title, _ in self._options if known == key), ""))
        self.update()

    def set_options(self, options: Sequence[tuple[str, str, str]], blocked: set[str]) -> None:
        """Replace the segments; those of the ``blocked`` keys can be seen but not chosen."""
        self._options, self._blocked = list(options), blocked
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Wide enough for every text."""
        widths = self._widths()
        return QSize(sum(widths) if self._fitted else max(widths, default=18) * len(widths), self.height())

    def minimumSizeHint(self) -> QSize:
        """Fitted segments shrink to two thirds of their words, which then end in an ellipsis."""
        return QSize(self.sizeHint().width() * 2 // 3, self.height()) if self._fitted else super().minimumSizeHint()

    def _widths(self) -> list[int]:
        metrics = QFontMetrics(font(12, 600)) if self._fitted else self.fontMetrics()
        room = 16 if self._fitted else 18
        return [max(map(metrics.horizontalAdvance, texts), default=0) + room for _, *texts in self._options]

    def _fitted_widths(self) -> list[float]:
        """The segments' widths in the room that there is."""
        widths = self._widths()
        share = min(1.0, self.width() / max(1, sum(widths)))
        return [share * width for width in widths]

    def _segment(self, index: int) -> QRectF:
        if self._fitted:
            widths = self._fitted_widths()
            return QRectF(sum(widths[:index]), 0, widths[index], self.height())
        width = self.width() / max(len(self._options), 1)
        return QRectF(index * width, 0, width, self.height())

    def _at(self, x: float) -> int:
        inside = (index for index in range(len(self._options)) if x < self._segment(index).right())
        return next(inside, len(self._options) - 1)

    def _choose(self, index: int) -> None:
        key = self._options[index][0]
        if key in self._blocked:
            return
        if key == self._key:
            self.kept.emit(key)
            return
        self.set_key(key)
        self.chosen.emit(key)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light the segment under the pointer."""
        self._hover = self._at(event.position().x())
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Nothing is under the pointer."""
        self._hover = -1
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the segment under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(self._at(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right choose the neighbour."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        keys = [key for key, *_ in self._options if key not in self._blocked]
        if self._key not in keys and keys:
            # The present choice is none of these: Right takes the first, Left the last.
            self._choose([key for key, *_ in self._options].index(keys[0 if step > 0 else -1]))
        elif self._key in keys and 0 <= keys.index(self._key) + step < len(keys):
            wanted = keys[keys.index(self._key) + step]
            self._choose([key for key, *_ in self._options].index(wanted))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw frame, separators, the chosen segment over the frame, and the texts."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self._theme.color
        radius = 6 if self.height() >= 28 else 5
        whole = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(color("ctl" if self.isEnabled() else "line"), 1))
        painter.setBrush(color("raise"))
        painter.drawRoundedRect(whole, radius, radius)
        for index in range(1, len(self._options)):
            x = round(self._segment(index).left()) + 0.5
            painter.setPen(QPen(color("line2"), 1))
            painter.drawLine(QPointF(x, 1), QPointF(x, self.height() - 1))
        for index, (key, title, second) in enumerate(self._options):
            box = self._segment(index)
            chosen, blocked = key == self._key, key in self._blocked or not self.isEnabled()
            if chosen or (index == self._hover and not blocked):
                painter.setPen(QPen(color("acc"), 2 if self.hasFocus() else 1) if chosen else QPen(Qt.PenStyle.NoPen))
                painter.setBrush(color("accsoft" if chosen else "hover"))
                inset = 0.5 if chosen else 1.5
                painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), radius - 1, radius - 1)
            ink = color("dis") if blocked else color("t1" if chosen else "t2")
            self._write(painter, box, (title, second), ink, bold=chosen or bool(second))

    def _write(self, painter: QPainter, box: QRectF, texts: tuple[str, str], ink: QColor, *, bold: bool) -> None:
        title, second = texts
        painter.setPen(ink)
        painter.setFont(font(13 if second else 12, 600 if bold else 500))
        if not second:
            shown = title
            if self._fitted:
                room = int(box.width()) - 6
                shown = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, room)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)
            return
        middle = box.center().y()
        top, bottom = QRectF(box), QRectF(box)
        top.setBottom(middle + 1)
        bottom.setTop(middle + 1)
        painter.drawText(top, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, title)
        painter.setFont(font(11))
        painter.setPen(self._theme.color("dis") if not self.isEnabled() else self._theme.color("t2"))
        painter.drawText(bottom, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, second)


class StatusDot(QLabel):
    """A small round sign in a colour of the theme."""

    def __init__(self, theme: Theme, token: str, size: int = 8) -> None:
        super().__init__()
        self._theme, self._token, self._size = theme, token, size
        self.setFixedSize(size, size)
        theme.changed.connect(self._paint)
        self._paint()

    def set_token(self, token: str) -> None:
        """Take another colour."""
        self._token = token
        self._paint()

    def _paint(self) -> None:
        self.setStyleSheet(f"background: {self._theme.hex(self._token)}; border-radius: {self._size // 2}px;")
