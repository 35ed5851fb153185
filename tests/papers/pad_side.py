"""Where option A puts its zeros, which He et al. 2015 leave open."""

from __future__ import annotations

ORACLES = {
    "pad_side=both_sides": lambda new: new // 2,
    "pad_side=zeros_behind": lambda _new: 0,
    "pad_side=zeros_in_front": lambda new: new,
}
