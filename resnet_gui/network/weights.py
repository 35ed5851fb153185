"""Weights in safetensors files that carry their spec, classes and normalisation; only tensors are ever read."""

from __future__ import annotations

import hashlib
import math
import os
import re
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import msgspec
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from resnet_gui.base.decoding import decoding_fault
from resnet_gui.base.errors import InputError
from resnet_gui.base.files import AtomicPath
from resnet_gui.data.model_card import ModelInfo
from resnet_gui.design.plan import plan
from resnet_gui.design.structure import Plan
from resnet_gui.design.tensors import tensor_shapes
from resnet_gui.network.resnet import ResNet

_KEY: Final = "resnet-explorer"

NOT_FINITE: Final = "holds values that are not finite numbers"
TOO_LARGE: Final = "holds values that are too large for float32"
DAMAGED: Final = "is damaged: its weights do not have the checksum that they were written with"
"""What is said of values that cannot be used, behind the name of the tensor or file."""

_PAIRED: Final = getattr(torch, "float4_e2m1fn_x2", None)
"""Numbers of 4 bits, two in each value: torch can store them, and computes and converts nothing of them."""


def weights_sha256(state: Mapping[str, Tensor]) -> str:
    """SHA-256 over the bytes of every tensor in the order of the state_dict."""
    digest = hashlib.sha256()
    for tensor in state.values():
        digest.update(_bytes_of(tensor))
    return digest.hexdigest()


def _bytes_of(tensor: Tensor) -> memoryview:
    return tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data


class WeightsDigest:
    """The digest of a network's weights, worked out once: when it is asked for, or in a thread before that."""

    def __init__(self, model: ResNet, known: str = "") -> None:
        """Of a network that stays as it is; ``known`` is the digest where it was worked out already."""
        self._model, self._text = model, known
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Work it out meanwhile."""
        if not self._text and self._thread is None:
            self._thread = threading.Thread(target=self._work, name="digest", daemon=True)
            self._thread.start()

    def text(self) -> str:
        """The digest, see ``weights_sha256``."""
        if self._thread is not None:
            self._thread.join()
        if not self._text:
            self._work()
        return self._text

    def _work(self) -> None:
        self._text = weights_sha256(self._model.state_dict())


def save_model(path: Path, state: Mapping[str, Tensor], info: ModelInfo) -> None:
    """Write weights and what they are, whole or not at all.

    Raises:
        OSError: the disk is full or the folder cannot be written.
    """
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in state.items()}
    metadata = {"format": "pt", _KEY: msgspec.json.encode(info).decode()}
    with AtomicPath(path) as temporary:
        try:
            save_file(tensors, temporary, metadata=metadata)
        except SafetensorError as error:
            raise _as_os_error(error, path) from error


def _as_os_error(error: SafetensorError, path: Path) -> OSError:
    """The error of the system in safetensors' text, such as a full disk, with the file that was to be written."""
    found = re.search(r"\(os error (\d+)\)", str(error))
    if found is None:
        return OSError(f"the weights could not be written: {error}")
    code = int(found[1])
    return OSError(code, os.strerror(code), str(path))


def load_model(path: Path) -> tuple[ResNet, ModelInfo]:
    """Read a weights file of this program into a network in eval mode on the CPU.

    Raises:
        InputError: the file is missing, damaged, foreign, does not fit its own design, or holds no numbers.
    """
    info, state = _read(path)
    _check_state(info, state, path)
    planned = plan(info.spec)
    model = _unfilled(planned)
    # Not before the modules are made: a thread that wants Python back would wait for them at every tensor.
    with ThreadPoolExecutor(1) as pool:
        # The digest is over the state_dict's order, which a safetensors file does not keep.
        digest = pool.submit(weights_sha256, {name: state[name] for name in tensor_shapes(planned)})
        _fill(model, state)
        # A training whose loss was no number may have left such weights.
        broken = find_not_finite(model.state_dict())
    if digest.result() != info.sha256:
        raise InputError(f"{path} {DAMAGED}.")
    if broken:
        raise InputError(f"{path}: tensor '{broken}' {find_unusable(state[broken]) or NOT_FINITE}.")
    return model, info


def check_values(info: ModelInfo, state: Mapping[str, Tensor], path: Path) -> None:
    """Compare the weights of an own file with its checksum and see that they are numbers, without a network.

    Each tensor is read once, and of mapped ones no more than one is held in memory.

    Args:
        info: what the file says of itself.
        state: its tensors, of the names and shapes of its design.
        path: the file, for the sentence.

    Raises:
        InputError: the checksum is another, or a value is no number; in this order, as in ``load_model``.
    """
    digest, broken = hashlib.sha256(), ""
    for name in tensor_shapes(plan(info.spec)):
        digest.update(_bytes_of(state[name]))
        if not broken and (fault := find_unusable(state[name])):
            broken = f"tensor '{name}' {fault}"
    if digest.hexdigest() != info.sha256:
        raise InputError(f"{path} {DAMAGED}.")
    if broken:
        raise InputError(f"{path}: {broken}.")


def network_with(planned: Plan, values: Mapping[str, Tensor]) -> ResNet:
    """A network in eval mode on the CPU that holds copies of some values, in the number format of its own tensors.

    Args:
        planned: what it is.
        values: of every tensor of its state_dict, in its shape.
    """
    model = _unfilled(planned)
    _fill(model, values)
    return model


