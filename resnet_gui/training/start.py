"""What a training begins from: whose weights, and what is done with their head."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

WhichWeights = Literal["best", "last"]
StartHead = Literal["auto", "rows", "new"]

BEST: Final[WhichWeights] = "best"
LAST: Final[WhichWeights] = "last"
AUTO: Final[StartHead] = "auto"


class StartRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The weights that a new run begins from.

    Attributes:
        model: a run folder, a weights file of any origin, the network inside, or torchvision weights by name.
        key: which of several networks in a weights file; empty for the one that is meant.
        weights: of a run its "best" weights, or its "last" ones: those of its last checkpoint, the average where its
            recipe keeps one.
        head: "auto" keeps the head where its classes are the same and draws a new one where they are not; "rows" also
            keeps the rows of classes that have the same name; "new" draws a new one always.
        assigned: ``field=value`` of what a weights file leaves open of its design.
    """

    model: str
    key: str = ""
    weights: WhichWeights = BEST
    head: StartHead = AUTO
    assigned: tuple[str, ...] = ()
