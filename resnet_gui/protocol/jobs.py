"""What the window may ask of an engine: one JSON line each on its standard input.

Above each job stands what answers it; ``Failed`` may answer any.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from resnet_gui.base.jsonl import decode_line
from resnet_gui.data.layouts.splitting import SplitRule
from resnet_gui.data.preprocessing import Scaling
from resnet_gui.design.spec import Design, ResNetSpec
from resnet_gui.protocol.answers import ANSWERS, answered_by, check_complete
from resnet_gui.protocol.attribution_messages import Attribute
from resnet_gui.protocol.evaluation_messages import EvaluationJob, QuickEvaluationJob
from resnet_gui.protocol.events import (
    Appended,
    ClassShown,
    DataSetDescribed,
    DataSetListed,
    Exported,
    Fit,
    FolderListed,
    Identified,
    JobDone,
    Matched,
    Mismatch,
    ModelLoaded,
    Predicted,
    PredictFailed,
    Progressed,
    ThumbnailsLoaded,
    TrainingEstimated,
    Verified,
)
from resnet_gui.protocol.explain_events import Explanation, FeatureMaps, Filters, Histograms, UnitGradient
from resnet_gui.protocol.lab_messages import DeleteBlocks, MeasureExperiment
from resnet_gui.protocol.model_request import Mode as Mode  # noqa: PLC0414 (a part of this module's messages)
from resnet_gui.protocol.model_request import ModelRequest as ModelRequest  # noqa: PLC0414
from resnet_gui.protocol.start_messages import FitWeights
from resnet_gui.protocol.sweep_jobs import RunSweep
from resnet_gui.runs.events import RunEnded, RunStarted
from resnet_gui.training.recipe import Recipe
from resnet_gui.training.start import StartRequest

MapOrder = Literal["active", "number"]

MOST_MAPS: Final = 256
"""Channels that are told at once, see ShowMaps."""


@answered_by(JobDone, pieces=(Verified, Mismatch, Matched))
class Verify(msgspec.Struct, frozen=True, tag="verify"):
    """Build the design on the meta device and compare every layer with torchinfo.

    Where the design is one of torchvision's own, a second answer follows: Matched, or the Mismatch with torchvision.
    """

    job: int
    spec: ResNetSpec


@answered_by(JobDone, pieces=(Progressed, RunStarted, Appended, RunEnded))
class Train(msgspec.Struct, frozen=True, tag="train"):
    """Train a design into a new run folder; ``name`` is what the design is called.

    ``start`` says what its weights begin from; None to draw them. ``threads`` is how many the CPU computes with; 0 for
    as many as are of use. The run keeps their number. ``window`` is the mark of the window whose queue it waits in, see
    ``gui.kept.open_windows``; empty for none.
    """

    job: int
    run: str
    name: str
    spec: ResNetSpec
    recipe: Recipe
    device: str = "auto"
    start: StartRequest | None = None
    threads: int = 0
    window: str = ""


@answered_by(JobDone, pieces=(Progressed, RunStarted, Appended, RunEnded))
class Resume(msgspec.Struct, frozen=True, tag="resume"):
    """Go on with a run from its last checkpoint, with its own recipe; ``device`` None keeps the run's own.

    ``data`` names where its pictures lie now, if that is elsewhere; they are taken only if they are the same, and the
    run keeps the place.
    """

    job: int
    run: str
    device: str | None = None
    data: str = ""


@answered_by(JobDone, pieces=(Progressed, RunStarted, Appended, RunEnded))
class Extend(msgspec.Struct, frozen=True, tag="extend"):
    """Train a run that is finished or stopped for more epochs; ``training.extension`` says what that changes.

    Attributes:
        epochs: how many more.
        device: None keeps the run's own.
        data: as in Resume.
    """

    job: int
    run: str
    epochs: int
    device: str | None = None
    data: str = ""


@answered_by(ModelLoaded, pieces=(Progressed,))
class LoadModel(msgspec.Struct, frozen=True, tag="load_model"):
    """Load a network and say what it is; of fast answers, after they have been compared with exact ones."""

    job: int
    model_request: ModelRequest


@answered_by(JobDone, pieces=(FolderListed, Predicted, PredictFailed))
class Predict(msgspec.Struct, frozen=True, tag="predict"):
    """Classify pictures; each is answered by Predicted or PredictFailed.

    Attributes:
        images: paths of pictures, or of folders with pictures in and below them.
        top: how many classes to name.
        scores: whether the log-probabilities of all classes are told too.
    """

    job: int
    model_request: ModelRequest
    images: tuple[str, ...]
    top: int = 5
    scores: bool = False


@answered_by(Explanation)
class Explain(msgspec.Struct, frozen=True, tag="explain"):
    """Say where the evidence for a class lies on a picture (Grad-CAM).

    Attributes:
        target: number of the class; -1 for the likeliest.
        locations: where in the network, see ``analysis.locations``; empty for the end of every stage.
    """

    job: int
    model_request: ModelRequest
    image: str
    target: int = -1
    locations: tuple[str, ...] = ()


@answered_by(FeatureMaps)
class ShowMaps(msgspec.Struct, frozen=True, tag="show_maps"):
    """Show what a layer makes of a picture, channel by channel.

    Attributes:
        layer: path of the layer, or of a block or stage, whose output is meant.
        start, count: which channels, in that order.
        order: "active" is by falling mean of the absolute values, "number" by channel.
    """

    job: int
    model_request: ModelRequest
    image: str
    layer: str
    start: int = 0
    count: int = 24
    order: MapOrder = "active"


@answered_by(Filters)
class ShowFilters(msgspec.Struct, frozen=True, tag="show_filters"):
    """Show the filters of the first convolution."""

    job: int
    model_request: ModelRequest


@answered_by(Histograms)
class ShowHistograms(msgspec.Struct, frozen=True, tag="show_histograms"):
    """Count the values of a layer's weights and of what it makes of a picture."""

    job: int
    model_request: ModelRequest
    image: str
    layer: str


