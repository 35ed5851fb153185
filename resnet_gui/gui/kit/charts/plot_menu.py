"""pyqtgraph's own menu of a plot, out of the way."""

from __future__ import annotations

from typing import Any

from shiboken6 import delete, isValid


def put_menu_away(plot: Any) -> None:
    """Have a ``PlotWidget`` show no menu, and no style sheet reach the forty controls in it, which the plot works with.

    The menu holds an SVG export that raises on this Qt. It is a window without a parent, so it goes with the plot:
    else it would stay until Python collects its cycles.
    """
    plot.setMenuEnabled(False)
    plot.hideButtons()
    menu = plot.getPlotItem().ctrlMenu
    plot.destroyed.connect(lambda: delete(menu) if isValid(menu) else None)
