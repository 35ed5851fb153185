"""Kinds of files by their endings and their places."""

from __future__ import annotations

from typing import Final

WEIGHT_SUFFIXES: Final = (".pt", ".pth", ".th", ".ckpt", ".safetensors", ".bin", ".tar", ".pkl")
"""Endings of files that hold weights; what they are in truth is found by reading them."""
