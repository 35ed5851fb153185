"""Texts of users on a line of a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_gui.base.text import printable


@given(st.text())
def test_no_text_ends_its_line_or_says_anything_to_the_terminal(text: str) -> None:
    found = printable(text)
    assert len(found) == len(text)
    assert len(found.splitlines()) <= 1
    assert not {unicodedata.category(letter) for letter in found} & {"Cc", "Cs", "Zl", "Zp"}
    assert printable(found) == found


@pytest.mark.parametrize(
    "text",
    [
        *("ResNet-50", "Größe 3×3", "1\N{NO-BREAK SPACE}000", "猫", "👩\N{ZERO WIDTH JOINER}🔬", "می\u200cخواهم"),
        # An emoji of Unicode 16 and a letter of none yet, the flag of England, a soft hyphen, a private letter.
        *("\U0001fae9", "\U0001fafd", "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"),
        *("Wörter\u00adbuch", "\ue000", "\u3000"),
    ],
)
def test_what_has_a_sign_stays(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\nb", "a\rb", "a\u2028b", "a\x9bb", "a\u202eb", "\0", "\ud800"])
def test_what_has_none_is_replaced(text: str) -> None:
    assert "\N{REPLACEMENT CHARACTER}" in printable(text)
