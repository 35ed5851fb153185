"""Exceptions of torch and of the system in the words of the person who trains."""

from __future__ import annotations

import errno

import torch

from resnet_gui.spec.errors import InputError
from resnet_gui.spec.runs import RunInfo


def explain(error: BaseException, info: RunInfo | None = None) -> str:
    """One sentence: what happened, and what to try."""
    smaller = f"; try a batch below {info.recipe.batch_size}, or a smaller design" if info else ""
    if isinstance(error, InputError):
        return str(error)
    if isinstance(error, FloatingPointError):
        lr = f" below {info.recipe.lr:g}" if info else ""
        return f"The loss is no longer a finite number; try a learning rate{lr}. The last checkpoint is kept."
    if isinstance(error, torch.OutOfMemoryError):
        return f"The GPU has too little memory{smaller}."
    if isinstance(error, MemoryError) or "DefaultCPUAllocator" in str(error):
        return f"This computer has too little memory{smaller}."
    if isinstance(error, OSError):
        if error.errno == errno.ENOSPC:
            return "The disk is full; make room and resume the run. The last checkpoint is kept."
        return f"A file could not be read or written: {error.strerror or error}."
    return f"An error inside the program ended it: {type(error).__name__}: {error}"
