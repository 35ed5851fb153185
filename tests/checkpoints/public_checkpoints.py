"""Files and networks as they come from the wild, written here: what reading and identifying are tested with."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import random
import re
import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save
from torch import Tensor

from resnet_gui.base.errors import InputError
from resnet_gui.checkpoints.identify import identify
from resnet_gui.checkpoints.tensor_layers import ForeignTensorError
from resnet_gui.design.bounds import Shape

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"4d7a" * 16 + b"\nsize 46827520\n"


def tensors() -> dict[str, Tensor]:
    """A small state_dict of a plausible layout."""
    values = torch.arange(1, 200, dtype=torch.float32)
    return {
        "conv.weight": values[:54].reshape(2, 3, 3, 3).clone(), "bn.weight": values[:2].clone(),
        "bn.bias": values[2:4].clone(), "fc.weight": values[4:10].reshape(3, 2).clone(), "fc.bias": values[:3].clone(),
    }  # fmt: skip


def refusal(call: Callable[[], object], path: Path | None = None) -> str:
    """The one sentence of the ``InputError`` that a call must end with; without ``path``, one that ends outside."""
    with pytest.raises(InputError) as caught:
        call()
    said = str(caught.value)
    assert "\n" not in said, said
    assert not re.search(r"Traceback|<class|object at 0x|\b0x[0-9a-f]{6}|\.py\b", said), said
    if path is not None:
        assert str(path) in said, said
        rest = said.replace(str(path), "FILE")
        assert rest.endswith("."), said
        assert not re.search(r"[^.]\.\.$|: \.$|[.!?] [A-Z]", rest), f"not one sentence: {said}"
    return said


# ---- files


def torch_bytes(found: object, *, legacy: bool = False) -> bytes:
    """What ``torch.save`` writes, in today's form or in that before version 1.6."""
    buffer = io.BytesIO()
    torch.save(found, buffer, _use_new_zipfile_serialization=not legacy)
    return buffer.getvalue()


def zipped(members: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """A zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    """Members of a zip archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def tarred(members: Mapping[str, bytes]) -> bytes:
    """A tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:", format=tarfile.PAX_FORMAT) as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def old_tar() -> bytes:
    """A checkpoint in the form that torch wrote before version 0.1.10: one tensor of three values in one storage."""
    # sys_info, storages (count; key, device, type; count and bytes; views), tensors (count; key, storage, type;
    # dimensions, sizes, strides, offset), and the pickle, which names tensors by their keys.
    storages = b"".join(pickle.dumps(part, 2) for part in (1, (7, "cpu", torch.FloatStorage)))
    storages += struct.pack("<q3f", 3, 1, 2, 3) + pickle.dumps([], 2)
    listed = b"".join(pickle.dumps(part, 2) for part in (1, (9, 7, torch.FloatTensor)))
    listed += struct.pack("<iiqqq", 1, 0, 3, 1, 0)
    info = {"protocol_version": 1000, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
    named = b"\x80\x02}U\x06weightU\x019Qs."
    return tarred({"sys_info": pickle.dumps(info, 2), "storages": storages, "tensors": listed, "pickle": named})


def safetensors_bytes(header: object, data: bytes = b"", length: int | None = None) -> bytes:
    """A safetensors file with any header: JSON, or bytes as they are."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def entry(begin: int, end: int, shape: tuple[int, ...] = (2,), kind: str = "F32") -> dict[str, object]:
    """A tensor in the header of a safetensors file."""
    return {"dtype": kind, "shape": shape, "data_offsets": [begin, end]}


def onnx_bytes(producer: str = "pytorch") -> bytes:
    """An ONNX model of one layer."""
    import onnx
    from onnx import helper

    put = helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])
    out = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "net", [put], [out])
    written: bytes = helper.make_model(graph, producer_name=producer).SerializeToString()
    return written


