"""Keys in tooltips are those of the keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QKeySequence

from resnet_gui.gui.kit.format import MAC_SIGNS, native_keys


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Undo (Ctrl+Z)", "Undo (⌘Z)"),
        ("Redo (Ctrl+Shift+Z)", "Redo (⌘⇧Z)"),
        ("Larger (Ctrl+wheel)", "Larger (⌘wheel)"),
        ("Ctrl+Z, Ctrl+Y, Alt+A", "⌘Z, ⌘Y, ⌥A"),
        ("A 3×3 + BN block", "A 3×3 + BN block"),
    ],
)
def test_a_mac_shows_its_signs_and_others_words(text: str, shown: str) -> None:
    assert native_keys(text, "darwin") == shown
    assert native_keys(text, "linux") == native_keys(text, "win32") == text


def test_every_modifier_is_one_that_qt_knows() -> None:
    for name in MAC_SIGNS:
        assert QKeySequence(f"{name}+K").toString(QKeySequence.SequenceFormat.PortableText) == f"{name}+K"
