"""What every command of ``resnet-gui`` is made of: its row, its parser, what it prints and its exit codes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import msgspec

from resnet_gui.base.text import printable
from resnet_gui.cli.argument_types import number, whole_number

OK: Final = 0
FAILED: Final = 1
"""Something failed inside."""

BAD_INPUT: Final = 2
"""Wrong usage or bad input; one line on standard error says what and where."""


class Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line and exits with ``BAD_INPUT``."""

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **options)
        # What options name as their type stays int and float; the sentences are those of this program.
        self.register("type", int, whole_number)
        self.register("type", float, number)

    def error(self, message: str) -> NoReturn:
        """End the program with one sentence."""
        complain(f"{message}; '{self.prog} --help' shows the usage")
        raise SystemExit(BAD_INPUT)


@dataclass(frozen=True)
class Command:
    """One command: ``resnet-gui NAME``.

    Attributes:
        name: how it is typed.
        help: its line in the list of commands.
        add_arguments: adds its own arguments; ``--json`` and ``--debug`` are there already.
        run: does it and returns the exit code. What it needs beyond the pure rooms, torch or Qt, it imports inside.
    """

    name: str
    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def complain(message: str) -> None:
    """Write one line to standard error, whatever breaks of line the message has."""
    sys.stderr.write(f"resnet-gui: {printable(' '.join(message.split()))}\n")


def print_line(text: str) -> None:
    """Write a line to standard output; names in it stay on it."""
    sys.stdout.write(printable(text) + "\n")


def print_json(document: object) -> None:
    """Write the one document that ``--json`` promises."""
    # As it is: signs of names belong to the document, in which none can end a line.
    sys.stdout.write(msgspec.json.encode(document).decode() + "\n")
