"""The jobs about features by depth: what is made of those that an evaluation has kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from resnet_gui.engine.evaluate.depth.measuring import (
    FeatureSet,
    Reached,
    compared,
    describe_features,
    shared_features,
)
from resnet_gui.engine.evaluate.depth.tsne import ITERATIONS, PICTURES, tsne
from resnet_gui.engine.evaluate.progress import GoOn, JobProgress, Send
from resnet_gui.evaluation.comparison import paired_pictures
from resnet_gui.evaluation.depth import SEED, TsneRecord, drawn_places
from resnet_gui.evaluation.depth_files import DepthFiles, tsne_files, write_array, write_record
from resnet_gui.evaluation.folder import Evaluation, read_evaluation
from resnet_gui.evaluation.writing import disk_sentences
from resnet_gui.protocol.evaluation_events import CkaMeasured, DepthMeasured, DepthProjected
from resnet_gui.protocol.evaluation_messages import CompareDepth, MeasureDepth, ProjectDepth


def measure_depth(job: MeasureDepth, send: Send, go_on: GoOn) -> DepthMeasured:
    """Project, probe and compare the features that an evaluation has kept.

    Raises:
        InputError: it has none, it was given up, or a file cannot be read or written.
    """
    folder = Path(job.folder)
    features = _features(read_evaluation(folder))
    with disk_sentences(folder):
        describe_features(folder, features, _reached("locations probed", JobProgress(job.job, send, go_on)))
    return DepthMeasured(job.job, job.folder)


def project_depth(job: ProjectDepth, send: Send, go_on: GoOn) -> DepthProjected:
    """Project the features of a location, which were kept; the PCA is there already, and so may the t-SNE be.

    Raises:
        InputError: there is no such location, there are too few pictures, it was given up, or a file cannot be read.
    """
    folder = Path(job.folder)
    files = DepthFiles(folder)
    if job.method == "pca":
        files.pca(job.path)
    elif files.tsne_record(job.path) is None:
        truth = np.asarray(read_evaluation(folder).answers.truth)
        drawn = drawn_places(truth[files.places], PICTURES)
        reached = _reached("iterations of t-SNE", JobProgress(job.job, send, go_on))
        reached(0, ITERATIONS)
        features = files.features(job.path)[drawn]
        made = tsne(features, SEED, lambda done: reached(done, ITERATIONS), job.path)
        record = TsneRecord(
            path=job.path, pictures=len(drawn), of=len(files.places), perplexity=made.perplexity, seed=SEED,
            iterations=made.iterations, divergence=made.divergence, package=made.package,
        )  # fmt: skip
        names = tsne_files(folder, job.path)
        with disk_sentences(folder):
            write_array(names.points, made.points)
            write_array(names.pictures, files.places[drawn])
            # Last, for it says that the others are there.
            write_record(names.record, record)
    return DepthProjected(job.job, job.folder, job.path, job.method)


def compare_depth(job: CompareDepth, send: Send, go_on: GoOn) -> CkaMeasured:
    """Compare every location of a network with every one of the same or another network by CKA.

    Raises:
        InputError: one of them has no features, they share no pictures, it was given up, or a file cannot be read.
    """
    if job.other:
        evaluations = [read_evaluation(Path(folder)) for folder in (job.folder, job.other)]
        pairs = paired_pictures(evaluations[0].answers, evaluations[1].answers)
        shared = shared_features(_features(evaluations[0]), _features(evaluations[1]), (pairs.first, pairs.second))
        record = compared(*shared, check=JobProgress(job.job, send, go_on).check)
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


def _reached(what: str, progress: JobProgress) -> Reached:
    """A function that says how far a job is, and breaks off what was given up."""

    def reached(done: int, total: int) -> None:
        progress.check()
        progress.reached(what, done, total)

    return reached
