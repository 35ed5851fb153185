"""The welcome page: when it is shown, where its doors lead, what it plays and what it remembers."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from resnet_gui.base.errors import InputError
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, evolve
from resnet_gui.gui.first_settings import RecentDesign
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.lab.page import LabPage
from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.shell.application import Application
from resnet_gui.gui.shell.first_steps import wants_welcome
from resnet_gui.gui.welcome.hero.picture import HeroPicture, caption
from resnet_gui.gui.welcome.hero.recorded import read_recorded
from resnet_gui.gui.welcome.page import STOPPED, WelcomePage
from resnet_gui.gui.welcome.recent_runs import RecentRuns
from resnet_gui.gui.welcome.words import when_words
from resnet_gui.protocol.jobs import Train
from resnet_gui.runs.history import replay
from resnet_gui.runs.recordings import BlockAgreement, recordings_folder
from resnet_gui.training.recipe import Recipe
from tests.gui.driving import Opener, QuietStyle, copy_run, drop, files, train_page

EDITED = Design(name="mine", spec=evolve(PRESETS["resnet18"].spec, classes=7))


def welcome(window: Application) -> WelcomePage:
    window.show_page("welcome")
    page = window.page("welcome")
    assert isinstance(page, WelcomePage)
    return page


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        (Settings(), True),
        (Settings(page="welcome", design=PRESETS["resnet50"].design), True),
        (Settings(welcome=False), False),
        (Settings(page="train"), False),
        (Settings(design=EDITED), False),
        (Settings(pins=[EDITED]), False),
        (Settings(queue=[Train(0, "run", "mine", EDITED.spec, Recipe(), "cpu")]), False),
    ],
)
def test_it_is_shown_where_nothing_is_open_and_nobody_has_done_without_it(settings: Settings, *, shown: bool) -> None:
    assert wants_welcome(settings) is shown


def test_the_logo_and_the_menu_lead_to_it_and_no_button_of_the_rail_stays_marked(open_window: Opener) -> None:
    window = open_window(engine=False)
    assert window.rail.buttons["design"].isChecked()
    window.top.logo.click()
    assert window.shows("welcome")
    assert not any(button.isChecked() for button in window.rail.buttons.values())
    window.rail.buttons["design"].click()
    assert window.rail.buttons["design"].isChecked()
    window.menus.actions["welcome"].trigger()
    assert window.shows("welcome")


def test_each_door_ends_in_the_real_page_with_everything_filled_in(open_window: Opener, tmp_path: Path) -> None:
    for name in ("cats", "dogs"):
        (tmp_path / "photos" / name).mkdir(parents=True)
    window = open_window(engine=False)
    page = welcome(window)
    window.engines.state_changed.emit("ready")
    page.network.presets.preset_chosen.emit(PRESETS["wrn_28_10"])
    assert window.shows("design")
    assert window.session.design == PRESETS["wrn_28_10"].design
    assert page.network.presets.currentIndex() == -1, "the same one can be chosen again"
    welcome(window).pictures.chosen.emit(tmp_path / "photos")
    assert window.shows("train")
    assert train_page(window).form.data == str(tmp_path / "photos")
    welcome(window).replay.here.click()
    assert window.shows("lab")
    lab = window.page("lab")
    assert isinstance(lab, LabPage)
    assert lab.state.experiment.key == "degradation"
    welcome(window).replay.replay.click()
    replayed = train_page(window).replay.going
    assert window.shows("train")
    assert replayed is not None
    assert replayed.playing
    train_page(window).replay.end()


def test_a_folder_of_classes_that_is_dropped_on_it_is_trained_on_and_lights_its_zone_before(
    open_window: Opener, tmp_path: Path
) -> None:
    for name in ("cats", "dogs"):
        (tmp_path / "photos" / name).mkdir(parents=True)
    window = open_window(engine=False)
    page, lit = welcome(window), list[object]()
    window.engines.state_changed.emit("ready")
    window.window.dragged.connect(lambda _: lit.append(page.pictures.zone.property("over")))
    drop(window, files(tmp_path / "photos"))
    assert lit == ["true", "false"]
    assert window.shows("train")
    assert train_page(window).form.data == str(tmp_path / "photos")


def test_without_an_engine_what_needs_one_is_closed_with_the_reason_and_the_recording_is_not(
    open_window: Opener,
) -> None:
    window = open_window(engine=False)
    page = welcome(window)
    window.engines.state_changed.emit("ready")
    usual = page.pictures.about.text()
    window.engines.state_changed.emit("stopped")
    for door, control in ((page.replay, page.replay.here), (page.pictures, page.pictures.choose)):
        assert not control.isEnabled()
        assert door.about.text() == STOPPED
    assert page.replay.replay.isEnabled()
    window.engines.state_changed.emit("ready")
    assert page.pictures.choose.isEnabled()
    assert page.pictures.about.text() == usual


def test_a_recording_that_cannot_be_read_is_said_as_long_as_it_cannot_be_replayed(
    open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise InputError("The recording is gone.")

    monkeypatch.setattr("resnet_gui.gui.welcome.page.read_recorded", fail)
    window = open_window(engine=False)
    page = welcome(window)
    window.engines.state_changed.emit("ready")
    page._read_recordings()
    for state, words in (
        ("ready", "The recording is gone."), ("stopped", f"The recording is gone. {STOPPED}"),
        ("ready", "The recording is gone."),
    ):  # fmt: skip
        window.engines.state_changed.emit(state)
        assert page.replay.about.text() == words
        assert not page.replay.replay.isEnabled()


def test_the_picture_moves_only_while_somebody_looks_and_nobody_holds_it(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(engine=False)
    window.window.activateWindow()
    page = welcome(window)
    hero = page.hero

    def moving() -> bool:
        return hero.moving

    qtbot.waitUntil(moving)
    page.hold.click()
    assert not moving()
    assert page.hold.accessibleName() == "Go on with the recording"
    page.hold.click()
    assert moving()
    window.show_page("design")
    assert not moving()
    window.show_page("welcome")
    assert moving()
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(lambda: not moving())


def test_where_the_system_asks_for_no_motion_the_picture_shows_the_end(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window(engine=False)
    hero = HeroPicture(window.theme)
    quiet = QuietStyle()
    quiet.setParent(hero)
    hero.setStyle(quiet)
    qtbot.addWidget(hero)
    hero.show()
    hero.show_recorded(read_recorded())
    assert (hero.still, hero.moving, hero.seconds) == (True, False, 10.0)
    assert not hero.grab().isNull()
    unseen = HeroPicture(window.theme)
    qtbot.addWidget(unseen)
    unseen.show_recorded(read_recorded())
    assert (unseen.still, unseen.seconds) == (False, 10.0), "nor is it empty where it has not moved yet"


def test_a_presentation_has_a_picture_of_its_own_that_is_enlarged_with_its_place(
    qtbot: QtBot, open_window: Opener
) -> None:
    window = open_window(engine=False)
    page = welcome(window)
    qtbot.waitUntil(lambda: len(page.panes()) == 1)
    made = page.panes()[0].make()
    assert isinstance(made, HeroPicture)
    qtbot.addWidget(made)
    made.resize(2200, 720)
    made.show()
    qtbot.waitUntil(lambda: made.moving)
    large = made.grab().toImage()
    made.resize(1100, 360)
    small = made.grab().toImage()
    # The first band begins where it began, twice as far from the corner.
    band = window.theme.color("s1t")
    assert small.pixelColor(60, 46) == large.pixelColor(120, 92) == large.pixelColor(120, 94) == band
    assert small.pixelColor(60, 40) == large.pixelColor(120, 80) != band


def test_figures_of_the_picture_are_those_of_the_files() -> None:
    recorded = read_recorded()
    for curve in recorded.curves:
        state = replay(recordings_folder() / curve.name)
        errors = [100 * error for error in state.curves["train_error"].y]
        assert curve.final == 100 * state.epochs[-1].train_error
        assert (curve.length, curve.epochs[-1]) == (15, 15.0)
        assert curve.errors[-1] == pytest.approx(sum(errors[-45:]) / 45)
        assert curve.errors[0] == pytest.approx(sum(errors[:3]) / 3)
        assert curve.batches[-1] == pytest.approx(sum(errors[-3:]) / 3)
    residual, plain = recorded.blocks
    assert caption(residual, first=True).endswith("Yes, at every block: correlation 0.69 to 0.81.")
    assert caption(plain, first=False) == "No, at no block: correlation −0.03 to 0.01; each gets noise."
    mixed = BlockAgreement("half", (2,), (0.1, 0.7))
    assert caption(mixed, first=False).startswith("More at some blocks than at others")


def test_recent_designs_and_runs_lead_back_and_one_line_stands_for_none(
    qtbot: QtBot, open_window: Opener, trained_run: Path
) -> None:
    window = open_window(engine=False)
    page = welcome(window)
    qtbot.waitUntil(lambda: page.runs.card.rows == [] and page.nothing.isVisible())
    assert not page.designs.isVisible()
    run = copy_run(trained_run)
    window.session.open_design(EDITED)
    window.memory.recent_designs.keep()
    window.session.runs.load()
    window.show_page("design")
    page = welcome(window)
    qtbot.waitUntil(lambda: bool(page.runs.card.rows))
    assert not page.nothing.isVisible()
    (design,), (row,) = page.designs.card.rows, page.runs.card.rows
    assert design.accessibleName() == "mine, 11,180,103 parameters, now"
    assert "Finished" in row.accessibleName()
    assert "best top-1 error" in row.accessibleName()
    window.session.choose_preset(PRESETS["resnet34"])
    QTest.keyClick(design, Qt.Key.Key_Space)
    assert window.session.design == EDITED
    welcome(window)
    row.click()
    assert window.shows("train")
    assert train_page(window).state.run is not None
    assert train_page(window).state.run.folder == run  # type: ignore[union-attr]


def test_designs_are_kept_the_latest_first_each_once(open_window: Opener) -> None:
    window = open_window(engine=False)
    for name in ("resnet18", "resnet34", "resnet18", *list(PRESETS)[:12]):
        window.session.choose_preset(PRESETS[name])
        window.memory.recent_designs.keep()
    kept = window.settings.recent_designs
    assert len(kept) == len({one.design.name for one in kept}) == 8
    assert kept[0].design == window.session.design


def test_the_box_is_remembered(open_window: Opener) -> None:
    window = open_window(engine=False)
    page = welcome(window)
    page.at_start.click()
    assert window.settings.welcome is False
    assert not wants_welcome(window.settings)


@pytest.mark.parametrize(
    ("width", "height", "curve"),
    [
        (960, 540, False),
        pytest.param(1100, 720, False, marks=pytest.mark.prove),
        pytest.param(1440, 900, True, marks=pytest.mark.prove),
    ],
)
def test_nothing_of_it_is_cut_at_any_size(open_window: Opener, width: int, height: int, *, curve: bool) -> None:
    window = open_window(Settings(theme="dark", recent_designs=[RecentDesign(EDITED, time.time())]), engine=False)
    page = welcome(window)
    window.window.resize(width, height)
    QApplication.processEvents()
    body, shown = page._area.widget(), page._area.viewport().width()
    assert body is not None
    assert body.minimumSizeHint().width() <= shown
    assert page.hero.height() == (320 if curve else 220)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (5, "now"), (12 * 60 + 5, "12 min ago"), (2 * 3600 + 60, "2 h ago"), (26 * 3600, "yesterday"),
        (4 * 86_400, "Wednesday"), (40 * 86_400, "11 Aug"), (400 * 86_400, "16 Aug 2025"),
    ],
)  # fmt: skip
def test_when_something_was_is_said_as_people_say_it(ago: float, words: str) -> None:
    now = time.mktime((2026, 9, 20, 12, 0, 0, 0, 0, -1))
    assert when_words(now - ago, now) == words


def test_runs_that_go_on_ask_nothing_of_a_page_that_is_gone(theme: Theme, trained_run: Path) -> None:
    copy_run(trained_run)
    runs, card = RunModel(), RecentRuns(theme)
    card.show_runs(runs)
    runs.load()
    delete(card)
    with capture_exceptions() as raised:
        runs.run_changed.emit(runs.rows()[0])
    assert raised == []
