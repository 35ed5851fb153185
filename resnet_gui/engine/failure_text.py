"""Exceptions of torch and of the system in the words of the person who trains."""

from __future__ import annotations

import errno

import torch

from resnet_gui.base.errors import InputError
from resnet_gui.engine.data.file_readers import ReaderGoneError
from resnet_gui.engine.train.distributed import RankGoneError
from resnet_gui.runs.events import Cause
from resnet_gui.runs.folder import RunInfo

LIMITS = {errno.EFBIG, getattr(errno, "EDQUOT", errno.EFBIG)}  # Windows knows no quota


def failure_sentence(error: BaseException, info: RunInfo | None = None, *, kept: bool = False) -> str:
    """One sentence: what happened, and what to try; ``kept`` says whether there is a checkpoint."""
    checkpoint = " The last checkpoint is kept." if kept else ""
    smaller = f"; try a batch below {info.recipe.batch_size}, or a smaller design" if info else ""
    if isinstance(error, InputError):
        return str(error)
    if isinstance(error, RankGoneError):
        return f"Another process of this training ended, so it ended too: {str(error).rstrip('.')}.{checkpoint}"
    if isinstance(error, ReaderGoneError):
        return f"The run cannot go on: {error}; close other programs{smaller.replace('; try', ' or try')}.{checkpoint}"
    if isinstance(error, FloatingPointError):
        lr = f" below {info.recipe.lr:g}" if info else ""
        return f"The loss is no longer a finite number; start a new run with a learning rate{lr}."
    if isinstance(error, torch.OutOfMemoryError):
        return f"The GPU has too little memory{smaller}."
    if _is_memory(error):
        return f"This computer has too little memory{smaller}."
    if isinstance(error, OSError):
        if error.errno == errno.ENOSPC:
            return f"The disk is full; make room first.{checkpoint}"
        if error.errno in LIMITS or "File too large" in str(error) or "quota" in str(error).casefold():
            return f"The disk gives this user no more room (a quota or a limit); make room first.{checkpoint}"
        where = f" {error.filename}" if error.filename else ""
        return f"A file{where} could not be read or written: {error.strerror or error}.{checkpoint}"
    return f"An error inside the program ended it: {type(error).__name__}: {error}"


def _is_memory(error: BaseException) -> bool:
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "DefaultCPUAllocator" in str(error)


def cause_of(error: BaseException) -> Cause:
    """Why a run failed, in one word."""
    if isinstance(error, RankGoneError | ReaderGoneError):
        return "process"
    if isinstance(error, FloatingPointError):
        return "infinite"
    if isinstance(error, InputError):
        return "input"
    if _is_memory(error):
        return "memory"
    if isinstance(error, OSError):
        return "disk"
    return "inside"
