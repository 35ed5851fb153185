"""No head: a backbone, whose features another network or a new head reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from resnet_gui.base.errors import SpecError
from resnet_gui.design.choice import HeadChoice

if TYPE_CHECKING:
    from resnet_gui.design.spec import ResNetSpec


def _refuse(spec: ResNetSpec) -> None:
    if spec.hidden:
        raise SpecError("hidden", "hidden: a network without a head has no hidden layers; take them away first.")


def _undetermined(_spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    yield "head", "whether the last map is pooled, or read as it is; taken: pooled."


NONE = HeadChoice(
    key="none",
    title="no head",
    option="none",
    latex="average pool",
    help="The network ends in its features, the mean of each channel, and knows no classes: a backbone.",
    rank=3,
    pools=True,
    classifies=False,
    call="{x}.mean((2, 3))",
    phrase=lambda _spec: "no head: ends in its features, the mean of each channel",
    refuse=_refuse,
    undetermined=_undetermined,
)
