"""Nothing: the branch is added as it is."""

from __future__ import annotations

from resnet_gui.design.choice import BranchScaleChoice

NONE = BranchScaleChoice(key="none", title="none", help="The branch is added as it is.", rank=1)
