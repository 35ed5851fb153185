"""What the window does with what its engine says: each event goes to whom it answers, and none is swallowed."""

from __future__ import annotations

import logging

import pytest

from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.client.downloads import Downloads
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.client.latest import LatestRequests
from resnet_gui.protocol.events import (
    DataSetDescribed,
    Event,
    Failed,
    Fit,
    FolderListed,
    Identified,
    JobDone,
    Latency,
    Matched,
    Predicted,
    Score,
    Verified,
)
from resnet_gui.protocol.jobs import Describe, Identify, ModelRequest, Predict, Question
from resnet_gui.runs.events import RunEnded

DESIGN = PRESETS["resnet20"].design
FIT = Fit((3, 32, 32), 10, 100, 10)
ANSWER = Predicted(1, "a.png", (Score("seven", 7, 0.5),), Latency(1.0, 1.0), (8, 8))


class Client:
    """The client without a process: events are put where the pipe would bring them."""

    def __init__(self) -> None:
        self.engines = Engines()
        self.engines.state = "starting"
        self.answered: list[tuple[Question, Event]] = []
        self.predicted: list[Event] = []
        self.verified: list[Event | None] = []
        self.messages: list[str] = []
        self.engines.answered.connect(lambda job, event: self.answered.append((job, event)))
        self.engines.predicted.connect(self.predicted.append)
        self.engines.verified.connect(self.verified.append)
        self.engines.message.connect(lambda sentence, _level: self.messages.append(sentence))

    def take(self, *events: Event) -> None:
        for event in events:
            self.engines._take(event)


@pytest.fixture
def client(qapp: object) -> Client:
    return Client()


def test_a_question_is_over_with_the_event_that_it_names_and_later_ones_are_not_its_answer(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    number = client.engines.ask(lambda job: Describe(job, "digits"))
    answer = DataSetDescribed(number, "digits", FIT)
    client.take(answer, answer)
    assert client.answered == [(Describe(number, "digits"), answer)]
    assert f"DataSetDescribed answers job {number}, which nobody waits for" in caplog.text


def test_an_answer_to_another_kind_of_question_is_logged_and_the_question_stays(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    number = client.engines.ask(lambda job: Describe(job, "digits"))
    client.take(Identified(number, "x.pt", DESIGN, "", 1, 1), JobDone(number), FolderListed(number, ("a.png",)))
    assert client.answered == []
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 3
    assert "Identified is no answer to Describe" in caplog.text
    client.take(DataSetDescribed(number, "digits", FIT))
    assert len(client.answered) == 1


def test_a_prediction_is_answered_in_pieces_until_its_end(client: Client) -> None:
    number = client.engines.ask(lambda job: Predict(job, ModelRequest(model="m"), ("a.png",)))
    answer = Predicted(number, ANSWER.image, ANSWER.top, ANSWER.latency, ANSWER.size)
    client.take(answer, answer, JobDone(number), JobDone(number))
    assert client.predicted == [answer, answer, JobDone(number)]
    assert client.answered == []


@pytest.mark.parametrize("end", [JobDone, lambda job: Failed(job, "Given up.")])
def test_a_question_that_was_given_up_is_over_however_it_ends(client: Client, end: type[JobDone]) -> None:
    number = client.engines.ask(lambda job: Identify(job, "x.pt"))
    client.engines._given_up.add(number)
    client.take(end(number))
    assert [event.job for _, event in client.answered if isinstance(event, JobDone | Failed)] == [number]
    assert not client.engines._pending


def test_a_failure_of_no_question_is_said(client: Client) -> None:
    client.take(Failed(0, "The engine got a message that it does not know."))
    assert client.messages == ["The engine got a message that it does not know."]


def test_an_event_of_a_training_from_the_engine_that_stays_is_logged(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    client.take(RunEnded("stopped", 1))
    assert "RunEnded, which is of a training" in caplog.text


def test_a_name_that_no_encoding_knows_fails_when_it_is_asked_and_leaves_nothing_behind(client: Client) -> None:
    with pytest.raises(UnicodeEncodeError):
        client.engines.ask(lambda job: Identify(job, "\udcff.pt"))
    assert not client.engines._pending


def test_all_that_is_said_of_the_newest_design_is_handed_on_and_nothing_of_an_older_one(client: Client) -> None:
    engines = client.engines
    engines._verifying = engines._verify_job = 3
    verified, matched = Verified(3, 70, 1, 2, "resnet18"), Matched(3, "resnet18", 43)
    client.take(verified, matched)
    assert client.verified == [verified, matched]
    assert engines._verifying == 3
    client.take(JobDone(3))
    assert engines._verifying == 0
    engines._verifying, engines._verify_job = 4, 0
    engines._verify_debounce.request()  # a newer design rests
    client.take(Verified(4, 70, 1, 2), JobDone(4))
    assert client.verified == [verified, matched]


def test_a_newer_question_of_a_kind_gives_up_the_one_before_and_other_kinds_go_on(client: Client) -> None:
    latest, answers = LatestRequests(client.engines), list[tuple[str, Event]]()
    latest.answered.connect(lambda kind, event: answers.append((kind, event)))
    first = latest.ask("data", lambda job: Describe(job, "one"))
    other = latest.ask("file", lambda job: Identify(job, "x.pt"))
    second = latest.ask("data", lambda job: Describe(job, "two"))
    assert first not in client.engines._pending
    found, described = Identified(other, "x.pt", DESIGN, "", 1, 1), DataSetDescribed(second, "two", FIT)
    client.take(described, found)
    assert answers == [("data", described), ("file", found)]
    assert not latest.asking("data")


def test_a_message_that_a_training_engine_does_not_know_does_not_end_its_run(client: Client) -> None:
    engines, answered, closed = client.engines, list[Event](), list[str]()
    engines.run_answered.connect(lambda _run, event: answered.append(event))

    class Training:
        """The engine of a run, which only notes that it is closed."""

        def close(self) -> None:
            closed.append("closed")

    engines._runs["/runs/a"] = Training()  # type: ignore[assignment]
    engines._take_run("/runs/a", Failed(0, "The engine got a message that it does not know."))
    assert (answered, closed) == ([], [])
    assert client.messages == ["The engine got a message that it does not know."]
    engines._take_run("/runs/a", Failed(7, "The pictures are gone."))
    assert (answered, closed) == ([Failed(7, "The pictures are gone.")], ["closed"])


def test_what_is_no_answer_to_a_download_is_logged(qapp: object, caplog: pytest.LogCaptureFixture) -> None:
    downloads = Downloads()
    downloads._take("cifar10", DataSetDescribed(1, "cifar10", FIT))
    assert "DataSetDescribed is no answer to a download" in caplog.text
