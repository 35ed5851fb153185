"""The command line that measures an evaluation again, with the paths of this computer or with words in their place."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from resnet_gui.data.labels import SETS
from resnet_gui.evaluation.class_choice import class_choice
from resnet_gui.evaluation.record import EvaluationRecord
from resnet_gui.export.evaluation.source import EvaluationSource, is_public_data, is_public_model


class RepeatCommand(NamedTuple):
    """A command line.

    Attributes:
        words: of it.
        own: words in capital letters that stand for files of whoever runs it.
        lacking: what the command line has no option for, a few words each.
    """

    words: tuple[str, ...]
    own: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The line as it is typed."""
        return shlex.join(self.words)


class _Words:
    """The words of a command as they are gathered; a name of this computer becomes a word in capital letters."""

    def __init__(self, *, private: bool) -> None:
        self._private = private
        self.words: list[str] = []
        self.own: list[str] = []

    def add(self, *words: str) -> None:
        self.words += words

    def add_name(self, name: str, stand_in: str, *, public: bool) -> None:
        """Add a name, or what stands in for one that only this computer has."""
        if public or not self._private:
            self.words.append(name)
        else:
            self.words.append(stand_in)
            self.own.append(stand_in)


def repeat_command(source: EvaluationSource, *, private: bool, report: str = "") -> RepeatCommand:
    """The command that measures the same again.

    Args:
        source: what was measured.
        private: whether names of this computer's files are left out of it.
        report: name of the report to write; empty for none.
    """
    record, found = source.record, _Words(private=private)
    _add_measured(found, record)
    if source.temperature != 1:
        found.add("--temperature", f"{source.temperature:.6g}")
    if source.depth is not None:
        found.add("--depth")
    found.add(*_corruption_words(source))
    if source.copies is not None:
        found.add("--train-data")
        if source.beside.train_data:
            found.add_name(source.beside.train_data, "TRAINING", public=is_public_data(source.beside.train_data))
    if source.other is not None:
        path = source.other.record.model.path
        found.add("--compare")
        found.add_name(path, "MODEL2", public=is_public_model(path))
    found.add("--again")
    if report:
        found.add("--report", report)
    return RepeatCommand(tuple(found.words), tuple(found.own), tuple(_lacking(source)))


def measure_command(record: EvaluationRecord) -> str:
    """The line that measures an evaluation again, without what was measured beside it."""
    found = _Words(private=False)
    _add_measured(found, record)
    found.add("--again")
    return shlex.join(found.words)


def _add_measured(found: _Words, record: EvaluationRecord) -> None:
    """Add model, data, and all that was said of either."""
    asked = record.asked
    found.add("resnet-gui", "evaluate")
    found.add_name(record.model.path, "MODEL", public=is_public_model(record.model.path))
    found.add("--data")
    found.add_name(record.data, "DATA", public=is_public_data(record.data))
    found.add(*_model_words(record, asked))
    if labels := asked.get("labels"):
        found.add("--classes")
        found.add_name(labels, "CLASSES", public=labels in SETS)
    for pair in _mapped(record):
        found.add("--map", pair)


def _model_words(record: EvaluationRecord, asked: Mapping[str, Any]) -> Iterator[str]:
    """The options of the model that differ from those of every command; names of files are not among them."""
    if record.model.key:
        yield from ("--key", record.model.key)
    if record.model.weights == "last":
        yield from ("--weights", "last")
    for name, usual in (("device", "auto"), ("mode", "exact"), ("views", 1)):
        if asked.get(name, usual) != usual:
            yield from (f"--{name}", str(asked[name]))
    if asked.get("input"):
        yield from ("--input", "x".join(map(str, asked["input"])))
    changes = asked.get("changes") or {}
    if changes.get("resize") is not None:
        yield from ("--resize", str(changes["resize"]))
    for name in ("mean", "std"):
        if changes.get(name):
            yield f"--{name}={','.join(f'{value:g}' for value in changes[name])}"
    for pair in asked.get("assigned") or ():
        yield from ("--set", pair)


def _mapped(record: EvaluationRecord) -> Iterator[str]:
    """The classes that a user has matched, as ``--map`` has them."""
    if record.mapped_by != "user":
        return
    for name, label in class_choice(record).items():
        yield f"{escaped(name)}={label}"


def escaped(name: str) -> str:
    """A class of the data as ``--map`` has it: the ``=`` that divides is the first without a backslash before it."""
    return re.sub(r"\\(?=[\\=]|$)|=", r"\\\g<0>", name)


def _corruption_words(source: EvaluationSource) -> Iterator[str]:
    robustness = source.robustness
    if robustness is None or not robustness.curves:
        return
    yield from ("--corruptions", ",".join(curve.key for curve in robustness.curves))
    yield from (
        "--pictures",
        str(robustness.sample.pictures if robustness.sample.pictures < len(source.answers) else 0),
    )


def _lacking(source: EvaluationSource) -> Iterator[str]:
    """What the command line has no option for."""
    asked, robustness, other = source.record.asked, source.robustness, source.other
    if asked.get("lesions"):
        yield f"blocks {', '.join(asked['lesions'])} turned off"
    if asked.get("preprocess"):
        yield "the preprocessing that was set in the window"
    if robustness is not None and robustness.attacks:
        yield "attacks by the gradient"
    if robustness is not None and robustness.curves and robustness.sample.seed:
        yield f"the seed {robustness.sample.seed} of the pictures that are corrupted"
    if other is None:
        return
    if other.record.model.key:
        yield f"the key {other.record.model.key} of the second model"
    theirs = other.record.asked
    if any(asked.get(name) != theirs.get(name) for name in SHARED):
        yield "options of the second model alone"


SHARED: Final = (
    "device", "mode", "views", "input", "labels", "changes", "assigned", "weights", "lesions", "preprocess",
)  # fmt: skip
"""Fields of a request that ``--compare`` takes for both models."""
