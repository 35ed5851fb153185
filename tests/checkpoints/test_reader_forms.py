"""Weights are read from every form that people have them in: whole modules, sets of files, programs, factors."""

from __future__ import annotations

import copy
import dataclasses
import functools
import json
import mmap
import pickle
import re
import sys
import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from resnet_gui.checkpoints.files import distributed_files
from resnet_gui.checkpoints.files.torch_files import map_file
from resnet_gui.checkpoints.reader import Checkpoint, read_checkpoint
from tests.checkpoints.public_checkpoints import refusal, tensors, torch_bytes, unzipped, zipped

LEGACY = [False, True]
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


class Net(nn.Module):
    """A small network with all that a module may hold: a shared part, a buffer that is not saved, a missing bias."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.again = self.conv1
        self.layer = nn.Sequential(OrderedDict(a=nn.Linear(4, 4), b=nn.ReLU()))
        self.scale = nn.Parameter(torch.rand(4))
        self.register_buffer("mean", torch.rand(3))
        self.register_buffer("index", torch.arange(3), persistent=False)
        self.fc = nn.Linear(4, 2)
        self.opt = functools.partial(max, default=np.float64(1))

    def forward(self, x: Tensor) -> Tensor:
        features: Tensor = self.bn1(self.conv1(x)).mean((2, 3)) * self.scale
        return self.fc(self.layer(features))  # type: ignore[no-any-return]


class Wrapped(nn.Module):
    """A network in another module, as trainers have it."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Net()
        self.loss = nn.CrossEntropyLoss(weight=torch.ones(2))


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def same(found: Checkpoint, state: Mapping[str, Tensor]) -> bool:
    """Whether a checkpoint has these tensors under these names, in this order, to the bit."""
    return list(found.state) == list(state) and all(
        torch.equal(value, state[name]) and value.dtype == state[name].dtype for name, value in found.state.items()
    )


# ---- whole modules


@pytest.mark.parametrize("legacy", LEGACY)
@pytest.mark.filterwarnings("ignore:Couldn't retrieve source code:UserWarning")
def test_a_whole_pickled_module_has_the_names_of_its_state_dict(tmp_path: Path, legacy: bool) -> None:
    for model in (Net(), nn.DataParallel(Net()), Wrapped(), nn.Sequential(Net(), nn.BatchNorm1d(2))):
        for saved, key in ((model, "."), ({"model": model, "ema": None, "epoch": 3}, "model"), ([3, model], "1")):
            found = read_checkpoint(written(tmp_path / "whole.pt", torch_bytes(saved, legacy=legacy)))
            assert same(found, model.state_dict())
            assert found.key == key
            assert any("its code did not run" in note and type(model).__name__ in note for note in found.notes)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_module_of_any_protocol_is_read(tmp_path: Path, protocol: int) -> None:
    model = Wrapped()
    found = read_checkpoint(written(tmp_path / "whole.pkl", pickle.dumps({"net": model}, protocol)))
    assert same(found, model.state_dict())


def test_a_module_whose_class_is_nowhere_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = type("Gone", (Net,), {"__module__": "somebody.models"})
    model = gone()
    monkeypatch.setitem(sys.modules, "somebody", sys)
    monkeypatch.setitem(sys.modules, "somebody.models", type(sys)("somebody.models"))
    monkeypatch.setattr(sys.modules["somebody.models"], "Gone", gone, raising=False)
    torch.save(model, tmp_path / "gone.pt")
    monkeypatch.undo()
    found = read_checkpoint(tmp_path / "gone.pt")
    assert same(found, model.state_dict())
    assert "somebody.models.Gone" in found.notes[0]


def test_modules_that_lie_in_each_other_are_refused(tmp_path: Path) -> None:
    model = Net()
    model._modules["self"] = model
    torch.save(model, tmp_path / "loop.pt")
    inner = nn.Sequential()
    for _ in range(60):
        inner = nn.Sequential(inner, inner)
    torch.save(inner, tmp_path / "twins.pt")
    for name in ("loop.pt", "twins.pt"):
        assert "lie in each other" in refusal(lambda name=name: read_checkpoint(tmp_path / name), tmp_path / name)  # type: ignore[misc]


