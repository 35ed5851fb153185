"""A design as one Python file that imports only torch, with the same parameter names as the built network.

The file is written from the spec in the form a person would choose: one block class with what this design needs and
nothing else. Tests build it and compare names, shapes, outputs and gradients with ``network.resnet``.
"""

from __future__ import annotations

from textwrap import indent, wrap

from resnet_gui.analysis.costs import totals
from resnet_gui.base.text import shape_text
from resnet_gui.design.bounds import EXPANSION
from resnet_gui.design.plan import SHORTCUT_SCALE, plan
from resnet_gui.design.presets import ORDER_TITLES
from resnet_gui.design.references import citations
from resnet_gui.design.spec import Design, ResNetSpec
from resnet_gui.design.words import SHORTCUT_TITLES
from resnet_gui.export.python_parts import DROP_PATH, SQUEEZE_EXCITATION, ZERO_PAD

_ACTIVATIONS = {
    "relu": "torch.relu({})", "leaky_relu": "functional.leaky_relu({}, 0.01)", "gelu": "functional.gelu({})",
    "silu": "functional.silu({})",
}  # fmt: skip
_MODULES = {
    "relu": "nn.ReLU()", "leaky_relu": "nn.LeakyReLU(0.01)", "gelu": "nn.GELU()", "silu": "nn.SiLU()",
}  # fmt: skip


def to_python(design: Design) -> str:
    """The text of the file."""
    writer = _NetworkWriter(design.spec)
    parts = [_docstring(design), writer.imports(), writer.constants()]
    if design.spec.shortcut == "A":
        parts.append(ZERO_PAD)
    if design.spec.se_ratio:
        text = SQUEEZE_EXCITATION.replace("ACTIVATE", writer.act("self.fc1(gate)"))
        divisor = design.spec.se_divisor
        parts.append(text.replace("HALF", f"{divisor / 2:g}").replace("DIVISOR", str(divisor)))
    if design.spec.stochastic_depth:
        parts.append(DROP_PATH)
    parts += [writer.block(), writer.network(), _main(design.spec)]
    return "\n\n\n".join(part.strip("\n") for part in parts) + "\n"


def _docstring(design: Design) -> str:
    spec = design.spec
    cost = totals(plan(spec)).cost
    # Whatever the name holds, it must not end the text that it stands in.
    name = "".join(letter for letter in design.name if letter.isprintable()).replace("\\", "/").replace('"', "'")
    picture = shape_text(spec.input)
    lines = wrap(f"{' '.join(name.split()) or 'A residual network'}.", 100)
    lines[0] = f'"""{lines[0]}'
    lines += [
        "", f"{cost.params:,} parameters, {cost.macs:,} multiply-accumulates for a picture of {picture}.",
        "Written by ResNet Explorer. Needs only torch; the names in the state_dict are the program's, and",
        "torchvision's where it has the network.", "", "References:",
    ]  # fmt: skip
    for text in citations(spec):
        lines += wrap(text + ".", 110, initial_indent="  ", subsequent_indent="    ")
    return "\n".join([*lines, '"""'])


def _main(spec: ResNetSpec) -> str:
    cost = totals(plan(spec)).cost
    return f"""
if __name__ == "__main__":
    model = ResNet()
    count = sum(value.numel() for value in model.parameters())
    assert count == {cost.params}, count
    print(f"{{count:,}} parameters; logits of one picture: {{tuple(model.eval()(torch.zeros(1, *INPUT)).shape)}}")
"""


