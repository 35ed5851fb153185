"""Linear centred kernel alignment of features: how alike two representations of the same pictures are."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

PICTURES_AT_LEAST: Final = 4
"""For the unbiased estimate."""

CENTRED_BYTES: Final = 2**28
"""Of the centred features of a network in fp64 at most; of more, fewer pictures are drawn."""

ROUNDING: Final = 1e-10
"""Part of ⟨K, K⟩ below which the unbiased estimate is 0, as where one picture alone differs from all the others."""

ROWS: Final = 128
"""Pictures whose products with all the others are held at once."""


def unchecked() -> None:
    """For a comparison that nobody gives up."""


def kernel_products(
    first: Sequence[Tensor], second: Sequence[Tensor], check: Callable[[], None] = unchecked
) -> NDArray[np.float64]:
    """⟨K, L⟩ = tr(KL) of the linear kernels K = XXᵀ and L = YYᵀ of every X of the first and every Y of the second.

    By ‖XᵀY‖² (Kornblith et al. 2019, eq. 1), or by the kernels themselves, a few rows of all of them at a time,
    whichever takes fewer products; both are exact.

    Args:
        first: (M, C) fp64 each, centred over the same M pictures.
        second: likewise.
        check: called now and then; what it raises ends it.

    Returns:
        (S, S').
    """
    pictures = len(first[0])
    ours, theirs = (sum(x.shape[1] for x in each) for each in (first, second))
    if ours * theirs <= pictures * (ours + theirs + len(first) * len(second)):
        return _by_channels(first, second, check)
    found = torch.zeros((len(first), len(second)), dtype=torch.float64)
    for start in range(0, pictures, ROWS):
        check()
        kernels = _kernel_rows(first, start)
        found += kernels @ (kernels if second is first else _kernel_rows(second, start)).T
    return found.numpy()


def _by_channels(first: Sequence[Tensor], second: Sequence[Tensor], check: Callable[[], None]) -> NDArray[np.float64]:
    """``kernel_products`` by ‖XᵀY‖²; those of a network with itself are the same either way."""
    whole, widths = torch.cat(list(second), dim=1), [y.shape[1] for y in second]
    found = np.zeros((len(first), len(second)))
    start = 0
    for row, x in enumerate(first):
        check()
        begun = row if second is first else 0
        sums = (x.T @ whole[:, start:]).square().sum(0)
        found[row, begun:] = [float(part.sum()) for part in torch.split(sums, widths[begun:])]
        if second is first:
            found[begun:, row] = found[row, begun:]
            start += x.shape[1]
    return found


def _kernel_rows(features: Sequence[Tensor], start: int) -> Tensor:
    """Some rows of each kernel, one behind the other, (S, rows · (M − start)), of which sums of products are taken.

    Kernels are symmetric: columns left of ``start`` were in the rows before, and those right of these rows stand for
    the same ones below, so that they count twice.
    """
    found = torch.stack([x[start : start + ROWS] @ x[start:].T for x in features])
    found[:, :, ROWS:] *= math.sqrt(2)
    return found.flatten(1)


def unbiased_hsic(
    products: NDArray[np.float64], first: NDArray[np.float64], second: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The unbiased estimate of HSIC of each pair of kernels (Song et al. 2012, eq. 4), times M (M − 3).

    That has the kernels' diagonals 0, and no centring: K̃ = K − diag(d). Rows of a centred K sum to 0, so K̃1 = −d,
    tr(K̃L̃) = ⟨K, L⟩ − d·e and 1ᵀK̃L̃1 = d·e.

    Args:
        products: ⟨K, L⟩ of each pair, (S, S').
        first: diagonals d of the K, (S, M): the squared length of each picture's centred features.
        second: diagonals e of the L, (S', M).
    """
    pictures = first.shape[1]
    diagonal = first @ second.T
    sums = np.outer(first.sum(1), second.sum(1))
    made: NDArray[np.float64] = (
        products - diagonal + sums / ((pictures - 1) * (pictures - 2)) - 2 / (pictures - 2) * diagonal
    )
    return made


def cka(
    first: Sequence[Tensor | None],
    second: Sequence[Tensor | None] | None = None,
    check: Callable[[], None] = unchecked,
) -> tuple[tuple[float | None, ...], ...]:
    """Debiased linear CKA of every location of a network with every one of another (Nguyen et al. 2021, eq. 2 and 3).

    Args:
        first: (M, C) fp64 each, centred over the same M pictures; None where features do not vary.
        second: likewise; None for the first network itself.
        check: called now and then; what it raises ends it.

    Returns:
        (S, S'), each at most 1; None where features do not vary, or there are fewer than 4 pictures.
    """
    other = first if second is None else second
    ours = [x for x in first if x is not None]
    theirs = ours if second is None else [x for x in second if x is not None]
    values: dict[tuple[int, int], float | None] = {}
    if ours and theirs and len(ours[0]) >= PICTURES_AT_LEAST:
        products = kernel_products(ours, theirs, check)
        crossed = unbiased_hsic(products, _diagonals(ours), _diagonals(theirs))
        own = _above_rounding(np.diagonal(crossed), np.diagonal(products)) if second is None else _own_hsic(ours)
        its = own if second is None else _own_hsic(theirs)
        scales = np.sqrt(np.outer(own, its))
        for place, scale in np.ndenumerate(scales):
            values[place] = min(1.0, float(crossed[place] / scale)) if scale else None
    rows, columns = _ranks(first), _ranks(other)
    return tuple(tuple(values.get((row, column)) for column in columns) for row in rows)


def _diagonals(features: Sequence[Tensor]) -> NDArray[np.float64]:
    """Diagonals of the kernels, (S, M)."""
    return np.stack([x.square().sum(1).numpy() for x in features])


def _own_hsic(features: Sequence[Tensor]) -> NDArray[np.float64]:
    """Unbiased HSIC of each kernel with itself, (S,), times M (M − 3)."""
    products = np.array([kernel_products([x], [x])[0, 0] for x in features])
    rows = [_diagonals([x]) for x in features]
    hsic = [unbiased_hsic(product[None, None], row, row)[0, 0] for product, row in zip(products, rows, strict=True)]
    return _above_rounding(np.array(hsic), products)


def _above_rounding(hsic: NDArray[np.float64], products: NDArray[np.float64]) -> NDArray[np.float64]:
    """HSIC of kernels with themselves, 0 where it is what rounding leaves of 0: such a kernel is like no other."""
    return np.where(hsic > ROUNDING * products, hsic, 0.0)


def _ranks(features: Sequence[Tensor | None]) -> list[int]:
    """Place of each among those that are there; −1 of what is not."""
    found, there = [], 0
    for x in features:
        found.append(-1 if x is None else there)
        there += x is not None
    return found
