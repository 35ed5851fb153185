"""What changes in a window is in the file soon, beside what another window has changed."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import msgspec
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.appearance import settings_path
from resnet_gui.gui.kept.keeper import SettingsKeeper
from resnet_gui.gui.kept.settings_file import SettingsFile
from resnet_gui.gui.settings import Settings, load_settings
from tests.gui.driving import Opener
from tests.waiting import PATIENCE_MS

R18, R34, R50 = (PRESETS[name].design for name in ("resnet18", "resnet34", "resnet50"))


@pytest.fixture
def keeper(qtbot: QtBot) -> Iterator[tuple[SettingsKeeper, Settings, list[int]]]:
    settings, looked = Settings(), list[int]()
    made = SettingsKeeper(settings, lambda: looked.append(1))
    yield made, settings, looked
    made.stop()


def test_a_change_is_written_without_being_asked_for_and_only_a_change(
    qtbot: QtBot, keeper: tuple[SettingsKeeper, Settings, list[int]]
) -> None:
    made, settings, looked = keeper
    made._timer.setInterval(5)
    assert not settings_path().exists()
    settings.theme = "light"
    qtbot.waitUntil(settings_path().exists, timeout=PATIENCE_MS)
    assert load_settings().theme == "light"
    written, seen = settings_path().stat().st_mtime_ns, len(looked)
    qtbot.waitUntil(lambda: len(looked) > seen + 3, timeout=PATIENCE_MS)
    assert settings_path().stat().st_mtime_ns == written


def test_what_is_written_lies_on_disk_within_two_seconds() -> None:
    assert SettingsKeeper(Settings(), lambda: None)._timer.interval() <= 1500


def test_pins_of_one_window_and_the_device_of_another_both_survive_whoever_closes_last(open_window: Opener) -> None:
    first, second = open_window(Settings(theme="dark"), engine=False), open_window(Settings(theme="dark"), engine=False)
    first.session.pin(R18)
    second.session.pin(R50, baseline=True)
    first.memory.keeper.flush()
    second.session.set_device("cpu")
    second.memory.keeper.flush()
    first.session.pin(R34)
    first.session.edit("change classes", classes=7)
    first.window.close()
    second.window.close()
    found = load_settings()
    assert {pin.name for pin in found.pins} == {"ResNet-18", "ResNet-50", "ResNet-34"}
    assert found.device == "cpu"
    assert found.pins[found.baseline] == R50
    assert found.design is not None
    assert found.design.spec.classes == 7


def test_the_last_design_of_a_window_is_a_recent_one_though_another_window_stays_open(
    open_window: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = open_window(Settings(theme="dark"), engine=False), open_window(Settings(theme="dark"), engine=False)
    monkeypatch.setattr(QApplication, "exit", staticmethod(lambda _code: None))
    second.session.edit("change classes", classes=7)
    second.end()
    first.session.edit("change classes", classes=9)
    first.memory.recent_designs.keep()
    first.memory.keeper.flush()
    first.memory.recent_designs.keep()
    first.memory.keeper.flush()
    found = load_settings()
    assert found.design is not None
    assert found.design.spec.classes == 9, "that of the window which wrote last"
    assert [recent.design.spec.classes for recent in found.recent_designs] == [9, 7], "each once, the latest first"
    again = open_window(found, engine=False)
    assert [one.title for one in again.palette._designs()] == [recent.design.name for recent in found.recent_designs]


def test_writers_at_the_same_moment_lose_nothing() -> None:
    files = [SettingsFile(Settings()) for _ in range(4)]

    def write(number: int) -> None:
        for last in range(1, 4):
            names = [f"{number}-{each}" for each in range(last)]
            assert not files[number].write(msgspec.json.encode(Settings(followed=names)))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(load_settings().followed) == [f"{number}-{each}" for number in range(4) for each in range(3)]


def test_a_file_that_is_taken_away_or_broken_is_written_whole_again() -> None:
    file = SettingsFile(Settings())
    file.write(msgspec.json.encode(Settings(theme="light")))
    for spoil in (lambda: settings_path().unlink(), lambda: settings_path().write_bytes(b"{")):
        spoil()
        file.write(msgspec.json.encode(Settings(theme="light", device="cpu")))
        assert load_settings() == Settings(theme="light", device="cpu")
    assert settings_path().with_name("settings.json.bad").read_bytes() == b"{"


def test_what_a_window_left_that_was_killed_while_it_wrote_is_removed() -> None:
    left = settings_path().with_name("settings.json.tmp-0123abcd")
    left.parent.mkdir()
    left.write_bytes(b'{"theme": "li')
    SettingsFile(Settings()).write(msgspec.json.encode(Settings(theme="light")))
    assert load_settings().theme == "light"
    assert not left.exists()


def test_a_page_that_fails_keeps_no_other_from_being_kept(open_window: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    window = open_window(engine=False)

    def fail(_settings: Settings) -> None:
        raise RuntimeError("planned")

    monkeypatch.setattr(window.design, "remember", fail)
    window.session.edit("change classes", classes=7)
    with pytest.raises(RuntimeError, match="planned"):
        window.memory.keeper.flush()
    found = load_settings().design
    assert found is not None
    assert found.spec.classes == 7
