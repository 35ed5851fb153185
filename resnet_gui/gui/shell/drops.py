"""The one road of what is dropped on the window: a design, weights or a run is opened, pictures are classified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject

from resnet_gui.gui.common.dropped_kinds import is_network, is_openable, local_files, may_be_picture

if TYPE_CHECKING:
    from resnet_gui.gui.shell.application import Application


class DropHandler(QObject):
    """The receiver of drops anywhere on the window, which says so where one is of no use."""

    def __init__(self, app: Application) -> None:
        super().__init__(app)
        self._app = app
        app.window.dropped.connect(self.take)

    def take(self, mime: QMimeData) -> None:
        """Open a design, or that of weights or of a run; where the Predict page is on show, predict with these.

        Everything else is the Predict page's, which takes pictures and pixels and refuses addresses and text.
        """
        app, files = self._app, local_files(mime)
        predicting = app.shows("predict")
        if len(files) == 1 and is_openable(files[0]) and not (predicting and is_network(files[0])):
            app.files.open(files[0])
            return
        if files and not any(may_be_picture(path) or (predicting and is_network(path)) for path in files):
            app.session.say(f"{files[0].name} is neither a design, weights or a run, nor a picture.", "error")
            return
        page = app.predict_page()
        if files or mime.hasImage() or mime.hasUrls():
            app.show_page("predict")
        page.take_mime(mime)
