"""Option A: zeros fill the new channels (He et al. 2015, section 4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_gui.base.errors import SpecError
from resnet_gui.design.choice import ShortcutChoice

if TYPE_CHECKING:
    from resnet_gui.design.spec import ResNetSpec


def _refuse(spec: ResNetSpec) -> None:
    for stage, before, after in spec.shrinking_stages():
        raise SpecError(
            "shortcut",
            f"Option A pads with zeros, so it cannot go from {before} to {after} channels in stage {stage + 1}; "
            "use option B, or a width that does not shrink.",
            stage,
        )


ZERO_PAD = ShortcutChoice(
    key="A",
    title="option A, zero-padding",
    option="A",
    pill="zeros",
    compared="A, zero-pad",
    short="A",
    latex="zero-padding",
    help="Zeros fill the new channels, identity everywhere else; no parameters.",
    rank=1,
    effect="zero-pad",
    effect_words="zero-padded shortcut",
    short_run="option A",
    named="option A",
    dash=(1.5, 3.0),
    pads=True,
    refuse=_refuse,
    layers=lambda builder: builder.pad_channels("downsample.0"),
)
