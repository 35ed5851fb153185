"""Figures that are measured with batch norms' statistics as they were trained, or measured again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.lab.figures.figure import ExperimentFigure


class NormStatisticsFigure(ExperimentFigure):
    """A figure with a choice of the statistics of batch norms.

    Attributes:
        statistics: the choice, once it is made.
    """

    statistics: SegmentedControl

    def make_statistics(self, again: str) -> SegmentedControl:
        """Make the choice; ``again`` says when statistics are measured again."""
        kinds = [("trained", "as trained", ""), ("remeasured", again, "")]
        self.statistics = SegmentedControl(self.theme, kinds, height=24, fitted=True)
        self.statistics.set_key("trained")
        self.statistics.setAccessibleName("Statistics of batch norm")
        return self.statistics

    def options(self) -> dict[str, Any]:
        """The statistics of batch norms."""
        return {"statistics": self.statistics.key}

    def set_options(self, options: Mapping[str, Any]) -> None:
        """Show what was measured."""
        self.statistics.set_key(str(options.get("statistics", "trained")))

    def hold_options(self, *, on: bool) -> None:
        """The statistics stay."""
        self.statistics.setEnabled(not on)
