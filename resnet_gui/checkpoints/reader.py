"""Reads the tensors of a checkpoint of any origin; only tensors are ever read, never a pickle's code."""

from __future__ import annotations

import argparse
import pickle
import pickletools
import re
import stat
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Mapping
from itertools import islice, pairwise
from pathlib import Path, PosixPath, PurePosixPath
from typing import Final

import msgspec
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from resnet_gui.base.errors import InputError
from resnet_gui.network.weights import is_safetensors

_INERT: Final[list[Callable[..., object] | tuple[Callable[..., object], str]]] = [
    argparse.Namespace,
    PosixPath,
    PurePosixPath,
]
"""Types of which training scripts keep options beside the weights; they hold values and do nothing."""
_WRAPPERS: Final = 3
"""A state_dict may lie so many dictionaries deep."""
_LEAST: Final = 3
"""A dictionary with fewer tensors is not taken for a network's."""


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """The content of a file of weights.

    Attributes:
        state: name -> tensor, on the CPU, in the file's order.
        wrapper: keys of the dictionaries that the state_dict lay in, such as ``state_dict``.
        others: keys beside it (an optimiser's state, an epoch), which are not used.
        metadata: what a safetensors file says of itself.
    """

    state: dict[str, Tensor]
    wrapper: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    metadata: dict[str, str] = msgspec.field(default_factory=dict)


def read_checkpoint(path: Path) -> Checkpoint:
    """Read the tensors of a weights file: safetensors, or what ``torch.save`` writes.

    Raises:
        InputError: it is missing, damaged, of another kind, or would run code; one sentence says which.
    """
    head = _head(path)
    if is_safetensors(head):
        return _read_safetensors(path)
    foreign = _foreign(head, path)
    if foreign:
        raise InputError(f"{path} {foreign}")
    if head[:4] == b"PK\x03\x04":
        _check_archive(path)
    elif path.suffix == ".safetensors":
        raise InputError(f"{path} is not a safetensors file, or is damaged: it does not begin with a header.")
    elif not head.startswith(b"\x80") and _named(path):
        raise InputError(f"{path} {_unpickling(_named(path), b'')}")
    elif not head.startswith(b"\x80"):
        raise InputError(f"{path} is no weights file: it is neither safetensors nor what torch.save writes.")
    return _unwrap(_read_torch(path), path)


