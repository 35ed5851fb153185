"""The longest gaps of the window's event loop over a tour of everything it shows, against the limit of 100 ms.

Usage: python benchmarks/bench_tour.py [--home FOLDER] [--parts NAME ...] [--only WORDS] [--explain] [--limit MS]

A heartbeat of 2 ms notes how long the loop did not come round: the processor time of the window's thread, which other
programs do not lengthen, and the time on the wall, which the user sees. ``--home`` keeps the made home for another
time, ``--parts`` takes some parts of the tour, ``--only`` leaves steps of other titles out of the table, ``--explain``
says where the time of the longest gaps went.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer
from tour import PARTS
from tour_home import make_home
from tour_step import Step, opened_over

if TYPE_CHECKING:
    from resnet_gui.gui.shell.application import Application

BEAT_MS = 2
LIMIT_MS = 100.0
QUIET_BEATS = 40
"""So many beats in a row with next to no work are the end of a step."""

QUIET_SECONDS = 0.003
PATIENCE = 20.0
"""Seconds after which a step is given up; the tour goes on and fails at its end."""

OPENING = "the window opens"


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


class MeasuredTour:
    """The tour through a window with its engine.

    Attributes:
        app, window, home: as ``tour_step.Tour`` says.
        gaps: the longest gap by the title of a step.
        undone: sentences about steps that were not done, or failed.
    """

    def __init__(self, home: Path, *, only: str, explain: bool) -> None:
        from resnet_gui.gui.app import make_application, open_in_steps
        from resnet_gui.gui.kit.collector import CycleCollector
        from resnet_gui.gui.kit.theme import Theme
        from resnet_gui.gui.shell.main_window import MainWindow

        self.home, self._only = home, only
        self.gaps: dict[str, Gap] = {}
        self.undone: list[str] = []
        self._said = ""
        self._title = ""
        sys.excepthook = self._fail
        qapp = make_application()
        # First, so that nothing is collected while everything is being made.
        self.collector = CycleCollector()
        theme = Theme(qapp, "light")
        self.window = MainWindow(theme)
        filled: list[Application] = []
        self.window.painted.connect(lambda: open_in_steps(self.window, theme, filled.append))
        self.beat = Heartbeat(explain=explain)
        self.take(Step(OPENING, self.window.show, lambda: bool(filled)))
        self.app = filled[0]
        self.app.session.message.connect(self._hear)
        self.take(Step("the engine is ready", lambda: None, lambda: self.app.engines.state == "ready"))

    def _fail(self, kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        """What nobody caught while the event loop turned."""
        sys.__excepthook__(kind, error, traceback)
        self.undone.append(f"{self._title}: {kind.__name__}: {error}")

    def _hear(self, sentence: str, level: str) -> None:
        self._said = sentence
        if level == "error":
            self.undone.append(f"{self._title}: the window says: {sentence}")

    def take(self, step: Step) -> None:
        """Do a step, wait until it is done and the loop is quiet, and close what it has opened."""
        self._title, self._said = step.title, ""
        self.beat.begin()
        QTimer.singleShot(0, step.work)
        self._spin(step)
        if self._only and self._only not in step.title:
            return
        found, before = self.beat.longest, self.gaps.get(step.title, Gap())
        worse = found if found.processor > before.processor else before
        self.gaps[step.title] = worse._replace(wall=max(found.wall, before.wall))

    def _spin(self, step: Step) -> None:
        """Let the event loop turn until the step is over; dialogs that block are closed from inside."""
        loop, poll = QEventLoop(), QTimer(interval=20)
        until = time.monotonic() + PATIENCE
        turns, arrived = 0, False

        def look() -> None:
            nonlocal turns, arrived
            turns += 1
            # A dialog that was waited for is there no more when it has been closed.
            arrived = arrived or step.ready()
            late = time.monotonic() > until
            if late:
                said = f"; the window said: {self._said}" if self._said else ""
                self.undone.append(f"{step.title}: not done after {PATIENCE:.0f} s{said}")
            elif turns < 3 or not arrived or self.beat.quiet < QUIET_BEATS:
                return
            elif not step.stays and (opened := opened_over(self.window)):
                for widget in opened:
                    widget.close()
                self.beat.quiet = 0
                return
            poll.stop()
            loop.quit()

        poll.timeout.connect(look)
        poll.start()
        loop.exec()

    def run(self, parts: Sequence[str]) -> None:
        """Every step of these parts, one after the other."""
        for part in parts:
            for step in PARTS[part](self):
                self.take(step)
        self.app.engines.blockSignals(True)
        self.app.engines.shutdown(keep_runs=False)
        self.app.engines.kill_all()
        self.collector.stop()
        self.app.after_close()


# ---- the table


def show(gaps: dict[str, Gap], undone: Sequence[str], limit: float) -> None:
    """Print the longest gaps, worst first, and what was not done."""
    print(f"\nLongest gap of the event loop by step; the limit is {limit:.0f} ms of processor time")
    print(f"  {'':52} {'CPU':>10} {'wall':>10} {'of limit':>9}")
    for title, gap in sorted(gaps.items(), key=lambda item: -item[1].processor):
        took = gap.processor * 1000
        over = "  over" if took > limit else ""
        print(f"  {title:52} {took:7.1f} ms {gap.wall * 1000:7.0f} ms {took / limit:8.2f}×{over}")
    many = sum(gap.processor * 1000 > limit for gap in gaps.values())
    print(f"  {len(gaps)} steps, {many} over the limit")
    for sentence in undone:
        print(f"  NOT DONE  {sentence}")


def explain(gaps: dict[str, Gap], limit: float) -> None:
    """Print where the time of each gap over the limit went."""
    for title, gap in sorted(gaps.items(), key=lambda item: -item[1].processor):
        if gap.profile is not None and gap.processor * 1000 > limit:
            print(f"\n==== {title}: {gap.processor * 1000:.0f} ms")
            pstats.Stats(gap.profile).sort_stats("tottime").print_stats(14)
            pstats.Stats(gap.profile).sort_stats("cumulative").print_stats(45)


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the home, take the tour, print the table; returns 1 where a step was not done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, metavar="FOLDER")
    parser.add_argument("--parts", nargs="+", choices=tuple(PARTS), default=tuple(PARTS))
    parser.add_argument("--only", default="", metavar="WORDS")
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("--limit", type=float, default=LIMIT_MS, metavar="MS")
    options: Any = parser.parse_args(arguments)
    home = options.home or Path(tempfile.mkdtemp(prefix="resnet-gui-tour-"))
    make_home(home.resolve())
    os.environ["RESNET_GUI_HOME"] = str(home.resolve())
    # What an earlier tour has left open is not part of this one.
    (home / "settings.json").unlink(missing_ok=True)
    tour = MeasuredTour(home.resolve(), only=options.only, explain=options.explain)
    tour.run(options.parts)
    show(tour.gaps, tour.undone, options.limit)
    if options.explain:
        explain(tour.gaps, options.limit)
    return int(bool(tour.undone))


if __name__ == "__main__":
    sys.exit(main())
