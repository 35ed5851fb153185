"""What the window remembers: each setting declared once, kept in the program's own folder."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Set
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

import msgspec

from resnet_gui.base.files import write_atomic
from resnet_gui.gui.appearance import settings_path
from resnet_gui.gui.first_settings import FirstSettings, readable_fields, settings_bytes
from resnet_gui.gui.kit.figures.figure import FigureOptions
from resnet_gui.protocol.jobs import ModelRequest, Train
from resnet_gui.training.recipe import Recipe
from resnet_gui.training.start import StartRequest

LOG = logging.getLogger(__name__)


class LabDraft(msgspec.Struct, frozen=True):
    """A draft of the Lab: what is answered and chosen of an experiment that has not run yet.

    Attributes:
        experiment, scale: which.
        answers: question -> option.
        seeds: that are asked for.
        options: fields of the set-up that differ from the scale's own.
        data: folder that its networks learn from; empty for the scale's own data.
    """

    experiment: str
    scale: str
    answers: dict[str, str] = {}
    seeds: tuple[int, ...] = ()
    options: dict[str, Any] = {}
    data: str = ""


class SweepFields(msgspec.Struct, frozen=True):
    """The form of a new sweep.

    Attributes:
        axes: fields with their values, as JSON has them.
        seeds: in the order of running.
        baseline: name of a field and label of one of its values; None where nothing is compared.
    """

    axes: tuple[tuple[str, list[Any]], ...] = ()
    seeds: tuple[int, ...] = ()
    baseline: tuple[str, str] | None = None


class Settings(FirstSettings, msgspec.Struct, kw_only=True):
    """All the settings.

    Attributes:
        text_size: per cent of what the system asks for; one of ``appearance.TEXT_SIZES``.
        geometry: of the window, base64 of Qt's own format.
        recipe: the one that was in the form.
        start: the weights in the form to begin from; None to draw them.
        recipe_data: the data set that was chosen last.
        queue: runs that wait for their turn.
        panels: sizes of the plots of the Train page.
        runs_width: pixels that the runs of the Train page were given; 0 for what they need.
        runs_shares: sizes of its runs and its form, above each other and beside each other; zeros for the usual ones.
        runs_order: key of the column by which the runs are sorted.
        runs_descending: whether the largest is first.
        runs_group: what they are grouped by: "data", "design" or "tag"; empty for no groups.
        runs_hidden: folders of runs whose curves were hidden, the newest first.
        recorded: whether the runs that ship with the program are listed.
        starters_open: whether the row of ready-made trainings above the runs is unfolded.
        larger_data: the folder that takes the place of CIFAR-10 in the larger form of a starter; empty for none.
        recent: paths of designs and weights that were opened, the latest first.
        compared: widths of the Compare page's tables and plots.
        plotted: heights of its two plots.
        sweep: the form of a new sweep; None while nobody has opened it.
        network: MODEL that classified pictures last.
        network_request: how it was asked: its preprocessing, views, key and open fields.
        explained: heights of picture and explanation on the Predict page.
        experiment: key of the one that the Lab page showed last.
        experiment_scale: key of its scale.
        lab_drafts: what is answered of experiments that have not run.
        evaluated: MODEL that was measured last.
        evaluated_beside: MODEL that stood beside it.
        evaluated_data: the data that it was measured on.
        evaluated_recent: folders and files that models were measured on, the latest first.
        figure: width, ground and kind of file of the figure that was saved last.
        history: the steps that can be undone, see ``gui.shell.keeping.undo_history``; not decoded here, because
            steps that make no sense to this version must not keep the other settings from being read.
    """

    text_size: int = 100
    geometry: str = ""
    recipe: Recipe | None = None
    start: StartRequest | None = None
    recipe_data: str = "digits"
    queue: list[Train] = []
    panels: list[int] = []
    runs_width: int = 0
    runs_shares: list[int] = []
    runs_order: str = ""
    runs_descending: bool = True
    runs_group: str = ""
    runs_hidden: list[str] = []
    recorded: bool = False
    starters_open: bool = True
    larger_data: str = ""
    recent: list[str] = []
    compared: list[int] = []
    plotted: list[int] = []
    sweep: SweepFields | None = None
    network: str = ""
    network_request: ModelRequest | None = None
    explained: list[int] = []
    experiment: str = ""
    experiment_scale: str = ""
    lab_drafts: list[LabDraft] = []
    evaluated: str = ""
    evaluated_beside: str = ""
    evaluated_data: str = ""
    evaluated_recent: list[str] = []
    figure: FigureOptions = FigureOptions()
    history: dict[str, Any] = {}


@runtime_checkable
class Remembers(Protocol):
    """A page with something to keep: how it is arranged, and what is chosen and half filled in."""

    def remember(self, settings: Settings) -> None:
        """Write down what is to be kept; asked once a second, so it is to be cheap and to change nothing else."""


@runtime_checkable
class Arranges(Protocol):
    """A page with an arrangement that can be reset: its splitters, columns and folded parts."""

    def arrange(self, settings: Settings) -> None:
        """Arrange it as the settings' ``LAYOUT`` says, and as at first where that says nothing."""


