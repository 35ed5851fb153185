"""Checkpoints of any origin: tensors come out to the bit, nothing is ever run, and what cannot be read says why."""

from __future__ import annotations

import os
import pickle
import random
import time
import warnings
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from resnet_gui.base.errors import InputError
from resnet_gui.checkpoints.reader import Checkpoint, read_checkpoint
from tests.checkpoints.public_checkpoints import broken_files, refusal, safe, tensors, torch_bytes, unzipped, zipped
from tests.waiting import stretched

LEGACY = [False, True]


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def said_of(path: Path) -> str:
    return refusal(lambda: read_checkpoint(path), path)


# ---- what is read


@pytest.mark.parametrize("kind", ["zip", "legacy", "safetensors"])
@pytest.mark.parametrize("name", ["w.pth", "w.pth.tar", "w.bin", "w", "w.ckpt"])
def test_tensors_come_out_to_the_bit_whatever_the_file_is_called(tmp_path: Path, kind: str, name: str) -> None:
    state = tensors()
    content = safe(state) if kind == "safetensors" else torch_bytes(state, legacy=kind == "legacy")
    found = read_checkpoint(written(tmp_path / name, content))
    assert sorted(found.state) == sorted(state)
    assert kind == "safetensors" or list(found.state) == list(state)
    assert all(torch.equal(value, state[key]) for key, value in found.state.items())
    assert (found.wrapper, found.others) == ((), ())


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
@pytest.mark.parametrize("legacy", LEGACY)
def test_other_precisions_are_read_as_they_are(tmp_path: Path, dtype: torch.dtype, legacy: bool) -> None:
    state = {name: value.to(dtype) for name, value in tensors().items()}
    found = read_checkpoint(written(tmp_path / "w.pt", torch_bytes(state, legacy=legacy)))
    assert {value.dtype for value in found.state.values()} == {dtype}
    assert all(torch.equal(value, state[name]) for name, value in found.state.items())


@pytest.mark.parametrize("key", ["state_dict", "model", "net", "model_state", "ema", "anything"])
def test_a_state_dict_in_a_wrapper_is_found_and_what_lies_beside_it_is_listed(tmp_path: Path, key: str) -> None:
    optimiser = {"state": {0: {"momentum_buffer": torch.ones(3)}}, "param_groups": [{"lr": 0.1, "params": [0]}]}
    found = {"epoch": 90, key: tensors(), "optimizer": optimiser, "best": 76.1}
    checkpoint = read_checkpoint(written(tmp_path / "w.pt", torch_bytes(found)))
    assert checkpoint.wrapper == (key,)
    assert list(checkpoint.state) == list(tensors())
    assert sorted(checkpoint.others) == ["best", "epoch", "optimizer"]


def test_a_state_dict_two_and_three_wrappers_deep_is_found(tmp_path: Path) -> None:
    for found, wrapper in (
        ({"a": {"state_dict": tensors()}, "epoch": 1}, ("a", "state_dict")),
        ({"a": {"b": {"net": tensors(), "n": 2}}, "epoch": 1}, ("a", "b", "net")),
    ):
        assert read_checkpoint(written(tmp_path / "w.pt", torch_bytes(found))).wrapper == wrapper


def test_parameters_and_tensors_that_need_gradients_come_out_as_plain_tensors(tmp_path: Path) -> None:
    state = {name: nn.Parameter(value) for name, value in tensors().items()}
    found = read_checkpoint(written(tmp_path / "w.pt", torch_bytes(state))).state
    assert not any(value.requires_grad for value in found.values())


def test_tensors_that_share_a_storage_are_read(tmp_path: Path) -> None:
    row = torch.arange(12.0)
    state = {"a": row[:4], "b": row[4:8], "c": row.reshape(3, 4).t()}
    found = read_checkpoint(written(tmp_path / "w.pt", torch_bytes(state))).state
    assert all(torch.equal(found[name], value) for name, value in state.items())


def test_keys_that_are_no_text_do_not_confuse_the_search(tmp_path: Path) -> None:
    found = {1: {"x": {}}, "1": {"net": tensors()}}
    assert read_checkpoint(written(tmp_path / "w.pt", torch_bytes(found))).wrapper == ("1", "net")


def test_dictionaries_that_hold_each_other_many_times_do_not_hang(tmp_path: Path) -> None:
    inner = {f"k{number}": tensors() for number in range(1000)}
    for _ in range(2):
        shared = inner
        inner = {f"k{number}": shared for number in range(1000)}  # type: ignore[misc]
    read_or_refused(written(tmp_path / "bomb.pt", torch_bytes({"a": inner, "net": tensors()})))


