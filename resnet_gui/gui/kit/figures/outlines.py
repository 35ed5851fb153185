"""Letters of an SVG as outlines, so that it looks the same where the font is not installed."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QPainterPath

from resnet_gui.gui.kit.theme import font

_TEXT: Final = re.compile(r"<text\b([^>]*)>(.*?)</text>", re.DOTALL)
_ATTRIBUTE: Final = re.compile(r'([\w:-]+)="([^"]*)"')
_, _LINE, _CURVE = (QPainterPath.ElementType(number) for number in range(3))
_COMMANDS: Final = "MLC"
"""Letters of SVG for a move, a line and a curve."""


def outlined(svg: str) -> str:
    """The SVG with every text that Qt has written into it drawn as a path, whose label is the text."""
    return _TEXT.sub(lambda found: _path(dict(_ATTRIBUTE.findall(found[1])), unescape(found[2])), svg)


def _path(attributes: dict[str, str], text: str) -> str:
    shape = QPainterPath()
    shape.setFillRule(Qt.FillRule.WindingFill)
    place = QPointF(float(attributes.get("x", 0)), float(attributes.get("y", 0)))
    shape.addText(place, _font(attributes), text)
    fill = attributes.get("fill", "#000000")
    opacity = attributes.get("fill-opacity", "1")
    label = escape(text.strip())
    return (
        f'<path fill="{fill}" fill-opacity="{opacity}" fill-rule="nonzero" stroke="none" aria-label="{label}" '
        f'd="{_data(shape)}"/>'
    )


def _font(attributes: dict[str, str]) -> QFont:
    size = re.match(r"[\d.]+", attributes.get("font-size", "11"))
    weight = attributes.get("font-weight", "400")
    # One of its own: a QFont that threads share may lose its engine while the other reads it.
    return font.__wrapped__(round(float(size[0])) if size else 11, int(weight) if weight.isdigit() else 400)


def _data(shape: QPainterPath) -> str:
    """The path in the letters of SVG, to a hundredth of a unit."""
    parts: list[str] = []
    number, count = 0, shape.elementCount()
    while number < count:
        element = shape.elementAt(number)
        if element.type == _CURVE:
            corners = [shape.elementAt(number + step) for step in range(3)]
            parts.append(_COMMANDS[2] + " ".join(f"{each.x:.2f} {each.y:.2f}" for each in corners))
            number += 3
            continue
        parts.append(f"{_COMMANDS[element.type == _LINE]}{element.x:.2f} {element.y:.2f}")
        number += 1
    return "".join(parts) + ("Z" if parts else "")
