"""``plan(spec)``: every layer with its shapes; pure arithmetic, read by everything that shows or builds a network.

Names are torchvision's where it has one, so that state_dicts fit; equal blocks of a stage share one ``BlockPlan``.
"""

from __future__ import annotations

from resnet_gui.design.bounds import Shape
from resnet_gui.design.builder import PlanBuilder
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.design.structure import BlockPlan, LayerPlan, Plan, ShortcutKind, StagePlan

SHORTCUT_SCALE = 0.5
"""Constant scaling and dropout of the shortcut (He et al. 2016, Table 1)."""


def plan(spec: ResNetSpec) -> Plan:
    """Compute every layer of a design."""
    stem = _stem(spec)
    shape = stem.output
    stages: list[StagePlan] = []
    seen = 0
    total = sum(spec.blocks)
    for index, count in enumerate(spec.blocks):
        blocks: list[BlockPlan] = []
        known: dict[tuple[object, ...], BlockPlan] = {}
        for number in range(count):
            stride = spec.stage_strides[index] if number == 0 else 1
            # Stochastic depth: block l of L is dropped with probability p · l / L (Huang et al. 2016, eq. 4).
            rate = spec.stochastic_depth * (seen + 1) / total
            key = (shape, stride, rate, seen == 0)
            if key not in known:
                known[key] = _Block(spec, shape, index, stride).plan(drop=rate, first=seen == 0)
            blocks.append(known[key])
            shape = blocks[-1].output
            seen += 1
        stages.append(StagePlan(index=index, blocks=tuple(blocks)))
    return Plan(spec=spec, stem=stem, stages=tuple(stages), head=_head(spec, shape))


def _stem(spec: ResNetSpec) -> BlockPlan:
    chain = PlanBuilder(spec, spec.input)
    width = spec.stem_channels
    match spec.stem:
        case "imagenet" | "7x7":
            chain.conv("conv1", width, kernel=7, stride=2)
        case "deep":
            # Places 1 and 4 are the norms' and 2 and 5 the activations', also where there is no norm (timm's names).
            for place, stride in ((0, 2), (3, 1)):
                chain.conv(f"conv1.{place}", spec.deep_stem_width, kernel=3, stride=stride)
                chain.norm(f"conv1.{place + 1}")
                chain.add(f"conv1.{place + 2}", spec.activation)
            chain.conv("conv1.6", width, kernel=3)
        case "3x3":
            chain.conv("conv1", width, kernel=3, stride=2)
        case _:
            chain.conv("conv1", width, kernel=3)
    # Full pre-activation begins its first block with norm and activation; ReLU-only with the activation alone.
    if spec.order != "full_preact" or spec.activated_stem:
        chain.norm("bn1")
    if not spec.preactivated or spec.activated_stem:
        chain.activate("")
    if spec.stem in {"imagenet", "deep"}:
        chain.sliding("maxpool", "max_pool", width, (3, 2, 1))
    return BlockPlan(kind="stem", layers=tuple(chain.layers))


