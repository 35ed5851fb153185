"""What a weights file says of itself, so that the file alone is enough to classify pictures."""

from __future__ import annotations

import msgspec

from resnet_gui.data.grey_range import FULL_RANGE, GreyRange
from resnet_gui.data.preprocessing import Interpolation, PictureFit, Preprocess
from resnet_gui.design.choices import HEADS
from resnet_gui.design.spec import ResNetSpec


class ModelInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The metadata of a weights file.

    Attributes:
        name: what the design is called.
        classes: label of each output, in order; of one logit perhaps two, the second its own; without a head none.
        mean: of each input channel, on the scale 0 to 1; subtracted from a picture.
        std: of each input channel; divides what remains.
        data: name of the data set that it was trained on.
        top1: fraction of test pictures that these weights classify correctly.
        sha256: digest of the weights' bytes in state_dict order.
        resize: short side of a picture before the input is cut out of it; 0 where the picture is fitted to the input.
        greys: what is black and white among greys of more than 8 bits.
        interpolation: how pixels are resampled.
        fit: how a picture of another shape becomes the input's.
    """

    name: str
    spec: ResNetSpec
    classes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    data: str
    top1: float
    sha256: str
    version: int = 1
    resize: int = 0
    greys: GreyRange = FULL_RANGE
    interpolation: Interpolation = "bilinear"
    fit: PictureFit = "crop"

    @property
    def is_labelled(self) -> bool:
        """Whether the labels are those of the design's outputs: one logit may have one for each of its two answers."""
        if not HEADS[self.spec.head].classifies:
            return not self.classes
        return len(self.classes) in {self.spec.classes, max(2, self.spec.classes)}

    @property
    def preprocess(self) -> Preprocess:
        """How a picture becomes the network's input."""
        return Preprocess(
            mean=self.mean, std=self.std, resize=self.resize, interpolation=self.interpolation, greys=self.greys,
            fit=self.fit,
        )  # fmt: skip
