"""Below a chart: a button that measures what the chart lacks, or how far that is."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from resnet_gui.gui.evaluate.notice import ProgressRow
from resnet_gui.gui.kit.basic import ElidedLabel, button, restyle, row


class MeasureRow(QStackedWidget):
    """A sentence and a button, or a progress; hidden where nothing is lacking.

    Signals:
        requested: measure.
        cancelled: give the measurement up.
    """

    requested = Signal()
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(28)
        offer = QWidget()
        line = row(offer, gap=8)
        self.words = ElidedLabel("", "muted12", least=40)
        line.addWidget(self.words, 1)
        self.action = button("", "small")
        self.action.clicked.connect(self.requested)
        line.addWidget(self.action)
        self.progress = ProgressRow()
        self.progress.cancelled.connect(self.cancelled)
        self.addWidget(offer)
        self.addWidget(self.progress)

    def show_offer(self, words: str, action: str, *, failed: bool = False) -> None:
        """Show a sentence and a button with a text; without both nothing is seen."""
        self.words.setText(words)
        self.words.setToolTip(words)
        restyle(self.words, role="err" if failed else "muted12")
        self.action.setText(action)
        self.action.setVisible(bool(action))
        self.setCurrentIndex(0)
        self.setVisible(bool(words or action))

    def show_progress(self, done: int, total: int, words: str) -> None:
        """Show how far a measurement is."""
        self.progress.show_progress(done, total, words)
        self.setCurrentIndex(1)
        self.setVisible(True)
