"""Sentences that lie over the page for a while, each with buttons that do something about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPixmap
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QPushButton, QSizePolicy, QWidget

from resnet_gui.gui.kit.basic import button, column, icon_button, label, literal, row
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.window.style_sheets import Undressed

STAY_MS: Final = 10_000
"""So long a sentence stays that nobody points at."""

MOST: Final = 3
"""Sentences at once; the oldest goes."""

WIDTH: Final = 420
MARGIN: Final = 12
LOW: Final = 480
"""Height below which they lie at the top: that of the pages of a window of 960 × 540."""

ICONS: Final = {"ok": ("check", "ok"), "warn": ("alert", "warn"), "error": ("alert", "err")}
"""Icon and colour token by level; any other is ``info`` in the accent colour."""

Action = tuple[str, Callable[[], object]]
"""The text of a button and what it does."""


class Toast(QFrame):
    """A sentence with its buttons; goes by itself unless the pointer or the focus is on it."""

    def __init__(self, parent: QWidget, theme: Theme, sentence: str, level: str, actions: Sequence[Action]) -> None:
        super().__init__(parent)
        self.setObjectName("toast")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(sentence)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._origin = QApplication.focusWidget()
        icon, token = ICONS.get(level, ("info", "acc"))
        layout = row(self, (12, 8, 8, 8), 8)
        sign = QLabel()
        theme.follow(sign, lambda: sign.setPixmap(QPixmap(theme.pixmap(icon, token, 16))))
        layout.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        self.sentence = label(sentence, wrap=True)
        self.sentence.setMinimumWidth(80)
        layout.addWidget(self.sentence, 1, Qt.AlignmentFlag.AlignVCenter)
        self.buttons: list[QPushButton] = []
        for text, work in actions:
            made = button(literal(text), "small")
            made.clicked.connect(lambda _=False, work=work: self._act(work))
            layout.addWidget(made, 0, Qt.AlignmentFlag.AlignTop)
            self.buttons.append(made)
        close = icon_button(theme, "close", "Dismiss (Esc)", size=24)
        close.setAccessibleName("Dismiss")
        close.clicked.connect(self.dismiss)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.buttons.append(close)
        for made in self.buttons:
            made.installEventFilter(self)
        self._follow_focus()
        self._timer = QTimer(self, singleShot=True, interval=STAY_MS)
        self._timer.timeout.connect(self.dismiss)
        self._timer.start()

    def _follow_focus(self) -> None:
        """Tab goes from what was pressed to the buttons, and on to what came after it."""
        if self._origin is None or self._origin.window() is not self.window():
            return
        before = self._origin
        for made in self.buttons:
            QWidget.setTabOrder(before, made)
            before = made

    def announce(self) -> None:
        """Have the sentence read out."""
        from PySide6.QtGui import QAccessible, QAccessibleEvent

        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _act(self, work: Callable[[], object]) -> None:
        self.dismiss()
        work()

    def dismiss(self) -> None:
        """Go; the focus returns to where it came from."""
        inside = QApplication.focusWidget()
        origin = self._origin
        if inside is not None and self.isAncestorOf(inside) and origin is not None and _lives(origin):
            origin.setFocus(Qt.FocusReason.OtherFocusReason)
        self._timer.stop()
        self.hide()
        self.deleteLater()

    def _rest(self) -> None:
        """Begin to wait, unless somebody is here."""
        inside = QApplication.focusWidget()
        if not self.underMouse() and not (inside is not None and self.isAncestorOf(inside)):
            self._timer.start()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Stay while the pointer is here."""
        super().enterEvent(event)
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        """Wait anew."""
        super().leaveEvent(event)
        QTimer.singleShot(0, self, self._rest)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Stay while a button has the focus."""
        if event.type() == QEvent.Type.FocusIn:
            self._timer.stop()
        elif event.type() == QEvent.Type.FocusOut:
            QTimer.singleShot(0, self, self._rest)
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape dismisses."""
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)


def _lives(widget: QWidget) -> bool:
    """Whether a widget can still take the focus."""
    try:
        return widget.isVisible()
    except RuntimeError:  # Qt has deleted it
        return False


class ToastStack(Undressed, QWidget):
    """The sentences, the latest below, over the lower right corner of what they are laid over; if it is low, the upper.

    Attributes:
        toasts: those on show, the latest last.
    """

    def __init__(self, theme: Theme, over: QWidget) -> None:
        """Lie over ``over``, which stays the parent."""
        super().__init__(over)
        self._theme, self._over = theme, over
        self._layout = column(self, gap=8)
        self._is_dressed = False
        self.setAccessibleName("Messages")
        self.hide()
        over.installEventFilter(self)

    @property
    def toasts(self) -> list[Toast]:
        """Those on show, the latest last."""
        found = (self._layout.itemAt(number).widget() for number in range(self._layout.count()))  # type: ignore[union-attr]
        return [toast for toast in found if isinstance(toast, Toast) and not toast.isHidden()]

    def offer(self, sentence: str, level: str, actions: Sequence[Action] = ()) -> Toast:
        """Show a sentence.

        Args:
            sentence: what has happened.
            level: "info", "ok", "warn" or "error".
            actions: texts of buttons and what they do; the sentence goes when one is pressed.
        """
        for old in [toast for toast in self.toasts if toast.sentence.text() == sentence] or self.toasts[: -(MOST - 1)]:
            old.dismiss()
        if not self._is_dressed:
            self._is_dressed = True
            self._theme.dress(self)
        toast = Toast(self, self._theme, sentence, level, actions)
        self._layout.addWidget(toast)
        toast.show()
        toast.destroyed.connect(self.settle)
        toast.installEventFilter(self)
        self.settle()
        toast.announce()
        return toast

    def withdraw(self, sentence: str) -> None:
        """Dismiss a sentence that does not hold any more."""
        for toast in [toast for toast in self.toasts if toast.sentence.text() == sentence]:
            toast.dismiss()

    def settle(self) -> None:
        """Take the room that the sentences need."""
        try:
            shown = self.toasts
        except RuntimeError:  # the window is being taken apart
            return
        if not shown:
            self.hide()
            return
        width = min(WIDTH, self._over.width() - 2 * MARGIN)
        self._layout.invalidate()
        heights = [max(toast.heightForWidth(width), toast.minimumSizeHint().height()) for toast in shown]
        for toast, height in zip(shown, heights, strict=True):
            toast.setFixedHeight(height)
        high = sum(heights) + self._layout.spacing() * (len(heights) - 1)
        # In a low window the foot of a page, with what it is there for, is as high as a sentence.
        top = MARGIN if self._over.height() < LOW else self._over.height() - MARGIN - high
        corner = QPoint(self._over.width() - MARGIN - width, top)
        # All in its place before it is shown: Qt tells whoever comes under the pointer, were it only for a moment.
        self.setGeometry(corner.x(), corner.y(), width, high)
        self._layout.activate()
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner, and close up when one goes."""
        over = vars(self).get("_over")  # Python may have taken this apart before Qt does
        if over is None:
            return False
        if (watched is over and event.type() == QEvent.Type.Resize) or event.type() == QEvent.Type.HideToParent:
            self.settle()
        return False
