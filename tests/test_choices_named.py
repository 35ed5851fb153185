"""A choice of the design space is named by its own file alone: whoever else needs one asks the registry."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterable, Iterator

import pytest

from resnet_gui.design import kinds
from resnet_gui.design.choices import CHOICES, KINDS
from resnet_gui.design.layer_kind import LayerKind
from tests.rooms import FILES, PACKAGE, ROOT
from tests.sources import nodes_of

OWN = ("design/choices/", "design/kinds/")
"""Where choices are at home."""

COMPARING = "lab/experiments/"
"""Where choices are what an experiment compares, as its paper names them: a file each, as choices have."""

NAMED = {
    "design/presets.py": "a published network is a row of choices",
    "checkpoints/conventions.py": "what the names of known programs tell is a row of choices",
    "checkpoints/inference.py": "what a reading of tensors is taken for where they do not tell more",
    "design/spec.py": "the defaults of a design",
    "training/starters.py": "designs to begin with",
    "lab/networks.py": "the networks of papers that experiments compare",
}
"""Files that name choices, and why."""

BORROWED = {
    ("engine/export/verify.py", "relu"): "torchvision's name for a module that it calls several times",
    ("network/layers.py", "relu"): "torch's word for a gain",
    ("checkpoints/networks.py", "original"): "the weights before a parametrisation, as torch names them",
    ("data/layouts/part_names.py", "original"): "a word of folder names",
    ("export/lab_text.py", "group"): "what an experiment needs, by which the list is in groups",
    ("protocol/attribution_settings.py", "blurred"): "the picture itself, blurred: where an attribution begins",
    ("engine/explain/attribution/blank.py", "blurred"): "the same",
    ("gui/predict/explain/attribution_words.py", "blurred"): "the same",
}
"""Words of others that are a choice's key too."""

ORDINARY = {
    "none": "nothing chosen, of anything",
    "conv": "a kind of layer that every design has",
    "flatten": "a kind of layer that every design has",
    "dropout": "a field of designs, and a kind of layer",
    "batch": "several pictures",
    "imagenet": "a data set",
    "cifar": "a data set",
}
"""Keys that mean other things too: they are a choice only beside its field."""


def kinds_of_one_choice() -> set[str]:
    """Kinds of layers that stand in the file of a choice, and in no file of common kinds."""
    modules = [
        importlib.import_module(f"{kinds.__name__}.{found.name}") for found in pkgutil.iter_modules(kinds.__path__)
    ]
    common = {value.key for module in modules for value in vars(module).values() if isinstance(value, LayerKind)}
    return set(KINDS) - common


TELLING = {key for known in CHOICES.values() for key in known} - set(ORDINARY) | kinds_of_one_choice()
"""Words that are a choice wherever they stand."""


def texts(node: ast.AST) -> list[str]:
    return [one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def field_of(node: ast.AST) -> str:
    """The field that an expression reads, as ``spec.stem`` or ``stem``; empty for anything else."""
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name if name in CHOICES else ""


def named(source: str) -> Iterator[str]:
    """Each choice that a module names: by a word that is nothing else, or by one beside its field."""
    nodes = nodes_of(source)
    yield from telling(nodes)
    yield from beside_fields(nodes)
    yield from looked_up(nodes)


def telling(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Words that are a choice wherever they stand; parts of longer texts are none."""
    parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in nodes:
        if isinstance(node, ast.Constant) and node.value in TELLING and id(node) not in parts:
            yield str(node.value)


def beside_fields(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Choices that a field is compared with, or set to."""
    for node in nodes:
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
            case ast.AnnAssign(target=ast.Name(id=field), value=ast.Constant(value=str(key))):
                if key in CHOICES.get(field, {}):
                    yield key


def looked_up(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Choices that a table of choices is asked for, or a field is matched with."""
    for node in nodes:
        match node:
            case ast.Subscript(value=ast.Name(id=table), slice=ast.Constant(value=str(key))) if table.isupper():
                if any(key in choices for choices in CHOICES.values()):
                    yield key
            case ast.Match(subject=subject, cases=cases) if field := field_of(subject):
                yield from (text for case in cases for text in texts(case.pattern) if text in CHOICES[field])


def test_no_other_file_names_a_choice() -> None:
    found = {
        (file, name)
        for file in FILES
        if not file.startswith((*OWN, COMPARING))
        for name in named((ROOT / PACKAGE / file).read_text(encoding="utf-8"))
    }
    assert sorted(place for place in found if place[0] not in NAMED and place not in BORROWED) == []
    assert {file for file, _ in found} == {*NAMED, *(file for file, _ in BORROWED)}
    assert set(BORROWED) <= found


def test_every_ordinary_word_is_a_choice() -> None:
    assert set(ORDINARY) <= {key for known in CHOICES.values() for key in known}


@pytest.mark.parametrize(
    "source",
    [
        "if spec.stem == 'deep': ...",
        "if 'cifar' != stem: ...",
        "if spec.norm in {'batch', 'x'}: ...",
        "evolve(spec, shortcut='none')",
        "fields = {'norm': 'batch' if a else b}",
        "BLOCKS['bottleneck'].expansion",
        "HEADS['flatten']",
        "class Spec:\n    stem: str = 'cifar'",
        "match spec.head:\n    case 'flatten': ...",
        "def projection():\n    return 'avg_pool'",
        "if layer.kind == 'bn': ...",
        "SLOPES = {'leaky_relu': 0.01}",
        "match layer.kind:\n    case 'group_norm': ...",
        "names = ['prelu']",
        "taken = 'B', starts",
    ],
)
def test_a_choice_that_is_named_is_found(source: str) -> None:
    assert len(set(named(source))) == 1


@pytest.mark.parametrize(
    "source",
    [
        "if data == 'cifar': ...",
        "layout = {'align': 'none'}",
        "Curve(order=0.1)",
        "if layer.kind == 'conv': ...",
        "name = f'bn{place}'",
        "sentence = 'no relu here'",
        "match data:\n    case 'imagenet': ...",
    ],
)
def test_the_same_word_elsewhere_is_no_choice(source: str) -> None:
    assert list(named(source)) == []
