"""``resnet-gui``: opens the window, with files if any are named, or runs one of ``COMMANDS``, each a file beside this.

With argparse: typer would bring ten packages and their import into each start of a command, to say in annotations what
one ``add_argument`` says.
"""

from __future__ import annotations

import argparse
import io
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Final

from resnet_gui import __version__
from resnet_gui.base.errors import InputError
from resnet_gui.cli import download, evaluate, explain, export, identify, lab, predict, presets, summary, sweep, train
from resnet_gui.cli.command import BAD_INPUT, FAILED, Command, Parser, complain
from resnet_gui.cli.window import USAGE, names_files, open_window, parse_files

COMMANDS: Final[tuple[Command, ...]] = (
    presets.COMMAND,
    summary.COMMAND,
    identify.COMMAND,
    export.COMMAND,
    train.COMMAND,
    sweep.COMMAND,
    lab.COMMAND,
    download.COMMAND,
    predict.COMMAND,
    evaluate.COMMAND,
    explain.COMMAND,
)
"""In the order of the help."""


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line; what it returns has the chosen command's ``run``, or none."""
    parser = Parser(
        prog="resnet-gui",
        usage=USAGE,
        description="Design, see, train and use residual networks. Without a command: the window, and in it each "
        "FILE: a design, weights, a run, pictures or folders of them.",
    )
    parser.add_argument("--version", action="version", version=f"ResNet Explorer {__version__}")
    common = Parser(add_help=False)
    common.add_argument(
        "--debug", action="store_true", default=argparse.SUPPRESS, help="show the traceback of an error"
    )
    common.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    parser.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)
    known = parser.add_subparsers(dest="command", metavar="COMMAND", prog="resnet-gui", parser_class=Parser)
    for command in COMMANDS:
        added = known.add_parser(command.name, parents=[common], help=command.help)
        command.add_arguments(added)
        added.set_defaults(run=command.run)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code: 0 success, 2 wrong usage or bad input, 1 failure inside."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # An output that knows no × or … gets a ? in its place.
        sys.stdout.reconfigure(errors="replace")
    words = sys.argv[1:] if arguments is None else list(arguments)
    opens = names_files(words, {command.name for command in COMMANDS})
    options = parse_files(words) if opens else build_parser().parse_args(words)
    run: Callable[[argparse.Namespace], int] = getattr(options, "run", open_window)
    try:
        return run(options)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001, RUF100 (the contract: no traceback unless asked for)
        return exit_code(error, debug=options.debug)


def exit_code(error: BaseException, *, debug: bool) -> int:
    """Say in one line why a command ended, with the traceback if asked for, and return its exit code."""
    if isinstance(error, BrokenPipeError):
        # The reader of a pipe went away; python would complain once more while closing stdout.
        sys.stderr.close()
        return FAILED
    stopped = not isinstance(error, InputError | OSError) and _interrupted(error)
    if debug and not stopped:
        traceback.print_exception(error)
    if isinstance(error, InputError):
        complain(str(error))
        return BAD_INPUT
    if isinstance(error, OSError):
        complain(f"{error.filename or 'A file'} cannot be used: {error.strerror or error}.")
        return BAD_INPUT if error.filename else FAILED
    if stopped:
        complain("stopped")
    else:
        complain(f"an error inside the program: {type(error).__name__}: {error} (--debug shows where)")
    return FAILED


def _interrupted(error: BaseException | None) -> bool:
    """Whether an error began as Ctrl+C, which torch's imports turn into others."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False
