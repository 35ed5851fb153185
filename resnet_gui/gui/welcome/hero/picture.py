"""The picture at the head of the page: a recording that plays while somebody looks."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QElapsedTimer, QEvent, QPointF, QRect, QRectF, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from resnet_gui.gui.kit.basic import allows_motion
from resnet_gui.gui.kit.cached_text import draw_message, elided, ink, wrapped
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.welcome.hero.curves import RecordedCurvePlot
from resnet_gui.gui.welcome.hero.networks import SIDE, NetworkPlace, draw_network
from resnet_gui.gui.welcome.hero.recorded import Recorded
from resnet_gui.runs.recordings import BlockAgreement

FRAME_MS: Final = 33
CURVES_EVERY: Final = 3
"""Curves grow by a pixel in three frames; only the dots move faster."""

LOOP_SECONDS: Final = 12.0
GROWING_SECONDS: Final = 10.0
"""The curves are whole for the rest of the loop."""

PASS_SECONDS: Final = 4.0
"""A dot's way from the output of a network to its input."""

DOTS: Final = 3
TRAIL: Final = (1.0, 0.5, 0.25)
BEHIND: Final = 7
"""Pixels between a dot and what it trails, from one to the next."""

DOT: Final = 3.6
"""Radius of a dot; of what it trails a little less."""

REACH: Final = DOT + 1
"""Pixels around the middle of a dot in which it is painted, edge and all."""

FAINTEST: Final = 0.12
"""Opacity of a dot where gradients do not agree at all, so that it can still be followed."""

LEFT_SHARE: Final = 0.587
HIGH, LOW, TALL = 320, 220, 400
PRESENTED: Final = QSize(760, 372)
"""Size from which a presented one is enlarged."""

CAPTION, FAR_CAPTION = 11, 13
"""Pixels of the captions' letters, and of those for an audience before they are enlarged."""


