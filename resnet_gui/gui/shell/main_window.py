"""The window's frame: bars around a stack of pages; light, so that it is painted at once. ``Application`` fills it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from resnet_gui.gui.kit.basic import column, row, scrolled
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.window.focus_ring import FocusRing
from resnet_gui.gui.kit.window.missing_letters import letter_notice
from resnet_gui.gui.kit.window.tab_order import focus_neighbour
from resnet_gui.gui.shell.frame import PageRail, StatusBar, TopBar
from resnet_gui.gui.shell.pages import PAGES
from resnet_gui.gui.shell.placement import LEAST, USUAL, geometry_text, place, scaled_geometry
from resnet_gui.gui.shell.toast import ToastStack

INVITATION = "Drop a design, a weights file or a run to open it, pictures to classify them."


LEAST_PAGE = QSize(898, 440)
"""Room in which every page is usable; a smaller window scrolls it."""


class PageStack(QStackedWidget):
    """The stack of the pages.

    How much room they need is one size for all, and not what their layouts say at the moment: a page that stands in its
    wide arrangement would else never become narrow enough to take the other.
    """

    def minimumSizeHint(self) -> QSize:
        """Of every page."""
        return LEAST_PAGE

    def heightForWidth(self, _width: int) -> int:
        """The same: wrapped words somewhere in a page are that page's own matter."""
        return LEAST_PAGE.height()


class MainWindow(QMainWindow):
    """The window's frame: bars around a stack of pages.

    Attributes:
        top, rail, status: the bars.
        stack: where the pages are put.
        area: what scrolls the page where the window is smaller than any page can be.
        toasts: sentences with buttons, over the page.
        next_scale: the scale of the window that takes the place of this one when it is closed, over the present one;
            0 where none does.
        files: what the command line names, to be opened when the window is filled.
        mark: what other windows know this one by; empty for nothing.

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
        self.next_scale = 0.0
        self.files: tuple[Path, ...] = ()
        self.mark = ""
        self._title, self._progress, self._unkept = "", "", ""
        self._held = 0
        self._holding: list[QWidget] = []
        # The window's own, so that it ends with it.
        self._release = QTimer(self, singleShot=True)
        self._release.timeout.connect(self._paint_again)
        self.setWindowTitle("ResNet Explorer")
        self.setMinimumSize(LEAST)
        self.setAcceptDrops(True)
        self.top, self.rail, self.status = TopBar(theme), PageRail(theme, PAGES), StatusBar(theme)
        self.stack = PageStack()
        # A viewport that Python has not made would have PySide make all its classes of widgets to find out what it is.
        viewport = QWidget()
        self.area = scrolled(self.stack, viewport)
        # A page that is wider than its place would else have a right edge that nobody reaches.
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        body = self._put_together()
        self.toasts = ToastStack(theme, self.area)
        self.status.progress_shown.connect(self._show_progress)
        letter_notice().missing.connect(self._tell_letters)
        self.resize(USUAL)
        if geometry:
            place(self, geometry)
        self.rail.show_page(PAGES[0].key)
        self.status.show_devices((), "auto", "")
        self._ring = FocusRing(theme, self)
        theme.dress_parts(self, body, self.area, viewport, self.stack)

    def _tell_letters(self, sentence: str) -> None:
        """Some letters of a name cannot be shown; a sentence that stands in the bar is what has them, and stays."""
        if self.status.sentence.text():
            self.toasts.offer(sentence, "info")
        else:
            self.status.say(sentence, "info")

    def geometry_text(self) -> str:
        """Place and size, for the settings."""
        return scaled_geometry(self, self.next_scale) if self.next_scale else geometry_text(self)

    def setWindowTitle(self, title: str) -> None:  # noqa: N802
        """Take another title; the progress of the run that goes on stays before it, and what is wrong."""
        self._title = title
        super().setWindowTitle(f"{self._unkept}{self._progress}{title}")

    def show_unkept(self, sentence: str, reason: str) -> None:
        """Mark, for as long as nothing is written, that the settings cannot be kept, and why; empty when they can."""
        self.status.show_unkept(sentence, reason)
        self._unkept = "Not kept · " if sentence else ""
        self.setWindowTitle(self._title)

    def _show_progress(self, fraction: float | None, name: str) -> None:
        progress = "" if fraction is None else f"{fraction * 100:.0f} % {name} · "
        if progress != self._progress:
            self._progress = progress
            self.setWindowTitle(self._title)

    def _put_together(self) -> QWidget:
        body = self._body = QWidget()
        outer = column(body)
        outer.addWidget(self.top)
        middle = row(gap=0)
        middle.addWidget(self.rail)
        middle.addWidget(self.area, 1)
        outer.addLayout(middle, 1)
        outer.addWidget(self.status)
        self.setCentralWidget(body)
        return body

    def hold_painting(self, *, bars: bool = True) -> None:
        """Paint nothing of what is put into the window now until it has all been laid out, so that nothing jumps.

        Args:
            bars: whether they are held too, to be painted anew with the rest.
        """
        part = self._body if bars else self.area
        if part.updatesEnabled():
            part.setUpdatesEnabled(False)
            self._holding.append(part)
            self._held = 2
            self._release.start(0)

    def _paint_again(self) -> None:
        """Layouts are done by posted events, which come before timers; some of them ask for a second round."""
        self._held -= 1
        if self._held:
            self._release.start(0)
        else:
            while self._holding:
                self._holding.pop().setUpdatesEnabled(True)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802
        """Tab goes on as the window is read."""
        chosen = focus_neighbour(self, forward=forward)
        if chosen is not None:
            self._ring.show_around(chosen)
        return chosen is not None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell once that there is something to see."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self, self.painted.emit)

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
