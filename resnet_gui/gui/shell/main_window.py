"""The window's frame: bars around a stack of pages; light, so that it is painted at once. ``Application`` fills it."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from resnet_gui.gui.kit.basic import column, row
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.shell.frame import PageRail, StatusBar, TopBar
from resnet_gui.gui.shell.pages import PAGES

INVITATION = "Drop a design, a weights file or a run to open it, pictures to classify them."


class MainWindow(QMainWindow):
    """The window's frame: bars around a stack of pages.

    Attributes:
        top, rail, status: the bars.
        stack: where the pages are put.

    Signals:
        painted: the frame has been painted for the first time.
        closing: the close event, to be accepted or ignored.
        dragged: the mime data of what hangs over the window; None when it is dropped or has gone away.
        dropped: the mime data of a drop anywhere on the window.
    """

    painted = Signal()
    closing = Signal(object)
    dragged = Signal(object)
    dropped = Signal(object)

    def __init__(self, theme: Theme, geometry: str = "") -> None:
        super().__init__()
        self._was_painted = False
        self.setWindowTitle("ResNet Explorer")
        self.setMinimumSize(1024, 640)
        self.setAcceptDrops(True)
        self.top, self.rail, self.status = TopBar(theme), PageRail(theme, PAGES), StatusBar(theme)
        self.stack = QStackedWidget()
        self._put_together()
        self.resize(1440, 900)
        if geometry:
            self.restoreGeometry(QByteArray.fromBase64(QByteArray(geometry.encode())))
        self.rail.show_page(PAGES[0].key)
        self.status.show_devices((), "auto", "")
        theme.dress_parts(self, self.centralWidget(), self.stack)

    def geometry_text(self) -> str:
        """Place and size, for the settings."""
        return bytes(self.saveGeometry().toBase64().data()).decode()

    def _put_together(self) -> None:
        body = QWidget()
        outer = column(body)
        outer.addWidget(self.top)
        middle = row(gap=0)
        middle.addWidget(self.rail)
        middle.addWidget(self.stack, 1)
        outer.addLayout(middle, 1)
        outer.addWidget(self.status)
        self.setCentralWidget(body)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell once that there is something to see."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self.painted.emit)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and pictures anywhere; text too, which is refused in a sentence when it is dropped."""
        mime = event.mimeData()
        if mime.hasUrls() or mime.hasImage() or mime.hasText():
            event.acceptProposedAction()
            self.status.say(INVITATION, "info")
            self.dragged.emit(mime)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Nothing hangs over the window any more."""
        super().dragLeaveEvent(event)
        self.status.say("", "info")
        self.dragged.emit(None)

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand on what was dropped."""
        self.status.say("", "info")
        event.acceptProposedAction()
        self.dragged.emit(None)
        self.dropped.emit(event.mimeData())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let the application decide."""
        event.accept()
        self.closing.emit(event)
