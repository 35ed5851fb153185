"""What holds of every diagram, whatever the design."""

from __future__ import annotations

from itertools import combinations

from PySide6.QtGui import QFontMetricsF

from resnet_gui.design.spec import ResNetSpec
from resnet_gui.gui.design.diagram.scene import Diagram
from resnet_gui.gui.kit.theme import font


def assert_clean(drawn: Diagram, spec: ResNetSpec) -> None:
    """Nothing of a diagram is lost, empty, outside or on top of its neighbour."""
    assert sum(card.more or 1 for card in drawn.cards) == sum(spec.blocks)
    assert len(drawn.arcs()) == (0 if spec.shortcut == "none" else len(drawn.cards)) == len(drawn.joins)
    cards, chips = [card.rect for card in drawn.cards], [chip.rect for chip in drawn.chips]
    for kind in (cards, chips):
        assert not any(one.intersects(other) for one, other in combinations(kind, 2))
    for rect in (*cards, *chips, *(box.rect for box in drawn.boxes), *(text.rect for text in drawn.texts)):
        assert 0 <= rect.left() < rect.right() <= drawn.width
        assert 0 <= rect.top() < rect.bottom() <= drawn.height
    for text in drawn.texts:
        assert text.text.strip()


def too_wide(drawn: Diagram) -> list[str]:
    """Texts that their places cut off."""
    return [
        text.text
        for text in drawn.texts
        if QFontMetricsF(font(text.size, text.weight)).horizontalAdvance(text.text) > text.rect.width()
    ]
