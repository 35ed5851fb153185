"""``resnet-gui`` without a command: the window, with the files in it that are named."""

from __future__ import annotations

import argparse
import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import is_there
from resnet_gui.cli.command import Parser

USAGE: Final = "resnet-gui [-h] [--version] [FILE ...]\n       resnet-gui COMMAND ..."


def names_files(words: Sequence[str], commands: Collection[str]) -> bool:
    """Whether a command line names files to be opened in the window, and no command.

    A word that is both a command and a file is the command; ``./train`` is the file.
    """
    behind = list(words[words.index("--") + 1 :]) if "--" in words else []
    first = next((word for word in words if not word.startswith("-")), next(iter(behind), ""))
    if not first or first in commands:
        return False
    return bool(behind) or is_there(Path(first)) or os.sep in first or "/" in first or bool(Path(first).suffix)


def parse_files(words: Sequence[str]) -> argparse.Namespace:
    """The options of a command line that names files; ``files`` holds their whole paths."""
    parser = Parser(prog="resnet-gui", usage=USAGE)
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return parser.parse_args(words)


def open_window(options: argparse.Namespace) -> int:
    """Open the window and stay until it is closed; returns the exit code.

    Raises:
        InputError: a file is not there or cannot be named to the window, or no window can be opened here.
    """
    files = tuple(map(_existing, getattr(options, "files", ())))
    from resnet_gui.gui.app import run

    return run(files)


def _existing(text: str) -> Path:
    """The whole path of a file or folder that is there."""
    if "://" in text:
        raise InputError(f"'{text}' is an address and is not fetched; save the file first and name it.")
    if not text or not is_there(Path(text)):
        raise InputError(
            f"'{text}' is no command, and there is no such file or folder; 'resnet-gui --help' shows the usage"
        )
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError(f"The name of {text} is not UTF-8, and the window cannot open it; rename it first.") from None
    return Path(text).absolute()
