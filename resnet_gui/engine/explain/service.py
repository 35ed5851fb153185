"""Questions about the inside of a network: which function answers which, and the networks that stay ready."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from resnet_gui.analysis.costs import totals
from resnet_gui.base.cache import LruCache
from resnet_gui.engine.devices import computing_threads
from resnet_gui.engine.explain.attribution.attribution import AttributionWatch, attribution
from resnet_gui.engine.explain.feature_maps import feature_maps
from resnet_gui.engine.explain.filters import filters
from resnet_gui.engine.explain.grad_cam import explanation
from resnet_gui.engine.explain.histograms import histograms
from resnet_gui.engine.explain.model import ExplainModel
from resnet_gui.engine.explain.unit_gradient import unit_gradient
from resnet_gui.engine.predict.classifier import ClassifierCache
from resnet_gui.protocol.answers import check_complete
from resnet_gui.protocol.attribution_messages import Attribute
from resnet_gui.protocol.explain_events import Attribution, ExplainAnswer
from resnet_gui.protocol.jobs import (
    Explain,
    ExplainRequest,
    ModelRequest,
    ShowFilters,
    ShowHistograms,
    ShowMaps,
    ShowUnitGradient,
)

FUNCTIONS: Final[dict[type[ExplainRequest], Callable[[ExplainModel, Any], ExplainAnswer]]] = {
    Explain: explanation,
    ShowMaps: feature_maps,
    ShowFilters: filters,
    ShowHistograms: histograms,
    ShowUnitGradient: unit_gradient,
    Attribute: attribution,
}
"""Question -> the function that answers it, given the network and the question."""

check_complete(FUNCTIONS, ExplainRequest, "a function that answers it")

KEPT: Final = 2
"""Networks that stay ready."""

KEPT_LESIONED: Final = 4
"""Networks without some branches, or with less of all, that stay ready; they share the weights of the others."""


class ExplainService:
    """A service that answers questions about the inside of networks; the last networks stay ready."""

    def __init__(self, classifiers: ClassifierCache) -> None:
        self._classifiers = classifiers
        self._ready = LruCache[tuple[object, ...], ExplainModel](KEPT)
        self._lesioned = LruCache[tuple[object, ...], ExplainModel](KEPT_LESIONED)

    def answer(self, job: ExplainRequest) -> ExplainAnswer:
        """Do what is asked.

        Raises:
            InputError: the picture cannot be read, or the network has no such place.
        """
        model = self._model(job.model_request)
        with computing_threads(totals(model.plan).cost.macs):
            return FUNCTIONS[type(job)](model, job)

    def attribute(self, job: Attribute, watch: AttributionWatch) -> Attribution:
        """``answer`` of what takes many passes through the network: ``watch`` is kept informed of them."""
        # A network of its own for its share: shorter questions with another one are answered meanwhile.
        request = job.model_request
        return attribution(self._model(request, alone=request.branch_share), job, watch)

    def _model(self, request: ModelRequest, *, alone: float | None = None) -> ExplainModel:
        """The network of a request; that of a share ``alone`` serves no other one."""
        key, _ = self._classifiers.networks.get(request.model, request.key, request.assigned, request.weights)
        full = (key, request.device, request.preprocess, request.labels, request.input, request.changes)
        plain = msgspec.structs.replace(request, lesions=(), branch_share=1.0)
        model = self._ready.get_or_make(full, lambda: ExplainModel(self._classifiers, plain))
        scaled = request.branch_share != 1.0
        if not request.lesions and not scaled:
            return model
        # One copy of the network serves all shares but 1, so that a slider need not have it copied at every step.
        own = (*full, request.lesions, scaled, alone if alone != 1.0 else None)
        made = self._lesioned.get_or_make(own, lambda: model.with_lesions(request.lesions, own=scaled))
        made.set_branch_share(request.branch_share)
        return made
