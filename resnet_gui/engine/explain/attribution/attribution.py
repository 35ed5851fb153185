"""Which pixels of a picture speak for a class: the methods by name, and the answer with its sanity check."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from resnet_gui.analysis.locations import default_location, find_shape
from resnet_gui.base.errors import InputError
from resnet_gui.engine.explain.attribution.blank import blank
from resnet_gui.engine.explain.attribution.gradients import integrated_gradients, smooth_grad
from resnet_gui.engine.explain.attribution.occlusion import occlusion, window_and_stride, window_count
from resnet_gui.engine.explain.attribution.pixel_map import pixel_map
from resnet_gui.engine.explain.attribution.question import (
    AttributionMethod,
    AttributionQuestion,
    AttributionValues,
    Passed,
    passes_at_once,
)
from resnet_gui.engine.explain.attribution.randomised import randomised, rank_correlation, sections_from_head
from resnet_gui.engine.explain.attribution.relevance import check_rules, relevance
from resnet_gui.engine.explain.grad_cam import grad_cam
from resnet_gui.engine.explain.model import ExplainModel
from resnet_gui.engine.explain.values import check_finite
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.attribution_messages import Attribute
from resnet_gui.protocol.attribution_settings import AttributionSettings, Method, bias_share, check_settings
from resnet_gui.protocol.explain_events import Attribution, RandomisedMap

Values = NDArray[np.float32]


def _grad_cam(network: ResNet, question: AttributionQuestion, passed: Passed) -> AttributionValues:
    """Grad-CAM at one location; see ``grad_cam``."""
    location = question.settings.location
    _, _, maps = grad_cam(network, question.x, question.target, (location,))
    passed(1)
    found = maps.get(location)
    if found is None:
        raise InputError(f"'{location}' takes no part in the answer: its branch is turned off.")
    return AttributionValues(found.float().cpu()[None])


METHODS: Final[dict[Method, AttributionMethod]] = {
    "integrated-gradients": integrated_gradients,
    "smoothgrad": smooth_grad,
    "occlusion": occlusion,
    "lrp": relevance,
    "grad-cam": _grad_cam,
}

PER_PIXEL: Final[frozenset[Method]] = frozenset(METHODS) - {"grad-cam"}
"""Methods whose maps are as large as the picture."""


@dataclass(frozen=True)
class AttributionWatch:
    """The functions that are called while an attribution is being computed.

    Attributes:
        progressed: takes how many of how many pictures have passed through the network; may raise to end the work.
        grown: takes what is known while the sanity check goes on.
    """

    progressed: Callable[[int, int], None] = lambda _done, _total: None
    grown: Callable[[Attribution], None] = lambda _attribution: None


class AttributionResult(msgspec.Struct, frozen=True):
    """The answer with the values that its map is drawn from.

    Attributes:
        values: fp32, (C, H, W) of the pixels of the network's input, or (1, H', W') where channels are not told apart.
    """

    attribution: Attribution
    values: Values


def attribution(model: ExplainModel, job: Attribute, watch: AttributionWatch = AttributionWatch()) -> Attribution:
    """Answer which pixels of a picture speak for a class.

    Raises:
        InputError: there is no such class or place, a setting is out of bounds, or a layer has no rule.
    """
    return attribute(model, job, watch).attribution


@torch.no_grad()
def attribute(model: ExplainModel, job: Attribute, watch: AttributionWatch = AttributionWatch()) -> AttributionResult:
    """``attribution`` with its raw values."""
    settings = settled(model, job.method, job.settings)
    model.check_target(job.target)
    x = model.input(job.image)
    scores = model.network(x)[0].double().cpu()
    check_finite(scores.numpy(), "The network's answer")
    if len(scores) == 1:
        scores = torch.cat((-scores, scores))
    target = int(scores.argmax()) if job.target < 0 else job.target
    question = AttributionQuestion(
        x, blank(settings.background, x, model.loaded.preprocess), target, settings, passes_at_once(model.plan)
    )
    sections = sections_from_head(model.network.plan) if job.sanity else []
    passed = _Count(_passes(job.method, settings, x.shape[2], x.shape[3]) * (1 + len(sections)), watch)
    passed(0)
    begun = time.perf_counter()
    found = METHODS[job.method](model.network, question, passed)
    milliseconds = (time.perf_counter() - begun) * 1000
    values = found.values.numpy()
    check_finite(values, "The map")
    made = Attribution(
        job=job.job, image=job.image, method=job.method, settings=settings, target=target,
        score=float(scores[target]), total=float(values.sum(dtype=np.float64)), expected=found.expected,
        biases=found.biases, input_png=model.input_png(job.image),
        map=pixel_map(values, capped=job.method in PER_PIXEL), milliseconds=milliseconds,
    )  # fmt: skip
    if job.sanity:
        watch.grown(made)
        for step in _randomised_maps(model.network, job.method, question, values, passed):
            made = msgspec.structs.replace(made, randomised=(*made.randomised, step))
            watch.grown(made)
    return AttributionResult(made, values)


def settled(model: ExplainModel, method: Method, settings: AttributionSettings) -> AttributionSettings:
    """The settings of a method on a network, with what was left to the program.

    Raises:
        InputError: one is out of bounds, there is no such place, or a kind of layer has no rule.
    """
    check_settings(settings)
    location = settings.location or default_location(model.plan)
    window, stride = settings.window, settings.stride
    match method:
        case "grad-cam" if find_shape(model.plan, location) is None:
            raise InputError(f"The network has no place '{location}'.")
        case "occlusion":
            window, stride = window_and_stride(settings, *model.spec.input[1:])
        case "lrp":
            check_rules(model.plan)
    return msgspec.structs.replace(
        settings, location=location, window=window, stride=stride, biases=bias_share(settings)
    )


def _passes(method: Method, settings: AttributionSettings, height: int, width: int) -> int:
    """How many pictures pass through the network for one map."""
    match method:
        case "integrated-gradients":
            return settings.steps
        case "smoothgrad":
            return settings.samples
        case "occlusion":
            return window_count(settings, height, width)
        case _:
            return 1


class _Count:
    """The pictures that have passed, counted for whoever watches."""

    def __init__(self, total: int, watch: AttributionWatch) -> None:
        self._done, self._total, self._watch = 0, total, watch

    def __call__(self, count: int) -> None:
        self._done += count
        self._watch.progressed(self._done, self._total)


def _randomised_maps(
    network: ResNet, method: Method, question: AttributionQuestion, values: Values, passed: Passed
) -> Iterator[RandomisedMap]:
    """The maps of networks whose weights are random, from the head down."""
    for section, network_there in randomised(network, question.settings.sanity_seed):
        score = float(question.logits(network_there, question.x)[0])
        there = METHODS[method](network_there, question, passed).values.numpy()
        if not (np.isfinite(score) and np.isfinite(there).all()):
            # Hundreds of blocks without measured statistics: their sums outgrow fp32.
            yield RandomisedMap(section, None, None, None, None)
            continue
        signed = rank_correlation(values.sum(axis=0), there.sum(axis=0))
        absolute = rank_correlation(np.abs(values).sum(axis=0), np.abs(there).sum(axis=0))
        yield RandomisedMap(section, score, pixel_map(there, capped=method in PER_PIXEL), signed, absolute)
