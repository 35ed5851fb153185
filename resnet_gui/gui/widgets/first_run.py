"""What the Train page shows before there is a run: one sentence and one button."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel

from resnet_gui.gui.theme import Theme
from resnet_gui.gui.widgets.basic import button, column, label, row, set_icon


class FirstRun(QFrame):
    """The invitation.

    Signals:
        start_asked: train the small network on the digits now.
    """

    start_asked = Signal()

    def __init__(self, theme: Theme, design: str, epochs: int) -> None:
        super().__init__()
        self.setObjectName("canvas")
        layout = column(self, (32, 32, 32, 32), 8)
        layout.addStretch()
        picture = QLabel()
        picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        theme.follow(picture, lambda: picture.setPixmap(theme.pixmap("train", "t3", 48)))
        layout.addWidget(picture)
        for text, role in (
            ("Train your first network", "number"),
            ("Curves appear here as soon as a run starts. You can pause, stop or close the window.", "muted"),
        ):
            made = label(text, role, wrap=True)
            made.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(made)
        layout.addSpacing(12)
        layout.addWidget(self._card(theme, design, epochs), 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(2)

    def _card(self, theme: Theme, design: str, epochs: int) -> QFrame:
        card = QFrame()
        card.setObjectName("card")
        card.setFixedWidth(320)
        layout = column(card, (16, 14, 16, 16), 6)
        layout.addWidget(label("Quick look", "run"))
        lines = (
            ("Design", design),
            ("Data", "1,797 handwritten digits, inside"),
            ("Length", f"{epochs} epochs"),
        )
        for name, text in lines:
            line = row()
            line.addWidget(label(name, "muted12"))
            line.addStretch()
            line.addWidget(label(text))
            layout.addLayout(line)
        layout.addSpacing(6)
        self.start = button("Start", "primary", "Train the small digits network now")
        set_icon(theme, self.start, "play", "onacc")
        self.start.clicked.connect(self.start_asked)
        layout.addWidget(self.start)
        return card
