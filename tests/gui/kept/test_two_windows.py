"""A window follows what another one does with what they share, and keeps what is its own."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.appearance import settings_path
from resnet_gui.gui.first_settings import RecentDesign
from resnet_gui.gui.kept.settings_file import SettingsFile
from resnet_gui.gui.settings import LAYOUT, SHARED, Settings, load_settings
from resnet_gui.gui.shell.application import Application
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
    """A look of the window at the file, which it is not writing meanwhile."""
    window.memory.keeper._pool.waitForDone()
    window.memory.keeper.keep()


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
    assert file.take_news(mine) == {}
    assert asked == []
    SettingsFile(Settings(theme="light")).write(encoded(Settings(theme="light", recent=["/a.json"])))
    assert file.take_news(mine) == {"recent": ["/a.json"]}
    assert file.take_news(mine) == {}


def test_what_another_window_has_put_between_two_writes_of_this_one_is_taken_over_all_the_same() -> None:
    file = SettingsFile(Settings())
    SettingsFile(Settings()).write(encoded(Settings(recent=["/a.json"])))
    file.write(encoded(Settings(theme="light")))
    assert file.take_news(lambda: encoded(Settings(theme="light"))) == {"recent": ["/a.json"]}
    file.write(encoded(Settings(theme="light", recent=["/a.json"])))
    assert load_settings() == Settings(theme="light", recent=["/a.json"])


def test_a_file_that_cannot_be_read_is_no_news() -> None:
    file = SettingsFile(Settings())
    file.write(encoded(Settings(theme="light")))
    settings_path().write_bytes(b"{")
    assert file.take_news(lambda: encoded(Settings(theme="light"))) == {}


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
