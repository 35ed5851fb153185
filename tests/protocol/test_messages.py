"""Jobs and events: each is one JSON line that comes back as it was."""

from __future__ import annotations

import json
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_gui.base.jsonl import encode_line
from resnet_gui.data.layouts.description import ClassCount, DataDescription, LeftOut, PartSource
from resnet_gui.data.layouts.splitting import SplitRule
from resnet_gui.data.preprocessing import Changes, Preprocess, Scaling
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design
from resnet_gui.protocol.attribution_messages import Attribute
from resnet_gui.protocol.attribution_settings import AttributionSettings
from resnet_gui.protocol.events import (
    Appended,
    ClassShown,
    DataSetDescribed,
    DataSetListed,
    Device,
    Event,
    Exported,
    Failed,
    Fit,
    FolderListed,
    Heartbeat,
    Identified,
    JobDone,
    Latency,
    Matched,
    Mismatch,
    ModelLoaded,
    Predicted,
    PredictFailed,
    Progressed,
    Ready,
    Score,
    SweepProgressed,
    Thumbnail,
    ThumbnailsLoaded,
    TrainingEstimated,
    Verified,
    decode_event,
    encode_event,
)
from resnet_gui.protocol.explain_events import (
    Attribution,
    AttributionGrown,
    Explanation,
    FeatureMap,
    FeatureMaps,
    Filters,
    HeatMap,
    Histogram,
    Histograms,
    PixelMap,
    RandomisedMap,
    UnitGradient,
)
from resnet_gui.protocol.jobs import (
    Cancel,
    Describe,
    Download,
    Drop,
    Estimate,
    Explain,
    ExportEvents,
    ExportOnnx,
    Extend,
    Identify,
    Keep,
    LoadModel,
    Message,
    ModelRequest,
    Pause,
    Predict,
    Resume,
    ShowClassPictures,
    ShowFilters,
    ShowHistograms,
    ShowMaps,
    ShowPictures,
    ShowUnitGradient,
    StepOnce,
    Stop,
    Train,
    Unpause,
    Verify,
    decode_message,
    encode_message,
)
from resnet_gui.protocol.lab_events import LesionMeasured, MeasureProgressed, SeedMeasured
from resnet_gui.protocol.lab_messages import DeleteBlocks, MeasureExperiment
from resnet_gui.protocol.start_messages import FittedTensor, FitWeights, WeightsFitted
from resnet_gui.protocol.sweep_jobs import RunSweep
from resnet_gui.runs.events import (
    Answered,
    EpochDone,
    FeaturesComputed,
    PhaseStarted,
    Probed,
    RunEnded,
    RunEvent,
    RunPaused,
    RunStarted,
    RunUnpaused,
    Skipped,
    StepDone,
    ThreadsChanged,
    TrainResult,
    decode_run_event,
)
from resnet_gui.training.recipe import Recipe
from resnet_gui.training.start import StartRequest
from tests.protocol.evaluation_examples import EVALUATION_EVENTS, EVALUATION_MESSAGES

