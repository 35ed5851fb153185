"""Pickles are read as plain values: as the standard library reads them, but nothing in them is imported or called."""

from __future__ import annotations

import argparse
import collections
import contextlib
import dataclasses
import datetime as dt
import decimal
import enum
import functools
import gc
import pathlib
import pickle
import pickletools
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given

from resnet_gui.base.errors import InputError
from resnet_gui.checkpoints.files.stand_ins import CommandError, DamagedPickleError, StandIn
from resnet_gui.checkpoints.files.tensor_records import InlineStorage, TensorCalls
from resnet_gui.checkpoints.networks import find_networks
from tests.conftest import examples

KEYS = st.none() | st.booleans() | st.integers(-(2**59), 2**59) | st.text(max_size=5) | st.binary(max_size=5)
VALUES: st.SearchStrategy[Any] = st.recursive(
    KEYS | st.floats(allow_nan=False) | st.integers() | st.binary(min_size=250, max_size=300) | st.text(min_size=250),
    lambda inside: (
        st.lists(inside, max_size=6)
        | st.dictionaries(KEYS, inside, max_size=6)
        | st.lists(inside, max_size=4).map(tuple)
    ),
    max_leaves=12,
)


def load(data: bytes) -> Any:
    return TensorCalls(InlineStorage(b"")).reader(data).load()


@given(value=VALUES, protocol=st.integers(0, pickle.HIGHEST_PROTOCOL))
@examples(60)
def test_plain_values_are_what_the_standard_library_reads_in_every_protocol(value: Any, protocol: int) -> None:
    data = pickle.dumps(value, protocol)
    assert load(data) == value
    assert load(pickletools.optimize(data)) == value


def test_values_that_share_a_part_share_it_afterwards() -> None:
    part = ["x"]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        found = load(pickle.dumps({"a": part, "b": part}, protocol))
        assert found["a"] is found["b"]


class Colour(enum.Enum):
    """A value by its name."""

    RED = 1


class Slotted:
    """An object without a dictionary."""

    __slots__ = ("x",)

    def __init__(self) -> None:
        self.x = torch.ones(2)


class Odd(dict[str, Any]):
    """A dictionary of a class of its own, with a state beside its items."""

    def __init__(self, **items: Any) -> None:
        super().__init__(items)
        self.extra = 3


COMPANIONS: dict[str, Any] = {
    "numpy number": np.float64(0.94), "array": np.array(["a", "b"]), "array of objects": np.array([1, "x"], object),
    "dtype": np.dtype("f4"), "partial": functools.partial(print, end=""), "path": pathlib.Path("a/b"),
    "namespace": argparse.Namespace(lr=0.1), "set": {1, 2}, "frozenset": frozenset([("a", 1)]), "enum": Colour.RED,
    "class": Colour, "function": load, "default": collections.defaultdict(list, a=[1]), "slots": Slotted(),
    "counter": collections.Counter("aab"), "deque": collections.deque([1, 2], 3), "complex": 1j, "range": range(3),
    "date": dt.datetime(2020, 1, 1, tzinfo=dt.UTC), "decimal": decimal.Decimal("1.5"), "odd": Odd(a=1),
    "bytearray": bytearray(b"x" * 300), "device": torch.device("cuda:0"), "dtype of torch": torch.float16,
    "size": torch.Size([1, 2]), "generator": torch.Generator().get_state(), "slice": slice(1, 2), "method": "x".upper,
    "optimiser": torch.optim.SGD([torch.ones(1, requires_grad=True)], 0.1), "module": torch.nn.Linear(1, 1),
    "loss": torch.nn.CrossEntropyLoss(), "exception": ValueError("x"),
}  # fmt: skip


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_whatever_lies_beside_a_value_takes_nothing_from_it(protocol: int) -> None:
    """Classes, their instances with any state, functions, numbers of NumPy's: a stand-in each, or a plain value."""
    for name, companion in COMPANIONS.items():
        if name == "slots" and protocol < 2:
            continue
        found = load(pickle.dumps({"a": 1, "companion": companion, "b": [2], (1, 2): companion}, protocol))
        assert (found["a"], found["b"]) == (1, [2]), name
        assert "companion" in found, name


