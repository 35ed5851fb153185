"""``resnet-gui download``: a data set or published weights, checked by checksum."""

from __future__ import annotations

import argparse
import sys

from resnet_gui.cli.command import OK, Command, print_json
from resnet_gui.data.datasets import KNOWN
from resnet_gui.data.weights_catalogue import WEIGHTS


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    names = ", ".join(f"{known.name} ({known.megabytes:.0f} MB)" for known in KNOWN.values() if known.megabytes)
    parser.add_argument("name", metavar="NAME", help=f"{names}, or weights: {', '.join(WEIGHTS)}")


def _run(options: argparse.Namespace) -> int:
    from resnet_gui.engine.train.in_terminal import download_here

    folder = str(download_here(options.name))
    if options.json:
        print_json({"name": options.name, "folder": folder})
    else:
        # As it is: what reads this line opens the folder.
        sys.stdout.write(f"{folder}\n")
    return OK


COMMAND = Command("download", "fetch a data set or weights, checked by checksum", _add_arguments, _run)
