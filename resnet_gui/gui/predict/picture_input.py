"""Pictures from the user: dropped, pasted or chosen; addresses are never fetched."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from resnet_gui.data.file_kinds import PICTURE_SUFFIXES
from resnet_gui.gui.common.dropped_kinds import local_files, without_pictures
from resnet_gui.gui.predict.predictions import keep_pasted
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings

FILTER = f"Pictures ({' '.join(f'*{suffix}' for suffix in PICTURE_SUFFIXES)});;All files (*)"


class PictureInput(QObject):
    """The input of pictures, which turns what the user gives into paths.

    Signals:
        pictures_given: files and folders.
    """

    pictures_given = Signal(object)

    def __init__(self, session: Session, settings: Settings, page: QWidget) -> None:
        super().__init__(page)
        self._session, self._settings, self._page = session, settings, page

    def add_image(self, image: QImage) -> None:
        """Take pixels that have no file: from the clipboard, or dragged out of a browser."""
        kept = keep_pasted(image)
        if isinstance(kept, str):
            self._session.say(kept, "error")
        else:
            self.pictures_given.emit([kept])

    def take_mime(self, mime: QMimeData) -> None:
        """Take what was dropped or pasted: files first, then pixels."""
        local = local_files(mime)
        if local:
            self.pictures_given.emit(local)
        elif mime.hasImage():
            image = mime.imageData()
            if isinstance(image, QImage) and not image.isNull():
                self.add_image(image)
            else:
                self._session.say("The picture that was dropped cannot be read.", "warn")
        else:
            self._session.say(without_pictures(mime), "warn")

    def paste(self) -> None:
        """Take the clipboard."""
        self.take_mime(QGuiApplication.clipboard().mimeData())

    def choose(self) -> None:
        """Ask for files."""
        chosen, _ = QFileDialog.getOpenFileNames(self._page, "Choose pictures", self._settings.folder, FILTER)
        if chosen:
            self._settings.folder = str(Path(chosen[0]).parent)
            self.pictures_given.emit([Path(path) for path in chosen])
