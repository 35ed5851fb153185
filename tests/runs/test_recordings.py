"""The recorded runs that ship with the program: real runs, nothing of whoever made them, and figures that hold."""

from __future__ import annotations

import getpass
import platform

import pytest

from resnet_gui.engine.lab.gradients import agreement_by_block
from resnet_gui.lab.measured.gradients import GradientSetup
from resnet_gui.lab.networks import digits_spec
from resnet_gui.runs.folder import BEST_FILE, read_run_info, summarise
from resnet_gui.runs.history import RunState, replay
from resnet_gui.runs.notes import read_notes
from resnet_gui.runs.recordings import RECORDED, read_agreement, recordings_folder
from resnet_gui.runs.scan import recorded_folders


@pytest.fixture(scope="module")
def states() -> dict[str, RunState]:
    return {name: replay(recordings_folder() / name) for name in RECORDED}


def test_there_are_four_finished_runs_of_one_recipe_on_the_digits_inside_and_small_ones_keep_their_weights() -> None:
    folders = {folder.name: folder for folder in recorded_folders()}
    assert set(folders) == set(RECORDED)
    infos = {name: read_run_info(folder) for name, folder in folders.items()}
    assert len({(info.recipe, info.data.sha256) for info in infos.values()}) == 1
    for name, info in infos.items():
        kind, _, depth = name.partition("-")
        assert info.spec == digits_spec(int(depth), shortcut="none" if kind == "plain" else "A")
        assert summarise(folders[name]).status == "finished"
        assert (folders[name] / BEST_FILE).is_file() == (depth == "20")
    assert len({read_notes(folder).colour for folder in folders.values()}) == len(RECORDED)
    assert sum(path.stat().st_size for path in recordings_folder().rglob("*") if path.is_file()) < 4 * 2**20


def test_they_show_what_the_paper_says_deeper_plain_networks_train_worse_and_residual_ones_do_not(
    states: dict[str, RunState],
) -> None:
    last = {name: state.epochs[-1].train_error for name, state in states.items()}
    assert last["plain-56"] > last["plain-20"] + 0.2
    assert last["ResNet-56"] < last["ResNet-20"] + 0.03


def test_no_file_of_them_tells_of_the_computer_that_wrote_it() -> None:
    private = [root.encode() for root in ("/tmp", "/root/", "/home/", "/Users/", ":\\\\")]  # noqa: S108
    private += [name.encode() for name in (platform.node(), getpass.getuser()) if len(name) > 4]
    for path in recordings_folder().rglob("*"):
        if path.is_file() and path.suffix != ".safetensors":
            assert not any(part in path.read_bytes() for part in private), path
        elif path.is_file():
            head = path.read_bytes()[: 8 + int.from_bytes(path.read_bytes()[:8], "little")]
            assert not any(part in head for part in private), path


def test_gradients_of_almost_equal_pictures_agree_at_every_block_with_shortcuts_and_at_none_of_56_without() -> None:
    measured = {network.name: network for network in read_agreement().networks}
    assert set(measured) == set(RECORDED)
    for name, network in measured.items():
        assert network.blocks == read_run_info(recordings_folder() / name).spec.blocks
        assert len(network.values) == sum(network.blocks)
    assert min(measured["ResNet-56"].values) > 0.6
    assert max(measured["plain-56"].values) < 0.1
    assert min(measured["ResNet-20"].values) > max(measured["plain-20"].values)


@pytest.mark.parametrize("name", ["plain-20", *(pytest.param(name, marks=pytest.mark.prove) for name in RECORDED[1:])])
def test_the_engine_measures_the_same_agreement_again(name: str) -> None:
    kept = read_agreement()
    spec = read_run_info(recordings_folder() / name).spec
    found = [agreement_by_block(spec, GradientSetup(points=kept.points), seed) for seed in kept.seeds]
    means = [sum(values) / len(values) for values in zip(*found, strict=True)]
    (network,) = (each for each in kept.networks if each.name == name)
    assert network.values == pytest.approx(means, abs=0.02)
