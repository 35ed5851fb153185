"""``resnet-gui``: open the window, or run one command. No logic of its own; torch and Qt load only where needed."""

from __future__ import annotations

import argparse
import io
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn, get_args

import msgspec

from resnet_gui import __version__
from resnet_gui.analysis.costs import totals
from resnet_gui.analysis.ledger import ledger
from resnet_gui.base.errors import InputError
from resnet_gui.base.files import is_json
from resnet_gui.base.text import readable
from resnet_gui.cli.train_options import find_design, resume_job, train_job
from resnet_gui.data.datasets import KNOWN
from resnet_gui.data.labels import SETS
from resnet_gui.data.preprocessing import Changes
from resnet_gui.data.weights_catalogue import SHIPPED, WEIGHTS
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import evolve
from resnet_gui.export.text_report import (
    identification_lines,
    ledger_lines,
    memory_document,
    memory_lines,
    summary_document,
    summary_lines,
)
from resnet_gui.protocol.events import Mismatch
from resnet_gui.protocol.jobs import ModelRequest, Resume, Train
from resnet_gui.runs.folder import LAST_FILE
from resnet_gui.training.named_recipes import RECIPES
from resnet_gui.training.recipe import DEFAULT_BATCH, DEFAULT_EPOCHS, DEFAULT_LR, Precision

OK, FAILED, BAD_INPUT = 0, 1, 2
FORMS = ("python", "onnx", "csv", "latex", "svg", "json")


