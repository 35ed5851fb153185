"""Occlusion: how much of a class's logit goes when a window of the picture is covered (Zeiler and Fergus 2014)."""

from __future__ import annotations

from itertools import product
from math import ceil

import torch

from resnet_gui.base.errors import InputError
from resnet_gui.engine.explain.attribution.question import AttributionQuestion, AttributionValues, Passed
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.attribution_settings import AttributionSettings


def window_and_stride(settings: AttributionSettings, height: int, width: int) -> tuple[int, int]:
    """The window and the stride that are used on inputs of a size.

    Raises:
        InputError: the window is larger than the input, or the stride leaves pixels uncovered.
    """
    shorter = min(height, width)
    window = settings.window or max(1, shorter // 8)
    stride = settings.stride or max(1, window // 2)
    if window > shorter:
        raise InputError(f"window is {window}, but the network reads {width}×{height} pixels; use {shorter} or less.")
    if stride > window:
        raise InputError(f"stride is {stride}, which leaves pixels between windows of {window} uncovered; use less.")
    return window, stride


def corners(size: int, window: int, stride: int) -> list[int]:
    """Where windows begin along an edge: every stride, the last one sticking out if nothing else covers the end."""
    return [stride * number for number in range(ceil((size - window) / stride) + 1)]


def window_count(settings: AttributionSettings, height: int, width: int) -> int:
    """How many windows cover an input."""
    window, stride = window_and_stride(settings, height, width)
    return len(corners(height, window, stride)) * len(corners(width, window, stride))


def occlusion(network: ResNet, question: AttributionQuestion, passed: Passed) -> AttributionValues:
    """The mean, over the windows that cover a pixel, of the logit less what it is with this window covered.

    All channels are covered at once, so that the map is (1, H, W); a window that sticks out is cut.
    """
    height, width = question.x.shape[2:]
    window, stride = window_and_stride(question.settings, height, width)
    places = list(product(corners(height, window, stride), corners(width, window, stride)))
    total, count = torch.zeros(height, width, dtype=torch.float64), torch.zeros(height, width, dtype=torch.float64)
    with torch.no_grad():
        whole = float(question.logits(network, question.x))
        for part in question.batches(len(places)):
            covered = question.x.repeat(len(places[part]), 1, 1, 1)
            for picture, (top, left) in zip(covered, places[part], strict=True):
                where = (slice(None), slice(top, top + window), slice(left, left + window))
                picture[where] = question.blank[0][where]
            answers = question.logits(network, covered).tolist()
            for answer, (top, left) in zip(answers, places[part], strict=True):
                total[top : top + window, left : left + window] += whole - answer
                count[top : top + window, left : left + window] += 1
            passed(len(answers))
    return AttributionValues((total / count).float()[None])
