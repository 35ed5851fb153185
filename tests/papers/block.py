"""Residual blocks (He et al. 2015, Fig. 5; Xie et al. 2016, Fig. 3 c: the 3×3 of a bottleneck is grouped)."""

from __future__ import annotations

from tests.papers import Branch, Conv

ORACLES = {
    "block=basic": Branch((Conv(3), Conv(3)), expansion=1),
    "block=bottleneck": Branch((Conv(1), Conv(3, grouped=True), Conv(1)), expansion=4),
}
