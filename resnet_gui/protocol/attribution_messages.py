"""The question which pixels of a picture speak for a class, and against it."""

from __future__ import annotations

import msgspec

from resnet_gui.protocol.answers import answered_by
from resnet_gui.protocol.attribution_settings import AttributionSettings, Method
from resnet_gui.protocol.events import Progressed
from resnet_gui.protocol.explain_events import Attribution, AttributionGrown
from resnet_gui.protocol.model_request import ModelRequest


@answered_by(Attribution, pieces=(Progressed, AttributionGrown))
class Attribute(msgspec.Struct, frozen=True, tag="attribute"):
    """Say how much each pixel of a picture speaks for a class, by one of several methods.

    ``AttributionGrown`` is what is known while the sanity check goes on.

    Attributes:
        target: number of the class; -1 for the likeliest.
        sanity: whether the map of the network is followed by those of networks whose weights are random, from the
            head down (Adebayo et al. 2018).
    """

    job: int
    model_request: ModelRequest
    image: str
    target: int = -1
    method: Method = "integrated-gradients"
    settings: AttributionSettings = AttributionSettings()
    sanity: bool = False