class _Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line and exits with 2."""

    def error(self, message: str) -> NoReturn:
        _complain(f"{message}; '{self.prog} --help' shows the usage")
        raise SystemExit(BAD_INPUT)


def _complain(message: str) -> None:
    sys.stderr.write(f"resnet-gui: {' '.join(message.split())}\n")


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")


def _print_json(document: object) -> None:
    _print(msgspec.json.encode(document).decode())


def _shape(text: str) -> tuple[int, int, int]:
    parts = text.replace("×", "x").lower().split("x")
    if len(parts) != 3 or not all(part.strip().isdecimal() for part in parts):
        raise argparse.ArgumentTypeError(f"'{text}' is not CxHxW, such as 3x224x224")
    channels, height, width = map(int, parts)
    return channels, height, width


def _picture(text: str) -> Path:
    if not text or "://" in text:
        what = f"'{text}' is an address and is not fetched; save the picture first" if text else "an empty name"
        raise argparse.ArgumentTypeError(what)
    return Path(text)


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a list of numbers, such as 0.5,0.5,0.5") from None


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="resnet-gui",
        description="Design, see, train and use residual networks. Without a command: the window.",
    )
    parser.add_argument("--version", action="version", version=f"ResNet Explorer {__version__}")
    common = _Parser(add_help=False)
    common.add_argument(
        "--debug", action="store_true", default=argparse.SUPPRESS, help="show the traceback of an error"
    )
    common.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    parser.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)

    commands.add_parser("presets", parents=[common], help="list the designs that are known by name").set_defaults(
        run=_presets
    )

    summary = commands.add_parser("summary", parents=[common], help="every layer of a design and what it costs")
    summary.add_argument("design", metavar="DESIGN", help="a preset's name or a design file")
    summary.add_argument("--input", type=_shape, metavar="CxHxW", help="shape of a picture")
    summary.add_argument("--classes", type=int, metavar="N", help="number of classes")
    summary.add_argument("--verify", action="store_true", help="build the network and compare it with torchinfo")
    summary.add_argument("--ledger", action="store_true", help="how the paper and four tools count it")
    summary.add_argument("--memory", action="store_true", help="what a device must hold to use and to train it")
    summary.add_argument("--batch-size", type=int, default=1, metavar="N", help="pictures at once, for --memory (1)")
    summary.add_argument("--precision", choices=("fp32", "bf16", "fp16"), default="fp32", help="for --memory (fp32)")
    summary.set_defaults(run=_summary)

    identify = commands.add_parser("identify", parents=[common], help="which residual network a checkpoint holds")
    identify.add_argument("model", metavar="CHECKPOINT", help="a weights file of any origin, or a run folder")
    identify.set_defaults(run=_identify)

    export = commands.add_parser("export", parents=[common], help="write a design or model for other programs")
    export.add_argument("source", metavar="DESIGN|MODEL", help="preset, design file, weights file or run folder")
    export.add_argument("--to", required=True, choices=FORMS, help="the form")
    export.add_argument("-o", dest="out", required=True, metavar="FILE", help="the file to write")
    export.set_defaults(run=_export)

    _add_run_commands(commands, common)
    return parser


def _add_run_commands(commands: Any, common: _Parser) -> None:
    """The commands that train and use a network."""
    train = commands.add_parser("train", parents=[common], help="train a design, or go on with a run")
    train.add_argument("design", metavar="DESIGN", nargs="?", help="a preset's name or a design file")
    train.add_argument("--data", metavar="NAME|FOLDER", help=f"{', '.join(KNOWN)}, or a folder of class folders")
    train.add_argument(
        "--run", "--run-folder", metavar="FOLDER", dest="folder",
        help="new folder for the run (under torchrun, which has options of that beginning: --run-folder)",
    )  # fmt: skip
    train.add_argument("--resume", metavar="FOLDER", help="go on with this run from its last checkpoint")
    train.add_argument("--epochs", type=int, metavar="N", help=f"passes over the data ({DEFAULT_EPOCHS})")
    train.add_argument("--batch-size", type=int, metavar="N", help=f"pictures a step ({DEFAULT_BATCH})")
    train.add_argument("--lr", type=float, metavar="X", help=f"learning rate at the start ({DEFAULT_LR})")
    train.add_argument("--seed", type=int, metavar="N", help="of weights, order and augmentation (1)")
    train.add_argument("--device", metavar="auto|cpu|cuda[:N]", help="where to compute (auto)")
    train.add_argument("--precision", choices=get_args(Precision), help="number format (auto)")
    train.add_argument("--recipe", metavar="NAME|FILE", help=f"{', '.join(RECIPES)}, a recipe file or a run")
    train.add_argument("--set", action="append", metavar="FIELD=VALUE", help="any other field of the recipe")
    train.set_defaults(run=_train)

    fetch = commands.add_parser("download", parents=[common], help="fetch a data set or weights, checked by checksum")
    names = ", ".join(f"{known.name} ({known.megabytes:.0f} MB)" for known in KNOWN.values() if known.megabytes)
    fetch.add_argument("name", metavar="NAME", help=f"{names}, or weights: {', '.join(WEIGHTS)}")
    fetch.set_defaults(run=_download)

    _add_picture_commands(commands, common)


def _add_picture_commands(commands: Any, common: _Parser) -> None:
    """The commands that classify."""
    model = f"a run folder, a weights file, torchvision weights ({next(iter(WEIGHTS))}, …), or {SHIPPED}"
    predict = commands.add_parser("predict", parents=[common], help="classify pictures")
    predict.add_argument("model", metavar="MODEL", help=model)
    predict.add_argument("images", metavar="IMAGE|FOLDER", nargs="+", type=_picture)
    predict.add_argument("--top", type=int, default=5, metavar="K", help="classes to name (5)")
    predict.add_argument("--csv", type=Path, metavar="FILE", help="write the answers as a table too")
    predict.set_defaults(run=_predict)
    evaluate = commands.add_parser("evaluate", parents=[common], help="count right answers on test pictures")
    evaluate.add_argument("model", metavar="MODEL", help=model)
    evaluate.add_argument("--data", required=True, metavar="NAME|FOLDER", help="as for train")
    evaluate.set_defaults(run=_evaluate)
    for command in (predict, evaluate):
        command.add_argument("--device", default="auto", metavar="auto|cpu|cuda[:N]")
        command.add_argument("--mode", choices=("exact", "fast"), default="exact", help="fast: bf16 where it pays")
        command.add_argument("--views", type=int, choices=(1, 10), default=1, help="central crop, or ten (1)")
        command.add_argument("--classes", metavar="NAME|FILE", help=f"{', '.join(SETS)}, or labels, one a line")
        command.add_argument("--input", type=_shape, metavar="CxHxW", help="input size instead of the file's own")
        command.add_argument("--resize", type=int, metavar="N", help="short side before the crop; 0 fits the picture")
        command.add_argument("--mean", type=_numbers, metavar="A,B,C", help="normalisation instead of the file's own")
        command.add_argument("--std", type=_numbers, metavar="A,B,C", help="normalisation instead of the file's own")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code: 0 success, 2 wrong usage or bad input, 1 failure inside."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # An output that knows no × or … gets a ? in its place.
        sys.stdout.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = getattr(options, "run", _window)
    try:
        return run(options)
    except InputError as error:
        if options.debug:
            traceback.print_exc()
        _complain(str(error))
        return BAD_INPUT
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            # The reader of a pipe went away; python would complain once more while closing stdout.
            sys.stderr.close()
            return FAILED
        if options.debug:
            traceback.print_exc()
        _complain(f"{error.filename or 'A file'} cannot be used: {error.strerror or error}.")
        return BAD_INPUT if error.filename else FAILED
    except KeyboardInterrupt:
        _complain("stopped")
        return FAILED
    except Exception as error:  # noqa: BLE001, RUF100 (the contract: no traceback unless asked for)
        if _interrupted(error):
            _complain("stopped")
            return FAILED
        if options.debug:
            traceback.print_exc()
        _complain(f"an error inside the program: {type(error).__name__}: {error} (--debug shows where)")
        return FAILED


def _interrupted(error: BaseException | None) -> bool:
    """Whether an error began as Ctrl+C, which torch's imports turn into others."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False


