"""What stands below the cards while nothing is measured: one sentence, and the one thing to do about it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame

from resnet_gui.gui.kit.basic import button, column, label, row


class EvaluationInvitation(QFrame):
    """The sentence and its button.

    Attributes:
        sentence: what would be measured, or what is missing.
        act: measures, or fetches what is missing.

    Signals:
        requested: the button was pressed.
    """

    requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        layout = column(self, (40, 0, 40, 40), 16)
        layout.addStretch(2)
        self.sentence = label("", "number17", wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self.sentence)
        line = row(gap=8)
        line.addStretch()
        self.act = button("Measure", "primary")
        self.act.clicked.connect(self.requested)
        line.addWidget(self.act)
        line.addStretch()
        layout.addLayout(line)
        self.hint = label("", "muted12", wrap=True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self.hint)
        layout.addStretch(3)

    def show_words(self, sentence: str, action: str, hint: str = "") -> None:
        """Show another sentence; no ``action`` is no button."""
        self.sentence.setText(sentence)
        self.act.setText(action)
        self.act.setVisible(bool(action))
        self.hint.setText(hint)
