"""``resnet-gui evaluate``: how many test pictures a network gets right."""

from __future__ import annotations

import argparse

from resnet_gui.cli.command import OK, Command, complain, print_json, print_line
from resnet_gui.cli.model_options import add_model, add_model_options, model_request


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    parser.add_argument("--data", required=True, metavar="NAME|FOLDER", help="as for train")
    add_model_options(parser)


def _run(options: argparse.Namespace) -> int:
    from resnet_gui.engine.predict.in_terminal import evaluate_here

    found = evaluate_here(model_request(options), options.data)
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
    return OK


COMMAND = Command("evaluate", "count right answers on test pictures", _add_arguments, _run)
