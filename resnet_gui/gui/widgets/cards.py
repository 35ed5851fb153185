"""Headline cards and the badge that says whether the built network agrees."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy

from resnet_gui.gui.format import binary, count, scaled
from resnet_gui.gui.theme import Theme
from resnet_gui.gui.widgets.basic import column, label, panel, restyle, row
from resnet_gui.spec.costs import Totals
from resnet_gui.spec.events import Mismatch, Verified


class Card(QFrame):
    """One figure of a design, with a check once the engine has compared it."""

    def __init__(self, theme: Theme, title: str, tip: str) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("card")
        self.setToolTip(tip)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        layout = self._column = column(self, (12, 8, 12, 8), 2)
        top = row()
        top.addWidget(label(title, "label"))
        top.addStretch()
        self._check = QLabel()
        self._check.setFixedSize(14, 14)
        top.addWidget(self._check)
        layout.addLayout(top)
        line = row(gap=5)
        self._number, self._unit = label("", "number"), label("", "muted")
        self._number.setAccessibleName(title)
        line.addWidget(self._number)
        line.addWidget(self._unit)
        line.addStretch()
        layout.addLayout(line)
        self._note = label("", "muted12")
        layout.addWidget(self._note)
        layout.addStretch()
        self._checked = False
        self._paint_check()
        theme.changed.connect(self._paint_check)

    def show_figure(self, number: str, unit: str, note: str) -> None:
        """Show a figure, its unit and a line below it."""
        self._number.setText(number)
        self._unit.setText(unit)
        self._note.setText(note)

    def set_checked(self, *, checked: bool) -> None:
        """Show or take away the check."""
        self._checked = checked
        self._paint_check()

    def number(self) -> str:
        """The figure on the card."""
        return self._number.text()

    def _paint_check(self) -> None:
        self._check.setVisible(self._checked)
        if self._checked:
            self._check.setPixmap(self._theme.pixmap("check", "ok", 14))

    def set_narrow(self, *, narrow: bool) -> None:
        """Smaller figure and margins for a narrow window."""
        restyle(self._number, role="number17" if narrow else "number")
        margin = 8 if narrow else 12
        self._column.setContentsMargins(margin, 8, margin, 8)

    def minimumSizeHint(self) -> QSize:
        """Narrow windows may squeeze a card."""
        return QSize(80, 80)


class Headline(QFrame):
    """The strip under the diagram: what the engine found, and five figures."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._narrow = False
        self.setObjectName("topLine")
        self.setFixedHeight(96)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        body = panel()
        outer.addWidget(body)
        layout = row(body, (12, 8, 12, 8))
        layout.addWidget(self._make_verdict())
        tips = {
            "Params": "Trainable values: convolutions, BN scale and shift, the last layer with its bias.",
            "MACs": "Multiply-accumulates of convolutions and linear layers for one picture; nothing else is counted.",
            "Depth": "Layers with weights on the main path, as He et al. 2015 count: projections are left out.",
            "Activations": "Values that convolutions and linear layers put out for one picture.",
            "Receptive field": "Edge of the square of input pixels that one unit of the last convolution can see.",
        }
        self.cards = {title: Card(theme, title, tip) for title, tip in tips.items()}
        for card, share in zip(self.cards.values(), (14, 10, 10, 11, 11), strict=True):
            layout.addWidget(card, share)

    def set_narrow(self, *, narrow: bool) -> None:
        """Fit the strip into a narrow window."""
        self._narrow = narrow
        self._verdict_frame.setFixedWidth(132 if narrow else 188)
        for card in self.cards.values():
            card.set_narrow(narrow=narrow)

    def _make_verdict(self) -> QFrame:
        frame = QFrame()
        frame.setFixedWidth(188)
        self._verdict_frame = frame
        layout = column(frame, (0, 2, 4, 0), 4)
        line = row(gap=6)
        self._sign = QLabel()
        self._sign.setFixedSize(16, 16)
        self.verdict = label("", "ok")
        line.addWidget(self._sign)
        line.addWidget(self.verdict)
        line.addStretch()
        layout.addLayout(line)
        self.reason = label("", "caption", wrap=True)
        layout.addWidget(self.reason)
        layout.addStretch()
        self._token = ""
        self._theme.changed.connect(self._paint_sign)
        return frame

    def show_totals(self, totals: Totals, picture: tuple[int, ...]) -> None:
        """Show the figures of a design for a picture of a shape."""
        cost = totals.cost
        number, unit = (count(cost.params), "") if cost.params < 1e9 else scaled(cost.params)
        self.cards["Params"].show_figure(number, unit, f"{binary(cost.params * 4)} in fp32")
        per_picture = f"at {picture[1]}×{picture[2]}"
        self.cards["MACs"].show_figure(*scaled(cost.macs), per_picture)
        # A narrow card has room for the figure alone; the line below then says what it counts.
        unit, rows = ("", "layers") if self._narrow else ("layers", f"{totals.rows:,} rows")
        self.cards["Depth"].show_figure(str(totals.depth), unit, rows)
        self.cards["Activations"].show_figure(*scaled(cost.activations), per_picture)
        sees = totals.receptive_field >= max(picture[1:])
        note = "whole picture" if sees else "part of the picture"
        self.cards["Receptive field"].show_figure(count(totals.receptive_field), "" if self._narrow else "px", note)

    def show_verdict(self, answer: Verified | Mismatch | None, *, waiting: str) -> None:
        """Show what the engine found; ``waiting`` says why it has not answered yet."""
        for title in ("Params", "MACs"):
            self.cards[title].set_checked(checked=isinstance(answer, Verified))
        match answer:
            case Verified():
                self._say(
                    "verified",
                    "ok",
                    "check",
                    f"torchinfo finds the same shape, parameters and MACs in all {answer.rows:,} rows",
                )
            case Mismatch():
                text = f"{answer.path}: {answer.what} planned {answer.planned}, built {answer.built}"
                self._say("differs from torch", "warn", "alert", text)
            case None:
                self._say("not verified yet", "muted", "clock", waiting)

    def _say(self, verdict: str, role: str, icon: str, reason: str) -> None:
        self.verdict.setText(verdict)
        restyle(self.verdict, role=role)
        self.reason.setText(reason)
        self.reason.setToolTip(reason)
        self._icon = icon
        self._sign_as({"ok": "ok", "warn": "warn"}.get(role, "t3"))

    def _sign_as(self, token: str) -> None:
        self._token = token
        self._paint_sign()

    def _paint_sign(self) -> None:
        if self._token:
            self._sign.setPixmap(self._theme.pixmap(self._icon, self._token, 16))
