"""Integrated gradients, SmoothGrad and occlusion, beside captum and beside loops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from resnet_gui.base.errors import InputError
from resnet_gui.design.spec import evolve
from resnet_gui.engine.explain.attribution.attribution import attribute
from resnet_gui.engine.explain.attribution.gradients import nodes
from resnet_gui.protocol.attribution_messages import Attribute
from resnet_gui.protocol.attribution_settings import QUADRATURES, AttributionSettings, Background, Method
from tests.engine.explain.explain_case import DEVIATIONS, MEANS, ExplainCase, make_case, preset, seasoned

SMALL = evolve(preset("resnet20", 12, 10, classes=4), blocks=(1, 1, 1), widths=(4, 6, 8))


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> ExplainCase:
    return make_case(tmp_path_factory.mktemp("case"), seasoned(SMALL, 6))


def values_of(case: ExplainCase, method: Method, target: int = 1, **settings: Any) -> Tensor:
    job = Attribute(1, case.model_request, case.image, target, method, AttributionSettings(**settings))
    return torch.from_numpy(attribute(case.explain_model(), job).values)


def background(case: ExplainCase, kind: Background) -> Tensor:
    """What stands for nothing, in the words of its documentation."""
    if kind == "mean":
        return torch.zeros_like(case.x)
    return torch.stack([torch.full(case.x.shape[2:], -m / s) for m, s in zip(MEANS, DEVIATIONS, strict=True)])[None]


def assert_close(made: Tensor, expected: Tensor) -> None:
    assert made.shape == expected.shape
    assert float((made - expected).abs().max()) <= 1e-4 * float(expected.abs().max())


# ---- integrated gradients


@pytest.mark.parametrize(
    ("quadrature", "named", "kind"),
    [("gauss-legendre", "gausslegendre", "black"), ("midpoint", "riemann_middle", "mean")],
)
def test_integrated_gradients_are_captums(case: ExplainCase, quadrature: Any, named: str, kind: Background) -> None:
    from captum.attr import IntegratedGradients

    made = values_of(case, "integrated-gradients", steps=9, quadrature=quadrature, background=kind)
    oracle = IntegratedGradients(case.model)
    expected = oracle.attribute(case.x, background(case, kind), target=1, n_steps=9, method=named)
    assert_close(made, expected[0].float().detach())


@pytest.mark.parametrize("quadrature", QUADRATURES)
def test_a_quadrature_is_that_of_its_name(quadrature: Any) -> None:
    places, weights = nodes(quadrature, 5)
    assert weights.sum() == pytest.approx(1)
    assert (weights * places).sum() == pytest.approx(0.5)
    if quadrature == "trapezoid":
        assert (weights * places**3).sum() == pytest.approx(np.trapezoid(places**3, places))
    if quadrature == "gauss-legendre":
        assert (weights * places**9).sum() == pytest.approx(1 / 10), "exact up to degree 2·5 − 1"


def test_integrated_gradients_say_by_how_much_they_miss_the_difference_of_the_logits(case: ExplainCase) -> None:
    errors = []
    for steps in (1, 4, 400):
        settings = AttributionSettings(steps=steps, quadrature="midpoint")
        job = Attribute(1, case.model_request, case.image, 2, "integrated-gradients", settings)
        answer = attribute(case.explain_model(), job).attribution
        with torch.no_grad():
            here, there = case.model(torch.cat((case.x, background(case, "black"))))[:, 2].tolist()
        assert answer.score == pytest.approx(here, rel=1e-5)
        assert answer.expected == pytest.approx(here - there, rel=1e-4)
        assert answer.error == pytest.approx(answer.total - (here - there), abs=1e-4)
        errors.append(abs(answer.error or 0))
    assert errors[2] < 0.01 * abs(here - there) < errors[0]


def test_a_blurred_picture_keeps_its_means_and_loses_its_details(case: ExplainCase) -> None:
    from resnet_gui.engine.explain.attribution.blank import blurred

    flat = torch.full((1, 3, 12, 10), 0.5)
    assert torch.allclose(blurred(flat), flat)
    noise = blurred(case.x)
    assert float(noise.std()) < 0.5 * float(case.x.std())
    spot = torch.zeros(1, 1, 41, 41)
    spot[0, 0, 20, 20] = 1
    spread = blurred(spot)[0, 0]
    assert float(spread[20, 20] / spread[20, 25]) == pytest.approx(np.exp(0.5 * (5 / (41 / 8)) ** 2), rel=1e-4)


# ---- SmoothGrad


def test_smoothgrad_is_the_mean_gradient_of_noisy_pictures(case: ExplainCase) -> None:
    made = values_of(case, "smoothgrad", samples=5, sigma=0.2, seed=3)
    generator = torch.Generator().manual_seed(3)
    deviation = 0.2 * float(case.x.max() - case.x.min())
    total = torch.zeros_like(case.x)
    for _ in range(5):
        noisy = (case.x + deviation * torch.randn(case.x.shape[1:], generator=generator)).requires_grad_(True)
        total += torch.autograd.grad(case.model(noisy)[0, 1], [noisy])[0]
    assert_close(made, total[0] / 5)
    assert torch.equal(made, values_of(case, "smoothgrad", samples=5, sigma=0.2, seed=3)), "the same seed"
    assert not torch.equal(made, values_of(case, "smoothgrad", samples=5, sigma=0.2, seed=4))


# ---- occlusion


@pytest.mark.parametrize(("window", "stride", "kind"), [(3, 2, "black"), (4, 4, "mean"), (10, 1, "mean")])
def test_occlusion_is_captums_also_where_windows_stick_out(
    case: ExplainCase, window: int, stride: int, kind: Background
) -> None:
    from captum.attr import Occlusion

    made = values_of(case, "occlusion", window=window, stride=stride, background=kind)
    expected = Occlusion(case.model).attribute(
        case.x, (3, window, window), (3, stride, stride), background(case, kind), target=1
    )
    assert_close(made, expected[0, :1].float().detach())


def test_a_window_or_stride_that_does_not_fit_is_refused(case: ExplainCase) -> None:
    with pytest.raises(InputError, match="window is 11, but the network reads 10×12 pixels; use 10 or less"):
        values_of(case, "occlusion", window=11)
    with pytest.raises(InputError, match="stride is 4, which leaves pixels between windows of 3 uncovered"):
        values_of(case, "occlusion", window=3, stride=4)


# ---- all of them


@pytest.mark.parametrize("method", ["integrated-gradients", "smoothgrad", "occlusion", "lrp", "grad-cam"])
def test_one_logit_speaks_for_its_class_and_as_much_against_it(method: Method, tmp_path: Path) -> None:
    alone = make_case(tmp_path, seasoned(evolve(SMALL, classes=1), 6))
    settings = {"steps": 4, "samples": 2, "window": 6}
    for_it, against = (values_of(alone, method, target, **settings) for target in (1, 0))
    if method == "grad-cam":
        assert not (for_it * against).any(), "evidence for the one is none for the other"
    else:
        assert_close(against, -for_it)
