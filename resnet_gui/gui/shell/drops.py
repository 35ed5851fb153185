"""The one road of what is dropped on the window: a design, weights or a run is opened, pictures are classified."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from PySide6.QtCore import QMimeData, QObject, QRectF, Qt, QUrl, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.common.dropped_kinds import (
    holds_classes,
    is_card,
    is_network,
    is_openable,
    local_files,
    may_be_picture,
    without_pictures,
)
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.shell.first_steps import FirstSteps
from resnet_gui.gui.shell.pages import WELCOME

if TYPE_CHECKING:
    from resnet_gui.gui.shell.application import Application


Act = Literal["dropped", "named"]
"""What the user has done with files: dropped them on the window, or named them on the command line."""

MARGIN, CAPTION = 8, 34


class DropRoad(NamedTuple):
    """The way that something dropped will take.

    Attributes:
        words: in one sentence.
        work: does it.
        page: key of the page that takes it; empty where nobody does.
    """

    words: str
    work: Callable[[], object]
    page: str = ""


class DropLight(QWidget):
    """The light over the page on show while something hangs over the window: what will become of it."""

    def __init__(self, theme: Theme, stack: QWidget) -> None:
        super().__init__(stack)
        self._theme, self._stack = theme, stack
        self._words, self._taken = "", False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("What a drop does here")
        self.hide()

    @property
    def words(self) -> str:
        """What is shown; empty for nothing."""
        return self._words

    def show_road(self, words: str, *, taken: bool) -> None:
        """Say what will become of it; ``taken`` is whether anybody takes it. No words for nothing."""
        self._words, self._taken = words, taken
        self.setAccessibleDescription(words)
        self.setGeometry(self._stack.rect())
        self.setVisible(bool(words))
        self.raise_()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw a frame where it is taken, and the sentence."""
        painter, color = QPainter(self), self._theme.color
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        if self._taken:
            painter.setPen(QPen(color("acc"), 2, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(frame, 8, 8)
        text = ink(elided(self._words, int(frame.width()) - 80, 13, 600), 13, 600)
        box = QRectF(frame.center().x() - text.width / 2 - 16, frame.bottom() - CAPTION - 12, text.width + 32, CAPTION)
        painter.setPen(QPen(color("acc" if self._taken else "err"), 1))
        painter.setBrush(color("accsoft" if self._taken else "errsoft"))
        painter.drawRoundedRect(box, 8, 8)
        painter.setPen(color("t1"))
        text.draw_in(painter, box, "centre")


class DropHandler(QObject):
    """The receiver of drops anywhere on the window, which says so where one is of no use.

    Attributes:
        light: over the page on show.

    Signals:
        announced: key of the page that would take what hangs over the window; empty for none, or for nothing there.
    """

    announced = Signal(str)

    def __init__(self, app: Application) -> None:
        super().__init__(app)
        self._app = app
        self.light = DropLight(app.theme, app.window.stack)
        app.window.dropped.connect(self.take)
        app.window.dragged.connect(self._show)

    def take(self, mime: QMimeData) -> None:
        """Do with it what was announced."""
        self.road(mime).work()

    def _show(self, mime: QMimeData | None) -> None:
        road = self.road(mime) if mime is not None else DropRoad("", lambda: None)
        self.light.show_road(road.words, taken=bool(road.page))
        self.announced.emit(road.page)

    def open_first(self, paths: Sequence[Path]) -> None:
        """Open what the command line names in a new window, as where it is dropped on the welcome page.

        Of several files that are not all pictures, weights are those to classify the pictures with.
        """
        if paths:
            self._road(_mime_of(paths), WELCOME if len(paths) == 1 else "predict", "named").work()

    def road(self, mime: QMimeData) -> DropRoad:
        """The way of what is dropped on the page on show.

        A design, or that of weights or of a run, is opened; where the Predict page is on show, pictures are classified
        with these. The folder of an evaluation is shown on the Evaluate page, from everywhere. Where the Train page is,
        a new run learns from data, and begins from weights; where the Evaluate page is, weights are measured, on the
        data that is dropped. Everything else is the Predict page's, which takes pictures and pixels and refuses
        addresses and text.
        """
        return self._road(mime, "", "dropped")

    def _road(self, mime: QMimeData, page: str, act: Act) -> DropRoad:
        """The way on a page; on that on show where none is named."""
        app, files = self._app, local_files(mime)
        name = files[0].name if files else ""

        def shows(key: str) -> bool:
            return key == page if page else app.shows(key)

        if len(files) == 1 and is_card(files[0]):
            return DropRoad(f"Drop to open the card {name} in the Lab", lambda: app.open_card(files[0]), "lab")
        if len(files) == 1 and _is_evaluation(files[0]):
            return DropRoad(f"Drop to open the evaluation {name}", lambda: app.open_evaluation(files[0]), "evaluate")
        if shows("evaluate") and app.evaluate_page().takes_files(files):
            words = f"Drop to measure {name}" if is_network(files[0]) else f"Drop to measure on {name}"
            return DropRoad(words, lambda: app.evaluate_page().take_files(files), "evaluate")
        if shows(WELCOME) and len(files) == 1 and holds_classes(files[0]):
            return DropRoad(f"Drop: a new run learns from {name}", lambda: FirstSteps(app).train_on(files[0]), "train")
        preparation = app.train_page().preparation if shows("train") else None
        if preparation is not None and preparation.takes_files(files):
            words = "Drop: a new run begins from" if is_network(files[0]) else "Drop: a new run learns from"
            return DropRoad(f"{words} {name}", lambda: preparation.take_files(files), "train")
        predicting = shows("predict")
        if len(files) == 1 and is_openable(files[0]) and not (predicting and is_network(files[0])):
            return DropRoad(f"Drop to open the design of {name}", lambda: app.files.open(files[0]), "design")
        return self._to_predict(mime, act, predicting=predicting)

    def _to_predict(self, mime: QMimeData, act: Act, *, predicting: bool) -> DropRoad:
        app, files = self._app, local_files(mime)
        of_predict = [path for path in files if may_be_picture(path) or (predicting and is_network(path))]
        alone = [path for path in files if is_openable(path) and path not in of_predict]
        if files and not of_predict:
            sentence = _refusal(files, alone, act)
            return DropRoad(sentence, lambda: app.session.say(sentence, "error"))
        if not files and not mime.hasImage():
            # Nobody takes it, so the page on show stays.
            refusal = without_pictures(mime)
            return DropRoad(refusal, lambda: app.session.say(refusal, "warn"))
        networks = [path for path in of_predict if is_network(path)]
        words = f"Drop to classify with {networks[-1].name}" if networks else "Drop to classify"
        return DropRoad(words, lambda: self._predict(mime, alone, act), "predict")

    def _predict(self, mime: QMimeData, alone: Sequence[Path], act: Act) -> None:
        """Give the Predict page what it takes, and leave out what has to come by itself."""
        app = self._app
        if alone:
            app.session.say(f"{alone[0].name} is left out: {_alone(act)}.", "warn")
            mime = _mime_of([path for path in local_files(mime) if path not in alone])
        app.show_page("predict")
        app.predict_page().take_mime(mime)


def _mime_of(paths: Sequence[Path]) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def _alone(act: Act) -> str:
    return f"a design, weights file or run is {act} by itself, one at a time"


def _is_evaluation(path: Path) -> bool:
    """Whether it is the folder of an evaluation that was measured."""
    from resnet_gui.evaluation.folder import RECORD_FILE

    return (path / RECORD_FILE).is_file()


def _refusal(files: Sequence[Path], alone: Sequence[Path], act: Act) -> str:
    """Why nothing of what was dropped is taken."""
    if alone:
        return f"{len(files)} files were {act}, and {alone[0].name} is one of them: {_alone(act)}."
    if _is_empty_folder(files[0]):
        return f"The folder {files[0].name} is empty; choose one that has pictures, or a run, in it."
    return f"{files[0].name} is neither a design, weights or a run, nor a picture."


def _is_empty_folder(path: Path) -> bool:
    """Whether it is a folder that has nothing in it."""
    try:
        return path.is_dir() and next(path.iterdir(), None) is None
    except OSError:  # it may not be looked into
        return False
