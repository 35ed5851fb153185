"""The right side of the Predict page: the answer, what the network sees, and how long it took."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from resnet_gui.gui.kit.basic import ElidedLabel, column, header, label, panel
from resnet_gui.gui.kit.cached_text import CachedText, ink
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.window.steady_scroll_area import SteadyScrollArea
from resnet_gui.gui.predict.answer.known_classes import KnownClasses
from resnet_gui.gui.predict.answer.preprocessing import PreprocessingView
from resnet_gui.gui.predict.answer.temperature import TemperatureRow
from resnet_gui.gui.predict.answer.top5 import FADED, Top5Bars, quiet
from resnet_gui.protocol.events import Latency


def answer_text(logits: int) -> str:
    """How figures come from so many logits; empty for none."""
    if logits == 1:
        return "sigmoid of one logit"
    return f"softmax over {logits:,} classes" if logits else ""


class LatencyBar(QWidget):
    """Preprocess, forward and explanation as parts of a bar, with their milliseconds."""

    PARTS = (("Preprocess", "t3"), ("Forward", "acc"), ("Grad-CAM", "s0"))

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._latency: Latency | None = None
        self._former = False
        self.setFixedHeight(86)
        theme.changed.connect(self.update)

    def show_latency(self, latency: Latency | None) -> None:
        """Show what an answer took."""
        self._latency = latency
        text = "" if latency is None else f"{latency.total:.1f} milliseconds in all"
        self.setAccessibleName(f"Latency {text}")
        self.update()

    def set_former(self, *, on: bool) -> None:
        """Whether that is another network's time than that of the chosen one, which is being loaded."""
        if on != self._former:
            self._former = on
            self.update()

    def _figure(self, number: int, value: float) -> CachedText:
        known = self._latency is not None and (value > 0 or number != 2)
        return ink("–" if not known else f"{value:.1f}" if value < 100 else f"{value:,.0f}", 15, 600)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw bar and figures."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(FADED if self._former else 1.0)
        color, latency = self._theme.color, self._latency
        wide = self.width() - 32
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("hover"))
        painter.drawRoundedRect(QRectF(16, 14, wide, 10), 3, 3)
        parts = (latency.preprocess, latency.forward, latency.explain) if latency is not None else (0.0, 0.0, 0.0)
        total = sum(parts)
        left = 16.0
        for (_, token), value in zip(self.PARTS, parts, strict=True):
            part = (wide - 4) * value / total if total else 0.0
            if part > 0:
                painter.setBrush(color(token))
                painter.drawRoundedRect(QRectF(left, 14, max(2.0, part), 10), 3, 3)
                left += part + 2
        names = [ink(name, 11) for name in (*(name for name, _ in self.PARTS), "Total")]
        figures = [self._figure(number, value) for number, value in enumerate((*parts, total))]
        needed = [
            max(name.width + (13 if number < 3 else 0), figure.width + 20)
            for number, (name, figure) in enumerate(zip(names, figures, strict=True))
        ]
        spare = max(2.0, (wide - sum(needed)) / 4)
        x = 16.0
        for number, figure in enumerate(figures):
            indent = 0
            if number < 3:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(color(self.PARTS[number][1]))
                painter.drawRoundedRect(QRectF(x, 42, 8, 8), 2, 2)
                indent = 13
            painter.setPen(color("t2"))
            names[number].draw(painter, x + indent, 38)
            painter.setPen(color("t1" if latency is not None else "t3"))
            figure.draw(painter, x, 56)
            if latency is not None:
                painter.setPen(color("t2"))
                ink("ms", 11).draw(painter, x + figure.width + 4, 60)
            x += needed[number] + spare


MOST_OF_THE_REST = 20
"""How much of the height that is left goes to the picture that the network sees, until it is large enough."""


class AnswerPanel(QFrame):
    """The panel at the right of the Predict page: the answer, and how it came about.

    Signals:
        class_clicked: number of a class that was clicked, at its bar or among those that are known.
        temperature_changed: of the softmax.
    """

    class_clicked = Signal(int)
    temperature_changed = Signal(float)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("leftLine")
        around = column(self)
        around.setContentsMargins(1, 0, 0, 0)
        body = panel()
        around.addWidget(SteadyScrollArea(body))
        layout = column(body)
        bar, line, self.title = header("Top 5")
        line.addStretch()
        self.classes = label("", "muted12")
        line.addWidget(self.classes)
        layout.addWidget(bar)
        self.bars = Top5Bars(theme)
        self.bars.class_clicked.connect(self.class_clicked)
        layout.addWidget(self.bars)
        self.hint = quiet("The five most likely classes appear here.")
        self.hint.setMinimumHeight(22)
        layout.addWidget(self.hint)
        self.temperatures = TemperatureRow(theme)
        self.temperature = self.temperatures.temperature
        self.temperatures.changed.connect(self.temperature_changed)
        layout.addWidget(self.temperatures)
        self.known = KnownClasses(theme)
        self.known.class_clicked.connect(self.class_clicked)
        layout.addWidget(self.known)
        self._input_size = self._head(layout, "What the network sees")
        self.preprocessing = PreprocessingView(theme)
        layout.addWidget(self.preprocessing, MOST_OF_THE_REST)
        self._where = self._head(layout, "Latency")
        self.latency = LatencyBar(theme)
        layout.addWidget(self.latency)
        layout.addStretch(1)

    @staticmethod
    def _head(layout: QVBoxLayout, title: str) -> QLabel:
        bar, line, _ = header(title)
        bar.setObjectName("panelSection")
        line.addStretch()
        # However long its words are, they do not widen the panel.
        made = ElidedLabel("", "muted12")
        line.addWidget(made)
        layout.addWidget(bar)
        return made

    def show_network(self, classes: int, shape: tuple[int, ...]) -> None:
        """Take what the network reads, and how many logits it answers with; none for no network."""
        self.classes.setText(answer_text(classes))
        self._input_size.setText(" × ".join(map(str, shape)) if classes else "")

    def show_hint(self, sentence: str) -> None:
        """What stands below the bars; empty for nothing."""
        self.hint.setText(sentence)
        self.hint.setVisible(bool(sentence))

    def show_latency(self, latency: Latency | None, device: str, computed: str) -> None:
        """What an answer took, where and how it was computed; None for no answer."""
        self.latency.show_latency(latency)
        known = latency is not None and computed
        self._where.setText(f"{device.upper()}, batch {latency.batch}, {computed}" if latency and known else "")
        self._where.setToolTip(self._where.text())
