"""Names of classes, mean and deviation that stand beside the weights are used where they fit, and said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from resnet_gui.checkpoints.beside import values_beside
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import evolve
from resnet_gui.engine.predict.models import adjusted, open_network
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.jobs import ModelRequest

SPEC = evolve(PRESETS["resnet20"].spec, blocks=(1, 1), widths=(4, 8), classes=3)
STATE = ResNet(plan(SPEC)).eval().state_dict()

SAID: dict[str, tuple[dict[str, Any], str]] = {
    "a list": ({"classes": ["cat", "dog", "emu"]}, "classes"),
    "name to number": ({"class_to_idx": {"dog": 1, "emu": 2, "cat": 0}}, "class_to_idx"),
    "number to name": ({"idx_to_class": {2: "emu", 0: "cat", 1: "dog"}}, "idx_to_class"),
    "number as text": ({"meta": {"id2label": {"0": "cat", "1": "dog", "2": "emu"}}}, "id2label"),
    "options": ({"hyper_parameters": {"class_names": ("cat", "dog", "emu")}}, "class_names"),
}


@pytest.mark.parametrize("form", SAID)
def test_names_of_classes_are_used(tmp_path: Path, form: str) -> None:
    values, key = SAID[form]
    torch.save({"state_dict": STATE, "epoch": 3, **values}, tmp_path / "w.pth")
    found = open_network(tmp_path / "w.pth")
    assert (found.classes, found.labels) == (("cat", "dog", "emu"), "")
    assert f"The file's own names of classes, '{key}', are used." in found.notices
    assert not any(note.startswith("labels: ") for note in found.notes)


@pytest.mark.parametrize(
    ("mean", "std", "wanted"),
    [
        ([0.1, 0.2, 0.3], [0.4, 0.5, 0.6], ((0.1, 0.2, 0.3), (0.4, 0.5, 0.6))),
        ((51, 102, 153.0), (51, 51, 51), ((0.2, 0.4, 0.6), (0.2, 0.2, 0.2))),
        ([0.5], [0.25], ((0.5,) * 3, (0.25,) * 3)),
    ],
)
def test_mean_and_deviation_are_used_on_the_scale_of_the_program(
    tmp_path: Path, mean: Any, std: Any, wanted: tuple[tuple[float, ...], tuple[float, ...]]
) -> None:
    torch.save({"state_dict": STATE, "mean": mean, "std": std}, tmp_path / "w.pth")
    found = open_network(tmp_path / "w.pth")
    assert found.preprocess.mean == pytest.approx(wanted[0])
    assert found.preprocess.std == pytest.approx(wanted[1])
    assert any("'mean' and 'std', is used" in notice for notice in found.notices)


def test_other_names_that_are_asked_for_take_the_place_of_the_file_s(tmp_path: Path) -> None:
    torch.save({"state_dict": STATE, "classes": ["cat", "dog", "emu"]}, tmp_path / "w.pth")
    (tmp_path / "labels.txt").write_text("a\nb\nc")
    used = adjusted(open_network(tmp_path / "w.pth"), ModelRequest(model="w.pth", labels=str(tmp_path / "labels.txt")))
    assert used.classes == ("a", "b", "c")
    assert not any("names of classes" in notice for notice in used.notices)


def test_names_of_another_number_are_said_and_not_used(tmp_path: Path) -> None:
    torch.save({"state_dict": STATE, "classes": ["cat", "dog"]}, tmp_path / "w.pth")
    found = open_network(tmp_path / "w.pth")
    assert "The file names 2 classes in 'classes', the network has 3: not used." in found.notices
    assert len(found.classes) == 3


ODD: list[object] = [
    None, 3, "cat", [], {}, ["cat", 1], {"cat": 0, "dog": 2}, {"cat": 0.0}, {0: "a", 2: "b"}, {"x": "y"},
    [["cat"]], {True: "a"}, {"mean": 1}, ["c" * 2000],
]  # fmt: skip


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_what_are_no_names_and_no_figures_is_left_alone(value: object) -> None:
    beside = values_beside({"classes": value, "mean": value, "std": [True, 0.1], "state_dict": {}}, ("state_dict",))
    assert (beside.classes, beside.mean, beside.std) == ((), (), ())
