"""The switch between single runs and sweeps, which stands above both lists."""

from __future__ import annotations

from typing import Final

from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.theme import Theme

RUNS, SWEEPS = "runs", "sweeps"
WIDTH: Final = 148


class ModeSwitch(SegmentedControl):
    """The switch Runs | Sweeps; it always shows the side that it stands on."""

    def __init__(self, theme: Theme, side: str) -> None:
        super().__init__(theme, [(RUNS, "Runs", ""), (SWEEPS, "Sweeps", "")], height=24)
        self._side = side
        self.setFixedWidth(WIDTH)
        self.setAccessibleName("Runs or sweeps")
        self.chosen.connect(lambda _key: self.set_key(side))
        self.set_key(side)

    def show_counts(self, runs: int, sweeps: int) -> None:
        """Say how many there are of each."""
        options = [(RUNS, f"Runs  {runs}" if runs else "Runs", "")]
        options.append((SWEEPS, f"Sweeps  {sweeps}" if sweeps else "Sweeps", ""))
        self.set_options(options, set())
