"""What the tensors of a network do not tell about its design."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod
from typing import Final

from resnet_gui.design.applies import applies
from resnet_gui.design.bounds import MAX_STAGES
from resnet_gui.design.choices import (
    ABLATIONS,
    ACTIVATIONS,
    BLOCKS,
    CHOICES,
    DOWNSAMPLINGS,
    HEADS,
    NORMS,
    ORDERS,
    PROJECTIONS,
    SHORTCUTS,
    STRIDES,
)
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec

RUNNING: Final = frozenset({"running_mean", "running_var"})
"""Tensors of a norm that training does not learn."""


def undetermined(spec: ResNetSpec) -> tuple[str, ...]:
    """One sentence for each choice that names and shapes leave open, with the value that ``spec`` has for it."""
    return tuple(f"{field}: {sentence}" for field, sentence in _open(spec))


def open_fields(spec: ResNetSpec) -> frozenset[str]:
    """Fields of a design that its tensors leave open."""
    return frozenset(field for field, _ in _open(spec) if field in spec.__struct_fields__)


def _open(spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    yield from _of_blocks(spec)
    yield from _of_shortcuts(spec)
    yield from _of_norms(spec)
    for field, choices in CHOICES.items():
        if applies(spec, field):
            yield from choices[getattr(spec, field)].undetermined(spec)
    strides = "×".join(map(str, spec.stage_strides))
    if spec.projects and len(PROJECTIONS[spec.projection].kernels) > 1:
        yield "strides", f"by how much a stage strides whose projection tells that it does; taken: {strides}, by stage."
    else:
        yield (
            "strides",
            f"neither strides nor borders of stages of one width leave a trace; taken: {strides}, by stage.",
        )
    yield "stem_stride", f"the stride of the stem's first convolution; taken: {spec.stem_step}."
    # Also where no stage is taken to stride: any may.
    ways = " or ".join(choice.short_text for choice in DOWNSAMPLINGS.values())
    yield "downsampling", f"how blocks that stride do so: {ways}; taken: {spec.downsampling}."
    yield "dilated_stages", f"how many last stages dilate in place of striding; taken: {spec.dilated_stages}."
    if NORMS[spec.norm].kind is not None:
        yield "norm_eps", f"what norms add to a variance; taken: {spec.norm_eps:g}."
    if ACTIVATIONS[spec.activation].identified_by is None:
        yield "activation", f"which function it is; taken: {spec.activation}."
    rates = f"{spec.dropout:g} and {spec.stochastic_depth:g}"
    yield "dropout", f"whether training dropped values or whole branches; taken: rates {rates}."
    yield from _of_head(spec)
    beyond = "" if HEADS[spec.head].pools else " beyond the area of the last map"
    yield "input", f"the size of the pictures{beyond}; taken: {spec.input[1]}×{spec.input[2]}."
    yield "normalisation", "mean and standard deviation of the training pictures; choose them when predicting."
    if HEADS[spec.head].classifies:
        yield "labels", "the names of the classes; choose them when predicting."


def _of_head(spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    head = HEADS[spec.head]
    if not head.classifies:
        return
    features = prod(plan(spec).stages[-1].output[:1] if head.pools else plan(spec).stages[-1].output)
    times = features // spec.output_channels(-1)
    if times == 1:
        taken = "pooled" if head.pools else "flattened"
        yield "head", f"whether a last map of a single position is pooled or flattened; taken: {taken}."
    else:
        yield (
            "head",
            f"whether it flattens a map of {times} positions, or poolings or pictures are joined (concatenated) to "
            f"{'twice' if times == 2 else f'{times} times'} the channels; taken: a flattened map.",
        )
    if spec.hidden:
        # A layer that reads what the first one reads may as well stand beside it as behind.
        beside = "; or whether they are heads of their own" if features in spec.hidden else ""
        yield (
            "hidden",
            "what stands between the linear layers of the head (which activation, dropout, or nothing at all)"
            f"{beside}; taken: {ACTIVATIONS[spec.activation].title}.",
        )


def norms_without_statistics(spec: ResNetSpec) -> list[str]:
    """Titles of the norms that would have a design's tensors if nobody had saved their running statistics."""
    norm = NORMS[spec.norm]
    return [choice.title for choice in NORMS.values() if choice.parts - RUNNING == norm.parts != choice.parts]


