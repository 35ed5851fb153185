"""Lesion study: two networks with the error without each block, and several at once (Veit et al. 2016)."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QSpinBox, QWidget

from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.client.latest import LatestRequests
from resnet_gui.gui.kit.basic import (
    ElidedLabel,
    StatusDot,
    button,
    column,
    label,
    panel,
    row,
    scrolled,
    set_icon,
    vertical_line,
)
from resnet_gui.gui.kit.charts.chart import ChartAxis, ChartBand, ChartDot, ChartMark, ChartTag, PlotData, PlotLine
from resnet_gui.gui.kit.charts.chart_view import ChartView
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.curves import Points
from resnet_gui.gui.kit.form import SMALL_INDENT, indent
from resnet_gui.gui.kit.small_combo import SmallCombo
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.lab.colours import network_tokens
from resnet_gui.gui.lab.figures.figure import Cell, FigureData, titled
from resnet_gui.gui.lab.figures.lesion_diagram import LesionDiagram
from resnet_gui.gui.lab.figures.norm_statistics import NormStatisticsFigure
from resnet_gui.gui.lab.figures.spread_of_seeds import band_lines
from resnet_gui.lab.experiment import Experiment
from resnet_gui.lab.measured.lesions import LesionSetup, LesionStudy
from resnet_gui.lab.measured.norm_statistics import NormStatistics
from resnet_gui.protocol.events import Event, Failed
from resnet_gui.protocol.lab_events import LesionMeasured
from resnet_gui.protocol.lab_messages import DeleteBlocks

SIDES: Final = ("residual", "plain")
"""Roles that stand side by side."""

DRAWS: Final = 5
MOST_AT_ONCE: Final = float(max(LesionSetup().counts))
STATISTICS: Final = {"trained": "as trained", "remeasured": "measured again"}

READY: Final = "ready"
"""Begins the kind of a question that is asked only to have a network ready."""

LEFT_WIDE: Final = 320


class NetworkSide(QWidget):
    """One network: its name, the error now, its diagram."""

    def __init__(self, theme: Theme, role: str) -> None:
        super().__init__()
        self.role = role
        layout = column(self, (12, 0, 8, 0))
        line = row(gap=8)
        self.dot = StatusDot(theme, "r1")
        self.name = label("", "title")
        self.count = ElidedLabel("", "muted12")
        self.now_words = ElidedLabel("", "muted12")
        self.now = label("", "run")
        for part in (self.dot, self.name, self.count):
            line.addWidget(part)
        line.addStretch()
        line.addWidget(self.now_words)
        line.addWidget(self.now)
        head = QWidget()
        head.setFixedHeight(34)
        column(head).addLayout(line)
        layout.addWidget(head)
        self.diagram = LesionDiagram(theme, role)
        layout.addWidget(self.diagram, 1)
        self.deleted: tuple[str, ...] = ()
        self.swaps: tuple[tuple[str, str], ...] = ()
        self.open_swap = False
        self.refusal = ""
        self.run = ""

    def take_back_swap(self, why: str) -> None:
        """The last swap, whose error was asked for, cannot be; nothing later is asked with it."""
        self.swaps, self.open_swap, self.refusal = self.swaps[:-1], False, why
        self.diagram.show_changes(self.deleted, self.swaps)

    def put_back(self) -> None:
        """Every block is where it was."""
        self.deleted, self.swaps, self.open_swap, self.refusal = (), (), False, ""
        self.diagram.show_changes((), ())

    def show_now(self, error: float | None, *, drawn: str = "") -> None:
        """Show the error of the network as it is changed; None while it is asked for."""
        self.now_words.setToolTip(self.refusal)
        if not self.deleted and not self.swaps and not drawn:
            self.now_words.setText(self.refusal)
            self.now.setText("")
            return
        parts = [f"{len(self.deleted)} deleted"] if self.deleted else []
        parts += [f"{len(self.swaps)} swapped"] if self.swaps else []
        parts += ["last swap refused"] if self.refusal else []
        self.now_words.setText(drawn or f"now, {', '.join(parts)}:")
        self.now.setText("…" if error is None else f"{100 * error:.1f} %")


class LesionFigure(NormStatisticsFigure):
    """The diagrams, a row of tools, and errors of several deletions at once."""

    least = 452

    def __init__(self, theme: Theme, experiment: Experiment) -> None:
        super().__init__(theme, experiment)
        self.data: FigureData | None = None
        self._asks: LatestRequests | None = None
        self._drawn: dict[str, list[float]] = {}
        self.sides = {role: NetworkSide(theme, role) for role in SIDES}
        body = QWidget()
        body.setObjectName("canvas")
        body.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight, body)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(0)
        self._line.addWidget(self.sides["residual"], 68)
        self._line.addWidget(self.sides["plain"], 32)
        column(self).addWidget(scrolled(body))
        for side in self.sides.values():
            side.diagram.deleted_changed.connect(lambda blocks, side=side: self._delete(side, blocks))
            side.diagram.swapped.connect(lambda first, second, side=side: self._swap(side, first, second))
        self.tools = self._make_tools(theme)
        self.head_tools = self._make_choices()
        self.left = panel("rightLine")
        self.left.setFixedWidth(LEFT_WIDE)
        inner = column(self.left)
        bar, _ = titled("Several at once", "test error %, random draws")
        self.several = ChartView(theme, "Several at once")
        inner.addWidget(bar)
        inner.addWidget(self.several, 1)

    def _make_tools(self, theme: Theme) -> QWidget:
        made = QWidget()
        line = row(made, gap=10)
        kinds = [("delete", "Delete", ""), ("swap", "Swap two", ""), ("random", "k at random", "")]
        self.mode = SegmentedControl(theme, kinds, height=24, fitted=True)
        self.mode.set_key("delete")
        self.mode.setAccessibleName("What a click does")
        self.mode.chosen.connect(self._set_mode)
        line.addWidget(self.mode)
        self.count = QSpinBox()
        self.count.setRange(1, 54)
        self.count.setValue(4)
        self.count.setProperty("small", "true")
        indent(self.count, SMALL_INDENT)
        self.count.setAccessibleName("Blocks at random")
        self.draw = button("Draw", "small", f"Delete so many blocks at random, {DRAWS} times, in both networks")
        self.draw.clicked.connect(self._draw_random)
        line.addWidget(self.count)
        line.addWidget(self.draw)
        line.addWidget(vertical_line())
        line.addWidget(label("BN statistics", "muted12"))
        self.make_statistics(STATISTICS["remeasured"]).chosen.connect(lambda _key: self._measure_otherwise())
        line.addWidget(self.statistics)
        line.addWidget(vertical_line())
        self.back = button("Put all back", "small", "Every block where it was")
        set_icon(theme, self.back, "undo", "t1")
        self.back.clicked.connect(self._put_back)
        line.addWidget(self.back)
        line.addStretch()
        self.intact = ElidedLabel("", "small")
        line.addWidget(self.intact)
        self._set_mode("delete")
        return made

    def _make_choices(self) -> QWidget:
        made = QWidget()
        line = row(made, gap=8)
        self.seed = SmallCombo("Seed of the networks", 7)
        self.seed.activated.connect(lambda _index: self._show_seed())
        line.addWidget(label("Networks of", "muted12"))
        line.addWidget(self.seed)
        return made

    def connect_engines(self, engines: Engines) -> None:
        """Ask for the error of changed networks."""
        self._asks = LatestRequests(engines, self)
        self._asks.answered.connect(self._take)

    def _measure_otherwise(self) -> None:
        """What is deleted now was measured with the other statistics."""
        self._put_back()
        self.options_changed.emit()

    def _set_mode(self, key: str) -> None:
        self.count.setVisible(key == "random")
        self.draw.setVisible(key == "random")
        for side in self.sides.values():
            side.diagram.mode = "swap" if key == "swap" else "delete"

    # ---- what is shown

    def show_data(self, data: FigureData | None) -> None:
        """Draw the networks that were measured."""
        self.data = data
        seeds = sorted({seed for role in SIDES for seed in self._found(role)})
        if [self.seed.itemData(number) for number in range(self.seed.count())] != seeds:
            self.seed.clear()
            for seed in seeds:
                self.seed.addItem(f"seed {seed}", seed)
        self._show_seed()
        self._draw_several()
        for control in (self.mode, self.count, self.draw, self.back, self.seed):
            control.setEnabled(bool(seeds))

    def _found(self, role: str) -> Mapping[int, LesionStudy]:
        return self.data.results.measured.get(role, {}) if self.data is not None else {}

    def _tokens(self) -> dict[str, str]:
        names = self.data.names if self.data is not None else {role.key: role.network for role in self.experiment.roles}
        return {role: network_tokens(list(names.values()))[name] for role, name in names.items()}

    def _show_seed(self) -> None:
        seed, tokens = self.seed.currentData(), self._tokens()
        intact: list[str] = []
        for role, side in self.sides.items():
            study = self._found(role).get(seed) if seed is not None else None
            run = self.data.folders.get(role, {}).get(seed, "") if self.data is not None and seed is not None else ""
            spec = self.data.specs.get(role) if self.data is not None else None
            if run != side.run or study is None:
                side.run = run
                side.put_back()
                side.diagram.show_network(spec if study is not None else None, tokens[role])
                side.show_now(None)
                if run and study is not None and self._asks is not None:
                    # The engine makes the network ready before the first click, whose answer then comes at once.
                    self._asks.ask(f"{READY} {role}", partial(self._question, side=side, blocks=()))
            elif study is not None and not side.diagram.blocks():
                side.diagram.show_network(spec, tokens[role])
            known = "No network of this kind was measured" if self.seed.count() else "The blocks appear here"
            side.diagram.message = known
            side.dot.set_token(tokens[role])
            own = {each.key: each.network for each in self.experiment.roles}
            name = self.data.names.get(role, role) if self.data is not None else own[role]
            side.name.setText(name)
            side.count.setText(f"{len(study.deletions)} blocks" if study is not None else "")
            if study is not None:
                side.diagram.show_errors({one.block: one for one in study.deletions}, study.intact)
                intact.append(f"{name} {100 * study.intact:.1f} %")
                side.count.setText(f"{len(study.deletions)} blocks, intact {100 * study.intact:.1f} %")
        shown = {study.setup.statistics for role in SIDES for study in self._found(role).values()}
        norms = f", BN {STATISTICS[min(shown)]}" if shown else ""
        self.intact.setText(f"dashed: intact; bar: test error % without that block{norms}")
        self.intact.setToolTip(f"Whole networks: {', '.join(intact)}" if intact else "")

    def _draw_several(self) -> None:
        tokens = self._tokens()
        lines, bands = list[PlotLine](), list[ChartBand]()
        tags, dots, last, chance = list[ChartTag](), list[ChartDot](), 0.0, 0.9
        for role in SIDES:
            found = self._found(role)
            members = [_points(found[seed]) for seed in sorted(found)]
            name = self.data.names.get(role, role) if self.data is not None else role
            made, soft = band_lines(name, tokens[role], members)
            lines += made
            bands += soft
            if made:
                last = max(last, *(float(points.x.max()) for points in members))
                tags.append(ChartTag(name, tokens[role], float(made[-1].points.y[-1])))
                chance = next(iter(found.values())).chance
            k = len(self.sides[role].deleted)
            if k and self.sides[role].now.text().endswith("%"):
                value = float(self.sides[role].now.text().removesuffix(" %"))
                dots.append(ChartDot(float(k), value, tokens[role], 7, hollow=True))
        marks = (ChartMark(100 * chance, "chance", level=True),) if lines else ()
        across = ChartAxis(0, last or MOST_AT_ONCE, title="blocks deleted at random")
        chart = PlotData(across, ChartAxis(0, 100), tuple(lines), tuple(bands), tags=tuple(tags), dots=tuple(dots),
                      marks=marks, message="" if lines else "Curves appear here")  # fmt: skip
        self.several.show_chart(chart)

    # ---- changes

    def _delete(self, side: NetworkSide, blocks: Sequence[str]) -> None:
        side.deleted, side.refusal = tuple(blocks), ""
        self._ask(side)

    def _swap(self, side: NetworkSide, first: str, second: str) -> None:
        side.swaps, side.open_swap, side.refusal = (*side.swaps, (first, second)), True, ""
        side.diagram.show_changes(side.deleted, side.swaps)
        self._ask(side)

    def _put_back(self) -> None:
        for side in self.sides.values():
            side.put_back()
            if self._asks is not None:
                self._asks.forget(side.role)
            side.show_now(None)
        self._draw_several()

    def _ask(self, side: NetworkSide) -> None:
        side.show_now(None)
        if self._asks is None or not side.run:
            return
        if not side.deleted and not side.swaps:
            self._asks.forget(side.role)
            self._draw_several()
            return
        self._asks.ask(side.role, lambda job: self._question(job, side, side.deleted))

    def _question(self, job: int, side: NetworkSide, blocks: tuple[str, ...]) -> DeleteBlocks:
        statistics: NormStatistics = "remeasured" if self.statistics.key == "remeasured" else "trained"
        return DeleteBlocks(job=job, run=side.run, blocks=blocks, swaps=side.swaps, statistics=statistics)

    def _draw_random(self) -> None:
        """Ask for a few draws of k blocks in each network."""
        self._put_back()
        for side in self.sides.values():
            able = side.diagram.deletable()
            k = min(self.count.value(), len(able))
            if self._asks is None or not side.run or not k:
                continue
            self._drawn[side.role] = []
            for number in range(DRAWS):
                blocks = tuple(random.sample(able, k))
                self._asks.ask(f"{side.role} {number}", partial(self._question, side=side, blocks=blocks))
            side.show_now(None, drawn=f"{k} at random, {DRAWS} draws:")

    def _take(self, kind: str, event: Event) -> None:
        if kind.startswith(READY):
            return
        role, _, number = kind.partition(" ")
        side = self.sides[role]
        if isinstance(event, Failed) and side.open_swap and not number:
            side.take_back_swap(event.message)
            self._ask(side)
        elif isinstance(event, Failed):
            side.now_words.setText(event.message)
            side.now_words.setToolTip(event.message)
            side.now.setText("")
        elif isinstance(event, LesionMeasured) and number:
            self._drawn[role].append(event.error)
            errors = np.array(self._drawn[role])
            k = len(event.deleted)
            words = f"{k} at random, {len(errors)} of {DRAWS} draws:"
            side.show_now(float(errors.mean()), drawn=words)
        elif isinstance(event, LesionMeasured):
            side.open_swap = False
            side.show_now(event.error)
            self._draw_several()

    def set_narrow(self, *, narrow: bool) -> None:
        """The plain network stands below the other in a narrow window."""
        direction = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        self._line.setDirection(direction)
        self.least = 290 if narrow else 452
        self.intact.setVisible(not narrow)
        if self.left is not None:
            self.left.setFixedWidth(240 if narrow else LEFT_WIDE)

    def rows(self) -> list[list[Cell]]:
        """The error without each block and without several at once, of every network and seed, as fractions."""
        if self.data is None or not any(self.data.results.measured.values()):
            return []
        made: list[list[Cell]] = [["network", "seed", "deleted", "draw", "error"]]
        for role, found in self.data.results.measured.items():
            for seed, study in found.items():
                name = self.data.names.get(role, role)
                made.append([name, seed, "", "", study.intact])
                made += [[name, seed, one.block, "", one.error if one.error is not None else one.reason]
                         for one in study.deletions]  # fmt: skip
                for several in study.at_random:
                    draws = enumerate(zip(several.blocks, several.errors, strict=False), 1)
                    made += [[name, seed, " ".join(blocks), draw, error] for draw, (blocks, error) in draws]
        return made


def _points(study: LesionStudy) -> Points:
    x = [0.0, *(float(one.count) for one in study.at_random if one.errors)]
    y = [100 * study.intact, *(100 * sum(one.errors) / len(one.errors) for one in study.at_random if one.errors)]
    return Points(np.array(x), np.array(y))
