"""Where norms and activations stand (He et al. 2016, Fig. 4 a to e)."""

from __future__ import annotations

from tests.papers import Order

ORACLES = {
    "order=original": Order("cna", "cn", "a"),
    "order=bn_after_addition": Order("cna", "c", "na"),
    "order=relu_before_addition": Order("cna", "cna", ""),
    "order=relu_around_addition": Order("cna", "cna", "a"),
    "order=relu_only_preact": Order("acn", "acn", "", stem="n"),
    "order=full_preact": Order("nac", "nac", "", stem=""),
}
