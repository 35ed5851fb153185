"""The Evaluate page: a model on labelled pictures, and where and why it fails."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QProgressBar, QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.evaluation.folder import read_evaluation
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.common.banner import Banner
from resnet_gui.gui.common.dropped_kinds import is_network
from resnet_gui.gui.common.enlarged_widget import EnlargedWidget
from resnet_gui.gui.common.network_model import NetworkModel
from resnet_gui.gui.common.presentation import PresentedPane, enlarged_panes
from resnet_gui.gui.evaluate.area import NARROW, PanelArea, Place
from resnet_gui.gui.evaluate.bar.bar import EvaluationBar
from resnet_gui.gui.evaluate.cards.cards import AGAINST, HARDEST, CardRow
from resnet_gui.gui.evaluate.classes.panel import ClassPanel
from resnet_gui.gui.evaluate.comparison import ShownComparison
from resnet_gui.gui.evaluate.depth.panel import DepthPanel
from resnet_gui.gui.evaluate.exports import EvaluationExports
from resnet_gui.gui.evaluate.fetching import MissingFiles
from resnet_gui.gui.evaluate.figures import EvaluationFigures
from resnet_gui.gui.evaluate.gallery.panel import GalleryPanel
from resnet_gui.gui.evaluate.invitation import EvaluationInvitation
from resnet_gui.gui.evaluate.matrix import MatrixPanel
from resnet_gui.gui.evaluate.measuring import EvaluationMeasuring, asked_model
from resnet_gui.gui.evaluate.opening import SourceChooser, holds_data, refusal
from resnet_gui.gui.evaluate.presenter import EvaluationPresenter
from resnet_gui.gui.evaluate.question import EvaluationQuestion
from resnet_gui.gui.evaluate.reliability.panel import ReliabilityPanel
from resnet_gui.gui.evaluate.robustness.panel import RobustnessPanel
from resnet_gui.gui.evaluate.state import EvaluateState
from resnet_gui.gui.kit.basic import column, scrolled
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import Level, Session
from resnet_gui.gui.settings import Settings
from resnet_gui.protocol.jobs import ModelRequest

OUTDATED: Final = "Weights or pictures have changed since this was measured; measure them again."
ALONE: Final = "drop one model, one data set or one evaluation at a time"


class EvaluatePage(QWidget):
    """The Evaluate page.

    Signals:
        train_requested: there is no run yet and the user wants one.
        picture_opened: model, as it was asked (``ModelRequest``), and path of a picture, to be shown in Predict.
    """

    train_requested = Signal()
    picture_opened = Signal(object, object)

    def __init__(self, session: Session, engines: Engines, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self._session, self._settings, self._theme, self._begun = session, settings, theme, False
        self.state = EvaluateState(self)
        self.networks = NetworkModel(self)
        self._build(theme, engines)
        self.question = EvaluationQuestion(self.bar, self.networks, session, settings)
        self.comparison = ShownComparison(self.state)
        self.measuring = EvaluationMeasuring(engines, self.state, self.question, session)
        self.missing = MissingFiles(self.question, self)
        self.sources = SourceChooser(self, self.bar, self.question, settings)
        self.exports = EvaluationExports(self, self.state, engines, session, settings)
        self.figures = EvaluationFigures(self.state, self.matrix, self.by_depth, self.robustness)
        self.presenter = EvaluationPresenter(self)
        self._connect()
        self.arrange(settings)

    def _build(self, theme: Theme, engines: Engines) -> None:
        layout = column(self)
        self.bar = EvaluationBar(theme, self.networks, self._load_runs)
        layout.addWidget(self.bar)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Measuring")
        self.progress.hide()
        layout.addWidget(self.progress)
        self.banner = Banner(theme)
        layout.addWidget(self.banner)
        self.cards = CardRow(theme)
        self.matrix, self.classes = MatrixPanel(theme, self.state), ClassPanel(theme, self.state)
        self.reliability = ReliabilityPanel(theme, self.state)
        self.gallery = GalleryPanel(theme, self.state, engines)
        self.by_depth = DepthPanel(theme, self.state, engines, self._session.runs.row)
        self.robustness = RobustnessPanel(theme, self.state, engines)
        panels: dict[Place, QWidget] = {
            "confusion": self.matrix, "classes": self.classes, "reliability": self.reliability,
            "gallery": self.gallery, "depth": self.by_depth, "robustness": self.robustness,
        }  # fmt: skip
        self.area = PanelArea(theme, panels)
        self.invitation = EvaluationInvitation()
        body = QWidget()
        inside = column(body)
        inside.addWidget(self.cards)
        inside.addWidget(self.area, 1)
        inside.addWidget(self.invitation, 1)
        self.scroll_area = scrolled(body)
        self.scroll_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout.addWidget(self.scroll_area, 1)

    def _connect(self) -> None:
        state, bar, exports = self.state, self.bar, self.exports
        bar.measure.clicked.connect(self._measure_clicked)
        self.invitation.requested.connect(self._invited)
        bar.model.train_requested.connect(self.train_requested)
        bar.other.train_requested.connect(self.train_requested)
        exports.fill_menu(bar.report_menu, self.figures.choices)
        self.reliability.use_toggled.connect(exports.use_temperature)
        for signal in (state.evaluation_changed, exports.use_changed):
            signal.connect(lambda: exports.show_use(self.reliability))
        self.gallery.copy_requested.connect(lambda: exports.copy(self.gallery.pictures.numbers))
        self.gallery.table_requested.connect(exports.ask_table)
        self.classes.copied.connect(lambda sentence: self._session.say(sentence, "ok"))
        self.measuring.outdated.connect(lambda: self.banner.show_warning(OUTDATED))
        state.picture_requested.connect(exports.open_picture)
        exports.picture_opened.connect(self.picture_opened)
        self.cards.cards[AGAINST].clicked.connect(lambda: self.comparison.open_menu(self.cards.cards[AGAINST]))
        self.cards.cards[HARDEST].clicked.connect(self.presenter.select_hardest)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self, state.clear_selection)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def say(self, sentence: str, level: Level = "info") -> None:
        """Say something in the status bar."""
        self._session.say(sentence, level)

    def panes(self) -> tuple[PresentedPane, ...]:
        """What presentation mode shows of this page: its figures, and each panel."""
        if self.state.evaluation is None:
            return ()
        figures = [PresentedPane.figure(self._theme, each.title, each.make, fills=False)
                   for each in self.figures.choices()]  # fmt: skip
        panels = enlarged_panes(self, (("Classes", self.classes), ("Pictures", self.gallery)))
        return (PresentedPane("Figures", lambda: EnlargedWidget.of_copy(self.cards.copy())), *figures, *panels)

    # ---- from elsewhere

    def evaluate_model(self, request: ModelRequest) -> None:
        """Choose a model, asked as it is asked elsewhere, on its own data where they are known."""
        self._begin()
        self.question.choose_request(request)
        self.question.choose_own_data()

    def open_evaluation(self, folder: Path) -> None:
        """Show an evaluation that lies in a folder, and ask about its model and data from now on."""
        self._begin()
        try:
            evaluation = read_evaluation(folder)
        except InputError as error:
            self.banner.show_sentence(str(error))
            return
        asked = asked_model(evaluation.record)
        if asked is None:
            self.banner.show_sentence(f"{folder} does not say how its model was asked; measure the model again.")
            return
        self.question.choose_both(asked, evaluation.record.data)
        self.measuring.open(evaluation)

    @staticmethod
    def takes_files(files: list[Path]) -> bool:
        """Whether something of what is dropped is for this page: weights, a run or data."""
        return any(is_network(path) or holds_data(path) for path in files)

    def take_files(self, files: list[Path]) -> None:
        """Take what was dropped on the page: weights or a run is the model, a folder or a file of data the data."""
        if len(files) > 1:
            self.say(f"{len(files)} files were dropped; {ALONE}.", "error")
            return
        self._begin()
        file = files[0].absolute()
        if is_network(file):
            self.question.choose_model(str(file))
        elif reason := refusal(file):
            self.say(reason, "error")
        else:
            self.sources.take_data(file)
            self.say(f"{file.name} is the data now.")

    # ---- the user

    def _load_runs(self) -> None:
        self._session.runs.load(self._settings.followed)
        self.networks.load(self._session.runs.rows())

    def _measure_clicked(self) -> None:
        if self.measuring.busy:
            self.measuring.stop()
        else:
            self.banner.hide()
            self.measuring.measure(again=not self.measuring.missing)

    def _invited(self) -> None:
        if self.measuring.unmatched is not None:
            self.presenter.choose_classes()
        elif self.question.whole:
            self._measure_clicked()
        else:
            self.missing.fetch_or_stop()

    # ---- the window

    def _begin(self) -> None:
        """Read the runs, and the first time take what was measured last."""
        self._load_runs()
        if not self._begun:
            self._begun = True
            self.question.restore()
        else:
            self.question.show_weights()
            self.measuring.look_again()

    def showEvent(self, event: QShowEvent) -> None:
        """A run may have finished since."""
        super().showEvent(event)
        self._begin()

    def hideEvent(self, event: QHideEvent) -> None:
        """What failed is not shown any more when somebody comes back."""
        super().hideEvent(event)
        self.presenter.forget_failure()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow window has its panels in two columns."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        if narrow != self.area.narrow:
            self.bar.set_narrow(narrow=narrow)
            self.cards.set_narrow(narrow=narrow)
            self.area.set_narrow(narrow=narrow)

    def arrange(self, settings: Settings) -> None:
        """Give the columns their widths of an earlier time, or those at first."""
        self.classes.table.dragged.restore(settings.column_widths)

    def remember(self, settings: Settings) -> None:
        """Write down what columns were dragged to; what is asked is written when it is chosen."""
        settings.column_widths = self.classes.table.dragged.kept(settings.column_widths)

    def take_over(self, settings: Settings, fields: Set[str]) -> None:
        """Offer data that another window has measured on."""
        if "evaluated_recent" in fields:
            self.bar.data.set_recent(settings.evaluated_recent)

    def loses(self) -> str:
        """What is being measured, which is measured again from its beginning."""
        return "what Evaluate is measuring" if self.measuring.busy else ""

    def leave(self) -> None:
        """The window closes."""
        self.measuring.leave()
        self.missing.downloads.cancel_all()
