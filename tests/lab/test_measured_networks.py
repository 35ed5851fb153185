"""Which networks an experiment has measured, and how many pictures its runs were counted over."""

from __future__ import annotations

from pathlib import Path

import msgspec

from resnet_gui.design.spec import evolve
from resnet_gui.lab.experiments import EXPERIMENTS
from resnet_gui.lab.folder import RunOfRole, begun
from resnet_gui.lab.measured_networks import measured_networks
from resnet_gui.lab.networks import digits_spec
from resnet_gui.lab.reader import trained_run
from resnet_gui.lab.results import NetworkOfRole
from resnet_gui.runs.folder import write_run_info
from resnet_gui.sweeps.figures import RunFigures
from resnet_gui.sweeps.state import RunCell
from resnet_gui.sweeps.sweep import expanded
from tests.lab.test_folder import run
from tests.sweeps.made_sweep import SWEEP

LESIONS = EXPERIMENTS["lesion-study"]


def test_networks_are_those_of_the_runs_that_were_given_and_not_of_runs_that_are_gone(tmp_path: Path) -> None:
    plain = evolve(digits_spec(14, shortcut="none"), classes=5)
    folder = tmp_path / "plain"
    folder.mkdir()
    write_run_info(folder, run("plain20", spec=plain)[1])
    runs = (RunOfRole("plain", 1, str(folder)), RunOfRole("residual", 1, str(tmp_path / "gone")))
    record = msgspec.structs.replace(begun(LESIONS, "quick"), runs=runs)
    assert measured_networks(LESIONS, record, None) == {"plain": NetworkOfRole(14, False, 5)}
    assert measured_networks(LESIONS, record, None)["plain"].name == "plain-14"


def test_networks_that_are_still_to_be_trained_are_those_of_the_scale() -> None:
    found = measured_networks(LESIONS, begun(LESIONS, "quick"), None)
    assert {role: network.name for role, network in found.items()} == {
        "residual": "ResNet-56", "plain": "plain-20", "residual-20": "ResNet-20",
    }  # fmt: skip


def test_a_run_says_how_many_pictures_its_errors_are_counted_over(tmp_path: Path) -> None:
    configuration = expanded(SWEEP).configurations[0]
    figures = RunFigures(0.1, 0.2, 1.0, 1.0, 1.0, 1, train_images=40, test_images=200)
    cell = RunCell(
        configuration=configuration, seed=1, folder=tmp_path, status="finished", fraction=1.0, figures=figures
    )
    found = trained_run(cell)
    assert found is not None
    assert (found.train_images, found.test_images, found.early_images) == (
        40,
        200,
        50 * configuration.recipe.batch_size,
    )
