"""Features of pictures, kept in the program's own folder so that the next probe of the same backbone starts at once."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save_file
from torch import Tensor

from resnet_gui.base.files import AtomicPath, make_room
from resnet_gui.data.preprocessing import Preprocess
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine.data.decoded_cache import cache_folder
from resnet_gui.engine.data.splits import Split
from resnet_gui.network.parts import first_parts
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.weights import weights_sha256
from resnet_gui.runs.folder import DataIdentity, RunInfo

MAX_TOTAL: Final = 2 * 2**30
"""Bytes of all features that are kept; those that were used longest ago go first."""

FORMAT: Final = 1


class FeatureKey(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that features depend on, to the last bit.

    Attributes:
        data: the set, with its digest.
        part: "train" or "test".
        files: digest over paths, sizes and times of files that are read while the training goes on; a set that is held
            in memory is known by its pixels.
        weights: digest of the frozen parts' weights and statistics.
        frozen: how many parts of the network that are.
        design: with a head that is always the same.
        preprocess: how a picture becomes the network's input.
        precision: number format.
        way: in which they are computed.
        machine: processor, threads and torch, each of which rounds in its own way.
    """

    data: DataIdentity
    part: str
    files: str
    weights: str
    frozen: int
    design: ResNetSpec
    preprocess: Preprocess
    precision: str
    way: str
    machine: str

    @property
    def digest(self) -> str:
        """What a file of features is named after."""
        return hashlib.sha256(f"features {FORMAT} ".encode() + msgspec.json.encode(self)).hexdigest()


def feature_key(info: RunInfo, model: ResNet, extractor: tuple[str, int], split: Split, part: str) -> FeatureKey:
    """What the features of a part of a run's pictures depend on.

    Args:
        info: of the run.
        model: its network, on its device.
        extractor: way in which features are computed, and how many frozen parts compute them.
        split: the pictures.
        part: "train" or "test".
    """
    way, frozen = extractor
    return FeatureKey(
        # What is said of the data changes no pixel.
        data=msgspec.structs.replace(info.data, description=None),
        part=part,
        files=files_sha256(split.files) if split.streamed else "",
        weights=weights_sha256(first_parts(model, frozen).state_dict()),
        frozen=frozen,
        design=evolve(info.spec, classes=2, hidden=()),
        preprocess=info.preprocess,
        precision=info.precision,
        way=way,
        machine=machine_words(next(model.parameters()).device),
    )


def files_sha256(files: Sequence[Path]) -> str:
    """Digest over paths, sizes and times of files, in their order; empty for none."""
    if not files:
        return ""
    digest = hashlib.sha256()
    for path in files:
        try:
            found = path.stat()
            digest.update(f"{path}\0{found.st_size} {found.st_mtime_ns}\n".encode(errors="surrogateescape"))
        except OSError:
            digest.update(f"{path}\0gone\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def machine_words(device: torch.device) -> str:
    """What rounds on a device: its kind, on the CPU with the number of threads, and the build of torch."""
    if device.type == "cpu":
        return (
            f"{torch.backends.cpu.get_cpu_capability()}, {torch.get_num_threads()} threads, torch {torch.__version__}"
        )
    return f"{torch.cuda.get_device_name(device)}, torch {torch.__version__}"


def features_folder() -> Path:
    """Where features are kept."""
    return cache_folder() / "features"


def _path(key: FeatureKey) -> Path:
    return features_folder() / f"{key.digest[:32]}.safetensors"


def read_features(key: FeatureKey, shape: tuple[int, int]) -> Tensor | None:
    """Features of a key, (N, D) float32; None if they are not kept, or their file is not what was written."""
    path = _path(key)
    try:
        # Read, and not mapped: a file that is cut off while it is mapped would end the process.
        held = load(path.read_bytes())
        features = held["features"]
        if tuple(features.shape) != shape or features.dtype != torch.float32:
            return None
        if bytes(held["sha256"].numpy()) != _sha256(key, features):
            return None
        os.utime(path)
    except Exception:  # noqa: BLE001, RUF100 (a damaged file is as good as none: SafetensorError, KeyError, ...)
        return None
    return features


def write_features(key: FeatureKey, features: Tensor) -> None:
    """Keep features, (N, D) float32; a full disk is no error, and too many for the folder are not kept."""
    size = features.numel() * features.element_size()
    if size > MAX_TOTAL:
        return
    digest = torch.frombuffer(bytearray(_sha256(key, features)), dtype=torch.uint8)
    with contextlib.suppress(OSError, SafetensorError):
        path = _path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        # What a killed process has left half written goes with them.
        make_room(features_folder().iterdir(), size, MAX_TOTAL)
        with AtomicPath(path) as temporary:
            save_file({"features": features.contiguous(), "sha256": digest}, temporary)


def _sha256(key: FeatureKey, features: Tensor) -> bytes:
    """Digest over a key and its features: a file under another name is found out as well."""
    return hashlib.sha256(key.digest.encode() + features.contiguous().numpy().tobytes()).digest()