# ---- pickles


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("legacy", LEGACY)
def test_every_protocol_of_torch_save_is_read(tmp_path: Path, protocol: int, legacy: bool) -> None:
    torch.save(
        {"model": tensors()}, tmp_path / "w.pt", pickle_protocol=protocol, _use_new_zipfile_serialization=not legacy
    )
    assert same(read_checkpoint(tmp_path / "w.pt"), tensors())


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_pickle_without_torch_save_is_read(tmp_path: Path, protocol: int) -> None:
    state = OrderedDict(tensors(), wide=torch.rand(300, 70), view=torch.arange(12.0)[3:9].reshape(2, 3).t())
    for saved in (state, {"state_dict": {name: nn.Parameter(value) for name, value in state.items()}, "acc": 1}):
        assert same(read_checkpoint(written(tmp_path / "w.pkl", pickle.dumps(saved, protocol))), state)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_arrays_of_numpy_are_read_as_tensors_and_it_is_said(tmp_path: Path, protocol: int) -> None:
    arrays: dict[str, Any] = {name: value.numpy() for name, value in tensors().items()}
    arrays |= {"f.weight": np.asfortranarray(np.arange(6.0).reshape(2, 3)), "n": np.array(3), "h": np.ones(2, "f2")}
    arrays["big.weight"] = np.arange(5, dtype=">i4")
    wanted = {name: torch.from_numpy(value.astype(value.dtype.newbyteorder("="))) for name, value in arrays.items()}
    saved = {"weights": arrays, "names": np.array(["a"]), "score": np.float32(0.5)}
    found = read_checkpoint(written(tmp_path / "w.pkl", pickle.dumps(saved, protocol)))
    assert same(found, wanted)
    assert any(f"{len(arrays)} of its tensors are arrays" in note for note in found.notes)


def test_tensors_of_devices_that_are_not_here_are_read(tmp_path: Path) -> None:
    """xla, hpu and their like are written as arrays or as tensors of the CPU."""
    state = tensors()

    class Elsewhere:
        def __init__(self, value: Tensor, *, array: bool) -> None:
            self.value, self.array = value, array

        def __reduce__(self) -> tuple[Any, ...]:
            name = "_rebuild_device_tensor_from_numpy" if self.array else "_rebuild_device_tensor_from_cpu_tensor"
            data = self.value.numpy() if self.array else self.value
            return getattr(torch._utils, name), (data, torch.float64, "xla:0", False)

    for array in (True, False):
        saved = {name: Elsewhere(value, array=array) for name, value in state.items()}
        torch.save(saved, tmp_path / "xla.pt")
        assert same(read_checkpoint(tmp_path / "xla.pt"), {name: value.double() for name, value in state.items()})


def test_a_subclass_of_tensors_is_its_tensor(tmp_path: Path) -> None:
    class Image(Tensor):
        """A tensor of a class of its own."""

    state = {name: value.as_subclass(Image) for name, value in tensors().items()}
    globals().update(Image=Image)
    Image.__qualname__ = "Image"
    try:
        torch.save(state, tmp_path / "image.pt")
    finally:
        globals().pop("Image")
    assert same(read_checkpoint(tmp_path / "image.pt"), tensors())


@pytest.mark.parametrize("order", ["little", "big"])
def test_numbers_in_either_order_of_bytes_are_read(tmp_path: Path, order: str) -> None:
    members = unzipped(torch_bytes(tensors()))
    swapped = dict(members)
    for name, content in members.items():
        if "/data/" in name and order != sys.byteorder:
            swapped[name] = np.frombuffer(content, "u4").byteswap().tobytes()
    swapped[next(name for name in members if name.endswith("byteorder"))] = order.encode()
    assert same(read_checkpoint(written(tmp_path / "w.pt", zipped(swapped))), tensors())


def test_an_expanded_tensor_is_read_and_a_few_bytes_that_claim_to_be_many_are_not(tmp_path: Path) -> None:
    mean = torch.rand(4, 1, 3, 3)
    state = {**tensors(), "x.weight": mean.expand(4, 3, 3, 3), "y": torch.ones(1).expand(64)}
    assert same(read_checkpoint(written(tmp_path / "w.pt", torch_bytes(state))), state)
    for huge in (torch.ones(1).expand(5000), torch.ones(2**13, 1).expand(2**13, 4096)):
        path = written(tmp_path / "w.pt", torch_bytes({**tensors(), "huge": huge}))
        said = refusal(lambda path=path: read_checkpoint(path), path)  # type: ignore[misc]
        assert "tensor 'huge' claims more values" in said
        assert "damaged" not in said


