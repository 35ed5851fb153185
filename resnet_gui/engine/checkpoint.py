"""``last.pt``: everything needed to go on exactly; written whole or not at all, read without executing anything."""

from __future__ import annotations

import errno
import hashlib
import shutil
import time
from pathlib import Path
from typing import Any, Final

import torch

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import AtomicPath
from resnet_gui.design.plan import plan
from resnet_gui.network.resnet import ResNet
from resnet_gui.runs.folder import BEST_FILE, LAST_FILE, read_run_info

FORMAT: Final = 1

CHECKPOINT_SECONDS: Final = 10.0
"""Epochs that end sooner after the last checkpoint than this write none; the end, a stop and a pause always do."""

LONG_EPOCH_SECONDS: Final = 60.0
"""Within an epoch a checkpoint is written this often."""

CHECKPOINT_SHARE: Final = 0.01
"""Checkpoints take at most this share of the time: where one takes long, they are rarer."""


class CheckpointPace:
    """When the next checkpoint is wanted: not too often, and not where it would cost more than its share."""

    def __init__(self) -> None:
        self._saved_at, self._cost = time.monotonic(), 0.0

    def due(self, *, within_epoch: bool = False) -> bool:
        """Whether one is wanted now."""
        pause = LONG_EPOCH_SECONDS if within_epoch else CHECKPOINT_SECONDS
        return time.monotonic() - self._saved_at > max(pause, self._cost / CHECKPOINT_SHARE)

    def restart(self, cost: float | None = None) -> None:
        """Count from now on; ``cost`` is the seconds that writing one took, if one was written."""
        self._saved_at = time.monotonic()
        if cost is not None:
            self._cost = cost


def save_checkpoint(folder: Path, state: dict[str, Any]) -> None:
    """Write the checkpoint of a run; the previous one stays until this one is whole and on disk.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    with AtomicPath(folder / LAST_FILE) as temporary:
        try:
            torch.save({"format": FORMAT, "digest": _digest(state), **state}, temporary)
        except RuntimeError as error:
            # On a full disk torch says only "unexpected pos"; the free space tells.
            if shutil.disk_usage(folder).free < 2**20:
                raise OSError(errno.ENOSPC, "the disk is full") from error
            raise OSError(errno.EIO, f"the checkpoint could not be written ({error})") from error


def load_checkpoint(folder: Path) -> dict[str, Any]:
    """Read the checkpoint of a run onto the CPU.

    Raises:
        InputError: there is none, or it is damaged.
    """
    path = folder / LAST_FILE
    if not path.is_file():
        raise InputError(f"{folder} has no checkpoint yet ({LAST_FILE}); start the run anew.")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # noqa: BLE001, RUF100 (unpicklers raise anything: IndexError, struct.error, ...)
        raise InputError(f"The checkpoint {path} is damaged and cannot be used.{_best(folder)}") from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise InputError(f"The checkpoint {path} is from another version of this program.")
    # torch does not look at the checksums of its own files, so a flipped bit would load as other weights.
    if state.pop("digest", None) != _digest({name: value for name, value in state.items() if name != "format"}):
        raise InputError(f"The checkpoint {path} is damaged and cannot be used (its checksum is wrong).{_best(folder)}")
    return state


def last_network(folder: Path) -> ResNet:
    """The network of a run as its last checkpoint has it, in evaluation mode on the CPU, in fp32.

    Where the recipe keeps an average of the weights (``ema``), it is the average: that is what the run's tests measure.

    Raises:
        InputError: it is no run, has no checkpoint, or the checkpoint is damaged or another design's.
    """
    info, state = read_run_info(folder), load_checkpoint(folder)
    network = ResNet(plan(info.spec))
    try:
        # The average counts its updates beside the network that it wraps.
        average, prefix = state["ema"], "module."
        network.load_state_dict(
            {name.removeprefix(prefix): value for name, value in average.items() if name.startswith(prefix)}
            if average is not None
            else state["model"]
        )
    except (KeyError, RuntimeError, ValueError, TypeError, AttributeError) as error:
        raise InputError(f"The checkpoint in {folder} does not belong to this run's design.") from error
    broken = next((name for name, value in network.state_dict().items() if not value.isfinite().all()), None)
    if broken is not None:
        raise InputError(f"{folder / LAST_FILE}: tensor '{broken}' holds values that are not finite numbers.")
    return network.eval()


def _best(folder: Path) -> str:
    """What is left of a run whose checkpoint is damaged."""
    return f" Its best weights are whole: {folder / BEST_FILE}." if (folder / BEST_FILE).is_file() else ""


def _digest(value: object) -> str:
    """SHA-256 over nested dicts, lists, tensors and plain values, order included."""
    digest = hashlib.sha256()

    def add(part: object) -> None:
        if isinstance(part, torch.Tensor):
            digest.update(f"{part.dtype}{tuple(part.shape)}".encode())
            digest.update(part.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
        elif isinstance(part, dict):
            for key, inner in part.items():
                digest.update(f"{key!r}:".encode())
                add(inner)
        elif isinstance(part, list | tuple):
            digest.update(f"[{len(part)}]".encode())
            for inner in part:
                add(inner)
        else:
            digest.update(f"{part!r};".encode())

    add(value)
    return digest.hexdigest()
