"""Designs, recipes, runs, weights and settings that version 0.1 wrote open with the values that they had there."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from resnet_gui.base.files import assets
from resnet_gui.cli.main import main
from resnet_gui.cli.train_options import read_recipe
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec, load_design, save_design
from resnet_gui.gui.settings import load_settings
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.weights import load_model, weights_sha256
from resnet_gui.runs.folder import BEST_FILE, list_runs, read_run_info, summarise
from resnet_gui.runs.history import RunState, replay
from resnet_gui.runs.notes import RunNotes, read_notes
from tests.old_files import DESIGNS, FIGURES, OLD, digest, kept, read_json

RUNS = ("finished", "interrupted")
ROW = ("path", "kind", "output", "params", "macs", "receptive_field")


def answer(capsys: pytest.CaptureFixture[str], *words: object) -> Any:
    """The document that a command prints."""
    assert main([*map(str, words), "--json"]) == 0, capsys.readouterr().err
    return json.loads(capsys.readouterr().out)


def summary(capsys: pytest.CaptureFixture[str], design: str | Path) -> dict[str, Any]:
    """The document of ``summary`` in the form in which it was recorded."""
    document: dict[str, Any] = answer(capsys, "summary", design, "--memory", "--batch-size", 4)
    layers = [{name: row[name] for name in ROW} for row in document["layers"]]
    return document | {"layers": len(layers), "layers_sha256": digest(layers)}


def tensors_sha256(spec: ResNetSpec) -> str:
    """Digest over the names and shapes of a network's tensors."""
    with torch.device("meta"):
        state = ResNet(plan(spec)).state_dict()
    return digest([[name, list(tensor.shape)] for name, tensor in state.items()])


def history(state: RunState) -> dict[str, Any]:
    """What a replay came to, in the form in which it was recorded."""
    heat = {
        name: {"probes": len(rows.steps), "width": rows.width, "sum": math.fsum(rows.values)}
        for name, rows in (("gradients", state.gradients), ("ratios", state.ratios))
    }
    curves = {
        name: {"count": len(curve.y), "sum": math.fsum(curve.y), "last": curve.y[-1], "last_step": curve.x[-1]}
        for name, curve in state.curves.items()
    }
    numbers = {"epochs": len(state.epochs), "answers": len(state.answers), "best_error": state.best_error}
    return {"step": state.step, "total_steps": state.total_steps, **numbers, "curves": curves, **heat}


