"""Short questions about an evaluation overtake one that is being measured; an engine without any rests."""

from __future__ import annotations

import io

import pytest

from resnet_gui.engine import event_loop
from resnet_gui.engine.handlers import HANDLERS, JobContext
from resnet_gui.engine.job_queue import JobQueue
from resnet_gui.engine.malloc import give_back
from resnet_gui.engine.predict.quantising import QuantisingStopped, Watch
from resnet_gui.protocol.evaluation_messages import MeasureDepth, PrepareEvaluated, ShowEvaluated
from resnet_gui.protocol.events import Event, JobDone, ModelLoaded
from resnet_gui.protocol.jobs import Job, LoadModel, ModelRequest


def test_a_measurement_that_goes_on_lets_short_questions_through_and_hears_when_it_is_given_up() -> None:
    queue, done = JobQueue(), list[Job]()
    context = JobContext(lambda _event: None, queue, done.append)
    measurement = MeasureDepth(1, "/e")
    queue.put(measurement)
    assert queue.take() is measurement
    go_on = context.interruptible(1)
    waiting = (MeasureDepth(2, "/e"), ShowEvaluated(3, "/e", (1,)), PrepareEvaluated(4, "/e", 1))
    for job in waiting:
        queue.put(job)
    assert go_on()
    assert done == [*waiting[1:]]
    queue.drop(1)
    assert not go_on()
    assert queue.take() is waiting[0]


def test_an_engine_that_nobody_asks_makes_itself_useful_once_and_a_job_that_waits_comes_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(event_loop, "REST_SECONDS", 0.0)
    engine, done = event_loop.Engine(event_loop.Channel(io.BytesIO())), list[str]()
    monkeypatch.setattr(engine, "_do", lambda _job: done.append("job"))

    def rest() -> None:
        done.append("rest")
        engine._queue.put(None if done.count("rest") == 2 else ShowEvaluated(2, "/e", (1,)))

    monkeypatch.setattr(engine, "_rest", rest)
    engine._queue.put(ShowEvaluated(1, "/e", (1,)))
    engine.work()
    assert done == ["job", "rest", "job", "rest"]


def test_the_end_is_not_waited_for_and_giving_memory_back_fails_nowhere() -> None:
    give_back()
    queue = JobQueue()
    assert not queue.wait(0.0)
    queue.put(None)
    assert queue.wait(0.0), "the end is not waited for"


def test_an_engine_at_rest_survives_what_cannot_be_made_ready(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    engine, given_back = event_loop.Engine(event_loop.Channel(io.BytesIO())), list[bool]()

    def broken() -> None:
        raise OSError("no such file")

    monkeypatch.setattr(engine._context.inference, "rest", broken)
    monkeypatch.setattr(event_loop, "give_back", lambda: given_back.append(True))
    engine._rest()
    assert given_back == [True]
    assert "could not be made ready" in caplog.text


def test_a_network_whose_loading_is_given_up_is_answered_by_the_end_of_the_job(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers, queue = list[Event](), JobQueue()
    context = JobContext(answers.append, queue, lambda _job: None)

    def given_up(_job: LoadModel, watch: Watch) -> ModelLoaded:
        queue.drop(7)
        assert not watch(1, 2)
        raise QuantisingStopped

    monkeypatch.setattr(context.inference, "load_model", given_up)
    job = LoadModel(7, ModelRequest(model="a.safetensors", device="cpu"))
    queue.put(job)
    queue.take()
    HANDLERS[LoadModel](context, job)
    assert [type(each) for each in answers if isinstance(each, JobDone)] == [JobDone]
    assert answers[-1].job == 7  # type: ignore[union-attr]