@pytest.mark.parametrize("metadata", [{"format": "pytorch"}, {"made by": "onnx2torch"}, {"source": "ai.example"}])
@pytest.mark.parametrize("name", ["w.safetensors", "w.bin"])
def test_a_safetensors_file_is_one_whatever_the_length_of_its_header(
    tmp_path: Path, metadata: dict[str, str], name: str
) -> None:
    """The header's length comes first, and its lowest bytes look like ONNX (8), a pickle (128) or JSON (' {', ' [')."""
    state, found = tensors(), []
    least = int.from_bytes(safe(state, {**metadata, "pad": ""})[:8], "little")
    for length in (264, 384, 1032, 1152, 31520, 23328):
        for pad in range(max(0, length - least - 8), length):
            content = safe(state, {**metadata, "pad": "x" * pad})
            if int.from_bytes(content[:8], "little") >= length:
                break
        if int.from_bytes(content[:8], "little") != length:
            continue
        found.append(length)
        checkpoint = read_checkpoint(written(tmp_path / name, content))
        assert sorted(checkpoint.state) == sorted(state), length
    assert len(found) >= 4


# ---- what would run code


class Evil:
    """Unpickled, it runs a command."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.mark}",)


def _raw(payload: bytes) -> dict[str, bytes]:
    """A pickle as a file of every kind that torch reads."""
    members = unzipped(torch_bytes(tensors()))
    name = next(name for name in members if name.endswith("data.pkl"))
    return {"zip": zipped({**members, name: payload}), "plain": payload,
            "legacy": torch_bytes(tensors(), legacy=True)[:14] + payload}  # fmt: skip


def _evil_files(mark: Path) -> dict[str, bytes]:
    evil, state = Evil(mark), tensors()
    files = {}
    for legacy in LEGACY:
        for name, found in {
            "alone": evil, "inside": {"state_dict": state, "args": evil}, "among": {**state, "x": evil},
            "listed": [state, [evil]], "as key": {"model": state, "opt": {(1, evil): 2}},
        }.items():  # fmt: skip
            files[f"{name} {legacy}"] = torch_bytes(found, legacy=legacy)
    for protocol in range(2, 6):
        files[f"pickle {protocol}"] = pickle.dumps({"state_dict": {"a": evil}}, protocol)
    files["oldest pickle"] = pickle.dumps(evil, 0)
    # With names that torch allows, or that only look so: GLOBAL, the command, TUPLE1, REDUCE, STOP.
    text = f"touch {mark}".encode()
    command = b"X" + len(text).to_bytes(4, "little") + text
    for module in (b"os\nsystem", b"posix\nsystem", b"builtins\neval", b"torch.serialization\nos.system",
                   b"torch._utils\nimportlib.import_module", b"torch\nserialization.os.system",
                   b"torch._tensor\nwarnings.sys.modules", b"collections\n_sys.modules", b"torch.hub\nload",
                   ):  # fmt: skip
        files |= {
            f"{module!r} {kind}": data
            for kind, data in _raw(b"\x80\x02c" + module + b"\n" + command + b"\x85R.").items()
        }
    # torch's own way to rebuild a subclass calls the function that it is given.
    rebuild = b"\x80\x02ctorch._tensor\n_rebuild_from_type_v2\n(cos\nsystem\nctorch\nTensor\n" + command + b"\x85}tR."
    files |= {f"rebuild {kind}": data for kind, data in _raw(rebuild).items()}
    state_set = b"\x80\x02ccollections\nOrderedDict\n)R}X\x0c\x00\x00\x00__reduce_ex__cos\nsystem\nsb."
    files |= {f"set {kind}": data for kind, data in _raw(state_set).items()}
    return files


def test_a_checkpoint_whose_pickle_would_run_a_command_is_refused_and_the_command_has_not_run(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    files = _evil_files(mark)
    assert len(files) > 40
    for number, (kind, content) in enumerate(files.items()):
        for suffix in (".pt", ".safetensors"):
            said = said_of(written(tmp_path / f"evil{number}{suffix}", content))
            assert not mark.exists(), kind
            if suffix == ".pt" and kind.startswith(("alone", "inside", "among", "pickle")):
                assert "nothing ran" in said, (kind, said)
                assert "system" in said, (kind, said)
    pickle.loads(files["pickle 4"])  # noqa: S301 (the trap is a real one)
    assert mark.exists()


# ---- what is broken, or something else


def test_every_broken_or_foreign_file_is_refused_in_one_sentence_that_names_it(tmp_path: Path) -> None:
    files = broken_files(tmp_path)
    assert len(files) > 80
    for name, path in files.items():
        said = said_of(path)
        if "legacy cut" not in name:
            continue
        # What is left of a name may look like another's.
        assert "could run code" not in said, (name, said)


def test_kinds_of_files_that_are_mistaken_for_weights_each_have_their_own_sentence(tmp_path: Path) -> None:
    words = {
        "old tar": ("tar", "torch.save wrote"), "git-lfs": ("git-lfs pointer", "git lfs pull"), "ONNX": ("ONNX",),
        "ONNX of others": ("ONNX",), "Keras": ("Keras",), "HDF5": ("Keras",), "script": ("TorchScript",),
        "zip cut at 200": ("cut off",), "empty": ("empty",),
        "page": ("web page",), "gzip": ("gzip",),
        "npz": ("NumPy",), "npy": ("NumPy",), "JSON": ("JSON",), "TensorFlow": ("TensorFlow",),
        "lone tensor": ("single tensor",),
        "expanded": ("claims more values",), "data cut": ("safetensors", "damaged"), "blown up": ("compressed",),
    }  # fmt: skip
    files, said = broken_files(tmp_path), {}
    for kind, wanted in words.items():
        said[kind] = said_of(files[kind])
        assert all(word in said[kind] for word in wanted), said[kind]
    kinds = ("old tar", "git-lfs", "ONNX", "Keras", "HDF5", "script", "zip cut at 200", "empty", "page", "gzip", "npz")
    assert len({said[kind].replace(str(files[kind]), "") for kind in kinds}) == len(kinds)


def test_sparse_and_quantised_tensors_are_refused_by_name(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        # torch announces the end of both.
        warnings.simplefilter("ignore")
        strange = {
            "coo": torch.eye(3).to_sparse(), "csr": torch.eye(3).to_sparse_csr(),
            "quantised": torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8),
        }  # fmt: skip
        for name, value in strange.items():
            said = said_of(written(tmp_path / "w.pt", torch_bytes({**tensors(), name: value})))
            assert f"'{name}'" in said


def test_reading_says_nothing_but_its_sentence(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """torch's own warnings are for programmers; here a warning is an error, and nothing is printed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        content = torch_bytes({**tensors(), "x": torch.eye(3).to_sparse()})
    assert "'x' is sparse" in said_of(written(tmp_path / "w.pt", content))
    said_of(written(tmp_path / "cut.pt", torch_bytes(tensors())[:300]))
    assert capfd.readouterr() == ("", "")


