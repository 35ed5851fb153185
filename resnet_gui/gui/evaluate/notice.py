"""What a panel shows instead of figures: a sentence and what can be done, or how far a measurement is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from resnet_gui.gui.kit.basic import ElidedLabel, button, column, label, restyle, row


class ProgressRow(QWidget):
    """A row that says how far a measurement is, with a button that gives it up.

    Signals:
        cancelled: the user gives it up.
    """

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        line = row(self, gap=8)
        self.words = ElidedLabel("", "muted12", least=60)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the measurement")
        self.bar.setMinimumWidth(60)
        self.cancel = button("Cancel", "small")
        self.cancel.clicked.connect(self.cancelled)
        line.addWidget(self.words, 2)
        line.addWidget(self.bar, 1)
        line.addWidget(self.cancel)

    def show_progress(self, done: int, total: int, words: str) -> None:
        """Show how far it is; a ``total`` of 0 is not known yet."""
        # A range of nothing at all would be drawn as one that is busy, which never rests.
        self.bar.setRange(0, max(1, total))
        self.bar.setValue(done if total else 0)
        self.words.setText(words)
        self.words.setToolTip(words)


class PanelNotice(QWidget):
    """A sentence in the middle of a panel, with a button or with a progress below it.

    Attributes:
        action: the button; what it does is said by its text.
        progress: how far a measurement is; only seen while one is going on.

    Signals:
        requested: the button was clicked.
    """

    requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        layout = column(self, (24, 16, 24, 16), 12)
        layout.addStretch(1)
        self.sentence = label("", "muted", wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self.sentence)
        self.action = button("")
        self.action.clicked.connect(self.requested)
        layout.addWidget(self.action, 0, Qt.AlignmentFlag.AlignHCenter)
        self.progress = ProgressRow()
        self.progress.setMaximumWidth(420)
        line = row()
        line.addStretch(1)
        line.addWidget(self.progress, 8)
        line.addStretch(1)
        layout.addLayout(line)
        layout.addStretch(1)

    def show_sentence(self, sentence: str, action: str = "", *, failed: bool = False) -> None:
        """Show a sentence, and a button with the text ``action`` unless that is empty."""
        self.sentence.setText(sentence)
        restyle(self.sentence, role="err" if failed else "muted")
        self.action.setText(action)
        self.action.setVisible(bool(action))
        self.progress.hide()

    def show_running(self, sentence: str) -> None:
        """Show that a measurement is going on."""
        self.show_sentence(sentence)
        self.progress.show_progress(0, 0, "waits for the engine")
        self.progress.show()
