"""The folder of an experiment: predictions that lock, seeds that add, files that were killed or damaged."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.lab.experiments import EXPERIMENTS, find_experiment
from resnet_gui.lab.folder import (
    EXPERIMENT_FILE,
    SeedFile,
    answered,
    begun,
    experiment_folder,
    list_results,
    locked,
    measured_seeds,
    read_record,
    seed_path,
    write_record,
    write_seed,
)
from resnet_gui.lab.reader import ResultsReader, early_error
from resnet_gui.lab.requests import configured_setup, prepared
from resnet_gui.lab.results import ALL
from resnet_gui.lab.roles import assigned_runs
from resnet_gui.protocol.lab_messages import MeasureExperiment
from resnet_gui.runs.events import StepDone
from resnet_gui.runs.folder import DataIdentity, EventLog, RunInfo
from resnet_gui.sweeps.folder import new_sweep_folder, write_sweep
from resnet_gui.training.recipe import Recipe
from tests.lab import made_results as made

SHATTER = EXPERIMENTS["shattered-gradients"]
LESIONS = EXPERIMENTS["lesion-study"]


def order(**changes: object) -> MeasureExperiment:
    return MeasureExperiment(job=1, experiment="shattered-gradients", **changes)  # type: ignore[arg-type]


def seed_file(seed: int) -> SeedFile:
    found = made.gradients({"plain-20": 0.4}).measured[ALL][1]
    return SeedFile(seed=seed, seconds=1.0, measured={ALL: msgspec.Raw(msgspec.json.encode(found))})


def test_an_answer_is_kept_until_it_is_locked_and_cannot_be_changed_then() -> None:
    record = answered(SHATTER, begun(SHATTER, "quick"), {"plain-20": "over 0.7"})
    record = answered(SHATTER, record, {"plain-20": "under 0.3", "plain-56": "under 0.3"})
    record = locked(answered(SHATTER, record, {"plain-56": ""}))
    assert record.answers == {"plain-20": "under 0.3"}
    assert record.locked
    assert locked(record) == record
    with pytest.raises(InputError, match="The prediction is locked"):
        answered(SHATTER, record, {"plain-20": "over 0.7"})


@pytest.mark.parametrize(("key", "answer"), [("plain-20", "0.5"), ("nothing", "over 0.7")])
def test_an_answer_that_is_none_is_refused_with_those_that_are(key: str, answer: str) -> None:
    with pytest.raises(InputError, match=r"there are 'under 0.3'|it asks plain-20"):
        answered(SHATTER, begun(SHATTER, "quick"), {key: answer})


def test_an_experiment_is_found_again_with_what_was_asked_and_predicted() -> None:
    record = prepared(
        SHATTER, answered(SHATTER, begun(SHATTER, "quick"), {"plain-20": "over 0.7"}), order(seeds=(5, 7))
    )
    write_record(experiment_folder(SHATTER, "quick"), record)
    (found,), problems = list_results()
    assert (found.record, problems) == (record, [])
    assert (found.record.seeds, found.record.answers) == ((5, 7), {"plain-20": "over 0.7"})
    assert found.record.locked


def test_more_seeds_add_to_those_that_there_are() -> None:
    record = prepared(SHATTER, begun(SHATTER, "quick"), order())
    assert prepared(SHATTER, record, order(seeds=(2, 4))).seeds == (1, 2, 3, 4)


def test_other_options_remove_what_was_measured_and_the_same_ones_do_not() -> None:
    folder = experiment_folder(SHATTER, "quick")
    record = prepared(SHATTER, begun(SHATTER, "quick"), order())
    write_seed(folder, seed_file(1))
    record = prepared(SHATTER, record, order(options={}))
    assert measured_seeds(folder) == (1,)
    record = prepared(SHATTER, record, order(options={"points": 64}))
    assert measured_seeds(folder) == ()
    assert configured_setup(SHATTER.scales[0], record).points == 64


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"dots": 3}, "'dots' is no field of the set-up; it has points"),
        ({"points": 3}, "A line has 32 to 4096 points, not 3"),
        ({"points": "many"}, "The set-up cannot be changed so"),
    ],
)
def test_options_that_cannot_be_are_refused_before_anything_is_removed(
    options: dict[str, object], sentence: str
) -> None:
    folder = experiment_folder(SHATTER, "quick")
    write_seed(folder, seed_file(1))
    with pytest.raises(InputError, match=sentence):
        prepared(SHATTER, begun(SHATTER, "quick"), order(options=options))
    assert measured_seeds(folder) == (1,)


def test_networks_that_were_trained_otherwise_are_refused_until_it_is_begun_again() -> None:
    experiment = EXPERIMENTS["degradation"]
    sweep = experiment.scales[0].sweep
    assert sweep is not None
    folder = experiment_folder(experiment, "quick") / "sweep"
    asked = MeasureExperiment(job=1, experiment="degradation")
    new_sweep_folder(sweep, folder)
    assert prepared(experiment, begun(experiment, "quick"), asked).locked
    write_sweep(folder, msgspec.structs.replace(sweep, recipe=msgspec.structs.replace(sweep.recipe, lr=0.5)))
    with pytest.raises(InputError, match=r"were trained by another recipe, .*; begin again \(--again\)"):
        prepared(experiment, begun(experiment, "quick"), asked)
    with pytest.raises(InputError, match=r"were trained on digits; begin again"):
        prepared(experiment, begun(experiment, "quick"), msgspec.structs.replace(asked, data="cifar10"))
    prepared(experiment, begun(experiment, "quick"), msgspec.structs.replace(asked, again=True))
    assert not folder.exists()


def test_a_seed_is_read_when_it_is_whole_and_its_part_is_gone_then() -> None:
    folder = experiment_folder(SHATTER, "quick")
    write_record(folder, begun(SHATTER, "quick"))
    reader = ResultsReader(SHATTER, "quick")
    write_seed(folder, seed_file(1), whole=False)
    results = reader.read()
    assert results.measured == {ALL: {}}
    assert list(reader.partial[ALL]) == [1]
    write_seed(folder, seed_file(1))
    results = reader.read()
    assert list(results.measured[ALL]) == [1]
    assert reader.partial == {ALL: {}}
    assert not results.complete


@pytest.mark.parametrize("damage", [b"", b"{", b'{"seed":1,"seconds":1.0,"measured":{"all":{"other":1}}}'])
def test_a_seed_that_was_killed_while_it_was_written_is_as_if_it_was_not_there(damage: bytes) -> None:
    folder = experiment_folder(SHATTER, "quick")
    write_record(folder, begun(SHATTER, "quick"))
    write_seed(folder, seed_file(1))
    write_seed(folder, seed_file(2))
    seed_path(folder, 2).write_bytes(damage)
    (folder / "measured" / "seed-3.json.tmp-1234").write_bytes(b"{")
    assert list(ResultsReader(SHATTER, "quick").read().measured[ALL]) == [1]


def test_a_record_that_cannot_be_read_is_named_and_the_others_are_listed() -> None:
    write_record(experiment_folder(LESIONS, "quick"), begun(LESIONS, "quick"))
    folder = experiment_folder(SHATTER, "quick")
    folder.mkdir(parents=True)
    (folder / EXPERIMENT_FILE).write_text("{")
    found, (problem,) = list_results()
    assert [one.experiment for one in found] == [LESIONS]
    assert "cannot be used" in problem
    assert "\n" not in problem
    with pytest.raises(InputError, match="remove its folder to begin anew"):
        read_record(folder)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="rights of files")
def test_a_folder_that_cannot_be_written_is_a_sentence(home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o500)
    try:
        with pytest.raises(InputError, match="cannot be written"):
            write_record(experiment_folder(SHATTER, "quick"), begun(SHATTER, "quick"))
    finally:
        home.chmod(0o700)


@pytest.mark.parametrize(("name", "hint"), [("shattered", "did you mean 'shattered-gradients'"), ("xyzzy", "lab list")])
def test_an_experiment_that_is_none_is_refused_with_the_nearest(name: str, hint: str) -> None:
    assert find_experiment("Shattered Gradients") is SHATTER
    with pytest.raises(InputError, match=hint):
        find_experiment(name)


def test_a_scale_that_an_experiment_lacks_is_refused_with_those_that_it_has() -> None:
    with pytest.raises(InputError, match=r"Shattered gradients has no scale 'paper'; it has quick."):
        begun(SHATTER, "paper")


# ---- which run is which network


def run(name: str, seed: int = 1, spec: ResNetSpec | None = None) -> tuple[Path, RunInfo]:
    data = DataIdentity(
        name="digits", classes=("0",), train_images=1, test_images=1, sha256="", mean=(0.5,), std=(0.5,)
    )
    info = RunInfo(
        name=name, spec=spec or PRESETS[name].spec, recipe=Recipe(seed=seed), data=data, device="cpu", precision="fp32",
        threads=1, versions={}, created="",
    )  # fmt: skip
    return Path(f"{name}-{seed}"), info


def test_runs_take_the_roles_that_their_designs_fit() -> None:
    found = assigned_runs(LESIONS, [run("resnet56"), run("plain20"), run("resnet56", 2)])
    assert [(one.role, one.seed, one.folder) for one in found] == [
        ("residual", 1, "resnet56-1"), ("plain", 1, "plain20-1"), ("residual", 2, "resnet56-2"),
    ]  # fmt: skip


def test_a_run_may_have_two_roles() -> None:
    assert [one.role for one in assigned_runs(LESIONS, [run("resnet20")])] == ["residual", "residual-20"]


def test_two_designs_for_one_role_are_refused() -> None:
    with pytest.raises(InputError, match=r"resnet56-1 and resnet44-1 are two designs"):
        assigned_runs(LESIONS, [run("resnet56"), run("resnet44")])


def test_two_runs_of_one_design_and_seed_are_refused() -> None:
    with pytest.raises(InputError, match="same design and seed 1"):
        assigned_runs(LESIONS, [run("resnet56"), run("resnet56")])


def test_a_run_that_an_experiment_has_no_use_for_is_refused_with_what_it_wants() -> None:
    paths = EXPERIMENTS["unravelled-paths"]
    with pytest.raises(
        InputError, match=r"plain20-1 is plain20, which Unravelled paths has no use for; it wants a res"
    ):
        assigned_runs(paths, [run("plain20")])
    with pytest.raises(InputError, match="measures no finished runs"):
        assigned_runs(EXPERIMENTS["degradation"], [run("plain20")])


def test_how_a_run_starts_is_told_by_the_errors_of_its_steps_51_to_100(tmp_path: Path) -> None:
    log = EventLog(tmp_path)
    for step in range(1, 101):
        log.append(StepDone(step=step, loss=1.0, error=1.0 if step <= 50 else 0.25, lr=0.1, seconds=1.0))
        assert (early_error(tmp_path) is None) == (step < 100)
    # A step that is told again after a start that was lost counts as it was told last.
    log.append(StepDone(step=100, loss=1.0, error=0.75, lr=0.1, seconds=1.0))
    log.close()
    assert early_error(tmp_path) == pytest.approx((49 * 0.25 + 0.75) / 50)
