"""Small parts of every page: labels, buttons, segments, lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QMenu,
    QPushButton,
    QScrollArea,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from resnet_gui.gui.kit.controls.unseen import NamedComboBox
from resnet_gui.gui.kit.format import native_keys
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.window.missing_letters import letter_notice


def allows_motion(widget: QWidget) -> bool:
    """Whether the system that a widget is shown on asks for motion, or for none."""
    return widget.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration, None, widget) != 0


def exists(made: QObject) -> bool:
    """Whether Qt still has an object that Python knows."""
    return isValid(made)


def label(text: str = "", role: str = "", *, wrap: bool = False) -> QLabel:
    """A label in one of the style sheet's roles; its text is never read as HTML."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    return made


class ElidedLabel(QLabel):
    """A label in one of the style sheet's roles that is cut with an ellipsis where it has too little room.

    Args:
        middle: whether it is cut in its middle, as names whose ends differ are; else at its end.

    Attributes:
        shorter: words that stand for its text where that has too little room, the longest first.
    """

    def __init__(self, text: str = "", role: str = "", *, least: int = 40, middle: bool = False) -> None:
        super().__init__(text)
        self.shorter: tuple[str, ...] = ()
        self._cut = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._least = least
        if role:
            self.setProperty("role", role)

    @property
    def least(self) -> int:
        """Pixels that it has at least, or as many as its words need."""
        return self._least

    def set_least(self, least: int) -> None:
        """Take other room at least (pixels)."""
        if least != self._least:
            self._least = least
            self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        """A few letters."""
        return QSize(min(self._least, super().minimumSizeHint().width()), super().minimumSizeHint().height())

    def cut_words(self) -> int:
        """1 where it is cut at its present size, else 0."""
        return int(self.shown() not in {self.text(), *self.shorter})

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what there is room for."""
        letter_notice().look(self.text())
        shown = self.shown()
        if shown == self.text():
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), int(self.alignment()), shown)

    def shown(self) -> str:
        """What is seen of it."""
        metrics, every = self.fontMetrics(), (self.text(), *self.shorter)
        cut = [metrics.elidedText(words, self._cut, self.width()) for words in every]
        return next((words for words, found in zip(every, cut, strict=True) if words == found), cut[-1])


class ElidingCombo(NamedComboBox):
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


def literal(text: str) -> str:
    """A text for a button or a menu that shows its ampersands; Qt takes one for the mark of a key."""
    return text.replace("&", "&&")


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
