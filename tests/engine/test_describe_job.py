"""The job that describes a folder: what names tell comes first, progress on the way, and it is given up when asked."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

from resnet_gui.base.errors import InputError
from resnet_gui.data.archives import unpacked_folder
from resnet_gui.data.layouts import scan
from resnet_gui.engine.data.folders import list_folder
from resnet_gui.engine.handlers import HANDLERS, DataProgress, JobContext
from resnet_gui.engine.job_queue import JobQueue
from resnet_gui.protocol.answers import ANSWERS
from resnet_gui.protocol.events import DataSetDescribed, DataSetListed, Event, Fit, Progressed
from resnet_gui.protocol.jobs import Describe


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    for part, count in (("train", 6), ("val", 2)):
        for name in ("cat", "dog"):
            (tmp_path / part / name).mkdir(parents=True)
            for number in range(count):
                Image.new("RGB", (40, 30), (number, count, ord(name[0]))).save(tmp_path / part / name / f"{number}.png")
    return tmp_path


def described(folder: Path, queue: JobQueue) -> list[Event]:
    job = Describe(7, str(folder))
    queue.put(job)
    assert queue.take() == job
    sent: list[Event] = []
    HANDLERS[Describe](JobContext(sent.append, queue, lambda _job: None), job)
    return sent


def test_what_the_names_tell_is_told_before_a_picture_is_opened(pets: Path) -> None:
    for path in (pets / "train").rglob("*.png"):
        path.write_bytes(b"no picture")
    queue = JobQueue()
    sent: list[Event] = []
    queue.put(Describe(7, str(pets)))
    job = queue.take()
    with pytest.raises(InputError, match="can be read"):
        HANDLERS[Describe](JobContext(sent.append, queue, lambda _job: None), job)
    (listed,) = [event for event in sent if isinstance(event, DataSetListed)]
    assert [(part.part, part.pictures) for part in listed.description.parts] == [("training", 12), ("validation", 4)]


def test_progress_and_description_come_before_the_answer(pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "TELL_SECONDS", -1.0)
    sent = described(pets, JobQueue())
    assert isinstance(sent[-1], DataSetDescribed)
    assert sent[-1].fit == Fit((3, 28, 28), 2, 12, 4)
    kinds = [type(event) for event in sent[:-1]]
    assert kinds[-1] is DataSetListed
    assert set(kinds[:-1]) == {Progressed}
    assert set(kinds) <= set(ANSWERS[Describe].pieces)


def test_a_look_that_was_given_up_ends(pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "TELL_SECONDS", -1.0)
    queue = JobQueue()
    job = Describe(7, str(pets))
    queue.put(job)
    queue.take()
    queue.drop(7)
    with pytest.raises(InputError, match="other data were chosen"):
        HANDLERS[Describe](JobContext(lambda _event: None, queue, lambda _job: None), job)


def test_that_an_archive_is_unpacked_is_said_before_it_while_it_is_and_in_the_description(
    pets: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = Path(shutil.make_archive(str(tmp_path_factory.mktemp("archives") / "pets"), "zip", pets))
    sent = described(path, JobQueue())
    first, *rest = sent
    folder = unpacked_folder(path).parent
    sentence = f"{path} will be unpacked to {folder}; remove that folder when it is not needed any more."
    assert first == Progressed(7, "bytes unpacked", 0, 0, sentence)
    assert first.sentence == f"bytes unpacked: 0. {sentence}"
    unpacking = [event for event in rest if isinstance(event, Progressed)]
    assert unpacking
    assert {(event.what, event.note) for event in unpacking} == {("bytes unpacked", sentence)}
    (listed,) = [event for event in rest if isinstance(event, DataSetListed)]
    assert listed.description.notes == (sentence,)
    assert isinstance(rest[-1], DataSetDescribed)
    again = described(path, JobQueue())
    assert [event.description.notes for event in again if isinstance(event, DataSetListed)] == [()]
    assert not [event for event in again if isinstance(event, Progressed)]


def test_a_training_says_that_an_archive_is_unpacked_and_then_that_pictures_are_read(pets: Path) -> None:
    sent: list[Event] = []
    progress = DataProgress(JobContext(sent.append, JobQueue(), lambda _job: None), 3)
    progress.tell("It is unpacked there.")
    progress.watch(50, 50)
    progress.tell(list_folder(pets).description)
    progress.watch(5, 5)
    assert sent == [
        Progressed(3, "bytes unpacked", 0, 0, "It is unpacked there."),
        Progressed(3, "bytes unpacked", 50, 50, "It is unpacked there."),
        Progressed(3, "reading pictures", 5, 5),
    ]
