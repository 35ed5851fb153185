"""The longest gaps of the window's event loop over a tour of everything it shows, against the limit of 100 ms.

Usage: python benchmarks/bench_tour.py [--home FOLDER] [--only WORDS] [--explain] [--limit MS]

A heartbeat of 2 ms notes how long the loop did not come round: the processor time of the window's thread, which other
programs do not lengthen, and the time on the wall, which the user sees. ``--home`` keeps the made home for another
time, ``--only`` leaves out steps of other titles (the window is filled all the same), ``--explain`` says where the time
of the longest gaps went.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import os
import pstats
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QObject, QPoint, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from tour_home import LONG, TRAINED, WEIGHTS, make_home

if TYPE_CHECKING:
    from resnet_gui.gui.shell.application import Application

BEAT_MS = 2
LIMIT_MS = 100.0
QUIET_BEATS = 40
"""So many beats in a row with next to no work are the end of a step."""

QUIET_SECONDS = 0.003
PATIENCE = 120.0
SIZES = ((1440, 900), (1100, 720), (1920, 1200), (1024, 640), (2560, 1440), (1440, 900))


class Gap(NamedTuple):
    """A stretch in which the event loop did not come round: processor and wall seconds, and where they went."""

    processor: float = 0.0
    wall: float = 0.0
    profile: cProfile.Profile | None = None


class Heartbeat(QObject):
    """The watch over the event loop.

    Attributes:
        longest: the gap of most processor time since ``begin``; its ``wall`` is the longest of any.
        quiet: beats in a row in which next to nothing was done.
    """

    def __init__(self, *, explain: bool) -> None:
        super().__init__()
        self.longest = Gap()
        self.quiet = 0
        self._explain = explain
        self._profile: cProfile.Profile | None = None
        self._wall, self._processor = time.perf_counter(), time.thread_time()
        timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(self._beat)
        timer.start()

    def begin(self) -> None:
        """Forget what was before."""
        self.longest, self.quiet = Gap(), 0

    def _beat(self) -> None:
        if self._profile is not None:
            self._profile.disable()
        wall, processor = time.perf_counter(), time.thread_time()
        took = processor - self._processor
        longest = self.longest
        if took > longest.processor:
            longest = Gap(took, longest.wall, self._profile)
        self.longest = longest._replace(wall=max(longest.wall, wall - self._wall - BEAT_MS / 1000))
        self.quiet = self.quiet + 1 if took < QUIET_SECONDS else 0
        self._wall, self._processor = time.perf_counter(), time.thread_time()
        if self._explain:
            self._profile = cProfile.Profile()
            self._profile.enable()


class Step(NamedTuple):
    """A step of the tour.

    Attributes:
        title: of its row in the table; of several steps of one title the worst counts.
        work: what the user does.
        ready: whether what was asked for is there.
    """

    title: str
    work: Callable[[], object]
    ready: Callable[[], bool] = lambda: True


class Tour:
    """The tour through a window with its engine.

    Attributes:
        app: behind the window.
        home: of its user.
        gaps: the longest gap by the title of a step.
    """

    def __init__(self, home: Path, *, only: str, explain: bool) -> None:
        from resnet_gui.gui.app import make_application, open_in_steps
        from resnet_gui.gui.kit.collector import CycleCollector
        from resnet_gui.gui.kit.theme import Theme
        from resnet_gui.gui.shell.main_window import MainWindow

        self.home, self._only = home, only
        self.gaps: dict[str, Gap] = {}
        qapp = make_application()
        theme = Theme(qapp, "light")
        self.window = MainWindow(theme)
        filled: list[Application] = []
        self.window.painted.connect(lambda: open_in_steps(self.window, theme, filled.append))
        self.beat = Heartbeat(explain=explain)
        self.collector = CycleCollector()
        self.take(Step("the window opens", self.window.show, lambda: bool(filled)))
        self.app = filled[0]
        self.take(Step("the engine is ready", lambda: None, lambda: self.app.engines.state == "ready"))

    def take(self, step: Step) -> None:
        """Do a step, wait until it is done and the loop is quiet, and close what it has opened."""
        if (
            self._only
            and self._only not in step.title
            and step.title not in {"the window opens", "the engine is ready"}
        ):
            QTimer.singleShot(0, step.work)
            self._spin(step)
            return
        self.beat.begin()
        QTimer.singleShot(0, step.work)
        self._spin(step)
        found, before = self.beat.longest, self.gaps.get(step.title, Gap())
        worse = found if found.processor > before.processor else before
        self.gaps[step.title] = worse._replace(wall=max(found.wall, before.wall))

    def _spin(self, step: Step) -> None:
        """Let the event loop turn until the step is over; dialogs that block are closed from inside."""
        loop, poll = QEventLoop(), QTimer(interval=20)
        until = time.monotonic() + PATIENCE
        turns = 0

        def look() -> None:
            nonlocal turns
            turns += 1
            late = time.monotonic() > until
            if late:
                print(f"  after {PATIENCE:.0f} s not done: {step.title}", file=sys.stderr)
            if not late and (turns < 3 or not step.ready() or self.beat.quiet < QUIET_BEATS):
                return
            opened = _opened(self.window)
            if opened and not late:
                for widget in opened:
                    widget.close()
                self.beat.quiet = 0
                return
            poll.stop()
            loop.quit()

        poll.timeout.connect(look)
        poll.start()
        loop.exec()

    def run(self) -> None:
        """Every part of the tour, one after the other."""
        for part in (
            pages, designs, editing, compare, runs, sweeps, predict, evaluate, lab, dialogs, themes, sizes, pages_again,
        ):  # fmt: skip
            for step in part(self):
                self.take(step)
        self.app.engines.blockSignals(True)
        self.app.engines.shutdown(keep_runs=False)
        self.app.engines.kill_all()
        self.collector.stop()
        self.app.after_close()


def _opened(window: QWidget) -> list[QWidget]:
    """Menus and dialogs on screen, the last first."""
    popup = QApplication.activePopupWidget()
    if popup is not None:
        return [popup]
    return [
        top
        for top in QApplication.topLevelWidgets()
        if top is not window and top.isVisible() and isinstance(top, QDialog)
    ]


# ---- the parts of the tour


def pages(tour: Tour) -> Iterator[Step]:
    """Every page's first opening, in the order of the rail."""
    from resnet_gui.gui.shell.pages import PAGES

    app = tour.app
    for spec in PAGES:
        yield Step(
            f"first opening of {spec.title}",
            partial(app.pages.open, spec.key),
            partial(app.pages.made.__contains__, spec.key),
        )


