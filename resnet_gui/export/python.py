"""A design as one Python file that imports only torch, with the same parameter names as the built network.

The file has the form that a person would choose: one block class with what this design needs and nothing else. Its
layers are those of the one description that the plan is made from (``design.block``). Tests build it and compare names,
shapes, outputs and gradients with ``network.resnet``.
"""

from __future__ import annotations

from textwrap import indent, wrap
from typing import Final, NamedTuple

import msgspec

from resnet_gui.analysis.costs import totals
from resnet_gui.base.text import shape_text
from resnet_gui.data.model_card import ModelInfo
from resnet_gui.data.preprocessing import PictureFit
from resnet_gui.design.applies import applies
from resnet_gui.design.block import Sharing, last_activation, residual_block, sharing, stem
from resnet_gui.design.choices import BLOCKS, HEADS, KINDS, ORDERS, SHORTCUTS
from resnet_gui.design.kinds.convolution import LINEAR
from resnet_gui.design.papers import citations
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import Design, ResNetSpec
from resnet_gui.export.source_builder import SourceBuilder, regrouped


class Weights(msgspec.Struct, frozen=True):
    """The trained weights that a file of Python names.

    Attributes:
        file: name of the safetensors file beside it.
        info: classes and normalisation.
        own: whether the weights said these; else they are suggestions.
    """

    file: str
    info: ModelInfo
    own: bool = True


def to_python(design: Design, weights: Weights | None = None) -> str:
    """The text of the file; with ``weights`` it loads them and says how a picture becomes an input."""
    spec = design.spec
    block, network = _block(spec), _network(spec)
    texts = dict.fromkeys(text.strip("\n") for text in (*block.sources, *network.sources))
    classes = [*texts, block.text, network.text]
    functional = any("functional." in text.replace("nn.functional.", "") for text in classes)
    head = "import torch\nfrom torch import Tensor, nn" + "\nfrom torch.nn import functional" * functional
    if weights is None:
        parts = [_docstring(design), head, _constants(spec), *classes, _main(spec)]
    else:
        head = f"import json\nimport struct\nfrom pathlib import Path\n\n{head}"
        constants = f"{_constants(spec)}\n{_trained(weights)}"
        parts = [_docstring(design), head, constants, *classes, _PREPARE, _LOAD, _main_trained(spec)]
    return "\n\n\n".join(part.strip("\n") for part in parts) + "\n"


_FITS: Final[dict[PictureFit, str]] = {
    "crop": "the largest part in the middle that has the shape of INPUT",
    "squeeze": "the whole picture, stretched to the shape of INPUT",
    "pad": "the whole picture in the middle of a black one that has the shape of INPUT",
}


def _trained(weights: Weights) -> str:
    """The constants of a trained network."""
    info = weights.info
    size = "to the size of INPUT"
    if info.resize:
        what = "it" if info.fit == "crop" else "the frame"
        size = f"so that the short side of {what} has {info.resize} pixels, then INPUT is cut out of the middle"
    doubt = "" if weights.own else "; the weights do not tell it: a suggestion"
    # One line a name: a wrapped row would break names that hold spaces.
    names = [f"{name!r}," for name in info.classes]
    which = "of the outputs, in their order" if info.spec.classes > 1 else "the sigmoid is the second's probability"
    if not HEADS[info.spec.head].classifies:
        which, doubt = "features have none", ""
    deep = [f"# Greys of more than 8 bits: {info.greys.words} is 0 to 1."] if info.greys.words else []
    return "\n".join([
        f"NAMES = (  # {which}{doubt}", *(f"    {line}" for line in names), ")",
        f"MEAN = {info.mean}  # of each channel, on the scale 0 to 1{doubt}",
        f"STD = {info.std}",
        f"FIT = {info.fit!r}  # {_FITS[info.fit]}",
        f"RESIZE = {info.resize}  # a picture is scaled {size}",
        f"INTERPOLATION = {info.interpolation!r}  # how it is scaled, antialiased", *deep,
        f"WEIGHTS = Path(__file__).with_name({weights.file!r})",
    ])  # fmt: skip


_PREPARE = '''
def prepare(pictures: Tensor) -> Tensor:
    """What the network reads of pictures (N, C, H, W) from 0 to 1 that have the size of INPUT."""
    mean, std = (torch.tensor(values, device=pictures.device).view(-1, 1, 1) for values in (MEAN, STD))
    return (pictures - mean) / std
'''

