"""What a run tells: one dataclass an event, one JSON line each, in the folder's ``events.jsonl``."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from resnet_gui.base.jsonl import decode_line


class RunStarted(msgspec.Struct, frozen=True, tag="run_started"):
    """A run is about to make its first step; on a resumed run ``step`` steps are behind.

    Readers drop what was written for later steps: the run goes on from its checkpoint, not from its last line.

    Attributes:
        steps_per_epoch: batches in one pass.
        skipped: pictures of the folder that could not be read, "path: reason"; the first thousand.
        seconds: training time behind.
        total_steps: of the whole training; 0 in old files, where it is epochs times steps.
        skipped_count: how many could not be read.
        labels: true class of every test picture, zlib over unsigned 16-bit little-endian numbers.
        note: what a resumed run has lost, one sentence; empty for nothing.
        start: what the weights that it begins from are in this network, or what its extension changes, a sentence each.
    """

    step: int
    epochs: int
    steps_per_epoch: int
    train_images: int
    test_images: int
    device: str
    precision: str
    skipped: tuple[str, ...] = ()
    seconds: float = 0.0
    total_steps: int = 0
    skipped_count: int = 0
    labels: bytes = b""
    note: str = ""
    start: tuple[str, ...] = ()


class PhaseStarted(msgspec.Struct, frozen=True, tag="phase"):
    """A phase of the training begins, or is gone on with; of runs whose recipe has phases.

    Attributes:
        step: steps behind when it began, wherever in it the run goes on.
        epoch: its first one, from 1.
        number: of the phase, from 0.
        frozen: the last part that does not learn, as ``training.phases.Phase`` has it.
        frozen_parameters: values of the parameters that do not learn.
        learning_parameters: values of those that do.
    """

    step: int
    epoch: int
    number: int
    frozen: str
    frozen_parameters: int
    learning_parameters: int


class FeaturesComputed(msgspec.Struct, frozen=True, tag="features"):
    """The frozen backbone has made the features of so many of a cached phase's pictures, of training and test together.

    Said now and then; never where they were kept from an earlier training.
    """

    step: int
    done: int
    total: int


THREADS_VERSION: Final = 2
"""Format of runs whose count of threads has changed: builds that do not know of it would go on to other bits."""


class ThreadChange(msgspec.Struct, frozen=True, kw_only=True):
    """Another count of threads on the CPU, from a step on; kept in ``run.json``.

    Attributes:
        first: the first step that is made with it, counted from 1.
        threads: how many.
        why: in words.
    """

    first: int
    threads: int
    why: str


class ThreadsChanged(msgspec.Struct, frozen=True, tag="threads"):
    """The training goes on with another count of threads on the CPU.

    Attributes:
        step: steps behind.
        threads: that the next step is made with.
        why: in words.
    """

    step: int
    threads: int
    why: str

    @property
    def count(self) -> str:
        """The count in words."""
        return "1 thread" if self.threads == 1 else f"{self.threads} threads"

    @property
    def sentence(self) -> str:
        """The change in a sentence."""
        return f"From step {self.step + 1:,} on with {self.count}: {self.why}."


class StepDone(msgspec.Struct, frozen=True, tag="step"):
    """One optimiser step: loss and error (fraction) of its batch, seconds of training so far, pauses left out."""

    step: int
    loss: float
    error: float
    lr: float
    seconds: float


class EpochDone(msgspec.Struct, frozen=True, tag="epoch"):
    """One pass: means over the training batches as seen, and over the whole test set; errors are fractions."""

    epoch: int
    step: int
    train_loss: float
    train_error: float
    test_loss: float
    test_error: float
    images_per_second: float
    seconds: float


class Probed(msgspec.Struct, frozen=True, tag="probe"):
    """The statistics of a step's signal through the network; taken every few steps, some hundred times a run.

    Attributes:
        gradients: 2-norm of the loss's gradient at the weights of every convolution and linear layer, input first.
        ratios: norm of F(x) over norm of the shortcut for every block with an addition, input first; a mean over the
            pictures of the batch, of the first process where several share it (He et al. 2015, Fig. 7, measures the
            same responses by their deviation).
    """

    step: int
    gradients: tuple[float, ...]
    ratios: tuple[float, ...] = ()


class Answered(msgspec.Struct, frozen=True, tag="answers"):
    """The class that the network gave every test picture after an epoch, packed as ``RunStarted.labels``.

    65,535 stands for a picture that could not be read.
    """

    epoch: int
    step: int
    answers: bytes


class Skipped(msgspec.Struct, frozen=True, tag="skipped"):
    """A picture of a streamed folder could not be read while training; the run goes on without it."""

    step: int
    sentence: str


class RunPaused(msgspec.Struct, frozen=True, tag="paused"):
    """The run holds after this step; its checkpoint is written."""

    step: int


class RunUnpaused(msgspec.Struct, frozen=True, tag="unpaused"):
    """The run goes on."""

    step: int


class TrainResult(msgspec.Struct, frozen=True):
    """The document that ``train --json`` prints; accuracies are fractions.

    Attributes:
        top1, best_top1: of the pictures that are tested after every epoch; the best weights are those with the best.
        final_top1: of the best weights on the test part of a data set that has a validation part too, counted once,
            when the run is finished; None where there is none.
        final_images: how many pictures that are.
        final_count: how many times this run's test part has been counted, this time with it: a run that is extended
            after its end counts it again. 0 where there is none, and in runs of earlier builds.
    """

    run: str
    epochs: int
    train_loss: float
    test_loss: float
    top1: float
    best_top1: float
    seconds: float
    images_per_second: float
    weights_sha256: str
    final_top1: float | None = None
    final_images: int = 0
    final_count: int = 0


RunStatus = Literal["finished", "stopped", "failed"]


Cause = Literal["", "memory", "disk", "infinite", "process", "input", "inside"]
"""Why a run failed: memory, disk, a loss that is no number, another process of it, what it reads, or the program."""


class RunEnded(msgspec.Struct, frozen=True, tag="ended"):
    """The run's last word; ``message`` and ``details`` say why it failed, or ended before its last epoch.

    Attributes:
        cause: in one word.
        capacity: bytes of the device's memory, when that was too small.
    """

    status: RunStatus
    step: int
    message: str = ""
    details: str = ""
    result: TrainResult | None = None
    cause: Cause = ""
    capacity: int = 0


RunEvent = (
    RunStarted | PhaseStarted | FeaturesComputed | ThreadsChanged | StepDone | EpochDone | Probed | Answered | Skipped
    | RunPaused | RunUnpaused | RunEnded
)  # fmt: skip

_decoder: msgspec.json.Decoder[RunEvent] = msgspec.json.Decoder(RunEvent)


def decode_run_event(line: bytes) -> RunEvent:
    """Read one line of a run's ``events.jsonl``.

    Raises:
        msgspec.MsgspecError: the line is not an event of a run.
    """
    return decode_line(_decoder, line)
