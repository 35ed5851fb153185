"""What a run is and how it stands, line by line."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QSizePolicy

from resnet_gui.analysis.costs import totals
from resnet_gui.data.layouts.description import description_lines
from resnet_gui.design.choices import SHORTCUTS
from resnet_gui.design.plan import plan
from resnet_gui.gui.kit.basic import ElidedLabel, column, label, row
from resnet_gui.gui.kit.format import binary, count, percent
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.runs.folder import LAST_FILE, RunInfo
from resnet_gui.runs.history import RunState
from resnet_gui.training.named_recipes import recipe_of

LINES = (
    "Design", "Parameters", "Data set", "Recipe", "Batch", "Optimiser", "Learning rate", "Precision", "Device",
    "Seed", "Reached", "Best error", "Test error", "Checkpoint", "Skipped", "Begun",
)  # fmt: skip


class RunDetails(QFrame):
    """The details of a run: names at the left, values at the right; the user's note below."""

    def __init__(self) -> None:
        super().__init__()
        layout = column(self, (16, 10, 16, 10), 4)
        layout.setSpacing(6)
        self._values: dict[str, ElidedLabel] = {}
        for name in LINES:
            value = self._values[name] = ElidedLabel("", least=20)
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            # A row of its own: in a column the longest name would take the room of all values.
            line = row(gap=12)
            line.addWidget(label(name, "muted12"))
            line.addWidget(value, 1)
            layout.addLayout(line)
        self.note = label("", "caption", wrap=True)
        # One long word must not push the values out of the panel.
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout.addWidget(self.note)
        layout.addStretch()

    def show_run(self, run: RunRow) -> None:
        """Show a run."""
        for name, text in facts(run).items():
            self._values[name].setText(text)
            self._values[name].setToolTip(text)
        if run.data is not None and run.data.description is not None:
            self._values["Data set"].setToolTip("\n".join(description_lines(run.data.description)))
        threads = run.state.threads if run.state is not None else None
        if threads is not None:
            self._values["Device"].setToolTip(threads.sentence)
        self.note.setText(run.note)

    def texts(self) -> dict[str, str]:
        """What is shown."""
        return {name: value.text() for name, value in self._values.items()}


def facts(run: RunRow) -> dict[str, str]:
    """What there is to say of a run; a dash for what is not known."""
    recipe, info, state = run.recipe, run.info, run.state
    named = recipe_of(recipe)
    step = state.step if state is not None else 0
    started = state.started if state is not None else None
    parts = f" in {recipe.accumulate} parts" if recipe.accumulate > 1 else ""
    # The same count as in the head of the page.
    where = f"epoch {run.epoch_now:,} of {run.epochs:,}, step {step:,}" if started and step else "–"
    last = run.folder / LAST_FILE
    skipped = (started.skipped_count if started else 0) + (len(state.skipped) if state else 0)
    momentum = f", {recipe.momentum:g}{' Nesterov' if recipe.nesterov else ''}"
    return {
        "Design": f"{run.design}, {SHORTCUTS[run.spec.shortcut].short_run}",
        "Parameters": count(totals(plan(run.spec)).cost.params),
        "Data set": run.data_name,
        "Recipe": named.title if named is not None else "Custom",
        "Batch": f"{recipe.batch_size:,}{parts}",
        "Optimiser": "AdamW" if recipe.optimizer == "adamw" else f"SGD{momentum}",
        "Learning rate": f"{recipe.lr:g}, {recipe.schedule}",
        "Precision": info.precision if info is not None else recipe.precision,
        "Device": _device(info, state),
        "Seed": str(recipe.seed),
        "Reached": where,
        "Best error": percent(run.error, 2) if run.error is not None else "–",
        "Test error": _test_error(state),
        "Checkpoint": binary(last.stat().st_size) if last.is_file() else "none written",
        "Skipped": f"{skipped:,} pictures" if skipped else "none",
        "Begun": info.created.replace("T", " ")[:16] if info is not None else "–",
    }


def _device(info: RunInfo | None, state: RunState | None) -> str:
    """Where a run computes, with how many processes if several, and its threads where they have changed."""
    if info is None:
        return "–"
    processes = f", {info.processes} processes" if info.processes > 1 else ""
    change = state.threads if state is not None else None
    threads = f", {change.count} from step {change.step + 1:,} on" if change is not None else ""
    return f"{info.device.upper()}{processes}{threads}"


def _test_error(state: RunState | None) -> str:
    """The last figure of the test part that is counted at the end, and how many times it was counted by then."""
    if state is None or not state.final_tests:
        return "–"
    counted = len(state.final_tests)
    result = list(state.final_tests.values())[-1]
    again = f", counted {counted} times" if counted > 1 else ""
    return f"{percent(1 - (result.final_top1 or 0.0), 2)} of {result.final_images:,}{again}"
