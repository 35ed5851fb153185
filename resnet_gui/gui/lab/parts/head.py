"""The head of the page: title, state, paper, seeds, what can be done now, and the scales."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QSpinBox, QWidget

from resnet_gui.gui.kit.basic import ElidedLabel, button, column, label, panel, row, set_icon
from resnet_gui.gui.kit.charts.badge import Badge, BadgeData
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.form import indent
from resnet_gui.gui.kit.theme import Theme

Phase = Literal["asking", "ready", "running", "paused", "stopping", "finished", "unfinished"]

HIGH: Final = 75
MOST_SEEDS: Final = 20
BADGES: Final = {
    "not run": BadgeData("Not run"),
    "running": BadgeData("Running", "acc"),
    "paused": BadgeData("Paused", "warn", "pause"),
    "finished": BadgeData("Finished", "ok", "check"),
    "failed": BadgeData("Failed", "err", "alert"),
    "unfinished": BadgeData("Unfinished", "warn", "pause"),
}


@dataclass(frozen=True)
class HeadData:
    """The content of the head.

    Attributes:
        title, question, paper: of the experiment.
        badge: its state.
        phase: what can be done now.
        run: words of the primary button.
        able: whether it can be pressed, and why not.
        seeds: that are asked for.
        pausable: whether what runs can be held.
        scales: key and title of each.
        scale: the chosen one.
        blocked: reasons by scale that cannot be chosen.
        fixed: controls that a teacher's card holds.
        again: words of the button that runs once more.
        has_results: whether it was run.
        on_runs: whether it can measure finished runs of the user's.
        anew: whether there are results that running would replace.
    """

    title: str
    question: str
    paper: str
    badge: BadgeData
    phase: Phase
    run: str = ""
    able: bool = True
    why: str = ""
    seeds: int = 3
    pausable: bool = False
    scales: Sequence[tuple[str, str]] = ()
    scale: str = ""
    blocked: frozenset[str] = field(default_factory=frozenset)
    fixed: frozenset[str] = field(default_factory=frozenset)
    again: str = "Run again"
    has_results: bool = False
    on_runs: bool = False
    anew: bool = False


class HeadButton(NamedTuple):
    """A button of the head: what it asks for, its words, kind, icon and tooltip."""

    key: str
    text: str
    kind: str
    icon: str
    tip: str


BUTTONS: Final = (
    HeadButton("paper", "", "ghost", "book", "Where this comes from, how it is done, and how that differs"),
    HeadButton("card", "", "ghost", "file", "Write a teacher's card: one file that opens this experiment"),
    HeadButton("networks", "Networks …", "ghost", "layers", "Which networks are measured: its own, or runs of yours"),
    HeadButton("skip", "Skip", "ghost", "", "See claims and run without a prediction"),
    HeadButton("cancel", "Cancel", "ghost", "", "Keep the results and the prediction that there are"),
    HeadButton("report", "Export report", "", "report", "One HTML file: question, curves, claims, versions"),
    HeadButton("add", "Add 2 seeds", "", "plus", "Run two more seeds and add them to what there is"),
    HeadButton(
        "again",
        "Run again",
        "",
        "refresh",
        "Run everything anew; what there is stays until you press Run",
    ),
    HeadButton("resume", "Go on", "", "play", "Go on where it was stopped"),
    HeadButton("pause", "Pause", "", "pause", "Hold after the step"),
    HeadButton("unpause", "Go on", "", "play", "Go on"),
    HeadButton("stop", "Stop", "danger", "stop", "End; what is finished stays"),
    HeadButton("run", "", "primary", "play", ""),
)
"""From left to right; the number of seeds stands behind the second."""


class ExperimentHead(QWidget):
    """The head of an experiment.

    Attributes:
        tools: where a figure puts controls of its own, in place of the scales.

    Signals:
        requested: "run", "skip", "add", "again", "cancel", "pause", "unpause", "stop", "report", "paper" or "card".
        seeds_chosen: how many.
        scale_chosen: its key.
    """

    requested = Signal(str)
    seeds_chosen = Signal(int)
    scale_chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedHeight(HIGH)
        layout = column(self, (16, 9, 16, 6), 4)
        layout.addLayout(self._first(theme))
        second = row()
        self.question = ElidedLabel("", "muted")
        self.question.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        second.addWidget(self.question, 1)
        around = QWidget()
        self.tools = row(around, gap=12)
        second.addWidget(around)
        self.scales = SegmentedControl(theme, [("", "", "")], height=24, fitted=True)
        self.scales.setAccessibleName("Scale")
        self.scales.chosen.connect(self.scale_chosen)
        second.addWidget(self.scales)
        layout.addLayout(second)

    def _first(self, theme: Theme) -> QHBoxLayout:
        line = row(gap=8)
        self.title = ElidedLabel("", "page", least=90)
        line.addWidget(self.title)
        self.badge = Badge(theme)
        line.addWidget(self.badge)
        line.addStretch()
        self._buttons: dict[str, QPushButton] = {}
        self._texts: dict[str, str] = {}
        for made in BUTTONS[:2]:
            line.addWidget(self._make_button(made))
        self.seeds_label = label("Seeds", "muted12")
        self.seeds = QSpinBox()
        self.seeds.setRange(1, MOST_SEEDS)
        self.seeds.setFixedWidth(64)
        indent(self.seeds)
        self.seeds.setAccessibleName("Seeds")
        self.seeds.setToolTip("How often everything is repeated, with other weights and another order of pictures")
        self.seeds.valueChanged.connect(self.seeds_chosen)
        line.addWidget(self.seeds_label)
        line.addWidget(self.seeds)
        for made in BUTTONS[2:]:
            line.addWidget(self._make_button(made))
        return line

    def _make_button(self, made: HeadButton) -> QPushButton:
        found = self._buttons[made.key] = button(made.text, made.kind, made.tip)
        if made.icon:
            inks = {"ghost": "t2", "danger": "err", "primary": "onacc"}
            set_icon(self._theme, found, made.icon, inks.get(made.kind, "t1"))
        found.clicked.connect(lambda: self.requested.emit(made.key))
        found.setAccessibleName(made.text or made.tip)
        self._texts[made.key] = made.text
        return found

    def button(self, key: str) -> QPushButton:
        """A button by what it asks for."""
        return self._buttons[key]

    def show_head(self, data: HeadData, *, narrow: bool = False) -> None:
        """Show title, state and what can be done."""
        self.title.setText(data.title)
        self.badge.show_badge(data.badge)
        self.question.setText(data.question)
        self.question.setToolTip(data.question)
        self._show_buttons(data, narrow=narrow)
        asking = data.phase in {"asking", "ready"} and not data.has_results
        # In a narrow window the tooltip says what the number is.
        self.seeds_label.setVisible(asking and not narrow)
        self.seeds.setVisible(asking)
        self.seeds.setEnabled("seeds" not in data.fixed)
        self.seeds.blockSignals(True)
        self.seeds.setMaximum(max(MOST_SEEDS, data.seeds))
        self.seeds.setValue(data.seeds)
        self.seeds.blockSignals(False)
        self.scales.setVisible(len(data.scales) > 1)
        options = [(key, title, "") for key, title in data.scales]
        self.scales.set_options(options, set(data.blocked))
        self.scales.set_key(data.scale)
        self.scales.setEnabled("scale" not in data.fixed and data.phase not in {"running", "paused", "stopping"})

    def _show_buttons(self, data: HeadData, *, narrow: bool) -> None:
        shown = {
            "asking": {"skip", "run"}, "ready": {"run"}, "running": {"stop"}, "paused": {"unpause", "stop"},
            "stopping": {"stop"}, "finished": {"again", "add"}, "unfinished": {"again", "resume"},
        }[data.phase] | {"paper", "card"}  # fmt: skip
        if data.pausable and data.phase == "running":
            shown.add("pause")
        if data.has_results:
            shown.add("report")
        if data.anew:
            shown.add("cancel")
        if data.on_runs and not data.anew and data.phase not in {"running", "paused", "stopping"}:
            shown.add("networks")
        if "prediction" in data.fixed:
            shown.discard("skip")
        for key, made in self._buttons.items():
            made.setVisible(key in shown)
        texts = {**self._texts, "paper": data.paper, "again": data.again, "run": data.run}
        for key, made in self._buttons.items():
            # In a narrow window a quiet button keeps its icon; its tooltip says the rest.
            bare = narrow and key in {"paper", "networks", "report", "add", "again"} and len(texts[key]) > 6
            made.setText("" if bare else texts[key])
            made.setFixedWidth(36) if bare else made.setMaximumWidth(16_777_215)
            if not bare:
                made.setMinimumWidth(0)
        self._buttons["paper"].setAccessibleName(data.paper)
        self._buttons["run"].setEnabled(data.able)
        self._buttons["run"].setToolTip(data.why)
        self._buttons["add"].setEnabled("seeds" not in data.fixed)
        self._buttons["stop"].setEnabled(data.phase != "stopping")


def head_panel(head: ExperimentHead) -> QWidget:
    """The head on the ground of a panel."""
    made = panel()
    column(made).addWidget(head)
    return made
