"""Traced passes: the bits of the network, and the network itself wherever there is no such trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from resnet_gui.design.spec import ResNetSpec
from resnet_gui.network.activation_ranges import activation_ranges
from resnet_gui.network.fusion import folded
from resnet_gui.network.quantised import quantised
from resnet_gui.network.traced import MOST_LAYERS, MOST_PICTURES, MOST_TRACES, TracedNetwork
from tests.conftest import examples
from tests.designs import designs
from tests.network.test_fusion import narrow, quick_forms, stirred


class CountedPasses(nn.Module):
    """A network that counts how often Python goes through it."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network, self.passes = network, 0

    def forward(self, x: Tensor) -> Tensor:
        self.passes += 1
        made: Tensor = self.network(x)
        return made


def check_traced(network: nn.Module, x: Tensor) -> None:
    """A trace gives the same bits, also for another picture of the same shape, and without Python."""
    counted = CountedPasses(network)
    answering = TracedNetwork(counted)
    with torch.inference_mode():
        other = torch.rand_like(x)
        expected = [network(x), network(other)]
        assert torch.equal(answering(x), expected[0])
        answering.record()
        before = counted.passes
        assert torch.equal(answering(x), expected[0])
        assert torch.equal(answering(other), expected[1])
    assert counted.passes == before


@pytest.mark.parametrize(
    "name", ["resnet18", "resnet50", "preact_resnet110", "seresnet18", "resnet110_exclusive_gating"]
)
@pytest.mark.parametrize("pictures", [1, 3])
def test_a_trace_gives_the_bits_of_the_network(name: str, pictures: int) -> None:
    spec = narrow(name, most=1)
    x = torch.randn(pictures, *spec.input).contiguous(memory_format=torch.channels_last)
    for network in quick_forms(stirred(spec)):
        check_traced(network, x)


@pytest.mark.parametrize("name", ["resnet18", "resnet50"])
def test_a_trace_of_a_network_of_bytes_gives_its_bits(name: str) -> None:
    spec = narrow(name, most=1)
    with torch.inference_mode():
        base = folded(stirred(spec)).to(memory_format=torch.channels_last)
        x = torch.randn(1, *spec.input).contiguous(memory_format=torch.channels_last)
        check_traced(quantised(base, activation_ranges(base, [x])), x)


@given(spec=designs(), seed=st.integers(0, 2**31), pictures=st.integers(1, MOST_PICTURES))
@examples(3)
def test_a_trace_gives_the_bits_of_the_network_over_the_space(spec: ResNetSpec, seed: int, pictures: int) -> None:
    x = torch.randn(pictures, *spec.input).contiguous(memory_format=torch.channels_last)
    check_traced(quick_forms(stirred(spec, seed))[1], x)


def passes_of(forward: Callable[[Tensor], Tensor], *inputs: Tensor) -> tuple[int, TracedNetwork]:
    """How often Python goes through a network for some inputs after a moment to record the first of them."""

    class Module(nn.Module):
        """A module that does what a function does."""

        def forward(self, x: Tensor) -> Tensor:
            return forward(x)

    counted = CountedPasses(Module())
    answering = TracedNetwork(counted)
    answering(inputs[0])
    answering.record()
    before = counted.passes
    for x in inputs:
        answering(x)
    return counted.passes - before, answering


def refuses(_x: Tensor) -> Tensor:
    raise RuntimeError("no such operator")


def test_what_cannot_be_traced_or_answers_otherwise_computes_as_before() -> None:
    x = torch.ones(1, 3)
    calls = iter(range(100))
    assert passes_of(lambda _x: torch.tensor(float(next(calls))), x)[0] == 1
    jit: Any = torch.jit
    assert passes_of(lambda x: refuses(x) if jit.is_tracing() else x + 1, x)[0] == 1


def test_few_pictures_are_traced_and_few_shapes_are_kept() -> None:
    assert passes_of(torch.neg, torch.ones(MOST_PICTURES, 3), torch.ones(MOST_PICTURES, 3))[0] == 0
    assert passes_of(torch.neg, torch.ones(MOST_PICTURES + 1, 3))[0] == 1
    _, answering = passes_of(torch.neg, torch.ones(1, 3))
    for wide in range(4, 10):
        answering(torch.ones(1, wide))
        answering.record()
    assert len(answering._traces) == MOST_TRACES


def test_nothing_is_recorded_before_an_answer() -> None:
    answering = TracedNetwork(nn.Identity())
    answering.record()
    assert answering._traces == {}


def test_a_network_of_very_many_layers_is_not_traced() -> None:
    deep = CountedPasses(nn.Sequential(*(nn.Conv2d(1, 1, 1, device="meta") for _ in range(MOST_LAYERS + 1))))
    answering = TracedNetwork(deep)
    answering(torch.ones(1, 1, 2, 2, device="meta"))
    answering.record()
    answering(torch.ones(1, 1, 2, 2, device="meta"))
    assert deep.passes == 2
    assert answering._traces == {}
