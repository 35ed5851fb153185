"""Experiments that are really run: stopped and gone on with, on runs that are given, on networks of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, evolve
from resnet_gui.engine.handlers import HANDLERS, JobContext
from resnet_gui.engine.job_queue import JobQueue
from resnet_gui.engine.lab import measuring
from resnet_gui.engine.lab.lesion_service import LesionService
from resnet_gui.engine.lab.runner import measure_experiment
from resnet_gui.engine.train.control import Control
from resnet_gui.lab.experiment import Experiment
from resnet_gui.lab.experiments import EXPERIMENTS
from resnet_gui.lab.folder import (
    begun,
    experiment_folder,
    measured_seeds,
    read_record,
    read_seed,
    seed_path,
    write_seed,
)
from resnet_gui.lab.measured.landscape import LossSurface
from resnet_gui.lab.measured.lesions import LesionSetup, LesionStudy
from resnet_gui.lab.networks import network_sweep
from resnet_gui.lab.outcomes import claim_outcomes
from resnet_gui.lab.reader import ResultsReader
from resnet_gui.lab.requests import wanted_record
from resnet_gui.lab.results import ALL
from resnet_gui.protocol.events import Event, JobDone, SweepProgressed
from resnet_gui.protocol.lab_events import LesionMeasured, MeasureProgressed, SeedMeasured
from resnet_gui.protocol.lab_messages import DeleteBlocks, MeasureExperiment
from resnet_gui.runs.lock import writing
from resnet_gui.training.recipe import Recipe

TINY = evolve(PRESETS["digits-resnet"].spec, blocks=(1,), widths=(4,), shortcut="A")
DESIGNS = (
    *(Design(name=f"plain-{depth}", spec=evolve(TINY, shortcut="none")) for depth in (20, 56, 110)),
    *(Design(name=f"ResNet-{depth}", spec=TINY) for depth in (20, 56, 110)),
)
Sent = list[SweepProgressed | MeasureProgressed | SeedMeasured]


def small(monkeypatch: pytest.MonkeyPatch, key: str, **changes: object) -> Experiment:
    """An experiment of the registry whose quick scale is one of a second."""
    whole = EXPERIMENTS[key]
    scale = msgspec.structs.replace(whole.scales[0], **changes)
    made = msgspec.structs.replace(whole, scales=(scale, *whole.scales[1:]))
    monkeypatch.setitem(EXPERIMENTS, key, made)
    return made


def ran(key: str, given_up: Callable[[], bool] = lambda: False, **asked: object) -> Sent:
    """What is said while an experiment runs."""
    sent: Sent = []
    job = MeasureExperiment(job=3, experiment=key, device="cpu", **asked)  # type: ignore[arg-type]
    measure_experiment(job, sent.append, Control(), given_up)
    return sent


def test_seeds_are_measured_one_by_one_and_locked_with_the_prediction(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = small(monkeypatch, "shattered-gradients", designs=DESIGNS)
    sent = ran(experiment.key, seeds=(4, 9))
    assert [event.seed for event in sent if isinstance(event, SeedMeasured)] == [4, 9]
    fractions = [event.fraction for event in sent if isinstance(event, MeasureProgressed)]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    reader = ResultsReader(experiment, "quick")
    results = reader.read()
    assert results.complete
    assert list(results.measured[ALL]) == [4, 9]
    record = read_record(experiment_folder(experiment, "quick"))
    assert record is not None
    assert record.locked
    assert set(record.versions) == {"python", "torch"}
    # What is there is not measured again, and more seeds add.
    before = seed_path(reader.folder, 4).stat().st_mtime_ns
    assert [event.seed for event in ran(experiment.key, seeds=(11,)) if isinstance(event, SeedMeasured)] == [11]
    assert seed_path(reader.folder, 4).stat().st_mtime_ns == before
    assert measured_seeds(reader.folder) == (4, 9, 11)


def test_what_is_given_up_keeps_the_seeds_that_are_whole_and_is_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = small(monkeypatch, "shattered-gradients", designs=DESIGNS)
    folder = experiment_folder(experiment, "quick")
    ran(experiment.key, given_up=lambda: bool(measured_seeds(folder)))
    assert measured_seeds(folder) == (1,)
    assert not ResultsReader(experiment, "quick").read().complete
    ran(experiment.key)
    assert ResultsReader(experiment, "quick").read().complete


def test_an_experiment_again_measures_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = small(monkeypatch, "shattered-gradients", designs=DESIGNS)
    ran(experiment.key, seeds=(1, 2), options={"points": 32})
    sent = ran(experiment.key, seeds=(2,), again=True)
    assert [event.seed for event in sent if isinstance(event, SeedMeasured)] == [2]
    folder = experiment_folder(experiment, "quick")
    record = read_record(folder)
    assert record is not None
    assert (record.seeds, record.options, measured_seeds(folder)) == ((2,), {}, (2,))


def test_who_is_refused_as_another_process_measures_removes_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = small(monkeypatch, "shattered-gradients", designs=DESIGNS)
    ran(experiment.key, seeds=(1,))
    folder = experiment_folder(experiment, "quick")
    kept = (folder / "experiment.json").read_bytes()
    with writing(folder), pytest.raises(InputError, match="by another process"):
        ran(experiment.key, seeds=(2,), options={"points": 32}, again=True)
    assert measured_seeds(folder) == (1,)
    assert (folder / "experiment.json").read_bytes() == kept


@pytest.mark.parametrize(
    ("data", "sentence"),
    [("nonsense", "There are no data 'nonsense'"), ("cifar10", "not on this computer"), (".", "no pictures|no class")],
)
def test_data_that_cannot_be_opened_are_refused_and_leave_nothing_behind(
    data: str, sentence: str, tmp_path: Path
) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(InputError, match=sentence):
        ran("degradation", data=str(tmp_path) if data == "." else data, answers={"plain": "higher"})
    assert not experiment_folder(EXPERIMENTS["degradation"], "quick").exists()


def test_a_role_that_failed_is_measured_again_and_the_others_are_not(
    trained_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {"train_pictures": 64, "test_pictures": 32}
    ran("probe-by-depth", runs=(str(trained_run),), options=options)
    folder = experiment_folder(EXPERIMENTS["probe-by-depth"], "quick")
    # A plain network that was never given is no reason to measure again; a residual one that failed is.
    assert not any(isinstance(event, SeedMeasured) for event in ran("probe-by-depth"))
    file = read_seed(folder, 1)
    assert file is not None
    short = msgspec.structs.replace(file, measured={}, failed=file.failed | {"residual": "There is no memory left."})
    write_seed(folder, short)
    assert any(isinstance(event, SeedMeasured) for event in ran("probe-by-depth"))
    again = read_seed(folder, 1)
    assert again is not None
    assert again.measured == file.measured
    assert again.failed == file.failed
    # What of it is there is taken as it is.
    write_seed(folder, msgspec.structs.replace(again, failed={"residual": "x"}))
    monkeypatch.setattr("resnet_gui.engine.lab.runner.measure_run", lambda *_: pytest.fail("measured twice"))
    assert any(isinstance(event, SeedMeasured) for event in ran("probe-by-depth"))


def test_an_experiment_on_a_run_begins_anew_on_networks_of_its_own_and_keeps_no_seeds_that_were_refused(
    trained_run: Path,
) -> None:
    experiment = EXPERIMENTS["probe-by-depth"]
    ran(experiment.key, runs=(str(trained_run),), options={"train_pictures": 64, "test_pictures": 32})
    with pytest.raises(InputError, match=r"The seeds of .* are those of its runs; .*or begin again .*\(--again\)"):
        ran(experiment.key, seeds=(1, 2, 3))
    record = begun(experiment, "quick")
    assert (record.seeds, len(record.runs)) == ((1,), 1)
    job = MeasureExperiment(job=1, experiment=experiment.key, again=True)
    anew = wanted_record(experiment, record, job)
    assert (anew.runs, anew.options, anew.seeds) == ((), {}, experiment.scales[0].seeds)


def test_a_finished_run_is_measured_in_the_roles_that_it_fits(trained_run: Path) -> None:
    ran("probe-by-depth", runs=(str(trained_run),), options={"train_pictures": 64, "test_pictures": 32})
    results = ResultsReader(EXPERIMENTS["probe-by-depth"], "quick").read()
    assert results.complete
    assert [probe.location for probe in results.measured["residual"][1].probes][:2] == ["stem", "layer1.0"]
    assert (results.failed, results.absent) == ({}, {"plain": {1: "no run of a plain network was given"}})
    reasons = [outcome.reason for outcome in claim_outcomes(EXPERIMENTS["probe-by-depth"], results)]
    assert not any("failed" in reason for reason in reasons)


def test_a_run_that_cannot_be_measured_says_why_and_keeps_nothing(trained_run: Path) -> None:
    with pytest.raises(InputError, match="The set-up cannot be changed so"):
        ran("probe-by-depth", runs=(str(trained_run),), options={"ridge": "a"})
    with pytest.raises(InputError, match="There is no run"):
        ran("probe-by-depth", runs=(str(trained_run.parent / "nothing"),))
    assert measured_seeds(experiment_folder(EXPERIMENTS["probe-by-depth"], "quick")) == ()


def test_seeds_of_finished_runs_are_their_own(trained_run: Path) -> None:
    with pytest.raises(InputError, match="The seeds of Linear probe by depth are those of its runs"):
        ran("probe-by-depth", runs=(str(trained_run),), seeds=(1, 2))


def test_one_lesion_is_answered_as_the_study_counts_it(trained_run: Path) -> None:
    ran("lesion-study", runs=(str(trained_run),), options={"counts": [2], "swap_counts": [], "draws": 1})
    (study,) = ResultsReader(EXPERIMENTS["lesion-study"], "quick").read().measured["residual"].values()
    assert isinstance(study, LesionStudy)
    assert study.setup == LesionSetup(counts=(2,), swap_counts=(), draws=1, seed=1)
    service = LesionService()
    deletion = study.deletions[1]
    answer = service.answer(DeleteBlocks(job=5, run=str(trained_run), blocks=(deletion.block,), device="cpu"))
    assert (answer.job, answer.error, answer.intact) == (5, deletion.error, study.intact)
    (several,) = study.at_random
    answer = service.answer(DeleteBlocks(job=6, run=str(trained_run), blocks=several.blocks[0], device="cpu"))
    assert answer.error == several.errors[0]
    with pytest.raises(InputError, match="layer9"):
        service.answer(DeleteBlocks(job=7, run=str(trained_run), blocks=("layer9.0",), device="cpu"))


def test_an_engine_runs_an_experiment_and_answers_a_lesion(monkeypatch: pytest.MonkeyPatch, trained_run: Path) -> None:
    monkeypatch.setattr("os.nice", lambda _by: 0, raising=False)  # else this very process would give way from now on
    experiment = small(monkeypatch, "shattered-gradients", designs=DESIGNS)
    sent: list[Event] = []
    context = JobContext(sent.append, JobQueue(), lambda _job: None)
    HANDLERS[MeasureExperiment](context, MeasureExperiment(job=8, experiment=experiment.key, seeds=(1,), device="cpu"))
    assert [type(event) for event in sent][-2:] == [SeedMeasured, JobDone]
    HANDLERS[DeleteBlocks](context, DeleteBlocks(job=9, run=str(trained_run), device="cpu"))
    assert isinstance(sent[-1], LesionMeasured)
    assert sent[-1].error == sent[-1].intact


@pytest.mark.prove
def test_a_surface_that_is_killed_goes_on_where_it_was_kept_to_the_same_bits(
    trained_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "KEEP_EVERY", 8)
    options = {"pictures": 16}
    key = "loss-landscape"
    ran(key, runs=(str(trained_run),), options=options, seeds=(1,))
    reader = ResultsReader(EXPERIMENTS[key], "quick")
    whole = reader.read().measured["residual-20"][1]
    asked = iter(range(100))
    ran(key, runs=(str(trained_run),), options=options, seeds=(1,), again=True, given_up=lambda: next(asked, 100) > 40)
    reader.read()
    part = reader.partial["residual-20"][1]
    assert isinstance(part, LossSurface)
    assert 0 < len(part.losses) < len(whole.losses)
    ran(key, runs=(str(trained_run),), options=options)
    assert reader.read().measured["residual-20"][1] == whole
    assert reader.partial == {role.key: {} for role in EXPERIMENTS[key].roles}


TINY_SWEEP = network_sweep(
    "tiny",
    {
        name: {"blocks": [1], "widths": [4], "shortcut": "none" if name.startswith("plain") else "A"}
        for name in ("plain-20", "plain-56", "ResNet-20", "ResNet-56", "ResNet-56, 0.1 at once")
    },
    (1,),
    Recipe(epochs=1, steps=2, batch_size=64, augment="none"),
)


@pytest.mark.prove
def test_networks_are_trained_and_judged_and_more_seeds_add(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = small(monkeypatch, "degradation", sweep=TINY_SWEEP, seeds=(1,))
    sent = ran(experiment.key)
    assert [event.done for event in sent if isinstance(event, SweepProgressed)][-1] == 5
    results = ResultsReader(experiment, "quick").read()
    assert results.complete
    assert [list(runs) for runs in results.trained.values()] == [[1]] * 5
    ran(experiment.key, seeds=(2,))
    assert list(ResultsReader(experiment, "quick").read().trained["plain-20"]) == [1, 2]
    with pytest.raises(InputError, match=r"were trained on digits; begin again \(--again\)"):
        ran(experiment.key, data="cifar10")


@pytest.mark.prove
def test_networks_that_experiments_share_are_trained_once(monkeypatch: pytest.MonkeyPatch) -> None:
    one: dict[str, object] = {"blocks": [2], "widths": [4]}
    networks = {"ResNet-56": one, "plain-20": one}
    sweep = network_sweep("tiny", networks, (1,), TINY_SWEEP.recipe)
    for key in ("probe-by-depth", "unravelled-paths"):
        small(monkeypatch, key, sweep=sweep, seeds=(1,))
    trained = [
        [event.done for event in ran(key) if isinstance(event, SweepProgressed)]
        for key in ("probe-by-depth", "unravelled-paths")
    ]
    assert trained[0][0] == 0
    assert trained[1][0] == 2
    assert ResultsReader(EXPERIMENTS["unravelled-paths"], "quick").read().complete
