"""The fourth panel of the Train page: what happens inside the network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QStackedWidget

from resnet_gui.design.choices import KINDS, SHORTCUTS
from resnet_gui.design.location import Section
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.gui.common.section_hues import section_token
from resnet_gui.gui.kit.basic import column, header, icon_button, label
from resnet_gui.gui.kit.colormap import coloured, viridis_ramp
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.curve_plot import CurveData, CurvePlot
from resnet_gui.gui.kit.curves import Points, thinned
from resnet_gui.gui.kit.small_combo import SmallCombo
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.runs.colours import dashes_of
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.runs.series import Axis
from resnet_gui.gui.train.plots.confusion import ConfusionView, confusion
from resnet_gui.gui.train.plots.gradient_heatmap import GradientHeatmap, Strip, matrix
from resnet_gui.gui.train.plots.residual_ratios import ResidualRatios
from resnet_gui.runs.history import RunState, unpack

VIEWS: Final = (
    ("gradients", "Gradient norm by depth"),
    ("ratios", "Residual over identity"),
    ("confusion", "Confusion matrix"),
)
VIEW_WIDE: Final = 186
LINES: Final = 9
"""Layers that are drawn as lines, evenly from the first to the last."""


def _scale_bar() -> QLabel:
    """The colours of the heat map, smallest first.

    A label with a picture: pyqtgraph's ``ColorBarItem`` is a plot with an axis of its own, for which a title's row has
    no room, and takes 34 ms to make where this takes 0.1 ms.
    """
    made = QLabel()
    made.setPixmap(QPixmap.fromImage(coloured(bytes(range(256)), (256, 1), viridis_ramp()).scaled(64, 6)))
    made.setFixedSize(64, 6)
    return made


class InternalsPanel(QFrame):
    """The panel of what happens inside the network: gradients, residuals, confusion.

    Signals:
        hovered: x under the mouse, None when it has left.
        enlarge_requested: show this panel alone, or all again.
        changed: another view is wanted.
        cell_chosen: epoch, and numbers of the true and the given class.
    """

    hovered = Signal(object)
    enlarge_requested = Signal()
    changed = Signal()
    cell_chosen = Signal(int, int, int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("panel")
        layout = column(self)
        layout.addWidget(self._bar(theme))
        self.strips, self.lines = GradientHeatmap(theme), CurvePlot(theme, "Gradient norm", "", titled=False)
        self.lines.set_log(log=True)
        self.meter, self.confusion = ResidualRatios(theme), ConfusionView(theme)
        self.stack = QStackedWidget()
        for part in (self.strips, self.lines, self.meter, self.confusion):
            self.stack.addWidget(part)
        layout.addWidget(self.stack, 1)
        self.strips.hovered.connect(self.hovered)
        self.lines.hovered.connect(self.hovered)
        self.strips.scale_changed.connect(self._show_scale)
        self.confusion.epoch_chosen.connect(self.changed)
        self.confusion.cell_chosen.connect(self.cell_chosen)
        self._runs: list[RunRow] = []
        self._seen: object = None

    def _bar(self, theme: Theme) -> QFrame:
        bar, line, title = header("", height=34)
        bar.setObjectName("panel")
        title.hide()
        self.view = SmallCombo("What is shown", least=96, list_width=VIEW_WIDE)
        self.view.show_entries((text, key) for key, text in VIEWS)
        self.note = label("layer 1 at the top", "muted12")
        self._low, self._scale, self._high = label("", "small"), _scale_bar(), label("", "small")
        self.form = SegmentedControl(theme, [("heat", "Heat", ""), ("lines", "Lines", "")], height=24)
        self.form.setFixedWidth(104)
        self.form.setAccessibleName("Heat or lines")
        enlarge = icon_button(theme, "fit", "Show only this panel, or all plots again", size=24)
        enlarge.clicked.connect(self.enlarge_requested)
        # Its hint is a few pixels short of its longest entry; where there is room it takes it.
        self.view.setMaximumWidth(VIEW_WIDE)
        line.addWidget(self.view, 1)
        line.addWidget(self.note)
        line.addStretch()
        for part in (self._low, self._scale, self._high, self.form, enlarge):
            line.addWidget(part)
        self.view.currentIndexChanged.connect(self._choose)
        self.form.chosen.connect(self._choose)
        return bar

    @property
    def key(self) -> str:
        """What is shown: "gradients", "ratios" or "confusion"."""
        return str(self.view.currentData())

    def _choose(self, _choice: object) -> None:
        gradients = self.key == "gradients"
        heat = self.form.key == "heat"
        self.form.setVisible(gradients)
        self._show_note()
        page = {"gradients": 0 if heat else 1, "ratios": 2, "confusion": 3}[self.key]
        self.stack.setCurrentIndex(page)
        self._seen = None
        self.changed.emit()

    def _show_scale(self, low: float, high: float) -> None:
        self._low.setText(f"{low:.2g}")
        self._high.setText(f"{high:.2g}")

    # ---- drawing

    def draw(self, shown: Sequence[RunRow], chosen: RunRow | None, axis: Axis, limit: float) -> None:
        """Show the chosen run, and beside it another one where there is room for two."""
        self._runs = [run for run in shown if run.state is not None and run is not chosen]
        state = chosen.state if chosen is not None else None
        self.confusion.set_epochs(len(state.answers) if state is not None else 0)
        seen = (
            self.key, self.form.key, axis, limit, self.confusion.epoch, id(chosen),
            tuple(
                (id(run), run.name, run.colour, len(run.state.gradients.steps), id(run.state.started))
                for run in shown if run.state is not None
            ),
            len(state.answers) if state is not None else 0,
        )  # fmt: skip
        if seen == self._seen:
            return
        self._seen = seen
        if self.key == "ratios":
            self._draw_ratios(chosen)
        elif self.key == "confusion":
            self._draw_confusion(chosen)
        elif self.form.key == "heat":
            self._draw_heat(chosen, axis, limit)
        else:
            self._draw_lines(chosen, axis, limit)

    def places(self, run: RunRow, axis: Axis) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Where on the x axis the gradients of a run were taken."""
        state = run.state
        steps = np.array(state.gradients.steps if state is not None else [], dtype=np.float64) - 1
        if state is None or state.started is None or axis == "step":
            return steps
        if axis == "epoch":
            return steps / state.started.steps_per_epoch
        seconds = np.array(state.curves["seconds"].y)
        at = np.clip(steps.astype(np.int64), 0, max(0, len(seconds) - 1))
        return seconds[at] if len(seconds) else steps

    def _draw_heat(self, chosen: RunRow | None, axis: Axis, limit: float) -> None:
        strips = [self._strip(run, run.state, axis) for run in heat_runs(self._runs, chosen) if run.state is not None]
        self.strips.set_strips(strips, limit, times=axis == "time")

    def _strip(self, run: RunRow, state: RunState, axis: Axis) -> Strip:
        hues = tuple(section_token(section) for section in probed_sections(run.spec))
        per_epoch = state.started.steps_per_epoch if state.started is not None else 0
        places = self.places(run, axis)
        return Strip(
            run.token, dashes_of(self._runs).get(run.folder, 0), run.name, state.gradients, places, hues, per_epoch
        )

    def _draw_lines(self, chosen: RunRow | None, axis: Axis, limit: float) -> None:
        curves: list[CurveData] = []
        if chosen is not None and chosen.state is not None and chosen.state.gradients.width:
            values, places = matrix(chosen.state.gradients), self.places(chosen, axis)
            depth, sections = len(values), probed_sections(chosen.spec)
            for number in sorted({round(at * (depth - 1) / (LINES - 1)) for at in range(LINES)}):
                points = thinned(Points(places, np.maximum(values[number], 1e-12)), self.lines.pixels)
                # Only a run whose files do not go together has figures of a layer that its design lacks.
                hue = section_token(sections[number]) if number < len(sections) else "t3"
                curves.append(CurveData(f"layer {number}", points, hue, 1.4, 1.0))
        self.lines.set_curves(curves, limit=limit)
        self.lines.set_ticks((), times=axis == "time")

    def _draw_ratios(self, chosen: RunRow | None) -> None:
        state = chosen.state if chosen is not None else None
        if chosen is None or state is None:
            self.meter.show_nothing("Choose a run.")
        elif not state.ratios.width:
            plain = not SHORTCUTS[chosen.spec.shortcut].adds
            self.meter.show_nothing(
                "A plain network has no shortcuts to compare with." if plain else "Ratios appear with the first step."
            )
        else:
            width = state.ratios.width
            step = state.ratios.steps[-1]
            blocks = [location for location, block in plan(chosen.spec).blocks() if block.adds]
            title = f"{chosen.name}, step {step:,.0f}: ‖F(x)‖ / ‖shortcut‖ of each block"
            self.meter.show_blocks(title, blocks, tuple(state.ratios.values[-width:]))

    def _draw_confusion(self, chosen: RunRow | None) -> None:
        state = chosen.state if chosen is not None else None
        count = len(state.answers) if state is not None else 0
        if chosen is None or state is None or not count or state.started is None or chosen.data is None:
            self.confusion.matrix.set_counts(np.zeros((0, 0), dtype=np.int64), ())
            return
        labels, answers = labels_and_answers(chosen, self.confusion.epoch)
        classes = chosen.data.classes
        self.confusion.matrix.set_counts(confusion(labels, answers, len(classes)), classes)

    def show_cross(self, x: float | None) -> None:
        """The crosshair at ``x``."""
        self.strips.show_cross(x)
        self.lines.show_cross(x, lambda: ("", (), []))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the note out where there is no room for it."""
        super().resizeEvent(event)
        self._show_note()

    def _show_note(self) -> None:
        heat = self.key == "gradients" and self.form.key == "heat"
        self.note.setVisible(heat and self.width() > 660)
        for part in (self._low, self._scale, self._high):
            part.setVisible(heat and self.width() > 470)

    def sizeHint(self) -> QSize:
        """As large as the plots."""
        return QSize(500, 320)


def heat_runs(runs: Sequence[RunRow], chosen: RunRow | None) -> list[RunRow]:
    """The runs whose gradients are shown over depth and time: the chosen one, and one beside it.

    Two at most: what is compared must be seen at once.
    """
    able = [run for run in runs if run is not chosen and run.state is not None and run.state.gradients.width]
    if chosen is None or chosen.state is None or not chosen.state.gradients.width:
        return able[-1:]
    # Best beside one of the same depth, a plain network beside its residual one.
    depth = chosen.state.gradients.width
    able.sort(key=lambda run: run.state is not None and run.state.gradients.width == depth)
    return [chosen, *able[-1:]]


def labels_and_answers(
    run: RunRow, epoch: int
) -> tuple[np.ndarray[tuple[int], np.dtype[np.uint16]], np.ndarray[tuple[int], np.dtype[np.uint16]]]:
    """True and given classes of the test pictures in an epoch (from 1); of one length, empty where they are damaged."""
    state = run.state
    nothing = np.empty(0, dtype=np.uint16)
    if state is None or state.started is None or not 0 < epoch <= len(state.answers):
        return nothing, nothing
    labels = np.frombuffer(unpack(state.started.labels), dtype="<u2")
    answers = np.frombuffer(unpack(state.answers[epoch - 1].answers), dtype="<u2")
    return (labels, answers) if len(labels) == len(answers) else (nothing, nothing)


def probed_sections(spec: ResNetSpec) -> list[Section]:
    """Where each convolution and linear layer stands whose gradients are probed: in the stem, a stage or the head."""
    return [location.stage for location, layer in plan(spec).places() if KINDS[layer.kind].mixes]
