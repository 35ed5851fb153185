"""The part of the form about phases: the plan under its title, and what norms of frozen parts do."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QFrame, QWidget

from resnet_gui.gui.kit.basic import column, label, row
from resnet_gui.gui.kit.form import titled
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.train.data.cards import Notice, NoticeCard
from resnet_gui.gui.train.recipe.fields import FROZEN_NORMS, PHASES
from resnet_gui.gui.train.thawing.table import FrozenSample, ThawingTable
from resnet_gui.training.phases import NOTHING

RANDOM_PARTS: Final = Notice(
    "alert", "warn", "Random parts are frozen", ("The frozen parts keep random weights: nothing was learnt there.",)
)


class PhasesPart(QFrame):
    """The part of the form that says which parts of the network learn when.

    Attributes:
        table: of the phases.
        random: the warning that parts are frozen as they were drawn.
    """

    def __init__(self, theme: Theme, norms: QWidget) -> None:
        super().__init__()
        self.table = ThawingTable(theme)
        self.random = NoticeCard(theme, RANDOM_PARTS)
        self.random.hide()
        inside = column(self, (0, 2, 0, 6), 4)
        head = row()
        head.addWidget(label(PHASES.title, "label"), 1)
        head.addWidget(FrozenSample(theme))
        inside.addLayout(head)
        inside.addWidget(self.table)
        inside.addWidget(self.random)
        line = row(gap=8)
        norms.setMinimumWidth(160)
        norms.setMaximumWidth(204)
        line.addWidget(titled(FROZEN_NORMS.title, norms), 1)
        line.addWidget(norms, 2)
        inside.addLayout(line)

    def show_start(self, *, drawn: bool) -> None:
        """Warn where weights are ``drawn`` and a phase freezes some of them."""
        self.random.setVisible(drawn and any(phase.frozen != NOTHING for phase in self.table.phases))
