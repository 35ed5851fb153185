"""The jobs about features by depth: what is made of those that an evaluation has kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from resnet_gui.base.errors import InputError
from resnet_gui.engine.evaluate.depth.measuring import (
    FeatureSet,
    Reached,
    compared,
    describe_features,
    shared_features,
)
from resnet_gui.engine.evaluate.depth.tsne import ITERATIONS, PICTURES, tsne
from resnet_gui.evaluation.comparison import paired_pictures
from resnet_gui.evaluation.depth import SEED, TsneRecord, drawn_places
from resnet_gui.evaluation.depth_files import DepthFiles, tsne_files, write_array, write_record
from resnet_gui.evaluation.folder import Evaluation, read_evaluation
from resnet_gui.protocol.evaluation_events import CkaMeasured, DepthMeasured, DepthProjected
from resnet_gui.protocol.evaluation_messages import CompareDepth, MeasureDepth, ProjectDepth
from resnet_gui.protocol.events import Event, Progressed

Send = Callable[[Event], None]
GoOn = Callable[[], bool]


def measure_depth(job: MeasureDepth, send: Send, go_on: GoOn) -> DepthMeasured:
    """Project, probe and compare the features that an evaluation has kept.

    Raises:
        InputError: it has none, it was given up, or a file cannot be read or written.
    """
    folder = Path(job.folder)
    features = _features(read_evaluation(folder))
    describe_features(folder, features, _reached(job.job, "locations probed", send, go_on))
    return DepthMeasured(job.job, job.folder)


def project_depth(job: ProjectDepth, send: Send, go_on: GoOn) -> DepthProjected:
    """Project the features of a location, which were kept; the PCA is there already, and so may the t-SNE be.

    Raises:
        InputError: there is no such location, there are too few pictures, it was given up, or a file cannot be read.
    """
    folder = Path(job.folder)
    files = DepthFiles(folder)
    if job.method == "pca":
        files.pca(job.location)
    elif files.tsne_record(job.location) is None:
        truth = np.asarray(read_evaluation(folder).answers.truth)
        drawn = drawn_places(truth[files.places], PICTURES)
        reached = _reached(job.job, "iterations of t-SNE", send, go_on)
        reached(0, ITERATIONS)
        made = tsne(files.features(job.location)[drawn], SEED, lambda done: reached(done, ITERATIONS), job.location)
        record = TsneRecord(
            path=job.location, pictures=len(drawn), of=len(files.places), perplexity=made.perplexity, seed=SEED,
            iterations=made.iterations, divergence=made.divergence, library=made.library,
        )  # fmt: skip
        names = tsne_files(folder, job.location)
        write_array(names.points, made.points)
        write_array(names.pictures, files.places[drawn])
        # Last, for it says that the others are there.
        write_record(names.record, record)
    return DepthProjected(job.job, job.folder, job.location, job.method)


def compare_depth(job: CompareDepth, _send: Send, _go_on: GoOn) -> CkaMeasured:
    """Compare every location of a network with every one of the same or another network by CKA.

    Raises:
        InputError: one of them has no features, they share no pictures, or a file cannot be read.
    """
    if job.other:
        evaluations = [read_evaluation(Path(folder)) for folder in (job.folder, job.other)]
        pairs = paired_pictures(evaluations[0].answers, evaluations[1].answers)
        record = compared(
            *shared_features(_features(evaluations[0]), _features(evaluations[1]), (pairs.first, pairs.second))
        )
    else:
        record = DepthFiles(Path(job.folder)).cka
    return CkaMeasured(
        job=job.job, folder=job.folder, other=job.other, rows=record.rows, columns=record.columns,
        values=record.values, pictures=record.pictures, of=record.of,
    )  # fmt: skip


def _features(evaluation: Evaluation) -> FeatureSet:
    files = DepthFiles(evaluation.folder)
    by_location = {path: files.features(path) for path in files.paths}
    return FeatureSet(files.places, by_location, np.asarray(evaluation.answers.truth))


def _reached(job: int, what: str, send: Send, go_on: GoOn) -> Reached:
    """Says how far a job is, and raises when it was given up."""

    def reached(done: int, total: int) -> None:
        if not go_on():
            raise InputError("Not measured: it was given up.")
        send(Progressed(job, what, done, total))

    return reached
