"""The panel "Classes by depth": in which blocks classes come apart, what a probe reads there, how alike blocks are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import numpy as np
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.evaluation.depth import inside
from resnet_gui.evaluation.depth_files import DepthFiles
from resnet_gui.evaluation.folder import Evaluation
from resnet_gui.evaluation.selection import Selection
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.client.latest import LatestRequests
from resnet_gui.gui.evaluate.depth.beside import DepthBeside
from resnet_gui.gui.evaluate.depth.clouds import DepthCloud, EvaluationDepth
from resnet_gui.gui.evaluate.depth.curve_looks import CurveLook, curve_looks
from resnet_gui.gui.evaluate.depth.film import DepthFilm, FilmFrame
from resnet_gui.gui.evaluate.depth.likeness_tab import LikenessTab
from resnet_gui.gui.evaluate.depth.probe_strip import NO_PROBE, ProbeStrip
from resnet_gui.gui.evaluate.notice import PanelNotice
from resnet_gui.gui.evaluate.panel import EvaluationPanel
from resnet_gui.gui.evaluate.state import EvaluateState
from resnet_gui.gui.kit.basic import column, row
from resnet_gui.gui.kit.cloud.cloud_view import NOBODY, CloudView
from resnet_gui.gui.kit.cloud.point_image import Numbers
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.format import percent
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.throttle import Debounce
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.protocol.evaluation_messages import MeasureDepth, ProjectDepth
from resnet_gui.protocol.events import Event, Failed, Progressed

REST_MS: Final = 350
"""So long the slider rests before a t-SNE, which takes seconds, is made."""

NOTHING: Final = "How classes come apart from block to block appears here when a model is measured."
NO_FEATURES: Final = "This evaluation has kept no features. Measure it again to see its classes by depth."
ONE_CLASS: Final = "All pictures are of one class: a probe has nothing to tell apart, and would always be right."
NOT_MEASURED: Final = "Project the features after each block, and fit a linear probe to each."

Method = Literal["pca", "t-sne"]


def no_run(_model: str) -> None:
    """No network is a run."""


def own_look(evaluation: Evaluation | None, run_of: Callable[[str], RunRow | None]) -> CurveLook | None:
    """The look of the curves of a run; None of another network."""
    row = run_of(evaluation.record.model.path) if evaluation is not None else None
    return CurveLook(row.token, int(row.dashed)) if row is not None else None


class DepthPanel(EvaluationPanel):
    """The panel "Classes by depth".

    Attributes:
        cloud: of the features behind one block.
        strip: the probes, the blocks, and the slider that picks one.
        film: of five fixed depths.
        likeness: CKA of the blocks.
        notice: what is shown where there is nothing of it.
    """

    def __init__(
        self, theme: Theme, state: EvaluateState, engines: Engines, run_of: Callable[[str], RunRow | None] = no_run
    ) -> None:
        """Make the panel; ``run_of`` finds the run of a MODEL, whose colour its curve has."""
        super().__init__("Classes by depth")
        self._theme, self._state, self._run_of = theme, state, run_of
        self._depth: EvaluationDepth | None = None
        self._beside = DepthBeside(engines, self)
        self._shown: DepthCloud | None = None
        self._due = False
        self._requests = LatestRequests(engines, self)
        self._requests.answered.connect(self._take)
        self._projecting = Debounce(self, REST_MS, self._ask_projection)
        self._build(engines)
        state.evaluation_changed.connect(self.reload)
        state.other_changed.connect(self._read_other)
        self._beside.changed.connect(self._show_other)
        state.selection_changed.connect(self._mark_selection)
        self.reload()

    def _build(self, engines: Engines) -> None:
        theme = self._theme
        self.views = SegmentedControl(theme, [("cloud", "Cloud", ""), ("cka", "CKA", "")], height=24, fitted=True)
        self.views.setAccessibleName("Cloud of features, or likeness of blocks")
        self.views.chosen.connect(self._show_view)
        self.methods = SegmentedControl(theme, [("pca", "PCA", ""), ("t-sne", "t-SNE", "")], height=24, fitted=True)
        self.methods.setAccessibleName("How features are laid into a plane")
        self.methods.chosen.connect(self._show_place)
        self.tools.addWidget(self.methods)
        self.tools.addWidget(self.views)
        self.cloud = CloudView(theme, "Pictures by their features")
        self.cloud.words = self._words_of
        self.cloud.outlined.connect(self._select_outlined)
        self.cloud.clicked.connect(self._select_clicked)
        self.strip = ProbeStrip(theme)
        self.strip.moved.connect(self._move)
        self.film = DepthFilm(theme)
        self.film.frame_clicked.connect(self.strip.choose)
        self.likeness = LikenessTab(theme, engines)
        self.likeness.row_clicked.connect(self.strip.choose)
        self.likeness.about_changed.connect(self._show_words)
        self.notice = PanelNotice()
        self.notice.requested.connect(self.measure)
        self.notice.progress.cancelled.connect(self._cancel)
        clouds = QWidget()
        line = row(clouds, (16, 8, 16, 10), 18)
        line.addWidget(self.cloud, 41)
        right = column(beside := QWidget(), gap=8)
        right.addWidget(self.strip, 20)
        right.addWidget(self.film, 9)
        line.addWidget(beside, 59)
        self.stack = QStackedWidget()
        for page in (self.notice, clouds, self.likeness):
            self.stack.addWidget(page)
        self.body.addWidget(self.stack, 1)

    # ---- what there is

    def reload(self) -> None:
        """Read what the evaluation on show has kept."""
        self._requests.forget("measure", "project")
        self._depth = self._shown = None
        self._due = False
        evaluation = self._state.evaluation
        if evaluation is None:
            self._show_notice(NOTHING)
            return
        files = DepthFiles(evaluation.folder)
        try:
            if not files.has_features:
                self._show_notice(NO_FEATURES)
            elif not files.is_measured:
                self._show_notice(NOT_MEASURED, "Measure by depth")
                self._due = True
            else:
                self._depth = EvaluationDepth(evaluation)
        except InputError as error:
            self._show_notice(str(error), "Measure by depth", failed=True)
        if self._depth is not None:
            self._show_depth(self._depth)
        self._measure_due()

    def showEvent(self, event: QShowEvent) -> None:
        """What is lacking is measured when it is looked at."""
        super().showEvent(event)
        self._measure_due()

    def _measure_due(self) -> None:
        """Measure what a new evaluation lacks, which takes seconds; once, so that it can be given up."""
        if not self.isVisible():
            return
        if self._due:
            self.measure()
        elif self._depth is not None:
            self._beside.measure_due()

    def _show_notice(self, sentence: str, action: str = "", *, failed: bool = False) -> None:
        self.notice.show_sentence(sentence, action, failed=failed)
        self._show_stack(0)
        self.show_about("")

    def _show_stack(self, number: int) -> None:
        self.stack.setCurrentIndex(number)
        self.views.setVisible(number > 0)
        self.methods.setVisible(number == 1)

    def _read_other(self) -> None:
        """What the model beside has kept; what it lacks is measured too."""
        self._beside.show_evaluation(self._state.other_evaluation)
        if self._depth is not None:
            self._show_depth(self._depth)
        self._measure_due()

    def _show_other(self) -> None:
        """Show what is known of the model beside, or how far its measurement is."""
        if self._depth is None:
            return
        if self._beside.depth is not None:
            self._show_depth(self._depth)
        else:
            self.strip.show_words(self._other_words)
            self.likeness.show_waiting(self._other_words)

    @property
    def _other_words(self) -> str:
        """Why there are no figures of the model beside; empty where there are, or where there is none."""
        name = self._state.other_name or "beside"
        return f"{name}, {self._beside.words}" if self._beside.words else ""

    def _show_depth(self, depth: EvaluationDepth) -> None:
        """Show blocks, curves and film; the slider stays where it is in a network of as many blocks."""
        film = depth.record.film
        same = self.strip.slider.maximum() == len(depth.cells) - 1 and self._shown is not None
        place = self.strip.place if same else film[max(0, len(film) - 2)]
        look, look_beside = curve_looks(*(own_look(each, self._run_of) for each in self._state.both))
        curves = [depth.curve(self._state.name or "network", look)]
        if self._beside.depth is not None:
            curves.append(self._beside.depth.curve(self._state.other_name or "beside", look_beside))
        self.strip.caption, self.strip.nothing = depth.probe_words, ONE_CLASS if depth.of_one_class else NO_PROBE
        self.strip.show_blocks(depth.cells, curves, place)
        self.strip.show_words(self._other_words)
        try:
            frames = [FilmFrame(number, depth.cells[number].name, depth.pca(number).cloud) for number in film]
            self.film.show_frames(frames, place)
        except InputError as error:
            self._show_notice(str(error), "Measure by depth", failed=True)
            return
        self._show_likeness(self._state.evaluation)
        self.likeness.choose(place)
        self._show_view(self.views.key)

    def _show_likeness(self, evaluation: Evaluation | None) -> None:
        if evaluation is None or self._depth is None:
            return
        beside = self._beside.evaluation
        self.likeness.show_evaluations(
            self._depth, (self._state.name, self._state.other_name), beside.folder if beside is not None else None,
            self._other_words,
        )  # fmt: skip

    @property
    def measured(self) -> EvaluationDepth | None:
        """What is measured by depth; None for nothing."""
        return self._depth

    # ---- what is seen

    def _show_view(self, key: str) -> None:
        self.views.set_key(key)
        self._show_stack(2 if key == "cka" else 1)
        if key == "cka":
            self.likeness.begin()
        self._show_place()

    def _move(self, place: int) -> None:
        self.film.choose(place)
        self.likeness.choose(place)
        self._show_place()

    def _show_place(self) -> None:
        """Show the features after the block that the slider reads."""
        depth, place = self._depth, self.strip.place
        if depth is None:
            return
        self._requests.forget("project")
        try:
            found = depth.tsne(place) if self.methods.key == "t-sne" else depth.pca(place)
        except InputError as error:
            found, self.cloud.message = None, str(error)
        else:
            self.cloud.message = ""
            if found is None:
                self.cloud.message = f"A t-SNE of the features after {depth.cells[place].name} is being made"
                self._projecting.request()
        self._show_cloud(found)

    def _show_cloud(self, found: DepthCloud | None) -> None:
        self._shown = found
        self.cloud.show_cloud(found.cloud if found is not None else None)
        self._mark_selection()
        self._show_words()

    def _show_words(self) -> None:
        if self._depth is not None and self.stack.currentIndex() == 2:
            self.show_about(self.likeness.about)
        elif self._depth is not None:
            self.show_about(self._depth.words(self.strip.place, self.methods.key))

    # ---- the selection

    def _mark_selection(self) -> None:
        selection, answers = self._state.selection, self._state.answers
        if self._shown is None or answers is None or selection.is_all:
            self.cloud.show_picked(NOBODY)
            return
        self.cloud.show_picked(np.flatnonzero(selection.mask(answers)[self._shown.pictures]))

    def _select_outlined(self, outline: object) -> None:
        if self._shown is not None and isinstance(outline, np.ndarray):
            self._select(self._shown.pictures[inside(self._shown.cloud.places, outline)])

    def _select_clicked(self, number: int) -> None:
        if self._shown is not None:
            self._select(self._shown.pictures[[number]] if number >= 0 else NOBODY)

    def _select(self, pictures: Numbers) -> None:
        """Select pictures in all panels; none clears what was selected."""
        if len(pictures):
            self._state.select(Selection(numbers=tuple(np.sort(pictures).tolist())))
        else:
            self._state.clear_selection()

    def _words_of(self, point: int) -> str:
        """Which picture a point is, its class and its answer."""
        answers = self._state.answers
        if self._shown is None or answers is None:
            return ""
        number = int(self._shown.pictures[point])
        temperature = self._state.temperature
        sure = percent(float(answers.confidence_at(temperature)[number]))
        if temperature != 1:
            sure += f" at temperature {temperature:.2f}"
        truth, answer = answers.labels[answers.truth[number]], answers.labels[answers.answer[number]]
        name = answers.files[number] or f"picture {number}"
        return f"{name}\nis {truth}, answered {answer} {sure}"

    # ---- engines

    def measure(self) -> None:
        """Measure what the folder of the evaluation lacks."""
        folder = self._state.folder
        self._due = False
        if folder is None:
            return
        self.notice.show_running("Features are projected, and probes fitted")
        self._requests.ask("measure", lambda number: MeasureDepth(number, str(folder)))

    def _cancel(self) -> None:
        self._requests.forget("measure")
        self._show_notice(NOT_MEASURED, "Measure by depth")

    def _ask_projection(self) -> None:
        folder, depth, place = self._state.folder, self._depth, self.strip.place
        if folder is None or depth is None or self.methods.key != "t-sne" or self._shown is not None:
            return
        path = depth.path(place)
        self._requests.ask("project", lambda number: ProjectDepth(number, str(folder), path, "t-sne"))

    def _take(self, kind: str, event: Event) -> None:
        match kind, event:
            case "measure", Progressed(done=done, total=total):
                self.notice.progress.show_progress(done, total, event.sentence)
            case "measure", Failed(message=message):
                self._show_notice(message, "Measure by depth", failed=True)
            case "measure", _:
                self.reload()
            case "project", Progressed():
                self.cloud.message = event.sentence
                self.cloud.update()
            case "project", Failed(message=message):
                self.cloud.message = message
                self.cloud.update()
            case "project", _:
                self._show_place()
