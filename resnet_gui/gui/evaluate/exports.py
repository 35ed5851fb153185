"""What goes out of the page: report, table, copies of pictures, a picture for Predict, a temperature for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import write_out
from resnet_gui.evaluation.calibrations import (
    Calibration,
    calibration_of,
    find_calibration,
    keep_calibration,
    key_of,
    remove_calibration,
)
from resnet_gui.evaluation.folder import Evaluation
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.client.latest import LatestRequests
from resnet_gui.gui.common.figure_dialog import FigureChoice, offer_figures
from resnet_gui.gui.common.saving import ask_where_to_save
from resnet_gui.gui.evaluate.measuring import asked_model
from resnet_gui.gui.evaluate.reliability.panel import ReliabilityPanel
from resnet_gui.gui.evaluate.state import EvaluateState
from resnet_gui.gui.kit.basic import fill_menu
from resnet_gui.gui.session import MessageAction, Session
from resnet_gui.gui.settings import Settings
from resnet_gui.protocol.evaluation_events import PictureFile
from resnet_gui.protocol.evaluation_messages import CopyEvaluated, PrepareEvaluated, ShowEvaluated
from resnet_gui.protocol.events import Event, Failed, JobDone, Progressed, ThumbnailsLoaded

FILTERS: Final = {"csv": "CSV (*.csv)", "html": "HTML (*.html)", "tex": "LaTeX (*.tex)"}


class EvaluationExports(QObject):
    """The writer of what is on show.

    Signals:
        picture_opened: model, as it was asked (``ModelRequest``), and path of a picture, to be shown in Predict.
        use_changed: Predict uses another temperature for the model on show, or might.
    """

    picture_opened = Signal(object, object)
    use_changed = Signal()

    def __init__(
        self, page: QWidget, state: EvaluateState, engines: Engines, session: Session, settings: Settings
    ) -> None:
        super().__init__(page)
        self._page, self._state, self._session, self._settings = page, state, session, settings
        self._requests = LatestRequests(engines, self)
        self._requests.answered.connect(self._take)
        self._report: tuple[Path, Evaluation] | None = None
        self._opened: Evaluation | None = None
        self._copied, self._there = ("", ""), ""

    def fill_menu(self, menu: QMenu, figures: Callable[[], list[FigureChoice]]) -> None:
        """Offer what can be written of an evaluation; ``figures`` says what can be drawn of it."""
        fill_menu(
            menu,
            (
                ("Report as HTML …", self.ask_report, True), ("All answers as a CSV table …", self.ask_table, True),
                None,
                ("Figures for a paper or a slide …",
                 lambda: offer_figures(self._page, self._session, self._settings, figures()), True),
                ("Confusion matrix as CSV …", lambda: self.ask_matrix("csv"), True),
                ("Confusion matrix as LaTeX …", lambda: self.ask_matrix("tex"), True),
                None, ("Copy the command that repeats it", self.copy_command, True),
            ),
        )  # fmt: skip

    # ---- files

    def _ask(self, kind: str, title: str, evaluation: Evaluation) -> Path | None:
        return ask_where_to_save(
            self._page, self._session, self._settings, title, evaluation.folder.name, FILTERS[kind]
        )

    def _write(self, path: Path, content: str) -> None:
        try:
            write_out(path, content.encode("utf-8", "replace"))
        except InputError as error:
            self._session.say(str(error), "error")
        else:
            self._session.say_written(path)

    def ask_report(self) -> None:
        """Ask for a place and write the report there."""
        evaluation = self._state.evaluation
        path = self._ask("html", "Save the report", evaluation) if evaluation is not None else None
        if path is not None:
            self.report(path)

    def report(self, path: Path) -> None:
        """Write the report; its pictures are read by the engine before."""
        from resnet_gui.export.evaluation_report import report_pictures

        evaluation = self._state.evaluation
        if evaluation is None:
            return
        self._report = path, evaluation
        numbers = report_pictures(evaluation)
        if numbers:
            folder = str(evaluation.folder)
            self._requests.ask("report", lambda job: ShowEvaluated(job, folder, numbers))
        else:
            self._write_report({})

    def _write_report(self, pictures: dict[int, bytes]) -> None:
        from resnet_gui.export.evaluation.source import EvaluationSource, MeasuredBeside
        from resnet_gui.export.evaluation_report import evaluation_report
        from resnet_gui.export.report.parts import today_text

        if self._report is None:
            return
        (path, evaluation), self._report = self._report, None
        beside = MeasuredBeside(copies=self._state.copies)
        source = EvaluationSource(evaluation, self._state.other_evaluation, beside)
        try:
            text = evaluation_report(source, pictures, today_text())
        except InputError as error:
            self._session.say(str(error), "error")
            return
        self._write(path, text)

    def ask_table(self) -> None:
        """Ask for a place and write every picture with truth, answer and probability."""
        evaluation = self._state.evaluation
        path = self._ask("csv", "Save the answers", evaluation) if evaluation is not None else None
        if path is not None:
            self.table(path)

    def table(self, path: Path) -> None:
        """Write every picture with truth, answer and the network's own probability, as the command line does."""
        from resnet_gui.export.evaluation.source import EvaluationSource
        from resnet_gui.export.evaluation.table import answers_table

        evaluation = self._state.evaluation
        if evaluation is not None:
            source = EvaluationSource(evaluation)
            self._write(path, answers_table(source, right=True))

    def ask_matrix(self, kind: str) -> None:
        """Ask for a place and write the confusion matrix there, "csv" or "tex", its numbers in full."""
        from resnet_gui.export.evaluation.confusion import confusion_csv, confusion_latex

        evaluation, answers = self._state.evaluation, self._state.answers
        if evaluation is None or answers is None:
            return
        path = ask_where_to_save(
            self._page, self._session, self._settings, "Save the confusion matrix",
            f"{evaluation.folder.name}-confusion", FILTERS[kind],
        )  # fmt: skip
        if path is None:
            return
        counts = answers.counts.tolist()
        caption = f"{self._state.name or 'The network'}: true class by answer, {len(answers):,} pictures."
        text = (
            confusion_csv(counts, answers.labels) if kind == "csv" else confusion_latex(counts, answers.labels, caption)
        )
        self._write(path, text)

    def copy_command(self) -> None:
        """Put the line that measures the same again on the clipboard."""
        evaluation = self._state.evaluation
        if evaluation is not None:
            QGuiApplication.clipboard().setText(evaluation.record.command)
            self._session.say(f"On the clipboard: {evaluation.record.command}", "ok")

    # ---- the temperature

    @property
    def _fitted(self) -> Calibration | None:
        evaluation = self._state.evaluation
        return calibration_of(evaluation.record) if evaluation is not None else None

    @property
    def used(self) -> Calibration | None:
        """What Predict divides the outputs of the model on show by, wherever it was fitted; None for nothing."""
        evaluation = self._state.evaluation
        try:
            return find_calibration(key_of(evaluation.record)) if evaluation is not None else None
        except InputError:
            return None

    def show_use(self, panel: ReliabilityPanel) -> None:
        """Show whether Predict uses the temperature that was fitted here, and else which one it uses."""
        fitted, used = self._fitted, self.used
        own = used is not None and fitted is not None and used.is_same_fit(fitted)
        panel.show_use(on=own, other=None if own else used)

    def use_temperature(self, on: bool) -> None:
        """Have Predict use the fitted temperature, or the network's own figures again."""
        found, used = self._fitted, self.used
        if found is None:
            self._session.say("The model has no digest of its weights here; measure it again.", "warn")
            return
        try:
            if on:
                keep_calibration(found)
                self._session.say(f"Predict uses {found.sentence}", "ok")
            elif used is not None and not used.is_same_fit(found):
                self._session.say(f"Predict uses another temperature of {found.model}, which stays: {used.sentence}")
            else:
                remove_calibration(found.key)
                self._session.say(f"Predict shows {found.model}'s own probabilities again.")
        except InputError as error:
            self._session.say(str(error), "error")
        self.use_changed.emit()

    # ---- pictures

    def copy(self, numbers: NDArray[np.int64]) -> None:
        """Ask for a folder and copy pictures into it."""
        target = QFileDialog.getExistingDirectory(self._page, "Copy these pictures to", self._settings.folder)
        if target:
            self._settings.folder = target
            self.copy_to(numbers, target)

    def copy_to(self, numbers: NDArray[np.int64], target: str) -> None:
        """Copy pictures into a folder."""
        folder = self._state.folder
        if folder is not None and len(numbers):
            chosen = tuple(numbers.tolist())
            self._copied, self._there = ("Nothing copied", target), ""
            self._requests.ask("copy", lambda job: CopyEvaluated(job, str(folder), chosen, target))

    def open_picture(self, number: int) -> None:
        """Show a picture in Predict, with the model that was measured."""
        folder = self._state.folder
        if folder is not None:
            self._opened = self._state.evaluation
            self._requests.ask("open", lambda job: PrepareEvaluated(job, str(folder), number))

    def _open_in_predict(self, evaluation: Evaluation, picture: Path) -> None:
        """Have Predict show it with the weights, preprocessing and open fields that were measured."""
        asked = asked_model(evaluation.record)
        if asked is None:
            self._session.say("The evaluation does not tell how its model was asked; measure it again.", "warn")
        else:
            self.picture_opened.emit(asked, picture)

    def _take(self, kind: str, event: Event) -> None:
        match event:
            case ThumbnailsLoaded():
                self._write_report({picture.index: picture.png for picture in event.pictures})
            case PictureFile() if self._opened is not None:
                self._open_in_predict(self._opened, Path(event.path))
            case JobDone() if kind == "copy":
                count, target = self._copied
                folder = MessageAction("Open folder", lambda: self._session.open_folder(Path(target)))
                self._session.offer(f"{count} to {target}.{self._there}", "ok", (folder,))
            case Progressed():
                if kind == "copy":
                    words = (
                        f"{event.done:,} picture{'s' * (event.done != 1)} copied" if event.done else "Nothing copied"
                    )
                    self._copied, self._there = (words, self._copied[1]), f" {event.note}".rstrip()
                self._session.say(event.sentence)
            case Failed():
                self._session.say(event.message, "error")
