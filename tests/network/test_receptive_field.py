"""The receptive field of every row, its size, its stride and its place, is the support of a real gradient."""

from __future__ import annotations

from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn

from resnet_gui.analysis.costs import ReceptiveField, block_receptive_fields, rows, totals
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.design.structure import Plan
from resnet_gui.network.resnet import ResNet


class One(nn.Module):
    """A gate that does not ask."""

    def forward(self, x: Tensor) -> Tensor:
        """Ones, which no pixel changes."""
        return torch.ones_like(x)


def linearised(planned: Plan) -> ResNet:
    """The network with positive weights, without activations and with mean for max: gradients cannot cancel or die.

    The gate of squeeze-and-excitation, which sees the whole picture, is 1: the field leaves it out.
    """
    torch.manual_seed(0)
    model = ResNet(planned).double().eval()
    for path, module in list(model.named_modules()):
        parent, _, name = path.rpartition(".")
        replacement: nn.Module | None = None
        if isinstance(module, nn.ReLU | nn.LeakyReLU | nn.GELU | nn.SiLU):
            replacement = nn.Identity()
        elif path.endswith("se.sigmoid"):
            replacement = One()
        elif isinstance(module, nn.MaxPool2d):
            replacement = nn.AvgPool2d(3, stride=2, padding=1)
        elif isinstance(module, nn.Conv2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            with torch.no_grad():
                module.weight /= module.weight[0].numel()
        if replacement is not None:
            setattr(model.get_submodule(parent), name, replacement)
    return model


def outputs(model: nn.Module, x: Tensor, paths: list[str]) -> dict[str, Tensor]:
    seen: dict[str, Tensor] = {}
    for path in paths:
        model.get_submodule(path).register_forward_hook(
            lambda _module, _inputs, output, path=path: seen.update({path: output})
        )
    model(x)
    return seen


def support(output: Tensor, unit: tuple[int, int], x: Tensor) -> list[tuple[int, int]]:
    """First and last row, first and last column of the pixels that a unit depends on."""
    (gradient,) = torch.autograd.grad(output[0, :, unit[0], unit[1]].sum(), x, retain_graph=True)
    reached = gradient[0].abs().sum(0) > 0
    return [(int(found.min()), int(found.max())) for found in (reached.any(1).nonzero(), reached.any(0).nonzero())]


def whole(field: ReceptiveField, units: int, pixels: int) -> list[int]:
    """Units along an axis whose field lies inside the picture."""
    return [
        unit
        for unit in range(units)
        if field.left + unit * field.jump >= 0 and field.right + unit * field.jump < pixels
    ]


def expected(field: ReceptiveField, unit: tuple[int, int]) -> list[tuple[int, int]]:
    return [(field.left + place * field.jump, field.right + place * field.jump) for place in unit]


class Field(NamedTuple):
    """A design, and the size, the stride and the centre of its field worked out by hand."""

    spec: ResNetSpec
    size: int
    jump: int
    centre: float


FIELDS = {
    # Size: 1 + Σ (kernel − 1) · jump along the path; centre: half of what the windows add less the padding.
    "cifar-basic-A": Field(
        ResNetSpec(block="basic", blocks=(1, 2), widths=(2, 3), shortcut="A", stem="cifar", input=(1, 49, 45)), 21, 2, 0
    ),
    "v1.5": Field(ResNetSpec(block="bottleneck", blocks=(1, 2), widths=(1, 2), input=(1, 131, 123)), 43, 8, 0),
    "v1": Field(
        ResNetSpec(block="bottleneck", blocks=(1, 2), widths=(1, 2), stride_on="1x1", input=(1, 131, 123)), 51, 8, 0
    ),
    "v1-C": Field(
        ResNetSpec(
            block="bottleneck", blocks=(2, 1), widths=(1, 2), stride_on="1x1", shortcut="C", stem="cifar",
            input=(1, 49, 45),
        ),
        11, 2, 0,
    ),
    # Stem: 3, 7, 11, and 15 after the pooling; first stage 15 + 8 + 8, second 31 + 8 + 16.
    "resnet-d": Field(
        ResNetSpec(
            block="basic", blocks=(1, 1), widths=(2, 3), stem="deep", projection="avg_pool", input=(1, 121, 111)
        ),
        55, 8, 0,
    ),
    "deep-stem-se": Field(
        ResNetSpec(block="basic", blocks=(1,), widths=(4,), stem="deep", se_ratio=2, input=(2, 71, 75)), 31, 4, 0
    ),
    "full-preact": Field(
        ResNetSpec(
            block="bottleneck", blocks=(1, 2), widths=(1, 2), order="full_preact", stem="3x3", input=(1, 61, 67)
        ),
        19, 4, 0,
    ),
    "gating": Field(
        ResNetSpec(
            block="basic", blocks=(1, 1), widths=(2, 3), stem="cifar", ablation="exclusive_gating", shortcut="A",
            input=(1, 33, 37),
        ),
        13, 2, 0,
    ),
    "strides-of-3": Field(
        ResNetSpec(block="basic", blocks=(1, 1), widths=(2, 3), strides=(3, 3), stem="cifar", input=(1, 96, 101)),
        35, 9, 0,
    ),
    "strides-of-4-averaged": Field(
        ResNetSpec(
            block="bottleneck", blocks=(1, 1), widths=(1, 1), strides=(1, 4), stem="7x7", projection="avg_pool",
            stride_on="1x1", input=(1, 96, 101),
        ),
        27, 8, 0,
    ),
    "averaged-beyond-the-branch": Field(
        # The branch sees −2 to 2; a window of four pixels, each −1 to 1, sees −1 to 4: an even window moves the centre.
        ResNetSpec(
            block="bottleneck", blocks=(1,), widths=(2,), strides=(4,), stem="cifar", projection="avg_pool",
            input=(1, 41, 45),
        ),
        7, 4, 1,
    ),
    "plain": Field(
        ResNetSpec(block="basic", blocks=(1, 1), widths=(2, 2), shortcut="none", input=(1, 131, 123)), 51, 8, 0
    ),
}  # fmt: skip


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_the_field_of_every_row_is_the_support_of_a_real_gradient_unit_by_unit(field: Field) -> None:
    planned = plan(field.spec)
    model = linearised(planned)
    head = {layer.name for layer in planned.head.layers}
    body = [row for row in rows(planned) if row.path not in head and ".se." not in row.path]
    x = torch.rand(1, *field.spec.input, dtype=torch.float64, requires_grad=True)
    seen = outputs(model, x, [row.path for row in body])
    _, height, width = field.spec.input
    for row in body:
        down, across = (
            whole(row.field, units, pixels) for units, pixels in zip(row.layer.output[1:], (height, width), strict=True)
        )
        assert len(down) > 1, "two units at least, or the stride is not seen"
        assert len(across) > 1
        for unit in ((down[0], across[-1]), (down[1], across[0]), (down[-1], across[1])):
            assert support(seen[row.path], unit, x) == expected(row.field, unit), (row.path, unit)
    last = body[-1].field
    assert (last.size, last.jump, last.centre) == (field.size, field.jump, field.centre)
    assert totals(planned).receptive_field == field.size


@pytest.mark.parametrize(
    ("name", "size"), [("resnet18", 435), ("resnet50", 427), ("resnet50_v1", 483), ("resnet50d", 431), ("resnet20", 81)]
)
def test_the_field_of_a_published_network_is_the_support_of_a_real_gradient(name: str, size: int) -> None:
    preset = PRESETS[name].spec
    picture = (1, min(545, size + 110), min(583, size + 148))
    spec = evolve(preset, widths=(1,) * len(preset.blocks), stem_width=2, shortcut="B", input=picture, classes=1)
    planned = plan(spec)
    field = block_receptive_fields(planned)[-1]
    assert field.size == size == totals(plan(preset)).receptive_field
    last = f"layer{len(spec.blocks)}.{spec.blocks[-1] - 1}"
    x = torch.rand(1, *spec.input, dtype=torch.float64, requires_grad=True)
    output = outputs(linearised(planned), x, [last])[last]
    down, across = (whole(field, units, pixels) for units, pixels in zip(output.shape[2:], spec.input[1:], strict=True))
    for unit in ((down[0], across[-1]), (down[-1], across[0])):
        assert support(output, unit, x) == expected(field, unit)