def pages_again(tour: Tour) -> Iterator[Step]:
    """Every page once more, when all of them are filled."""
    from resnet_gui.gui.shell.pages import PAGES

    for spec in PAGES:
        yield Step(f"{spec.title} again, filled", partial(tour.app.show_page, spec.key))


def themes(tour: Tour) -> Iterator[Step]:
    """Both themes with every page on show, all pages built, and the others after it."""
    from resnet_gui.gui.shell.pages import PAGES

    for spec in PAGES:
        yield Step("to a page", partial(tour.app.show_page, spec.key))
        for mode in ("dark", "light"):
            yield Step(f"theme change on {spec.title}", partial(tour.app.theme.set_mode, mode))
    for spec in PAGES:
        yield Step(f"{spec.title} after a change of theme", lambda: tour.app.theme.set_mode("dark"))
        yield Step(f"{spec.title} after a change of theme", partial(tour.app.show_page, spec.key))
        yield Step("theme change on Design", lambda: tour.app.theme.set_mode("light"))


def sizes(tour: Tour) -> Iterator[Step]:
    """The window in other sizes, with every page on show."""
    from resnet_gui.gui.shell.pages import PAGES

    for spec in PAGES:
        yield Step("to a page", partial(tour.app.show_page, spec.key))
        for size in SIZES:
            yield Step(f"another size on {spec.title}", partial(tour.window.resize, *size))


def designs(tour: Tour) -> Iterator[Step]:
    """Every preset, undone and done again; the deepest network."""
    from resnet_gui.design.presets import PRESETS

    session = tour.app.session
    yield Step("to a page", lambda: tour.app.show_page("design"))
    for name, preset in PRESETS.items():
        title = "the preset ResNet-1202" if name == "resnet1202" else "another preset"
        yield Step(title, partial(session.choose_preset, preset))
    for _ in range(6):
        yield Step("undo, redo of presets", session.undo.undo)
    for _ in range(6):
        yield Step("undo, redo of presets", session.undo.redo)


