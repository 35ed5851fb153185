"""Feature maps of a layer, most active first, one enlarged with its statistics."""

from __future__ import annotations

import msgspec
from PySide6.QtGui import QImage, QResizeEvent

from resnet_gui.analysis.locations import layer_maps
from resnet_gui.design.structure import Plan
from resnet_gui.gui.kit.basic import column, icon_button, label, row
from resnet_gui.gui.kit.colormap import coloured, viridis_ramp
from resnet_gui.gui.kit.format import shape as shape_words
from resnet_gui.gui.kit.small_combo import SmallCombo
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.explain.map_grid import Enlarged, MapGrid, Tile, beside_grid, number
from resnet_gui.gui.predict.explain.widget import ExplainWidget
from resnet_gui.gui.predict.state import PredictState
from resnet_gui.protocol.explain_events import FeatureMap, FeatureMaps
from resnet_gui.protocol.jobs import MOST_MAPS, ShowMaps

ORDERS = (("Most active first", "active"), ("By number", "number"))
WIDE = 520
"""Pixels from which on the shape of the maps is shown."""


def request_maps(state: PredictState) -> ShowMaps | None:
    """The question about the chosen feature maps of the picture."""
    request, maps = state.explained_request, state.maps
    if request is None or not state.image or not maps.layer:
        return None
    return ShowMaps(0, request, state.image, maps.layer, maps.start, maps.count, maps.order)


class FeatureMapsView(ExplainWidget):
    """The view of a layer's channels, as many as there is room for."""

    def __init__(self, theme: Theme, state: PredictState) -> None:
        super().__init__(theme, state)
        self._maps: tuple[FeatureMap, ...] = ()
        self._shape = (0, 0, 0)
        layout = column(self, (16, 6, 16, 12), 8)
        line = row(gap=8)
        self.layer = SmallCombo("Layer", 15, least=90, list_width=220)
        self.order = SmallCombo("Order of the maps", 13)
        self.order.show_entries(ORDERS)
        self.shape = label("", "muted12")
        self.range = label("", "muted12")
        self.back = icon_button(theme, "chevron-left", "Maps before", size=24)
        self.forth = icon_button(theme, "chevron-right", "More maps", size=24)
        line.addWidget(self.layer)
        line.addWidget(self.shape)
        line.addStretch()
        for widget in (self.range, self.back, self.forth, self.order):
            line.addWidget(widget)
        layout.addLayout(line)
        self.grid = MapGrid(theme, "Feature maps")
        self.large = Enlarged(theme)
        self.title, self.stats = label("", "title"), label("", "small")
        layout.addLayout(beside_grid(self.grid, self.large, self.title, self.stats), 1)
        self.layer.activated.connect(lambda _: self._choose(layer=self.layer.currentData(), start=0))
        self.order.activated.connect(lambda _: self._choose(order=self.order.currentData(), start=0))
        self.back.clicked.connect(lambda: self._turn(-1))
        self.forth.clicked.connect(lambda: self._turn(1))
        self.grid.chosen.connect(self._show_large)
        self.grid.room_changed.connect(lambda: self._choose(count=self._most))
        state.maps_changed.connect(self._show_choice)
        state.naming_changed.connect(self.list_anew)
        self.clear("Feature maps appear here with the first answer.")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow panel the choices come first."""
        self.shape.setVisible(self.width() >= WIDE)
        super().resizeEvent(event)

    def show_network(self, planned: Plan) -> None:
        """List the layers of a network."""
        places = layer_maps(planned, self.state.naming)
        self.layer.show_keyed((location.title, location.name) for location in places)
        self._show_choice()

    def _show_choice(self) -> None:
        self.layer.show_key(self.state.maps.layer)
        self.order.show_key(self.state.maps.order)

    def _choose(self, **changes: object) -> None:
        """Change fields of the choice."""
        self.state.set_maps(msgspec.structs.replace(self.state.maps, **changes))

    def clear(self, sentence: str) -> None:
        """Show no maps, but why."""
        self._maps = ()
        self.grid.show_tiles([], words=sentence)
        self.large.show_image(QImage())
        for one in (self.title, self.stats, self.range, self.shape):
            one.setText("")
        self.back.setEnabled(False)
        self.forth.setEnabled(False)

    def show_answer(self, answer: FeatureMaps) -> None:
        """Show what the engine has computed."""
        self._maps, self._shape = answer.maps, answer.shape
        size = (answer.shape[2], answer.shape[1])
        tiles = [
            Tile(coloured(one.values, size, viridis_ramp()), f"Channel {one.channel}: {_stats(one, ', ')}")
            for one in answer.maps
        ]
        self.grid.show_tiles(tiles, smooth=size[0] > 24)
        self.shape.setText(shape_words(answer.shape, wide=True))
        last = answer.start + len(answer.maps)
        self.range.setText(f"{answer.start + 1}–{last} of {answer.shape[0]:,}" if answer.maps else "")
        self.back.setEnabled(answer.start > 0)
        self.forth.setEnabled(last < answer.shape[0])
        self._show_large(self.grid.place)

    def _show_large(self, place: int) -> None:
        if not 0 <= place < len(self._maps):
            return
        one = self._maps[place]
        size = (self._shape[2], self._shape[1])
        self.large.show_image(coloured(one.values, size, viridis_ramp()), smooth=size[0] > 24)
        self.large.setToolTip(f"dark is {number(one.low)}, bright is {number(one.high)}")
        self.title.setText(f"Channel {one.channel}")
        self.stats.setText(_stats(one, "\n"))

    @property
    def _most(self) -> int:
        """As many maps as there is room for."""
        return max(1, min(self.grid.room, MOST_MAPS))

    def _turn(self, pages: int) -> None:
        self._choose(start=max(0, self.state.maps.start + pages * self._most))


def _stats(one: FeatureMap, between: str) -> str:
    parts = (
        f"mean {number(one.mean)}", f"max {number(one.high)}", f"min {number(one.low)}",
        f"{100 * one.active:.0f}\u2009% above 0",
    )  # fmt: skip
    return between.join(parts)