def _window(_options: argparse.Namespace) -> int:
    from resnet_gui.gui.app import run

    return run()


def _presets(options: argparse.Namespace) -> int:
    found = [(preset, totals(plan(preset.spec))) for preset in PRESETS.values()]
    if options.json:
        _print_json(
            [
                {
                    "name": preset.name, "title": preset.title, "family": preset.family, "source": preset.source,
                    "params": total.cost.params, "macs": total.cost.macs, "depth": total.depth, "spec": preset.spec,
                }
                for preset, total in found
            ]
        )  # fmt: skip
        return OK
    wide = max(len(preset.name) for preset, _ in found)
    for preset, total in found:
        _print(f"{preset.name:{wide}} {total.cost.params:>12,} parameters {total.cost.macs:>15,} MACs  {preset.source}")
    return OK


def _summary(options: argparse.Namespace) -> int:
    design = find_design(options.design)
    changes = {name: getattr(options, name) for name in ("input", "classes") if getattr(options, name) is not None}
    spec = evolve(design.spec, **changes)
    planned = plan(spec)
    verified, difference = None, ""
    if options.verify:
        from resnet_gui.engine.export.verify import verify

        answer = verify(0, spec)
        verified = not isinstance(answer, Mismatch)
        if isinstance(answer, Mismatch):
            difference = answer.sentence
    if options.json:
        name = options.design if options.design in PRESETS else design.name
        document = summary_document(name, planned, verified=verified)
        if options.ledger:
            document["ledger"] = ledger(planned)
        if options.memory:
            document["memory"] = memory_document(planned, options.batch_size, options.precision)
        _print_json(document)
    else:
        lines = [*summary_lines(design.name, planned)]
        lines += ledger_lines(planned) if options.ledger else []
        lines += memory_lines(planned, options.batch_size, options.precision) if options.memory else []
        for line in lines:
            _print(line)
        if verified is not None:
            _print("verified: the built network is equal in every row" if verified else f"DIFFERS: {difference}")
    if verified is False:
        _complain(f"the built network differs from the plan at {difference}")
        return FAILED
    return OK