def _unfilled(planned: Plan) -> ResNet:
    """A network in eval mode without values, for which nothing is drawn."""
    with torch.device("meta"):
        return ResNet(planned).eval()


def _fill(model: ResNet, values: Mapping[str, Tensor]) -> None:
    """Put copies of values into a network: in a file they lie at odd addresses, where kernels add in another order."""
    filled = {
        name: values[name].detach().to(wanted.dtype).clone(memory_format=torch.contiguous_format)
        for name, wanted in model.state_dict().items()
    }
    model.load_state_dict(filled, assign=True)


def is_card(path: Path) -> bool:
    """Whether a file is a weights file of this program; only its header is read."""
    try:
        with safe_open(path, framework="pt") as file:
            return is_own(file.metadata() or {})
    except (SafetensorError, OSError):
        return False


def is_own(metadata: Mapping[str, str]) -> bool:
    """Whether a safetensors file was written by this program, from what it says of itself."""
    return _KEY in metadata


def checked_info(metadata: Mapping[str, str], state: Mapping[str, Tensor], path: Path) -> ModelInfo | None:
    """What a weights file of this program says of itself; None if another program wrote it.

    Raises:
        InputError: the file contradicts itself.
    """
    if not is_own(metadata):
        return None
    try:
        info = msgspec.json.decode(metadata[_KEY], type=ModelInfo)
    except msgspec.MsgspecError as error:
        raise InputError(
            f"{path} is from another version of this program: {decoding_fault(error, metadata[_KEY])}."
        ) from error
    _check_state(info, state, path)
    return info


def _check_state(info: ModelInfo, state: Mapping[str, Tensor], path: Path) -> None:
    """Refuse tensors that are not the design's; compared with the plan, as a small file may claim a huge network."""
    name = find_misfit(plan(info.spec), state)
    if name:
        raise InputError(f"{path}: tensor '{name}' does not fit the design in the file; the file is damaged.")
    _check_info(info, path)


def find_misfit(planned: Plan, state: Mapping[str, Tensor]) -> str:
    """Name of the first tensor that is missing, of another shape or one too many for a network; empty if all fit."""
    expected = tensor_shapes(planned)
    wrong = (
        name
        for name in (*expected, *state)
        if name not in state or name not in expected or tuple(state[name].shape) != expected[name]
    )
    return next(wrong, "")


def find_not_finite(state: Mapping[str, Tensor]) -> str:
    """Name of the first tensor with a value that is no finite number; empty if there is none."""
    return next((name for name, tensor in state.items() if not all_finite(tensor)), "")


def is_real(tensor: Tensor) -> bool:
    """Whether the values are floating-point numbers that can be computed with, or converted to such."""
    return tensor.is_floating_point() and tensor.dtype != _PAIRED


def find_unusable(tensor: Tensor) -> str:
    """What is wrong with values that are to be used as float32, behind the tensor's name; empty if nothing is."""
    if tensor.dtype == torch.float64:
        if all_finite(tensor.float()):
            return ""
        return TOO_LARGE if all_finite(tensor) else NOT_FINITE
    return "" if all_finite(tensor) else NOT_FINITE


def all_finite(tensor: Tensor) -> bool:
    """Whether every value is a finite number."""
    # torch neither adds numbers of 8 bits nor looks at them.
    tensor = tensor.float() if is_real(tensor) and tensor.dtype.itemsize == 1 else tensor
    # A sum is not finite where a value is not; only then are the values looked at, which takes ten times as long.
    return bool(torch.isfinite(tensor.sum())) or bool(torch.isfinite(tensor).all())


def _check_info(info: ModelInfo, path: Path) -> None:
    """Refuse metadata that contradicts its own design.

    Raises:
        InputError: classes or normalisation do not fit, or another version wrote it.
    """
    channels = info.spec.input[0]
    if info.version != 1:
        raise InputError(f"{path} was written by another version of this program (format {info.version}).")
    if not info.is_labelled or len(info.mean) != channels or len(info.std) != channels:
        raise InputError(f"{path} is damaged: its classes or its normalisation do not fit its design.")
    if not all(map(math.isfinite, (*info.mean, *info.std))) or min(info.std) <= 0:
        raise InputError(f"{path} is damaged: its normalisation is no number above 0.")


def _read(path: Path) -> tuple[ModelInfo, dict[str, Tensor]]:
    if not path.is_file():
        raise InputError(f"There is no weights file {path}.")
    try:
        with safe_open(path, framework="pt") as file:
            metadata: dict[str, str] = file.metadata() or {}
            if not is_own(metadata):
                raise InputError(f"{path} was not written by this program: it does not say which network it holds.")
            info = msgspec.json.decode(metadata[_KEY], type=ModelInfo)
            return info, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
    except SafetensorError as error:
        with path.open("rb") as file:
            whole = is_safetensors(file.read(64))
        if whole:
            raise InputError(f"{path} is cut off or damaged; copy it again.") from error
        hint = "'resnet-gui identify' says what a foreign one holds"
        raise InputError(f"{path} is not a weights file of this program; {hint}.") from error
    except msgspec.MsgspecError as error:
        raise InputError(
            f"{path} is from another version of this program: {decoding_fault(error, metadata[_KEY])}."
        ) from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error


def is_safetensors(head: bytes) -> bool:
    """Whether a file begins like safetensors: the length of the header in 8 bytes, little-endian, then JSON."""
    return head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 2**32