SPEC = PRESETS["resnet20"].spec
START = StartRequest(model="a.pt", key="ema", weights="last", head="rows", assigned=("stem_pool=max_ceil",))
RESULT = TrainResult("/runs/a b", 3, 0.1, 0.2, 0.975, 0.98, 12.5, 1e3, "ab" * 32)
MODEL_REQUEST = ModelRequest(
    model="/runs/old", device="cpu", mode="fast", preprocess=Preprocess(mean=(0.5,), std=(0.25,), resize=36),
    labels="cifar10", views=10, lesions=("layer1.0",), input=(1, 32, 32), changes=Changes(mean=(0.25,), resize=0),
)  # fmt: skip
PIXELS = PixelMap(1, 2, b"\x01\x80", b"\xff\x00", 0.5, 0.75)
ATTRIBUTION = Attribution(
    job=3, image="x.png", method="lrp", settings=AttributionSettings(rule="gamma"), target=7, score=2.5, total=2.25,
    expected=2.5, biases=0.125, input_png=b"\x89PNG", map=PIXELS, milliseconds=12.5,
    randomised=(RandomisedMap("head", 0.5, PIXELS, -0.25, 0.5), RandomisedMap("stem", None, None, None, None)),
)  # fmt: skip
EVENTS: tuple[Event, ...] = (
    Ready(4711, {"python": "3.11.2"}, (Device("cpu", "CPU, 2 threads"),), "No GPU."),
    Heartbeat(),
    Verified(1, 70, 272_474, 41_000_000),
    Mismatch(2, "layer2.0.conv1", "output shape", "32×16×16", "32×15×15", "torchvision"),
    Matched(2, "resnet18", 43),
    Identified(
        job=9,
        path="/weights.pt",
        design=Design(name="net", spec=SPEC),
        preset="",
        params=3,
        matched=2,
        unmatched=("x",),
        undetermined=("order: taken",),
    ),
    RunStarted(0, 3, 23, 1438, 359, "cpu", "fp32", ("a.png: damaged",), 1.5),
    Appended(6),
    SweepProgressed(6, "/sweeps/a b", 5, 12, 90.5),
    MeasureProgressed(6, "degradation", 2, 0.5, "training networks"),
    SeedMeasured(6, "degradation", 2, whole=False),
    LesionMeasured(6, ("layer1.0",), (("layer1.1", "layer1.2"),), 0.25, 0.5, 0.02, 360),
    Progressed(6, "reading pictures", 5, 10),
    DataSetListed(
        7,
        "/pictures",
        DataDescription(
            name="pictures",
            labels="folder names",
            classes=(ClassCount("cat", 8, 0, 2),),
            parts=(PartSource("training", 8, "train/"),),
            left_out=(LeftOut("hidden file or folder", 1),),
            notes=("a note",),
        ),
    ),
    DataSetDescribed(7, "/pictures", Fit((3, 32, 32), 10, 50_000, 10_000)),
    TrainingEstimated(8, None, None, 10**10, 10**9, "cuda:0", 1.5),
    ThumbnailsLoaded(9, (Thumbnail(3, b"\x89PNG", "/a.png"),)),
    WeightsFitted(
        job=10,
        design=Design(name="x", spec=SPEC),
        fit_tensors=1,
        tensors=2,
        fit_params=20,
        new_params=3,
        new="the head, 4 → 3 classes",
        sentences=("1 of 2",),
        preprocess=Preprocess(mean=(0.5,), std=(0.5,)),
        normalised=True,
        refused="",
        table=(
            FittedTensor(state="fits", name="a", ours=(4, 5), source="b", theirs=(4, 5)),
            FittedTensor(state="new", name="fc.bias", ours=(3,)),
        ),
    ),
    ClassShown(9, 1, 3, ClassCount("a b", 7, 2), (Thumbnail(3, b"\x89PNG", "/a.png"),), ("b.png is no picture.",)),
    RunEnded("finished", 69, "a message", "line 1\nline 2", RESULT),
    ModelLoaded(
        job=3,
        name="net",
        spec=SPEC,
        classes=("a", "b"),
        preprocess=Preprocess(mean=(0.5,), std=(0.25,), resize=36),
        own=False,
        labels="cifar10",
        notes=("all 3 tensors matched",),
        data="digits",
        top1=0.5,
        computed="bf16, fused",
    ),
    Predicted(
        3,
        "/home/né/图.png",
        (Score("seven", 7, 0.9999999999999999),),
        Latency(3.25, 0.1, 7.5, 16),
        (640, 480),
        b"\x00\x00\x80\xbf",
    ),
    FolderListed(3, ("/home/né/图.png", "b.jpg")),
    PredictFailed(3, "x.png", "x.png is not a picture."),
    Explanation(3, "x.png", 7, -1.5, b"\x89PNG", (HeatMap("layer4.0:sum", 1, 2, b"\x00\xff", 0.5),), 12.5),
    FeatureMaps(3, "x.png", "layer1", (64, 1, 2), 24, (FeatureMap(63, 0.5, -1.0, 2.0, 0.25, b"\x00\xff"),)),
    Filters(3, "conv1", (2, 3, 1, 1), (b"\x00\x80\xff", b"\x80\x80\x80"), (1.0, 0.0), 0.75),
    Histograms(3, "x.png", "layer1.0.conv1", None, Histogram(0.0, 4.0, (3, 0, 1), 0.5, 0.25, 0.75, 4)),
    UnitGradient(3, "x.png", "layer2", 1, 2, 1, 2, b"\x00\xff", 0.25, (0, 1, 5, 6), 3),
    ATTRIBUTION,
    AttributionGrown(3, ATTRIBUTION),
    Exported(4, ("net.onnx",), ("equal",)),
    *EVALUATION_EVENTS,
    JobDone(3),
    Failed(4, "It failed.", "Traceback\n  …"),
)
IN_THE_FOLDER: tuple[RunEvent, ...] = (
    StepDone(1, 2.302585, 0.9, 0.1, 0.01),
    EpochDone(1, 23, 1.5, 0.5, 1.25, 0.25, 1234.5, 2.0),
    Probed(5, (0.5, 1e-05), (0.25,)),
    Answered(1, 23, b"\x00\xff"),
    Skipped(7, "a.png is not a picture."),
    PhaseStarted(8, 3, 1, "stage2", 1_000, 500),
    FeaturesComputed(0, 312, 616),
    ThreadsChanged(130, 1, "the computer is busy: trying 1 thread"),
    RunPaused(5),
    RunUnpaused(5),
)
MESSAGES: tuple[Message, ...] = (
    Verify(1, SPEC),
    Train(2, "/runs/new", "mine", SPEC, Recipe(epochs=3), "cuda:1", START, threads=2),
    RunSweep(2, "/sweeps/a b", 4, retry=True),
    MeasureExperiment(job=2, experiment="degradation", scale="cifar", seeds=(1, 2), options={"points": 64}, again=True),
    DeleteBlocks(job=2, run="/runs/a b", blocks=("layer1.0",), swaps=(("layer1.1", "layer1.2"),)),
    FitWeights(2, START, SPEC, ("a", "b")),
    Resume(3, "/runs/old"),
    Resume(3, "/runs/old", "cpu", "/elsewhere"),
    Extend(3, "/runs/old", 5, "cpu", "/elsewhere"),
    LoadModel(4, MODEL_REQUEST),
    Predict(4, MODEL_REQUEST, ("a.png", "b c.png"), 3, scores=True),
    Explain(4, MODEL_REQUEST, "a.png", 3, ("layer4", "layer4.0:sum")),
    ShowMaps(4, MODEL_REQUEST, "a.png", "layer1.0.conv1", 24, 8, "number"),
    ShowFilters(4, MODEL_REQUEST),
    ShowHistograms(4, MODEL_REQUEST, "a.png", "fc"),
    ShowUnitGradient(4, MODEL_REQUEST, "a.png", "layer2", 3, 4, 5),
    Attribute(4, MODEL_REQUEST, "a.png", 3, "occlusion", AttributionSettings(window=5), sanity=True),
    Identify(5, "/weights.pt"),
    ExportOnnx(6, Design(name="net", spec=SPEC), "/net.onnx"),
    Download(7, "cifar10"),
    Describe(8, "/pictures"),
    Estimate(9, SPEC, Recipe(optimizer="adamw", step_at=(0.25,)), "cpu"),
    ShowPictures(10, "/runs/old", (1, 2)),
    ShowClassPictures(
        job=10,
        data="/a b",
        shape=(3, 8, 8),
        scaling=Scaling(fit="pad", resize=9),
        split=SplitRule(validation=0.1, test=0.2, seed=3, groups="folders"),
        pictures=5,
        classes=(1, 2),
    ),
    ExportEvents(11, ("/runs/old",), "/logs"),
    *EVALUATION_MESSAGES,
    StepOnce(),
    Cancel(),
    Drop(4),
    Pause(),
    Unpause(),
    Stop(),
    Keep(),
)


