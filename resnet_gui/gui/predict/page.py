"""The Predict page: a network, pictures, what it takes them for, and what it sees."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from resnet_gui.base.files import assets
from resnet_gui.data.preprocessing import crop_boxes
from resnet_gui.data.weights_catalogue import SHIPPED
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.common.dropped_files import is_openable
from resnet_gui.gui.kit.basic import column, row
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.answer.panel import AnswerPanel
from resnet_gui.gui.predict.answer_presenter import AnswerPresenter
from resnet_gui.gui.predict.explain.controller import ExplainController
from resnet_gui.gui.predict.export import export_answers
from resnet_gui.gui.predict.model_controller import ModelController
from resnet_gui.gui.predict.network.panel import ModelPanel
from resnet_gui.gui.predict.picture_input import PictureInput
from resnet_gui.gui.predict.pictures.drop_zone import DropZone
from resnet_gui.gui.predict.pictures.model import Picture
from resnet_gui.gui.predict.pictures.strip import PictureStrip
from resnet_gui.gui.predict.pictures.table import PictureTable
from resnet_gui.gui.predict.pictures.viewer import PictureViewer
from resnet_gui.gui.predict.predictions import Predictions
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings

LEFT, RIGHT, NARROW_LEFT, NARROW_RIGHT, NARROW = 280, 384, 224, 290, 1200
INVITATION, VIEWER, TABLE = range(3)


class PredictPage(QWidget):
    """Shows pictures and asks the engine about them.

    Signals:
        train_requested: there is no run yet and the user wants one.
    """

    train_requested = Signal()

    def __init__(self, session: Session, engines: Engines, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self._session, self._theme, self._settings = session, theme, settings
        self._counting = QTimer(self, singleShot=True, interval=50)  # not ten thousand times for as many pictures
        self._wanted = settings.network or SHIPPED
        session.runs.load(settings.followed)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.predictions = Predictions(engines, self)
        self.pictures = self.predictions.pictures
        self.models, self.answer = ModelPanel(theme, session.runs), AnswerPanel(theme)
        self.network = ModelController(session, engines, self.models, settings)
        self.intake = PictureInput(session, settings, self)
        layout = row(self, gap=0)
        layout.addWidget(self.models)
        layout.addWidget(self._middle(), 1)
        layout.addWidget(self.answer)
        self.looks = ExplainController(engines, self.look, self.canvas, self.answer.seen)
        self.answering = AnswerPresenter(self.predictions, self.network, self.looks, self.answer, self.viewer)
        self._connect()
        self._show_parts()

    # ---- construction

    def _middle(self) -> QWidget:
        theme, side = self._theme, QWidget()
        layout = column(side)
        self.strip = PictureStrip(theme, self.pictures)
        self.gallery = self.strip.gallery
        layout.addWidget(self.strip)
        self.stack = QStackedWidget()
        around = QWidget()
        around.setObjectName("canvas")
        around.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.zone = DropZone(theme, _samples())
        column(around, (16, 16, 16, 16)).addWidget(self.zone)
        self.stack.addWidget(around)
        viewer = self.viewer = PictureViewer(theme)
        self.bar, self.canvas, self.scale, self.look = viewer.bar, viewer.canvas, viewer.scale, viewer.look
        self.stack.addWidget(viewer)
        self.table = PictureTable(theme, self.pictures)
        self.stack.addWidget(self.table)
        layout.addWidget(self.stack, 1)
        return side

    def _connect(self) -> None:
        strip, predictions, zone, looks = self.strip, self.predictions, self.zone, self.looks
        self.models.train_requested.connect(self.train_requested)
        self.network.changed.connect(self._network_changed)
        self.network.introduced.connect(self._network_known)
        self.intake.pictures_given.connect(self.add_files)
        for signal, work in (
            (zone.choose_requested, self.intake.choose), (zone.paste_requested, self.paste),
            (zone.samples_requested, self.add_files), (strip.add_requested, self.intake.choose),
            (strip.clear_requested, self._clear),
            (strip.cancel_requested, predictions.cancel), (strip.table_toggled, self._show_parts),
            (strip.gallery.picture_chosen, self._show_picture), (self.table.picture_chosen, self._look_at),
            (self.table.export_requested, self._export), (predictions.answered, self._answered),
            (predictions.changed, self._show_parts), (predictions.message, self._session.say),
            (self.bar.target_chosen, looks.choose_target), (self.bar.point_chosen, looks.choose_point),
            (self.bar.strength_changed, self.canvas.set_strength), (looks.point_changed, self.bar.show_point),
            (self.look.ladder.requested, self._show_points), (self.canvas.shown, self._show_crops),
            (self.canvas.overlay_changed, self.scale.show_scale), (self._counting.timeout, self._show_counts),
        ):  # fmt: skip
            signal.connect(work)
        self.bar.cam_toggled.connect(lambda on: looks.show_cam(on=on))
        looks.failed.connect(lambda sentence: self._session.say(sentence, "warn"))

    # ---- the network

    def showEvent(self, event: object) -> None:
        """Read the runs: one may have finished since."""
        wanted, self._wanted = self._wanted, ""
        self.models.load(wanted)
        if wanted and self.models.model != wanted and _is_network(Path(wanted)):
            self.models.open_file(Path(wanted))
        self.setFocus()

    def choose_run(self, folder: Path) -> None:
        """Take a run as the network."""
        self._wanted = ""
        self.models.load(str(folder))

    def open_network(self, path: Path) -> None:
        """Take a weights file or a run as the network."""
        self._wanted = ""
        self.models.open_file(path)

    def _network_changed(self) -> None:
        # The pictures are asked about when it is loaded: until it is known that it can be, the answers stay.
        self.looks.wait()
        if self.network.subject is None:
            self.predictions.set_subject(None)
            self.looks.set_network(None, None)
        else:
            self.predictions.hold()
        self.bar.show_classes((), -1)
        self._show_crops()
        self.answering.forget()

    def _network_known(self) -> None:
        known, subject = self.network.known, self.network.subject
        if known is None or subject is None:
            return
        self.predictions.set_subject(subject, self.gallery.chosen())
        self.predictions.set_classes(known.classes)
        self.looks.set_network(subject, known)
        self.bar.show_classes(known.classes, self.looks.target)
        self._show_points()
        self._show_crops()
        self.answering.show_network()

    # ---- pictures from the user

    def add_files(self, paths: list[Path]) -> None:
        """Take files and folders; weights among them become the network."""
        networks = [path for path in paths if _is_network(path)]
        if networks:
            self.open_network(networks[-1].absolute())
        pictures = [path for path in paths if path not in networks]
        chosen = self.predictions.add(pictures) if pictures else None
        if chosen is not None:
            self.gallery.choose(chosen)
        if pictures and self.network.subject is None and not self._wanted:
            self._session.say("Choose a network on the left; the pictures are classified then.", "warn")

    def take_mime(self, mime: QMimeData) -> None:
        """Take what was dropped."""
        self.intake.take_mime(mime)

    def paste(self) -> None:
        """Take the clipboard."""
        self.intake.paste()

    def _clear(self) -> None:
        self.predictions.clear()
        self.looks.set_picture(None)
        self.answering.set_picture(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+V pastes."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
            return
        super().keyPressEvent(event)

    # ---- answers

    def _answered(self, picture: Picture) -> None:
        if self.gallery.chosen() is None:
            self.gallery.choose(picture)
        elif picture is self.gallery.chosen():
            self.canvas.show_state(picture)
            self._show_crops()
            self.looks.look_once()
            self.answering.ask_lesioned()
        if not self._counting.isActive():
            self._counting.start()

    def _export(self) -> None:
        export_answers(self, self.pictures, self._session, self._settings)

    # ---- to the user

    def _show_parts(self) -> None:
        there = bool(self.pictures.rowCount())
        self.strip.setVisible(there)
        self.stack.setCurrentIndex((TABLE if self.strip.table else VIEWER) if there else INVITATION)
        self._show_counts()
        self.answering.show()

    def _show_counts(self) -> None:
        self.table.show_counts()
        self.strip.show_counts(*self.pictures.counts(), busy=self.predictions.busy)

    def _look_at(self, picture: Picture) -> None:
        self.strip.set_table(on=False)
        self._show_parts()
        self.gallery.choose(picture)

    def _show_picture(self, picture: Picture | None) -> None:
        self.answering.set_picture(picture)
        if picture is None:
            return
        self.canvas.show_picture(picture)
        self.bar.show_picture(picture.path.name)
        self.looks.set_picture(picture)
        self._show_crops()

    def _show_crops(self) -> None:
        picture, known, subject = self.gallery.chosen(), self.network.known, self.network.subject
        if picture is None:
            return
        size = picture.size if picture.size[0] else self.canvas.picture_size
        self.bar.show_size(size)
        if known is None or subject is None or not size[0] or picture.error:
            self.canvas.show_crops((), size, (1, 1), None)
            self.answer.seen.show_original(self.canvas.image, size, None)
        else:
            shape = known.spec.input
            boxes = crop_boxes(size, shape, known.preprocess, subject.views)
            # What is explained is always the one central crop, which may be larger than the middle one of ten.
            seen = crop_boxes(size, shape, known.preprocess)[0]
            self.canvas.show_crops(boxes, size, (shape[2], shape[1]), seen)
            self.answer.seen.show_original(self.canvas.image, size, seen)

    def _show_points(self) -> None:
        if self.network.known is not None:
            self.bar.show_points(self.network.known.spec, self.look.ladder.inside(), self.looks.point)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Both sides give way in a narrow window."""
        narrow = self.width() < NARROW
        self.models.setFixedWidth(NARROW_LEFT if narrow else LEFT)
        self.answer.setFixedWidth(NARROW_RIGHT if narrow else RIGHT)
        super().resizeEvent(event)

    # ---- the window

    def remember(self, settings: Settings) -> None:
        """Keep what was chosen for the next time."""
        settings.network = self.models.model or settings.network

    def leave(self) -> None:
        """The window closes."""
        self.network.downloads.cancel_all()
        self.gallery.thumbnails.stop()
        self.canvas.reader.stop()

    # ---- drag and drop

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Light the drop zone."""
        mime = event.mimeData()
        if (mime.hasUrls() or mime.hasImage() or mime.hasText()) and not _is_design(mime):
            self.zone.light(on=True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, _event: object) -> None:
        """It went away again."""
        self.zone.light(on=False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take it."""
        self.zone.light(on=False)
        event.acceptProposedAction()
        self.take_mime(event.mimeData())


def _is_network(path: Path) -> bool:
    return path.suffix.casefold() != ".json" and is_openable(path)


def _is_design(mime: QMimeData) -> bool:
    """Whether only a design is there, which the window opens."""
    return [Path(url.toLocalFile()).suffix.casefold() for url in mime.urls()] == [".json"]


def _samples() -> list[Path]:
    folder = assets() / "samples"
    return [*sorted(folder.glob("*.jpg")), *sorted(folder.glob("*.png"))]
