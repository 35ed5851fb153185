"""Copies of a network that share its weights."""

from __future__ import annotations

from typing import TypeVar

from torch import nn

M = TypeVar("M", bound=nn.Module)


def bare_copy(module: M) -> M:
    """The same module around the same values and inner modules; what is set on it or put in their places is its own."""
    made = module.__new__(type(module))
    # A module keeps its parameters, buffers, inner modules and hooks in dictionaries.
    own = {name: kept.copy() if isinstance(kept, dict) else kept for name, kept in module.__dict__.items()}
    made.__dict__.update(own)
    return made


def shared_copy(network: M) -> M:
    """A network with modules of its own around the values of another one, which stays as it is.

    What is set on its modules, hooked to them or put in their places is the copy's own, and its parameters want no
    gradient. Its values are the other's too: nobody may write them, but each can be replaced.
    """
    made = bare_copy(network)
    for name, parameter in network.named_parameters(recurse=False):
        made.register_parameter(name, nn.Parameter(parameter.detach(), requires_grad=False))
    for name, module in network.named_children():
        made.register_module(name, shared_copy(module))
    return made
