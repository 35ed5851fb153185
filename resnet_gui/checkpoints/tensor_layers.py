"""The layers that a state_dict is made of, found by shapes; names only say which tensors are one layer's."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, permutations
from typing import Final, Literal, NamedTuple

from resnet_gui.base.errors import InputError
from resnet_gui.base.text import shape_text
from resnet_gui.checkpoints.stems import known_kernels
from resnet_gui.design.bounds import Shape
from resnet_gui.design.choices import NORMS

_PARTS: Final = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
_OF_WEIGHT: Final = re.compile(r"(weight|original)\w*")
"""A weight, or a tensor that one is computed from (weight and spectral normalisation)."""
MOST_LINEAR: Final = 5
Kind = Literal["conv", "norm", "linear"]


class ForeignTensorError(InputError):
    """A tensor that cannot belong to a residual network; ``tensor`` is its name."""

    def __init__(self, tensor: str, message: str) -> None:
        super().__init__(message)
        self.tensor = tensor


def tensor_text(shape: Sequence[int]) -> str:
    """``64×3×7×7``; "a single number" for a scalar."""
    return shape_text(shape) or "a single number"


_MEANS: Final = frozenset({"mean", "means", "mu"})
_DEVIATIONS: Final = frozenset({"std", "stds", "stdev", "sigma", "deviation"})
MOST_CHANNELS: Final = 64
"""A longer row of means is no picture's."""


def normalisation_role(name: str) -> str:
    """``mean`` or ``std`` of what a name says to be a part of a pictures' normalisation; else empty."""
    part = name.rpartition(".")[2].lower()
    words = set(re.findall(r"[a-z]+", part))
    if not words or "running" in words:
        return ""
    return "mean" if words & _MEANS else "std" if words & _DEVIATIONS else ""


def normalises(name: str, shape: Shape) -> bool:
    """Whether a tensor may be the mean or the deviation of the pictures: a value for each channel, or a single one."""
    flat = not shape or max(shape) == math.prod(shape) <= MOST_CHANNELS
    return flat and bool(normalisation_role(name))


