"""The Predict page: a trained network, pictures, and what it takes them for."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QGuiApplication, QImage, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFileDialog, QFrame, QStackedWidget, QWidget

from resnet_gui.gui.engines import Engines
from resnet_gui.gui.models.pictures import Picture, PictureModel
from resnet_gui.gui.models.run_row import RunRow
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.theme import Theme
from resnet_gui.gui.widgets.basic import button, column, header, label, panel, row, set_icon
from resnet_gui.gui.widgets.drop_zone import DropZone
from resnet_gui.gui.widgets.gallery import Canvas, Gallery, TopBars, quiet
from resnet_gui.gui.widgets.model_panel import ModelPanel
from resnet_gui.spec.events import Failed, JobDone, Predicted, PredictFailed
from resnet_gui.spec.files import assets, data_folder

FILTER = "Pictures (*.png *.jpg *.jpeg *.webp *.bmp *.gif *.tif *.tiff *.pgm *.ppm);;All files (*)"


def pasted_folder() -> Path:
    """Where pixels without a file are kept while this window is open."""
    return data_folder() / "pasted" / str(os.getpid())


def _has_text_name(path: Path) -> bool:
    """Whether a path can be written in a message; half a character in a file name cannot."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def forget_pasted() -> None:
    """Remove those files; the window is closing."""
    shutil.rmtree(pasted_folder(), ignore_errors=True)


