"""Option C: projections on every shortcut (He et al. 2015, section 4.1)."""

from __future__ import annotations

from resnet_gui.design.choice import ShortcutChoice

PROJECTION_EVERYWHERE = ShortcutChoice(
    key="C",
    title="option C, projections everywhere",
    option="C",
    pill="all proj.",
    compared="C, all projected",
    short="C",
    latex="projections everywhere",
    help="A projection on every shortcut; hardly better than B, and dearer.",
    rank=3,
    effect="projection",
    effect_words="projection shortcut",
    short_run="option C",
    named="option C",
    dash=(4.0, 3.0),
    everywhere=True,
    projects=True,
    layers=lambda builder: builder.project(),
)
