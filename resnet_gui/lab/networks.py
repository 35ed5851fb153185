"""The networks and recipes that experiments have in common, small enough for two cores."""

from __future__ import annotations

from typing import Final

import msgspec

from resnet_gui.data.datasets import DIGITS
from resnet_gui.design.depth import blocks_for_depth
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, ResNetSpec, evolve
from resnet_gui.sweeps.sweep import Axis, AxisValue, Sweep
from resnet_gui.training.named_recipes import RECIPES
from resnet_gui.training.recipe import Recipe

NETWORK: Final = "network"
"""Name of the axis whose values are the networks that an experiment compares."""

WARMUP: Final = 44
"""Steps of warm-up in the quick recipe: two epochs of the digits. Without it 56 layers hardly start at this length."""

QUICK: Final = Recipe(
    data=DIGITS, epochs=8, batch_size=64, lr=0.05, weight_decay=1e-4, schedule="cosine", warmup=WARMUP, augment="none",
)  # fmt: skip
"""Eight epochs on the digits inside, without augmentation, so that the training error is that of the pictures.

The rate is half of the paper's: at 0.1, after the same warm-up, one of eight seeds of ResNet-56 stumbled and ended at
13 % training error; at 0.05 none of five ended above 1 %.
"""

FAST: Final = msgspec.structs.replace(QUICK, lr=0.1)
"""The same at the paper's rate, where starting is what is asked about."""

CIFAR: Final = Recipe(
    data="cifar10", epochs=6, steps=470, batch_size=128, lr=0.1, weight_decay=1e-4, schedule="cosine", warmup=100,
    augment="shift-flip",
)  # fmt: skip
"""470 steps on CIFAR pictures: six epochs of ten thousand, and as many steps of more."""

PAPER: Final = msgspec.structs.replace(RECIPES["paper-cifar"].recipe, data="cifar10")
"""The training of He et al. 2015, section 4.2, on CIFAR-10."""

PAPER_DEEP: Final = msgspec.structs.replace(RECIPES["paper-cifar-110"].recipe, data="cifar10")
"""The same after 400 steps at a tenth of the learning rate, as the paper trains 110 layers."""

HOUR: Final = 3600
PAPER_HOURS: Final = {20: 1.7, 56: 4.5, 110: 8.5}
"""Depth -> hours of the paper's 64,000 steps on two cores, from measured rates."""

PAPER_SEEDS: Final = (1, 2, 3, 4, 5)
"""Five, as He et al. 2015 repeat ResNet-110 and He et al. 2016 take medians of."""

DIGITS_INPUT: Final = (1, 8, 8)
CIFAR_INPUT: Final = (3, 32, 32)


def digits_spec(depth: int, **choices: object) -> ResNetSpec:
    """The CIFAR network of a depth (He et al. 2015, section 4.2; option A unless chosen) for the digits inside."""
    base = evolve(PRESETS["resnet20"].spec, input=DIGITS_INPUT)
    return evolve(base, **{"blocks": blocks_for_depth("cifar", "basic", depth), **choices})


def plain(depth: int) -> dict[str, object]:
    """Settings of the plain network of a depth: no shortcuts."""
    return residual(depth, shortcut="none")


def residual(depth: int, **changes: object) -> dict[str, object]:
    """Settings of the residual network of a depth, with other fields of design or recipe."""
    return {"blocks": list(blocks_for_depth("cifar", "basic", depth)), "shortcut": "A", **changes}


def network_sweep(
    name: str, networks: dict[str, dict[str, object]], seeds: tuple[int, ...], recipe: Recipe, *, baseline: str = ""
) -> Sweep:
    """A sweep over networks.

    Args:
        name: of the sweep.
        networks: name -> fields of design and recipe that make it.
        seeds: of the runs.
        recipe: that all share, but for what a network sets itself; its data say how large the pictures are.
        baseline: the network that others are compared with; empty for the first.
    """
    shape = DIGITS_INPUT if recipe.data == DIGITS else CIFAR_INPUT
    spec = evolve(PRESETS["resnet20"].spec, input=shape)
    values = tuple(AxisValue(label, settings) for label, settings in networks.items())
    return Sweep(
        name=name, design=Design(name="ResNet-20", spec=spec), recipe=recipe, axes=(Axis(NETWORK, values),),
        seeds=seeds, baseline={NETWORK: baseline or next(iter(networks))},
    )  # fmt: skip


SHARED_NETWORKS: Final = network_sweep(
    "Networks of the Lab",
    {"ResNet-56": residual(56), "ResNet-20": residual(20), "plain-20": plain(20)},
    (1, 2, 3),
    QUICK,
)
"""The networks that experiments on finished runs measure where no run is given; trained once for all of them."""
