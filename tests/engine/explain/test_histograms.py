"""Histograms of weights and outputs, beside those of numpy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from resnet_gui.engine.explain.histograms import BINS, histogram
from resnet_gui.protocol.explain_events import Histogram, Histograms
from resnet_gui.protocol.jobs import (
    ShowHistograms,
)
from tests.engine.explain.explain_case import (
    CIFAR,
    case_of_huge_values,
    make_case,
    seasoned,
    untouched,
)


def assert_counts(found: Histogram, values: NDArray[Any]) -> None:
    flat = values.astype(float).ravel()
    assert found.count == flat.size == sum(found.counts)
    assert (found.low, found.high) == pytest.approx((flat.min(), flat.max()))
    assert found.mean == pytest.approx(flat.mean(), abs=1e-6)
    assert found.deviation == pytest.approx(flat.std(), rel=1e-5, abs=1e-7)
    assert found.zeros == pytest.approx(np.count_nonzero(flat == 0) / flat.size)
    expected = np.histogram(flat, np.linspace(found.low, found.high, BINS + 1))[0]
    # A value on an edge may fall to either side.
    assert np.abs(np.cumsum(found.counts) - np.cumsum(expected)).max() <= 2


@pytest.mark.parametrize("layer", ["conv1", "layer2.0.bn2", "layer2.0.downsample.0", "layer3.2.conv2", "fc"])
def test_weights_and_outputs_of_a_layer_are_counted_as_numpy_counts_them(layer: str, tmp_path: Path) -> None:
    case = make_case(tmp_path, seasoned(CIFAR))
    answer = case.service().answer(ShowHistograms(2, case.model_request, case.image, layer))
    assert isinstance(answer, Histograms)
    assert (answer.job, answer.image, answer.layer) == (2, case.image, layer)
    assert_counts(answer.activations, untouched(case.model, case.x, layer))
    if layer == "layer2.0.downsample.0":
        # Option A of the preset: zeros, and no weights.
        assert answer.weights is None
        assert answer.activations.zeros >= 0.5
    else:
        assert answer.weights is not None
        assert_counts(answer.weights, case.model.get_parameter(f"{layer}.weight").numpy())


@pytest.mark.parametrize("layer", ["relu", "layer1.0.add", "avgpool", "layer2", "layer2.0"])
def test_what_has_no_weights_tells_of_its_output_alone(layer: str, tmp_path: Path) -> None:
    case = make_case(tmp_path, seasoned(CIFAR))
    answer = case.service().answer(ShowHistograms(2, case.model_request, case.image, layer))
    assert isinstance(answer, Histograms)
    assert answer.weights is None
    assert_counts(answer.activations, untouched(case.model, case.x, layer))


def test_equal_values_no_values_and_values_that_are_none_are_counted_too() -> None:
    same = histogram(np.full((3, 4), 2.5, np.float32))
    assert (same.low, same.high, same.count, sum(same.counts), max(same.counts)) == (2.5, 2.5, 12, 12, 12)
    assert (same.mean, same.deviation, same.zeros) == (2.5, 0.0, 0.0)
    assert max(histogram(np.full(5, 3e38, np.float32)).counts) == 5
    for nothing in (np.zeros(0, np.float32), np.full(3, np.nan, np.float32)):
        assert histogram(nothing) == Histogram(0.0, 0.0, (0,) * BINS, 0.0, 0.0, 0.0, 0)
    odd = histogram(np.array([np.inf, -np.inf, np.nan, 0.0, 4.0], np.float32))
    assert (odd.low, odd.high, odd.count, odd.zeros, odd.mean) == (0.0, 4.0, 2, 0.5, 2.0)
    tight = np.float32(1e30) + np.arange(2, dtype=np.float32) * np.spacing(np.float32(1e30))
    assert sum(histogram(tight).counts) == 2


def test_histograms_leave_values_beyond_any_number_out(tmp_path: Path) -> None:
    case = case_of_huge_values(tmp_path)
    answer = case.service().answer(ShowHistograms(1, case.model_request, case.image, "conv1"))
    assert isinstance(answer, Histograms)
    assert np.isfinite([answer.activations.low, answer.activations.high, answer.activations.mean]).all()
