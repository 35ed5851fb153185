"""What goes out of the page: the figure as a file, the claims as a table, the report, and the words on the protocol."""

from __future__ import annotations

import csv
import io
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QMenu, QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import write_out
from resnet_gui.export.lab_text import claims_csv
from resnet_gui.gui.common.figure_dialog import FigureChoice, offer_figures
from resnet_gui.gui.common.saving import ask_where_to_save
from resnet_gui.gui.kit.basic import column, fill_menu, label
from resnet_gui.gui.kit.figures.figure import FigureDrawing
from resnet_gui.gui.kit.figures.panels import PanelsFigure
from resnet_gui.gui.lab.centre import LabCentre
from resnet_gui.gui.lab.figures.chart_figures import chart_figure
from resnet_gui.gui.lab.parts.look_for import rich
from resnet_gui.gui.lab.state import LabState
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.lab.outcomes import claim_outcomes
from resnet_gui.lab.reader import ResultsReader
from resnet_gui.lab.results import Results

FILTERS: Final = {"csv": "CSV (*.csv)", "html": "HTML (*.html)"}
WIDE: Final = 620


class FigureExports:
    """The writer of files about the experiment that is shown."""

    def __init__(
        self, parent: QWidget, state: LabState, centre: LabCentre, session: Session, settings: Settings
    ) -> None:
        self._parent, self._state, self._centre = parent, state, centre
        self._session, self._settings = session, settings
        menu = QMenu(parent)
        fill_menu(
            menu,
            (
                ("Figure for a paper or a slide …", self.figure, True),
                None,
                ("Values of the figure as CSV …", self.csv, True),
                ("Claims as CSV …", self.claims, True),
            ),
        )
        centre.export.setMenu(menu)

    @property
    def _name(self) -> str:
        return f"{self._state.experiment.key}-{self._state.scale.key}"

    def _ask(self, kind: str, title: str, name: str = "") -> Path | None:
        return ask_where_to_save(self._parent, self._session, self._settings, title, name or self._name, FILTERS[kind])

    def _write(self, path: Path, content: bytes) -> None:
        try:
            write_out(path, content)
        except InputError as error:
            self._session.say(str(error), "error")
            return
        self._session.say_written(path)

    def csv(self) -> None:
        """Ask for a place and write the figure's values as a table."""
        rows = self._centre.figure.rows() if self._centre.figure is not None else []
        if not rows:
            self._session.say("There is nothing in this figure yet.", "warn")
            return
        path = self._ask("csv", "Save the figure's values")
        if path is not None:
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows(rows)
            self._write(path, text.getvalue().encode())

    def claims(self) -> None:
        """Ask for a place and write the claims with every seed."""
        if self._state.results is None:
            return
        path = self._ask("csv", "Save the claims", f"{self._name}-claims")
        if path is not None:
            self._write(path, claims_csv(claim_outcomes(self._state.experiment, self._state.results)).encode())

    def figure(self) -> None:
        """Offer the charts of the experiment as figures, all as one or each of them."""
        from resnet_gui.export.lab_figures import figures

        read = self._read()
        if read is None:
            return
        reader, results = read
        experiment = self._state.experiment
        made = [chart_figure(chart) for chart in figures(experiment, results, reader.sweep)]
        choices = [FigureChoice(each.title, partial(_same, each), self._name) for each in made]
        if len(made) > 1:
            whole = PanelsFigure(made, experiment.title)
            choices.insert(0, FigureChoice("All charts", partial(_same, whole), self._name))
        if self._centre.figure is not None:
            more = self._centre.figure.more_figures()
            choices += [FigureChoice(title, partial(_same, each), self._name) for title, each in more]
        offer_figures(self._parent, self._session, self._settings, choices)

    def _read(self) -> tuple[ResultsReader, Results] | None:
        """What the experiment's folder holds; None where that cannot be read, which is said."""
        reader = ResultsReader(self._state.experiment, self._state.scale.key)
        try:
            return reader, reader.read()
        except InputError as error:
            self._session.say(str(error), "error")
            return None

    def copy_table(self) -> None:
        """Put the claims on the clipboard, as lines with tabs."""
        rows = [("Claim", "Measured", "Paper", "Value", "Needs", "Verdict")]
        rows += [(row.title, row.measured, row.paper, row.value, row.needs, row.verdict.word)
                 for row in self._centre.claims.rows]  # fmt: skip
        QGuiApplication.clipboard().setText("\n".join("\t".join(row) for row in rows))
        self._session.say(f"Copied {len(rows) - 1} claims.", "ok")

    def report(self) -> None:
        """Ask for a place and write the report."""
        from resnet_gui.export.lab_report import ReportSource, lab_report
        from resnet_gui.export.report.parts import today_text

        path = self._ask("html", "Save the report")
        if path is None:
            return
        read = self._read()
        if read is None:
            return
        reader, results = read
        source = ReportSource(
            experiment=self._state.experiment, record=reader.record, results=results, sweep=reader.sweep,
            written=today_text(),
        )  # fmt: skip
        content = lab_report(source).encode()
        self._write(path, content)

    def show_paper(self) -> None:
        """Show where the experiment comes from, how it is done, and how that differs."""
        experiment = self._state.experiment
        dialog = QDialog(self._parent)
        dialog.setWindowTitle(f"{experiment.title}: {experiment.paper}, {experiment.figure}")
        layout = column(dialog, (20, 16, 20, 16), 10)
        for title, paragraphs in (
            ("Source", (experiment.citation,)),
            ("How it is done here", experiment.protocol),
            ("How that differs from the paper", experiment.differences),
        ):
            layout.addWidget(label(title, "title"))
            text = QLabel("".join(f"<p style='margin:0 0 6px 0'>{rich(each)}</p>" for each in paragraphs))
            text.setWordWrap(True)
            text.setFixedWidth(WIDE)
            layout.addWidget(text)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(dialog.reject)
        layout.addWidget(buttons)
        dialog.exec()
        dialog.deleteLater()


def _same(figure: FigureDrawing) -> FigureDrawing:
    return figure
