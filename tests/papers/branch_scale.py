"""A branch without a factor at its end."""

from __future__ import annotations

from torch import Tensor

from tests.papers import Written


def none(_network: Written, f: Tensor, _name: str) -> Tensor:
    return f


ORACLES = {"branch_scale=none": none}
