"""The LaTeX table: it would compile, everything special is escaped, and its rows are the plan's."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_gui.analysis.costs import totals
from resnet_gui.design.choices import KINDS, STEMS
from resnet_gui.design.papers import citations
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, ResNetSpec, evolve
from resnet_gui.export.latex import escape, to_latex
from tests.designs import designs

ESCAPED = re.compile(
    r"\\[&%$#_{}]|\\text(?:backslash|asciitilde|asciicircum|less|greater|bar|quotedbl)\{\}|\$\\times\$"
)  # fmt: skip


def body(text: str) -> list[str]:
    """The lines without the comments."""
    return [line for line in text.splitlines() if not line.startswith("%")]


def cells(text: str) -> list[list[str]]:
    """The rows of the table; a row break inside brackets is no end of a row."""
    inside = text.split(r"\begin{tabular}{c|c|c}")[1].split(r"\end{tabular}", maxsplit=1)[0]
    rows = [line.removesuffix(r"\\").strip() for line in inside.splitlines() if line.endswith(r"\\")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)&", row)] for row in rows]


def check_balance(text: str) -> None:
    """Braces, environments, brackets and dollars come in pairs."""
    depth = 0
    for sign in re.findall(r"(?<!\\)[{}]", text):
        depth += 1 if sign == "{" else -1
        assert depth >= 0
    assert depth == 0
    open_environments: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", text):
        if kind == "begin":
            open_environments.append(name)
        else:
            assert open_environments.pop() == name
    assert open_environments == []
    assert text.count(r"\left[") == text.count(r"\right]")
    for line in body(text):
        assert len(re.findall(r"(?<!\\)\$", line)) % 2 == 0, line


def number(text: str) -> int:
    return int(text.replace(r"\,", ""))


def convolutions(cell: str) -> list[tuple[int, int, int]]:
    """Kernel, channels and groups of every convolution in a cell."""
    found = re.findall(r"(\d+)\\times(\d+),\\ (\d+)(?:,\\ \\mbox\{stride \d+\})?(?:,\\ C=(\d+))?", cell)
    assert all(height == width for height, width, _, _ in found)
    return [(int(kernel), int(channels), int(groups or 1)) for kernel, _, channels, groups in found]


def check(spec: ResNetSpec) -> None:
    text = to_latex(Design(name="drawn", spec=spec))
    check_balance(text)
    planned = plan(spec)
    rows = cells(text)
    assert rows[0] == ["layer name", "output size", "drawn"]
    by_name = {row[0]: row for row in rows}
    for stage in planned.stages:
        _, size, cell = by_name[stage.paper_name.replace("_", r"\_")]
        assert size == rf"${stage.output[1]}\times{stage.output[2]}$"
        convs = [
            (layer.kernel, layer.output[0], layer.groups) for layer in stage.blocks[-1].on("main")
            if KINDS[layer.kind].mixes and not layer.part_of
        ]  # fmt: skip
        assert convolutions(cell) == convs
        assert rf"\times {len(stage.blocks)}$" in cell
        stride = spec.stage_steps[stage.index]
        assert (f"first with stride {stride}" in cell) == (stride > 1)
        assert (r"\mbox{SE}" in cell) == (spec.se_ratio > 0 and spec.attention == "se")
    stem = [layer for layer in planned.stem.layers if KINDS[layer.kind].mixes]
    assert by_name["conv1"][1] == rf"${stem[-1].output[1]}\times{stem[-1].output[2]}$"
    assert convolutions(by_name["conv1"][2]) == [(layer.kernel, layer.output[0], 1) for layer in stem]
    pools = [layer for layer in planned.stem.layers if layer.kernel > 1 and not KINDS[layer.kind].mixes]
    assert bool(pools) == STEMS[spec.stem].pools
    if pools:
        name, size, cell = rows[2]
        assert (name, size) == ("", rf"${pools[-1].output[1]}\times{pools[-1].output[2]}$")
        windows = re.findall(r"\$(\d+)\\times\1\$ (\w+) pool(?:, stride (\d+))?", cell)
        assert [(int(kernel), int(stride or 1)) for kernel, _, stride in windows] == [
            (layer.kernel, layer.stride) for layer in pools
        ]
        assert [word for _, word, _ in windows] == [KINDS[layer.kind].title.lower()[:3] for layer in pools]
    head = rows[-3]
    assert head[:2] == ["", r"$1\times1$" if spec.head != "flatten" else ""]
    assert re.findall(r"(\d+)-d fc", head[2]) == [
        str(count) for count in (*spec.hidden, spec.classes) if spec.head != "none"
    ]
    assert ("flatten" in head[2]) == (spec.head == "flatten")
    cost = totals(planned).cost
    assert [number(row[-1]) for row in rows[-2:]] == [cost.params, cost.macs]
    assert [row[0] for row in rows[-2:]] == [
        r"\multicolumn{2}{c|}{parameters}", r"\multicolumn{2}{c|}{multiply-accumulates}",
    ]  # fmt: skip


@given(spec=designs())
def test_the_table_of_a_drawn_design_is_balanced_and_has_the_plans_rows(spec: ResNetSpec) -> None:
    check(spec)


@pytest.mark.parametrize("name", PRESETS)
def test_the_table_of_every_preset_is_balanced_has_the_plans_rows_and_cites_its_papers(name: str) -> None:
    check(PRESETS[name].spec)
    text = to_latex(PRESETS[name].design)
    check_balance(text)
    comments = [line[2:] for line in text.splitlines() if line.startswith("% ")]
    assert comments[1:] == list(citations(PRESETS[name].spec))


def test_the_table_of_resnet_50_is_that_of_the_paper() -> None:
    rows = cells(to_latex(PRESETS["resnet50"].design))
    assert [row[0] for row in rows[1:7]] == ["conv1", "", *(rf"conv{stage}\_x" for stage in (2, 3, 4, 5))]
    assert [row[1] for row in rows[1:8]] == [
        rf"${size}\times{size}$" for size in (112, 56, 56, 28, 14, 7, 1)
    ]  # fmt: skip
    assert rows[1][2] == r"$7\times7,\ 64,\ \mbox{stride 2}$"
    assert rows[2][2] == r"$3\times3$ max pool, stride 2"
    assert rows[4][2] == (
        r"$\left[\begin{array}{c} 1\times1,\ 128 \\ 3\times3,\ 128 \\ 1\times1,\ 512 \end{array}\right] \times 4$, "
        "first with stride 2"
    )
    assert rows[7][2] == "average pool, 1000-d fc"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"shortcut": "A"}, "zero-padding"), ({"shortcut": "C"}, "projections everywhere"),
        ({"shortcut": "none"}, "No shortcuts"), ({"order": "full_preact"}, "full pre-activation"),
        ({"norm": "group", "norm_groups": 8}, "group normalisation with 8 groups"), ({"norm": "none"}, "no norms"),
        ({"activation": "gelu"}, "activation: GELU"), ({"ablation": "exclusive_gating"}, "exclusive gating"),
        ({"projection": "avg_pool"}, "average pooling before the projection"),
        ({"conv_bias": True}, "convolutions with biases"),
        ({"block": "bottleneck", "stride_on": "1x1"}, r"stride on the first 1$\times$1 (v1)"),
        ({}, "batch normalisation"), ({"dropout": 0.3}, "dropout 0.3"), ({"zero_init": True}, "begin at zero"),
        ({"stochastic_depth": 0.5}, "stochastic depth 0.5"), ({"projection_norm": False}, "projections without norm"),
    ],
)  # fmt: skip
def test_the_caption_says_what_the_brackets_do_not_show(changes: dict[str, object], says: str) -> None:
    design = Design(name="changed", spec=evolve(PRESETS["resnet18"].spec, **changes))
    caption = re.search(r"\\caption\{(.*)\}", to_latex(design))
    assert caption
    assert says in caption[1]


# ---- names


@given(text=st.text())
def test_nothing_special_is_left_of_an_escaped_text(text: str) -> None:
    left = ESCAPED.sub("", escape(text))
    assert not set(left) & set("\\&%$#_{}~^<>|\n")
    assert not re.search(r"[\x00-\x1f\x7f]", left)


def test_an_escaped_text_says_the_same() -> None:
    assert escape("plain ResNet-50 (v1)") == "plain ResNet-50 (v1)"
    assert escape("50% of a_b & c#") == r"50\% of a\_b \& c\#"
    assert escape("ResNeXt 32×4d") == r"ResNeXt 32$\times$4d"


@pytest.mark.parametrize(
    "name", [r"\input{/etc/passwd}", "a%b", "}", "{", "$", "~^", "two\nlines", "a\\", "\r\x0c\x7f&"]
)
def test_a_name_cannot_break_the_table(name: str) -> None:
    spec = PRESETS["digits-resnet"].spec
    text = to_latex(Design(name=name, spec=spec))
    check_balance(text)
    plain = to_latex(Design(name="plain", spec=spec))
    assert [row[:2] for row in cells(text)] == [row[:2] for row in cells(plain)]
    assert cells(text)[1:] == cells(plain)[1:]
    assert r"\input" not in text
    assert len(text.splitlines()) == len(plain.splitlines())
