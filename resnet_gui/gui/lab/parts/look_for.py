"""What to look for in a figure, in paragraphs."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from resnet_gui.gui.kit.basic import column, label, panel, scrolled

BEFORE: Final = (
    "First **say what you expect**. A guess that fails teaches more than a figure that is only looked at.",
    "The claims, what the paper says and what to look for stay hidden until the answers are locked, so that they give "
    "nothing away.",
)
"""Instead of the paragraphs while they are hidden."""

_BOLD: Final = re.compile(r"\*\*(.+?)\*\*")


def rich(text: str) -> str:
    """A paragraph whose ``**bold**`` is bold and everything else is as it stands."""
    return _BOLD.sub(r"<span style='font-weight:600'>\1</span>", html.escape(text))


class LookFor(QWidget):
    """The paragraphs under their heading."""

    def __init__(self) -> None:
        super().__init__()
        outer = column(self)
        body = panel()
        area = scrolled(body)
        area.setAccessibleName("What to look for")
        outer.addWidget(area)
        layout = column(body, (16, 10, 14, 10), 8)
        layout.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout.addWidget(label("What to look for", "title"))
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.RichText)
        self.text.setWordWrap(True)
        self.text.setProperty("role", "muted12")
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.text)
        self._paragraphs: tuple[str, ...] = ()

    def show_paragraphs(self, paragraphs: Sequence[str]) -> None:
        """Show other paragraphs."""
        if tuple(paragraphs) != self._paragraphs:
            self._paragraphs = tuple(paragraphs)
            self.text.setText("".join(f"<p style='margin:0 0 8px 0'>{rich(each)}</p>" for each in paragraphs))