class _Block:
    """Plans a residual block.

    Order of the layers: the gate, what both paths share, the main path, the shortcut, the addition, what follows.
    """

    def __init__(self, spec: ResNetSpec, source: Shape, stage: int, stride: int) -> None:
        self.spec = spec
        self.source = source
        self.stride = stride
        self.channels = spec.output_channels(stage)
        inner = spec.inner_width(spec.widths[stage])
        if spec.block == "basic":
            self.convs = [(inner, 3, stride, 1), (self.channels, 3, 1, 1)]
        else:
            first, second = (stride, 1) if spec.stride_on == "1x1" else (1, stride)
            self.convs = [(inner, 1, first, 1), (inner, 3, second, spec.groups), (self.channels, 1, 1, 1)]
        changes = stride != 1 or source[0] != self.channels
        self.shortcut: ShortcutKind = "identity"
        if spec.shortcut == "none":
            self.shortcut = "none"
        elif spec.shortcut == "C" or (spec.shortcut == "B" and changes):
            self.shortcut = "projection"
        elif changes:
            self.shortcut = "zero-pad"

    def plan(self, *, drop: float, first: bool) -> BlockPlan:
        """The block; ``drop`` is the probability of dropping its branch, ``first`` whether it follows the stem."""
        spec = self.spec
        shared = self._shared(first=first)
        chain = PlanBuilder(spec, self.source, "shared")
        chain.layers.extend(self._gate())
        if shared:
            self._activate_before(chain, 1)
        chain.branch = "main"
        self._main(chain, shared=shared)
        if drop:
            chain.add("drop_path", "drop_path", rate=drop)
        # The shortcut reads what the shared layers wrote, which has the shape of the block's input.
        chain.layers.extend(self._shortcut())
        if self.shortcut != "none":
            chain.branch = "join"
            chain.add("add", "add")
        chain.branch = "out"
        last = len(self.convs)
        if spec.order == "bn_after_addition":
            chain.norm(f"bn{last}")
        if spec.order in {"original", "bn_after_addition"}:
            chain.activate(last)
        return BlockPlan(kind=spec.block, layers=tuple(chain.layers), shortcut=self.shortcut)

    def _shared(self, *, first: bool) -> bool:
        """Whether both paths read the activated input.

        So in the first block, whose input nobody has activated, and where the shape changes (He et al. 2016, appendix
        and the authors' code, which calls it "both_preact").
        """
        spec = self.spec
        if not spec.preactivated or spec.raw_projection or self.shortcut == "none":
            return False
        return self.shortcut != "identity" or (first and spec.shared_first and not spec.activated_stem)

    def _activate_before(self, chain: PlanBuilder, number: int) -> None:
        if self.spec.order == "full_preact":
            chain.norm(f"bn{number}")
        chain.activate(number)

    def _main(self, chain: PlanBuilder, *, shared: bool) -> None:
        """The convolutions with their norms and activations (He et al. 2016, Fig. 4)."""
        spec, last = self.spec, len(self.convs)
        for number, (channels, kernel, stride, groups) in enumerate(self.convs, start=1):
            if spec.preactivated and not (number == 1 and shared):
                self._activate_before(chain, number)
            if number == last and spec.dropout:
                chain.add("dropout", "dropout", rate=spec.dropout)
            chain.conv(f"conv{number}", channels, kernel, stride, groups)
            if spec.order != "full_preact" and not (spec.order == "bn_after_addition" and number == last):
                chain.norm(f"bn{number}")
            if spec.order == "relu_before_addition" or (not spec.preactivated and number < last):
                chain.activate(number)
        if spec.se_ratio:
            _squeeze_and_excite(spec, chain)
        if spec.ablation == "scaling_both":
            chain.add("scale_branch", "scale", rate=SHORTCUT_SCALE)
        elif spec.ablation == "exclusive_gating":
            chain.add("gate_branch", "gate")

    def _gate(self) -> list[LayerPlan]:
        """g(x) = σ(1×1 convolution of the block's input) (He et al. 2016, section 3.1)."""
        if self.spec.ablation not in {"exclusive_gating", "shortcut_gating"}:
            return []
        chain = PlanBuilder(self.spec, self.source, "gate")
        chain.sliding("gate.0", "conv", self.channels, (1, self.stride, 0), bias=True)
        chain.add("gate.1", "sigmoid")
        return chain.layers

    def _shortcut(self) -> list[LayerPlan]:
        """The shortcut's layers (He et al. 2015, section 3.2 and 4.1, options A to C; He et al. 2016, Table 1)."""
        spec, stride = self.spec, self.stride
        chain = PlanBuilder(spec, self.source, "shortcut")
        if self.shortcut == "projection":
            place = 0
            if spec.projection == "avg_pool":
                if stride > 1:
                    # Windows that stick out count only what lies inside (ceil mode), so the size is that of the branch.
                    size = tuple(-(-edge // stride) for edge in self.source[1:])
                    chain.add("downsample.0", "avg_pool", (self.source[0], *size), kernel=stride, stride=stride)
                place = 1
            chain.conv(f"downsample.{place}", self.channels, kernel=1, stride=1 if place else stride)
            if spec.projects_with_norm:
                chain.norm(f"downsample.{place + 1}")
        elif self.shortcut == "zero-pad":
            # Every stride-th pixel, as a 1×1 window of that stride sees it, and zeros for the new channels.
            chain.sliding("downsample.0", "zero_pad", self.channels, (1, stride, 0))
        match spec.ablation:
            case "scaling" | "scaling_both":
                chain.add("scale_shortcut", "scale", rate=SHORTCUT_SCALE)
            case "exclusive_gating" | "shortcut_gating":
                chain.add("gate_shortcut", "cogate")
            case "dropout":
                chain.add("drop_shortcut", "dropout", rate=SHORTCUT_SCALE)
            case _:
                pass
        return chain.layers


def squeezed_width(channels: int, ratio: int, divisor: int = 8) -> int:
    """Channels between the two layers of squeeze-and-excitation.

    channels / ratio (Hu et al. 2017, section 3.2), rounded to a multiple of ``divisor`` that is at least that; 8 is
    timm's rule.
    """
    return max(divisor, int(channels / ratio + divisor / 2) // divisor * divisor)


def _squeeze_and_excite(spec: ResNetSpec, chain: PlanBuilder) -> None:
    """Global pooling, two 1×1 convolutions, sigmoid, and the product with the branch (Hu et al. 2017, Fig. 3)."""
    shape = chain.shape
    channels = shape[0]
    squeezed = squeezed_width(channels, spec.se_ratio, spec.se_divisor)
    chain.add("se.pool", "avg_pool", (channels, 1, 1))
    chain.sliding("se.fc1", "conv", squeezed, (1, 1, 0), bias=True)
    chain.add("se.act", spec.activation)
    chain.sliding("se.fc2", "conv", channels, (1, 1, 0), bias=True)
    chain.add("se.sigmoid", "sigmoid")
    chain.shape = shape
    chain.add("se.scale", "gate")


def _head(spec: ResNetSpec, source: Shape) -> BlockPlan:
    chain = PlanBuilder(spec, source)
    if spec.preactivated and spec.final_activation:
        # The last block leaves its sum as it is (He et al. 2016, appendix, "an extra activation").
        if spec.order == "full_preact":
            chain.norm("norm")
        chain.add("act", spec.activation)
    if spec.head == "pool":
        chain.add("avgpool", "avg_pool", (source[0], 1, 1))
    features = chain.shape[0] * chain.shape[1] * chain.shape[2]
    chain.add("flatten", "flatten", (features,))
    for number, width in enumerate(spec.hidden):
        chain.add(f"hidden.{2 * number}", "linear", (width,), bias=True)
        chain.add(f"hidden.{2 * number + 1}", spec.activation)
    chain.add("fc", "linear", (spec.classes,), bias=True)
    return BlockPlan(kind="head", layers=tuple(chain.layers))
