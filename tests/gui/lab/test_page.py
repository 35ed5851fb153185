"""The Lab page: questions first, results found again, verdicts only when they may be given."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from resnet_gui.gui.common.enlarged_widget import EnlargedWidget
from resnet_gui.gui.common.figure_dialog import FigureDialog
from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.lab.figures.shattered import ShatteredFigure
from resnet_gui.gui.lab.list.list import ExperimentList
from resnet_gui.gui.lab.parts.claims import SIGNS
from resnet_gui.gui.lab.run_choice import RunChoiceDialog
from resnet_gui.lab.card import CARD_SUFFIX, encode_card, new_card, read_sheet
from resnet_gui.lab.experiments import EXPERIMENTS
from resnet_gui.lab.folder import begun
from resnet_gui.lab.results import ALL
from tests.gui.driving import copy_run
from tests.gui.lab import results
from tests.gui.lab.driving import LabDriver
from tests.gui.predict.predicting import WarmEngine

SHATTERED = "shattered-gradients"
TITLES = ["Plain gradients shatter", "Shortcuts keep them whole", "Decay is 1/√L"]


def test_before_the_answers_are_locked_nothing_gives_the_outcome_away(lab: LabDriver) -> None:
    page = lab.open(SHATTERED)
    rows = page.centre.claims.rows
    assert [row.paper for row in rows] == ["", "", ""]
    assert not set(TITLES) & {row.title for row in rows}
    assert {row.verdict.word for row in rows} == {"not run"}
    assert all(row.strip is not None and row.strip.holds is None for row in rows)
    assert "white noise" not in page.centre.look_for.text.text()
    lab.press("skip")
    assert [row.title for row in page.centre.claims.rows] == TITLES
    assert "white noise" in page.centre.look_for.text.text()


def test_it_can_be_run_when_every_question_is_answered_or_skipped(lab: LabDriver) -> None:
    page = lab.open(SHATTERED)
    run = page.centre.head.button("run")
    lab.answer(0, "0.3 to 0.7")
    lab.answer(1, "under 0.3")
    assert not run.isEnabled()
    assert lab.fields[2].outcome.text() == "choose one"
    assert page.centre.prediction.state.text() == "2 of 3 answered"
    lab.answer(2, "over 0.7")
    assert run.isEnabled()
    assert "Lock and run" in run.text()


def test_answers_are_locked_before_the_run_and_read_only_after_it(lab: LabDriver) -> None:
    answers = {"plain-20": "0.3 to 0.7", "plain-56": "over 0.7", "ResNet-56": "over 0.7"}
    results.keep_gradients(answers=answers)
    page = lab.open(SHATTERED)
    signs = [field.outcome.text() for field in lab.fields]
    assert signs == ["0.46", "−0.03", "0.77"]
    assert page.centre.prediction.state.text() == "locked before the run\n2 of 3 came true"
    lab.answer(1, "under 0.3")
    assert page.state.record.answers == answers


def test_a_finished_experiment_is_found_again_with_its_figure_and_verdicts(lab: LabDriver) -> None:
    results.keep_gradients()
    page = lab.open(SHATTERED)
    assert lab.verdicts() == dict(zip(TITLES, ["reproduced", "reproduced", "not reproduced"], strict=True))
    assert page.centre.head.badge.badge.word == "Finished"
    figure = lab.figure(ShatteredFigure)
    assert isinstance(figure, ShatteredFigure)
    assert figure.plots["plain-20"].correlation.text() == "0.46"
    bars = figure.bars.chart
    assert bars is not None
    assert [round(bar.top, 2) for bar in bars.bars] == [0.46, -0.03, -0.03, 0.87, 0.77, 0.64]
    assert len(bars.dots) == 18


@pytest.mark.parametrize("width", [560, 640, 700, 1100])
def test_what_the_signs_of_the_seeds_mean_is_never_cut(lab: LabDriver, width: int) -> None:
    results.keep_gradients()
    claims = lab.open(SHATTERED).centre.claims
    claims.resize(width, claims.height())
    columns = claims._columns()
    ((words,),) = [lines for number, lines in enumerate(claims._head_lines(columns)) if number == 2]
    assert words in SIGNS
    assert columns.strip + ink(words, 11, 500).width <= columns.verdict


def test_a_verdict_waits_until_every_seed_is_in(lab: LabDriver) -> None:
    results.keep(SHATTERED, {seed: {ALL: results.gradients(seed)} for seed in (1, 2)})
    page = lab.open(SHATTERED)
    assert set(lab.verdicts().values()) == {"waits for seed 3"}
    assert page.centre.head.badge.badge.word == "Unfinished"
    assert page.centre.claims.rows[0].needs == "2 seeds so far"
    assert page.centre.head.button("resume").isVisible()


def test_a_network_that_failed_is_named_with_a_way_to_try_again(lab: LabDriver) -> None:
    results.keep("lesion-study", {1: {"residual": results.lesions(56, plain=False)}}, seeds=(1,))
    page = lab.open("lesion-study")
    assert page.centre.banner.isVisible()
    assert "seed 1" in page.centre.banner.text.text()
    assert page.centre.banner.action.text() == "Retry"
    assert page.centre.head.badge.badge.word == "Failed"
    page.choose(SHATTERED)
    assert not page.centre.banner.isVisible()


def test_every_experiment_is_on_a_card_and_shows_its_question(lab: LabDriver) -> None:
    page = lab.open()
    shown = page.list
    assert isinstance(shown, ExperimentList)
    assert shown.count.text() == "12"
    for key in EXPERIMENTS:
        shown.cards[key, "quick"].click()
        assert page.state.experiment.key == key
        assert page.centre.head.question.text() == EXPERIMENTS[key].question
        assert page.centre.figure is page.figure
        assert page.figure.rows() == []
        page.centre.grab()


def test_a_card_is_found_by_its_words(lab: LabDriver) -> None:
    page = lab.open()
    page.list.search.click()
    page.list.field.setText(["warm", "gets", "depth"][1] + " depth")
    shown = [card.data.title for card in page.list.cards.values() if not card.isHidden()]
    assert set(shown) == {"Start-up remedies"}
    page.list.field.setText("zzz")
    assert page.list.none.isVisible()


def test_a_run_of_the_engine_fills_the_page(lab: LabDriver, warm: WarmEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESNET_GUI_HOME", str(warm.home))
    page = lab.open(SHATTERED)
    figure = page.figure
    assert isinstance(figure, ShatteredFigure)
    figure.points.set_key("64")
    figure.options_changed.emit()
    lab.press("skip")
    page.centre.head.seeds.setValue(1)
    lab.press("run")
    assert page.centre.head.badge.badge.word.startswith("Running")
    lab.wait(lambda: page.presenter.phase == "finished")
    assert lab.page.state.record.options == {"points": 64}
    assert set(lab.verdicts().values()) == {"cannot tell"}
    assert len(figure.rows()) == 1 + 6 * (17 + 64)
    assert page.list.cards[SHATTERED, "quick"].data.state.word in {"finished", "100 %"}


def test_a_dropped_card_opens_its_experiment_with_what_it_holds(lab: LabDriver, tmp_path: Path) -> None:
    experiment = EXPERIMENTS["signal-propagation"]
    card = new_card(experiment, begun(experiment, "quick"), ("seeds", "prediction"), question="Why?", text="Look.")
    path = tmp_path / f"lesson{CARD_SUFFIX}"
    path.write_bytes(encode_card(card))
    page = lab.open(SHATTERED)
    page.open_card(path)
    assert page.state.experiment is experiment
    assert page.centre.card.isVisible()
    assert page.centre.card.question.text() == "Why?"
    assert not page.centre.head.seeds.isEnabled()
    assert not page.centre.head.button("skip").isVisible()
    page.choose(SHATTERED)
    assert not page.centre.card.isVisible()
    assert page.centre.head.button("skip").isVisible()


def test_an_answer_sheet_holds_prediction_outcome_and_words(
    lab: LabDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results.keep_gradients(answers={"plain-20": "over 0.7"})
    experiment = EXPERIMENTS[SHATTERED]
    path = tmp_path / f"lesson{CARD_SUFFIX}"
    path.write_bytes(encode_card(new_card(experiment, begun(experiment, "quick"), question="Why?")))
    page = lab.open(SHATTERED)
    page.open_card(path)
    page.centre.card.answer.setText("Because.")
    target = tmp_path / "sheet.answers.json"
    monkeypatch.setattr("resnet_gui.gui.lab.cards.SheetDialog.exec", lambda _dialog: True)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    page.centre.card.sheet_requested.emit()
    sheet = read_sheet(target)
    assert sheet.answer == "Because."
    assert [(each.answer, each.right) for each in sheet.answers] == [("over 0.7", False), ("", None), ("", None)]


def test_a_card_that_is_none_is_refused_in_a_sentence(lab: LabDriver, tmp_path: Path) -> None:
    path = tmp_path / f"broken{CARD_SUFFIX}"
    path.write_text("{}", encoding="utf-8")
    page = lab.open(SHATTERED)
    page.open_card(path)
    assert len(lab.said) == 1
    assert "broken" in lab.said[0]
    assert page.state.experiment.key == SHATTERED


def test_the_figure_goes_into_files(lab: LabDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    results.keep_gradients()
    page = lab.open(SHATTERED)
    target = tmp_path / "figure.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    page._act("csv")
    assert lab.said[-1] == "Wrote figure.csv."
    page._act("figure")
    (dialog,) = page.findChildren(FigureDialog)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "figure"), ""))
    dialog.save()
    assert lab.said[-1] == "Wrote figure.svg."
    table = (tmp_path / "figure.csv").read_text(encoding="utf-8").splitlines()
    assert table[0] == "seed,network,quantity,place,value"
    assert len(table) == 1 + 3 * 6 * (17 + 128)
    drawn = (tmp_path / "figure.svg").read_text(encoding="utf-8")
    assert "ResNet-110" in drawn
    for words in ("distance along the line (points)", "correlation", "± sd", "gradient / its deviation"):
        assert f'aria-label="{words}"' in drawn, words
    assert drawn.count("<path") > 20


def test_the_report_of_an_experiment_is_dropped_as_its_card(
    lab: LabDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results.keep_gradients()
    page = lab.open(SHATTERED)
    target = tmp_path / "report.html"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    lab.press("report")
    assert "Shattered gradients" in target.read_text(encoding="utf-8")
    page.choose("degradation")
    page.open_card(target)
    assert page.state.experiment.key == SHATTERED


def test_the_claims_are_copied_as_a_table(lab: LabDriver) -> None:
    results.keep_gradients()
    page = lab.open(SHATTERED)
    page._act("copy")
    lines = QApplication.clipboard().text().splitlines()
    assert [line.split("\t")[0] for line in lines] == ["Claim", *TITLES]
    assert lines[1].split("\t")[-1] == "reproduced"


def test_a_finished_run_that_fits_can_be_measured_in_place_of_own_networks(
    lab: LabDriver, trained_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copy_run(trained_run)
    page = lab.open("unravelled-paths")
    page.choose("signal-propagation")
    assert not page.centre.head.button("networks").isVisible()
    page.choose("unravelled-paths")

    def tick(dialog: RunChoiceDialog) -> bool:
        assert dialog.list.count() == 1
        dialog.list.item(0).setCheckState(Qt.CheckState.Checked)
        dialog._accept()
        return True

    monkeypatch.setattr(RunChoiceDialog, "exec", tick)
    lab.press("networks")
    assert [(one.role, one.folder) for one in page.state.record.runs] == [("residual", str(run))]
    assert len(page.state.record.seeds) == 1


def test_without_noise_the_series_of_a_narrow_window_share_all_the_width(lab: LabDriver) -> None:
    figure = lab.open(SHATTERED, 1040, 648).figure
    assert isinstance(figure, ShatteredFigure)
    last = figure.plots[figure.networks[-1]]
    side = last.parentWidget()
    assert side is not None
    QApplication.processEvents()
    assert last.geometry().right() >= side.width() - 4


def test_the_figure_of_a_narrow_window_fills_a_projector(lab: LabDriver) -> None:
    results.keep_gradients()
    page = lab.open(SHATTERED, 904, 470)
    shown = page.panes()[0].make()
    lab.qtbot.addWidget(shown)
    assert isinstance(shown, EnlargedWidget)
    shown.resize(1280, 636)
    for _ in range(2):
        shown.refresh()
        assert shown.shown.height() > 620, "what is shown inside does not give it its page's size back"
        assert shown.shown.width() > 1260


def test_in_a_narrow_window_the_paragraphs_are_a_tab_beside_the_claims(lab: LabDriver) -> None:
    page = lab.open("degradation", 1040, 648)
    assert page.list.width() == 240
    assert page.centre.tabs.isVisible()
    assert not page.centre.look_for.isVisible()
    page.centre.tabs.setCurrentIndex(1)
    assert page.centre.look_for.isVisible()
    assert not page.centre.claims.isVisible()
