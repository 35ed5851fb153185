"""From names and shapes alone: which residual network a state_dict holds, and what no file can tell."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import msgspec

from resnet_gui.analysis.costs import totals
from resnet_gui.base.errors import InputError, SpecError
from resnet_gui.checkpoints.assigned import check_kept, layers_fault, with_assigned, with_names
from resnet_gui.checkpoints.conventions import find_convention
from resnet_gui.checkpoints.grammar import BlockFound, ParsedCheckpoint
from resnet_gui.checkpoints.identifying_weights import (
    IDENTIFYING_KINDS,
    find_identifying_weights,
    pair_identifying_weights,
)
from resnet_gui.checkpoints.networks import StoredNetwork
from resnet_gui.checkpoints.notices import find_notices
from resnet_gui.checkpoints.search import Reading, find_reading, misfit, pruned
from resnet_gui.checkpoints.tensor_layers import FoundLayer, find_layers
from resnet_gui.design import bounds
from resnet_gui.design.bounds import Shape
from resnet_gui.design.checks import smallest_input
from resnet_gui.design.choice import Choice
from resnet_gui.design.choices import BLOCKS, HEADS, KINDS, NORMS, PROJECTIONS, STEMS
from resnet_gui.design.choices.attention.squeeze_excitation import squeezed_width
from resnet_gui.design.layer_kind import Geometry
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.design.structure import LayerPlan, Plan
from resnet_gui.design.tensors import tensor_shapes
from resnet_gui.design.undetermined import undetermined
from resnet_gui.design.words import AssignmentError


class Identification(msgspec.Struct, frozen=True, kw_only=True):
    """The design that a state_dict holds, and how its tensors belong to it.

    Attributes:
        spec: the design; what no file can tell has the value that ``undetermined`` says.
        preset: name of the first published design with these shapes; empty if there is none.
        params: trainable values of the design.
        names: name of a tensor in our network -> name in the file; what the file lacks (a bias that is zero, a count of
            batches) is not listed.
        unmatched: what of the file was not used, and what the file lacks.
        undetermined: what tensors do not tell, one sentence each, with the value that was taken.
        notices: what whoever uses the weights should know first, a sentence each: where the reading is in doubt.
        mean, std: of each channel of the pictures on the scale 0 to 1, if the file holds them; else empty.
        classes: names of the outputs, if the file holds them; else empty.
        networks: all networks of the file; empty where only shapes were looked at.
        key: which of them this is.
    """

    spec: ResNetSpec
    preset: str
    params: int
    names: dict[str, str]
    unmatched: tuple[str, ...]
    undetermined: tuple[str, ...]
    notices: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    classes: tuple[str, ...] = ()
    networks: tuple[StoredNetwork, ...] = ()
    key: str = ""


def identify(shapes: Mapping[str, Shape], assigned: Mapping[str, object] = MappingProxyType({})) -> Identification:
    """Find the design whose tensors these are.

    Args:
        shapes: name -> shape of every tensor of the state_dict, in the file's order.
        assigned: open fields of the design with the values that the user knows.

    Raises:
        InputError: it is no residual network; the sentence names the first tensor that cannot belong. Or what is
            assigned is not open, or does not fit.
    """
    if not shapes:
        raise InputError("there are no tensors")
    identifying = find_identifying_weights(shapes)
    if identifying:
        try:
            return _identify(shapes, identifying, assigned)
        except AssignmentError:
            raise
        except InputError:
            # They may be something else: what stands apart is left out, anything else is named as it always was.
            pass
    return _identify(shapes, {}, assigned)


def _identify(
    shapes: Mapping[str, Shape], identifying: Mapping[Choice, list[str]], assigned: Mapping[str, object]
) -> Identification:
    """Find the design; weights that tell a choice stand aside while the others are read.

    Raises:
        InputError: it is no residual network, or not one of these choices.
    """
    aside = {name for names in identifying.values() for name in names}
    rest = {name: shape for name, shape in shapes.items() if name not in aside}
    if not rest:
        raise InputError("there are no convolutions")
    reading = find_reading(find_layers(rest), lambda parsed: _Inference(parsed).spec(), _title)
    parsed, spec = reading.parsed, reading.spec
    published = _published(spec, sure=_Inference(parsed).projection() is not None)
    spec = published[1] if published else spec
    paired: dict[str, str] = {}
    if identifying:
        try:
            spec = evolve(spec, **{choice.field: choice.key for choice in identifying})
        except SpecError as error:
            raise InputError(f"its layers are those of no design of this program: {error}") from error

    def fault(candidate: ResNetSpec) -> str:
        planned = plan(candidate)
        try:
            return layers_fault(planned, dict(_roles(parsed, planned)))
        except (KeyError, ValueError):
            return "there would be other layers"

    usual, known = spec, find_convention(spec, rest)
    spec = with_names(spec, known.fields(spec), fault) if known else spec
    spec = with_assigned(spec, assigned, fault)
    if identifying:
        spec, paired = pair_identifying_weights(identifying, spec, shapes)
        check_kept(spec, assigned)
    found = _identification(
        reading, spec, published[0] if published and spec == usual and not identifying else "", shapes, paired
    )
    # What was assigned is not open any more.
    opened = tuple(line for line in found.undetermined if line.partition(":")[0] not in assigned)
    doubt = (known.doubt,) if known and known.lack else ()
    return msgspec.structs.replace(found, undetermined=opened, notices=(*doubt, *found.notices))


def _title(spec: ResNetSpec) -> str:
    """What a design is called in a sentence: the published one's title, or its blocks."""
    published = _published(spec, sure=False)
    if published is not None:
        return PRESETS[published[0]].title
    return f"a residual network of {spec.block} blocks {'-'.join(map(str, spec.blocks))}"


