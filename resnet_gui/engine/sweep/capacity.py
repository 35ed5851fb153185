"""How many runs of a sweep go on at once, and where each computes."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final

import torch

from resnet_gui.design.plan import plan
from resnet_gui.engine.devices import free_memory, resolve_device, resolve_precision
from resnet_gui.sweeps.sweep import Configuration, Sweep
from resnet_gui.training.memory_fit import RESERVE, run_memory

MOST_ON_GPU: Final = 4
"""Runs at once on one GPU: small networks leave it idle between their kernels, and more than this gain nothing."""

OWN_MEMORY: Final = 300 * 2**20
"""Bytes that a process of a run holds beside its network: what it imports late, and pictures of a small set."""

OWN_GPU_MEMORY: Final = 600 * 2**20
"""Bytes of a GPU that a process holds beside its network: the context and the libraries' workspaces."""


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads_of(sweep: Sweep) -> int:
    """Threads of each run on the CPU: as the sweep says, whatever the machine, for others would round otherwise."""
    return sweep.threads or 1


def gpus(sweep: Sweep) -> tuple[str, ...]:
    """The GPUs that runs of a sweep may take, one after the other; none where they compute on the CPU.

    Raises:
        InputError: the sweep names a device that this computer does not have.
    """
    device = resolve_device(sweep.device)
    if device.type == "cpu":
        return ()
    if sweep.device in {"auto", "cuda"}:
        return tuple(f"cuda:{number}" for number in range(torch.cuda.device_count()))
    return (str(device),)


def runs_at_once(sweep: Sweep, configurations: Iterable[Configuration], asked: int = 0) -> int:
    """How many runs go on at once.

    On the CPU as many as there are cores for their threads, on each GPU a few, and on both as many as the memory has
    room for.

    Args:
        sweep: what is trained.
        configurations: that are left to train.
        asked: by the user, who is obeyed; 0 where nobody has.

    Raises:
        InputError: the sweep names a device that this computer does not have.
    """
    if asked > 0:
        return asked
    devices = [torch.device(name) for name in gpus(sweep)]
    if devices:
        each = min(_fitting(device, configurations, OWN_GPU_MEMORY) for device in devices)
        return max(1, min(len(devices) * min(MOST_ON_GPU, each), cores()))
    fitting = _fitting(torch.device("cpu"), configurations, OWN_MEMORY)
    return max(1, min(cores() // threads_of(sweep), fitting))


def _fitting(device: torch.device, configurations: Iterable[Configuration], own: int) -> int:
    """How many of the largest runs the free memory of a device holds."""
    free, _ = free_memory(device)
    needed: dict[str, int] = {}
    for each in configurations:
        key = f"{each.spec} {each.recipe.batch_size} {each.recipe.accumulate} {each.recipe.precision}"
        if key not in needed:
            precision = resolve_precision(each.recipe.precision, device)
            needed[key] = run_memory(plan(each.spec), each.recipe, precision).total
    return int(RESERVE * free / (max(needed.values(), default=0) + own))
