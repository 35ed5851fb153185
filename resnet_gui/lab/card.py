"""The teacher's card, which opens the program on an experiment, and the answer sheet that a student hands in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import msgspec

from resnet_gui import __version__
from resnet_gui.base.decoding import decoding_fault
from resnet_gui.base.errors import InputError
from resnet_gui.base.files import read_text
from resnet_gui.lab.experiment import Experiment
from resnet_gui.lab.experiments import EXPERIMENTS, find_experiment
from resnet_gui.lab.folder import ExperimentRecord
from resnet_gui.lab.outcomes import claim_outcomes, question_outcomes
from resnet_gui.lab.results import Results, ScaleKey
from resnet_gui.lab.seeds import check_seeds
from resnet_gui.runs.folder import now_text
from resnet_gui.sweeps.statistics import Verdict

CARD_SUFFIX: Final = ".card.json"
SHEET_SUFFIX: Final = ".answers.json"

CardControl = Literal["scale", "seeds", "options", "runs", "prediction"]
"""What a card may lock: the scale, the seeds, the set-up, which networks are measured, and that the prediction may be
skipped (so that it has to be made)."""

COURTESY: Final = "What is locked here is a courtesy and no security: whoever wants to can change the file."

LONGEST_TEXT: Final = 4000
"""Characters of a text on a card or a sheet: more is no card that was meant."""

EMBEDDED: Final = "resnet-explorer-card"
"""Begins the comment of a report in which its card lies."""


class ExperimentCard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An experiment as a teacher hands it out; the content of a ``.card.json``.

    Attributes:
        experiment: its key.
        scale: key of the scale that it opens with.
        seeds: that are run.
        options: of the set-up, as ``ExperimentRecord`` has them.
        locked: controls that stay as the card has them.
        question: asked beside the experiment's own, answered in words; empty for none.
        text: to the class, above the experiment; empty for none.
        author: who made it; empty for nobody.
        card: version of the experiment that it was made for.
        note: that locking is a courtesy.
    """

    experiment: str
    scale: ScaleKey
    seeds: tuple[int, ...]
    options: dict[str, Any] = {}
    locked: tuple[CardControl, ...] = ()
    question: str = ""
    text: str = ""
    author: str = ""
    card: int = 1
    note: str = COURTESY
    format: Literal["resnet-explorer-card"] = "resnet-explorer-card"
    version: Literal[1] = 1

    def locks(self, control: CardControl) -> bool:
        """Whether a control stays as the card has it."""
        return control in self.locked


class SheetAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of the prediction beside what came out; ``right`` is None while that is open or nothing was said."""

    question: str
    answer: str
    outcome: str
    right: bool | None


class SheetClaim(msgspec.Struct, frozen=True, kw_only=True):
    """A claim as the student's program judged it: the values by seed, the mean with its deviation, the verdict."""

    claim: str
    values: dict[int, float]
    figure: str
    verdict: Verdict
    of_paper: bool = True


