"""The first painted window beside a bare PySide6 window, and the time from an edit to the repainted Design page.

Usage: python benchmarks/bench_window.py [--beside CHECKOUT [--rounds N]]

With ``--beside`` this tree is measured beside another checkout of the program instead.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from beside import PACKAGE, Seconds, clocked, module_of, modules_of, part, report, run_benchmark
from table import head, row

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["RESNET_GUI_HOME"] = HOME = tempfile.mkdtemp(prefix="resnet-gui-bench-")
# An installed program finds its modules compiled; here the first start, which nobody measures, compiles them.
os.environ["PYTHONDONTWRITEBYTECODE"] = ""
os.environ["PYTHONPYCACHEPREFIX"] = f"{HOME}/compiled"
# Not the first start, which shows the welcome page.
Path(HOME, "settings.json").write_text('{"welcome": false}', encoding="utf-8")

# Both print how long it took from the start of Python's own work to the end of the first paint.
CLOCK = "import time; begun = time.perf_counter()\n"
DONE = "print(time.perf_counter() - begun, time.process_time())\nimport os, sys; sys.stdout.flush(); os._exit(0)\n"
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


def command() -> str:
    """What ``resnet-gui`` does before it opens the window."""
    if (begins := f"{PACKAGE}.__main__") in modules_of("__main__", "main"):
        return f"import gc; gc.disable()\nimport {begins}"
    # A build that loads the parsers of all commands first.
    return f"import {module_of('main', 'COMMANDS')}"


OURS = (
    CLOCK
    + f"""
{command()}
from {module_of("app", "make_application")} import make_application
from {module_of("appearance", "appearance")} import appearance
from {module_of("main_window", "MainWindow")} import MainWindow
from {module_of("theme", "Theme")} import Theme
from {module_of("collector", "CycleCollector")} import CycleCollector
app = make_application()
collector = CycleCollector()
mode, geometry = appearance()
theme = Theme(app, mode)
window = MainWindow(theme, geometry)
window.show()
while not window._was_painted:
    app.processEvents()
"""
)


def page(parts: str) -> str:
    """A script that fills the window until parts of its first page have been painted; ``shown`` is that page."""
    try:
        begin = f"from {module_of('opening', 'filling')} import filling\nsteps = filling(window, theme)\n"
        fill = "while (shown := next(steps)) is None:\n    app.processEvents()\n"
    except LookupError:  # a build that fills the window in one go, before the page is painted
        begin = f"from {module_of('app', 'fill')} import fill\n"
        fill = "shown = fill(window, theme).design\n"
    return f"""
from PySide6.QtCore import QEvent, QObject
class Watch(QObject):
    painted = False
    def eventFilter(self, _watched, event):
        self.painted = self.painted or event.type() == QEvent.Type.Paint
        return False
{begin}{fill}watches = []
for part in {parts}:
    watches.append(Watch())
    part.installEventFilter(watches[-1])
while not all(watch.painted for watch in watches):
    app.processEvents()
