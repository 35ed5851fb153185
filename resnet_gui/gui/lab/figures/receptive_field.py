"""Receptive field: what a unit could see, and what it sees (Luo et al. 2016)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.kit.basic import column, panel, row
from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.charts.chart import ChartAxis, ChartBand, ChartDot, ChartTag, PlotData, PlotLine
from resnet_gui.gui.kit.charts.chart_view import ChartView
from resnet_gui.gui.kit.colormap import coloured, viridis_ramp
from resnet_gui.gui.kit.curves import Points
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.lab.figures.figure import Cell, ExperimentFigure, FigureData, divider, titled
from resnet_gui.gui.lab.figures.spread_of_seeds import band_lines
from resnet_gui.lab.experiment import Experiment
from resnet_gui.lab.measured.receptive_field import EffectiveField, ReceptiveFieldMeasured
from resnet_gui.lab.results import ALL

FAMILIES: Final = {"plain": "r3", "ResNet": "r2"}
SHOWN: Final = (20, 56, 110)


class FieldMaps(QWidget):
    """The averaged maps: a column a depth, a row a family, with the theoretical field as a frame."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._fields: dict[str, EffectiveField] = {}
        self.setAccessibleName("Averaged receptive fields")
        theme.changed.connect(self.update)

    def show_fields(self, fields: Mapping[str, EffectiveField]) -> None:
        """Show the maps of networks by their names."""
        self._fields = dict(fields)
        self.update()

    def sizeHint(self) -> QSize:
        """Three by two."""
        return QSize(420, 260)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw every map with its name."""
        painter, color = QPainter(self), self._theme.color
        painter.fillRect(self.rect(), color("panel"))
        wide, high = self.width() / len(SHOWN), self.height() / len(FAMILIES)
        edge = max(20.0, min(wide - 16, high - 26))
        for down, family in enumerate(FAMILIES):
            for across, depth in enumerate(SHOWN):
                name = f"{family}-{depth}"
                box = QRectF(across * wide + (wide - edge) / 2, down * high + 20, edge, edge)
                painter.setPen(color("t1"))
                field = self._fields.get(name)
                words = f"{name}" + (f"  2σ {2 * field.radius:.0f} px" if field is not None else "")
                ink(words, 11, 500).draw_in(painter, box.adjusted(0, -18, 0, -edge), "left")
                painter.fillRect(box, color("canvas"))
                if field is not None:
                    self._paint_field(painter, field, box)
        if not self._fields:
            painter.setPen(color("t2"))
            ink("Maps appear here", 12).draw_in(painter, QRectF(self.rect()), "centre")

    def _paint_field(self, painter: QPainter, field: EffectiveField, box: QRectF) -> None:
        # The root shows the hill's foot, which a linear scale hides.
        values = np.sqrt(np.clip(np.array(field.values), 0, 1))
        pixels = np.round(255 * values).astype(np.uint8).tobytes()
        room = QSize(int(box.width()), int(box.height()))
        painter.drawImage(box.topLeft(), coloured(pixels, (field.width, field.height), viridis_ramp(), room))
        scale = box.width() / field.width
        side = field.theory * scale
        middle = box.left() + (field.centre[0] + 0.5) * scale, box.top() + (field.centre[1] + 0.5) * scale
        painter.save()
        painter.setClipRect(box)
        pen = QPen(self._theme.color("panel"), 1.2)
        pen.setDashPattern([3, 3])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(middle[0] - side / 2, middle[1] - side / 2, side, side))
        radius = field.radius * scale
        painter.setPen(QPen(self._theme.color("panel"), 1.2))
        painter.drawEllipse(QRectF(middle[0] - radius, middle[1] - radius, 2 * radius, 2 * radius))
        painter.restore()


class ReceptiveFieldFigure(ExperimentFigure):
    """Sizes against depth on logarithmic axes, and the averaged maps."""

    least = 270

    def __init__(self, theme: Theme, experiment: Experiment) -> None:
        super().__init__(theme, experiment)
        self._measured: dict[int, ReceptiveFieldMeasured] = {}
        layout = row(self, gap=0)
        side = panel()
        inner = column(side)
        bar, _ = titled("Size against depth", "pixels, both axes log; rings: finished runs")
        self.chart = ChartView(theme, "Size against depth")
        inner.addWidget(bar)
        inner.addWidget(self.chart, 1)
        layout.addWidget(side, 1)
        layout.addWidget(divider(upright=True))
        side = panel()
        inner = column(side)
        bar, _ = titled("What moves the middle unit", "dashed: theory, circle: 2σ")
        self.maps = FieldMaps(theme)
        inner.addWidget(bar)
        inner.addWidget(self.maps, 1)
        layout.addWidget(side, 1)

    def show_data(self, data: FigureData | None) -> None:
        """Draw every seed that is there."""
        found = data.results.measured.get(ALL, {}) if data is not None else {}
        self._measured = {seed: found[seed] for seed in sorted(found)}
        self.chart.show_chart(self._chart(list(self._measured.values())))
        first = next(iter(self._measured.values()), None)
        self.maps.show_fields({field.name: field for field in first.fields if not field.trained} if first else {})

    def _chart(self, every: Sequence[ReceptiveFieldMeasured]) -> PlotData:
        lines, bands = list[PlotLine](), list[ChartBand]()
        tags, dots, depths = list[ChartTag](), list[ChartDot](), set[int]()
        high = 100.0
        for family, token in FAMILIES.items():
            members = [_sizes(each, family) for each in every]
            drawn, soft = band_lines(f"{family}, 2σ diameter", token, members)
            lines += drawn
            bands += soft
            for points in members[:1]:
                depths |= {int(depth) for depth in points.x}
                tags.append(ChartTag(f"{family}, 2σ", token, float(points.y[-1])))
            for points in members:
                dots += [ChartDot(float(x), float(y), token, 3.5) for x, y in zip(*points, strict=True)]
        for each in every:
            dots += [ChartDot(float(field.depth), field.diameter, FAMILIES["ResNet" if field.residual else "plain"], 8,
                              hollow=True) for field in each.fields if field.trained]  # fmt: skip
        theory = _theory(every[0]) if every else None
        if theory is not None and len(theory.x):
            lines.append(PlotLine(theory, "t3", 1.5, dash=1, name="theory"))
            tags.append(ChartTag("theory", "t3", float(theory.y[-1])))
            high = float(theory.y.max()) * 1.4
        ticks = tuple((float(depth), str(depth)) for depth in sorted(depths))
        x = ChartAxis(17, 130, ticks or ((20.0, "20"), (110.0, "110")), log=True, title="layers")
        up = tuple(
            (value, f"{value:g}") for value in (5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0) if value < high
        )
        message = "" if every else "Curves appear here"
        return PlotData(x, ChartAxis(4, high, up, log=True), tuple(lines), tuple(bands), tags=tuple(tags),
                     dots=tuple(dots), message=message)  # fmt: skip

    def rows(self) -> list[list[Cell]]:
        """Sizes of every network and seed, in pixels."""
        if not self._measured:
            return []
        made: list[list[Cell]] = [["seed", "network", "layers", "theory", "two_sigma_diameter", "effective_edge"]]
        for seed, each in self._measured.items():
            made += [[seed, field.name, field.depth, field.theory, field.diameter, field.size] for field in each.fields]
        return made


def _family(measured: ReceptiveFieldMeasured, family: str) -> list[EffectiveField]:
    return [field for field in measured.fields if field.name.startswith(f"{family}-") and not field.trained]


def _sizes(measured: ReceptiveFieldMeasured, family: str) -> Points:
    fields = _family(measured, family)
    return Points(np.array([float(field.depth) for field in fields]), np.array([field.diameter for field in fields]))


def _theory(measured: ReceptiveFieldMeasured) -> Points:
    fields = _family(measured, "plain") or _family(measured, "ResNet")
    x = np.array([float(field.depth) for field in fields])
    return Points(x, np.array([float(field.theory) for field in fields]))
