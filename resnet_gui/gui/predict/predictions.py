"""The pictures of the Predict page and the questions about them."""

from __future__ import annotations

import itertools
import os
import shutil
import time
from pathlib import Path
from typing import assert_never

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QImageWriter

from resnet_gui.base.files import data_folder
from resnet_gui.base.text import is_readable
from resnet_gui.data.file_kinds import TOO_MANY_PIXELS
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.predict.pictures.model import CANCELLED, Picture, PictureModel
from resnet_gui.protocol.events import Failed, FolderListed, JobDone, Predicted, PredictFailed
from resnet_gui.protocol.jobs import ModelRequest, Predict


def pasted_folder() -> Path:
    """Where pixels without a file are kept while this window is open."""
    return data_folder() / "pasted" / str(os.getpid())


def forget_pasted() -> None:
    """Remove those files; the window is closing."""
    shutil.rmtree(pasted_folder(), ignore_errors=True)


def keep_pasted(image: QImage) -> Path | str:
    """Write pixels that have no file; returns where, or a sentence why not."""
    folder = pasted_folder()
    path = _pasted_path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return f"The picture cannot be kept in {folder}: {error.strerror}."
    # Not compressed: that would take seconds for a photograph, in which the window would stand still.
    writer = QImageWriter(str(path), b"png")
    writer.setQuality(100)
    if not writer.write(image):
        return f"The picture cannot be written to {folder}; is the disk full?"
    return path


def _pasted_path(folder: Path) -> Path:
    """A name that says what it is: "Pasted 14.03.25", with a number where several came in one second."""
    name = f"Pasted {time.strftime('%H.%M.%S')}"
    numbers = itertools.chain(("",), (f" ({number})" for number in itertools.count(2)))
    return next(path for number in numbers if not (path := folder / f"{name}{number}.png").exists())


