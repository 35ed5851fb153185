"""Loss landscape: two surfaces from one camera on one scale, their contours, and a section (Li et al. 2018)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QLabel, QStackedWidget, QWidget

from resnet_gui.gui.kit.basic import column, label, panel, row, vertical_line
from resnet_gui.gui.kit.charts.badge import Badge, BadgeData
from resnet_gui.gui.kit.charts.chart import ChartAxis, ChartTag, PlotData, PlotLine
from resnet_gui.gui.kit.charts.chart_view import ChartView
from resnet_gui.gui.kit.charts.surface import Camera, HeightRange, Surface
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.curves import Points
from resnet_gui.gui.kit.figures.figure import FigureDrawing
from resnet_gui.gui.kit.figures.panels import PanelsFigure
from resnet_gui.gui.kit.figures.surface import SurfaceFigure
from resnet_gui.gui.kit.small_combo import SmallCombo
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.lab.colours import network_tokens
from resnet_gui.gui.lab.figures.figure import Cell, FigureData, divider
from resnet_gui.gui.lab.figures.landscape_parts import MAPS, LossScale, MapsSide, SurfaceSide
from resnet_gui.gui.lab.figures.norm_statistics import NormStatisticsFigure
from resnet_gui.lab.experiment import Experiment
from resnet_gui.lab.experiments.loss_landscape import unlike
from resnet_gui.lab.measured.landscape import EDGE, GRIDS, LARGEST_GAP, MIDDLE, LossSurface, steps

PAIRS: Final = (("plain", "residual"), ("plain-20", "residual-20"))
STEPS: Final = tuple((EDGE - 1) // (grid - 1) for grid in GRIDS)
HIGHEST: Final = {"log": 100.0, "linear": 10.0}
"""Nats above which a surface is cut: far away losses are astronomical and would flatten all else."""


class LandscapeFigure(NormStatisticsFigure):
    """Two surfaces, six small maps, two large ones and a section."""

    least = 440

    def __init__(self, theme: Theme, experiment: Experiment) -> None:
        super().__init__(theme, experiment)
        self.data: FigureData | None = None
        self._row = MIDDLE
        self.tools = self._make_tools(theme)
        self.head_tools = self._make_choices()
        layout = column(self)
        self.stack = QStackedWidget()
        layout.addWidget(self.stack)
        both = QWidget()
        self._column = column(both)
        surfaces = self.surfaces = QWidget()
        line = row(surfaces, gap=0)
        self.sides = [SurfaceSide(theme, name) for name in ("Plain", "Residual")]
        for number, side in enumerate(self.sides):
            if number:
                line.addWidget(divider(upright=True))
            side.turned.connect(self._turn)
            line.addWidget(side, 1)
        self._column.addWidget(surfaces, 1)
        self._column.addWidget(self._lower_part(theme))
        self.stack.addWidget(both)
        self.refusal = label("", "muted", wrap=True)
        away = panel()
        inner = column(away, (60, 40, 60, 40))
        inner.addStretch()
        inner.addWidget(self.refusal)
        inner.addStretch()
        self.stack.addWidget(away)

    def _lower_part(self, theme: Theme) -> QWidget:
        made = self.maps_part = panel("topLine")
        made.setFixedHeight(MAPS + 20)
        line = row(made, (16, 8, 16, 8), 12)
        self.maps = [MapsSide(theme, mirrored=False), MapsSide(theme, mirrored=True)]
        middle = QWidget()
        inner = column(middle)
        title = row(gap=8)
        title.addWidget(label("Along the dashed line", "title"))
        title.addWidget(label("loss; thin: other directions", "muted12"))
        title.addStretch()
        inner.addLayout(title)
        self.section = ChartView(theme, "Along the dashed line")
        inner.addWidget(self.section, 1)
        line.addWidget(self.maps[0])
        line.addWidget(middle, 1)
        line.addWidget(self.maps[1])
        for maps in self.maps:
            maps.row_chosen.connect(self._set_row)
            maps.seed_chosen.connect(self._choose_seed)
        return made

    def _make_tools(self, theme: Theme) -> QWidget:
        made = QWidget()
        self._tool_words: list[QLabel] = []
        line = row(made, gap=10)
        self.make_statistics("measured again at each point").chosen.connect(lambda _key: self.options_changed.emit())
        self.seed = SegmentedControl(theme, [("1", "seed 1", "")], height=24, fitted=True)
        self.seed.setAccessibleName("Directions")
        self.seed.chosen.connect(lambda _key: self._draw())
        self.z_scale = SegmentedControl(theme, [("log", "log", ""), ("linear", "linear", "")], height=24, fitted=True)
        self.z_scale.set_key("log")
        self.z_scale.setAccessibleName("Scale of the loss")
        self.z_scale.chosen.connect(lambda _key: self._draw())
        self.shown = SegmentedControl(
            theme, [("surfaces", "surfaces", ""), ("maps", "contours", "")], height=24, fitted=True
        )
        self.shown.set_key("surfaces")
        self.shown.setAccessibleName("Surfaces or contours")
        self.shown.chosen.connect(lambda _key: self._arrange())
        parts: tuple[tuple[str, SegmentedControl], ...] = (
            ("BN statistics", self.statistics), ("Directions", self.seed), ("z", self.z_scale), ("", self.shown),
        )  # fmt: skip
        for number, (words, control) in enumerate(parts):
            if number and words:
                line.addWidget(vertical_line())
            if words:
                self._tool_words.append(label(words, "muted12"))
                line.addWidget(self._tool_words[-1])
            line.addWidget(control)
        line.addStretch()
        self.colours = LossScale(theme)
        line.addWidget(self.colours)
        self._narrow = False
        return made

    def _make_choices(self) -> QWidget:
        made = QWidget()
        line = row(made, gap=8)
        line.addWidget(label("Pair", "muted12"))
        self.pair = SmallCombo("Pair of networks", 20)
        for number, pair in enumerate(PAIRS):
            names = [role.network for key in pair for role in self.experiment.roles if role.key == key]
            self.pair.addItem(" and ".join(names), number)
        self.pair.activated.connect(lambda _index: self._draw())
        line.addWidget(self.pair)
        self.fair = Badge(self.theme)
        line.addWidget(self.fair)
        return made

    # ---- what is shown

    def show_data(self, data: FigureData | None) -> None:
        """Draw the surfaces as far as they are known."""
        self.data = data
        seeds = data.results.seeds if data is not None else (1, 2, 3)
        self.seed.set_options([(str(seed), f"seed {seed}", "") for seed in seeds], set())
        if self.seed.key not in {str(seed) for seed in seeds}:
            self.seed.set_key(str(seeds[0]))
        self._draw()

    def _pair(self) -> tuple[str, str]:
        return PAIRS[max(self.pair.currentIndex(), 0)]

    def _found(self, role: str) -> Mapping[int, LossSurface]:
        return self.data.results.measured.get(role, {}) if self.data is not None else {}

    def _names(self) -> list[str]:
        roles = {role.key: role.network for role in self.experiment.roles}
        names = roles | dict(self.data.names if self.data is not None else {})
        return [names[key] for key in self._pair()]

    def _span(self) -> HeightRange:
        """One range for all surfaces of the pair."""
        losses = [loss for role in self._pair() for surface in self._found(role).values()
                  for loss in surface.losses if loss is not None and math.isfinite(loss) and loss > 0]  # fmt: skip
        log = self.z_scale.key == "log"
        top = HIGHEST["log" if log else "linear"]
        if not losses:
            return HeightRange(0.01, top, log)
        low, high = min(losses), min(top, max(losses))
        return HeightRange(0.8 * low if log else 0.0, max(high, 2 * low), log)

    def _draw(self) -> None:
        seed, names = int(self.seed.key), self._names()
        tokens, span = network_tokens(names), self._span()
        found = [self._found(role).get(seed) for role in self._pair()]
        self.colours.show_span(span)
        refusal = self._refusal(found)
        self.refusal.setText(refusal)
        self.stack.setCurrentIndex(1 if refusal else 0)
        for number, (name, loss) in enumerate(zip(names, found, strict=True)):
            side, maps = self.sides[number], self.maps[number]
            side.show_side(name, tokens[name], loss)
            surface = _surface(loss)
            side.view.show_surface(surface, span, "" if surface else "The surface appears here, coarse first")
            maps.large.show_surface(surface, span, waits="waits")
            maps.large.show_row(self._row, tokens[name])
            seeds = list(self.data.results.seeds if self.data is not None else ())
            for place, view in enumerate(maps.small):
                own = seeds[place] if place < len(seeds) else None
                each = self._found(self._pair()[number]).get(own) if own is not None else None
                view.show_surface(_surface(each), span, waits=f"seed {own}" if own is not None else "")
                view.set_chosen(on=own == seed and each is not None)
        self._draw_section(names, tokens, span, seed)

    def _refusal(self, found: list[LossSurface | None]) -> str:
        """Why the two may not be compared; empty where they may, or nothing is there yet."""
        first, second = found
        if self.data is None or first is None or second is None:
            self.fair.show_badge(BadgeData(""))
            return ""
        plain, residual = self._pair()
        reason = unlike(self.data.results, residual, plain, int(self.seed.key))
        fair = BadgeData(
            f"training loss {first.training_loss:.2g} and {second.training_loss:.2g}: within {LARGEST_GAP:g} nats",
            "ok", "check",
        )  # fmt: skip
        self.fair.show_badge(fair if not reason else BadgeData("not comparable", "warn", "alert"))
        if not reason:
            return ""
        said = f"{reason[0].upper()}{reason[1:]}."
        if "training loss" not in reason:
            return said
        return (
            f"{said} A network that never fitted is not in a minimum, and "
            "what surrounds it says nothing about shortcuts. Train the plain network at a learning rate of 0.01 on the "
            "Train page, or look at the other pair."
        )

    def _draw_section(self, names: list[str], tokens: Mapping[str, str], span: HeightRange, seed: int) -> None:
        lines, tags = list[PlotLine](), list[ChartTag]()
        for name, role in zip(names, self._pair(), strict=True):
            for own, loss in self._found(role).items():
                x, y = _section(loss, self._row)
                shown = own == seed
                if len(x):
                    y = np.minimum(y, span.high)
                    words = f"{name}, seed {own}"
                    lines.append(PlotLine(Points(x, y), tokens[name], 2.0 if shown else 0.8, 1.0 if shown else 0.5,
                                           name=words))  # fmt: skip
                    if shown:
                        tags.append(ChartTag(name, tokens[name], float(y[-1])))
        extent = 1.0
        across = ChartAxis(-extent, extent, tuple((x, f"{x:g}".replace("-", "−")) for x in (-1.0, -0.5, 0.0, 0.5, 1.0)),
                           title="step in direction 1, filter norms")  # fmt: skip
        up = ChartAxis(span.low if span.log else 0.0, span.high, log=span.log)
        self.section.show_chart(PlotData(across, up, tuple(lines), tags=tuple(tags), message="" if lines else "waits"))

    def _set_row(self, number: int) -> None:
        self._row = number
        self._draw()

    def _choose_seed(self, number: int) -> None:
        if self.data is not None and number < len(self.data.results.seeds):
            self.seed.set_key(str(self.data.results.seeds[number]))
            self._draw()

    def _turn(self, camera: Camera) -> None:
        for side in self.sides:
            side.view.set_camera(camera)

    def set_narrow(self, *, narrow: bool) -> None:
        """Surfaces or contours by a switch where there is no room for both."""
        self._narrow = narrow
        self._arrange()

    def _arrange(self) -> None:
        self.shown.setVisible(self._narrow)
        for part in (*self._tool_words, self.colours):
            part.setVisible(not self._narrow)
        maps = self.shown.key == "maps"
        self.surfaces.setVisible(not self._narrow or not maps)
        self.maps_part.setVisible(not self._narrow or maps)
        self.least = 250 if self._narrow else 440

    def sizeHint(self) -> QSize:
        """As large as there is room."""
        return QSize(1000, 520)

    def more_figures(self) -> list[tuple[str, FigureDrawing]]:
        """Both surfaces as they are turned."""
        panels = [
            SurfaceFigure(view.surface, view.span, view.camera, f"{name}, loss (nats)")
            for name, view in zip(self._names(), (side.view for side in self.sides), strict=True)
            if view.surface is not None
        ]
        return [("Surfaces", PanelsFigure(panels, self.experiment.title))] if panels else []

    def rows(self) -> list[list[Cell]]:
        """Every loss that is known, in nats."""
        if self.data is None or not any(self.data.results.measured.values()):
            return []
        made: list[list[Cell]] = [["network", "seed", "direction_1", "direction_2", "loss"]]
        for role, found in self.data.results.measured.items():
            for seed, surface in found.items():
                places = steps(surface.setup.extent)
                for number, line in enumerate(surface.grid()):
                    made += [[self.data.names.get(role, role), seed, places[column_], places[number], loss]
                             for column_, loss in enumerate(line) if loss is not None]  # fmt: skip
        return made


def _heights(loss: LossSurface) -> NDArray[np.float64]:
    grid = [[math.nan if value is None else value for value in line] for line in loss.grid()]
    return np.array(grid, dtype=np.float64)


def _surface(loss: LossSurface | None) -> Surface | None:
    if loss is None or not loss.losses:
        return None
    heights = _heights(loss)
    known = np.isfinite(heights) | np.isinf(heights)
    front = -1
    if not loss.finished and loss.passes[-1]:
        whole = known.all(axis=1)
        front = int(np.argmin(whole)) - 1
    filled = np.where(np.isinf(heights), 1e30, heights)
    return Surface(filled, front, STEPS, ("direction 1", "direction 2"), "trained weights")


def _section(loss: LossSurface, number: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    places = np.array(steps(loss.setup.extent))
    line = loss.section(number)
    known = [place for place, value in enumerate(line) if value is not None]
    return places[known], np.array([line[place] for place in known], dtype=np.float64)
