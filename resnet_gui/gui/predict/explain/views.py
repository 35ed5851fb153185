"""The explain views, a row each: a new one is a message and its answer, an engine function, its file, and a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from resnet_gui.gui.predict.explain.attributions import AttributionView, request_attribution
from resnet_gui.gui.predict.explain.cam_by_depth import CamByDepthView, request_explanation
from resnet_gui.gui.predict.explain.feature_maps import FeatureMapsView, request_maps
from resnet_gui.gui.predict.explain.filters import FiltersView, request_filters
from resnet_gui.gui.predict.explain.histograms import HistogramView, request_histograms
from resnet_gui.gui.predict.explain.lesions import LesionView
from resnet_gui.gui.predict.explain.receptive_field import ReceptiveFieldView, request_unit_gradient
from resnet_gui.gui.predict.explain.widget import ExplainWidget
from resnet_gui.gui.predict.state import PredictState
from resnet_gui.protocol.events import Event, Progressed
from resnet_gui.protocol.explain_events import (
    Attribution,
    AttributionGrown,
    ExplainAnswer,
    Explanation,
    FeatureMaps,
    Filters,
    Histograms,
    UnitGradient,
)
from resnet_gui.protocol.jobs import ExplainRequest


@dataclass(frozen=True)
class ExplainView:
    """A way to look into a network.

    Attributes:
        key: its name in the state.
        title: of its tab; ``short`` stands where there is too little room for all titles.
        tip: of its tab.
        widget: what shows it.
        request: the question that follows from the state, with job 0; None while there is nothing to ask. A view
            without it shows what other parts of the page have asked.
        shows: type of the answer.
        shows_pieces: types of what may come before it.
        always: whether it is asked while another view is on show too.
        of_picture: whether it belongs to one picture, and not to the network alone.
    """

    key: str
    title: str
    tip: str
    widget: type[ExplainWidget]
    request: Callable[[PredictState], ExplainRequest | None] | None = None
    shows: type[ExplainAnswer] | None = None
    shows_pieces: tuple[type[Event], ...] = ()
    short: str = ""
    always: bool = False
    of_picture: bool = True


VIEWS: Final = (
    ExplainView(
        "lesions", "Lesions", "How much of F(x) the blocks add: turn branches down or off, and see the answer change",
        LesionView,
    ),
    ExplainView(
        "feature_maps", "Feature maps", "What the channels of a layer make of this picture",
        FeatureMapsView, request_maps, FeatureMaps, short="Maps",
    ),
    ExplainView(
        "cam_by_depth", "CAM by depth", "Grad-CAM at every stage and inside a block",
        CamByDepthView, request_explanation, Explanation, short="CAM", always=True,
    ),
    ExplainView(
        "attributions", "Attributions", "Which pixels speak for the class, by five methods, and a sanity check",
        AttributionView, request_attribution, Attribution, (Progressed, AttributionGrown), short="Attrib.",
    ),
    ExplainView(
        "filters", "Filters", "The filters of the first convolution",
        FiltersView, request_filters, Filters, of_picture=False,
    ),
    ExplainView(
        "histograms", "Histograms", "How weights and outputs of a layer are spread",
        HistogramView, request_histograms, Histograms, short="Values",
    ),
    ExplainView(
        "receptive_field", "Receptive field", "What a unit can see, and what moves it on this picture",
        ReceptiveFieldView, request_unit_gradient, UnitGradient, short="Field",
    ),
)  # fmt: skip
"""In the order of their tabs; the first is shown first."""
