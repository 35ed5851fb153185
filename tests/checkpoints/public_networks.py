"""Networks as they come from the wild, in the manner of codes that many people have weights of; none is copied."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


def randomised(model: nn.Module, seed: int = 0) -> nn.Module:
    """A network in eval mode whose every value is random, statistics too; activations keep their size."""
    generator = torch.Generator().manual_seed(seed)
    for name, value in model.state_dict().items():
        if value.ndim > 1:
            value.normal_(std=value[0].numel() ** -0.5, generator=generator)
        elif name.endswith(("weight", "running_var")):
            value.uniform_(0.5, 1.5, generator=generator)
        elif value.is_floating_point():
            value.normal_(std=0.3, generator=generator)
    return model.eval()


def drawn(make: Callable[..., nn.Module], *names: str, **options: Any) -> nn.Module:
    """What a library makes by a name, randomised; the library draws nothing, as it would take longer than all else."""
    with torch.device("meta"):
        model = make(*names, **options)
    model.to_empty(device="cpu")
    for value in model.state_dict().values():
        value.zero_()
    return randomised(model)


class Parts(nn.Module):
    """Modules by any names, in this order, and what runs them."""

    def __init__(self, run: Callable[[Any, Tensor], Tensor], **parts: nn.Module) -> None:
        super().__init__()
        for name, part in parts.items():
            self.add_module(name, part)
        self.run = run

    def forward(self, x: Tensor) -> Tensor:
        return self.run(self, x)


def conv(inputs: int, out: int, kernel: int = 3, stride: int = 1, *, bias: bool = False) -> nn.Conv2d:
    return nn.Conv2d(inputs, out, kernel, stride, kernel // 2, bias=bias)


def pooled(x: Tensor) -> Tensor:
    return functional.adaptive_avg_pool2d(x, 1).flatten(1)


def in_rows(block: Callable[[int, int, int], nn.Module], rows: list[tuple[int, int, int]]) -> nn.Sequential:
    return nn.Sequential(*(block(*row) for row in rows))


def stages(
    block: Callable[[int, int, int], nn.Module], widths: list[int], counts: list[int], grow: int = 1
) -> list[nn.Sequential]:
    """Rows of blocks: the first of each but the first stage strides by 2."""
    inputs = widths[0]
    found = []
    for number, (width, count) in enumerate(zip(widths, counts, strict=True)):
        rows = [
            (inputs if each == 0 else width * grow, width, 2 if each == 0 and number else 1) for each in range(count)
        ]
        found.append(in_rows(block, rows))
        inputs = width * grow
    return found


def cifar_block(inputs: int, width: int, stride: int) -> nn.Module:
    """conv1, bn1, conv2, bn2 and a ``shortcut`` that is an empty row where nothing changes."""
    changes = stride != 1 or inputs != width
    shortcut = nn.Sequential(conv(inputs, width, 1, stride), nn.BatchNorm2d(width)) if changes else nn.Sequential()

    def run(me: Any, x: Tensor) -> Tensor:
        y = me.bn2(me.conv2(functional.relu(me.bn1(me.conv1(x)))))
        return functional.relu(y + me.shortcut(x))

    return Parts(run, conv1=conv(inputs, width, 3, stride), bn1=nn.BatchNorm2d(width), conv2=conv(width, width),
                 bn2=nn.BatchNorm2d(width), shortcut=shortcut)  # fmt: skip


def cifar_net(widths: list[int], counts: list[int], classes: int = 10, channels: int = 3) -> nn.Module:
    """The manner of the best known CIFAR collection: conv1, bn1, layer1 to layer4, ``linear``."""
    rows = stages(cifar_block, widths, counts)

    def run(me: Any, x: Tensor) -> Tensor:
        x = functional.relu(me.bn1(me.conv1(x)))
        for number in range(len(rows)):
            x = me.get_submodule(f"layer{number + 1}")(x)
        y: Tensor = me.linear(pooled(x))
        return y

    named = {f"layer{number + 1}": row for number, row in enumerate(rows)}
    return Parts(run, conv1=conv(channels, widths[0]), bn1=nn.BatchNorm2d(widths[0]), **named,
                 linear=nn.Linear(widths[-1], classes))  # fmt: skip


def residual_function_block(inputs: int, width: int, stride: int) -> nn.Module:
    """A bottleneck whose branch is one Sequential, activations inside it, and the shortcut another."""
    out = width * 4
    branch = nn.Sequential(
        conv(inputs, width, 1), nn.BatchNorm2d(width), nn.ReLU(), conv(width, width, 3, stride), nn.BatchNorm2d(width),
        nn.ReLU(), conv(width, out, 1), nn.BatchNorm2d(out),
    )  # fmt: skip
    changes = stride != 1 or inputs != out
    shortcut = nn.Sequential(conv(inputs, out, 1, stride), nn.BatchNorm2d(out)) if changes else nn.Sequential()
    return Parts(lambda me, x: functional.relu(me.residual_function(x) + me.shortcut(x)),
                 residual_function=branch, shortcut=shortcut)  # fmt: skip


def residual_function_net(widths: list[int], counts: list[int]) -> nn.Module:
    """conv1 is a row with its norm; conv2_x to conv5_x."""
    rows = stages(residual_function_block, widths, counts, grow=4)
    named = {f"conv{number}_x": row for number, row in enumerate(rows, start=2)}

    def run(me: Any, x: Tensor) -> Tensor:
        x = me.conv1(x)
        for name in named:
            x = me.get_submodule(name)(x)
        y: Tensor = me.fc(pooled(x))
        return y

    stem = nn.Sequential(conv(3, widths[0]), nn.BatchNorm2d(widths[0]), nn.ReLU())
    return Parts(run, conv1=stem, **named, fc=nn.Linear(widths[-1] * 4, 7))


def option_a_block(inputs: int, width: int, stride: int) -> nn.Module:
    """A CIFAR block whose shortcut takes every second pixel and pads with zeros on both sides."""

    def run(me: Any, x: Tensor) -> Tensor:
        y = me.bn2(me.conv2(functional.relu(me.bn1(me.conv1(x)))))
        if inputs != width:
            side = (width - inputs) // 2
            x = functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, side, side))
        return functional.relu(y + x)

    return Parts(run, conv1=conv(inputs, width, 3, stride), bn1=nn.BatchNorm2d(width), conv2=conv(width, width),
                 bn2=nn.BatchNorm2d(width), shortcut=nn.Sequential())  # fmt: skip


def option_a_net(count: int) -> nn.Module:
    """The paper's CIFAR network of 6n + 2 layers."""
    rows = stages(option_a_block, [16, 32, 64], [count] * 3)

    def run(me: Any, x: Tensor) -> Tensor:
        x = functional.relu(me.bn1(me.conv1(x)))
        y: Tensor = me.linear(pooled(me.layer3(me.layer2(me.layer1(x)))))
        return y

    return Parts(run, conv1=conv(3, 16), bn1=nn.BatchNorm2d(16), layer1=rows[0], layer2=rows[1], layer3=rows[2],
                 linear=nn.Linear(64, 10))  # fmt: skip


