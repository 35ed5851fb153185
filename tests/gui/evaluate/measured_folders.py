"""Evaluations with figures by depth and of robustness that were made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from resnet_gui.design.spec import ResNetSpec
from resnet_gui.evaluation.answers import Answers
from resnet_gui.evaluation.corruptions import CORRUPTIONS
from resnet_gui.evaluation.depth import CkaRecord, DepthLocation, DepthRecord, ProbeSplit, film_places
from resnet_gui.evaluation.depth_files import (
    CKA_FILE,
    DEPTH_FILE,
    PCA_FILE,
    SAMPLED_FILE,
    write_array,
    write_record,
)
from resnet_gui.evaluation.folder import Evaluation
from resnet_gui.evaluation.intervals import wilson
from resnet_gui.evaluation.record import EvaluationRecord, ModelIdentity
from resnet_gui.evaluation.robustness import CorruptionCurve, DrawnSample, RobustnessRecord, write_robustness

LABELS = ("cat", "dog", "ship")
PICTURES = 60
BLOCKS = ("stem", "layer1.0", "layer1.1", "layer2.0", "layer2.1", "layer3.0", "layer3.1")
TESTED = 30


def make_answers(pictures: int = PICTURES) -> Answers:
    """A third of each class, in a row; every tenth picture is answered wrongly."""
    truth = np.sort(np.arange(pictures) % 3).astype(np.int32)
    answer = np.where(np.arange(pictures) % 10 == 0, (truth + 1) % 3, truth)
    odds = np.full((pictures, 3), 0.1, dtype=np.float32)
    odds[np.arange(pictures), answer] = 0.8
    return Answers(np.log(odds), truth, LABELS)


def make_evaluation(folder: Path, answers: Answers | None = None, spec: ResNetSpec | None = None) -> Evaluation:
    """An evaluation of which nothing but the answers is measured."""
    folder.mkdir(parents=True, exist_ok=True)
    record = EvaluationRecord(
        model=ModelIdentity(name="net", path="net"), data="set", data_name="set", data_sha="0", labels=LABELS,
        data_classes=LABELS, mapping=(0, 1, 2), spec=spec,
    )  # fmt: skip
    return Evaluation(folder, record, answers or make_answers())


def cloud_of(place: int, pictures: int = PICTURES) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Points of a location: classes on a row, further apart with depth, each picture at a place of its own."""
    truth = make_answers(pictures).truth
    inside = np.arange(pictures) % 20 / 20
    return np.stack([truth * (place + 1) + 0.3 * inside, inside], axis=1).astype(np.float32)


def probe_share(place: int) -> float:
    return 0.4 + 0.08 * place


def measure_depth(folder: Path, paths: Sequence[str] = BLOCKS) -> None:
    """What the engine writes by depth."""
    locations = tuple(
        DepthLocation(path=path, channels=16 if path == "stem" else 16 * int(path[5]), explained=(0.5, 0.25),
                      probe=wilson(round(TESTED * min(0.9, probe_share(place))), TESTED))
        for place, path in enumerate(paths)
    )  # fmt: skip
    write_array(folder / SAMPLED_FILE, np.arange(PICTURES, dtype=np.int64))
    write_array(folder / PCA_FILE, np.stack([cloud_of(place) for place in range(len(paths))]))
    rows = tuple(tuple(1 - abs(row - column) / 10 for column in range(len(paths))) for row in range(len(paths)))
    write_record(folder / CKA_FILE, CkaRecord(rows=tuple(paths), columns=tuple(paths), values=rows, pictures=50, of=60))
    split = ProbeSplit(learnt=PICTURES - TESTED, tested=TESTED, classes=3, classes_in_both=3, seed=0)
    record = DepthRecord(locations=locations, pictures=PICTURES, of=PICTURES, seed=0, probes=split,
                         film=film_places(paths))  # fmt: skip
    write_record(folder / DEPTH_FILE, record)


SHAPE = (3, 8, 8)
CORRECT = (50, 40, 30, 25, 20, 15)


def make_record(keys: Sequence[str], correct: Sequence[int] = CORRECT) -> RobustnessRecord:
    """Curves of some corruptions, on all pictures."""
    record = RobustnessRecord(sample=DrawnSample(PICTURES, PICTURES), classes=3, shape=SHAPE, computed="cpu, fp32")
    for key in keys:
        values = (CORRUPTIONS[key].none, *CORRUPTIONS[key].values(SHAPE))
        record = record.with_curve(CorruptionCurve(key, values, tuple(correct)))
    return record


def measure_robustness(folder: Path, keys: Sequence[str], correct: Sequence[int] = CORRECT) -> RobustnessRecord:
    """What the engine writes of robustness."""
    record = make_record(keys, correct)
    write_robustness(folder, record)
    return record
