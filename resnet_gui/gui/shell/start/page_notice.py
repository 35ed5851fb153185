"""What stands where a page will be: that it comes, or why it cannot be shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.kit.basic import button, column, label


class PageNotice(QWidget):
    """The place of a page that is being made, or that cannot be.

    Attributes:
        words: what is said of the page.
        again: the button that has it made once more, where it could not be.

    Signals:
        requested: the button was pressed.
    """

    requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        layout = column(self, (24, 24, 24, 24), 12)
        layout.addStretch()
        self.words = label("", "muted12", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(self.words)
        self.again = button("Try again", "", "Make the page once more")
        self.again.clicked.connect(self.requested)
        layout.addWidget(self.again, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch()

    def show_making(self, title: str) -> None:
        """Say that a page comes."""
        self.words.setText(f"{title} …")
        self.again.hide()

    def show_failure(self, title: str, reason: str) -> None:
        """Say why a page cannot be shown."""
        self.words.setText(f"{title} cannot be shown: {reason.rstrip('.')}. The log has the details.")
        self.again.show()
