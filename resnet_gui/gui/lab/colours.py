"""The colours of networks: the same one for a network in every figure of the Lab."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

RUN_TOKENS: Final = ("r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7")

VARIANT: Final = "r6"

_OF_NAME: Final = {
    "ResNet-20": "r2", "ResNet-56": "r1", "ResNet-110": "r0",
    "plain-20": "r4", "plain-56": "r3", "plain-110": "r5", "plain-32": "r7",
}  # fmt: skip


def network_tokens(names: Sequence[str]) -> dict[str, str]:
    """The colour token of each network: its own where it has one, else the next that none of them has."""
    found = {name: _OF_NAME[name] for name in names if name in _OF_NAME}
    # A network of another recipe, "ResNet-56, 0.1 at once", stands beside the one that it differs from.
    found |= {name: VARIANT for name in names if name.partition(", ")[0] in found and name not in found}
    free = [token for token in RUN_TOKENS if token not in found.values()]
    for number, name in enumerate(name for name in names if name not in found):
        found[name] = (free or list(RUN_TOKENS))[number % len(free or RUN_TOKENS)]
    return found
