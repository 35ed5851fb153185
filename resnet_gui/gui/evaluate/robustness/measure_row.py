"""Below a chart: a button that measures what the chart lacks, or how far that is."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QWidget

from resnet_gui.gui.evaluate.notice import ProgressRow
from resnet_gui.gui.kit.basic import ElidedLabel, button, column, label, row


class MeasureRow(QWidget):
    """A sentence and a button, or a progress; hidden where nothing is lacking.

    What failed is said above in as many lines as it needs, which the chart gives way to.

    Attributes:
        words: what is lacking.
        problem: why a measurement failed.
        action: the button.
        progress: how far a measurement is.

    Signals:
        requested: measure.
        cancelled: give the measurement up.
    """

    requested = Signal()
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        layout = column(self, gap=2)
        self.problem = label("", "err", wrap=True)
        layout.addWidget(self.problem)
        self._stack = QStackedWidget()
        self._stack.setFixedHeight(28)
        layout.addWidget(self._stack)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        offer = QWidget()
        line = row(offer, gap=8)
        self.words = ElidedLabel("", "muted12", least=40)
        line.addWidget(self.words, 1)
        self.action = button("", "small")
        self.action.clicked.connect(self.requested)
        line.addWidget(self.action)
        self.progress = ProgressRow()
        self.progress.cancelled.connect(self.cancelled)
        self._stack.addWidget(offer)
        self._stack.addWidget(self.progress)
        self.problem.hide()

    def show_offer(self, words: str, action: str, *, failed: bool = False) -> None:
        """Show a sentence and a button with a text; without both nothing is seen."""
        self.problem.setText(words if failed else "")
        self.problem.setVisible(failed)
        self.words.setText("" if failed else words)
        self.words.setToolTip(self.words.text())
        self.action.setText(action)
        self.action.setVisible(bool(action))
        self._stack.setCurrentIndex(0)
        self.setVisible(bool(words or action))

    def show_progress(self, done: int, total: int, words: str) -> None:
        """Show how far a measurement is."""
        self.progress.show_progress(done, total, words)
        self.problem.hide()
        self._stack.setCurrentIndex(1)
        self.setVisible(True)
