"""A learnt scalar at the end of each branch that begins at 0 (De and Smith 2020, SkipInit; Bachlechner et al. 2020)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from resnet_gui.base.errors import SpecError
from resnet_gui.design.choice import BranchScaleChoice
from resnet_gui.design.layer_kind import LayerKind

if TYPE_CHECKING:
    from torch import Tensor, nn

    from resnet_gui.design.spec import ResNetSpec


@cache
def learnt_scalar_class() -> type[nn.Module]:
    """The torch module x -> α·x; torch loads with it."""
    import torch
    from torch import nn

    class LearntScalar(nn.Module):
        """α·x, α learnt from 0 on (De and Smith 2020, section 3.2)."""

        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(()))

        def forward(self, x: Tensor) -> Tensor:
            """A tensor times the scalar."""
            return x * self.weight

    return LearntScalar


KIND = LayerKind(
    recognises=lambda shape: shape == (),
    key="learnt_scalar",
    title="Scalar",
    pill=lambda _layer: "× α",
    tensors=lambda _layer: {"weight": ()},
    saved_maps=lambda _layer: "input",
    working=lambda _layer: "1",
    working_note="the scalar",
    torchinfo=lambda _layer: 1,
    torchinfo_note="factors of branches",
    relevance="keeps",
    module=lambda _layer: learnt_scalar_class()(),
    code=lambda _layer: "LearntScalar()",
    source='''
class LearntScalar(nn.Module):
    """A learnt factor that begins at 0 (De and Smith 2020, SkipInit)."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight
''',
)


def _refuse(spec: ResNetSpec) -> None:
    if spec.zero_init:
        raise SpecError(
            "zero_init",
            "A branch whose last norm and whose scalar both begin at 0 never learns, as each waits for the other; "
            "switch one of them off.",
        )


SKIP_INIT = BranchScaleChoice(
    key="skip_init",
    title="learnt scalar from 0 (SkipInit)",
    option="SkipInit",
    help="A learnt scalar that begins at 0 (De & Smith 2020).",
    rank=2,
    kind=KIND,
    identified_by=KIND,
    references=(
        "S. De, S. Smith: Batch Normalization Biases Residual Blocks Towards the Identity Function, 2020, "
        "arXiv:2002.10444",
    ),
    refuse=_refuse,
)
