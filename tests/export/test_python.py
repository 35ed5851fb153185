"""The exported Python file and design file against the built network: names, outputs, gradients, and odd names."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from types import ModuleType

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from resnet_gui.analysis.costs import totals
from resnet_gui.design.choices import KINDS
from resnet_gui.design.papers import citations
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, ResNetSpec, decode_design, encode_design, evolve, load_design, save_design
from resnet_gui.design.tensors import tensor_shapes
from resnet_gui.export.python import to_python
from resnet_gui.network.resnet import ResNet
from tests.conftest import daily, examples, one_of_each_kind
from tests.designs import designs
from tests.forks import Forks

CLASSES = {"Block", "ResNet", "SqueezeExcitation", "ECA"} | {
    name for kind in KINDS.values() for name in re.findall(r"^class (\w+)", kind.source, re.MULTILINE)
}
ODD_NAMES = [
    'three """ quotes', "three ''' quotes", '"', '""""""', "ends with a backslash \\", '\\"""', "\\N{DASH}\\x\\u12",
    "two\nlines", "carriage\rreturn", '"""\nimport os\nos.abort()\n"""', "Ünïcödé 网络 🎉",
    "next\x85line\u2028and\u2029so", "form\x0cfeed", "nul\x00byte", "escape\x1b[31m", "turned\u202eround", "a" * 300,
    "long words " * 40, "{count} %s $x", "# coding: latin-1", "", " ",
]  # fmt: skip


def exported(spec: ResNetSpec, name: str = "drawn") -> ModuleType:
    """The module of a design's Python file."""
    module = ModuleType("exported")
    exec(compile(to_python(Design(name=name, spec=spec)), "exported.py", "exec"), module.__dict__)  # noqa: S102
    return module


def outputs(model: nn.Module, pictures: Tensor) -> Tensor:
    torch.manual_seed(3)  # of dropout and of dropped branches
    out: Tensor = model(pictures.clone())
    return out


def check_equal(spec: ResNetSpec) -> None:
    """Same names and shapes; with the same weights the same outputs, in training too, gradients and statistics."""
    theirs: nn.Module = exported(spec).ResNet()
    ours = ResNet(plan(spec))
    shapes = {name: tuple(tensor.shape) for name, tensor in ours.state_dict().items()}
    assert {name: tuple(tensor.shape) for name, tensor in theirs.state_dict().items()} == shapes
    with torch.no_grad():
        for name, tensor in ours.state_dict().items():
            if name.endswith("running_var"):
                tensor.uniform_(0.5, 2)
            elif tensor.is_floating_point():
                # Also what begins at 0 or 1 must be at its place.
                tensor.add_(0.1 * torch.randn_like(tensor))
    theirs.load_state_dict(ours.state_dict())
    pictures = torch.randn(2, *spec.input)
    with torch.no_grad():
        assert torch.equal(outputs(theirs.eval(), pictures), outputs(ours.eval(), pictures))
    made = [outputs(model.train(), pictures) for model in (theirs, ours)]
    assert torch.equal(*made)
    for out in made:
        out.square().sum().backward()  # type: ignore[no-untyped-call]
    gradients = {name: value.grad for name, value in theirs.named_parameters()}
    for name, value in ours.named_parameters():
        found = gradients[name]
        assert (found is None) == (value.grad is None), name
        if found is not None and value.grad is not None:
            assert torch.equal(found, value.grad), name
    after = theirs.state_dict()
    assert all(torch.equal(tensor, after[name]) for name, tensor in ours.state_dict().items())


@given(spec=designs())
@examples(20)
def test_the_file_builds_the_same_network_bit_for_bit(spec: ResNetSpec) -> None:
    check_equal(spec)


