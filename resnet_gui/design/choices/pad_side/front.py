"""The zeros in front of the old channels."""

from __future__ import annotations

from resnet_gui.design.choice import PadSideChoice
from resnet_gui.design.choices.pad_side.both_sides import new_channels, pill, source, undetermined, zero_pad_class
from resnet_gui.design.layer_kind import Geometry, LayerKind

KIND = LayerKind(
    key="zero_pad_front",
    title="Zero-pad",
    on_shortcut="pad",
    pill=pill,
    opens=lambda _layer: True,
    note=lambda _layer: "pad",
    geometry=lambda _layer: Geometry.WINDOW,
    channels=lambda layer: f"{layer.input[0]} and {new_channels(layer)} of zeros in front of the old channels",
    module=lambda layer: zero_pad_class()(new_channels(layer), new_channels(layer), layer.stride),
    code=lambda layer: f"ZeroPad({layer.outputs} - {layer.inputs}, {layer.stride})",
    source=source("in front of the old channels", "new, 0"),
)

FRONT = PadSideChoice(
    key="zeros_in_front",
    title="in front of the old channels",
    help="Zeros in front of the old channels.",
    rank=3,
    kind=KIND,
    phrase=lambda _spec: "zeros of the shortcut in front of the old channels",
    undetermined=undetermined,
)
