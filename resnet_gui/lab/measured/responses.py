"""How strongly the 3×3 layers of a trained network respond (He et al. 2015, Fig. 7)."""

from __future__ import annotations

import msgspec

from resnet_gui.base.errors import InputError


class ResponseSetup(msgspec.Struct, frozen=True, kw_only=True):
    """The way responses are measured: in eval mode, without augmentation.

    Attributes:
        pictures: how many training pictures, evenly spaced; 0 for all.
    """

    pictures: int = 256

    def __post_init__(self) -> None:
        """Refuse a number of pictures that cannot be.

        Raises:
            InputError: it is below 0.
        """
        if self.pictures < 0:
            raise InputError("Responses are measured on 1 picture or more, or on all of them with 0.")


class LayerResponse(msgspec.Struct, frozen=True):
    """The response of one 3×3 layer: its output behind its norm and before activation or addition.

    Attributes:
        path: of the convolution, such as ``layer2.0.conv1``.
        std: standard deviation over pictures, channels and positions; it divides by their count.
    """

    path: str
    std: float


class ResponsesMeasured(msgspec.Struct, frozen=True, kw_only=True):
    """The responses of all 3×3 layers on the main path of one network.

    Attributes:
        setup: how they were measured.
        name: of the network, as it was given.
        depth: layers with weights on the main path.
        residual: whether its blocks add their shortcuts; else it is a plain network.
        pictures: how many were seen.
        layers: in the order of computation.
    """

    setup: ResponseSetup
    name: str
    depth: int
    residual: bool
    pictures: int
    layers: tuple[LayerResponse, ...]

    @property
    def ranked(self) -> tuple[LayerResponse, ...]:
        """The layers, the strongest response first (He et al. 2015, Fig. 7, bottom)."""
        return tuple(sorted(self.layers, key=lambda layer: -layer.std))

    @property
    def mean(self) -> float:
        """Mean of the layers' standard deviations."""
        return sum(layer.std for layer in self.layers) / len(self.layers)
