"""Attributions: which pixels speak for the class, by several methods, and what random weights leave of the map."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtGui import QImage

from resnet_gui.design.structure import Plan
from resnet_gui.gui.kit.basic import ElidedLabel, button, column, row
from resnet_gui.gui.kit.small_combo import SmallCombo
from resnet_gui.gui.kit.switch import ToggleSwitch
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.explain.attribution_fields import AttributionFields
from resnet_gui.gui.predict.explain.attribution_strip import AttributionStrip, StripCell
from resnet_gui.gui.predict.explain.attribution_words import (
    TITLES,
    correlation_words,
    figures_words,
    settings_words,
)
from resnet_gui.gui.predict.explain.map_grid import number
from resnet_gui.gui.predict.explain.widget import ExplainWidget
from resnet_gui.gui.predict.pictures.canvas import Marks, Overlay
from resnet_gui.gui.predict.state import PredictState
from resnet_gui.protocol.attribution_messages import Attribute
from resnet_gui.protocol.events import Progressed
from resnet_gui.protocol.explain_events import Attribution, AttributionGrown, PixelMap

MAPS = (("For and against", True), ("How much", False))
EMPTY = "The map appears here with the first answer."


def request_attribution(state: PredictState) -> Attribute | None:
    """The question which pixels speak for the chosen class."""
    request, wanted = state.explained_request, state.attribution
    if request is None or not state.image:
        return None
    settings = wanted.settings
    if wanted.method == "grad-cam":
        settings = msgspec.structs.replace(settings, location=state.location)
    return Attribute(0, request, state.image, state.target, wanted.method, settings, wanted.sanity)


class AttributionView(ExplainWidget):
    """The view of attributions: method and settings, the figures of the map, and the sanity check in a strip."""

    def __init__(self, theme: Theme, state: PredictState) -> None:
        super().__init__(theme, state)
        self._found: Attribution | None = None
        self._sections = 0
        self._busy = False
        layout = column(self, (16, 6, 16, 8), 6)
        line = row(gap=8)
        self.method = SmallCombo("Method", 12, least=100, list_width=180)
        self.method.show_entries((title, key) for key, title in TITLES.items())
        self.map = SmallCombo("Map", 9, least=80, list_width=150)
        self.map.show_entries(MAPS)
        self.sanity = ToggleSwitch(
            theme, "Sanity check",
            "Make the weights random too, from the head down: a map that stays as it was explains nothing of what the "
            "network has learned (Adebayo et al. 2018)",
        )  # fmt: skip
        self.stop = button("Stop", tip="Give up the map that is being computed")
        self.stop.setProperty("small", "true")
        self.method.activated.connect(lambda _: self._choose(method=self.method.currentData(), step=0))
        self.map.activated.connect(lambda _: self._choose(signed=self.map.currentData()))
        self.sanity.toggled.connect(lambda on: self._choose(sanity=on, step=0))
        self.stop.clicked.connect(self._stop_or_go_on)
        for widget in (self.method, self.map, self.sanity):
            line.addWidget(widget)
        line.addStretch()
        line.addWidget(self.stop)
        layout.addLayout(line)
        self.fields = AttributionFields()
        self.fields.changed.connect(lambda settings: self._choose(settings=settings, step=0))
        layout.addWidget(self.fields)
        self.figures = ElidedLabel("", "small")
        layout.addWidget(self.figures)
        self.strip = AttributionStrip(theme)
        self.strip.chosen.connect(lambda step: self._choose(step=step))
        layout.addWidget(self.strip, 1)
        state.attribution_changed.connect(self._show_choice)
        self._show_choice()
        self.clear(EMPTY)

    def show_network(self, planned: Plan) -> None:
        """The sanity check has a step for stem, head and each stage."""
        self._sections = len(planned.stages) + 2

    # ---- what is chosen

    def _choose(self, **changes: object) -> None:
        self.state.set_attribution(msgspec.structs.replace(self.state.attribution, **changes))

    def _show_choice(self) -> None:
        wanted = self.state.attribution
        self.method.show_key(wanted.method)
        self.map.show_key(wanted.signed)
        self.map.setEnabled(wanted.method != "grad-cam")
        self.sanity.blockSignals(True)
        self.sanity.setChecked(wanted.sanity)
        self.sanity.blockSignals(False)
        self.fields.show_settings(wanted.method, wanted.settings)
        if self._found is not None and self._found.method != wanted.method:
            self.clear("")
        self._show_maps()

    def _stop_or_go_on(self) -> None:
        if self._busy:
            self.given_up.emit()
            self._set_busy(on=False, stopped=True)
            self._say("Stopped.")
        else:
            self._set_busy(on=False)
            self.wanted_again.emit()

    def _set_busy(self, *, on: bool, stopped: bool = False) -> None:
        self._busy = on
        self.stop.setText("Compute" if stopped else "Stop")
        self.stop.setVisible(on or stopped)

    # ---- answers

    def show_piece(self, piece: Any) -> None:
        """Show how far the work is, or what is known of it."""
        self._set_busy(on=True)
        if isinstance(piece, Progressed):
            self._say(f"{piece.done:,} of {piece.total:,} {piece.what}")
        elif isinstance(piece, AttributionGrown):
            self._found = piece.attribution
            self._show_maps()

    def show_answer(self, answer: Attribution) -> None:
        """Show the map and its figures."""
        self._found = answer
        self._set_busy(on=False)
        self._show_maps()
        classes = self.state.loaded.classes if self.state.loaded is not None else ()
        label = classes[answer.target] if answer.target < len(classes) else f"class {answer.target}"
        self._say(figures_words(answer, label), self._settings_words(answer))

    def show_failure(self, sentence: str) -> None:
        """Show why there is no map."""
        self._found = None
        self._set_busy(on=False)
        self._say("")
        self.strip.show_words(sentence)

    def clear(self, sentence: str) -> None:
        """Show no map, but why."""
        self._found = None
        self._set_busy(on=False)
        self._say("")
        self.strip.show_words(sentence)

    def drawing(self) -> tuple[Overlay | None, Marks]:
        """The chosen map; Grad-CAM of another view must not stand for it while it is being computed."""
        cells = self.strip.cells()
        step = min(self.state.attribution.step, len(cells) - 1)
        return cells[step].overlay if cells else None, Marks()

    def drawing_title(self) -> str:
        """The chosen method."""
        return TITLES[self.state.attribution.method]

    def drawing_is_placed(self) -> bool:
        """Grad-CAM looks where the picture's bar says; the other methods go back to the pixels."""
        return self.state.attribution.method == "grad-cam"

    def _say(self, words: str, more: str = "") -> None:
        self.figures.setText(words)
        self.figures.setToolTip(f"{words}\n{more}" if more else words)

    def _settings_words(self, found: Attribution) -> str:
        return settings_words(found.method, found.settings, self.state.title(found.settings.location))

    def _show_maps(self) -> None:
        """Show what is known, in the way that is wanted."""
        found, wanted = self._found, self.state.attribution
        if found is None:
            return
        signed = wanted.signed and found.method != "grad-cam"
        alone = not wanted.sanity
        words = self._settings_words(found) if alone else f"logit {number(found.score)}"
        cells = [StripCell("Trained weights", "Trained", words, _overlay(found.map, signed=signed))]
        for step in found.randomised:
            title, short = f"Random to {step.section}", f"to {step.section}"
            words = correlation_words(step, signed=signed)
            cells.append(StripCell(title, short, words, _overlay(step.map, signed=signed)))
        room = 1 + (self._sections if wanted.sanity else 0)
        current = min(wanted.step, len(cells) - 1)
        self.strip.show_cells(cells, QImage.fromData(found.input_png), current=current, room=room)


def _overlay(found: PixelMap | None, *, signed: bool) -> Overlay | None:
    if found is None:
        return None
    return Overlay(found.signed if signed else found.absolute, found.width, found.height, signed=signed)
