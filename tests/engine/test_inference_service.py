"""Questions about pictures on real engines: short ones overtake, long ones are given up, and none is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from resnet_gui.design.presets import PRESETS
from resnet_gui.engine.inference_service import InferenceService
from resnet_gui.engine.job_queue import JobQueue
from resnet_gui.protocol.events import (
    Event,
    Failed,
    FolderListed,
    Heartbeat,
    JobDone,
    ModelLoaded,
    Predicted,
    PredictFailed,
    Ready,
    TrainingEstimated,
)
from resnet_gui.protocol.explain_events import Explanation, FeatureMaps, Filters, Histograms, UnitGradient
from resnet_gui.protocol.jobs import (
    Describe,
    Drop,
    Estimate,
    Explain,
    Job,
    LoadModel,
    ModelRequest,
    Predict,
    ShowFilters,
    ShowHistograms,
    ShowMaps,
    ShowUnitGradient,
)
from resnet_gui.training.recipe import Recipe
from tests.conftest import EngineChild
from tests.engine.explain.explain_case import preset, seasoned, write_network, write_picture
from tests.forks import Forks
from tests.waiting import stretched

CIFAR = preset("resnet20", 32, 32, classes=10)
MANY = 6000
"""Pictures that take this network seconds, and would keep an engine that does not listen busy for so long."""


class Place:
    """A network and forty small pictures."""

    def __init__(self, folder: Path) -> None:
        write_network(folder / "network.safetensors", seasoned(CIFAR))
        self.model_request = ModelRequest(model=str(folder / "network.safetensors"), device="cpu")
        self.images: list[str] = []
        for number in range(40):
            path = folder / f"{number:02}.png"
            write_picture(path, np.random.default_rng(number).integers(0, 256, (3, 32, 32), dtype=np.uint8))
            self.images.append(str(path))

    def many(self, job: int) -> Predict:
        """All of them over and over."""
        return Predict(job, self.model_request, tuple(self.images[number % 40] for number in range(MANY)))

    def few(self, job: int) -> Predict:
        """Five of them."""
        return Predict(job, self.model_request, tuple(self.images[:5]))

    def look(self, job: int, image: int = 0) -> Explain:
        """A short question."""
        return Explain(job, self.model_request, self.images[image], 3)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("place"))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, forks: Forks) -> Iterator[EngineChild]:
    child = EngineChild(tmp_path_factory.mktemp("engine") / "errors.txt", popen=forks.popen)
    child.wait_for(Ready)
    yield child
    child.kill()


def until(engine: EngineChild, *ends: int) -> list[Event]:
    """What is answered until some jobs are over, heartbeats left out."""
    found: list[Event] = []
    left = set(ends)
    while left:
        event = engine.next()
        if not isinstance(event, Heartbeat):
            found.append(event)
        if isinstance(event, JobDone | Failed):
            left.discard(event.job)
    return found


def answered(events: list[Event], job: int) -> list[str]:
    """The pictures that a job has classified."""
    return [event.image for event in events if isinstance(event, Predicted) and event.job == job]


# ---- one engine for all


def test_short_questions_overtake_pictures_that_are_being_classified_and_change_no_answer(
    engine: EngineChild, place: Place
) -> None:
    job = place.many(1)
    engine.send(job)
    engine.wait_for(Predicted, lambda event: event.job == 1)
    image, layer = place.images[3], "layer2"
    engine.send(
        place.look(2),
        ShowMaps(3, place.model_request, image, layer),
        ShowFilters(4, place.model_request),
        ShowHistograms(5, place.model_request, image, layer),
        ShowUnitGradient(6, place.model_request, image, layer, 2, 2),
        Explain(7, place.model_request, place.images[0], 99),
    )
    looks: list[Explanation | FeatureMaps | Filters | Histograms | UnitGradient | Failed] = []
    while len(looks) < 6:
        event = engine.next()
        assert not isinstance(event, JobDone), "all pictures were classified before the first look was answered"
        if isinstance(event, Explanation | FeatureMaps | Filters | Histograms | UnitGradient | Failed):
            looks.append(event)
    assert [type(event) for event in looks] == [Explanation, FeatureMaps, Filters, Histograms, UnitGradient, Failed]
    assert [event.job for event in looks] == [2, 3, 4, 5, 6, 7]
    assert looks[-1] == Failed(7, "There is no class 99: the network has 10, counted from 0.")
    for _ in range(100):
        engine.wait_for(Predicted)
    engine.send(Drop(1))
    until(engine, 1)
    every = [event for event in engine.seen if isinstance(event, Predicted) and event.job == 1]
    assert 100 < len(every) < MANY
    assert [event.image for event in every] == list(job.images[: len(every)])
    tops = {event.image: event.top[0].index for event in every}
    assert all(event.top[0].index == tops[event.image] for event in every)


def test_a_job_that_is_dropped_ends_soon_and_the_next_one_is_done_whole(engine: EngineChild, place: Place) -> None:
    engine.send(place.many(11), place.few(12))
    engine.wait_for(Predicted, lambda event: event.job == 11)
    engine.send(Drop(11))
    events = until(engine, 11, 12)
    done = events.index(JobDone(11))
    assert len(answered(events, 11)) < MANY // 2
    assert not answered(events[done:], 11)
    assert not answered(events[:done], 12)
    assert answered(events, 12) == place.images[:5]
    assert events[-1] == JobDone(12)


def test_questions_that_are_dropped_while_they_wait_are_over_and_never_begun(
    engine: EngineChild, place: Place, tmp_path: Path
) -> None:
    engine.send(
        place.many(21), place.few(22), Describe(23, str(tmp_path / "gone")), place.few(24),
        Drop(22), Drop(23),
    )  # fmt: skip
    engine.wait_for(Predicted, lambda event: event.job == 21)
    engine.send(Drop(21))
    events = until(engine, 21, 22, 23, 24)
    assert [event for event in events if isinstance(event, JobDone | Failed)] == [
        JobDone(21), JobDone(22), JobDone(23), JobDone(24),
    ]  # fmt: skip
    assert not answered(events, 22)
    assert answered(events, 24) == place.images[:5]


def test_dropping_what_is_over_or_was_never_asked_disturbs_nothing(engine: EngineChild, place: Place) -> None:
    engine.send(Drop(31), Drop(11), place.few(32))
    assert answered(until(engine, 32), 32) == place.images[:5]


def test_two_jobs_are_done_one_after_the_other(engine: EngineChild, place: Place) -> None:
    first = Predict(41, place.model_request, tuple(place.images) * 4)
    engine.send(first, place.few(42), place.look(43, 1))
    events = until(engine, 41, 42)
    order = [event.job for event in events if isinstance(event, Predicted)]
    assert order == [41] * 160 + [42] * 5
    assert [event for event in events if isinstance(event, JobDone)] == [JobDone(41), JobDone(42)]
    assert events.index(JobDone(41)) > next(n for n, event in enumerate(events) if isinstance(event, Explanation))


def test_a_file_of_another_program_is_introduced_with_what_is_only_suggested(
    engine: EngineChild, place: Place, tmp_path: Path
) -> None:
    state = {f"module.{name}": values for name, values in seasoned(CIFAR, seed=5).state_dict().items()}
    torch.save({"state_dict": state, "epoch": 3}, tmp_path / "foreign.pth")
    request = ModelRequest(model=str(tmp_path / "foreign.pth"), device="cpu")
    engine.send(
        LoadModel(51, request), LoadModel(52, place.model_request), Predict(53, request, tuple(place.images[:2]))
    )
    foreign, own = (engine.wait_for(ModelLoaded) for _ in range(2))
    assert (foreign.job, foreign.own, foreign.name) == (51, False, "resnet20")
    assert foreign.spec.blocks == CIFAR.blocks
    assert (foreign.labels, foreign.classes[3], len(foreign.classes)) == ("cifar10", "cat", 10)
    assert len(foreign.preprocess.mean) == 3
    assert any("“module.”" in note for note in foreign.notes)
    assert (own.job, own.own, own.name, own.spec, own.notes) == (52, True, "drawn", CIFAR, ())
    assert own.classes == tuple(f"class {number}" for number in range(10))
    predicted = [engine.wait_for(Predicted) for _ in range(2)]
    assert {event.top[0].label for event in predicted} <= set(foreign.classes)
    assert engine.wait_for(JobDone).job == 53


@pytest.mark.parametrize("kind", ["noise", "empty", "cut", "folder", "other network", "missing"])
def test_a_file_that_holds_no_network_is_refused_in_a_sentence_and_the_engine_lives(
    kind: str, engine: EngineChild, place: Place, tmp_path: Path
) -> None:
    path = tmp_path / "broken.safetensors"
    whole = Path(place.model_request.model).read_bytes()
    match kind:
        case "noise":
            path.write_bytes(np.random.default_rng(0).bytes(5000))
        case "empty":
            path.touch()
        case "cut":
            path.write_bytes(whole[: len(whole) // 2])
        case "folder":
            path.mkdir()
        case "other network":
            torch.save({"encoder.weight": torch.zeros(3, 3), "encoder.bias": torch.zeros(3)}, path)
        case _:
            pass
    request = ModelRequest(model=str(path), device="cpu")
    engine.send(LoadModel(61, request), Explain(62, request, place.images[0]), place.few(63))
    for job in (61, 62):
        failed = engine.wait_for(Failed)
        assert (failed.job, failed.details) == (job, "")
        assert "broken.safetensors" in failed.message
        assert "\n" not in failed.message
    assert answered(until(engine, 63), 63) == place.images[:5]


# ---- engines of their own


def test_an_engine_whose_window_dies_while_it_classifies_ends_in_time(
    fork_engine: Callable[[], EngineChild], place: Place
) -> None:
    engine = fork_engine()
    engine.send(place.many(1), place.many(2), place.look(3))
    engine.wait_for(Predicted)
    begun = time.monotonic()
    engine.close_input()
    assert engine.wait() == 0
    assert time.monotonic() - begun < stretched(3)
    assert len(answered(engine.rest(), 1)) < MANY


# ---- the inference service and the job queue by themselves


def test_an_inference_service_answers_what_cannot_be_read_like_a_picture_and_stops_between_batches(
    place: Place, tmp_path: Path
) -> None:
    sent: list[Event] = []
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.png").write_bytes(b"no")
    images = (str(tmp_path / "empty"), place.images[0], str(tmp_path / "bad.png"), str(tmp_path / "gone"))
    service = InferenceService(sent.append)
    service.predict(Predict(1, place.model_request, images, top=2, scores=True), lambda: True)
    folder, listed, first, bad, gone, done = sent
    assert listed == FolderListed(1, images[1:])
    assert folder == PredictFailed(1, images[0], f"The folder {images[0]} holds no pictures.")
    assert isinstance(first, Predicted)
    assert (first.image, len(first.top), first.size) == (images[1], 2, (32, 32))
    scores = np.frombuffer(first.scores, "<f4")
    assert len(scores) == 10
    assert float(np.exp(scores[first.top[0].index])) == pytest.approx(first.top[0].probability)
    for failed, image in ((bad, images[2]), (gone, images[3])):
        assert isinstance(failed, PredictFailed)
        assert failed.image == image
        assert Path(image).name in failed.error
    assert done == JobDone(1)
    sent.clear()
    turns = iter([True, True, False])
    service.predict(place.many(2), lambda: next(turns))
    assert 1 <= len(answered(sent, 2)) < MANY
    assert sent[-1] == JobDone(2)


def waiting(*jobs: Job | None) -> JobQueue:
    queue = JobQueue()
    for job in jobs:
        queue.put(job)
    return queue


def test_a_job_queue_gives_quick_questions_first_to_who_asks_for_them_and_keeps_all_other_places(place: Place) -> None:
    jobs = waiting(place.few(1), place.look(2), place.few(3), place.look(4), place.look(2))
    assert [getattr(jobs.take_quick(), "job", None) for _ in range(4)] == [2, 4, 2, None]
    assert [getattr(jobs.take(), "job", None) for _ in range(2)] == [1, 3]
    plain = waiting(place.few(1), place.look(2))
    assert [getattr(plain.take(), "job", None) for _ in range(2)] == [1, 2]


@pytest.fixture(scope="module")
def beside_measuring(engine: EngineChild, place: Place) -> list[Event]:
    """The last events of three jobs, as they came: a training is measured, and two questions wait behind it."""
    measuring = Estimate(81, PRESETS["resnet20"].spec, Recipe(data="digits"), "cpu")
    engine.send(measuring, LoadModel(82, place.model_request), place.few(83))
    found: list[Event] = []
    while len(found) < 3:
        event = engine.next()
        if isinstance(event, ModelLoaded | JobDone | TrainingEstimated | Failed):
            found.append(event)
    return found


def test_a_network_is_introduced_while_a_training_is_being_measured(beside_measuring: list[Event]) -> None:
    first, *_, last = beside_measuring
    assert isinstance(first, ModelLoaded)
    assert isinstance(last, TrainingEstimated)
    assert (first.job, last.job) == (82, 81)
    assert last.step_seconds


def test_pictures_that_wait_are_classified_while_a_training_is_being_measured(beside_measuring: list[Event]) -> None:
    assert beside_measuring[1] == JobDone(83)
    assert isinstance(beside_measuring[2], TrainingEstimated)


def test_whatever_waits_overtakes_the_measuring_of_a_training_and_measurements_keep_their_order(place: Place) -> None:
    first, second = (Estimate(job, PRESETS["resnet20"].spec, Recipe(data="digits"), "cpu") for job in (1, 2))
    jobs = waiting(first, place.few(3), second, place.look(4))
    assert [getattr(jobs.take_question(), "job", None) for _ in range(3)] == [3, 4, None]
    assert [getattr(jobs.take(), "job", None) for _ in range(2)] == [1, 2]
    assert waiting(first, None).take_question() is None


def test_a_single_picture_overtakes_many_and_a_folder_does_not(place: Place, tmp_path: Path) -> None:
    one = Predict(5, place.model_request, (place.images[0],))
    folder = Predict(6, place.model_request, (str(tmp_path),))
    jobs = waiting(place.few(1), folder, one)
    assert [getattr(jobs.take_quick(), "job", None) for _ in range(2)] == [5, None]


def test_a_job_queue_leaves_a_number_alone_that_does_not_wait_and_is_not_being_done(place: Place) -> None:
    jobs = waiting(place.few(1), place.look(2))
    jobs.drop(3)
    jobs.put(place.few(3))
    assert not jobs.dropped(3)
    jobs.take()
    jobs.take_quick()
    jobs.drop(1)
    jobs.drop(2)
    assert jobs.dropped(1)
    assert jobs.dropped(2)


def test_a_job_queue_forgets_a_dropped_number_when_its_job_is_over_and_knows_its_end(place: Place) -> None:
    jobs = waiting(place.few(1))
    jobs.drop(1)
    assert (jobs.dropped(1), jobs.dropped(2)) == (True, False)
    jobs.forget(1)
    jobs.forget(7)
    assert not jobs.dropped(1)
    assert not jobs.ended()
    jobs.put(None)
    assert jobs.ended()
    assert jobs.take_quick() is None
    assert [getattr(jobs.take(), "job", None) for _ in range(2)] == [1, None]


def test_a_job_queue_waits_for_a_job_that_another_thread_brings(place: Place) -> None:
    jobs, job = JobQueue(), place.few(1)
    threading.Timer(0.1, jobs.put, (job,)).start()
    assert jobs.take() is job


def test_a_rest_imports_what_explains_answers_and_records_the_last_pass(place: Place) -> None:
    answers: list[Event] = []
    service = InferenceService(answers.append)
    service.rest()
    service.predict(Predict(1, place.model_request, (place.images[0],)), lambda: True)
    classifier = service._classifiers.get(place.model_request)
    assert classifier._answering._traces == {}
    service.rest()
    assert "looking_inside" in vars(service)
    assert len(classifier._answering._traces) == 1
