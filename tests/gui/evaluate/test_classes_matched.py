"""Classes of the data that are not those of the network: asked for in a dialog, measured so, kept and changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from resnet_gui.gui.evaluate.mapping_dialog import NOT_COUNTED, MappingDialog
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.protocol.evaluation_events import ClassesUnmatched
from resnet_gui.protocol.evaluation_messages import MeasureEvaluation
from resnet_gui.protocol.events import Failed
from tests.gui.evaluate.evaluating import BESIDE, EvaluateDriver, kept
from tests.gui.evaluate.measured_folders import LABELS


def test_classes_that_do_not_fit_are_matched_in_a_dialog_and_measured_so(
    empty: EvaluateDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = empty.page
    page.bar.measure.click()
    (asked,) = empty.asked(MeasureEvaluation)
    sentence = "The data has 2 classes and the network 3; they do not fit each other."
    empty.answer(
        ClassesUnmatched(
            job=asked.job, data_classes=("kitty", "boat"), network_classes=LABELS, pictures=(5, 7),
            suggested={"kitty": "cat", "boat": ""}, sentence=sentence,
        )
    )  # fmt: skip
    empty.answer(Failed(asked.job, sentence))
    assert page.banner.isVisible()
    assert (page.banner.text.text(), page.banner.action.text()) == (sentence, "Choose classes")
    assert page.invitation.act.text() == "Choose classes", "and not to measure the same once more"
    dialogs: list[MappingDialog] = []

    def accept(dialog: MappingDialog) -> int:
        dialogs.append(dialog)
        assert dialog.mapping() == {"kitty": "cat", "boat": ""}
        assert dialog.count.text() == "1 of 2 classes, 5 pictures are counted"
        dialog.set_class("boat", "ship")
        return QDialog.DialogCode.Accepted.value

    monkeypatch.setattr(MappingDialog, "exec", accept)
    page.invitation.act.click()
    assert len(dialogs) == 1
    assert empty.asked(MeasureEvaluation)[-1].mapping == {"kitty": "cat", "boat": "ship"}


def test_a_mapping_counts_at_least_one_class(qtbot: QtBot) -> None:
    event = ClassesUnmatched(
        job=1, data_classes=("a", "b", "c"), network_classes=LABELS, suggested={}, pictures=(1, 2, 3), sentence="No."
    )
    dialog = MappingDialog(None, event)
    qtbot.addWidget(dialog)
    assert not dialog.ok.isEnabled()
    dialog.by_place.click()
    assert dialog.mapping() == dict(zip("abc", LABELS, strict=True))
    assert dialog.ok.isEnabled()
    dialog.none.click()
    assert [dialog.rows.index(row, 2).data() for row in range(3)] == [NOT_COUNTED] * 3
    assert not dialog.ok.isEnabled()


def unmatched_of(job: int) -> ClassesUnmatched:
    return ClassesUnmatched(
        job=job, data_classes=("kitty", "boat"), network_classes=LABELS, pictures=(5, 7), suggested={"kitty": "cat"},
        sentence="They do not fit.",
    )  # fmt: skip


def test_classes_chosen_for_the_model_beside_are_its_own_and_the_banner_names_it(
    shown: EvaluateDriver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page, beside = shown.page, tmp_path / BESIDE
    beside.touch()
    shown_first = page.state.folder
    page.question.choose_other(str(beside))
    shown.turn()
    page.bar.measure.click()
    (asked,) = shown.asked(MeasureEvaluation)
    shown.answer(unmatched_of(asked.job))
    shown.answer(Failed(asked.job, "They do not fit."))
    assert page.banner.text.text() == "beside: They do not fit."
    monkeypatch.setattr(MappingDialog, "exec", lambda dialog: dialog.windowTitle() == "Choose classes for beside")
    page.banner.action.click()
    first, second = shown.asked(MeasureEvaluation)
    assert first.mapping is None
    assert (second.model_request.model, second.mapping) == (str(beside), {"kitty": "cat", "boat": ""})
    assert page.state.folder == shown_first
    beside.unlink()
    shown.answer(Failed(second.job, "There is no such model of these names: a, b, c."))
    assert page.banner.text.text() == f"beside: {beside} is not there; choose another model."
    page.question.choose_other("")
    assert not page.banner.isVisible()


def test_chosen_classes_are_measured_with_again_and_can_be_changed(
    qtbot: QtBot, theme: Theme, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(mapped_by="user", data_classes=("kitty", "boat", "car"), mapping=(0, 1, -1))
    driver = EvaluateDriver(qtbot, theme)
    page = driver.page
    page.bar.measure.click()
    (asked,) = driver.asked(MeasureEvaluation)
    cat, dog = LABELS[:2]
    assert asked.mapping == {"kitty": cat, "boat": dog, "car": ""}
    assert driver.card(0).number == "–", "nothing old stands below the new figures"
    assert page.gallery.pictures.rowCount() == 0
    page.bar.measure.click()
    driver.turn()
    assert driver.card(0).number == "90.0"
    assert page.banner.second.text() == "Classes"

    def change(dialog: MappingDialog) -> int:
        assert dialog.mapping() == asked.mapping
        dialog.set_class("car", cat)
        return 1

    monkeypatch.setattr(MappingDialog, "exec", change)
    page.banner.second.click()
    assert driver.asked(MeasureEvaluation)[-1].mapping == {"kitty": cat, "boat": dog, "car": cat}
    driver.close()
