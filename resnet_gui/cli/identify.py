"""``resnet-gui identify``: which residual network a checkpoint holds."""

from __future__ import annotations

import argparse

from resnet_gui.cli.command import OK, Command, print_json, print_line
from resnet_gui.cli.model_options import add_assignments, add_key, assigned
from resnet_gui.export.text_report import identification_lines


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="CHECKPOINT", help="a weights file of any origin, or a run folder")
    add_key(parser)
    add_assignments(parser)


def _run(options: argparse.Namespace) -> int:
    from resnet_gui.engine.export.files import identify_file

    found = identify_file(options.model, options.key, assigned(options))
    if options.json:
        document = {
            "spec": found.spec, "params": found.params, "matched": len(found.names), "unmatched": found.unmatched,
            "unknowable": found.undetermined, "notices": found.notices,
            "key": found.key, "networks": found.networks,
        }  # fmt: skip
        print_json(document)
        return OK
    for line in identification_lines(found.spec, found.preset, len(found.names), found.notices):
        print_line(line)
    for title, sentences in (("not matched", found.unmatched), ("no file can tell", found.undetermined)):
        if sentences:
            print_line(f"{title}:")
        for sentence in sentences:
            print_line(f"  {sentence}")
    return OK


COMMAND = Command("identify", "which residual network a checkpoint holds", _add_arguments, _run)