@dataclass(eq=False)
class FoundLayer:
    """A layer with weights, as the file has it.

    Attributes:
        path: name of the layer: that of its tensors without the last part.
        kind: what its shapes say that it is.
        shape: of its weight; (out, in / groups, k, k), (out, in) or (channels,).
        tensors: part ("weight", "bias", ...) -> name in the file.
    """

    path: str
    kind: Kind
    shape: Shape
    tensors: dict[str, str] = field(default_factory=dict)

    @property
    def out(self) -> int:
        """Output channels, features, or the channels that are normalised."""
        return self.shape[0]

    @property
    def kernel(self) -> int:
        """Edge of a convolution's window; 1 for a linear layer."""
        return self.shape[2] if len(self.shape) == 4 else 1

    @property
    def bias(self) -> bool:
        """Whether there is a bias."""
        return "bias" in self.tensors

    @property
    def parts(self) -> frozenset[str]:
        """Its tensors by their last name, without a count of batches, which files may lack."""
        return frozenset(self.tensors) - {"num_batches_tracked"}

    @property
    def container(self) -> str:
        """The path without its last part."""
        return self.path.rpartition(".")[0]

    def is_conv(self, out: int, inputs: int, kernel: int) -> bool:
        """Whether this is an ungrouped convolution of these channels; a linear layer counts as a 1×1."""
        if self.kind == "linear":
            return kernel == 1 and self.shape == (out, inputs)
        return self.kind == "conv" and self.shape == (out, inputs, kernel, kernel)

    def is_grouped(self, out: int, inputs: int) -> bool:
        """Whether this is a 1×1 convolution of these channels that is cut into groups."""
        return (
            self.shape[0] == out
            and self.shape[2:] == (1, 1)
            and self.shape[1] < inputs == self.shape[1] * (inputs // self.shape[1])
        )


def find_layers(shapes: Mapping[str, Shape]) -> list[FoundLayer]:
    """The layers of a state_dict in the order of their first tensors.

    What stands apart under a name of its own and is no layer (a loss's weights), the mean and the deviation of a
    normalisation, and lone numbers, are left out.

    Raises:
        ForeignTensorError: a tensor is no convolution's, norm's or linear layer's of such a network.
    """
    groups: dict[str, list[str]] = {}
    paths = {name: name.split(".") for name, shape in shapes.items() if not normalises(name, shape)}
    if not paths:
        raise ForeignTensorError(next(iter(shapes)), "there are no layers")
    depth = common_depth(list(paths.values()))
    for name, parts in paths.items():
        groups.setdefault(parts[depth] if depth < len(parts) - 1 else name, []).append(name)
    layers: list[FoundLayer] = []
    refusal: ForeignTensorError | None = None
    for names in groups.values():
        try:
            layers += _layers_of({name: shapes[name] for name in names})
        except ForeignTensorError as error:
            if len(groups) == 1 or _looks_like_layers(names, shapes):
                raise
            refusal = refusal or error
    if not layers:
        first = next(iter(shapes))
        raise refusal or ForeignTensorError(first, f"tensor '{first}' is a lone number")
    order = {name: number for number, name in enumerate(shapes)}
    return sorted(layers, key=lambda layer: min(order[name] for name in layer.tensors.values()))


def _looks_like_layers(names: Sequence[str], shapes: Mapping[str, Shape]) -> bool:
    """Whether tensors of a group have weights of layers, or a weight and more under one name.

    A weight may be kept in parts, as weight and spectral normalisation do: ``weight_v``, ``weight.original1``.
    """
    parts: dict[str, int] = {}
    for name in names:
        path, _, part = name.rpartition(".")
        if _OF_WEIGHT.fullmatch(part) and len(shapes[name]) in {2, 4}:
            return True
        parts[path] = parts.get(path, 0) + (part in _PARTS)
    return max(parts.values()) > 1


def common_depth(paths: Sequence[Sequence[str]]) -> int:
    """How many leading parts all paths share."""
    depth = 0
    shortest = min(map(len, paths))
    while depth < shortest - 1 and len({path[depth] for path in paths}) == 1:
        depth += 1
    return depth


def _layers_of(shapes: Mapping[str, Shape]) -> list[FoundLayer]:
    grouped: dict[str, dict[str, str]] = {}
    for name in shapes:
        path, _, part = name.rpartition(".")
        if part not in _PARTS and not shapes[name]:
            # A lone number counts something, such as the models in an average, and is no layer's.
            continue
        if part not in _PARTS:
            raise ForeignTensorError(
                name,
                f"tensor '{name}' ({tensor_text(shapes[name])}) is no weight, bias or running statistic of a layer",
            )
        grouped.setdefault(path, {})[part] = name
    return [_layer(path, tensors, shapes) for path, tensors in grouped.items()]


def _layer(path: str, tensors: dict[str, str], shapes: Mapping[str, Shape]) -> FoundLayer:
    first = next(iter(tensors.values()))
    if "weight" not in tensors:
        raise ForeignTensorError(first, f"tensor '{first}' stands alone: its layer has no weight")
    name = tensors["weight"]
    shape = shapes[name]
    if 0 in shape:
        raise ForeignTensorError(name, f"tensor '{name}' ({tensor_text(shape)}) is empty")
    kind: Kind
    if len(shape) == 4:
        if shape[2] != shape[3] or shape[2] not in known_kernels():
            *others, last = (f"{edge}×{edge}" for edge in known_kernels())
            raise ForeignTensorError(
                name,
                f"tensor '{name}' ({tensor_text(shape)}) is a convolution that is not {', '.join(others)} or {last}",
            )
        kind = "conv"
    elif len(shape) == 2:
        kind = "linear"
    elif len(shape) == 1 and any(choice.kind and choice.parts <= tensors.keys() for choice in NORMS.values()):
        kind = "norm"
    else:
        raise ForeignTensorError(
            name, f"tensor '{name}' ({tensor_text(shape)}) is no weight of a convolution, a norm or a linear layer"
        )
    if ("running_mean" in tensors) != ("running_var" in tensors):
        there = tensors.get("running_mean") or tensors["running_var"]
        raise ForeignTensorError(there, f"tensor '{there}' has lost its other half: a norm has a mean and a variance")
    per_channel = [part for part in tensors if part not in {"weight", "num_batches_tracked"}]
    for part in per_channel:
        if shapes[tensors[part]] != shape[:1] or (kind != "norm" and part != "bias"):
            other = tensors[part]
            raise ForeignTensorError(
                other, f"tensor '{other}' ({tensor_text(shapes[other])}) does not fit the weight of its layer"
            )
    return FoundLayer(path, kind, shape, tensors)


class LayerOrder(NamedTuple):
    """An order in which a network may compute its layers, the head last.

    Attributes:
        layers: all of them.
        head: where the head begins if names place it, which they do where it has containers of its own; it may be
            empty. None where names say nothing.
    """

    layers: list[FoundLayer]
    head: int | None


def orders(layers: Sequence[FoundLayer]) -> Iterator[LayerOrder]:
    """Orders in which the network may compute its layers, the likeliest first.

    torch.save keeps the order of construction, which nearly always is that of computation; safetensors and others sort
    the names, which then says nothing (``layer1.10`` stands before ``layer1.2``).
    """
    ordered = sorted(layers, key=lambda layer: natural(layer.path))
    groups = _top_groups(ordered)
    head = [group for group in groups if _is_head(group) and any(layer.kind == "linear" for layer in group)]
    # A layer alone that is written as a 1×1 convolution may be the head, but as well the stem's or a projection.
    unclear = not head and any(_is_head(group) for group in groups)
    placed = has_containers([layer.path for layer in layers]) and not unclear
    if not placed:
        head = [group for group in groups if all(_flat(layer) for layer in group)]
    as_saved = _as_saved(layers, head if placed else None)
    paths = [layer.path for layer in layers]
    by_name = list(_by_name(groups, head, placed=placed))
    found = [*by_name, as_saved] if paths == sorted(paths) else [as_saved, *by_name]
    yield from found
    for order in found:
        yield from _with_norms_in_head(order)


def _with_norms_in_head(order: LayerOrder) -> Iterator[LayerOrder]:
    """The same where the head begins with a norm that stands alone behind the body, in front of its linear layers."""
    layers, head = order
    if head and head < len(layers) and layers[head - 1].kind == "norm":
        yield LayerOrder(layers, head - 1)


def _as_saved(layers: Sequence[FoundLayer], head: Sequence[Sequence[FoundLayer]] | None) -> LayerOrder:
    """The order of the file; where names place the head, it stands last."""
    if head is None:
        return LayerOrder(list(layers), None)
    inside = {id(layer) for group in head for layer in group}
    body = [layer for layer in layers if id(layer) not in inside]
    return LayerOrder(body + chained([layer for layer in layers if id(layer) in inside]), len(body))


def _by_name(
    groups: Sequence[Sequence[FoundLayer]], head: Sequence[Sequence[FoundLayer]], *, placed: bool
) -> Iterator[LayerOrder]:
    """The order of the names; shapes tell stem, body and head apart, and a lone norm may be the stem's or the last."""
    rest = [group for group in groups if group not in head]
    convolutions = [layer for group in rest for layer in group if layer.kind == "conv"]
    if not convolutions:
        return
    least = picture_channels({layer.path: layer.shape for layer in convolutions})
    norms = [group for group in rest if all(layer.kind == "norm" for layer in group)]
    stem = next((group for group in rest if group not in norms and any(_reads(layer, least) for layer in group)), None)
    if stem is None:
        return
    body = [group for group in rest if group is not stem and group not in norms]
    last = chained([layer for group in head for layer in group])
    for split in range(len(norms), -1, -1):
        early, late = norms[:split], norms[split:]
        row = [layer for group in (stem, *early, *body, *late) for layer in group]
        yield LayerOrder(row + last, len(row) if placed else None)


def picture_channels(weights: Mapping[str, Shape]) -> int:
    """The channels of the picture: fewer than any window reads, in every network that is not a toy; 0 without windows.

    The groups of a bottleneck's window may read fewer, but that stands between two 1×1 convolutions.

    Args:
        weights: path of a layer -> shape of its weight.
    """
    beside: dict[str, list[Shape]] = {}
    for path, shape in weights.items():
        if len(shape) == 4 and shape[2] == 1:
            beside.setdefault(path.rpartition(".")[0], []).append(shape)
    windows = {path: shape for path, shape in weights.items() if len(shape) == 4 and shape[2] > 1}
    found = ((shape, beside.get(path.rpartition(".")[0], [])) for path, shape in windows.items())
    whole = [shape for shape, ones in found if not _is_between(shape, ones)]
    return min((shape[1] for shape in whole or windows.values()), default=0)


def _is_between(window: Shape, ones: Sequence[Shape]) -> bool:
    """Whether one 1×1 convolution puts out a multiple of what a window reads, as for its groups, and one reads it."""
    out, reads = window[:2]
    return any(one[0] > reads and one[0] % reads == 0 for one in ones) and any(one[1] == out for one in ones)


def has_containers(paths: Sequence[str]) -> bool:
    """Whether names have more than one level behind what all share, so that blocks are likely to have their own."""
    depth = common_depth([path.split(".") for path in (min(paths), max(paths))])
    return any(path.count(".") - depth > 1 for path in paths)


def chained(layers: list[FoundLayer]) -> list[FoundLayer]:
    """The linear layers so that each reads what the last one wrote; in the given order if no order does."""
    if len(layers) > MOST_LINEAR or any(layer.kind == "norm" for layer in layers):
        return layers
    for chosen in permutations(layers):
        if all(before.out == after.shape[1] for before, after in pairwise(chosen)):
            return list(chosen)
    return layers


def _is_head(group: Sequence[FoundLayer]) -> bool:
    """Whether a container may be a head or a part of one: linear layers, perhaps with norms, and no windows."""
    return any(_flat(layer) for layer in group) and all(layer.kind == "norm" or _flat(layer) for layer in group)


def _reads(layer: FoundLayer, channels: int) -> bool:
    return layer.kind == "conv" and layer.kernel > 1 and layer.shape[1] == channels


def _flat(layer: FoundLayer) -> bool:
    return layer.kind == "linear" or (layer.kind == "conv" and layer.kernel == 1 and layer.bias)


def natural(path: str) -> list[tuple[int, int, str]]:
    """A key that sorts ``layer1.10`` behind ``layer1.9``."""
    parts = re.split(r"(\d+)", path)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]


def _top_groups(layers: Sequence[FoundLayer]) -> list[list[FoundLayer]]:
    """Layers by the first part of their path in which the network's parts differ."""
    aside: list[list[FoundLayer]] = []
    depth, inside = 0, list(layers)
    split = {id(layer): layer.path.split(".") for layer in layers}
    while True:
        grouped: dict[str, list[FoundLayer]] = {}
        for layer in inside:
            parts = split[id(layer)]
            grouped.setdefault(parts[min(depth, len(parts) - 1)], []).append(layer)
        groups = list(grouped.values())
        large = [group for group in groups if any(not _flat(layer) and layer.kind != "norm" for layer in group)]
        if len(large) != 1 or max(len(split[id(layer)]) for layer in large[0]) <= depth + 1:
            return [*groups, *aside]
        aside = [*(group for group in groups if group is not large[0]), *aside]
        depth, inside = depth + 1, large[0]
