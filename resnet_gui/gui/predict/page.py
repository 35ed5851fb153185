"""The Predict page: a network, pictures, what it takes them for, and why."""

from __future__ import annotations

from pathlib import Path

import msgspec
from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from resnet_gui.data.preprocessing import crop_boxes
from resnet_gui.data.weights_catalogue import SHIPPED
from resnet_gui.design.spec import Design
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.common.banner import Banner
from resnet_gui.gui.common.dropped_kinds import is_network
from resnet_gui.gui.common.presentation import PresentedPane, enlarged_panes
from resnet_gui.gui.kit.basic import column, panel, row
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.throttle import Throttle
from resnet_gui.gui.kit.window.splitter_sizes import restore_sizes
from resnet_gui.gui.predict.answer.panel import AnswerPanel
from resnet_gui.gui.predict.answer_presenter import AnswerPresenter
from resnet_gui.gui.predict.branch_share import BranchShareController
from resnet_gui.gui.predict.explain.controller import ExplainController
from resnet_gui.gui.predict.explain.lesions import LesionView
from resnet_gui.gui.predict.explain.views import VIEWS
from resnet_gui.gui.predict.export import export_answers
from resnet_gui.gui.predict.model_controller import ModelController
from resnet_gui.gui.predict.network.panel import ModelPanel
from resnet_gui.gui.predict.opening_sample import OpeningSample, samples
from resnet_gui.gui.predict.picture_input import PictureInput
from resnet_gui.gui.predict.pictures.drop_zone import DropZone
from resnet_gui.gui.predict.pictures.model import Picture
from resnet_gui.gui.predict.pictures.strip import PictureStrip
from resnet_gui.gui.predict.pictures.table import PictureTable
from resnet_gui.gui.predict.pictures.viewer import HEIGHTS, PictureViewer
from resnet_gui.gui.predict.plain_network import PlainNetworkAlterer, digit, plain_network
from resnet_gui.gui.predict.predictions import Predictions, forget_pasted
from resnet_gui.gui.predict.state import PredictState
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.protocol.jobs import ModelRequest
from resnet_gui.training.start import StartRequest

LEFT, RIGHT, NARROW_LEFT, NARROW_RIGHT, NARROW = 280, 384, 224, 290, 1200
INVITATION, VIEWER, TABLE = range(3)
COUNT_MS = 50
"""Answers are counted so often at most: not ten thousand times for as many pictures."""