class _Writer:
    """Writes what stands above the classes, and the expressions that they are made of."""

    def __init__(self, spec: ResNetSpec) -> None:
        self.spec = spec
        self.bias = spec.conv_bias

    # ---- expressions

    def act(self, text: str) -> str:
        """A call of the activation."""
        return _ACTIVATIONS[self.spec.activation].format(text)

    def norm(self, channels: str) -> str:
        """A norm's constructor."""
        return (
            f"nn.BatchNorm2d({channels})"
            if self.spec.norm == "batch"
            else f"nn.GroupNorm({self.spec.norm_groups}, {channels})"
        )

    def conv(self, channels: str, kernel: int, stride: str = "", more: str = "") -> str:
        """A convolution's constructor; ``channels`` are input and output."""
        options = [channels, str(kernel)]
        options += [f"stride={stride}"] * bool(stride) + [f"padding={kernel // 2}"] * (kernel > 1)
        options += [more] * bool(more) + ["bias=False"] * (not self.bias)
        return f"nn.Conv2d({', '.join(options)})"

    # ---- head of the file

    def imports(self) -> str:
        """The imports and nothing else."""
        functional = self.spec.activation != "relu" or self.spec.shortcut == "A"
        more = "\nfrom torch.nn import functional" if functional else ""
        return f"import torch\nfrom torch import Tensor, nn{more}"

    def constants(self) -> str:
        """The numbers of the design."""
        spec = self.spec
        lines = [
            f"INPUT = {spec.input}  # channels, height, width",
            f"CLASSES = {spec.classes}",
            f"BLOCKS = {spec.blocks}  # of each stage",
            f"WIDTHS = {spec.widths}  # channels of the 3×3 convolutions"
            + (" for 64 of which a group has WIDTH_PER_GROUP" if self._grouped else ""),
            f"STRIDES = {spec.stage_strides}  # of the first block of each stage",
            f"STEM = {spec.stem_channels}  # channels that the stem puts out",
            f"EXPANSION = {EXPANSION[spec.block]}  # channels that a block puts out, over its width",
        ]
        if self._grouped:
            lines += [f"GROUPS, WIDTH_PER_GROUP = {spec.groups}, {spec.width_per_group}"]
        if spec.se_ratio:
            lines += [f"RATIO = {spec.se_ratio}  # reduction of squeeze-and-excitation"]
        if spec.stochastic_depth:
            lines += [f"STOCHASTIC_DEPTH = {spec.stochastic_depth}  # probability of dropping the last branch"]
        return "\n".join(lines)

    @property
    def _grouped(self) -> bool:
        return self.spec.block == "bottleneck" and (self.spec.groups != 1 or self.spec.width_per_group != 64)


