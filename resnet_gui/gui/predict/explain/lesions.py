"""How much of F(x) the blocks add, and branches that can be turned off, while the answer changes (Veit et al. 2016)."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout

from resnet_gui.design.structure import Plan
from resnet_gui.gui.kit.basic import ElidedLabel, button, column, label, row
from resnet_gui.gui.kit.cached_text import elided
from resnet_gui.gui.kit.controls.slider import AbsoluteSlider
from resnet_gui.gui.kit.format import percent
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.window.steady_scroll_area import SteadyScrollArea
from resnet_gui.gui.predict.explain.block_switches import BlockSwitches
from resnet_gui.gui.predict.explain.widget import ExplainWidget
from resnet_gui.gui.predict.state import PredictState

STEPS: Final = 100
"""Places of the slider from 0 to 1."""

RESIDUAL: Final = "Every block adds α F(x) to its shortcut. At α = 0 the stem, the shortcuts and the head are left."
PLAIN: Final = (
    "A plain block has no shortcut to add to: it passes α F(x) on. At α = 0 nothing of the picture is left, and all "
    "pictures get the same answer."
)
INVITATION: Final = "Turn a residual branch off with a click: only its shortcut is left."
PLAIN_INVITATION: Final = "Bypass a block with a click: nothing takes its place, which few plain networks survive."


class LesionView(ExplainWidget):
    """The view of lesions: a slider for all branches, a switch for each, with what became of the answer.

    Signals:
        share_chosen: how much of F(x) every block is to add, 0 to 1.
        plain_requested: do the same to a plain network.
    """

    share_chosen = Signal(float)
    plain_requested = Signal()

    def __init__(self, theme: Theme, state: PredictState) -> None:
        super().__init__(theme, state)
        self._invitation = INVITATION
        self._plain_there = False
        layout = column(self, (16, 8, 16, 8), 4)
        layout.addLayout(self._make_slider())
        self.meaning = label(RESIDUAL, "caption", wrap=True)
        layout.addWidget(self.meaning)
        line = row(gap=8)
        self.words = ElidedLabel("", "muted12", least=60)
        line.addWidget(self.words, 1)
        self.plain = button("Show it on the plain network", "small", "Do the same to plain-20, which has no shortcuts")
        self.plain.clicked.connect(self.plain_requested)
        line.addWidget(self.plain)
        self.reset = button("All on", "small", "Turn every branch on again, and add all of it")
        line.addWidget(self.reset)
        layout.addLayout(line)
        self.switches = BlockSwitches(theme)
        area = SteadyScrollArea(self.switches)
        self.switches.moved.connect(area.ensureVisible)
        layout.addWidget(area, 1)
        # What was said before is true no more; the answer to what is off now follows.
        state.lesions_changed.connect(self._lesions_changed)
        state.branch_share_changed.connect(self._share_changed)
        self.switches.toggled.connect(state.set_lesions)
        self.reset.clicked.connect(self._reset)
        self.show_change("", 0.0, 0.0)
        self.show_plain(there=False)

    def _make_slider(self) -> QHBoxLayout:
        line = row(gap=10)
        line.addWidget(label("How much of F(x)", "label"))
        self.slider = AbsoluteSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, STEPS)
        self.slider.setPageStep(STEPS // 10)
        self.slider.setValue(STEPS)
        self.slider.setAccessibleName("How much of F(x)")
        self.slider.setToolTip(
            "α: what every block's branch is multiplied with before it is added; 1 is the network itself"
        )
        self.slider.setMaximumWidth(420)
        line.addWidget(self.slider, 1)
        self.share = label("", "plain12")
        self.share.setFixedWidth(64)
        line.addWidget(self.share)
        self.waiting = ElidedLabel("", "caption", least=0)
        line.addWidget(self.waiting, 1)
        self.slider.valueChanged.connect(self._slide)
        self._write_share(1.0)
        return line

    def show_network(self, planned: Plan) -> None:
        """Take the blocks of a network."""
        plain = not any(block.adds for _, block in planned.blocks())
        self._invitation = PLAIN_INVITATION if plain else INVITATION
        self.meaning.setText(PLAIN if plain else RESIDUAL)
        self.switches.show_network(planned)
        self._share_changed()
        self._show_button(plain=plain)
        self.show_change("", 0.0, 0.0)

    def show_plain(self, *, there: bool) -> None:
        """Whether a trained plain network is at hand, which the same can be done to."""
        self._plain_there = there
        self._show_button(plain=self.meaning.text() == PLAIN)

    def _show_button(self, *, plain: bool) -> None:
        wanted = self._plain_there and not plain
        if not wanted and self.window().focusWidget() is self.plain:
            # What is tried next on the plain network.
            self.slider.setFocus(Qt.FocusReason.OtherFocusReason)
        self.plain.setVisible(wanted)

    # ---- the slider

    def _slide(self, value: int) -> None:
        share = value / STEPS
        self._write_share(share)
        self.share_chosen.emit(share)

    def _write_share(self, share: float) -> None:
        self.share.setText(f"α = {share:.2f}")
        self.slider.setAccessibleDescription(self.share.text())

    def _share_changed(self) -> None:
        """Show the share that the answer will be of; the slider is not moved under the hand that drags it."""
        share = self.state.branch_share
        self.switches.show_share(share)
        if not self.slider.isSliderDown():
            with QSignalBlocker(self.slider):
                self.slider.setValue(round(share * STEPS))
            self._write_share(share)
        self.reset.setEnabled(bool(self.switches.off()) or share != 1.0)

    def _reset(self) -> None:
        self.switches.set_all_on()
        self.slider.setValue(STEPS)

    def show_waiting(self, sentence: str) -> None:
        """Say beside the slider what a move waits for; empty for nothing."""
        self.waiting.setText(sentence)
        self.waiting.setToolTip(sentence)

    # ---- what became of the answer

    def _lesions_changed(self) -> None:
        self.switches.show_off(self.state.lesions)
        self.show_change("", 0.0, 0.0)

    def show_change(self, before: str, was: float, now: float) -> None:
        """Say how sure the network is of its first answer as it was trained, and as it is now."""
        off, share = len(self.switches.off()), self.state.branch_share
        self.reset.setEnabled(off > 0 or share != 1.0)
        parts = [f"{off} off"] * bool(off) + [f"α = {share:.2f}"] * (share != 1.0)
        how = ", ".join(parts)
        if not parts:
            self.words.setText(self._invitation)
            self.words.setToolTip(self.words.text())
        elif not before:
            self.words.setText(how)
            self.words.setToolTip(self.words.text())
        else:
            verb = "falls" if now < was else "goes"
            self.words.setText(f"{how}: {elided(before, 200, 12)} {verb} from {percent(was)} to {percent(now)}")
            self.words.setToolTip(self.words.text())
