"""What can be chosen for all plots of the Train page: smoothing, axes, and saving."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QMenu, QWidget

from resnet_gui.gui.kit.bars.folding import Folding, bare, hiding
from resnet_gui.gui.kit.basic import button, fill_menu, label, panel, row, set_icon, vertical_line
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.controls.slider import AbsoluteSlider
from resnet_gui.gui.kit.switch import ToggleSwitch
from resnet_gui.gui.kit.theme import Theme

SAVES = (
    ("figure", "Figure of all shown runs …", True),
    None,
    ("csv", "Curves of the chosen run as CSV …", False),
    ("csv", "Curves of all shown runs as CSV …", True),
    None,
    ("tensorboard", "TensorBoard files of the chosen run …", False),
    ("tensorboard", "TensorBoard files of all shown runs …", True),
)
"""What is written, how the menu names it, and whether of all runs that are shown. Qt's styles draw no headings."""


class _LineSample(QWidget):
    """A short line of the width that curves have."""

    def __init__(self, theme: Theme, width: float, token: str) -> None:
        super().__init__()
        self._theme, self._width, self._token = theme, width, token
        self.setFixedSize(18, 12)
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setPen(QPen(self._theme.color(self._token), self._width))
        painter.drawLine(QPointF(0, 6), QPointF(18, 6))


class PlotToolBar(QFrame):
    """The bar of choices for all plots.

    Signals:
        changed: smoothing or an axis.
        save_requested: "figure", "csv" or "tensorboard", and whether of all runs that are shown or the chosen one.
    """

    changed = Signal()
    save_requested = Signal(str, bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        inner = panel("panelHeader")
        inner.setFixedHeight(37)
        outer = row(self, gap=0)
        outer.addWidget(inner)
        line = row(inner, (12, 0, 12, 0), 6)
        line.addWidget(label("Smoothing", "label"))
        self.smoothing = AbsoluteSlider(Qt.Orientation.Horizontal)
        self.smoothing.setRange(0, 99)
        self.smoothing.setValue(50)
        self.smoothing.setFixedWidth(84)
        self.smoothing.setAccessibleName("Smoothing")
        self.smoothing.setToolTip("Weight of the past in an exponential average; the raw curve stays behind")
        self._amount = label("0.50", "muted12")
        self._amount.setFixedWidth(28)
        self.log = ToggleSwitch(theme, "", "Losses and errors on a logarithmic scale")
        self.log.setAccessibleName("Log y-axis")
        self.log.setFixedWidth(32)
        self.axis = SegmentedControl(
            theme, [("step", "Step", ""), ("epoch", "Epoch", ""), ("time", "Time", "")], height=24
        )
        self.axis.set_key("epoch")
        self.axis.setFixedWidth(138)
        self.axis.setAccessibleName("x-axis")
        self.save = button("Save plots", "small")
        set_icon(theme, self.save, "download", "t1")
        self.save.setIconSize(QSize(14, 14))
        self.save.setMenu(self._menu())
        log_words, axis_words = label("Log y-axis", "muted12"), label("x-axis", "label")
        for widget in (
            self.smoothing, self._amount, vertical_line(), self.log, log_words, vertical_line(), axis_words, self.axis,
        ):  # fmt: skip
            line.addWidget(widget)
        line.addStretch()
        self._legend: list[QWidget] = [
            _LineSample(theme, 1.0, "t2"), label("train", "muted12"),
            _LineSample(theme, 2.0, "t1"), label("validation", "muted12"),
        ]  # fmt: skip
        self._legend.append(vertical_line())
        for sample in self._legend:
            line.addWidget(sample)
        line.addWidget(self.save)
        Folding(inner, line, (hiding(*self._legend), bare(self.save), hiding(axis_words), hiding(log_words)))
        self.smoothing.valueChanged.connect(self._tell_amount)
        self.log.toggled.connect(lambda _on: self.changed.emit())
        self.axis.chosen.connect(lambda _key: self.changed.emit())

    @property
    def weight(self) -> float:
        """Smoothing, 0 to 0.99."""
        return self.smoothing.value() / 100

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        fill_menu(menu, (_entry(self, *each) if each is not None else None for each in SAVES))
        return menu

    def _tell_amount(self, value: int) -> None:
        self._amount.setText(f"{value / 100:.2f}")
        self.changed.emit()


def _entry(bar: PlotToolBar, kind: str, text: str, every: bool) -> tuple[str, Callable[[], object], bool]:
    return text, lambda: bar.save_requested.emit(kind, every), True
