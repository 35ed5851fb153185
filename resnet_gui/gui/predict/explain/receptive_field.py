"""The receptive field of a unit: the box by geometry, and the pixels that move it on this picture."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QSpinBox

from resnet_gui.analysis.locations import find_shape, layer_maps, unit_box, unit_centre
from resnet_gui.design.structure import Plan
from resnet_gui.gui.kit.basic import column, label, row
from resnet_gui.gui.kit.form import SMALL_INDENT, indent
from resnet_gui.gui.kit.small_combo import SmallCombo
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.explain.widget import ExplainWidget
from resnet_gui.gui.predict.pictures.canvas import Marks, Overlay
from resnet_gui.gui.predict.state import PredictState, Unit
from resnet_gui.protocol.explain_events import UnitGradient
from resnet_gui.protocol.jobs import ShowUnitGradient


def request_unit_gradient(state: PredictState) -> ShowUnitGradient | None:
    """The question which pixels of the picture move the chosen unit."""
    request, unit = state.explained_request, state.unit
    if request is None or not state.image or not unit.layer:
        return None
    return ShowUnitGradient(0, request, state.image, unit.layer, unit.x, unit.y, unit.channel)


class ReceptiveFieldView(ExplainWidget):
    """The view of the receptive field of a unit, chosen by layer and by a click on the picture."""

    def __init__(self, theme: Theme, state: PredictState) -> None:
        super().__init__(theme, state)
        self._gradient: UnitGradient | None = None
        layout = column(self, (16, 6, 16, 8), 8)
        line = row(gap=6)
        self.layer = SmallCombo("Layer", 15, least=80, list_width=220)
        self.layer.activated.connect(lambda _: state.set_unit_layer(self.layer.currentData()))
        state.unit_changed.connect(self._unit_changed)
        state.naming_changed.connect(self._rename)
        line.addWidget(self.layer)
        self.column, self.line, self.channel = QSpinBox(), QSpinBox(), QSpinBox()
        for words, box in (("column", self.column), ("row", self.line), ("channel", self.channel)):
            line.addWidget(label(words, "muted12"))
            box.setProperty("small", "true")
            box.setFixedWidth(62)
            indent(box, SMALL_INDENT)
            box.setAccessibleName(words.capitalize())
            box.setKeyboardTracking(False)
            box.valueChanged.connect(lambda _: self._unit_entered())
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

    def show_network(self, planned: Plan) -> None:
        """List the layers of a network."""
        self._list(planned)
        self._unit_changed()

    def _list(self, planned: Plan) -> None:
        places = layer_maps(planned, self.state.naming)
        self.layer.show_keyed((location.title, location.name) for location in places)
        self.layer.show_key(self.state.unit.layer)

    def _rename(self) -> None:
        """Layers are called otherwise; what is known of the unit stays."""
        if self.state.plan is not None:
            self._list(self.state.plan)
            self._describe()

    def choose_place(self, x: float, y: float) -> None:
        """Take the unit at a place of the network's input."""
        shape = self._shape()
        if shape is not None:
            self.state.set_unit(msgspec.structs.replace(self.state.unit, x=int(x * shape[2]), y=int(y * shape[1])))

    def show_answer(self, answer: UnitGradient) -> None:
        """Take what the engine has computed."""
        self._gradient = answer
        self._describe()

    def clear(self, _sentence: str) -> None:
        """Show the box alone, which geometry tells without a picture."""
        self._gradient = None
        self._describe()

    def drawing(self) -> tuple[Overlay | None, Marks]:
        """The gradient, with the boxes and the unit's place."""
        return self._overlay(), self._marks()

    def drawing_title(self) -> str:
        """The view's own."""
        return "Receptive field"

    def _overlay(self) -> Overlay | None:
        """The gradient, to be laid over the crop."""
        event = self._gradient
        if event is None:
            return None
        return Overlay(event.values, event.width, event.height, measured=True)

    def _marks(self) -> Marks:
        """The boxes and the unit's place, on the input."""
        planned, unit = self.state.plan, self.state.unit
        if planned is None or not unit.layer:
            return Marks()
        left, top, right, bottom = unit_box(planned, unit.layer, unit.x, unit.y)
        boxes = [((float(left), float(top), float(right), float(bottom)), "s3")]
        centre = unit_centre(planned, unit.layer, unit.x, unit.y)
        if self._gradient is not None and self._gradient.half:
            half = self._gradient.half / 2
            boxes.append(
                ((centre[0] + 0.5 - half, centre[1] + 0.5 - half, centre[0] + 0.5 + half, centre[1] + 0.5 + half), "s1")
            )
        return Marks(tuple(boxes), (centre[0] + 0.5, centre[1] + 0.5))

    def _shape(self) -> tuple[int, ...] | None:
        """Channels, height and width of the layer."""
        planned, layer = self.state.plan, self.state.unit.layer
        return find_shape(planned, layer) if planned is not None and layer else None

    def _unit_entered(self) -> None:
        x, y, channel = self.column.value(), self.line.value(), self.channel.value()
        self.state.set_unit(Unit(self.state.unit.layer, x, y, channel))

    def _unit_changed(self) -> None:
        """Show which unit is chosen; what is known is of another one."""
        self._gradient = None
        shape, unit = self._shape(), self.state.unit
        if shape is None:
            return
        channels, height, width = shape
        self.layer.show_key(unit.layer)
        for box, most, value in (
            (self.column, width - 1, unit.x), (self.line, height - 1, unit.y),
            (self.channel, channels - 1, unit.channel),
        ):  # fmt: skip
            with QSignalBlocker(box):
                box.setMaximum(most)
                box.setValue(value)
        self._describe()

    def _describe(self) -> None:
        planned, unit = self.state.plan, self.state.unit
        if planned is None or not unit.layer:
            self.words.setText("")
            self.figures.setText("")
            return
        left, top, right, bottom = unit_box(planned, unit.layer, unit.x, unit.y)
        which = "all channels" if unit.channel < 0 else f"channel {unit.channel}"
        _, height, width = planned.spec.input
        outside = left < 0 or top < 0 or right > width or bottom > height
        span = f"column {left} to {right - 1} and row {top} to {bottom - 1}".replace("-", "−")
        self.words.setText(
            f"The unit at column {unit.x}, row {unit.y} of {self.state.title(unit.layer)} ({which}) can see "
            f"{right - left} × {bottom - top} pixels: "
            f"{span} of the input{', partly outside of it' if outside else ''}."
        )
        event = self._gradient
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
