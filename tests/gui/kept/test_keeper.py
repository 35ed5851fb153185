"""What changes in a window is in the file soon, beside what another window has changed."""

from __future__ import annotations

import errno
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design
from resnet_gui.gui.appearance import settings_path
from resnet_gui.gui.kept import settings_file
from resnet_gui.gui.kept.encoding import encode_settings
from resnet_gui.gui.kept.keeper import SettingsKeeper
from resnet_gui.gui.kept.settings_file import SettingsFile
from resnet_gui.gui.settings import Settings, load_settings
from resnet_gui.protocol.jobs import ModelRequest, Train
from resnet_gui.training.recipe import Recipe
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


def test_a_name_that_is_no_text_is_left_out_and_said_once_while_all_else_is_kept(
    qtbot: QtBot, keeper: tuple[SettingsKeeper, Settings, list[int]]
) -> None:
    made, settings, _ = keeper
    said: list[str] = []
    made.left_out.connect(said.append)
    broken = f"/pictures/caf{chr(0xDCE9)}"
    spec = R18.spec
    settings.recent, settings.folder, settings.pins = ["a.json", broken, "b.json"], broken, [R18]
    settings.recipe = Recipe(data=broken, epochs=7)
    settings.network_request = ModelRequest(model=broken)
    settings.queue = [Train(0, "run", "a", spec, Recipe(data=broken)), Train(1, "other", "b", spec, Recipe())]
    assert [made.flush(), made.flush()] == ["", ""]
    found = load_settings()
    assert (found.recent, found.folder, found.pins) == (["a.json", "b.json"], "", [R18])
    assert found.recipe == Recipe(epochs=7)
    assert found.network_request is None
    assert [job.run for job in found.queue] == ["other"]
    assert len(said) == 1
    assert "recent" in said[0]
    settings.theme = "light"
    made.keep()
    qtbot.waitUntil(lambda: load_settings().theme == "light", timeout=PATIENCE_MS)


@pytest.mark.parametrize(("baseline", "kept"), [(0, -1), (1, 0), (2, 1), (-1, -1), (7, -1)])
def test_the_baseline_is_the_same_pin_where_another_one_cannot_be_kept(baseline: int, kept: int) -> None:
    broken = Design(name=f"caf{chr(0xDCE9)}", spec=R18.spec)
    data, left = encode_settings(Settings(pins=[broken, R34, R50], baseline=baseline))
    found = load_settings(data=data)
    assert (found.pins, found.baseline, left) == ([R34, R50], kept, ("pins",))


def test_what_could_not_be_written_is_tried_again_and_said_once(
    qtbot: QtBot, keeper: tuple[SettingsKeeper, Settings, list[int]]
) -> None:
    made, settings, _ = keeper
    said: list[str] = []
    made.failed.connect(lambda sentence, _reason: said.append(sentence))
    home = settings_path().parent
    home.write_bytes(b"a file where the folder should be")
    settings.theme = "light"
    made._timer.setInterval(5)
    made.keep()
    qtbot.waitUntil(lambda: bool(said), timeout=PATIENCE_MS)
    home.unlink()
    qtbot.waitUntil(settings_path().exists, timeout=PATIENCE_MS)
    assert load_settings().theme == "light"
    assert len(said) == 1


