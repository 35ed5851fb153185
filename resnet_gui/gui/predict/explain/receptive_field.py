"""What a unit looks at: the box by geometry, and the pixels that move it on this picture."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QSpinBox, QWidget

from resnet_gui.analysis.locations import MapPoint, find_shape, unit_box, unit_centre
from resnet_gui.design.structure import Plan
from resnet_gui.gui.kit.basic import ElidingCombo, column, label, row
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.pictures.canvas import Marks, Overlay
from resnet_gui.protocol.explain_events import UnitGradient


class ReceptiveFieldView(QWidget):
    """A unit, chosen by layer and by a click on the picture.

    Signals:
        asked: another unit was chosen.
    """

    requested = Signal()

    def __init__(self, _theme: Theme) -> None:
        super().__init__()
        self._plan: Plan | None = None
        self._traced: UnitGradient | None = None
        layout = column(self, (16, 6, 16, 8), 8)
        line = row(gap=6)
        self.layer = ElidingCombo()
        self.layer.setProperty("small", "true")
        self.layer.setAccessibleName("Layer")
        self.layer.setSizeAdjustPolicy(ElidingCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.layer.setMinimumContentsLength(15)
        self.layer.setMinimumWidth(80)
        self.layer.view().setMinimumWidth(220)
        self.layer.setMaxVisibleItems(24)
        self.layer.activated.connect(self._layer_chosen)
        line.addWidget(self.layer)
        self.column, self.line, self.channel = QSpinBox(), QSpinBox(), QSpinBox()
        for words, box in (("column", self.column), ("row", self.line), ("channel", self.channel)):
            line.addWidget(label(words, "muted12"))
            box.setProperty("small", "true")
            box.setFixedWidth(62)
            box.setAccessibleName(words.capitalize())
            box.setKeyboardTracking(False)
            box.valueChanged.connect(lambda _: self.requested.emit())
            line.addWidget(box)
        self.channel.setSpecialValueText("all")
        self.channel.setMinimum(-1)
        self.channel.setValue(-1)
        line.addStretch()
        layout.addLayout(line)
        self.words = label("", "muted", wrap=True)
        layout.addWidget(self.words)
        self.figures = label("", "", wrap=True)
        layout.addWidget(self.figures)
        self.note = label(
            "Click the picture to choose the unit that stands there. The outer box is what it can see by geometry "
            "(Araujo et al. 2019); the inner one holds half of the gradient on this picture: usually a small, "
            "bell-shaped part of it (Luo et al. 2016).",
            "caption",
            wrap=True,
        )
        layout.addWidget(self.note)
        layout.addStretch()

    def show_network(self, planned: Plan, points: tuple[MapPoint, ...]) -> None:
        """Take the layers of a network."""
        self._plan, self._traced = planned, None
        before = self.layer.currentData()
        with QSignalBlocker(self.layer):
            self.layer.clear()
            for point in points:
                self.layer.addItem(point.title, point.name)
            place = self.layer.findData(before)
            wanted = self.layer.findData(planned.stages[-1].last_block.path)
            self.layer.setCurrentIndex(place if place >= 0 else wanted)
        self._fit()

    @property
    def name(self) -> str:
        """Path of the layer."""
        return self.layer.currentData() or ""

    def unit(self) -> tuple[int, int, int]:
        """Column, row and channel (-1 for all)."""
        return self.column.value(), self.line.value(), self.channel.value()

    def choose_place(self, x: float, y: float) -> None:
        """Take the unit at a place of the crop (0 to 1)."""
        shape = self._shape()
        if shape is None:
            return
        with QSignalBlocker(self.column), QSignalBlocker(self.line):
            self.column.setValue(int(x * shape[2]))
            self.line.setValue(int(y * shape[1]))
        self.requested.emit()

    def show_traced(self, event: UnitGradient | None) -> None:
        """Take what the engine has computed."""
        self._traced = event
        self._describe()

    def overlay(self) -> Overlay | None:
        """The gradient, to be laid over the crop."""
        event = self._traced
        if event is None:
            return None
        return Overlay(event.values, event.width, event.height, measured=True)

    def marks(self) -> Marks:
        """The boxes and the unit's place, on the input."""
        if self._plan is None or not self.name:
            return Marks()
        x, y, _ = self.unit()
        left, top, right, bottom = unit_box(self._plan, self.name, x, y)
        boxes = [((float(left), float(top), float(right), float(bottom)), "s3")]
        centre = unit_centre(self._plan, self.name, x, y)
        if self._traced is not None and self._traced.half:
            half = self._traced.half / 2
            boxes.append(
                ((centre[0] + 0.5 - half, centre[1] + 0.5 - half, centre[0] + 0.5 + half, centre[1] + 0.5 + half), "s1")
            )
        return Marks(tuple(boxes), (centre[0] + 0.5, centre[1] + 0.5))

    def _shape(self) -> tuple[int, ...] | None:
        return find_shape(self._plan, self.name) if self._plan is not None and self.name else None

    def _layer_chosen(self) -> None:
        self._traced = None
        self._fit()
        self.requested.emit()

    def _fit(self) -> None:
        shape = self._shape()
        if shape is None:
            return
        channels, height, width = shape
        with QSignalBlocker(self.column), QSignalBlocker(self.line), QSignalBlocker(self.channel):
            self.column.setMaximum(max(0, width - 1))
            self.line.setMaximum(max(0, height - 1))
            self.channel.setMaximum(channels - 1)
            self.column.setValue(width // 2)
            self.line.setValue(height // 2)
        self._describe()

    def _describe(self) -> None:
        shape = self._shape()
        if shape is None or self._plan is None:
            self.words.setText("")
            self.figures.setText("")
            return
        x, y, channel = self.unit()
        left, top, right, bottom = unit_box(self._plan, self.name, x, y)
        which = "all channels" if channel < 0 else f"channel {channel}"
        height, width = self._input()
        outside = left < 0 or top < 0 or right > width or bottom > height
        span = f"column {left} to {right - 1} and row {top} to {bottom - 1}".replace("-", "−")
        self.words.setText(
            f"The unit at column {x}, row {y} of {self.name} ({which}) can see {right - left} × {bottom - top} pixels: "
            f"{span} of the input{', partly outside of it' if outside else ''}."
        )
        event = self._traced
        if event is None:
            self.figures.setText("")
        elif not event.box:
            self.figures.setText("No pixel moves it on this picture: it is switched off here.")
        else:
            wide, high = event.box[2] - event.box[0], event.box[3] - event.box[1]
            self.figures.setText(
                f"On this picture {wide} × {high} pixels move it; half of the gradient lies within "
                f"{event.half} × {event.half} pixels."
            )

    def _input(self) -> tuple[int, int]:
        shape = self._plan.spec.input if self._plan is not None else (3, 1, 1)
        return shape[1], shape[2]
