"""What stands beside an evaluation: what was left out of it, and what the model has learnt from."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from resnet_gui.evaluation.record import SAYS_LITTLE, LeftOutPicture
from resnet_gui.gui.evaluate.cards.card import CardContent
from resnet_gui.gui.evaluate.cards.contents import DIFFERS, LEARNT, cautious
from resnet_gui.gui.evaluate.left_out_dialog import LeftOutDialog
from resnet_gui.gui.kit.theme import Theme
from tests.evaluation.made_evaluation import made_record
from tests.gui.evaluate.evaluating import EvaluateDriver, kept
from tests.gui.evaluate.measured_folders import make_answers


def test_what_was_left_out_is_said_and_listed_with_its_reasons(
    qtbot: QtBot, theme: Theme, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = (LeftOutPicture("cat/7.png", "cannot be read"), LeftOutPicture("fish", "the network has no such class"))
    kept(left_out=left)
    driver = EvaluateDriver(qtbot, theme)
    banner = driver.page.banner
    assert banner.isVisible()
    assert "2 entries were left out" in banner.text.text()
    listed: list[tuple[str, str]] = []

    def read(dialog: LeftOutDialog) -> int:
        listed.extend((dialog.rows.index(row, 0).data(), dialog.rows.index(row, 1).data()) for row in range(2))
        return 0

    monkeypatch.setattr(LeftOutDialog, "exec", read)
    banner.action.click()
    assert listed == [(one.path, one.reason) for one in left]
    driver.close()


def test_the_list_of_what_was_left_out_has_room_for_the_reasons_and_names_no_path_twice(qtbot: QtBot) -> None:
    path = "/home/me/pictures/training/cat/7.png"
    left = LeftOutPicture(path, f"{path} cannot be read: image file is truncated (1 byte not processed).")
    dialog = LeftOutDialog(None, made_record(make_answers(), left_out=(left,)))
    qtbot.addWidget(dialog)
    assert dialog.rows.index(0, 0).data() == "cat/7.png"
    assert dialog.rows.index(0, 1).data() == "cannot be read: image file is truncated (1 byte not processed)."
    assert dialog.rows.index(0, 0).data(Qt.ItemDataRole.ToolTipRole) == path
    dialog.show()
    table = dialog.findChild(QTableView)
    assert table is not None
    words = table.fontMetrics().horizontalAdvance(dialog.rows.index(0, 1).data())
    assert table.columnWidth(1) > words


def test_what_a_model_has_learnt_from_is_said_first_and_stays_at_the_figures_when_the_banner_is_closed(
    qtbot: QtBot, theme: Theme, home: Path
) -> None:
    note = f"This run has learnt from 96 of these 122 pictures, {SAYS_LITTLE}"
    kept(left_out=(LeftOutPicture("cat/7.png", "cannot be read"),), notices=("Another notice.", note))
    driver = EvaluateDriver(qtbot, theme)
    banner = driver.page.banner
    assert banner.text.text().startswith(note)
    assert "1 entry was left out" in banner.text.text()
    assert banner.text.toolTip().splitlines()[0] == note
    banner.hide()
    accuracy = driver.card(0)
    assert (accuracy.below, accuracy.cautions, accuracy.track) == (LEARNT, True, None)
    assert note in accuracy.tip
    assert "95 % interval" in accuracy.tip
    driver.close()


def test_a_difference_to_a_model_that_has_learnt_from_the_pictures_has_no_verdict() -> None:
    against = CardContent("Against B", "+16.7", "points", "+2.0 to +30.0, same pictures", badge=DIFFERS)
    said = cautious(against, "B has learnt from them.")
    assert (said.number, said.below, said.badge.word) == ("+16.7", LEARNT, "")
    assert "+2.0 to +30.0" in said.tip
    assert cautious(against, "") is against
