"""A finished run as the Lab opens it: its own losses to the bit, its own pictures, and what is refused."""

from __future__ import annotations

import shutil
from itertools import islice
from pathlib import Path

import msgspec
import pytest
import torch

from resnet_gui.base.errors import InputError
from resnet_gui.engine.data.datasets import load
from resnet_gui.engine.lab.finished_run import EvaluationBatches, FinishedRun, open_run
from resnet_gui.engine.lab.landscape import Landscape
from resnet_gui.engine.train.distributed import RankGroup
from resnet_gui.engine.train.evaluation import evaluate_weights
from resnet_gui.engine.train.step import TrainingStep
from resnet_gui.lab.measured.landscape import MIDDLE, ORDER, LandscapeSetup, SurfacePoint
from resnet_gui.network.resnet import ResNet
from resnet_gui.runs.events import EpochDone
from resnet_gui.runs.folder import BEST_FILE, read_run_info, write_run_info
from resnet_gui.runs.history import RunReader

CPU = torch.device("cpu")
SAMPLE = 300


@pytest.fixture(scope="module")
def run(trained_run: Path) -> FinishedRun:
    return open_run(trained_run, CPU)


def best_epoch(folder: Path) -> EpochDone:
    """The first epoch with the smallest error, whose weights are kept."""
    epochs = [event for event in RunReader(folder).read() if isinstance(event, EpochDone)]
    return min(epochs, key=lambda epoch: epoch.test_error)


def test_the_loss_and_the_error_over_the_test_pictures_are_those_that_the_run_wrote_down(
    run: FinishedRun, trained_run: Path
) -> None:
    written = best_epoch(trained_run)
    pictures = run.test()
    with run.network.computing():
        found = EvaluationBatches(run.network, pictures).test(run.network.model)
    assert (found.loss, found.error) == (written.test_loss, written.test_error)
    # So is the centre of a surface over these pictures.
    landscape = Landscape(run.network, pictures, LandscapeSetup())
    surface = next(islice(landscape.surface(), ORDER.index(SurfacePoint(MIDDLE, MIDDLE)), None))
    assert surface.losses[-1] == surface.training_loss == written.test_loss


def test_the_centre_of_a_surface_is_the_loss_that_the_training_itself_finds_over_the_same_pictures(
    run: FinishedRun,
) -> None:
    info, pictures = run.info, run.train(SAMPLE)
    learner = TrainingStep(ResNet(run.network.model.plan), info.recipe, "fp32", run.network.layout, RankGroup())
    learner.normalise_by(info.data)
    data = load("digits", info.spec.input)
    split = type(data.train)(pictures.images, pictures.labels)
    with run.network.computing():
        source = data.source(split, info.spec.input, CPU)
        state = run.network.model.state_dict()
        expected = evaluate_weights(learner, state, source, RankGroup(), run.network.batch)
    assert expected is not None
    landscape = Landscape(run.network, pictures, LandscapeSetup(seed=7))
    assert landscape.loss(landscape.plane(), 0.0, 0.0) == landscape.empty.training_loss == expected.loss


def test_pictures_are_evenly_spaced_over_their_part_as_the_set_has_them(run: FinishedRun) -> None:
    data = load("digits", run.info.spec.input)
    assert torch.equal(run.train().images, data.train.images)
    assert torch.equal(run.test().labels, data.test.labels)
    some, total = run.train(100), len(data.train.labels)
    numbers = [place * total // 100 for place in range(100)]
    assert torch.equal(some.images, data.train.images[numbers])
    assert torch.equal(some.labels, data.train.labels[numbers])


def test_measuring_leaves_the_network_and_the_number_of_threads_as_they_were(run: FinishedRun) -> None:
    before, threads = {name: value.clone() for name, value in run.network.model.state_dict().items()}, 2
    usual = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        landscape = Landscape(run.network, run.train(32), LandscapeSetup(statistics="remeasured"))
        list(islice(landscape.surface(), 3))
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(usual)
    assert all(torch.equal(value, before[name]) for name, value in run.network.model.state_dict().items())
    assert not any(value.requires_grad for value in run.network.model.parameters())


def test_a_run_without_weights_or_with_other_pictures_is_refused_in_a_sentence(
    trained_run: Path, tmp_path: Path, picture_folder: Path
) -> None:
    copied = tmp_path / "run"
    shutil.copytree(trained_run, copied)
    info = read_run_info(copied)
    for data, says in ((str(picture_folder), "have changed since this run began"), ("nowhere", "are gone")):
        write_run_info(copied, msgspec.structs.replace(info, recipe=msgspec.structs.replace(info.recipe, data=data)))
        with pytest.raises(InputError, match=says):
            open_run(copied, CPU)
    (copied / BEST_FILE).unlink()
    with pytest.raises(InputError, match="has no weights yet"):
        open_run(copied, CPU)
    with pytest.raises(InputError, match="There is no run"):
        open_run(tmp_path / "none", CPU)
