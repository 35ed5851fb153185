"""What the Train page shows before there is a run: three starters, and the data that one of them needs."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QProgressBar, QWidget

from resnet_gui.data.datasets import KNOWN, is_here
from resnet_gui.gui.kit.bars.folding import Folding, bare
from resnet_gui.gui.kit.basic import button, column, label, panel, restyle, row, scrolled, set_icon
from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.format import duration
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.training.starters import Starter

PHASES: Final = ((0.0, 1.0, 0.36), (0.49, 0.19, 0.12), (0.74, 0.08, 0.05))
"""Of the sketch: where a phase begins, and the heights between which its curve falls."""

LEAST_CARD, MOST_CARD = 200, 310
"""Widths of a card."""

LEAST_BANNER: Final = 360
"""Pixels of the banner with buttons without words."""

BESIDE: Final = 660
"""Pixels from which the cards stand side by side and not one below the other."""


class _Sketch(QWidget):
    """A training curve as one draws it on a board; no figure of it is measured, so it has no numbers."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedSize(380, 140)
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the sketch."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self._theme.color
        wide, high = self.width() - 4, 120
        painter.setPen(QPen(color("line2"), 1))
        painter.drawLine(QPointF(1, 0), QPointF(1, high))
        painter.drawLine(QPointF(1, high), QPointF(wide, high))
        painter.drawLine(QPointF(wide * 0.49, high * 0.5), QPointF(wide * 0.49, high))
        for lift, style in ((0.0, Qt.PenStyle.SolidLine), (0.2, Qt.PenStyle.DashLine)):
            places = [QPointF(1 + x * wide, high * (1 - min(1.0, _height(x) + lift * (0.15 + x)))) for x in _STEPS]
            painter.setPen(QPen(color("ctl"), 2.4, style))
            painter.drawPolyline(QPolygonF(places))
        painter.setPen(color("t3"))
        ink("learning rate ÷10", 11).draw_in(painter, QRectF(0, high + 4, wide, 16), "centre")


_STEPS: Final = tuple(number / 120 for number in range(121))


def _height(x: float) -> float:
    """The sketch's curve: it falls ever more slowly, and anew after each division of the rate."""
    begin, top, low = next(phase for phase in reversed(PHASES) if x >= phase[0])
    return low + (top - low) * math.exp(-(x - begin) * (9.0 if begin == 0 else 22.0))


class _StarterCard(QFrame):
    """The card of one starter: what it trains, for how long, and its button."""

    def __init__(self, theme: Theme, starter: Starter, *, first: bool) -> None:
        super().__init__()
        self.setObjectName("firstCard")
        self.setMinimumWidth(LEAST_CARD)
        self.setMaximumWidth(MOST_CARD)
        frame = 2 if first else 1  # of the style sheet
        layout = column(self, (17 - frame, 15 - frame, 17 - frame, 17 - frame), 6)
        top = row(gap=8)
        top.addWidget(label(starter.title, "run"))
        top.addStretch()
        if first:
            badge = label("start here")
            badge.setProperty("badge", "running")
            top.addWidget(badge)
        layout.addLayout(top)
        words = label(starter.words, "muted12", wrap=True)
        words.setMinimumHeight(34)
        words.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout.addWidget(words)
        self.values = {}
        for name, text in (*starter.lines, ("Time here", "…")):
            line = row()
            line.addWidget(label(name, "muted12"))
            line.addStretch()
            self.values[name] = label(text)
            self.values[name].setStyleSheet("font-size: 12px; font-weight: 500;")
            line.addWidget(self.values[name])
            layout.addLayout(line)
        layout.addSpacing(6)
        layout.addStretch()
        self.start = button(starter.button, "primary" if first else "")
        if first:
            set_icon(theme, self.start, "play", "onacc")
        # As high as the primary one of the card beside it.
        self.start.setStyleSheet("QPushButton { min-height: 30px; } QPushButton:focus { min-height: 28px; }")
        layout.addWidget(self.start)
        restyle(self, chosen="true" if first else "false")