class _BlockWriter(_Writer):
    """Writes the class of the residual block."""

    def block(self) -> str:
        """The class of the residual block."""
        first = ", first: bool = False" if self._knows_first else ""
        drop = ", drop: float = 0.0" if self.spec.stochastic_depth else ""
        kind, order = self.spec.block.capitalize(), ORDER_TITLES[self.spec.order]
        what = f"{kind} block, {order} order; shortcuts: {SHORTCUT_TITLES[self.spec.shortcut]}"
        head = f"""class Block(nn.Module):
    \"\"\"{what}.

    He et al. 2015, Fig. 5; He et al. 2016, Fig. 4.
    \"\"\"

    def __init__(self, inputs: int, width: int, stride: int{first}{drop}) -> None:
        super().__init__()
"""
        body = "\n".join([*self._block_layers(), *self._shortcut_layers()])
        forward = "\n".join(self._block_forward())
        return (
            f"{head}{indent(body, ' ' * 8)}\n\n    def forward(self, x: Tensor) -> Tensor:\n{indent(forward, ' ' * 8)}"
        )

    @property
    def _shares(self) -> bool:
        """Whether some blocks activate their input for both paths."""
        spec = self.spec
        return spec.preactivated and spec.shortcut != "none" and not spec.raw_projection

    @property
    def _knows_first(self) -> bool:
        return self._shares and self.spec.shortcut != "C" and self.spec.shared_first and not self.spec.activated_stem

    def _block_layers(self) -> list[str]:
        spec = self.spec
        lines = ["outputs = width * EXPANSION"]
        if spec.ablation in {"exclusive_gating", "shortcut_gating"}:
            lines += ["self.gate = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride=stride), nn.Sigmoid())"]
        if spec.block == "basic":
            sizes = [("inputs", "width", 3, "stride", ""), ("width", "outputs", 3, "", "")]
        else:
            lines += ["inner = int(width * (WIDTH_PER_GROUP / 64)) * GROUPS" if self._grouped else "inner = width"]
            first, second = ("stride", "") if spec.stride_on == "1x1" else ("", "stride")
            groups = "groups=GROUPS" if self._grouped else ""
            sizes = [
                ("inputs", "inner", 1, first, ""), ("inner", "inner", 3, second, groups),
                ("inner", "outputs", 1, "", ""),
            ]  # fmt: skip
        for number, (before, after, kernel, stride, more) in enumerate(sizes, start=1):
            conv = f"self.conv{number} = {self.conv(f'{before}, {after}', kernel, stride, more)}"
            norm = f"self.bn{number} = {self.norm(before if spec.order == 'full_preact' else after)}"
            pair = [conv] if spec.norm == "none" else [norm, conv] if spec.order == "full_preact" else [conv, norm]
            lines += pair
        if spec.dropout:
            lines += [f"self.dropout = nn.Dropout({spec.dropout})"]
        if spec.se_ratio:
            lines += ["self.se = SqueezeExcitation(outputs)"]
        if spec.stochastic_depth:
            lines += ["self.drop = drop"]
        return lines

    def _shortcut_layers(self) -> list[str]:
        spec = self.spec
        lines: list[str] = []
        if spec.shortcut != "none":
            lines += self._downsample()
        if self._shares and spec.shortcut != "C":
            lines += [f"self.shares = {self._shares_when()}  # both paths read the activated input"]
        if spec.ablation == "dropout":
            lines += [f"self.drop_shortcut = nn.Dropout({SHORTCUT_SCALE})"]
        return lines

    def _shares_when(self) -> str:
        return "first or stride != 1 or inputs != outputs" if self._knows_first else "stride != 1 or inputs != outputs"

    def _downsample(self) -> list[str]:
        spec = self.spec
        if spec.shortcut == "A":
            layers = ["ZeroPad(outputs - inputs, stride)"]
        else:
            bias = "" if spec.projects_with_bias else ", bias=False"
            if spec.projection == "avg_pool":
                layers = ["pool if stride > 1 else nn.Identity()", f"nn.Conv2d(inputs, outputs, 1{bias})"]
            else:
                layers = [f"nn.Conv2d(inputs, outputs, 1, stride=stride{bias})"]
            layers += [self.norm("outputs")] * spec.projects_with_norm
        made = [f"self.downsample = nn.Sequential({', '.join(layers)})"]
        if len(made[0]) > 100:
            made = ["self.downsample = nn.Sequential(", *(f"    {layer}," for layer in layers), ")"]
        if spec.shortcut != "A" and spec.projection == "avg_pool":
            made.insert(0, "pool = nn.AvgPool2d(stride, stride=stride, ceil_mode=True, count_include_pad=False)")
        if spec.shortcut == "C":
            return made
        made = [f"    {line}" for line in made]
        return ["self.downsample: nn.Module = nn.Identity()", "if stride != 1 or inputs != outputs:", *made]

    def _block_forward(self) -> list[str]:
        spec = self.spec
        last = 2 if spec.block == "basic" else 3
        lines = ["gate = self.gate(x)"] if spec.ablation in {"exclusive_gating", "shortcut_gating"} else []
        value = "x"
        if self._shares:
            lines += [f"activated = {self._before('x', 1)}"]
            value = "activated"
        for number in range(1, last + 1):
            text = value
            if spec.preactivated and not (number == 1 and self._shares):
                text = self._before(value, number)
            if number == last and spec.dropout:
                text = f"self.dropout({text})"
            text = f"self.conv{number}({text})"
            if (
                spec.order != "full_preact"
                and spec.norm != "none"
                and not (spec.order == "bn_after_addition" and number == last)
            ):
                text = f"self.bn{number}({text})"
            if spec.order == "relu_before_addition" or (not spec.preactivated and number < last):
                text = self.act(text)
            lines += [f"out = {text}"]
            value = "out"
        return [*lines, *self._join(last)]

    def _before(self, value: str, number: int) -> str:
        normed = self.spec.order == "full_preact" and self.spec.norm != "none"
        return self.act(f"self.bn{number}({value})" if normed else value)

    def _join(self, last: int) -> list[str]:
        """What is done to branch and shortcut, the addition, and what follows it."""
        spec = self.spec
        lines = ["out = self.se(out)"] * bool(spec.se_ratio)
        branch = {"scaling_both": f"{SHORTCUT_SCALE} * out", "exclusive_gating": "gate * out"}.get(spec.ablation)
        lines += [f"out = {branch}"] * (branch is not None)
        lines += ["out = drop_path(out, self.drop, self.training)"] * bool(spec.stochastic_depth)
        result = "out"
        if spec.shortcut != "none":
            source = "activated if self.shares else x" if self._shares else "x"
            source = "activated" if self._shares and spec.shortcut == "C" else source
            lines += [f"shortcut = self.downsample({source})"]
            changed = {
                "scaling": f"{SHORTCUT_SCALE} * shortcut", "scaling_both": f"{SHORTCUT_SCALE} * shortcut",
                "exclusive_gating": "(1 - gate) * shortcut", "shortcut_gating": "(1 - gate) * shortcut",
                "dropout": "self.drop_shortcut(shortcut)",
            }.get(spec.ablation)  # fmt: skip
            lines += [f"shortcut = {changed}"] * (changed is not None)
            result = "out + shortcut"
        if spec.order == "bn_after_addition" and spec.norm != "none":
            result = f"self.bn{last}({result})"
        if spec.order in {"original", "bn_after_addition"}:
            result = self.act(result)
        return [*lines, f"return {result}"]


