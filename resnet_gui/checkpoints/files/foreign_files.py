"""Files that are mistaken for weights, each with the sentence that says what it is."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Collection
from itertools import islice
from pathlib import Path
from typing import Final

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


def describe_foreign(head: bytes, path: Path) -> str:
    """What a file is that can never be read here, as the end of a sentence; empty if it may be weights.

    Args:
        head: its first bytes, at least 512 if it has so many.
        path: for its ending, and for what an archive holds.
    """
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


def describe_archive(names: Collection[str]) -> str:
    """What a zip archive without PyTorch's weights is, by the names inside, as the end of a sentence."""
    if {"config.json", "metadata.json"} <= set(names) or "model.weights.h5" in names:
        return "is a Keras model; this program reads PyTorch's weights: convert it to a state_dict."
    if any(name.endswith(".npy") for name in names):
        return "is an archive of NumPy arrays; save a state_dict with torch.save or safetensors."
    if any("saved_model" in name for name in names):
        return "is a TensorFlow model; this program reads PyTorch's weights."
    if any(name.startswith("data/aotinductor/") for name in names):
        return (
            "is a program that torch compiled (AOTInductor), which holds no plain weights; save the network's "
            "state_dict."
        )
    if any(name.startswith(".data/") for name in names):
        return "is a torch.package, which holds code; save the network's state_dict."
    if any(name.endswith((".pt", ".pth", ".bin", ".safetensors", ".ckpt")) for name in names):
        return "is a zip archive with weights files inside; unpack it and name one of them."
    return "is a zip archive without PyTorch's weights; unpack it and name the weights file."
