"""What is dropped for a new run, what a finished run leads to, and the marks of phases."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QDialog, QFileDialog
from pytestqt.qtbot import QtBot

from resnet_gui.design.presets import PRESETS
from resnet_gui.engine.train.terminal_bar import phase_sentence
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.train.plots.phase_marks import phase_spans
from resnet_gui.gui.train.preparation import is_data
from resnet_gui.gui.train.runs.details import facts
from resnet_gui.gui.train.runs.extend_dialog import ExtendDialog
from resnet_gui.gui.train.runs.header import thaw_words
from resnet_gui.protocol.events import Failed
from resnet_gui.protocol.jobs import Extend, Resume
from resnet_gui.runs.events import PhaseStarted, RunEnded, TrainResult
from resnet_gui.runs.folder import BEST_FILE, LAST_FILE
from resnet_gui.training.phases import first_epochs, parse_phases
from resnet_gui.training.recipe import Recipe
from resnet_gui.training.start import StartRequest
from tests.gui.driving import Opener as WindowOpener
from tests.gui.driving import drop, files, train_page
from tests.gui.train.test_control import idle
from tests.gui.train.test_plots import (
    Opener,
    add_events,
    epoch,
    info_of,
    open_page,
    row_of,
    settle,
    started,
    step,
    write_run,
)

__all__ = ["open_page"]
THREE = Recipe(epochs=16, phases=parse_phases("3:backbone:cached,7:stage2,nothing"))


def finished(name: str, recipe: Recipe | None = None) -> Path:
    """A run at its end, with weights that nobody reads here."""
    folder = write_run(name, started(2, 20), step(40, 1.0), RunEnded("finished", 40), info=info_of(name, recipe))
    for file in (LAST_FILE, BEST_FILE):
        (folder / file).touch()
    return folder


def located(name: str, data: Path) -> Path:
    """A run that was stopped, and whose pictures are to be located."""
    info = info_of(name, Recipe(data=str(data)))
    folder = write_run(name, started(2, 20), step(1, 1.0), RunEnded("stopped", 1), info=info)
    (folder / LAST_FILE).touch()
    return folder


def test_the_details_count_epochs_as_the_head_of_the_page_does(open_page: Opener) -> None:
    done = (step(1, 1.0), epoch(1, 2, 1.0, 0.5), step(3, 1.0), RunEnded("stopped", 3))
    folder = write_run("a", started(20, 2), *done, info=info_of("a", Recipe(epochs=20)))
    page = open_page()
    page.state.choose(row_of(page, folder))
    assert (page.header._epoch.text(), page.header._epochs.text()) == ("1", "/ 20")
    assert facts(row_of(page, folder))["Reached"] == "epoch 1 of 20, step 3"


# ---- drops


def test_what_is_dropped_on_the_page_is_data_by_its_kind(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    weights, pictures = tmp_path / "w.pth.tar", tmp_path / "pictures.tar"
    weights.write_bytes(b"\x80\x02}q\x00.")
    with tarfile.open(pictures, "w"):
        pass
    with zipfile.ZipFile(tmp_path / "pictures.zip", "w"):
        pass
    assert [is_data(tmp_path / name) for name in ("folder", "pictures.tar", "pictures.zip", "x.npz")] == [True] * 4
    assert not is_data(weights)
    assert not is_data(finished("a"))


def test_a_folder_dropped_on_the_page_becomes_the_data_and_weights_the_start(
    open_window: WindowOpener, tmp_path: Path
) -> None:
    window = open_window(engine=False)
    window.show_page("train")
    page = train_page(window)
    (tmp_path / "fruit" / "apple").mkdir(parents=True)
    drop(window, files(tmp_path / "fruit"))
    assert page.form.data == str(tmp_path / "fruit")
    assert window.shows("train")
    assert page.centre.data.isVisible()
    weights = tmp_path / "w.safetensors"
    weights.touch()
    drop(window, files(weights))
    assert page.form.begin.request == StartRequest(model=str(weights))
    assert "begins from w.safetensors" in window.status.sentence.text()
    window.show_page("design")
    drop(window, files(tmp_path / "fruit"))
    assert window.shows("predict"), "elsewhere pictures are classified as before"


# ---- from a run


def test_a_new_run_begins_from_a_finished_one_with_its_design(open_page: Opener, session: Session) -> None:
    folder = finished("a")
    page = open_page()
    page.header.button("begin").click()  # at once, before the event loop has turned and the runs are offered
    assert page.form.begin.segment._options[2] == ("run", "A run", "1 here")
    assert session.spec == PRESETS["digits-resnet"].spec
    assert page.form.begin.request == StartRequest(model=str(folder))
    assert page.form.begin.kind == "run"
    assert page.form.named.currentData() == "fine-tune"


def test_the_runs_are_offered_as_soon_as_the_page_stands_and_one_that_was_chosen_last_time_is_chosen_again(
    qtbot: QtBot, open_page: Opener
) -> None:
    folder = finished("a")
    page = open_page(Settings(start=StartRequest(model=str(folder))))
    assert page.form.begin.kind == "run"
    assert page.form.begin.run.currentData() == str(folder)
    other = open_page()
    qtbot.waitUntil(lambda: other.form.begin.segment._options[2] == ("run", "A run", "1 here"))


def test_a_finished_run_is_extended_after_the_schedule_s_new_end_was_shown(
    open_page: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = finished("a")
    page = open_page()
    shown: list[str] = []

    def agree(dialog: ExtendDialog) -> int:
        dialog.epochs.setValue(8)
        shown.append(dialog.words.text())
        return int(QDialog.DialogCode.Accepted)

    monkeypatch.setattr(ExtendDialog, "exec", agree)
    assert page.header.button("extend").isVisible()
    page.header.button("extend").click()
    (job,) = idle(page).trained
    assert job == Extend(job.job, str(folder), 8)
    assert "the cosine falls to zero at epoch 28 instead of 20" in shown[0]
    assert "counted" not in shown[0]


def test_a_run_whose_test_part_was_counted_says_so_before_it_is_extended_and_in_its_details(
    open_page: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = finished("a")
    for end, accuracy in ((40, 0.75), (60, 0.875)):
        result = TrainResult("", end // 20, 1.0, 1.0, 0.5, 0.5, 1.0, 1.0, "", final_top1=accuracy, final_images=8)
        add_events(folder, RunEnded("finished", end, result=result))
    page = open_page()
    shown: list[str] = []

    def refuse(dialog: ExtendDialog) -> int:
        shown.append(dialog.words.text())
        return 0

    monkeypatch.setattr(ExtendDialog, "exec", refuse)
    page.header.button("extend").click()
    assert "The test pictures were counted 2 times already and are counted again at the new end" in shown[0]
    assert facts(row_of(page, folder))["Test error"] == "12.50 % of 8, counted 2 times"


def test_a_run_that_ends_by_its_steps_says_why_it_cannot_be_extended(
    qtbot: QtBot, open_page: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished("a", Recipe(steps=40))
    page = open_page()
    seen: list[tuple[str, bool]] = []

    def look(dialog: ExtendDialog) -> int:
        seen.append((dialog.words.text(), dialog.extend.isEnabled()))
        return 0

    monkeypatch.setattr(ExtendDialog, "exec", look)
    page.header.button("extend").click()
    assert "ends after 40 steps" in seen[0][0]
    assert not seen[0][1]
    assert idle(page).trained == []


def test_a_run_whose_pictures_have_moved_goes_on_when_they_are_located(
    open_page: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = located("a", tmp_path / "gone")
    page = open_page()
    assert not page.header.button("resume").isVisible()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args: "")
    page.header.button("locate").click()
    assert idle(page).trained == []
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args: str(tmp_path))
    page.header.button("locate").click()
    (job,) = idle(page).trained
    assert job == Resume(job.job, str(folder), data=str(tmp_path))


def test_what_was_said_of_a_run_that_could_not_be_trained_goes_when_it_goes_on(
    open_page: Opener, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, other = located("a", tmp_path / "gone"), located("b", tmp_path / "gone")
    page = open_page()
    withdrawn: list[str] = []
    session.outdated.connect(withdrawn.append)
    page.state.choose(row_of(page, folder))
    page._take(str(folder), Failed(1, "There are no pictures in gone."))
    assert page.banner.isVisible()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args: str(tmp_path))
    page.state.choose(row_of(page, other))
    page.header.button("locate").click()
    assert page.banner.isVisible(), "it is about another run"
    page.state.choose(row_of(page, folder))
    page.header.button("locate").click()
    assert not page.banner.isVisible()
    assert withdrawn == ["There are no pictures in gone."]


@pytest.mark.parametrize("name", ["fruit.zip", "fruit.tar.gz", "fruit.npz", "train-images-idx3-ubyte"])
def test_pictures_that_were_a_file_are_located_as_a_file(
    open_page: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = located("a", tmp_path / "gone" / name)
    page = open_page()
    asked: list[tuple[str, str, str]] = []

    def choose(_parent: object, *words: str) -> tuple[str, str]:
        asked.append((words[0], words[1], words[2]))
        return str(tmp_path / name), ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", choose)
    page.header.button("locate").click()
    assert idle(page).trained == [Resume(idle(page).trained[0].job, str(folder), data=str(tmp_path / name))]
    ((title, start, kinds),) = asked
    assert (title, start) == (f"Where is {name} now?", str(tmp_path))
    assert "*.zip" in kinds
    assert "*.npz" in kinds


def test_pictures_can_have_become_an_archive_or_a_folder(
    open_page: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed, unpacked = located("a", tmp_path / "gone"), located("b", tmp_path / "gone.zip")
    page = open_page()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: (str(tmp_path / "now.zip"), ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args: str(tmp_path))
    page.actions_of_runs.continue_requested.emit("locate_file", row_of(page, packed))
    page.actions_of_runs.continue_requested.emit("locate_folder", row_of(page, unpacked))
    jobs = [job for job in idle(page).trained if isinstance(job, Resume)]
    assert [(job.run, job.data) for job in jobs] == [
        (str(packed), str(tmp_path / "now.zip")), (str(unpacked), str(tmp_path))
    ]  # fmt: skip


# ---- phases


def test_phases_are_lines_over_every_plot_with_the_parts_above_also_before_they_begin(
    qtbot: QtBot, open_page: Opener
) -> None:
    folder = write_run("a", started(16, 20), step(1, 1.0), info=info_of("a", THREE))
    page = open_page()
    settle(qtbot, page)
    for marks in page.plots.phases:
        assert [line.value() for line in marks.lines] == [3, 10]
        assert not marks.strip.isHidden()
        assert marks.strip.accessibleName() == "head only; stage 3 and head; all parts"
    first = page.plots.phases[0].strip.places()
    assert first == sorted(first)
    page.plots.loss.grab()
    spans = phase_spans(row_of(page, folder), "step")
    assert [(span.x, span.frozen) for span in spans] == [(0, 4), (60, 3), (200, 0)]
    assert len(phase_spans(row_of(page, folder), "time")) == 1, "nobody knows when the others begin"
    assert page.header._thaws.text() == "unfreezes from epochs 4 and 11 on"
    # The terminal counts them the same way.
    begun = PhaseStarted(60, first_epochs(THREE.phases)[1] + 1, 1, "stage2", 9, 1)
    assert phase_sentence(begun).startswith("from epoch 4 on everything up to stage 2 is frozen")


def test_a_run_of_one_phase_has_no_marks(qtbot: QtBot, open_page: Opener) -> None:
    write_run("a", started(16, 20), step(1, 1.0))
    page = open_page()
    settle(qtbot, page)
    assert all(not marks.lines and marks.strip.isHidden() for marks in page.plots.phases)
    assert thaw_words(msgspec.structs.replace(THREE, phases=THREE.phases[1:])) == "unfreezes from epoch 8 on"


# ---- room


def test_a_narrow_form_asks_for_no_more_room_than_it_has(open_page: Opener, tmp_path: Path) -> None:
    page = open_page()
    page.resize(1040, 648)
    page.form.choice.choose_folder(tmp_path)
    page.form.begin.choose(StartRequest(model=str(tmp_path / "w.pth")))
    scroll = page.form._scroll
    body = scroll.widget()
    assert body is not None
    assert body.minimumSizeHint().width() <= page.side.width() - scroll.verticalScrollBar().sizeHint().width()


def test_in_a_narrow_window_data_and_curves_are_tabs(open_page: Opener, tmp_path: Path) -> None:
    write_run("a", started(2, 20), step(1, 1.0))
    page = open_page()
    page.form.choice.choose_folder(tmp_path)
    assert page.side.width() == 400
    assert (page.centre.data.isVisible(), page.plots.isVisible(), page.centre.tabs.isVisible()) == (True, True, False)
    page.resize(1040, 648)
    assert page.side.width() == 340
    assert (page.centre.data.isVisible(), page.plots.isVisible(), page.centre.tabs.isVisible()) == (True, False, True)
    page.centre.show_tab("curves")
    assert (page.centre.data.isVisible(), page.plots.isVisible()) == (False, True)
    page.side.details.button.setChecked(True)
    assert page.side.width() == 280
    note = page.side.listed.note
    assert (note.text(), note.shown()) == ("Best top-1 error", "Error"), "no word is cut"
    assert (page.centre.tabs.isVisible(), page.plots.isVisible()) == (False, True)
