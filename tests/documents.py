"""What the documents name in code, and whether the tree has it; ``test_documents`` asks.

A name stands between backticks, outside of the blocks that are run or shown as a whole. It is a path (of the repository
or of the package; NAME and FIELD stand for any name), a command, or a word of the code.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

from tests.sources import nodes_of, uncollected

PLACEHOLDERS = re.compile(r"(?<![A-Za-z])(FIELD|NAME)(?![A-Za-z])")
FILE = re.compile(r"[\w.*-]*\.[a-z]+")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")
PLACED = re.compile(r"`(\w+)`\s+(?:of|in)\s+`([\w/]+\.py)`")
SPAN = re.compile(r"`([^`]+)`")

FOREIGN = frozenset(["python3", "pip", "install", "xvfb-run", "-a", "--help", "from", "import", "True"])
"""Words of the commands of others, and of Python."""


def without_blocks(markdown: str) -> str:
    """The text without its fenced blocks."""
    return re.sub(r"^```.*?^```", "", markdown, flags=re.MULTILINE | re.DOTALL)


def words_of(source: str) -> Iterator[str]:
    """The words of one file of code: what it defines, takes, sets and imports, and its texts but for docstrings."""
    nodes = nodes_of(source)
    said = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield name
            case ast.keyword(arg=str(name)):
                yield name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                modules = [alias.name for alias in names] + [getattr(node, "module", None) or ""]
                yield from (part for module in modules for part in module.split("."))
            case ast.Constant(value=str(text)) if id(node) not in said:
                yield text


def defined_in(source: str) -> frozenset[str]:
    """The classes, functions and values that a file gives names to; what it only imports or uses is not among them."""
    nodes = nodes_of(source)
    made = {node.name for node in nodes if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)}
    return frozenset(
        made | {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    )


class Tree:
    """The files of the repository and the words of its code.

    Attributes:
        root: of the repository.
    """

    def __init__(self, root: Path, package: str, computed: Iterable[str] = ()) -> None:
        self.root, self._package, self._computed = root, root / package, frozenset(computed)

    @cached_property
    def words(self) -> dict[str, frozenset[str]]:
        """File of code, below the repository -> its words. Tests are not read: some name what was given up."""
        files = [*self._package.rglob("*.py"), self.root / "dev.py"]
        with uncollected():
            return {
                path.relative_to(self.root).as_posix(): frozenset(words_of(path.read_text(encoding="utf-8")))
                for path in files
            }

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word of the code, with those that it works out, and those of others."""
        return frozenset().union(self._computed, FOREIGN, *self.words.values())

    def has_path(self, name: str) -> bool:
        """Whether a path is there: below the repository or the package, or for a bare name anywhere in it."""
        pattern = PLACEHOLDERS.sub("*", name.rstrip("/"))
        bare = "/" not in pattern
        if bare and pattern.startswith("."):
            pattern = f"*{pattern}"
        folders = (self.root, self._package)
        if any(next(folder.glob(pattern), None) is not None for folder in folders):
            return True
        inside = (self._package, self.root / "tests", self.root / "assets")
        return bare and any(next(folder.rglob(pattern), None) is not None for folder in inside)

    def has(self, span: str) -> bool:
        """Whether what stands between two backticks is there."""
        if self.has_word(span):
            return True
        if re.fullmatch(r"[\w./*-]+", span) and ("/" in span or FILE.fullmatch(span)) and self.has_path(span):
            return True
        if ending := re.fullmatch(r"\.\.\.(\w+)", span):
            return any(word.endswith(ending[1]) for word in self.vocabulary)
        if call := re.fullmatch(r"([\w.]+)\(.*\)", span, re.DOTALL):
            return self.has_word(call[1])
        if given := re.fullmatch(r"(\w+)=\S+", span):
            return self.has_word(given[1])
        return " " in span and all(self.has(part.strip("',")) for part in span.split())

    def has_word(self, word: str) -> bool:
        """Whether the code has a word, or every part of a dotted name."""
        return word in self.vocabulary or all(part in self.vocabulary for part in word.split("."))

    def defines(self, file: str, word: str) -> bool:
        """Whether a file that has this path, or this name, defines the word."""
        paths = (path for path in self.words if f"/{path}".endswith(f"/{file}"))
        return any(word in defined_in((self.root / path).read_text(encoding="utf-8")) for path in paths)


def faults(markdown: str, tree: Tree, folder: Path) -> list[str]:
    """What a document of a folder names and the tree has not."""
    text = without_blocks(markdown)
    found = [f"`{span}`" for span in SPAN.findall(text) if not tree.has(span)]
    found += [f"`{word}` of `{file}`" for word, file in PLACED.findall(text) if not tree.defines(file, word)]
    return found + [f"({target})" for target in LINK.findall(text) if not (folder / target).exists()]


def blocks(markdown: str, language: str = "") -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", markdown, flags=re.MULTILINE | re.DOTALL)
