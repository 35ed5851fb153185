"""Training pictures that are held out too are named and left out of training, in new runs only."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from resnet_gui.data.layouts.description import (
    CopiedPicture,
    DataDescription,
    LabelContradiction,
    description_lines,
)
from resnet_gui.engine.data import copies, datasets
from resnet_gui.engine.data.copies import without_copies
from resnet_gui.engine.data.datasets import load
from resnet_gui.engine.data.folders import list_folder
from resnet_gui.engine.handlers import HANDLERS, JobContext
from resnet_gui.engine.job_queue import JobQueue
from resnet_gui.protocol.events import DataSetDescribed, DataSetListed, Event
from resnet_gui.protocol.jobs import Describe
from resnet_gui.runs.folder import RUN_FILE, read_run_info
from tests.engine.train.tiny_run import Run, sha

SHAPE = (1, 8, 8)


@pytest.fixture
def fruit(tmp_path: Path) -> Path:
    """Ten apples and ten pears; apple 01 is a copy of apple 04, which is held out, and apple 05 of apple 06."""
    random = np.random.default_rng(1)
    for name in ("apple", "pear"):
        (tmp_path / "fruit" / name).mkdir(parents=True)
        for number in range(10):
            # Of one size all of them: stored without compression.
            picture = Image.fromarray(random.integers(0, 256, (8, 8), dtype=np.uint8))
            picture.save(tmp_path / "fruit" / name / f"{number:02}.bmp")
    apples = tmp_path / "fruit" / "apple"
    shutil.copy(apples / "04.bmp", apples / "01.bmp")
    shutil.copy(apples / "06.bmp", apples / "05.bmp")
    return tmp_path / "fruit"


def test_a_copy_of_a_held_out_picture_is_left_out_of_training_and_named(fruit: Path) -> None:
    told: list[object] = []
    data = load(str(fruit), SHAPE, tell=told.append)
    assert [path.name for path in data.train.files if path.parent.name == "apple"] == [
        "00.bmp", "02.bmp", "03.bmp", "05.bmp", "06.bmp", "07.bmp", "08.bmp"
    ]  # fmt: skip
    (description,) = told
    assert isinstance(description, DataDescription)
    assert description.copies == (CopiedPicture("apple/01.bmp", "apple/04.bmp", "test"),)
    lines = "\n".join(description_lines(description))
    assert "left out: 1 copy of a held-out picture, which would flatter (apple/01.bmp = apple/04.bmp)" in lines
    assert [each.training for each in description.classes] == [7, 8]
    assert description.parts[0].pictures == 15 == data.identity.train_images
    assert data.identity.without_copies


def test_copies_across_published_parts_and_a_final_test_are_found_too(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    for part, count in (("train", 5), ("val", 2), ("test", 2)):
        for name in "ab":
            (tmp_path / part / name).mkdir(parents=True)
            for number in range(count):
                picture = Image.fromarray(random.integers(0, 256, (8, 8), dtype=np.uint8))
                picture.save(tmp_path / part / name / f"{part}{number}.png")
    shutil.copy(tmp_path / "test" / "a" / "test1.png", tmp_path / "train" / "a" / "x.png")
    shutil.copy(tmp_path / "val" / "b" / "val0.png", tmp_path / "train" / "b" / "y.png")
    found = without_copies(list_folder(tmp_path)).description
    assert found.copies == (
        CopiedPicture("train/a/x.png", "test/a/test1.png", "test"),
        CopiedPicture("train/b/y.png", "val/b/val0.png", "validation"),
    )
    assert found.contradicted == 0


def test_a_picture_under_two_classes_is_a_contradiction_in_a_part_and_across_the_parts(fruit: Path) -> None:
    shutil.copy(fruit / "apple" / "02.bmp", fruit / "pear" / "01.bmp")  # both to learn from
    shutil.copy(fruit / "apple" / "09.bmp", fruit / "pear" / "06.bmp")  # the first is held out
    found = without_copies(list_folder(fruit))
    description = found.description
    assert description.contradictions == (
        LabelContradiction("apple/02.bmp", "apple", "pear/01.bmp", "pear"),
        LabelContradiction("apple/09.bmp", "apple", "pear/06.bmp", "pear"),
    )
    assert description.contradicted == 2
    assert description.copies == (CopiedPicture("apple/01.bmp", "apple/04.bmp", "test"),)
    assert [path for path, _ in found.train.entries if path[-6:] in {"02.bmp", "01.bmp", "06.bmp"}] == [
        "apple/02.bmp", "apple/06.bmp", "pear/01.bmp", "pear/02.bmp"
    ]  # fmt: skip
    lines = "\n".join(description_lines(description))
    assert "1 held-out picture under another class (pear/06.bmp = apple/09.bmp)" in lines
    assert (
        "contradicting labels: 2 pictures stand under two classes, byte for byte the same "
        "(apple/02.bmp ('apple') = pear/01.bmp ('pear'), apple/09.bmp ('apple') = pear/06.bmp ('pear')); "
        "correct the labels"
    ) in lines
    assert msgspec.to_builtins(description)["contradictions"][0]["second_class"] == "pear"


def test_a_copy_is_one_of_its_own_class_before_one_of_another(fruit: Path) -> None:
    shutil.copy(fruit / "apple" / "01.bmp", fruit / "pear" / "04.bmp")
    description = without_copies(list_folder(fruit)).description
    assert description.copies == (CopiedPicture("apple/01.bmp", "apple/04.bmp", "test"),)
    assert description.contradictions == (LabelContradiction("apple/01.bmp", "apple", "pear/04.bmp", "pear"),)


def test_where_pictures_of_two_classes_are_too_many_to_open_copies_are_still_found(
    fruit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (2, 3):
        picture = Image.new("L", (9, 9), 7)
        picture.save(fruit / ("apple", "pear")[number % 2] / f"0{number}.bmp")
    monkeypatch.setattr(copies, "MOST_COMPARED", 18)
    description = without_copies(list_folder(fruit)).description
    assert len(description.copies) == 1
    assert description.contradicted == 0
    assert description.notes[-1].endswith("whether they stand under two classes was not looked at.")


def test_a_folder_without_copies_has_the_listing_and_the_fingerprint_that_it_had(fruit: Path) -> None:
    for number in (1, 5):
        (fruit / "apple" / f"{number:02}.bmp").unlink()
    listing = list_folder(fruit)
    assert without_copies(listing) is listing


def test_a_class_that_would_have_no_training_picture_keeps_them_and_says_so(tmp_path: Path) -> None:
    for name, grey in (("a", 0), ("b", 1)):
        (tmp_path / name).mkdir()
        for number in range(5):
            Image.new("L", (8, 8), grey * (number + 1)).save(tmp_path / name / f"{number}.png")
    cleared = without_copies(list_folder(tmp_path))
    assert len(cleared.train) == 8
    assert cleared.description.copies == ()
    assert (
        "All 4 training pictures of 'a' are held out too, and are kept: what is counted of this class flatters."
        in cleared.description.notes
    )


def test_files_of_one_beginning_are_no_copies_and_broken_ones_neither(
    fruit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "BEGINNING", 16)
    assert len(without_copies(list_folder(fruit)).train) == 15
    for name in ("01", "04"):
        (fruit / "apple" / f"{name}.bmp").write_bytes(b"no picture")
    assert len(without_copies(list_folder(fruit)).train) == 16


def test_too_many_files_of_one_size_are_not_opened_which_is_said(fruit: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "MOST_COMPARED", 19)
    found = without_copies(list_folder(fruit))
    assert len(found.train) == 16
    assert found.description.notes[-1].startswith("More than 19 pictures have a size in common with others")


def test_progress_is_told_and_may_break_off(fruit: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "TOLD_EVERY", 1)

    def stop(done: int, total: int) -> None:
        raise InterruptedError(f"{done} of {total}")

    with pytest.raises(InterruptedError, match="20 of 20"):
        without_copies(list_folder(fruit), stop)


def test_a_description_comes_by_names_and_again_without_the_copies(fruit: Path) -> None:
    sent: list[Event] = []
    HANDLERS[Describe](JobContext(sent.append, JobQueue(), lambda _job: None), Describe(7, str(fruit)))
    listed = [event.description for event in sent if isinstance(event, DataSetListed)]
    assert [len(each.copies) for each in listed] == [0, 1]
    assert isinstance(sent[-1], DataSetDescribed)
    assert sent[-1].fit.train_images == 15


def test_a_run_of_an_earlier_build_goes_on_with_the_copies_that_it_has_learnt_from(
    fruit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begin(name: str) -> Run:
        run = Run(fruit, tmp_path / name)
        run.react = lambda event: run.control.stop() if getattr(event, "step", 0) == 1 else None
        assert run.start(epochs=2).status == "stopped"
        run.react = lambda _event: None
        return run

    new = begin("new")
    assert read_run_info(new.folder).data.without_copies
    sha(new.resume())
    with monkeypatch.context() as before:
        before.setattr(datasets, "without_copies", lambda listing, _watch: listing)
        old = begin("old")
    info = json.loads((old.folder / RUN_FILE).read_text())
    assert info["data"].pop("without_copies") is True
    (old.folder / RUN_FILE).write_text(json.dumps(info))
    assert read_run_info(old.folder).data.train_images == 16
    sha(old.resume())
