"""Pictures of an evaluation: shown as the network gets them, given as files, copied, reopened with the same model."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from resnet_gui.base.errors import InputError
from resnet_gui.engine.evaluate.measuring import measure_evaluation
from resnet_gui.engine.evaluate.opened import open_evaluated
from resnet_gui.engine.evaluate.pictures import copy_evaluated, prepare_evaluated, show_evaluated
from resnet_gui.evaluation.folder import read_evaluation
from resnet_gui.protocol.evaluation_messages import CopyEvaluated, PrepareEvaluated, ShowEvaluated
from resnet_gui.protocol.events import Event, JobDone
from tests.engine.evaluate.colour_network import COLOURS, colour_picture, draw_colours, measure_job, save_colours


def go_on() -> bool:
    return True


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_colours(tmp_path_factory.mktemp("right") / "right.safetensors")


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


def test_a_picture_of_an_array_is_itself_though_a_class_before_it_is_not_counted(right: Path, arrays: Path) -> None:
    folder = measured(right, arrays, mapping={"red": ""})
    # The first that was counted is the first green one, number 3 of the set.
    path = Path(prepare_evaluated(PrepareEvaluated(5, folder, 1)).path)
    assert (np.asarray(Image.open(path)) == np.asarray(colour_picture("green", 1, 12))).all()
    assert path.name.endswith("-4.png")
    os.utime(path, ns=(1, 1))
    assert prepare_evaluated(PrepareEvaluated(5, folder, 1)).path == str(path)
    assert path.stat().st_mtime_ns == 1
    opened = open_evaluated(folder)
    assert opened is open_evaluated(folder)
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
    (data / "green" / "1.png").unlink()
    with pytest.raises(InputError, match=r"1 picture of 2 could not be copied: There is no picture .*1\.png any more"):
        copy_evaluated(CopyEvaluated(5, folder, (1, 3), str(target)), events.append, go_on)
    assert (target / "red-as-red-1-2.png").is_file()
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
