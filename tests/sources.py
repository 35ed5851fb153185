"""The syntax trees of the package's files, parsed once for all tests that look through them (``conftest.TOGETHER``)."""

from __future__ import annotations

import ast
import contextlib
import gc
from collections.abc import Iterator
from functools import cache


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Python looks for garbage every few hundred new nodes, of which none is, and takes three times as long.

    Nor does a later collection look through the trees, a second each time; they hold no cycles and go when forgotten.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collects:
            gc.enable()


@cache
def parsed(source: str) -> ast.Module:
    """The tree of a source; not to be changed."""
    with uncollected():
        return ast.parse(source)


@cache
def nodes_of(source: str) -> tuple[ast.AST, ...]:
    """All nodes of a source, as ``ast.walk`` has them."""
    with uncollected():
        return tuple(ast.walk(parsed(source)))


def forget() -> None:
    """Let go of all trees: those of the whole package are 150 megabytes."""
    nodes_of.cache_clear()
    parsed.cache_clear()
