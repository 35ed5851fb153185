"""A class with its probability, as answers about pictures have it."""

from __future__ import annotations

import msgspec


class Score(msgspec.Struct, frozen=True):
    """A class with its softmax probability, or the sigmoid's where there is one logit."""

    label: str
    index: int
    probability: float
