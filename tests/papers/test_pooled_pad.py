"""PyramidNet's shortcut, written from Han et al. 2017, section 3.3: mean of each window, then channels of zeros."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from torch import Tensor

from resnet_gui.analysis.costs import totals
from resnet_gui.base.errors import SpecError
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import evolve
from tests.conftest import examples
from tests.designs import designs
from tests.papers import Place, Shortcut, Written, assert_written


def compute(_network: Written, x: Tensor, place: Place) -> Tensor:
    stride = place.stride
    height, width = (-(-edge // stride) for edge in x.shape[2:])
    found = torch.zeros(len(x), place.channels, height, width, dtype=x.dtype)
    for row in range(height):
        for column in range(width):
            # A window that sticks out of the map averages what lies inside, so that sizes are the branch's.
            inside = x[:, :, row * stride : (row + 1) * stride, column * stride : (column + 1) * stride]
            found[:, : x.shape[1], row, column] = inside.mean((2, 3))
    return found


ORACLES = {"shortcut=pool": Shortcut(compute)}


@given(spec=designs(shortcut="pool", stem_width=1, norm="batch"))
@examples(8)
def test_drawn_designs_compute_the_paper(spec: object) -> None:
    assert_written(spec)


def test_it_learns_nothing() -> None:
    a, pooled = (totals(plan(evolve(PRESETS["resnet20"].spec, shortcut=key))).cost.params for key in ("A", "pool"))
    assert a == pooled == 269_722


def test_channels_may_not_shrink() -> None:
    with pytest.raises(SpecError, match="cannot go from 32 to 16 channels in stage 2"):
        evolve(PRESETS["resnet20"].spec, widths=(32, 16, 64), shortcut="pool")
