"""Which runs there are: folder by folder, and those that ship with the program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import assets
from resnet_gui.runs.folder import RUN_FILE, RunSummary, run_folders, summarise

RECORDINGS: Final = "recordings"
"""The folder of assets with the runs that ship with the program."""


def scan_runs() -> Iterator[RunSummary | str]:
    """All runs one by one, for whoever must not be held up: a run, or a sentence why its folder cannot be read."""
    for path in run_folders():
        try:
            yield summarise(path)
        except InputError as error:
            yield str(error)


def recorded_folders() -> list[Path]:
    """The folders of the runs that ship with the program, by name; nothing is ever written into them."""
    return [file.parent for file in sorted((assets() / RECORDINGS).glob(f"*/{RUN_FILE}"))]
