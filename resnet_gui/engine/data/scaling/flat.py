"""Any of Pillow's modes as 8-bit grey or colour."""

from __future__ import annotations

from PIL import Image

from resnet_gui.base.errors import InputError
from resnet_gui.data.grey_range import EACH_ITS_OWN, GreyRange
from resnet_gui.engine.data.greys import as_bytes, is_deep


def check_channels(channels: int) -> None:
    """Refuse an input that no picture can be brought to.

    Raises:
        InputError: pictures do not have that number of channels.
    """
    if channels not in {1, 3}:
        raise InputError(f"The design reads {channels} channels, but pictures have 1 (grey) or 3 (colour).")


def flat_image(image: Image.Image, channels: int, greys: GreyRange = EACH_ITS_OWN) -> Image.Image:
    """A picture as 8-bit grey or RGB, which may be the picture itself.

    Args:
        image: of any mode.
        channels: 1 or 3.
        greys: what is black and white among greys of more bits.

    Raises:
        InputError: pictures do not have that number of channels, or these colours cannot be converted.
    """
    check_channels(channels)
    try:
        return _flat(image, "L" if channels == 1 else "RGB", greys)
    except (ValueError, MemoryError) as error:
        raise InputError(f"Its colours ({image.mode}) cannot be converted: {str(error).rstrip('.')}.") from error


def needed_channels(image: Image.Image, channels: int) -> int:
    """How many channels of a picture have to be scaled: one of a grey picture, whose three would be the same.

    Args:
        image: of any mode.
        channels: of the input that it becomes.
    """
    grey = is_deep(image.mode) or (image.mode in {"1", "L"} and "transparency" not in image.info)
    return 1 if grey and channels == 3 else channels


def _flat(image: Image.Image, mode: str, greys: GreyRange) -> Image.Image:
    """Any of Pillow's modes as 8-bit grey or RGB; transparency is put on white."""
    if is_deep(image.mode):
        image = as_bytes(image, greys)
    elif image.mode in {"LA", "La", "PA", "RGBA", "RGBa"} or "transparency" in image.info:
        rgba = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    elif image.mode == "LAB":
        # Pillow knows no way from LAB to grey.
        image = image.convert("RGB")
    # Converted to what it is, a picture would be copied, which takes half as long as decoding it.
    return image if image.mode == mode else image.convert(mode)
