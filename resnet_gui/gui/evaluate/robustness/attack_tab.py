"""A picture that is changed against the network by its gradient, and accuracy against the size of the change."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSlider, QWidget

from resnet_gui.evaluation.attacks import EPSILONS, STEPS, Attack
from resnet_gui.evaluation.corruptions import PICTURES
from resnet_gui.evaluation.robustness import RobustnessRecord
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.client.latest import LatestRequests
from resnet_gui.gui.evaluate.robustness.curves import attack_chart
from resnet_gui.gui.evaluate.robustness.measure_row import MeasureRow
from resnet_gui.gui.evaluate.robustness.picture_card import PictureCard
from resnet_gui.gui.kit.basic import SegmentedControl, column, label, restyle, row
from resnet_gui.gui.kit.charts.chart_view import ChartView
from resnet_gui.gui.kit.format import count
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.throttle import Throttle
from resnet_gui.protocol.evaluation_events import AttackCounted, PictureAttacked
from resnet_gui.protocol.evaluation_messages import AttackPicture, MeasureAttacks
from resnet_gui.protocol.events import Event, Failed, Progressed

HALVES: Final = 2
"""Places of the slider a 255th."""

START: Final = 2.0
SIDE: Final = 84
FRAME_MS: Final = 30


class AttackTab(QWidget):
    """A tab with ε and the number of steps, a picture before and after with its amplified change, and the curve.

    Attributes:
        slider: ε, in halves of 1/255.
        methods: FGSM or PGD.
        before, after, difference: the picture.
        chart: accuracy against ε.
        words: how the attack is made.
        measure_row: measures what the chart lacks.

    Signals:
        measured: the folder of the evaluation holds more than before.
    """

    measured = Signal()

    def __init__(self, theme: Theme, engines: Engines) -> None:
        super().__init__()
        self._folder = ""
        self._number = 0
        self._pictures = 0
        self._labels: tuple[str, ...] = ()
        self._record: RobustnessRecord | None = None
        self._problem = ""
        self._requests = LatestRequests(engines, self)
        self._requests.answered.connect(self._take)
        self._asking = Throttle(self, FRAME_MS, self._ask_picture)
        self._build(theme)

    def _build(self, theme: Theme) -> None:
        line = row(self, (16, 8, 12, 8), 14)
        left = column(side := QWidget(), gap=8)
        side.setFixedWidth(3 * SIDE + 16)
        self.methods = SegmentedControl(theme, [("1", "FGSM, 1 step", ""), (str(STEPS), f"PGD, {STEPS} steps", "")],
                                        height=24)  # fmt: skip
        self.methods.setAccessibleName("Attack")
        self.methods.chosen.connect(lambda _key: self._move())
        left.addWidget(self.methods)
        size = row(gap=8)
        size.addWidget(label("ε", "plain12"))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Largest change of a value, ε")
        self.slider.setRange(0, round(HALVES * EPSILONS[-1]))
        self.slider.setPageStep(HALVES)
        self.slider.setValue(round(HALVES * START))
        self.slider.valueChanged.connect(self._move)
        size.addWidget(self.slider, 1)
        self.value = label("", "plain12")
        self.value.setFixedWidth(52)
        size.addWidget(self.value)
        left.addLayout(size)
        pictures = row(gap=8)
        self.before, self.after = PictureCard(theme, "Before", SIDE), PictureCard(theme, "After", SIDE)
        self.difference = PictureCard(theme, "Change, amplified", SIDE)
        for card in (self.before, self.after, self.difference):
            pictures.addWidget(card)
        left.addLayout(pictures)
        self.words = label("", "muted12", wrap=True)
        left.addWidget(self.words)
        left.addStretch(1)
        line.addWidget(side)
        right = column(area := QWidget(), gap=4)
        self.chart = ChartView(theme, "Accuracy against ε")
        right.addWidget(self.chart, 1)
        self.measure_row = MeasureRow()
        self.measure_row.requested.connect(self._ask_curve)
        self.measure_row.cancelled.connect(self._cancel_curve)
        right.addWidget(self.measure_row)
        line.addWidget(area, 1)
        self._draw()

    @property
    def attack(self) -> Attack:
        """What the controls name."""
        return Attack(self.slider.value() / HALVES, int(self.methods.key))

    # ---- what is shown

    def show_evaluation(self, folder: str, pictures: int, labels: tuple[str, ...]) -> None:
        """Show another evaluation with so many pictures; what was asked about the one before is given up."""
        self._requests.forget("picture", "curve")
        self._folder, self._pictures, self._labels, self._problem = folder, pictures, labels, ""
        for card in (self.before, self.after, self.difference):
            card.show_picture(b"", "", "")

    def show_record(self, record: RobustnessRecord | None) -> None:
        """Show what is measured."""
        self._record = record
        self._draw()

    def show_picture(self, number: int) -> None:
        """Show another picture."""
        self._number = number
        self._asking.request_soon()

    def _move(self) -> None:
        self._asking.request()
        self._draw()

    @property
    def _sample(self) -> int:
        return self._record.sample.pictures if self._record is not None else min(PICTURES, self._pictures)

    def missing(self) -> bool:
        """Whether the curve of the attack is not whole."""
        there = self._record.attack_curve(self.attack.steps) if self._record is not None else ()
        return {each.attack.epsilon for each in there} < {0.0, *EPSILONS}

    def _draw(self) -> None:
        attack = self.attack
        self.value.setText(f"{attack.epsilon:g}/255")
        self.slider.setAccessibleDescription(self.value.text())
        restyle(self.words, role="muted12")
        self.words.setText(f"{attack.words}, against the true class" if attack.epsilon else "No attack")
        self.chart.show_chart(attack_chart(self._record, EPSILONS[-1], attack.steps, attack.epsilon))
        if not self._requests.asking("curve"):
            lacking = self.missing() and bool(self._folder)
            action = f"Measure {attack.method.upper()} on {count(self._sample)} pictures" if lacking else ""
            self.measure_row.show_offer(self._problem, action, failed=bool(self._problem))

    # ---- engines

    def _ask_picture(self) -> None:
        if not self._folder or not self.isVisible():
            return
        folder, number, attack = self._folder, self._number, self.attack

        def question(job: int) -> AttackPicture:
            return AttackPicture(job=job, folder=folder, number=number, epsilon=attack.epsilon, steps=attack.steps)

        self._requests.ask("picture", question)

    def _ask_curve(self) -> None:
        folder, steps, pictures = self._folder, self.attack.steps, self._sample
        self._problem = ""
        self.measure_row.show_progress(0, 0, "waits for the engine")
        self._requests.ask("curve", lambda job: MeasureAttacks(job=job, folder=folder, steps=steps,
                                                               pictures=pictures))  # fmt: skip

    def _cancel_curve(self) -> None:
        self._requests.forget("curve")
        self.measured.emit()

    def _take(self, kind: str, event: Event) -> None:
        match kind, event:
            case "picture", PictureAttacked():
                self._take_picture(event)
            case "picture", Failed(message=message):
                for card in (self.before, self.after, self.difference):
                    card.show_picture(b"", "", "")
                restyle(self.words, role="error")
                self.words.setText(message)
            case "curve", AttackCounted(done=done, total=total):
                self.measure_row.show_progress(done, total, f"ε = {event.epsilon:g}/255")
                self.measured.emit()
            case "curve", Progressed():
                pass  # pictures of one point; the points say how far it is
            case "curve", Failed(message=message):
                self._problem = message
                self._draw()
            case "curve", _:
                self.measured.emit()

    def _take_picture(self, event: PictureAttacked) -> None:
        self.before.show_answer(event.before_png, event.before, self._labels[event.truth])
        self.after.show_answer(event.after_png, event.after)
        self.difference.show_picture(event.difference_png, "change", f"×{event.factor}")
        self.difference.setToolTip(
            f"The change, {event.factor} times, around a middle grey; {event.largest:.3g}/255 at most"
        )