"""


def filled() -> str:
    """What follows: everything behind the page, and what the program then keeps for its next start."""
    if not (found := modules_of("app", "keep_for_next_start")):
        return ""
    keep = f"from {found[0]} import keep_for_next_start\nkeep_for_next_start(theme)\n"
    return f"for _ in steps:\n    app.processEvents()\n{keep}"


TABLE_AND_DIAGRAM = "[shown.table.tree.viewport(), shown.network.view.viewport()]"


def start(script: str, home: str = HOME) -> Seconds:
    """What a fresh interpreter needs to its first paint, as it measured itself."""
    env = {**os.environ, "RESNET_GUI_HOME": home}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=env)
    wall, processor = map(float, done.stdout.split())
    return wall, processor


def walls(times: list[Seconds]) -> list[float]:
    return [wall for wall, _ in times]


def first_paint() -> None:
    bare: list[Seconds] = []
    frame: list[Seconds] = []
    design: list[Seconds] = []
    welcome: list[Seconds] = []
    first = f"{HOME}/first"
    start(OURS + page("[shown]") + filled() + DONE, first)
    start(OURS + page(TABLE_AND_DIAGRAM) + filled() + DONE)
    for _ in range(9):
        bare.append(start(BARE))
        frame.append(start(OURS + DONE))
        design.append(start(OURS + page(TABLE_AND_DIAGRAM) + DONE))
        welcome.append(start(OURS + page("[shown]") + DONE, first))
    reference = statistics.median(walls(bare))
    print(head("First painted window, from a fresh interpreter", "of bare"))
    print(row("bare PySide6 window with a label", walls(bare), reference))
    print(row("resnet-gui: the window with its bars", walls(frame), reference))
    print(row("resnet-gui: and ResNet-18 with table and diagram", walls(design), reference))
    print(row("resnet-gui: and the welcome page of a first start", walls(welcome), reference))
    print(
        f"  {'processor time, of bare: table and diagram, welcome':52} {_ratio(design, bare)} {_ratio(welcome, bare)}"
    )


def _ratio(ours: list[Seconds], bare: list[Seconds]) -> str:
    """Of the medians of processor times, which other programs lengthen less."""
    one, other = (statistics.median(processor for _, processor in times) for times in (ours, bare))
    return f"{one / other:.2f}×"


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


class Measured(NamedTuple):
    """A row of the table of edits: its title, what it must stay below (seconds) and its times."""

    title: str
    limit: float
    times: list[Seconds]


class Bench:
    """A window whose edits are timed."""

    def __init__(self) -> None:
        theme = part("theme", "Theme")(part("app", "make_application")(), "dark")
        self.presets = part("presets", "PRESETS")
        self.frame = part("main_window", "MainWindow")(theme)
        self.frame.show()
        self.window = part("app", "fill")(self.frame, theme)
        self.window.engines.blockSignals(True)
        self.window.engines.kill_all()  # its answers would repaint the badge in the middle of a measurement

    @staticmethod
    def settle() -> None:
        """Until nothing waits to be laid out or painted."""
        from PySide6.QtWidgets import QApplication

        for _ in range(3):
            QApplication.processEvents()

    def shown(self, change: Callable[[], object]) -> Seconds:
        """Time from a change to the repainted page."""

        def work() -> None:
            change()
            self.settle()

        return clocked(work)

    def edit(self, field: str, value: object) -> Seconds:
        """Time of an edit that nobody typed, such as a step of undo."""
        return self.shown(lambda: self.window.session.edit("edit", **{field: value}))

    def enter(self, field: str, value: object) -> Seconds:
        """Time of an edit in the form."""
        return self.shown(lambda: self.window.design.form.edited.emit(f"change {field}", {field: value}))

    def choose(self, name: str) -> None:
        """Replace the design by a preset."""
        self.window.session.choose_preset(self.presets[name])

    def measure(
        self,
        kinds: list[tuple[str, tuple[object, object]]],
        edit: Callable[[str, object], Seconds],
    ) -> list[Seconds]:
        """200 edits in turns, after one of each kind that warms the caches of glyphs."""
        self.settle()
        for field, values in kinds:
            for value in values:
                edit(field, value)
        many = len(kinds)
        return [edit(kinds[n % many][0], kinds[n % many][1][n // many % 2]) for n in range(200)]

    def measure_fresh(self) -> list[Seconds]:
        """100 edits to values that were never shown: every figure has to be laid out."""
        self.settle()
        return [self.edit("widths", (65 + n, 129 + n, 257 + n, 513 + n)) for n in range(100)]


def edits(bench: Bench) -> Iterator[Measured]:
    """Every kind of edit, one row after the other."""
    frame, window = 1 / 60, bench.window
    for name, limit in (("resnet18", frame), ("resnet50", frame), ("resnet152", frame), ("resnet1202", 0.05)):
        bench.choose(name)
        yield Measured(name, limit, bench.measure(EDITS, bench.edit))
        yield Measured(f"{name}, edited in the form", limit, bench.measure(EDITS, bench.enter))
    window.design.table.model.set_filter("3x3")
    yield Measured("resnet1202 behind the filter 3x3", 0.05, bench.measure(EDITS, bench.edit))
    window.design.table.model.set_filter("")
    bench.choose("resnet50")
    yield Measured("resnet50, other blocks, widths, stem", frame, bench.measure(OTHERS, bench.edit))
    yield Measured("resnet50, values never shown before", frame, bench.measure_fresh())
    choices = [bench.shown(lambda name=name: bench.choose(name)) for name in bench.presets]  # type: ignore[misc]
    yield Measured("every preset, one after the other", frame, choices)
    bench.choose("resnet50")
    window.design.network.view.choose("layer2.0")
    window.design.table.choose_path("layer2.0")
    window.session.pin(bench.presets["resnet34"].design, baseline=True)
    yield Measured("resnet50, a block unfolded, beside a baseline", frame, bench.measure(EDITS, bench.edit))
    window.design.network.set_colouring("macs")
    yield Measured("resnet50, coloured by MACs", frame, bench.measure(EDITS, bench.edit))


def edit_table() -> None:
    bench = Bench()
    print(head("From an edit to the repainted page: form, table, diagram, cards; 200 edits", "of limit"))
    print("  (the limit is a frame, 16.7 ms; for ResNet-1202 it is 50 ms)")
    for title, limit, times in edits(bench):
        print(row(title, walls(times), limit))
    ours = resident()
    bench.window.show_page("compare")
    bench.settle()
    print(f"\nMemory of the window's process (resident; the limit is 250 MB)\n  {'Design page':52} {ours:10.0f} MB")
    print(f"  {'Compare page open too':52} {resident():10.0f} MB")
    bench.window.after_close()


def resident() -> float:
    """Megabytes that this process holds; nothing where the system does not tell."""
    try:
        status = open("/proc/self/status", encoding="ascii").read()  # noqa: SIM115, PTH123
    except OSError:
        return float("nan")
    return int(status.split("VmRSS:")[1].split()[0]) * 1024 / 1e6


def worker() -> None:
    """Times of this build: starts and edits."""
    start(OURS + page(TABLE_AND_DIAGRAM) + filled() + DONE)
    times = {
        "start: the window with its bars": [start(OURS + DONE) for _ in range(5)],
        "start: and ResNet-18 with table and diagram": [start(OURS + page(TABLE_AND_DIAGRAM) + DONE) for _ in range(5)],
    }
    bench = Bench()
    times |= {title: taken for title, _, taken in edits(bench)}
    bench.window.after_close()
    report(times)


def alone() -> None:
    """Everything that needs no other checkout."""
    first_paint()
    edit_table()


if __name__ == "__main__":
    run_benchmark(__file__, __doc__ or "", 5, worker, alone)
