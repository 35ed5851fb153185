"""Letters that no font here has are said once, with the package that has them."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.gui.kit.basic import ElidedLabel
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.window.missing_letters import LetterNotice, Script, can_be_drawn, letter_notice, script_of
from resnet_gui.gui.shell.main_window import MainWindow

KOREAN, JAPANESE, ARABIC = "고양이.jpg", "ねこ 猫", "قطة"


@pytest.fixture
def latin(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> LetterNotice:
    """The notice of a Debian whose fonts have Latin letters alone, which all that is drawn tells of its texts."""
    monkeypatch.setattr("sys.platform", "linux")
    notice = LetterNotice(str.isascii)
    for module in ("basic", "cached_text"):
        monkeypatch.setattr(f"resnet_gui.gui.kit.{module}.letter_notice", lambda: notice)
    return notice


@pytest.fixture
def said(latin: LetterNotice) -> list[str]:
    sentences: list[str] = []
    latin.missing.connect(sentences.append)
    return sentences


def test_each_script_is_said_once_with_its_package(latin: LetterNotice, said: list[str]) -> None:
    for text in ("cat.jpg", "Größe ≤ 3 × 3 – Кот, γάτα ▲ ☺", KOREAN, KOREAN, JAPANESE, ARABIC):
        latin.look(text)
        QApplication.processEvents()
    assert said == [
        "No font here has Korean letters, so they are shown as boxes; the package fonts-noto-cjk "
        "(apt install fonts-noto-cjk) brings them at the next start.",
        "No font here has Arabic letters, so they are shown as boxes; the package fonts-noto-core "
        "(apt install fonts-noto-core) brings them at the next start.",
    ]


def test_a_name_in_several_scripts_is_one_sentence_and_elsewhere_no_package_is_named(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    notice = LetterNotice(str.isascii)
    with qtbot.waitSignal(notice.missing) as told:
        notice.look(f"{KOREAN} {JAPANESE}")
    (sentence,) = told.args
    assert sentence.startswith("No font here has Chinese or Japanese, Japanese and Korean letters")
    assert "noto" not in sentence


@pytest.mark.parametrize(
    ("letters", "name", "package"),
    [
        ("ーデｱ", "Japanese", "fonts-noto-cjk"),
        ("々〆", "Chinese or Japanese", "fonts-noto-cjk"),
        ("ａ", "full-width", "fonts-noto-cjk"),
        ("ﾡ", "Korean", "fonts-noto-cjk"),
        ("ᦀ", "New Tai", "fonts-noto-core"),
        ("𐌀", "Old Italic", "fonts-noto-core"),
        ("ᥐ", "Tai Le", "fonts-noto-core"),
        ("ا", "Arabic", "fonts-noto-core"),
    ],
)
def test_a_script_is_found_by_its_letters(letters: str, name: str, package: str) -> None:
    assert {script_of(letter) for letter in letters} == {Script(name, package)}


def test_letters_that_a_font_has_are_not_said(qtbot: QtBot) -> None:
    notice, said = LetterNotice(lambda _letter: True), list[str]()
    notice.missing.connect(said.append)
    notice.look(KOREAN + ARABIC)
    QApplication.processEvents()
    assert said == []


def test_qt_is_asked_for_the_fonts_that_it_falls_back_to(qtbot: QtBot, theme: Theme) -> None:
    assert can_be_drawn("A")
    assert not can_be_drawn("\U000e01ff"), "nobody has given it a sign"


@pytest.mark.parametrize("way", ["ink", "elided", "label", "thread"])
def test_whatever_draws_a_name_tells_of_its_letters(
    qtbot: QtBot, theme: Theme, latin: LetterNotice, said: list[str], way: str
) -> None:
    if way == "ink":
        ink.__wrapped__(KOREAN)
    elif way == "elided":
        elided.__wrapped__(KOREAN, 20)
    elif way == "label":
        label = ElidedLabel(KOREAN)
        qtbot.addWidget(label)
        label.grab()
    else:
        thread = threading.Thread(target=latin.look, args=(KOREAN,))
        thread.start()
        thread.join()
    QApplication.processEvents()
    assert len(said) == 1


def test_the_window_says_it_in_its_status_bar(qtbot: QtBot, theme: Theme) -> None:
    window = MainWindow(theme)
    qtbot.addWidget(window)
    letter_notice().missing.emit("No font here has Korean letters.")
    assert window.status.sentence.text() == "No font here has Korean letters."
    window.status.say("고양이.pt cannot be read.", "error")
    letter_notice().missing.emit("No font here has Arabic letters.")
    assert window.status.sentence.text() == "고양이.pt cannot be read.", "an error stays"
    assert [toast.sentence.text() for toast in window.toasts.toasts] == ["No font here has Arabic letters."]
