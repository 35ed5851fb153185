"""What can be compared in one click: shown while there is nothing to compare yet."""

from __future__ import annotations

from typing import Final, NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QWidget

from resnet_gui.analysis.costs import totals
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.common.pressable_card import PressableCard
from resnet_gui.gui.kit.basic import column, label
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.theme import Theme

HIGH: Final = 110
COLUMN: Final = 300
"""Pixels from which on another card fits beside."""


class DesignSet(NamedTuple):
    """Designs that say something side by side; the first is the baseline.

    Attributes:
        question: that they answer.
        names: of the presets.
    """

    title: str
    question: str
    names: tuple[str, ...]


SETS: Final = (
    DesignSet(
        "ResNet family", "What do more layers cost?",
        ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152"),
    ),
    DesignSet(
        "Wide against deep", "The same error by width or by depth?",
        ("wrn_28_10", "wrn_40_4", "wrn_16_8", "preact_resnet164", "preact_resnet1001"),
    ),
    DesignSet(
        "Five shortcuts", "What may stand in the shortcut's way?",
        ("resnet110", "resnet110_scaling", "resnet110_exclusive_gating", "resnet110_conv1x1", "resnet110_dropout"),
    ),
    DesignSet(
        "Plain and residual", "What does a shortcut cost?", ("plain56", "resnet56", "plain20", "resnet20"),
    ),
    DesignSet(
        "Better blocks", "What came after ResNet-50?",
        ("resnet50", "resnext50_32x4d", "wide_resnet50_2", "seresnet50", "resnet50d"),
    ),
    DesignSet(
        "Five orders", "Where do norm and activation stand?",
        ("resnet110", "preact_resnet110", "resnet110_bn_after_addition", "resnet110_relu_before_addition",
         "resnet110_relu_only_preact"),
    ),
)  # fmt: skip


class DesignSetCard(PressableCard):
    """The card of a set of designs: its question, their names, and how many parameters each has."""

    def __init__(self, theme: Theme, shown: DesignSet) -> None:
        super().__init__(theme)
        self.shown = shown
        self.set_clickable(on=True)
        self.setMinimumHeight(HIGH)
        titles = ", ".join(PRESETS[name].title for name in shown.names)
        self.setAccessibleName(f"{shown.title}: {shown.question}")
        self.setAccessibleDescription(titles)
        self.setToolTip(f"Pin {titles}")
        self._titles = titles
        self._sizes: tuple[float, ...] = ()

    def sizeHint(self) -> QSize:
        """One height for all."""
        return QSize(COLUMN, HIGH)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw words, and a bar a design as long as it has parameters."""
        if not self._sizes:
            costs = [totals(plan(PRESETS[name].spec)).cost.params for name in self.shown.names]
            self._sizes = tuple(cost / max(costs) for cost in costs)
        painter, color = QPainter(self), self._theme.color
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frame(painter)
        room = self.width() - 32
        painter.setPen(color("t1"))
        ink(elided(self.shown.title, room, 13, 600), 13, 600).draw(painter, 16, 12)
        painter.setPen(color("t2"))
        ink(elided(self.shown.question, room, 12), 12).draw(painter, 16, 32)
        painter.setPen(color("t3"))
        ink(elided(self._titles, room, 11), 11).draw(painter, 16, 51)
        painter.setPen(Qt.PenStyle.NoPen)
        for number, share in enumerate(self._sizes):
            painter.setBrush(color(f"r{number}"))
            painter.drawRoundedRect(QRectF(16, 72 + 7 * number, max(3.0, room * share), 4), 2, 2)
        painter.setPen(QPen(color("line"), 1))


class DesignGallery(QWidget):
    """The gallery of sets.

    Signals:
        chosen: the set that was pressed.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        layout = column(self, (16, 12, 16, 16), 10)
        layout.addWidget(label("Or compare at once", "label"))
        self._grid = QGridLayout()
        self._grid.setSpacing(8)
        self.cards = [DesignSetCard(theme, shown) for shown in SETS]
        for card in self.cards:
            card.clicked.connect(lambda card=card: self.chosen.emit(card.shown))
        layout.addLayout(self._grid)
        layout.addStretch()
        self._columns = 0
        self._place(2)

    def resizeEvent(self, event: object) -> None:
        """As many beside each other as fit."""
        self._place(max(1, min(3, (self.width() - 24) // COLUMN)))

    def _place(self, columns: int) -> None:
        if columns != self._columns:
            self._columns = columns
            for number, card in enumerate(self.cards):
                self._grid.addWidget(card, number // columns, number % columns)
