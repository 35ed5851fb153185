"""What goes out of the Compare page: its tables with exact numbers, and its scatters as figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import write_out
from resnet_gui.export.comparison import (
    ComparedColumn,
    ExactTable,
    comparison_table,
    difference_table,
    table_csv,
    table_latex,
    table_tsv,
)
from resnet_gui.gui.common.figure_dialog import FigureChoice, offer_figures
from resnet_gui.gui.common.saving import ask_where_to_save
from resnet_gui.gui.compare.figures import ScatterFigure, scatter_figure
from resnet_gui.gui.kit.basic import fill_menu
from resnet_gui.gui.kit.figures.panels import PanelsFigure
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings

if TYPE_CHECKING:
    from resnet_gui.gui.compare.page import ComparePage

WRITERS: Final[dict[str, tuple[str, Callable[[ExactTable], str]]]] = {
    "csv": ("CSV (*.csv)", table_csv), "tex": ("LaTeX (*.tex)", table_latex),
}  # fmt: skip


class ComparisonExports(QObject):
    """The writer of the Compare page's tables and figures."""

    def __init__(self, page: ComparePage, session: Session, settings: Settings) -> None:
        super().__init__(page)
        self._page, self._session, self._settings = page, session, settings

    def fill_menu(self, menu: QMenu) -> None:
        """Offer what can be written."""
        fill_menu(
            menu,
            (
                ("Figures for a paper or a slide …", self.offer, True), None,
                ("Table as CSV …", lambda: self.ask("csv"), True),
                ("Table as LaTeX …", lambda: self.ask("tex"), True),
            ),
        )  # fmt: skip

    def table(self) -> ExactTable:
        """The table that is on show: all designs, or two of them block by block; with the rows that are on show."""
        page = self._page
        if page.stack.currentIndex() == 0:
            columns = [
                ComparedColumn(
                    entry.name, entry.design.spec, entry.plan, entry.totals,
                    (entry.accuracy.top1, entry.accuracy.top5) if entry.accuracy is not None else None,
                ) for entry in page.entries()
            ]  # fmt: skip
            return comparison_table(columns, only_differing=page.only.isChecked())
        blocks = page.blocks
        groups = [blocks.model.run(number) for number in range(blocks.model.rowCount())]
        return difference_table(groups, blocks.one.currentText(), blocks.other.currentText())

    def copy(self) -> None:
        """Put the table on the clipboard, its numbers in full."""
        QGuiApplication.clipboard().setText(table_tsv(self.table()))
        self._session.say("Copied the table.", "ok")

    def ask(self, kind: str) -> None:
        """Ask for a place and write the table there, "csv" or "tex"."""
        words, write = WRITERS[kind]
        name = "comparison" if self._page.stack.currentIndex() == 0 else "difference"
        path = ask_where_to_save(self._page, self._session, self._settings, "Save the table", name, words)
        if path is None:
            return
        try:
            write_out(path, write(self.table()).encode())
        except InputError as error:
            self._session.say(str(error), "error")
        else:
            self._session.say_written(path)

    def costs(self) -> ScatterFigure:
        """The scatter of costs as a figure."""
        titles = ("parameters (log scale)", "multiply-accumulates (log scale)")
        return scatter_figure(self._page.costs, "MACs against parameters", titles, area="activations")

    def scores(self) -> ScatterFigure:
        """The scatter of accuracies as a figure."""
        titles = ("multiply-accumulates (log scale)", "top-1 accuracy, ImageNet (%)")
        return scatter_figure(self._page.scores, "Accuracy against MACs", titles)

    def offer(self) -> None:
        """Offer the scatters as figures."""
        page = self._page
        costs = self.costs()
        found = [FigureChoice("MACs against parameters", lambda: costs, "costs")]
        if page.scores.points():
            scores = self.scores()
            found.append(FigureChoice("Accuracy against MACs", lambda: scores, "accuracy"))
            both = PanelsFigure((costs, scores), "Comparison")
            found.insert(0, FigureChoice("Both", lambda: both, "comparison"))
        offer_figures(page, self._session, self._settings, found)
