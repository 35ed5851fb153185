"""The calculator's place on the page, and what it is asked to explain."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QTabWidget

from resnet_gui.analysis.arithmetic import find_layer, producer
from resnet_gui.gui.design.arithmetic import Calculator, LayerFigure
from resnet_gui.gui.design.diagram.panel import NetworkPanel
from resnet_gui.gui.design.table.panel import LayerTable
from resnet_gui.gui.design.table.rows import Column
from resnet_gui.gui.session import Session


class CalculatorDock(QObject):
    """The place of the calculator: at the foot of the table, or of the panel on show where they are tabs."""

    def __init__(
        self, calculator: Calculator, session: Session, network: NetworkPanel, table: LayerTable, tabs: QTabWidget
    ) -> None:
        super().__init__(tabs)
        self._calculator, self._session = calculator, session
        self._network, self._table, self._tabs = network, table, tabs
        network.view.shape_clicked.connect(lambda path, _place: self.explain(path))
        table.shape_clicked.connect(lambda path, section, _cell: self._explain_cell(path, section))
        table.naming_changed.connect(lambda: calculator.set_naming(table.model.naming))
        tabs.currentChanged.connect(self.settle)
        self.settle()

    @property
    def _tabbed(self) -> bool:
        return self._tabs.count() > 0

    def settle(self, _place: int = 0) -> None:
        """Stand where there is room now."""
        if self._tabbed and self._tabs.currentWidget() is self._network:
            self._calculator.dock(self._network.column, self._network.column.count())
        else:
            self._calculator.dock(self._table.column, self._table.column.indexOf(self._table.total))

    def explain(self, path: str, part: str = "", figure: LayerFigure = "output") -> None:
        """Show the arithmetic of a layer, a block or a stage.

        Args:
            path: PyTorch's.
            part: key of the tab; empty for the shape.
            figure: that was asked for, of a layer.
        """
        self.settle()
        self._calculator.open_for(self._session.plan, path, part, self._table.model.naming, figure)
        if not self._tabbed:
            self._table.tree.scrollTo(self._table.tree.currentIndex())

    def explain_field(self) -> None:
        """Show the arithmetic of the receptive field of the last convolution."""
        self.explain(self._session.plan.stages[-1].last_layer.path, "field")

    def _explain_cell(self, path: str, section: int) -> None:
        if section == Column.INPUT:
            path = producer(self._session.plan, path)
        whole = {Column.PARAMS: "params", Column.MACS: "macs"}.get(Column(section), "")
        layer = find_layer(self._session.plan, path) is not None
        part = "field" if section == Column.FIELD else "shape" if whole and layer else whole
        figure: LayerFigure = "parameters" if whole == "params" else "MACs" if whole == "macs" else "output"
        self.explain(path, part, figure)
