"""Which colours two networks have where both are drawn: a run has its own, as on every page."""

from __future__ import annotations

from typing import Final, NamedTuple


class CurveLook(NamedTuple):
    """The colour token of a network's curve, and the number of its pattern, see ``kit.charts.dashes``."""

    token: str
    dash: int = 0


FREE: Final = tuple(CurveLook(token) for token in ("r1", "r4", "r2"))
"""Of networks that are no runs, which have no colour of their own."""

SAME: Final = 2
"""The pattern of a run beside itself, with other weights: no run has it of its own."""


def curve_looks(first: CurveLook | None, second: CurveLook | None) -> tuple[CurveLook, CurveLook]:
    """The looks of the network and of the one beside; None is one that has no colour of its own."""
    one = first or next(look for look in FREE if second is None or look.token != second.token)
    other = second or next(look for look in FREE if look.token != one.token)
    return one, other if other != one else CurveLook(other.token, SAME)
