"""From a picture of any size to what a network reads: the arithmetic of resizing and cropping, and named ways."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import msgspec

from resnet_gui.data.grey_range import EACH_ITS_OWN, GreyRange
from resnet_gui.design.bounds import Shape

Size = tuple[int, int]
"""Width and height in pixels."""

Views = Literal[1, 10]
"""One central crop, or ten: corners and centre, each mirrored as well (Krizhevsky et al. 2012, section 4.1)."""

MARGIN: Final = 256 / 224
"""Where a network has no margin of its own, ten crops are cut from a picture this much larger than its input."""

LEAST_AREA: Final = 0.08
"""Share of a picture that a random-resized crop has at least (Szegedy et al. 2014, section 6)."""

MOST_RATIO: Final = 4 / 3
"""Width over height of such a crop at most; 3/4 at least."""

Interpolation = Literal["bilinear", "bicubic"]
PictureFit = Literal["crop", "squeeze", "pad"]


class Scaling(msgspec.Struct, frozen=True, kw_only=True):
    """The way from a picture of any size and depth to the bytes of a network's input.

    Attributes:
        resize: pixels of the short side before the input is cut from its centre, as torchvision does: of the picture
            where it is cropped, else of the frame that it is squeezed or padded to; 0 scales to the input itself.
        interpolation: how pixels are resampled, antialiased.
        greys: what is black and white among greys of more than 8 bits.
        fit: how a picture of another shape becomes the input's: "crop" cuts its centre out; "squeeze" stretches the
            whole of it; "pad" puts the whole of it between bars that are black before the normalisation.
    """

    resize: int = 0
    interpolation: Interpolation = "bilinear"
    greys: GreyRange = EACH_ITS_OWN
    fit: PictureFit = "crop"


def at_input(how: Scaling, theirs: Shape, ours: Shape) -> Scaling:
    """The scaling of pictures for an input of another shape: its margin is in proportion to the shorter side."""
    resize = round(how.resize * min(ours[1:]) / min(theirs[1:]))
    return Scaling(resize=resize, interpolation=how.interpolation, greys=how.greys, fit=how.fit)


class Preprocess(Scaling, frozen=True, kw_only=True):
    """The way from a picture to a network's input, normalised.

    Attributes:
        mean: of each channel on the scale 0 to 1; subtracted.
        std: of each channel; divides what remains.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """Values in place of a network's own preprocessing; None leaves its own."""

    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    resize: int | None = None

    def applied(self, preprocess: Preprocess) -> Preprocess:
        """A preprocessing with the changes."""
        changed = {name: getattr(self, name) for name in self.__struct_fields__ if getattr(self, name) is not None}
        return msgspec.structs.replace(preprocess, **changed)


class CropBox(msgspec.Struct, frozen=True):
    """A rectangle on the original picture, in its pixels; fractions are possible, and it may stick out."""

    x: float
    y: float
    width: float
    height: float


class PixelBox(NamedTuple):
    """Whole pixels of a picture: those from left and top to, but without, right and bottom."""

    left: int
    top: int
    right: int
    bottom: int


class NamedPreprocess(msgspec.Struct, frozen=True):
    """A usual way, for networks whose file does not tell theirs; ``title`` for people, ``source`` where it is from."""

    name: str
    title: str
    source: str
    preprocess: Preprocess


IMAGENET_MEAN: Final = (0.485, 0.456, 0.406)
IMAGENET_STD: Final = (0.229, 0.224, 0.225)

_ALL: Final = (
    NamedPreprocess(
        "imagenet", "ImageNet, 256 → 224", "torchvision, IMAGENET1K_V1",
        Preprocess(mean=IMAGENET_MEAN, std=IMAGENET_STD, resize=256),
    ),
    NamedPreprocess(
        "imagenet-v2", "ImageNet, 232 → 224", "torchvision, IMAGENET1K_V2",
        Preprocess(mean=IMAGENET_MEAN, std=IMAGENET_STD, resize=232),
    ),
    NamedPreprocess(
        "imagenet-fit", "ImageNet colours, whole picture", "torchvision's mean and deviation",
        Preprocess(mean=IMAGENET_MEAN, std=IMAGENET_STD),
    ),
    NamedPreprocess(
        "cifar10", "CIFAR-10 colours", "mean and deviation of its training pictures",
        Preprocess(mean=(0.4914, 0.4822, 0.4465), std=(0.2470, 0.2435, 0.2616)),
    ),
    NamedPreprocess(
        "cifar100", "CIFAR-100 colours", "mean and deviation of its training pictures",
        Preprocess(mean=(0.5071, 0.4865, 0.4409), std=(0.2673, 0.2564, 0.2762)),
    ),
    NamedPreprocess(
        "half", "−1 … 1", "mean and deviation 0.5", Preprocess(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5)),
    ),
    NamedPreprocess(
        "none", "0 … 1", "no normalisation", Preprocess(mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0)),
    ),
)  # fmt: skip
PREPROCESSES: Final = {named.name: named for named in _ALL}


