"""Evaluations of small real networks that are right, or wrong, by construction: the right figures or a sentence."""

from __future__ import annotations

import copy
import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import evaluations_folder
from resnet_gui.engine.evaluate import measuring
from resnet_gui.engine.evaluate.measuring import evaluated, measure_evaluation
from resnet_gui.engine.evaluate.model_identity import identify_model
from resnet_gui.engine.evaluate.opened import classifier_of, open_evaluated
from resnet_gui.evaluation.depth_files import DepthFiles
from resnet_gui.evaluation.folder import read_evaluation
from resnet_gui.evaluation.intervals import wilson
from resnet_gui.evaluation.record import LeftOutPicture
from resnet_gui.protocol.evaluation_events import ClassesUnmatched, EvaluationCounted
from resnet_gui.protocol.evaluation_messages import MeasureEvaluation
from resnet_gui.protocol.events import DataSetListed, Event
from resnet_gui.protocol.model_request import ModelRequest
from tests.engine.data.picture_files import png
from tests.engine.evaluate.colour_network import (
    COLOURS,
    colour_network,
    colour_picture,
    draw_colours,
    go_on,
    measure_job,
    measured,
    save_colours,
    save_network,
)

WRONG = (1, 2, 0)
"""Red is answered where a picture is green, and so on."""


def kept() -> list[str]:
    """What lies in the folder of evaluations."""
    folder = evaluations_folder()
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_a_model_that_is_right_by_construction_is_right_about_every_picture(right: Path, tmp_path: Path) -> None:
    data = draw_colours(tmp_path / "set", {"red": 7, "green": 5, "blue": 4})
    events: list[Event] = []
    answer = evaluated(measure_job(right, data), events.append, go_on)
    assert (answer.job, answer.found) == (1, False)
    found = read_evaluation(Path(answer.folder))
    record = found.record
    assert (record.pictures, record.correct, record.left_out) == (16, 16, ())
    assert (record.labels, record.data_classes) == (tuple(COLOURS), ("blue", "green", "red"))
    assert (record.mapping, record.mapped_by) == ((2, 1, 0), "name")
    assert (record.title, record.model.name, record.device) == ("right on set", "right", "cpu")
    assert record.description is not None
    assert found.answers.files[0] == str(data / "blue" / "0.png")
    assert np.bincount(found.answers.truth).tolist() == [7, 5, 4]
    assert any(isinstance(event, DataSetListed) for event in events)
    last = events[-1]
    assert isinstance(last, EvaluationCounted)
    assert (last.done, last.total, last.correct, last.near) == (16, 16, 16, 16)


def test_a_model_that_is_wrong_by_construction_is_wrong_about_every_picture(tmp_path: Path) -> None:
    wrong = save_colours(tmp_path / "wrong.safetensors", order=WRONG)
    found = measured(wrong, draw_colours(tmp_path / "set", {"red": 3, "green": 2, "blue": 4}))
    assert (found.record.pictures, found.record.correct) == (9, 0)
    counts = np.zeros((3, 3), dtype=int)
    np.add.at(counts, (found.answers.truth, found.answers.answer), 1)
    assert counts.tolist() == [[0, 0, 3], [2, 0, 0], [0, 4, 0]]


def test_labels_in_another_order_give_the_same_answers_by_name(tmp_path: Path) -> None:
    turned = save_colours(tmp_path / "turned.safetensors", labels=("blue", "red", "green"), order=(2, 0, 1))
    found = measured(turned, draw_colours(tmp_path / "set", {"red": 3, "green": 2, "blue": 4}))
    assert (found.record.pictures, found.record.correct, found.record.mapping) == (9, 9, (0, 2, 1))


