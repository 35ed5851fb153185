"""Pickles that would take all memory or time are refused, or read in little of both."""

from __future__ import annotations

import contextlib
import pathlib
import pickle
import tracemalloc
from typing import Any

import pytest

from resnet_gui.checkpoints import networks
from resnet_gui.checkpoints.files import pickle_reader, tensor_records
from resnet_gui.checkpoints.files.stand_ins import DamagedPickleError, GlobalName, StandIn
from resnet_gui.checkpoints.files.tensor_records import InlineStorage, TensorCalls, TensorRecord
from resnet_gui.checkpoints.files.torch_files import read_stream
from resnet_gui.checkpoints.networks import find_networks
from resnet_gui.checkpoints.reader import read_checkpoint
from tests.checkpoints.public_checkpoints import refusal
from tests.checkpoints.test_pickle_reader import load

NESTED = b")" + b"2\x86" * 60
"""A tuple of a tuple of ..., each part twice: its hash and its text would take 2**60 steps."""


def _text(text: str) -> bytes:
    return b"X" + len(text).to_bytes(4, "little") + text.encode()


def _module_with(hidden: bytes) -> bytes:
    """A pickled module that names, as what it does not save, whatever is given to ``set``."""
    groups = b"".join(_text(name) + b"}" for name in ("_parameters", "_buffers", "_modules"))
    hidden = _text("_non_persistent_buffers_set") + b"cbuiltins\nset\n" + hidden + b"\x85R"
    return b"\x80\x02cm\nNet\n)\x81}(" + groups + hidden + b"ub."


