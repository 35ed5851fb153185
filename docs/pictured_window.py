"""The window of the program, alone and without a screen, and pictures of it for the documents."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from few_colours import with_few_colours
from PIL import Image

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QWidget

    from resnet_gui.gui.shell.application import Application

DOCS: Final = Path(__file__).resolve().parent
GUIDE_SIZE: Final = (1280, 800)
README_SIZE: Final = (1440, 900)
README_PICTURES: Final = ("design-dark", "design-light", "compare-light", "train-light", "predict-dark")
PATIENCE: Final = 90.0
"""Seconds after which what is waited for will not come."""

MANY: Final = 15_000
"""Colours of a picture with photographs in it, which is kept as it is: few colours would be seen."""

TITLE_BAR: Final = 30
"""Pixels of the bar over a dialog that a window manager would draw, of which there is none here."""


class PicturedWindow:
    """A window of the program with a real engine, which takes pictures of itself.

    Attributes:
        qt: the application of Qt.
        theme: of the window.
        app: behind the window.
        missed: what was waited for and did not come about.
    """

    def __init__(self, wanted: set[str]) -> None:
        """Open it; ``wanted`` are names of the pictures that are to be taken, all where there are none."""
        from resnet_gui.gui import app as program
        from resnet_gui.gui.kit.theme import Theme
        from resnet_gui.gui.shell.main_window import MainWindow

        self._wanted = wanted
        self.missed: list[str] = []
        self.qt = program.make_application()
        self.theme = Theme(self.qt, "light")
        self.window = MainWindow(self.theme)
        made: list[Application] = []
        self.window.painted.connect(lambda: made.append(program.fill(self.window, self.theme)))
        self.resize(GUIDE_SIZE)
        self.window.show()
        # As the program does, so that no field has the ring of the focus.
        self.window.setFocus()
        self.wait("the first page", lambda: bool(made))
        self.app = made[0]
        self.wait("the engine", lambda: self.app.engines.state == "ready")

    def resize(self, size: tuple[int, int]) -> None:
        """Give the window another size."""
        self.window.resize(*size)

    def wait(self, words: str, until: Callable[[], bool], rest: float = 0.5) -> None:
        """Let the program work until something has come about, and for a moment more, so that it is drawn."""
        end = time.monotonic() + PATIENCE
        while not until() and time.monotonic() < end:
            self._turn()
        if not until():
            self.missed.append(words)
            sys.stderr.write(f"did not come: {words}\n")
        self.rest(rest)

    def rest(self, seconds: float) -> None:
        """Let the program work for some time, as for what moves by itself."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._turn()

    def _turn(self) -> None:
        self.qt.processEvents()
        time.sleep(0.005)

    def take(self, name: str, alone: QWidget | None = None) -> None:
        """Keep what is on screen: the window with what stands over it, or a widget ``alone``."""
        if self._wanted and name not in self._wanted:
            return
        from PySide6.QtGui import QPainter

        readme = name in README_PICTURES
        path = DOCS / f"{name}.png" if readme else DOCS / "guide" / "pictures" / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        picture = (alone or self.window).grab()
        painter = QPainter(picture)
        for over in self.over() if alone is None else ():
            self._draw_over(painter, over)
        painter.end()
        picture.save(str(path))
        size = README_SIZE if readme else GUIDE_SIZE
        with Image.open(path) as image:
            drawn = image.convert("RGB")
            drawn = drawn if drawn.size == size else drawn.resize(size, Image.Resampling.LANCZOS)
        drawn.save(path, optimize=True)
        if len(drawn.getcolors(size[0] * size[1]) or ()) < MANY:
            with_few_colours(drawn).save(path, optimize=True)
        sys.stderr.write(f"{name}: {path.stat().st_size // 1000} kB\n")

    def _draw_over(self, painter: QPainter, dialog: QWidget) -> None:
        """Draw a dialog over the window, in a frame as a window manager draws one."""
        from PySide6.QtCore import QRect, Qt
        from PySide6.QtGui import QColor

        place = QRect(dialog.geometry().topLeft() - self.window.geometry().topLeft(), dialog.size())
        frame = place.adjusted(0, -TITLE_BAR, 0, 0)
        painter.fillRect(painter.viewport(), QColor(0, 0, 0, 70))
        painter.fillRect(frame.adjusted(-1, -1, 1, 1), QColor("#8a8f98"))
        painter.fillRect(frame, QColor("#e3e5e9"))
        painter.setPen(QColor("#1b1d21"))
        painter.setFont(dialog.font())
        painter.drawText(
            frame.adjusted(0, 0, 0, TITLE_BAR - frame.height()), Qt.AlignmentFlag.AlignCenter, dialog.windowTitle()
        )
        painter.drawPixmap(place.topLeft(), dialog.grab())

    def over(self) -> list[QWidget]:
        """What stands over the window: dialogs, menus, a presentation."""
        return [each for each in self.qt.topLevelWidgets() if each.isVisible() and each is not self.window]

    def close_others(self) -> None:
        """Close what stands over the window."""
        for widget in self.over():
            widget.close()
        self.rest(0.3)

    def end(self) -> None:
        """Close the window, and the engine with it."""
        self.app.end()
        self.app.after_close()
