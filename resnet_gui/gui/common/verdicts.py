"""How a verdict looks: the same word, icon and colour wherever one is given."""

from __future__ import annotations

from typing import Final

from resnet_gui.gui.kit.charts.badge import BadgeData

VERDICT_BADGES: Final = {
    "reproduced": BadgeData("reproduced", "ok", "check"),
    "holds here": BadgeData("holds here", "ok", "check"),
    "not reproduced": BadgeData("not reproduced", "err", "close"),
    "does not hold here": BadgeData("does not hold here", "err", "close"),
    "cannot tell": BadgeData("cannot tell", "warn", "tilde"),
    "running": BadgeData("running", "acc"),
    "differs": BadgeData("differs", "acc", "differs"),
    "baseline": BadgeData("baseline", "t2", "pin"),
}
"""What is said of a claim (``lab.outcomes.verdict_word``), and of a difference in a sweep, which is neutral."""


def waiting_badge(seeds: tuple[int, ...]) -> BadgeData:
    """The badge of a verdict that waits for seeds: ``waits for seed 3``, ``waits for 2 seeds``."""
    if len(seeds) == 1:
        return BadgeData(f"waits for seed {seeds[0]}", "acc")
    return BadgeData(f"waits for {len(seeds)} seeds", "acc")
