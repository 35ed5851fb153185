"""The answers of the Predict page as a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import write_out
from resnet_gui.export.predictions_csv import PictureAnswer, answers_csv
from resnet_gui.gui.predict.pictures.model import PictureModel
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings


def export_answers(parent: QWidget, pictures: PictureModel, session: Session, settings: Settings) -> None:
    """Ask for a file and write every picture with its likeliest classes."""
    start = str(Path(settings.folder) / "answers.csv")
    chosen, _ = QFileDialog.getSaveFileName(parent, "Write the answers", start, "CSV (*.csv)")
    if chosen:
        write_answers(Path(chosen), pictures, session)


def write_answers(path: Path, pictures: PictureModel, session: Session) -> None:
    """Write every picture with its likeliest classes; whether it worked is said in the status bar."""
    answers = [PictureAnswer(str(one.path), one.top, one.error) for one in pictures.pictures()]
    try:
        write_out(path, answers_csv(answers).encode("utf-8", "replace"))
    except InputError as error:
        session.say(str(error), "error")
    else:
        session.say(f"{len(answers):,} answers written to {path}.")