def _identify(options: argparse.Namespace) -> int:
    from resnet_gui.engine.export.files import identify_file

    found = identify_file(options.model)
    if options.json:
        document = {
            "spec": found.spec, "params": found.params, "matched": len(found.names), "unmatched": found.unmatched,
            "unknowable": found.undetermined,
        }  # fmt: skip
        _print_json(document)
        return OK
    for line in identification_lines(found.spec, found.preset, len(found.names)):
        _print(line)
    for title, sentences in (("not matched", found.unmatched), ("no file can tell", found.undetermined)):
        if sentences:
            _print(f"{title}:")
        for sentence in sentences:
            _print(f"  {sentence}")
    return OK


def _export(options: argparse.Namespace) -> int:
    out, source = Path(options.out), Path(options.source)
    drawn = False
    is_model = source.is_dir() or (source.is_file() and not is_json(source))
    if options.to == "svg":
        from resnet_gui.engine.export.files import design_of
        from resnet_gui.gui.design.diagram.files import write_without_window

        write_without_window(design_of(options.source) if is_model else find_design(options.source), out)
    elif is_model:
        from resnet_gui.engine.export.files import export_model

        export_model(options.source, options.to, out)
    else:
        from resnet_gui.engine.export.files import export_design

        export_design(find_design(options.source), options.to, out)
        drawn = options.to == "onnx"
    if options.json:
        _print_json({"file": readable(str(out)), "to": options.to} | ({"weights": "drawn"} if drawn else {}))
    elif drawn:
        _complain("a design has no weights; the file holds freshly drawn ones")
    return OK


def _train(options: argparse.Namespace) -> int:
    job: Train | Resume = resume_job(vars(options)) if options.resume else train_job(vars(options))
    from resnet_gui.engine.train.in_terminal import train_here

    ended, rank = train_here(job, _complain)
    if rank:
        return FAILED if ended.status == "failed" else OK
    if ended.result is not None and options.json:
        _print_json(ended.result)
    elif ended.result is not None:
        result = ended.result
        _print(
            f"{ended.status} after epoch {result.epochs}: "
            f"test accuracy {result.top1:.2%} (best {result.best_top1:.2%}), "
            f"{result.seconds:.1f} s, {result.images_per_second:,.0f} images/s; run {result.run}"
        )
    if ended.status == "finished":
        return OK
    if options.debug and ended.details:
        sys.stderr.write(ended.details)
    reason = (ended.message or "stopped").rstrip(".")
    go_on = (Path(job.run) / LAST_FILE).is_file() and "finite" not in reason
    _complain(f"{reason}; go on with: resnet-gui train --resume {job.run}" if go_on else f"{reason}.")
    return FAILED


def _download(options: argparse.Namespace) -> int:
    from resnet_gui.engine.train.in_terminal import download_here

    folder = download_here(options.name)
    _print_json({"name": options.name, "folder": str(folder)}) if options.json else _print(str(folder))
    return OK


def _subject(options: argparse.Namespace) -> ModelRequest:
    return ModelRequest(
        model=options.model, device=options.device, mode=options.mode, views=options.views, input=options.input,
        labels=options.classes or "", changes=Changes(mean=options.mean, std=options.std, resize=options.resize),
    )  # fmt: skip


def _predict(options: argparse.Namespace) -> int:
    if options.top < 1:
        raise InputError(f"--top is {options.top}; it must be 1 or more.")
    from resnet_gui.engine.predict.in_terminal import PredictRequest, predict_here

    order = PredictRequest(subject=_subject(options), images=tuple(options.images), top=options.top, table=options.csv)
    document = predict_here(order, (lambda _line: None) if options.json else _print, _complain)
    if options.json:
        _print_json(document)
    return BAD_INPUT if any("error" in result for result in document["results"]) else OK


def _evaluate(options: argparse.Namespace) -> int:
    from resnet_gui.engine.predict.in_terminal import evaluate_here

    found = evaluate_here(_subject(options), options.data)
    if options.json:
        _print_json(found)
        return OK
    _print(
        f"{found.correct:,} of {found.pictures:,} right: top-1 {found.top1:.2%}, top-5 {found.top5:.2%}; "
        f"{found.images_per_second:,.0f} images/s ({found.computed})"
        + (f"; {found.unreadable:,} could not be read" if found.unreadable else "")
    )
    return OK
