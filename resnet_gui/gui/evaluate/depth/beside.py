"""The figures by depth of the model beside: read, and measured where they are lacking."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Signal

from resnet_gui.base.errors import InputError
from resnet_gui.evaluation.depth_files import DepthFiles
from resnet_gui.evaluation.folder import Evaluation
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.client.latest import LatestRequests
from resnet_gui.gui.evaluate.depth.clouds import EvaluationDepth
from resnet_gui.protocol.evaluation_messages import MeasureDepth
from resnet_gui.protocol.events import Event, Failed, Progressed

NO_FEATURES: Final = "no features were kept, measure again"
WAITING: Final = "waits for the engine"


class DepthBeside(QObject):
    """The figures by depth of the model beside.

    Attributes:
        evaluation: of that model; None for none.
        depth: its figures; None while there are none.
        words: why there are none; empty where there are.

    Signals:
        changed: figures, or words.
    """

    changed = Signal()

    def __init__(self, engines: Engines, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.evaluation: Evaluation | None = None
        self.depth: EvaluationDepth | None = None
        self.words = ""
        self._due = False
        self._requests = LatestRequests(engines, self)
        self._requests.answered.connect(self._take)

    def show_evaluation(self, evaluation: Evaluation | None) -> None:
        """Read what another evaluation has kept; what was asked about the one before is given up."""
        self._requests.forget("measure")
        self.evaluation = evaluation
        self._read()

    def _read(self) -> None:
        self.depth, self.words, self._due = None, "", False
        if self.evaluation is None:
            return
        files = DepthFiles(self.evaluation.folder)
        try:
            if files.is_measured:
                self.depth = EvaluationDepth(self.evaluation)
            elif files.has_features:
                self.words, self._due = WAITING, True
            else:
                self.words = NO_FEATURES
        except InputError as error:
            self.words = str(error)

    def measure_due(self) -> None:
        """Measure what is lacking, once for an evaluation: what failed is said, and not tried again and again."""
        if self._due and self.evaluation is not None:
            self._due, folder = False, str(self.evaluation.folder)
            self._requests.ask("measure", lambda number: MeasureDepth(number, folder))

    def _take(self, _kind: str, event: Event) -> None:
        match event:
            case Progressed():
                self.words = event.sentence
            case Failed(message=message):
                self.words = message
            case _:
                self._read()
                self._due = False
        self.changed.emit()
