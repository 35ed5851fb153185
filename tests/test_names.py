"""Names: one word for one thing. CONTRIBUTING's glossary is the law, which these tests hold."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

import pytest

from tests.rooms import FILES, PACKAGE, ROOT
from tests.sources import forget, nodes_of

RETIRED = frozenset(
    [
        "Mouth",
        "Desk",
        "Agenda",
        "Asker",
        "Intake",
        "Answering",
        "Looks",
        "Looker",
        "Lookers",
        "Warm",
        "Library",
        "Opened",
        "Introduce",
        "Introduced",
        "Subject",
        "Insight",
        "Reach",
        "Spread",
        "Ladder",
        "Beginning",
        "Remedy",
        "Ink",
        "Traced",
        "TraceUnit",
        "Disclosure",
        "Workbench",
        "BEGINNINGS",
        "agenda",
        "anatomy",
        "asker",
        "beginning",
        "beginnings",
        "block_reaches",
        "desk",
        "disclosure",
        "insight",
        "intake",
        "introduced",
        "looker",
        "mouth",
        "reach_of",
        "reaches",
        "remedies",
        "remedy",
        "subject",
        "told",
        "Told",
    ]
)
"""Words that were given up, as names of whatever; the glossary of CONTRIBUTING has what stands for them."""

RETIRED_SIGNALS = frozenset(["told", "said", "came", "wanting", "wrong", "settled", "withdrawn"])
"""Words that were signals and did not say what had happened."""


def identifiers(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, int]]:
    """Every name that a module gives: classes, functions, parameters, variables, attributes; with its line."""
    for node in nodes:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name, node.lineno
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name, node.lineno
            case ast.arg(arg=name):
                yield name, node.lineno


def signals(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, int]]:
    """Every Qt signal of a module with its line."""
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="Signal"))):
                yield name, node.lineno


def retired(file: str, source: str) -> list[str]:
    """A sentence for each name, and each signal, that was given up; a leading underscore changes nothing."""
    nodes = nodes_of(source)
    names = [(name, line) for name, line in identifiers(nodes) if name.strip("_") in RETIRED]
    names += [(name, line) for name, line in signals(nodes) if name.strip("_") in RETIRED_SIGNALS]
    return [f"{file}:{line} {name}" for name, line in names]


def doubled(sources: dict[str, str]) -> list[str]:
    """A sentence for each class name, public or private, that stands twice."""
    places: dict[str, list[str]] = defaultdict(list)
    for file, source in sources.items():
        for node in nodes_of(source):
            if isinstance(node, ast.ClassDef):
                places[node.name.strip("_")].append(f"{file}:{node.lineno}")
    return [f"{name}: {', '.join(where)}" for name, where in sorted(places.items()) if len(where) > 1]


@pytest.fixture(scope="module")
def sources() -> Iterator[dict[str, str]]:
    yield {file: (ROOT / PACKAGE / file).read_text(encoding="utf-8") for file in FILES}
    forget()  # this file is the last that needs them


def test_no_two_classes_have_one_name(sources: dict[str, str]) -> None:
    assert doubled(sources) == []


def test_no_name_is_a_word_that_was_given_up(sources: dict[str, str]) -> None:
    assert [place for file, source in sources.items() for place in retired(file, source)] == []


def test_every_module_and_every_class_says_what_it_is(sources: dict[str, str]) -> None:
    silent = [
        f"{file}:{getattr(node, 'lineno', 1)}"
        for file, source in sources.items()
        for node in nodes_of(source)
        if isinstance(node, ast.Module | ast.ClassDef) and not ast.get_docstring(node)
    ]
    assert silent == []


ASKING = frozenset(["What", "How", "Which", "Where", "Who", "Whether", "From", "It"])
OBJECTS = frozenset(["the", "a", "an", "it", "one", "its", "what", "how", "which"])
"""Words behind a verb, as in "Asks the engine", and behind no plural, as in "Flags that other threads set"."""


def is_no_noun(docstring: str) -> bool:
    """Whether a class's docstring begins with a question or a verb, or says no more than "The form."."""
    words = re.findall(r"[\w'’-]+", docstring.split(".", maxsplit=1)[0])
    return len(words) < 3 or words[0] in ASKING or (words[0].endswith("s") and words[1] in OBJECTS)


def test_a_class_says_in_its_first_sentence_what_it_is(sources: dict[str, str]) -> None:
    vague = [
        f"{file}:{node.lineno} {node.name}"
        for file, source in sources.items()
        for node in nodes_of(source)
        if isinstance(node, ast.ClassDef) and is_no_noun(ast.get_docstring(node) or "")
    ]
    assert vague == []


@pytest.mark.parametrize("text", ["Does it.", "The form.", "Asks the engine, and tells the form.", "What a row shows."])
def test_a_docstring_without_a_noun_is_found(text: str) -> None:
    assert is_no_noun(text)


@pytest.mark.parametrize("text", ["The list of runs.", "Flags that other threads set.", "A residual block."])
def test_a_docstring_that_says_what_a_class_is_is_no_fault(text: str) -> None:
    assert not is_no_noun(text)


@pytest.mark.parametrize(
    "source",
    [
        "class Desk: ...",
        "class _Desk: ...",
        "def f(Looker): ...",
        "self._Insight = 1",
        "async def Warm(): ...",
        "BEGINNINGS = ()",
        "class A:\n    settled = Signal()",
        "class A:\n    _came = Signal(str)",
    ],
)
def test_a_word_that_was_given_up_is_found(source: str) -> None:
    assert len(retired("a.py", source)) == 1


def test_an_ordinary_word_is_no_fault() -> None:
    assert retired("a.py", "class Deskew:\n    changed = Signal()\n    def f(self, telling): ...\nsaid = Desk.x") == []


def test_a_class_name_that_stands_twice_is_found_also_when_one_is_private_or_inside_another() -> None:
    sources = {
        "a.py": "class Part: ...",
        "b.py": "class _Part: ...\nclass Other:\n    class Inner: ...",
        "c.py": "class Inner: ...",
    }
    assert doubled(sources) == ["Inner: b.py:3, c.py:1", "Part: a.py:1, b.py:1"]


DOMAIN = frozenset(["design", "recipe", "stage", "network", "epoch", "checkpoint", "resnet", "training"])
"""Words of what the program is about, which its kit of widgets does not know."""


def domain_words(source: str) -> list[str]:
    """The words of the domain in names, texts and comments of a module, without what it imports."""
    lines = [line for line in source.splitlines() if "resnet_gui" not in line]
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+", "\n".join(lines))]
    return sorted({word for word in words if word in DOMAIN or word.removesuffix("s") in DOMAIN})


def test_the_kit_knows_no_word_of_the_domain(sources: dict[str, str]) -> None:
    kit = {file: domain_words(source) for file, source in sources.items() if file.startswith("gui/kit/")}
    assert len(kit) > 10
    assert {file: words for file, words in kit.items() if words} == {}


@pytest.mark.parametrize(
    "source", ["class DesignField: ...", '"""Rows of stages."""', "self.epochs = 3", "# a network"]
)
def test_a_word_of_the_domain_is_found(source: str) -> None:
    assert domain_words(source) != []
