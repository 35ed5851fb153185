"""Every verdict has a badge, in the window and in the report."""

from __future__ import annotations

from typing import get_args

import pytest
from pytestqt.qtbot import QtBot

from resnet_gui.export.lab_report import VERDICTS
from resnet_gui.gui.common.verdicts import VERDICT_BADGES
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.lab.parts.claims import ClaimRow, ClaimTable
from resnet_gui.lab.outcomes import verdict_word
from resnet_gui.sweeps.statistics import Verdict


@pytest.mark.parametrize("verdict", get_args(Verdict))
def test_a_claim_of_no_paper_has_a_badge_of_the_same_icon_and_colour_and_another_word(verdict: Verdict) -> None:
    paper, own = (VERDICT_BADGES[verdict_word(verdict, of_paper=of_paper)] for of_paper in (True, False))
    assert (paper.icon, paper.token) == (own.icon, own.token)
    assert ("reproduced" in paper.word) == (paper.word != own.word)
    assert own.word in VERDICTS


def test_claims_that_are_cut_are_heard_at_length(qtbot: QtBot, theme: Theme) -> None:
    table = ClaimTable(theme)
    qtbot.addWidget(table)
    badge = VERDICT_BADGES[verdict_word("reproduced", of_paper=True)]
    full = [f"{number}. Deleting a block harms a residual network far less than a plain one." for number in (1, 2)]
    table.show_rows([ClaimRow("Deleting …", "error", "", "–", "", badge, full=each) for each in full], hidden=False)
    assert table.accessibleDescription().splitlines() == full
