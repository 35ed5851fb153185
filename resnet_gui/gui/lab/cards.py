"""Teachers' cards: written, opened with their controls held, and answered."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import write_out
from resnet_gui.gui.common.saving import ask_where_to_save
from resnet_gui.gui.kit.basic import button, column, label, row, set_icon
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.lab.parts.head import MOST_SEEDS
from resnet_gui.gui.lab.state import LabState
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.lab.card import (
    CARD_SUFFIX,
    COURTESY,
    SHEET_SUFFIX,
    AnswerSheet,
    CardControl,
    ExperimentCard,
    answer_sheet,
    encode_card,
    new_card,
    read_card,
)
from resnet_gui.lab.experiments import EXPERIMENTS
from resnet_gui.lab.folder import ExperimentRecord
from resnet_gui.lab.requests import configured_setup
from resnet_gui.lab.results import Results

CONTROLS: Final[dict[CardControl, str]] = {
    "scale": "The scale",
    "seeds": "The seeds",
    "options": "How it is measured",
    "runs": "Which networks are measured",
    "prediction": "The prediction has to be made",
}


class CardStrip(QFrame):
    """A strip with what a card says to the class, above the experiment, with its question and a place for the answer.

    Signals:
        sheet_requested: the student wants to write the answer sheet.
        closed: the card is put away.
    """

    sheet_requested = Signal()
    closed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("topLine")
        layout = row(self, (16, 8, 16, 8), 12)
        words = QWidget()
        inner = column(words, gap=4)
        self.text = label("", "", wrap=True)
        self.question = label("", "title", wrap=True)
        self.answer = QLineEdit(placeholderText="Your answer")
        self.answer.setAccessibleName("Your answer")
        for part in (self.text, self.question, self.answer):
            inner.addWidget(part)
        layout.addWidget(words, 1)
        sheet = button("Answer sheet", "", "Write your prediction, what came out and your answer into a file")
        set_icon(theme, sheet, "file", "t1")
        sheet.clicked.connect(self.sheet_requested)
        layout.addWidget(sheet)
        close = button("Close card", "ghost", "Put the card away; its controls are free again")
        close.clicked.connect(self.closed)
        layout.addWidget(close)
        self.hide()

    def show_card(self, card: ExperimentCard | None) -> None:
        """Show what a card says; None puts it away."""
        self.setVisible(card is not None)
        if card is not None:
            by = f" ({card.author})" if card.author else ""
            self.text.setText(f"{card.text}{by}" if card.text else f"A teacher's card{by}")
            self.question.setText(card.question)
            self.question.setVisible(bool(card.question))
            self.answer.setVisible(bool(card.question))
            self.answer.clear()
            self.setToolTip(COURTESY)


class CardDialog(QDialog):
    """A dialog about the content of a card, before it is written."""

    def __init__(self, parent: QWidget, title: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Teacher's card: {title}")
        layout = column(self, (20, 16, 20, 16), 8)
        layout.addWidget(label("To the class", "label"))
        self.text = QPlainTextEdit()
        self.text.setFixedHeight(72)
        self.text.setAccessibleName("To the class")
        layout.addWidget(self.text)
        layout.addWidget(label("A question of your own, beside the experiment's", "label"))
        self.question = QLineEdit()
        self.question.setAccessibleName("A question of your own")
        layout.addWidget(self.question)
        layout.addWidget(label("Your name", "label"))
        self.author = QLineEdit()
        self.author.setAccessibleName("Your name")
        layout.addWidget(self.author)
        layout.addWidget(label("What stays as it is now", "label"))
        self.controls: dict[CardControl, QCheckBox] = {}
        for key, words in CONTROLS.items():
            box = self.controls[key] = QCheckBox(words)
            box.setChecked(key in {"scale", "seeds"})
            layout.addWidget(box)
        layout.addWidget(label(COURTESY, "caption", wrap=True))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.setMinimumWidth(440)

    def locked(self) -> tuple[CardControl, ...]:
        """What is to be held."""
        return tuple(key for key, box in self.controls.items() if box.isChecked())


class SheetDialog(QDialog):
    """A dialog about name and remarks, before an answer sheet is written."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Answer sheet")
        layout = column(self, (20, 16, 20, 16), 8)
        layout.addWidget(label("Your name", "label"))
        self.student = QLineEdit()
        self.student.setAccessibleName("Your name")
        layout.addWidget(self.student)
        layout.addWidget(label("What you want to say to it", "label"))
        self.remarks = QPlainTextEdit()
        self.remarks.setFixedHeight(72)
        self.remarks.setAccessibleName("What you want to say to it")
        layout.addWidget(self.remarks)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.setMinimumWidth(400)


