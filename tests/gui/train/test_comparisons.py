"""The row of experiments above the runs: it says what it will do, does that, and is there to stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from resnet_gui.data.datasets import holds_cifar10
from resnet_gui.data.labels import CIFAR10
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.train.page import TrainPage
from resnet_gui.protocol.jobs import Train
from resnet_gui.training.starters import COMPARISONS
from tests.gui.train.test_control import idle
from tests.gui.train.test_plots import Opener, open_page, started, write_run

__all__ = ["open_page"]


def cifar_tree(folder: Path) -> Path:
    for part in ("train", "test"):
        for name in CIFAR10:
            (folder / part / name).mkdir(parents=True)
    return folder


def queued(page: TrainPage) -> list[Train]:
    return [job for job in [*idle(page).trained, *page.queue.jobs] if isinstance(job, Train)]


def test_an_experiment_says_what_it_will_do_and_leaves_design_and_form_as_they_are(
    open_page: Opener, session: Session
) -> None:
    write_run("a", started(2, 20))
    page = open_page()
    row, form, design = page.comparisons, page.form.recipe(), session.design
    assert row.isVisible(), "also where there are runs"
    row.press("degradation")
    words = row.words.text()
    for said in ("plain-20, plain-56, ResNet-20, ResNet-56", "4 runs on the digits inside", "15 epochs", "rate 0.02"):
        assert said in words
    row.start.click()
    jobs = queued(page)
    assert [job.name for job in jobs] == [design.name for design in COMPARISONS[0].designs]
    assert {(job.recipe.data, job.recipe.batch_size, job.recipe.lr, job.recipe.epochs) for job in jobs} == {
        ("digits", 32, 0.02, 15)
    }
    assert {job.spec.input for job in jobs} == {(1, 8, 8)}
    assert "4 runs are in the list" in row.words.text()
    assert (page.form.recipe(), session.design) == (form, design)


def test_the_larger_form_needs_cifar_10_and_a_folder_of_its_pictures_will_do(
    open_page: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page()
    row = page.comparisons
    row.press("degradation")
    row.scale.chosen.emit("large")
    row.scale.set_key("large")
    row._show_detail()
    assert "not on this computer yet: 170 MB" in row.words.text()
    assert not row.start.isEnabled()
    other = tmp_path / "other"
    other.mkdir()
    for chosen, there in ((other, False), (cifar_tree(tmp_path / "pictures"), True)):
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args, chosen=chosen: str(chosen))
        row.folder.click()
        assert holds_cifar10(chosen) is there
        assert row.start.isEnabled() is there
        assert ("does not hold CIFAR-10" in row.words.text()) is not there
    row.start.click()
    assert {job.recipe.data for job in queued(page)} == {str(tmp_path / "pictures")}
    settings = Settings()
    page.remember(settings)
    assert settings.larger_data == str(tmp_path / "pictures")


def test_cifar_10_that_is_chosen_for_a_new_run_serves_the_experiments_too(open_page: Opener, tmp_path: Path) -> None:
    page = open_page()
    page.form.choice.choose_folder(cifar_tree(tmp_path / "mine"))
    assert page.comparisons.larger_data == str(tmp_path / "mine")


def test_the_row_is_folded_as_it_was_left_and_by_itself_only_in_a_low_window(open_page: Opener) -> None:
    page = open_page()
    row = page.comparisons
    folded = []
    for low in (True, False):
        row.set_low(on=low)
        folded.append(not row.bar.open)
    assert folded == [True, False]
    row.bar.button.click()
    settings = Settings()
    page.remember(settings)
    assert not settings.starters_open
    assert not open_page(settings).comparisons.bar.open
