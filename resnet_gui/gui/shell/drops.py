"""The one road of what is dropped on the window: a design, weights or a run is opened, pictures are classified."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMimeData, QObject, QUrl

from resnet_gui.gui.common.dropped_kinds import (
    holds_classes,
    is_card,
    is_network,
    is_openable,
    local_files,
    may_be_picture,
)
from resnet_gui.gui.shell.pages import WELCOME

if TYPE_CHECKING:
    from resnet_gui.gui.shell.application import Application


ALONE: Final = "a design, weights file or run is dropped by itself, one at a time"


class DropHandler(QObject):
    """The receiver of drops anywhere on the window, which says so where one is of no use."""

    def __init__(self, app: Application) -> None:
        super().__init__(app)
        self._app = app
        app.window.dropped.connect(self.take)

    def take(self, mime: QMimeData) -> None:
        """Open a design, or that of weights or of a run; where the Predict page is on show, predict with these.

        The folder of an evaluation is shown on the Evaluate page, from everywhere. Where the Train page is, a new run
        learns from data, and begins from weights; where the Evaluate page is, weights are measured, on the data that is
        dropped. Everything else is the Predict page's, which takes pictures and pixels and refuses addresses and text.
        """
        app, files = self._app, local_files(mime)
        if len(files) == 1 and is_card(files[0]):
            app.open_card(files[0])
            return
        if len(files) == 1 and _is_evaluation(files[0]):
            app.open_evaluation(files[0])
            return
        if app.shows("evaluate") and app.evaluate_page().take_files(files):
            return
        if app.shows(WELCOME) and len(files) == 1 and holds_classes(files[0]):
            app.show_page("train")
        if app.shows("train") and app.train_page().preparation.take_files(files):
            return
        predicting = app.shows("predict")
        if len(files) == 1 and is_openable(files[0]) and not (predicting and is_network(files[0])):
            app.files.open(files[0])
            return
        of_predict = [path for path in files if may_be_picture(path) or (predicting and is_network(path))]
        alone = [path for path in files if is_openable(path) and path not in of_predict]
        if files and not of_predict:
            app.session.say(_refusal(files, alone), "error")
            return
        if alone:
            app.session.say(f"{alone[0].name} is left out: {ALONE}.", "warn")
            mime = QMimeData()
            mime.setUrls([QUrl.fromLocalFile(str(path)) for path in files if path not in alone])
        page = app.predict_page()
        if files or mime.hasImage() or mime.hasUrls():
            app.show_page("predict")
        page.take_mime(mime)


def _is_evaluation(path: Path) -> bool:
    """Whether it is the folder of an evaluation that was measured."""
    from resnet_gui.evaluation.folder import RECORD_FILE

    return (path / RECORD_FILE).is_file()


def _refusal(files: Sequence[Path], alone: Sequence[Path]) -> str:
    """Why nothing of what was dropped is taken."""
    if alone:
        return f"{len(files)} files were dropped, and {alone[0].name} is one of them: {ALONE}."
    return f"{files[0].name} is neither a design, weights or a run, nor a picture."
