"""``resnet-gui evaluate``: a model measured on labelled pictures in this process, and what is measured beside it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.base.text import readable
from resnet_gui.data.labels import unique_names
from resnet_gui.data.layouts.description import DataDescription
from resnet_gui.engine.data.opened import Tell, untold
from resnet_gui.engine.evaluate.class_matching import UnmatchedClassesError
from resnet_gui.engine.evaluate.depth.service import compare_depth, measure_depth
from resnet_gui.engine.evaluate.measuring import evaluated, placed
from resnet_gui.engine.evaluate.near_duplicates import find_copies
from resnet_gui.engine.evaluate.opened import classifier_of
from resnet_gui.engine.evaluate.pictures import copy_evaluated, show_evaluated
from resnet_gui.engine.train.terminal_bar import SlowLines, bar
from resnet_gui.evaluation.corruptions import PICTURES, known_corruptions
from resnet_gui.evaluation.depth import CkaRecord
from resnet_gui.evaluation.depth_files import DepthFiles
from resnet_gui.evaluation.folder import Evaluation, read_evaluation
from resnet_gui.evaluation.mistakes import mistakes
from resnet_gui.evaluation.robustness import drawn_sample
from resnet_gui.export.evaluation.source import AskedBeside, EvaluationSource, MeasuredBeside, TypedNames
from resnet_gui.export.evaluation_report import report_pictures
from resnet_gui.protocol.evaluation_events import CopiesFound, EvaluationCounted
from resnet_gui.protocol.evaluation_messages import (
    CompareDepth,
    CopyEvaluated,
    FindCopies,
    MeasureDepth,
    MeasureEvaluation,
    MeasureRobustness,
    ShowEvaluated,
)
from resnet_gui.protocol.events import DataSetListed, Event, Progressed
from resnet_gui.protocol.model_request import ModelRequest, check_temperature

NAMED: Final = 10
"""Pictures that cannot be read and are complained of one by one."""


class EvaluateOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The order that ``evaluate`` was given.

    Attributes:
        model_request: the model; its ``temperature`` is that at which confidences are shown.
        data: as training reads them.
        mapping: data class -> network class, or "" for one that is not counted; None to match by name.
        compare: another model for the same pictures; empty for none.
        depth: whether probes and likeness by depth are measured.
        corruptions: keys of those that are measured, all of them for none named; None to measure none.
        pictures: that are corrupted; 0 for all, None for as many as usual.
        train_data: what is looked through for copies; empty for what belongs to model or data, None not to look.
        copy_wrong: folder into which wrongly answered pictures are copied.
        again: whether it is measured anew though it was measured before.
    """

    model_request: ModelRequest
    data: str
    mapping: dict[str, str] | None = None
    compare: str = ""
    depth: bool = False
    corruptions: tuple[str, ...] | None = None
    pictures: int | None = None
    train_data: str | None = None
    copy_wrong: Path | None = None
    again: bool = False


def evaluate_here(order: EvaluateOrder, tell: Tell, complain: Callable[[str], None]) -> EvaluationSource:
    """Measure all that is asked for.

    Args:
        order: what that is.
        tell: told what is measured on, and what takes long.
        complain: takes a sentence for what deserves a look, and for each of the first pictures that cannot be read.

    Raises:
        InputError: something cannot be read or written, or does not fit.
    """
    temperature = order.model_request.temperature
    check_temperature(temperature)
    if order.corruptions is not None:
        known_corruptions(order.corruptions)
        drawn_sample(PICTURES if order.pictures is None else order.pictures, 1)
    # Both are opened before either is measured: what is wrong with one of them is known at once.
    classifier_of(placed(order.model_request))
    job = _other_job(order, complain) if order.compare else None
    terminal = _Terminal(tell)
    first = _measured(_job(order, order.model_request, order.mapping), order.model_request.model, terminal, complain)
    other = None
    if job is not None:
        with _of_other(order):
            # The data were described already.
            other = _measured(job, order.compare, _Terminal(untold), complain)
        if first.record.model.weights_sha256 == other.record.model.weights_sha256:
            complain(f"{order.compare} has the same weights as {order.model_request.model}: it is the same network.")
    beside = MeasuredBeside(
        likeness=_by_depth(order, first, other, terminal), copies=_copies(order, first, terminal),
        train_data=order.train_data or "", asked=AskedBeside(order.depth, order.corruptions),
    )  # fmt: skip
    _corrupted(order, first, terminal)
    _copied(order, first, terminal)
    terminal.clear()
    typed = TypedNames(order.model_request.model, order.data)
    return EvaluationSource(first, other, beside, temperature, typed)


def _job(order: EvaluateOrder, request: ModelRequest, mapping: dict[str, str] | None) -> MeasureEvaluation:
    return MeasureEvaluation(job=0, model_request=request, data=order.data, mapping=mapping, again=order.again)


@contextlib.contextmanager
def _of_other(order: EvaluateOrder) -> Iterator[None]:
    """Say of a refusal that it is about the model which the first one is compared with.

    Raises:
        InputError: what was refused.
    """
    try:
        yield
    except InputError as error:
        raise InputError(f"--compare {order.compare}: {error}") from error


def _other_job(order: EvaluateOrder, complain: Callable[[str], None]) -> MeasureEvaluation:
    """The measurement of the other model: of the user's mapping what names classes that it has.

    Raises:
        InputError: it cannot be loaded.
    """
    request = msgspec.structs.replace(order.model_request, model=order.compare, key="", assigned=())
    with _of_other(order):
        classes = classifier_of(placed(request)).loaded.classes
    if order.mapping is None:
        return _job(order, request, None)
    known = {"", *classes, *unique_names(classes)}
    mapping = {name: label for name, label in order.mapping.items() if label in known}
    for name in order.mapping.keys() - mapping.keys():
        complain(
            f"{order.compare} has no class '{readable(order.mapping[name])}': '{readable(name)}' is matched with its "
            "classes as without --map."
        )
    return _job(order, request, mapping or None)


