"""The thawing plan: a row a phase, a cell a part of the network."""

from __future__ import annotations

from math import prod
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QWidget

from resnet_gui.design.structure import Plan
from resnet_gui.gui.kit.basic import ElidedLabel, button, column, label, row, set_icon
from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.switch import ToggleSwitch
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.train.thawing.parts import paint_part, part_names, part_tokens
from resnet_gui.gui.train.thawing.row import WORDS, PhaseRow
from resnet_gui.training.phase_edits import (
    Phases,
    epochs_of,
    is_probe,
    part_parameters,
    parts_of,
    rows_of,
    title_of,
    with_cached,
    with_epochs,
    with_frozen,
    with_phase,
    with_probe,
    with_rate,
    without_phase,
)
from resnet_gui.training.phases import NOTHING, Phase, rate_if_learning
from resnet_gui.training.recipe import Recipe

MOST_PHASES: Final = 8


class _PartHeads(QWidget):
    """The names of the parts, each under a line of its hue."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme, self._stages = theme, 1
        self.setFixedHeight(22)
        theme.changed.connect(self.update)

    def show_stages(self, stages: int) -> None:
        """Show the parts of a network with so many stages."""
        self._stages = stages
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw lines and names."""
        painter = QPainter(self)
        names = part_names(self._stages)
        wide = (self.width() - WORDS) / len(names)
        for part, name in enumerate(names):
            left = WORDS + part * wide
            painter.fillRect(QRectF(left + 1, 0, wide - 2, 3), self._theme.color(part_tokens(part, self._stages).line))
            painter.setPen(self._theme.color("t2"))
            ink(name, 11).draw_in(painter, QRectF(left, 5, wide, 16), "centre")


