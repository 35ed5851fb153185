"""Evaluations of drawn answers, written as the engine writes them; and what is measured beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from resnet_gui.data.layouts.description import ClassCount, DataDescription, PartSource
from resnet_gui.evaluation.corruptions import CORRUPTIONS
from resnet_gui.evaluation.depth import CkaRecord, DepthLocation, DepthRecord, ProbeSplit
from resnet_gui.evaluation.depth_files import CKA_FILE, DEPTH_FILE, write_record
from resnet_gui.evaluation.folder import Evaluation, read_evaluation
from resnet_gui.evaluation.intervals import wilson
from resnet_gui.evaluation.record import EvaluationRecord, LeftOutPicture, ModelIdentity
from resnet_gui.evaluation.robustness import DrawnSample, RobustnessRecord, empty_curve, write_robustness
from resnet_gui.evaluation.writing import EvaluationWriter
from resnet_gui.protocol.evaluation_events import CopiesFound, PictureCopy

LABELS = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
SHAPE = (3, 32, 32)


def made_record(labels: Sequence[str], **changes: object) -> EvaluationRecord:
    """A record of a run on a folder."""
    fields = {
        "model": ModelIdentity(name="resnet-20", path="/home/anna/runs/20261129-resnet-20", weights="best",
                               run="20261129-resnet-20", epoch=163, weights_sha256="ab12" * 16),
        "data": "/home/anna/pets", "data_name": "pets", "data_sha": "cd34" * 16, "labels": tuple(labels),
        "data_classes": tuple(labels), "mapping": tuple(range(len(labels))), "computed": "fp32, fused",
        "asked": {"device": "cpu"}, "seconds": 8.1, "images_per_second": 1240.0,
        "left_out": (LeftOutPicture("/home/anna/pets/cat/broken.png", "cannot be read"),),
        "description": DataDescription(name="pets", labels="folder names", classes=tuple(
            ClassCount(label, 0, 0, 10) for label in labels), parts=(PartSource("test", 10, "test/"),)),
    }  # fmt: skip
    return EvaluationRecord(**(fields | changes))  # type: ignore[arg-type]


def made_evaluation(
    count: int = 60, labels: Sequence[str] = LABELS, *, seed: int = 0, skill: float = 3.0, **changes: object
) -> Evaluation:
    """An evaluation of drawn answers that are often right and too sure; ``changes`` are of its record."""
    draws = np.random.default_rng(seed)
    truth = (np.arange(count) % len(labels)).astype(np.int32)
    logits = 1.5 * np.random.default_rng(seed + 1).normal(0, 1, (count, len(labels)))
    # Neighbours are taken for each other.
    logits[np.arange(count), (truth + 2) % len(labels)] += skill * draws.random(count)
    logits[np.arange(count), truth] += skill
    logits *= 1.7
    scores = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    files = [f"/home/anna/pets/{labels[label]}/{number:04}.png" for number, label in enumerate(truth.tolist())]
    with EvaluationWriter("made", labels) as writer:
        writer.add(scores.astype(np.float32), truth, files)
        folder = writer.finish(made_record(labels, **changes))
    return read_evaluation(folder)


def write_depth(folder: Path, blocks: int = 9, gain: float = 0.05) -> None:
    """Probes and likeness of a network with three stages."""
    paths = ["stem", *(f"layer{1 + block // 3}.{block % 3}" for block in range(blocks))]
    found = tuple(
        DepthLocation(
            path=path, channels=16, explained=(0.4, 0.2), probe=wilson(round(100 * (0.38 + gain * place)), 100)
        )
        for place, path in enumerate(paths)
    )
    split = ProbeSplit(learnt=100, tested=100, classes=10, classes_in_both=10, seed=0)
    write_record(
        folder / DEPTH_FILE, DepthRecord(locations=found, pictures=200, of=1000, seed=0, probes=split, film=(0, 9))
    )
    places = range(len(paths))
    values = tuple(tuple(1 - abs(row - column) / len(paths) for column in places) for row in places)
    write_record(
        folder / CKA_FILE, CkaRecord(rows=tuple(paths), columns=tuple(paths), values=values, pictures=200, of=200)
    )


def made_robustness(folder: Path, keys: Sequence[str] = tuple(CORRUPTIONS), pictures: int = 50, of: int = 60) -> None:
    """Curves that fall with severity."""
    record = RobustnessRecord(sample=DrawnSample(pictures, of), classes=len(LABELS), shape=SHAPE)
    for number, key in enumerate(keys):
        curve = empty_curve(CORRUPTIONS[key], SHAPE)
        correct = tuple(round(pictures * (0.87 - 0.02 * (number + 1) * severity)) for severity in range(6))
        record = record.with_curve(type(curve)(curve.key, curve.values, correct))
    write_robustness(folder, record)


def made_copies() -> CopiesFound:
    """Two pictures that are among training pictures."""
    return CopiesFound(
        job=0, exact=(PictureCopy(3, "/home/anna/pets/train/cat/1.png", "cat"),),
        near=(PictureCopy(5, "/home/anna/pets/train/dog/2.png", "dog", 7),), pictures=60, training_pictures=500,
        threshold=16,
    )  # fmt: skip
