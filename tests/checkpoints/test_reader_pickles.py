"""Weights in pickles are read in every protocol: whole modules, arrays, tensors of any device."""

from __future__ import annotations

import functools
import pickle
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from resnet_gui.checkpoints.reader import read_checkpoint
from tests.checkpoints.public_checkpoints import refusal, tensors, torch_bytes, unzipped, zipped
from tests.checkpoints.stored_networks import LEGACY, PROTOCOLS, Net, Wrapped, same, written

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