def for_channels(preprocess: Preprocess, channels: int) -> Preprocess:
    """The same for so many channels: a grey network gets the means of the colours."""
    if len(preprocess.mean) == channels:
        return preprocess
    mean, std = (math.fsum(values) / len(values) for values in (preprocess.mean, preprocess.std))
    return msgspec.structs.replace(preprocess, mean=(mean,) * channels, std=(std,) * channels)


def suggest(shape: Shape, classes: int) -> str:
    """Name of the likeliest way for a network whose file does not tell: by its input and its number of classes."""
    if classes == 1000:
        return "imagenet" if shape[1] >= 128 else "imagenet-fit"
    if classes == 100 and shape[1] <= 64:
        return "cifar100"
    if shape[1] <= 64:
        return "cifar10"
    return "imagenet"


def resized(size: Size, short: int) -> Size:
    """A picture's size after its short side was scaled to ``short`` pixels; the long side is cut off, as torchvision's.

    Args:
        size: (width, height) before.
        short: pixels.
    """
    width, height = size
    if width <= height:
        return short, max(1, int(short * height / width))
    return max(1, int(short * width / height)), short


def centred(size: Size, crop: Size) -> Size:
    """Left and top of a crop in the middle, rounded as torchvision does; negative where it sticks out."""
    left, top = ((whole - part) / 2 for whole, part in zip(size, crop, strict=True))
    # torchvision cuts to the even neighbour of a half, but pads less on the left and the top.
    return (round(left) if left > 0 else math.ceil(left)), (round(top) if top > 0 else math.ceil(top))


def fitted(size: Size, crop: Size) -> CropBox:
    """The largest centred part of a picture with the aspect ratio of a crop."""
    width, height = size
    scale = min(width / crop[0], height / crop[1])
    wide, high = crop[0] * scale, crop[1] * scale
    return CropBox((width - wide) / 2, (height - high) / 2, wide, high)


def padded(size: Size, frame: Size) -> Size:
    """A picture's size between the bars of a frame: the largest that fits, rounded as torchvision's ``max_size`` does.

    Args:
        size: (width, height) before.
        frame: (width, height) that it must fit into; one of its sides is then the frame's.
    """
    width, height = size
    if width * frame[1] >= height * frame[0]:
        return frame[0], max(1, int(frame[0] * height / width))
    return max(1, int(frame[1] * width / height)), frame[1]


def random_crop(size: Size, chances: Sequence[float]) -> PixelBox:
    """The part of a picture that a random-resized crop takes (Szegedy et al. 2014, section 6).

    Aspect ratio and place are drawn as torchvision's ``RandomResizedCrop`` draws them, and the area evenly among those
    that fit into the picture at that ratio. torchvision draws area and ratio anew until they fit, ten times at most.

    Args:
        size: (width, height) of the upright picture.
        chances: four numbers from 0 to below 1, uniform: of area, ratio, top and left.
    """
    width, height = size
    ratio = MOST_RATIO ** (2 * chances[1] - 1)
    most = min(width * height, width**2 / ratio, height**2 * ratio)
    least = min(most, LEAST_AREA * width * height)
    area = least + (most - least) * chances[0]
    wide, high = (max(1, round(math.sqrt(side))) for side in (area * ratio, area / ratio))
    left, top = int(chances[3] * (width - wide + 1)), int(chances[2] * (height - high + 1))
    return PixelBox(left, top, left + wide, top + high)


def short_side(shape: Shape, how: Scaling, views: int) -> int:
    """Pixels of the short side before crops are cut; 0 where the picture is fitted to the input."""
    if views == 1 or how.resize:
        return how.resize
    return round(min(shape[1:]) * MARGIN)


