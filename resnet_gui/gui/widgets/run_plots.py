"""Loss and error of runs, live, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QSplitter

from resnet_gui.gui.models.runs import RunRow
from resnet_gui.gui.theme import Theme
from resnet_gui.gui.widgets.basic import Segmented, column, label, panel, row
from resnet_gui.gui.widgets.curve_plot import CurveData, CurvePlot, Values
from resnet_gui.spec.history import Curve


class RunPlots(QFrame):
    """Two plots under one bar of choices.

    Attributes:
        axis: the choice of the x axis; whoever holds the runs draws again when it changes.
        loss: cross-entropy.
        error: top-1 error in per cent.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        layout = column(self)
        layout.addWidget(self._bar(theme))
        self.loss = CurvePlot(theme, "Loss", "cross-entropy")
        self.error = CurvePlot(theme, "Top-1 error", "%")
        plots = QSplitter(Qt.Orientation.Horizontal)
        plots.setHandleWidth(1)
        plots.setChildrenCollapsible(False)
        plots.addWidget(self.loss)
        plots.addWidget(self.error)
        plots.setSizes([500, 500])
        layout.addWidget(plots, 1)

    def draw(self, runs: Sequence[RunRow], chosen: RunRow | None) -> None:
        """Draw the curves of all shown runs, the chosen one last and thickest."""
        shown = sorted((run for run in runs if run.shown or run is chosen), key=lambda run: run is chosen)
        limit = 0.0
        curves: dict[str, list[CurveData]] = {"loss": [], "error": []}
        for run in shown:
            state = run.look()
            by_epoch = self.axis.key == "epoch" and state.started is not None
            scale = 1 / state.started.steps_per_epoch if by_epoch and state.started else 1.0
            limit = max(limit, state.total_steps * scale)
            for kind, factor in (("loss", 1.0), ("error", 100.0)):
                for part, width, alpha in (("train", 1.0, 0.55), ("test", 2.2 if run is chosen else 1.8, 1.0)):
                    x, y = _points(state.curves[f"{part}_{kind}"], scale, factor)
                    live = part == "test" and run.going
                    curves[kind].append(CurveData(f"{run.folder}/{part}", x, y, run.token, width, alpha, live))
        self.loss.set_curves(curves["loss"], limit=limit)
        self.error.set_curves(curves["error"], limit=limit)

    def _bar(self, theme: Theme) -> QFrame:
        bar = panel("panelHeader")
        bar.setFixedHeight(37)
        line = row(bar, (16, 0, 16, 0), 10)
        self.axis = Segmented(theme, [("step", "Step", ""), ("epoch", "Epoch", "")], height=24)
        self.axis.set_key("epoch")
        self.scale = Segmented(theme, [("linear", "Linear", ""), ("log", "Log", "")], height=24)
        self.scale.chosen.connect(self._set_scale)
        for name, choice in (("x-axis", self.axis), ("y-axis", self.scale)):
            line.addWidget(label(name, "muted12"))
            choice.setFixedWidth(120)
            choice.setAccessibleName(name)
            line.addWidget(choice)
        line.addStretch()
        line.addWidget(label("thin: training batch, thick: test set", "muted12"))
        return bar

    def _set_scale(self, key: str) -> None:
        for plot in (self.loss, self.error):
            plot.set_log(log=key == "log")


def _points(curve: Curve, x_scale: float, y_scale: float) -> tuple[Values, Values]:
    """Copies of a curve's points: an array that is being viewed could not grow."""
    return np.array(curve.x, dtype=np.float64) * x_scale, np.array(curve.y, dtype=np.float64) * y_scale
