"""The prediction: questions before an experiment runs, and what became of the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from resnet_gui.gui.kit.basic import ElidedLabel, column, label, restyle, row
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.theme import Theme

HIGH = 66
LEAST_OUTCOME = 64
"""Pixels that an outcome gets beside the answers."""


@dataclass(frozen=True)
class Prediction:
    """One question, its answer and its outcome.

    Attributes:
        key: of the question.
        text: what is asked.
        options: the possible answers.
        answer: the chosen one; empty for none.
        outcome: what came of it, for people; empty while it is open.
        right: whether the answer came true; None while that is open, or nobody has answered.
    """

    key: str
    text: str
    options: tuple[str, ...]
    answer: str = ""
    outcome: str = ""
    right: bool | None = None


class PredictionField(QWidget):
    """A question with its possible answers.

    Signals:
        chosen: key of the question and the answer.
    """

    chosen = Signal(str, str)

    def __init__(self, theme: Theme, prediction: Prediction) -> None:
        super().__init__()
        self._theme = theme
        self.key, self._over = prediction.key, False
        layout = column(self, gap=4)
        self.text = ElidedLabel(prediction.text, "muted12")
        self.text.setToolTip(prediction.text)
        layout.addStretch()
        layout.addWidget(self.text)
        line = row(gap=5)
        self.segments = SegmentedControl(
            theme, [(option, option, "") for option in prediction.options], height=24, fitted=True
        )
        self.segments.setAccessibleName(prediction.text)
        self.segments.chosen.connect(lambda option: self.chosen.emit(self.key, option))
        line.addWidget(self.segments)
        self.sign = QLabel()
        self.sign.setFixedWidth(14)
        self.outcome = ElidedLabel("", "plain12")
        line.addWidget(self.sign)
        line.addWidget(self.outcome, 1)
        line.addStretch()
        layout.addLayout(line)
        layout.addStretch()

    def show_prediction(self, prediction: Prediction, *, asking: bool, locked: bool) -> None:
        """Show answer and outcome; ``locked`` answers cannot be changed any more."""
        self.segments.set_key(prediction.answer)
        self.segments.update()
        still = locked or not asking
        self.segments.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, still)
        self.segments.setFocusPolicy(Qt.FocusPolicy.NoFocus if still else Qt.FocusPolicy.StrongFocus)
        words, icon, token = self._outcome(prediction, asking=asking, locked=locked)
        self.outcome.setText(words)
        self.outcome.setToolTip(words)
        restyle(self.outcome, role="link12" if icon == "expect" else "plain12")
        self.sign.setPixmap(self._theme.pixmap(icon, token, 14) if icon else QPixmap())
        self._over = not asking
        self._share()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The answers get their room before anything else, but for a little of it once there is an outcome."""
        super().resizeEvent(event)
        self._share()

    def _share(self) -> None:
        wanted = self.segments.sizeHint().width()
        # While it is only asked, the invitation gives way to the answers; an outcome is what one has come for.
        roomy = self._over or self.width() >= wanted + self.outcome.sizeHint().width() + self.sign.width() + 10
        self.outcome.setVisible(roomy)
        self.sign.setVisible(roomy and not self.sign.pixmap().isNull())
        kept = LEAST_OUTCOME if self._over else 0
        self.segments.setMinimumWidth(max(60, min(wanted, self.width() - kept)))

    @staticmethod
    def _outcome(prediction: Prediction, *, asking: bool, locked: bool) -> tuple[str, str, str]:
        if asking:
            return ("", "", "") if prediction.answer else ("choose one", "expect", "acc")
        if not prediction.outcome:
            return ("open", "clock", "t2") if locked else ("", "", "")
        if prediction.right is None:
            return prediction.outcome, "", ""
        return prediction.outcome, *(("check", "ok") if prediction.right else ("close", "err"))


class PredictionStrip(QFrame):
    """The strip of the questions.

    Signals:
        chosen: key of a question and the answer that the user gives.
    """

    chosen = Signal(str, str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("betweenLines")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HIGH)
        self._line = row(self, (16, 0, 12, 0), 14)
        words = self.words = QWidget()
        words.setFixedWidth(114)
        lines = column(words, gap=2)
        lines.addStretch()
        lines.addWidget(label("Your prediction", "title"))
        self.state = label("", "caption", wrap=True)
        lines.addWidget(self.state)
        lines.addStretch()
        self._line.addWidget(words)
        self.fields: list[PredictionField] = []
        self._shown: tuple[object, ...] = ()

    def show_predictions(self, predictions: Sequence[Prediction], *, asking: bool, locked: bool) -> None:
        """Show questions; they can be answered while ``asking``."""
        self.setVisible(bool(predictions))
        kind = tuple((each.key, each.text, each.options) for each in predictions)
        if kind != self._shown:
            self._shown = kind
            for field in self.fields:
                self._line.removeWidget(field)
                field.hide()
                field.deleteLater()
            self.fields = []
            for each in predictions:
                field = PredictionField(self._theme, each)
                field.chosen.connect(self.chosen)
                self.fields.append(field)
                self._line.addWidget(field, 1)
        for field, each in zip(self.fields, predictions, strict=True):
            field.show_prediction(each, asking=asking, locked=locked)
        name = "askStrip" if asking else "betweenLines"
        if self.objectName() != name:
            self.setObjectName(name)
            self.style().unpolish(self)
            self.style().polish(self)
        self.setToolTip(f"Your prediction: {_state(predictions, asking=asking, locked=locked)}")
        self.state.setText(_state(predictions, asking=asking, locked=locked))

    def set_narrow(self, *, narrow: bool) -> None:
        """In a narrow window the questions need the room of the heading, which is then their tooltip."""
        self.words.setVisible(not narrow)

    def answers(self) -> Mapping[str, str]:
        """Answers by question; without those that are missing."""
        return {field.key: field.segments.key for field in self.fields if field.segments.key}


def _state(predictions: Sequence[Prediction], *, asking: bool, locked: bool) -> str:
    answered = sum(bool(each.answer) for each in predictions)
    if asking:
        return f"{answered} of {len(predictions)} answered"
    if not locked:
        return "skipped"
    right = [each.right for each in predictions if each.answer]
    still = sum(each is None for each in right)
    known = f"{still} open" if still else f"{sum(each is True for each in right)} of {len(right)} came true"
    return f"locked before the run\n{known}"