class FrozenSample(QWidget):
    """The sample of a hatch, with the word for it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedSize(62, 16)
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw both."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_part(painter, self._theme, QRectF(0, 3, 18, 11), part_tokens(3, 4), frozen=True)
        painter.setPen(self._theme.color("t2"))
        ink("frozen", 11).draw_in(painter, QRectF(23, 0, 40, 16))


class ThawingTable(QFrame):
    """The plan of what learns when, which the user edits by handles, cells and fields.

    Attributes:
        rows: one a phase.
        probe: whether the head learns alone first, on features that are computed once.
        summary: what the chosen phase freezes and trains.
        cached: whether the features of its frozen parts are computed once; hidden where it freezes nothing.

    Signals:
        edited: the user has changed phases or epochs.
        refused: a sentence why something that was typed is no learning rate.
    """

    edited = Signal()
    refused = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._phases: Phases = ()
        self.epochs, self._rate, self._chosen = Recipe().epochs, Recipe().lr, 0
        self._counts: tuple[int, ...] = (0, 0, 0)
        self._plan: Plan | None = None
        layout = column(self, gap=0)
        self._heads = _PartHeads(theme)
        layout.addWidget(self._heads)
        self._body = column(body := QWidget(), gap=0)
        self.rows: list[PhaseRow] = []
        layout.addWidget(body)
        line = row(gap=6)
        sign = label()
        theme.follow(sign, lambda: sign.setPixmap(theme.pixmap("snow", "t2", 12)))
        self.summary = ElidedLabel("", "small")
        line.addWidget(sign)
        line.addWidget(self.summary, 1)
        layout.addSpacing(4)
        layout.addLayout(line)
        self.cached = ToggleSwitch(theme, "Features computed once", "")
        self.cached.toggled.connect(self._toggle_cached)
        layout.addWidget(self.cached)
        below = row(gap=8)
        self.probe = ToggleSwitch(
            theme, "Linear probe first", "The head learns alone for some epochs, on features that are computed once"
        )
        self.probe.toggled.connect(self._toggle_probe)
        self.add = button("Add a phase", "link", "One more phase, in which more of the network learns")
        set_icon(theme, self.add, "plus", "acc")
        self.add.setIconSize(QSize(12, 12))
        self.add.clicked.connect(self._add)
        below.addWidget(self.probe, 1)
        below.addWidget(self.add, 0, Qt.AlignmentFlag.AlignRight)
        layout.addSpacing(4)
        layout.addLayout(below)

    # ---- what is shown

    @property
    def phases(self) -> Phases:
        """The phases as they stand."""
        return self._phases

    def value(self) -> Phases:
        """The same, for the form."""
        return self._phases

    def show_value(self, phases: object) -> None:
        """Show other phases without telling anybody."""
        if not isinstance(phases, tuple):
            raise TypeError(f"{phases!r} are no phases")
        self._phases = phases
        self._chosen = min(self._chosen, len(rows_of(phases)) - 1)
        self._show()

    def show_training(self, epochs: int, rate: float) -> None:
        """Show how long the training is, and the learning rate that the phases' factors are of."""
        if (epochs, rate) != (self.epochs, self._rate):
            self.epochs, self._rate = epochs, rate
            self._show()

    def show_plan(self, planned: Plan) -> None:
        """Show the parts of another design."""
        if planned is not self._plan:
            self._plan, self._counts = planned, part_parameters(planned)
            self._heads.show_stages(self._stages)
            self._show()

    @property
    def _stages(self) -> int:
        return len(self._counts) - 2

    def _show(self) -> None:
        phases = rows_of(self._phases)
        while len(self.rows) < len(phases):
            self._make_row()
        while len(self.rows) > len(phases):
            gone = self.rows.pop()
            self._body.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for number, (shown, phase, epochs) in enumerate(
            zip(self.rows, phases, epochs_of(phases, self.epochs), strict=True)
        ):
            parts = parts_of(phase, self._stages)
            shown.show_phase(title_of(phase), max(1, epochs), self._rates(phase), parts)
            shown.set_chosen(on=number == self._chosen and len(phases) > 1)
        blocked = self.probe.blockSignals(True)
        self.probe.setChecked(is_probe(self._phases))
        self.probe.blockSignals(blocked)
        self.add.setVisible(len(phases) < MOST_PHASES)
        self._show_summary()

    def _rates(self, phase: Phase) -> tuple[float, ...]:
        parts = parts_of(phase, self._stages)
        return tuple(
            0.0 if part < parts else self._rate * rate_if_learning(phase, part, self._stages)
            for part in range(self._stages + 2)
        )

    def _make_row(self) -> None:
        number = len(self.rows)
        made = PhaseRow(self._theme, number)
        made.frozen_moved.connect(lambda parts: self._freeze(number, parts))
        made.epochs_edited.connect(lambda epochs: self._take(*with_epochs(self._phases, self.epochs, number, epochs)))
        made.rate_edited.connect(lambda part, text: self._type_rate(number, part, text))
        made.remove_requested.connect(lambda: self._take(*without_phase(self._phases, self.epochs, number)))
        made.chosen.connect(lambda: self._choose(number))
        self.rows.append(made)
        self._body.addWidget(made)

    def _show_summary(self) -> None:
        phase = rows_of(self._phases)[self._chosen]
        frozen = sum(self._counts[: parts_of(phase, self._stages)])
        trained = sum(self._counts) - frozen
        self.summary.setText(f"{title_of(phase)}: {frozen:,} parameters frozen, {trained:,} trained")
        self.summary.setToolTip(self.summary.text())
        self._show_cached(phase)

    def _show_cached(self, phase: Phase) -> None:
        blocked = self.cached.blockSignals(True)
        self.cached.setChecked(phase.cached)
        self.cached.blockSignals(blocked)
        self.cached.setVisible(phase.frozen != NOTHING)
        if self._plan is not None:
            numbers = prod(self._plan.input_of_part(parts_of(phase, self._stages)))
            self.cached.setToolTip(
                f"What the frozen parts make of a picture, {numbers:,} numbers, is computed once and kept; "
                "pictures are not augmented in this phase"
            )

    # ---- from the user

    def _choose(self, number: int) -> None:
        self._chosen = number
        self._show()

    def _freeze(self, number: int, parts: int) -> None:
        self._edit(with_frozen(self._phases, number, parts, self._stages), number)

    def _edit(self, phases: Phases, row: int) -> None:
        self._chosen = row
        self._take(phases, self.epochs)

    def _take(self, phases: Phases, epochs: int) -> None:
        changed = (phases, epochs) != (self._phases, self.epochs)
        self._phases, self.epochs = phases, epochs
        self._chosen = min(self._chosen, len(rows_of(phases)) - 1)
        self._show()
        if changed:
            self.edited.emit()

    def _type_rate(self, number: int, part: int, text: str) -> None:
        try:
            rate = float(text.replace(",", "."))
        except ValueError:
            rate = 0.0
        if not rate > 0:
            self.refused.emit(f"The learning rate is '{text}'; it must be a number above 0.")
            return
        self._edit(with_rate(self._phases, number, part, rate / self._rate, self._stages), number)

    def _toggle_probe(self, on: bool) -> None:
        self._chosen = 0
        self._take(*with_probe(self._phases, self.epochs, on=on))

    def _toggle_cached(self, on: bool) -> None:
        self._edit(with_cached(self._phases, self._chosen, on=on), self._chosen)

    def _add(self) -> None:
        self._chosen = len(rows_of(self._phases))
        self._take(*with_phase(self._phases, self.epochs))
