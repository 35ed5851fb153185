"""Shows the state of the page in its parts."""

from __future__ import annotations

from functools import cache
from typing import Final

import msgspec

from resnet_gui.design.spec import Design
from resnet_gui.export.lab_text import about
from resnet_gui.gui.kit.charts.badge import BadgeData
from resnet_gui.gui.kit.format import duration
from resnet_gui.gui.lab.centre import LabCentre
from resnet_gui.gui.lab.colours import network_tokens
from resnet_gui.gui.lab.missing_data import ExperimentData
from resnet_gui.gui.lab.parts.head import BADGES, HeadData, Phase
from resnet_gui.gui.lab.parts.look_for import BEFORE
from resnet_gui.gui.lab.parts.progress import ProgressData, RunSegment, SegmentState
from resnet_gui.gui.lab.runner import ExperimentRunner, Going
from resnet_gui.gui.lab.state import LabState
from resnet_gui.gui.lab.words import claim_rows, is_complete, predictions, scale_title, seconds_of, training_seconds
from resnet_gui.gui.session import Session
from resnet_gui.lab.experiments import EXPERIMENTS
from resnet_gui.sweeps.state import LIVE, RunCell, SweepState, run_cells
from resnet_gui.sweeps.sweep import Expansion, expanded

STATES: Final[dict[str, SegmentState]] = {"finished": "done", "failed": "failed"}


