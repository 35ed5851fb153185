"""``resnet-gui evaluate``: how good a model is on labelled pictures, and where and why it fails."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import write_out
from resnet_gui.cli.command import OK, Command, complain, print_json, print_line
from resnet_gui.cli.model_options import add_model, add_model_options, model_request
from resnet_gui.cli.outputs import REPORT as REPORT_FILE
from resnet_gui.cli.outputs import OutputFile, check_new_folder, check_outputs, input_paths, table
from resnet_gui.data.layouts.description import DataDescription, description_lines

if TYPE_CHECKING:
    from resnet_gui.export.evaluation.source import EvaluationSource

PAIR: Final = re.compile(r"((?:\\[\\=]|[^=\\]|\\(?![\\=]))+)=(.*)", re.DOTALL)
"""A pair of ``--map``: the class of the data, in which ``\\=`` stands for ``=``, and that of the network."""

USUAL: Final = True
"""Value of an option that was named without one."""

TABLE: Final = b"image,label,answer,"
REPORT: Final = b"<!doctype html>"
"""With these a table and a report begin, see ``export.evaluation.table`` and ``export.report``."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_model(parser)
    parser.add_argument(
        "--data", required=True, metavar="NAME|FOLDER",
        help="as for train; every picture of a folder is counted, of one in parts those of its test part",
    )  # fmt: skip
    parser.add_argument(
        "--map", action="append", metavar="DATACLASS=NETWORKCLASS",
        help="which class of the network a class of the data is; nothing after = leaves it out; \\= is a = in "
        "DATACLASS; repeatable",
    )  # fmt: skip
    parser.add_argument("--again", action="store_true", help="measure anew what was measured before")
    beside = parser.add_argument_group("measured beside it")
    beside.add_argument("--compare", metavar="MODEL2", help="another model on the same pictures")
    beside.add_argument("--depth", action="store_true", help="linear probes after each block, and their likeness (CKA)")
    beside.add_argument(
        "--corruptions", nargs="?", const=USUAL, metavar="LIST",
        help="accuracy under corruptions: gaussian_blur,jpeg_compression,…; without a list under all of them",
    )  # fmt: skip
    beside.add_argument("--pictures", type=int, metavar="N", help="that are corrupted; 0 for all (1000)")
    beside.add_argument(
        "--train-data", nargs="?", const=USUAL, metavar="NAME|FOLDER",
        help="look for the pictures among these; without a name among the training pictures of the run or the data",
    )  # fmt: skip
    files = parser.add_argument_group("files to write")
    files.add_argument("--report", type=Path, metavar="FILE", help="the report, one HTML file")
    files.add_argument("--csv", type=Path, metavar="FILE", help="the wrong answers as a table")
    files.add_argument("--csv-all", type=Path, metavar="FILE", help="all answers as a table")
    files.add_argument("--copy-wrong", type=Path, metavar="FOLDER", help="copies of the pictures answered wrongly")
    add_model_options(parser)


def mapping_of(pairs: Sequence[str]) -> dict[str, str] | None:
    r"""What ``--map`` says: class of the data -> class of the network; None where it says nothing.

    The first ``=`` divides; one within the class of the data is written ``\=``, and a backslash before one ``\\``.

    Raises:
        InputError: a pair is not written as one, or a class is named twice.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        divided = PAIR.fullmatch(pair)
        if divided is None:
            raise InputError(f"--map {pair}: write DATACLASS=NETWORKCLASS, or DATACLASS= to leave it out.")
        name, label = re.sub(r"\\([\\=])", r"\1", divided[1]), divided[2]
        if found.get(name, label) != label:
            raise InputError(f"--map names the class '{name}' twice: take it for one class of the network.")
        found[name] = label
    return found or None


def tell_data(news: str | DataDescription) -> None:
    """Say on standard error what is tested on."""
    if isinstance(news, str):
        complain(news)
    else:
        sys.stderr.write("".join(f"{line}\n" for line in description_lines(news)))


def _run(options: argparse.Namespace) -> int:
    _check(options)
    mapping = mapping_of(options.map or ())
    train_data = "" if options.train_data is USUAL else options.train_data
    from resnet_gui.engine.evaluate.in_terminal import EvaluateOrder, evaluate_here

    order = EvaluateOrder(
        model_request=model_request(options), data=options.data, mapping=mapping, compare=options.compare or "",
        depth=options.depth, corruptions=_corruptions(options.corruptions), pictures=options.pictures,
        train_data=train_data, copy_wrong=options.copy_wrong, again=options.again,
    )  # fmt: skip
    source = evaluate_here(order, tell_data, complain)
    _write_files(options, source)
    if options.json:
        from resnet_gui.export.evaluation.document import evaluation_document

        print_json(evaluation_document(source))
        return OK
    from resnet_gui.export.evaluation.lines import evaluation_lines

    for line in evaluation_lines(source):
        print_line(line)
    return OK


def _check(options: argparse.Namespace) -> None:
    """Refuse what is known to go wrong before anything is measured.

    Raises:
        InputError: an option says nothing, lacks another one, or names a file that cannot or must not be written.
    """
    for option, what in (
        ("model", "MODEL"),
        ("data", "--data"),
        ("compare", "--compare"),
        ("train_data", "--train-data"),
    ):
        if getattr(options, option) == "":
            more = "" if option in {"model", "data"} else " or leave it out"
            raise InputError(f"{what} is empty; name one{more}.")
    train_data = None if options.train_data is USUAL else options.train_data
    inputs = (
        *input_paths(("the model", options.model), ("the model", options.compare), ("the labels", options.classes)),
        *input_paths(("the data", options.data), ("the training data", train_data), labelled=True),
    )
    outputs = (
        OutputFile("--report", options.report, REPORT, kind=REPORT_FILE),
        OutputFile("--csv", options.csv, TABLE, kind=table(TABLE)),
        OutputFile("--csv-all", options.csv_all, TABLE, kind=table(TABLE)),
    )  # fmt: skip
    check_outputs(outputs, inputs)
    if options.copy_wrong is not None:
        check_new_folder("--copy-wrong", options.copy_wrong, inputs)
    if options.pictures is not None and options.corruptions is None:
        raise InputError("--pictures says how many are corrupted; name --corruptions too.")
    if options.pictures is not None and options.pictures < 0:
        raise InputError(f"--pictures is {options.pictures}; name at least one picture, or 0 for all.")


def _corruptions(found: str | bool | None) -> tuple[str, ...] | None:
    """The corruptions that are asked for: none of their names for all, None for none.

    Raises:
        InputError: a list names none.
    """
    if found is None or isinstance(found, bool):
        return None if found is None else ()
    names = [name.strip() for name in found.split(",")]
    if not all(names):
        raise InputError(
            f"--corruptions '{found}' names none between its commas; without a list all of them are measured."
        )
    return tuple(names)


def _write_files(options: argparse.Namespace, source: EvaluationSource) -> None:
    from resnet_gui.export.evaluation.table import answers_table

    if options.csv is not None:
        write_out(options.csv, answers_table(source, right=False).encode())
    if options.csv_all is not None:
        write_out(options.csv_all, answers_table(source, right=True).encode())
    if options.report is not None:
        from resnet_gui.engine.evaluate.in_terminal import wrong_thumbnails
        from resnet_gui.export.evaluation_report import evaluation_report
        from resnet_gui.export.report.parts import today_text

        write_out(options.report, evaluation_report(source, wrong_thumbnails(source), today_text()).encode())


COMMAND = Command("evaluate", "say how good a model is, and where it fails", _add_arguments, _run)