def test_a_tensor_without_data_is_named_and_not_called_damaged(tmp_path: Path) -> None:
    path = written(tmp_path / "w.pt", torch_bytes({**tensors(), "fc.x": torch.empty(7, 5, device="meta")}))
    said = refusal(lambda: read_checkpoint(path), path)
    assert "'fc.x' is without data" in said
    assert "damaged" not in said


# ---- what else is in a file


@pytest.mark.parametrize(
    ("saved", "words"),
    [
        ([torch.ones(2), torch.ones(3)], "a list of 2 tensors without names"), ([1, "x"], "a list "),
        ({"a": 1}, "a dict "), ("text", "a text "), (5, "a number "), (None, "nothing "),
        (torch.ones(2), "a single tensor "),
        (functools.partial(max), "an object of 'functools.partial'"),
        (torch.optim.SGD([torch.ones(1, requires_grad=True)], 0.1), "an object of 'torch.optim.sgd.SGD'"),
    ],
    ids=str,
)  # fmt: skip
def test_a_file_without_a_network_says_what_it_holds(tmp_path: Path, saved: object, words: str) -> None:
    path = written(tmp_path / "w.pt", torch_bytes(saved))
    assert f"holds {words}" in refusal(lambda: read_checkpoint(path), path)


def test_a_name_out_of_a_file_cannot_break_the_sentence(tmp_path: Path) -> None:
    path = written(tmp_path / "w.pkl", b"\x80\x04\x8c\x0ba\nb\x1b[31m\x00xy\x8c\x03C\nD\x93)\x81.")
    said = refusal(lambda: read_checkpoint(path), path)
    assert said.isprintable()


def test_what_joblib_writes_among_a_pickle_is_not_called_damaged(tmp_path: Path) -> None:
    """It puts the bytes of arrays behind a name of its own, where no pickle has any."""
    data = b"\x80\x04}\x8c\x01acjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}b" + bytes(64) + b"s."
    said = refusal(lambda: read_checkpoint(written(tmp_path / "w.pkl", data)), tmp_path / "w.pkl")
    assert "joblib" in said
    assert "damaged" not in said


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


# ---- programs


def test_a_script_s_tensors_are_read_and_its_code_is_not_run(tmp_path: Path) -> None:
    model = Net().eval()
    model.opt = None  # type: ignore[assignment]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        traced: Any = torch.jit.trace
        for program in (traced(model, torch.zeros(1, 3, 8, 8)), torch.jit.script(model)):
            torch.jit.save(program, tmp_path / "script.pt")
            found = read_checkpoint(tmp_path / "script.pt")
            wanted = program.state_dict()
            assert all(torch.equal(found.state[name], value) for name, value in wanted.items())
            assert any("TorchScript" in note for note in found.notes)
        torch.jit.save(torch.jit.freeze(program), tmp_path / "script.pt")
    said = refusal(lambda: read_checkpoint(tmp_path / "script.pt"), tmp_path / "script.pt")
    assert "part of its code" in said


def test_an_exported_program_s_weights_are_read(tmp_path: Path) -> None:
    model = Net().eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.export.save(torch.export.export(model, (torch.zeros(2, 3, 8, 8),)), tmp_path / "net.pt2")
    found = read_checkpoint(tmp_path / "net.pt2")
    wanted = model.state_dict()
    assert {name for name in wanted if "again" not in name} <= found.state.keys() <= wanted.keys()
    assert all(torch.equal(value, wanted[name]) for name, value in found.state.items())
    assert any("torch.export" in note for note in found.notes)
    # Before torch 2.8 the archive held a file of torch.save.
    old = zipped({"serialized_exported_program.json": b"{}", "serialized_state_dict.pt": torch_bytes(tensors())})
    assert same(read_checkpoint(written(tmp_path / "old.pt2", old)), tensors())


# ---- factors of weights


def pruned(layer: nn.Module) -> None:
    from torch.nn.utils import prune

    mask: Any = prune.l1_unstructured
    mask(layer, "weight", amount=0.5)


old_weight_norm: Any = torch.nn.utils.weight_norm
FACTORS: dict[str, Callable[[nn.Module], Any]] = {
    "pruning": pruned, "weight": torch.nn.utils.parametrizations.weight_norm,
    "spectral": torch.nn.utils.parametrizations.spectral_norm,
    "old weight": old_weight_norm,
    "old spectral": torch.nn.utils.spectral_norm,
    "weight of one": lambda layer: old_weight_norm(layer, dim=None),
    "weight by columns": lambda layer: torch.nn.utils.parametrizations.weight_norm(layer, dim=1),
}  # fmt: skip


