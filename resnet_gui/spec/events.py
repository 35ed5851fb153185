"""What an engine answers: one dataclass an event, one JSON line each; a run's ``events.jsonl`` holds the same lines."""

from __future__ import annotations

from typing import Literal

import msgspec

from resnet_gui.spec.arch import Design
from resnet_gui.spec.lines import decode_line


class Device(msgspec.Struct, frozen=True):
    """Something that can compute: ``name`` as torch writes it, ``title`` for people."""

    name: str
    title: str


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The engine has loaded torch; ``no_cuda`` says why there is no GPU, empty if there is one."""

    pid: int
    versions: dict[str, str]
    devices: tuple[Device, ...]
    no_cuda: str = ""


class Heartbeat(msgspec.Struct, frozen=True, tag="heartbeat"):
    """The engine is alive; once a second from a thread of its own."""


class Verified(msgspec.Struct, frozen=True, tag="verified"):
    """Every row of the plan equals the built model: shape, parameters and MACs as torchinfo sees them.

    ``torchvision`` names the function of torchvision whose network is compared next, if there is one.
    """

    job: int
    rows: int
    params: int
    macs: int
    torchvision: str = ""


class Mismatch(msgspec.Struct, frozen=True, tag="mismatch"):
    """The first row in which plan and built model differ; ``against`` names who built it if it is not this program."""

    job: int
    path: str
    what: str
    planned: str
    built: str
    against: str = ""

    @property
    def sentence(self) -> str:
        """Where they differ and how."""
        return f"{self.path}: {self.what} planned {self.planned}, built {self.built}"


class Matched(msgspec.Struct, frozen=True, tag="matched"):
    """torchvision's function ``name`` builds the same: parameters, MACs and every layer's shape are equal."""

    job: int
    name: str
    rows: int


class Identified(msgspec.Struct, frozen=True, tag="identified"):
    """What a weights file holds.

    Attributes:
        path: the file or run folder that was asked about.
        design: with its name.
        preset: name of the published design with these shapes; empty if there is none.
        params: trainable values.
        matched: how many tensors of the file belong to it.
        unmatched: what of the file was not used, and what it lacks.
        unknowable: what tensors do not tell, one sentence each.
    """

    job: int
    path: str
    design: Design
    preset: str
    params: int
    matched: int
    unmatched: tuple[str, ...] = ()
    unknowable: tuple[str, ...] = ()


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
    """How a step's signal ran through the network; taken every few steps, some hundred times a run.

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
    """What ``train --json`` prints; accuracies are fractions."""

    run: str
    epochs: int
    train_loss: float
    test_loss: float
    top1: float
    best_top1: float
    seconds: float
    images_per_second: float
    weights_sha256: str


RunStatus = Literal["finished", "stopped", "failed"]


Cause = Literal["", "memory", "disk", "infinite", "process", "input", "inside"]
"""Why a run failed: memory, disk, a loss that is no number, another process of it, what it reads, or the program."""


class RunEnded(msgspec.Struct, frozen=True, tag="ended"):
    """The run's last word; ``message`` and ``details`` say why it failed.

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


class Score(msgspec.Struct, frozen=True):
    """A class with its softmax probability."""

    label: str
    index: int
    probability: float


class Predicted(msgspec.Struct, frozen=True, tag="predicted"):
    """A picture's most likely classes, the first the likeliest."""

    job: int
    image: str
    top: tuple[Score, ...]
    milliseconds: float


class PredictFailed(msgspec.Struct, frozen=True, tag="predict_failed"):
    """A picture that could not be classified, and why."""

    job: int
    image: str
    error: str


class Progressed(msgspec.Struct, frozen=True, tag="progress"):
    """How far a job is: ``what`` in a few words, ``done`` of ``total`` (bytes of a download, pictures of a folder)."""

    job: int
    what: str
    done: int
    total: int


class Fit(msgspec.Struct, frozen=True):
    """Pictures' size, number of classes and counts of a data set; ``known`` by name, or a folder of pictures."""

    shape: tuple[int, int, int]
    classes: int
    train_images: int
    test_images: int
    known: bool = False


class Described(msgspec.Struct, frozen=True, tag="described"):
    """What a data set holds, without reading its pictures."""

    job: int
    data: str
    fit: Fit


class Estimated(msgspec.Struct, frozen=True, tag="estimated"):
    """What a training will cost, from a few measured steps.

    Attributes:
        seconds: of the whole training; None where the steps do not fit or cannot be measured.
        step_seconds: of one optimiser step.
        needed: bytes that training needs on the device.
        capacity: bytes that are free there.
        bf16_speed: how many times faster bf16 was in the same steps; 0 if it was not tried.
        precision: number format that "auto" becomes there.
    """

    job: int
    seconds: float | None
    step_seconds: float | None
    needed: int
    capacity: int
    device: str
    bf16_speed: float = 0.0
    precision: str = "fp32"


class Thumbnail(msgspec.Struct, frozen=True):
    """A test picture as PNG, by its number in the test set, with the file that it is from if it is one."""

    index: int
    png: bytes
    path: str = ""


class Pictured(msgspec.Struct, frozen=True, tag="pictured"):
    """Test pictures of a run."""

    job: int
    pictures: tuple[Thumbnail, ...]


class JobDone(msgspec.Struct, frozen=True, tag="done"):
    """The job is over."""

    job: int


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The job could not be done.

    Attributes:
        message: one sentence for the user.
        details: the traceback; empty when the input was at fault.
    """

    job: int
    message: str
    details: str = ""


RunEvent = RunStarted | StepDone | EpochDone | Probed | Answered | Skipped | RunPaused | RunUnpaused | RunEnded
Answer = (
    Verified | Mismatch | Matched | Identified | Predicted | PredictFailed | JobDone | Failed
    | Progressed | Described | Estimated | Pictured
)  # fmt: skip
Event = Ready | Heartbeat | RunEvent | Answer

_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
_run_decoder: msgspec.json.Decoder[RunEvent] = msgspec.json.Decoder(RunEvent)


def encode_event(event: Event) -> bytes:
    """One JSON line, with its line feed."""
    return msgspec.json.encode(event) + b"\n"


def decode_event(line: bytes) -> Event:
    """Read one line.

    Raises:
        msgspec.MsgspecError: the line is not an event.
    """
    return decode_line(_decoder, line)


def decode_run_event(line: bytes) -> RunEvent:
    """Read one line of a run's ``events.jsonl``.

    Raises:
        msgspec.MsgspecError: the line is not an event of a run.
    """
    return decode_line(_run_decoder, line)