class Predictions(QObject):
    """The pictures of the Predict page with the questions to the engine about them, and its answers.

    Attributes:
        pictures: the table.
        temperature: of the softmax.

    Signals:
        answered: a picture has an answer or a sentence.
        lesions_answered: the answer of the altered network to the picture that was asked about.
        lesions_over: that question has its answer, or will have none.
        changed: pictures came or went, or a question was asked or is over.
        message: a sentence and its level.
        folders_told: sentences (``list[str]``) about folders: they hold nothing to classify, or what is not read; none
            when other pictures were given.
    """

    answered = Signal(object)
    lesions_answered = Signal(object)
    lesions_over = Signal()
    changed = Signal()
    message = Signal(str, str)
    folders_told = Signal(object)

    def __init__(self, engines: Engines, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engines = engines
        self.pictures = PictureModel(self)
        self.temperature = 1.0
        self._jobs: dict[int, list[Path]] = {}
        # Folders whose pictures are not all known yet; they are asked about again with the next network.
        self._folders: list[Path] = []
        self._said: list[str] = []
        self._lesion_job = 0
        self._model_request: ModelRequest | None = None
        self._classes: tuple[str, ...] = ()
        engines.predicted.connect(self._take)

    @property
    def busy(self) -> bool:
        """Whether answers are on their way."""
        return bool(self._jobs)

    def set_model(self, request: ModelRequest | None, classes: tuple[str, ...], first: Picture | None = None) -> None:
        """Ask another network: all answers are forgotten and asked anew.

        Args:
            request: the network, which is loaded; None for none.
            classes: its labels.
            first: the picture that is looked at, which is asked about first.
        """
        self._drop_all()
        self._model_request, self._classes = request, classes
        self.pictures.forget_answers()
        if request is not None:
            rest = [picture.path for picture in self.pictures.pictures() if picture is not first]
            self._ask([*([first.path] if first is not None else []), *rest, *self._folders])
        self.changed.emit()

    def hold(self) -> None:
        """Another network is being loaded: what is on its way is given up, and nothing is asked until it is there."""
        self._drop_all()
        self._model_request = None
        self.changed.emit()

    def add(self, paths: list[Path]) -> Picture | None:
        """Take files and folders; the engine finds the pictures in folders. Returns the picture to show."""
        files = [path.absolute() for path in paths if not path.is_dir()]
        folders = [path.absolute() for path in paths if path.is_dir()]
        self._folders += [folder for folder in folders if folder not in self._folders]
        self._tell_of_folders()
        new = self.pictures.add(files)
        again = [found for path in files if (found := self.pictures.find(path)) is not None and found.cancelled]
        for picture in again:
            picture.forget()
            self.pictures.touch(picture)
        self._ask([*(picture.path for picture in (*new, *again)), *folders])
        self.changed.emit()
        return new[0] if new else self.pictures.find(files[-1]) if files else None

    def _tell_of_folders(self, sentence: str = "") -> None:
        """Tell one more sentence about the folders that were given; without one there are others now."""
        self._said = [*self._said, sentence] if sentence else []
        self.folders_told.emit(self._said)

    def clear(self) -> None:
        """Take all pictures away."""
        self._drop_all()
        self._folders.clear()
        self._tell_of_folders()
        self.pictures.clear()
        self.changed.emit()

    def cancel(self) -> None:
        """Ask no more; what has been answered stays."""
        self._drop_all()
        self._folders.clear()
        for picture in self.pictures.pictures():
            if not picture.answered:
                picture.refuse("Not classified: it was cancelled.", CANCELLED)
        self.pictures.touch_all()
        self.changed.emit()

    def ask_with_lesions(self, picture: Picture, lesions: tuple[str, ...], share: float = 1.0) -> None:
        """Ask the altered network about one picture; an earlier question is given up.

        Args:
            picture: that is looked at.
            lesions: blocks whose branch is off.
            share: how much of their branches the blocks add.
        """
        self.forget_lesions()
        if self._model_request is None or not (lesions or share != 1.0):
            return
        request = msgspec.structs.replace(self._model_request, lesions=lesions, branch_share=share)
        path = str(picture.path)
        self._lesion_job = self._engines.ask(lambda job: Predict(job, request, (path,), scores=True))

    @property
    def asking_with_lesions(self) -> bool:
        """Whether the answer of the altered network is on its way."""
        return bool(self._lesion_job)

    def forget_lesions(self) -> None:
        """Give up the question about lesions."""
        if self._lesion_job:
            self._engines.drop(self._lesion_job)
            self._lesion_job = 0

    def set_temperature(self, temperature: float) -> None:
        """Rank the classes of all answers anew."""
        self.temperature = temperature
        for picture in self.pictures.pictures():
            picture.heat(self._classes, temperature)
        self.pictures.touch_all()

    def _drop_all(self) -> None:
        self.forget_lesions()
        jobs, self._jobs = list(self._jobs), {}
        for job in jobs:
            self._engines.drop(job)

    def _ask(self, paths: list[Path]) -> None:
        request = self._model_request
        if not paths or request is None:
            return
        readable = [path for path in paths if is_readable(str(path))]
        for path in set(paths) - set(readable):
            picture = self.pictures.find(path)
            if picture is not None:
                picture.refuse("Its name is not valid text (UTF-8); rename the file.")
                self.pictures.touch(picture)
        if readable:
            images = tuple(map(str, readable))
            self._jobs[self._engines.ask(lambda job: Predict(job, request, images, scores=True))] = readable

    def _take_with_lesions(self, event: FolderListed | Predicted | PredictFailed | JobDone | Failed) -> None:
        match event:
            case Predicted():
                self.lesions_answered.emit(event)
            case PredictFailed():
                self.message.emit(event.error, "warn")
            case Failed():
                self.message.emit(event.message, "warn")
                self._end_lesions()
            case JobDone():
                self._end_lesions()
            case FolderListed():
                pass  # it was one picture
            case _:
                assert_never(event)

    def _end_lesions(self) -> None:
        self._lesion_job = 0
        self.lesions_over.emit()

    def _take(self, event: FolderListed | Predicted | PredictFailed | JobDone | Failed) -> None:
        if event.job == self._lesion_job:
            self._take_with_lesions(event)
            return
        if event.job not in self._jobs:
            return  # of pictures that were cleared, or of a network that is no longer the chosen one
        match event:
            case FolderListed():
                self.pictures.add([Path(image) for image in event.images])
                if event.left_out:
                    self.message.emit(event.left_out, "warn")
                    self._tell_of_folders(event.left_out)
                self.changed.emit()
            case Predicted() | PredictFailed():
                # A folder's pictures become known by their answers.
                path = Path(event.image)
                if isinstance(event, PredictFailed) and path in self._jobs[event.job] and path.is_dir():
                    self.message.emit(event.error, "error")
                    self._tell_of_folders(event.error)
                    return
                picture = self.pictures.find(path) or self.pictures.add([path])[0]
                if isinstance(event, Predicted):
                    picture.take(event, self._classes, self.temperature)
                else:
                    large = event.error.endswith(TOO_MANY_PIXELS)
                    picture.refuse(event.error, "too large" if large else "not readable")
                self.pictures.touch(picture)
                self.answered.emit(picture)
            case Failed():
                asked = self._jobs.pop(event.job)
                self.message.emit(event.message, "error")
                for path in asked:
                    found = self.pictures.find(path)
                    if found is not None and not found.answered:
                        found.refuse(event.message, "no answer")
                        self.pictures.touch(found)
                        self.answered.emit(found)
                self.changed.emit()
            case JobDone():
                asked = self._jobs.pop(event.job)
                self._folders = [folder for folder in self._folders if folder not in asked]
                self.changed.emit()
            case _:
                assert_never(event)