def _head(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise InputError(f"{path} is a folder, not a weights file; name the file inside.")
        if not stat.S_ISREG(mode):
            # Opening a pipe would wait for whoever writes into it.
            raise InputError(f"{path} is a device or a pipe, not a weights file.")
        with path.open("rb") as file:
            return file.read(4096)
    except FileNotFoundError:
        raise InputError(f"There is no weights file {path}.") from None
    except InputError:
        raise
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from error


_SIGNATURES: Final = (
    ((b"version https://git-lfs",),
     "is a git-lfs pointer, not the weights; run 'git lfs pull' where it came from."),
    ((b"\x89HDF",),
     "is an HDF5 file, as Keras writes; this program reads PyTorch's weights: convert it to a state_dict."),
    ((b"\x1f\x8b",), "is compressed with gzip; unpack it first."),
    ((b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"(\xb5/\xfd"), "is a compressed archive; unpack it first."),
    ((b"\x93NUM",), "is a NumPy array, not a network's weights; save a state_dict."),
    ((b"GGUF",), "belongs to another framework; this program reads PyTorch's state_dicts and safetensors."),
)  # fmt: skip
"""How files begin that are never weights here, and what they are, as the end of a sentence."""

_TEXTS: Final = (
    ((b"<!doctype", b"<html", b"<?xml"),
     "is a web page, not weights; the download gave an error page or needs a log-in."),
    ((b"{", b"["), "is a JSON text, not weights; a design file is opened by 'summary' and 'train'."),
)  # fmt: skip


def _foreign(head: bytes, path: Path) -> str:
    """What a file is that can never be read here, as the end of a sentence; empty if it may be weights."""
    if not head:
        return "is empty: 0 bytes; copy or download it again."
    text = head.lstrip()[:64].lower()
    for start, known in ((head, _SIGNATURES), (text, _TEXTS)):
        for prefixes, sentence in known:
            if start.startswith(prefixes):
                return sentence
    if _is_old_form(path):
        return (
            "is in the old .tar form that torch.save wrote before version 0.1.10; load it once with the torch that "
            "wrote it and save the state_dict anew."
        )
    if head[257:262] == b"ustar":
        return "is a tar archive; unpack it and name the weights file inside."
    if path.suffix == ".onnx" or (head[:1] == b"\x08" and re.search(rb"pytorch|onnx|ai\.|tf2onnx", head[:256])):
        return "is an ONNX graph, not a state_dict; export the weights from PyTorch with torch.save or safetensors."
    if head[4:8] == b"TFL3" or re.search(r"\.(pb|tflite|index|data-\d+-of-\d+)$", path.name):
        return "belongs to another framework; this program reads PyTorch's state_dicts and safetensors."
    return ""


def _is_old_form(path: Path) -> bool:
    """Whether a file is a tar archive with the members of torch's first format; only names are looked at."""
    names: set[str] = set()
    try:
        with tarfile.open(path, mode="r:") as archive:
            for member in islice(archive, 8):
                names.add(member.name)
    except (tarfile.TarError, OSError, ValueError, EOFError):
        pass
    return {"storages", "tensors", "pickle"} <= names


def _read_safetensors(path: Path) -> Checkpoint:
    try:
        with safe_open(path, framework="pt") as file:
            metadata: dict[str, str] = file.metadata() or {}
            names = list(file.keys())
            return Checkpoint(state={name: file.get_tensor(name) for name in names}, metadata=metadata)
    except SafetensorError as error:
        raise InputError(
            f"{path} is cut off or damaged: it is no whole safetensors file; copy or download it again."
        ) from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error


def _check_archive(path: Path) -> None:
    """Look into a zip archive before torch does.

    Raises:
        InputError: it is cut off, another program's, or blown up by compression.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise InputError(
            f"{path} is cut off or damaged: the end of the archive is missing or wrong; copy or download it again."
        ) from error
    names = {entry.filename.split("/", 1)[-1] for entry in entries}
    if "data.pkl" not in names:
        if {"config.json", "metadata.json"} <= names or "model.weights.h5" in names:
            what = "is a Keras model; this program reads PyTorch's weights: convert it to a state_dict."
        elif any(name.endswith(".npy") for name in names):
            what = "is an archive of NumPy arrays; save a state_dict with torch.save or safetensors."
        elif any("saved_model" in name for name in names):
            what = "is a TensorFlow model; this program reads PyTorch's weights."
        else:
            what = "is a zip archive without PyTorch's weights; unpack it and name the weights file."
        raise InputError(f"{path} {what}")
    if any(name.startswith("code/") for name in names) and "constants.pkl" in names:
        raise InputError(
            f"{path} is a TorchScript program, which would be run to be read; save its state_dict with torch.save."
        )
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
        raise InputError(f"{path} is compressed inside, which torch.save never does; it is not read.")
    _check_sums(path)


def _check_sums(path: Path) -> None:
    """Compare every entry with its checksum, which torch does not; one of 0 was not written (set_crc32_options).

    Raises:
        InputError: one differs.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if entry.CRC:
                    with archive.open(entry) as file:
                        while file.read(2**20):
                            pass
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(
            f"{path} is damaged: a part of it does not have the checksum that it was written with; copy or download it "
            "again."
        ) from error


def _read_torch(path: Path) -> object:
    try:
        with warnings.catch_warnings(), torch.serialization.safe_globals(_INERT):
            # What torch has to say of old formats and sparse tensors is for programmers; users get a sentence.
            warnings.simplefilter("ignore")
            # By the open file: a path that ends in .safetensors is not looked into for what it is.
            with path.open("rb") as file:
                return torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise InputError(f"{path} {_unpickling(str(error) + _named(path), _tail(path))}") from error
    except (RuntimeError, EOFError, KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        raise InputError(f"{path} is cut off or damaged: torch cannot read it; copy or download it again.") from error
    except (OSError, MemoryError) as error:
        raise InputError(f"{path} cannot be read: {str(error) or type(error).__name__}.") from error
    except Exception as error:
        # The unpickler meets arbitrary bytes here, and what it raises on them is nobody's promise.
        raise InputError(f"{path} is damaged, or no weights file ({type(error).__name__}).") from error


def _named(path: Path) -> str:
    """The first code that a plain pickle names, as the unpickler would say it; found by reading, not by running."""
    try:
        with path.open("rb") as file:
            strings: list[str] = []
            for opcode, argument, _ in pickletools.genops(file.read(2**16)):
                if opcode.name == "STACK_GLOBAL":
                    return f" GLOBAL {'.'.join(strings[-2:])}"
                if opcode.name == "GLOBAL" and isinstance(argument, str):
                    return f" GLOBAL {argument.replace(' ', '.')}"
                if isinstance(argument, str):
                    strings.append(argument)
    except Exception:
        return ""
    return ""


def _tail(path: Path) -> bytes:
    """The last bytes of a file."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 256))
        return file.read()


def _unpickling(error: str, tail: bytes) -> str:
    """What an error of the restricted unpickler means, as the end of a sentence; ``tail`` are the file's last bytes."""
    found = re.search(r"(?:GLOBAL|global) ([\w.]+)", error) or re.search(r"Unsupported class ([\w.]+)", error)
    if "legacy .tar" in error:
        return "is in the old .tar form of torch.save; load it once with an old torch and save the state_dict anew."
    # At the end of a file the unpickler takes the last letter of a cut name for the end of its line.
    if found and any(end.endswith(found[1].rpartition(".")[2].encode()) for end in (tail, tail[:-1])):
        return "is cut off or damaged: it ends in the middle of a name; copy or download it again."
    if found:
        name = found[1]
        if "models" in name or "nn.modules" in name or name.startswith("__main__"):
            return (
                f"holds a whole pickled module ({name}), whose code would have to run; it was refused and nothing ran; "
                "ask for its state_dict, saved with torch.save(model.state_dict(), ...)."
            )
        return (
            f"asks for '{name}' while it is read, which is no tensor and could run code; it was refused and nothing "
            "ran; save only the state_dict."
        )
    return "holds more than tensors, or is damaged; it was refused and nothing ran; save only the state_dict."


def _unwrap(found: object, path: Path) -> Checkpoint:
    """Find the state_dict in what was saved: the dictionary, up to some levels deep, with the most tensors.

    Raises:
        InputError: there is none.
    """
    if isinstance(found, tuple | list):
        found = dict(enumerate(found))
    best = 0
    chosen: list[tuple[str, Mapping[object, object]]] = []
    seen: set[int] = set()
    level: list[list[tuple[str, Mapping[object, object]]]] = [[("", found)]] if isinstance(found, Mapping) else []
    for _ in range(_WRAPPERS + 1):
        deeper: list[list[tuple[str, Mapping[object, object]]]] = []
        for trail in level:
            mapping = trail[-1][1]
            if id(mapping) in seen:
                # A few bytes can name one dictionary a million times.
                continue
            seen.add(id(mapping))
            count = sum(_is_tensor(key, entry) for key, entry in mapping.items())
            if count >= _LEAST and count > best:
                best, chosen = count, trail
            inner = {id(entry): (str(key), entry) for key, entry in mapping.items() if isinstance(entry, Mapping)}
            deeper += [[*trail, named] for named in inner.values()]
        level = deeper
    if not chosen:
        what = "a single tensor" if isinstance(found, Tensor) else f"a {type(found).__name__}"
        raise InputError(f"{path} holds {what} and no network's weights; save a state_dict.")
    keys = tuple(key for key, _ in chosen[1:])
    inside = chosen[-1][1]
    state = {str(name): _dense(name, value, path) for name, value in inside.items() if _is_tensor(name, value)}
    others = [str(name) for name in inside if not _is_tensor(name, inside[name])]
    for (_, outside), (key, _) in pairwise(chosen):
        others += [str(name) for name in outside if str(name) != key]
    return Checkpoint(state=state, wrapper=keys, others=tuple(others))


def _is_tensor(name: object, value: object) -> bool:
    return isinstance(name, str) and isinstance(value, Tensor)


def _dense(name: object, value: object, path: Path) -> Tensor:
    """A plain tensor that is no larger than what the file holds of it.

    Raises:
        InputError: it is sparse, quantised, without data, or a few bytes that claim to be many.
    """
    if not isinstance(value, Tensor) or value.is_sparse or value.is_quantized or value.layout != torch.strided:
        raise InputError(f"{path}: tensor '{name}' is sparse or quantised; save the plain weights.")
    if value.is_meta or value.numel() * value.element_size() > value.untyped_storage().nbytes():
        raise InputError(f"{path}: tensor '{name}' claims more values than the file holds; the file is damaged.")
    return value.detach()
