"""Which statistics batch norms use in a network that was changed after its training."""

from __future__ import annotations

from typing import Final, Literal

NormStatistics = Literal["trained", "remeasured"]
"""The running statistics of the training, or those of the changed network, measured again over training pictures.

Measured again they are the exact mean and variance of what each norm reads over all pictures given, layer by layer in
the order of computation, not a running average. Norms without running statistics (group, layer, none) have neither.
"""

WORDS: Final[dict[NormStatistics, str]] = {"trained": "BN as trained", "remeasured": "BN measured again"}
"""As captions of figures say it."""
