"""What an engine answers: one dataclass an event, one JSON line each; those of a run are in ``runs.events``."""

from __future__ import annotations

import msgspec

from resnet_gui.base.jsonl import decode_line
from resnet_gui.data.layouts.description import ClassCount, DataDescription
from resnet_gui.data.preprocessing import Preprocess
from resnet_gui.design.spec import Design, ResNetSpec
from resnet_gui.protocol.evaluation_events import EvaluationEvent
from resnet_gui.protocol.explain_events import (
    Attribution,
    AttributionGrown,
    Explanation,
    FeatureMaps,
    Filters,
    Histograms,
    UnitGradient,
)
from resnet_gui.protocol.lab_events import LesionMeasured, MeasureProgressed, SeedMeasured
from resnet_gui.protocol.scores import Score as Score  # noqa: PLC0414 (a part of these events)
from resnet_gui.protocol.start_messages import WeightsFitted
from resnet_gui.protocol.verification_events import Matched as Matched  # noqa: PLC0414 (a part of this module's messages)
from resnet_gui.protocol.verification_events import Mismatch as Mismatch  # noqa: PLC0414
from resnet_gui.protocol.verification_events import Verified as Verified  # noqa: PLC0414
from resnet_gui.runs.events import RunEnded, RunStarted


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


class Identified(msgspec.Struct, frozen=True, tag="identified"):
    """The design that a weights file holds, and what is uncertain.

    Attributes:
        path: the file or run folder that was asked about.
        design: with its name.
        preset: name of the published design with these shapes; empty if there is none.
        params: trainable values.
        matched: how many tensors of the file belong to it.
        unmatched: what of the file was not used, and what it lacks.
        undetermined: what tensors do not tell, one sentence each.
        notices: where the reading is in doubt, one sentence each.
    """

    job: int
    path: str
    design: Design
    preset: str
    params: int
    matched: int
    unmatched: tuple[str, ...] = ()
    undetermined: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


class Latency(msgspec.Struct, frozen=True):
    """Milliseconds for one picture: from file to input, through the network (its share of a batch), and explained."""

    preprocess: float
    forward: float
    explain: float = 0.0
    batch: int = 1

    @property
    def total(self) -> float:
        """Their sum."""
        return self.preprocess + self.forward + self.explain


class Predicted(msgspec.Struct, frozen=True, tag="predicted"):
    """A picture's most likely classes, the first the likeliest.

    Attributes:
        size: width and height of the upright picture.
        scores: natural logarithm of every class's probability, 32-bit little-endian; empty unless asked for. With ten
            crops, of the mean probability.
        cut: whether the picture has colours of 16 bits, of which the upper 8 are read.
    """

    job: int
    image: str
    top: tuple[Score, ...]
    latency: Latency
    size: tuple[int, int]
    scores: bytes = b""
    cut: bool = False


class FolderListed(msgspec.Struct, frozen=True, tag="listed"):
    """Pictures that were found in the folders of a Predict, some hundred at a time, before they are classified.

    Attributes:
        job: that they belong to.
        images: paths of the pictures.
        left_out: sentences about files in the folders that may be pictures and are not read; with the first ones.
    """

    job: int
    images: tuple[str, ...]
    left_out: str = ""


class PredictFailed(msgspec.Struct, frozen=True, tag="predict_failed"):
    """A picture that could not be classified, and why."""

    job: int
    image: str
    error: str


class ModelLoaded(msgspec.Struct, frozen=True, tag="model_loaded"):
    """A network that is loaded.

    Attributes:
        name: what the design is called.
        spec: its design, at its own input size.
        classes: label of each output; of a network with one logit two, the second its own.
        preprocess: how its pictures are prepared, as used now.
        own: whether the file itself tells classes and normalisation; else they are suggested or chosen.
        labels: name of the set of labels that is used; empty for the file's own.
        notes: what is worth knowing, a sentence each: what was inferred, what no file can tell.
        top1: fraction that it classifies correctly of ``data``'s test pictures; 0 where that is not known.
        computed: number format and layout.
        notices: what whoever asks should know first, a sentence each: where the reading is in doubt, and what of the
            file is used that is no weight.
        opened: fields of the design that the file leaves open; LoadModel may tell them.
        networks: keys of the networks that the file holds, as LoadModel takes them, if they are several.
        key: of the one that is loaded.
        weights_sha256: digest of its weights, in the order of its state_dict; a calibration is kept by it.
    """

    job: int
    name: str
    spec: ResNetSpec
    classes: tuple[str, ...]
    preprocess: Preprocess
    own: bool
    labels: str = ""
    notes: tuple[str, ...] = ()
    data: str = ""
    top1: float = 0.0
    computed: str = "fp32"
    notices: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    key: str = ""
    weights_sha256: str = ""