class HeroPicture(QWidget):
    """Two networks with what their blocks get, and their training errors; dots are gradients on their way back.

    A dot is as strong as two almost equal pictures agree at the block that it passes. It plays only while it is on
    screen in the active window, and stands still where the system asks for no motion.

    Signals:
        held_changed: the user holds it, or lets it go on.
    """

    held_changed = Signal()

    def __init__(self, theme: Theme, *, presented: bool = False) -> None:
        """Make it empty; a ``presented`` one fills any place and grows with it, letters and all."""
        super().__init__()
        self._theme, self._presented, self._scale = theme, presented, 1.0
        self._recorded: Recorded | None = None
        self._plot: RecordedCurvePlot | None = None
        self._problem = ""
        self._ground = QPixmap()
        self._places: tuple[NetworkPlace, NetworkPlace] | None = None
        self._clock, self._before, self._frame = QElapsedTimer(), 0.0, 0
        self.held, self._with_curves, self._played = False, True, False
        self._timer = QTimer(self, interval=FRAME_MS)
        self._timer.timeout.connect(self._show_frame)
        if not presented:
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self.setFixedHeight(HIGH)
        self.setAccessibleName("Recording of two networks that learn")
        theme.changed.connect(self._forget_ground)

    # ---- what it shows

    def show_recorded(self, recorded: Recorded) -> None:
        """Play these recordings from their beginning."""
        self._recorded, self._problem = recorded, ""
        self._plot = RecordedCurvePlot(recorded.curves)
        results = "; ".join(f"{curve.name}: training error {curve.final:.1f} %" for curve in recorded.curves)
        words = " ".join((caption(recorded.blocks[0], first=True), caption(recorded.blocks[1], first=False)))
        self.setAccessibleDescription(f"{results}. {words}")
        self._before, self._played = 0.0, False
        self._forget_ground()
        self._follow()

    def show_problem(self, sentence: str) -> None:
        """Say why there is nothing to play."""
        self._recorded, self._problem = None, sentence
        self._forget_ground()
        self._follow()

    @property
    def moving(self) -> bool:
        """Whether it plays now."""
        return self._timer.isActive()

    @property
    def still(self) -> bool:
        """Whether the system asks for no motion."""
        return not allows_motion(self)

    @property
    def seconds(self) -> float:
        """Where the loop is; with whole curves where nothing moves, or has moved yet."""
        if self.still or not self._played:
            return GROWING_SECONDS
        passed = self._clock.elapsed() / 1000 if self._timer.isActive() else 0.0
        return (self._before + passed) % LOOP_SECONDS

    def arrange(self, high: int, *, with_curves: bool) -> None:
        """Take a height, and leave the curves out where there is too little room for them."""
        self._with_curves = with_curves
        self.setFixedHeight(high)
        self._forget_ground()

    def hold(self, *, on: bool) -> None:
        """Hold it, or let it go on."""
        self.held = on
        self._follow()
        self.held_changed.emit()

    # ---- when it moves

    def _follow(self) -> None:
        """Play exactly while somebody looks, nobody holds it and the system allows motion."""
        wanted = self._recorded is not None and self.isVisible() and self.window().isActiveWindow()
        wanted = wanted and not self.held and not self.still
        if wanted and not self._timer.isActive():
            self._played = True
            self._clock.start()
            self._timer.start()
        elif not wanted and self._timer.isActive():
            self._before = self.seconds
            self._timer.stop()
        self.update()

    def _show_frame(self) -> None:
        """Paint anew what moves, and nothing of a picture that is scrolled away."""
        if self._places is not None and not self.visibleRegion().isEmpty():
            trail = BEHIND * (len(TRAIL) - 1)
            moving = [
                QRectF(place.x - REACH, place.y, place.width + trail + 2 * REACH, place.band) for place in self._places
            ]
            self._frame += 1
            if self._frame % CURVES_EVERY == 0 and self._with_curves:
                moving.append(self._plot_side())
            for box in moving:
                self.update(self._on_screen(box))

    def _on_screen(self, box: QRectF) -> QRect:
        """Where a box of the lay-out is on the widget."""
        return QRectF(box.topLeft() * self._scale, box.size() * self._scale).toAlignedRect()

    def showEvent(self, event: QShowEvent) -> None:
        """Somebody looks."""
        super().showEvent(event)
        self._follow()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        super().hideEvent(event)
        self._follow()

    def event(self, event: QEvent) -> bool:
        """The window was left or is active again; other than a window, its parts get no change event for that."""
        taken = super().event(event)
        if event.type() in {QEvent.Type.WindowActivate, QEvent.Type.WindowDeactivate}:
            self._follow()
        return taken

    # ---- how it looks

    def sizeHint(self) -> QSize:
        """As wide as its place."""
        return QSize(900, HIGH)

    def minimumSizeHint(self) -> QSize:
        """Narrow windows have it too."""
        return QSize(300, LOW)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room anew."""
        super().resizeEvent(event)
        if self._presented:
            self._scale = max(0.5, min(self.width() / PRESENTED.width(), self.height() / PRESENTED.height()))
        self._forget_ground()

    def _forget_ground(self) -> None:
        self._ground = QPixmap()
        self.update()

    @property
    def _room(self) -> QSizeF:
        """The size in which it is laid out, before it is enlarged."""
        return QSizeF(self.size()) / self._scale

    def _plot_side(self) -> QRectF:
        room = self._room
        left = room.width() * LEFT_SHARE
        return QRectF(left + 1, 44, room.width() - left - 1, room.height() - 48)

    def _share_room(self) -> None:
        """Place both networks, and the plot where there is room for it."""
        wide, high = self._with_curves, self._room.height()
        width = (self._room.width() * LEFT_SHARE if wide else self._room.width()) - 2 * SIDE
        each, scale = (high - 20) / 2, (high - 20) / 300
        roomy = high > LOW
        # Captions for an audience have two lines.
        below = 84 if self._presented else 66
        top, band, bars = (44, 52 * scale, each - 52 * scale - below) if roomy else (24, 34.0, 14.0)
        self._places = (
            NetworkPlace(SIDE + 1, top, width, band, bars),
            NetworkPlace(SIDE + 1, top + each, width, band, bars),
        )
        if wide and self._plot is not None:
            side = self._plot_side()
            self._plot.place(QRectF(side.left() + 14, side.top() + 8, side.width() - 14, side.height() - 22))

    def _draw_ground(self) -> None:
        """Draw once what does not move."""
        ratio = self.devicePixelRatioF()
        self._ground = QPixmap(self.size() * ratio)
        self._ground.setDevicePixelRatio(ratio)
        self._ground.fill(Qt.GlobalColor.transparent)
        self._share_room()
        recorded, places, color = self._recorded, self._places, self._theme.color
        if recorded is None or places is None:
            return
        painter = QPainter(self._ground)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self._scale, self._scale)
        for number, (network, place) in enumerate(zip(recorded.blocks, places, strict=True)):
            draw_network(painter, color, place, network, adds=number == 0)
            title = ink("Without shortcuts" if number else "With shortcuts", 13, 600)
            above = place.y - (25 if self._room.height() > LOW else 20)
            painter.setPen(color("t1"))
            title.draw(painter, place.x - 23, above)
            painter.setPen(color("t2"))
            ink(network.name).draw(painter, place.x - 15 + title.width, above + 1)
            self._draw_caption(painter, caption(network, first=number == 0), place)
        if self._plot is not None and self._with_curves:
            side = self._plot_side()
            painter.setPen(QPen(color("line"), 1))
            painter.drawLine(QPointF(side.left() - 0.5, 0), QPointF(side.left() - 0.5, self._room.height()))
            title = ink("Training error, %", 13, 600)
            painter.setPen(color("t1"))
            title.draw(painter, side.left() + 19, 19)
            painter.setPen(color("t2"))
            ink("by epoch").draw(painter, side.left() + 27 + title.width, 20)
            self._plot.draw_axes(painter, color)
        painter.end()

    def _draw_caption(self, painter: QPainter, words: str, place: NetworkPlace) -> None:
        """Draw what the bars say below them, for an audience in larger letters and as many lines as it needs."""
        if not self._presented:
            ink(elided(words, int(place.width + SIDE), CAPTION), CAPTION).draw(painter, place.x, place.floor + 4)
            return
        y = place.floor + 2
        for line in wrapped(words, place.width + SIDE, FAR_CAPTION):
            ink(line, FAR_CAPTION).draw(painter, place.x - 23, y)
            y += 1.3 * FAR_CAPTION

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ground, the dots and the curves as far as they have come."""
        if self._ground.isNull():
            self._draw_ground()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(0, 0, self._ground)
        painter.scale(self._scale, self._scale)
        recorded, places = self._recorded, self._places
        if recorded is None or places is None:
            painter.setPen(self._theme.color("t2"))
            draw_message(painter, QRectF(QPointF(0, 0), self._room), self._problem)
            return
        seconds = self.seconds
        for number, (network, place) in enumerate(zip(recorded.blocks, places, strict=True)):
            self._draw_dots(painter, network, place, place.wire if number else place.arc)
        if (
            self._plot is not None
            and self._with_curves
            and event.region().intersects(self._on_screen(self._plot_side()))
        ):
            self._plot.draw(painter, self._theme.color, min(1.0, seconds / GROWING_SECONDS))

    def _draw_dots(self, painter: QPainter, network: BlockAgreement, place: NetworkPlace, height: float) -> None:
        """Draw gradients on their way back from the output."""
        count, now = len(network.values), self.seconds / PASS_SECONDS
        painter.setPen(Qt.PenStyle.NoPen)
        for dot in range(DOTS):
            at = (1 - (now + dot / DOTS) % 1) * count - 0.5
            strength = max(FAINTEST, network.values[min(max(round(at), 0), count - 1)])
            for number, share in enumerate(TRAIL):
                colour = QColor(self._theme.color("acc"))
                colour.setAlphaF(min(1.0, strength) * share)
                painter.setBrush(colour)
                x = place.centre(min(max(at, 0), count - 1), count) + BEHIND * number
                painter.drawEllipse(QPointF(x, height), DOT - 0.4 * number, DOT - 0.4 * number)


def caption(network: BlockAgreement, *, first: bool) -> str:
    """What the bars of a network say, in a sentence that its figures bear out."""
    low, high = min(network.values), max(network.values)
    span = f"correlation {low:.2f} to {high:.2f}".replace("-", "−")
    question = "Bars: do two almost equal pictures pull this block the same way? " if first else ""
    if low >= 0.5:
        return f"{question}Yes, at every block: {span}."
    if high <= 0.2:
        return f"{question}No, at no block: {span}; each gets noise."
    return f"{question}More at some blocks than at others: {span}."
