"""Weights in several files are read as one: shards with their index, folders, distributed checkpoints."""

from __future__ import annotations

import dataclasses
import json
import mmap
import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from resnet_gui.checkpoints.files import distributed_files
from resnet_gui.checkpoints.files.torch_files import map_file
from resnet_gui.checkpoints.reader import read_checkpoint
from tests.checkpoints.public_checkpoints import refusal, tensors, torch_bytes
from tests.checkpoints.stored_networks import same, written

# ---- several files


def shard(folder: Path, state: Mapping[str, Tensor], *, safe: bool, index: bool, count: int = 3) -> list[Path]:
    """Weights in several files, as ``save_pretrained`` names them."""
    stem, suffix = ("model", "safetensors") if safe else ("pytorch_model", "bin")
    names = [f"{stem}-{number + 1:05}-of-{count:05}.{suffix}" for number in range(count)]
    listed: dict[str, str] = {}
    for number, name in enumerate(names):
        part = dict(list(state.items())[number::count])
        listed |= dict.fromkeys(part, name)
        if safe:
            save_file(part, folder / name, metadata={"format": "pt"})
        else:
            torch.save(part, folder / name)
    if index:
        text = json.dumps({"metadata": {"total_size": 1}, "weight_map": listed})
        (folder / f"{stem}.{suffix}.index.json").write_text(text)
    return [folder / name for name in names]


@pytest.mark.parametrize("safe", [True, False])
@pytest.mark.parametrize("index", [True, False])
def test_a_network_in_several_files_is_read_by_any_of_them(tmp_path: Path, safe: bool, index: bool) -> None:
    state = tensors()
    files = shard(tmp_path, state, safe=safe, index=index)
    paths = [*files, *(tmp_path.glob("*.index.json"))] + ([tmp_path] if index else [])
    for path in paths:
        found = read_checkpoint(path)
        assert {name: value.tolist() for name, value in found.state.items()} == {
            name: value.tolist() for name, value in state.items()
        }
        assert any("in 3 files" in note for note in found.notes)


@pytest.mark.parametrize("safe", [True, False])
@pytest.mark.parametrize("index", [True, False])
def test_a_part_whose_others_are_missing_says_that_it_is_a_part(tmp_path: Path, safe: bool, index: bool) -> None:
    files = shard(tmp_path, tensors(), safe=safe, index=index)
    files[1].unlink()
    for path in (files[0], *tmp_path.glob("*.index.json")):
        said = refusal(lambda path=path: read_checkpoint(path))  # type: ignore[misc]
        assert "one part of a network in 3 files" in said
        assert files[1].name in said


def test_an_index_that_lists_what_is_not_there_or_lies_elsewhere_is_refused(tmp_path: Path) -> None:
    files = shard(tmp_path, tensors(), safe=True, index=True)
    index = next(tmp_path.glob("*.index.json"))
    cases: tuple[tuple[dict[str, str], str], ...] = (
        ({"gone": files[0].name}, "tensor 'gone' is in none"), ({"a": "../secret.bin"}, "no file beside it"),
        ({"a": "/etc/passwd"}, "no file beside it"), ({}, "lists none"),
    )  # fmt: skip
    for listed, words in cases:
        index.write_text(json.dumps({"weight_map": listed}))
        assert words in refusal(lambda: read_checkpoint(index), index)
    for text in ("{}", "[1]", "{", ""):
        index.write_text(text)
        assert "no index" in refusal(lambda: read_checkpoint(index), index)