def scaled_size(size: Size, shape: Shape, how: Scaling, views: int) -> Size:
    """A picture's size, its bars included, when crops are cut from it; at least the input's for ten crops."""
    short = short_side(shape, how, views)
    height, width = shape[1:]
    if not short:
        return width, height
    wide, high = resized(size if how.fit == "crop" else (width, height), short)
    if views != 1 and (wide < width or high < height):
        grow = max(width / wide, height / high)
        wide, high = max(width, math.ceil(wide * grow)), max(height, math.ceil(high * grow))
    return wide, high


def is_kept(shape: Shape, how: Scaling) -> bool:
    """Whether a picture of the input's size is the input, as one crop, without a pixel changed."""
    size = shape[2], shape[1]
    return scaled_size(size, shape, how, 1) == size


def crop_places(scaled: Size, shape: Shape, views: int) -> tuple[Size, ...]:
    """Left and top of each crop that is not a mirrored one: the centre, or the corners and the centre."""
    height, width = shape[1:]
    centre = centred(scaled, (width, height))
    if views == 1:
        return (centre,)
    right, bottom = scaled[0] - width, scaled[1] - height
    return (0, 0), (right, 0), (0, bottom), (right, bottom), centre


def crop_boxes(size: Size, shape: Shape, how: Scaling, views: int = 1) -> tuple[CropBox, ...]:
    """The part of the original picture that each crop shows, mirrored ones left out; bars are what sticks out of it.

    Args:
        size: (width, height) of the upright picture.
        shape: of the network's input, (channels, height, width).
        how: how it is scaled.
        views: 1 or 10.
    """
    height, width = shape[1:]
    if how.fit == "crop" and not short_side(shape, how, views):
        return (fitted(size, (width, height)),)
    scaled = scaled_size(size, shape, how, views)
    inner = padded(size, scaled) if how.fit == "pad" else scaled
    across, down = centred(inner, scaled)  # negative where there are bars
    x, y = size[0] / inner[0], size[1] / inner[1]
    return tuple(
        CropBox((left + across) * x, (top + down) * y, width * x, height * y)
        for left, top in crop_places(scaled, shape, views)
    )


def _numbers(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:.3g}" for value in values)


_WHOLE_STEPS: Final[dict[str, tuple[str, str]]] = {
    "squeeze": ("Squeeze", "whole picture, stretched to"),
    "pad": ("Pad", "whole picture, with black bars to"),
}


def size_steps(shape: Shape, how: Scaling, views: int = 1) -> tuple[tuple[str, str], ...]:
    """The steps from a picture's size to the input's."""
    height, width = shape[1:]
    short = short_side(shape, how, views)
    cut = f"{width} × {height}" + (", four corners and centre, mirrored" if views != 1 else "")
    crop = ("Crop" if views != 1 else "Centre crop", cut)
    if how.fit != "crop":
        wide, high = scaled_size((width, height), shape, how, views)
        word, done = _WHOLE_STEPS[how.fit]
        first = (word, f"{done} {wide} × {high}, {how.interpolation}")
        return (first, crop) if short else (first,)
    if short:
        return ("Resize", f"short side {short}, {how.interpolation}"), crop
    ratio = f"to {width}:{height}" if width != height else "square"
    return ("Centre crop", ratio), ("Resize", f"{cut}, {how.interpolation}")


def describe_steps(
    shape: Shape, preprocess: Preprocess, views: int = 1, *, cut: bool = False
) -> tuple[tuple[str, str], ...]:
    """What happens to a picture, step by step: a word, and the numbers; ``cut`` where its colours have 16 bits."""
    colours = (preprocess.mean, preprocess.std)
    usual = next((it.title for it in _ALL if (it.preprocess.mean, it.preprocess.std) == colours), "")
    named = usual.split(",")[0].removesuffix(" colours")
    if not named[:1].isalpha():
        normal = f"mean {_numbers(preprocess.mean)}; std {_numbers(preprocess.std)}"
    else:
        normal = f"{named} mean, std"
    deep = (("Deep greys", f"{preprocess.greys.words} to 0…255"),) if preprocess.greys.words else ()
    halved = (("Deep colours", "the upper 8 of 16 bits"),) if cut else ()
    return (*size_steps(shape, preprocess, views), *deep, *halved, ("Scale", "0…255 to 0…1"), ("Normalise", normal))
