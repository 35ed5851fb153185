"""Quantiles of Student's t distribution for a whole number of degrees of freedom.

From its distribution function in finite sums (Abramowitz and Stegun 1964, equations 26.7.3 and 26.7.4), inverted by
halving. SciPy has it for any number, but would be a dependency of 35 MB for this one function; it is the oracle of
the tests.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

HALVINGS: Final = 64
"""Of the right angle that holds the quantile's; more than a double has digits."""


def inside(angle: float, freedom: int) -> float:
    """Probability that Student's t lies within ±t, for t = tan(angle) · √freedom.

    Args:
        angle: theta of the equations, from 0 to π/2.
        freedom: degrees of freedom, at least 1.
    """
    cosine = math.cos(angle)
    square, term, total = cosine * cosine, 1.0, 0.0
    if freedom % 2:
        # 26.7.3: angle + sin (cos + 2/3 cos³ + ... + (2·4…(ν − 3)) / (1·3…(ν − 2)) cos^(ν − 2))
        term = cosine
        for number in range(1, freedom - 1, 2):
            total += term
            term *= square * (number + 1) / (number + 2)
        return 2 / math.pi * (angle + math.sin(angle) * total)
    # 26.7.4: sin (1 + 1/2 cos² + ... + (1·3·5…(ν − 3)) / (2·4·6…(ν − 2)) cos^(ν − 2))
    for number in range(2, freedom + 1, 2):
        total += term
        term *= square * (number - 1) / number
    return math.sin(angle) * total


@lru_cache(maxsize=4096)
def t_quantile(level: float, freedom: int) -> float:
    """The t within whose ± Student's t lies with a probability: 12.706 for 0.95 and one degree of freedom.

    Args:
        level: the probability, between 0 and 1.
        freedom: degrees of freedom, at least 1.

    Raises:
        ValueError: an argument is out of range.
    """
    if not 0 < level < 1 or freedom < 1:
        raise ValueError(f"level {level}, {freedom} degrees of freedom")
    low, high = 0.0, math.pi / 2
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if inside(middle, freedom) < level:
            low = middle
        else:
            high = middle
    return math.tan((low + high) / 2) * math.sqrt(freedom)
