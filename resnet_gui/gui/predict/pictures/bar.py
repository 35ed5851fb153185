"""The bar above the large picture: its name, and what heat lies over it."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFrame

from resnet_gui.analysis.locations import short_title, stage_maps
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.gui.kit.bars.folding import Folding, hiding
from resnet_gui.gui.kit.basic import ElidedLabel, label, row
from resnet_gui.gui.kit.controls.slider import AbsoluteSlider
from resnet_gui.gui.kit.small_combo import SmallCombo
from resnet_gui.gui.kit.switch import ToggleSwitch
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.state import PredictState

LOCATION, TARGET = 116, 88
"""Pixels that the two choices keep; other parts give way before."""


class PictureToolBar(QFrame):
    """The bar above the large picture.

    Signals:
        cam_toggled: whether heat lies over the picture.
        strength_changed: how strongly, 0 to 1.
        location_chosen: name of a place in the network.
        target_chosen: number of the class that is explained; -1 for the likeliest.
    """

    cam_toggled = Signal(bool)
    strength_changed = Signal(float)
    location_chosen = Signal(str)
    target_chosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("panelHeader")
        self.setFixedHeight(36)
        line = row(self, (16, 0, 16, 0), 8)
        self.title = ElidedLabel("", "title", least=96)
        self.size_words = label("", "muted12")
        line.addWidget(self.title)
        line.addWidget(self.size_words)
        line.addStretch(1)
        self.cam = ToggleSwitch(theme, "Grad-CAM", "Where the evidence for a class lies (Selvaraju et al. 2017)")
        self.cam.setChecked(True)
        self.cam.setMinimumWidth(self.cam.sizeHint().width())
        self.drawing = ElidedLabel("", "muted", least=60)
        self.drawing.setToolTip("What lies over the picture; its settings are below")
        self.drawing.hide()
        self.strength = AbsoluteSlider(Qt.Orientation.Horizontal)
        self.strength.setRange(0, 100)
        self.strength.setValue(80)
        self.strength.setFixedWidth(64)
        self.strength.setAccessibleName("Strength of the heat")
        self.percent = label("80\u2009%", "muted12")
        self.percent.setFixedWidth(38)
        self.location = SmallCombo("Where in the network", 11, least=LOCATION, list_width=220)
        self.target = SmallCombo("Class", 9, least=TARGET, list_width=220)
        for combo in (self.location, self.target):
            combo.setToolTip(combo.accessibleName())
        for widget in (self.cam, self.drawing, self.strength, self.percent, self.location, self.target):
            line.addWidget(widget)
        self._folding = Folding(
            self, line, (hiding(self.size_words), hiding(self.percent), hiding(self.title), hiding(self.strength))
        )
        self.cam.toggled.connect(self._cam_toggled)
        self.strength.valueChanged.connect(self._strength_changed)
        self.location.activated.connect(lambda _: self.location_chosen.emit(self.location.currentData()))
        self.target.activated.connect(lambda _: self.target_chosen.emit(self.target.currentData()))

    def show_picture(self, name: str) -> None:
        """Name the picture."""
        self.title.setText(" ".join(name.split()))
        self.title.setToolTip(name)

    def show_drawing(self, title: str, placed: bool) -> None:
        """Name what a view lays over the picture instead of Grad-CAM, which has an empty ``title``.

        The place in the network is offered only where the drawing is ``placed``.
        """
        self.drawing.setText(title)
        self.drawing.setVisible(bool(title))
        self.cam.setVisible(not title)
        self.location.setVisible(placed)
        self._show_able()
        self._folding.look()

    def show_size(self, size: tuple[int, int]) -> None:
        """Say how large it is; zeros for unknown."""
        self.size_words.setText(f"{size[0]} × {size[1]}" if size[0] else "")

    def show_locations(self, spec: ResNetSpec, state: PredictState) -> None:
        """List the ends of the stages, and the places inside of a block; PyTorch's paths are their tooltips."""
        naming = state.naming
        stages = [
            (f"{short_title(each.location, naming)}, {each.shape[2]}×{each.shape[1]}", each.name)
            for each in reversed(stage_maps(plan(spec)))
        ]
        parts = [
            (f"{short_title(each.location.without_layer(), naming)}, {each.title}", each.name)
            for each in state.inside_block()
        ]
        self.location.show_keyed([*stages, *parts])
        if parts:
            self.location.insertSeparator(len(stages))
        self.show_point(state.location)

    def show_point(self, name: str) -> None:
        """Show which place is chosen."""
        place = self.location.findData(name)
        if place >= 0:
            with QSignalBlocker(self.location):
                self.location.setCurrentIndex(place)

    def show_classes(self, classes: tuple[str, ...], target: int) -> None:
        """List the classes of a network."""
        with QSignalBlocker(self.target):
            self.target.clear()
            self.target.addItem("Likeliest", -1)
            for number, name in enumerate(classes):
                self.target.addItem(name, number)
            self.target.setCurrentIndex(max(0, self.target.findData(target)))

    def show_likeliest(self, name: str) -> None:
        """Say which class the likeliest is; empty while it is not known."""
        if self.target.count():
            self.target.setItemText(0, f"{name} (likeliest)" if name else "Likeliest")

    def choose_target(self, target: int) -> None:
        """Take a class to explain."""
        place = self.target.findData(target)
        if place >= 0:
            self.target.setCurrentIndex(place)
            self.target_chosen.emit(target)

    def _cam_toggled(self, on: bool) -> None:
        self._show_able()
        self.cam_toggled.emit(on)

    def _show_able(self) -> None:
        """What Grad-CAM's switch turns off is still of use to another drawing."""
        able = self.cam.isChecked() or bool(self.drawing.text())
        for widget in (self.strength, self.location, self.target):
            widget.setEnabled(able)

    def _strength_changed(self, value: int) -> None:
        self.percent.setText(f"{value}\u2009%")
        self.strength_changed.emit(value / 100)