_LOAD = '''
def load(path: Path = WEIGHTS) -> ResNet:
    """The trained network; a safetensors file is the length of a header, the header as JSON, and the values."""
    data = bytearray(path.read_bytes())
    (length,) = struct.unpack("<Q", data[:8])
    state = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name != "__metadata__":
            start, end = (8 + length + offset for offset in entry["data_offsets"])
            kind = {"F32": torch.float32, "I64": torch.int64}[entry["dtype"]]
            state[name] = torch.frombuffer(data[start:end], dtype=kind).reshape(entry["shape"])
    model = ResNet()
    model.load_state_dict(state)
    return model.eval()
'''


def _main_trained(spec: ResNetSpec) -> str:
    said = "grey is most like {NAMES[answer.softmax(0).argmax()]!r}: {answer.softmax(0).max():.1%}"
    if not HEADS[spec.head].classifies:
        said = "grey has {len(answer)} features, {answer.mean():.3g} on average"
    elif spec.classes == 1:
        said = "grey is {NAMES[1]!r}: {answer.sigmoid().item():.1%}"
    return f"""
if __name__ == "__main__":
    model = load()
    count = sum(value.numel() for value in model.parameters())
    assert count == {totals(plan(spec)).cost.params}, count
    with torch.inference_mode():
        answer = model(prepare(torch.full((1, *INPUT), 0.5)))[0]
    print(f"{{count:,}} trained parameters; {said}")
"""


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
    cost, words = totals(plan(spec)).cost, _row_words(spec)
    return f"""
if __name__ == "__main__":
    model = ResNet()
    count = sum(value.numel() for value in model.parameters())
    assert count == {cost.params}, count
    print(f"{{count:,}} parameters; {words} of one picture: {{tuple(model.eval()(torch.zeros(1, *INPUT)).shape)}}")
"""


def _row_words(spec: ResNetSpec) -> str:
    """What the network puts out."""
    return "logits" if HEADS[spec.head].classifies else "features"


class _Text(NamedTuple):
    """A class of the file, and the texts that it needs above it."""

    text: str
    sources: list[str]


def _constants(spec: ResNetSpec) -> str:
    """The numbers of the design."""
    grouped = regrouped(spec)
    lines = [
        f"INPUT = {spec.input}  # channels, height, width",
        *[f"CLASSES = {spec.classes}"] * HEADS[spec.head].classifies,
        f"BLOCKS = {spec.blocks}  # of each stage",
        f"WIDTHS = {spec.widths}  # channels of the 3×3 convolutions"
        + (" for 64 of which a group has WIDTH_PER_GROUP" if grouped else ""),
        f"STRIDES = {spec.stage_steps}  # of the first block of each stage",
        f"STEM = {spec.stem_channels}  # channels that the stem puts out",
        f"EXPANSION = {BLOCKS[spec.block].expansion}  # channels that a block puts out, over its width",
    ]
    if spec.dilated_stages:
        lines += [f"DILATIONS = {spec.stage_dilations}  # of each stage; its first window has that of the stage before"]
    lines += [f"GROUPS, WIDTH_PER_GROUP = {spec.groups}, {spec.width_per_group}"] * grouped
    if applies(spec, "se_ratio") and spec.se_ratio:
        lines += [f"RATIO = {spec.se_ratio}  # reduction of squeeze-and-excitation"]
    if spec.stochastic_depth:
        lines += [f"STOCHASTIC_DEPTH = {spec.stochastic_depth}  # probability of dropping the last branch"]
    return "\n".join(lines)


def _knows_first(spec: ResNetSpec) -> bool:
    return sharing(spec) == Sharing.FIRST_OR_CHANGED


def _block(spec: ResNetSpec) -> _Text:
    """The class of the residual block."""
    builder = SourceBuilder(spec, "inputs", "outputs")
    builder.made.append("outputs = width * EXPANSION")
    if BLOCKS[spec.block].grouped:
        inner = "int(width * (WIDTH_PER_GROUP / 64)) * GROUPS" if regrouped(spec) else "width"
        builder.made.append(f"inner = {inner}")
    residual_block(builder)
    builder.finish()
    made, forward = builder.result()
    first = ", first: bool = False" if _knows_first(spec) else ""
    drop = ", drop: float = 0.0" if spec.stochastic_depth else ""
    dilated = ", dilation: int, entry: int" if spec.dilated_stages else ""
    what = f"{BLOCKS[spec.block].title.capitalize()} block, {ORDERS[spec.order].title} order"
    text = f"""class Block(nn.Module):
    \"\"\"{what}; shortcuts: {SHORTCUTS[spec.shortcut].title}.

    He et al. 2015, Fig. 5; He et al. 2016, Fig. 4.
    \"\"\"

    def __init__(self, inputs: int, width: int, stride: int{dilated}{first}{drop}) -> None:
        super().__init__()
{made}

    def forward(self, x: Tensor) -> Tensor:
{forward}"""
    return _Text(text, builder.sources)


