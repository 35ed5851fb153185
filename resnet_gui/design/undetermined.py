"""What the tensors of a network do not tell about its design."""

from __future__ import annotations

from collections.abc import Iterator

from resnet_gui.design.bounds import MAX_STAGES
from resnet_gui.design.spec import ResNetSpec


def unknowable(spec: ResNetSpec) -> tuple[str, ...]:
    """One sentence for each choice that names and shapes leave open, with the value that ``spec`` has for it."""
    return tuple(f"{field}: {sentence}" for field, sentence in _open(spec))


def open_fields(spec: ResNetSpec) -> frozenset[str]:
    """Fields of a design that its tensors leave open."""
    return frozenset(field for field, _ in _open(spec) if field in spec.__struct_fields__)


def _open(spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    yield from _of_blocks(spec)
    yield from _of_shortcuts(spec)
    strides = "×".join(map(str, spec.stage_strides))
    yield "strides", f"neither strides nor borders of stages of one width leave a trace; taken: {strides}, by stage."
    if spec.stem in {"imagenet", "7x7"}:
        taken = "yes" if spec.stem == "imagenet" else "no"
        yield "stem", f"whether a max-pooling follows the 7×7 convolution; taken: {taken}."
    elif spec.stem in {"cifar", "3x3"}:
        yield "stem", f"whether the 3×3 convolution strides; taken: stride {1 if spec.stem == 'cifar' else 2}."
    if spec.norm == "group":
        yield "norm", "whether it is batch normalisation whose statistics were not saved; taken: group normalisation."
        yield "norm_groups", f"into how many groups the channels are cut; taken: {spec.norm_groups}."
    yield "activation", f"which function it is; taken: {spec.activation}."
    rates = f"{spec.dropout:g} and {spec.stochastic_depth:g}"
    yield "dropout", f"whether training dropped values or whole branches; taken: rates {rates}."
    if spec.head == "pool":
        yield "head", "whether a last map of a single position is pooled or flattened; taken: pooled."
    beyond = "" if spec.head == "pool" else " beyond the area of the last map"
    yield "input", f"the size of the pictures{beyond}; taken: {spec.input[1]}×{spec.input[2]}."
    yield "normalisation", "mean and standard deviation of the training pictures; choose them when predicting."
    yield "labels", "the names of the classes; choose them when predicting."


def _of_blocks(spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    if spec.block == "bottleneck":
        version = "the 3×3 (v1.5)" if spec.stride_on == "3x3" else "the first 1×1 (v1)"
        yield "stride_on", f"which convolution of a bottleneck strides; taken: {version}."
        yield "width_per_group", f"several widths per group give the same channels; taken: {spec.width_per_group}."
    if spec.norm == "none":
        yield "order", f"where the activations stand, as there are no norms; taken: {spec.order}."
    elif spec.order != "full_preact":
        # Where every layer has the same channels, a norm before a convolution has the shape of one behind it.
        equal = spec.block == "basic" and set(spec.widths) == {spec.stem_channels}
        more = ", and with equal channels full pre-activation," if equal else ""
        names = f"original, BN after addition, ReLU before addition and ReLU-only pre-activation{more}"
        yield "order", f"{names} have the same tensors; taken: {spec.order}."
    if spec.se_ratio:
        rule = f"{spec.se_ratio}, to multiples of {spec.se_divisor}"
        yield "se_ratio", f"the ratio before rounding; taken: {rule}."
        yield "se_divisor", f"what the squeezed width is rounded to; taken: {rule}."
    same = spec.stage_strides[0] == 1 and spec.stem_channels == spec.output_channels(0)
    if spec.preactivated and spec.shortcut in {"A", "B"} and same and not spec.activated_stem:
        taken = "activated" if spec.shared_first else "raw"
        yield "shared_first", f"whether the first block's shortcut reads the raw or the activated stem; taken: {taken}."


def _projects(spec: ResNetSpec) -> bool:
    """Whether a shape changes anywhere, so that option B has a projection."""
    channels = [spec.stem_channels, *(spec.output_channels(stage) for stage in range(len(spec.blocks)))]
    return len(set(channels)) > 1 or any(stride > 1 for stride in spec.stage_strides)


def _of_shortcuts(spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    if spec.shortcut in {"A", "none"}:
        yield "shortcut", f"option A and the plain network have the same tensors; taken: {spec.shortcut}."
    elif spec.shortcut == "B" and not _projects(spec):
        yield "shortcut", "where no shape changes, options A and B and no shortcuts have the same tensors; taken: B."
    elif sum(spec.blocks) <= (MAX_STAGES if spec.shortcut == "C" else len(spec.blocks)):
        yield "shortcut", f"options that project in the same blocks have the same tensors; taken: {spec.shortcut}."
    if spec.shortcut in {"B", "C"}:
        yield "projection", f"whether an average pooling stands before the projection; taken: {spec.projection}."
        if spec.preactivated:
            taken = "raw" if spec.raw_projection else "activated"
            yield "raw_projection", f"whether projections read the raw or the activated input; taken: {taken}."
    everywhere = spec.shortcut == "C" or (spec.shortcut == "B" and len(spec.blocks) == sum(spec.blocks))
    if spec.ablation in {"exclusive_gating", "shortcut_gating"}:
        yield "ablation", f"whether the gate weighs the branch too, or is a projection; taken: {spec.ablation}."
    elif everywhere and spec.projects_with_bias and not spec.projects_with_norm:
        yield "ablation", "whether the biased 1×1 convolution of every block is a gate; taken: a projection."
    elif spec.shortcut != "none":
        yield "ablation", f"scaling and dropout of the shortcut have no weights; taken: {spec.ablation}."
