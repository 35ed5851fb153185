"""What the first page needs of the settings; decoded before the messages and recipes that the rest of them needs."""

from __future__ import annotations

from typing import Any

import msgspec

from resnet_gui.design.spec import Design
from resnet_gui.gui.appearance import settings_path
from resnet_gui.gui.kit.theme import Mode


class RecentDesign(msgspec.Struct, frozen=True):
    """A design that was worked on, and when that was, in seconds since the epoch."""

    design: Design
    when: float


class FirstSettings(msgspec.Struct, kw_only=True):
    """The settings that the first page is made from, the Design page or the welcome page; ``Settings`` has the rest.

    Attributes:
        theme: "system", "dark" or "light".
        device: as the command line names it.
        design: the last one on screen.
        preset: name of the preset that it is, or is nearest to.
        design_path: the file that it was opened from or saved in; empty for none.
        design_saved: what that file has, or, if there is none, what the design began as.
        page: key of the page on show.
        followed: run folders elsewhere that are in the list.
        folder: where a file dialog opened last.
        pins: pinned designs.
        baseline: number of the pinned design that is the baseline; −1 for none.
        splitter: widths of diagram and table.
        columns: names of the layer table's columns on show; empty for the usual ones.
        column_widths: pixels of columns that were dragged, by their names; those of other tables than the layer table
            have the table's name before, as in "pictures.size".
        naming: "paper" or "torch", whose names the layer table shows.
        colouring: what the blocks' colours mean.
        advanced: whether the advanced part of the design form is open.
        welcome: whether the welcome page is shown at the start where nothing is open.
        recent_designs: designs that were on screen for a while, the latest first.
        queue: runs that wait for their turn; here only whether there are any.
    """

    theme: Mode = "system"
    device: str = "auto"
    design: Design | None = None
    preset: str = ""
    design_path: str = ""
    design_saved: Design | None = None
    page: str = ""
    followed: list[str] = []
    folder: str = ""
    pins: list[Design] = []
    baseline: int = -1
    splitter: list[int] = []
    columns: list[str] = []
    column_widths: dict[str, int] = {}
    naming: str = "paper"
    colouring: str = "stage"
    advanced: bool = False
    welcome: bool = True
    recent_designs: list[RecentDesign] = []
    queue: list[Any] = []


def settings_bytes() -> bytes:
    """The settings' file; empty where there is none, or none that can be read.

    It is read once and decoded twice: another window may write it between two readings.
    """
    try:
        return settings_path().read_bytes()
    except OSError:
        return b""


def decode_first(data: bytes) -> FirstSettings | None:
    """What the first page needs of the settings' file, without what cannot be read; None where nothing can."""
    try:
        return msgspec.json.decode(data, type=FirstSettings)
    except msgspec.MsgspecError:
        pass
    try:
        fields = msgspec.json.decode(data, type=dict[str, Any])
    except msgspec.MsgspecError:
        return None
    return msgspec.convert(readable_fields(fields, FirstSettings)[0], FirstSettings)


def readable_fields(fields: dict[str, Any], kind: type[FirstSettings]) -> tuple[dict[str, Any], list[str]]:
    """What settings can be made of, without the values and items that cannot be read, and the fields that these are of.

    Such values are a newer version's, or somebody's who has edited the file; fields that nobody knows stay.
    """
    kept, unread = {}, []
    for name, value in fields.items():
        if _makes({name: value}, kind):
            kept[name] = value
            continue
        unread.append(name)
        if isinstance(value, list) and (items := [item for item in value if _makes({name: [item]}, kind)]):
            kept[name] = items
    if "pins" in unread:
        # The pins have other numbers now.
        kept.pop("baseline", None)
    return kept, unread


def _makes(fields: dict[str, Any], kind: type[FirstSettings]) -> bool:
    try:
        msgspec.json.decode(msgspec.json.encode(fields), type=kind)
    except msgspec.MsgspecError:
        return False
    return True