def test_a_tensor_whose_checksum_is_wrong_is_refused(tmp_path: Path) -> None:
    whole = torch_bytes(tensors())
    place = whole.index(tensors()["conv.weight"].numpy().tobytes())
    said_of(written(tmp_path / "w.pt", whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]))


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name, word in {"gone.pt": "no weights file", "": "folder", "pipe": "pipe"}.items():
        assert word in said_of(tmp_path / name)
    for name in ("taken/w.pt", "loop", "a" * 300, "a\0b"):
        said_of(tmp_path / name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "w.pt", b"x")
    path.chmod(0)
    assert "cannot be read" in said_of(path)
    path.chmod(0o600)


# ---- what is damaged by chance


def read_or_refused(path: Path) -> Checkpoint | None:
    begun = time.monotonic()
    try:
        found: Checkpoint | None = read_checkpoint(path)
    except InputError:
        said_of(path)
        found = None
    assert time.monotonic() - begun < stretched(5)
    return found


def _mutated(content: bytes, chance: random.Random) -> bytes:
    data = bytearray(content)
    for _ in range(chance.choice([1, 1, 1, 2, 8])):
        at, many = chance.randrange(len(data)), chance.randrange(1, 40)
        match chance.randrange(6):
            case 0:
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                data[at] = chance.choice([0, 1, 0x2E, 0x52, 0x62, 0x7F, 0x80, 0xFF])
            case 2:
                del data[at : at + many]
            case 3:
                data[at:at] = chance.randbytes(many)
            case 4:
                data[at : at + many] = chance.randbytes(many)
            case _:
                data[at : at + many] = data[-many:]
    return bytes(data)


@pytest.mark.parametrize("kind", ["zip", "legacy", "safetensors", "wrapped", "arrays", "plain", "module"])
def test_a_file_with_bytes_changed_lost_or_added_is_a_checkpoint_or_a_sentence(tmp_path: Path, kind: str) -> None:
    state, chance = tensors(), random.Random(kind)  # noqa: S311 (the same mutations in every run)
    good = {
        "zip": torch_bytes(state), "legacy": torch_bytes(state, legacy=True), "safetensors": safe(state),
        "wrapped": torch_bytes({"net": state, "optimizer": {"state": {0: {"m": torch.ones(2)}}}}, legacy=True),
        "arrays": pickle.dumps({name: value.numpy() for name, value in state.items()}, 5),
        "plain": pickle.dumps(state, 2), "module": torch_bytes(nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3))),
    }[kind]  # fmt: skip
    read = 0
    with warnings.catch_warnings():
        # A warning is an error in tests, which would be caught like any other; in use it is none.
        warnings.simplefilter("ignore")
        for number in range(250):
            path = written(tmp_path / f"w{number}.{kind}", _mutated(good, chance))
            found = read_or_refused(path)
            read += found is not None
            path.unlink()
            for value in found.state.values() if found else ():
                assert value.numel() * value.element_size() <= len(good) + 400
                value.double().sum() if value.is_floating_point() else value.sum()
    assert read < 200


def test_safetensors_metadata_comes_along(tmp_path: Path) -> None:
    save_file(tensors(), tmp_path / "w.safetensors", metadata={"format": "pt", "who": "we"})
    assert read_checkpoint(tmp_path / "w.safetensors").metadata == {"format": "pt", "who": "we"}
