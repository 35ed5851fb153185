"""Known sets and torchvision's weights that are not on this computer, fetched when the user asks."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from resnet_gui.gui.client.downloads import Downloads
from resnet_gui.gui.evaluate.question import EvaluationQuestion


class MissingFiles(QObject):
    """The fetching of what a question lacks.

    Attributes:
        downloads: those that go on.
        fraction: of the one that the question waits for, 0 to 1; None where none goes on.

    Signals:
        changed: it goes on, has begun or ended.
        failed: a sentence.
    """

    changed = Signal()
    failed = Signal(str)

    def __init__(self, question: EvaluationQuestion, parent: QObject) -> None:
        super().__init__(parent)
        self._question = question
        self.downloads = Downloads(self)
        self._fractions: dict[str, float] = {}
        self.downloads.progressed.connect(self._progressed)
        self.downloads.ended.connect(self._ended)

    @property
    def name(self) -> str:
        """What is lacking first: weights or a known set; empty for nothing."""
        return next(iter(self._question.missing_weights), self._question.missing_data)

    @property
    def fraction(self) -> float | None:
        """How far its download is."""
        return self._fractions.get(self.name)

    def fetch_or_stop(self) -> None:
        """Fetch what is lacking; while that goes on, stop it: what has arrived stays."""
        name = self.name
        if not name:
            return
        if name in self._fractions:
            self.downloads.cancel(name)
            return
        self._fractions[name] = 0.0
        self.downloads.start(name)
        self.changed.emit()

    def _progressed(self, name: str, done: int, total: int) -> None:
        self._fractions[name] = done / total if total else 0.0
        self.changed.emit()

    def _ended(self, name: str, sentence: str) -> None:
        self._fractions.pop(name, None)
        if sentence:
            self.failed.emit(sentence)
        else:
            self._question.refresh()
        self.changed.emit()
