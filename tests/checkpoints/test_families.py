"""Whole families of public networks: each gives its own logits here, or an open field explains the difference by name.

One of every kind each day; ``make prove`` takes them all. Weights are random, pictures small.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
import torch
from torch import Tensor, nn

from resnet_gui.base.errors import InputError
from resnet_gui.checkpoints.identify import identify
from resnet_gui.checkpoints.load import adopt
from tests.checkpoints.public_networks import drawn
from tests.conftest import FACTOR
from tests.memory import give_back

EXACT: Final = 1e-5
"""Largest difference of logits, over their spread."""

BLUR: Final[dict[str, object]] = {"downsampling": "blurred", "stem_pool": "max_blurred"}
MEAN: Final[dict[str, object]] = {"downsampling": "mean_pool", "stem_pool": "means_2x2"}

EXPLAINED: Final = {"resnetblur": BLUR, "resnetaa": MEAN, "resnextaa": MEAN}
"""What the names of networks hold that have tensors of others, and the open fields that make them theirs."""

OPEN: Final = {"resnetv2_50d_gn": "norm_groups"}
"""Networks that no design is, but by an open field: groups of a single channel."""

REFUSED: Final = {
    "ecaresnet50d_pruned": "pruned",
    "ecaresnet101d_pruned": "pruned",
    "test_resnet": "basic blocks beside bottlenecks",
    "resnetv2_50d_evos": "EvoNorm",
    "resnetv2_50d_frn": "filter response norm",
}
"""Networks that are no design of this program, and why."""

WHY: Final = {"pruned": "it is pruned"}
"""What the refusal of some of them says."""

PARTS: Final = 8
"""Tests that the long proof of timm's networks is divided into."""


def timm_names() -> list[str]:
    """Names of timm's residual networks; imported here, as it holds much memory."""
    import timm

    names = [name for module in ("resnet", "resnetv2", "senet") for name in timm.list_models(module=module)]
    return [*names, *(name for name in timm.list_models(module="byobnet") if name.endswith("clip_gap"))]


def maker(library: str) -> Callable[..., nn.Module]:
    """What makes a network of a library by its name."""
    if library == "timm":
        import timm

        return timm.create_model  # type: ignore[no-any-return,unused-ignore]
    import torchvision

    return torchvision.models.get_model  # type: ignore[no-any-return,unused-ignore]


KINDS: Final = (
    "resnet14t", "resnet50s", "resnet50_gn", "seresnet18", "seresnetaa50d", "ecaresnet26t", "resnetv2_50d",
    "resnetv2_50x1_bit", "resnetv2_50d_frn", "legacy_senet154",
)  # fmt: skip
"""Those of every day: stems, norms, excitations, blur, pre-activation, a half bottleneck, and one that is refused."""

LARGEST: Final = 50_000_000
"""Parameters of a network that is built whole; of a larger one, one block a stage."""
TWINS: Final = {"bit": "resnetv2_50x1_bit", "clip": "resnet50_clip_gap", "v2": "resnetv2_50", "": "resnet50"}
"""What the names of networks hold that are too large even so, and the one that they differ from in size alone."""


def made(name: str, library: str) -> nn.Module | None:
    """The network, or of a large one a smaller one of its kind; None where there is none.

    In a long proof whole where it can be; else with one stage of two blocks, as more are all alike.
    """
    make = maker(library)
    lengths: list[list[int] | None] = [None, [1] * 4]
    if FACTOR == 1:
        lengths.insert(0, [1, 2, 1, 1])
    for length in lengths:
        more: dict[str, Any] = {} if length is None or library != "timm" else {"layers": length}
        try:
            with torch.device("meta"):
                size = sum(value.numel() for value in make(name, num_classes=7, **more).parameters())
        except TypeError:
            continue
        if size <= LARGEST:
            return drawn(make, name, num_classes=7, **more)
    return None


def apart(network: nn.Module, mine: nn.Module) -> float:
    """Largest difference of the logits, over their spread."""
    pictures = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        wanted: Tensor = network(pictures)
        return float((mine(pictures) - wanted).abs().max() / wanted.std())


def check(name: str, library: str) -> None:
    network = made(name, library)
    if network is None:
        check_large(name, library)
        return
    state = network.state_dict()
    shapes = {key: tuple(value.shape) for key, value in state.items()}
    if name in REFUSED:
        with pytest.raises(InputError) as refused:
            identify(shapes)
        assert WHY.get(REFUSED[name], "") in str(refused.value)
        return
    found = identify(shapes)
    fields = next((fields for part, fields in EXPLAINED.items() if part in name), {})
    if fields:
        opened = {sentence.partition(":")[0] for sentence in found.undetermined}
        assert set(fields) <= opened, "what explains the difference is not said to be open"
        found = identify(shapes, fields)
        assert not set(fields) & {sentence.partition(":")[0] for sentence in found.undetermined}
    if name in OPEN:
        assert any(sentence.startswith(f"{OPEN[name]}: ") for sentence in found.undetermined)
        return
    assert apart(network, adopt(state, found)) < EXACT
    del network, state
    give_back()


def check_large(name: str, library: str) -> None:
    """A network that no test can hold is found by its shapes, and is what its smaller twin is."""
    make = maker(library)
    specs = []
    for each in (name, next(twin for part, twin in TWINS.items() if part in name)):
        with torch.device("meta"):
            specs.append(identify({key: tuple(value.shape) for key, value in make(each).state_dict().items()}).spec)
    size = {"blocks", "widths", "stem_width", "groups", "width_per_group", "norm_groups", "input"}
    mine, twin = ({f: getattr(spec, f) for f in spec.__struct_fields__ if f not in size} for spec in specs)
    assert mine == twin


@pytest.mark.parametrize("name", KINDS)
def test_some_of_timms_residual_networks_give_their_own_logits(name: str) -> None:
    check(name, "timm")


@pytest.mark.prove
@pytest.mark.parametrize("part", range(PARTS))
def test_every_residual_network_of_timm_gives_its_own_logits_or_says_what_is_open(part: int) -> None:
    for name in timm_names()[part::PARTS]:
        check(name, "timm")


@pytest.mark.prove
def test_every_residual_network_of_torchvision_gives_its_own_logits() -> None:
    import torchvision

    for name in torchvision.models.list_models(include=["resnet*", "resnext*", "wide_resnet*"]):
        check(name, "torchvision")
