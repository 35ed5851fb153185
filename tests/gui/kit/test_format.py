"""Names and figures as the window writes them."""

from __future__ import annotations

from resnet_gui.gui.kit.format import told_apart


def test_a_name_that_looks_like_a_second_one_is_no_second_one() -> None:
    assert told_apart(["a", "a", "a (2)"]) == ["a", "a (3)", "a (2)"]
    assert told_apart(["a (2)", "a", "a", "a"]) == ["a (2)", "a", "a (3)", "a (4)"]
    assert told_apart([]) == []
