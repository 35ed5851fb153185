"""Pictures of an evaluation: shown as the network gets them, given as files, copied, reopened with the same model."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from resnet_gui.base.errors import InputError
from resnet_gui.engine.evaluate import model_identity
from resnet_gui.engine.evaluate.measuring import measure_evaluation
from resnet_gui.engine.evaluate.model_identity import learnt_note
from resnet_gui.engine.evaluate.opened import open_evaluated
from resnet_gui.engine.evaluate.pictures import copy_evaluated, prepare_evaluated, show_evaluated
from resnet_gui.evaluation.folder import RECORD_FILE, read_evaluation
from resnet_gui.protocol.evaluation_messages import CopyEvaluated, PrepareEvaluated, ShowEvaluated
from resnet_gui.protocol.events import Event, JobDone, Progressed
from resnet_gui.runs.folder import RUN_FILE
from tests.engine.evaluate.colour_network import COLOURS, colour_picture, draw_colours, go_on, measure_job, save_colours


def measured(model: Path, data: Path, **changes: object) -> str:
    return str(measure_evaluation(measure_job(model, data, **changes), lambda _event: None, go_on))


def pixels_of(png: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.asarray(Image.open(io.BytesIO(png)))


@pytest.fixture
def arrays(tmp_path: Path) -> Path:
    """Three red pictures, then three green ones, then three blue ones, larger than the network's input."""
    images = np.stack([np.asarray(colour_picture(name, number, 12)) for name in COLOURS for number in range(3)])
    np.savez(tmp_path / "set.npz", x_test=images, y_test=np.repeat(list(COLOURS), 3))
    return tmp_path / "set.npz"


def test_pictures_are_shown_as_the_network_gets_them_and_those_that_are_gone_are_left_out(
    right: Path, tmp_path: Path
) -> None:
    data = draw_colours(tmp_path / "set", {"red": 2, "green": 2})
    folder = measured(right, data)
    (data / "red" / "0.png").unlink()
    shown = show_evaluated(ShowEvaluated(5, folder, (1, 2, 3, 99)))
    assert [each.index for each in shown.pictures] == [1, 3]
    assert shown.pictures[0].path == str(data / "green" / "1.png")
    assert (pixels_of(shown.pictures[0].png) == np.asarray(colour_picture("green", 1))).all()
    assert prepare_evaluated(PrepareEvaluated(5, folder, 3)).path == str(data / "red" / "1.png")
    with pytest.raises(InputError, match=r"There is no picture .*0\.png any more"):
        prepare_evaluated(PrepareEvaluated(5, folder, 2))
    with pytest.raises(InputError, match="There is no picture 4; the evaluation has 0 to 3"):
        prepare_evaluated(PrepareEvaluated(5, folder, 4))