def test_what_is_asked_for_at_the_end_is_not_overtaken_by_an_earlier_look(
    keeper: tuple[SettingsKeeper, Settings, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, settings, _ = keeper
    written: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def write(data: bytes) -> str:
        if not begun.is_set():
            begun.set()
            go_on.wait(PATIENCE_MS)
        written.append(msgspec.json.decode(data, type=Settings).theme)
        return ""

    monkeypatch.setattr(made._file, "write", write)
    settings.theme = "light"
    made.keep()
    begun.wait(PATIENCE_MS)
    settings.theme = "dark"
    go_on.set()
    made.flush()
    assert written == ["light", "dark"]


@pytest.mark.skipif(sys.platform == "win32", reason="its locks are others")
def test_a_disk_without_locks_is_written_without_and_the_log_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_file: int, _how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    file = SettingsFile(Settings())
    for theme in ("light", "dark"):
        assert file.write(msgspec.json.encode(Settings(theme=theme, device="cpu"))) == ""
        assert load_settings().theme == theme
    assert caplog.text.count("has no locks") == 1


def test_a_lock_that_another_program_keeps_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_file, "LOCK_SECONDS", 0.0)
    monkeypatch.setattr("filelock.lock_descriptor", lambda *_, **__: False)
    assert "another program holds the file" in SettingsFile(Settings()).write(b"{}")


def test_a_slow_disk_is_looked_at_on_a_thread_and_does_not_hold_up_the_window(
    keeper: tuple[SettingsKeeper, Settings, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, settings, _ = keeper
    SettingsFile(Settings()).write(msgspec.json.encode(Settings(recent=["/a.json"])))
    stamp, threads, go_on = settings_file._stamp, set[int](), threading.Event()

    def slow(path: Path) -> settings_file.Stamp:
        threads.add(threading.get_ident())
        assert go_on.wait(PATIENCE_MS)
        return stamp(path)

    monkeypatch.setattr(settings_file, "_stamp", slow)
    for _ in range(3):
        made.keep()
    go_on.set()
    made._pool.waitForDone()
    QCoreApplication.sendPostedEvents(made)
    assert settings.recent == ["/a.json"]
    assert len(threads) == 1
    assert threading.get_ident() not in threads


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


def test_a_value_of_a_newer_version_costs_nothing_but_itself_and_is_kept_aside_and_said(
    qtbot: QtBot, keeper: tuple[SettingsKeeper, Settings, list[int]]
) -> None:
    made, settings, _ = keeper
    said: list[str] = []
    made.left_out.connect(said.append)
    path = settings_path()
    path.parent.mkdir()
    path.with_name("settings.json.bad").write_bytes(b"of an earlier time")
    newer = msgspec.json.encode({"theme": "contrast", "recent": ["/newer.json"], "from_tomorrow": 1})
    path.write_bytes(newer)
    settings.folder = "/here"
    made.keep()
    qtbot.waitUntil(lambda: bool(said), timeout=PATIENCE_MS)
    found = load_settings()
    assert (found.theme, found.folder, found.recent) == ("system", "/here", ["/newer.json"])
    assert msgspec.json.decode(path.read_bytes())["from_tomorrow"] == 1
    assert said == [
        "Settings that another version has written cannot be read (theme); the file is kept as settings.json.bad-2."
    ]
    assert path.with_name("settings.json.bad").read_bytes() == b"of an earlier time"
    assert path.with_name("settings.json.bad-2").read_bytes() == newer


def test_a_write_at_once_ends_what_is_said_of_one_that_failed(
    qtbot: QtBot, keeper: tuple[SettingsKeeper, Settings, list[int]]
) -> None:
    made, settings, _ = keeper
    said: list[str] = []
    made.failed.connect(lambda _sentence, reason: said.append(reason))
    made.recovered.connect(lambda: said.append("recovered"))
    settings_path().mkdir(parents=True)
    settings.folder = "/here"
    made.keep()
    qtbot.waitUntil(lambda: bool(said), timeout=PATIENCE_MS)
    settings.folder = "/there"
    made.keep()
    made._pool.waitForDone()  # what it says is on its way
    settings_path().rmdir()
    assert made.flush() == ""
    QApplication.processEvents()
    assert said[1:] == ["recovered"]
    settings_path().unlink()
    settings_path().mkdir()
    settings.folder = "/elsewhere"
    assert made.flush()
    assert len(said) == 2, "whoever asks for it says so"
    made.keep()
    qtbot.waitUntil(lambda: len(said) == 3, timeout=PATIENCE_MS)


def test_what_a_window_left_that_was_killed_while_it_wrote_is_removed() -> None:
    left = settings_path().with_name("settings.json.tmp-0123abcd")
    left.parent.mkdir()
    left.write_bytes(b'{"theme": "li')
    SettingsFile(Settings()).write(msgspec.json.encode(Settings(theme="light")))
    assert load_settings().theme == "light"
    assert not left.exists()


def test_a_page_that_fails_keeps_no_other_from_being_kept(
    open_window: Opener, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    window = open_window(engine=False)
    # On a busy machine its turn would come here too, and fail as planned.
    window.memory.keeper._timer.stop()

    def fail(_settings: Settings) -> None:
        raise RuntimeError("planned")

    monkeypatch.setattr(window.design, "remember", fail)
    window.session.edit("change classes", classes=7)
    with pytest.raises(RuntimeError, match="planned"):
        window.memory.keeper.keep()
    assert window.memory.keeper.flush() == "", "at the end nothing holds it up"
    assert "planned" in caplog.text
    found = load_settings().design
    assert found is not None
    assert found.spec.classes == 7
