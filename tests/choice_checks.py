"""Choices of the design space as tests take them: all of them, each on a small design; and what knows each of them."""

from __future__ import annotations

import io
import itertools
import re
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any, Final

import torch

from resnet_gui.analysis.comparison import choices as compared
from resnet_gui.analysis.costs import totals
from resnet_gui.base.errors import SpecError
from resnet_gui.checkpoints.identify import identify
from resnet_gui.cli.main import main
from resnet_gui.design.applies import applies
from resnet_gui.design.bounds import Shape
from resnet_gui.design.choice import Choice, ShortcutChoice
from resnet_gui.design.choices import CHOICES
from resnet_gui.design.papers import PAPERS, citations
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, ResNetSpec, encode_design, evolve
from resnet_gui.design.tensors import tensor_shapes
from resnet_gui.design.words import describe
from resnet_gui.engine.export.verify import verify
from resnet_gui.export.latex import escape, to_latex
from resnet_gui.export.python import to_python
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.events import Verified
from tests.designs import FIRST
from tests.network.test_ledger import by_torch, by_torchinfo, counted
from tests.network.test_memory import check_activations

_SMALL: Final = ResNetSpec(
    **FIRST, blocks=(1, 2), widths=(8, 16), se_ratio=2, norm_groups=2, classes=3, input=(3, 18, 17)
)  # fmt: skip
"""Blocks that change the shape and one that keeps it; squeezing, and groups that fit every norm."""


def every_choice() -> list[tuple[str, str]]:
    """Field and key of everything that is registered."""
    return [(field, key) for field, known in CHOICES.items() for key in known]


def unusual_choices() -> list[tuple[str, str]]:
    """All but the first of each field, beside which a choice shows."""
    return [(field, key) for field, key in every_choice() if key != FIRST[field]]


def design_with(field: str, key: str) -> ResNetSpec:
    """A small design on which a choice acts; the other fields have their first choices, if it acts on those."""
    for block, shortcut in itertools.product(CHOICES["block"], CHOICES["shortcut"]):
        try:
            spec = evolve(_SMALL, **({"block": block, "shortcut": shortcut} | {field: key}))
        except SpecError:
            continue
        if applies(spec, field):
            return spec
    raise AssertionError(f"{field}={key} acts on no small design")


def usual_beside(spec: ResNetSpec, field: str) -> ResNetSpec:
    """The same design with the first choice of a field."""
    return evolve(spec, **{field: FIRST[field]})


def choice_of(spec: ResNetSpec, field: str) -> Choice:
    """What a design has chosen of a field."""
    choice: Choice = CHOICES[field][getattr(spec, field)]
    return choice


# ---- what knows a choice


def assert_known_everywhere(field: str, key: str, word: str = "", *, base: str = "") -> None:
    """Plan, costs, memory, export, words, comparison, LaTeX, references, identification and command line know a choice.

    Args:
        field, key: the choice.
        word: what its words hold.
        base: the preset that it is put into; a small design on which it acts if empty.
    """
    spec = evolve(PRESETS[base].spec, **{field: key}, input=(3, 32, 32)) if base else design_with(field, key)
    usual, choice = usual_beside(spec, field), choice_of(spec, field)
    assert any(word.casefold() in said.casefold() for said in (choice.short_text, *said_of(choice, spec)))
    assert_counted(spec)
    check_activations(spec, 2)
    assert_worded(spec, usual, field)
    assert_compared(spec, usual, field)
    assert_typeset(spec, usual, field)
    assert {PAPERS.get(reference, reference) for reference in choice.references} <= set(citations(spec))
    assert_identified(spec, field)
    with TemporaryDirectory() as folder:
        assert_exported(spec, Path(folder))
    assert summarised(spec) != summarised(usual)


SHOWN_BY_ROWS = {"block", "stem"}
"""Fields that a LaTeX table shows by its rows, and not by a word."""


def said_of(choice: Choice, spec: ResNetSpec) -> set[str]:
    """What a text may say of a choice: its own phrase if it has one, else its title."""
    return {choice.title if choice.phrase is None else choice.phrase(spec)} - {""}


def assert_counted(spec: ResNetSpec) -> None:
    """torchinfo has the plan's rows; its sums and torch's flops are what the ledger says of them."""
    total, entries = totals(plan(spec)), counted(spec)
    assert verify(1, spec) == Verified(1, total.rows, total.cost.params, total.cost.macs)
    model, pictures = ResNet(plan(spec)).eval(), torch.zeros(1, *spec.input)
    info = entries["torchinfo"]
    assert by_torchinfo(model, pictures) == (info.params, info.operations)
    assert by_torch(model, pictures) == 2 * total.cost.macs


