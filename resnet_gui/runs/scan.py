"""Which runs there are: folder by folder, and those that ship with the program."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import assets
from resnet_gui.runs.folder import RUN_FILE, RunSummary, run_folders, summarise

LOG = logging.getLogger(__name__)

RECORDINGS: Final = "recordings"
"""The folder of assets with the runs that ship with the program."""


def scan_runs() -> Iterator[RunSummary | str]:
    """All runs one by one, for whoever must not be held up: a run, or a sentence why its folder cannot be read."""
    for path in run_folders():
        yield read_summary(path)


def read_summary(folder: Path) -> RunSummary | str:
    """A run, or a sentence why its folder cannot be read: one broken folder hides no other, whatever is wrong in it."""
    try:
        return summarise(folder)
    except InputError as error:
        return str(error)
    except Exception as error:
        LOG.exception("The run %s could not be read", folder)
        return f"The run {folder} cannot be read: {error_words(error)}."


def error_words(error: Exception) -> str:
    """An error in words for the middle of a sentence."""
    known = error.strerror if isinstance(error, OSError) else None
    return known or f"{type(error).__name__}: {error}".rstrip(".: ")


def recorded_folders() -> list[Path]:
    """The folders of the runs that ship with the program, by name; nothing is ever written into them."""
    return [file.parent for file in sorted((assets() / RECORDINGS).glob(f"*/{RUN_FILE}"))]
