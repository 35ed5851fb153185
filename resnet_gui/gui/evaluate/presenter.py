"""Bar, cards, progress and sentences of the page, kept in step with what is asked, measured and on show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from resnet_gui.data.labels import unique_names
from resnet_gui.evaluation.by_class import hardest_class
from resnet_gui.evaluation.class_choice import class_choice, class_pictures
from resnet_gui.evaluation.folder import Evaluation
from resnet_gui.evaluation.selection import Selection
from resnet_gui.gui.evaluate.bar.bar import AGAIN, MEASURE, STOP
from resnet_gui.gui.evaluate.cards.card import CardContent
from resnet_gui.gui.evaluate.cards.cards import AGAINST, HARDEST, TITLES
from resnet_gui.gui.evaluate.cards.contents import (
    against_content,
    calibration_content,
    cautious,
    counted_contents,
    hardest_content,
    mistaken_for,
    speed_content,
    top1_content,
    top5_content,
)
from resnet_gui.gui.evaluate.left_out_dialog import LeftOutDialog, left_out_sentence
from resnet_gui.gui.evaluate.mapping_dialog import MappingDialog
from resnet_gui.gui.evaluate.measuring import MODEL
from resnet_gui.gui.kit.throttle import Throttle
from resnet_gui.protocol.evaluation_events import ClassesUnmatched

if TYPE_CHECKING:
    from resnet_gui.gui.evaluate.page import EvaluatePage

CLASSES = "Classes"
HOW = {"user": "was chosen by hand", "place": "was taken by their order"}
CHOOSE = "Choose classes"
HINT = "Every labelled picture is counted; what is left out is listed with its reason."


class EvaluationPresenter(QObject):
    """The presenter of what is asked and measured."""

    def __init__(self, page: EvaluatePage) -> None:
        super().__init__(page)
        self._page, self._state = page, page.state
        self._failure = False
        self._showing = Throttle(self, 0, self.show)
        for signal in (
            self._state.evaluation_changed, self._state.other_changed, self._state.progressed,
            page.measuring.changed, page.comparison.changed, page.question.changed, page.question.other_changed,
            page.missing.changed,
        ):  # fmt: skip
            signal.connect(self._showing.request)
        self._state.evaluation_changed.connect(self._show_notices)
        page.measuring.failed.connect(self._failed)
        page.missing.failed.connect(self._not_fetched)
        page.question.other_changed.connect(self.forget_failure)
        page.measuring.measured.connect(self._measured)
        self.show()

    # ---- what is shown

    def show(self) -> None:
        """Show what is known now."""
        self._show_cards()
        self._show_bar()
        self._show_progress()
        there = self._state.answers is not None or self._page.measuring.busy
        self._page.area.setVisible(there)
        self._page.invitation.setVisible(not there)
        if not there:
            self._show_invitation()

    def _show_cards(self) -> None:
        state, page = self._state, self._page
        found = [CardContent(title) for title in TITLES]
        if state.counted is not None:
            found = list(counted_contents(state.counted))
        elif state.answers is not None and state.evaluation is not None:
            answers, note = state.answers, state.evaluation.record.learnt_note
            found = [
                cautious(top1_content(answers.top1), note), top5_content(answers.top5), calibration_content(answers),
                speed_content(state.evaluation.record), hardest_content(answers), found[AGAINST],
            ]  # fmt: skip
        comparison = page.comparison
        against = against_content(
            page.question.other_name,
            self._waiting(),
            comparison.found,
            comparison.sentence,
            same=comparison.same,
        )
        found[AGAINST] = cautious(against, self._learnt_note())
        page.cards.show_contents(found)
        page.cards.set_clickable(AGAINST, on=comparison.found is not None)
        page.cards.set_clickable(HARDEST, on=state.answers is not None and state.counted is None)

    def _waiting(self) -> str:
        """Why there is no figure of the second model."""
        page = self._page
        if page.question.other is None:
            return "choose one at Beside"
        if page.comparison.problem:
            return page.comparison.problem
        return "being measured" if page.measuring.busy else "not measured on these pictures"

    def _learnt_note(self) -> str:
        """Why the two models cannot be compared on these pictures: one has learnt from them; empty if none has."""
        named = zip((self._state.name, self._state.other_name), self._state.both, strict=True)
        notes = ((name, each.record.learnt_note) for name, each in named if each is not None)
        return " ".join(f"{name}: {note}" for name, note in notes if note)

    def _show_bar(self) -> None:
        page = self._page
        bar, measuring = page.bar, page.measuring
        bar.report.setEnabled(self._state.answers is not None)
        if measuring.busy:
            bar.show_measure(STOP, enabled=True, tip="Nothing of what is being measured is kept")
        elif measuring.missing:
            bar.show_measure(MEASURE, enabled=page.question.whole, filled=self._state.answers is not None)
        else:
            bar.show_measure(AGAIN, enabled=page.question.whole, tip=self._when())

    def _when(self) -> str:
        """When and how it was measured."""
        evaluation = self._state.evaluation
        if evaluation is None:
            return ""
        return f"Measured {evaluation.record.measured}. {evaluation.record.command}".strip()

    def _show_progress(self) -> None:
        page, counted = self._page, self._state.counted
        fraction = page.missing.fraction
        page.progress.setVisible(page.measuring.busy or fraction is not None)
        if fraction is not None:
            page.progress.setRange(0, 1000)
            page.progress.setValue(round(1000 * fraction))
        elif counted is not None and counted.total:
            page.progress.setRange(0, counted.total)
            page.progress.setValue(counted.done)
        else:
            page.progress.setRange(0, 0)
        page.progress.setToolTip(page.measuring.doing)
        page.progress.setAccessibleDescription(page.measuring.doing)

    def _show_invitation(self) -> None:
        page = self._page
        question, missing = page.question, page.missing
        if page.measuring.unmatched is not None:
            # To measure the same once more would fail in the same way.
            page.invitation.show_words(question.sentence, CHOOSE, HINT)
        elif question.whole:
            page.invitation.show_words(question.sentence, MEASURE, HINT)
        elif missing.fraction is not None:
            page.invitation.show_words(question.sentence, "Stop the download", f"{missing.fraction:.0%} are here")
        elif missing.name:
            page.invitation.show_words(question.sentence, "Download")
        else:
            page.invitation.show_words(question.sentence, "")

    # ---- what happens

    def _show_notices(self) -> None:
        """What deserves a look in an evaluation: what was left out, what is in doubt."""
        evaluation, banner = self._state.evaluation, self._page.banner
        self._failure = False
        if evaluation is None:
            banner.hide()
            return
        record = evaluation.record
        left = left_out_sentence(record)
        learnt = record.learnt_note
        # What the figures are worth comes first.
        sentences = sorted(record.notices, key=lambda notice: notice != learnt)
        if record.undetermined:
            sentences.append(f"What the file leaves open was taken as {', '.join(record.undetermined)}.")
        classes = () if record.mapped_by in {"name", "wnid"} else (CLASSES, lambda: self.change_classes(evaluation))
        if left:
            # Both in two lines: of the files there is a list, of what the figures are worth there is none.
            banner.show_sentence(
                f"{learnt} {left}".strip(), "Show them", lambda: self._show_left_out(evaluation), level="warn"
            )
            banner.offer(*classes)
            banner.text.setToolTip("\n".join([*sentences[: bool(learnt)], left, *sentences[bool(learnt) :]]))
        elif sentences:
            banner.show_problems(sentences)
            banner.offer(*classes)
        elif classes:
            banner.show_warning(f"Which class of the network each class of the data is, {HOW[record.mapped_by]}.")
            banner.offer(*classes)
        else:
            banner.hide()

    def forget_failure(self) -> None:
        """A failure is of what was asked for then: another question, or a look elsewhere, and it is not shown again."""
        if self._failure:
            self._show_notices()

    def _show_left_out(self, evaluation: Evaluation) -> None:
        dialog = LeftOutDialog(self._page, evaluation.record)
        dialog.exec()
        dialog.deleteLater()

    def _failed(self, sentence: str) -> None:
        unmatched = self._page.measuring.unmatched
        self._failure = True
        if unmatched is None:
            self._page.banner.show_sentence(sentence)
        else:
            self._page.banner.show_sentence(sentence, CHOOSE, self.choose_classes)
        self.show()

    def _not_fetched(self, sentence: str) -> None:
        self._failure = True
        self._page.banner.show_sentence(sentence)

    def choose_classes(self) -> None:
        """Ask which class of the network each class of the data is, and measure with that."""
        measuring = self._page.measuring
        unmatched, kind = measuring.unmatched, measuring.unmatched_kind
        if unmatched is not None and not self._choose(unmatched, kind):
            self._failed(unmatched.sentence)

    def change_classes(self, evaluation: Evaluation) -> None:
        """Show which class of the network each class of the data was taken for, and measure with others if wanted."""
        record = evaluation.record
        words = f"{record.model.name} was measured with these classes of {record.data_name}."
        event = ClassesUnmatched(
            job=0, data_classes=record.data_classes, network_classes=unique_names(record.labels),
            suggested=class_choice(record), pictures=class_pictures(record), sentence=words,
        )  # fmt: skip
        if not self._choose(event, MODEL):
            self._show_notices()

    def _choose(self, event: ClassesUnmatched, kind: str) -> bool:
        """Ask for the classes of a model, and measure with them; whether the user has said so."""
        measuring = self._page.measuring
        dialog = MappingDialog(self._page, event)
        dialog.setWindowTitle(f"Choose classes for {measuring.name_of(kind)}")
        chosen = bool(dialog.exec())
        if chosen:
            measuring.measure_with(dialog.mapping(), kind)
        dialog.deleteLater()
        return chosen

    def _measured(self, evaluation: Evaluation) -> None:
        record = evaluation.record
        share = f"{record.correct:,} of {record.pictures:,} right"
        self._page.say(f"{record.title}: {share}, in {record.seconds:.0f} s.", "ok")

    def select_hardest(self) -> None:
        """Select the pictures of the hardest class that are taken for one other."""
        answers = self._state.answers
        hardest = hardest_class(answers.by_class) if answers is not None else None
        if answers is not None and hardest is not None:
            self._state.select(Selection(truth=hardest.number, answer=mistaken_for(answers, hardest)))
