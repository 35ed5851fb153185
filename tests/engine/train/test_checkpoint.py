"""``last.pt``: everything to go on, or a sentence; code inside is never run."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from resnet_gui.base.errors import InputError
from resnet_gui.design.presets import find_preset
from resnet_gui.engine.checkpoint import last_network, load_checkpoint, save_checkpoint
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.run import train
from resnet_gui.protocol.jobs import Train
from resnet_gui.runs.folder import BEST_FILE, LAST_FILE, read_run_info, write_run_info
from resnet_gui.training.recipe import Recipe

STATE: dict[str, Any] = {
    "model": {"a.weight": torch.arange(6.0).reshape(2, 3), "a.count": torch.tensor(7)},
    "best": None,
    "step": 12,
    "seconds": 1.5,
    "sums": [1.0, 2.0],
}


def test_a_checkpoint_comes_back_as_it_was_and_leaves_no_temporary(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, STATE | {"step": 11})
    save_checkpoint(tmp_path, STATE)
    found = load_checkpoint(tmp_path)
    assert {key: found[key] for key in STATE if key != "model"} == {key: STATE[key] for key in STATE if key != "model"}
    assert all(torch.equal(found["model"][name], value) for name, value in STATE["model"].items())
    assert [path.name for path in tmp_path.iterdir()] == [LAST_FILE]


def test_a_run_without_a_checkpoint_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=rf"{tmp_path} has no checkpoint yet \(last\.pt\)"):
        load_checkpoint(tmp_path)


@pytest.mark.parametrize("keep", [0, 1, 4, 100, 500, -500, -100, -1])
def test_a_truncated_checkpoint_is_refused_by_its_path(tmp_path: Path, keep: int) -> None:
    save_checkpoint(tmp_path, STATE)
    data = (tmp_path / LAST_FILE).read_bytes()
    (tmp_path / LAST_FILE).write_bytes(data[:keep])
    with pytest.raises(InputError, match=r"The checkpoint .*last\.pt is damaged"):
        load_checkpoint(tmp_path)


@pytest.mark.parametrize("content", [b"hello\n", b"\0" * 1000, b"\xff" * 1000, b"PK\x03\x04" + bytes(100)])
def test_a_file_of_something_else_is_refused_by_its_path(tmp_path: Path, content: bytes) -> None:
    (tmp_path / LAST_FILE).write_bytes(content)
    with pytest.raises(InputError, match=r"The checkpoint .*last\.pt is damaged"):
        load_checkpoint(tmp_path)


@pytest.mark.parametrize("content", [torch.zeros(3), [1, 2], {}, {"format": 2}, {"format": "1"}, "text"])
def test_a_checkpoint_of_another_format_is_refused(tmp_path: Path, content: object) -> None:
    torch.save(content, tmp_path / LAST_FILE)
    with pytest.raises(InputError, match="is from another version of this program"):
        load_checkpoint(tmp_path)


class Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.mark),)


@pytest.mark.parametrize("way", ["torch", "torch-legacy", "pickle"])
def test_code_in_a_checkpoint_is_refused_and_not_run(tmp_path: Path, way: str) -> None:
    path, mark = tmp_path / LAST_FILE, tmp_path / "mark"
    content = {"format": 1, "model": Trap(mark)}
    if way == "pickle":
        path.write_bytes(pickle.dumps(content, protocol=2))
    else:
        torch.save(content, path, _use_new_zipfile_serialization=way == "torch")
    with pytest.raises(InputError, match=r"The checkpoint .*last\.pt is damaged"):
        load_checkpoint(tmp_path)
    assert not mark.exists()
    # The trap is a real one: whoever reads the file without care falls into it.
    torch.load(path, weights_only=False) if way != "pickle" else pickle.loads(path.read_bytes())  # noqa: S301
    assert mark.exists()


# ---- the network in it


def test_of_a_run_that_averages_its_weights_the_average_is_the_network_that_was_tested(tmp_path: Path) -> None:
    folder, design = tmp_path / "run", find_preset("digits-resnet").design
    job = Train(1, str(folder), design.name, design.spec, Recipe(epochs=1, ema=0.9), "cpu")
    assert train(job, lambda _event: None, Control()).status == "finished"
    # After one epoch the last weights are the best ones, which have a file of their own.
    best, found = load_file(folder / BEST_FILE), last_network(folder).state_dict()
    assert found.keys() == best.keys()
    assert all(torch.equal(found[name], best[name]) for name in best)
    assert not torch.equal(found["conv1.weight"], load_checkpoint(folder)["model"]["conv1.weight"])


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ({}, "does not belong to this run's design"),
        ({"conv1.weight": torch.zeros(3)}, "does not belong to this run's design"),
        ([1, 2], "does not belong to this run's design"),
        (None, r"last\.pt: tensor 'conv1\.weight' holds values that are not finite numbers"),
    ],
)
def test_a_checkpoint_of_another_design_or_without_numbers_is_refused(
    model: object, sentence: str, trained_run: Path, tmp_path: Path
) -> None:
    state = load_checkpoint(trained_run)
    broken = state["model"] | {"conv1.weight": torch.full_like(state["model"]["conv1.weight"], float("nan"))}
    write_run_info(tmp_path, read_run_info(trained_run))
    save_checkpoint(tmp_path, {"model": broken if model is None else model, "ema": None})
    with pytest.raises(InputError, match=sentence):
        last_network(tmp_path)
