"""How well a linear classifier reads the classes after each block (Alain and Bengio 2016, section 3)."""

from __future__ import annotations

import msgspec


class ProbeSetup(msgspec.Struct, frozen=True):
    """The set-up of linear probes: ridge regression on pooled features, one a depth.

    Features are averaged over the map and standardised by the training pictures; targets are 1 for the picture's class
    and 0 for the others; the answer is the class with the largest output. Alain and Bengio fit a softmax instead.

    Attributes:
        ridge: weight of the squared coefficients, a picture: the penalty is ``ridge`` × training pictures.
        train_pictures: evenly spaced over the training part, without augmentation; 0 for all.
        test_pictures: evenly spaced over the test part; 0 for all.
    """

    ridge: float = 1e-3
    train_pictures: int = 0
    test_pictures: int = 0


class DepthProbe(msgspec.Struct, frozen=True):
    """A linear probe at one depth.

    Attributes:
        location: "stem", or the path of the block that it stands behind, such as ``layer2.0``.
        features: channels there, which the probe reads.
        train_error: fraction of the training pictures that it answers wrongly.
        test_error: the same of the test pictures.
    """

    location: str
    features: int
    train_error: float
    test_error: float


class ProbesByDepth(msgspec.Struct, frozen=True):
    """Linear probes after the stem and after every block.

    Attributes:
        setup: how they were made.
        train_pictures: that they learnt from.
        test_pictures: that they were tested with.
        probes: in the order of computation.
        train_error: of the network itself on the same training pictures, as a fraction.
        test_error: of the network itself on the same test pictures.
    """

    setup: ProbeSetup
    train_pictures: int
    test_pictures: int
    probes: tuple[DepthProbe, ...]
    train_error: float
    test_error: float
