"""The options of every command that uses a trained network: which one, how it computes and what it is given."""

from __future__ import annotations

import argparse

from resnet_gui.cli.argument_types import numbers, shape
from resnet_gui.data.labels import SETS
from resnet_gui.data.preprocessing import Changes
from resnet_gui.data.weights_catalogue import SHIPPED, WEIGHTS
from resnet_gui.protocol.jobs import ModelRequest


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add the argument that says which network."""
    known = f"a run folder, a weights file, torchvision weights ({next(iter(WEIGHTS))}, …), or {SHIPPED}"
    parser.add_argument("model", metavar="MODEL", help=known)


def add_key(parser: argparse.ArgumentParser) -> None:
    """Add the option that says which of several networks in a file."""
    parser.add_argument("--key", default="", metavar="KEY", help="which network, of a file that holds several")


def add_model_options(parser: argparse.ArgumentParser, *, answers: bool = True) -> None:
    """Add the options that say how it computes and how a picture becomes its input.

    ``answers`` is whether it classifies pictures: what looks into a network does so exactly and on one crop.
    """
    add_key(parser)
    parser.add_argument("--device", default="auto", metavar="auto|cpu|cuda[:N]")
    parser.add_argument("--weights", choices=("best", "last"), default="best", help="which of a run (best)")
    parser.set_defaults(mode="exact", views=1, temperature=1.0)
    if answers:
        parser.add_argument(
            "--mode", choices=("exact", "fast"), default="exact", help="fast: int8 or bf16 where it pays and agrees"
        )
        parser.add_argument("--views", type=int, choices=(1, 10), default=1, help="central crop, or ten (1)")
        parser.add_argument(
            "--temperature", type=float, default=1.0, metavar="T",
            help="what logits are divided by before the softmax (1); evaluate fits one",
        )  # fmt: skip
    parser.add_argument("--classes", metavar="NAME|FILE", help=f"{', '.join(SETS)}, or labels, one a line")
    parser.add_argument("--input", type=shape, metavar="CxHxW", help="input size instead of the file's own")
    parser.add_argument("--resize", type=int, metavar="N", help="short side before the crop; 0 fits the picture")
    parser.add_argument("--mean", type=numbers, metavar="A,B,C", help="normalisation instead of the file's own")
    parser.add_argument("--std", type=numbers, metavar="A,B,C", help="normalisation instead of the file's own")
    add_assignments(parser)


def add_assignments(parser: argparse.ArgumentParser) -> None:
    """Add the option that says what a file leaves open of its design."""
    parser.add_argument(
        "--set", action="append", dest="assigned", metavar="FIELD=VALUE",
        help="an open field of the file's design, such as stem_pool=max_ceil; 'identify' lists them; repeatable",
    )  # fmt: skip


def assigned(options: argparse.Namespace) -> tuple[str, ...]:
    """What the user says of open fields."""
    return tuple(options.assigned or ())


def model_request(options: argparse.Namespace) -> ModelRequest:
    """What these options ask for."""
    return ModelRequest(
        model=options.model, key=options.key, device=options.device, mode=options.mode, views=options.views,
        input=options.input, labels=options.classes or "",
        changes=Changes(mean=options.mean, std=options.std, resize=options.resize),
        assigned=assigned(options), temperature=options.temperature, weights=options.weights,
    )  # fmt: skip