BOMBS: dict[str, bytes] = {
    "memo": b"\x80\x02Nr\xff\xff\xff\xff.", "memo by line": b"Np99999999999999999999\n.",
    "bytes": b"\x80\x05\x8e" + (2**60).to_bytes(8, "little") + b"x.", "text": b"\x80\x04\x8d" + b"\xff" * 8 + b"x.",
    "bytearray": b"\x80\x05\x96" + (2**40).to_bytes(8, "little") + b"x.",
    "frame": b"\x80\x04\x95" + b"\xff" * 8 + b"N.",
    "number": b"\x80\x02\x8b\xff\xff\xff\x7f1.", "digits": b"L" + b"9" * 30_000 + b"L\n.",
    "key": b"\x80\x02}" + NESTED + b"Ns.",
    "nested": b"\x80\x02" + b"]" * 10_000 + b"a" * 9_999 + b".", "marks": b"(" * 30_000 + b".",
    "deep tuples": b"\x80\x02N" + b"\x85" * 10_000 + b".",
    "calls in calls": b"\x80\x02" + b"ctorch._tensor\n_rebuild_from_type_v2\n" * 3000 + b")" + b"N\x87R" * 2999 + b".",
    "encoded": b"\x80\x02X" + (50_000).to_bytes(4, "little") + b"a" * 50_000 + b"q\x000X\x06\x00\x00\x00latin1q\x010"
    + b"c_codecs\nencode\nh\x00h\x01\x86R" * 5000 + b".",
    "encoding": b"\x80\x02c_codecs\nencode\n" + _text("a") + NESTED + b"\x86R.",
    "storage": b"\x80\x02(" + _text("storage") + b"ctorch\nFloatStorage\n" + NESTED + _text("cpu") + b"K\x04tQ.",
    "array": b"\x80\x02}" + _text("a") + b"cnumpy.core.multiarray\n_reconstruct\n)R(K\x01K\x01\x85cnumpy\ndtype\n"
    + NESTED
    + b"\x85RI00\nC\x04abcdtbs.",
    "stored keys": pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2) + pickle.dumps({}, 2) * 2
    + b"\x80\x02]" + NESTED + b"a.",
    "hidden": _module_with(b"]" + NESTED + b"a"), "hidden list": _module_with(b"]]a"),
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_few_bytes_do_not_take_much_memory_or_time(bomb: str, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "w.pkl"
    path.write_bytes(BOMBS[bomb])
    tracemalloc.start()
    try:
        with contextlib.suppress(DamagedPickleError):
            load(BOMBS[bomb])
        refusal(lambda: read_checkpoint(path), path)
    finally:
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 3e7


@pytest.mark.parametrize("text", [b"X" + (50_000).to_bytes(4, "little"), b"B" + (50_000).to_bytes(4, "little")])
def test_many_arrays_of_one_text_share_its_bytes(text: bytes) -> None:
    dtype = b"cnumpy\ndtype\n" + _text("f4") + b"\x85R"
    array = b"cnumpy.core.multiarray\n_reconstruct\n)R(K\x01K\x01\x85h\x01I00\nh\x00tb"
    data = b"\x80\x03" + text + b"a" * 50_000 + b"q\x000" + dtype + b"q\x010](" + array * 3000 + b"e."
    found = load(data)
    tracemalloc.start()
    try:
        records = [record for each in found if (record := tensor_records.array_record(each)) is not None]
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    holders = [id(record.storage.holder) for record in records if record.storage is not None]
    assert (len(holders), len(set(holders))) == (3000, 1)
    assert most < 4e6


HUNDRED = b"}(" + b"".join(b"K" + bytes([number]) + b"N" for number in range(100)) + b"u"
LONG: dict[str, tuple[bytes, bytes]] = {
    "names": (HUNDRED, b"cm\nNet\n)h\x00\x92"),
    "dict": (HUNDRED, b"cbuiltins\ndict\nh\x00\x85R"),
    "pairs": (b"](" + b"K\x01N\x86" * 100 + b"e", b"ccollections\nOrderedDict\nh\x00\x85R"),
    "arguments": (b"(cm\nNet\n" + b"N" * 99 + b"t", b"ccopyreg\n__newobj__\nh\x00R"),
}
"""What is long, and what would copy it."""


@pytest.mark.parametrize("kind", LONG)
def test_what_is_copied_again_and_again_is_refused(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    long, copying = LONG[kind]
    monkeypatch.setattr(tensor_records, "MAX_COPIED", 2000)
    assert len(load(b"\x80\x02" + long + b"q\x000](" + copying * 19 + b"e.")) == 19
    with pytest.raises(DamagedPickleError, match="2,000 times"):
        load(b"\x80\x02" + long + b"q\x000](" + copying * 30 + b"e.")


def test_a_known_function_takes_no_more_arguments_than_torch_gives_it() -> None:
    with pytest.raises(DamagedPickleError):
        load(b"\x80\x02ctorch.nn.parameter\nParameter\n(" + b"N" * 1000 + b"tR.")


@pytest.mark.parametrize("given", [b")\x81h\x00b", b"h\x00R"], ids=["state", "arguments"])
def test_what_many_objects_name_is_looked_at_only_so_often(given: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    found = load(b"\x80\x02(" + b"N" * 100 + b"tq\x000](" + (b"cm\nNet\n" + given) * 30 + b"e.")
    assert find_networks(found) == []
    monkeypatch.setattr(networks, "_MOST_LOOKS", 500)
    with pytest.raises(DamagedPickleError, match="500 times"):
        find_networks(found)


def test_keys_whose_hashes_all_are_one_are_dropped() -> None:
    data = b"\x80\x02}(" + b"".join(pickle.dumps(n * (2**61 - 1), 2)[2:-1] + b"N" for n in range(1, 50)) + b"K\x01Nu."
    assert load(data) == {1: None}


def test_more_things_than_a_network_needs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickle_reader, "MAX_OPCODES", 1000)
    assert len(load(b"\x80\x02](" + b"N" * 900 + b"e.")) == 900
    with pytest.raises(DamagedPickleError, match="1,000"):
        load(b"\x80\x02](" + b"N" * 1100 + b"e.")


def test_a_storage_inside_a_pickle_holds_no_other_pickle() -> None:
    """Text of bytes in text of bytes would go on for ever."""
    inner = pickle.dumps({"x": 1}, 2)
    for _ in range(3):
        inner = b"\x80\x03ctorch.storage\n_load_from_bytes\nB" + len(inner).to_bytes(4, "little") + inner + b"\x85R."
    found = read_stream(inner)
    assert isinstance(found, StandIn)


@pytest.mark.parametrize(
    "numbers", [(-1, 1), (2**70, 1), ("a", 1), (1.0, 1), (True, 1), tuple([1] * 65), None, ((1,), 1)], ids=repr
)
def test_impossible_sizes_of_a_tensor_are_damage(numbers: Any) -> None:
    calls = TensorCalls(InlineStorage(b""))
    storage = calls.storage(("storage", GlobalName("torch.FloatStorage"), "0", "cpu", 4))
    for arguments in ((0, numbers, (1, 1)), (0, (1, 1), numbers), (numbers, (1, 1), (1, 1))):
        with pytest.raises(ValueError, match="sizes"):
            calls.tensor(storage, *arguments)
    assert isinstance(calls.tensor(storage, 0, (2, 2), (2, 1)), TensorRecord)
