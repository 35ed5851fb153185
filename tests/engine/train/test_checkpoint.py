"""``last.pt``: everything to go on, or a sentence; code inside is never run."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch

from resnet_gui.base.errors import InputError
from resnet_gui.engine.train.checkpoint import load_checkpoint, save_checkpoint
from resnet_gui.runs.folder import LAST_FILE

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
