"""The stems of the design space as rows of layers with tensors: what a file may begin with."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final, NamedTuple, TypeAlias

from resnet_gui.base.errors import SpecError
from resnet_gui.design.bounds import Shape
from resnet_gui.design.choices import BLOCKS, KINDS, NORMS, ORDERS, PROJECTIONS, STEMS
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.design.structure import LayerPlan

Shapes: TypeAlias = tuple[tuple[str, Shape], ...]
"""Tensors of a layer: part and shape."""

_USUAL: Final = (3, 64)
"""Channels of the picture and of the stem's output, where only kinds and windows are asked for."""


class StemForm(NamedTuple):
    """The traits of a design that decide which layers its stem has.

    Attributes:
        key: its choice.
        normed: whether the network has norms.
        preactivated: whether norms stand before the convolutions of blocks.
        ends_in_norm: whether a norm follows the last convolution.
    """

    key: str
    normed: bool
    preactivated: bool
    ends_in_norm: bool

    def layers(self) -> tuple[LayerPlan, ...]:
        """Convolutions and norms in order, of usual channels."""
        return _planned(self, *_USUAL)

    def channels(self, inputs: int, outputs: int) -> list[int] | None:
        """What its convolutions put out, of a stem of these channels; None if no design has them."""
        try:
            return [layer.output[0] for layer in _planned(self, inputs, outputs) if KINDS[layer.kind].mixes]
        except SpecError:
            return None


@lru_cache(256)
def _planned(form: StemForm, inputs: int, outputs: int) -> tuple[LayerPlan, ...]:
    """Convolutions, and the norms that have tensors.

    Raises:
        SpecError: no design has such channels.
    """
    spec = ResNetSpec(
        block=next(iter(BLOCKS)),
        blocks=(1,),
        widths=(outputs,),
        stem=form.key,
        stem_width=outputs,
        norm=next(key for key, choice in NORMS.items() if (choice.kind is not None) == form.normed),
        order=next(key for key, choice in ORDERS.items() if choice.norms_first == form.preactivated),
        activated_stem=form.preactivated and form.ends_in_norm,
        input=(inputs, STEMS[form.key].picture, STEMS[form.key].picture),
    )
    stem = plan(spec).stem.layers
    read = [layer for layer in stem if KINDS[layer.kind].mixes or KINDS[layer.kind].is_norm]
    return tuple(layer for layer in read if KINDS[layer.kind].tensors(layer))


@cache
def distinct_stems() -> tuple[str, ...]:
    """Of the stems whose tensors have the same shapes the first each; those of the fewest layers first."""
    first: dict[tuple[Shapes, ...], str] = {}
    for key in STEMS:
        layers = StemForm(key, normed=True, preactivated=False, ends_in_norm=True).layers()
        shapes = tuple(tuple(KINDS[layer.kind].tensors(layer).items()) for layer in layers)
        first.setdefault(shapes, key)
    return tuple(first[shapes] for shapes in sorted(first, key=len))


@cache
def known_kernels() -> tuple[int, ...]:
    """Edges of the windows of all convolutions that a design may have, 1×1 among them."""
    form = {"normed": True, "preactivated": False, "ends_in_norm": True}
    stems = {layer.kernel for key in STEMS for layer in StemForm(key, **form).layers() if KINDS[layer.kind].mixes}
    units = {unit.kernel for block in BLOCKS.values() for unit in block.units}
    return tuple(sorted({1, *stems, *units, *(edge for choice in PROJECTIONS.values() for edge in choice.kernels)}))