# ---- designs and recipes


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_an_old_design_file_has_its_values_costs_and_tensors(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written, recorded = read_json(path), dict(FIGURES["designs"][path.stem])
    design = load_design(path)
    assert kept(written, design) == written
    assert tensors_sha256(design.spec) == recorded.pop("tensors_sha256")
    assert kept(recorded, summary(capsys, path)) == recorded


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_an_old_design_that_is_saved_anew_is_the_same_design(path: Path, tmp_path: Path) -> None:
    design = load_design(path)
    save_design(design, tmp_path / "again.json")
    assert load_design(tmp_path / "again.json") == design
    written = read_json(path)
    assert kept(written, read_json(tmp_path / "again.json")) == written


@pytest.mark.parametrize("name", FIGURES["presets"])
def test_a_preset_costs_what_it_cost_layer_by_layer(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    recorded = FIGURES["presets"][name]
    assert kept(recorded, summary(capsys, name)) == recorded


def test_an_old_recipe_file_has_its_values() -> None:
    written = read_json(OLD / "recipe.json")
    assert kept(written, read_recipe(OLD / "recipe.json")) == written


@pytest.mark.parametrize("source", ["recipe.json", "interrupted"])
def test_a_run_can_be_begun_with_the_recipe_of_an_old_file_or_run(
    source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = read_json(OLD / "recipe.json") | {"steps": 6}
    words = ["--data", "digits", "--recipe", OLD / source, "--set", "steps=6", "--device", "cpu"]
    answer(capsys, "train", OLD / "designs" / "tiny.json", *words, "--run", tmp_path / "run")
    assert kept(written, read_run_info(tmp_path / "run").recipe) == written


# ---- runs and weights


@pytest.mark.parametrize("name", RUNS)
def test_an_old_run_has_its_design_recipe_data_and_history(name: str) -> None:
    folder, recorded = OLD / name, FIGURES["runs"][name]
    written = read_json(folder / "run.json")
    assert kept(written, read_run_info(folder)) == written
    found = summarise(folder)
    assert (found.status, found.epoch, found.error) == tuple(recorded[key] for key in ("status", "epoch", "error"))
    assert found.usable
    assert history(replay(folder)) == recorded["history"]


def test_old_runs_in_the_programs_folder_are_listed_with_their_names_and_notes(home: Path) -> None:
    for name in RUNS:
        shutil.copytree(OLD / name, home / "runs" / name)
    found, problems = list_runs()
    assert problems == []
    assert {run.folder.name: run.status for run in found} == {name: name for name in RUNS}
    assert read_notes(home / "runs" / "finished") == RunNotes("The first of all", "Two lines,\nand an é.")
    assert read_notes(home / "runs" / "interrupted") == RunNotes()


@pytest.mark.parametrize("name", RUNS)
def test_old_weights_are_read_to_the_bit_with_what_they_say_of_themselves(name: str) -> None:
    model, info = load_model(OLD / name / BEST_FILE)
    run = read_run_info(OLD / name)
    assert weights_sha256(model.state_dict()) == info.sha256 == FIGURES["runs"][name]["weights_sha256"]
    assert (info.spec, info.classes) == (run.spec, run.data.classes)
    assert (info.mean, info.std) == (run.data.mean, run.data.std)


@pytest.mark.parametrize("form", ["", BEST_FILE], ids=["folder", "file"])
@pytest.mark.parametrize("name", RUNS)
def test_old_weights_classify_the_samples_as_they_did(name: str, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    recorded = FIGURES["runs"][name]["predicted"]
    pictures = [assets() / "samples" / picture for picture in recorded]
    results = answer(capsys, "predict", OLD / name / form, *pictures, "--top", 10, "--device", "cpu")["results"]
    for result, probabilities in zip(results, recorded.values(), strict=True):
        assert {score["label"]: score["probability"] for score in result["top"]} == pytest.approx(
            probabilities, abs=1e-6, rel=0
        )
        assert result["top"][0]["label"] == max(probabilities, key=probabilities.__getitem__)


@pytest.mark.parametrize("name", RUNS)
def test_old_weights_have_as_many_right_answers_as_they_had(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    recorded = FIGURES["runs"][name]["evaluated"]
    found = answer(capsys, "evaluate", OLD / name, "--data", "digits", "--device", "cpu")
    assert kept(recorded, found) == pytest.approx(recorded, abs=1e-9)


@pytest.mark.parametrize("name", RUNS)
def test_identify_and_export_say_the_design_that_an_old_run_was_trained_with(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = read_json(OLD / name / "run.json")["spec"]
    assert kept(spec, answer(capsys, "identify", OLD / name)["spec"]) == spec
    assert main(["export", str(OLD / name), "--to", "json", "-o", str(tmp_path / "design.json")]) == 0
    design = load_design(tmp_path / "design.json")
    assert kept(spec, design.spec) == spec


def test_an_old_interrupted_run_goes_on_with_its_very_weights_optimiser_and_average_to_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another processor or torch rounds otherwise; on the one that wrote it, the end is the same to the bit.

    The bounds are narrow enough to tell: without the optimiser's state the loss of the second step is another, without
    the average of the weights the last test loss by 0.00016.
    """
    recorded, behind = FIGURES["runs"]["interrupted"]["resumed"], 48
    run = shutil.copytree(OLD / "interrupted", tmp_path / "run")
    result = answer(capsys, "train", "--resume", run, "--device", "cpu")
    assert summarise(run).status == "finished"
    assert result["epochs"] == recorded["epochs"]
    assert result["test_loss"] == pytest.approx(recorded["test_loss"], abs=5e-5)
    state = replay(run)
    found, counted = history(state), recorded["history"]
    same = ("step", "total_steps", "epochs", "answers")
    assert {key: found[key] for key in same} == {key: counted[key] for key in same}
    for heat in ("gradients", "ratios"):
        assert {**found[heat], "sum": 0} == {**counted[heat], "sum": 0}
    losses = list(state.curves["train_loss"].y)
    assert losses[:behind] == recorded["losses"][:behind]
    assert losses[behind : behind + 4] == pytest.approx(recorded["losses"][behind : behind + 4], abs=1e-5)
    assert losses == pytest.approx(recorded["losses"], rel=0.01)
    assert main(["predict", str(run), str(assets() / "samples" / "digit-3.png"), "--device", "cpu"]) == 0


# ---- the window's settings


def test_old_settings_have_their_values_and_are_not_put_aside(home: Path) -> None:
    home.mkdir()
    shutil.copy(OLD / "settings.json", home / "settings.json")
    written = read_json(OLD / "settings.json")
    assert kept(written, load_settings()) == written
    assert not (home / "settings.json.bad").exists()
