"""Layers that change each value for itself, and the addition of a block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_gui.design.layer_kind import Geometry, LayerKind

if TYPE_CHECKING:
    from torch import nn

    from resnet_gui.design.structure import LayerPlan

_FP32 = 4


def _sigmoid_module(_layer: LayerPlan) -> nn.Module:
    from torch import nn

    return nn.Sigmoid()


def _scale_module(layer: LayerPlan) -> nn.Module:
    from resnet_gui.network.layers import FixedScale

    return FixedScale(layer.rate)


def _gate_module(_layer: LayerPlan) -> nn.Module:
    from resnet_gui.network.layers import Gate

    return Gate()


def _cogate_module(_layer: LayerPlan) -> nn.Module:
    from resnet_gui.network.layers import Gate

    return Gate(complement=True)


def _dropout_module(layer: LayerPlan) -> nn.Module:
    from torch import nn

    return nn.Dropout(layer.rate)


def _drop_path_module(layer: LayerPlan) -> nn.Module:
    from resnet_gui.network.layers import DropPath

    return DropPath(layer.rate)


def _add_module(_layer: LayerPlan) -> nn.Module:
    from resnet_gui.network.layers import Add

    return Add()


SIGMOID = LayerKind(
    key="sigmoid",
    title="Sigmoid",
    pill=lambda _layer: "σ",
    stored=True,
    saved_maps=lambda _layer: "output",
    module=_sigmoid_module,
    code=lambda _layer: "nn.Sigmoid()",
)

SCALE = LayerKind(
    key="scale",
    title="Scale",
    pill=lambda layer: f"× {layer.rate:g}",
    note=lambda _layer: "×½",
    relevance="keeps",
    module=_scale_module,
    call="{rate} * {x}",
)
"""A constant factor (He et al. 2016, section 3.1, constant scaling)."""

GATE = LayerKind(
    key="gate",
    title="Multiply",
    pill=lambda _layer: "× g",
    gates=True,
    saved_maps=lambda _layer: "input and gate",
    relevance="gates",
    module=_gate_module,
    call="gate * {x}",
)
"""x · g (He et al. 2016, section 3.1; Hu et al. 2017, eq. 4)."""

COGATE = LayerKind(
    key="cogate",
    title="Multiply",
    on_shortcut="× (1 − g)",
    pill=lambda _layer: "× (1 − g)",
    note=lambda _layer: "gate",
    gates=True,
    complements=True,
    saved_maps=lambda _layer: "input and gate",
    relevance="gates",
    module=_cogate_module,
    call="(1 - gate) * {x}",
)
"""x · (1 − g) (He et al. 2016, section 3.1)."""

DROPOUT = LayerKind(
    key="dropout",
    title="Dropout",
    pill=lambda layer: f"Drop {layer.rate:g}",
    note=lambda _layer: "drop",
    saved_maps=lambda _layer: "mask",
    idle_in_evaluation=True,
    relevance="keeps",
    module=_dropout_module,
    code=lambda layer: f"nn.Dropout({layer.rate})",
)

DROP_PATH = LayerKind(
    key="drop_path",
    title="Drop path",
    short="DropPath",
    saved_bytes=lambda _layer: _FP32,
    idle_in_evaluation=True,
    relevance="keeps",
    module=_drop_path_module,
    call="drop_path({x}, self.drop, self.training)",
    source='''
def drop_path(x: Tensor, rate: float, training: bool) -> Tensor:
    """Drop whole branches, one draw a picture, and scale what is left."""
    if not training:
        return x
    kept = torch.empty((x.shape[0], 1, 1, 1), dtype=x.dtype, device=x.device).bernoulli_(1 - rate)
    return x * kept.div_(1 - rate)
''',
)
"""Stochastic depth (Huang et al. 2016)."""

ADD = LayerKind(
    key="add",
    title="Add",
    geometry=lambda _layer: Geometry.SUM,
    relevance="adds",
    module=_add_module,
    written_by="the block",
)
