"""Evaluations in their folders, for tests."""

from __future__ import annotations

from pathlib import Path

import msgspec

from resnet_gui.evaluation.answers import Answers
from resnet_gui.evaluation.record import EvaluationRecord, ModelIdentity
from resnet_gui.evaluation.writing import EvaluationWriter

BATCH = 7


def made_record(answers: Answers, **changes: object) -> EvaluationRecord:
    """The record of these answers, as a measurement makes it."""
    record = EvaluationRecord(
        model=ModelIdentity(name="ResNet-20", path="cifar10-resnet20", weights_sha256="ab"),
        asked={"model": "cifar10-resnet20", "key": "", "device": "auto", "views": 1},
        data="pictures", data_name="pictures", data_sha="cd", labels=answers.labels, data_classes=answers.labels,
        mapping=tuple(range(answers.classes)), command="resnet-gui evaluate cifar10-resnet20 --data pictures",
    )  # fmt: skip
    return msgspec.structs.replace(record, **changes)


def add_all(writer: EvaluationWriter, answers: Answers) -> None:
    """Add the answers batch by batch."""
    for start in range(0, len(answers), BATCH):
        rows = slice(start, start + BATCH)
        sources = answers.sources
        writer.add(
            answers.scores[rows], answers.truth[rows], sources.paths[rows], sources.numbers[rows], sources.states[rows]
        )


def written_evaluation(answers: Answers, record: EvaluationRecord | None = None) -> Path:
    """The folder of an evaluation with these answers."""
    record = made_record(answers) if record is None else record
    with EvaluationWriter(record.title, answers.labels) as writer:
        add_all(writer, answers)
        return writer.finish(record)
