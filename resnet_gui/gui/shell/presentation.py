"""Presentation mode: one pane of a page alone on the whole screen, for a room with a projector."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from resnet_gui.gui.common.enlarged_widget import EnlargedWidget
from resnet_gui.gui.common.presentation import EnlargedGroup, PresentedPane, Presents
from resnet_gui.gui.kit.basic import ElidedLabel, column, icon_button, label, panel, row
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import Session

KEYS_MS: Final = 8000
"""For so long the line of the keys stands there after the pointer or the pane has moved."""

PANE_KEYS: Final = "Ctrl+← Ctrl+→  other pane"
END_KEYS: Final = "H  hide this line    Esc  leave"
NOTHING: Final = "There is nothing on this page to present yet."


def present(page: object, window: QWidget, theme: Theme, session: Session) -> None:
    """Show the panes of a page on the window's screen, or say that there are none."""
    if not isinstance(page, Presents) or not page.panes():
        session.say(NOTHING, "warn")
        return
    PresentationWindow(window, theme, page).open_on_screen()


class PresentationWindow(QWidget):
    """A window over the whole screen with one pane of a page; the page behind it goes on, and is left as it was.

    Left and Right go to the other panes where the pane has no use for these keys itself, Ctrl+Left and Ctrl+Right
    always; a digit chooses one. Escape and F5 leave.
    """

    def __init__(self, window: QWidget, theme: Theme, page: Presents) -> None:
        # A child, so that it has the window's style sheet and goes with it.
        super().__init__(window, Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle("Presentation – ResNet Explorer")
        self._page, self._place, self._keys_wanted = page, 0, True
        self._shown: QWidget | None = None
        self._own_keys = ""
        layout = column(self)
        layout.addWidget(self._make_head(theme))
        self._body = QVBoxLayout()
        layout.addLayout(self._body, 1)
        self.keys = label("", "presentedKeys", wrap=True)
        self.keys.setContentsMargins(24, 4, 24, 8)
        layout.addWidget(self.keys)
        self._fading = QTimer(self, singleShot=True, interval=KEYS_MS)
        self._fading.timeout.connect(self.keys.hide)
        self.setMouseTracking(True)
        self.show_pane(0)

    def _make_head(self, theme: Theme) -> QWidget:
        head = panel("panelHeader")
        head.setFixedHeight(56)
        line = row(head, (24, 0, 16, 0), 8)
        self.title = ElidedLabel("", "presented")
        line.addWidget(self.title, 1)
        self.back = icon_button(theme, "chevron-left", "Pane before this one (Ctrl+Left)", size=36)
        self.forth = icon_button(theme, "chevron-right", "Next pane (Ctrl+Right)", size=36)
        leave = icon_button(theme, "close", "Leave the presentation (Esc)", size=36)
        self.back.clicked.connect(lambda: self.show_pane(self._place - 1))
        self.forth.clicked.connect(lambda: self.show_pane(self._place + 1))
        leave.clicked.connect(self.close)
        for made in (self.back, self.forth, leave):
            made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            line.addWidget(made)
        return head

    def open_on_screen(self) -> None:
        """Fill the screen that the window is on."""
        parent = self.parentWidget()
        if parent is not None and parent.screen() is not None:
            self.setGeometry(parent.screen().geometry())
        self.showFullScreen()
        self.activateWindow()

    @property
    def pane(self) -> QWidget | None:
        """The widget that fills the screen."""
        return self._shown

    def show_pane(self, place: int) -> None:
        """Show a pane by its number; one that there is not changes nothing."""
        panes = list(self._page.panes())
        if not 0 <= place < len(panes):
            return
        self._place = place
        pane: PresentedPane = panes[place]
        if self._shown is not None:
            self._body.removeWidget(self._shown)
            self._shown.hide()
            self._shown.deleteLater()
        self._shown = pane.make()
        self._body.addWidget(self._shown)
        self._shown.show()
        self._shown.setFocus()
        many = len(panes) > 1
        self.title.setText(f"{pane.title}    {place + 1} of {len(panes)}" if many else pane.title)
        for button, able in ((self.back, place > 0), (self.forth, place + 1 < len(panes))):
            button.setVisible(many)
            button.setEnabled(able)
        self._own_keys = pane.keys
        if isinstance(self._shown, EnlargedWidget | EnlargedGroup):
            self._shown.keys_changed.connect(self._write_keys)
        self._write_keys()
        self._show_keys()

    def _write_keys(self) -> None:
        """Name the keys that have a use now: those of the pane, and of what can be scrolled in it."""
        shown, many = self._shown, len(self._page.panes()) > 1
        drawn = shown.keys if isinstance(shown, EnlargedWidget | EnlargedGroup) else ""
        other = "← →  other pane" if not self._own_keys else PANE_KEYS
        self.keys.setText("    ".join(filter(None, (self._own_keys, drawn, other if many else "", END_KEYS))))

    def _show_keys(self) -> None:
        if self._keys_wanted:
            self.keys.show()
            self._fading.start()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Who moves the pointer may look for the keys."""
        super().mouseMoveEvent(event)
        self._show_keys()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What the pane has no use for."""
        key = Qt.Key(event.key())
        if key in {Qt.Key.Key_Escape, Qt.Key.Key_F5}:
            self.close()
        elif key in {Qt.Key.Key_Right, Qt.Key.Key_Left}:
            self.show_pane(self._place + (1 if key == Qt.Key.Key_Right else -1))
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            self.show_pane(key - Qt.Key.Key_1)
        elif key == Qt.Key.Key_H:
            self._keys_wanted = self.keys.isHidden()
            self.keys.setVisible(self._keys_wanted)
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """The window behind has the keyboard again."""
        super().closeEvent(event)
        parent = self.parentWidget()
        if parent is not None:
            parent.activateWindow()
