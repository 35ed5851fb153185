"""Weights files: what is written comes back to the bit; anything damaged or foreign is refused in a sentence."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import struct
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from resnet_gui.base.errors import InputError
from resnet_gui.data.model_card import ModelInfo
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.weights import load_model, save_model, weights_sha256
from tests.conftest import examples

SPEC = ResNetSpec(
    block="basic", blocks=(1, 1), widths=(4, 8), shortcut="B", stem="cifar", classes=3, input=(1, 8, 8)
)  # fmt: skip


def network(spec: ResNetSpec = SPEC, seed: int = 1) -> ResNet:
    torch.manual_seed(seed)
    model = ResNet(plan(spec))
    for name, value in model.state_dict().items():
        if value.is_floating_point() and "running" in name:
            value.uniform_(0.5, 1.5)
    return model.eval()


def info_of(model: ResNet) -> ModelInfo:
    return ModelInfo(
        name="mein Netz, 图",
        spec=model.plan.spec,
        classes=("cat", "dog", "Ünïcode\n"),
        mean=(0.1234567890123456,),
        std=(0.25,),
        data="pets",
        top1=0.975,
        sha256=weights_sha256(model.state_dict()),
    )


def saved(path: Path, model: ResNet | None = None) -> Path:
    model = model or network()
    save_model(path, model.state_dict(), info_of(model))
    return path


def test_weights_and_what_they_are_come_back_to_the_bit(tmp_path: Path) -> None:
    model = network()
    again, info = load_model(saved(tmp_path / "w.safetensors", model))
    assert info == info_of(model)
    assert list(again.state_dict()) == list(model.state_dict())
    assert all(torch.equal(value, model.state_dict()[name]) for name, value in again.state_dict().items())
    picture = torch.randn(2, 1, 8, 8)
    assert not again.training
    with torch.inference_mode():
        assert torch.equal(again(picture), model(picture))


def test_the_digest_is_over_the_bytes_in_the_order_of_the_state_dict() -> None:
    state = {"b": torch.tensor([1.5, -2.0]), "a": torch.tensor(7), "c": torch.ones(2, 2).t()}
    expected = hashlib.sha256(struct.pack("<2fq4f", 1.5, -2.0, 7, 1, 1, 1, 1)).hexdigest()
    assert weights_sha256(state) == expected
    assert weights_sha256(dict(reversed(state.items()))) != expected


def test_weights_in_channels_last_have_the_digest_of_the_same_weights_in_rows() -> None:
    model = network()
    before = weights_sha256(model.state_dict())
    assert weights_sha256(model.to(memory_format=torch.channels_last).state_dict()) == before


def test_any_flipped_byte_of_the_weights_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "w.safetensors")
    data = path.read_bytes()
    (header,) = struct.unpack("<Q", data[:8])
    for at in range(8 + header, len(data), 97):
        damaged = bytearray(data)
        damaged[at] ^= 0x10
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=r"w\.safetensors is damaged"):
            load_model(path)


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
@examples(60)
def test_a_flipped_bit_of_the_header_never_gives_anything_but_a_network_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, at: int, bit: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "flipped.safetensors"
    if not path.with_suffix(".good").exists():
        saved(path.with_suffix(".good"))
    data = bytearray(path.with_suffix(".good").read_bytes())
    (header,) = struct.unpack("<Q", data[:8])
    data[at % (8 + header)] ^= 1 << bit
    path.write_bytes(data)
    said = "flipped"
    try:
        model, _ = load_model(path)
    except InputError as error:
        said = str(error)
    else:
        assert weights_sha256(model.state_dict()) == weights_sha256(network().state_dict())
    assert "flipped" in said


@pytest.mark.parametrize("keep", [0, 1, 7, 8, 9, 100, 1000, -1000, -1])
def test_a_truncated_file_is_refused_by_its_path(tmp_path: Path, keep: int) -> None:
    path = saved(tmp_path / "cut.safetensors")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match=r"cut\.safetensors is (cut off or damaged|not a weights file)"):
        load_model(path)


def test_a_file_that_goes_on_after_its_end_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "long.safetensors")
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(InputError, match=r"long\.safetensors"):
        load_model(path)


@pytest.mark.parametrize(
    "content",
    [
        b"These are not weights.\n" * 20,
        b"\0" * 1000,
        b"\xff" * 1000,
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 2) + b"{}",
        json.dumps({"__metadata__": {"resnet-explorer": "x"}}).encode(),
    ],
)
def test_a_file_of_something_else_is_refused_by_its_path(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.safetensors"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"other\.safetensors"):
        load_model(path)


def test_a_pickle_named_as_weights_is_refused_and_its_code_is_not_run(tmp_path: Path) -> None:
    path, mark = tmp_path / "evil.safetensors", tmp_path / "mark"

    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return os.mkdir, (str(mark),)

    path.write_bytes(pickle.dumps(Evil()))
    with pytest.raises(InputError, match=r"evil\.safetensors"):
        load_model(path)
    torch.save(Evil(), path)
    with pytest.raises(InputError, match=r"evil\.safetensors"):
        load_model(path)
    assert not mark.exists()
    pickle.loads(pickle.dumps(Evil()))  # noqa: S301 (the trap is a real one)
    assert mark.exists()


def test_safetensors_of_another_program_are_refused_as_foreign(tmp_path: Path) -> None:
    path = tmp_path / "foreign.safetensors"
    save_file(network().state_dict(), path, metadata={"format": "pt"})
    with pytest.raises(InputError, match=r"foreign\.safetensors was not written by this program"):
        load_model(path)


@pytest.mark.parametrize("text", ["", "{}", "[]", "not json", '{"name": 5}'])
def test_weights_of_another_version_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "later.safetensors"
    save_file(network().state_dict(), path, metadata={"resnet-explorer": text})
    with pytest.raises(InputError, match=r"later\.safetensors is from another version"):
        load_model(path)


@pytest.mark.parametrize(
    ("other", "tensor"),
    [
        (evolve(SPEC, widths=(4, 9)), "layer2.0.conv1.weight"),
        (evolve(SPEC, classes=4), "fc.weight"),
        (evolve(SPEC, input=(2, 8, 8)), "conv1.weight"),
        (evolve(SPEC, blocks=(1, 2)), "layer2.1.conv1.weight"),
        (evolve(SPEC, shortcut="A"), "layer2.0.downsample.0.weight"),
        (evolve(SPEC, shortcut="C"), "layer1.0.downsample.0.weight"),
    ],
)
def test_weights_that_do_not_fit_their_design_are_refused_by_the_tensor(
    tmp_path: Path, other: ResNetSpec, tensor: str
) -> None:
    path = tmp_path / "misfit.safetensors"
    state = network().state_dict()
    save_model(path, state, info_of(network(other)))
    with pytest.raises(InputError, match=f"tensor '{tensor}' does not fit the design"):
        load_model(path)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.safetensors", tmp_path):
        with pytest.raises(InputError, match=f"There is no weights file {path}"):
            load_model(path)


def test_weights_that_cannot_be_written_leave_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(OSError, match="taken"):
        saved(tmp_path / "taken" / "w.safetensors")
    (tmp_path / "folder.safetensors").mkdir()
    with pytest.raises(OSError, match="folder"):
        saved(tmp_path / "folder.safetensors")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.safetensors", "taken"]
