"""CKA against kernels and centring matrices that are written out by hand, and what it must not change with."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from resnet_gui.engine.evaluate.depth import cka as module
from resnet_gui.engine.evaluate.depth.cka import cka, kernel_products
from resnet_gui.engine.evaluate.depth.pca import centred

Features = NDArray[np.float64]


def networks(pictures: int, *widths: int, seed: int = 0) -> list[Features]:
    """Features of a network of so many channels, each made of those before and of noise."""
    random = np.random.default_rng(seed)
    found = [random.normal(size=(pictures, widths[0]))]
    for before, width in itertools.pairwise(widths):
        made = np.tanh(found[-1] @ random.normal(size=(before, width)) + random.normal(size=width))
        found.append(made + 0.3 * random.normal(size=(pictures, width)))
    return found


def centres(features: list[Features]) -> list[Tensor]:
    found = [centred(each) for each in features]
    assert all(each is not None for each in found)
    return found  # type: ignore[return-value]


def biased_hsic(x: Features, y: Features) -> float:
    """tr(KHLH), of which Kornblith et al. 2019, eq. 3, is (n − 1)⁻² times as much."""
    centring = np.eye(len(x)) - 1 / len(x)
    return float(np.trace(x @ x.T @ centring @ y @ y.T @ centring))


def unbiased_hsic(x: Features, y: Features) -> float:
    """Song et al. 2012, eq. 4 (Nguyen et al. 2021, eq. 3), with the matrices and vectors that stand there."""
    n, ones = len(x), np.ones(len(x))
    k, m = (each @ each.T * (1 - np.eye(n)) for each in (x, y))
    total = np.trace(k @ m) + (ones @ k @ ones) * (ones @ m @ ones) / ((n - 1) * (n - 2))
    return float((total - 2 / (n - 2) * (ones @ k @ m @ ones)) / (n * (n - 3)))


SHAPES = {"fewer channels than pictures": (40, 5, 7, 3), "more channels than pictures": (9, 30, 40, 50)}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_products_of_kernels_are_those_of_centring_matrices(
    shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROWS", 4)
    first, second = networks(*shape), networks(shape[0], *shape[2:], seed=1)
    ours = centres(first)
    for other, found in ((second, kernel_products(ours, centres(second))), (first, kernel_products(ours, ours))):
        np.testing.assert_allclose(found, [[biased_hsic(x, y) for y in other] for x in first], rtol=1e-10)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_cka_is_the_debiased_one_written_by_hand(shape: tuple[int, ...]) -> None:
    first, second = networks(*shape), networks(shape[0], *shape[2:], seed=1)
    for other, found in ((second, cka(centres(first), centres(second))), (first, cka(centres(first)))):
        expected = [
            [unbiased_hsic(x, y) / np.sqrt(unbiased_hsic(x, x) * unbiased_hsic(y, y)) for y in other] for x in first
        ]
        np.testing.assert_allclose(np.array(found, dtype=float), expected, rtol=1e-8, atol=1e-10)


def test_a_network_with_itself_is_one_on_the_diagonal_and_the_same_either_way() -> None:
    first = centres(networks(*SHAPES["fewer channels than pictures"]))
    found = np.array(cka(first), dtype=float)
    np.testing.assert_allclose(np.diagonal(found), 1, atol=1e-12)
    np.testing.assert_allclose(found, found.T, atol=1e-12)
    np.testing.assert_allclose(found, np.array(cka(first, list(first)), dtype=float), atol=1e-12)
    assert found.max() <= 1


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_turning_and_scaling_the_features_changes_nothing_and_stretching_them_does(shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(2)
    first, second = networks(*shape), networks(*shape, seed=1)
    turned = [x @ np.linalg.qr(random.normal(size=(x.shape[1],) * 2))[0] * 3.7 + 11 for x in second]
    stretched = [x * np.linspace(1, 20, x.shape[1]) for x in second]
    plain, moved, other = (
        np.array(cka(centres(first), centres(each)), dtype=float) for each in (second, turned, stretched)
    )
    np.testing.assert_allclose(moved, plain, atol=1e-9)
    assert np.abs(other - plain).max() > 0.01


def test_independent_features_are_not_alike_however_many_channels_there_are() -> None:
    """The estimate of Kornblith et al. would say that they are: tr(KHLH) grows with the channels."""
    random = np.random.default_rng(0)
    x, y = (random.normal(size=(50, 400)) for _ in range(2))
    ((found,),) = cka(centres([x]), centres([y]))
    assert found is not None
    assert abs(found) < 0.05
    assert biased_hsic(x, y) / np.sqrt(biased_hsic(x, x) * biased_hsic(y, y)) > 0.8


def test_features_that_do_not_vary_and_three_pictures_have_no_cka() -> None:
    first = centres(networks(20, 3, 4))
    found = cka([first[0], None, first[1]], [None, first[0]])
    assert [[value is None for value in row] for row in found] == [[True, False], [True, True], [True, False]]
    assert found[0][1] == pytest.approx(1)
    assert cka([None]) == ((None,),)
    assert cka(centres(networks(3, 3, 4))) == ((None, None), (None, None))
    # One picture apart from all the others, which are equal: without the diagonal nothing is left of its kernel.
    alone = torch.eye(20, dtype=torch.float64)[:, :1]
    assert cka([alone - alone.mean(0), first[0]])[0] == (None, None)
    assert cka([alone - alone.mean(0)], [first[0]]) == ((None,),)