class DataBanner(QFrame):
    """A data set that is not there yet: its size, and two ways to get it.

    Signals:
        download_requested, cancel_requested: for the data set of that name.
        folder_requested: the user has it in a folder.
    """

    download_requested = Signal(str)
    cancel_requested = Signal(str)
    folder_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("card")
        self._name = ""
        line = row(self, (16, 10, 16, 10), 10)
        sign = label()
        theme.follow(sign, lambda: sign.setPixmap(theme.pixmap("download", "warn", 20)))
        line.addWidget(sign)
        words = panel()
        inside = column(words, gap=2)
        self.title, self.note = label("", "title"), label("", "muted12", wrap=True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        for widget in (self.title, self.note, self.bar):
            inside.addWidget(widget)
        line.addWidget(words, 1)
        self.folder, self.download, self.cancel = button("Choose folder"), button("Download"), button("Cancel")
        set_icon(theme, self.folder, "folder", "t1")
        set_icon(theme, self.download, "download", "t1")
        for pressed, signal in ((self.download, self.download_requested), (self.cancel, self.cancel_requested)):
            pressed.clicked.connect(lambda _=False, signal=signal: signal.emit(self._name))
        self.folder.clicked.connect(self.folder_requested)
        for pressed in (self.folder, self.download, self.cancel):
            line.addWidget(pressed)
        # What it would need with all its words is no reason to be wider than its place.
        self.setMinimumWidth(LEAST_BANNER)
        Folding(self, line, (bare(self.folder, self.download),))
        self.hide()

    @property
    def name(self) -> str:
        """Data set that the banner is about."""
        return self._name

    def show_data(self, name: str, *, downloading: bool = False, done: int = 0, total: int = 0) -> None:
        """Show a data set's state; one that is there, or is a folder, needs no banner."""
        known = KNOWN.get(name)
        self._name = name
        missing = known is not None and not is_here(name)
        self.setVisible(missing)
        if known is None or not missing:
            return
        self.bar.setVisible(downloading)
        self.download.setVisible(not downloading)
        self.folder.setVisible(not downloading)
        self.cancel.setVisible(downloading)
        if downloading:
            self.title.setText(f"Fetching {known.title}")
            self.note.setText(
                f"{done / 1e6:,.1f} of {total / 1e6:,.1f} MB" if total else "The engine asks for the files …"
            )
            self.bar.setValue(round(1000 * done / total) if total else 0)
        else:
            self.title.setText(f"{known.title} is not on this computer yet")
            self.note.setText(
                f"{known.megabytes:.0f} MB, checked by {known.checksum} after the download. Nothing is sent anywhere."
            )


class FirstRun(QFrame):
    """The invitation to a first run: a card for each starter.

    Attributes:
        data: the banner of the data set that is not there yet.

    Signals:
        start_requested: key of the card that was chosen.
    """

    start_requested = Signal(str)

    def __init__(self, theme: Theme, starters: tuple[Starter, ...]) -> None:
        super().__init__()
        self.setObjectName("canvas")
        body = panel("canvas")
        self._area = scrolled(body)
        column(self).addWidget(self._area)
        layout = self._layout = column(body, (32, 24, 32, 24), 8)
        layout.addStretch()
        self._sketch = _Sketch(theme)
        layout.addWidget(self._sketch, 0, Qt.AlignmentFlag.AlignHCenter)
        for text, role in (
            ("Train your first network", "number"),
            (
                "Curves appear here as soon as a run starts. You can pause, stop or close the window. "
                "Runs continue from the last checkpoint.",
                "muted",
            ),
        ):
            made = label(text, role, wrap=True)
            made.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(made)
        layout.addSpacing(12)
        line = self._line = row(gap=16)
        line.addStretch()
        self.cards: dict[str, _StarterCard] = {}
        for number, starter in enumerate(starters):
            card = self.cards[starter.key] = _StarterCard(theme, starter, first=number == 0)
            card.start.clicked.connect(lambda _=False, key=starter.key: self.start_requested.emit(key))
            line.addWidget(card, 4)
        line.addStretch()
        layout.addLayout(line)
        layout.addSpacing(12)
        self.data = DataBanner(theme)
        self.data.setMaximumWidth(962)
        centred = row()
        centred.addStretch()
        centred.addWidget(self.data, 10)
        centred.addStretch()
        layout.addLayout(centred)
        layout.addStretch(2)
        body.installEventFilter(self)

    @property
    def start(self) -> QWidget:
        """The button of the first card."""
        return self.cards[next(iter(self.cards))].start

    def show_time(self, key: str, seconds: float | None) -> None:
        """Say how long a starter takes here; None where it was not measured."""
        text = "not measured" if seconds is None else f"about {duration(seconds)}"
        self.cards[key].values["Time here"].setText(text)

    def _fit(self) -> None:
        """Give up what has no room: cards beside each other, and the sketch; the rest scrolls where it is too high."""
        beside = self.width() >= BESIDE
        self._line.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        for card in self.cards.values():
            self._line.setAlignment(card, Qt.AlignmentFlag(0) if beside else Qt.AlignmentFlag.AlignHCenter)
            card.setMinimumWidth(LEAST_CARD if beside else MOST_CARD)
        high = self._sketch.height() + self._layout.spacing()
        rest = self._layout.totalHeightForWidth(self.width()) - (0 if self._sketch.isHidden() else high)
        self._sketch.setVisible(rest + high <= self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room anew."""
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """The banner of the data, or other words, take other room."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Clicks beside the cards are for nobody."""
        event.ignore()