def test_one_class_alone_and_a_class_without_pictures_have_their_figures(right: Path, tmp_path: Path) -> None:
    data = draw_colours(tmp_path / "set", {"red": 4})
    (data / "green").mkdir()
    (data / "blue").mkdir()
    for named in (data, data / "red"):
        found = measured(right, named)
        assert (found.record.pictures, found.record.correct, found.record.data_classes) == (4, 4, ("red",))
        figures = {each.label: each for each in found.answers.by_class}
        assert (figures["red"].support, figures["red"].recall) == (4, wilson(4, 4))
        assert (figures["green"].support, figures["green"].recall) == (0, None)
    description = measured(right, data).record.description
    assert description is not None
    assert "The class folder 'green' holds no pictures." in description.notes


def test_a_class_that_the_model_does_not_know_is_a_sentence_with_what_may_be_meant(right: Path, tmp_path: Path) -> None:
    names = {"red": "Red", "green": "greens", "blue": "emu"}
    data = draw_colours(tmp_path / "set", {"red": 2, "green": 3, "blue": 1}, names)
    events: list[Event] = []
    with pytest.raises(InputError, match="no class 'emu'") as refused:
        evaluated(measure_job(right, data), events.append, go_on)
    (unmatched,) = (event for event in events if isinstance(event, ClassesUnmatched))
    assert unmatched == ClassesUnmatched(
        job=1, data_classes=("Red", "emu", "greens"), network_classes=tuple(COLOURS), pictures=(2, 1, 3),
        suggested={"Red": "red", "emu": "", "greens": "green"}, sentence=str(refused.value),
    )  # fmt: skip
    assert kept() == []
    found = measured(right, data, mapping=unmatched.suggested)
    assert (found.record.pictures, found.record.correct, found.record.mapped_by) == (5, 5, "user")
    assert found.record.mapping == (0, -1, 1)
    assert found.record.left_out == (LeftOutPicture("class 'emu'", "not counted, as the mapping says: 1 picture"),)
    assert any("Not counted" in notice for notice in found.record.notices)


def test_pictures_that_cannot_be_read_are_left_out_by_name_and_the_others_counted(right: Path, tmp_path: Path) -> None:
    data = draw_colours(tmp_path / "set", {"red": 4, "green": 4, "blue": 4})
    whole = measured(right, data)
    (data / "green" / "1.png").write_bytes(b"no picture")
    (data / "blue" / "3.png").write_bytes((data / "blue" / "2.png").read_bytes()[:60])
    found = measured(right, data)
    assert (found.record.pictures, found.record.correct) == (10, 10)
    assert [Path(each.path).relative_to(data).as_posix() for each in found.record.left_out] == [
        "blue/3.png", "green/1.png",
    ]  # fmt: skip
    assert all(each.path in each.reason for each in found.record.left_out)
    # Truth, answers and features are those of the same pictures as before.
    places = [whole.answers.files.index(name) for name in found.answers.files]
    assert (found.answers.truth == whole.answers.truth[places]).all()
    assert np.abs(found.answers.scores - whole.answers.scores[places]).max() < 1e-6
    before, after = DepthFiles(whole.folder), DepthFiles(found.folder)
    assert after.places.tolist() == list(range(10))
    for location in ("stem", "layer1.0"):
        assert np.abs(after.features(location) - before.features(location)[places]).max() < 1e-6


def test_nothing_that_can_be_read_is_a_sentence_and_keeps_nothing(right: Path, tmp_path: Path) -> None:
    data = draw_colours(tmp_path / "set", {"red": 2})
    for path in (data / "red").iterdir():
        path.write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"None of the 2 pictures of .*set can be read\. The first: .*0\.png"):
        measured(right, data)
    assert kept() == []


def test_the_one_network_of_a_file_needs_no_key_in_the_command(right: Path) -> None:
    request = ModelRequest(model=str(right), device="cpu")
    for networks, key in (((), ""), ((".", "ema"), ".")):
        classifier = copy.copy(classifier_of(request))
        # As files of other programs have it: "." is the network that is the whole file.
        classifier.loaded = msgspec.structs.replace(classifier.loaded, networks=networks, key=".")
        assert identify_model(request, classifier).key == key