def test_a_picture_of_an_array_is_itself_though_a_class_before_it_is_not_counted(
    right: Path, arrays: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = measured(right, arrays, mapping={"red": ""})
    # The first that was counted is the first green one, number 3 of the set.
    path = Path(prepare_evaluated(PrepareEvaluated(5, folder, 1)).path)
    assert (np.asarray(Image.open(path)) == np.asarray(colour_picture("green", 1, 12))).all()
    assert path.name.endswith("-4.png")
    os.utime(path, ns=(1, 1))
    assert prepare_evaluated(PrepareEvaluated(5, folder, 1)).path == str(path)
    assert path.stat().st_mtime_ns == 1
    opened = open_evaluated(folder)
    monkeypatch.setattr("resnet_gui.engine.evaluate.opened.read_evaluation", None)
    os.utime(Path(folder) / RECORD_FILE, ns=(1, 1))
    assert opened is open_evaluated(folder), "what is open is not read again"
    assert (Path(folder) / RECORD_FILE).stat().st_mtime_ns > 1, "it has been asked about, so it is not removed"
    answers = read_evaluation(Path(folder)).answers
    again = opened.classifier.scores(opened.inputs(range(6))[:, None])
    assert np.abs(again - answers.scores).max() < 1e-6
    assert show_evaluated(ShowEvaluated(5, folder, (0,))).pictures[0].path == ""


def test_a_model_or_a_set_that_has_changed_since_is_not_asked_again(right: Path, tmp_path: Path, arrays: Path) -> None:
    model = tmp_path / "model.safetensors"
    model.write_bytes(right.read_bytes())
    folder = measured(model, arrays)
    images = np.load(arrays)["x_test"]
    np.savez(arrays, x_test=images[::-1], y_test=np.repeat(list(COLOURS), 3))
    with pytest.raises(
        InputError, match=r"pictures of .*set\.npz have changed since this evaluation; measure it again"
    ):
        show_evaluated(ShowEvaluated(5, folder, (0,)))
    save_colours(model, order=(1, 2, 0))
    other = measured(model, arrays)
    save_colours(model)
    with pytest.raises(InputError, match=r"weights of .*model\.safetensors have changed since this evaluation"):
        open_evaluated(other).inputs([0])


def test_a_picture_that_was_written_over_since_is_neither_shown_nor_given_nor_copied_nor_answered(
    right: Path, tmp_path: Path
) -> None:
    data = draw_colours(tmp_path / "set", {"red": 2, "green": 2})
    folder = measured(right, data)
    changed = data / "green" / "1.png"
    moment = changed.stat().st_mtime_ns
    colour_picture("red", 7).save(changed)
    os.utime(changed, ns=(moment, moment))
    assert [each.index for each in show_evaluated(ShowEvaluated(5, folder, (0, 1, 2))).pictures] == [0, 2]
    words = r"The picture .*1\.png has changed since this evaluation; measure it again"
    with pytest.raises(InputError, match=words):
        prepare_evaluated(PrepareEvaluated(5, folder, 1))
    with pytest.raises(InputError, match=words):
        open_evaluated(folder).inputs([0, 1])
    with pytest.raises(InputError, match=f"1 picture of 2 could not be copied: {words}"):
        copy_evaluated(CopyEvaluated(5, folder, (0, 1), str(tmp_path / "copies")), lambda _event: None, go_on)
    assert [path.name for path in (tmp_path / "copies").iterdir()] == ["green-as-green-0.png"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no names that are no text")
def test_a_picture_whose_name_is_no_text_is_shown_and_copied_but_not_given_by_name(right: Path, tmp_path: Path) -> None:
    data = draw_colours(tmp_path / "set", {"red": 1, "green": 1})
    os.rename(data / "red" / "0.png", os.fsencode(data / "red") + b"/\xff.png")  # noqa: PTH104
    folder = measured(right, data)
    (shown,) = show_evaluated(ShowEvaluated(5, folder, (1,))).pictures
    assert (pixels_of(shown.png) == np.asarray(colour_picture("red", 0))).all()
    assert shown.path.endswith("?.png")
    copy_evaluated(CopyEvaluated(5, folder, (1,), str(tmp_path / "copies")), lambda _event: None, go_on)
    assert os.listdir(os.fsencode(tmp_path / "copies")) == [b"red-as-red-\xff.png"]  # noqa: PTH208
    with pytest.raises(InputError, match="not valid text"):
        prepare_evaluated(PrepareEvaluated(5, folder, 1))


LEARNT = "This run was trained on"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("sp/train", f"{LEARNT} .*sp, so on these 10 pictures"), ("sp/train/cat", f"{LEARNT} .*, so on these"),
        ("sp/cat", f"{LEARNT} .*, so on some or all of these"), (".", f"{LEARNT} .*, so on some or all of these"),
        ("sp/mine.csv", f"{LEARNT} .*, so on some or all"), ("sp", "has learnt from 8 of these 10 pictures"),
        ("sp/test", ""), ("sp/test.csv", ""), ("other", ""), ("cifar10", ""),
    ],
)  # fmt: skip
def test_whoever_measures_a_run_on_a_part_of_what_it_learnt_from_is_warned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: str, words: str
) -> None:
    run = tmp_path / "run"
    run.mkdir()
    (run / RUN_FILE).touch()
    monkeypatch.chdir(tmp_path)
    counts = SimpleNamespace(train_images=8, test_images=2, final_images=0)
    info = SimpleNamespace(recipe=SimpleNamespace(data=str(tmp_path / "sp")), data=counts)
    monkeypatch.setattr(model_identity, "read_run_info", lambda _run: info)
    note = learnt_note(str(run), data, 10)
    assert re.search(words, note) if words else note == ""


def test_copies_take_no_name_that_is_taken_and_say_what_is_gone(right: Path, tmp_path: Path, arrays: Path) -> None:
    data, target = draw_colours(tmp_path / "set", {"red": 2, "green": 2}), tmp_path / "copies" / "new"
    folder = measured(right, data)
    events: list[Event] = []
    assert copy_evaluated(CopyEvaluated(5, folder, (0, 2, 2, 3), str(target)), events.append, go_on) == JobDone(5)
    # Green's and red's 0.png have one name; class and answer tell them apart.
    assert {path.name: path.read_bytes() for path in target.iterdir()} == {
        "green-as-green-0.png": (data / "green" / "0.png").read_bytes(),
        "red-as-red-0.png": (data / "red" / "0.png").read_bytes(),
        "red-as-red-1.png": (data / "red" / "1.png").read_bytes(),
    }
    # Once more: each lies there, byte for byte.
    copy_evaluated(CopyEvaluated(5, folder, (0, 2), str(target)), events.append, go_on)
    assert len(list(target.iterdir())) == 3
    assert isinstance(events[-1], Progressed)
    assert (events[-1].done, events[-1].total, events[-1].note) == (0, 2, "2 pictures were there already.")
    (data / "green" / "1.png").unlink()
    with pytest.raises(InputError, match=r"1 picture of 2 could not be copied: There is no picture .*1\.png any more"):
        copy_evaluated(CopyEvaluated(5, folder, (1, 3), str(target)), events.append, go_on)
    assert isinstance(events[-1], Progressed)
    assert (events[-1].done, events[-1].note) == (0, "1 picture was there already.")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match=r"file cannot be written: "):
        copy_evaluated(CopyEvaluated(5, folder, (3,), str(tmp_path / "file")), events.append, go_on)
    with pytest.raises(InputError, match="given up"):
        copy_evaluated(CopyEvaluated(5, folder, (3,), str(tmp_path / "never")), events.append, lambda: False)
    assert not (tmp_path / "never").exists()
    in_array = measured(right, arrays)
    copy_evaluated(CopyEvaluated(5, in_array, (8,), str(target)), events.append, go_on)
    assert (
        np.asarray(Image.open(target / "blue-as-blue-picture-8.png")) == np.asarray(colour_picture("blue", 2, 12))
    ).all()
