"""The part of the form about phases: the plan under its title, and what norms of frozen parts do."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QWidget

from resnet_gui.gui.kit.basic import column, label, row
from resnet_gui.gui.kit.form import titled
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.train.recipe.fields import FROZEN_NORMS, PHASES
from resnet_gui.gui.train.thawing.table import FrozenSample, ThawingTable


class PhasesPart(QFrame):
    """The part of the form that says which parts of the network learn when.

    Attributes:
        table: of the phases.
    """

    def __init__(self, theme: Theme, norms: QWidget) -> None:
        super().__init__()
        self.table = ThawingTable(theme)
        inside = column(self, (0, 2, 0, 6), 4)
        head = row()
        head.addWidget(label(PHASES.title, "label"), 1)
        head.addWidget(FrozenSample(theme))
        inside.addLayout(head)
        inside.addWidget(self.table)
        line = row(gap=8)
        norms.setMinimumWidth(180)
        norms.setMaximumWidth(204)
        line.addWidget(titled(FROZEN_NORMS.title, norms), 1)
        line.addWidget(norms, 2)
        inside.addLayout(line)