class PredictPage(QWidget):
    """The Predict page, which shows pictures and what networks answer about them.

    Signals:
        train_requested: there is no run yet and the user wants one.
        begin_requested: a new run is to begin from these weights (``StartRequest``), which have this design.
    """

    train_requested = Signal()
    begin_requested = Signal(object, object)

    def __init__(self, session: Session, engines: Engines, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self._session, self._theme, self._settings = session, theme, settings
        self._counting = Throttle(self, COUNT_MS, self._show_counts)
        self._wanted = settings.network or SHIPPED
        session.runs.load(settings.followed)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.state = PredictState(self, view=VIEWS[0].key, session=session)
        self.predictions = Predictions(engines, self)
        self.pictures = self.predictions.pictures
        self.models, self.answer = ModelPanel(theme, session.runs), AnswerPanel(theme)
        self.network = ModelController(session, engines, self.state, self.models, settings)
        self.picture_input = PictureInput(session, settings, self)
        self.sample = OpeningSample(self.state, self.predictions, wanted=True)
        self.network.gallery = self.sample.others
        layout = row(self, gap=0)
        layout.addWidget(self.models)
        layout.addWidget(self._middle(), 1)
        layout.addWidget(self.answer)
        self.explain_controller = ExplainController(engines, self.state, self.explain, self.canvas)
        self.presenter = AnswerPresenter(self.state, self.predictions, self.network, self.answer, self.viewer)
        self.shares = BranchShareController(
            self.state, self.explain.widget(LesionView), self.predictions, self.explain_controller
        )
        self.alterer = PlainNetworkAlterer(self.state)
        self.explain.widget(LesionView).show_plain(there=plain_network() is not None)
        self._connect()
        self._show_parts()

    # ---- construction

    def _middle(self) -> QWidget:
        theme, side = self._theme, QWidget()
        layout = column(side)
        self.strip = PictureStrip(theme, self.pictures)
        self.gallery, self.banner = self.strip.gallery, Banner(theme)
        for part in (self.banner, self.strip):
            layout.addWidget(part)
        self.stack = QStackedWidget()
        around = panel("canvas")
        self.zone = DropZone(theme, samples())
        column(around, (16, 16, 16, 16)).addWidget(self.zone)
        self.stack.addWidget(around)
        viewer = self.viewer = PictureViewer(theme, self.state)
        restore_sizes(viewer, self._settings.explained)
        self.bar, self.canvas, self.scale, self.explain = viewer.bar, viewer.canvas, viewer.scale, viewer.explain
        self.stack.addWidget(viewer)
        self.table = PictureTable(theme, self.pictures, self.strip.shown)
        self.table.dragged.restore(self._settings.column_widths)
        self.stack.addWidget(self.table)
        layout.addWidget(self.stack, 1)
        return side

    def panes(self) -> tuple[PresentedPane, ...]:
        """What presentation mode shows of this page: the picture, the answer, what the network saw, all pictures."""
        seen, bars, canvas = ("What the network sees", self.answer.preprocessing), self.answer.bars, self.canvas
        last = (("Explanation", self.explain, bars, canvas), ("Pictures", self.table))
        return enlarged_panes(self, (("Picture", canvas), ("Answer", bars), seen, *last))

    def _connect(self) -> None:
        strip, predictions, zone, state, bar = self.strip, self.predictions, self.zone, self.state, self.bar
        for signal, work in (
            (self.models.train_requested, self.train_requested), (self.models.begin_requested, self._begin),
            (self.picture_input.pictures_given, self.add_files), (self.sample.shown, self.gallery.choose),
            (state.model_changed, self._model_changed), (state.model_loaded, self._model_loaded),
            (state.picture_changed, self._show_picture), (state.picture_answered, self._show_answer),
            (predictions.folders_told, self.banner.show_problems), (state.naming_changed, self._show_locations),
            (state.block_changed, self._show_locations),
            (state.location_changed, lambda: bar.show_point(state.location)),
            (zone.choose_requested, self.picture_input.choose), (zone.paste_requested, self.paste),
            (zone.samples_requested, self.add_files), (strip.add_requested, self.picture_input.choose),
            (strip.clear_requested, self._clear), (strip.cancel_requested, predictions.cancel),
            (strip.table_toggled, self._show_parts), (strip.gallery.picture_chosen, state.set_picture),
            (self.table.picture_chosen, self._show_large), (self.table.export_requested, self._export),
            (predictions.answered, self._answered), (predictions.changed, self._show_parts),
            (predictions.message, self._session.say), (bar.target_chosen, state.set_target),
            (bar.location_chosen, state.set_location), (bar.cam_toggled, state.set_cam),
            (bar.strength_changed, self.canvas.set_strength), (self.canvas.shown, self._show_crops),
            (self.canvas.overlay_changed, self.scale.show_scale),
        ):  # fmt: skip
            signal.connect(work)
        self.explain_controller.drawing_named.connect(bar.show_drawing)
        self.explain.widget(LesionView).plain_requested.connect(self.show_plain)
        self.explain_controller.failed.connect(lambda sentence: self._session.say(sentence, "warn"))

    # ---- the network

    def showEvent(self, event: object) -> None:
        """Read the runs: one may have finished since, or have been calibrated."""
        self.presenter.look_for_calibration()
        wanted, self._wanted = self._wanted, ""
        self.models.load(wanted)
        if wanted and self.models.model != wanted and is_network(Path(wanted)):
            self.models.open_file(Path(wanted))
        if (kept := self._settings.network_request) is not None and wanted == self.models.model == kept.model:
            self.choose_request(kept)
        self.setFocus()

    def choose_run(self, folder: Path) -> bool:
        """Take a run as the network; whether it can be, else the one before stays and the user is told."""
        if there := self.network.can_take_run(folder):
            self._wanted = ""
            self.models.load(str(folder))
        return there

    def choose_request(self, request: ModelRequest) -> None:
        """Take a network as it was asked elsewhere, unless it is asked so already; where it computes is no matter."""
        self._wanted = ""
        asked = self.state.model_request
        if asked is None or msgspec.structs.replace(asked, device=request.device) != request:
            self.models.show_request(request)

    def open_network(self, path: Path) -> None:
        """Take a weights file or a run as the network."""
        self._wanted = ""
        self.models.open_file(path)

    def show_plain(self) -> None:
        """Do to the plain network inside what is done to this one, on a digit, which it can know."""
        folder = plain_network()
        if folder is not None:
            self.alterer.take()
            self.choose_run(folder)
            if not self.sample.alone and not self.alterer.has_grey:
                self.add_files([digit()])

    def _begin(self) -> None:
        request, loaded = self.state.model_request, self.state.loaded
        if request is not None and loaded is not None:
            start = StartRequest(model=request.model, key=request.key, assigned=request.assigned)
            self.begin_requested.emit(start, Design(name=loaded.name, spec=loaded.spec))

    def _model_changed(self) -> None:
        self.models.begin.setEnabled(False)
        # The pictures are asked about when it is loaded: until it is known that it can be, the answers stay.
        if self.state.model_request is None:
            self.predictions.set_model(None, ())
        else:
            self.predictions.hold()
        self.bar.show_classes((), -1)
        self._show_crops()

    def _model_loaded(self) -> None:
        state, loaded = self.state, self.state.loaded
        self.models.begin.setEnabled(loaded is not None)
        if loaded is None or state.model_request is None:
            return
        self.predictions.set_model(state.model_request, loaded.classes, state.picture)
        self.bar.show_classes(loaded.classes, state.target)
        self._show_locations()
        self._show_crops()

    # ---- pictures from the user

    def add_files(self, paths: list[Path]) -> None:
        """Take files and folders; weights among them become the network."""
        networks = [path for path in paths if is_network(path)]
        if len(networks) < len(paths):
            self.sample.give_way()
        if networks:
            self.open_network(networks[-1].absolute())
        pictures = [path for path in paths if path not in networks]
        chosen = self.predictions.add(pictures) if pictures else None
        if chosen is not None:
            self.gallery.choose(chosen)
        if pictures and self.state.model_request is None and not self._wanted:
            self._session.say("Choose a network on the left; the pictures are classified then.", "warn")

    def take_mime(self, mime: QMimeData) -> None:
        """Take what was dropped on the window."""
        self.picture_input.take_mime(mime)

    def light(self, *, on: bool) -> None:
        """Light the drop zone while something hangs over the window that the page will take."""
        self.zone.light(on=on)

    def paste(self) -> None:
        """Take the clipboard."""
        self.picture_input.paste()

    def _clear(self) -> None:
        self.sample.wanted = False
        self.predictions.clear()
        self.state.set_picture(None)

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
        else:
            self.state.take_answer(picture)
        self._counting.request()

    def _export(self) -> None:
        export_answers(self, self.pictures, self._session, self._settings)

    # ---- to the user

    def _show_parts(self) -> None:
        there = bool(self.pictures.rowCount())
        self.strip.setVisible(there)
        self.stack.setCurrentIndex((TABLE if self.strip.table else VIEWER) if there else INVITATION)
        self._show_counts()
        self.presenter.show()

    def _show_counts(self) -> None:
        self.table.show_counts()
        self.strip.show_counts(*self.pictures.counts(), busy=self.predictions.busy)

    def _show_large(self, picture: Picture) -> None:
        self.strip.set_table(on=False)
        self._show_parts()
        self.gallery.choose(picture)

    def _show_picture(self) -> None:
        picture = self.state.picture
        if picture is not None:
            self.canvas.show_picture(picture)
            self.bar.show_picture(picture.path.name)
            self._show_crops()

    def _show_answer(self) -> None:
        if self.state.picture is not None:
            self.canvas.show_state(self.state.picture)
            self._show_crops()

    def _show_crops(self) -> None:
        picture, loaded, request = self.state.picture, self.state.loaded, self.state.model_request
        if picture is None:
            return
        size = picture.size if picture.size[0] else self.canvas.picture_size
        self.bar.show_size(size)
        if loaded is None or request is None or not size[0] or picture.error:
            self.canvas.show_crops((), size, (1, 1), None)
            self.answer.preprocessing.show_original(self.canvas.image, size, None)
        else:
            shape = loaded.spec.input
            boxes = crop_boxes(size, shape, loaded.preprocess, request.views)
            # What is explained is always the one central crop, which may be larger than the middle one of ten.
            explained = crop_boxes(size, shape, loaded.preprocess)[0]
            self.canvas.show_crops(boxes, size, (shape[2], shape[1]), explained)
            self.answer.preprocessing.show_original(self.canvas.image, size, explained)

    def _show_locations(self) -> None:
        if (loaded := self.state.loaded) is not None:
            self.bar.show_locations(loaded.spec, self.state)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Both sides give way in a narrow window."""
        narrow = self.width() < NARROW
        self.models.setFixedWidth(NARROW_LEFT if narrow else LEFT)
        self.answer.setFixedWidth(NARROW_RIGHT if narrow else RIGHT)
        super().resizeEvent(event)

    # ---- the window

    def arrange(self, settings: Settings) -> None:
        """Give picture, explanation and columns their sizes of an earlier time, or those at first."""
        restore_sizes(self.viewer, settings.explained or HEIGHTS)
        self.table.dragged.restore(settings.column_widths)

    def remember(self, settings: Settings) -> None:
        """Keep what was chosen for the next time."""
        if (request := self.models.model_request()) is not None:
            settings.network, settings.network_request = request.model, request
        settings.explained = self.viewer.sizes()
        settings.column_widths = self.table.dragged.kept(settings.column_widths)

    def loses(self) -> str:
        """The pictures, which are not kept for the next time."""
        return "the pictures on Predict" if self.pictures.rowCount() and not self.sample.alone else ""

    def leave(self) -> None:
        """The window closes."""
        self.network.downloads.cancel_all()
        self.gallery.thumbnails.stop()
        self.canvas.reader.stop()
        forget_pasted()
