"""The hue of every part of a network: the same for its band in the diagram, its rows in the tables and its curves."""

from __future__ import annotations

from resnet_gui.design.location import Section


def section_token(section: Section) -> str:
    """The theme's token of a stage, of the stem ("s0") or of the head, which has no hue but the third text colour."""
    if isinstance(section, int):
        return stage_token(section)
    return {"stem": "s0", "head": "t3"}[section]


def stage_token(index: int) -> str:
    """The hue of a stage, "s1" for the first; designs of more than four stages begin again."""
    return f"s{index % 4 + 1}"
