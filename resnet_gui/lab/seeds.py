"""Seeds of an experiment: how many there may be and which, and how they are written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from resnet_gui.base.errors import InputError

MOST_SEEDS: Final = 1_000
"""Of one experiment: far more than any verdict takes."""

LARGEST_SEED: Final = 2**31 - 1
"""As in a recipe."""

_NAMED: Final = 3
"""Seeds that a sentence names one by one."""


def check_seeds(seeds: Sequence[int]) -> None:
    """Refuse seeds that no experiment can be run with.

    Raises:
        InputError: there are too many of them, one stands twice, or one is no seed.
    """
    if len(seeds) > MOST_SEEDS:
        raise InputError(f"{len(seeds):,} seeds are more than an experiment is run with; {MOST_SEEDS:,} are the most.")
    wrong = next((seed for seed in seeds if not 0 <= seed <= LARGEST_SEED), None)
    if wrong is not None:
        raise InputError(f"{wrong} is no seed; they are whole numbers from 0 to {LARGEST_SEED:,}.")
    if len(set(seeds)) < len(seeds):
        twice = next(seed for place, seed in enumerate(seeds) if seed in seeds[:place])
        raise InputError(f"Seed {twice} stands twice; name each seed once.")


def seeds_text(seeds: Sequence[int]) -> str:
    """Seeds as a sentence names them: "seed 4", "seeds 1 to 40", "seeds 7, 9 and 11", "seeds 7, 8, 9 and 95 others"."""
    if len(seeds) < 2:
        return f"seed {seeds[0]}" if seeds else "no seeds"
    if len(seeds) > 2 and list(seeds) == list(range(seeds[0], seeds[0] + len(seeds))):
        return f"seeds {seeds[0]} to {seeds[-1]}"
    named = [str(seed) for seed in seeds[:_NAMED]]
    left = len(seeds) - len(named)
    last = f"{left} other{'s' * (left > 1)}" if left else named.pop()
    return f"seeds {', '.join(named)} and {last}"


def seeds_option(seeds: Sequence[int]) -> str:
    """Seeds as ``--seeds`` takes them: "1-3", "4,7", "5-5" (as "5" is the first five)."""
    parts: list[tuple[int, int]] = []
    for seed in seeds:
        if parts and seed == parts[-1][1] + 1:
            parts[-1] = (parts[-1][0], seed)
        else:
            parts.append((seed, seed))
    if len(parts) == 1:
        return "{}-{}".format(*parts[0])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)
