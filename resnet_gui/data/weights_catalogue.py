"""Networks that can be named: the one inside, and torchvision's ImageNet weights."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from resnet_gui.base.files import assets, data_folder
from resnet_gui.data.preprocessing import IMAGENET_MEAN, IMAGENET_STD, Preprocess


class PublishedWeights(msgspec.Struct, frozen=True):
    """Weights that torchvision offers.

    Attributes:
        function: of torchvision that builds the network; the preset has the same name.
        version: "IMAGENET1K_V1" or "IMAGENET1K_V2".
        file: as it is published; the digits are the first of its SHA-256.
        top1: ImageNet validation accuracy in per cent, one central crop.
        megabytes: of the file, 2^20 bytes, as torchvision lists it.
        resize: short side in pixels before the crop of 224.
    """

    function: str
    version: str
    file: str
    top1: float
    megabytes: float
    resize: int

    @property
    def name(self) -> str:
        """For the command line: "resnet50-v2"."""
        return f"{self.function}-{self.version.rpartition('_')[2].lower()}"

    @property
    def digits(self) -> str:
        """How the file's SHA-256 begins."""
        return self.file.removesuffix(".pth").rpartition("-")[2]

    @property
    def preprocess(self) -> Preprocess:
        """How its pictures are prepared."""
        return Preprocess(mean=IMAGENET_MEAN, std=IMAGENET_STD, resize=self.resize)


_V1, _V2 = "IMAGENET1K_V1", "IMAGENET1K_V2"
_ALL: Final = (
    PublishedWeights("resnet18", _V1, "resnet18-f37072fd.pth", 69.758, 44.661, 256),
    PublishedWeights("resnet34", _V1, "resnet34-b627a593.pth", 73.314, 83.275, 256),
    PublishedWeights("resnet50", _V1, "resnet50-0676ba61.pth", 76.130, 97.781, 256),
    PublishedWeights("resnet50", _V2, "resnet50-11ad3fa6.pth", 80.858, 97.790, 232),
    PublishedWeights("resnet101", _V1, "resnet101-63fe2227.pth", 77.374, 170.511, 256),
    PublishedWeights("resnet101", _V2, "resnet101-cd907fc2.pth", 81.886, 170.530, 232),
    PublishedWeights("resnet152", _V1, "resnet152-394f9c45.pth", 78.312, 230.434, 256),
    PublishedWeights("resnet152", _V2, "resnet152-f82ba261.pth", 82.284, 230.474, 232),
    PublishedWeights("wide_resnet50_2", _V1, "wide_resnet50_2-95faca4d.pth", 78.468, 131.820, 256),
    PublishedWeights("wide_resnet50_2", _V2, "wide_resnet50_2-9ba9bcbe.pth", 81.602, 263.124, 232),
    PublishedWeights("wide_resnet101_2", _V1, "wide_resnet101_2-32ee1156.pth", 78.848, 242.896, 256),
    PublishedWeights("wide_resnet101_2", _V2, "wide_resnet101_2-d733dc28.pth", 82.510, 484.747, 232),
    PublishedWeights("resnext50_32x4d", _V1, "resnext50_32x4d-7cdf4587.pth", 77.618, 95.789, 256),
    PublishedWeights("resnext50_32x4d", _V2, "resnext50_32x4d-1a0047aa.pth", 81.198, 95.833, 232),
    PublishedWeights("resnext101_32x8d", _V1, "resnext101_32x8d-8ba56ff5.pth", 79.312, 339.586, 256),
    PublishedWeights("resnext101_32x8d", _V2, "resnext101_32x8d-110c445d.pth", 82.834, 339.673, 232),
    PublishedWeights("resnext101_64x4d", _V1, "resnext101_64x4d-173b62eb.pth", 83.246, 319.318, 232),
)
WEIGHTS: Final = {weights.name: weights for weights in _ALL}
"""torchvision's weights by name, with the figures that it lists."""

SHIPPED: Final = "cifar10-resnet20"
"""Name of the network inside; its card stands beside it in ``assets/networks``."""


def shipped_file() -> Path:
    """The weights of the network inside."""
    return assets() / "networks" / f"{SHIPPED}.safetensors"


def weights_folder() -> Path:
    """Where weights lie that were fetched."""
    return data_folder() / "weights"


def published_file(name: str) -> Path:
    """Where torchvision's weights of a name lie, or would."""
    return weights_folder() / WEIGHTS[name].file


def published_by_name(path: Path) -> PublishedWeights | None:
    """Which of torchvision's weights a file of that name is; files keep their names wherever they lie."""
    return next((weights for weights in _ALL if weights.file == path.name), None)


SHIPPED_TOP1: Final = 0.8749
"""Fraction of the 10,000 test pictures that it classifies correctly; its card tells how that is reproduced."""
