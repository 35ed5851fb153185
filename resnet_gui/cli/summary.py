"""``resnet-gui summary``: every layer of a design and what it costs."""

from __future__ import annotations

import argparse

from resnet_gui.analysis.ledger import ledger
from resnet_gui.analysis.memory import Precision
from resnet_gui.base.errors import InputError
from resnet_gui.cli.argument_types import shape
from resnet_gui.cli.command import FAILED, OK, Command, complain, print_json, print_line
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS, find_design
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.design.structure import Plan
from resnet_gui.export.text_report import (
    ledger_lines,
    memory_document,
    memory_lines,
    summary_document,
    summary_lines,
)
from resnet_gui.protocol.events import Mismatch


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("design", metavar="DESIGN", help="a preset's name or a design file")
    parser.add_argument("--input", type=shape, metavar="CxHxW", help="shape of a picture")
    parser.add_argument("--classes", type=int, metavar="N", help="number of classes")
    parser.add_argument("--verify", action="store_true", help="build the network and compare it with torchinfo")
    parser.add_argument("--ledger", action="store_true", help="how the paper and four tools count it")
    parser.add_argument("--memory", action="store_true", help="what a device must hold to use and to train it")
    parser.add_argument("--batch-size", type=int, metavar="N", help="pictures at once, for --memory (1)")
    parser.add_argument("--precision", choices=("fp32", "bf16", "fp16"), help="for --memory (fp32)")


def _run(options: argparse.Namespace) -> int:
    for name in ("batch_size", "precision"):
        if getattr(options, name) is not None and not options.memory:
            raise InputError(f"--{name.replace('_', '-')} is of the memory; add --memory, or leave it out.")
    design = find_design(options.design)
    changes = {name: getattr(options, name) for name in ("input", "classes") if getattr(options, name) is not None}
    spec = evolve(design.spec, **changes)
    planned = plan(spec)
    difference = _difference(spec) if options.verify else None
    if options.json:
        name = options.design if options.design in PRESETS else design.name
        _print_document(name, planned, options, difference)
    else:
        _print_lines(design.name, planned, options, difference)
    if difference:
        complain(f"the built network differs from the plan at {difference}")
        return FAILED
    return OK


def _difference(spec: ResNetSpec) -> str:
    """Where the built network is another than planned; empty where it is not."""
    from resnet_gui.engine.export.verify import verify

    answer = verify(0, spec)
    return answer.sentence if isinstance(answer, Mismatch) else ""


def _memory_of(options: argparse.Namespace) -> tuple[int, Precision]:
    """Pictures at once and number format, for which the memory is asked."""
    return 1 if options.batch_size is None else options.batch_size, options.precision or "fp32"


def _print_document(name: str, planned: Plan, options: argparse.Namespace, difference: str | None) -> None:
    document = summary_document(name, planned, verified=None if difference is None else not difference)
    if options.ledger:
        document["ledger"] = ledger(planned)
    if options.memory:
        document["memory"] = memory_document(planned, *_memory_of(options))
    print_json(document)


def _print_lines(name: str, planned: Plan, options: argparse.Namespace, difference: str | None) -> None:
    lines = [*summary_lines(name, planned)]
    lines += ledger_lines(planned) if options.ledger else []
    lines += memory_lines(planned, *_memory_of(options)) if options.memory else []
    for line in lines:
        print_line(line)
    if difference is not None:
        print_line(f"DIFFERS: {difference}" if difference else "verified: the built network is equal in every row")


COMMAND = Command("summary", "every layer of a design and what it costs", _add_arguments, _run)
