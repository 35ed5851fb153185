"""Residual blocks (He et al. 2015, Fig. 5; Xie et al. 2016, Fig. 3 c: the 3×3 of a bottleneck is grouped).

Hu et al. 2017, details of SENet-154: the first 1×1 of a bottleneck has half of the channels.
"""

from __future__ import annotations

from tests.papers import Branch, Conv

ORACLES = {
    "block=basic": Branch((Conv(3), Conv(3)), expansion=1),
    "block=bottleneck": Branch((Conv(1), Conv(3, grouped=True), Conv(1)), expansion=4),
    "block=half_bottleneck": Branch((Conv(1), Conv(3, grouped=True, times=2), Conv(1)), expansion=4),
}
