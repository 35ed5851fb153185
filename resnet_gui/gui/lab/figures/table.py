"""Which figure an experiment has."""

from __future__ import annotations

from typing import Final

from resnet_gui.gui.lab.figures.figure import ExperimentFigure
from resnet_gui.gui.lab.figures.landscape import LandscapeFigure
from resnet_gui.gui.lab.figures.lesion import LesionFigure
from resnet_gui.gui.lab.figures.paths import PathsFigure
from resnet_gui.gui.lab.figures.probe import ProbeFigure
from resnet_gui.gui.lab.figures.propagation import PropagationFigure
from resnet_gui.gui.lab.figures.receptive_field import ReceptiveFieldFigure
from resnet_gui.gui.lab.figures.responses import ResponsesFigure
from resnet_gui.gui.lab.figures.shattered import ShatteredFigure
from resnet_gui.gui.lab.figures.trained import TrainedFigure

FIGURES: Final[dict[str, type[ExperimentFigure]]] = {
    "shattered-gradients": ShatteredFigure,
    "signal-propagation": PropagationFigure,
    "receptive-field": ReceptiveFieldFigure,
    "lesion-study": LesionFigure,
    "unravelled-paths": PathsFigure,
    "layer-responses": ResponsesFigure,
    "probe-by-depth": ProbeFigure,
    "loss-landscape": LandscapeFigure,
    "degradation": TrainedFigure,
    "shortcut-bench": TrainedFigure,
    "orders-bench": TrainedFigure,
    "start-up-remedies": TrainedFigure,
}
"""Experiment -> its figure."""
