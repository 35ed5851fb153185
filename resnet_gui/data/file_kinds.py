"""Kinds of files by their endings and their places."""

from __future__ import annotations

from typing import Final

WEIGHT_SUFFIXES: Final = (".pt", ".pth", ".th", ".ckpt", ".safetensors", ".bin", ".tar", ".pkl")
"""Endings of files that hold weights; what they are in truth is found by reading them."""

PICTURE_SUFFIXES: Final = (
    ".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".jfi", ".mpo", ".webp", ".avif", ".bmp", ".gif",
    ".tif", ".tiff", ".jp2", ".j2k", ".jpx", ".pgm", ".ppm", ".pbm", ".pnm", ".pfm",
)  # fmt: skip
"""Endings of files that hold pictures; which kind one is in truth is found by reading it."""

PICTURE_KINDS: Final = "PNG, JPEG, WebP, AVIF, BMP, GIF, TIFF, JPEG 2000, PPM"
"""What is read, for people."""

TOO_MANY_PIXELS: Final = "megapixels are not decoded."
"""How the sentence about a picture ends that is too large, by which it is told from a damaged one."""
