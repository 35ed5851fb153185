"""Features along their two largest directions (principal component analysis), the same way up at every depth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

VARYING: Final = 1e-12
"""Variance over squared mean above which features count as varying: rounding leaves less than that of a constant."""


WHOLE: Final = 1024
"""Pictures or channels, whichever are fewer, up to which all directions are computed: that takes half a second."""

BLOCK: Final = 8
"""Directions that are sought at once; nearly equal ones are found together."""

DEPTH: Final = 16
"""Products with the covariance between two looks at what is found."""

ROUNDS: Final = 20
"""Looks at most; of so equal directions all are computed."""

TOLERANCE: Final = 1e-10
"""‖Av − λv‖ of a direction that counts as found, over the largest eigenvalue of A: v is off by this over the gap to the
next eigenvalue, in parts of the largest, and the variance along it by less than this."""


class Directions(NamedTuple):
    """Pictures along the largest directions of their features.

    Attributes:
        points: (M, D) fp64, the first direction first; 0 along directions that the features do not have.
        explained: (D,) part of the features' variance along each.
    """

    points: Tensor
    explained: tuple[float, ...]


def centred(features: NDArray[np.floating[Any]]) -> Tensor | None:
    """Features less their mean over the pictures, (M, C) fp64; None where they do not vary or are no finite numbers."""
    x = torch.from_numpy(np.array(features, dtype=np.float64))
    if len(x) < 2 or not bool(x.isfinite().all()):
        return None
    mean = x.mean(0)
    x -= mean
    return x if float(x.square().sum()) > VARYING * len(x) * float(mean.square().sum()) else None


def largest_directions(x: Tensor, count: int = 2) -> Directions:
    """Pictures along the directions of the largest variance, each turned so that its largest loading is positive.

    By the eigenvectors of the covariance, or of the pictures' products where there are fewer pictures than channels;
    where there are many of both, by a block Krylov method to ``TOLERANCE``.

    Args:
        x: (M, C) fp64, centred, not all 0.
        count: D, of directions.
    """
    found = _by_krylov(x, count) if min(x.shape) > WHOLE and count <= BLOCK // 2 else None
    loadings, values, points = found or _of_all(x, count)
    largest = loadings.gather(0, loadings.abs().argmax(0, keepdim=True))
    points = points * torch.where(largest < 0, -1.0, 1.0)
    all_points = torch.zeros((len(x), count), dtype=x.dtype)
    all_points[:, : points.shape[1]] = points
    shares = (values / x.square().sum()).tolist()
    return Directions(all_points, (*shares, *[0.0] * (count - len(shares))))


def _of_all(x: Tensor, count: int) -> tuple[Tensor, Tensor, Tensor]:
    """The largest of all directions: loadings (C, D) of any length, variances (D,) times M, points (M, D)."""
    narrow = x.shape[1] <= len(x)
    values, vectors = torch.linalg.eigh(x.T @ x if narrow else x @ x.T)
    values, vectors = values.flip(0)[:count].clamp(min=0), vectors.flip(1)[:, :count]
    if narrow:
        return vectors, values, x @ vectors
    return x.T @ vectors, values, vectors * values.sqrt()


def _by_krylov(x: Tensor, count: int) -> tuple[Tensor, Tensor, Tensor] | None:
    """What ``_of_all`` finds, by a restarted block Krylov method (Musco and Musco 2015, algorithm 2).

    Returns:
        None where it is not found to ``TOLERANCE``.
    """
    drawn = torch.randn((x.shape[1], BLOCK), dtype=x.dtype, generator=torch.Generator().manual_seed(0))
    block = torch.linalg.qr(drawn)[0]
    for _ in range(ROUNDS):
        blocks = [block]
        for _ in range(DEPTH - 1):
            blocks.append(torch.linalg.qr(x.T @ (x @ blocks[-1]))[0])
        basis = torch.linalg.qr(torch.cat(blocks, dim=1))[0]
        along = x @ basis
        values, vectors = torch.linalg.eigh(along.T @ along)
        values, vectors = values.flip(0)[:BLOCK], vectors.flip(1)[:, :BLOCK]
        block, points = basis @ vectors, along @ vectors
        off = (x.T @ points[:, :count] - block[:, :count] * values[:count]).norm(dim=0)
        if bool((off <= TOLERANCE * values[0]).all()):
            return block[:, :count], values[:count], points[:, :count]
    return None


def aligned(directions: Sequence[Directions | None]) -> list[Directions | None]:
    """Directions of each depth, turned round where that makes the pictures lie more as they do one depth before.

    Only signs change: the axes stay the directions of the largest variance. None stands where features do not vary, and
    what follows is turned after what stood before.
    """
    found: list[Directions | None] = []
    before: Tensor | None = None
    for each in directions:
        if each is None:
            found.append(None)
            continue
        signs = 1.0 if before is None else torch.where((each.points * before).sum(0) < 0, -1.0, 1.0)
        before = each.points * signs
        found.append(each._replace(points=before))
    return found
