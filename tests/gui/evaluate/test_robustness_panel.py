"""The panel "Corruption": sliders, pictures, curves, attacks, and what is said where there is nothing."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.evaluation.attacks import EPSILONS, Attack
from resnet_gui.evaluation.corruptions import BLUR, CORRUPTIONS, JPEG, NOISE
from resnet_gui.evaluation.intervals import wilson
from resnet_gui.evaluation.robustness import (
    ROBUSTNESS_FILE,
    AttackAccuracy,
    CombinedAccuracy,
    RobustnessRecord,
    write_robustness,
)
from resnet_gui.evaluation.selection import Selection
from resnet_gui.gui.evaluate.robustness.curves import attack_chart, corruption_chart
from resnet_gui.gui.evaluate.robustness.panel import NOTHING, RobustnessPanel
from resnet_gui.gui.evaluate.robustness.setting_rows import STEPS
from resnet_gui.gui.evaluate.state import EvaluateState
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.protocol.evaluation_events import (
    PictureAttacked,
    PictureCorrupted,
    RobustnessCounted,
    RobustnessMeasured,
    SettingsMeasured,
)
from resnet_gui.protocol.evaluation_messages import (
    AttackPicture,
    CorruptPicture,
    MeasureAttacks,
    MeasureRobustness,
    MeasureSettings,
)
from resnet_gui.protocol.events import Failed
from resnet_gui.protocol.scores import Score
from tests.gui.evaluate.measured_folders import (
    CORRECT,
    PICTURES,
    make_evaluation,
    make_record,
    measure_robustness,
)
from tests.gui.train.test_plots import IdleEngines

SHOWN = (BLUR.key, NOISE.key, JPEG.key)


def png(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(file, "PNG")
    return file.getvalue()


class RobustnessDriver:
    """A panel with engines that are asked and never answer by themselves."""

    def __init__(self, qtbot: QtBot, theme: Theme, folder: Path) -> None:
        self.qtbot, self.folder = qtbot, folder
        self.state, self.engines = EvaluateState(), IdleEngines()
        self.panel = RobustnessPanel(theme, self.state, self.engines)
        qtbot.addWidget(self.panel)
        self.panel.resize(590, 356)
        self.panel.show()

    def show(self, record: RobustnessRecord | None = None) -> None:
        """Show an evaluation whose folder has a record, or has none."""
        if record is not None:
            write_robustness(self.folder, record)
        self.state.show_evaluation(make_evaluation(self.folder), "net")

    def asked(self, kind: type) -> list[Any]:
        """What was asked of a kind, when all that waits has been asked."""
        for tab in (self.panel.corruption, self.panel.attack):
            if tab._asking.is_pending():
                tab._asking.call_now()
        return [job for job in self.engines.asked if isinstance(job, kind)]

    def answer(self, event: Any) -> None:
        self.engines._take(event)

    def corrupt(self) -> None:
        """Answer what was asked last about a picture."""
        job = self.asked(CorruptPicture)[-1]
        self.answer(PictureCorrupted(
            job=job.job, number=job.number, truth=0, before_png=png("#C00000"), after_png=png("#600000"),
            before=(Score("cat", 0, 0.972),), after=(Score("dog", 1, 0.514),),
        ))  # fmt: skip


@pytest.fixture
def robust(qtbot: QtBot, theme: Theme, tmp_path: Path) -> RobustnessDriver:
    return RobustnessDriver(qtbot, theme, tmp_path)


def test_curves_are_the_shares_with_their_intervals_and_rings_stand_at_the_settings() -> None:
    record = make_record([BLUR.key])
    chart = corruption_chart(record, {BLUR.key: 1.5, NOISE.key: 2.0})
    shares = [wilson(correct, PICTURES) for correct in CORRECT]
    (line,), (band,) = chart.lines, chart.bands
    assert line.points.y == pytest.approx([100 * share.value for share in shares])
    assert band.low == pytest.approx([100 * share.low for share in shares])
    ring = next(dot for dot in chart.dots if dot.hollow)
    assert (ring.x, ring.y) == pytest.approx((1.5, 100 * 35 / 60))
    assert [mark.at for mark in chart.marks] == [pytest.approx(100 / 3)]
    assert [tag.text for tag in chart.tags] == ["Blur"]


def test_a_curve_that_is_not_whole_is_drawn_as_far_as_it_is_measured_and_has_no_ring_beyond() -> None:
    chart = corruption_chart(make_record([BLUR.key], CORRECT[:3]), {BLUR.key: 2.5})
    assert chart.lines[0].points.x.tolist() == [0, 1, 2]
    assert not any(dot.hollow for dot in chart.dots)


def test_a_picture_is_asked_for_with_the_settings_of_the_sliders_and_both_answers_are_shown(
    robust: RobustnessDriver,
) -> None:
    robust.show(make_record(SHOWN))
    tab = robust.panel.corruption
    tab.rows.shown[0].slider.setValue(2 * STEPS)
    tab.rows.shown[1].slider.setValue(0)
    tab.rows.shown[2].slider.setValue(STEPS // 2)
    job = robust.asked(CorruptPicture)[-1]
    assert job.settings == {BLUR.key: 0.6, JPEG.key: 90.0}
    assert [each.words.text() for each in tab.rows.shown] == ["0.6 px", "none", "quality 90"]
    robust.corrupt()
    assert (tab.before.caption, tab.after.caption) == ("cat 97.2 % is cat", "dog 51.4 %")
    assert tab.after.image.pixelColor(3, 3) == QColor("#600000")


def test_the_size_of_the_input_is_that_of_the_first_picture_where_nothing_is_measured(robust: RobustnessDriver) -> None:
    robust.show()
    (first,) = robust.asked(CorruptPicture)
    assert first.settings == {}
    robust.corrupt()
    assert robust.asked(CorruptPicture)[-1].settings == {key: CORRUPTIONS[key].small[0] for key in SHOWN}


def test_next_picture_goes_through_the_selected_ones_and_begins_again(robust: RobustnessDriver) -> None:
    robust.show(make_record(SHOWN))
    robust.state.select(Selection(numbers=(7, 8)))
    for _ in range(2):
        robust.asked(CorruptPicture)
        robust.qtbot.mouseClick(robust.panel.next, Qt.MouseButton.LeftButton)
    seen = [job.number for job in robust.asked(CorruptPicture)][-3:]
    assert set(seen) == {7, 8}
    assert seen[0] == seen[2] != seen[1]


def test_a_panel_that_is_not_seen_asks_nothing(robust: RobustnessDriver) -> None:
    robust.panel.hide()
    robust.show(make_record(SHOWN))
    assert not robust.asked(CorruptPicture)
    robust.panel.show()
    assert len(robust.asked(CorruptPicture)) == 1


def test_curves_that_are_lacking_are_measured_on_demand_and_grow(robust: RobustnessDriver) -> None:
    robust.show()
    tab = robust.panel.corruption
    assert tab.chart.chart is not None
    assert tab.chart.chart.message == "Not measured yet"
    assert tab.measure_row.action.text() == "Measure curves on 60 pictures"
    tab.measure_row.action.click()
    (job,) = robust.asked(MeasureRobustness)
    assert (job.corruptions, job.pictures) == (SHOWN, PICTURES)
    measure_robustness(robust.folder, [BLUR.key], CORRECT[:2])
    robust.answer(RobustnessCounted(job=job.job, corruption=BLUR.key, severity=1, correct=40, pictures=60, done=2,
                                    total=18))  # fmt: skip
    assert tab.chart.chart.lines[0].points.x.tolist() == [0, 1]
    assert (tab.measure_row.progress.bar.value(), tab.measure_row.progress.bar.maximum()) == (2, 18)
    measure_robustness(robust.folder, SHOWN)
    robust.answer(RobustnessMeasured(job.job, job.folder))
    assert len(tab.chart.chart.lines) == 3
    assert tab.measure_row.isHidden()
    assert robust.panel.about.toolTip() == "Top-1 accuracy on all 60 pictures; cpu, fp32"


def test_another_corruption_on_show_has_a_slider_and_offers_to_measure_its_curve(robust: RobustnessDriver) -> None:
    robust.show(make_record(SHOWN))
    tab = robust.panel.corruption
    assert tab.measure_row.isHidden()
    actions = {action.text(): action for action in robust.panel.kinds.menu().actions()}
    actions["Rotation"].setChecked(True)
    actions["Blur"].setChecked(False)
    assert [each.corruption.title for each in tab.rows.shown] == ["Noise", "JPEG", "Rotation"]
    assert tab.measure_row.words.text() == "Not measured: Rotation"
    tab.measure_row.action.click()
    assert robust.asked(MeasureRobustness)[-1].corruptions == ("rotation",)
    for name in ("Noise", "JPEG"):
        actions[name].setChecked(False)
    assert not actions["Rotation"].isEnabled()


@pytest.mark.parametrize("failed", [True, False])
def test_a_measurement_that_fails_or_is_given_up_can_be_begun_again(robust: RobustnessDriver, failed: bool) -> None:
    robust.show()
    tab = robust.panel.corruption
    tab.measure_row.action.click()
    (job,) = robust.asked(MeasureRobustness)
    if failed:
        robust.answer(Failed(job.job, "Picture 3 has gone."))
        assert tab.measure_row.problem.text() == "Picture 3 has gone."
    else:
        tab.measure_row.progress.cancel.click()
        assert job.job not in robust.engines._pending
    assert tab.measure_row.action.isVisibleTo(tab)
    tab.measure_row.action.click()
    assert len(robust.asked(MeasureRobustness)) == 2


def test_all_sliders_together_are_measured_on_demand_and_have_an_interval(robust: RobustnessDriver) -> None:
    record = make_record(SHOWN)
    robust.show(record)
    tab = robust.panel.corruption
    assert tab.combined.text() == "All three: not measured"
    assert tab.measure_combined.text() == "Measure all three"
    tab.measure_combined.click()
    (job,) = robust.asked(MeasureSettings)
    assert job.settings == {key: CORRUPTIONS[key].small[0] for key in SHOWN}
    write_robustness(robust.folder, record.with_combination(CombinedAccuracy(job.settings, 24)))
    robust.answer(SettingsMeasured(job.job, 24, PICTURES))
    share = wilson(24, PICTURES)
    assert f"{tab.combined.text()} {tab.share.text()}" == "All three on 60 pictures: 40.0 %"
    assert tab.interval.text() == f"{100 * share.low:.1f} to {100 * share.high:.1f}, 95 % interval"
    tab.rows.shown[0].slider.setValue(0)
    assert tab.combined.text() == "All three: not measured"
    for each in tab.rows.shown:
        each.slider.setValue(0)
    assert tab.combined.text() == "No slider changes anything"
    assert tab.measure_combined.isHidden()


def test_a_picture_that_cannot_be_read_is_a_sentence(robust: RobustnessDriver) -> None:
    robust.show(make_record(SHOWN))
    job = robust.asked(CorruptPicture)[-1]
    robust.answer(Failed(job.job, "cat.png has gone."))
    assert robust.panel.corruption.interval.text() == "cat.png has gone."
    assert robust.panel.corruption.before.image.isNull()


def test_nothing_is_shown_of_no_evaluation_and_a_damaged_record_is_a_sentence(robust: RobustnessDriver) -> None:
    assert robust.panel.notice.sentence.text() == NOTHING
    assert robust.panel.next.isHidden()
    (robust.folder / ROBUSTNESS_FILE).write_text("{")
    robust.show()
    assert "is damaged" in robust.panel.notice.sentence.text()


# ---- attacks


def with_attacks(steps: int) -> RobustnessRecord:
    record = make_record(SHOWN)
    for number, epsilon in enumerate((0.0, *EPSILONS)):
        attack = Attack(epsilon, steps if epsilon else 1)
        record = record.with_attack(AttackAccuracy(attack, attack.step_size, 50 - 8 * number))
    return record


def test_accuracy_against_epsilon_begins_without_an_attack_and_has_the_ring_of_the_slider() -> None:
    chart = attack_chart(with_attacks(10), 8, 10, 3.0)
    (line,) = chart.lines
    assert line.name == "PGD, 10 steps"
    assert line.points.x.tolist() == [0, 0.5, 1, 2, 4, 8]
    assert line.points.y[0] == pytest.approx(100 * 50 / 60)
    ring = next(dot for dot in chart.dots if dot.hollow)
    assert (ring.x, ring.y) == pytest.approx((3, 100 * 22 / 60))


def test_an_attack_is_asked_for_as_the_controls_name_it_and_its_change_is_shown(robust: RobustnessDriver) -> None:
    robust.show(make_record(SHOWN))
    panel = robust.panel
    panel.tabs._choose(1)
    tab = panel.attack
    tab.methods._choose(1)
    tab.slider.setValue(3)
    job = robust.asked(AttackPicture)[-1]
    assert (job.epsilon, job.steps) == (1.5, 10)
    assert tab.words.text().startswith("PGD, ε = 1.5/255, 10 steps")
    robust.answer(PictureAttacked(
        job=job.job, number=job.number, epsilon=1.5, steps=10, step_size=0.4, before_png=png("#C00000"),
        after_png=png("#C10000"), difference_png=png("#808080"), factor=84, largest=1.5, truth=0,
        before=(Score("cat", 0, 0.9),), after=(Score("ship", 2, 0.8),),
    ))  # fmt: skip
    assert (tab.before.caption, tab.after.caption, tab.difference.caption) == (
        "cat 90.0 % is cat",
        "ship 80.0 %",
        "change ×84",
    )
    tab.measure_row.action.click()
    (curve,) = robust.asked(MeasureAttacks)
    assert (curve.steps, curve.pictures) == (10, PICTURES)
    write_robustness(robust.folder, with_attacks(10))
    robust.answer(RobustnessMeasured(curve.job, curve.folder))
    assert tab.measure_row.isHidden()
    tab.methods._choose(0)
    assert tab.measure_row.action.text() == "Measure FGSM on 60 pictures"


def test_a_failure_is_read_whole_below_the_curves(robust: RobustnessDriver) -> None:
    robust.show()
    robust.panel.resize(590, 350)
    robust.panel.show()
    tab = robust.panel.corruption
    tab.measure_row.action.click()
    (job,) = robust.asked(MeasureRobustness)
    sentence = "There is no picture '/pictures/cat/3.png' any more: put it back, or measure the evaluation again."
    robust.answer(Failed(job.job, sentence))
    QApplication.processEvents()
    problem = tab.measure_row.problem
    assert problem.text() == sentence
    assert problem.height() >= problem.heightForWidth(problem.width())
    assert problem.width() > 250
