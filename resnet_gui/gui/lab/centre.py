"""The middle of the Lab page: head, prediction, progress, figure, claims, what to look for."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from resnet_gui.gui.common.banner import Banner
from resnet_gui.gui.kit.basic import ElidedLabel, button, column, panel, row, scrolled, set_icon
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.lab.cards import CardStrip
from resnet_gui.gui.lab.figures.figure import ExperimentFigure, divider
from resnet_gui.gui.lab.parts.claims import HEAD, ROW, ClaimTable
from resnet_gui.gui.lab.parts.head import ExperimentHead, head_panel
from resnet_gui.gui.lab.parts.look_for import LookFor
from resnet_gui.gui.lab.parts.missing_data import MissingDataStrip
from resnet_gui.gui.lab.parts.prediction import PredictionStrip
from resnet_gui.gui.lab.parts.progress import SeedProgress

LOOK_WIDE: Final = 266
PARAGRAPHS: Final = 120
"""Pixels of height for the paragraphs where they stand below the claims."""

NARROW: Final = 900
"""Pixels of the middle below which there is no room for the paragraphs beside the claims."""

TIGHT: Final = 560
"""Pixels of the claims below which the buttons under them have no words."""

FOOT: Final = 44
MOST_ROWS: Final = 8
"""Claims that are always on show; more of them scroll."""


class LabCentre(QWidget):
    """The middle of the page.

    Attributes:
        head, card, prediction, progress, claims, look_for: its parts.
        missing: what has to be fetched before it can run.
        banner: a sentence about what failed.
        figure: of the experiment that is shown.

    Signals:
        requested: "runs", "designs", "copy", "csv" or "figure".
    """

    requested = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.figure: ExperimentFigure | None = None
        layout = column(self)
        self.banner = Banner(theme)
        self.head = ExperimentHead(theme)
        self.prediction = PredictionStrip(theme)
        self.progress = SeedProgress(theme)
        layout.addWidget(self.banner)
        layout.addWidget(head_panel(self.head))
        self.card = CardStrip(theme)
        layout.addWidget(self.card)
        self.missing = MissingDataStrip(theme)
        layout.addWidget(self.missing)
        layout.addWidget(self.prediction)
        layout.addWidget(self.progress)
        self._tool_row = panel("toolRow")
        self._tools = row(self._tool_row, (16, 0, 16, 0), 12)
        self._tool_row.setFixedHeight(40)
        layout.addWidget(self._tool_row)
        self.stack = QStackedWidget()
        layout.addWidget(self.stack, 1)
        layout.addWidget(divider(upright=False))
        layout.addWidget(self._bottom_part())
        self.narrow = False
        self._least = 0

    def minimumSizeHint(self) -> QSize:
        """Of any width; as high as its parts need with the figure at its least height, below which the page scrolls."""
        return QSize(0, self._least)

    def hasHeightForWidth(self) -> bool:
        """Wrapped words have room of their own."""
        return False

    def _bottom_part(self) -> QFrame:
        self.bottom = panel()
        line = row(self.bottom, gap=0)
        self._left = QWidget()
        self._left_line = row(self._left, gap=0)
        line.addWidget(self._left)
        middle = QWidget()
        self._middle = column(middle)
        self.tabs = QTabBar()
        self.tabs.setProperty("small", "true")
        self.tabs.addTab("Claims")
        self.tabs.addTab("What to look for")
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.currentChanged.connect(lambda _index: self.arrange())
        self._middle.addWidget(self.tabs)
        self.claims = ClaimTable(self._theme)
        self._scroll = scrolled(self.claims)
        self._scroll.setAccessibleName("Claims")
        self._scroll.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._middle.addWidget(self._scroll, 1)
        self._middle.addWidget(self._foot())
        self.look_for = LookFor()
        self._below = QWidget()
        self._below_line = column(self._below)
        self._middle.addWidget(self._below)
        line.addWidget(middle, 1)
        self._right_rule = divider(upright=True)
        line.addWidget(self._right_rule)
        self._right = QWidget()
        self._right_line = row(self._right, gap=0)
        line.addWidget(self._right)
        return self.bottom

    def _foot(self) -> QFrame:
        made = panel("topLine")
        made.setFixedHeight(FOOT)
        line = row(made, (16, 0, 16, 0), 8)
        self.runs = button("Open runs in Train", "", "Show the runs behind this figure, as any other run")
        set_icon(self._theme, self.runs, "train", "t1")
        self.designs = button("Open design", "", "Show the networks behind this figure on the Design and Compare pages")
        set_icon(self._theme, self.designs, "design", "t1")
        self.copy = button("Copy table", "", "Copy the claims as a table of text")
        set_icon(self._theme, self.copy, "copy", "t1")
        self.export = button("Export figure", "menu", "This figure as SVG, PDF or PNG, or its values as CSV")
        for made_button, key in ((self.runs, "runs"), (self.designs, "designs"), (self.copy, "copy")):
            made_button.clicked.connect(lambda _=False, key=key: self.requested.emit(key))
            line.addWidget(made_button)
        line.addWidget(self.export)
        self._words = {each: each.text() for each in (self.runs, self.designs, self.copy)}
        self.protocol = ElidedLabel("", "caption")
        self.protocol.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self.protocol, 1)
        line.addStretch()
        return made

    # ---- the figure

    def show_figure(self, figure: ExperimentFigure) -> None:
        """Show the figure of an experiment, with its controls and what stands beside the claims."""
        if figure is self.figure:
            return
        self._take_out()
        self.figure = figure
        if self.stack.indexOf(figure) < 0:
            # A stack is else never smaller than its largest page, seen or not.
            figure.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
            self.stack.addWidget(figure)
        self.stack.setCurrentWidget(figure)
        for part, line in (
            (figure.tools, self._tools), (figure.head_tools, self.head.tools), (figure.left, self._left_line),
            (figure.right, self._right_line),
        ):  # fmt: skip
            if part is not None:
                line.addWidget(part)
                part.show()
        self.look_for.setParent(None)
        target: QVBoxLayout | None = self._below_line if figure.right is not None else None
        (target or self._right_line).addWidget(self.look_for)
        self.look_for.show()
        self._tool_row.setVisible(figure.tools is not None)
        self._left.setVisible(figure.left is not None)
        self.arrange()

    def _take_out(self) -> None:
        """Give the present figure its parts back, so that they live on with it."""
        if self.figure is not None:
            for part in (self.figure.tools, self.figure.head_tools, self.figure.left, self.figure.right):
                if part is not None:
                    part.setParent(self.figure)
                    part.hide()

    # ---- room

    def set_narrow(self, *, narrow: bool) -> None:
        """Whether the window is narrow."""
        self.narrow = narrow
        self.prediction.set_narrow(narrow=narrow)
        self.arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room anew."""
        super().resizeEvent(event)
        self.arrange()

    def arrange(self) -> None:
        """Share the room among figure, claims and paragraphs."""
        figure = self.figure
        if figure is None:
            return
        beside = figure.right is None
        tabbed = beside and self.narrow
        self.tabs.setVisible(tabbed)
        looking = tabbed and self.tabs.currentIndex() == 1
        self._scroll.setVisible(not looking)
        self._right.setVisible(not tabbed or looking)
        self._right_rule.setVisible(not tabbed)
        self._below.setVisible(not beside)
        if beside:
            self._right.setFixedWidth(LOOK_WIDE) if not tabbed else self._right.setMinimumWidth(240)
        else:
            self._right.setFixedWidth(max(330, round(0.4 * self.width())))
        self._show_foot_words()
        figure.set_narrow(narrow=self.narrow)
        self._share_height(figure)

    def _show_foot_words(self) -> None:
        """Buttons below the claims keep only their icons where there is little room."""
        tight = self.claims.width() < TIGHT and self.claims.isVisible()
        for made, words in self._words.items():
            made.setText("" if tight else words)
            made.setAccessibleName(words)
            made.setFixedWidth(36) if tight else made.setMaximumWidth(16_777_215)
            if not tight:
                made.setMinimumWidth(0)
        self.protocol.setVisible(not tight)

    def _share_height(self, figure: ExperimentFigure) -> None:
        """The claims get what they need as long as the figure keeps its least height."""
        rows = len(self.claims.rows)
        tabs = max(self.tabs.height(), self.tabs.sizeHint().height()) if self.tabs.isVisibleTo(self) else 0
        wanted = HEAD + ROW * max(2, rows) + FOOT + tabs
        beside = figure.right is None
        wanted += 0 if beside else PARAGRAPHS
        parts = self.head, self.card, self.missing, self.prediction, self.progress, self._tool_row, self.banner
        fixed = sum(part.height() for part in parts if part.isVisibleTo(self))
        free = self.height() - fixed - figure.least
        # So many rows do not scroll for themselves: where they have no room the page scrolls, and nothing else.
        least = HEAD + ROW * min(MOST_ROWS, max(2, rows)) + FOOT + tabs + (0 if beside else PARAGRAPHS)
        if (needed := fixed + figure.least + least + 1) != self._least:
            self._least = needed
            self.updateGeometry()
        high = max(least, min(wanted, free))
        self.bottom.setFixedHeight(high)
        if not beside:
            self._below.setFixedHeight(max(56, high - HEAD - ROW * rows - FOOT - 2))
