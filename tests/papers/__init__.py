"""A residual network written a second time, in functions and from the papers: what the built one is compared with.

Every choice of the design space has an oracle here: the table ``ORACLES`` of a file has it under "field=key". By its
field it is

=====================================  =====================================================================
norm, activation, branch_scale         ``(network, x, name) -> x``; the name is the layer's, or the block's
convolution                            ``(network, weights) -> weights`` that are used
stem_pool                              ``(network, x) -> x``
downsampling                           ``(network, x, stride) -> x`` before the next convolution; None if one strides
pad_side                               ``new channels -> those in front``
attention                              ``(network, f, name) -> f`` at the end of the branch of a block
stem, head                             ``(network, pictures) -> x`` and ``(network, x) -> a row of values``, which
                                       is what the network puts out (``network.classify`` are the linear layers)
ablation                               ``(network, x, f, h, place) -> (f, h)``, x being the input of the block
projection                             ``(network, x, place) -> x`` and the place in ``downsample`` of its norm
shortcut, block, order                 a ``Shortcut``, a ``Branch``, an ``Order``
stride_on                              ``kernels -> number`` of the convolution that strides, the first being 1
=====================================  =====================================================================

and whatever ``Written`` computes of a field, it asks the oracle of the design's choice for.
"""

from __future__ import annotations

import copy
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.network.resnet import ResNet

EPS: Final = 1e-5
ALL_ORACLES: Final[dict[str, Any]] = {}
"""What the files of this folder have, by the choice's field and key."""


class Place(NamedTuple):
    """A block: its name, what it puts out, its stride, whether it changes the shape, whether the stem feeds it.

    ``steps`` are the dilations of its first window and of the others.
    """

    name: str
    channels: int
    stride: int
    changes: bool
    first: bool
    steps: tuple[int, int] = (1, 1)


class Conv(NamedTuple):
    """A convolution of a branch: the edge of its window, and whether it has the design's groups.

    One that has them puts out ``times`` as many channels as it reads.
    """

    kernel: int
    grouped: bool = False
    times: int = 1


class Branch(NamedTuple):
    """The convolutions of a block, and how many times its width it puts out."""

    convs: tuple[Conv, ...]
    expansion: int


class Order(NamedTuple):
    """Every convolution but the last | the last | what follows the addition | what follows the stem's convolution.

    c is a convolution, n a normalisation, a an activation.
    """

    each: str
    last: str
    after: str
    stem: str = "na"

    @property
    def before(self) -> str:
        """What stands in front of a convolution."""
        return self.each.partition("c")[0]


class Shortcut(NamedTuple):
    """What ``compute`` makes of a block's input where shapes change, or everywhere; no addition where it is None."""

    compute: Callable[[Written, Tensor, Place], Tensor] | None
    everywhere: bool = False


