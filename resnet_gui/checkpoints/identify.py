"""From names and shapes alone: which residual network a state_dict holds, and what no file can tell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import product

import msgspec

from resnet_gui.analysis.costs import totals
from resnet_gui.base.errors import InputError, SpecError
from resnet_gui.checkpoints.grammar import (
    Anatomy,
    BlockFound,
    ParsedCheckpoint,
    ParseFailure,
    aligned,
    culprit,
    has_containers,
    head_starts,
    reached,
    read,
    readings,
)
from resnet_gui.checkpoints.telling import find_telling, pair_telling
from resnet_gui.checkpoints.tensor_layers import ForeignTensorError, FoundTensors, find_layers, orders, tensor_text
from resnet_gui.design import bounds
from resnet_gui.design.bounds import Shape
from resnet_gui.design.checks import smallest_input
from resnet_gui.design.choice import Choice
from resnet_gui.design.choices import BLOCKS, PROJECTIONS, STEMS
from resnet_gui.design.choices.attention.squeeze_excitation import squeezed_width
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.design.tensors import tensor_shapes
from resnet_gui.design.undetermined import undetermined


class Identification(msgspec.Struct, frozen=True, kw_only=True):
    """What a state_dict holds.

    Attributes:
        spec: the design; what no file can tell has the value that ``undetermined`` says.
        preset: name of the first published design with these shapes; empty if there is none.
        params: trainable values of the design.
        names: name of a tensor in our network -> name in the file; what the file lacks (a bias that is zero, a count of
            batches) is not listed.
        unmatched: what of the file was not used, and what the file lacks.
        undetermined: what tensors do not tell, one sentence each, with the value that was taken.
    """

    spec: ResNetSpec
    preset: str
    params: int
    names: dict[str, str]
    unmatched: tuple[str, ...]
    undetermined: tuple[str, ...]


def identify(shapes: Mapping[str, Shape]) -> Identification:
    """Find the design whose tensors these are.

    Args:
        shapes: name -> shape of every tensor of the state_dict, in the file's order.

    Raises:
        InputError: it is no residual network; the sentence names the first tensor that cannot belong.
    """
    if not shapes:
        raise InputError("there are no tensors")
    telling = find_telling(shapes)
    if telling:
        try:
            return _identify(shapes, telling)
        except InputError:
            # They may be something else: what stands apart is left out, anything else is named as it always was.
            pass
    return _identify(shapes, {})


def _identify(shapes: Mapping[str, Shape], telling: Mapping[Choice, list[str]]) -> Identification:
    """Find the design; weights that tell a choice stand aside while the others are read.

    Raises:
        InputError: it is no residual network, or not one of these choices.
    """
    aside = {name for names in telling.values() for name in names}
    rest = {name: shape for name, shape in shapes.items() if name not in aside}
    if not rest:
        raise InputError("there are no convolutions")
    anatomy, spec = _read(find_layers(rest))
    inference = _Inference(anatomy)
    published = _published(spec, sure=inference.projection() is not None)
    spec = published[1] if published else spec
    if not telling:
        return _identification(anatomy, spec, published[0] if published else "", shapes, {})
    try:
        chosen = evolve(spec, **{choice.field: choice.key for choice in telling})
    except SpecError as error:
        raise InputError(f"its layers are those of no design of this program: {error}") from error
    spec, paired = pair_telling(telling, chosen, shapes)
    return _identification(anatomy, spec, "", shapes, paired)


def _read(layers: list[FoundTensors]) -> tuple[Anatomy, ResNetSpec]:
    """The reading of the layers that fits, with its design, and among several the one that the names agree with.

    Raises:
        ForeignTensorError: none fits.
        InputError: those that fit are no designs.
    """
    search = _Search(layers)
    for row in orders(layers):
        for reading, end in product(readings(row), head_starts(row)):
            if search.agrees(row, reading, end):
                return search.result()
    return search.result()


class _Search:
    """Keeps the best reading so far, and the layer to name if there is none."""

    def __init__(self, layers: list[FoundTensors]) -> None:
        self._layers = layers
        self._paths = sorted(layer.path for layer in layers)
        self._best: tuple[int, Anatomy, ResNetSpec] | None = None
        self._refusal: InputError | None = None
        self._furthest = (-1, 0, 0)
        self._stranger = layers[0]

    def agrees(self, row: list[FoundTensors], reading: ParsedCheckpoint, end: int) -> bool:
        """Try a reading; whether it fits and every block is what the names say that it is."""
        try:
            anatomy = read(row, reading, end)
            score = aligned(self._paths, anatomy.blocks)
            if has_containers(self._paths) and 2 * score < len(anatomy.blocks):
                # By shapes alone it would do, but by the names each block would take a neighbour's layers.
                raise ParseFailure.behind(anatomy.blocks)
        except ParseFailure as stopped:
            came = reached(self._paths, stopped)
            if came > self._furthest:
                self._furthest, self._stranger = came, culprit(row, self._paths, stopped)
            return False
        try:
            spec = _Inference(anatomy).spec()
        except InputError as error:
            # Its shapes fit, but not as a design; another reading may.
            self._refusal = self._refusal or error
            return False
        against = len(anatomy.blocks) - score
        if self._best is None or against < self._best[0]:
            self._best = (against, anatomy, spec)
        return against == 0

    def result(self) -> tuple[Anatomy, ResNetSpec]:
        """The best reading.

        Raises:
            InputError: there is none.
        """
        if self._best is not None:
            return self._best[1], self._best[2]
        if self._refusal is not None:
            raise self._refusal
        if not any(layer.kind == "linear" for layer in self._layers) and not self._layers[-1].bias:
            raise ForeignTensorError("", "there is no linear layer at its end, so nothing says how many classes it has")
        raise _misfit(self._stranger)


def _misfit(layer: FoundTensors) -> ForeignTensorError:
    name = next(iter(layer.tensors.values()))
    return ForeignTensorError(
        name,
        f"tensor '{name}' ({tensor_text(layer.shape)}) cannot belong to a residual network of basic or bottleneck "
        "blocks where it stands",
    )


class _Inference:
    """From the roles of layers to the fields of a spec."""

    def __init__(self, anatomy: Anatomy) -> None:
        self.anatomy = anatomy
        self.blocks = anatomy.blocks
        self.reading = anatomy.reading

    def spec(self) -> ResNetSpec:
        """The design, with usual values for what shapes do not tell.

        Raises:
            InputError: no design of the space has these layers.
        """
        shortcut, starts, first_strides = self._shortcut()
        stages = [self.blocks[start] for start in starts]
        counts = tuple(after - before for before, after in zip(starts, [*starts[1:], len(self.blocks)], strict=True))
        expansion = BLOCKS[self.reading.block].expansion
        widths = tuple(block.out // expansion for block in stages)
        strides = (2,) * len(stages) if first_strides else None
        stem = self._stem()
        fields: dict[str, object] = {
            "block": self.reading.block, "blocks": counts, "widths": widths, "shortcut": shortcut, "stem": stem,
            "order": "full_preact" if self.reading.preactivated else "original",
            "stem_width": None if self.anatomy.stem["conv"].out == widths[0] else self.anatomy.stem["conv"].out,
            "strides": strides,
            "activated_stem": self.reading.preactivated and self.reading.stem_norm,
            "final_activation": not self.reading.preactivated or self.anatomy.last_norm is not None,
            "ablation": "shortcut_gating" if self.reading.gated else "none",
            "classes": self.anatomy.head[-1].out,
            "hidden": tuple(layer.out for layer in self.anatomy.head[:-1]),
            **self._groups(stages), **self._norms(), **self._biases(), **self._excitation(),
        }  # fmt: skip
        fields |= self._head_and_input(stem, strides or (1,) + (2,) * (len(stages) - 1))
        try:
            return ResNetSpec(**fields)  # type: ignore[arg-type]
        except SpecError as error:
            raise InputError(f"its layers are those of no design of this program: {error}") from error

    def _shortcut(self) -> tuple[str, list[int], bool]:
        """Option, first block of each stage, and whether the first stage strides."""
        changes = [block.inputs != block.out for block in self.blocks]
        projects = [block.projects for block in self.blocks]
        widths = [(block.out, block.inner, block.groups) for block in self.blocks]
        starts = [0, *(number for number in range(1, len(widths)) if widths[number] != widths[number - 1])]
        if not any(projects):
            shrinks = any(block.out < block.inputs for block in self.blocks)
            usual: str = "A" if any(changes) else "B"
            return ("none" if shrinks else usual), starts, False
        pairs = list(enumerate(zip(changes, projects, strict=True)))
        missing = [self.blocks[number] for number, (change, has) in pairs if change and not has]
        if missing:
            raise _misfit(missing[0].layers["conv1"])
        if all(projects) and not all(changes):
            return "C", starts, False
        # A projection that keeps the channels is there for its stride, so a stage begins with it.
        extra = [number for number, (change, has) in pairs if has and not change]
        starts = sorted({*starts, *extra})
        if len(starts) > bounds.MAX_STAGES:
            raise _misfit(self.blocks[extra[-1]].layers["projection"])
        return "B", starts, 0 in extra

    def _stem(self) -> str:
        if self.reading.deep:
            return "deep"
        if self.anatomy.stem["conv"].kernel == 7:
            return "imagenet"
        return "cifar"

    def _groups(self, stages: list[BlockFound]) -> dict[str, object]:
        """Groups and width per group; the width is the one nearest to 64 that gives every stage's channels."""
        groups = stages[0].groups
        if self.reading.block == "basic":
            return {}
        for stage in stages:
            if stage.groups != groups:
                raise _misfit(stage.layers["conv2"])
        wanted = [(stage.out // BLOCKS["bottleneck"].expansion, stage.inner // groups) for stage in stages]
        width, inner = max(wanted)
        low, high = math.ceil(64 * inner / width), math.ceil(64 * (inner + 1) / width)
        fits = [
            candidate
            for candidate in range(max(1, low - 1), min(high + 1, bounds.MAX_WIDTH) + 1)
            if all(int(wide * (candidate / 64)) == narrow for wide, narrow in wanted)
        ]
        if not fits:
            raise _misfit(stages[-1].layers["conv2"])
        return {"groups": groups, "width_per_group": min(fits, key=lambda found: (abs(found - 64), found))}

    def _norms(self) -> dict[str, object]:
        found = [layer for layer in self._everything() if layer.kind == "norm"]
        if not found:
            return {"norm": "none"}
        for layer in found:
            if layer.running != found[0].running:
                raise _misfit(layer)
        answer: dict[str, object] = {"norm": "batch" if found[0].running else "group"}
        if not found[0].running:
            # Also of channels that no norm of this order meets: a design is asked for all of them.
            convs = [layer.out for layer in self.anatomy.stem.values()]
            channels = [*convs, *(size for block in self.blocks for size in (block.inner, block.out))]
            common, least = math.gcd(*channels), min(channels)
            legal = [count for count in range(1, common + 1) if common % count == 0 and count < least]
            answer["norm_groups"] = 32 if 32 in legal else legal[-1] if legal else 1
        if any(block.projects for block in self.blocks):
            usual = not self.reading.preactivated
            answer["projection_norm"] = None if self.reading.projection_norm == usual else self.reading.projection_norm
        return answer

    def _biases(self) -> dict[str, object]:
        """Where convolutions have biases; a convolution that lacks what the others have gets one of zeros."""
        main = [self.anatomy.stem[role] for role in self.anatomy.stem if role.startswith("conv")]
        main += [layer for block in self.blocks for role, layer in block.layers.items() if role.startswith("conv")]
        projections = [block.layers["projection"] for block in self.blocks if block.projects]
        bias, projected = any(layer.bias for layer in main), any(layer.bias for layer in projections)
        return {"conv_bias": bias, "projection_bias": None if projected == bias or not projections else projected,
                "projection": self.projection() or "conv"}  # fmt: skip

    def projection(self) -> str | None:
        """What tensors and names say of projections; None if nothing.

        A window of its own tells its choice; in names, place 1 with nothing at 0 stands behind a pooling.
        """
        for key, choice in PROJECTIONS.items():
            if choice.kernel == self.reading.projection_kernel != 1:
                return key
        paths = {layer.path for layer in self._everything()}
        projections = [block.layers["projection"] for block in self.blocks if block.projects]
        places = {layer.path.rpartition(".")[2] for layer in projections}
        if places == {"1"} and not any(f"{layer.container}.0" in paths for layer in projections):
            return "avg_pool"
        # A container that is numbered itself may stand behind a pooling of its own.
        numbered = any(layer.container.rpartition(".")[2].isdecimal() for layer in projections)
        return "conv" if places == {"0"} and not numbered else None

    def _excitation(self) -> dict[str, object]:
        if not self.reading.excited:
            return {}
        pairs = {(block.out, block.layers["fc1"].out) for block in self.blocks}
        for divisor in (8, 1, *range(2, bounds.MAX_SE_DIVISOR + 1)):
            for ratio in (16, 8, 4, 2, 32, 64, *range(1, 513)):
                if all(squeezed_width(channels, ratio, divisor) == squeezed for channels, squeezed in pairs):
                    return {"se_ratio": ratio, "se_divisor": divisor}
        raise _misfit(self.blocks[0].layers["fc1"])

    def _head_and_input(self, stem: str, strides: tuple[int, ...]) -> dict[str, object]:
        """Head and picture; a flattened map tells its area, anything else nothing about the picture's size."""
        channels = self.anatomy.stem.get("conv0", self.anatomy.stem["conv"]).shape[1]
        area = self.anatomy.head[0].shape[1] // self.blocks[-1].out
        size = max(224 if stem in {"imagenet", "deep"} else 32, smallest_input(stem, strides))
        if area == 1:
            return {"input": (channels, size, size)}
        height = max(edge for edge in range(1, math.isqrt(area) + 1) if area % edge == 0)
        step = math.prod((*STEMS[stem].strides, *strides))
        picture = (channels, height * step, area // height * step)
        if max(picture[1:]) > bounds.MAX_SIZE:
            raise _misfit(self.anatomy.head[0])
        return {"head": "flatten", "input": picture}

    def _everything(self) -> list[FoundTensors]:
        last = [self.anatomy.last_norm] if self.anatomy.last_norm else []
        inside = [layer for block in self.blocks for layer in block.layers.values()]
        return [*self.anatomy.stem.values(), *inside, *last, *self.anatomy.head]


def _published(spec: ResNetSpec, *, sure: bool) -> tuple[str, ResNetSpec] | None:
    """The first preset with the shapes of a design, with that design's classes and channels of the picture.

    If nothing was ``sure`` about the projections, they may be the preset's.
    """
    wanted = tensor_shapes(plan(spec))
    for preset in PRESETS.values():
        if preset.spec.block != spec.block or sum(preset.spec.blocks) != sum(spec.blocks):
            continue
        given = evolve(preset.spec, classes=spec.classes, input=(spec.input[0], *preset.spec.input[1:]))
        like = given if sure else evolve(given, projection=spec.projection)
        if tensor_shapes(plan(like)) == wanted:
            return preset.name, given
    return None


def _identification(
    anatomy: Anatomy, spec: ResNetSpec, preset: str, shapes: Mapping[str, Shape], paired: Mapping[str, str]
) -> Identification:
    planned = plan(spec)
    roles = dict(_roles(anatomy, spec))
    names: dict[str, str] = {}
    lacking: list[str] = []
    for name in tensor_shapes(planned):
        path, _, part = name.rpartition(".")
        if name in paired:
            names[name] = paired[name]
        elif part in roles[path].tensors:
            names[name] = roles[path].tensors[part]
        elif part == "bias":
            lacking.append(f"{name} (not in the file: zeros)")
    used = set(names.values())
    lacking += [name for name in shapes if name not in used and not name.endswith("num_batches_tracked")]
    return Identification(
        spec=spec, preset=preset, params=totals(planned).cost.params, names=names, unmatched=tuple(lacking),
        undetermined=undetermined(spec),
    )  # fmt: skip


def _roles(anatomy: Anatomy, spec: ResNetSpec) -> Iterator[tuple[str, FoundTensors]]:
    """Our name of each layer, and what the file has for it."""
    deep = {"conv0": "conv1.0", "norm0": "conv1.1", "conv3": "conv1.3", "norm3": "conv1.4", "conv": "conv1.6"}
    flat = {"conv": "conv1"}
    for role, layer in anatomy.stem.items():
        yield {**(deep if spec.stem == "deep" else flat), "norm": "bn1"}[role], layer
    place = 1 if spec.projection == "avg_pool" else 0
    ours = {
        "projection": f"downsample.{place}", "projection_norm": f"downsample.{place + 1}", "gate": "gate.0",
        "fc1": "se.fc1", "fc2": "se.fc2",
    }  # fmt: skip
    ours |= {f"norm{number}": f"bn{number}" for number in (1, 2, 3)}
    places = [(stage, number) for stage, count in enumerate(spec.blocks, start=1) for number in range(count)]
    for (stage, number), block in zip(places, anatomy.blocks, strict=True):
        for role, layer in block.layers.items():
            yield f"layer{stage}.{number}.{ours.get(role, role)}", layer
    if anatomy.last_norm is not None:
        yield "norm", anatomy.last_norm
    for number, layer in enumerate(anatomy.head[:-1]):
        yield f"hidden.{2 * number}", layer
    yield "fc", anatomy.head[-1]
