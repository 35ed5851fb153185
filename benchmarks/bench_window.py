"""The first painted window beside a bare PySide6 window, and the time from an edit to the repainted Design page.

Usage: python benchmarks/bench_window.py [--only WORDS]... [--beside CHECKOUT [--rounds N]]

With ``--beside`` this tree is measured beside another checkout of the program instead. ``--only`` chooses rows by words
of their titles: all of them, five rounds beside another checkout, take ten minutes.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from beside import PACKAGE, Chosen, Seconds, module_of, modules_of, report, run_chosen
from table import head, row
from window_edits import PAUSES, ROWS, Bench, edits

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


def edit_table(chosen: Chosen) -> None:
    """Print the table of edits, and the memory of the window."""
    bench = Bench()
    print(head("From an edit to the repainted page: form, table, diagram, cards; 200 edits", "of limit"))
    print("  (the limit is a frame, 16.7 ms; for ResNet-1202 it is 50 ms)")
    for each, times in edits(bench, chosen):
        print(row(each.title, walls(times), each.limit))
    print(row(PAUSES, walls([pause for pause in bench.pauses if pause[0] > 1e-4]), 0.1))
    print(f"\nMemory of the window's process (resident; the limit is 250 MB)\n  {'All pages':52} {resident():10.0f} MB")
    bench.window.after_close()


def resident() -> float:
    """Megabytes that this process holds; nothing where the system does not tell."""
    try:
        status = open("/proc/self/status", encoding="ascii").read()  # noqa: SIM115, PTH123
    except OSError:
        return float("nan")
    return int(status.split("VmRSS:")[1].split()[0]) * 1024 / 1e6


BARS = "start: the window with its bars"
FIRST_PAGE = "start: and ResNet-18 with table and diagram"


def worker(chosen: Chosen) -> None:
    """Times of this build: starts and edits."""
    times: dict[str, list[Seconds]] = {}
    for title, script in ((BARS, OURS + DONE), (FIRST_PAGE, OURS + page(TABLE_AND_DIAGRAM) + DONE)):
        if chosen(title):
            # What it then keeps for its next start is there in the measured ones.
            start(script.removesuffix(DONE) + (filled() if title == FIRST_PAGE else "") + DONE)
            times[title] = [start(script) for _ in range(5)]
    if any(chosen(each.title) for each in ROWS):
        bench = Bench()
        times |= {each.title: taken for each, taken in edits(bench, chosen)}
        bench.window.after_close()
    report(times)


def alone(chosen: Chosen) -> None:
    """Everything that needs no other checkout."""
    if chosen(BARS) or chosen(FIRST_PAGE):
        first_paint()
    if any(chosen(each.title) for each in ROWS):
        edit_table(chosen)


if __name__ == "__main__":
    run_chosen(__file__, __doc__ or "", 5, worker, alone, (BARS, FIRST_PAGE, *(each.title for each in ROWS)))
