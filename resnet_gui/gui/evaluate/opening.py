"""Models and data from files: dialogs, and what is dropped on the page."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path, PurePath
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from resnet_gui.data.archives import SUFFIXES, is_archive
from resnet_gui.data.datasets import held_by, is_here
from resnet_gui.data.file_kinds import WEIGHT_SUFFIXES
from resnet_gui.data.layouts.array_names import is_array_file
from resnet_gui.data.layouts.tables import TABLE_SUFFIXES, read_table
from resnet_gui.gui.evaluate.bar.bar import EvaluationBar
from resnet_gui.gui.evaluate.question import EvaluationQuestion
from resnet_gui.gui.settings import Settings

ENDINGS: Final = (*SUFFIXES, *TABLE_SUFFIXES, ".npz", "ubyte", "ubyte.gz")
DATA_FILES: Final = " ".join(f"*{ending}" for ending in ENDINGS)

LOOKED_AT: Final = 2**20
MOST_NEAR: Final = 10_000
"""Bytes of a table that is looked at before it is taken, and files beside it; the engine says what is wrong of more."""


def holds_data(path: Path) -> bool:
    """Whether something dropped may hold labelled pictures: a folder, an archive, a table, a file of arrays."""
    return path.is_dir() or is_archive(path) or is_array_file(path.name) or path.suffix.casefold() in TABLE_SUFFIXES


def refusal(path: Path) -> str:
    """Why a file holds no labelled pictures, by a quick look; empty where it may hold some."""
    if path.is_dir() or is_archive(path) or is_array_file(path.name):
        return ""
    try:
        if path.stat().st_size > LOOKED_AT:
            return ""
        table = read_table(path.parent, path.name)
        near = islice(path.parent.rglob("*"), MOST_NEAR + 1)
        stems = {one.stem for one in near}
    except OSError as error:
        return f"{path} cannot be read: {error.strerror or error}."
    named = table is not None and any(PurePath(row.file).stem in stems for row in table.rows)
    if named or len(stems) > MOST_NEAR:
        return ""
    return f"{path.name} is no table of pictures beside it: each row has to name a picture's file and its class."


class SourceChooser(QObject):
    """The dialogs of the bar."""

    def __init__(self, page: QWidget, bar: EvaluationBar, question: EvaluationQuestion, settings: Settings) -> None:
        super().__init__(page)
        self._page, self._question, self._settings = page, question, settings
        bar.model.file_requested.connect(lambda: self._ask_model(question.choose_model))
        bar.other.file_requested.connect(lambda: self._ask_model(question.choose_other))
        bar.data.folder_requested.connect(self._ask_folder)
        bar.data.file_requested.connect(self._ask_file)

    def take_data(self, path: Path) -> None:
        """Measure on a folder or a file; one that holds a known set which is here is that set."""
        known = held_by(path) if path.is_dir() else ""
        self._question.choose_data(known if known and is_here(known) else str(path))

    def _ask_model(self, choose: Callable[[str], None]) -> None:
        kinds = " ".join(f"*{suffix}" for suffix in sorted(WEIGHT_SUFFIXES))
        chosen, _ = QFileDialog.getOpenFileName(
            self._page, "Open a model", self._settings.folder, f"Weights ({kinds});;All files (*)"
        )
        if chosen:
            self._settings.folder = str(Path(chosen).parent)
            choose(chosen)

    def _ask_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self._page, "Folder of labelled pictures", self._settings.folder)
        if chosen:
            self._settings.folder = chosen
            self.take_data(Path(chosen))

    def _ask_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self._page, "Archive, table or arrays of labelled pictures", self._settings.folder,
            f"Data sets ({DATA_FILES});;All files (*)",
        )  # fmt: skip
        if chosen:
            self._settings.folder = str(Path(chosen).parent)
            self.take_data(Path(chosen))
