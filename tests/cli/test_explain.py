"""``resnet-gui explain``: files of attributions, and what is said of pictures and settings that do not do."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from resnet_gui.cli.main import main
from resnet_gui.data.weights_catalogue import SHIPPED
from resnet_gui.engine.explain.in_terminal import class_number, file_names
from resnet_gui.engine.explain.service import ExplainService
from resnet_gui.engine.predict.classifier import ClassifierCache
from resnet_gui.protocol.attribution_messages import Attribute
from resnet_gui.protocol.explain_events import Attribution, Explanation
from resnet_gui.protocol.jobs import Explain, ModelRequest
from tests.rooms import ROOT

SAMPLES = ROOT / "assets" / "samples"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two pictures, and one that cannot be read."""
    folder = tmp_path / "pictures"
    (folder / "below").mkdir(parents=True)
    shutil.copy(SAMPLES / "ship.jpg", folder / "ship.jpg")
    shutil.copy(SAMPLES / "cat.jpg", folder / "below" / "ship.jpg")
    (folder / "torn.png").write_bytes(b"no picture")
    return folder


def explain(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, Any, str]:
    """Exit code, document and standard error."""
    code = main(["explain", SHIPPED, *map(str, arguments), "--device", "cpu", "--json"])
    printed = capsys.readouterr()
    return code, json.loads(printed.out) if printed.out else None, printed.err


def test_a_folder_of_grad_cams_is_what_the_window_shows_of_each_picture(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in pictures.rglob("*") if path.is_file()}
    code, document, said = explain(capsys, pictures, "--method", "grad-cam", "--method", "lrp", "-o", tmp_path / "maps")
    assert code == 2, "one picture was not explained"
    assert said.count("torn.png") == 1
    results = document["results"]
    assert [(Path(each["image"]).name, each.get("method")) for each in results] == [
        ("ship.jpg", "grad-cam"), ("ship.jpg", "lrp"), ("ship.jpg", "grad-cam"), ("ship.jpg", "lrp"), ("torn.png", None)
    ]  # fmt: skip
    assert [each["files"]["overlay"] for each in results[:4:2]] == ["ship.grad-cam.png", "ship-2.grad-cam.png"]
    lines = (tmp_path / "maps" / "attributions.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == results
    assert {path: path.read_bytes() for path in before} == before, "a picture that was read was written"
    service, request = ExplainService(ClassifierCache()), ModelRequest(model=SHIPPED, device="cpu")
    for each in results[:4:2]:
        answer = service.answer(Explain(1, request, each["image"], -1, (each["settings"]["location"],)))
        assert isinstance(answer, Explanation)
        heat = answer.heats[0]
        values = np.load(tmp_path / "maps" / each["files"]["values"])
        assert values.shape == (1, heat.height, heat.width)
        assert np.round(values / values.max() * 255).astype(np.uint8).tobytes() == heat.values
        assert (each["target"], each["logit"]) == (answer.target, pytest.approx(answer.score, rel=1e-5))


def test_values_and_line_of_a_picture_are_the_windows_answer(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = pictures / "ship.jpg"
    code, document, _ = explain(
        capsys, image, "--method", "lrp", "--target", "Truck", "--rule", "gamma", "--gamma", 0.5, "--sanity", "-o",
        tmp_path / "maps",
    )  # fmt: skip
    assert code == 0
    (known,) = document["results"]
    assert (known["label"], known["target"]) == ("truck", 9)
    assert known["settings"] == {
        "rule": "gamma", "split": "absolute", "biases": "absorbed", "epsilon": 1e-6, "gamma": 0.5
    }  # fmt: skip
    values = np.load(tmp_path / "maps" / known["files"]["values"])
    assert values.shape == (3, 32, 32)
    assert values.dtype == np.float32
    assert values.sum() == pytest.approx(known["sum"], abs=1e-4)
    assert known["sum"] + known["biases"] - known["logit"] == pytest.approx(known["completeness_error"], abs=1e-4)
    assert abs(known["completeness_error_percent"]) < 1
    assert [step["random_to"] for step in known["sanity"]] == ["head", "layer3", "layer2", "layer1", "stem"]
    with Image.open(tmp_path / "maps" / known["files"]["overlay"]) as overlay:
        assert overlay.size == (224, 224)
    with Image.open(tmp_path / "maps" / known["files"]["sanity"]) as strip:
        assert strip.width > 6 * 224
    request = ModelRequest(model=SHIPPED, device="cpu")
    answer = ExplainService(ClassifierCache()).answer(Attribute(1, request, str(image), 9, "grad-cam"))
    assert isinstance(answer, Attribution)
    with Image.open(io.BytesIO(answer.input_png)) as picture:
        assert picture.size == (32, 32)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--method", "lrp", "--steps", 3), "--steps is of integrated-gradients, and says nothing about lrp."),
        (("--method", "lrp", "--sanity-seed", 3), "--sanity-seed is of the sanity check; add --sanity."),
        (("--method", "lrp", "--target", "zebra"), "There is no class 'zebra'; the network has 10, from 0 ('airp"),
        (("--method", "occlusion", "--window", 99), "window is 99, but the network reads 32×32 pixels; use 32"),
        (("--method", "smoothgrad", "--samples", 0), "samples is 0; it must be from 1 to 1024."),
    ],
)
def test_what_does_not_do_is_said_in_a_line_and_writes_nothing(
    arguments: tuple[object, ...], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, document, said = explain(capsys, SAMPLES / "ship.jpg", *arguments, "-o", tmp_path / "maps")
    assert (code, document) == (2, None)
    assert sentence in said
    assert said.count("\n") == 1
    assert not list((tmp_path / "maps").rglob("*.*"))


def test_maps_never_go_among_the_pictures_that_are_read(pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for image, folder, sentence in (
        (pictures, pictures / "maps", "the maps would be among them the next time"),
        (pictures / "ship.jpg", pictures, "holds ship.jpg, which is read; name another folder for the maps."),
        (pictures / "ship.jpg", pictures / "torn.png", "torn.png is a file; name a folder for the maps."),
    ):
        code, _, said = explain(capsys, image, "--method", "lrp", "-o", folder)
        assert code == 2
        assert sentence in said
    assert sorted(path.name for path in pictures.iterdir()) == ["below", "ship.jpg", "torn.png"]


def test_a_class_is_meant_by_its_label_or_its_number() -> None:
    labels = ("cat", "Cat", "7", "dog")
    assert [class_number(word, labels) for word in ("", "cat", "Cat", "DOG", "7", "3")] == [-1, 0, 1, 3, 2, 3]
    for word, sentence in (("CAT", "2 classes are called 'CAT': 0, 1; name a number."), ("4", "There is no class '4'")):
        with pytest.raises(ValueError, match=sentence):
            class_number(word, labels)


def test_pictures_of_one_name_get_files_of_their_own() -> None:
    paths = [Path(name) for name in ("a/x.png", "b/x.jpg", "X.gif", "x-2.png", "y.png")]
    assert file_names(paths) == ["x", "x-2", "X-3", "x-2-2", "y"]
