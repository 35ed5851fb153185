"""Optimisers without torch's compiler compute what torch's own do, and do not import it."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import torch
from torch import Tensor

from resnet_gui.engine.train.eager_optimisers import EagerAdamW, EagerSGD

KINDS = [
    (EagerSGD, torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    (EagerAdamW, torch.optim.AdamW, {}),
]


def trained(kind: Any, options: dict[str, Any]) -> tuple[list[Tensor], dict[str, Any]]:
    """Parameters after five steps, the state put into a new optimiser half way; and the last state."""
    generator = torch.Generator().manual_seed(0)
    values = [torch.randn(shape, generator=generator).requires_grad_() for shape in ((5, 3), (7,))]
    optimiser: Any = None
    for number in range(5):
        if number in {0, 3}:
            before = optimiser
            optimiser = kind(values[:1], lr=0.1, weight_decay=0.01, fused=True, **options)
            optimiser.add_param_group({"params": values[1:], "weight_decay": 0.0})
            if before is not None:
                optimiser.load_state_dict(before.state_dict())
        optimiser.zero_grad()
        torch.autograd.backward([value.square().sum() for value in values])
        optimiser.step()
    return values, optimiser.state_dict()


@pytest.mark.parametrize(("kind", "torchs", "options"), KINDS)
def test_the_compiler_is_not_imported_and_the_bits_are_those_of_torch(
    kind: Any, torchs: Any, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, state = trained(torchs, options)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "torch._dynamo", None)  # an import of it fails
        values, own = trained(kind, options)
    assert all(map(torch.equal, values, expected))
    assert own["param_groups"] == state["param_groups"]
    for key, kept in state["state"].items():
        assert all(torch.equal(own["state"][key][name], value) for name, value in kept.items())
