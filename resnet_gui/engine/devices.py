"""CPU and CUDA devices, by the names of the command line."""

from __future__ import annotations

import platform
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil
import torch

from resnet_gui.base.errors import InputError
from resnet_gui.protocol.events import Device
from resnet_gui.training.recipe import Layout, Precision


def why_no_cuda() -> str:
    """One sentence why there is no GPU; empty if there is one."""
    if not torch.backends.cuda.is_built():  # type: ignore[no-untyped-call]
        return "This PyTorch was built without CUDA."
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if torch.cuda.is_available():
            return ""
    return "No NVIDIA GPU with a working driver was found."


SHORT_STEP: Final = 500_000_000
"""Multiply-accumulates of a training step below which a second thread is no use."""


def useful_threads(macs: int) -> int:
    """Threads for a step of so many MACs on the CPU: one where it is too short for more.

    Measured on two cores with the digits network: two threads gain 15 % while nothing else runs, and lose a factor of
    three and more as soon as something does, because each waits for the other at the end of every layer.
    """
    return 1 if macs < SHORT_STEP else torch.get_num_threads()


@contextmanager
def computing_threads(macs: int) -> Iterator[None]:
    """Within it, the CPU computes with as many threads as a pass of so many MACs has use for, see ``useful_threads``.

    Measured on two busy cores with ResNet-20 on 32×32: one picture and its Grad-CAM take 390 ms with two threads and
    36 ms with one.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(useful_threads(macs))
    try:
        yield
    finally:
        torch.set_num_threads(before)


def list_devices() -> tuple[Device, ...]:
    """The CPU, and every GPU that works."""
    found = [Device("cpu", f"CPU, {torch.get_num_threads()} threads ({platform.machine()})")]
    if not why_no_cuda():
        found += [
            Device(f"cuda:{number}", torch.cuda.get_device_name(number)) for number in range(torch.cuda.device_count())
        ]
    return tuple(found)


def resolve_device(name: str) -> torch.device:
    """The device of a name: auto (a GPU if there is one), cpu, cuda or cuda:N.

    Raises:
        InputError: the name is unknown, or there is no such device here.
    """
    if name == "auto":
        return torch.device("cpu" if why_no_cuda() else "cuda:0")
    kind, _, number = name.partition(":")
    if kind not in {"cpu", "cuda"} or (number and not number.isdecimal()) or (kind == "cpu" and number):
        raise InputError(f"There is no device '{name}'; choose auto, cpu, cuda or cuda:N.")
    if kind == "cpu":
        return torch.device("cpu")
    reason = why_no_cuda()
    if reason:
        raise InputError(f"The device '{name}' cannot be used: {reason} Choose cpu or auto.")
    if int(number or 0) >= torch.cuda.device_count():
        raise InputError(f"There is no device '{name}': this computer has {torch.cuda.device_count()} GPU.")
    return torch.device("cuda", int(number or 0))


def resolve_precision(name: Precision, device: torch.device) -> Precision:
    """fp32, bf16 or fp16: "auto" takes bf16 on a GPU that computes in it, else fp32."""
    if name != "auto":
        return name
    return "bf16" if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"


def resolve_layout(name: Layout) -> torch.memory_format:
    """The layout of feature maps: "auto" takes channels last, which is the faster one on the CPU too.

    Measured on two cores: a step of the digits network is 13 % shorter in it, one of ResNet-18 and -50 7 %.
    """
    return torch.contiguous_format if name == "contiguous" else torch.channels_last


def free_memory(device: torch.device) -> tuple[int, int]:
    """Bytes that are free and bytes in all on a device."""
    if device.type == "cuda":
        free, total = torch.cuda.mem_get_info(device)
        return int(free), int(total)
    memory = psutil.virtual_memory()
    limit = _control_group_limit()
    if limit:
        used = psutil.Process().memory_info().rss
        return max(0, min(memory.available, limit - used)), min(memory.total, limit)
    return int(memory.available), int(memory.total)


def capacity_of(device: torch.device) -> int:
    """Bytes that this process could have on a device: what is free and what it holds already."""
    free, _ = free_memory(device)
    if device.type == "cuda":
        return free + int(torch.cuda.memory_reserved(device))
    return free + int(psutil.Process().memory_info().rss)


def _control_group_limit() -> int:
    """Bytes that a container allows this process; 0 for no limit."""
    for path in (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes")):
        try:
            text = path.read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdecimal() and int(text) < 2**60:
            return int(text)
    return 0
