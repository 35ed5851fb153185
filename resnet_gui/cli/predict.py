"""``resnet-gui predict``: classify pictures."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from resnet_gui.base.errors import InputError
from resnet_gui.cli.argument_types import picture
from resnet_gui.cli.command import BAD_INPUT, OK, Command, complain, print_json, print_line
from resnet_gui.cli.model_options import add_model, add_model_options, model_request
from resnet_gui.cli.outputs import OutputFile, check_outputs, input_paths, table

TABLE: Final = b"image,error"
"""With this a table begins, see ``export.predictions_csv``."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    parser.add_argument("images", metavar="IMAGE|FOLDER", nargs="+", type=picture)
    parser.add_argument("--top", type=int, default=5, metavar="K", help="classes to name (5)")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the answers as a table too")
    add_model_options(parser)


def _run(options: argparse.Namespace) -> int:
    if options.top < 1:
        raise InputError(f"--top is {options.top}; it must be 1 or more.")
    inputs = input_paths(
        ("the model", options.model),
        *(("the pictures", path) for path in options.images),
        ("the labels", options.classes),
    )
    check_outputs((OutputFile("--csv", options.csv, TABLE, kind=table(TABLE)),), inputs)
    from resnet_gui.engine.predict.in_terminal import PredictRequest, predict_here

    request = PredictRequest(
        model_request=model_request(options), images=tuple(options.images), top=options.top, table=options.csv
    )
    document = predict_here(request, (lambda _line: None) if options.json else print_line, complain)
    if options.json:
        print_json(document)
    return BAD_INPUT if any("error" in result for result in document["results"]) else OK


COMMAND = Command("predict", "classify pictures", _add_arguments, _run)
