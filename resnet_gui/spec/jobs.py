"""What the window may ask of an engine: one JSON line each on its standard input."""

from __future__ import annotations

import msgspec

from resnet_gui.spec.arch import Design, ResNetSpec
from resnet_gui.spec.lines import decode_line
from resnet_gui.spec.recipe import Recipe


class Verify(msgspec.Struct, frozen=True, tag="verify"):
    """Build the design on the meta device and compare every layer with torchinfo; answered by Verified or Mismatch.

    Where the design is one of torchvision's own, a second answer follows: Matched, or the Mismatch with torchvision.
    """

    job: int
    spec: ResNetSpec


class Train(msgspec.Struct, frozen=True, tag="train"):
    """Train a design into a new run folder; ``name`` is what the design is called."""

    job: int
    run: str
    name: str
    spec: ResNetSpec
    recipe: Recipe
    device: str = "auto"


class Resume(msgspec.Struct, frozen=True, tag="resume"):
    """Go on with a run from its last checkpoint, with its own recipe; ``device`` None keeps the run's own."""

    job: int
    run: str
    device: str | None = None


class Predict(msgspec.Struct, frozen=True, tag="predict"):
    """Classify pictures; each is answered by Predicted or PredictFailed, the job by JobDone.

    Attributes:
        model: a run folder or a weights file.
        images: paths of pictures.
        top: how many classes to name.
    """

    job: int
    model: str
    images: tuple[str, ...]
    top: int = 5
    device: str = "auto"


class Identify(msgspec.Struct, frozen=True, tag="identify"):
    """Say which design a weights file or a run folder holds; answered by Identified."""

    job: int
    path: str


class ExportOnnx(msgspec.Struct, frozen=True, tag="export_onnx"):
    """Write a design with freshly drawn weights as ONNX; answered by JobDone."""

    job: int
    design: Design
    path: str


class Download(msgspec.Struct, frozen=True, tag="download"):
    """Fetch a known data set into the program's own folder; answered by Progressed, then JobDone.

    What has arrived stays when it is broken off, and is gone on with the next time.
    """

    job: int
    name: str


class Describe(msgspec.Struct, frozen=True, tag="describe"):
    """Say what a data set holds; answered by Described."""

    job: int
    data: str


class Estimate(msgspec.Struct, frozen=True, tag="estimate"):
    """Measure a few steps of a training and say what the whole will cost; answered by Estimated."""

    job: int
    spec: ResNetSpec
    recipe: Recipe
    device: str = "auto"


class ShowPictures(msgspec.Struct, frozen=True, tag="show_pictures"):
    """Read test pictures of a run by their numbers; answered by Pictured."""

    job: int
    run: str
    indices: tuple[int, ...]


class ExportEvents(msgspec.Struct, frozen=True, tag="export_events"):
    """Write the curves of runs as TensorBoard event files, one folder a run; answered by JobDone."""

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


class Stop(msgspec.Struct, frozen=True, tag="stop"):
    """End the training after this step, with a checkpoint."""


class Keep(msgspec.Struct, frozen=True, tag="keep"):
    """Go on training when standard input closes; without this an engine ends with its window."""


Training = Train | Resume
Question = Predict | Identify | ExportOnnx | Describe | Estimate | ShowPictures | ExportEvents
"""What the engine that stays is asked, beside Verify."""

Job = Verify | Training | Question | Download
Command = Pause | Unpause | StepOnce | Cancel | Stop | Keep
Message = Job | Command

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