def _measured(job: MeasureEvaluation, typed: str, terminal: _Terminal, complain: Callable[[str], None]) -> Evaluation:
    """An evaluation of a model, with what deserves a look said; ``typed`` is how the model was named."""
    try:
        answer = evaluated(job, terminal.follow, _always)
    except UnmatchedClassesError as error:
        # The window has a table for it, the command line an option.
        raise InputError(str(error).replace("say which", "say with --map DATACLASS=NETWORKCLASS which", 1)) from error
    finally:
        terminal.clear()
    terminal.describe()
    found = read_evaluation(Path(answer.folder))
    record = found.record
    if answer.found:
        complain(
            f"{readable(typed)} on {record.data_name} was measured on {record.measured} and is shown as it was; "
            "--again measures it anew"
        )
    left_out = [each.reason for each in record.left_out if not each.path.startswith("class '")]
    for sentence in left_out[:NAMED]:
        complain(sentence)
    if len(left_out) > NAMED:
        complain(f"{len(left_out) - NAMED:,} more pictures could not be read")
    for notice in record.notices:
        complain(notice)
    return found


def _always() -> bool:
    """Go on: Ctrl+C ends the process, and nothing that is not whole is kept."""
    return True


def _by_depth(
    order: EvaluateOrder, first: Evaluation, other: Evaluation | None, terminal: _Terminal
) -> CkaRecord | None:
    """Measure what is asked for by depth; the likeness of both networks' blocks, where there are two."""
    if not order.depth:
        return None
    for one in filter(None, (first, other)):
        if not DepthFiles(one.folder).is_measured:
            measure_depth(MeasureDepth(job=0, folder=str(one.folder)), terminal.follow, _always)
    if other is None:
        return None
    found = compare_depth(
        CompareDepth(job=0, folder=str(first.folder), other=str(other.folder)), terminal.follow, _always
    )
    return CkaRecord(rows=found.rows, columns=found.columns, values=found.values, pictures=found.pictures, of=found.of)


def _copies(order: EvaluateOrder, first: Evaluation, terminal: _Terminal) -> CopiesFound | None:
    if order.train_data is None:
        return None
    return find_copies(
        FindCopies(job=0, folder=str(first.folder), train_data=order.train_data), terminal.follow, _always
    )


def _corrupted(order: EvaluateOrder, first: Evaluation, terminal: _Terminal) -> None:
    if order.corruptions is None:
        return
    from resnet_gui.engine.evaluate.robustness.service import measure_robustness

    pictures = PICTURES if order.pictures is None else order.pictures
    job = MeasureRobustness(job=0, folder=str(first.folder), corruptions=order.corruptions, pictures=pictures)
    measure_robustness(job, terminal.follow, _always)


def _copied(order: EvaluateOrder, first: Evaluation, terminal: _Terminal) -> None:
    if order.copy_wrong is None:
        return
    numbers = tuple(mistakes(first.answers, "confidence").tolist())
    if numbers:
        job = CopyEvaluated(job=0, folder=str(first.folder), numbers=numbers, target=str(order.copy_wrong))
        copy_evaluated(job, terminal.follow, _always)


def wrong_thumbnails(source: EvaluationSource) -> dict[int, bytes]:
    """PNG of the pictures that a report shows, by their numbers; what cannot be read any more is not among them.

    Raises:
        InputError: the model or the pictures are gone or have changed.
    """
    numbers = report_pictures(source.evaluation)
    found = show_evaluated(ShowEvaluated(job=0, folder=str(source.evaluation.folder), numbers=numbers))
    return {each.index: each.png for each in found.pictures}


class _Terminal:
    """The lines on standard error while something is measured; a bar where somebody looks."""

    def __init__(self, tell: Tell) -> None:
        self._tell, self._live, self._lines = tell, sys.stderr.isatty(), SlowLines(tell)
        self._described: DataDescription | None = None
        self._note = ""

    def follow(self, event: Event) -> None:
        """Say what has become known."""
        match event:
            case DataSetListed():
                # Only later: what is refused is one line on standard error.
                self._described = event.description
            case Progressed() if event.note and event.note != self._note:
                self._note = event.note
                self._tell(event.note)
            case EvaluationCounted():
                right = f"{event.correct / event.done:.1%} right" if event.done else ""
                self._draw(event.done + event.left_out, event.total, right)
            case Progressed() if event.total:
                self._draw(event.done, event.total, event.what)
            case Progressed() if event.done:
                self._found(event.done, event.what)

    def describe(self) -> None:
        """Say what was measured on."""
        if self._described is not None:
            self._tell(self._described)
        self._described = None

    def _draw(self, done: int, total: int, words: str) -> None:
        if self._live and total:
            sys.stderr.write(f"\r{bar(done / total)} {done / total:4.0%} {words}\x1b[K")
            sys.stderr.flush()
        elif total:
            self._lines.say(f"{words or 'answered'}: {done:,} of {total:,}")

    def _found(self, done: int, words: str) -> None:
        """Say how far something is whose end nobody knows."""
        if self._live:
            sys.stderr.write(f"\r{done:,} {words}\x1b[K")
            sys.stderr.flush()
        else:
            self._lines.say(f"{done:,} {words}")

    def clear(self) -> None:
        """Take the bar away."""
        if self._live:
            sys.stderr.write("\r\x1b[K")
