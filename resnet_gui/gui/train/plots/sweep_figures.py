"""A sweep as figures for papers: curves as mean ± deviation over seeds, and all runs over parallel axes."""

from __future__ import annotations

from resnet_gui.gui.common.figure_dialog import FigureChoice
from resnet_gui.gui.kit.charts.bands import BandData
from resnet_gui.gui.kit.charts.chart import ChartAxis
from resnet_gui.gui.kit.figures.parallel import ParallelFigure
from resnet_gui.gui.kit.figures.plot import PlotFigure, axis_over, bands_figure
from resnet_gui.gui.train.sweeps.centre import SweepCentre
from resnet_gui.sweeps.folder import slug


def sweep_figures(centre: SweepCentre, name: str) -> list[FigureChoice]:
    """The figures of the sweep that is shown, as it is brushed and coloured."""
    file, curves, lines = slug(name) or "sweep", centre.curves, centre.axes.lines
    found = []
    if curves.bands:
        found.append(
            FigureChoice(
                "Curves", lambda: _curves(curves.bands, curves.limit, log=curves.log, title=name), f"{file}-curves"
            )
        )
    if lines.words:
        found.append(FigureChoice("All runs over parallel axes", lambda: ParallelFigure(lines, name), f"{file}-axes"))
    return found


def _curves(bands: list[BandData], limit: float, *, log: bool, title: str) -> PlotFigure:
    values = [each for band in bands for each in (band.mean.y, band.low, band.high, *(one.y for one in band.members))]
    y = axis_over(values, "test error (%)", log=log, zero=True)
    return bands_figure(bands, ChartAxis(0.0, limit or 1.0, title="epoch"), y, title)
