"""A slider for each corruption that is on show: from nothing to severity 5, with its setting in its own unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from resnet_gui.evaluation.corruptions import CORRUPTIONS, MOST, Corruption, Shape
from resnet_gui.gui.kit.basic import StatusDot, column, label, row, scrolled
from resnet_gui.gui.kit.controls.slider import AbsoluteSlider
from resnet_gui.gui.kit.theme import Theme

STEPS: Final = 20
"""Places of a slider between two severities."""

ROW: Final = 24
MOST_ROWS: Final = 4
"""Up to so many rows are seen without scrolling."""

START: Final = 1.0
"""Severity at which a slider begins."""


def corruption_token(key: str) -> str:
    """The colour of a corruption, in its slider and its curve."""
    return f"r{list(CORRUPTIONS).index(key)}"


class SettingRow(QWidget):
    """The slider of one corruption.

    Signals:
        moved: to another severity.
    """

    moved = Signal()

    def __init__(self, theme: Theme, corruption: Corruption) -> None:
        super().__init__()
        self.corruption = corruption
        self._shape: Shape = (3, 32, 32)
        self.setFixedHeight(ROW)
        self.setToolTip(f"{corruption.what}\n{corruption.source}")
        line = row(self, gap=8)
        line.addWidget(StatusDot(theme, corruption_token(corruption.key)))
        title = label(corruption.title, "plain12")
        title.setFixedWidth(62)
        line.addWidget(title)
        self.slider = AbsoluteSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, MOST * STEPS)
        self.slider.setPageStep(STEPS)
        self.slider.setAccessibleName(corruption.title)
        self.slider.setValue(round(START * STEPS))
        self.slider.valueChanged.connect(self._tell)
        line.addWidget(self.slider, 1)
        self.words = label("", "plain12")
        self.words.setFixedWidth(66)
        line.addWidget(self.words)
        self._write()

    def show_shape(self, shape: Shape) -> None:
        """Take the shape of the network's input, on which the settings depend."""
        self._shape = shape
        self._write()

    @property
    def severity(self) -> float:
        """Where the slider stands, 0 to 5."""
        return self.slider.value() / STEPS

    @property
    def setting(self) -> float:
        """Its value in the unit of the corruption."""
        return self.corruption.setting_at(self.severity, self._shape)

    @property
    def ring(self) -> float:
        """The severity of the setting, which is rounded to a step: where the ring stands on the curve."""
        return self.corruption.severity_of(self.setting, self._shape)

    def _write(self) -> None:
        words = self.corruption.words(self.setting)
        self.words.setText(words.replace(" of the side", ""))
        self.slider.setAccessibleDescription(words)

    def _tell(self) -> None:
        self._write()
        self.moved.emit()


class SettingRows(QWidget):
    """The sliders of the corruptions that are on show.

    Signals:
        moved: one was moved, or others are on show.
    """

    moved = Signal()

    def __init__(self, theme: Theme, keys: Sequence[str]) -> None:
        super().__init__()
        inside = QWidget()
        lines = column(inside)
        self._rows = {key: SettingRow(theme, corruption) for key, corruption in CORRUPTIONS.items()}
        for each in self._rows.values():
            each.moved.connect(self.moved)
            lines.addWidget(each)
        lines.addStretch(1)
        self._area = scrolled(inside)
        # Its sliders take the focus, and are scrolled into view by that.
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column(self).addWidget(self._area)
        self._keys: tuple[str, ...] = ()
        self.show_keys(keys)

    def show_keys(self, keys: Sequence[str]) -> None:
        """Show the sliders of some corruptions alone."""
        self._keys = tuple(key for key in CORRUPTIONS if key in keys)
        for key, each in self._rows.items():
            each.setVisible(key in self._keys)
        self.setFixedHeight(ROW * min(MOST_ROWS, len(self._keys)))
        self.moved.emit()

    def show_shape(self, shape: Shape) -> None:
        """Take the shape of the network's input."""
        for each in self._rows.values():
            each.show_shape(shape)

    @property
    def keys(self) -> tuple[str, ...]:
        """What is on show, in the order of corruptions."""
        return self._keys

    @property
    def shown(self) -> list[SettingRow]:
        """The rows that are on show."""
        return [self._rows[key] for key in self._keys]

    @property
    def settings(self) -> dict[str, float]:
        """Key of each corruption on show -> its setting."""
        return {each.corruption.key: each.setting for each in self.shown}