def _of_norms(spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    """Norms of the same tensors, and those that would have them if nobody had saved their running statistics."""
    norm = NORMS[spec.norm]
    alike = [choice.title for choice in NORMS.values() if choice is not norm and choice.parts == norm.parts]
    alike += [f"{title} whose statistics were not saved" for title in norms_without_statistics(spec)]
    if alike:
        yield "norm", f"whether it is {' or '.join(alike)}; taken: {norm.title}."


def _listed(names: Iterable[str]) -> str:
    """Names in a sentence: "a, b and c"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _of_blocks(spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    if BLOCKS[spec.block].grouped:
        version = STRIDES[spec.stride_on].title
        yield "stride_on", f"which convolution of a bottleneck strides; taken: {version}."
        yield "width_per_group", f"several widths per group give the same channels; taken: {spec.width_per_group}."
    order = ORDERS[spec.order]
    if NORMS[spec.norm].kind is None:
        yield "order", f"where the activations stand, as there are no norms; taken: {spec.order}."
    elif not order.norms_first:
        # Where every layer has the same channels, a norm before a convolution has the shape of one behind it.
        equal = not BLOCKS[spec.block].grouped and set(spec.widths) == {spec.stem_channels}
        alike = _listed(choice.short_text for choice in ORDERS.values() if not choice.norms_first)
        others = _listed(choice.short_text for choice in ORDERS.values() if choice.norms_first)
        more = f", and with equal channels {others}," if equal else ""
        yield "order", f"{alike}{more} have the same tensors; taken: {spec.order}."
    same = spec.stage_steps[0] == 1 and spec.stem_channels == spec.output_channels(0)
    if spec.preactivated and _shares_identity(spec) and same and not spec.activated_stem:
        taken = "activated" if spec.shared_first else "raw"
        yield "shared_first", f"whether the first block's shortcut reads the raw or the activated stem; taken: {taken}."


def _shares_identity(spec: ResNetSpec) -> bool:
    """Whether the first block may have an identity shortcut."""
    return SHORTCUTS[spec.shortcut].adds and not SHORTCUTS[spec.shortcut].everywhere


def _projects(spec: ResNetSpec) -> bool:
    """Whether a shape changes anywhere, so that a shortcut that projects there has a projection."""
    channels = [spec.stem_channels, *(spec.output_channels(stage) for stage in range(len(spec.blocks)))]
    return len(set(channels)) > 1 or any(stride > 1 for stride in spec.stage_steps)


def _of_shortcuts(spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    shortcut = SHORTCUTS[spec.shortcut]
    if not shortcut.projects:
        alike = _listed(choice.named for choice in SHORTCUTS.values() if not choice.projects)
        yield "shortcut", f"{alike} have the same tensors; taken: {spec.shortcut}."
    elif not shortcut.everywhere and not _projects(spec):
        alike = _listed(choice.named for choice in SHORTCUTS.values() if not choice.everywhere)
        yield "shortcut", f"where no shape changes, {alike} have the same tensors; taken: {spec.shortcut}."
    elif sum(spec.blocks) <= (MAX_STAGES if shortcut.everywhere else len(spec.blocks)):
        yield "shortcut", f"options that project in the same blocks have the same tensors; taken: {spec.shortcut}."
    if applies(spec, "raw_projection"):
        taken = "raw" if spec.raw_projection else "activated"
        what = "projections" if spec.projects else "shortcuts that change the shape"
        yield "raw_projection", f"whether {what} read the raw or the activated input; taken: {taken}."
    everywhere = shortcut.everywhere or (shortcut.projects and len(spec.blocks) == sum(spec.blocks))
    if ABLATIONS[spec.ablation].gated:
        yield "ablation", f"whether the gate weighs the branch too, or is a projection; taken: {spec.ablation}."
    elif everywhere and spec.projects_with_bias and not spec.projects_with_norm:
        yield "ablation", "whether the biased 1×1 convolution of every block is a gate; taken: a projection."
    elif shortcut.adds:
        yield "ablation", f"scaling and dropout of the shortcut have no weights; taken: {spec.ablation}."