def _check(path: Path, card: ExperimentCard) -> None:
    """Refuse a card whose experiment cannot be run as it says.

    Raises:
        InputError: it asks for more seeds than the page does, or its options are none of the set-up.
    """
    if len(card.seeds) > MOST_SEEDS:
        raise InputError(f"{path.name} asks for {len(card.seeds)} seeds; a card has at most {MOST_SEEDS}.")
    experiment = EXPERIMENTS[card.experiment]
    scale = experiment.scale(card.scale)
    if scale is None:
        return  # was refused when it was read
    asked = ExperimentRecord(experiment=card.experiment, scale=card.scale, seeds=card.seeds, options=card.options)
    try:
        configured_setup(scale, asked)
    except InputError as error:
        raise InputError(f"{path.name} cannot be opened: {error}") from error


class CardFile(QObject):
    """The reader and writer of cards and answer sheets.

    Signals:
        opened: a card was opened, or put away.
    """

    opened = Signal()

    def __init__(
        self, parent: QWidget, state: LabState, strip: CardStrip, session: Session, settings: Settings
    ) -> None:
        super().__init__(parent)
        self._parent, self._state, self._strip = parent, state, strip
        self._session, self._settings = session, settings
        self.card: ExperimentCard | None = None
        strip.sheet_requested.connect(self.write_answers)
        strip.closed.connect(self.close)
        state.experiment_changed.connect(self._look)

    def open(self, path: Path) -> None:
        """Show the experiment of a card, set up and held as the card says."""
        try:
            card = read_card(path)
            _check(path, card)
        except InputError as error:
            self._session.say(str(error), "error")
            return
        self.card = None
        self._state.choose(card.experiment, card.scale)
        self.card = card
        self.apply()
        self._state.fixed = frozenset(card.locked)
        self._strip.show_card(card)
        self.opened.emit()
        record = self._state.record
        if record.locked and (record.seeds, record.options) != (card.seeds, card.options):
            self._session.say(
                f"{self._state.experiment.title} was run here already, not as the card sets it up; "
                "press Run again, and it is.", "warn",
            )  # fmt: skip

    def apply(self) -> None:
        """Set the experiment up as its card says, as long as it is not run."""
        state, card = self._state, self.card
        state.from_card = frozenset()
        if card is None or state.record.locked or card.experiment != state.experiment.key:
            return
        same = card.scale == state.scale.key
        if same or card.locks("seeds"):
            state.record = msgspec.structs.replace(state.record, seeds=card.seeds)
            state.from_card |= {"seeds"}
        if same or (card.locks("options") and state.scale.setup is not None):
            state.record = msgspec.structs.replace(state.record, options=card.options)
            state.from_card |= {"options"}

    def scale_of(self, experiment: str, scale: str) -> str:
        """The scale at which an experiment is shown that is asked for at one: that of a card that holds it."""
        card = self.card
        if card is None or card.experiment != experiment or not card.locks("scale") or scale == card.scale:
            return scale
        if scale:
            self._session.say("The teacher's card holds the scale; close the card to choose another.", "warn")
        return card.scale

    def close(self) -> None:
        """Put the card away, and with it how it set the experiment up, unless that was run."""
        self.card = None
        self._state.leave_card()
        self._state.fixed = frozenset()
        self._strip.show_card(None)
        self.opened.emit()

    def _look(self) -> None:
        """Another experiment has no card; the card's own is set up as it says."""
        self.apply()
        if self.card is not None and self.card.experiment != self._state.experiment.key:
            self.card = None
            self._state.fixed = frozenset()
            self._strip.show_card(None)

    def _place(self, title: str, name: str, suffix: str) -> Path | None:
        return ask_where_to_save(self._parent, self._session, self._settings, title, name, f"JSON (*{suffix})")

    def write(self) -> None:
        """Ask what a card is to hold, and for a place; write it."""
        state = self._state
        dialog = CardDialog(self._parent, state.experiment.title)
        if dialog.exec():
            card = new_card(
                state.experiment, state.record, dialog.locked(), question=dialog.question.text().strip(),
                text=dialog.text.toPlainText().strip(), author=dialog.author.text().strip(),
            )  # fmt: skip
            path = self._place("Save the card", state.experiment.key, CARD_SUFFIX)
            if path is not None:
                self._write(path, card)
        dialog.deleteLater()

    def write_answers(self) -> None:
        """Ask for a name, and for a place; write the answer sheet."""
        state, card = self._state, self.card
        if card is None:
            return
        dialog = SheetDialog(self._parent)
        if dialog.exec():
            results = state.results or Results(scale=state.scale.key, seeds=())
            sheet = answer_sheet(
                card, state.record, results, dialog.student.text().strip(), answer=self._strip.answer.text().strip(),
                remarks=dialog.remarks.toPlainText().strip(),
            )  # fmt: skip
            path = self._place("Save the answer sheet", f"{card.experiment}-{sheet.student or 'answers'}", SHEET_SUFFIX)
            if path is not None:
                self._write(path, sheet)
        dialog.deleteLater()

    def _write(self, path: Path, content: ExperimentCard | AnswerSheet) -> None:
        try:
            write_out(path, encode_card(content))
        except InputError as error:
            self._session.say(str(error), "error")
            return
        self._session.say_written(path)