class Progressed(msgspec.Struct, frozen=True, tag="progress"):
    """Progress of a job: ``what`` in short, ``done`` of ``total`` (bytes of a download, pictures of a folder).

    ``total`` is 0 while nobody knows it; ``note`` is a sentence about what is being done, for whoever may undo it.
    """

    job: int
    what: str
    done: int
    total: int
    note: str = ""

    @property
    def sentence(self) -> str:
        """How far it is, in words."""
        count = f"{self.what}: {self.done:,}" + (f" of {self.total:,}" if self.total else "")
        return f"{count}. {self.note}" if self.note else count


class Fit(msgspec.Struct, frozen=True):
    """Pictures' size, number of classes and counts of a data set; ``known`` by name, or a folder of pictures."""

    shape: tuple[int, int, int]
    classes: int
    train_images: int
    test_images: int
    known: bool = False


class DataSetListed(msgspec.Struct, frozen=True, tag="data_listed"):
    """The content of a folder of pictures by the names of its files, before any of them is opened."""

    job: int
    data: str
    description: DataDescription


class DataSetDescribed(msgspec.Struct, frozen=True, tag="described"):
    """The content of a data set, without reading its pictures."""

    job: int
    data: str
    fit: Fit


class TrainingEstimated(msgspec.Struct, frozen=True, tag="estimated"):
    """The cost of a training, from a few measured steps.

    Attributes:
        seconds: of the whole training where nothing else wants the cores; None where the steps do not fit or cannot be
            measured.
        step_seconds: of one optimiser step, a mean over the phases.
        needed: bytes that training needs on the device.
        capacity: bytes that are free there.
        bf16_speed: how many times faster bf16 was in the same steps; 0 if it was not tried.
        precision: number format that "auto" becomes there.
        busy: whether other programs wanted the cores meanwhile, so that it takes longer now.
        threads: that it computes with on the CPU where nothing else wants the cores; 0 where that is not known.
    """

    job: int
    seconds: float | None
    step_seconds: float | None
    needed: int
    capacity: int
    device: str
    bf16_speed: float = 0.0
    precision: str = "fp32"
    busy: bool = False
    threads: int = 0


class Thumbnail(msgspec.Struct, frozen=True):
    """A test picture as PNG, by its number in the test set, with the file that it is from if it is one."""

    index: int
    png: bytes
    path: str = ""


class ThumbnailsLoaded(msgspec.Struct, frozen=True, tag="pictured"):
    """Test pictures of a run."""

    job: int
    pictures: tuple[Thumbnail, ...]


class ClassShown(msgspec.Struct, frozen=True, tag="class_shown"):
    """A class of a data set.

    Attributes:
        number: of the class, from 0; ``classes`` of them are there.
        count: its name, and its pictures in each part.
        pictures: some training pictures as the network would see them; ``index`` is theirs within the class.
        problems: a sentence for each picture that was to be shown and cannot be read.
    """

    job: int
    number: int
    classes: int
    count: ClassCount
    pictures: tuple[Thumbnail, ...]
    problems: tuple[str, ...] = ()


class Appended(msgspec.Struct, frozen=True, tag="appended"):
    """A training has written events into its run folder, where they are to be read; a few times a second at most."""

    job: int


class Exported(msgspec.Struct, frozen=True, tag="exported"):
    """An export is written.

    Attributes:
        files: names of what was written into the folder that was named.
        notes: what is to be said of it, as the rest of a sentence each.
    """

    job: int
    files: tuple[str, ...]
    notes: tuple[str, ...] = ()


class SweepProgressed(msgspec.Struct, frozen=True, tag="sweep_progressed"):
    """So many runs of a sweep are over, failed ones among them; its folder holds all there is to know.

    Attributes:
        folder: of the sweep.
        done, total: runs.
        seconds_left: until all are over; None while there is no pace yet.
    """

    job: int
    folder: str
    done: int
    total: int
    seconds_left: float | None = None


class JobDone(msgspec.Struct, frozen=True, tag="done"):
    """The job is over."""

    job: int


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The job could not be done.

    Attributes:
        message: one sentence for the user.
        details: the traceback; empty when the input was at fault.
        stopped: whether somebody has stopped it before there was anything to keep, so that nothing is at fault.
    """

    job: int
    message: str
    details: str = ""
    stopped: bool = False


JobEvent = (
    Verified | Mismatch | Matched | Identified | Exported | ModelLoaded | FolderListed | Predicted | PredictFailed
    | JobDone | Failed | Explanation | FeatureMaps | Filters | Histograms | UnitGradient | Progressed | DataSetListed
    | DataSetDescribed | TrainingEstimated | ThumbnailsLoaded | ClassShown | Appended | WeightsFitted | SweepProgressed
    | MeasureProgressed | SeedMeasured | LesionMeasured | Attribution | AttributionGrown | EvaluationEvent
)  # fmt: skip
Event = Ready | Heartbeat | RunStarted | RunEnded | JobEvent
"""Of a training only its start and its end cross the pipe; the run folder holds every event, these two included."""


_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode_event(event: Event) -> bytes:
    """One JSON line, with its line feed."""
    return msgspec.json.encode(event) + b"\n"


def decode_event(line: bytes) -> Event:
    """Read one line.

    Raises:
        msgspec.MsgspecError: the line is not an event.
    """
    return decode_line(_decoder, line)