@answered_by(UnitGradient)
class ShowUnitGradient(msgspec.Struct, frozen=True, tag="show_unit_gradient"):
    """Say which pixels of a picture move a unit: the gradient at the input.

    Attributes:
        layer: path of a layer, block or stage.
        x, y: column and row of the unit in its map.
        channel: of the unit; -1 for all channels together.
    """

    job: int
    model_request: ModelRequest
    image: str
    layer: str
    x: int
    y: int
    channel: int = -1


@answered_by(Identified)
class Identify(msgspec.Struct, frozen=True, tag="identify"):
    """Say which design a weights file or a run folder holds."""

    job: int
    path: str


@answered_by(Exported)
class ExportOnnx(msgspec.Struct, frozen=True, tag="export_onnx"):
    """Write a design with freshly drawn weights as ONNX."""

    job: int
    design: Design
    path: str


@answered_by(JobDone, pieces=(Progressed,))
class Download(msgspec.Struct, frozen=True, tag="download"):
    """Fetch a known data set or torchvision weights by name.

    What has arrived stays when it is broken off, and is gone on with the next time.
    """

    job: int
    name: str


@answered_by(DataSetDescribed, pieces=(Progressed, DataSetListed))
class Describe(msgspec.Struct, frozen=True, tag="describe"):
    """Say what a data set holds; ``split`` is what is held out of data without parts."""

    job: int
    data: str
    split: SplitRule = SplitRule()


@answered_by(TrainingEstimated)
class Estimate(msgspec.Struct, frozen=True, tag="estimate"):
    """Measure a few steps of a training and say what the whole will cost.

    Attributes:
        fit: what the recipe's data hold, where that was found out before; they are looked through anew if not.
    """

    job: int
    spec: ResNetSpec
    recipe: Recipe
    device: str = "auto"
    fit: Fit | None = None


@answered_by(ThumbnailsLoaded)
class ShowPictures(msgspec.Struct, frozen=True, tag="show_pictures"):
    """Read test pictures of a run by their numbers."""

    job: int
    run: str
    indices: tuple[int, ...]


@answered_by(JobDone, pieces=(Progressed, ClassShown))
class ShowClassPictures(msgspec.Struct, frozen=True, kw_only=True, tag="show_class_pictures"):
    """Count the classes of a data set, and show some training pictures of each as a network would see them.

    One ClassShown a class, in their order. A picture is scaled as the network's input, then, where that is larger than
    a thumbnail, once more.

    Attributes:
        data: as a recipe names it.
        shape: channels, height, width of the network's input.
        scaling: how a picture becomes the input's; deep greys as the set uses them where it says nothing of them.
        split: what is held out of data that have no parts of their own.
        pictures: how many of each class, evenly spread over it.
        classes: numbers of the classes that are wanted; empty for all.
    """

    job: int
    data: str
    shape: tuple[int, int, int]
    scaling: Scaling = Scaling()
    split: SplitRule = SplitRule()
    pictures: int = 8
    classes: tuple[int, ...] = ()


@answered_by(JobDone)
class ExportEvents(msgspec.Struct, frozen=True, tag="export_events"):
    """Write the curves of runs as TensorBoard event files, one folder a run."""

    job: int
    runs: tuple[str, ...]
    path: str


class Pause(msgspec.Struct, frozen=True, tag="pause"):
    """Hold the training after this step, with a checkpoint."""


class Unpause(msgspec.Struct, frozen=True, tag="unpause"):
    """Go on with a paused training."""


class StepOnce(msgspec.Struct, frozen=True, tag="step_once"):
    """Make one step of a paused training, and hold again."""


class Cancel(msgspec.Struct, frozen=True, tag="cancel"):
    """Give up what is being measured, for a training wants the device; the question is answered by Failed."""


class Drop(msgspec.Struct, frozen=True, tag="drop"):
    """Give up a question of a number: one that waits, or pictures that are being classified; answered by JobDone."""

    job: int


class Stop(msgspec.Struct, frozen=True, tag="stop"):
    """End the training after this step, with a checkpoint."""


class Keep(msgspec.Struct, frozen=True, tag="keep"):
    """Go on training when standard input closes; without this an engine ends with its window."""


Training = Train | Resume | Extend
ExplainRequest = Explain | ShowMaps | ShowFilters | ShowHistograms | ShowUnitGradient | Attribute
"""Questions about the inside of a network, most of them on one picture."""

Quick = ExplainRequest | LoadModel | FitWeights | Verify | Identify | DeleteBlocks | QuickEvaluationJob
"""What is answered soon, and so overtakes a thousand pictures that are being classified."""

Question = (
    LoadModel | FitWeights | DeleteBlocks | Predict | ExplainRequest | Identify | ExportOnnx | Describe | Estimate
    | ShowPictures | ShowClassPictures | ExportEvents | MeasureExperiment | EvaluationJob
)  # fmt: skip
"""What the engine that stays is asked, beside Verify."""

Job = Verify | Training | RunSweep | Question | Download
Command = Pause | Unpause | StepOnce | Cancel | Drop | Stop | Keep
Message = Job | Command

check_complete(ANSWERS, Job, "the event that answers it")

_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


def decode_message(line: bytes) -> Message:
    """Read one line.

    Raises:
        msgspec.MsgspecError: the line is not a message.
    """
    return decode_line(_decoder, line)


def encode_message(message: Message) -> bytes:
    """One JSON line, with its line feed."""
    return msgspec.json.encode(message) + b"\n"