def keras_bytes() -> bytes:
    """A ``.keras`` file: a zip with two JSON texts and an HDF5 file."""
    members = {"metadata.json": b'{"keras_version": "3.4.1"}', "config.json": b'{"module": "keras"}'}
    return zipped({**members, "model.weights.h5": b"\x89HDF\r\n\x1a\n" + bytes(500)})


def npz_bytes() -> bytes:
    """Two NumPy arrays in an archive."""
    import numpy as np

    buffer = io.BytesIO()
    np.savez(buffer, a=np.ones(3), b=np.ones((2, 2)))
    return buffer.getvalue()


def script_bytes() -> bytes:
    """A frozen TorchScript program as ``torch.jit.save`` lays it out: its weights are constants of its code."""
    code = b"class Net(Module):\n  def forward(self, x):\n    return x\n"
    plain = unzipped(torch_bytes({"training": False}))
    inside = {name.partition("/")[2]: content for name, content in plain.items()}
    return zipped({f"net/{name}": content for name, content in
                   {**inside, "code/__torch__.py": code, "constants.pkl": pickle.dumps((), 2)}.items()})  # fmt: skip


def gzip_bytes() -> bytes:
    """A checkpoint inside gzip."""
    return gzip.compress(torch_bytes(tensors()))


def safe(state: Mapping[str, Tensor], metadata: dict[str, str] | None = None) -> bytes:
    """A safetensors file; names come out sorted."""
    written: bytes = save({name: tensor.contiguous() for name, tensor in state.items()}, metadata)
    return written


# ---- files that cannot be read


def _cut_zips() -> dict[str, bytes]:
    whole = torch_bytes(tensors())
    cuts = [
        4,
        5,
        29,
        30,
        31,
        64,
        200,
        len(whole) // 2,
        len(whole) - 300,
        len(whole) - 22,
        len(whole) - 21,
        len(whole) - 1,
    ]
    return {f"zip cut at {cut}": whole[:cut] for cut in cuts}


