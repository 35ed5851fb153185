"""The answers of the Predict page as a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import write_out
from resnet_gui.data.layouts.description import many
from resnet_gui.export.predictions_csv import PictureAnswer, answers_csv
from resnet_gui.gui.common.saving import ask_where_to_save
from resnet_gui.gui.predict.pictures.model import PictureModel
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings


def export_answers(parent: QWidget, pictures: PictureModel, session: Session, settings: Settings) -> None:
    """Ask for a file and write every picture with its likeliest classes."""
    path = ask_where_to_save(parent, session, settings, "Write the answers", "answers", "CSV (*.csv)")
    if path is not None:
        write_answers(path, pictures, session)


def write_answers(path: Path, pictures: PictureModel, session: Session) -> None:
    """Write every picture with its likeliest classes; whether it worked is said."""
    answers = [PictureAnswer(str(one.path), one.top, one.error) for one in pictures.pictures()]
    try:
        write_out(path, answers_csv(answers).encode("utf-8", "replace"))
    except InputError as error:
        session.say(str(error), "error")
    else:
        session.say_written(path, _counts(answers))


def _counts(answers: Sequence[PictureAnswer]) -> str:
    """``300 answers and 1 error``; also how many have neither, as nobody has answered yet."""
    known, errors = sum(bool(one.top) for one in answers), sum(bool(one.error) for one in answers)
    waiting = len(answers) - known - errors
    words = [many(known, "answer"), many(errors, "error") if errors else "", f"{waiting:,} to come" if waiting else ""]
    return " and ".join(filter(None, words))
