"""t-SNE of the features of a location (van der Maaten and Hinton 2008), by scikit-learn; it can be given up."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resnet_gui.base.errors import InputError
from resnet_gui.engine.evaluate.depth.pca import centred, largest_directions

PERPLEXITY: Final = 30.0
PICTURES: Final = 1000
"""At most, so that the descent takes seconds."""

PICTURES_AT_LEAST: Final = 8
DIRECTIONS: Final = 50
"""Of the PCA, in which neighbours are sought; van der Maaten and Hinton (2008, section 4.2) take 30."""

ITERATIONS: Final = 1000
START: Final = 1e-4
"""Deviation of the first coordinate where the descent begins, as scikit-learn has it."""

_ITERATION: Final = re.compile(r"Iteration (\d+)")


class Descent(NamedTuple):
    """The end of the descent of a t-SNE.

    Attributes:
        points: (P, 2) float32.
        perplexity: that was used.
        iterations: of the descent; fewer than were allowed where it came to rest.
        divergence: Kullback-Leibler divergence, nats.
        package: scikit-learn and its version.
    """

    points: NDArray[np.float32]
    perplexity: float
    iterations: int
    divergence: float
    package: str


class IterationReader(io.TextIOBase):
    """A standard output that reads what scikit-learn prints of a descent: it has no other way to say how far it is."""

    def __init__(self, reached: Callable[[int], None]) -> None:
        """With what is called with the iterations so far; what it raises ends the descent."""
        super().__init__()
        self._reached = reached

    def write(self, text: str) -> int:
        """Take what is printed, here and only here."""
        found = _ITERATION.search(text)
        if found:
            self._reached(int(found[1]))
        return len(text)


def tsne(features: NDArray[np.floating[Any]], seed: int, reached: Callable[[int], None], where: str) -> Descent:
    """Points in a plane whose neighbours are the pictures' neighbours.

    The descent begins with the two largest directions, so that it lies as the PCA does.

    Args:
        features: (P, C).
        seed: of scikit-learn's draws.
        reached: called with the iterations so far, every fifty; what it raises ends the descent.
        where: the location, for sentences.

    Raises:
        InputError: there are too few pictures, or features that do not vary.
    """
    from sklearn import __version__
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    if len(features) < PICTURES_AT_LEAST:
        raise InputError(
            f"t-SNE needs {PICTURES_AT_LEAST} pictures with features, and there are {len(features)}; choose PCA."
        )
    x = centred(features)
    if x is None:
        raise InputError(f"The features after {where} are the same for all pictures, or no finite numbers: no t-SNE.")
    found = largest_directions(x, min(DIRECTIONS, *x.shape)).points.numpy()
    start = np.zeros((len(found), 2), dtype=np.float32)
    start[:, : found.shape[1]] = found[:, :2] / found[:, 0].std() * START
    perplexity = min(PERPLEXITY, (len(features) - 1) / 3)
    maker = TSNE(init=start, perplexity=perplexity, random_state=seed, max_iter=ITERATIONS, verbose=2)
    # One thread: its threads wait for each other by spinning, so that on a busy computer two of them take five times as
    # long as one; and sums in one order give the same points on every computer of a kind.
    with threadpool_limits(1, user_api="openmp"), contextlib.redirect_stdout(IterationReader(reached)):
        points = maker.fit_transform(found.astype(np.float32))
    return Descent(
        np.asarray(points, dtype=np.float32), perplexity, int(maker.n_iter_), float(maker.kl_divergence_),
        f"scikit-learn {__version__}",
    )  # fmt: skip
