"""``resnet-gui sweep``: train fields of design and recipe times seeds, and say what differs."""

from __future__ import annotations

import argparse
import shlex
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.cli.argument_types import shape
from resnet_gui.cli.command import FAILED, OK, Command, complain, print_json, print_line
from resnet_gui.cli.outputs import check_folder_to_make
from resnet_gui.cli.sweep_options import OF_NEW, new_sweep, parsed_seeds
from resnet_gui.protocol.sweep_jobs import RunSweep
from resnet_gui.sweeps.folder import add_seeds, new_sweep_folder, next_seeds, read_sweep
from resnet_gui.sweeps.state import SweepState, read_state
from resnet_gui.sweeps.sweep import MANY_RUNS, Sweep, expanded
from resnet_gui.sweeps.table import SweepTable, sweep_table
from resnet_gui.sweeps.table_text import table_lines
from resnet_gui.sweeps.unchanged import check_unchanged
from resnet_gui.training.named_recipes import RECIPES
from resnet_gui.training.recipe import Precision


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="FILE|DESIGN", nargs="?", help="a sweep file; or a preset or design file")
    parser.add_argument("--data", metavar="NAME|FOLDER", help="what every run learns from")
    parser.add_argument(
        "--set", action="append", metavar="FIELD=VALUE[,VALUE...]",
        help="a field of the design or the recipe; with several values it is varied (those with commas by ;)",
    )  # fmt: skip
    parser.add_argument("--seeds", metavar="N", help="how many seeds, or which: 4,7 or 11-15 (3)")
    parser.add_argument(
        "--baseline", action="append", metavar="FIELD=VALUE",
        help="what each configuration is compared with, the rest equal; none for nothing (the first value)",
    )  # fmt: skip
    parser.add_argument("--name", metavar="TEXT", help="of the sweep")
    parser.add_argument("--folder", metavar="FOLDER", help="new folder for the sweep and its runs")
    parser.add_argument("--workers", type=int, metavar="N", help="runs at once (as many as are of use)")
    parser.add_argument("--threads", type=int, metavar="N", help="of each run on the CPU (1)")
    parser.add_argument("--resume", metavar="FOLDER", help="go on with this sweep where it was stopped or killed")
    parser.add_argument("--add-seeds", metavar="N", help="with --resume: so many seeds more, or which")
    parser.add_argument("--retry", action="store_true", help="with --resume: train failed runs again too")
    parser.add_argument("--recipe", metavar="NAME|FILE", help=f"{', '.join(RECIPES)}, a recipe file or a run")
    parser.add_argument("--input", type=shape, metavar="CxHxW", help="shape of a picture, instead of the design's own")
    parser.add_argument("--epochs", type=int, metavar="N", help="passes over the data")
    parser.add_argument("--batch-size", type=int, metavar="N", help="pictures a step")
    parser.add_argument("--lr", type=float, metavar="X", help="learning rate at the start")
    parser.add_argument("--precision", choices=get_args(Precision), help="number format (auto)")
    parser.add_argument("--device", metavar="auto|cpu|cuda[:N]", help="where to compute (auto)")


def _run(options: argparse.Namespace) -> int:
    words = vars(options)
    if options.workers is not None and options.workers < 1:
        raise InputError(f"--workers {options.workers}: at least one run goes on at a time.")
    folder = _resumed(words) if options.resume is not None else _begun(words)
    from resnet_gui.engine.sweep.in_terminal import sweep_here

    go_on = f"resnet-gui sweep --resume {shlex.quote(str(folder))}"
    complain(f"the sweep is {folder}; go on with it any time: {go_on}")
    state = sweep_here(RunSweep(0, str(folder), options.workers or 0, options.retry), complain)
    table = sweep_table(state)
    if options.json:
        print_json(document(state, table))
    else:
        for line in table_lines(table):
            print_line(line)
    for sentence, count in Counter(cell.message for cell in state.failed).items():
        complain(f"{count} of {len(state.cells)} runs failed: {sentence}")
    left = len(state.cells) - state.done - len(state.failed)
    if left:
        complain(f"{left} of {len(state.cells)} runs are left; go on with: {go_on}")
    return OK if not left and not state.failed else FAILED


def _begun(words: dict[str, Any]) -> Path:
    """The folder of a new sweep, after what is to be said of it.

    Raises:
        InputError: an option is missing or wrong.
    """
    if words["add_seeds"] is not None or words["retry"]:
        raise InputError("--add-seeds and --retry are for a sweep that is there: name it with --resume FOLDER.")
    if words["folder"]:
        check_folder_to_make("--folder", Path(words["folder"]))
    sweep = new_sweep(words)
    _tell(sweep)
    return new_sweep_folder(sweep, Path(words["folder"]) if words["folder"] else None)


def _tell(sweep: Sweep) -> None:
    """Say how many runs there will be, and which combinations are left out.

    Raises:
        InputError: there would be none.
    """
    expansion = expanded(sweep)
    for one in expansion.left_out:
        complain(f"left out: {one.name}: {one.reason}")
    count, seeds = len(expansion.configurations), len(sweep.seeds)
    runs = f"{count} configuration{'s' * (count > 1)} × {seeds} seed{'s' * (seeds > 1)} = {count * seeds} runs"
    complain(f"{runs}; that is many: over {MANY_RUNS}" if count * seeds > MANY_RUNS else runs)


def _resumed(words: dict[str, Any]) -> Path:
    """The folder of a sweep that goes on, with more seeds if asked for.

    Raises:
        InputError: it is no sweep, or something was given that the sweep itself decides.
    """
    names = ("source", *OF_NEW, "seeds", "folder", "threads", "device")
    extra = [f"--{name.replace('_', '-')}" for name in names if words.get(name) is not None]
    if extra:
        said = ", ".join(extra).replace("--source", "FILE|DESIGN")
        raise InputError(f"--resume goes on with the sweep as it is; leave out {said}.")
    folder = Path(words["resume"])
    sweep = read_sweep(folder)
    if words["add_seeds"] is not None:
        check_unchanged(read_state(folder))  # before seeds are written into a file that is refused
        text = words["add_seeds"].strip()
        asked = parsed_seeds(text, "--add-seeds")
        if not asked:
            raise InputError(f"--add-seeds {text}: add one seed at least.")
        more = next_seeds(sweep, len(asked)) if text.isdecimal() else asked
        known = [seed for seed in more if seed in sweep.seeds]
        if known:
            complain(f"the sweep has the seed{'s' * (len(known) > 1)} {', '.join(map(str, known))} already")
        add_seeds(folder, more)
    return folder


def document(state: SweepState, table: SweepTable) -> dict[str, Any]:
    """What ``sweep --json`` prints: the table's rows, and all runs."""
    rows = [
        msgspec.to_builtins(row)
        | {"configuration": dict(zip(table.axes, row.configuration.labels, strict=True))}
        | {"name": row.configuration.name}
        for row in table.rows
    ]
    runs = [
        {
            "folder": str(cell.folder),
            "configuration": cell.configuration.name,
            "seed": cell.seed,
            "status": cell.status,
            "message": cell.message,
            "figures": cell.figures,
        }
        for cell in state.cells
    ]
    return {
        "sweep": str(state.folder),
        "status": state.status,
        "measure": table.measure,
        "rows": rows,
        "runs": runs,
        "left_out": state.expansion.left_out,
        "by_chance": table.by_chance,
    }


COMMAND = Command("sweep", "train fields times seeds, several runs at once, and say what differs", _add_arguments, _run)
