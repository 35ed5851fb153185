"""A 3×3 projection: h(x) = W ∗ x, a 3×3 window with a border of zeros (He et al. 2015, eq. 2).

Hu et al. 2017, details of SENet-154: in place of 1×1 projections of stride 2 alone.
"""

from __future__ import annotations

from hypothesis import given
from torch import Tensor
from torch.nn import functional

from resnet_gui.analysis.costs import block_receptive_fields, totals
from resnet_gui.checkpoints.identify import identify
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import evolve
from resnet_gui.design.tensors import tensor_shapes
from tests.conftest import examples
from tests.designs import designs
from tests.papers import Place, Written, assert_written


def compute(network: Written, x: Tensor, place: Place) -> tuple[Tensor, int]:
    name, stride = place.name, place.stride
    weight, step = network.filters(f"{name}.downsample.0"), place.steps[0]
    patches = functional.unfold(x, 3, padding=step, stride=stride, dilation=step)
    height, width = (-(-edge // stride) for edge in x.shape[2:])
    found = (weight.flatten(1) @ patches).view(len(x), len(weight), height, width)
    bias = network.values.get(f"{name}.downsample.0.bias")
    return (found if bias is None else found + bias.view(-1, 1, 1)), 1


def compute_where_strided(network: Written, x: Tensor, place: Place) -> tuple[Tensor, int]:
    # What dilates in place of striding has the weights that it would stride with.
    if place.stride > 1 or place.steps[0] != place.steps[1]:
        return compute(network, x, place)
    return network.conv(x, f"{place.name}.downsample.0", 1), 1


ORACLES = {"projection=conv3x3": compute, "projection=conv3x3_where_strided": compute_where_strided}


@given(spec=designs(projection="conv3x3") | designs(projection="conv3x3_where_strided"))
@examples(16)
def test_drawn_designs_compute_the_paper(spec: object) -> None:
    assert_written(spec)


def test_where_it_strides_alone_its_weights_tell_which_stages_stride_also_if_they_dilate_instead() -> None:
    spec = evolve(
        PRESETS["senet154"].spec, blocks=(1, 2, 1), widths=(8, 16, 32), strides=(1, 1, 2), stem_width=16, groups=1,
        width_per_group=64,
    )  # fmt: skip
    shapes = tensor_shapes(plan(spec))
    assert [shapes[f"layer{stage}.0.downsample.0.weight"][2:] for stage in (1, 2, 3)] == [(1, 1), (1, 1), (3, 3)]
    assert tensor_shapes(plan(evolve(spec, dilated_stages=1))) == shapes
    found = identify(shapes)
    assert (found.spec.blocks, found.spec.strides, found.spec.projection) == ((1, 2, 1), (1, 1, 2), spec.projection)
    assert "strides: by how much a stage strides whose projection tells that it does; taken: 1×1×2, by stage." in (
        found.undetermined
    )


def test_it_costs_nine_times_a_1x1_and_sees_no_more_than_the_branch() -> None:
    base = evolve(PRESETS["resnet18"].spec, input=(3, 64, 64))
    one, nine = (totals(plan(evolve(base, projection=key))).cost for key in ("conv", "conv3x3"))
    assert nine.params - one.params == 8 * (64 * 128 + 128 * 256 + 256 * 512)
    assert [field.size for field in block_receptive_fields(plan(base))] == [
        field.size for field in block_receptive_fields(plan(evolve(base, projection="conv3x3")))
    ]
