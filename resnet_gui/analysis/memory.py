"""What a design needs of a device's memory to be used and trained: exact for this program's networks in eager torch.

Conventions. Weights: parameters and a norm's running statistics. Inference: the largest sum of the feature maps that
are alive at once while the network runs layer after layer; what a block or a stage reads lives until it is done.
Training: what autograd keeps for the backward pass, gradients, and the optimiser's state beside the weights. Workspaces
of the libraries, fragmentation and the loss are not counted. Under bf16 and fp16 feature maps have 2 bytes a value;
training then keeps fp32 weights and 16-bit copies of those of convolutions and linear layers, as autocast does.

By hand, because torchinfo's "forward/backward pass size" adds up the outputs of all layers, be they kept, shared or
overwritten, and needs the network built; the tests count the bytes that autograd keeps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import prod
from typing import Final, Literal

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.design.bounds import Shape
from resnet_gui.design.choices import KINDS
from resnet_gui.design.layer_kind import Geometry
from resnet_gui.design.structure import BlockPlan, LayerPlan, Plan
from resnet_gui.design.tensors import layer_tensors

Precision = Literal["fp32", "bf16", "fp16"]
Optimizer = Literal["sgd", "momentum", "adamw"]

_BYTES: Final = {"fp32": 4, "bf16": 2, "fp16": 2}
_SLOTS: Final = {"sgd": 0, "momentum": 1, "adamw": 2}
_FP32: Final = 4


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """The bytes that a network needs on the device.

    Attributes:
        weights: parameters and running statistics; in 16-bit training with the copies that autocast makes.
        activations: feature maps, the pictures included.
        gradients: one value a parameter when training, in fp32.
        optimizer: the optimiser's state, in fp32.
    """

    weights: int
    activations: int
    gradients: int = 0
    optimizer: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.activations + self.gradients + self.optimizer


def inference_memory(plan: Plan, batch: int = 1, precision: Precision = "fp32") -> Memory:
    """What running a design on a batch of pictures needs, without gradients.

    Raises:
        InputError: the batch is no whole number above 0.
    """
    _check(batch)
    size = _BYTES[precision]
    params, buffers, counts = _weights(plan)
    return Memory(
        weights=(params + buffers) * size + 8 * counts,
        activations=_Forward(plan, size, training=False, batch=batch).peak,
    )


def stored_weights(plan: Plan) -> int:
    """Bytes of a state_dict in fp32: parameters, running statistics, and the counts of batches (int64)."""
    params, buffers, counts = _weights(plan)
    return _FP32 * (params + buffers) + 8 * counts


def training_memory(
    plan: Plan,
    batch: int,
    precision: Precision = "fp32",
    optimizer: Optimizer = "momentum",
    *,
    recompute: bool = False,
    frozen: int = 0,
) -> Memory:
    """What one step of training on a batch of pictures needs, at the moment when the backward pass begins.

    With ``recompute`` a block keeps only what it reads; the largest block's maps come on top while it is computed
    again. A step on the CPU in fp32 makes what norms computed again, where it has a script, and needs less. Of frozen
    parts nothing is kept, and the most that is alive while they compute may be more than that.

    Args:
        plan: of the design.
        batch: pictures.
        precision: number format of feature maps.
        optimizer: that learns.
        recompute: whether blocks are computed again.
        frozen: parts that do not learn, the stem being the first; they compute as in a test.

    Raises:
        InputError: the batch is no whole number above 0.
    """
    _check(batch)
    size = _BYTES[precision]
    params, buffers, counts = _weights(plan)
    learning = params
    if frozen:
        learning -= sum(KINDS[layer.kind].params(layer) for part, _, layer in plan.parts() if part < frozen)
    copies = 0
    if precision != "fp32":
        copies = sum(prod(layer_tensors(layer)["weight"]) for _, layer in plan.layers() if KINDS[layer.kind].mixes)
    kept = kept_memory(plan, batch, precision, recompute=recompute, frozen=frozen)
    if frozen:
        before = _Forward(plan, size, training=False, batch=batch, until=frozen)
        # The pictures are there to the end of the step, though nothing needs them any more.
        kept = max(kept + size * prod(plan.spec.input) * batch, before.peak)
    return Memory(
        weights=(params + buffers) * _FP32 + 8 * counts + copies * size,
        activations=kept,
        gradients=learning * _FP32,
        optimizer=learning * _FP32 * _SLOTS[optimizer],
    )


def with_optimizer(memory: Memory, optimizer: Optimizer) -> Memory:
    """What the same training needs with another optimiser, without counting everything anew."""
    return msgspec.structs.replace(memory, optimizer=memory.gradients * _SLOTS[optimizer])


def kept_memory(
    plan: Plan, batch: int, precision: Precision = "fp32", *, recompute: bool = False, frozen: int = 0
) -> int:
    """Bytes that autograd keeps of a batch of pictures behind so many frozen parts, as ``training_memory`` has it."""
    forward = _Forward(plan, _BYTES[precision], training=True, frozen=frozen)
    return (forward.recomputed if recompute else forward.per_picture) * batch + forward.fixed


def _check(batch: int) -> None:
    if isinstance(batch, bool) or not isinstance(batch, int) or batch < 1:
        raise InputError(f"The batch is {batch!r}; it must be a whole number from 1.")


def _weights(plan: Plan) -> tuple[int, int, int]:
    """Values of parameters and of running statistics, and counts of batches."""
    params = buffers = counts = 0
    # Equal blocks are one object.
    blocks = {id(block): block for _, block in plan.groups()}
    times = Counter(id(block) for _, block in plan.groups())
    for key, block in blocks.items():
        for layer in block.layers:
            for part, shape in layer_tensors(layer).items():
                if part in {"weight", "bias"}:
                    params += times[key] * prod(shape)
                elif part == "num_batches_tracked":
                    counts += times[key]
                else:
                    buffers += times[key] * prod(shape)
    return params, buffers, counts


class _Map:
    """A feature map in memory; ``values`` for one picture, ``learns`` if it has a gradient."""

    def __init__(self, shape: Shape, *, learns: bool = False) -> None:
        self.values, self.learns = prod(shape), learns


class _Forward:
    """The forward pass of a plan, as the built network runs it: which maps live, and which autograd keeps.

    Attributes:
        peak: most bytes alive at once, for the whole batch, if nothing is kept.
        per_picture: bytes kept for the backward pass for each picture.
        fixed: bytes kept for the whole batch: statistics of batch normalisation (fp32).
        recomputed: bytes kept for each picture if blocks keep only what they read, the largest block's maps with them.
    """

    def __init__(
        self, plan: Plan, size: int, *, training: bool, batch: int = 1, frozen: int = 0, until: int | None = None
    ) -> None:
        """Of the parts from number ``frozen`` on, up to but without number ``until``; of all if that is None."""
        self._size, self._training, self._batch = size, training, batch
        parts = range(frozen, len(plan.stages) + 2 if until is None else until)
        self.peak = self.per_picture = self.fixed = self._kept_values = 0
        self._kept: dict[int, _Map] = {}
        self._held: list[_Map] = []
        x = _Map(plan.input_of_part(frozen))
        self._picture = x
        self._inside: list[int] = []
        self._read = 0
        for layer in plan.stem.layers if 0 in parts else ():
            x = self._layer(layer, x)
        for stage in plan.stages:
            if stage.index + 1 not in parts:
                continue
            x = self._stage(stage.blocks, x)
        learning = len(plan.learning_head())
        for number, layer in enumerate(plan.head.layers):
            if len(plan.stages) + (number >= len(plan.head.layers) - learning) in parts:
                x = self._layer(layer, x, overwrite=number > 0)
        self.per_picture = self._bytes()
        most = max(self._inside, default=0)
        self.recomputed = self.per_picture - sum(self._inside) + size * self._read + most

    def _stage(self, blocks: Sequence[BlockPlan], x: _Map) -> _Map:
        """The output of a stage. A block that comes as the one before it keeps as much, and no more is ever alive."""
        entered, before, added = x, None, (0, 0, 0)
        for block in blocks:
            self._read += x.values
            comes = (id(block), x is entered, x.values, x.learns, id(x) in self._kept)
            if comes == before:
                self.per_picture += added[0]
                self.fixed += added[1]
                self._kept_values += added[2]
                self._inside.append(self._inside[-1])
                continue
            so_far, kept = (self.per_picture, self.fixed, self._kept_values), self._bytes()
            x, before = self._block(block, x, entered), comes
            added = (self.per_picture - so_far[0], self.fixed - so_far[1], self._kept_values - so_far[2])
            self._inside.append(self._bytes() - kept)
        return x

    def _keep(self, *maps: _Map) -> None:
        for kept in maps:
            if id(kept) not in self._kept:
                self._kept[id(kept)] = kept
                self._kept_values += kept.values

    def _bytes(self) -> int:
        """Kept for the backward pass of one picture so far."""
        return self.per_picture + self._size * self._kept_values

    def _alive(self, *maps: _Map, extra: int = 0, made: int = 0) -> None:
        """Maps that live at once, with bytes for each picture, and values of weights that are made for all of them."""
        alive = {id(each): each for each in (self._picture, *self._held, *maps)}
        each_picture = self._size * sum(each.values for each in alive.values()) + extra
        self.peak = max(self.peak, each_picture * self._batch + self._size * made)

    def _block(self, block: BlockPlan, x: _Map, entered: _Map) -> _Map:
        """A block's output; ``entered``, what its stage reads, lives until the stage is done."""
        self._held = [entered, x]
        gate = x
        for layer in block.on("gate"):
            gate = self._layer(layer, gate)
        if gate is not x:
            self._held.append(gate)
        leading = (block.on("shared") or block.on("main"))[0]
        shared = self._run(block.on("shared"), x, gate, leading)
        self._held.append(shared)
        out = self._run(block.on("main"), shared, gate, leading)
        if block.adds:
            self._held.append(out)
            shortcut = self._run(block.on("shortcut"), shared, gate, leading)
            added = _Map(block.output, learns=out.learns or shortcut.learns)
            self._alive(out, shortcut, added)
            out = added
        # What ``out`` reads lives until all of its layers are done.
        self._held = [entered, x, gate, shared, out]
        out = self._run(block.on("out"), out, gate, leading)
        self._held = []
        return out

    def _run(self, layers: Sequence[LayerPlan], x: _Map, gate: _Map, leading: LayerPlan) -> _Map:
        before, within, row = x, "", ""
        for layer in layers:
            if layer.name.rpartition(".")[0] != row:
                # What a row of layers reads lives until the row is done.
                if row:
                    self._held.pop()
                row = "" if layer.part_of else layer.name.rpartition(".")[0]
                self._held += [x] * bool(row)
            if layer.part_of and not within:
                before = x
                self._held.append(before)
            within = layer.part_of
            if layer.part_of and KINDS[layer.kind].gates:
                within = ""
                self._held.remove(before)
                x = self._layer(layer, before, gate=x)
            else:
                x = self._layer(layer, x, gate=gate, overwrite=layer is not leading)
        if row:
            self._held.pop()
        return x

    def _layer(self, layer: LayerPlan, x: _Map, *, gate: _Map | None = None, overwrite: bool = True) -> _Map:
        kind = KINDS[layer.kind]
        idle = kind.idle_in_evaluation and not self._training
        if idle or kind.geometry(layer) == Geometry.FLATTEN:
            return x
        gated = gate if kind.gates else None
        learns = x.learns or kind.params(layer) > 0 or (gated is not None and gated.learns)
        if kind.in_place and overwrite:
            if learns:
                self._keep(x)
            return x
        out = _Map(layer.output, learns=learns)
        side_output = kind.side_output_bytes(layer)
        making, made = kind.made_values(layer)
        if making:
            self._alive(x, made=making)
        self._alive(x, out, *([gated] if gated is not None else []), extra=side_output, made=made)
        if kind.complements and gated is not None:
            # 1 − g is a map of its own.
            gated = _Map(layer.output, learns=gated.learns)
            self._alive(x, out, gated)
        if learns:
            self._save(layer, x, out, gated)
            self.per_picture += side_output + kind.saved_bytes(layer)
            self.fixed += kind.saved_batch_bytes(layer) + self._size * made
        return out

    def _save(self, layer: LayerPlan, x: _Map, out: _Map, gate: _Map | None) -> None:
        """Keep what autograd keeps of a layer that has a gradient."""
        kind = KINDS[layer.kind]
        match kind.saved_maps(layer):
            case "nothing":
                pass
            case "input":
                self._keep(x)
            case "output":
                self._keep(out)
            case "mask":
                self._keep(_Map(layer.output))
            case "input and gate" if gate is not None:
                # The gradient of each factor needs the other one.
                self._keep(*([x] if gate.learns else []), *([gate] if x.learns else []))
            case unknown:
                raise ValueError(f"layer {layer.name} of kind {kind.key} cannot save {unknown} for the backward pass")
