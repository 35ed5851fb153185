"""How mean and variance of the signal grow by block in networks that were not trained (Brock et al. 2021)."""

from __future__ import annotations

from typing import Literal

import msgspec

from resnet_gui.base.errors import InputError

SignalInput = Literal["gaussian", "digits"]
"""What is sent through: independent normal numbers, mean 0 and variance 1 (the paper), or digits of the set inside."""


class PropagationSetup(msgspec.Struct, frozen=True, kw_only=True):
    """The way a signal is followed; batch norms use the statistics of its batch.

    Attributes:
        input: what is sent through.
        pictures: how many of it, as one batch.
    """

    input: SignalInput = "gaussian"
    pictures: int = 64

    def __post_init__(self) -> None:
        """Refuse what has no variance.

        Raises:
            InputError: fewer than two pictures, or too many for a batch.
        """
        if not 2 <= self.pictures <= 4096:
            raise InputError(f"A signal is followed in 2 to 4096 pictures at once, not {self.pictures}.")


class BlockSignal(msgspec.Struct, frozen=True):
    """The signal at the end of one block, behind its addition and before what follows it there.

    In a plain block, which adds nothing, it is that at the end of its branch. Mean and variance of a channel are over
    pictures and positions (Brock et al. 2021, section 3); the variance divides by their count.

    Attributes:
        path: of the block, such as ``layer2.0``.
        stage: counted from 0.
        squared_mean: average over channels of the square of a channel's mean.
        variance: average over channels of a channel's variance.
        branch_variance: the same at the end of the branch F, before the addition.
    """

    path: str
    stage: int
    squared_mean: float
    variance: float
    branch_variance: float


class DesignSignal(msgspec.Struct, frozen=True):
    """The signal through one network with freshly drawn weights.

    Attributes:
        name: of the design, as it was given.
        depth: layers with weights on the main path.
        residual: whether its blocks add their shortcuts; else it is a plain network.
        stem: average variance of a channel of what the first block reads.
        blocks: in the order of computation.
    """

    name: str
    depth: int
    residual: bool
    stem: float
    blocks: tuple[BlockSignal, ...]


class PropagationMeasured(msgspec.Struct, frozen=True, kw_only=True):
    """The signal through several networks, of one seed.

    Attributes:
        setup: how it was followed.
        seed: of weights and input.
        designs: in the order in which they were given.
    """

    setup: PropagationSetup
    seed: int
    designs: tuple[DesignSignal, ...]
