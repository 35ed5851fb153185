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

    By the eigenvectors of the covariance, or of the pictures' products where there are fewer pictures than channels.

    Args:
        x: (M, C), centred, not all 0.
        count: D, of directions.
    """
    narrow = x.shape[1] <= len(x)
    values, vectors = torch.linalg.eigh(x.T @ x if narrow else x @ x.T)
    values, vectors = values.flip(0)[:count].clamp(min=0), vectors.flip(1)[:, :count]
    if narrow:
        loadings, points = vectors, x @ vectors
    else:
        loadings, points = x.T @ vectors, vectors * values.sqrt()
    largest = loadings.gather(0, loadings.abs().argmax(0, keepdim=True))
    points = points * torch.where(largest < 0, -1.0, 1.0)
    found = torch.zeros((len(x), count), dtype=x.dtype)
    found[:, : points.shape[1]] = points
    shares = (values / x.square().sum()).tolist()
    return Directions(found, (*shares, *[0.0] * (count - len(shares))))


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
