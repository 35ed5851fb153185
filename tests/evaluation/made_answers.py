"""Answers for tests: drawn ones, and those that are right or wrong by construction."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray

from resnet_gui.evaluation.answers import Answers


def log_softmax(outputs: ArrayLike) -> NDArray[np.float32]:
    """Log-probabilities (N, K) of a network's outputs."""
    wide: NDArray[np.float64] = np.asarray(outputs, dtype=np.float64)
    wide = wide - wide.max(axis=1, keepdims=True)
    wide = wide - np.log(np.exp(wide).sum(axis=1, keepdims=True))
    return wide.astype(np.float32)


def made_answers(outputs: ArrayLike, truth: ArrayLike, files: tuple[str, ...] = ()) -> Answers:
    """Answers of a network with these outputs (N, K) and classes "class 0", "class 1", ..."""
    scores = log_softmax(outputs)
    return Answers(scores, np.asarray(truth, dtype=np.int32), class_names(scores.shape[1]), files)


def class_names(classes: int) -> tuple[str, ...]:
    return tuple(f"class {number}" for number in range(classes))


def seeded_answers(
    seed: int, count: int, classes: int, *, sharpness: float = 2.0, right: float = 2.0, empty: int = 0
) -> Answers:
    """Drawn answers.

    Args:
        seed: of the draw.
        count: pictures.
        classes: that the network knows.
        sharpness: deviation of its outputs; at 0 all classes are equally likely, at 10,000 one has a probability of 1.
        right: what the truth has above that, in deviations.
        empty: classes, the first, that no picture shows.
    """
    generator = np.random.RandomState(seed)
    truth = generator.randint(min(empty, classes - 1), classes, count)
    outputs = generator.standard_normal((count, classes))
    outputs[np.arange(count), truth] += right
    return made_answers(outputs * sharpness, truth)


drawn_answers = st.builds(
    seeded_answers,
    st.integers(0, 2**31),
    st.integers(1, 40),
    st.integers(1, 8),
    sharpness=st.sampled_from([0.0, 0.5, 2.0, 20.0, 10_000.0]),
    right=st.sampled_from([-3.0, 0.0, 1.0, 3.0]),
    empty=st.integers(0, 3),
)
"""One class alone, classes without pictures, all probabilities equal, probabilities of 0 and 1 among them."""
