"""Every verdict has a badge, in the window and in the report."""

from __future__ import annotations

from typing import get_args

import pytest
from PySide6.QtCore import QSize
from pytestqt.qtbot import QtBot

from resnet_gui.export.lab_report import VERDICTS
from resnet_gui.gui.common.enlarged_fit import put_back
from resnet_gui.gui.common.enlarged_widget import EnlargedWidget
from resnet_gui.gui.common.verdicts import VERDICT_BADGES
from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.lab.page import CLAIMS_WIDE
from resnet_gui.gui.lab.parts.claims import HEAD, ROW, ClaimRow, ClaimTable
from resnet_gui.gui.lab.words import claim_rows
from resnet_gui.lab.experiments import EXPERIMENTS
from resnet_gui.lab.outcomes import verdict_word
from resnet_gui.lab.results import Results
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


@pytest.mark.parametrize("size", [QSize(960, 436), QSize(1280, 616), QSize(1920, 976)])
def test_no_claim_is_cut_on_a_projector_and_it_follows_the_page(qtbot: QtBot, theme: Theme, size: QSize) -> None:
    table = ClaimTable(theme)
    qtbot.addWidget(table)
    claims = table.whole_copy()
    shown = EnlargedWidget(claims, least=CLAIMS_WIDE)
    qtbot.addWidget(shown)
    shown.resize(size)
    for experiment in EXPERIMENTS.values():
        nothing = Results(scale="quick", seeds=(1, 2, 3))
        table.show_rows(claim_rows(experiment, nothing, "quick", revealed=True, running=False), hidden=False)
        assert claims.rows == table.rows
        with put_back(claims):
            shown._lay_out(claims)
            columns = claims._columns()
            assert shown.whole, experiment.key
            assert shown.factor() >= 1
            assert claims._tops()[-1] <= claims.height()
            for each in claims.rows:
                texts, words = claims._texts(each, columns), "" if each.strip is not None else each.words
                wanted = (each.title, each.measured, each.paper, words, each.value, each.needs)
                assert tuple(" ".join(lines) for lines in texts) == wanted
                room = columns.paper - columns.claim
                assert all(ink(line, 13, 500).width <= room for line in texts.title)
                assert all(ink(line, 11).width <= columns.strip - columns.paper for line in texts.paper)
    assert table.height() == HEAD + ROW * len(table.rows), "on the page a claim has two lines"
