"""The lines of a step's script, its values and what its backward pass owes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor


class NotWrittenError(Exception):
    """The network has a layer for which no script is written, or too many; autograd computes it."""


class ScriptGradient(NamedTuple):
    """A gradient in the backward pass.

    Attributes:
        name: of its variable.
        own: whether nothing else reads it, so that it may be written over.
        where: the part of a map that it belongs to, as an index; empty for the whole map.
    """

    name: str
    own: bool
    where: str = ""


Backward = Callable[[ScriptGradient], ScriptGradient]
"""Writes the backward pass of a layer: from the gradient of what it made to that of what it read."""


class ScriptMap:
    """A feature map of the forward pass.

    Attributes:
        name: of its variable.
        again: the lines that make it again in the backward pass; none where it is kept.
        there: whether the backward pass has it by now.
        learns: whether a gradient is wanted for it.
        spare: whether no backward pass reads it, so that an addition may write over it.
    """

    def __init__(self, name: str, *, learns: bool = True, spare: bool = False, again: tuple[str, ...] = ()) -> None:
        self.name, self.learns, self.spare, self.again = name, learns, spare, again
        self.there = not again


class ScriptWriter:
    """The forward and backward lines of a step.

    Attributes:
        parameters: of the network, in the order of the script's list ``p``.
        buffers: of the network, in the order of the script's list ``b``.
        gradients: the variable of each parameter's gradient.
        futures: those of gradients that another thread computes, as futures.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.parameters: list[Tensor] = []
        self.buffers: list[Tensor] = []
        self.gradients: dict[int, str] = {}
        self.futures: dict[int, str] = {}
        self._count = 0

    def name(self, letter: str) -> str:
        """A variable that no other line has."""
        self._count += 1
        return f"{letter}{self._count}"

    def write(self, line: str) -> None:
        """Add a line."""
        self.lines.append(line)

    def parameter(self, value: Tensor) -> str:
        """The expression of a parameter.

        Raises:
            NotWrittenError: it does not learn, or is read twice.
        """
        if not value.requires_grad or any(value is each for each in self.parameters):
            raise NotWrittenError("a parameter that does not learn, or that two layers share")
        self.parameters.append(value)
        return f"p[{len(self.parameters) - 1}]"

    def buffer(self, value: Tensor) -> str:
        """The expression of a buffer."""
        self.buffers.append(value)
        return f"b[{len(self.buffers) - 1}]"

    def grade(self, parameter: str, name: str, *, future: bool = False) -> None:
        """Say which variable is the gradient of a parameter, or its future."""
        (self.futures if future else self.gradients)[int(parameter[2:-1])] = name

    def need(self, made: ScriptMap) -> str:
        """The variable of a map in the backward pass, which makes it again where it is not kept."""
        if not made.there:
            for line in made.again:
                self.write(line)
            made.there = True
        return made.name