def test_a_stand_in_keeps_what_it_was_given() -> None:
    found = load(pickle.dumps({"odd": Odd(a=torch.float32), "args": argparse.Namespace(lr=0.1)}))
    odd, args = found["odd"], found["args"]
    assert isinstance(odd, StandIn)
    assert odd.path.endswith("test_pickle_reader.Odd")
    assert (odd.items, odd.state) == ({"a": torch.float32}, {"extra": 3})
    assert isinstance(args, StandIn)
    assert args.state == {"lr": 0.1}


# ---- what would run something

COMMANDS = (
    "os\nsystem", "posix\nsystem", "nt\nsystem", "subprocess\nPopen", "subprocess\nrun", "builtins\neval",
    "__builtin__\nexec", "builtins\n__import__", "importlib\nimport_module", "torch.serialization\nos.system",
    "torch._utils\nimportlib.import_module", "shutil\nrmtree", "os\nexecv", "pty\nspawn", "runpy\nrun_path",
    "builtins\nopen", "posix\nspawnv", "os\npopen", "webbrowser\nopen",
)  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_a_pickle_that_names_a_command_is_refused_by_its_name(name: str) -> None:
    module, _, function = name.partition("\n")
    for data in (
        b"\x80\x02c" + name.encode() + b"\nX\x01\x00\x00\x00x\x85R.", b"(X\x01\x00\x00\x00xi" + name.encode() + b"\n.",
        pickle.PROTO + b"\x04\x8c" + bytes([len(module)]) + module.encode() + b"\x8c" + bytes([len(function)])
        + function.encode() + b"\x93.",
    ):  # fmt: skip
        with pytest.raises(CommandError) as caught:
            load(data)
        assert function in caught.value.path


OWN = "/resnet_gui/"
OF_THE_WATCH = (__file__, contextlib.__file__, dataclasses.__file__, "<string>")
FORBIDDEN = frozenset(["__import__", "exec", "eval", "compile", "open", "system", "getattr", "setattr", "delattr"])


@contextlib.contextmanager
def watched() -> Iterator[list[str]]:
    """What is called by name: functions of other files than ours, builtins that could do something, audited events."""
    calls: list[str] = []

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        file = frame.f_code.co_filename
        if event == "call" and OWN not in file and file not in OF_THE_WATCH:
            calls.append(f"{file} {frame.f_code.co_name}")
        elif event == "c_call" and (
            argument.__name__ in FORBIDDEN or argument.__module__ in {"posix", "_posixsubprocess", "_imp", "_socket"}
        ):
            calls.append(f"{argument.__module__}.{argument.__name__}")

    _hear_audits()
    AUDITED.clear()
    AUDITING.append(True)
    # Whoever collects garbage would be seen too.
    gc.disable()
    sys.setprofile(profile)
    try:
        yield calls
    finally:
        sys.setprofile(None)
        gc.enable()
        AUDITING.clear()
        calls += AUDITED


AUDITED: list[str] = []
AUDITING: list[bool] = []


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if AUDITING and not event.startswith(("sys.setprofile", "builtins.id", "object.__getattr__")):
        AUDITED.append(f"{event} {arguments!r:.80}")


@functools.cache
def _hear_audits() -> None:
    """Once a process, for nothing takes a hook away: all that is tested behind it in its process is slower."""
    sys.addaudithook(_audit)