class LabPresenter:
    """The filler of the middle's parts, from the state."""

    def __init__(
        self, state: LabState, runner: ExperimentRunner, centre: LabCentre, session: Session, data: ExperimentData
    ) -> None:
        self._state, self._runner, self._centre, self._session, self._data = state, runner, centre, session, data

    @property
    def going(self) -> Going | None:
        """What is going of the experiment that is shown."""
        return self._runner.going(self._state.experiment.key, self._state.scale.key)

    @property
    def phase(self) -> Phase:
        """What can be done now."""
        state, going = self._state, self.going
        if going is not None:
            return going.state
        if not state.record.locked:
            return "ready" if state.revealed else "asking"
        return "finished" if is_complete(state.results) else "unfinished"

    def fraction(self, going: Going) -> float:
        """How far something is that is going."""
        state = self._state
        shown = going.key == (state.experiment.key, state.scale.key)
        if shown and state.experiment.measures is None and state.sweep is not None:
            going.trained = max(going.trained, state.sweep.fraction)
        return going.share

    def first_design(self) -> Design | None:
        """The design of the first network behind the figure."""
        scale = self._state.scale
        if scale.designs:
            return scale.designs[0]
        if scale.sweep is None:
            return None
        first = _expansion(self._state.experiment.key, scale.key).configurations[0]
        return Design(name=first.name, spec=first.spec)

    def failure(self) -> str:
        """What failed of the results, in a sentence; empty for nothing."""
        failed = self._state.results.failed if self._state.results is not None else {}
        found = [(name, seed, why) for name, seeds in failed.items() for seed, why in seeds.items()]
        if not found or self.going is not None:
            return ""
        name, seed, why = found[0]
        more = f" ({len(found) - 1} more)" if len(found) > 1 else ""
        return f"{name}, seed {seed}: {why}{more}"

    def show(self) -> None:
        """Fill everything but the figure."""
        state, phase, centre = self._state, self.phase, self._centre
        running = phase in {"running", "paused", "stopping"}
        experiment, results = state.experiment, state.results
        centre.head.show_head(self._head(phase), narrow=centre.narrow)
        self._data.show()
        locked = bool(state.record.locked)
        asked = predictions(experiment, results, state.record.answers, state.scale.key)
        centre.prediction.show_predictions(
            asked, asking=phase == "asking", locked=locked and bool(state.record.answers)
        )
        centre.claims.show_rows(
            claim_rows(experiment, results, state.scale.key, revealed=state.revealed, running=running),
            hidden=not state.revealed,
        )
        centre.look_for.show_paragraphs(experiment.look_for if state.revealed else BEFORE)
        centre.progress.show_progress(self._progress(running=running))
        # What is over in seconds says how far it is in its badge; a figure with controls of its own has them here.
        alone = centre.figure is None or centre.figure.tools is None
        trained = state.sweep is not None and state.sweep.status == "finished"
        centre.progress.setVisible(state.scale.sweep is not None and (alone or not trained))
        centre.protocol.setText(
            f"{state.scale.data}, from {state.record.data}" if state.record.data else state.scale.data
        )
        centre.protocol.setToolTip("\n".join((*experiment.protocol, "", *experiment.differences)))
        begun = state.sweep is not None and any(cell.status != "queued" for cell in state.sweep.cells)
        centre.runs.setVisible(begun)
        centre.copy.setVisible(locked)
        centre.export.setVisible(locked)
        centre.designs.setVisible(not begun and self.first_design() is not None)

    def _head(self, phase: Phase) -> HeadData:
        state, going = self._state, self.going
        experiment, scale, record = state.experiment, state.scale, state.record
        has_gpu = any(device.name != "cpu" for device in self._session.devices)
        asked = [question for question in experiment.questions if scale.key in question.scales]
        missing = phase == "asking" and any(question.key not in record.answers for question in asked)
        lacking = self._data.sentence() if phase in {"asking", "ready"} else ""
        time = about(self._seconds())
        failed = state.results is not None and any(state.results.failed.values())
        badge = {"asking": "not run", "ready": "not run", "stopping": "running"}.get(phase, phase)
        if phase in {"finished", "unfinished"} and failed:
            badge = "failed"
        shown = BADGES[badge]
        if going is not None and phase == "running":
            shown = BadgeData(f"Running, {100 * self.fraction(going):.0f} %", "acc")
        return HeadData(
            title=experiment.title,
            question=experiment.question,
            paper=f"Paper, {experiment.figure}",
            badge=shown,
            phase=phase,
            run=f"{'Lock and run' if phase == 'asking' else 'Run'}, {time}",
            able=not missing and not lacking,
            why=lacking or ("Answer the questions first, or skip them" if missing else scale.data),
            seeds=len(record.seeds),
            pausable=going is not None and going.apart,
            scales=[(one.key, scale_title(one, has_gpu=has_gpu)) for one in experiment.scales],
            scale=scale.key,
            fixed=state.fixed,
            anew=state.anew,
            again="Measure again" if experiment.group == "finished-run" else "Run again",
            has_results=bool(record.locked),
            on_runs=(bool(experiment.roles) or experiment.also_runs) and "runs" not in state.fixed,
        )

    def _seconds(self) -> float:
        """What it takes here: to measure, and to train the networks that are not there yet."""
        state = self._state
        seeds = len(state.record.seeds)
        there = sum(cell.status == "finished" for cell in state.sweep.cells) if state.sweep is not None else 0
        training = 0.0 if state.record.runs else training_seconds(state.scale, seeds, there)
        return seconds_of(state.scale, seeds) + training

    # ---- progress

    def _progress(self, *, running: bool) -> ProgressData:
        state = self._state
        if state.scale.sweep is not None:
            return self._of_sweep(running=running)
        return self._of_seeds(running=running)

    def _of_seeds(self, *, running: bool) -> ProgressData:
        """A segment a seed, of an experiment that trains nothing."""
        state, going = self._state, self.going
        seeds = state.record.seeds
        have = {seed for found in (state.results.measured.values() if state.results else ()) for seed in found}
        groups = []
        for seed in seeds:
            now = running and going is not None and going.seed == seed
            part = _part_of_seed(going.fraction, len(seeds), seeds.index(seed)) if going is not None and now else 0.0
            kind: SegmentState = "done" if seed in have else "going" if now else "waits"
            groups.append((f"seed {seed}", (RunSegment("acc", kind, part, f"seed {seed}"),)))
        done = len(have & set(seeds))
        left = (str(done), f"of {len(seeds)} seeds") if state.results else (str(len(seeds)), "seeds to do")
        return ProgressData(left, tuple(groups), self._time(running=running, begun=bool(have)))

    def _of_sweep(self, *, running: bool) -> ProgressData:
        state = self._state
        cells = self._cells()
        names = list(dict.fromkeys(cell.configuration.labels[0] for cell in cells))
        tokens = network_tokens(names)
        groups: dict[int, list[RunSegment]] = {}
        for cell in cells:
            groups.setdefault(cell.seed, []).append(_segment(cell, tokens[cell.configuration.labels[0]]))
        done = sum(cell.status == "finished" for cell in cells)
        left = (str(done), f"of {len(cells)} runs") if state.record.locked else (str(len(cells)), "runs to do")
        made = tuple((f"seed {seed}", tuple(segments)) for seed, segments in groups.items())
        return ProgressData(left, made, self._time(running=running, begun=bool(done)))

    def _cells(self) -> tuple[RunCell, ...]:
        """The runs behind the experiment: those that are there, or those that there will be."""
        state = self._state
        if state.sweep is not None:
            return state.sweep.cells
        sweep = state.scale.sweep
        if sweep is None:
            return ()
        seeds = sweep.seeds if state.scale.draws else state.record.seeds
        asked = msgspec.structs.replace(sweep, seeds=seeds)
        return run_cells(state.sweep_folder, asked, _expansion(state.experiment.key, state.scale.key))

    def _time(self, *, running: bool, begun: bool) -> tuple[str, str]:
        state, going = self._state, self.going
        guess = about(self._seconds())
        if going is not None and running:
            left = going.left
            return ("ETA", duration(left)) if left is not None else ("about", guess)
        if begun and state.sweep is not None:
            return "training time", duration(_took(state.sweep))
        return ("", "") if begun else ("about", f"{guess} here")


@cache
def _expansion(experiment: str, scale: str) -> Expansion:
    """The networks that a scale trains; looked up once, since building their specs takes longer than a frame."""
    found = EXPERIMENTS[experiment].scale(scale)
    if found is None or found.sweep is None:
        raise ValueError(f"{experiment} trains nothing at the scale {scale}")
    return expanded(found.sweep)


def _segment(cell: RunCell, token: str) -> RunSegment:
    kind: SegmentState = STATES.get(cell.status, "going" if cell.status in LIVE else "waits")
    words = f"{cell.configuration.labels[0]}, seed {cell.seed}: {cell.status}"
    if cell.message:
        words += f". {cell.message}"
    folder = str(cell.folder) if cell.status != "queued" else ""
    return RunSegment(token, kind, cell.fraction, words, folder)


def _part_of_seed(fraction: float, count: int, number: int) -> float:
    """How far a seed is where all are so far and each is as long as the others."""
    return min(1.0, max(0.0, fraction * count - number))


def _took(sweep: SweepState) -> float:
    """Seconds of training of all runs, added up."""
    return sum(cell.figures.seconds for cell in sweep.cells if cell.figures is not None)