def test_a_folder_of_save_pretrained_with_one_file_is_read(tmp_path: Path) -> None:
    save_file(tensors(), tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text("{}")
    assert sorted(read_checkpoint(tmp_path).state) == sorted(tensors())


def test_a_distributed_checkpoint_is_read_by_its_folder_its_list_and_its_pieces(tmp_path: Path) -> None:
    dcp = pytest.importorskip("torch.distributed.checkpoint")
    state = tensors()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dcp.save({"app": {"model": state, "epoch": 3}}, checkpoint_id=str(tmp_path / "dcp"), no_dist=True)
    for path in (tmp_path / "dcp", tmp_path / "dcp/.metadata", next((tmp_path / "dcp").glob("*.distcp"))):
        found = read_checkpoint(path)
        assert found.wrapper == ("app", "model")
        assert {name: value.tolist() for name, value in found.state.items()} == {
            name: value.tolist() for name, value in state.items()
        }
    alone = written(tmp_path / "__0_0.distcp", next((tmp_path / "dcp").glob("*.distcp")).read_bytes())
    assert "pieces of a torch.distributed.checkpoint folder" in refusal(lambda: read_checkpoint(alone), alone)
    next((tmp_path / "dcp").glob("*.distcp")).unlink()
    assert "is missing" in refusal(lambda: read_checkpoint(tmp_path / "dcp"), tmp_path / "dcp")


def distributed(
    folder: Path, state: Mapping[str, list[Tensor]], shapes: Mapping[str, Any], trails: Mapping[str, Any] | None = None
) -> dict[Any, Any]:
    """Write tensors in pieces, each in a file of its own; where each piece is listed."""
    from torch.distributed.checkpoint.filesystem import _StorageInfo
    from torch.distributed.checkpoint.metadata import (
        ChunkStorageMetadata,
        Metadata,
        MetadataIndex,
        TensorProperties,
        TensorStorageMetadata,
    )  # fmt: skip

    kinds: dict[str, Any] = {}
    places: dict[Any, Any] = {}
    files: dict[str, bytes] = {}
    for name, pieces in state.items():
        start = 0
        for number, piece in enumerate(pieces):
            content, file = torch_bytes(piece), f"__{number}_0.distcp"
            before = files.setdefault(file, b"")
            offset = (start, *([0] * (piece.ndim - 1)))
            places[MetadataIndex(name, torch.Size(offset), 0)] = _StorageInfo(file, len(before), len(content))
            files[file] += content
            start += piece.shape[0]
        chunks = [ChunkStorageMetadata(torch.Size([0]), torch.Size([1]))]
        kinds[name] = TensorStorageMetadata(TensorProperties(pieces[0].dtype), shapes[name], chunks)
    for file, content in files.items():
        written(folder / file, content)
    written(folder / ".metadata", pickle.dumps(Metadata(kinds, trails, places)))
    return places


def halves(value: Tensor) -> list[Tensor]:
    half = (value.shape[0] + 1) // 2
    return [value[:half].clone(), value[half:].clone()]


def test_pieces_of_a_distributed_tensor_are_put_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = {**tensors(), "conv2.weight": torch.rand(6, 2, 3, 3)}
    shapes = {name: value.shape for name, value in state.items()}
    mapped: list[str] = []

    def counted(path: Path) -> mmap.mmap:
        mapped.append(path.name)
        return map_file(path)

    monkeypatch.setattr(distributed_files, "map_file", counted)
    distributed(tmp_path, {name: halves(value) for name, value in state.items()}, shapes)
    assert same(read_checkpoint(tmp_path), state)
    assert sorted(mapped) == [".metadata", "__0_0.distcp", "__1_0.distcp"]
    distributed(tmp_path, {name: halves(value)[: 2 - (name == "fc.bias")] for name, value in state.items()}, shapes)
    assert "'fc.bias' are not all there" in refusal(lambda: read_checkpoint(tmp_path), tmp_path)


@pytest.mark.parametrize("many", [2, 4096, 2**40])
def test_pieces_that_claim_more_than_their_files_hold_get_no_memory(tmp_path: Path, many: int) -> None:
    pieces = [torch.ones(1).expand(many), torch.ones(1).expand(many)]
    distributed(tmp_path, {"x": pieces}, {"x": torch.Size([2 * many])})
    assert "claims more values than the file holds" in refusal(lambda: read_checkpoint(tmp_path), tmp_path)


def test_a_distributed_tensor_of_an_impossible_form_is_refused(tmp_path: Path) -> None:
    nested: tuple[Any, ...] = ()
    for _ in range(60):
        nested = (nested, nested)
    value = torch.ones(4, 2)
    for shape in (nested, ("a", 2), (-4, -2), (2**40, (None,)), (4.0, 2)):
        distributed(tmp_path, {"x": halves(value)}, {"x": shape})
        assert "list of tensors" in refusal(lambda: read_checkpoint(tmp_path), tmp_path)
    # None of these takes memory, but torch counts to 2**63.
    huge = (0, 2**61, 2**61)
    distributed(tmp_path, {"x": [torch.ones(0, 1, 1), torch.ones(0, 1, 1)]}, {"x": huge})
    refusal(lambda: read_checkpoint(tmp_path), tmp_path)
    for trail in ((nested,), ("a", nested), ("a",) * 200, (2**61 - 1, "a")):
        distributed(tmp_path, {"x": halves(value)}, {"x": value.shape}, {"x": trail})
        assert "where none can lie" in refusal(lambda: read_checkpoint(tmp_path), tmp_path)


def test_pieces_that_share_bytes_are_refused(tmp_path: Path) -> None:
    """A short list could name one piece a million times."""
    value = torch.rand(4, 2)
    places = distributed(tmp_path, {"x": halves(value)}, {"x": value.shape})
    listed: Any = pickle.loads((tmp_path / ".metadata").read_bytes())  # noqa: S301 (written above)
    listed.state_dict_metadata["y"] = listed.state_dict_metadata["x"]
    listed.storage_data |= {dataclasses.replace(index, fqn="y"): place for index, place in places.items()}
    written(tmp_path / ".metadata", pickle.dumps(listed))
    assert "'__0_0.distcp' are longer than it" in refusal(lambda: read_checkpoint(tmp_path), tmp_path)
