"""Runs that fail on the Train page: what is said, what is offered, and that it helps."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QMessageBox, QTextEdit
from pytestqt.qtbot import QtBot

from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.client import process
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.session import MessageAction, Session
from resnet_gui.gui.train.page import TrainPage
from resnet_gui.gui.train.recipe.memory_dialog import MemoryDialog
from resnet_gui.protocol.events import Failed
from resnet_gui.protocol.jobs import Resume, Train
from resnet_gui.runs.events import Cause, RunEnded
from resnet_gui.runs.folder import LAST_FILE, write_run_info
from resnet_gui.training.memory_fit import run_memory
from tests.forks import Forks
from tests.gui.driving import START, set_field
from tests.gui.train.test_control import PageMaker, finished_run, idle, offered, said, working_page
from tests.gui.train.test_plots import Opener, add_events, info_of, open_page, row_of, started, step

__all__ = ["open_page", "said", "working_page"]
TRACE = "Traceback (most recent call last):\n  somewhere\nRuntimeError: [enforce fail] DefaultCPUAllocator"


def begin(page: TrainPage, session: Session, batch: int = 64) -> RunRow:
    """Start a run of ResNet-20 from the form; its engine never answers."""
    session.choose_preset(PRESETS["resnet20"])
    set_field(page.form, "batch_size", batch)
    page.form.start.click()
    return page.runs.rows()[0]


def fail(page: TrainPage, run: RunRow, message: str, cause: Cause, *, at: int = 0, capacity: int = 0) -> None:
    """What the engine of a run leaves behind that has failed."""
    if not run.folder.exists():
        run.folder.mkdir(parents=True)
        write_run_info(run.folder, msgspec.structs.replace(info_of(run.design, run.recipe), spec=run.spec))
    add_events(run.folder, started(20, 10), *(step(number, 1.0) for number in range(1, at + 1)))
    add_events(run.folder, RunEnded("failed", at, message, TRACE, cause=cause, capacity=capacity))
    idle(page).end(str(run.folder))


def test_a_run_that_is_stopped_before_its_first_step_is_no_failure(
    open_page: Opener, session: Session, said: list[str]
) -> None:
    page = open_page()
    run = begin(page, session)
    sentence = "Stopped while the pictures were being read; nothing was trained."
    page._take(str(run.folder), Failed(1, sentence, stopped=True))
    assert not page.banner.isVisible()
    assert said[-1] == (
        f"{run.name} was stopped before its first step, while its pictures were being read; it leaves the list."
    )
    page._take(str(run.folder), Failed(1, "These pictures cannot be read."))
    assert page.banner.text.text() == f"{run.name} could not be trained: These pictures cannot be read."


def test_a_start_that_is_refused_leaves_the_choice_as_it_was(open_page: Opener, session: Session) -> None:
    older, newer = finished_run("a"), finished_run("b")
    page = open_page()
    page.state.choose(row_of(page, older))
    run = begin(page, session)
    assert page.state.run is run
    page._take(str(run.folder), Failed(1, "These pictures cannot be read."))
    idle(page).end(str(run.folder))
    assert [row.folder for row in page.runs.rows()] == [newer, older]
    assert page.state.run is row_of(page, older), "not that which has the place of the new one"


def shortage(page: TrainPage, run: RunRow, *, at: int = 0) -> int:
    """The run has run out of memory; how many bytes there were."""
    capacity = run_memory(plan(run.spec), run.recipe, "fp32").total
    fail(page, run, "This computer has too little memory.", "memory", at=at, capacity=capacity)
    return capacity


def while_open(kind: type[QDialog], work: Callable[[Any], object]) -> None:
    """Do something with a modal dialog as soon as it is there; it is closed if that goes wrong."""

    def look() -> None:
        found = QApplication.activeModalWidget()
        if not isinstance(found, kind):
            QTimer.singleShot(20, look)
            return
        try:
            work(found)
        except BaseException:
            found.reject()
            raise

    QTimer.singleShot(0, look)


@pytest.fixture
def dialogs(monkeypatch: pytest.MonkeyPatch) -> list[QDialog]:
    """Dialogs that were opened and closed at once."""
    opened: list[QDialog] = []

    def executed(self: QDialog) -> int:
        opened.append(self)
        return 0

    monkeypatch.setattr(QDialog, "exec", executed)
    monkeypatch.setattr(QMessageBox, "exec", executed)
    return opened


# ---- memory


def test_a_run_out_of_memory_opens_its_dialog_and_retry_trains_by_the_remedy_that_was_chosen(
    qtbot: QtBot, open_page: Opener, session: Session
) -> None:
    page = open_page()
    run = begin(page, session)
    chosen: list[Any] = []

    def answer(dialog: MemoryDialog) -> None:
        words = " ".join(label.text() for label in dialog.findChildren(QLabel))
        assert "ran out of memory" in dialog.windowTitle()
        assert "The first training step did not fit, so no checkpoint was written." in words
        assert dialog.details.toPlainText() == TRACE
        chosen.extend(card.fix for card in dialog.cards)
        assert len(dialog.cards) >= 2
        assert dialog.chosen is dialog.cards[0].fix
        qtbot.mouseClick(dialog.cards[1], Qt.MouseButton.LeftButton)
        assert [card.radio.isChecked() for card in dialog.cards].count(True) == 1
        assert dialog.retry.text() == f"Retry with {dialog.cards[1].fix.short}"
        dialog.retry.click()

    while_open(MemoryDialog, answer)
    capacity = shortage(page, run)
    assert run.status == "failed"
    for fix in chosen:
        assert fix.needed <= 0.9 * capacity
        precision = "bf16" if fix.recipe.precision == "bf16" else "fp32"
        assert run_memory(plan(run.spec), fix.recipe, precision).total == fix.needed
    job = idle(page).trained[-1]
    assert isinstance(job, Train)
    assert (job.recipe, job.spec) == (chosen[1].recipe, run.spec)
    assert job.run != str(run.folder)
    assert page.state.run is page.runs.row(job.run)
    assert len(page.runs.rows()) == 2


def test_the_dialog_opens_once_for_a_failure_again_by_its_button_and_anew_for_the_next_failure(
    open_page: Opener, session: Session, dialogs: list[QDialog]
) -> None:
    page = open_page()
    run = begin(page, session)
    shortage(page, run)
    assert len(dialogs) == 1
    page.runs.poll()
    page.state.choose(run)
    assert len(dialogs) == 1
    assert offered(page) == {"error", "resume"}
    page.header.button("error").click()
    assert len(dialogs) == 2
    page.header.button("resume").click()
    assert isinstance(idle(page).trained[-1], Resume)
    shortage(page, run)
    assert len(dialogs) == 3
    assert all(isinstance(dialog, MemoryDialog) for dialog in dialogs)


def test_a_run_of_an_earlier_window_that_ran_out_of_memory_opens_nothing_by_itself(
    open_page: Opener, session: Session, dialogs: list[QDialog]
) -> None:
    page = open_page()
    shortage(page, begin(page, session), at=3)
    dialogs.clear()
    again = open_page()
    assert again.runs.rows()[0].status == "failed"
    assert dialogs == []
    again.header.button("error").click()
    assert len(dialogs) == 1


def test_the_next_run_of_the_queue_begins_while_the_dialog_waits_for_an_answer(
    open_page: Opener, session: Session
) -> None:
    page = open_page()
    run = begin(page, session)
    page.form.start.click()
    waiting = page.runs.rows()[0]
    assert waiting.status == "queued"
    seen: list[str] = []

    def answer(dialog: MemoryDialog) -> None:
        seen.append(waiting.status)
        dialog.reject()

    while_open(MemoryDialog, answer)
    shortage(page, run)
    assert seen == ["starting"], "nobody may be there for hours"


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="limits memory as Linux does")
def test_a_real_lack_of_memory_on_the_cpu_is_told_with_remedies(
    qtbot: QtBot, working_page: PageMaker, monkeypatch: pytest.MonkeyPatch, forks: Forks
) -> None:
    code = (
        "import resource, runpy, torch, torchvision\n"
        "pages = int(open('/proc/self/statm').read().split()[0])\n"
        "limit = pages * resource.getpagesize() + 400 * 2**20\n"
        "resource.setrlimit(resource.RLIMIT_AS, (limit, limit))\n"
        "runpy.run_module('resnet_gui.engine', run_name='__main__')\n"
    )

    def start(_self: object) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        env = process._environment()
        return forks.popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, env=env)

    monkeypatch.setattr(process.EngineProcess, "_start", start)
    page = working_page()
    page._session.choose_preset(PRESETS["resnet20"])
    set_field(page.form, "batch_size", 1400)
    page.form.start.click()
    run = page.runs.rows()[0]
    titles: list[str] = []

    def answer(dialog: MemoryDialog) -> None:
        titles.extend(card.fix.title for card in dialog.cards)
        assert "Traceback" in dialog.details.toPlainText()
        dialog.reject()

    while_open(MemoryDialog, answer)
    qtbot.waitUntil(lambda: bool(titles), timeout=START)
    assert run.status == "failed"
    assert "too little memory; try a batch below 1400" in run.message
    assert "Batch 700, two steps accumulated" in titles


# ---- other causes


def test_a_loss_that_is_no_number_offers_no_resume(open_page: Opener, session: Session, dialogs: list[QDialog]) -> None:
    page = open_page()
    run = begin(page, session)
    sentence = "The loss is no longer a finite number; start a new run with a learning rate below 0.1."
    fail(page, run, sentence, "infinite", at=5)
    (run.folder / LAST_FILE).write_bytes(b"a checkpoint")
    page.control.changed.emit()
    assert offered(page) == {"error"}
    assert sentence in page.banner.text.text()
    assert dialogs == []
    again = open_page()  # and a window that only reads of it
    assert offered(again) == {"error"}


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        ("disk", "The disk is full; make room first. The last checkpoint is kept."),
        ("inside", "An error inside the program ended it: KeyError: 'x'"),
        ("process", "Another process of this training ended, so it ended too: rank 1."),
        ("input", "The run folder was removed."),
    ],
)
def test_any_other_failure_is_told_in_the_banner_and_its_details_are_a_click_away(
    open_page: Opener, session: Session, cause: Cause, sentence: str
) -> None:
    page = open_page()
    run = begin(page, session)
    fail(page, run, sentence, cause, at=7)
    assert page.banner.isVisible()
    assert page.banner.text.text() == f"{run.name} stopped: {sentence}"
    assert page.banner.action.text() == "Details"
    assert offered(page) == {"error", "resume"}
    seen: list[str] = []

    def answer(dialog: QMessageBox) -> None:
        seen.extend((dialog.text(), dialog.informativeText(), dialog.detailedText()))
        assert any(TRACE in text.toPlainText() for text in dialog.findChildren(QTextEdit))
        dialog.accept()

    while_open(QMessageBox, answer)
    page.banner.action.click()
    assert seen == [sentence, "It made 7 steps. It has no checkpoint yet.", TRACE]
    assert page.banner.isHidden()


def test_details_in_the_banner_are_those_of_the_run_that_it_speaks_of(
    open_page: Opener, session: Session, dialogs: list[QDialog]
) -> None:
    page = open_page()
    other = begin(page, session)
    fail(page, other, "Something else.", "inside", at=1)
    run = begin(page, session)
    fail(page, run, "The disk is full; make room first.", "disk", at=2)
    page.state.choose(other)
    page.banner.action.click()
    (box,) = dialogs
    assert isinstance(box, QMessageBox)
    assert box.text() == "The disk is full; make room first."


def test_undo_beside_the_message_takes_back_the_trash_and_never_a_later_edit(
    open_page: Opener, session: Session
) -> None:
    folder = finished_run("a")
    page = open_page()
    offers: list[tuple[MessageAction, ...]] = []
    session.offered.connect(lambda _sentence, _level, actions: offers.append(actions))
    page.actions_of_runs.trash.throw_away([row_of(page, folder)])
    session.edit("change classes", classes=7)
    ((action,),) = offers
    action.work()
    assert session.spec.classes == 7
    assert folder.exists()
    session.undo.undo()
    session.undo.undo()
    assert folder.exists(), "the step of the trash was taken back already"
