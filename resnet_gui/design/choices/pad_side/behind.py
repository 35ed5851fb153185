"""The zeros behind the old channels."""

from __future__ import annotations

from resnet_gui.design.choice import PadSideChoice
from resnet_gui.design.choices.pad_side.both_sides import new_channels, pill, source, undetermined, zero_pad_class
from resnet_gui.design.layer_kind import Geometry, LayerKind

KIND = LayerKind(
    key="zero_pad_behind",
    title="Zero-pad",
    on_shortcut="pad",
    pill=pill,
    opens=lambda _layer: True,
    note=lambda _layer: "pad",
    geometry=lambda _layer: Geometry.WINDOW,
    channels=lambda layer: f"{layer.input[0]} and {new_channels(layer)} of zeros behind the old channels",
    module=lambda layer: zero_pad_class()(new_channels(layer), 0, layer.stride),
    code=lambda layer: f"ZeroPad({layer.outputs} - {layer.inputs}, {layer.stride})",
    source=source("behind the old channels", "0, new"),
)

BEHIND = PadSideChoice(
    key="zeros_behind",
    title="behind the old channels",
    help="Zeros behind the old channels, as torch.cat and many other codes have it (MONAI's option A).",
    rank=2,
    kind=KIND,
    phrase=lambda _spec: "zeros of the shortcut behind the old channels",
    undetermined=undetermined,
)
