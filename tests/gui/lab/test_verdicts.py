"""Every verdict has a badge, in the window and in the report."""

from __future__ import annotations

from typing import get_args

import pytest
from pytestqt.qtbot import QtBot

from resnet_gui.export.lab_report import VERDICTS
from resnet_gui.gui.common.verdicts import VERDICT_BADGES
from resnet_gui.gui.kit.charts.badge import BadgeData
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.lab.parts.claims import HEAD, ROW, ClaimRow, ClaimTable
from resnet_gui.lab.outcomes import verdict_word
from resnet_gui.sweeps.statistics import Verdict


@pytest.mark.parametrize("verdict", get_args(Verdict))
def test_a_claim_of_no_paper_has_a_badge_of_the_same_icon_and_colour_and_another_word(verdict: Verdict) -> None:
    paper, own = (VERDICT_BADGES[verdict_word(verdict, of_paper=of_paper)] for of_paper in (True, False))
    assert (paper.icon, paper.token) == (own.icon, own.token)
    assert ("reproduced" in paper.word) == (paper.word != own.word)
    assert own.word in VERDICTS


def test_a_claim_that_has_no_room_in_one_line_is_read_whole_in_several(qtbot: QtBot, theme: Theme) -> None:
    table = ClaimTable(theme)
    qtbot.addWidget(table)
    long = "Deleting a block of a residual network harms it far less than deleting one of a plain network"
    badge: BadgeData = VERDICT_BADGES[verdict_word("reproduced", of_paper=True)]
    rows = [ClaimRow(title, "top-1 error", "", "–", "", badge, full=f"{title}.") for title in ("Short", long)]
    table.resize(1200, 100)
    table.show_rows(rows, hidden=False)
    wide = table.height()
    table.resize(640, table.height())
    room = table._room(table._columns())
    assert " ".join(table._titled(rows[1], room)) == long
    assert table.height() >= wide >= HEAD + 2 * ROW
    assert table.height() > HEAD + 2 * ROW
    assert table._row_at(table.height() - 1) == (HEAD + table._row, rows[1])
    assert long in table.accessibleDescription()
