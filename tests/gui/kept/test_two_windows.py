"""A window follows what another one does with what they share, and keeps what is its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QCoreApplication

from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.appearance import settings_path
from resnet_gui.gui.first_settings import RecentDesign
from resnet_gui.gui.kept import settings_file
from resnet_gui.gui.kept.merge import LISTS
from resnet_gui.gui.kept.open_windows import OpenWindowFile
from resnet_gui.gui.kept.settings_file import SettingsFile
from resnet_gui.gui.settings import LAYOUT, SHARED, Settings, load_settings
from resnet_gui.gui.shell.application import Application
from resnet_gui.gui.train.page import TrainPage
from resnet_gui.protocol.jobs import Train
from resnet_gui.runs.notes import throw_away
from resnet_gui.training.recipe import Recipe
from tests.gui.driving import Opener, train_page
from tests.gui.train.test_plots import started, write_run

R18, R34, R50 = (PRESETS[name].design for name in ("resnet18", "resnet34", "resnet50"))


def encoded(settings: Settings) -> bytes:
    return msgspec.json.encode(settings)


def still(window: Application) -> Application:
    """A window that looks at the file when a test says so."""
    window.memory.keeper._timer.stop()
    return window


def look(window: Application) -> None:
    """A look of the window at the file, which it is not writing meanwhile; what it finds is taken over."""
    keeper = window.memory.keeper
    keeper._pool.waitForDone()
    keeper.keep()
    keeper._pool.waitForDone()
    QCoreApplication.sendPostedEvents(keeper)


def news(file: SettingsFile, mine: Callable[[], bytes]) -> dict[str, Any]:
    """What a window finds in the file; its own settings are asked for only where another one has written."""
    found = file.read_news()
    return {} if found is None else file.bring_in(found, mine())


def write(settings: Settings) -> None:
    """What another window does, which had read the defaults."""
    assert SettingsFile(Settings(theme="dark")).write(encoded(settings)) == ""


def test_pins_theme_and_recent_files_of_another_window_are_taken_over_and_nothing_else_is(
    open_window: Opener, tmp_path: Path
) -> None:
    window = still(open_window(engine=False))
    card = tmp_path / "card.json"
    card.touch()
    window.session.pin(R18)
    window.session.edit("change classes", classes=7)
    before = window.window.geometry(), window.memory.page
    write(
        Settings(
            theme="light", pins=[R34, R50], baseline=1, recent=[str(card)], design=R50, page="lab", geometry="AAAA",
            recent_designs=[RecentDesign(R50, 5.0)], column_widths={"kind": 99},
        )
    )  # fmt: skip
    look(window)
    assert window.theme.mode == "light"
    assert set(window.session.pins) == {R18, R34, R50}
    assert window.session.baseline == R50
    assert window.files.recent() == [card]
    assert window.menus._recent.isEnabled()
    assert next(iter(window.palette._designs())).title == R50.name
    assert window.session.spec.classes == 7
    assert (window.window.geometry(), window.memory.page) == before
    assert window.settings.column_widths == {}
    window.session.unpin(R34)
    window.memory.keeper.flush()
    assert set(load_settings().pins) == {R18, R50}, "what was taken over is no change of this window's"


def test_what_two_windows_do_at_once_is_in_both_in_the_end(open_window: Opener) -> None:
    first, second = (still(open_window(Settings(theme="dark"), engine=False)) for _ in range(2))
    first.session.pin(R18)
    second.session.pin(R34)
    for window in (first, second):
        window.memory.keeper.flush()
    for window in (first, second):
        look(window)
    assert set(first.session.pins) == set(second.session.pins) == {R18, R34}
    first.session.unpin(R34)
    first.memory.keeper.flush()
    look(second)
    assert second.session.pins == (R18,)


def test_a_window_looks_at_what_it_has_written_itself_no_more_than_at_the_clock() -> None:
    file, asked = SettingsFile(Settings()), list[int]()

    def mine() -> bytes:
        asked.append(1)
        return encoded(Settings(theme="light"))

    assert file.write(encoded(Settings(theme="light"))) == ""
    assert news(file, mine) == {}
    assert asked == []
    SettingsFile(Settings(theme="light")).write(encoded(Settings(theme="light", recent=["/a.json"])))
    assert news(file, mine) == {"recent": ["/a.json"]}
    assert news(file, mine) == {}


def test_what_another_window_has_put_between_two_writes_of_this_one_is_taken_over_all_the_same() -> None:
    file = SettingsFile(Settings())
    SettingsFile(Settings()).write(encoded(Settings(recent=["/a.json"])))
    file.write(encoded(Settings(theme="light")))
    assert news(file, lambda: encoded(Settings(theme="light"))) == {"recent": ["/a.json"]}
    file.write(encoded(Settings(theme="light", recent=["/a.json"])))
    assert load_settings() == Settings(theme="light", recent=["/a.json"])


def test_a_file_that_cannot_be_read_is_no_news() -> None:
    file = SettingsFile(Settings())
    file.write(encoded(Settings(theme="light")))
    settings_path().write_bytes(b"{")
    assert news(file, lambda: encoded(Settings(theme="light"))) == {}


def test_neither_the_design_nor_a_form_nor_the_arrangement_is_shared() -> None:
    own = {*LAYOUT, "design", "design_path", "page", "history", "recipe", "start", "sweep", "lab_drafts", "network"}
    assert not own & set(SHARED)
    assert set(SHARED) <= set(Settings.__struct_fields__)


def waiting(number: int, folder: Path) -> Train:
    return Train(number, str(folder), f"run {number}", R18.spec, Recipe())


def test_what_waits_in_another_window_is_listed_and_begun_there_alone(open_window: Opener, tmp_path: Path) -> None:
    window = still(open_window(engine=False))
    page = train_page(window)
    job, other = waiting(1, tmp_path / "one"), waiting(2, tmp_path / "two")
    write(Settings(theme="dark", queue=[job, other]))
    look(window)
    assert list(page.queue.jobs) == [job, other]
    assert [row.status for row in page.runs.rows()] == ["queued", "queued"]
    page.queue.proceed()
    assert list(page.queue.jobs) == [job, other], "the other window begins it"
    assert not page.queue.goes_on
    again = SettingsFile(Settings(theme="dark", queue=[job, other]))
    again.write(encoded(Settings(theme="dark", queue=[other])))
    look(window)
    assert list(page.queue.jobs) == [other]
    assert [row.folder.name for row in page.runs.rows()] == ["two"], "it was taken out of the queue there"


def test_a_run_that_another_window_has_thrown_away_leaves_the_list(open_window: Opener) -> None:
    window = still(open_window(engine=False))
    folder = write_run("thrown", started(1, 1))
    runs = window.session.runs
    runs.load()
    assert runs.row(folder) is not None
    throw_away(folder)
    runs.find(Path("/nowhere"))
    assert runs.row(folder) is None


@pytest.mark.parametrize("loaded", [True, False])
def test_a_run_elsewhere_is_followed_in_both_windows(open_window: Opener, tmp_path: Path, loaded: bool) -> None:
    window = still(open_window(engine=False))
    runs = window.session.runs
    if loaded:
        runs.load()
    folder = write_run("elsewhere", started(1, 1)).rename(tmp_path / "elsewhere")
    write(Settings(theme="dark", followed=[str(folder)]))
    look(window)
    runs.load()
    assert runs.followed == [str(folder)]
    SettingsFile(Settings(theme="dark", followed=[str(folder)])).write(encoded(Settings(theme="dark")))
    look(window)
    assert runs.followed == []
    assert runs.row(folder) is None


def test_a_followed_run_that_one_window_cannot_read_stays_in_both(open_window: Opener, tmp_path: Path) -> None:
    first, second = (still(open_window(Settings(theme="dark"), engine=False)) for _ in range(2))
    runs, others = train_page(first).runs, train_page(second).runs
    folder, away = tmp_path / "elsewhere", tmp_path / "away"
    write_run("elsewhere", started(1, 1)).rename(folder)
    runs.follow(folder)
    first.memory.keeper.flush()
    folder.rename(away)
    look(second)
    away.rename(folder)
    second.memory.keeper.flush()
    look(first)
    assert load_settings().followed == runs.followed == others.followed == [str(folder)]
    assert runs.row(folder) is not None
    folder.rename(away)
    runs.remove_all([row for row in runs.rows() if row.folder == folder])
    first.memory.keeper.flush()
    for window in (second, first, second):
        look(window)
    assert load_settings().followed == runs.followed == others.followed == []


def test_a_pin_for_which_there_is_no_room_beside_those_of_another_window_is_named(open_window: Opener) -> None:
    first, second = (still(open_window(Settings(theme="dark"), engine=False)) for _ in range(2))
    said: list[str] = []
    first.session.message.connect(lambda sentence, _level: said.append(sentence))
    pins = [msgspec.structs.replace(R18, name=f"pin {number}") for number in range(LISTS["pins"] + 1)]
    for pin in pins[:-1]:
        first.session.pin(pin)
    second.session.pin(pins[-1])
    first.memory.keeper.flush()
    second.memory.keeper.flush()
    look(first)
    assert pins[-2] not in first.session.pins
    assert said == ["pin 15 is pinned no more: another window has changed the pins, and 16 is the most."]


# ---- the queue of two windows


@pytest.fixture
def records() -> Iterator[list[OpenWindowFile]]:
    """The files of two windows that live."""
    made = [OpenWindowFile(), OpenWindowFile()]
    for record in made:
        record.open()
        record.hold()
    yield made
    for record in made:
        record.close()


def marked(open_window: Opener, record: OpenWindowFile) -> Application:
    """A window that others know by its file, with the settings of the moment."""
    window = still(open_window(load_settings(), engine=False))
    window.memory.keeper.mark = record.mark
    return window


def watched(window: Application, *, busy: bool) -> tuple[TrainPage, list[str]]:
    """The Train page of a window that trains all the time or never, and the names of what it starts."""
    page, begun = train_page(window), list[str]()
    page.queue._start = lambda job: begun.append(job.name)
    page.queue._busy = lambda: busy
    return page, begun


def queue_up(page: TrainPage, *jobs: Train) -> None:
    for job in jobs:
        page.runs.add(job, queued=True)
        page.queue.add(job)


def test_a_window_that_is_opened_later_begins_nothing_that_waits_in_the_first(
    open_window: Opener, records: list[OpenWindowFile], tmp_path: Path
) -> None:
    write(Settings(theme="dark"))
    first = marked(open_window, records[0])
    page, begun = watched(first, busy=True)
    queue_up(page, waiting(1, tmp_path / "one"), waiting(2, tmp_path / "two"))
    first.memory.keeper.flush()
    later, own = watched(marked(open_window, records[1]), busy=False)
    later.queue.add(waiting(9, tmp_path / "nine"))
    later.queue.proceed()
    later.queue.release()
    assert own == ["run 9"]
    assert [job.name for job in later.queue.jobs] == ["run 1", "run 2"]
    assert not later.banner.text.isVisibleTo(later.banner) or "wait" not in later.banner.text.text()
    assert begun == []


def test_a_run_that_waits_in_two_windows_is_begun_by_one(
    open_window: Opener, records: list[OpenWindowFile], tmp_path: Path
) -> None:
    write(Settings(theme="dark"))
    first = marked(open_window, records[0])
    page, begun = watched(first, busy=True)
    queue_up(page, waiting(1, tmp_path / "one"), waiting(2, tmp_path / "two"))
    first.memory.keeper.flush()
    second = marked(open_window, records[1])
    other, theirs = watched(second, busy=False)
    other.queue.start_now(str(tmp_path / "one"))
    assert theirs == ["run 1"]
    assert [job.name for job in load_settings().queue] == ["run 2"], "at once, and not when it looks next"
    page.queue._busy = lambda: len(begun) > 0
    page.queue.proceed()
    assert begun == ["run 2"], "the first window has not looked since"
    assert [row.name for row in page.runs.rows()] == ["run 2"]
    for window in (second, first, second):
        look(window)
    assert load_settings().queue == []
    assert (list(page.queue.jobs), list(other.queue.jobs)) == ([], [])


def test_what_was_read_before_a_run_was_begun_does_not_bring_it_back(tmp_path: Path) -> None:
    job, beside = waiting(1, tmp_path / "one"), SettingsFile(Settings())
    file = SettingsFile(Settings())
    before = encoded(Settings(queue=[job]))
    file.write(before)
    beside.write(encoded(Settings(recent=["/a.json"])))
    read = file.read_news()
    assert read is not None
    assert file.claim(job)
    assert file.bring_in(read, before) == {}, "it is read again"
    assert file.write(before) == ""
    assert load_settings().queue == []
    moved = encoded(Settings(queue=[msgspec.structs.replace(job, window="other")]))
    late = SettingsFile(Settings(queue=[job]))
    assert late.write(moved) == ""
    assert load_settings().queue == [], "nor does a window that has taken it for its own"
    assert not late.claim(job)


def test_while_the_file_is_held_nothing_that_waits_is_begun_and_it_is_said(
    open_window: Opener, records: list[OpenWindowFile], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write(Settings(theme="dark"))
    page, begun = watched(marked(open_window, records[0]), busy=True)
    queue_up(page, waiting(1, tmp_path / "one"))
    said: list[str] = []
    page.queue.refused.connect(said.append)
    monkeypatch.setattr(settings_file, "CLAIM_SECONDS", 0.0)
    monkeypatch.setattr("filelock.lock_descriptor", lambda *_, **__: False)
    page.queue._busy = lambda: False
    page.queue.proceed()
    assert begun == []
    assert said == ["The queue waits: another program holds the settings' file."]
    monkeypatch.undo()
    page.queue.release()
    assert begun == ["run 1"]


@pytest.mark.parametrize("made", [True, False])
def test_what_waits_in_a_window_that_is_gone_waits_in_another_one_and_is_offered(
    open_window: Opener, records: list[OpenWindowFile], tmp_path: Path, made: bool
) -> None:
    gone, stays = records
    window = still(open_window(engine=False))
    window.memory.keeper.mark = stays.mark
    offered: list[str] = []
    window.session.offered.connect(lambda sentence, *_: offered.append(sentence))
    if made:
        watched(window, busy=False)
    jobs = [msgspec.structs.replace(waiting(n, tmp_path / f"{n}"), window=gone.mark) for n in (1, 2)]
    write(Settings(theme="dark", queue=jobs))
    look(window)
    look(window)
    assert offered == []
    gone.close()
    look(window)
    assert offered == ["2 runs wait from a window that has closed."]
    page, begun = watched(window, busy=False)
    page.queue.proceed()
    assert begun == []
    window.memory.keeper.keep()
    page.queue.release()
    assert begun == ["run 1"]
    look(window)
    look(window)
    assert len(offered) == 1
    assert [(job.name, job.window) for job in load_settings().queue] == [("run 2", stays.mark)]