def unit(inputs: int, out: int, kernel: int = 3, stride: int = 1) -> nn.Module:
    """A convolution with its norm, and an activation that the caller asks for."""
    return Parts(lambda me, x: me.norm(me.convolution(x)), convolution=conv(inputs, out, kernel, stride),
                 norm=nn.BatchNorm2d(out))  # fmt: skip


def unit_block(inputs: int, width: int, stride: int) -> nn.Module:
    """The manner of a well-known hub: ``shortcut`` stands first, ``layer`` is a row of units."""

    def run(me: Any, x: Tensor) -> Tensor:
        y = me.layer[1](functional.relu(me.layer[0](x)))
        return functional.relu(y + (me.shortcut(x) if changes else x))

    changes = stride != 1 or inputs != width
    first = {"shortcut": unit(inputs, width, 1, stride)} if changes else {}
    return Parts(run, **first, layer=nn.Sequential(unit(inputs, width, 3, stride), unit(width, width)))


def unit_net(widths: list[int], counts: list[int]) -> nn.Module:
    """``resnet.embedder``, ``resnet.encoder.stages``, ``classifier.1``."""
    encoder = nn.ModuleDict({"stages": nn.ModuleList(stages(unit_block, widths, counts))})
    body = nn.ModuleDict({"embedder": unit(3, widths[0], 7, 2), "encoder": encoder})

    head = nn.Sequential(nn.Flatten(), nn.Linear(widths[-1], 5))
    return Parts(lambda me, x: me.classifier(pooled(_unit_body(me, x))), resnet=body, classifier=head)


def _unit_body(me: Any, x: Tensor) -> Tensor:
    x = functional.max_pool2d(functional.relu(me.resnet["embedder"](x)), 3, 2, 1)
    for row in me.resnet["encoder"]["stages"]:
        x = row(x)
    return x


def preact_block(inputs: int, width: int, stride: int) -> nn.Module:
    """Full pre-activation; norms stand before their convolutions, the shortcut is a row of one convolution."""
    changes = stride != 1 or inputs != width

    def run(me: Any, x: Tensor) -> Tensor:
        y = functional.relu(me.bn1(x))
        shortcut = me.shortcut(y) if changes else x
        out: Tensor = me.conv2(functional.relu(me.bn2(me.conv1(y)))) + shortcut
        return out

    last = {"shortcut": nn.Sequential(conv(inputs, width, 1, stride))} if changes else {}
    return Parts(run, bn1=nn.BatchNorm2d(inputs), conv1=conv(inputs, width, 3, stride), bn2=nn.BatchNorm2d(width),
                 conv2=conv(width, width), **last)  # fmt: skip


