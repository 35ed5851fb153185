"""Letters that no font on this computer has: noticed when a text with them is shown for the first time."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from functools import cache
from typing import Final, NamedTuple

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication

LOG = logging.getLogger(__name__)

FIRST_UNSURE: Final = "\u0530"
"""The first letter that the window's own font may lack: it has the Latin, Greek and Cyrillic ones before."""

CJK: Final = "fonts-noto-cjk"
OTHERS: Final = "fonts-noto-core"
"""Debian's packages with the letters of East Asia, and with those of all other scripts."""


class Script(NamedTuple):
    """A script: what it is called, and Debian's package of a font that has it."""

    name: str
    package: str


EAST_ASIAN: Final = {
    "HANGUL": Script("Korean", CJK),
    "HIRAGANA": Script("Japanese", CJK),
    "KATAKANA": Script("Japanese", CJK),
    "KATAKANA-HIRAGANA": Script("Japanese", CJK),
    "CJK": Script("Chinese or Japanese", CJK),
    "IDEOGRAPHIC": Script("Chinese or Japanese", CJK),
    "VERTICAL": Script("Japanese", CJK),
    "FULLWIDTH": Script("full-width", CJK),
    "BOPOMOFO": Script("Chinese", CJK),
}
"""By how Unicode's names of their letters begin; other scripts are called so themselves."""

TWO_WORDS: Final = frozenset(
    {"NEW", "OLD", "TAI", "OL", "MEETEI", "SYLOTI", "PHAGS", "SORA", "PAU", "WARANG", "CANADIAN"}
)
"""First words of scripts whose names are two."""


def script_of(letter: str) -> Script | None:
    """The script of a letter beyond those that every window can show; None for signs, figures and the others."""
    # Here and not above: hardly any window ever needs it.
    import unicodedata

    if letter < FIRST_UNSURE or unicodedata.category(letter)[0] != "L":
        return None
    words = unicodedata.name(letter, "").removeprefix("HALFWIDTH ").split(" ")
    if words[0] in EAST_ASIAN or not words[0]:
        return EAST_ASIAN.get(words[0])
    name = " ".join(words[: 2 if words[0] in TWO_WORDS else 1])
    return Script(name.title(), OTHERS)


def can_be_drawn(letter: str) -> bool:
    """Whether the window's font has a letter, or one that Qt takes in its place."""
    # Of one letter Qt asks every font that it would fall back to.
    return bool(QFontMetrics(QGuiApplication.font()).inFontUcs4(ord(letter)))


class LetterNotice(QObject):
    """The notice of letters that no font has; each is looked up once, and each package named once.

    Signals:
        missing: a sentence that says which letters, and what has them.
    """

    missing = Signal(str)
    _unknown = Signal(str)

    def __init__(self, drawn: Callable[[str], bool] = can_be_drawn, parent: QObject | None = None) -> None:
        """Ask ``drawn`` whether a letter can be drawn."""
        super().__init__(parent)
        self._drawn = drawn
        self._known: set[str] = set()
        self._named: set[str] = set()
        # Fonts are asked between two pictures, and not in the thread or the moment in which one is drawn.
        self._unknown.connect(self._look_up, Qt.ConnectionType.QueuedConnection)

    def look(self, text: str) -> None:
        """Look at a text that is shown; any thread may."""
        if text.isascii():
            return
        new = {letter for letter in text if letter >= FIRST_UNSURE} - self._known
        if new:
            self._known |= new
            self._unknown.emit("".join(sorted(new)))

    def _look_up(self, letters: str) -> None:
        found = {letter: script for letter in letters if (script := script_of(letter)) is not None}
        lacking = {script for letter, script in found.items() if not self._drawn(letter)}
        for package in sorted({script.package for script in lacking} - self._named):
            self._named.add(package)
            names = sorted({script.name for script in lacking if script.package == package})
            sentence = missing_words(names, package)
            LOG.info("%s", sentence)
            self.missing.emit(sentence)


def missing_words(scripts: list[str], package: str) -> str:
    """What is said of letters that no font has."""
    names = " and ".join([", ".join(scripts[:-1]), scripts[-1]] if len(scripts) > 1 else scripts)
    font = f"the package {package} (apt install {package})" if sys.platform == "linux" else "a font for them"
    return f"No font here has {names} letters, so they are shown as boxes; {font} brings them at the next start."


@cache
def letter_notice() -> LetterNotice:
    """The one of this process, which all that is drawn tells of its texts."""
    return LetterNotice()
