"""The fields of an attribution's settings: those of the chosen method, in one row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QLabel, QSpinBox, QWidget

from resnet_gui.gui.kit.basic import label, row
from resnet_gui.gui.kit.form import SMALL_INDENT, indent
from resnet_gui.gui.kit.small_combo import SmallCombo
from resnet_gui.gui.predict.explain.attribution_words import QUADRATURE_TITLES
from resnet_gui.protocol.attribution_settings import (
    BACKGROUNDS,
    MOST_SEED,
    MOST_STEPS,
    RULES,
    SPLITS,
    AttributionSettings,
    Method,
)

SHOWN: Final[dict[Method, tuple[str, ...]]] = {
    "lrp": ("rule", "split", "gamma"),
    "integrated-gradients": ("background", "steps", "quadrature"),
    "smoothgrad": ("sigma", "samples", "seed"),
    "occlusion": ("background", "window", "stride"),
    "grad-cam": (),
}
"""Method -> its fields; others have their usual values, and Grad-CAM looks where the picture's bar says."""

_ENTRIES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "background": tuple(zip(("black", "mean colour", "blurred picture"), BACKGROUNDS, strict=True)),
    "quadrature": tuple((title, key) for key, title in QUADRATURE_TITLES.items()),
    "rule": tuple((key, key) for key in RULES),
    "split": tuple((f"{key} shares", key) for key in SPLITS),
}
_NAMES: Final = {
    "background": "from", "quadrature": "by", "rule": "rule", "split": "additions", "gamma": "γ", "steps": "steps",
    "sigma": "noise", "samples": "pictures", "seed": "seed", "window": "window", "stride": "stride",
}  # fmt: skip
_TIPS: Final = {
    "background": "What stands for nothing: the baseline of integrated gradients, the cover of occlusion",
    "quadrature": "Where between baseline and picture the gradient is taken",
    "rule": "composite: z-plus for convolutions, epsilon for the head (Montavon et al. 2019)",
    "split": "Branch and shortcut share relevance by the absolute values of what they add, or by the values themselves",
    "gamma": "How much more counts what speaks for a unit; of the rule gamma",
    "steps": "More steps: a smaller completeness error",
    "sigma": "Deviation of the noise over the range of the picture, in percent",
    "samples": "Pictures with noise whose gradients are averaged",
    "seed": "Of the noise",
    "window": "Edge of what is covered, in pixels of the network's input; auto: an eighth of it",
    "stride": "Pixels from one window to the next; auto: half of the window",
}


class AttributionFields(QWidget):
    """The row of fields.

    Signals:
        changed: the settings that are wanted now.
    """

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._settings = AttributionSettings()
        self._parts: dict[str, tuple[QWidget, QWidget]] = {}
        self._titles: dict[str, QLabel] = {}
        self._show: dict[str, Callable[[Any], None]] = {}
        line = row(self, gap=6)
        for name, text in _NAMES.items():
            title, field = label(text, "muted12"), self._field(name)
            field.setToolTip(_TIPS[name])
            field.setAccessibleName(text.capitalize())
            line.addWidget(title)
            line.addWidget(field)
            self._parts[name], self._titles[name] = (title, field), title
        self.words = label("at the place that the bar above the picture names", "muted12")
        line.addWidget(self.words)
        line.addStretch()

    def _field(self, name: str) -> QWidget:
        if name in _ENTRIES:
            combo = SmallCombo(name, 12 if name in {"quadrature", "split"} else 8, least=70, list_width=170)
            combo.show_entries(_ENTRIES[name])
            combo.activated.connect(lambda _: self._take(name, combo.currentData()))
            self._show[name] = combo.show_key
            return combo
        if name == "gamma":
            box = QDoubleSpinBox()
            box.setRange(0.01, 100)
            box.setSingleStep(0.25)
            box.valueChanged.connect(lambda value: self._take(name, value))
            self._show[name] = box.setValue
            return self._small(box)
        low, high = {
            "seed": (0, min(MOST_SEED, 2**31 - 1)),
            "sigma": (0, 100),
            "window": (0, 512),
            "stride": (0, 512),
        }.get(name, (1, MOST_STEPS))
        spin = QSpinBox()
        spin.setRange(low, high)
        if name in {"window", "stride"}:
            spin.setSpecialValueText("auto")
        if name == "sigma":
            spin.setSuffix("\u2009%")
            spin.valueChanged.connect(lambda value: self._take(name, value / 100))
            self._show[name] = lambda value: spin.setValue(round(100 * value))
        else:
            spin.valueChanged.connect(lambda value: self._take(name, value))
            self._show[name] = spin.setValue
        return self._small(spin)

    @staticmethod
    def _small(box: QSpinBox | QDoubleSpinBox) -> QWidget:
        box.setProperty("small", "true")
        box.setFixedWidth(66)
        indent(box, SMALL_INDENT)
        box.setKeyboardTracking(False)
        return box

    def field(self, name: str) -> QWidget:
        """The field of a setting."""
        return self._parts[name][1]

    def show_settings(self, method: Method, settings: AttributionSettings) -> None:
        """Show the fields of a method, without telling anybody."""
        self._settings = settings
        names = SHOWN[method]
        for name, (title, field) in self._parts.items():
            with QSignalBlocker(field):
                self._show[name](getattr(settings, name))
            there = name in names and (name != "gamma" or settings.rule == "gamma")
            for part in (title, field):
                part.setVisible(there)
        self._titles["background"].setText("covered by" if method == "occlusion" else "from")
        self.words.setVisible(not names)

    def _take(self, name: str, value: object) -> None:
        self.changed.emit(msgspec.structs.replace(self._settings, **{name: value}))
