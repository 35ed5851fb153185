"""Small networks by the names and in the manner of public programs, written here from what they compute."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.checkpoints.public_networks import Parts, conv, pooled, stages

Block = Callable[[int, int, int], nn.Module]
WIDTHS = [8, 16, 24, 32]


def rows_net(stem: nn.Module, block: Block, first: str, names: str, head: str, grow: int = 1) -> nn.Module:
    """A stem called ``first``, four stages called ``names`` with their numbers, a head."""
    rows = stages(block, WIDTHS, [1, 2, 1, 1], grow)
    begin = 2 if names.startswith("conv") else 1
    named = {names.format(number): row for number, row in enumerate(rows, start=begin)}

    def run(me: Any, x: Tensor) -> Tensor:
        x = me.get_submodule(first)(x)
        for name in named:
            x = me.get_submodule(name)(x)
        y: Tensor = me.get_submodule(head)(pooled(x))
        return y

    return Parts(run, **{first: stem}, **named, **{head: nn.Linear(WIDTHS[-1] * grow, 5)})


def biased_stem(*, bias: bool = True) -> nn.Sequential:
    return nn.Sequential(conv(3, WIDTHS[0], bias=bias), nn.BatchNorm2d(WIDTHS[0]), nn.ReLU())


def projected(inputs: int, out: int, stride: int, *, norm: bool, bias: bool = True) -> nn.Module:
    """A projection where the shape changes: a convolution alone, or a row with its norm."""
    if stride == 1 and inputs == out:
        return nn.Sequential()
    projection = conv(inputs, out, 1, stride, bias=bias)
    return nn.Sequential(projection, nn.BatchNorm2d(out)) if norm else projection


def norm_first(inputs: int, out: int, kernel: int, stride: int = 1) -> list[nn.Module]:
    return [nn.BatchNorm2d(inputs), nn.ReLU(), conv(inputs, out, kernel, stride, bias=True)]


def norm_last(inputs: int, out: int, kernel: int, stride: int = 1, *, activated: bool = True) -> list[nn.Module]:
    layers = [conv(inputs, out, kernel, stride, bias=True), nn.BatchNorm2d(out)]
    return [*layers, nn.ReLU()] if activated else layers


def residual_preact(*, bottleneck: bool) -> nn.Module:
    """Pre-activation whose shortcuts all read the raw input; bottlenecks stride in their first convolution."""

    def block(inputs: int, width: int, stride: int) -> nn.Module:
        if bottleneck:
            branch = [*norm_first(inputs, width, 1, stride), *norm_first(width, width, 3),
                      *norm_first(width, 4 * width, 1)]  # fmt: skip
        else:
            branch = [*norm_first(inputs, width, 3, stride), *norm_first(width, width, 3)]
        out = width * (4 if bottleneck else 1)
        return Parts(lambda me, x: me.residual(x) + me.shortcut(x), residual=nn.Sequential(*branch),
                     shortcut=projected(inputs, out, stride, norm=False))  # fmt: skip

    return rows_net(biased_stem(), block, "pre", "stage{}", "linear", 4 if bottleneck else 1)


def residual_excited(*, bottleneck: bool) -> nn.Module:
    """Squeeze-and-excitation that reads the branch's activated end."""

    def block(inputs: int, width: int, stride: int) -> nn.Module:
        out = width * (4 if bottleneck else 1)
        if bottleneck:
            branch = [*norm_last(inputs, width, 1), *norm_last(width, width, 3, stride), *norm_last(width, out, 1)]
        else:
            branch = [*norm_last(inputs, width, 3, stride), *norm_last(width, width, 3)]
        gate = nn.Sequential(nn.Linear(out, out // 2), nn.ReLU(), nn.Linear(out // 2, out), nn.Sigmoid())

        def run(me: Any, x: Tensor) -> Tensor:
            y = me.residual(x)
            return functional.relu(y * me.excitation(pooled(y))[..., None, None] + me.shortcut(x))

        return Parts(run, residual=nn.Sequential(*branch), shortcut=projected(inputs, out, stride, norm=True),
                     excitation=gate)  # fmt: skip

    return rows_net(biased_stem(), block, "pre", "stage{}", "linear", 4 if bottleneck else 1)


def survived() -> nn.Module:
    """Stochastic depth: branches scaled by a probability, and nothing behind the addition."""

    def block(inputs: int, width: int, stride: int) -> nn.Module:
        branch = nn.Sequential(*norm_last(inputs, width, 3, stride), *norm_last(width, width, 3, activated=False))
        return Parts(lambda me, x: 0.7 * me.residual(x) + me.shortcut(x), residual=branch,
                     shortcut=projected(inputs, width, stride, norm=True))  # fmt: skip

    return rows_net(biased_stem(), block, "conv1", "conv{}_x", "fc")


def grouped_ones() -> nn.Module:
    """A ResNeXt whose first 1×1 convolutions are grouped too."""

    def block(inputs: int, width: int, stride: int) -> nn.Module:
        branch = nn.Sequential(
            nn.Conv2d(inputs, width, 1, groups=4, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
            nn.Conv2d(width, width, 3, stride, 1, groups=4, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
            conv(width, 4 * width, 1), nn.BatchNorm2d(4 * width),
        )  # fmt: skip
        return Parts(lambda me, x: functional.relu(me.split_transforms(x) + me.shortcut(x)), split_transforms=branch,
                     shortcut=projected(inputs, 4 * width, stride, norm=True, bias=False))  # fmt: skip

    return rows_net(biased_stem(bias=False), block, "conv1", "conv{}", "fc", 4)


def narrowed(part: int = 4) -> nn.Module:
    """Cadene's SENet-154: a part of the width in front, grouped windows, projections of 3×3 where blocks stride."""

    def block(inputs: int, width: int, stride: int) -> nn.Module:
        out, first, changes = 4 * width, 4 * width // part, stride > 1 or inputs != 4 * width
        main = {
            "conv1": conv(inputs, first, 1), "bn1": nn.BatchNorm2d(first),
            "conv2": nn.Conv2d(first, out, 3, stride, 1, groups=8, bias=False), "bn2": nn.BatchNorm2d(out),
            "conv3": conv(out, out, 1), "bn3": nn.BatchNorm2d(out),
            "se_module": nn.ModuleDict({"fc1": conv(out, out // 16, 1, bias=True),
                                        "fc2": conv(out // 16, out, 1, bias=True)}),
        }  # fmt: skip
        projection = nn.Sequential(conv(inputs, out, 3 if stride > 1 else 1, stride), nn.BatchNorm2d(out))

        def run(me: Any, x: Tensor) -> Tensor:
            y = functional.relu(me.bn2(me.conv2(functional.relu(me.bn1(me.conv1(x))))))
            y, gates = me.bn3(me.conv3(y)), me.se_module
            gate = torch.sigmoid(gates["fc2"](functional.relu(gates["fc1"](y.mean((2, 3), keepdim=True)))))
            return functional.relu(y * gate + (me.downsample(x) if changes else x))

        return Parts(run, **main, **({"downsample": projection} if changes else {}))

    stem = nn.ModuleDict({"conv1": conv(3, 8, 3, 2), "bn1": nn.BatchNorm2d(8), "conv2": conv(8, 8),
                          "bn2": nn.BatchNorm2d(8), "conv3": conv(8, 16), "bn3": nn.BatchNorm2d(16)})  # fmt: skip
    rows = [nn.Sequential(block(16, 8, 1), block(32, 8, 1)), nn.Sequential(block(32, 16, 2), block(64, 16, 1))]
    named = {f"layer{number}": row for number, row in enumerate(rows, start=1)}

    def run(me: Any, x: Tensor) -> Tensor:
        for number in (1, 2, 3):
            x = functional.relu(me.layer0[f"bn{number}"](me.layer0[f"conv{number}"](x)))
        x = functional.max_pool2d(x, 3, 2, ceil_mode=True)
        y: Tensor = me.last_linear(pooled(me.layer2(me.layer1(x))))
        return y

    return Parts(run, layer0=stem, **named, last_linear=nn.Linear(64, 5))


def halved() -> nn.Module:
    """SENet-154 as it is: half of the width in front."""
    return narrowed(2)


class Standardised(nn.Conv2d):
    """A convolution whose weights have mean 0 and variance 1 for each channel, as BiT computes them."""

    def forward(self, x: Tensor) -> Tensor:
        variance, mean = torch.var_mean(self.weight, dim=(1, 2, 3), keepdim=True, unbiased=False)
        weight = (self.weight - mean) / torch.sqrt(variance + 1e-10)
        return functional.conv2d(x, weight, None, self.stride, self.padding)


def big_transfer() -> nn.Module:
    """Two stages of BiT by its authors' names: unit01, a norm and a 1×1 convolution as the head."""
    widths = [64, 128]

    def unit(inputs: int, width: int, stride: int) -> nn.Module:
        out, changes = 4 * width, stride > 1 or inputs != 4 * width

        def run(me: Any, x: Tensor) -> Tensor:
            first = functional.relu(me.gn1(x))
            y = me.conv2(functional.relu(me.gn2(me.conv1(first))))
            end: Tensor = me.conv3(functional.relu(me.gn3(y))) + (me.downsample(first) if changes else x)
            return end

        last = {"downsample": Standardised(inputs, out, 1, stride, bias=False)} if changes else {}
        return Parts(run, gn1=nn.GroupNorm(32, inputs), conv1=Standardised(inputs, width, 1, bias=False),
                     gn2=nn.GroupNorm(32, width), conv2=Standardised(width, width, 3, stride, 1, bias=False),
                     gn3=nn.GroupNorm(32, width), conv3=Standardised(width, out, 1, bias=False), **last)  # fmt: skip

    body = nn.ModuleDict({
        "block1": nn.ModuleDict({"unit01": unit(64, 64, 1), "unit02": unit(256, 64, 1)}),
        "block2": nn.ModuleDict({"unit01": unit(256, 128, 2)}),
    })  # fmt: skip
    root = nn.ModuleDict({"conv": Standardised(3, 64, 7, 2, 3, bias=False)})
    head = nn.ModuleDict({"gn": nn.GroupNorm(32, 4 * widths[-1]), "conv": nn.Conv2d(4 * widths[-1], 5, 1)})

    def run(me: Any, x: Tensor) -> Tensor:
        # Zeros around the map, and not -inf as torch's pooling has them: "subtly not the same".
        x = functional.max_pool2d(functional.pad(me.root["conv"](x), (1, 1, 1, 1)), 3, 2)
        for block in me.body.values():
            for each in block.values():
                x = each(x)
        y: Tensor = me.head["conv"](functional.relu(me.head["gn"](x)).mean((2, 3), keepdim=True))
        return y[..., 0, 0]

    return Parts(run, root=root, body=body, head=head)


def places_wide(classes: int = 5) -> nn.Module:
    """torchvision's ResNet-18 by its names, without the pooling of its stem (Places365's "wideresnet18")."""
    import torchvision

    network: nn.Module = torchvision.models.resnet18(num_classes=classes)
    network.maxpool = nn.Identity()
    return network
