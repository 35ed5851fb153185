"""Every click on the answers about 50,000 pictures of 1,000 classes, beside NumPy's bare argmax over the same array.

Usage: python benchmarks/bench_evaluation_answers.py [--pictures N] [--classes K]

The answers are drawn, the same each time, and written as a measurement writes them: batch by batch, with what needs all
of them computed in the end. Then they are opened from their folder, as the window opens them. The most memory that the
process ever held stands below; 200 MB of it are the log-probabilities, of which the system keeps on disk what it needs
elsewhere.
"""

from __future__ import annotations

import argparse
import itertools
import os
import resource
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from table import head, interleaved, row, seconds

from resnet_gui.evaluation.answers import Answers
from resnet_gui.evaluation.by_class import class_means
from resnet_gui.evaluation.calibration import TEMPERATURES
from resnet_gui.evaluation.comparison import compare
from resnet_gui.evaluation.confusion import most_confused, normalised, order_by_confusion
from resnet_gui.evaluation.folder import read_evaluation
from resnet_gui.evaluation.mistakes import mistakes
from resnet_gui.evaluation.record import EvaluationRecord, ModelIdentity
from resnet_gui.evaluation.selection import Selection
from resnet_gui.evaluation.writing import EvaluationWriter

BATCH, ROUNDS = 500, 7


def drawn(batch: int, count: int, classes: int) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Log-probabilities about a batch and its classes: too sure, and classes of one dozen are taken for each other."""
    generator = np.random.default_rng(batch)
    truth = generator.integers(0, classes, count, dtype=np.int32)
    outputs = generator.standard_normal((count, classes), dtype=np.float32) * 2
    taken = (truth // 12 * 12 + generator.integers(0, 12, count)) % classes
    outputs[np.arange(count), truth] += 9
    outputs[np.arange(count), taken] += 8
    outputs -= outputs.max(axis=1, keepdims=True)
    outputs -= np.log(np.exp(outputs).sum(axis=1, keepdims=True))
    return outputs, truth


def written(pictures: int, classes: int) -> tuple[Path, float, float]:
    """The folder, and the seconds of adding the batches and of what was computed in the end."""
    labels = tuple(f"class {number}" for number in range(classes))
    record = EvaluationRecord(
        model=ModelIdentity(name="drawn", path="drawn"), data="drawn", data_name="drawn", data_sha="drawn",
        labels=labels, data_classes=labels, mapping=tuple(range(classes)),
    )  # fmt: skip
    adding = 0.0
    with EvaluationWriter("drawn answers", labels) as writer:
        for batch, start in enumerate(range(0, pictures, BATCH)):
            scores, truth = drawn(batch, min(BATCH, pictures - start), classes)
            files = [f"pictures/{start + number}.jpg" for number in range(len(truth))]
            adding += seconds(lambda scores=scores, truth=truth, files=files: writer.add(scores, truth, files))  # type: ignore[misc]
        folder: list[Path] = []
        finishing = seconds(lambda: folder.append(writer.finish(record)))
    return folder[0], adding, finishing


def clicks(answers: Answers) -> dict[str, Callable[[], object]]:
    """What a click does, by its name; each time elsewhere, so that nothing kept from the last one helps."""
    turn = itertools.count(1)
    worst = most_confused(answers.counts, 50)

    def cell() -> object:
        pair = worst[next(turn) % len(worst)]
        return mistakes(answers, "confidence", Selection(pair.truth, pair.answer))

    def temperature() -> object:
        return answers.reliability(TEMPERATURES[next(turn) % len(TEMPERATURES)])

    everything = tuple(range(0, len(answers), 5))
    return {
        "a cell selected, its pictures by confidence": cell,
        "a class selected": lambda: Selection(truth=next(turn) % answers.classes).pictures(answers),
        "10,000 pictures picked out": lambda: Selection(numbers=everything).pictures(answers),
        "the gallery by confidence": lambda: mistakes(answers, "confidence"),
        "the gallery by class": lambda: mistakes(answers, "class"),
        "the gallery by loss": lambda: mistakes(answers, "loss"),
        "probable label errors": lambda: mistakes(answers, "label"),
        "the temperature moved: reliability, error": temperature,
        "the matrix as shares of its rows": lambda: normalised(answers.counts, "rows"),
        "the matrix as shares of its columns": lambda: normalised(answers.counts, "columns"),
        "the order by confusion": lambda: order_by_confusion(answers.counts),
        "50 classes that are confused most": lambda: most_confused(answers.counts, 50),
        "the means over the classes": lambda: class_means(answers.by_class),
        "the comparison with itself": lambda: compare(answers, answers),
    }


def first_looks(answers: Answers) -> list[tuple[str, Callable[[], object]]]:
    """What is computed once, when an evaluation is opened."""
    return [
        ("top-1, top-5, log-loss, Brier", lambda: (answers.top1, answers.top5, answers.log_loss, answers.brier)),
        ("the confusion matrix", lambda: answers.counts),
        ("figures of every class", lambda: answers.by_class),
    ]


def bare_argmax(answers: Answers) -> list[float]:
    """Times of NumPy's argmax over the log-probabilities, in memory."""
    scores = np.array(answers.scores)
    (times,) = interleaved([lambda: scores.argmax(axis=1)], ROUNDS)
    return times


def measure(pictures: int, classes: int) -> None:
    folder, adding, finishing = written(pictures, classes)
    title = f"{pictures:,} pictures × {classes:,} classes"
    answers = read_evaluation(folder).answers
    bare = bare_argmax(answers)
    reference = statistics.median(bare)
    print(head(f"{title}: once", "of argmax"))
    print(row("NumPy's argmax over the log-probabilities", bare, reference))
    print(row("adding them, batch by batch", [adding], reference))
    print(row("temperature, label errors, writing", [finishing], reference))
    print(row("opening the folder", [seconds(lambda: read_evaluation(folder)) for _ in range(3)], reference))
    for name, look in first_looks(answers):
        print(row(name, [seconds(look)], reference))
    works = clicks(answers)
    print(head(f"{title}: a click", "of argmax"))
    times = interleaved(list(works.values()), ROUNDS)
    for name, taken in zip(works, times, strict=True):
        print(row(name, taken, reference))
    # macOS counts bytes, Linux kilobytes.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(f"\n  most memory that the process held: {peak / 2**20:,.0f} MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=50_000)
    parser.add_argument("--classes", type=int, default=1_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["RESNET_GUI_HOME"] = home
        measure(options.pictures, options.classes)


if __name__ == "__main__":
    main()
