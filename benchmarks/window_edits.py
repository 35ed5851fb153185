"""Edits in a window of the program, each timed from the change to the repainted page."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from typing import NamedTuple

from beside import Chosen, Seconds, clocked, part

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


FRAME = 1 / 60
"""Seconds that a change may take until it is seen."""


class Bench:
    """A window whose edits are timed, with all of its pages made, as the program makes them while nobody does anything.

    Attributes:
        pauses: times of Python's collector of cycles, which has its turn between two edits and not in one, as in the
            program.
    """

    def __init__(self) -> None:
        app = part("app", "make_application")()
        self._collector = part("collector", "CycleCollector")()
        # Its timer would fall into an edit here, where one follows the other; ``rest`` looks instead.
        self._collector.stop()
        gc.disable()
        self._collect = part("collector", "collect_where_due")
        self.pauses: list[Seconds] = []
        theme = part("theme", "Theme")(app, "dark")
        self.presets = part("presets", "PRESETS")
        self.frame = part("main_window", "MainWindow")(theme)
        self.frame.show()
        self.window = part("app", "fill")(self.frame, theme)
        self.window.engines.blockSignals(True)
        self.window.engines.kill_all()  # its answers would repaint the badge in the middle of a measurement
        memory = getattr(self.window, "memory", None)  # older builds keep nothing until the window closes
        if memory is not None:
            memory.keeper.stop()  # it looks once a second, here always in an edit
        for page in part("pages", "PAGES"):
            self.window.page(page.key)
            self.settle()

    @staticmethod
    def settle() -> None:
        """Until nothing waits to be laid out or painted."""
        from PySide6.QtWidgets import QApplication

        for _ in range(3):
            QApplication.processEvents()

    def rest(self) -> None:
        """What the program does while nobody edits."""
        self.pauses.append(clocked(self._collect))

    def shown(self, change: Callable[[], object]) -> Seconds:
        """Time from a change to the repainted page."""

        def work() -> None:
            change()
            self.settle()

        self.rest()
        return clocked(work)

    def edit(self, field: str, value: object) -> Seconds:
        """Time of an edit that nobody typed, such as a step of undo."""
        return self.shown(lambda: self.window.session.edit("edit", **{field: value}))

    def enter(self, field: str, value: object) -> Seconds:
        """Time of an edit in the form."""
        return self.shown(lambda: self.window.design.form.edited.emit(f"change {field}", {field: value}))

    def choose(self, name: str) -> Seconds:
        """Time of a choice of another preset in the place of the design."""
        return self.shown(lambda: self.window.session.choose_preset(self.presets[name]))

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


def edited(name: str) -> Callable[[Bench], list[Seconds]]:
    """Edits of a preset, as steps of undo are."""

    def measure(bench: Bench) -> list[Seconds]:
        bench.choose(name)
        return bench.measure(EDITS, bench.edit)

    return measure


def entered(name: str) -> Callable[[Bench], list[Seconds]]:
    """Edits of a preset in the form."""

    def measure(bench: Bench) -> list[Seconds]:
        bench.choose(name)
        return bench.measure(EDITS, bench.enter)

    return measure


def filtered(bench: Bench) -> list[Seconds]:
    """Edits of a long network behind a filter."""
    bench.choose("resnet1202")
    bench.window.design.table.model.set_filter("3x3")
    times = bench.measure(EDITS, bench.edit)
    bench.window.design.table.model.set_filter("")
    return times


def other_rows(bench: Bench) -> list[Seconds]:
    """Edits after which rows or diagram are others."""
    bench.choose("resnet50")
    return bench.measure(OTHERS, bench.edit)


def fresh(bench: Bench) -> list[Seconds]:
    """100 edits to values that were never shown: every figure has to be laid out."""
    bench.choose("resnet50")
    bench.settle()
    return [bench.edit("widths", (65 + n, 129 + n, 257 + n, 513 + n)) for n in range(100)]


def every_preset(bench: Bench) -> list[Seconds]:
    """All presets in their order."""
    bench.choose("resnet1202")
    bench.settle()
    return [bench.choose(name) for name in bench.presets]


def beside_a_baseline(bench: Bench) -> list[Seconds]:
    """Edits while a block is unfolded and another design is compared with."""
    _unfold(bench)
    times = bench.measure(EDITS, bench.edit)
    _fold(bench)
    return times


def coloured(bench: Bench) -> list[Seconds]:
    """The same, the blocks in the colours of their costs."""
    _unfold(bench)
    bench.window.design.network.set_colouring("macs")
    times = bench.measure(EDITS, bench.edit)
    bench.window.design.network.set_colouring("stage")
    _fold(bench)
    return times


def _unfold(bench: Bench) -> None:
    window = bench.window
    bench.choose("resnet50")
    window.design.network.view.choose("layer2.0")
    window.design.table.choose_path("layer2.0")
    window.session.pin(bench.presets["resnet34"].design, baseline=True)


def _fold(bench: Bench) -> None:
    window = bench.window
    window.session.unpin(bench.presets["resnet34"].design)
    for show in (window.design.network.view.choose, window.design.table.choose_path):
        show("")
    bench.settle()


class EditRow(NamedTuple):
    """A row of the table of edits: its title, what it must stay below (seconds) and what measures it."""

    title: str
    limit: float
    measure: Callable[[Bench], list[Seconds]]


LONG = 0.05
"""Seconds for a network of 600 blocks."""

ROWS: list[EditRow] = [
    EditRow("resnet18", FRAME, edited("resnet18")),
    EditRow("resnet18, edited in the form", FRAME, entered("resnet18")),
    EditRow("resnet50", FRAME, edited("resnet50")),
    EditRow("resnet50, edited in the form", FRAME, entered("resnet50")),
    EditRow("resnet152", FRAME, edited("resnet152")),
    EditRow("resnet152, edited in the form", FRAME, entered("resnet152")),
    EditRow("resnet1202", LONG, edited("resnet1202")),
    EditRow("resnet1202, edited in the form", LONG, entered("resnet1202")),
    EditRow("resnet1202 behind the filter 3x3", LONG, filtered),
    EditRow("resnet50, other blocks, widths, stem", FRAME, other_rows),
    EditRow("resnet50, values never shown before", FRAME, fresh),
    EditRow("every preset, one after the other", FRAME, every_preset),
    EditRow("every preset once more", FRAME, every_preset),
    EditRow("resnet50, a block unfolded, beside a baseline", FRAME, beside_a_baseline),
    EditRow("resnet50, coloured by MACs", FRAME, coloured),
]

PAUSES = "pauses of the collector between edits"


def edits(bench: Bench, chosen: Chosen) -> Iterator[tuple[EditRow, list[Seconds]]]:
    """Every kind of edit that is to be measured, one after the other."""
    for each in ROWS:
        if chosen(each.title):
            yield each, each.measure(bench)
