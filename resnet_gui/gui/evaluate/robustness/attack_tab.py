"""A picture that is changed against the network by its gradient, and accuracy against the size of the change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt

from resnet_gui.evaluation.attacks import EPSILONS, STEPS, Attack
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.evaluate.robustness.curves import attack_chart
from resnet_gui.gui.evaluate.robustness.picture_card import PictureCard
from resnet_gui.gui.evaluate.robustness.tab import RobustnessTab
from resnet_gui.gui.kit.basic import label, restyle, row
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.controls.slider import AbsoluteSlider
from resnet_gui.gui.kit.format import count
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.protocol.evaluation_events import AttackCounted, PictureAttacked
from resnet_gui.protocol.evaluation_messages import AttackPicture, MeasureAttacks
from resnet_gui.protocol.events import Event

HALVES: Final = 2
"""Places of the slider a 255th."""

START: Final = 2.0
SIDE: Final = 84


class AttackTab(RobustnessTab):
    """A tab with ε and the number of steps, a picture before and after with its amplified change, and the curve.

    Attributes:
        slider: ε, in halves of 1/255.
        methods: FGSM or PGD.
        before, after, difference: the cards.
        words: how the attack is made.
    """

    def __init__(self, theme: Theme, engines: Engines) -> None:
        super().__init__(theme, engines, "Accuracy against ε", 3 * SIDE + 16)
        self._build(theme)

    def _build(self, theme: Theme) -> None:
        self.methods = SegmentedControl(theme, [("1", "FGSM, 1 step", ""), (str(STEPS), f"PGD, {STEPS} steps", "")],
                                        height=24)  # fmt: skip
        self.methods.setAccessibleName("Attack")
        self.methods.chosen.connect(lambda _key: self._move())
        self.side.addWidget(self.methods)
        size = row(gap=8)
        size.addWidget(label("ε", "plain12"))
        self.slider = AbsoluteSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName("Largest change of a value, ε")
        self.slider.setRange(0, round(HALVES * EPSILONS[-1]))
        self.slider.setPageStep(HALVES)
        self.slider.setValue(round(HALVES * START))
        self.slider.valueChanged.connect(self._move)
        size.addWidget(self.slider, 1)
        self.value = label("", "plain12")
        self.value.setFixedWidth(52)
        size.addWidget(self.value)
        self.side.addLayout(size)
        pictures = row(gap=8)
        self.before, self.after = PictureCard(theme, "Before", SIDE), PictureCard(theme, "After", SIDE)
        self.difference = PictureCard(theme, "Change, amplified", SIDE)
        self.cards = (self.before, self.after, self.difference)
        for card in self.cards:
            pictures.addWidget(card)
        self.side.addLayout(pictures)
        self.words = label("", "muted12", wrap=True)
        self.side.addWidget(self.words)
        self.side.addStretch(1)
        self._draw()

    @property
    def attack(self) -> Attack:
        """What the controls name."""
        return Attack(self.slider.value() / HALVES, int(self.methods.key))

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
        self._show_offer(f"Measure {attack.method.upper()} on {count(self._sample)} pictures" if self.missing() else "")

    # ---- engines

    def _picture_question(self) -> Callable[[int], AttackPicture]:
        folder, number, attack = self._folder, self._number, self.attack
        return lambda job: AttackPicture(
            job=job, folder=folder, number=number, epsilon=attack.epsilon, steps=attack.steps
        )

    def _curves_question(self) -> Callable[[int], MeasureAttacks]:
        folder, steps, pictures = self._folder, self.attack.steps, self._sample
        return lambda job: MeasureAttacks(job=job, folder=folder, steps=steps, pictures=pictures)

    def _say_problem(self, sentence: str) -> None:
        restyle(self.words, role="error")
        self.words.setText(sentence)

    def _take(self, kind: str, event: Event) -> None:
        match event:
            case PictureAttacked():
                self._take_picture(event)
            case AttackCounted(done=done, total=total):
                self._take_counted(done, total, f"ε = {event.epsilon:g}/255")
            case _:
                super()._take(kind, event)

    def _take_picture(self, event: PictureAttacked) -> None:
        self.before.show_answer(event.before_png, event.before, self._labels[event.truth])
        self.after.show_answer(event.after_png, event.after)
        self.difference.show_picture(event.difference_png, "change", f"×{event.factor}")
        self.difference.setToolTip(
            f"The change, {event.factor} times, around a middle grey; {event.largest:.3g}/255 at most"
        )
