"""The plots of runs on a projector: each painted anew, live, with the names of the runs at the ends of their curves."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from resnet_gui.gui.common.presentation import PresentedPane
from resnet_gui.gui.kit.figures.figure import FigureDrawing
from resnet_gui.gui.kit.figures.plot import PlotFigure
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.train.plots.figures import CURVES, RATES, curves_figure, internals_figure, rate_figure
from resnet_gui.gui.train.plots.panels import RunPlots


def run_panes(theme: Theme, plots: RunPlots) -> tuple[PresentedPane, ...]:
    """A pane for each plot that has something to show."""
    if not any(run.state is not None for run in plots.shown().runs):
        return ()

    # The window's head has the title.
    def curves(kind: str) -> PlotFigure:
        return replace(curves_figure(plots.shown(), kind), title="")

    def rate() -> PlotFigure:
        return replace(rate_figure(plots.shown()), title="")

    def inside() -> FigureDrawing | None:
        return internals_figure(plots.shown(), plots.internals)

    panes = [PresentedPane.figure(theme, CURVES[kind][0], partial(curves, kind)) for kind in CURVES]
    panes.append(PresentedPane.figure(theme, RATES[plots.shown().rate][0], rate))
    if inside() is not None:
        fills = plots.internals.key != "confusion"
        panes.append(PresentedPane.figure(theme, str(plots.internals.view.currentText()), inside, fills=fills))
    return tuple(panes)
