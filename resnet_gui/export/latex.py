"""A design as a LaTeX table in the form of He et al. 2015, Table 1."""

from __future__ import annotations

from itertools import groupby

from resnet_gui.analysis.costs import totals
from resnet_gui.design.choices import BLOCKS, CHOICES, HEADS, KINDS, NORMS, ORDERS, SHORTCUTS, STRIDES
from resnet_gui.design.layer_kind import Geometry
from resnet_gui.design.papers import citations
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import Design, ResNetSpec
from resnet_gui.design.structure import BlockPlan, LayerPlan, Plan, StagePlan
from resnet_gui.design.words import extras

# The characters that a name or a note can hold; pylatexenc knows thousands, for one line of code and a dependency.
_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "×": r"$\times$", "–": "--", "\n": " ", "\t": " ",
    "→": r"$\to$", "−": "$-$", "…": r"\ldots{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
}  # fmt: skip


def to_latex(design: Design) -> str:
    """A ``table`` environment; needs no package beyond LaTeX itself."""
    planned = plan(design.spec)
    cost = totals(planned).cost
    rows = [*_stem(planned), *(_stage(stage) for stage in planned.stages), _head(planned)]
    body = "\n\\hline\n".join(" & ".join(row) + r" \\" for row in rows)
    name = escape(design.name)
    sources = "\n".join(f"% {text}" for text in citations(design.spec))
    return f"""% Written by ResNet Explorer, in the form of He et al. 2015, Table 1.
{sources}
\\begin{{table}}
\\centering
\\renewcommand{{\\arraystretch}}{{1.2}}
\\begin{{tabular}}{{c|c|c}}
\\hline
layer name & output size & {name} \\\\
\\hline
{body}
\\hline
\\multicolumn{{2}}{{c|}}{{parameters}} & {_number(cost.params)} \\\\
\\multicolumn{{2}}{{c|}}{{multiply-accumulates}} & {_number(cost.macs)} \\\\
\\hline
\\end{{tabular}}
\\caption{{{name} for {_times(design.spec.input)} pictures. {_description(design.spec)}}}
\\end{{table}}
"""


def escape(text: str) -> str:
    """A text with everything that means something to LaTeX written out."""
    return "".join(_SPECIAL.get(letter, letter) for letter in text if letter in _SPECIAL or letter.isprintable())


def _number(value: int) -> str:
    return f"{value:,}".replace(",", r"\,")


def _times(shape: tuple[int, ...]) -> str:
    return "$" + r"\times".join(map(str, shape)) + "$"


def _size(layer: LayerPlan) -> str:
    return _times(layer.output[1:])


def _conv(layer: LayerPlan) -> str:
    """``3×3, 64``, with stride and groups where they are not 1."""
    more = rf",\ \mbox{{stride {layer.stride}}}" if layer.stride > 1 else ""
    more += rf",\ C={layer.groups}" if layer.groups > 1 else ""
    return rf"{layer.kernel}\times{layer.kernel},\ {layer.output[0]}{more}"


def _pool(layer: LayerPlan) -> str:
    """``3×3 max pool, stride 2``; an edge, which has no window, by its name alone."""
    title = KINDS[layer.kind].title.lower().replace("-", " ")
    window = rf"${layer.kernel}\times{layer.kernel}$ " if layer.kernel > 1 else ""
    return f"{window}{title}" + (f", stride {layer.stride}" if layer.stride > 1 else "")


def _stem(planned: Plan) -> list[list[str]]:
    windows = [layer for layer in planned.stem.layers if layer.kernel]
    rows: list[list[str]] = []
    for mixes, found in groupby(windows, key=lambda layer: KINDS[layer.kind].mixes):
        layers = list(found)
        name = "" if rows else "conv1"
        if mixes:
            text = r" \\ ".join(_conv(layer) for layer in layers)
            cell = f"${text}$" if len(layers) == 1 else rf"$\begin{{array}}{{c}} {text} \end{{array}}$"
            rows.append([name, _size(layers[-1]), cell])
        else:
            cell = ", ".join(map(_pool, layers))
            rows.append([name, _size(layers[-1]), cell])
    return rows


def _stage(stage: StagePlan) -> list[str]:
    block = stage.blocks[-1]
    cell = rf"${_brackets(block)} \times {len(stage.blocks)}$"
    strides = [layer.stride for layer in stage.blocks[0].on("main") if layer.stride > 1]
    if strides:
        cell += f", first with stride {strides[0]}"
    name = escape(stage.paper_name)
    return [name, _times(stage.output[1:]), cell]


def _brackets(block: BlockPlan) -> str:
    convs = [layer for layer in block.main() if KINDS[layer.kind].mixes]
    lines = []
    for layer in convs:
        groups = rf",\ C={layer.groups}" if layer.groups > 1 else ""
        lines.append(rf"{layer.kernel}\times{layer.kernel},\ {layer.output[0]}{groups}")
    inside = [layer for layer in block.layers if layer.part_of and KINDS[layer.kind].mixes]
    if inside:
        lines.append(rf"\mbox{{{inside[0].part_of.upper()}}},\ {inside[0].output[0]}")
    return r"\left[\begin{array}{c} " + r" \\ ".join(lines) + r" \end{array}\right]"


def _head(planned: Plan) -> list[str]:
    spec = planned.spec
    head = HEADS[spec.head]
    linear = [
        f"{layer.output[0]}-d fc"
        for layer in planned.head.layers
        if KINDS[layer.kind].geometry(layer) == Geometry.LINEAR
    ]
    return ["", r"$1\times1$" if head.pools else "", ", ".join([head.latex_text, *linear])]


def _description(spec: ResNetSpec) -> str:
    """The choices that the brackets do not show, in a sentence."""
    shortcut, order = SHORTCUTS[spec.shortcut], ORDERS[spec.order]
    normed = NORMS[spec.norm].kind is not None
    usual = [CHOICES[field] for field in ("norm", "activation")]
    parts = [f"Shortcuts: {shortcut.latex_text}" if shortcut.adds else shortcut.latex_text]
    parts += [f"order: {order.latex_text}"] * (normed or order is not next(iter(ORDERS.values())))
    chosen = [known[getattr(spec, first.field)] for known in usual if (first := next(iter(known.values())))]
    parts += [choice.latex_text for choice in chosen if choice is next(iter(CHOICES[choice.field].values()))]
    parts += ["stride on the $3\\times3$"] * (BLOCKS[spec.block].grouped and STRIDES[spec.stride_on].unit == 1)
    parts += [escape(text) for text in extras(spec)]
    return "; ".join(parts) + "."