def kinds(union: object) -> set[type]:
    found: set[type] = set()
    for member in get_args(union):
        found |= kinds(member) if get_args(member) else {member}
    return found


def test_the_examples_hold_every_kind_of_event_and_message() -> None:
    assert {type(event) for event in EVENTS} == kinds(Event)
    assert {type(message) for message in MESSAGES} == kinds(Message)
    assert {type(event) for event in (*EVENTS, *IN_THE_FOLDER)} >= kinds(RunEvent)


@pytest.mark.parametrize("event", IN_THE_FOLDER, ids=lambda event: type(event).__name__)
def test_what_happens_within_a_run_is_read_in_its_folder_and_does_not_cross_the_pipe(event: RunEvent) -> None:
    line = encode_line(event)
    assert line.count(b"\n") == 1
    assert decode_run_event(line) == event
    with pytest.raises(msgspec.ValidationError, match="Invalid value"):
        decode_event(line)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_is_one_json_line_that_comes_back_as_it_was(event: Event) -> None:
    line = encode_event(event)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert isinstance(json.loads(line)["type"], str)
    assert decode_event(line) == event


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_is_one_json_line_that_comes_back_as_it_was(message: Message) -> None:
    line = encode_message(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode_message(line) == message


def test_every_kind_has_a_tag_of_its_own() -> None:
    tags = [json.loads(encode_line(event))["type"] for event in (*EVENTS, *IN_THE_FOLDER)]
    assert len(set(tags)) == len(tags)
    tags = [json.loads(encode_message(message))["type"] for message in MESSAGES if message != Resume(3, "/runs/old")]
    assert len(set(tags)) == len(tags)


TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(label=TEXT, path=TEXT, probability=st.floats(0, 1), milliseconds=st.floats(0, 1e9))
def test_any_text_and_number_survives_the_line(label: str, path: str, probability: float, milliseconds: float) -> None:
    event = Predicted(1, path, (Score(label, 0, probability),), Latency(milliseconds, 0.0), (1, 1), label.encode())
    line = encode_event(event)
    assert line.count(b"\n") == 1
    assert b"\r" not in line
    assert decode_event(line) == event


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_a_run_holds_only_events_of_runs(event: Event) -> None:
    line = encode_event(event)
    if type(event) in kinds(RunEvent):
        assert decode_run_event(line) == event
    else:
        with pytest.raises(msgspec.ValidationError, match="Invalid value"):
            decode_run_event(line)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"hello\n",
        b"[]\n",
        b"{}\n",
        b'{"type":"sing"}\n',
        b'{"type":"predict","job":1}\n',
        b'{"type":"predict","job":1,"model_request":{"model":"m","views":5},"images":[]}\n',
        b'{"type":"predict","job":1,"model_request":{"model":"m","mode":"slow"},"images":[]}\n',
        b"\xff\n",
        b"7\n",
    ],
)
def test_what_is_no_message_is_refused(line: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        decode_message(line)


def test_a_job_with_a_design_that_cannot_be_is_refused_with_its_field() -> None:
    line = encode_message(Verify(1, SPEC)).replace(b'"classes":10', b'"classes":0')
    with pytest.raises(msgspec.ValidationError, match="classes is 0"):
        decode_message(line)


def test_a_field_that_a_later_version_adds_does_not_make_an_event_unreadable() -> None:
    document: dict[str, Any] = json.loads(encode_event(JobDone(5))) | {"reason": "added in a later version"}
    assert decode_event(json.dumps(document).encode()) == JobDone(5)
    document = json.loads(encode_line(RunPaused(5))) | {"reason": "added in a later version"}
    assert decode_run_event(json.dumps(document).encode()) == RunPaused(5)