def test_arrays_a_test_part_alone_and_tables_are_counted(right: Path, tmp_path: Path) -> None:
    pictures = {name: [np.asarray(colour_picture(name, number)) for number in range(3)] for name in COLOURS}
    images, labels = np.stack([each for name in COLOURS for each in pictures[name]]), np.repeat(list(COLOURS), 3)
    np.savez(tmp_path / "set.npz", x_test=images, y_test=labels)
    found = measured(right, tmp_path / "set.npz")
    assert (found.record.pictures, found.record.correct, found.answers.files[0]) == (9, 9, "")
    ten = measured(right, tmp_path / "set.npz", model_request=ModelRequest(model=str(right), device="cpu", views=10))
    assert ten.record.correct == 9
    np.savez(tmp_path / "one.npz", train_images=images[:2], train_labels=labels[:2])
    assert measured(right, tmp_path / "one.npz").record.pictures == 2
    loose = tmp_path / "loose"
    loose.mkdir()
    for number, image in enumerate(images):
        Image.fromarray(image).save(loose / f"p{number}.png")
    rows = [f"p{number}.png,{label}" for number, label in enumerate(labels) if number != 4]
    (loose / "mine.csv").write_text("\n".join(["file,label", *rows]))
    by_table = measured(right, loose / "mine.csv")
    assert (by_table.record.pictures, by_table.record.correct) == (8, 8)
    assert by_table.record.description is not None
    assert by_table.record.description.parts[0].where == "by mine.csv"
    (loose / "other.csv").write_text("file,label\nq1.png,red\nq2.png,blue")
    with pytest.raises(InputError, match=r"other\.csv names q1\.png and others, of which too few lie in its folder"):
        measured(right, loose / "other.csv")


