"""What the parts of the Evaluate page share: the evaluation on show, the one beside, a selection, a temperature."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from resnet_gui.evaluation.answers import Answers
from resnet_gui.evaluation.folder import Evaluation
from resnet_gui.evaluation.selection import Selection
from resnet_gui.protocol.evaluation_events import CopiesFound, EvaluationCounted


class EvaluateState(QObject):
    """The state of the Evaluate page.

    Attributes:
        evaluation: a measured model on its data; None while there is none.
        answers: its answers.
        name: of the model, as people call it.
        other_evaluation: the model beside on the same data; None for none.
        other: its answers.
        other_name: of that model.
        selection: which pictures every panel marks; nothing but ``Selection()`` for none.
        temperature: that the network's outputs are divided by in what is shown; 1 for the network's own.
        copies: which of the pictures are among training pictures too; None where nobody looked.
        counted: how far a measurement is that is going on; None for none.

    Signals:
        evaluation_changed: another evaluation is on show, or none; selection and temperature begin anew.
        other_changed: another model is beside it, or none.
        selection_changed: other pictures are marked.
        temperature_changed: of the confidences on show.
        progressed: a measurement has counted on, begun or ended.
        picture_requested: number of a picture that is to be opened in Predict.
    """

    evaluation_changed = Signal()
    other_changed = Signal()
    selection_changed = Signal()
    temperature_changed = Signal()
    progressed = Signal()
    picture_requested = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.evaluation: Evaluation | None = None
        self.answers: Answers | None = None
        self.name = self.other_name = ""
        self.other_evaluation: Evaluation | None = None
        self.other: Answers | None = None
        self.selection = Selection()
        self.temperature = 1.0
        self.copies: CopiesFound | None = None
        self.counted: EvaluationCounted | None = None

    @property
    def folder(self) -> Path | None:
        """Of the evaluation on show; engines are asked about it by its name."""
        return self.evaluation.folder if self.evaluation is not None else None

    @property
    def both(self) -> tuple[Evaluation | None, Evaluation | None]:
        """The evaluation on show and the one beside."""
        return self.evaluation, self.other_evaluation

    def show_evaluation(self, evaluation: Evaluation | None, name: str = "") -> None:
        """Show another evaluation, or none; the selection of the one before is of other pictures."""
        self.evaluation, self.name = evaluation, name
        self.answers = evaluation.answers if evaluation is not None else None
        self.selection, self.temperature, self.copies = Selection(), 1.0, None
        self.evaluation_changed.emit()

    def show_other(self, evaluation: Evaluation | None, name: str = "") -> None:
        """Show a second model beside, or none."""
        self.other_evaluation, self.other_name = evaluation, name
        self.other = evaluation.answers if evaluation is not None else None
        self.other_changed.emit()

    def select(self, selection: Selection) -> None:
        """Mark other pictures in all panels."""
        if selection != self.selection:
            self.selection = selection
            self.selection_changed.emit()

    def clear_selection(self) -> None:
        """Mark nothing."""
        self.select(Selection())

    def set_temperature(self, temperature: float) -> None:
        """Show the confidences at another temperature."""
        if temperature != self.temperature:
            self.temperature = temperature
            self.temperature_changed.emit()

    def show_progress(self, counted: EvaluationCounted | None) -> None:
        """Take how far a measurement is; None where none is going on."""
        self.counted = counted
        self.progressed.emit()
