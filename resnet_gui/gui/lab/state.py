"""What the Lab page shows: the chosen experiment at a scale, its record, and what there is of its results."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal

from resnet_gui.base.errors import InputError
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.gui.lab.curves import CurveReader
from resnet_gui.gui.lab.figures.figure import FigureData
from resnet_gui.gui.settings import LabDraft
from resnet_gui.lab.experiment import Experiment, Scale
from resnet_gui.lab.experiments import EXPERIMENTS
from resnet_gui.lab.folder import (
    SWEEP,
    ExperimentRecord,
    answered,
    experiment_folder,
    forget_measured,
    forget_networks,
    locked,
    sweep_folder,
    write_record,
)
from resnet_gui.lab.reader import ResultsReader
from resnet_gui.lab.results import Results
from resnet_gui.runs.folder import RunInfo, read_run_info
from resnet_gui.sweeps.state import SweepState


class LabState(QObject):
    """The state of the page.

    Attributes:
        experiment: the chosen one.
        scale: the chosen one of it.
        record: its answers, seeds and options; written from the first lock on.
        results: what is there; None of an experiment that has not run.
        sweep: the runs behind it; None where it trains nothing, or has not begun.
        anew: whether a prediction is asked for again; what there was stays in its folder until it is run.
        fixed: names of controls that a teacher's card holds.
        from_card: which of "seeds" and "options" are those of a teacher's card, and none of the user's own.
        revealed: whether claims, paper and what to look for are shown: after the lock, or where it was skipped.

    Signals:
        experiment_changed: another experiment or scale is shown.
        results_changed: there is more, or less, than before.
        problem_found: a sentence about what could not be read or written.
    """

    experiment_changed = Signal()
    results_changed = Signal()
    problem_found = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.experiment: Experiment = next(iter(EXPERIMENTS.values()))
        self.scale: Scale = self.experiment.scales[0]
        self.record = ExperimentRecord(experiment=self.experiment.key, scale=self.scale.key, seeds=self.scale.seeds)
        self.results: Results | None = None
        self.sweep: SweepState | None = None
        self.revealed = self.anew = False
        self.fixed: frozenset[str] = frozenset()
        self.from_card: frozenset[str] = frozenset()
        self._reader: ResultsReader | None = None
        self._curves = CurveReader()
        self._infos: dict[Path, RunInfo] = {}
        self._drafts: dict[tuple[str, str], LabDraft] = {}

    @property
    def folder(self) -> Path:
        """Where the experiment lies at its scale."""
        return experiment_folder(self.experiment, self.scale.key)

    @property
    def sweep_folder(self) -> Path:
        """Where its runs lie."""
        return self.folder / SWEEP

    def choose(self, experiment: str, scale: str = "") -> None:
        """Show another experiment, at a scale or its first."""
        self._note_draft()
        chosen = EXPERIMENTS[experiment]
        self.experiment = chosen
        self.scale = chosen.scale(scale) or chosen.scales[0]
        self._reader, self._curves = None, CurveReader()
        self.load()
        self.experiment_changed.emit()

    def load(self) -> None:
        """Read the record and the results of the chosen experiment."""
        self._reader, self.anew = None, False
        self.record = ExperimentRecord(experiment=self.experiment.key, scale=self.scale.key, seeds=self.scale.seeds)
        self.record = self._read() or self.record
        draft = self._drafts.get((self.experiment.key, self.scale.key))
        if draft is not None and not self.record.locked:
            self._take_draft(draft)
        self.revealed = bool(self.record.locked)

    # ---- what is not on disk yet

    @property
    def drafts(self) -> list[LabDraft]:
        """What is answered and chosen of experiments that have not run."""
        self._note_draft()
        return list(self._drafts.values())

    def set_drafts(self, drafts: Sequence[LabDraft]) -> None:
        """Take what was answered and chosen in an earlier window."""
        self._drafts = {(draft.experiment, draft.scale): draft for draft in drafts}
        self.load()

    def leave_card(self) -> None:
        """The card is put away: seeds and options are the user's own again, unless it was run; answers stay."""
        if not self.record.locked and not self.anew:
            self._note_draft()
            self.load()
        self.from_card = frozenset()

    def _note_draft(self) -> None:
        record, key = self.record, (self.experiment.key, self.scale.key)
        usual = LabDraft(*key, seeds=self.scale.seeds)
        own = self._drafts.get(key, usual)
        seeds = own.seeds if "seeds" in self.from_card else record.seeds
        options = own.options if "options" in self.from_card else record.options
        draft = LabDraft(*key, dict(record.answers), seeds, dict(options), record.data)
        begun = draft != usual
        if begun and not record.locked and not self.anew:
            self._drafts[key] = draft
        else:
            self._drafts.pop(key, None)

    def _take_draft(self, draft: LabDraft) -> None:
        """Fill the record; what this version of the experiment does not ask any more is left out."""
        self.record = msgspec.structs.replace(
            self.record, seeds=draft.seeds or self.scale.seeds, options=draft.options, data=draft.data
        )
        for question, option in draft.answers.items():
            with contextlib.suppress(InputError):
                self.record = answered(self.experiment, self.record, {question: option})

    def refresh(self) -> None:
        """Read what has come since."""
        if self.anew:
            return  # nothing of it is run while the prediction is asked for again
        before = (self.results, self.sweep)
        kept = self._read()
        if kept is not None and kept.locked:
            self.record = kept  # what is not locked yet is only here
        if (self.results, self.sweep) != before:
            self.results_changed.emit()

    def _read(self) -> ExperimentRecord | None:
        """Read results and runs; the record as it is on disk, None where that cannot be read."""
        try:
            self._reader = self._reader or ResultsReader(self.experiment, self.scale.key)
            found = self._reader.read()
        except InputError as error:
            self._reader, self.results, self.sweep = None, None, None
            self.problem_found.emit(str(error))
            return None
        self.results = found if self._reader.record.locked else None
        self.sweep = self._reader.sweep
        return self._reader.record

    # ---- the record

    def answer(self, question: str, option: str) -> None:
        """Take an answer, as long as answers are not locked."""
        try:
            self.record = answered(self.experiment, self.record, {question: option})
        except InputError as error:
            self.problem_found.emit(str(error))

    def ask_anew(self) -> None:
        """Ask for a prediction again; what there is is out of sight, and removed only when it is run."""
        self.record = msgspec.structs.replace(self.record, answers={}, locked="")
        self.results, self.anew, self.revealed = None, True, False

    def lock(self) -> bool:
        """Lock the answers, given or not, and keep the record; whether that was possible.

        What was measured or trained before is removed first: it must not stand under answers that were given since.
        """
        try:
            if not self.record.locked:
                forget_measured(self.folder)
                if self.anew and not self.scale.shared:
                    forget_networks(sweep_folder(self.experiment, self.record))
        except InputError as error:
            self.problem_found.emit(str(error))
            return False
        except OSError as error:
            self.problem_found.emit(f"{self.folder} cannot be emptied: {error.strerror or error}.")
            return False
        if not self.keep(locked(self.record)):
            return False
        self.anew = False
        return True

    def keep(self, record: ExperimentRecord) -> bool:
        """Keep a record; whether that was possible."""
        try:
            write_record(self.folder, record)
        except InputError as error:
            self.problem_found.emit(str(error))
            return False
        self.record = record
        self.revealed = bool(record.locked)
        return True

    def set_seeds(self, count: int) -> None:
        """Ask for so many seeds, from 1."""
        self.record = msgspec.structs.replace(self.record, seeds=tuple(range(1, count + 1)))

    def set_options(self, options: Mapping[str, Any]) -> None:
        """Ask for fields of the set-up that differ from the scale's own."""
        usual = self._usual()
        changed = {name: value for name, value in options.items() if usual.get(name) != value}
        self.record = msgspec.structs.replace(self.record, options=changed)

    def options(self) -> dict[str, Any]:
        """All fields of the set-up, as they are asked for."""
        return self._usual() | self.record.options

    def _usual(self) -> dict[str, Any]:
        """The scale's own set-up as JSON has it, as a record's options are."""
        found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self.scale.setup)) or {}
        return found

    # ---- what is drawn

    def figure_data(self) -> FigureData | None:
        """What a figure draws; None while there is nothing."""
        results = self.results
        if results is None:
            return None
        curves = self._curves.read(self.sweep) if self.sweep is not None else {}
        recipe = self.scale.sweep.recipe if self.scale.sweep is not None else None
        per_epoch = _steps_per_epoch(self.sweep)
        return FigureData(
            results=results,
            curves=curves,
            epochs=float(recipe.epochs) if recipe is not None else 0.0,
            warm_up=recipe.warmup / per_epoch if recipe is not None and per_epoch else 0.0,
            **self._behind_roles(),
        )

    def _behind_roles(self) -> dict[str, Any]:
        """Name, design and run folders of every role."""
        names, specs, folders = dict[str, str](), dict[str, ResNetSpec](), dict[str, dict[int, str]]()
        for role in self.experiment.roles:
            names[role.key], folders[role.key] = role.network, {}
            for cell in self.sweep.cells if self.sweep is not None and not self.record.runs else ():
                if cell.configuration.labels[0] == role.network:
                    specs[role.key] = cell.configuration.spec
                    if cell.status == "finished":
                        folders[role.key][cell.seed] = str(cell.folder)
            for run in self.record.runs:
                if run.role == role.key:
                    info = self._info(Path(run.folder))
                    if info is not None:
                        names[role.key], specs[role.key] = info.name, info.spec
                        folders[role.key][run.seed] = run.folder
        return {"names": names, "specs": specs, "folders": folders}

    def _info(self, folder: Path) -> RunInfo | None:
        if folder not in self._infos:
            try:
                self._infos[folder] = read_run_info(folder)
            except InputError:
                return None  # it is gone; what was measured of it stays
        return self._infos[folder]


def _steps_per_epoch(sweep: SweepState | None) -> float:
    """Optimiser steps of an epoch, as the first run that is over says; 0 before that."""
    for cell in sweep.cells if sweep is not None else ():
        if cell.epochs:
            return cell.epochs[-1].step / cell.epochs[-1].epoch
    return 0.0