def preact_net(widths: list[int], counts: list[int], stem: int) -> nn.Module:
    """A wide pre-activation network: conv1, layer1 to layer3, ``bn``, ``linear``; norm and activation at the end."""
    inputs, rows = stem, []
    for number, (width, count) in enumerate(zip(widths, counts, strict=True)):
        first = (inputs, width, 2 if number else 1)
        rows.append(in_rows(preact_block, [first, *([(width, width, 1)] * (count - 1))]))
        inputs = width

    def run(me: Any, x: Tensor) -> Tensor:
        # The first block's input is nobody's sum, so its norm stands on both paths where it projects.
        y: Tensor = me.linear(pooled(functional.relu(me.bn(me.layers(me.conv1(x))))))
        return y

    return Parts(run, conv1=conv(3, stem), layers=nn.Sequential(*rows), bn=nn.BatchNorm2d(widths[-1]),
                 linear=nn.Linear(widths[-1], 6))  # fmt: skip


def tutorial_block(inputs: int, width: int, stride: int) -> nn.Module:
    """A video's bottleneck: biased convolutions, bn1 to bn3, ``identity_downsample`` last."""
    out = width * 4
    changes = stride != 1 or inputs != out

    def run(me: Any, x: Tensor) -> Tensor:
        y = functional.relu(me.bn1(me.conv1(x)))
        y = functional.relu(me.bn2(me.conv2(y)))
        y = me.bn3(me.conv3(y))
        return functional.relu(y + (me.identity_downsample(x) if changes else x))

    row = nn.Sequential(conv(inputs, out, 1, stride, bias=True), nn.BatchNorm2d(out))
    last = {"identity_downsample": row} if changes else {}
    return Parts(run, conv1=conv(inputs, width, 1, bias=True), bn1=nn.BatchNorm2d(width),
                 conv2=conv(width, width, 3, stride, bias=True), bn2=nn.BatchNorm2d(width),
                 conv3=conv(width, out, 1, bias=True), bn3=nn.BatchNorm2d(out), **last)  # fmt: skip


def tutorial_net(widths: list[int], counts: list[int], channels: int = 3) -> nn.Module:
    """The tutorial's ResNet with its 7×7 stem and pooling."""
    rows = stages(tutorial_block, widths, counts, grow=4)
    named = {f"layer{number}": row for number, row in enumerate(rows, start=1)}

    def run(me: Any, x: Tensor) -> Tensor:
        x = functional.max_pool2d(functional.relu(me.bn1(me.conv1(x))), 3, 2, 1)
        for name in named:
            x = me.get_submodule(name)(x)
        y: Tensor = me.fc(pooled(x))
        return y

    return Parts(run, conv1=conv(channels, widths[0], 7, 2, bias=True), bn1=nn.BatchNorm2d(widths[0]), **named,
                 fc=nn.Linear(widths[-1] * 4, 11))  # fmt: skip


def styled_block(inputs: int, width: int, stride: int, *, shortcut: str, row: bool, norm: bool, first: bool,
                 excited: str = "") -> nn.Module:  # fmt: skip
    """A basic block whose projection has any name, stands first or last, in a row or not, with a norm or without.

    ``excited`` is "linear" or "conv": what squeeze-and-excitation is made of.
    """
    changes = stride != 1 or inputs != width
    projection: dict[str, nn.Module] = {}
    if changes:
        parts = [conv(inputs, width, 1, stride), *([nn.BatchNorm2d(width)] if norm else [])]
        names = [shortcut, f"{shortcut}_bn"]
        projection = {shortcut: nn.Sequential(*parts)} if row else dict(zip(names, parts, strict=False))
    squeezed = max(8, width // 16)
    excitation = {}
    if excited:

        def make(inputs: int, out: int) -> nn.Module:
            return nn.Linear(inputs, out) if excited == "linear" else conv(inputs, out, 1, bias=True)

        excitation = {"se": nn.Sequential(make(width, squeezed), nn.ReLU(), make(squeezed, width), nn.Sigmoid())}

    def run(me: Any, x: Tensor) -> Tensor:
        y = me.bn2(me.conv2(functional.relu(me.bn1(me.conv1(x)))))
        if excited:
            z = y.mean((2, 3)) if excited == "linear" else y.mean((2, 3), keepdim=True)
            y = y * me.se(z).reshape(*y.shape[:2], 1, 1)
        for name in projection:
            x = me.get_submodule(name)(x)
        return functional.relu(y + x)

    main: dict[str, nn.Module] = {"conv1": conv(inputs, width, 3, stride), "bn1": nn.BatchNorm2d(width),
                                  "conv2": conv(width, width), "bn2": nn.BatchNorm2d(width), **excitation}  # fmt: skip
    return Parts(run, **({**projection, **main} if first else {**main, **projection}))


def styled_net(head: str, **style: Any) -> nn.Module:
    """A small ResNet whose blocks have a style and whose last layer has a name, which may have two parts."""
    rows = stages(lambda *row: styled_block(*row, **style), [16, 32, 48], [1, 2, 1])
    outer, _, inner = head.partition(".")
    last = nn.Linear(48, 4)

    def run(me: Any, x: Tensor) -> Tensor:
        y: Tensor = me.get_submodule(head)(pooled(me.body(functional.relu(me.bn0(me.conv0(x))))))
        return y

    return Parts(run, conv0=conv(2, 16), bn0=nn.BatchNorm2d(16), body=nn.Sequential(*rows),
                 **{outer: nn.ModuleDict({inner: last}) if inner else last})  # fmt: skip