def test_the_answers_are_those_of_predict_whatever_batch_fails(
    right: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = draw_colours(tmp_path / "set", {"red": 5, "blue": 4})
    classifier = classifier_of(ModelRequest(model=str(right), device="cpu"))
    plain = classifier.scores
    whole = measured(right, data)
    for place, name in enumerate(whole.answers.files):
        alone = plain(classifier.prepare(Path(name)).pixels[None])[0]
        assert np.abs(whole.answers.scores[place] - alone).max() < 1e-5

    def failing(pixels: Any) -> Any:
        if len(pixels) > 2:
            raise RuntimeError("out of memory")
        return plain(pixels)

    monkeypatch.setattr(type(classifier), "scores", lambda _self, pixels: failing(pixels))
    halved = measured(right, data, again=True)
    assert np.abs(halved.answers.scores - whole.answers.scores).max() < 1e-6
    assert np.abs(DepthFiles(halved.folder).features("stem") - DepthFiles(whole.folder).features("stem")).max() < 1e-6


def test_a_picture_whose_answer_is_no_number_is_left_out_with_that_reason(right: Path, tmp_path: Path) -> None:
    data = draw_colours(tmp_path / "set", {"red": 3, "green": 2})
    Image.new("RGB", (8, 8)).save(data / "green" / "black.png")
    network = colour_network()
    with torch.no_grad():
        network.get_parameter("fc.weight")[0, :3] = 3e38
        network.get_parameter("fc.weight")[1, :3] = 3e38
        network.get_parameter("layer1.0.conv2.weight")[:3, :3, 1, 1] = 1e3
        network.get_parameter("layer1.0.conv1.weight")[:3, :3, 1, 1] = 1e3
    found = measured(save_network(tmp_path / "overflow.safetensors", network), data)
    assert found.answers.files == (str(data / "green" / "black.png"),)
    assert [Path(each.path).name for each in found.record.left_out] == ["0.png", "1.png", "0.png", "1.png", "2.png"]
    assert all("is no number" in each.reason for each in found.record.left_out)
    # Of a set in arrays the numbers of the others stay those of the data.
    images = np.stack([np.asarray(Image.open(data / name)) for name in ("red/0.png", "green/black.png")])
    np.savez(tmp_path / "set.npz", x_test=images, y_test=np.array(["red", "green"]))
    opened = open_evaluated(measured(tmp_path / "overflow.safetensors", tmp_path / "set.npz").folder)
    assert opened.data_number(0) == 1
    assert not opened.array(0).any()


@pytest.mark.parametrize("moment", ["before", "while"])
def test_what_is_given_up_leaves_nothing(
    right: Path, tmp_path: Path, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "batch_size", lambda _classifier: 2)
    data = draw_colours(tmp_path / "set", {"red": 5, "green": 5})
    asked = 0

    def ask() -> bool:
        nonlocal asked
        asked += 1
        return moment == "while" and not any("tmp" in name for name in kept())

    with pytest.raises(InputError, match="given up"):
        evaluated(measure_job(right, data), lambda _event: None, ask)
    assert asked
    assert kept() == []


def full_disk(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("writer", ["measuring.write_features", "measuring.EvaluationWriter.finish"])
def test_a_full_disk_is_a_sentence_and_leaves_nothing(
    right: Path, tmp_path: Path, writer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if writer.endswith("finish"):
        monkeypatch.setattr("resnet_gui.evaluation.writing.os.fsync", full_disk)
    else:
        monkeypatch.setattr(f"resnet_gui.engine.evaluate.{writer}", full_disk)
    with pytest.raises(InputError, match=r"cannot be written to .*: No space left on device; free space there"):
        measured(right, draw_colours(tmp_path / "set", {"red": 2, "green": 2}))
    assert kept() == []


def test_pictures_whose_colours_are_cut_to_eight_bits_are_all_counted_aloud(right: Path, tmp_path: Path) -> None:
    data = draw_colours(tmp_path / "set", {"red": 3})
    for number in (7, 8):
        (data / "red" / f"{number}.png").write_bytes(png((8, 8), 16, 2, (b"\0" + bytes(48)) * 8))
    assert measured(right, data).record.notices == ("2 pictures have 16 bits a channel: the upper 8 are read.",)


def test_of_features_that_would_take_too_much_an_even_sample_is_kept_which_is_said(
    right: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "most_pictures", lambda _plan: 6)
    found = measured(right, draw_colours(tmp_path / "set", {"red": 6, "green": 4, "blue": 2}))
    files = DepthFiles(found.folder)
    assert np.bincount(found.answers.truth[files.places]).tolist() == [3, 2, 1]
    assert files.features("stem").shape == (6, 8)
    assert "Features by depth are kept of 6 of the 12 pictures" in found.record.notices[-1]


@pytest.fixture
def run_job(trained_run: Path) -> Callable[..., MeasureEvaluation]:
    def make(**changes: object) -> MeasureEvaluation:
        request = ModelRequest(model=str(trained_run), device="cpu", **changes)  # type: ignore[arg-type]
        return measure_job(trained_run, "digits", model_request=request)

    return make


def test_best_and_last_weights_of_a_run_are_two_models_with_their_epochs(
    run_job: Callable[..., MeasureEvaluation], trained_run: Path
) -> None:
    best, last = (
        read_evaluation(measure_evaluation(run_job(weights=which), lambda _event: None, go_on)).record
        for which in ("best", "last")
    )
    assert (best.model.run, best.model.weights, last.model.weights) == (trained_run.name, "best", "last")
    assert best.pictures == last.pictures == 359
    assert best.model.epoch is not None
    assert last.model.epoch is not None
    assert best.model.epoch <= last.model.epoch
    assert best.correct >= last.correct
    assert best.data_name == "Digits"
    with pytest.raises(InputError, match="is not a run folder: only a run has last weights"):
        classifier_of(ModelRequest(model=str(trained_run / "best.safetensors"), weights="last"))


def test_an_empty_folder_needs_one_class_and_not_two(right: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no pictures; a model is measured on .* one class at least"):
        measured(right, tmp_path)