def editing(tour: Tour) -> Iterator[Step]:
    """Blocks unfolded, filters, names, colours and calculators of a usual and of the deepest network."""
    from resnet_gui.design.presets import PRESETS

    session, design = tour.app.session, tour.app.design
    table, network = design.table, design.network
    for name in ("resnet50", "resnet1202"):
        title = PRESETS[name].title
        yield Step("another preset" if name == "resnet50" else title, partial(session.choose_preset, PRESETS[name]))
        for on in (True, False, True):
            yield Step(f"{title}: a block is chosen", lambda: network.view.choose("layer2.0"))
            yield Step(f"{title}: unfold, fold", partial(network.view.unfold, on=on))
        for words in ("c", "conv", "3x3", "layer3", ""):
            yield Step(f"{title}: filter", partial(table.model.set_filter, words))
        for naming in ("torch", "paper"):
            yield Step(f"{title}: names of the table", partial(table.set_naming, naming))
        for colouring in ("params", "macs", "stage"):
            yield Step(f"{title}: colours", partial(network.set_colouring, colouring))
        for work in (network.view.fit, network.view.natural, lambda: network.view.zoom(1.5)):
            yield Step(f"{title}: zoom", work)
        yield Step(f"{title}: calculator", design.headline.field_requested.emit)
        yield Step(f"{title}: ledger", design.show_ledger)
        yield Step(f"{title}: edit", lambda: session.edit("classes", classes=session.spec.classes + 1))
        yield Step(f"{title}: edit", lambda: session.edit("conv bias", conv_bias=not session.spec.conv_bias))
        for form in ("svg", "pdf", "png", "python", "csv", "latex", "json"):
            path = tour.home / f"export.{form}"
            yield Step(f"{title}: export as {form}", partial(tour.app.files.export, form, path))
    yield Step("another preset", partial(session.choose_preset, PRESETS["resnet50"]))


def compare(tour: Tour) -> Iterator[Step]:
    """Sixteen pins, table and blocks."""
    from resnet_gui.design.presets import PRESETS
    from resnet_gui.gui.compare.page import ComparePage

    session = tour.app.session
    page: ComparePage = tour.app.page("compare")  # type: ignore[assignment]
    yield Step("to a page", lambda: tour.app.show_page("compare"))
    for preset in list(PRESETS.values())[:16]:
        yield Step("Compare: another pin", partial(session.pin, preset.design))
    yield Step("Compare: baseline", lambda: session.set_baseline(session.pins[3]))
    for view in ("blocks", "table"):
        yield Step(f"Compare: {view}", partial(page.views.chosen.emit, view))
    for on in (True, False):
        yield Step("Compare: only rows that differ", partial(page.only.toggled.emit, on))
    yield Step("Compare: presets to pin", partial(page.menus.choose_presets, page.add))
    yield Step("Compare: menu", lambda: page.menus.add_menu(page.add).popup(QPoint(9, 9)))


def runs(tour: Tour) -> Iterator[Step]:
    """Two hundred runs, the long one, several chosen in a row, plots written."""
    from resnet_gui.gui.common.figure_dialog import FigureDialog

    page = tour.app.train_page()
    folder = tour.home / "runs"

    def choose(name: str) -> None:
        page.state.choose(page.runs.row(folder / name))

    def read() -> bool:
        return not any(row.behind for row in page.runs.rows() if row.shown or row is page.state.run)

    yield Step("to a page", lambda: tour.app.show_page("train"))
    yield Step("Train: the long run", lambda: choose(LONG), read)
    yield Step("Train: the trained run", lambda: choose(TRAINED), read)
    for number in range(0, 100, 9):
        yield Step("Train: another of 200 runs", partial(choose, f"20250101-{number:06d}-copy"), read)
    for number in range(12):
        row = page.runs.rows()[number]
        yield Step("Train: another curve is drawn", partial(page.runs.set_shown, row, shown=True), read)
    yield Step("Train: the long run", lambda: choose(LONG), read)
    rows = page.runs.rows()[:4]
    yield Step("Train: curves as CSV", partial(page.actions_of_runs.write, "csv", rows, tour.home / "curves.csv"))
    yield Step("Train: figures", partial(page.actions_of_runs.save, "figure", None))
    yield Step("Train: figures closed", lambda: [dialog.close() for dialog in page.findChildren(FigureDialog)])
    yield Step("Train: menu of a run", lambda: page.actions_of_runs.menu(page.runs.rows()[0]).popup(QPoint(9, 9)))
    yield Step("Train: launch dialog", lambda: page.control.show_launch(None, page.form.recipe))


def sweeps(tour: Tour) -> Iterator[Step]:
    """The sweeps of the Train page."""
    page = tour.app.train_page()
    yield Step("to a page", lambda: tour.app.show_page("train"))
    for mode in ("sweeps", "runs", "sweeps"):
        yield Step(f"Train: {mode}", partial(page.modes.show_mode, mode))
    yield Step("Train: a sweep is chosen", lambda: page.modes.view.model.choose(page.modes.view.model.items()[0]))
    yield Step("Train: runs", lambda: page.modes.show_mode("runs"))