class AnswerSheet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The sheet that a student hands in; the content of a ``.answers.json``.

    Attributes:
        card: that it answers.
        student: as they write their name.
        locked: when the prediction was locked; empty if it was not.
        answers: the prediction and its outcome.
        claims: with their verdicts.
        answer: to the card's own question, in words.
        remarks: in words.
        written: when it was exported.
        program: version that measured.
        versions: of python and torch.
    """

    card: ExperimentCard
    student: str
    locked: str
    answers: tuple[SheetAnswer, ...]
    claims: tuple[SheetClaim, ...]
    answer: str = ""
    remarks: str = ""
    written: str = ""
    program: str = __version__
    versions: dict[str, str] = {}
    format: Literal["resnet-explorer-answers"] = "resnet-explorer-answers"
    version: Literal[1] = 1


def new_card(
    experiment: Experiment, record: ExperimentRecord, locked: tuple[CardControl, ...] = (), *, question: str = "",
    text: str = "", author: str = "",
) -> ExperimentCard:  # fmt: skip
    """The card of an experiment as it is set up.

    Args:
        experiment: of the registry.
        record: its scale, seeds and options.
        locked: controls that stay so.
        question: beside the experiment's own.
        text: to the class.
        author: who makes it.
    """
    return ExperimentCard(
        experiment=experiment.key, scale=record.scale, seeds=record.seeds, options=record.options, locked=locked,
        question=question, text=text, author=author, card=experiment.version,
    )  # fmt: skip


def answer_sheet(
    card: ExperimentCard, record: ExperimentRecord, results: Results, student: str, *, answer: str = "",
    remarks: str = "",
) -> AnswerSheet:  # fmt: skip
    """The sheet of a student: what was predicted, what came out, and what they say to it."""
    experiment = EXPERIMENTS[card.experiment]
    return AnswerSheet(
        card=card,
        student=student,
        locked=record.locked,
        answers=tuple(
            SheetAnswer(question=found.question.text, answer=found.answer, outcome=found.outcome, right=found.right)
            for found in question_outcomes(experiment, results, record.answers)
        ),
        claims=tuple(
            SheetClaim(
                claim=found.claim.title,
                values=found.finite,
                figure=found.figure,
                verdict=found.verdict,
                of_paper=found.claim.of_paper,
            )
            for found in claim_outcomes(experiment, results)
        ),
        answer=answer,
        remarks=remarks,
        written=now_text(),
        versions=record.versions,
    )


T = TypeVar("T", ExperimentCard, AnswerSheet)


def encode_card(found: ExperimentCard | AnswerSheet) -> bytes:
    """The content of a card's or a sheet's file: indented JSON."""
    return msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n"


def embedded_card(card: ExperimentCard) -> str:
    """A card as a comment of an HTML file; no text in it can end the comment."""
    # Two hyphens stand in texts alone, where they may be written as JSON escapes.
    text = msgspec.json.encode(card).decode().replace("--", r"\u002d\u002d")
    return f"<!-- {EMBEDDED} {text} -->"


def read_card(path: Path) -> ExperimentCard:
    """Read a card from its file, or from a report in which it lies.

    Raises:
        InputError: it is no card, or one that this program cannot open; one sentence.
    """
    text = read_text(path, "card")
    if text.lstrip()[:1] == "<":
        found = re.search(rf"<!-- {EMBEDDED} (.*?) -->", text, re.DOTALL)
        if found is None:
            raise InputError(f"{path.name} holds no card; drop a report of the Lab, or a file {CARD_SUFFIX}.")
        text = found[1]
    card = _decoded(text, ExperimentCard, path.name, "card")
    experiment = find_experiment(card.experiment)
    if experiment.scale(card.scale) is None:
        known = ", ".join(scale.key for scale in experiment.scales)
        raise InputError(f"{path.name} asks for the scale '{card.scale}' of {experiment.title}, which has {known}.")
    if card.card > experiment.version:
        raise InputError(
            f"{path.name} was made for a later version of {experiment.title} ({card.card}, here {experiment.version}); "
            "use a newer program."
        )
    if not card.seeds:
        raise InputError(f"{path.name} names no seeds; a card has at least one.")
    try:
        check_seeds(card.seeds)
    except InputError as error:
        raise InputError(f"{path.name} cannot be used: {error}") from error
    return card


def read_sheet(path: Path) -> AnswerSheet:
    """Read an answer sheet.

    Raises:
        InputError: it is none; one sentence.
    """
    return _decoded(read_text(path, "answer sheet"), AnswerSheet, path.name, "answer sheet")


def _decoded(text: str, kind: type[T], source: str, what: str) -> T:
    try:
        found = msgspec.json.decode(text, type=kind)
    except msgspec.ValidationError as error:
        raise InputError(f"{source} is no {what} of this version: {decoding_fault(error, text, kind)}.") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError(f"{source} is no {what}: {decoding_fault(error, text)}.") from error
    card = found if isinstance(found, ExperimentCard) else found.card
    texts: tuple[str, ...] = (card.question, card.text, card.author)
    if isinstance(found, AnswerSheet):
        texts += (found.student, found.answer, found.remarks)
    if any(len(each) > LONGEST_TEXT for each in texts):
        raise InputError(f"{source} has a text of more than {LONGEST_TEXT:,} characters; shorten it.")
    return found
