"""A choice of the design space is named by its own file alone: whoever else needs one asks the registry."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from resnet_gui.design.choices import CHOICES
from tests.rooms import FILES, PACKAGE, ROOT

OWN = ("design/choices/", "design/kinds/")
"""Where choices are at home."""

NAMED = {
    "design/presets.py": "a published network is a row of choices",
    "checkpoints/identify.py": "what a reading of tensors is taken for where they do not tell more",
    "design/spec.py": "the defaults of a design",
}
"""Files that name choices, and why."""


def texts(node: ast.AST) -> list[str]:
    return [one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def field_of(node: ast.AST) -> str:
    """The field that an expression reads, as ``spec.stem`` or ``stem``; empty for anything else."""
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name if name in CHOICES else ""


def named(source: str) -> Iterator[str]:
    """Each choice that a module names: compared with, set, or looked up in a table of choices."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Compare(left=left, comparators=others):
                sides = [left, *others]
                for side in sides:
                    found = [text for other in sides if other is not side for text in texts(other)]
                    yield from (text for text in found if (field := field_of(side)) and text in CHOICES[field])
            case ast.keyword(arg=str(field), value=ast.Constant(value=str(key))) if key in CHOICES.get(field, {}):
                yield key
            case ast.Dict(keys=keys, values=values):
                for name, value in zip(keys, values, strict=True):
                    if isinstance(name, ast.Constant) and name.value in CHOICES:
                        yield from (text for text in texts(value) if text in CHOICES[str(name.value)])
            case ast.Subscript(value=ast.Name(id=table), slice=ast.Constant(value=str(key))) if table.isupper():
                if any(key in choices for choices in CHOICES.values()):
                    yield key
            case ast.AnnAssign(target=ast.Name(id=field), value=ast.Constant(value=str(key))):
                if key in CHOICES.get(field, {}):
                    yield key


def test_no_other_file_names_a_choice() -> None:
    found = {
        file: sorted(set(named((ROOT / PACKAGE / file).read_text(encoding="utf-8"))))
        for file in FILES
        if not file.startswith(OWN)
    }
    assert {file: names for file, names in found.items() if names and file not in NAMED} == {}
    assert {file for file, names in found.items() if names} == set(NAMED)


@pytest.mark.parametrize(
    "source",
    [
        "if spec.stem == 'deep': ...",
        "if 'deep' != stem: ...",
        "if spec.block in {'basic', 'x'}: ...",
        "evolve(spec, shortcut='A')",
        "fields = {'norm': 'group' if a else b}",
        "BLOCKS['bottleneck'].expansion",
        "class Spec:\n    stem: str = 'cifar'",
    ],
)
def test_a_choice_that_is_named_is_found(source: str) -> None:
    assert len(set(named(source))) == 1


def test_the_same_word_elsewhere_is_no_choice() -> None:
    source = "if data == 'cifar': ...\nlayout = {'align': 'none'}\nCurve(order=0.1)\nif layer.kind == 'conv': ..."
    assert list(named(source)) == []
