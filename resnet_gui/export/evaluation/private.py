"""What a report may print of the names on a computer: no path, and nobody's name."""

from __future__ import annotations

import re
from pathlib import Path, PureWindowsPath
from typing import Final

from resnet_gui.data.datasets import KNOWN
from resnet_gui.evaluation.record import EvaluationRecord
from resnet_gui.export.evaluation.source import is_public_data, is_public_model
from resnet_gui.export.report.parts import WITHHELD

OWN_PICTURES: Final = "pictures of one’s own"
LONGEST: Final = 36
"""Letters of a picture's name; of longer ones the end is shown."""

_PATH: Final = re.compile(r"(?<![\w.)])[/~]|[A-Za-z]:[\\/]|\\|\.\./")
"""What only a path has: a beginning at the root, at home or at a drive, or a step upwards."""


def data_words(record: EvaluationRecord) -> str:
    """The name of a data set: its title, or the last name of its folder, unless that is a person's own folder."""
    if is_public_data(record.data):
        return KNOWN[record.data].title
    name = PureWindowsPath(record.data_name).name or record.data_name
    return OWN_PICTURES if not name or name.casefold() == Path.home().name.casefold() else name


def model_words(record: EvaluationRecord) -> str:
    """The name of a model."""
    return PureWindowsPath(record.model.name).name or record.model.name


def picture_words(file: str, record: EvaluationRecord) -> str:
    """The name of a picture: below the folder of its data set, elsewhere that of the file alone."""
    path, folder = PureWindowsPath(file), PureWindowsPath(record.data)
    name = path.relative_to(folder).as_posix() if path != folder and path.is_relative_to(folder) else path.name or file
    return name if len(name) <= LONGEST else f"…{name[1 - LONGEST :]}"


def sentence_words(sentence: str, record: EvaluationRecord) -> str:
    """A sentence of the program, or that it is not printed.

    Where a path ends in a sentence nobody can know, as names may hold anything, so no part of such a one is printed.
    """
    paths = [record.data] * (not is_public_data(record.data)) + [record.model.path] * (
        not is_public_model(record.model.path)
    )
    person = re.search(rf"\b{re.escape(Path.home().name)}\b", sentence, re.IGNORECASE) if Path.home().name else None
    private = _PATH.search(sentence) or person or any(path and path in sentence for path in paths)
    return WITHHELD if private else sentence
