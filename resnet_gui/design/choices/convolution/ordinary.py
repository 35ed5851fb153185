"""Convolutions with the weights as they are learnt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from resnet_gui.design.choice import ConvolutionChoice
from resnet_gui.design.kinds.convolution import CONV

if TYPE_CHECKING:
    from resnet_gui.design.spec import ResNetSpec


def _undetermined(_spec: ResNetSpec) -> Iterator[tuple[str, str]]:
    yield "convolution", "whether weights are standardised before they are used (BiT); taken: no."


ORDINARY = ConvolutionChoice(
    key="ordinary",
    title="ordinary",
    help="The weights as they are learnt.",
    rank=1,
    kind=CONV,
    undetermined=_undetermined,
)
