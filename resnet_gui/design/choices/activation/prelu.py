"""PReLU: a learnt slope for each channel (He et al. 2015b, eq. 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_gui.design.choice import ActivationChoice
from resnet_gui.design.layer_kind import LayerKind

if TYPE_CHECKING:
    from torch import nn

    from resnet_gui.design.structure import LayerPlan


def _module(layer: LayerPlan) -> nn.Module:
    from torch import nn

    # Slopes begin at 0.25, as in the paper (section 2.1).
    return nn.PReLU(layer.output[0])


KIND = LayerKind(
    recognises=lambda shape: len(shape) == 1,
    key="prelu",
    title="PReLU",
    tensors=lambda layer: {"weight": layer.output[:1]},
    stored=True,
    saved_maps=lambda _layer: "input",
    working=lambda layer: str(layer.output[0]),
    working_note="a slope for each channel",
    torchinfo=lambda layer: layer.output[0],
    torchinfo_note="slopes of PReLU",
    relevance="keeps",
    module=_module,
    code=lambda layer: f"nn.PReLU({layer.outputs})",
)

PRELU = ActivationChoice(
    key="prelu",
    title="PReLU",
    help="x above 0, below it a·x with a learnt slope a for each channel (He et al. 2015b, eq. 1).",
    rank=5,
    kind=KIND,
    identified_by=KIND,
    references=("INIT",),
)
