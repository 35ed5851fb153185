"""What every figure of an experiment is: a widget that shows results, with controls and exports of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from resnet_gui.design.spec import ResNetSpec
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.kit.basic import ElidedLabel, label, panel, row
from resnet_gui.gui.kit.curves import Points
from resnet_gui.gui.kit.figures.figure import FigureDrawing
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.lab.experiment import Experiment
from resnet_gui.lab.results import Results

Cell = str | float | int
"""A cell of a table that is written as CSV."""


@dataclass(frozen=True)
class RunCurves:
    """The curves of one run, by epoch.

    Attributes:
        train, test: error as a fraction.
        loss: of training, in nats.
        live: whether the run is still going.
    """

    train: Points
    test: Points
    loss: Points
    live: bool = False


@dataclass(frozen=True)
class FigureData:
    """All that a figure may draw.

    Attributes:
        results: what is measured so far.
        curves: network -> seed -> its curves, of runs that have begun.
        epochs: of a run.
        warm_up: epochs of warm-up; 0 for none.
        names: role -> the network behind it, for people.
        specs: role -> its design.
        folders: role -> seed -> the run that was measured.
    """

    results: Results
    curves: Mapping[str, Mapping[int, RunCurves]] = field(default_factory=dict)
    epochs: float = 0.0
    warm_up: float = 0.0
    names: Mapping[str, str] = field(default_factory=dict)
    specs: Mapping[str, ResNetSpec] = field(default_factory=dict)
    folders: Mapping[str, Mapping[int, str]] = field(default_factory=dict)


class ExperimentFigure(QWidget):
    """The figure of an experiment.

    Attributes:
        tools: a row of controls in place of the progress of runs; None for none.
        head_tools: controls in the head, in place of the scales; None for none.
        left, right: what stands beside the claims; None for nothing. With a ``right`` the paragraphs on what to look
            for stand below the claims.
        least: pixels of height below which it is not squeezed.

    Signals:
        options_changed: the user wants it measured in another way.
    """

    options_changed = Signal()

    tools: QWidget | None = None
    head_tools: QWidget | None = None
    left: QWidget | None = None
    right: QWidget | None = None
    least = 200

    def __init__(self, theme: Theme, experiment: Experiment) -> None:
        super().__init__()
        self.theme, self.experiment = theme, experiment

    def show_data(self, data: FigureData | None) -> None:
        """Draw what there is; None for an experiment that has not run."""
        raise NotImplementedError  # no ABC: its metaclass is not the one of QWidget

    def connect_engines(self, engines: Engines) -> None:
        """Take the engines, for questions that are answered at once."""

    def options(self) -> dict[str, Any]:
        """Fields of the set-up that the user has chosen here; empty for the usual ones."""
        return {}

    def set_options(self, options: Mapping[str, Any]) -> None:
        """Show the fields that results were measured with."""

    def hold_options(self, *, on: bool) -> None:
        """Whether a teacher's card holds how it is measured."""

    def rows(self) -> list[list[Cell]]:
        """The figure as a table, its heads first; empty where there is nothing yet."""
        raise NotImplementedError  # no ABC: its metaclass is not the one of QWidget

    def more_figures(self) -> list[tuple[str, FigureDrawing]]:
        """Titles and figures for papers beside the charts of the report, such as a surface as it is turned."""
        return []

    def set_narrow(self, *, narrow: bool) -> None:
        """Leave out what has no room in a narrow window."""


def titled(title: str, about: str = "", *, height: int = 34) -> tuple[QFrame, QHBoxLayout]:
    """A bar with the title of a chart, and its row for what stands at the right."""
    bar = panel()
    bar.setFixedHeight(height)
    line = row(bar, (16, 0, 16, 0), 8)
    line.addWidget(label(title, "title"))
    if about:
        line.addWidget(ElidedLabel(about, "muted12"))
    line.addStretch()
    return bar, line


def divider(*, upright: bool) -> QFrame:
    """A line of one pixel between two parts."""
    made = QFrame()
    made.setObjectName("divider")
    if upright:
        made.setFixedWidth(1)
    else:
        made.setFixedHeight(1)
    return made
