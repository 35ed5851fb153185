"""Every verdict has a badge, in the window and in the report."""

from __future__ import annotations

from typing import get_args

import pytest

from resnet_gui.export.lab_report import VERDICTS
from resnet_gui.gui.common.verdicts import VERDICT_BADGES
from resnet_gui.lab.outcomes import verdict_word
from resnet_gui.sweeps.statistics import Verdict


@pytest.mark.parametrize("verdict", get_args(Verdict))
def test_a_claim_of_no_paper_has_a_badge_of_the_same_icon_and_colour_and_another_word(verdict: Verdict) -> None:
    paper, own = (VERDICT_BADGES[verdict_word(verdict, of_paper=of_paper)] for of_paper in (True, False))
    assert (paper.icon, paper.token) == (own.icon, own.token)
    assert ("reproduced" in paper.word) == (paper.word != own.word)
    assert own.word in VERDICTS