def predict(tour: Tour) -> Iterator[Step]:
    """Pictures with their answers, each explain view, the table."""
    from resnet_gui.base.files import assets
    from resnet_gui.gui.predict.explain.views import VIEWS

    page = tour.app.predict_page()
    pictures = sorted((assets() / "samples").glob("*.jpg"))
    yield Step("to a page", lambda: tour.app.show_page("predict"), lambda: page.state.loaded is not None)

    def answered() -> bool:
        found = page.pictures.pictures()
        return bool(found) and all(picture.top or picture.error for picture in found)

    yield Step("Predict: eight pictures", lambda: page.add_files(pictures), answered)
    for view in range(len(VIEWS)):
        yield Step(f"Predict: {VIEWS[view].title}", partial(page.explain.tabs.setCurrentIndex, view))
    for picture in range(3):
        yield Step("Predict: another picture", partial(page.gallery.choose, page.pictures.pictures()[picture]))
    for on in (True, False):
        yield Step("Predict: table of pictures", partial(page.strip.set_table, on=on))
        yield Step("Predict: table of pictures", page._show_parts)
    run = tour.home / "runs" / TRAINED
    yield Step("Predict: another network", lambda: page.choose_run(run), lambda: page.state.loaded is not None)


def evaluate(tour: Tour) -> Iterator[Step]:
    """A stored evaluation and selections in it."""
    from resnet_gui.evaluation.selection import Selection

    page = tour.app.evaluate_page()
    folder = next(path.parent for path in sorted(tour.home.glob("evaluations/*/evaluation.json")))
    yield Step("to a page", lambda: tour.app.show_page("evaluate"))
    yield Step(
        "Evaluate: a stored evaluation",
        lambda: tour.app.open_evaluation(folder),
        lambda: page.state.answers is not None,
    )
    selections = (Selection(truth=3), Selection(truth=8, answer=1), Selection(numbers=tuple(range(50))), Selection())
    for selection in selections:
        yield Step("Evaluate: a selection", partial(page.state.select, selection))
    yield Step("Evaluate: a temperature", lambda: page.state.set_temperature(2.0))
    yield Step("Evaluate: menu of reports", lambda: page.bar.report_menu.popup(QPoint(9, 9)))


def lab(tour: Tour) -> Iterator[Step]:
    """The page of each experiment."""
    from resnet_gui.gui.lab.page import LabPage
    from resnet_gui.lab.experiments import EXPERIMENTS

    page: LabPage = tour.app.page("lab")  # type: ignore[assignment]
    yield Step("to a page", lambda: tour.app.show_page("lab"))
    for key, experiment in EXPERIMENTS.items():
        yield Step(f"Lab: {experiment.title}", partial(page.choose, key))
        yield Step(f"Lab: {experiment.title}", page._skip)


def dialogs(tour: Tour) -> Iterator[Step]:
    """Help, menus, weights that are identified."""
    app = tour.app
    yield Step("to a page", lambda: app.show_page("design"))
    yield Step("Help", app.rail.help_requested.emit)
    for title, menu in (("menu of the window", app.menus.main), ("menu of exports", app.menus.export)):
        yield Step(title, partial(menu.popup, QPoint(99, 99)))
    yield Step("list of presets", app.title.open_list)
    yield Step("weights identified", lambda: app.files.open(tour.home / WEIGHTS), lambda: bool(_opened(tour.window)))


# ---- the table


def show(gaps: dict[str, Gap], limit: float) -> None:
    """Print the longest gaps, worst first."""
    print(f"\nLongest gap of the event loop by step; the limit is {limit:.0f} ms of processor time")
    print(f"  {'':52} {'CPU':>10} {'wall':>10} {'of limit':>9}")
    for title, gap in sorted(gaps.items(), key=lambda item: -item[1].processor):
        took = gap.processor * 1000
        over = "  over" if took > limit else ""
        print(f"  {title:52} {took:7.1f} ms {gap.wall * 1000:7.0f} ms {took / limit:8.2f}×{over}")
    many = sum(gap.processor * 1000 > limit for gap in gaps.values())
    print(f"  {len(gaps)} steps, {many} over the limit")


def explain(gaps: dict[str, Gap], limit: float) -> None:
    """Print where the time of each gap over the limit went."""
    for title, gap in sorted(gaps.items(), key=lambda item: -item[1].processor):
        if gap.profile is not None and gap.processor * 1000 > limit:
            print(f"\n==== {title}: {gap.processor * 1000:.0f} ms")
            pstats.Stats(gap.profile).sort_stats("tottime").print_stats(14)
            pstats.Stats(gap.profile).sort_stats("cumulative").print_stats(45)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the home, take the tour, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, metavar="FOLDER")
    parser.add_argument("--only", default="", metavar="WORDS")
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("--limit", type=float, default=LIMIT_MS, metavar="MS")
    options: Any = parser.parse_args(arguments)
    home = options.home or Path(tempfile.mkdtemp(prefix="resnet-gui-tour-"))
    make_home(home.resolve())
    os.environ["RESNET_GUI_HOME"] = str(home.resolve())
    tour = Tour(home.resolve(), only=options.only, explain=options.explain)
    tour.run()
    show(tour.gaps, options.limit)
    if options.explain:
        explain(tour.gaps, options.limit)
    gc.enable()


if __name__ == "__main__":
    main()