@pytest.mark.parametrize("kind", FACTORS)
@pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")
@pytest.mark.filterwarnings("ignore:.*spectral_norm.*:FutureWarning")
def test_a_weight_in_factors_is_what_the_module_computes(tmp_path: Path, kind: str) -> None:
    parts: Any = OrderedDict(conv=nn.Conv2d(3, 4, 3), fc=nn.Linear(4, 1), last=nn.Linear(1, 5))
    model: Any = nn.Sequential(parts)
    wanted = copy.deepcopy(model)
    for layer in (model.conv, model.fc):
        FACTORS[kind](layer)
    model.eval()
    assert isinstance(model.conv, nn.Conv2d)
    model.conv(torch.rand(1, 3, 4, 4))
    model.fc(torch.rand(1, 4))
    torch.save(model.state_dict(), tmp_path / "w.pt")
    found = read_checkpoint(tmp_path / "w.pt")
    assert set(found.state) == set(wanted.state_dict())
    for name, layer in (("conv", model.conv), ("fc", model.fc)):
        weight = layer.weight
        assert isinstance(weight, Tensor)
        assert torch.allclose(found.state[f"{name}.weight"], weight, rtol=1e-6, atol=1e-7)
    assert any(re.search(r"^2 of its weights are computed", note) for note in found.notes)


class Piece:
    """What torch.save makes of a distributed tensor: a subclass without values, and this process's piece."""

    def __init__(self, shape: tuple[int, ...], piece: object) -> None:
        self.shape, self.piece = shape, piece

    def __reduce__(self) -> tuple[Any, ...]:
        utils: Any = torch._utils
        arguments = (Net, torch.float32, torch.Size(self.shape), (1,), 0, None, "cpu", False)
        return torch._tensor._rebuild_from_type_v2, (
            utils._rebuild_wrapper_subclass, Net, arguments, {"_local_tensor": self.piece},
        )  # fmt: skip


def test_a_distributed_tensor_is_read_where_this_file_has_all_of_it(tmp_path: Path) -> None:
    state = tensors()
    whole = {name: Piece(tuple(value.shape), value) for name, value in state.items()}
    assert same(read_checkpoint(written(tmp_path / "w.pt", torch_bytes(whole))), state)
    for piece, words in ((torch.ones(1, 2), "one piece of a distributed tensor"), (None, "no plain values")):
        path = written(tmp_path / "w.pt", torch_bytes({**state, "x": Piece((4, 2), piece)}))
        assert f"'x' is {words}" in refusal(lambda path=path: read_checkpoint(path), path) or piece is None  # type: ignore[misc]


def test_factors_that_do_not_fit_each_other_are_named(tmp_path: Path) -> None:
    fits = torch.rand(4, 3)
    for extra in (
        {"x.weight_orig": fits, "x.weight_mask": torch.ones(4, 1)},
        {"x.weight_g": torch.rand(3, 1), "x.weight_v": fits},
        {"x.weight_orig": fits, "x.weight_u": torch.rand(4), "x.weight_v": torch.rand(9)},
    ):  # fmt: skip
        path = written(tmp_path / "w.pt", torch_bytes({**tensors(), **extra}))
        assert "'x.weight_" in refusal(lambda path=path: read_checkpoint(path), path)  # type: ignore[misc]


def test_a_part_that_is_no_factor_of_anything_stays(tmp_path: Path) -> None:
    state = {**tensors(), "x.weight_g": torch.rand(4, 1), "y.weight_orig": torch.rand(2)}
    assert same(read_checkpoint(written(tmp_path / "w.pt", torch_bytes(state))), state)


# ---- what is not read


def test_without_its_checksums_no_value_of_a_file_is_read(tmp_path: Path) -> None:
    """Names and shapes are compared always, values only where they are used."""
    whole = torch_bytes(tensors())
    place = whole.index(tensors()["conv.weight"].numpy().tobytes())
    path = written(tmp_path / "w.pt", whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
    assert list(read_checkpoint(path, checked=False).state) == list(tensors())
    assert "checksum" in refusal(lambda: read_checkpoint(path), path)
    name = whole.index(b"conv.weight")
    path = written(tmp_path / "w.pt", whole[:name] + b"K" + whole[name + 1 :])
    assert "checksum" in refusal(lambda: read_checkpoint(path, checked=False), path)
