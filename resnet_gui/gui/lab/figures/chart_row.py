"""Figures that are a few charts side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from PySide6.QtWidgets import QHBoxLayout

from resnet_gui.gui.kit.basic import column, panel, row
from resnet_gui.gui.kit.charts.chart import PlotData
from resnet_gui.gui.kit.charts.chart_view import ChartView
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.lab.figures.figure import ExperimentFigure, FigureData, divider, titled
from resnet_gui.lab.experiment import Experiment


class ChartRowFigure(ExperimentFigure):
    """A figure of titled charts in a row.

    Attributes:
        titles: title and unit of each chart.
        views: the charts.
        bars: right ends of their titles, for controls.
    """

    titles: ClassVar[Sequence[tuple[str, str]]] = ()

    def __init__(self, theme: Theme, experiment: Experiment) -> None:
        super().__init__(theme, experiment)
        self.views: list[ChartView] = []
        self.bars: list[QHBoxLayout] = []
        self.data: FigureData | None = None
        layout = row(self, gap=0)
        for number, (title, unit) in enumerate(self.titles):
            if number:
                layout.addWidget(divider(upright=True))
            side = panel()
            inner = column(side)
            bar, line = titled(title, unit)
            view = ChartView(theme, title)
            inner.addWidget(bar)
            inner.addWidget(view, 1)
            layout.addWidget(side, 1)
            self.views.append(view)
            self.bars.append(line)

    def show_data(self, data: FigureData | None) -> None:
        """Draw what there is."""
        self.data = data
        for view, chart in zip(self.views, self.charts(data), strict=True):
            view.show_chart(chart)

    def charts(self, data: FigureData | None) -> Sequence[PlotData]:
        """The charts, one a title."""
        raise NotImplementedError  # no ABC: its metaclass is not the one of QWidget
