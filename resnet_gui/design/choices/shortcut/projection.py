"""Option B: projections where the shape changes (He et al. 2015, section 4.1)."""

from __future__ import annotations

from resnet_gui.design.choice import ShortcutChoice

PROJECTION = ShortcutChoice(
    key="B",
    title="option B, projections where shapes change",
    option="B",
    pill="proj.",
    compared="B, projection",
    short="B",
    latex="projections where shapes change",
    help="A projection where the shape changes, identity everywhere else.",
    rank=2,
    effect="projection",
    effect_words="projection shortcut",
    short_run="option B",
    named="option B",
    dash=(4.0, 3.0),
    projects=True,
    layers=lambda builder: builder.project(),
)