GLOBALS = (
    "torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_parameter", "torch FloatStorage", "torch float32",
    "torch._utils _rebuild_qtensor", "torch._utils _rebuild_device_tensor_from_numpy", "torch Size",
    "torch.storage _load_from_bytes", "torch._tensor _rebuild_from_type_v2", "torch.nn.parameter Parameter",
    "collections OrderedDict", "_codecs encode", "copy_reg _reconstructor", "copyreg __newobj__", "builtins dict",
    "builtins set", "builtins getattr", "builtins object", "builtins bytearray", "functools partial", "torch.hub load",
    "operator attrgetter", "types FunctionType", "numpy.core.multiarray _reconstruct", "numpy dtype", "pathlib Path",
    "torch.nn.modules.linear Linear", "__main__ Net", "antigravity geohash", "this c", "os system", "os path",
)  # fmt: skip
ATOMS = (
    b"N", b"\x88", b"K\x01", b"K\x00", b")", b"]", b"}", b"\x8f", b"(", b"G" + bytes(8), b"X\x01\x00\x00\x00a",
    b"X\x07\x00\x00\x00storage", b"X\x0d\x00\x00\x00__reduce_ex__", b"X\x08\x00\x00\x00__dict__", b"C\x02ab", b"2",
    b"X\x0c\x00\x00\x00__setstate__", b"M\x10\x27", b"X\x06\x00\x00\x00latin1",
)  # fmt: skip
ACTIONS = (
    b"R", b"R", b"\x81", b"\x92", b"b", b"b", b"a", b"e", b"s", b"u", b"t", b"\x85", b"\x86", b"\x87", b"l", b"d", b"o",
    b"\x90", b"\x91", b"Q", b"\x93", b"0", b"1", b"q\x00", b"q\x01", b"h\x00", b"h\x01", b"\x94", b"\x98", b"\x97",
    b"\x82\x01", b"j\x00\x00\x00\x00", b"r\xff\xff\xff\xff", b"P1\n", b"p5\n", b"g5\n", b"\x95" + bytes(8),
)  # fmt: skip


def _named(text: str) -> bytes:
    module, _, name = text.partition(" ")
    return f"c{module}\n{name}\n".encode()


STREAMS = st.lists(
    st.sampled_from([_named(text) for text in GLOBALS]) | st.sampled_from(ATOMS) | st.sampled_from(ACTIONS)
    | st.tuples(st.sampled_from([_named(text) for text in GLOBALS]), st.sampled_from(ATOMS)).map(
        lambda pair: pair[0] + pair[1] + b"\x85R"),
    max_size=30,
)  # fmt: skip


@given(stream=STREAMS, top=st.sampled_from([b"", b"N" * 40, b"(" + b"N" * 9, b")" * 40, b"}" * 40, b"](" * 20]))
@examples(200)
def test_no_stream_of_opcodes_imports_or_calls_anything(stream: list[bytes], top: bytes) -> None:
    """Random machines on random globals: values, stand-ins or a refusal, and no call beyond this room."""
    data = b"\x80\x02" + top + b"".join(stream) + b"."
    before = set(sys.modules)
    calls = TensorCalls(InlineStorage(b"")).reader(data)
    with watched() as seen, contextlib.suppress(DamagedPickleError, CommandError, InputError):
        find_networks(calls.load())
    assert seen == []
    assert set(sys.modules) == before


def test_the_watch_sees_what_it_watches_for() -> None:
    with watched() as seen:
        pickle.loads(b"cposix\ngetpid\n)R.")  # noqa: S301 (a harmless call, which must be seen)
    assert any("getpid" in call for call in seen)
    assert any("find_class" in call for call in seen)


def test_globals_that_a_pickle_names_are_not_changed_by_it() -> None:
    """BUILD on a function or class would change it for everybody."""
    named = (b"ctorch._utils\n_rebuild_tensor_v2\n", b"ccollections\nOrderedDict\n", b"ctorch\nfloat32\n")
    states = (
        b"}X\x08\x00\x00\x00__code__Nsb",
        b"N}X\x0c\x00\x00\x00__defaults__)s\x86b",
        b"N}X\x01\x00\x00\x00xNs\x86b",
    )
    for name in named:
        for state in states:
            load(b"\x80\x02" + name + state + b".")
    assert torch._utils._rebuild_tensor_v2.__defaults__ == (None,)
    assert not hasattr(collections.OrderedDict, "x")
