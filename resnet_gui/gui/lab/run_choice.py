"""Which networks an experiment measures: ones that it trains itself, or finished runs of the user's."""

from __future__ import annotations

from pathlib import Path

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QListWidget, QListWidgetItem, QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import lab_folder
from resnet_gui.gui.kit.basic import column, label
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.session import Session
from resnet_gui.lab.experiment import Experiment
from resnet_gui.lab.folder import ExperimentRecord, RunOfRole, experiment_folder, forget_measured
from resnet_gui.lab.results import ALL
from resnet_gui.lab.roles import assigned_runs, seeds_of_runs
from resnet_gui.runs.folder import read_run_info


class RunChoiceDialog(QDialog):
    """A list of the finished runs that an experiment can measure, to be ticked."""

    def __init__(self, parent: QWidget, experiment: Experiment, runs: list[RunRow], chosen: set[str]) -> None:
        super().__init__(parent)
        self._experiment = experiment
        self.setWindowTitle(f"{experiment.title}: networks")
        self.setMinimumWidth(520)
        layout = column(self, (20, 16, 20, 16), 8)
        own = ", ".join(role.network for role in experiment.roles)
        words = (
            f"With none ticked, it trains networks of its own: {own}." if own else "Measured beside its own networks:"
        )
        layout.addWidget(label(words, wrap=True))
        self.list = QListWidget()
        self.list.setAccessibleName("Finished runs")
        for run in runs:
            roles = ", ".join(role.title.lower() for role in experiment.roles if role.fits(run.spec))
            seed = "" if run.name.endswith(f"seed {run.recipe.seed}") else f", seed {run.recipe.seed}"
            item = QListWidgetItem(f"{run.name}{seed}, {run.data_name}{', as the ' if roles else ''}{roles}")
            item.setData(Qt.ItemDataRole.UserRole, str(run.folder))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            on = str(run.folder) in chosen
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        layout.addWidget(self.list)
        if not runs:
            self.list.hide()
            wanted = ", or ".join(role.words for role in experiment.roles) or "any finished run"
            layout.addWidget(label(f"No finished run of yours fits; it wants {wanted}.", "muted12", wrap=True))
        self.problem = label("", "error", wrap=True)
        layout.addWidget(self.problem)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.runs: tuple[RunOfRole, ...] = ()

    def chosen(self) -> list[Path]:
        """Folders of the runs that are ticked."""
        items = [self.list.item(number) for number in range(self.list.count())]
        return [Path(item.data(Qt.ItemDataRole.UserRole)) for item in items
                if item.checkState() == Qt.CheckState.Checked]  # fmt: skip

    def _accept(self) -> None:
        """Take the runs if they go together; else say why they do not."""
        chosen = self.chosen()
        try:
            found = [(path, read_run_info(path)) for path in chosen]
            if self._experiment.also_runs:
                self.runs = tuple(RunOfRole(ALL, info.recipe.seed, str(path)) for path, info in found)
            else:
                self.runs = assigned_runs(self._experiment, found) if found else ()
        except InputError as error:
            self.problem.setText(str(error))
            return
        self.accept()


def fitting_runs(session: Session, experiment: Experiment) -> list[RunRow]:
    """Finished runs that can be one of an experiment's networks, without those that the Lab trained itself."""
    session.runs.load()
    own = lab_folder()
    return [
        run
        for run in session.runs.rows()
        if run.usable and not run.going and own not in run.folder.parents
        and (experiment.also_runs or any(role.fits(run.spec) for role in experiment.roles))
    ]  # fmt: skip


def ask_runs(
    parent: QWidget, session: Session, experiment: Experiment, record: ExperimentRecord, *, draws: bool
) -> ExperimentRecord | None:
    """Ask which networks are measured; the record with them, or None where nothing changes.

    Raises:
        InputError: what was measured of other networks cannot be removed.
    """
    chosen = {run.folder for run in record.runs}
    dialog = RunChoiceDialog(parent, experiment, fitting_runs(session, experiment), chosen)
    agreed = dialog.exec()
    runs = dialog.runs
    dialog.deleteLater()
    if not agreed or runs == record.runs:
        return None
    scale = experiment.scale(record.scale)
    usual = scale.seeds if scale is not None else record.seeds
    seeds = record.seeds if draws or experiment.also_runs else (seeds_of_runs(runs) or usual)
    try:
        forget_measured(experiment_folder(experiment, record.scale))
    except OSError as error:
        raise InputError(f"What was measured cannot be removed: {error.strerror or error}.") from error
    return msgspec.structs.replace(record, runs=runs, seeds=seeds)