LAYOUT: Final = (
    "geometry", "splitter", "compared", "plotted", "panels", "columns", "column_widths", "advanced", "runs_width",
    "runs_shares", "explained",
)  # fmt: skip
"""The fields that say how the window is arranged; each default stands for the first arrangement."""


SHARED: Final = (
    "theme", "pins", "baseline", "recent", "recent_designs", "evaluated_recent", "followed", "queue",
)  # fmt: skip
"""The fields in which a window follows what another one does; in all others each has its own."""


@runtime_checkable
class TakesOver(Protocol):
    """A page that shows something of what windows share."""

    def take_over(self, settings: Settings, fields: Set[str]) -> None:
        """Show what another window has changed: these fields of ``SHARED``."""


@runtime_checkable
class Leaves(Protocol):
    """A page that has something to end when the window closes."""

    def leave(self) -> None:
        """The window closes."""


@runtime_checkable
class Loses(Protocol):
    """A page with something that closing the window loses, although it is kept in no file."""

    def loses(self) -> str:
        """What that is, such as "the pictures on Predict"; empty for nothing at the moment."""


def load_settings(tell: Callable[[str], None] = lambda _sentence: None, data: bytes | None = None) -> Settings:
    """Read the settings.

    Args:
        tell: told in a sentence why they are the defaults, where there were others.
        data: of the file, where it has been read; empty for none.

    Returns:
        Them, without the values that cannot be read.
    """
    data = settings_bytes() if data is None else data
    if not data:
        return Settings()
    try:
        return msgspec.json.decode(data, type=Settings)
    except msgspec.MsgspecError as error:
        LOG.warning("The settings could not be read: %s", error)
    aside = put_aside(settings_path())
    try:
        fields = msgspec.json.decode(data, type=dict[str, Any])
    except msgspec.MsgspecError:
        if aside:
            # The first write would take it for another window's.
            with contextlib.suppress(OSError):
                settings_path().unlink()
        tell(f"The settings of last time cannot be read{aside}. Everything begins with the defaults.")
        return Settings()
    kept, unread = readable_settings(fields)
    if aside:
        # What is begun with is what is kept.
        with contextlib.suppress(OSError):
            write_atomic(settings_path(), msgspec.json.encode(kept))
    tell(f"The settings of last time cannot all be read ({', '.join(unread)}){aside}. These begin with the defaults.")
    return msgspec.json.decode(msgspec.json.encode(kept), type=Settings)


def readable_settings(fields: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The fields of a file without what cannot be read, and of which fields that is, see ``readable_fields``."""
    return readable_fields(fields, Settings)


def put_aside(path: Path) -> str:
    """Keep what a file has under another name too, never in the place of what was kept before.

    Returns:
        What is to be said of that, after a semicolon; nothing if it cannot be done.
    """
    with contextlib.suppress(OSError):
        data, kept = path.read_bytes(), path.with_name(f"{path.name}.bad")
        number = 1
        while kept.exists() and kept.read_bytes() != data:
            number += 1
            kept = path.with_name(f"{path.name}.bad-{number}")
        if not kept.exists():
            write_atomic(kept, data)
        return f"; the file is kept as {kept.name}"
    return ""
