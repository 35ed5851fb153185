"""The cost ledger: one network counted in five ways, and in a sentence why each differs from ours.

The tools' figures are computed from the plan by the tools' own rules, without running them; tests hold them against the
tools themselves (torchinfo 1.8, torch's FlopCounterMode, fvcore 0.1.5).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from resnet_gui.analysis.costs import totals
from resnet_gui.design.choices import KINDS, STRIDES
from resnet_gui.design.papers import PUBLISHED, Published
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.design.structure import LayerPlan, Plan


class LedgerEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the ledger: who counts, what, and why it differs.

    Attributes:
        source: who counts.
        params: parameters; a printed figure stands as it is printed, None where nothing is said.
        operations: what the source calls MACs, multiply-adds or FLOPs.
        unit: the source's word for it.
        why: why it differs from ours, or that it does not.
    """

    source: str
    params: int | str | None
    operations: int | str | None
    unit: str
    why: str


def ledger(planned: Plan) -> list[LedgerEntry]:
    """Ours, the paper's where the design is a published one, torchinfo's, torch's and fvcore's."""
    cost = totals(planned).cost
    layers = [layer for _, layer in planned.layers()]
    ours = LedgerEntry(
        source="ResNet Explorer", params=cost.params, operations=cost.macs, unit="MACs",
        why="Multiply-accumulates of convolutions and linear layers for one picture; trainable values.",
    )  # fmt: skip
    return [
        ours,
        *_paper(planned.spec),
        _torchinfo(layers, cost.params, cost.macs),
        LedgerEntry(
            source="torch FlopCounterMode", params=None, operations=2 * cost.macs, unit="FLOPs",
            why="Twice ours: it counts the multiplication and the addition, of convolutions and matrix products only.",
        ),
        _fvcore(layers, cost.macs),
    ]  # fmt: skip


def _by_note(counts: Iterable[tuple[int, str]]) -> dict[str, int]:
    """The sum of what a tool counts beyond our MACs, for each note that says of what; none of them 0."""
    sums: dict[str, int] = {}
    for count, note in counts:
        sums[note] = sums.get(note, 0) + count
    return {note: count for note, count in sums.items() if count}


def _torchinfo(layers: Sequence[LayerPlan], params: int, macs: int) -> LedgerEntry:
    """torchinfo: parameters × positions for convolutions, parameters once for all else (its layer_info.py)."""
    kinds = ((KINDS[layer.kind], layer) for layer in layers)
    sums = _by_note((kind.torchinfo(layer), kind.torchinfo_note) for kind, layer in kinds)
    extra = sum(sums.values())
    parts = " and ".join(f"{count:,} {note}" for note, count in sums.items())
    what = f"{extra:,} more" if extra >= 0 else f"{-extra:,} less"
    why = f"{what}: it counts {parts} as multiply-adds."
    return LedgerEntry(source="torchinfo", params=params, operations=macs + extra, unit="mult-adds", why=why)


def _fvcore(layers: Sequence[LayerPlan], macs: int) -> LedgerEntry:
    """fvcore: ours, and in evaluation 2 a value for BN, 5 for group norm, 1 a value that global pooling reads."""
    kinds = ((KINDS[layer.kind], layer) for layer in layers)
    sums = _by_note((kind.fvcore(layer), kind.fvcore_note) for kind, layer in kinds)
    extra = sum(sums.values())
    if sums:
        parts = " and ".join(f"{count:,} {note}" for note, count in sums.items())
        why = f"{extra:,} more: a multiply-add is one FLOP there as here, but it adds {parts}."
    else:
        why = "The same: a multiply-add is one FLOP there, and nothing else in this design counts."
    return LedgerEntry(source="fvcore", params=None, operations=macs + extra, unit="FLOPs", why=why)


def published_as(spec: ResNetSpec) -> str:
    """The name of the preset that a design is, classes and input included; empty if it is none with printed figures."""
    for name, preset in PRESETS.items():
        if name in PUBLISHED and PUBLISHED[name].counts and preset.spec == spec:
            return name
    return ""


def _paper(spec: ResNetSpec) -> list[LedgerEntry]:
    name = published_as(spec)
    if not name:
        return []
    printed = PUBLISHED[name]
    sentences = []
    cost = totals(plan(spec)).cost
    if printed.params:
        sentences.append(_compare(printed.params, cost.params, 10**6, "parameters"))
    if printed.flops:
        sentences.append(_compare_flops(printed, spec, cost.macs))
    return [
        LedgerEntry(
            source=printed.where,
            params=f"{printed.params} M" if printed.params else None,
            operations=f"{printed.flops} G" if printed.flops else None,
            unit="FLOPs" if printed.flops else "",
            why=" ".join(sentences),
        )
    ]


def _compare(text: str, ours: int, unit: int, what: str) -> str:
    """Whether a printed figure is ours, within one unit of its last digit (some papers round, some cut off)."""
    digit = Decimal(1).scaleb(Decimal(text).as_tuple().exponent)  # type: ignore[arg-type]
    apart = abs(Decimal(text) - Decimal(ours) / unit)
    exact = f"{(Decimal(ours) / unit).quantize(digit / 100)}"
    if apart <= digit / 2:
        return f"The same {what}, rounded from {exact}."
    if apart < digit and Decimal(text) * unit < ours:
        return f"The same {what}, cut off from {exact}."
    if apart < digit:
        return f"Within one unit of the last printed digit of the {exact} {what} of this network."
    return f"The network as described has {exact}; the paper does not say how it counts its {what}."


_FIRST_UNIT: Final = next(key for key, choice in STRIDES.items() if choice.unit == 0)
"""Where the paper has the stride."""


def _compare_flops(printed: Published, spec: ResNetSpec, macs: int) -> str:
    unit = 10**9
    if printed.first_stride and STRIDES[spec.stride_on].unit > 0:
        v1 = totals(plan(evolve(spec, stride_on=_FIRST_UNIT))).cost.macs
        return (
            f"{_compare(printed.flops, v1, unit, 'multiply-adds')[:-1]} with the stride on the first 1×1, as the paper "
            f"has it; on the 3×3, as here and in torchvision, {macs - v1:,} more."
        )
    if spec.se_ratio and STRIDES[spec.stride_on].unit > 0:
        v1 = totals(plan(evolve(spec, stride_on=_FIRST_UNIT))).cost.macs
        return f"{_compare(printed.flops, v1, unit, 'multiply-adds')[:-1]} with the stride on the first 1×1."
    return _compare(printed.flops, macs, unit, "multiply-adds")
