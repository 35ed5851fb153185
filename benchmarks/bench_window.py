"""The first painted window beside a bare PySide6 window, and the time from an edit to the repainted Design page."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

from table import head, row

if TYPE_CHECKING:
    from resnet_gui.design.presets import Preset

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
from resnet_gui.gui.shell.main_window import MainWindow
from resnet_gui.gui.kit.theme import Theme
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


EDITS: list[tuple[str, tuple[object, object]]] = [
    ("classes", (10, 11)),
    ("shortcut", ("C", "B")),
    ("order", ("full_preact", "original")),
    ("se_ratio", (16, 0)),
    ("conv_bias", (True, False)),
]
"""Edits that keep the blocks: one row, every block, every layer, more layers."""

OTHERS: list[tuple[str, tuple[object, object]]] = [
    ("blocks", ((3, 4, 7, 3), (3, 4, 6, 3))),
    ("block", ("basic", "bottleneck")),
    ("widths", ((64, 128, 256, 640), (64, 128, 256, 512))),
    ("stem", ("cifar", "imagenet")),
]
"""Edits after which the rows or the diagram are others, of a ResNet-50."""


class Bench:
    """A window whose edits are timed."""

    def __init__(self) -> None:
        from resnet_gui.gui.app import fill, make_application
        from resnet_gui.gui.kit.theme import Theme
        from resnet_gui.gui.shell.main_window import MainWindow

        theme = Theme(make_application(), "dark")
        self.frame = MainWindow(theme)
        self.frame.show()
        self.window = fill(self.frame, theme)
        self.window.engines.blockSignals(True)
        self.window.engines.kill_all()  # its answers would repaint the badge in the middle of a measurement

    @staticmethod
    def settle() -> None:
        """Until nothing waits to be laid out or painted."""
        from PySide6.QtWidgets import QApplication

        for _ in range(3):
            QApplication.processEvents()

    def edit(self, field: str, value: object) -> float:
        """Seconds from an edit to the repainted page."""
        begun = time.perf_counter()
        self.window.session.edit("edit", **{field: value})
        self.settle()
        return time.perf_counter() - begun

    def choose(self, preset: Preset) -> float:
        """Seconds from a choice to the repainted page."""
        begun = time.perf_counter()
        self.window.session.choose_preset(preset)
        self.settle()
        return time.perf_counter() - begun

    def measure(self, title: str, limit: float, kinds: list[tuple[str, tuple[object, object]]]) -> None:
        """200 edits in turns, after one of each kind that warms the caches of glyphs."""
        self.settle()
        for field, values in kinds:
            for value in values:
                self.edit(field, value)
        many = len(kinds)
        taken = [self.edit(kinds[n % many][0], kinds[n % many][1][n // many % 2]) for n in range(200)]
        print(row(title, taken, limit))

    def measure_fresh(self, title: str, limit: float) -> None:
        """100 edits to values that were never shown: every figure has to be laid out."""
        self.settle()
        taken = [self.edit("widths", (65 + n, 129 + n, 257 + n, 513 + n)) for n in range(100)]
        print(row(title, taken, limit))


def edits() -> None:
    from resnet_gui.design.presets import PRESETS

    bench, frame = Bench(), 1 / 60
    window = bench.window
    print(head("From an edit to the repainted page: form, table, diagram, cards; 200 edits", "of limit"))
    print("  (the limit is a frame, 16.7 ms; for ResNet-1202 it is 50 ms)")
    for name, limit in (("resnet18", frame), ("resnet50", frame), ("resnet152", frame), ("resnet1202", 0.05)):
        window.session.choose_preset(PRESETS[name])
        bench.measure(name, limit, EDITS)
    window.design.table.model.set_filter("3x3")
    bench.measure("resnet1202 behind the filter 3x3", 0.05, EDITS)
    window.design.table.model.set_filter("")
    window.session.choose_preset(PRESETS["resnet50"])
    bench.measure("resnet50, other blocks, widths, stem", frame, OTHERS)
    bench.measure_fresh("resnet50, values never shown before", frame)
    print(row("every preset, one after the other", [bench.choose(preset) for preset in PRESETS.values()], frame))
    window.session.choose_preset(PRESETS["resnet50"])
    window.design.network.view.choose("layer2.0")
    window.design.table.choose_path("layer2.0")
    window.session.pin(PRESETS["resnet34"].design, baseline=True)
    bench.measure("resnet50, a block unfolded, beside a baseline", frame, EDITS)
    window.design.network.set_colouring("macs")
    bench.measure("resnet50, coloured by MACs", frame, EDITS)
    ours = resident()
    window.show_page("compare")
    bench.settle()
    print(f"\nMemory of the window's process (resident; the limit is 250 MB)\n  {'Design page':52} {ours:10.0f} MB")
    print(f"  {'Compare page open too':52} {resident():10.0f} MB")
    window.after_close()


def resident() -> float:
    """Megabytes that this process holds; nothing where the system does not tell."""
    try:
        status = open("/proc/self/status", encoding="ascii").read()  # noqa: SIM115, PTH123
    except OSError:
        return float("nan")
    return int(status.split("VmRSS:")[1].split()[0]) * 1024 / 1e6


def main() -> None:
    first_paint()
    edits()


if __name__ == "__main__":
    main()
