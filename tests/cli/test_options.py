"""Every option of every command either always says something, or is refused where it would say nothing."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import pytest

from resnet_gui.cli.main import build_parser, main
from tests.cli.test_main import SAMPLES

MODEL = ("classes", "device", "input", "mean", "resize", "set", "std")
"""Options of every command that uses a model, which are always read."""

ALWAYS: dict[str, tuple[str, ...]] = {
    "presets": (),
    "summary": ("classes", "input", "ledger", "memory", "verify"),
    "identify": ("key", "set"),
    "export": ("to", "o"),
    "train": (
        "batch-size", "data", "device", "epochs", "extend", "freeze", "head-first", "init", "input", "lr", "precision",
        "recipe", "resume", "run-folder", "seed", "set",
    ),
    "sweep": (
        "baseline", "batch-size", "data", "device", "epochs", "folder", "input", "lr", "name", "precision", "recipe",
        "resume", "seeds", "set", "threads", "workers",
    ),
    "lab": (),
    "lab list": (),
    "lab run": ("again", "answer", "card", "csv", "device", "figure", "report", "run", "scale", "seeds", "set", "svg"),
    "lab card": ("lock", "output", "question", "scale", "seeds", "set", "text"),
    "download": (),
    "predict": (*MODEL, "csv", "mode", "temperature", "top", "views"),
    "evaluate": (
        *MODEL, "again", "compare", "copy-wrong", "corruptions", "csv", "csv-all", "data", "depth", "map", "mode",
        "report", "temperature", "train-data", "views",
    ),
    "explain": (*MODEL, "map", "method", "output", "sanity", "target"),
}  # fmt: skip
"""Command -> options that are read whatever else is given, or are the command's own choice."""

EXPORT, EXPLAIN = "export resnet18 -o out --to", f"explain cifar10-resnet20 {SAMPLES[0]} -o maps --method"
UNDRAWN = "is of a drawing"

REFUSED: dict[str, list[tuple[str, str, str]]] = {
    "summary": [
        ("batch-size", "summary resnet18 --batch-size 8", "--batch-size is of the memory; add --memory"),
        ("precision", "summary resnet18 --precision fp32", "--precision is of the memory; add --memory"),
    ],
    "export": [
        ("colours", f"{EXPORT} csv --colours macs", UNDRAWN),
        ("width", f"{EXPORT} json --width 99", UNDRAWN),
        ("ground", f"{EXPORT} latex --ground dark", UNDRAWN),
        ("dpi", f"{EXPORT} svg --dpi 300", "--dpi is of a PNG"),
        ("letters", f"{EXPORT} png --letters text", "--letters is of an SVG or PDF"),
        ("key", f"{EXPORT} json --key ema", "--key names one of several networks in a weights file; a design is one"),
        ("set", f"{EXPORT} json --set norm=group", "--set tells what a weights file leaves open"),
    ],
    "train": [
        ("key", "train resnet18 --data digits --key ema", "--key says something of the weights that --init names"),
        ("init-head", "train resnet18 --data digits --init-head new", "--init-head says something of the weights"),
        ("init-weights", "train resnet18 --data digits --init-weights last", "--init-weights says something of the"),
        ("lr", "train --resume run --lr 1", "leave out --lr"),
        ("epochs", "train --resume run --epochs 1", "leave out --epochs"),
    ],
    "sweep": [
        ("add-seeds", "sweep digits-resnet --data digits --add-seeds 2", "--add-seeds and --retry are for a sweep"),
        ("retry", "sweep digits-resnet --data digits --retry", "--add-seeds and --retry are for a sweep that is there"),
        ("threads", "sweep --resume folder --threads 2", "leave out --threads"),
    ],
    "lab run": [
        ("data", "lab run degradation --run a --data digits", "--data would do nothing; leave out one"),
        ("dpi", "lab run degradation --dpi 300", UNDRAWN),
        ("ground", "lab run degradation --ground dark", UNDRAWN),
        ("letters", "lab run degradation --letters text", UNDRAWN),
        ("width", "lab run degradation --width 99", UNDRAWN),
    ],
    "predict": [
        ("weights", f"predict cifar10-resnet20 {SAMPLES[0]} --weights last", "only a run has last weights"),
        ("key", "predict {run} x.png --weights last --key ema", "are one network; leave out --key and --set"),
    ],
    "evaluate": [
        ("pictures", "evaluate cifar10-resnet20 --data digits --pictures 5", "name --corruptions too"),
        ("weights", "evaluate cifar10-resnet20 --data digits --weights last", "only a run has last weights"),
        ("key", "evaluate {run} --data digits --weights last --key ema", "are one network; leave out --key and --set"),
    ],
    "explain": [
        ("background", f"{EXPLAIN} lrp --background mean", "is of integrated-gradients and occlusion"),
        ("steps", f"{EXPLAIN} lrp --steps 9", "is of integrated-gradients"),
        ("quadrature", f"{EXPLAIN} lrp --quadrature midpoint", "is of integrated-gradients"),
        ("sigma", f"{EXPLAIN} lrp --sigma 1", "is of smoothgrad"),
        ("samples", f"{EXPLAIN} lrp --samples 2", "is of smoothgrad"),
        ("seed", f"{EXPLAIN} lrp --seed 2", "is of smoothgrad"),
        ("window", f"{EXPLAIN} lrp --window 2", "is of occlusion"),
        ("stride", f"{EXPLAIN} lrp --stride 2", "is of occlusion"),
        ("rule", f"{EXPLAIN} grad-cam --rule gamma", "is of lrp"),
        ("split", f"{EXPLAIN} grad-cam --split signed", "is of lrp"),
        ("biases", f"{EXPLAIN} grad-cam --biases absorbed", "is of lrp"),
        ("epsilon", f"{EXPLAIN} grad-cam --epsilon 0", "is of lrp"),
        ("gamma", f"{EXPLAIN} lrp --gamma 1", "--gamma is of lrp's rule gamma; add --rule gamma"),
        ("location", f"{EXPLAIN} lrp --location layer1", "is of grad-cam"),
        ("sanity-seed", f"{EXPLAIN} lrp --sanity-seed 1", "--sanity-seed is of the sanity check; add --sanity"),
        ("weights", f"{EXPLAIN} lrp --weights last", "only a run has last weights"),
        ("key", f"{EXPLAIN} lrp --key other", "no network of the key 'other'"),
    ],
}
"""Command -> option, a command line in which it would say nothing, and what is said of it."""


def parsers(parser: argparse.ArgumentParser, name: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command with its parser."""
    if name:
        yield name, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, inner in action.choices.items():
                yield from parsers(inner, f"{name} {word}".strip())


def test_of_every_option_it_is_known_whether_it_can_say_nothing() -> None:
    common = {"help", "json", "debug"}
    for name, parser in parsers(build_parser()):
        options = {action.option_strings[-1].lstrip("-") for action in parser._actions if action.option_strings}
        assert options - common == {*ALWAYS[name], *(option for option, *_ in REFUSED.get(name, ()))}, name


LINES = [line for lines in REFUSED.values() for line in lines]


@pytest.mark.parametrize(("option", "words", "sentence"), LINES, ids=[words[:60] for _, words, _ in LINES])
def test_an_option_that_would_say_nothing_is_refused(
    trained_run: str, capsys: pytest.CaptureFixture[str], option: str, words: str, sentence: str, home: object
) -> None:
    assert f"--{option} " in f"{words} "
    assert main([str(trained_run) if word == "{run}" else word for word in words.split()]) == 2
    out, errors = capsys.readouterr()
    assert sentence in errors
    assert (out, errors.count("\n")) == ("", 1)
