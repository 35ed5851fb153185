"""A number that counts from its old value to its new one, for widgets that paint by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEasingCurve, QVariantAnimation
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.kit.basic import allows_motion

COUNTING_MS: Final = 240


class CountingNumber(QVariantAnimation):
    """The way from one number to the next, as it is painted; where the system asks for no motion there is none.

    What a screen reader or a test reads is the widget's own: it has the new number from the start.
    """

    def __init__(self, widget: QWidget, repaint: Callable[[], object]) -> None:
        """Call ``repaint`` whenever another number is to be painted."""
        super().__init__(widget, duration=COUNTING_MS)
        self._widget = widget
        self._last, self._decimals, self._grouped = "", 0, False
        self.setEasingCurve(QEasingCurve.Type.OutCubic)
        self.valueChanged.connect(lambda _: repaint())
        self.finished.connect(repaint)

    def count(self, before: str, after: str) -> None:
        """Begin at one text and end at another; at once where one of them is no number, or nobody looks."""
        if after == self._last:
            return
        old, new = _value(before), _value(after)
        self.stop()
        self._last = after
        if old is None or new is None or not allows_motion(self._widget) or not self._widget.isVisible():
            return
        self._decimals, self._grouped = len(after.partition(".")[2]), "," in before + after
        self.setStartValue(old)
        self.setEndValue(new)
        self.start()

    @property
    def is_counting(self) -> bool:
        """Whether another number than the last one is painted."""
        return self.state() == QVariantAnimation.State.Running

    @property
    def text(self) -> str:
        """What is to be painted now."""
        if not self.is_counting:
            return self._last
        value = float(self.currentValue())
        return f"{value:,.{self._decimals}f}" if self._grouped else f"{value:.{self._decimals}f}"


def _value(text: str) -> float | None:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return None
