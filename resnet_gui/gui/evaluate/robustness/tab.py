"""What both tabs of the panel are: a picture that controls change, and curves of accuracy on a sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from resnet_gui.evaluation.corruptions import PICTURES
from resnet_gui.evaluation.robustness import RobustnessRecord
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.client.latest import LatestRequests
from resnet_gui.gui.evaluate.robustness.measure_row import MeasureRow
from resnet_gui.gui.evaluate.robustness.picture_card import PictureCard
from resnet_gui.gui.kit.basic import column, row
from resnet_gui.gui.kit.charts.chart_view import ChartView
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.throttle import Throttle
from resnet_gui.protocol.events import Event, Failed, Progressed
from resnet_gui.protocol.jobs import Question

FRAME_MS: Final = 30


class RobustnessTab(QWidget):
    """A tab with controls and a picture at the left, and a chart at the right.

    A tab of its own kind puts its controls into ``side``, and says what is asked of the engine, what is drawn and what
    an answer means.

    Attributes:
        side: the left part.
        cards: the picture before, after, and what else is shown of it.
        chart: accuracy against what is done to the pictures.
        measure_row: measures what the chart lacks.

    Signals:
        measured: the folder of the evaluation holds more than before.
    """

    measured = Signal()

    def __init__(self, theme: Theme, engines: Engines, title: str, wide: int) -> None:
        super().__init__()
        self._folder = ""
        self._number = 0
        self._pictures = 0
        self._labels: tuple[str, ...] = ()
        self._record: RobustnessRecord | None = None
        self._problem = ""
        self._requests = LatestRequests(engines, self)
        self._requests.answered.connect(self._take)
        self._asking = Throttle(self, FRAME_MS, self._ask_picture)
        self.cards: tuple[PictureCard, ...] = ()
        line = row(self, (16, 8, 12, 8), 14)
        left = QWidget()
        left.setFixedWidth(wide)
        self.side: QVBoxLayout = column(left, gap=8)
        line.addWidget(left)
        right = column(area := QWidget(), gap=4)
        self.chart = ChartView(theme, title)
        right.addWidget(self.chart, 1)
        self.measure_row = MeasureRow()
        self.measure_row.requested.connect(self._ask_curves)
        self.measure_row.cancelled.connect(self._cancel_curves)
        right.addWidget(self.measure_row)
        line.addWidget(area, 1)

    # ---- what every tab says for itself

    def _picture_question(self) -> Callable[[int], Question]:
        """The question about the picture on show, as the controls stand now."""
        raise NotImplementedError  # no ABC: its metaclass is not the one of QWidget

    def _curves_question(self) -> Callable[[int], Question]:
        """The question that measures what the chart lacks."""
        raise NotImplementedError  # no ABC: its metaclass is not the one of QWidget

    def _draw(self) -> None:
        """Show what is measured, at the controls as they stand."""
        raise NotImplementedError  # no ABC: its metaclass is not the one of QWidget

    def _say_problem(self, sentence: str) -> None:
        """Say why the picture cannot be shown."""
        raise NotImplementedError  # no ABC: its metaclass is not the one of QWidget

    # ---- what is shown

    def show_evaluation(self, folder: str, pictures: int, labels: tuple[str, ...]) -> None:
        """Show another evaluation with so many pictures; what was asked about the one before is given up."""
        self._requests.forget("picture", "curves")
        self._folder, self._pictures, self._labels, self._problem = folder, pictures, labels, ""
        self._clear_cards()

    def show_record(self, record: RobustnessRecord | None) -> None:
        """Show what is measured."""
        self._record = record
        self._draw()

    def show_picture(self, number: int) -> None:
        """Show another picture."""
        self._number = number
        self._asking.request_soon()

    def _clear_cards(self) -> None:
        for card in self.cards:
            card.show_picture(b"", "", "")

    def _move(self) -> None:
        """The controls stand elsewhere."""
        self._asking.request()
        self._draw()

    @property
    def _sample(self) -> int:
        """Pictures that a measurement takes."""
        return self._record.sample.pictures if self._record is not None else min(PICTURES, self._pictures)

    def _show_offer(self, action: str, words: str = "") -> None:
        """Offer to measure what the chart lacks, or say why that failed; not while it is being measured."""
        if not self._requests.asking("curves"):
            self.measure_row.show_offer(
                self._problem or words, action if self._folder else "", failed=bool(self._problem)
            )

    # ---- engines

    def _ask_picture(self) -> None:
        if self._folder and self.isVisible():
            self._requests.ask("picture", self._picture_question())

    def _ask_curves(self) -> None:
        self._problem = ""
        self.measure_row.show_progress(0, 0, "waits for the engine")
        self._requests.ask("curves", self._curves_question())

    def _cancel_curves(self) -> None:
        self._requests.forget("curves")
        self.measured.emit()

    def _take_counted(self, done: int, total: int, words: str) -> None:
        """One more point of the curves is measured."""
        self.measure_row.show_progress(done, total, words)
        self.measured.emit()

    def _take(self, kind: str, event: Event) -> None:
        match kind, event:
            case "picture", Failed(message=message):
                self._clear_cards()
                self._say_problem(message)
            case "curves", Progressed():
                pass  # pictures of one point; the points say how far it is
            case "curves", Failed(message=message):
                self._problem = message
                self._draw()
            case "curves", _:
                self.measured.emit()
