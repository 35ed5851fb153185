"""From names and shapes alone: which residual network a state_dict holds, and what no file can tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import msgspec

from resnet_gui.analysis.costs import totals
from resnet_gui.base.errors import InputError, SpecError
from resnet_gui.checkpoints.assigned import check_kept, layers_fault, with_assigned, with_names
from resnet_gui.checkpoints.bodies import find_bodies
from resnet_gui.checkpoints.conventions import find_convention
from resnet_gui.checkpoints.grammar import ParsedCheckpoint
from resnet_gui.checkpoints.identifying_weights import (
    IDENTIFYING_KINDS,
    find_identifying_weights,
    pair_identifying_weights,
)
from resnet_gui.checkpoints.inference import Inference
from resnet_gui.checkpoints.networks import StoredNetwork
from resnet_gui.checkpoints.notices import find_notices
from resnet_gui.checkpoints.search import BODY_ALONE, Reading, find_reading
from resnet_gui.checkpoints.tensor_layers import ForeignTensorError, FoundLayer, find_layers
from resnet_gui.design.bounds import Shape
from resnet_gui.design.choice import Choice
from resnet_gui.design.choices import BLOCKS, HEADS, KINDS
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
    head = HEADS.get(str(assigned.get("head")))
    if head is not None and not head.classifies:
        return _body(shapes, assigned)
    try:
        return _of_tensors(shapes, assigned)
    except AssignmentError:
        raise
    except InputError as error:
        raise _with_body(error, shapes) from error


def _body(shapes: Mapping[str, Shape], assigned: Mapping[str, object]) -> Identification:
    """The design of a file's body alone; what else the file has was not used.

    Raises:
        InputError: there is no such body; the sentence is that about all tensors.
    """
    refusal: InputError | None = None
    for body in find_bodies(shapes):
        try:
            found = _of_tensors(body, assigned)
        except AssignmentError:
            raise
        except InputError as error:
            refusal = refusal or error
            continue
        beside = [name for name in shapes if name not in body and not name.endswith("num_batches_tracked")]
        return msgspec.structs.replace(found, unmatched=(*found.unmatched, *beside))
    raise refusal or InputError("there are no tensors")


def _with_body(error: InputError, shapes: Mapping[str, Shape]) -> InputError:
    """The same refusal; where a part of the tensors is a body, with how that is read."""
    if BODY_ALONE in str(error):
        return error
    headless = next(choice for choice in HEADS.values() if not choice.classifies)
    try:
        found = _body(shapes, {headless.field: headless.key})
    except InputError:
        return error
    if found.notices:
        return error
    said = f"{error}; {BODY_ALONE} reads its body, {_title(found.spec)}, alone"
    return ForeignTensorError(error.tensor, said) if isinstance(error, ForeignTensorError) else InputError(said)


def _of_tensors(shapes: Mapping[str, Shape], assigned: Mapping[str, object]) -> Identification:
    """Find the design whose tensors all of these are.

    Raises:
        InputError: as ``identify``.
    """
    identifying = find_identifying_weights(shapes)
    if not identifying:
        return _identify(shapes, {}, assigned)
    try:
        return _identify(shapes, identifying, assigned)
    except AssignmentError:
        raise
    except InputError as refusal:
        # They may be something else: what stands apart is left out, anything else is named as it always was.
        try:
            return _identify(shapes, {}, assigned)
        except ForeignTensorError as error:
            strange = any(error.tensor in names for names in identifying.values())
            raise (refusal if strange else error) from None


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
    head = HEADS.get(str(assigned.get("head")))
    reading = find_reading(
        find_layers(rest), lambda parsed: Inference(parsed).spec(), _title,
        headless=head is not None and not head.classifies,
    )  # fmt: skip
    parsed, spec = reading.parsed, reading.spec
    published = _published(spec, sure=Inference(parsed).projection() is not None)
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
    return f"a residual network of {BLOCKS[spec.block].title} blocks {'-'.join(map(str, spec.blocks))}"


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