class _NetworkWriter(_BlockWriter):
    """Writes the class of the network."""

    def network(self) -> str:
        """The class of the network."""
        spec = self.spec
        arguments = "inputs, width, stride if number == 0 else 1"
        arguments += ", first=seen == 0" if self._knows_first else ""
        arguments += ", drop=drop" if spec.stochastic_depth else ""
        drop = "drop = STOCHASTIC_DEPTH * (seen + 1) / sum(BLOCKS)" if spec.stochastic_depth else ""
        counts = self._knows_first or spec.stochastic_depth
        stages = f"""inputs = STEM
{"seen = 0" if counts else ""}
for stage, (blocks, width, stride) in enumerate(zip(BLOCKS, WIDTHS, STRIDES), start=1):
    row = []
    for number in range(blocks):
        {drop}
        row.append(Block({arguments}))
        inputs = width * EXPANSION
        {"seen += 1" if counts else ""}
    self.add_module(f"layer{{stage}}", nn.Sequential(*row))"""
        stages = "\n".join(line for line in stages.splitlines() if line.strip())
        lines = [*self._stem_layers(), stages, *self._head_layers(), "self.apply(self._initialise)", *self._zero()]
        body = indent("\n".join(lines), " " * 8)
        forward = indent("\n".join(self._forward()), " " * 8)
        return (
            'class ResNet(nn.Module):\n    """From pictures (N, C, H, W) to logits."""\n\n'
            f"    def __init__(self) -> None:\n        super().__init__()\n{body}\n\n"
            f"    def forward(self, x: Tensor) -> Tensor:\n{forward}\n\n{self._initialise()}"
        )

    def _stem_layers(self) -> list[str]:
        spec = self.spec
        if spec.stem == "deep":
            half, act = spec.deep_stem_width, _MODULES[spec.activation]
            norm = self.norm(str(half)) if spec.norm != "none" else "nn.Identity()"
            pieces = [
                self.conv(f"INPUT[0], {half}", 3, "2"), norm, act, self.conv(f"{half}, {half}", 3), norm, act,
                self.conv(f"{half}, STEM", 3),
            ]  # fmt: skip
            lines = ["self.conv1 = nn.Sequential(", *(f"    {piece}," for piece in pieces), ")"]
        else:
            kernel, stride = {"imagenet": (7, "2"), "7x7": (7, "2"), "3x3": (3, "2")}.get(spec.stem, (3, ""))
            lines = [f"self.conv1 = {self.conv('INPUT[0], STEM', kernel, stride)}"]
        return lines + [f"self.bn1 = {self.norm('STEM')}"] * self._stem_normed

    @property
    def _stem_normed(self) -> bool:
        return self.spec.norm != "none" and (self.spec.order != "full_preact" or self.spec.activated_stem)

    @property
    def _last_normed(self) -> bool:
        return self.spec.order == "full_preact" and self.spec.final_activation and self.spec.norm != "none"

    def _head_layers(self) -> list[str]:
        spec = self.spec
        lines = [f"self.norm = {self.norm('inputs')}"] * self._last_normed
        _, height, width = plan(spec).stages[-1].output
        features = "inputs" if spec.head == "pool" else f"inputs * {height} * {width}"
        if spec.hidden:
            pieces: list[str] = []
            for count in spec.hidden:
                pieces += [f"nn.Linear({features}, {count})", _MODULES[spec.activation]]
                features = str(count)
            made = f"self.hidden = nn.Sequential({', '.join(pieces)})"
            rows = ["self.hidden = nn.Sequential(", *(f"    {piece}," for piece in pieces), ")"]
            lines += [made] if len(made) < 100 else rows
        return [*lines, f"self.fc = nn.Linear({features}, CLASSES)"]

    def _forward(self) -> list[str]:
        spec = self.spec
        text = "self.bn1(self.conv1(x))" if self._stem_normed else "self.conv1(x)"
        lines = [f"x = {self.act(text) if not spec.preactivated or spec.activated_stem else text}"]
        pool = "x = nn.functional.max_pool2d(x, 3, stride=2, padding=1)"
        lines += [pool] * (spec.stem in {"imagenet", "deep"})
        lines += ["for stage in range(1, len(BLOCKS) + 1):", '    x = self.get_submodule(f"layer{stage}")(x)']
        if spec.preactivated and spec.final_activation:
            lines += [f"x = {self.act('self.norm(x)' if self._last_normed else 'x')}"]
        lines += ["x = x.mean((2, 3))" if spec.head == "pool" else "x = x.flatten(1)"]
        lines += ["x = self.hidden(x)"] * bool(spec.hidden)
        return [*lines, "return self.fc(x)"]

    def _initialise(self) -> str:
        bias = "            if module.bias is not None:\n                nn.init.zeros_(module.bias)\n"
        return f"""    @staticmethod
    def _initialise(module: nn.Module) -> None:
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
{bias}""".rstrip("\n")

    def _zero(self) -> list[str]:
        """What begins at a value of its own: gates almost closed, branches that give zero."""
        spec = self.spec
        lines: list[str] = []
        if spec.ablation in {"exclusive_gating", "shortcut_gating"}:
            lines += ["nn.init.constant_(module.gate[0].bias, -6.0)"]
        if spec.zero_init:
            last = 2 if spec.block == "basic" else 3
            normed = spec.norm != "none" and spec.order not in {"full_preact", "bn_after_addition"}
            lines += [f"nn.init.zeros_(module.{'bn' if normed else 'conv'}{last}.weight)"]
        if not lines:
            return []
        lines = [f"        {line}" for line in lines]
        return ["for module in self.modules():", "    if isinstance(module, Block):", *lines]
