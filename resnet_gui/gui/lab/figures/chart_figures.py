"""The charts of an experiment's report as figures for papers."""

from __future__ import annotations

import numpy as np

from resnet_gui.export.lab_charts import Chart, ChartLine, SurfaceChart
from resnet_gui.export.lab_figures import Figure as ReportFigure
from resnet_gui.gui.kit.charts.bands import BandData
from resnet_gui.gui.kit.charts.chart import ChartAxis
from resnet_gui.gui.kit.charts.surface import HeightRange
from resnet_gui.gui.kit.curves import Points
from resnet_gui.gui.kit.figures.figure import FigureDrawing
from resnet_gui.gui.kit.figures.map import MapFigure
from resnet_gui.gui.kit.figures.plot import axis_over, bands_figure

HUES = 8


def chart_figure(chart: ReportFigure) -> FigureDrawing:
    """A chart of lines with bands over seeds, or a loss surface as a map."""
    if isinstance(chart, SurfaceChart):
        rows = np.array([[np.nan if value is None else value for value in row] for row in chart.rows], dtype=np.float64)
        ends = -chart.extent, chart.extent
        x = ChartAxis(*ends, title="direction 1 (filter norms)")
        y = ChartAxis(*ends, title="direction 2 (filter norms)")
        scale = HeightRange(chart.low, chart.high, log=True)
        return MapFigure(rows[::-1], x, y, scale, "loss (nats)", chart.title, square=True)
    return _lines_figure(chart)


def _lines_figure(chart: Chart) -> FigureDrawing:
    bands = [band for number, line in enumerate(chart.lines) if (band := _band(line, number)) is not None]
    members = [each.y for band in bands for each in band.members]
    y = axis_over([*members, *(band.high for band in bands)], chart.y, log=chart.log, zero=True)
    x = axis_over([each.x for band in bands for each in band.members], chart.x)
    return bands_figure(bands, x, y, chart.title)


def _band(line: ChartLine, number: int) -> BandData | None:
    """A line over its seeds; where some seeds have no value, the mean is over the others."""
    if not line.x or not line.seeds:
        return None
    rows = np.array([[np.nan if value is None else value for value in row] for row in line.seeds], dtype=np.float64)
    known = np.isfinite(rows).any(axis=0)
    if not known.any():
        return None
    x, rows = np.array(line.x, dtype=np.float64)[known], rows[:, known]
    mean = np.nanmean(rows, axis=0)
    count = np.isfinite(rows).sum(axis=0)
    squares = np.nansum((rows - mean) ** 2, axis=0)
    deviation = np.sqrt(squares / np.maximum(1, count - 1))
    members = tuple(Points(x[np.isfinite(row)], row[np.isfinite(row)]) for row in rows)
    token = f"r{(number if line.colour is None else line.colour) % HUES}"
    return BandData(line.label, line.label, token, Points(x, mean), mean - deviation, mean + deviation, members)
