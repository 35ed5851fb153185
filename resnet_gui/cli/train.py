"""``resnet-gui train``: train a design in this terminal, or go on with a run."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path
from typing import get_args

import msgspec

from resnet_gui.base.errors import StoppedError
from resnet_gui.cli.argument_types import shape
from resnet_gui.cli.command import FAILED, OK, Command, complain, print_json, print_line
from resnet_gui.cli.train_options import phase_words, rate_words, shortened_words, training_job
from resnet_gui.data.datasets import KNOWN
from resnet_gui.data.layouts.description import DataDescription
from resnet_gui.protocol.jobs import Train
from resnet_gui.runs.events import RunEnded
from resnet_gui.runs.folder import LAST_FILE, read_run_info
from resnet_gui.training.named_recipes import FINE_TUNE, RECIPES
from resnet_gui.training.rates import USUAL_RATES
from resnet_gui.training.recipe import DEFAULT_BATCH, DEFAULT_EPOCHS, Precision
from resnet_gui.training.start import StartHead, WhichWeights

RATES = ", ".join(f"{rates.title} {rates.usual:g}" for rates in USUAL_RATES.values())


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("design", metavar="DESIGN", nargs="?", help="a preset's name or a design file")
    kinds = f"{', '.join(KNOWN)}, a folder of pictures, an archive (zip, tar) or arrays (npz, idx)"
    parser.add_argument(
        "--data", metavar="NAME|FOLDER", help=f"{kinds}; with --resume or --extend where the pictures lie now"
    )
    parser.add_argument(
        "--run", "--run-folder", metavar="FOLDER", dest="folder",
        help="new folder for the run (under torchrun, which has options of that beginning: --run-folder)",
    )  # fmt: skip
    _add_beginnings(parser)
    parser.add_argument("--input", type=shape, metavar="CxHxW", help="shape of a picture, instead of the design's own")
    parser.add_argument(
        "--epochs",
        type=int,
        metavar="N",
        help=f"passes over the data ({DEFAULT_EPOCHS}), or with --extend how many more",
    )
    parser.add_argument("--batch-size", type=int, metavar="N", help=f"pictures a step ({DEFAULT_BATCH})")
    parser.add_argument("--lr", type=float, metavar="X", help=f"learning rate at the start ({RATES})")
    parser.add_argument("--seed", type=int, metavar="N", help="of weights, order and augmentation (1)")
    parser.add_argument("--device", metavar="auto|cpu|cuda[:N]", help="where to compute (auto)")
    parser.add_argument("--precision", choices=get_args(Precision), help="number format (auto)")
    parser.add_argument("--recipe", metavar="NAME|FILE", help=f"{', '.join(RECIPES)}, a recipe file or a run")
    parser.add_argument(
        "--set",
        action="append",
        metavar="FIELD=VALUE",
        help="any other field of the recipe; with --init also what its file leaves open",
    )


def _add_beginnings(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what a training begins from, and what of that learns."""
    parser.add_argument(
        "--init", metavar="MODEL",
        help="begin from the weights of a run, a weights file or a network by name; without DESIGN its design",
    )  # fmt: skip
    parser.add_argument(
        "--freeze", metavar="nothing|stem|stageN|backbone",
        help="the last part that does not learn, all below it with it; backbone is all but the head",
    )  # fmt: skip
    parser.add_argument(
        "--head-first", type=int, metavar="K", help="epochs in which only the head learns, before the others do too"
    )
    parser.add_argument("--key", metavar="KEY", help="which network of the weights file, if it holds several")
    parser.add_argument(
        "--init-weights", choices=get_args(WhichWeights), help="of a run: its best weights, or its last ones (best)"
    )
    parser.add_argument(
        "--init-head", choices=get_args(StartHead),
        help="auto keeps a head of the same classes, rows also the rows of classes of the same name, new none (auto)",
    )  # fmt: skip
    parser.add_argument("--resume", metavar="FOLDER", help="go on with this run from its last checkpoint")
    parser.add_argument(
        "--extend",
        metavar="FOLDER",
        help="train this run for --epochs more; what that changes is said first, a second test too",
    )


def _run(options: argparse.Namespace) -> int:
    job = training_job(vars(options))
    if options.init and not options.recipe:
        complain(f"the recipe is {FINE_TUNE}, as the training begins from weights; --recipe names another")
    if isinstance(job, Train):
        for sentence in (*shortened_words(vars(options), job.recipe), *phase_words(job), *rate_words(job.recipe)):
            complain(sentence)
    from resnet_gui.engine.train.in_terminal import train_here

    try:
        ended, rank = train_here(job, complain)
    except StoppedError as error:
        if options.json and os.environ.get("RANK", "0") == "0":
            # A run that goes on has steps of its own, which this call has not counted.
            steps = {"step": 0} if isinstance(job, Train) else {}
            print_json({"run": job.run, "status": "stopped", **steps, "message": str(error)})
        raise
    if rank:
        return FAILED if ended.status == "failed" else OK
    _print_result(ended, job.run, as_json=options.json)
    if ended.status == "finished":
        if ended.message:
            complain(f"{ended.message}.")
        return OK
    if options.debug and ended.details:
        sys.stderr.write(ended.details)
    reason = (ended.message or "stopped").rstrip(".")
    go_on = (Path(job.run) / LAST_FILE).is_file() and "finite" not in reason
    complain(f"{reason}; go on with: resnet-gui train --resume {shlex.quote(job.run)}" if go_on else f"{reason}.")
    return FAILED


def _print_result(ended: RunEnded, run: str, *, as_json: bool) -> None:
    if ended.result is not None and as_json:
        print_json(msgspec.to_builtins(ended.result) | {"description": _description(ended.result.run)})
    elif as_json:
        # Before the first epoch is over nothing was tested; what there is, is the way to go on.
        known = {"run": run, "status": ended.status, "step": ended.step, "message": ended.message}
        print_json(known | {"description": _description(run)})
    elif ended.result is not None:
        result = ended.result
        described = _description(result.run)
        part = described.selection if described is not None else "test"
        final = f"; test accuracy {result.final_top1:.2%}" if result.final_top1 is not None else ""
        if result.final_count > 1:
            final += f", counted for the {result.final_count}{_ordinal(result.final_count)} time"
        print_line(
            f"{ended.status} after epoch {result.epochs}: "
            f"{part} accuracy {result.top1:.2%} (best {result.best_top1:.2%}{final}), "
            f"{result.seconds:.1f} s, {result.images_per_second:,.0f} images/s; run {result.run}"
        )


def _ordinal(number: int) -> str:
    """The ending of an ordinal number."""
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10 * (number % 100 not in {11, 12, 13}), "th")


def _description(run: str) -> DataDescription | None:
    """What a run's data set held when it began; None in runs of earlier builds."""
    return read_run_info(Path(run)).data.description


COMMAND = Command("train", "train a design, or go on with a run", _add_arguments, _run)
