"""A panel of the page: a header of 36 pixels with title, a line of words and small controls, and what is below it."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from resnet_gui.gui.kit.basic import ElidedLabel, column, label, panel, row

HEADER = 36


class EvaluationPanel(QFrame):
    """A panel with its header.

    Attributes:
        title: its heading.
        header: the left end of the header, in which it stands.
        about: the words beside it, in which stand the pictures that the figures are of.
        tools: the right end of the header; add small controls to it.
        body: below the header; add what the panel shows.
    """

    def __init__(self, title: str, about: str = "") -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAccessibleName(title)
        outer = column(self)
        bar = panel("panelHeader")
        bar.setFixedHeight(HEADER)
        line = row(bar, (16, 0, 16, 0), gap=6)
        self.header: QHBoxLayout = row(gap=8)
        line.addLayout(self.header)
        self.title = label(title, "title")
        self.header.addWidget(self.title)
        self.about = ElidedLabel(about, "muted12", least=10)
        line.addWidget(self.about, 1)
        self.tools: QHBoxLayout = row(gap=8)
        line.addLayout(self.tools)
        outer.addWidget(bar)
        inside = QWidget()
        self.body: QVBoxLayout = column(inside)
        outer.addWidget(inside, 1)

    def show_about(self, words: str, tip: str = "") -> None:
        """Show other words beside the title; they end in an ellipsis where they have no room."""
        self.about.setText(words)
        self.about.setToolTip(tip or words)
