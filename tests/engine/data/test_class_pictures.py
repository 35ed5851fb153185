"""The classes of a data set before a training: their counts, and their pictures as the network would see them."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from resnet_gui.base.errors import InputError
from resnet_gui.data.layouts.description import ClassCount
from resnet_gui.data.preprocessing import PictureFit, Scaling
from resnet_gui.engine.data import class_pictures
from resnet_gui.engine.data.class_pictures import SIDE
from resnet_gui.engine.data.copies import without_copies
from resnet_gui.engine.data.datasets import load
from resnet_gui.engine.data.folders import Listing
from resnet_gui.engine.data.opened import Watch
from resnet_gui.engine.data.pictures import read_pixels
from resnet_gui.engine.handlers import HANDLERS, JobContext
from resnet_gui.engine.job_queue import JobQueue
from resnet_gui.protocol.answers import ANSWERS
from resnet_gui.protocol.events import ClassShown, Event, JobDone
from resnet_gui.protocol.jobs import ShowClassPictures

SHAPE = (3, 8, 8)


@pytest.fixture(scope="module")
def fruit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten apples and five pears, wide and of random pixels, and one apple that is no picture."""
    folder = tmp_path_factory.mktemp("fruit")
    random = np.random.default_rng(1)
    for name, count in (("apple", 10), ("pear", 5)):
        (folder / name).mkdir()
        for number in range(count):
            array = random.integers(0, 256, (12, 30, 3), dtype=np.uint8)
            Image.fromarray(array).save(folder / name / f"{number:02}.png")
    (folder / "apple" / "00.png").write_bytes(b"no picture")
    return folder


def shown(job: ShowClassPictures) -> list[ClassShown]:
    sent: list[Event] = []
    HANDLERS[ShowClassPictures](JobContext(sent.append, JobQueue(), lambda _job: None), job)
    assert isinstance(sent[-1], JobDone)
    assert {type(event) for event in sent[:-1]} <= set(ANSWERS[ShowClassPictures].pieces)
    return [event for event in sent if isinstance(event, ClassShown)]


def decoded(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


@pytest.mark.parametrize("fit", ["crop", "squeeze", "pad"])
def test_each_class_is_counted_and_shown_as_the_network_would_see_it(fruit: Path, fit: PictureFit) -> None:
    apple, pear = shown(ShowClassPictures(job=3, data=str(fruit), shape=SHAPE, scaling=Scaling(fit=fit), pictures=4))
    assert (apple.number, pear.number, pear.classes) == (0, 1, 2)
    assert (apple.count, pear.count) == (ClassCount("apple", 8, 0, 2), ClassCount("pear", 4, 0, 1))
    assert [Path(each.path).name for each in pear.pictures] == ["00.png", "01.png", "02.png", "03.png"]
    for each in pear.pictures:
        expected = read_pixels(Path(each.path), SHAPE, Scaling(fit=fit))
        assert np.array_equal(decoded(each.png).transpose(2, 0, 1), expected)
    # The first of those that are spread over the class cannot be read.
    assert [Path(each.path).name for each in apple.pictures] == ["02.png", "05.png", "07.png"]
    assert [sentence.partition(" is ")[0] for sentence in apple.problems] == [str(fruit / "apple" / "00.png")]


def test_only_the_classes_that_are_wanted_are_read_and_thumbnails_stay_small(fruit: Path) -> None:
    (only,) = shown(ShowClassPictures(job=3, data=str(fruit), shape=(3, 96, 192), pictures=1, classes=(1, 7)))
    (cut,), (whole,) = (
        shown(ShowClassPictures(job=3, data=str(fruit), shape=SHAPE, scaling=Scaling(resize=size), classes=(1,)))
        for size in (12, 0)
    )
    for mine, other in zip(cut.pictures, whole.pictures, strict=True):
        expected = read_pixels(Path(mine.path), SHAPE, Scaling(resize=12))
        assert np.array_equal(decoded(mine.png).transpose(2, 0, 1), expected)
        assert mine.png != other.png
    assert only.number == 1
    assert decoded(only.pictures[0].png).shape == (SIDE // 2, SIDE, 3)


def test_sets_of_arrays_are_shown_too() -> None:
    digits = shown(ShowClassPictures(job=3, data="digits", shape=(1, 8, 8), pictures=2))
    train = load("digits", (1, 8, 8)).train
    assert [each.count.name for each in digits] == [str(number) for number in range(10)]
    assert sum(each.count.training for each in digits) == len(train.labels)
    for each in digits:
        first = train.images[train.labels == each.number][0, 0].numpy()
        assert np.array_equal(decoded(each.pictures[0].png), first)


def test_channels_that_no_picture_has_are_refused(fruit: Path) -> None:
    with pytest.raises(InputError, match=r"^The design reads 2 channels"):
        shown(ShowClassPictures(job=3, data=str(fruit), shape=(2, 8, 8)))


def test_it_is_given_up_between_two_classes(fruit: Path) -> None:
    queue, job = JobQueue(), ShowClassPictures(job=3, data=str(fruit), shape=SHAPE)
    queue.put(job)
    queue.take()
    sent: list[Event] = []

    def send(event: Event) -> None:
        sent.append(event)
        if isinstance(event, ClassShown):
            queue.drop(3)

    with pytest.raises(InputError, match="other data were chosen"):
        HANDLERS[ShowClassPictures](JobContext(send, queue, lambda _job: None), job)
    assert sum(isinstance(event, ClassShown) for event in sent) == 1


def test_files_are_compared_once_for_all_classes_and_again_when_one_has_changed(
    fruit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Path] = []

    def counted(listing: Listing, watch: Watch) -> Listing:
        calls.append(listing.folder)
        return without_copies(listing, watch)

    monkeypatch.setattr(class_pictures, "without_copies", counted)
    own = shutil.copytree(fruit, tmp_path / "fruit")
    for number in (0, 1, 0):
        shown(ShowClassPictures(job=3, data=str(own), shape=SHAPE, classes=(number,)))
    assert len(calls) == 1
    Image.new("RGB", (20, 20), (1, 2, 3)).save(next((own / "pear").glob("*.png")))
    shown(ShowClassPictures(job=3, data=str(own), shape=SHAPE, classes=(1,)))
    assert len(calls) == 2
