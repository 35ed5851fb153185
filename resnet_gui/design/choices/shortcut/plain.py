"""No shortcuts: the plain network (He et al. 2015, section 3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resnet_gui.base.errors import SpecError
from resnet_gui.design.choice import ShortcutChoice

if TYPE_CHECKING:
    from resnet_gui.design.spec import ResNetSpec


def _refuse(spec: ResNetSpec) -> None:
    if spec.ablation != "none":
        raise SpecError("ablation", "A plain network has no shortcut to change; use ablation none, or a shortcut.")
    if spec.stochastic_depth:
        raise SpecError("stochastic_depth", "Without shortcuts a dropped block would put out zeros; use 0.")
    if spec.zero_init:
        raise SpecError("zero_init", "Without shortcuts a block that begins at zero puts out zeros; switch it off.")
    if spec.branch_scale != "none":
        raise SpecError("branch_scale", "Without shortcuts a branch that begins at zero puts out zeros; use none.")


PLAIN = ShortcutChoice(
    key="none",
    title="none, a plain network",
    option="None",
    pill="plain",
    compared="none, plain",
    latex="No shortcuts (plain network)",
    short="none",
    help="No shortcuts: the plain network that gets worse when it gets deeper.",
    rank=4,
    effect="none",
    effect_words="no shortcut",
    short_run="plain",
    named="the plain network",
    refuse=_refuse,
)
