"""``resnet-gui export``: a design or a model as a file for other programs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import is_index, is_json
from resnet_gui.base.text import readable
from resnet_gui.cli.command import OK, Command, complain, print_json
from resnet_gui.cli.figure_options import COLOURS, NAMES, add_figure_options, check_undrawn
from resnet_gui.cli.figure_options import FORMS as DRAWN
from resnet_gui.cli.model_options import add_assignments, add_key, assigned
from resnet_gui.cli.outputs import EXPORTS, OutputFile, check_replaced, input_paths
from resnet_gui.data.weights_catalogue import SHIPPED, WEIGHTS
from resnet_gui.design.presets import find_design
from resnet_gui.export.layer_csv import COLUMNS
from resnet_gui.runs.folder import RUN_FILE

BEGINS: Final = {"json": b'{\n  "name":', "csv": ",".join(COLUMNS).encode()}
"""Form -> with which its files begin, where files that begin otherwise may be read; as a run's own JSON may, too."""

FORMS: Final = ("python", "onnx", "safetensors", "csv", "latex", *DRAWN, "json")


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="DESIGN|MODEL", help="preset, design file, weights file or run folder")
    parser.add_argument(
        "--to", required=True, choices=FORMS, help="the form; Python of a model has its weights beside it"
    )
    parser.add_argument("-o", dest="out", required=True, metavar="FILE", help="the file to write")
    add_figure_options(parser, "as on the screen")
    parser.add_argument(
        "--colours", choices=COLOURS, help="what the colours of a drawing mean (stage), as on the Design page"
    )
    add_key(parser)
    add_assignments(parser)


def _run(options: argparse.Namespace) -> int:
    out, source = Path(options.out), Path(options.source)
    named = options.source == SHIPPED or options.source in WEIGHTS
    begins = b"" if out.name == RUN_FILE else BEGINS.get(options.to, b"")
    check_replaced(
        OutputFile("-o", out, begins, binary=True, kind=EXPORTS[options.to]), input_paths(("the source", source))
    )
    # The index of weights in several files is JSON too.
    is_file = source.is_file() and (not is_json(source) or is_index(source))
    is_model = source.is_dir() or is_file or (named and not source.exists())
    written: tuple[str, ...] = (readable(out.name),)
    notes: tuple[str, ...] = ()
    if options.key and not is_model:
        raise InputError("--key names one of several networks in a weights file; a design is one, so leave it out.")
    if assigned(options) and not is_model:
        raise InputError("--set tells what a weights file leaves open; a design leaves nothing open.")
    if options.to not in DRAWN:
        check_undrawn(options, f"the forms {', '.join(DRAWN)} are", "colours")
    if options.to in DRAWN:
        _draw(options, out, is_model=is_model)
    elif is_model:
        from resnet_gui.engine.export.files import export_model

        done = export_model(options.source, options.to, out, assigned(options), key=options.key)
        written, notes = done.files, done.notes
    else:
        from resnet_gui.engine.export.files import export_design

        done = export_design(find_design(options.source), options.to, out)
        written, notes = done.files, done.notes
    if options.json:
        drawn = {"weights": "drawn"} if options.to == "onnx" and not is_model else {}
        print_json(
            {
                "file": readable(str(out)),
                "to": options.to,
                "files": [readable(name) for name in written],
                "notes": notes,
            }
            | drawn
        )
    else:
        for note in notes:
            complain(note)
    return OK


def _draw(options: argparse.Namespace, out: Path, *, is_model: bool) -> None:
    """Draw the diagram as the window does.

    Raises:
        InputError: there is no such design, an option is wrong, or the file cannot be written.
    """
    from resnet_gui.gui.design.diagram.files import OWN_WIDTH, write_without_window
    from resnet_gui.gui.kit.figures.words import FigureWords, options_of

    words = FigureWords(**{name: getattr(options, name) for name in NAMES})
    choices = options_of(words, options.to, OWN_WIDTH)
    if is_model:
        from resnet_gui.engine.export.files import design_of

        design = design_of(options.source, options.key, assigned(options))
    else:
        design = find_design(options.source)
    write_without_window(design, out, choices, options.colours or "stage")


COMMAND = Command("export", "write a design or model for other programs", _add_arguments, _run)