class PredictPage(QWidget):
    """Shows pictures and asks the engine about them.

    Signals:
        train_asked: there is no trained network yet and the user wants one.
    """

    train_asked = Signal()

    def __init__(self, session: Session, engines: Engines, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self._session, self._engines, self._theme, self._settings = session, engines, theme, settings
        # Open questions with their folders, whose pictures become known by the answers.
        self._jobs: dict[int, list[Path]] = {}
        self._device = session.device
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.pictures = PictureModel(self)
        self.models = ModelPanel(theme)
        layout = row(self, gap=0)
        layout.addWidget(self.models)
        layout.addWidget(self._middle(), 1)
        layout.addWidget(self._right_side())
        self.models.model_chosen.connect(self._model_chosen)
        self.models.train_asked.connect(self.train_asked)
        engines.predicted.connect(self._take)
        session.device_changed.connect(self._device_changed)

    # ---- construction

    def _middle(self) -> QWidget:
        side = panel("canvas")
        layout = column(side)
        self._strip = panel("panelHeader")
        strip = row(self._strip, (8, 0, 12, 0))
        self.gallery = Gallery(self._theme, self.pictures)
        self.gallery.picture_chosen.connect(self._show_picture)
        strip.addWidget(self.gallery, 1)
        side_buttons = QWidget()
        buttons = column(side_buttons)
        add = button("Add", "", "Choose more pictures (Ctrl+V pastes one)")
        set_icon(self._theme, add, "plus", "t1")
        add.clicked.connect(self._choose)
        clear = button("Clear", "ghost", "Take all pictures away")
        clear.clicked.connect(self._clear)
        buttons.setSpacing(6)
        buttons.addStretch()
        buttons.addWidget(add)
        buttons.addWidget(clear)
        buttons.addStretch()
        strip.addWidget(side_buttons)
        layout.addWidget(self._strip)
        self._bar, line, self._title = header("")
        self._size = label("", "muted12")
        line.addWidget(self._size)
        line.addStretch()
        layout.addWidget(self._bar)
        self.stack = QStackedWidget()
        around = QWidget()
        inner = column(around, (16, 16, 16, 16))
        self.zone = DropZone(self._theme, sorted((assets() / "samples").glob("*.png")))
        self.zone.choose_asked.connect(self._choose)
        self.zone.paste_asked.connect(self.paste)
        self.zone.samples_asked.connect(self.add_files)
        inner.addWidget(self.zone)
        self.canvas = Canvas(self._theme)
        self.stack.addWidget(around)
        self.stack.addWidget(self.canvas)
        layout.addWidget(self.stack, 1)
        self._show_parts()
        return side

    def _right_side(self) -> QFrame:
        side = panel("leftLine")
        side.setFixedWidth(300)
        layout = column(side)
        layout.setContentsMargins(1, 0, 0, 0)
        bar, line, _ = header("Top 5")
        line.addStretch()
        self._classes = label("", "muted12")
        line.addWidget(self._classes)
        layout.addWidget(bar)
        self.bars = TopBars(self._theme)
        layout.addWidget(self.bars)
        self._hint = quiet("The five most likely classes appear here.")
        layout.addWidget(self._hint)
        layout.addStretch()
        return side

    # ---- models

    def showEvent(self, event: object) -> None:
        """Read the runs: one may have finished since."""
        chosen = self.run()
        self.models.load(chosen.folder if chosen is not None else None)
        self.setFocus()

    def choose_run(self, folder: Path) -> None:
        """Take a run as the model."""
        self.models.load(folder)

    def run(self) -> RunRow | None:
        """The run that is the model."""
        return self.models.chosen()

    def _model_chosen(self, classes: int) -> None:
        self._classes.setText(f"softmax over {classes} classes")
        self._ask_again()

    # ---- pictures from the user

    def add_files(self, paths: list[Path]) -> None:
        """Take files and folders; the engine finds the pictures in folders."""
        files = [path for path in paths if not path.is_dir()]
        folders = [path for path in paths if path.is_dir()]
        new = self.pictures.add([path.absolute() for path in files])
        self._show_parts()
        if new:
            self.gallery.choose(new[-1])
        elif files:
            known = self.pictures.find(files[-1].absolute())
            if known is not None:
                self.gallery.choose(known)
        self._ask([*(picture.path for picture in new), *(folder.absolute() for folder in folders)])

    def add_image(self, image: QImage) -> None:
        """Take pixels that have no file: from the clipboard, or dragged out of a browser."""
        folder = pasted_folder()
        path = folder / f"pasted-{os.urandom(4).hex()}.png"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._session.say(f"The picture cannot be kept in {folder}: {error.strerror}.", "error")
            return
        if not image.save(str(path)):
            self._session.say(f"The picture cannot be written to {folder}; is the disk full?", "error")
            return
        self.add_files([path])

    def take_mime(self, mime: QMimeData) -> None:
        """Take what was dropped or pasted: files first, then pixels; addresses are never fetched."""
        local = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
        if local:
            self.add_files(local)
        elif mime.hasImage():
            image = mime.imageData()
            if isinstance(image, QImage) and not image.isNull():
                self.add_image(image)
        elif mime.hasUrls():
            self._session.say("That is an address on the network; save the picture first and drop the file.", "warn")
        else:
            self._session.say("There is no picture on the clipboard.", "warn")

    def paste(self) -> None:
        """Take the clipboard."""
        self.take_mime(QGuiApplication.clipboard().mimeData())

    def _choose(self) -> None:
        chosen, _ = QFileDialog.getOpenFileNames(self, "Choose pictures", self._settings.folder, FILTER)
        if chosen:
            self._settings.folder = str(Path(chosen[0]).parent)
            self.add_files([Path(path) for path in chosen])

    def _clear(self) -> None:
        self._jobs.clear()
        self.pictures.clear()
        self.bars.show_scores(())
        self._show_parts()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+V pastes."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
            return
        super().keyPressEvent(event)

    # ---- the engine

    def _ask(self, paths: list[Path]) -> None:
        found = self.run()
        if not paths:
            return
        if found is None:
            self._session.say("There is no trained network yet; train one first, a minute is enough.", "warn")
            return
        readable = [path for path in paths if _has_text_name(path)]
        for path in set(paths) - set(readable):
            picture = self.pictures.find(path)
            if picture is not None:
                picture.error = "Its name is not valid text (UTF-8); rename the file."
                self.pictures.touch(picture)
        if not readable:
            return
        images = tuple(map(str, readable))
        job = self._engines.predict(str(found.folder), images, self._session.device)
        self._jobs[job] = [path for path in readable if path.is_dir()]

    def _ask_again(self) -> None:
        folders = [folder for asked in self._jobs.values() for folder in asked]
        self._jobs.clear()
        self.pictures.forget_answers()
        self._show_answer()
        self._ask([*(picture.path for picture in self.pictures.pictures()), *folders])

    def _device_changed(self) -> None:
        # Also told when the engine has merely found the devices.
        if self._session.device != self._device:
            self._device = self._session.device
            self._ask_again()

    def _take(self, event: Predicted | PredictFailed | JobDone | Failed) -> None:
        if event.job not in self._jobs:
            return  # of pictures that were cleared, or of a network that is no longer the chosen one
        match event:
            case Predicted() | PredictFailed():
                # A folder's pictures become known by their answers.
                path = Path(event.image)
                picture = self.pictures.find(path)
                if picture is None:
                    picture = self.pictures.add([path])[0]
                    self._show_parts()
                if isinstance(event, Predicted):
                    picture.top, picture.milliseconds, picture.error = event.top, event.milliseconds, ""
                else:
                    picture.error = event.error
                self.pictures.touch(picture)
                if self.gallery.chosen() is None:
                    self.gallery.choose(picture)
                if picture is self.gallery.chosen():
                    self._show_picture(picture)
            case Failed():
                self._jobs.pop(event.job, None)
                self._session.say(event.message, "error")
                for picture in self.pictures.pictures():
                    if not picture.top and not picture.error:
                        picture.error = event.message
                        self.pictures.touch(picture)
                self._show_answer()
            case JobDone():
                self._jobs.pop(event.job, None)

    # ---- to the user

    def _show_parts(self) -> None:
        there = bool(self.pictures.pictures())
        self._strip.setVisible(there)
        self._bar.setVisible(there)
        self.stack.setCurrentIndex(1 if there else 0)

    def _show_picture(self, picture: Picture | None) -> None:
        if picture is None:
            return
        self._title.setText(picture.path.name)
        self._size.setText(self.canvas.show_picture(picture))
        self._show_answer()

    def _show_answer(self) -> None:
        picture = self.gallery.chosen()
        self.bars.show_scores(picture.top if picture is not None else ())
        if picture is None or not (picture.top or picture.error):
            self._hint.setText("The five most likely classes appear here.")
        elif picture.error:
            self._hint.setText(picture.error)
        else:
            self._hint.setText(f"{picture.milliseconds:.1f} ms from file to answer")
        self._hint.setVisible(True)

    # ---- drag and drop

    def dragEnterEvent(self, event: object) -> None:
        """Light the drop zone."""
        mime = event.mimeData()  # type: ignore[attr-defined]
        if mime.hasUrls() or mime.hasImage():
            self.zone.light(on=True)
            event.acceptProposedAction()  # type: ignore[attr-defined]

    def dragLeaveEvent(self, _event: object) -> None:
        """It went away again."""
        self.zone.light(on=False)

    def dropEvent(self, event: object) -> None:
        """Take it."""
        self.zone.light(on=False)
        self.take_mime(event.mimeData())  # type: ignore[attr-defined]