def _cut_legacy() -> dict[str, bytes]:
    whole = torch_bytes(tensors(), legacy=True)
    return {f"legacy cut at {cut}": whole[:cut] for cut in range(2, len(whole), len(whole) // 40)}


def _bad_zips() -> dict[str, bytes]:
    members = unzipped(torch_bytes(tensors()))
    data = [name for name in members if "/data/" in name]
    return {
        "deleted tensor": zipped({name: content for name, content in members.items() if name != data[0]}),
        "cut tensor": zipped({**members, data[0]: members[data[0]][:-4]}),
        "empty tensor": zipped({**members, data[0]: b""}),
        "pickle cut": zipped(
            {name: content[: -5 if name.endswith("data.pkl") else None] for name, content in members.items()}
        ),
        "pickle empty": zipped(
            {name: b"" if name.endswith("data.pkl") else content for name, content in members.items()}
        ),
        "blown up": zipped({**members, data[0]: bytes(50_000_000)}, zipfile.ZIP_DEFLATED),
        "zip of a picture": zipped({"cat.jpg": b"\xff\xd8\xff"}),
        "empty zip": zipped({}),
    }


def _safetensors() -> dict[str, bytes]:
    good = safe(tensors())
    header = int.from_bytes(good[:8], "little")
    pair = {"a": entry(0, 8), "b": entry(8, 16)}
    return {
        "header cut": good[: 8 + header // 2],
        "data cut": good[:-3],
        "data missing": good[: 8 + header],
        "goes on": good + b"more",
        "header longer than the file": safetensors_bytes(pair, bytes(16), 10**6),
        "header hugely long": safetensors_bytes(pair, bytes(16), 2**63),
        "header longest": safetensors_bytes(pair, bytes(16), 2**64 - 1),
        "header no JSON": safetensors_bytes(b"{not json}" + b" " * 30, bytes(16)),
        "header a list": safetensors_bytes([1, 2], bytes(16)),
        "header no text": safetensors_bytes(b"{\xff\xfe}", bytes(16)),
        "overlapping": safetensors_bytes({"a": entry(0, 8), "b": entry(4, 12)}, bytes(12)),
        "hole": safetensors_bytes({"a": entry(0, 8), "b": entry(12, 20)}, bytes(20)),
        "backwards": safetensors_bytes({"a": entry(8, 0)}, bytes(8)),
        "wrong size": safetensors_bytes({"a": entry(0, 8, (3,))}, bytes(8)),
        "huge shape": safetensors_bytes({"a": entry(0, 8, (2**62, 8))}, bytes(8)),
        "unknown type": safetensors_bytes({"a": entry(0, 8, (2,), "F31")}, bytes(8)),
    }


def _others() -> dict[str, bytes]:
    noise = random.Random(1).randbytes(5000)  # noqa: S311 (the same in every run)
    return {
        "empty": b"", "one byte": b"\x80", "another byte": b"P", "noise": noise,
        "noise like a pickle": b"\x80\x02" + noise, "zeros": bytes(5000),
        "text": b"These are not weights.\n" * 9, "page": b"\n<!DOCTYPE html>\n<html><body>404</body></html>",
        "xml": b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "JSON": b'{"block": "basic"}',
        "git-lfs": LFS, "gzip": gzip_bytes(), "tar": tarred({"model.pth": torch_bytes(tensors())}),
        "old tar": old_tar(),
        "ONNX": onnx_bytes(), "ONNX of others": onnx_bytes("skl2onnx"), "HDF5": b"\x89HDF\r\n\x1a\n" + bytes(900),
        "Keras": keras_bytes(), "npz": npz_bytes(), "npy": b"\x93NUMPY\x01\x00" + bytes(90), "script": script_bytes(),
        "TensorFlow": zipped({"net/saved_model.pb": b"\x08\x01", "net/variables/variables.index": b""}),
        "TFLite": b"\x1c\x00\x00\x00TFL3" + bytes(60), "picture": b"\x89PNG\r\n\x1a\n" + bytes(90),
        "greedy": b"\x80\x02cbuiltins\nbytearray\n\x8a\x07\xff\xff\xff\xff\xff\xff\x7f\x85R.",
        "pickle of a text": pickle.dumps("weights"), "pickle of numbers": pickle.dumps({"a": [1.0, 2.0]}),
    }  # fmt: skip


def _objects() -> dict[str, object]:
    state = tensors()
    return {
        "no tensor": {"epoch": 3, "lr": 0.1}, "empty dict": {}, "lone tensor": torch.ones(3), "list": [torch.ones(3)],
        "number": 5, "nothing": None, "two tensors": {"a": torch.ones(1), "b": torch.ones(1)},
        "expanded": {**state, "x": torch.ones(1).expand(10**6)}, "meta": {**state, "x": torch.ones(3, device="meta")},
    }  # fmt: skip


MAKERS: dict[str, Callable[[], Mapping[str, Any]]] = {
    "zip cut": _cut_zips, "legacy cut": _cut_legacy, "zip": _bad_zips, "safetensors": _safetensors, "other": _others,
    "object": _objects,
}  # fmt: skip


def broken_files(folder: Path) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for group, maker in MAKERS.items():
        suffix = ".safetensors" if group == "safetensors" else ".pt"
        for name, found in maker().items():
            files[name] = folder / f"file{len(files)}{suffix}"
            files[name].write_bytes(found if isinstance(found, bytes) else torch_bytes(found))
    return files


# ---- shapes


def shapes_of(state: Mapping[str, Tensor]) -> dict[str, Shape]:
    """Name -> shape."""
    return {name: tuple(tensor.shape) for name, tensor in state.items()}


def stranger(shapes: Mapping[str, Shape]) -> str:
    """The tensor that a refusal of these shapes names; it must be one of them and stand in the sentence."""
    with pytest.raises(InputError) as caught:
        identify(shapes)
    named = re.search(r"tensor '([^']*)'", str(caught.value))
    assert named, caught.value
    assert named[1] in shapes, caught.value
    if isinstance(caught.value, ForeignTensorError):
        assert caught.value.tensor == named[1]
    return named[1]
