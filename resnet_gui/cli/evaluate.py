"""``resnet-gui evaluate``: how many test pictures a network gets right, class by class."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from resnet_gui.cli.command import OK, Command, complain, print_json, print_line
from resnet_gui.cli.model_options import add_model, add_model_options, model_request
from resnet_gui.data.layouts.description import DataDescription, description_lines
from resnet_gui.export.test_report import class_lines


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    parser.add_argument(
        "--data", required=True, metavar="NAME|FOLDER",
        help="as for train; every picture of a folder is counted, of one in parts those of its test part",
    )  # fmt: skip
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the wrong answers as a table")
    add_model_options(parser)


def tell_data(news: str | DataDescription) -> None:
    """Say on standard error what is tested on."""
    if isinstance(news, str):
        complain(news)
    else:
        sys.stderr.write("".join(f"{line}\n" for line in description_lines(news)))


def _run(options: argparse.Namespace) -> int:
    from resnet_gui.engine.predict.evaluation import EvaluateRequest, evaluate_here

    order = EvaluateRequest(model_request=model_request(options), data=options.data, table=options.csv)
    found = evaluate_here(order, tell_data, complain)
    for notice in found.notices:
        complain(notice)
    if options.json:
        print_json(found)
        return OK
    print_line(
        f"{found.correct:,} of {found.pictures:,} right: top-1 {found.top1:.2%}, top-5 {found.top5:.2%}; "
        f"{found.images_per_second:,.0f} images/s ({found.computed})"
        + (f"; {found.unreadable:,} could not be read" if found.unreadable else "")
    )
    for line in class_lines(found):
        print_line(line)
    return OK


COMMAND = Command("evaluate", "count right answers on test pictures", _add_arguments, _run)
