"""An evaluation is found again until its model, its pictures or its settings change, and what has changed is said."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.engine.evaluate import measuring
from resnet_gui.engine.evaluate.measuring import evaluated
from resnet_gui.engine.evaluate.opened import open_evaluated
from resnet_gui.engine.evaluate.tested_pictures import files_digest
from resnet_gui.engine.predict.classifier import Classifier
from resnet_gui.evaluation.folder import SCORES_FILE, has_changed
from resnet_gui.network.weights import load_model, save_model
from resnet_gui.protocol.model_request import ModelRequest
from tests.engine.evaluate.colour_network import (
    COLOURS,
    colour_picture,
    draw_colours,
    go_on,
    measure_job,
    measured,
    save_colours,
)


def test_an_evaluation_is_found_again_until_weights_pictures_or_settings_change(right: Path, tmp_path: Path) -> None:
    model = Path(shutil.copy(right, tmp_path / "model.safetensors"))
    data = draw_colours(tmp_path / "set", {"red": 2, "green": 2})

    def ask(**changes: object) -> tuple[str, bool]:
        answer = evaluated(measure_job(model, data, **changes), lambda _event: None, go_on)
        return answer.folder, answer.found

    first, found = ask()
    assert not found
    assert ask() == (first, True)
    # Any temperature is applied to the same answers.
    warm = ModelRequest(model=str(model), device="cpu", temperature=2.0)
    assert ask(model_request=warm) == (first, True)
    assert ask(again=True) != (first, False)
    assert ask(model_request=ModelRequest(model=str(model), device="cpu", views=10))[1] is False
    assert ask(mapping={"green": ""})[1] is False
    colour_picture("green", 9).save(data / "green" / "1.png")
    os.utime(data / "green" / "1.png", ns=(1, 1))
    changed, found = ask()
    assert (changed == first, found) == (False, False)
    save_colours(model, order=(1, 2, 0))
    assert ask()[1] is False


def test_pictures_that_change_places_are_others_though_size_and_time_are_the_same(right: Path, tmp_path: Path) -> None:
    red, green = tmp_path / "set" / "red" / "0.bmp", tmp_path / "set" / "green" / "0.bmp"
    for path in (red, green):
        path.parent.mkdir(parents=True)
        colour_picture(path.parent.name, 0).save(path)
        os.utime(path, ns=(1, 1))
    assert red.stat().st_size == green.stat().st_size
    assert measured(right, tmp_path / "set").record.correct == 2
    green.rename(tmp_path / "between")
    red.rename(green)
    (tmp_path / "between").rename(red)
    assert measured(right, tmp_path / "set").record.correct == 0


def test_the_digest_of_files_is_of_classes_places_labels_and_every_figure_of_their_states() -> None:
    classes, files, labels, states = ("a", "b"), ("/x", "/y"), np.array([0, 1]), np.arange(8).reshape(2, 4)
    digests = {
        files_digest(classes, files, labels, states),
        files_digest(("a", "c"), files, labels, states),
        files_digest(classes, ("/x", "/z"), labels, states),
        files_digest(classes, files, np.array([1, 0]), states),
        *(files_digest(classes, files, labels, states + (np.arange(8) == place).reshape(2, 4)) for place in range(8)),
    }
    assert len(digests) == 12


def test_an_evaluation_of_a_moved_model_is_found_again_under_its_new_name(right: Path, tmp_path: Path) -> None:
    old, new = Path(shutil.copy(right, tmp_path / "old.safetensors")), tmp_path / "new.safetensors"
    data = draw_colours(tmp_path / "set", {"red": 2, "green": 2})
    first = measured(old, data)
    assert open_evaluated(first.folder).classifier.loaded.classes == tuple(COLOURS)
    old.rename(new)
    found = measured(new, data)
    assert found.folder == first.folder
    assert (found.record.model.path, found.record.model.file) == (str(new), str(new))
    assert str(old) not in found.record.command
    assert open_evaluated(found.folder).inputs([0]).shape == (1, 3, 8, 8)


def test_the_same_tensors_with_another_mean_in_their_file_are_another_question(right: Path, tmp_path: Path) -> None:
    model = Path(shutil.copy(right, tmp_path / "model.safetensors"))
    data = draw_colours(tmp_path / "set", {"red": 2, "green": 2})
    first = measured(model, data)
    network, info = load_model(model)
    save_model(model, network.state_dict(), msgspec.structs.replace(info, mean=(0.5,) * 3))
    with pytest.raises(InputError, match=r"Design, preprocessing or classes of .* have changed since"):
        open_evaluated(first.folder).inputs([0])
    assert measured(model, data).folder != first.folder


def test_a_damaged_evaluation_is_measured_anew_and_says_so(right: Path, tmp_path: Path) -> None:
    data = draw_colours(tmp_path / "set", {"red": 2, "green": 2})
    first = measured(right, data)
    (first.folder / SCORES_FILE).unlink()
    again = measured(right, data)
    assert again.record.notices == (
        f"The evaluation {first.folder} is damaged: scores.npy cannot be read; so it was measured anew.",
    )
    assert measured(right, data).folder == again.folder


def test_pictures_that_change_while_they_are_measured_are_said(
    right: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = draw_colours(tmp_path / "set", {"red": 2, "green": 2})
    size = measuring.batch_size

    def begun(classifier: Classifier) -> int:
        colour_picture("red", 9).save(data / "red" / "0.png")
        return size(classifier)

    monkeypatch.setattr(measuring, "batch_size", begun)
    assert measured(right, data).record.notices == ("1 picture changed while the model was measured; measure again.",)


def test_a_window_sees_what_was_added_to_data_since_they_were_measured(right: Path, tmp_path: Path) -> None:
    data = draw_colours(tmp_path / "set", {"red": 2, "green": 2})
    np.savez(tmp_path / "set.npz", x_test=np.asarray(colour_picture("red", 0))[None], y_test=np.array(["red"]))
    in_files, in_arrays = measured(right, data), measured(right, tmp_path / "set.npz")
    assert not has_changed(in_files)
    assert not has_changed(in_arrays)
    colour_picture("green", 9).save(data / "green" / "9.png")
    np.savez(tmp_path / "set.npz", x_test=np.asarray(colour_picture("red", 1))[None], y_test=np.array(["red"]))
    assert has_changed(in_files)
    assert has_changed(in_arrays)
