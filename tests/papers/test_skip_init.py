"""SkipInit, written from De and Smith 2020, section 3.2: x + α·F(x), α = 0 at the start."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from torch import Tensor, nn

from resnet_gui.analysis.costs import totals
from resnet_gui.base.errors import SpecError
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import evolve
from resnet_gui.network.block import Block
from resnet_gui.network.resnet import ResNet
from tests.conftest import examples
from tests.designs import designs
from tests.papers import Written, assert_written


def compute(network: Written, x: Tensor, name: str) -> Tensor:
    return network.values[f"{name}.branch_scale.weight"] * x


ORACLES = {"branch_scale=skip_init": compute}


@given(spec=designs(branch_scale="skip_init", shortcut="B", zero_init=False))
@examples(8)
def test_drawn_designs_compute_the_paper(spec: object) -> None:
    assert_written(spec)


def test_each_block_has_one_scalar_and_begins_as_the_identity() -> None:
    spec = evolve(PRESETS["preact_resnet110"].spec, branch_scale="skip_init", norm="none")
    plain = totals(plan(evolve(spec, branch_scale="none"))).cost
    assert totals(plan(spec)).cost.params == plain.params + sum(spec.blocks)
    network = ResNet(plan(spec)).eval()
    block = next(
        module for module in network.modules() if isinstance(module, Block) and not hasattr(module, "downsample")
    )
    x = torch.randn(2, 16, 8, 8)
    shared = (
        block.get_submodule("relu1")(x)
        if "shared" in {layer.branch for layer in plan(spec).stages[0].blocks[0].layers}
        else x
    )
    assert torch.equal(block(x), shared)
    assert isinstance(block.get_submodule("branch_scale").get_parameter("weight"), nn.Parameter)


def test_it_does_not_go_with_a_norm_that_begins_at_zero() -> None:
    with pytest.raises(SpecError, match="never learns"):
        evolve(PRESETS["resnet18"].spec, branch_scale="skip_init", zero_init=True)