class _Inference:
    """The conclusion from the roles of layers to the fields of a spec."""

    def __init__(self, parsed: ParsedCheckpoint) -> None:
        self.parsed = parsed
        self.blocks = parsed.blocks
        self.grammar = parsed.grammar

    def spec(self) -> ResNetSpec:
        """The design, with usual values for what shapes do not tell.

        Raises:
            InputError: no design of the space has these layers.
        """
        shortcut, starts, first_strides = self._shortcut()
        stages = [self.blocks[start] for start in starts]
        counts = tuple(after - before for before, after in zip(starts, [*starts[1:], len(self.blocks)], strict=True))
        expansion = BLOCKS[self.grammar.block].expansion
        widths = tuple(block.out // expansion for block in stages)
        strides = (2,) * len(stages) if first_strides else None
        stem, stem_width = self.grammar.stem, self.parsed.stem_convs[-1].out
        fields: dict[str, object] = {
            "block": self.grammar.block, "blocks": counts, "widths": widths, "shortcut": shortcut, "stem": stem,
            "order": "full_preact" if self.grammar.preactivated else "original",
            "stem_width": None if stem_width == widths[0] else stem_width,
            "strides": strides,
            "activated_stem": self.grammar.preactivated and self.grammar.stem_norm,
            "final_activation": not self.grammar.preactivated or self.parsed.last_norm is not None,
            "ablation": "shortcut_gating" if self.grammar.gated else "none",
            "hidden": tuple(layer.out for layer in self.parsed.head[:-1]),
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
            raise misfit(missing[0].layers["conv1"])
        if all(projects) and not all(changes):
            return "C", starts, False
        # A projection that keeps the channels is there for its stride, so a stage begins with it.
        extra = [number for number, (change, has) in pairs if has and not change]
        starts = sorted({*starts, *extra})
        if len(starts) > bounds.MAX_STAGES:
            raise misfit(self.blocks[extra[-1]].layers["projection"])
        return "B", starts, 0 in extra

    def _groups(self, stages: list[BlockFound]) -> dict[str, object]:
        """Groups and width per group; the width is the one nearest to 64 that gives every stage's channels."""
        groups = stages[0].groups
        if not BLOCKS[self.grammar.block].grouped:
            return {}
        for stage in stages:
            if stage.groups != groups:
                raise misfit(stage.layers["conv2"])
        wanted = [(stage.out // BLOCKS[self.grammar.block].expansion, stage.inner // groups) for stage in stages]
        width, inner = max(wanted)
        low, high = math.ceil(64 * inner / width), math.ceil(64 * (inner + 1) / width)
        fits = [
            candidate
            for candidate in range(max(1, low - 1), min(high + 1, bounds.MAX_WIDTH) + 1)
            if all(int(wide * (candidate / 64)) == narrow for wide, narrow in wanted)
        ]
        if not fits:
            for stage in stages:
                if any(other.out == stage.out and other.inner != stage.inner for other in stages):
                    raise pruned(stage)
            raise misfit(stages[-1].layers["conv2"])
        return {"groups": groups, "width_per_group": min(fits, key=lambda found: (abs(found - 64), found))}

    def _norms(self) -> dict[str, object]:
        found = [layer for layer in self._everything() if layer.kind == "norm"]
        if not found:
            return {"norm": next(key for key, choice in NORMS.items() if choice.kind is None)}
        # Of several norms with these tensors the first; ``undetermined`` says which others have them.
        norm = next((choice for choice in NORMS.values() if choice.parts == found[0].parts), None)
        stranger = next((layer for layer in found if layer.parts != found[0].parts), None)
        if norm is None or stranger is not None:
            raise misfit(stranger or found[0])
        answer: dict[str, object] = {"norm": norm.key}
        if norm.groups:
            # Also of channels that no norm of this order meets: a design is asked for all of them.
            convs = [layer.out for layer in self.parsed.stem.values()]
            channels = [*convs, *(size for block in self.blocks for size in (block.inner, block.out))]
            common, least = math.gcd(*channels), min(channels)
            legal = [count for count in range(1, common + 1) if common % count == 0 and count < least]
            answer["norm_groups"] = 32 if 32 in legal else legal[-1] if legal else 1
        if any(block.projects for block in self.blocks):
            usual = not self.grammar.preactivated
            answer["projection_norm"] = None if self.grammar.projection_norm == usual else self.grammar.projection_norm
        return answer

    def _biases(self) -> dict[str, object]:
        """Where convolutions have biases; a convolution that lacks what the others have gets one of zeros."""
        main = self.parsed.stem_convs
        main += [layer for block in self.blocks for role, layer in block.layers.items() if role.startswith("conv")]
        projections = [block.layers["projection"] for block in self.blocks if block.projects]
        bias, projected = any(layer.bias for layer in main), any(layer.bias for layer in projections)
        return {"conv_bias": bias, "projection_bias": None if projected == bias or not projections else projected,
                "projection": self.projection() or next(iter(PROJECTIONS))}  # fmt: skip

    def projection(self) -> str | None:
        """What tensors and names say of projections; None if nothing.

        A window of its own tells its choice; in names, place 1 with nothing at 0 stands behind a pooling.
        """
        for key, choice in PROJECTIONS.items():
            if choice.kernel == self.grammar.projection_kernel != 1:
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
        if not self.grammar.excited:
            return {}
        pairs = {(block.out, block.layers["fc1"].out) for block in self.blocks}
        for divisor in (8, 1, *range(2, bounds.MAX_SE_DIVISOR + 1)):
            for ratio in (16, 8, 4, 2, 32, 64, *range(1, 513)):
                if all(squeezed_width(channels, ratio, divisor) == squeezed for channels, squeezed in pairs):
                    return {"se_ratio": ratio, "se_divisor": divisor}
        raise misfit(self.blocks[0].layers["fc1"])

    def _head_and_input(self, stem: str, strides: tuple[int, ...]) -> dict[str, object]:
        """Head and picture; a flattened map tells its area, anything else nothing about the picture's size."""
        channels = self.parsed.stem_convs[0].shape[1]
        size = max(STEMS[stem].picture, smallest_input(stem, strides))
        picture = (channels, size, size)
        if not self.parsed.head:
            return {"head": next(key for key, choice in HEADS.items() if not choice.classifies), "input": picture}
        classes = self.parsed.head[-1].out
        area = self.parsed.head[0].shape[1] // self.blocks[-1].out
        if area == 1:
            return {"input": picture, "classes": classes}
        height = max(edge for edge in range(1, math.isqrt(area) + 1) if area % edge == 0)
        step = math.prod((*STEMS[stem].strides, *strides))
        picture = (channels, height * step, area // height * step)
        if max(picture[1:]) > bounds.MAX_SIZE:
            raise misfit(self.parsed.head[0])
        flat = next(key for key, choice in HEADS.items() if not choice.pools)
        return {"head": flat, "input": picture, "classes": classes}

    def _everything(self) -> list[FoundLayer]:
        last = [self.parsed.last_norm] if self.parsed.last_norm else []
        inside = [layer for block in self.blocks for layer in block.layers.values()]
        return [*self.parsed.stem.values(), *inside, *last, *self.parsed.head]


def _published(spec: ResNetSpec, *, sure: bool) -> tuple[str, ResNetSpec] | None:
    """The first preset with the shapes of a design, with that design's classes and channels of the picture.

    If nothing was ``sure`` about the projections, they may be the preset's.
    """
    wanted = tensor_shapes(plan(spec))
    for preset in PRESETS.values():
        if preset.spec.block != spec.block or sum(preset.spec.blocks) != sum(spec.blocks):
            continue
        given = evolve(preset.spec, classes=spec.classes, input=(spec.input[0], *preset.spec.input[1:]))
        if not HEADS[spec.head].classifies:
            given = evolve(given, head=spec.head, hidden=())
        like = given if sure else evolve(given, projection=spec.projection)
        if tensor_shapes(plan(like)) == wanted:
            return preset.name, given
    return None


def _identification(
    reading: Reading, spec: ResNetSpec, preset: str, shapes: Mapping[str, Shape], paired: Mapping[str, str]
) -> Identification:
    parsed, planned = reading.parsed, plan(spec)
    roles = dict(_roles(parsed, planned))
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
    beside = [name for name in shapes if name not in used and not name.endswith("num_batches_tracked")]
    asked = undetermined(spec)
    if parsed.head and not parsed.head[-1].bias:
        asked += ("head: whether its last layer, which has no bias, compares directions (cosine); taken: linear.",)
    return Identification(
        spec=spec, preset=preset, params=totals(planned).cost.params, names=names, unmatched=(*lacking, *beside),
        undetermined=asked, notices=find_notices(reading, spec, shapes, beside),
    )  # fmt: skip


def _roles(parsed: ParsedCheckpoint, planned: Plan) -> Iterator[tuple[str, FoundLayer]]:
    """Our name of each layer with tensors that a reading knows, and what the file has for it."""
    # Norms and convolutions of the stem follow one another in the plan as they do in the file.
    stem = _with_roles(planned.stem.layers)
    yield from zip(stem, parsed.stem.values(), strict=True)
    for (location, group), block in zip(planned.blocks(), parsed.blocks, strict=True):
        names = {f"conv{number}": f"conv{number}" for number in range(1, 4)}
        names |= {f"norm{number}": f"bn{number}" for number in range(1, 4)} | {"gate": "gate.0"}
        names |= {"fc1": "se.fc1", "fc2": "se.fc2"}
        names |= dict(zip(("projection", "projection_norm"), _with_roles(group.on("shortcut")), strict=False))
        for role, layer in block.layers.items():
            yield location.prefix + names[role], layer
    if parsed.last_norm is not None:
        yield "norm", parsed.last_norm
    head = [layer.name for layer in planned.head.layers if KINDS[layer.kind].geometry(layer) == Geometry.LINEAR]
    yield from zip(head, parsed.head, strict=True)


def _with_roles(layers: Iterable[LayerPlan]) -> list[str]:
    """Names of the layers whose tensors a reading gives a role; those that tell a choice are paired by themselves."""
    return [layer.name for layer in layers if KINDS[layer.kind].tensors(layer) and layer.kind not in IDENTIFYING_KINDS]