def _stages(spec: ResNetSpec) -> list[str]:
    """The loop over stages and blocks."""
    first, drop, dilated = _knows_first(spec), bool(spec.stochastic_depth), bool(spec.dilated_stages)
    arguments = "inputs, width, stride if number == 0 else 1"
    arguments += ", dilation, entry" * dilated
    arguments += ", first=seen == 0" * first + ", drop=drop" * drop
    names = ["blocks", "width", "stride", *["dilation"] * dilated]
    rows = ["BLOCKS", "WIDTHS", "STRIDES", *["DILATIONS"] * dilated]
    return [
        "inputs = STEM",
        *["seen = 0"] * (first or drop),
        *["before = 1"] * dilated,
        f"for stage, ({', '.join(names)}) in enumerate(zip({', '.join(rows)}), start=1):",
        "    row = []",
        "    for number in range(blocks):",
        *["        drop = STOCHASTIC_DEPTH * (seen + 1) / sum(BLOCKS)"] * drop,
        *["        entry = before if number == 0 else dilation"] * dilated,
        f"        row.append(Block({arguments}))",
        "        inputs = width * EXPANSION",
        *["        seen += 1"] * (first or drop),
        '    self.add_module(f"layer{stage}", nn.Sequential(*row))',
        *["    before = dilation"] * dilated,
    ]


def _network(spec: ResNetSpec) -> _Text:
    """The class of the network."""
    before = SourceBuilder(spec, "INPUT[0]", "STEM", "x")
    stem(before)
    after = SourceBuilder(spec, "inputs", "inputs", "x")
    last_activation(after)
    _head(spec, after)
    stages = ["for stage in range(1, len(BLOCKS) + 1):", '    x = self.get_submodule(f"layer{stage}")(x)']
    lines = [*before.made, *_stages(spec), *after.made, "self.apply(self._initialise)", *_initial_values(spec)]
    body = indent("\n".join(lines), " " * 8)
    forward = indent("\n".join([*before.forward, *stages, *after.forward]), " " * 8)
    return _Text(
        f'''class ResNet(nn.Module):
    """From pictures (N, C, H, W) to {_row_words(spec)}."""

    def __init__(self) -> None:
        super().__init__()
{body}

    def forward(self, x: Tensor) -> Tensor:
{forward}

    @staticmethod
    def _initialise(module: nn.Module) -> None:
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)''',
        [*before.sources, *after.sources],
    )


def _head(spec: ResNetSpec, after: SourceBuilder) -> None:
    """Pooling or flattening, hidden layers, and the last linear layer."""
    choice = HEADS[spec.head]
    if not choice.classifies:
        after.forward.append(f"return {choice.call.format(x='x')}")
        return
    after.forward.append(f"x = {choice.call.format(x='x')}")
    _, height, width = plan(spec).stages[-1].output
    after.channels = "inputs" if choice.pools else f"inputs * {height} * {width}"
    if spec.hidden:
        with after.line():
            for number, count in enumerate(spec.hidden):
                after.window(f"hidden.{2 * number}", LINEAR, str(count), kernel=1)
                after.activate(f"hidden.{2 * number + 1}", named=True)
    after.made.append(f"self.fc = nn.Linear({after.channels}, CLASSES)")
    after.forward.append("return self.fc(x)")


def _initial_values(spec: ResNetSpec) -> list[str]:
    """What begins at a value of its own: gates almost closed, branches that give zero."""
    lines: list[str] = []
    if applies(spec, "gate_bias"):
        lines += [f"nn.init.constant_(module.gate[0].bias, {float(spec.gate_bias)})"]
    if spec.zero_init:
        block = plan(spec).stages[0].blocks[0]
        last = [layer.name for layer in block.main() if KINDS[layer.kind].zeroed][-1]
        lines += [f"nn.init.zeros_(module.{last}.weight)"]
    if not lines:
        return []
    return [
        "for module in self.modules():",
        "    if isinstance(module, Block):",
        *(f"        {line}" for line in lines),
    ]
