"""Operators of oneDNN as functions of torch's interpreter: a trace cannot hold the lists of scalars in their calls."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import torch

SOURCE: Final = """
def convolved(
    x: Tensor, w: Tensor, b: Optional[Tensor], padding: List[int], stride: List[int], dilation: List[int], groups: int,
    activation: str
) -> Tensor:
    return torch.ops.mkldnn._convolution_pointwise(x, w, b, padding, stride, dilation, groups, activation, [], "")

def added(
    x: Tensor, other: Tensor, w: Tensor, b: Optional[Tensor], padding: List[int], stride: List[int],
    dilation: List[int], groups: int, activation: Optional[str]
) -> Tensor:
    return torch.ops.mkldnn._convolution_pointwise(
        x, other, w, b, padding, stride, dilation, groups, "add", 1.0, activation, [], ""
    )

def added_in_place(
    x: Tensor, other: Tensor, w: Tensor, b: Optional[Tensor], padding: List[int], stride: List[int],
    dilation: List[int], groups: int, activation: Optional[str]
) -> Tensor:
    return torch.ops.mkldnn._convolution_pointwise_(
        other, x, w, b, padding, stride, dilation, groups, "add", 1.0, activation, [], ""
    )
"""

BYTES_SOURCE: Final = """
def convolved(
    x: Tensor, scale: float, zero: int, w: Tensor, scales: Tensor, zeros: Tensor, b: Optional[Tensor],
    stride: List[int], padding: List[int], dilation: List[int], groups: int, to_scale: float, to_zero: int, to: int,
    activation: str
) -> Tensor:
    return torch.ops.onednn.qconv2d_pointwise(
        x, scale, zero, w, scales, zeros, b, stride, padding, dilation, groups, to_scale, to_zero, to, activation, [],
        ""
    )

def added(
    x: Tensor, scale: float, zero: int, w: Tensor, scales: Tensor, zeros: Tensor, other: Tensor, b: Optional[Tensor],
    stride: List[int], padding: List[int], dilation: List[int], groups: int, to_scale: float, to_zero: int, to: int,
    other_scale: float, other_zero: int, activation: str
) -> Tensor:
    return torch.ops.onednn.qconv2d_pointwise(
        x, scale, zero, w, scales, zeros, other, b, stride, padding, dilation, groups, to_scale, to_zero, to,
        other_scale, other_zero, "sum", 1.0, activation, [], ""
    )
"""


@cache
def traced_operators(source: str) -> Any:
    """The functions of a source.

    Raises:
        RuntimeError: this torch does not have what they call.
    """
    unit: Any = torch.jit.CompilationUnit()
    unit.define(source)
    return unit


def is_tracing() -> bool:
    """Whether torch records what is computed now."""
    jit: Any = torch.jit
    return bool(jit.is_tracing())
