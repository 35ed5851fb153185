"""Headline cards with their changes against the baseline, and the badge that says whether built networks agree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy

from resnet_gui.analysis.costs import Totals
from resnet_gui.design.spec import Design
from resnet_gui.gui.common.pressable_card import PressableCard
from resnet_gui.gui.kit.basic import column, label, panel, restyle, row
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.caption_lines import CaptionLines
from resnet_gui.gui.kit.controls.counting import CountingNumber
from resnet_gui.gui.kit.format import binary, change, count, difference, scaled, told_apart
from resnet_gui.gui.kit.small_combo import SmallCombo
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.protocol.verification_events import Matched, Mismatch, Verified

CHECKED: Final = ("Params", "MACs")
"""Cards whose figure torchinfo has; with torchvision every shape is compared, so all of them."""

TIPS: Final = {
    "Params": "Trainable values: convolutions, BN scale and shift, the last layer with its bias. Click for the ledger.",
    "MACs": "Multiply-accumulates of convolutions and linear layers for one picture. Click for the ledger.",
    "Depth": "Layers with weights on the main path, as He et al. 2015 count: projections are left out.",
    "Activations": "Values that convolutions and linear layers put out for one picture. Click for the ledger.",
    "Receptive field": "Edge of the square of input pixels that one unit of the last convolution can see. Click for "
    "the arithmetic.",
}
HEIGHT, LOW_HEIGHT = 96, 57
GHOST_MS: Final = 2000
"""For so long a figure that has changed shows beside it what it was."""

SHARES, NARROW_SHARES = (12, 12, 11, 12, 12), (15, 12, 10, 12, 11)
"""Widths of the cards; in a narrow window as their figures need them."""


class Letters(NamedTuple):
    """Sizes of a figure and its unit in pixels, and the gap between them."""

    figure: int
    unit: int
    gap: int


LETTERS: Final = (
    Letters(21, 13, 5), Letters(19, 13, 5), Letters(17, 13, 5), Letters(15, 12, 4), Letters(13, 11, 3),
    Letters(11, 10, 2), Letters(9, 9, 1),
)  # fmt: skip
"""Tried in turn: a figure without its unit would be wrong by a factor, so both become smaller instead."""

SHORT: Final = {"Receptive field": "RF"}
"""Titles where there is little room."""

Verdict = Verified | Mismatch | Matched | None


class FigureCard(PressableCard):
    """One figure of a design; painted by hand, so that an edit lays nothing out anew."""

    def __init__(self, theme: Theme, title: str, *, clickable: bool) -> None:
        super().__init__(theme)
        self._title = title
        self._number = self._unit = self._note = self._sign = ""
        self._checked = self._narrow = self._low = False
        self._ghost = ""
        self._counting = CountingNumber(self, self.update)
        self._fading = QTimer(self, singleShot=True, interval=GHOST_MS)
        self._fading.timeout.connect(self._forget)
        self.setToolTip(TIPS[title])
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumSize(56, 80)
        self.set_clickable(on=clickable, focus=Qt.FocusPolicy.TabFocus)

    def show_figure(self, number: str, unit: str, note: str, sign: str = "") -> None:
        """Show a figure, its unit and a line below it, which may begin with the sign of a change."""
        shown = number, unit, note, sign
        if self._number and (number, unit) != (self._number, self._unit):
            self._ghost = f"{self._number} {self._unit}".strip()
            self._fading.start()
        # From one unit to another the digits alone would go the wrong way.
        self._counting.count(self._number if unit == self._unit else "", number)
        if shown == (self._number, self._unit, self._note, self._sign):
            return
        self._number, self._unit, self._note, self._sign = shown
        self.setAccessibleDescription(f"{number} {unit}, {sign} {note}")
        self.update()

    @property
    def ghost(self) -> str:
        """The figure before the last edit, which is on show for a moment; empty when it has gone."""
        return self._ghost

    def _forget(self) -> None:
        self._ghost = ""
        self.update()

    def set_checked(self, *, checked: bool) -> None:
        """Show or take away the check."""
        if checked != self._checked:
            self._checked = checked
            self.update()

    @property
    def checked(self) -> bool:
        """Whether the engine has compared this figure."""
        return self._checked

    @property
    def painted(self) -> str:
        """The figure as it is painted now, on its way from the last one."""
        return self._counting.text

    def number(self) -> str:
        """The figure on the card."""
        return self._number

    def note(self) -> str:
        """The line below it."""
        return f"{self._sign} {self._note}".strip()

    def set_narrow(self, *, narrow: bool) -> None:
        """Smaller figure and margins for a narrow window."""
        self._narrow = narrow
        self.update()

    def set_low(self, *, low: bool) -> None:
        """Leave the line below the figure out in a low window; what it says stays in the description."""
        self._low = low
        self.setMinimumHeight(44 if low else 80)
        self.update()

    def sizeHint(self) -> QSize:
        """Wide enough for most figures."""
        return QSize(80, 44 if self._low else 80)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw frame, title, check, figure, unit and note."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self._theme.color
        self._paint_frame(painter)
        margin = 8 if self._narrow else 12
        room = self.width() - 2 * margin
        painter.setPen(color("t2"))
        title = ink(self._title, 12, 500)
        if title.width > room - 16 * self._checked:
            title = ink(SHORT.get(self._title, self._title), 12, 500)
        top = 3 if self._low else 8
        title.draw(painter, margin, top)
        ghost = ink(f"was {self._ghost}", 11)
        right = margin + room - 18 * self._checked
        beside = right - ghost.width > margin + title.width + 6
        if self._ghost and (beside or not self._low):
            # Beside the title, or in the place of the line below the figure.
            painter.setPen(color("t3"))
            ghost.draw(painter, right - ghost.width if beside else margin, top + 1 if beside else 56)
        if self._checked:
            painter.drawPixmap(self.width() - margin - 14, 4 if self._low else 9, self._theme.pixmap("check", "ok", 14))
        self._paint_figure(painter, margin, room)
        if not self._low and (beside or not self._ghost):
            self._paint_note(painter, margin)

    def _paint_figure(self, painter: QPainter, margin: int, room: int) -> None:
        color, middle = self._theme.color, 29 if self._low else 39
        sizes = self.letters(room)
        figure, unit = ink(self._counting.text, sizes.figure, 600), ink(self._unit, sizes.unit)
        painter.setPen(color("t1"))
        figure.draw(painter, margin, middle - figure.height / 2)
        painter.setPen(color("t2"))
        lift = 1 if sizes.figure < 20 else 3
        unit.draw(painter, margin + figure.width + sizes.gap, middle + figure.height / 2 - unit.height - lift)

    def letters(self, room: int) -> Letters:
        """The largest letters with which figure and unit stand side by side in so many pixels, else the smallest."""
        steps = LETTERS[2:] if self._narrow or self._low else LETTERS
        for sizes in steps:
            unit = sizes.gap + ink(self._unit, sizes.unit).width if self._unit else 0.0
            if ink(self._number, sizes.figure, 600).width + unit <= room:
                return sizes
        return steps[-1]

    def _paint_note(self, painter: QPainter, margin: int) -> None:
        """The line below the figure; of a change first how large it is, then against what if there is room."""
        color, left = self._theme.color, float(margin)
        painter.setPen(color("t2"))
        room = self.width() - 2 * margin
        if not self._sign:
            ink(elided(self._note, room), 12).draw(painter, left, 56)
            return
        sign = ink(self._sign, 9)
        sign.draw(painter, left, 56 + (15 - sign.height) / 2)
        left += sign.width + 4
        amount, _, against = self._note.partition(" vs ")
        painter.setPen(color("t1"))
        first = ink(elided(amount, int(room - (left - margin))))
        first.draw(painter, left, 56)
        left += first.width + 4
        rest = ink(f"vs {against}")
        if against and left + rest.width <= margin + room:
            painter.setPen(color("t2"))
            rest.draw(painter, left, 56)


class Headline(QFrame):
    """The strip under the diagram: what the engine found, the baseline, and five figures.

    Signals:
        ledger_requested: show how others count.
        field_requested: show the arithmetic of the receptive field.
        baseline_chosen: the Design to compare with, or None.
    """

    ledger_requested = Signal()
    field_requested = Signal()
    baseline_chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._narrow = False
        self.setObjectName("topLine")
        self.setFixedHeight(HEIGHT)
        outer = row(self, gap=0)
        body = panel()
        outer.addWidget(body)
        layout = self._line = row(body, (12, 8, 12, 8))
        layout.addWidget(self._make_verdict())
        self.cards = {title: FigureCard(theme, title, clickable=title != "Depth") for title in TIPS}
        for card, share in zip(self.cards.values(), SHARES, strict=True):
            layout.addWidget(card, share)
        for title in ("Params", "MACs", "Activations"):
            self.cards[title].clicked.connect(self.ledger_requested)
        self.cards["Receptive field"].clicked.connect(self.field_requested)

    def set_narrow(self, *, narrow: bool) -> None:
        """Fit the strip into a narrow window."""
        if narrow == self._narrow:
            return
        self._narrow = narrow
        self._verdict_frame.setFixedWidth(150 if narrow else 178)
        for place, share in enumerate(NARROW_SHARES if narrow else SHARES, start=1):
            self._line.setStretch(place, share)
        for card in self.cards.values():
            card.set_narrow(narrow=narrow)

    def set_low(self, *, low: bool) -> None:
        """Fit the strip into a low window."""
        if self.height() == (LOW_HEIGHT if low else HEIGHT):
            return
        self.setFixedHeight(LOW_HEIGHT if low else HEIGHT)
        self._line.setContentsMargins(12, 5 if low else 8, 12, 5 if low else 8)
        self.reason.setVisible(not low)
        for card in self.cards.values():
            card.set_low(low=low)

    def _make_verdict(self) -> QFrame:
        frame = QFrame()
        frame.setFixedWidth(178)
        self._verdict_frame = frame
        layout = column(frame, (0, 1, 4, 0), 1)
        line = row(gap=6)
        self._sign = QLabel()
        self._sign.setFixedSize(16, 16)
        self.verdict = label("", "ok")
        line.addWidget(self._sign)
        line.addWidget(self.verdict)
        line.addStretch()
        layout.addLayout(line)
        self.reason = CaptionLines(self._theme, 2)
        layout.addWidget(self.reason)
        layout.addStretch()
        layout.addLayout(self._make_baseline())
        self._icon = self._token = ""
        self._theme.changed.connect(self._paint_sign)
        return frame

    def _make_baseline(self) -> QHBoxLayout:
        line = row(gap=6)
        pin = QLabel()
        pin.setFixedSize(14, 14)
        self._theme.follow(pin, lambda: pin.setPixmap(self._theme.pixmap("pin", "t2", 14)))
        self.baseline = SmallCombo("Baseline", 6, list_width=190)
        self.baseline.setToolTip("The design that the figures are compared with; pin designs to choose among them")
        self.baseline.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.baseline.activated.connect(lambda place: self.baseline_chosen.emit(self._designs[place]))
        self._designs: list[Design | None] = [None]
        line.addWidget(pin)
        line.addWidget(self.baseline)
        return line

    def show_baselines(self, pins: tuple[Design, ...], baseline: Design | None) -> None:
        """List the pinned designs to compare with."""
        self._designs = [None, *pins]
        self.baseline.clear()
        self.baseline.addItem("No baseline")
        self.baseline.addItems(told_apart(design.name for design in pins))
        self.baseline.setCurrentIndex(self._designs.index(baseline) if baseline in self._designs else 0)

    def show_totals(self, totals: Totals, picture: tuple[int, ...], baseline: tuple[str, Totals] | None) -> None:
        """Show the figures of a design for a picture of a shape, beside those of the baseline if there is one."""
        cost = totals.cost
        figures: dict[str, tuple[str, str]] = {
            "Params": (count(cost.params), "") if cost.params < 1e9 else scaled(cost.params),
            "MACs": scaled(cost.macs),
            "Depth": (str(totals.depth), "layers"),
            "Activations": scaled(cost.activations),
            "Receptive field": (count(totals.receptive_field), "px"),
        }
        notes = self._changes(totals, baseline) if baseline is not None else self._notes(totals, picture)
        for title, (number, unit) in figures.items():
            sign, note = notes[title]
            self.cards[title].show_figure(number, unit, note, sign)

    @staticmethod
    def _notes(totals: Totals, picture: tuple[int, ...]) -> dict[str, tuple[str, str]]:
        per_picture = f"at {picture[1]}×{picture[2]}"
        sees = totals.receptive_field >= max(picture[1:])
        return {
            "Params": ("", f"{binary(totals.cost.params * 4)} in fp32"),
            "MACs": ("", per_picture),
            "Depth": ("", f"{totals.rows:,} rows"),
            "Activations": ("", per_picture),
            "Receptive field": ("", "whole picture" if sees else "part of the picture"),
        }

    @staticmethod
    def _changes(totals: Totals, baseline: tuple[str, Totals]) -> dict[str, tuple[str, str]]:
        """Signs and words against the baseline; more is no error, so both signs look the same."""
        name, other = baseline

        def change_texts(mine: int, its: int, word: Callable[[int, int], str]) -> tuple[str, str]:
            sign = "▲" if mine > its else "▼" if mine < its else "="
            return sign, f"{word(mine, its)} vs {name}" if mine != its else f"as {name}"

        return {
            "Params": change_texts(totals.cost.params, other.cost.params, change),
            "MACs": change_texts(totals.cost.macs, other.cost.macs, change),
            "Depth": change_texts(totals.depth, other.depth, difference),
            "Activations": change_texts(totals.cost.activations, other.cost.activations, change),
            "Receptive field": change_texts(
                totals.receptive_field, other.receptive_field, lambda mine, its: f"{difference(mine, its)} px"
            ),
        }

    def show_verdict(self, answer: Verdict, *, waiting: str) -> None:
        """Show what the engine found; ``waiting`` says why it has not answered yet."""
        for title, card in self.cards.items():
            built = isinstance(answer, Verified) and title in CHECKED and not answer.torchvision
            card.set_checked(checked=built or isinstance(answer, Matched))
        match answer:
            case Verified() if answer.torchvision:
                self._say("verified", "ok", "check", f"torchinfo; comparing with {answer.torchvision}")
            case Verified():
                self._say("verified", "ok", "check", f"torchinfo: shapes, MACs, parameters of {answer.rows:,} rows")
            case Matched():
                text = f"{answer.name}: shapes, parameters, MACs"
                self._say("matches torchvision", "ok", "check", text)
            case Mismatch():
                self._say(f"differs from {answer.against or 'torch'}", "warn", "alert", answer.sentence)
            case None:
                self._say("not verified yet", "muted", "clock", waiting)

    def _say(self, verdict: str, role: str, icon: str, reason: str) -> None:
        if self.verdict.text() != verdict or self.reason.text() != reason:
            self.verdict.setText(verdict)
            restyle(self.verdict, role=role)
            self.reason.show_lines((reason,))
            self.reason.setToolTip(reason)
        sign = icon, {"ok": "ok", "warn": "warn"}.get(role, "t3")
        if sign != (self._icon, self._token):
            # A picture that is set is laid out and painted, also if it is the same.
            self._icon, self._token = sign
            self._paint_sign()

    def _paint_sign(self) -> None:
        if self._token:
            self._sign.setPixmap(self._theme.pixmap(self._icon, self._token, 16))