@pytest.mark.parametrize(
    ("name", "size"),
    daily([("resnet18d", 65), ("resnet20", 32)], [("resnet50", 33), ("resnext50_32x4d", 33), ("resnetv2_50", 33)]),
)
def test_the_file_of_a_preset_builds_the_same_network_bit_for_bit(name: str, size: int) -> None:
    spec = PRESETS[name].spec
    # What is written is a matter of the layers and their order; millions of weights are drawn for nothing.
    widths = tuple(width // 4 for width in spec.widths) if max(spec.widths) > 256 else spec.widths
    check_equal(evolve(spec, widths=widths, input=(3, size, size), classes=7))


@pytest.mark.parametrize("name", one_of_each_kind(PRESETS, most=30))
def test_the_file_of_every_preset_has_the_presets_tensors(name: str) -> None:
    spec = PRESETS[name].spec
    with torch.device("meta"):
        built = exported(spec).ResNet().state_dict()
    assert {key: tuple(tensor.shape) for key, tensor in built.items()} == tensor_shapes(plan(spec))


@given(spec=designs())
@examples(20)
def test_what_begins_at_a_constant_begins_there_in_the_file_too(spec: ResNetSpec) -> None:
    theirs = exported(spec).ResNet().state_dict()
    for name, tensor in ResNet(plan(spec)).state_dict().items():
        if tensor.numel() > 1 and torch.equal(
            tensor, tensor.flatten()[:1].expand(tensor.numel()).reshape(tensor.shape)
        ):
            assert torch.equal(theirs[name], tensor), name
        elif tensor.numel() > 1:
            assert theirs[name].unique().numel() > 1, name


def test_convolutions_begin_with_the_same_spread() -> None:
    spec = PRESETS["digits-resnet"].spec
    theirs = exported(spec).ResNet().state_dict()
    for name, tensor in ResNet(plan(spec)).state_dict().items():
        if tensor.numel() > 2000:
            assert theirs[name].std().item() == pytest.approx(tensor.std().item(), rel=0.1), name


# ---- the text


def check_text(design: Design) -> ast.Module:
    """Compiles, imports only torch, uses what it defines, has short lines and its facts in the docstring."""
    text = to_python(design)
    assert text.encode().decode() == text
    tree = ast.parse(text)
    compile(text, "exported.py", "exec", dont_inherit=True)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {module.split(".")[0] for module in imported} == {"torch"}
    assert not {"exec", "eval", "__import__", "open"} & {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    assert [line for line in text.splitlines() if len(line) > 120] == []
    assert [line for line in text.splitlines() if line != line.rstrip()] == []
    assert "\n\n\n\n" not in text
    assert text.endswith(")\n")
    return tree


def defined(tree: ast.Module) -> set[str]:
    """Names at the top of a file."""
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign):
            names |= {found.id for target in node.targets for found in ast.walk(target) if isinstance(found, ast.Name)}
    return names


@given(spec=designs())
def test_the_text_imports_only_torch_and_has_nothing_that_it_does_not_use(spec: ResNetSpec) -> None:
    tree = check_text(Design(name="drawn", spec=spec))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    assert defined(tree) - used == set()
    fields = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    written, read = ({node.attr for node in fields if isinstance(node.ctx, kind)} for kind in (ast.Store, ast.Load))
    assert written - read == set()
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    assert {"Block", "ResNet"} <= classes <= CLASSES
    assert ("ZeroPad" in classes) == (spec.shortcut == "A")
    assert ("SqueezeExcitation" in classes) == (spec.se_ratio > 0 and spec.attention == "se")
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert functions <= {"__init__", "forward", "_initialise", "drop_path"}


@pytest.mark.parametrize("name", PRESETS)
def test_the_text_of_every_preset_says_its_name_figures_and_papers(name: str) -> None:
    design = PRESETS[name].design
    said = " ".join((ast.get_docstring(check_text(design)) or "").split())
    cost = totals(plan(design.spec)).cost
    assert said.startswith(design.name)
    assert f"{cost.params:,} parameters, {cost.macs:,} multiply-accumulates" in said
    assert all(text in said for text in citations(design.spec))
    assert "He et al. 2015" in to_python(design)


@pytest.mark.parametrize("hidden", [(), (5,), (100_000,) * 4])
def test_many_hidden_layers_and_stages_keep_the_lines_short(hidden: tuple[int, ...]) -> None:
    wide = ResNetSpec(
        block="bottleneck", blocks=(100,) * 8, widths=(4096,) * 8, strides=(1,) * 8, stem="cifar", hidden=hidden,
        norm="group", projection="avg_pool", order="relu_before_addition", input=(3, 200, 200), head="flatten",
    )  # fmt: skip
    check_text(Design(name="wide", spec=wide))


@pytest.mark.parametrize("name", ODD_NAMES, ids=range(len(ODD_NAMES)))
def test_an_odd_name_stays_inside_the_docstring(name: str) -> None:
    spec = PRESETS["digits-resnet"].spec
    plain, odd = (check_text(Design(name=text, spec=spec)) for text in ("plain", name))
    assert isinstance(odd.body[0], ast.Expr)
    assert ast.get_docstring(odd)
    assert [ast.dump(node) for node in odd.body[1:]] == [ast.dump(node) for node in plain.body[1:]]
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", to_python(Design(name=name, spec=spec)))


@given(name=st.text())
def test_any_name_stays_inside_the_docstring(name: str) -> None:
    spec = PRESETS["digits-resnet"].spec
    tree = check_text(Design(name=name, spec=spec))
    plain = check_text(Design(name="plain", spec=spec))
    assert [ast.dump(node) for node in tree.body[1:]] == [ast.dump(node) for node in plain.body[1:]]


ALONE = """
import runpy, sys, warnings
warnings.simplefilter("error")
others = lambda: [name for name in sys.modules if name.partition(".")[0] in {"resnet_gui", "tests"}]
for name in others(): del sys.modules[name]
runpy.run_path("net.py", run_name="__main__")
assert not others()
"""


def test_the_file_runs_as_a_script_far_from_the_program(tmp_path: Path, forks: Forks) -> None:
    spec = evolve(PRESETS["seresnet18"].spec, shortcut="A", stochastic_depth=0.2, dropout=0.1)
    (tmp_path / "net.py").write_text(to_python(Design(name='a "net"', spec=spec)), encoding="utf-8")
    done = forks.run("-c", ALONE, cwd=tmp_path)
    params = totals(plan(spec)).cost.params
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{params:,} parameters; logits of one picture: (1, 1000)\n"


# ---- the design file


@given(spec=designs(), name=st.text())
def test_a_design_file_opens_again_as_the_same_design(spec: ResNetSpec, name: str) -> None:
    design = Design(name=name, spec=spec)
    assert decode_design(encode_design(design), "drawn") == design


@pytest.mark.parametrize("name", ["resnet50", "preact_resnet22", "digits-resnet"])
def test_a_saved_design_file_is_readable_json_that_loads(tmp_path: Path, name: str) -> None:
    design = PRESETS[name].design
    save_design(design, tmp_path / "design.json")
    assert load_design(tmp_path / "design.json") == design
    assert (tmp_path / "design.json").read_text(encoding="utf-8").splitlines()[1] == f'  "name": "{design.name}",'