class Written:
    """The network of a spec under the values of a state_dict; without dropout and stochastic depth."""

    def __init__(self, spec: ResNetSpec, values: Mapping[str, Tensor], *, training: bool) -> None:
        self.spec = spec
        self.values = values
        self.training = training
        self.order: Order = self.oracle("order")
        self.preact = bool(self.order.before)

    def __call__(self, x: Tensor) -> Tensor:
        spec = self.spec
        x = self.oracle("stem")(self, x)
        strides = spec.strides or (1, *(2 for _ in spec.blocks[1:]))
        first, dilation = True, 1
        for stage, count in enumerate(spec.blocks):
            channels = spec.widths[stage] * self.oracle("block").expansion
            # Yu et al. 2017, section 2: what a stage does not shrink, its windows and all behind them step over.
            dilates = stage >= len(spec.blocks) - spec.dilated_stages
            before, dilation = dilation, dilation * (strides[stage] if dilates else 1)
            for number in range(count):
                stride = strides[stage] if number == 0 and not dilates else 1
                changes = stride != 1 or x.shape[1] != channels
                steps = (dilation if number else before, dilation)
                x = self.block(x, Place(f"layer{stage + 1}.{number}", channels, stride, changes, first, steps))
                first = False
        if self.preact and spec.final_activation:
            x = self.run(self.order.before, x, "norm")
        found: Tensor = self.oracle("head")(self, x)
        return found

    def oracle(self, field: str) -> Any:
        """What the papers say of the design's choice of a field."""
        choice = f"{field}={getattr(self.spec, field)}"
        assert choice in ALL_ORACLES, f"tests/papers has no oracle of {choice}"
        return ALL_ORACLES[choice]

    # ---- layers

    def filters(self, name: str) -> Tensor:
        """The weights of a convolution as they are used; those of gates and excitations are used as they are."""
        weight = self.values[f"{name}.weight"]
        if ".gate." in name or ".se." in name:
            return weight
        found: Tensor = self.oracle("convolution")(self, weight)
        return found

    def conv(self, x: Tensor, name: str, kernel: int, stride: int = 1, groups: int = 1, dilation: int = 1) -> Tensor:
        weight = self.filters(name)
        assert weight.shape[2:] == (kernel, kernel), name
        bias = self.values.get(f"{name}.bias")
        edge = kernel // 2 * dilation
        return functional.conv2d(x, weight, bias, stride, padding=edge, dilation=dilation, groups=groups)

    def first(self, stride: int) -> int:
        """Stride of the stem's first convolution, which is usually this."""
        return self.spec.stem_stride or stride

    def norm(self, x: Tensor, name: str) -> Tensor:
        found: Tensor = self.oracle("norm")(self, x, name)
        return found

    def activate(self, x: Tensor, name: str) -> Tensor:
        found: Tensor = self.oracle("activation")(self, x, name)
        return found

    def run(self, letters: str, x: Tensor, norm: str) -> Tensor:
        """Norms and activations in a row; the activation's name follows from that of the norm in front of it."""
        for letter in letters:
            x = self.norm(x, norm) if letter == "n" else self.activate(x, self.behind(norm))
        return x

    def behind(self, norm: str) -> str:
        """The name of the activation behind a norm."""
        if norm == "norm":
            return "act"
        if norm.startswith("conv1."):
            return f"conv1.{int(norm[6:]) + 1}"
        return self.spec.activation if norm == "bn1" else norm.replace("bn", self.spec.activation)

    def stem_end(self, x: Tensor) -> Tensor:
        """Norm and activation behind the stem's last convolution."""
        return self.run("na" if self.spec.activated_stem else self.order.stem, x, "bn1")

    # ---- parts

    def block(self, x: Tensor, place: Place) -> Tensor:
        spec, order, shortcut = self.spec, self.order, self.oracle("shortcut")
        # He et al. 2016, section 5: the first unit activates before it splits; so do those that change the shape.
        shares = self.preact and shortcut.compute is not None and not spec.raw_projection
        begins = place.first and spec.shared_first and not spec.activated_stem
        shares = shares and (shortcut.everywhere or place.changes or begins)
        shared = self.run(order.before, x, f"{place.name}.bn1") if shares else x

        f = self.oracle("attention")(self, self.branch(shared, place, activated=shares), place.name)
        twice = "a" in order.last and "a" in order.after
        end = f"{place.name}.bn{len(self.oracle('block').convs) + twice}"
        if shortcut.compute is None:
            return f if twice else self.run(order.after, f, end)
        h = shortcut.compute(self, shared, place) if shortcut.everywhere or place.changes else shared
        f, h = self.oracle("ablation")(self, x, f, h, place)
        f = self.oracle("branch_scale")(self, f, place.name)
        return self.run(order.after, f + h, end)

    def branch(self, f: Tensor, place: Place, *, activated: bool) -> Tensor:
        convs = self.oracle("block").convs
        strided = self.oracle("stride_on")(tuple(conv.kernel for conv in convs))
        shrink, steps = self.oracle("downsampling"), list(place.steps)
        for number, conv in enumerate(convs, start=1):
            before, _, behind = (self.order.last if number == len(convs) else self.order.each).partition("c")
            if not (activated and number == 1):
                f = self.run(before, f, f"{place.name}.bn{number}")
            if number == strided + 1 and place.stride > 1 and shrink is not None:
                f = shrink(self, f, place.stride)
            groups = self.spec.groups if conv.grouped else 1
            if conv.grouped:
                assert len(self.values[f"{place.name}.conv{number}.weight"]) == conv.times * f.shape[1]
            stride = place.stride if number == strided and shrink is None else 1
            dilation = 1
            if conv.kernel > 1:
                dilation, *steps = steps
                steps = steps or [dilation]
            f = self.conv(f, f"{place.name}.conv{number}", conv.kernel, stride, groups, dilation)
            f = self.run(behind, f, f"{place.name}.bn{number}")
        return f

    def project(self, x: Tensor, place: Place) -> Tensor:
        """He et al. 2015, eq. 2, and what norm follows; in full pre-activation, where norms stand in front, none."""
        x, norm = self.oracle("projection")(self, x, place)
        wants = "n" not in self.order.before if self.spec.projection_norm is None else self.spec.projection_norm
        return self.norm(x, f"{place.name}.downsample.{norm}") if wants else x

    def classify(self, x: Tensor) -> Tensor:
        names = [*(f"hidden.{2 * number}" for number in range(len(self.spec.hidden))), "fc"]
        for name in names:
            x = x @ self.values[f"{name}.weight"].T + self.values[f"{name}.bias"]
            x = x if name == "fc" else self.activate(x, f"hidden.{int(name[7:]) + 1}")
        return x


def drawn(spec: ResNetSpec, seed: int) -> ResNet:
    """The network of a design in double precision, every value random: also what begins at 0 or 1, and statistics."""
    torch.manual_seed(seed)
    model = ResNet(plan(spec)).double()
    for name, value in model.state_dict().items():
        if value.ndim > 1:
            value.normal_(std=value[0].numel() ** -0.5)
        elif name.endswith(("weight", "running_var")):
            value.uniform_(0.5, 1.5)
        elif value.is_floating_point():
            value.normal_(std=0.3)
    return model


def assert_written(spec: object) -> None:
    """The built network and the one that is written from the papers compute the same, in training and evaluation."""
    assert isinstance(spec, ResNetSpec)
    network = drawn(evolve(spec, dropout=0.0, stochastic_depth=0.0), seed=1)
    pictures = torch.randn(2, *spec.input, dtype=torch.float64)
    # What is dropped in training is drawn.
    for training in (False,) if spec.ablation == "dropout" else (True, False):
        values = copy.deepcopy(network.state_dict())
        with torch.no_grad():
            found = network.train(training)(pictures)
        wanted = Written(network.plan.spec, values, training=training)(pictures)
        torch.testing.assert_close(found, wanted, rtol=1e-9, atol=1e-9)


def _find_oracles() -> None:
    """Take the oracles of every file of this folder, which import what stands above."""
    for name in (module.name for module in pkgutil.iter_modules(__path__)):
        for choice, oracle in getattr(importlib.import_module(f"{__name__}.{name}"), "ORACLES", {}).items():
            assert choice not in ALL_ORACLES, f"{choice} has two oracles, one of them in {name}"
            ALL_ORACLES[choice] = oracle


_find_oracles()
