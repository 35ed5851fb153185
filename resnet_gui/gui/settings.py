"""What the window remembers: each setting declared once, kept in the program's own folder."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import msgspec
from PySide6.QtWidgets import QSplitter

from resnet_gui.base.files import write_atomic
from resnet_gui.design.spec import Design
from resnet_gui.gui.appearance import settings_path
from resnet_gui.gui.kit.theme import Mode
from resnet_gui.protocol.jobs import Train
from resnet_gui.training.recipe import Recipe
from resnet_gui.training.start import StartRequest

LOG = logging.getLogger(__name__)


class RecentDesign(msgspec.Struct, frozen=True):
    """A design that was worked on, and when that was, in seconds since the epoch."""

    design: Design
    when: float


class Settings(msgspec.Struct, kw_only=True):
    """The settings; a file that cannot be read gives these defaults and is kept aside as ``settings.json.bad``.

    Attributes:
        theme: "system", "dark" or "light".
        device: as the command line names it.
        design: the last one on screen.
        preset: name of the preset that it began as.
        geometry: of the window, base64 of Qt's own format.
        recipe: the one that was in the form.
        start: the weights in the form to begin from; None to draw them.
        recipe_data: the data set that was chosen last.
        queue: runs that wait for their turn.
        followed: run folders elsewhere that are in the list.
        panels: sizes of the plots of the Train page.
        folder: where a file dialog opened last.
        recent: paths of designs and weights that were opened, the latest first.
        pins: pinned designs.
        baseline: number of the pinned design that is the baseline; −1 for none.
        splitter: widths of diagram and table.
        compared: widths of the Compare page's tables and plots.
        plotted: heights of its two plots.
        columns: names of the layer table's columns on show; empty for the usual ones.
        naming: "paper" or "torch", whose names the layer table shows.
        colouring: what the blocks' colours mean.
        advanced: whether the advanced part of the design form is open.
        network: MODEL that classified pictures last.
        experiment: key of the one that the Lab page showed last.
        evaluated: MODEL that was measured last.
        evaluated_beside: MODEL that stood beside it.
        evaluated_data: the data that it was measured on.
        evaluated_recent: folders and files that models were measured on, the latest first.
        welcome: whether the welcome page is shown at the start where nothing is open.
        recent_designs: designs that were on screen for a while, the latest first.
    """

    theme: Mode = "system"
    device: str = "auto"
    design: Design | None = None
    preset: str = ""
    geometry: str = ""
    recipe: Recipe | None = None
    start: StartRequest | None = None
    recipe_data: str = "digits"
    queue: list[Train] = []
    followed: list[str] = []
    panels: list[int] = []
    folder: str = ""
    recent: list[str] = []
    pins: list[Design] = []
    baseline: int = -1
    splitter: list[int] = []
    compared: list[int] = []
    plotted: list[int] = []
    columns: list[str] = []
    naming: str = "paper"
    colouring: str = "stage"
    advanced: bool = False
    network: str = ""
    experiment: str = ""
    evaluated: str = ""
    evaluated_beside: str = ""
    evaluated_data: str = ""
    evaluated_recent: list[str] = []
    welcome: bool = True
    recent_designs: list[RecentDesign] = []

    def save(self) -> str:
        """Write the settings; a sentence if that cannot be done, as on a full disk, else empty."""
        try:
            write_atomic(settings_path(), msgspec.json.format(msgspec.json.encode(self), indent=2))
        except OSError as error:
            LOG.warning("The settings could not be written: %s", error)
            return f"Settings and queue cannot be kept: {error.strerror or error} ({settings_path().name})."
        return ""


@runtime_checkable
class Remembers(Protocol):
    """A page that is arranged by the user."""

    def remember(self, settings: Settings) -> None:
        """Write down how it is arranged."""


@runtime_checkable
class Leaves(Protocol):
    """A page that has something to end when the window closes."""

    def leave(self) -> None:
        """The window closes."""


WIDEST = 100_000
"""Pixels beyond which a remembered size is none."""


def restore_sizes(splitter: QSplitter, sizes: Sequence[int]) -> bool:
    """Give the parts of a splitter their sizes of an earlier time, if they can be sizes of these parts."""
    fitting = len(sizes) == splitter.count() and all(0 < size < WIDEST for size in sizes)
    if fitting:
        splitter.setSizes(sizes)
    return fitting


def load_settings(tell: Callable[[str], None] = lambda _sentence: None) -> Settings:
    """Read the settings.

    Args:
        tell: told in a sentence why they are the defaults, where there were others.
    """
    path = settings_path()
    try:
        return msgspec.json.decode(path.read_bytes(), type=Settings)
    except FileNotFoundError:
        return Settings()
    except (OSError, msgspec.MsgspecError) as error:
        LOG.warning("The settings could not be read: %s", error)
        kept = ""
        with contextlib.suppress(OSError):
            path.replace(path.with_name(f"{path.name}.bad"))
            kept = f"; the file is kept as {path.name}.bad"
        tell(f"The settings of last time cannot be read{kept}. Everything begins with the defaults.")
        return Settings()