def assert_worded(spec: ResNetSpec, usual: ResNetSpec, field: str) -> None:
    """A line that the usual design has not says it."""
    added = set(describe(spec)) - set(describe(usual))
    (phrase,) = said_of(choice_of(spec, field), spec)
    assert any(phrase in line for line in added), (phrase, added)


def assert_compared(spec: ResNetSpec, usual: ResNetSpec, field: str) -> None:
    """A row of the comparison has both choices, each by its word."""
    words = [{choice.compared_text, choice.short_text} for choice in (choice_of(usual, field), choice_of(spec, field))]
    cells = [row.texts for row in compared([usual, spec]) if row.differs]
    assert any(one in words[0] and other in words[1] for one, other in cells), (words, cells)


def assert_typeset(spec: ResNetSpec, usual: ResNetSpec, field: str) -> None:
    """The LaTeX table's caption or head says it, or its rows show it; its papers are named above."""
    text, other = (to_latex(Design(name="it", spec=each)) for each in (spec, usual))
    choice = choice_of(spec, field)
    parts = [re.split(r"; |\. |\.}| & |, ", each) for each in (text, other)]
    added = {part for part in parts[0] if part not in parts[1]}
    words = {escape(word) for word in (*said_of(choice, spec), choice.latex_text)}
    said = any(word in part for word in words for part in added)
    assert said or field in SHOWN_BY_ROWS, (words, added)
    rows = [each.partition(r"\begin{tabular}")[2].partition(r"\end{tabular}")[0] for each in (text, other)]
    assert rows[0] != rows[1] or field not in SHOWN_BY_ROWS
    for reference in choice.references:
        assert f"% {PAPERS.get(reference, reference)}\n" in text


def assert_exported(spec: ResNetSpec, folder: Path) -> None:
    """The exported file's network has the same tensors, and computes the same."""
    built, mine = exported(to_python(Design(name="it", spec=spec)), folder).ResNet(), ResNet(plan(spec))
    assert {*built.state_dict()} == {*mine.state_dict()}
    built.load_state_dict(mine.state_dict())
    pictures = torch.randn(2, *spec.input)
    with torch.no_grad():
        # Sums may run in another order, as those of pooling where channels lie last.
        torch.testing.assert_close(built.eval()(pictures), mine.eval()(pictures))


def exported(text: str, folder: Path) -> Any:
    """The module that an exported file is."""
    module = ModuleType("exported")
    path = folder / "exported.py"
    path.write_text(text, encoding="utf-8")
    exec(compile(text, str(path), "exec"), module.__dict__)  # noqa: S102 (a file of the program's own)
    return module


def named(choice: Choice) -> str:
    """What a list of choices with the same tensors calls one."""
    return choice.named if isinstance(choice, ShortcutChoice) else choice.short_text


def shapes_of(spec: ResNetSpec) -> dict[str, Shape]:
    return dict(tensor_shapes(plan(spec)))


def assert_identified(spec: ResNetSpec, field: str) -> None:
    """It is found, or a question about its field is open: whenever another choice has the same tensors, and only then.

    A question that lists choices lists every one with these tensors.
    """
    shapes = shapes_of(spec)
    alike = [key for key in CHOICES[field] if shapes_of_other(spec, field, key) == shapes]
    found = identify(shapes)
    assert (found.unmatched, {*found.names.values()}) == ((), {*shapes})
    assert shapes_of(found.spec) == shapes
    questions = [sentence for sentence in found.undetermined if sentence.startswith(f"{field}: ")]
    assert questions or len(alike) == 1, alike
    assert getattr(found.spec, field) in alike
    for question in questions:
        assert "; taken: " in question
        if field in {"shortcut", "order"} and len(alike) > 1:
            assert all(named(CHOICES[field][key]) in question for key in alike), question


def shapes_of_other(spec: ResNetSpec, field: str, key: str) -> dict[str, Shape]:
    """The tensors of the same design with another choice; none where it refuses."""
    try:
        return shapes_of(evolve(spec, **{field: key}))
    except ValueError:
        return {}


@cache
def summarised(spec: ResNetSpec) -> str:
    """What ``resnet-gui summary`` says: it has a line for each layer with its kind."""
    with TemporaryDirectory() as folder, redirect_stdout(io.StringIO()) as out:
        file = Path(folder, "it.json")
        file.write_bytes(encode_design(Design(name="it", spec=spec)))
        assert main(["summary", str(file), "--verify"]) == 0
    text = out.getvalue()
    assert folder not in text
    lines = [line.split()[:2] for line in text.splitlines()]
    for path, layer in plan(spec).layers():
        assert [path, layer.kind] in lines
    return text
