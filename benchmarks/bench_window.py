"""The first painted window beside a bare PySide6 window, and the time from an edit to the repainted Design page."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

from table import head, row

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["RESNET_GUI_HOME"] = tempfile.mkdtemp(prefix="resnet-gui-bench-")

# Both print how long it took from the start of Python's own work to the end of the first paint.
CLOCK = "import time; begun = time.perf_counter()\n"
DONE = "print(time.perf_counter() - begun)\nimport os, sys; sys.stdout.flush(); os._exit(0)\n"
BARE = (
    CLOCK
    + """
from PySide6.QtWidgets import QApplication, QMainWindow, QLabel
app = QApplication([])
class Window(QMainWindow):
    painted = False
    def paintEvent(self, event):
        super().paintEvent(event)
        self.painted = True
window = Window()
window.setCentralWidget(QLabel("bare"))
window.resize(1440, 900)
window.show()
while not window.painted:
    app.processEvents()
"""
    + DONE
)
OURS = (
    CLOCK
    + """
from resnet_gui.gui.app import fill, make_application
from resnet_gui.gui.appearance import appearance
from resnet_gui.gui.main_window import MainWindow
from resnet_gui.gui.theme import Theme
app = make_application()
mode, geometry = appearance()
theme = Theme(app, mode)
window = MainWindow(theme, geometry)
window.show()
while not window._was_painted:
    app.processEvents()
"""
)
PAGE = """
bench = fill(window, theme)
for _ in range(3):
    app.processEvents()
bench.engines.kill_all()
"""


def start(script: str) -> float:
    """Seconds that a fresh interpreter needs to its first paint, as it measured itself."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return float(done.stdout)


def first_paint() -> None:
    bare: list[float] = []
    frame: list[float] = []
    page: list[float] = []
    for _ in range(9):
        bare.append(start(BARE))
        frame.append(start(OURS + DONE))
        page.append(start(OURS + PAGE + DONE))
    reference = statistics.median(bare)
    print(head("First painted window, from a fresh interpreter", "of bare"))
    print(row("bare PySide6 window with a label", bare, reference))
    print(row("resnet-gui: the window with its bars", frame, reference))
    print(row("resnet-gui: and ResNet-18 with table and diagram", page, reference))


def edits() -> None:
    from PySide6.QtWidgets import QApplication

    from resnet_gui.gui.app import fill, make_application
    from resnet_gui.gui.main_window import MainWindow
    from resnet_gui.gui.theme import Theme
    from resnet_gui.spec.presets import PRESETS

    theme = Theme(make_application(), "dark")
    frame_window = MainWindow(theme)
    frame_window.show()
    window = fill(frame_window, theme)
    window.engines.blockSignals(True)
    window.engines.kill_all()  # its answers would repaint the badge in the middle of a measurement

    def settle() -> None:
        """Until nothing waits to be laid out or painted."""
        for _ in range(3):
            QApplication.processEvents()

    def edit(field: str, value: object) -> float:
        begun = time.perf_counter()
        window.session.edit("edit", **{field: value})
        settle()
        return time.perf_counter() - begun

    frame = 1 / 60
    print(head("From an edit to the repainted page (form, table, diagram, cards)", "of 16.7 ms"))
    for name in ("resnet18", "resnet50", "resnet1202"):
        window.session.choose_preset(PRESETS[name])
        settle()
        for field, values in (("classes", [10, 11]), ("shortcut", ["C", "B"])):
            taken = [edit(field, values[number % 2]) for number in range(100)]
            print(row(f"{name}, {field}", taken, frame))
    window.after_close()


def main() -> None:
    first_paint()
    edits()


if __name__ == "__main__":
    main()
