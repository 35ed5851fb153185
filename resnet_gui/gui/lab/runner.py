"""Runs experiments: asks the engines, and says how far they are."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Literal

from PySide6.QtCore import QObject, Signal

from resnet_gui.base.files import lab_folder
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.client.long_jobs import LongJobs
from resnet_gui.gui.session import Session
from resnet_gui.lab.experiment import Experiment, Scale
from resnet_gui.lab.folder import ExperimentRecord, experiment_folder
from resnet_gui.protocol.events import Event, Failed, JobDone, SweepProgressed
from resnet_gui.protocol.jobs import Question
from resnet_gui.protocol.lab_events import MeasureProgressed, SeedMeasured
from resnet_gui.protocol.lab_messages import MeasureExperiment

Key = tuple[str, str]
"""Experiment and scale."""


@dataclass
class Going:
    """An experiment that is being run.

    Attributes:
        experiment, scale: which.
        job: its number on the engine that stays; 0 where it has an engine of its own.
        folder: of the experiment.
        begun: when, in seconds of the monotonic clock.
        fraction: how far its engine says that all of it is, 0 to 1.
        trained: how far its networks say that they are, 0 to 1, which is finer; 0 where nobody looks.
        seed: that is being measured; 0 while networks are trained.
        doing: in a few words.
        state: of the whole.
        sentence: why it failed, until its engine is gone.
        left: seconds, as a sweep says; None while nobody knows.
    """

    experiment: Experiment
    scale: Scale
    job: int
    folder: str
    begun: float = field(default_factory=time.monotonic)
    fraction: float = 0.0
    trained: float = 0.0
    seed: int = 0
    doing: str = ""
    state: Literal["running", "paused", "stopping"] = "running"
    left: float | None = None
    sentence: str = ""

    @property
    def key(self) -> Key:
        """Experiment and scale."""
        return self.experiment.key, self.scale.key

    @property
    def share(self) -> float:
        """How far all of it is, 0 to 1: the same wherever it is written."""
        return max(self.fraction, self.trained)

    @property
    def apart(self) -> bool:
        """Whether it has an engine of its own, which can be held."""
        return not self.job


class ExperimentRunner(QObject):
    """The one that asks engines to run experiments.

    What is over in seconds is asked of the engine that stays, which has loaded torch; what trains gets an engine of its
    own, and is held and ended as a training is.

    Signals:
        progressed: experiment and scale of which there is more.
        seed_measured: experiment and scale of which a seed is in.
        ended: experiment, scale, and a sentence if it failed.
    """

    progressed = Signal(str, str)
    seed_measured = Signal(str, str)
    ended = Signal(str, str, str)

    def __init__(self, session: Session, engines: Engines, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._engines = session, engines
        self.jobs = LongJobs(self)
        self._going: dict[Key, Going] = {}
        engines.answered.connect(self._take_answer)
        self.jobs.answered.connect(self._take)
        self.jobs.ended.connect(self._finish_engine)

    def going(self, experiment: str, scale: str) -> Going | None:
        """An experiment that is being run; None for one that is not."""
        return self._going.get((experiment, scale))

    def all_going(self) -> list[Going]:
        """Every experiment that is being run, in the order in which they were begun."""
        return list(self._going.values())

    def in_the_way(self) -> str:
        """What is trained or run by now, so that no other training may begin: a sentence; empty for nothing."""
        going = next((each for each in self._going.values() if each.apart), None)
        if going is not None:
            return f"{going.experiment.title} is running; stop it first, or wait until it is over."
        own = lab_folder()
        others = any(run.going and run.is_local and own not in run.folder.parents for run in self._session.runs.rows())
        if self._engines.running() or others:
            return "A run or a sweep is being trained; stop it first, or wait until it is over."
        return ""

    def begin(self, experiment: Experiment, scale: Scale, record: ExperimentRecord, *, again: bool = False) -> Going:
        """Run an experiment as its record asks, ``again`` all of it; one that is going is left alone."""
        key = (experiment.key, scale.key)
        if key in self._going:
            return self._going[key]
        folder = str(experiment_folder(experiment, scale.key))

        def make(job: int) -> MeasureExperiment:
            return MeasureExperiment(
                job=job,
                experiment=experiment.key,
                scale=scale.key,
                seeds=() if record.runs and experiment.roles and not scale.draws else record.seeds,
                options=record.options,
                runs=tuple(dict.fromkeys(run.folder for run in record.runs)),
                data=record.data,
                device=self._session.device,
                again=again,
            )

        going = Going(experiment, scale, 0, folder)
        self._going[key] = going
        if scale.sweep is None and experiment.group == "untrained":
            going.job = self._engines.ask(make)
        else:
            self.jobs.begin(folder, make)
        return going

    def pause(self, going: Going) -> None:
        """Hold an experiment that has an engine of its own."""
        if going.apart and self.jobs.owns(going.folder):
            self.jobs.pause(going.folder)
            going.state = "paused"

    def unpause(self, going: Going) -> None:
        """Go on with it."""
        if going.apart and self.jobs.owns(going.folder):
            self.jobs.unpause(going.folder)
            going.state = "running"

    def stop(self, going: Going) -> None:
        """End an experiment; what is measured stays."""
        going.state = "stopping"
        if going.apart and self.jobs.owns(going.folder):
            self.jobs.stop(going.folder)
        elif not going.apart:
            self._engines.drop(going.job)

    # ---- answers

    def _of_job(self, job: int) -> Going | None:
        return next((going for going in self._going.values() if going.job == job and job), None)

    def _of_folder(self, folder: str) -> Going | None:
        return next((going for going in self._going.values() if going.folder == folder), None)

    def _take_answer(self, job: Question, event: Event) -> None:
        going = self._of_job(job.job)
        if going is not None:
            self._apply(going, event)

    def _take(self, folder: str, event: Event) -> None:
        going = self._of_folder(folder)
        if going is not None:
            self._apply(going, event)

    def _apply(self, going: Going, event: Event) -> None:
        key = going.key
        match event:
            case MeasureProgressed(seed=seed, fraction=fraction, doing=doing):
                going.seed, going.doing = seed, doing
                going.fraction = max(going.fraction, fraction)
                self.progressed.emit(*key)
            case SweepProgressed(seconds_left=left):
                going.left = left
                self.progressed.emit(*key)
            case SeedMeasured():
                self.seed_measured.emit(*key)
            case Failed(message=message):
                self._conclude(going, message)
            case JobDone():
                self._conclude(going, "")
            case _:
                pass

    def _finish_engine(self, folder: str, sentence: str) -> None:
        going = self._of_folder(folder)
        if going is not None:
            self._end(going, going.sentence or sentence)

    def _conclude(self, going: Going, sentence: str) -> None:
        """Its work is over; one with an engine of its own holds its folder until that engine is gone."""
        if going.apart and self.jobs.owns(going.folder):
            going.state, going.sentence = "stopping", sentence
            self.progressed.emit(*going.key)
        else:
            self._end(going, sentence)

    def _end(self, going: Going, sentence: str) -> None:
        if self._going.pop(going.key, None) is not None:
            self.ended.emit(*going.key, sentence)

    def close(self) -> None:
        """The window closes: what is going ends with its last checkpoint, and can be gone on with."""
        self.jobs.close()
