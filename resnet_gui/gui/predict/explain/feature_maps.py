"""Feature maps of a layer, most active first, one enlarged with its statistics; and the first filters likewise."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from resnet_gui.analysis.locations import MapPoint
from resnet_gui.gui.kit.basic import ElidingCombo, column, icon_button, label, row
from resnet_gui.gui.kit.colormap import coloured, viridis_ramp
from resnet_gui.gui.kit.format import shape as shape_words
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.explain.map_grid import Enlarged, MapGrid, Tile
from resnet_gui.protocol.explain_events import FeatureMap, FeatureMaps, Filters
from resnet_gui.protocol.jobs import MOST_MAPS

ORDERS = (("Most active first", "active"), ("By number", "number"))
WIDE = 520
"""Pixels from which on the shape of the maps is shown."""


def number(value: float) -> str:
    """A value of a map in three digits."""
    return f"{value:.3g}".replace("-", "−")


def _body(grid: MapGrid, large: Enlarged, title: QLabel, stats: QLabel) -> QHBoxLayout:
    """A grid, the chosen tile enlarged, and what is to be said of it."""
    body = row(gap=12)
    side = QWidget()
    words = column(side, gap=4)
    words.addWidget(title)
    words.addWidget(stats)
    words.addStretch()
    side.setFixedWidth(104)
    body.addWidget(grid, 5)
    body.addWidget(large, 2)
    body.addWidget(side)
    return body


class FeatureMapsView(QWidget):
    """Channels of a layer.

    Signals:
        asked: the user wants other maps: another layer, page or order.
    """

    requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._maps: tuple[FeatureMap, ...] = ()
        self._shape = (0, 0, 0)
        self.start = 0
        layout = column(self, (16, 6, 16, 12), 8)
        line = row(gap=8)
        self.layer = ElidingCombo()
        self.layer.setAccessibleName("Layer")
        self.layer.setMinimumWidth(90)
        self.layer.view().setMinimumWidth(220)
        self.layer.setMaxVisibleItems(24)
        self.order = ElidingCombo()
        self.order.setAccessibleName("Order of the maps")
        for title, key in ORDERS:
            self.order.addItem(title, key)
        for combo, letters in ((self.layer, 15), (self.order, 13)):
            combo.setProperty("small", "true")
            combo.setSizeAdjustPolicy(ElidingCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(letters)
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
        layout.addLayout(_body(self.grid, self.large, self.title, self.stats), 1)
        self.layer.activated.connect(self._restart)
        self.order.activated.connect(self._restart)
        self.back.clicked.connect(lambda: self._turn(-1))
        self.forth.clicked.connect(lambda: self._turn(1))
        self.grid.chosen.connect(self._show_large)
        self.grid.room_changed.connect(self.requested)
        self.clear("Feature maps appear here with the first answer.")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow panel the choices come first."""
        self.shape.setVisible(self.width() >= WIDE)
        super().resizeEvent(event)

    def show_layers(self, points: tuple[MapPoint, ...], wanted: str) -> None:
        """List the layers of a network; keep the one that was chosen if it has it."""
        before = self.layer.currentData()
        with QSignalBlocker(self.layer):
            self.layer.clear()
            for point in points:
                self.layer.addItem(point.title, point.name)
            place = self.layer.findData(before)
            self.layer.setCurrentIndex(place if place >= 0 else self.layer.findData(wanted))
        self.start = 0

    def clear(self, words: str) -> None:
        """Show no maps, but why."""
        self._maps = ()
        self.grid.show_tiles([], words=words)
        self.large.show_image(QImage())
        for one in (self.title, self.stats, self.range, self.shape):
            one.setText("")
        self.back.setEnabled(False)
        self.forth.setEnabled(False)

    def show_maps(self, event: FeatureMaps) -> None:
        """Show what the engine has computed."""
        self._maps, self._shape, self.start = event.maps, event.shape, event.start
        size = (event.shape[2], event.shape[1])
        tiles = [
            Tile(coloured(one.values, size, viridis_ramp()), f"Channel {one.channel}: {_stats(one, ', ')}")
            for one in event.maps
        ]
        self.grid.show_tiles(tiles, smooth=size[0] > 24)
        self.shape.setText(shape_words(event.shape, wide=True))
        last = event.start + len(event.maps)
        self.range.setText(f"{event.start + 1}–{last} of {event.shape[0]:,}" if event.maps else "")
        self.back.setEnabled(event.start > 0)
        self.forth.setEnabled(last < event.shape[0])
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

    def _restart(self) -> None:
        self.start = 0
        self.requested.emit()

    def _turn(self, pages: int) -> None:
        self.start = max(0, self.start + pages * max(1, min(self.grid.room, MOST_MAPS)))
        self.requested.emit()


def _stats(one: FeatureMap, between: str) -> str:
    parts = (
        f"mean {number(one.mean)}", f"max {number(one.high)}", f"min {number(one.low)}",
        f"{one.active:.0%} above 0",
    )  # fmt: skip
    return between.join(parts)


class FiltersView(QWidget):
    """The filters of the first convolution."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._event: Filters | None = None
        layout = column(self, (16, 6, 16, 12), 8)
        self.words = label("", "muted12")
        layout.addWidget(self.words)
        self.grid = MapGrid(theme, "Filters of the first convolution")
        self.large = Enlarged(theme)
        self.title, self.stats = label("", "title"), label("", "small", wrap=True)
        layout.addLayout(_body(self.grid, self.large, self.title, self.stats), 1)
        self.grid.chosen.connect(self._show_large)

    def clear(self, words: str) -> None:
        """Show no filters, but why."""
        self._event = None
        self.grid.show_tiles([], words=words)
        self.large.show_image(QImage())
        for one in (self.words, self.title, self.stats):
            one.setText("")

    def show_filters(self, event: Filters) -> None:
        """Show what the engine has read."""
        self._event = event
        count, channels, height, width = event.shape
        colours = "as colours" if channels == 3 else "grey" if channels == 1 else f"mean of {channels} channels"
        self.words.setText(
            f"{event.layer}: {count} filters of {channels} × {height} × {width}, {colours}; grey is zero"
        )
        tiles = [
            Tile(self._image(place), f"Filter {place}, norm {number(norm)}") for place, norm in enumerate(event.norms)
        ]
        self.grid.show_tiles(tiles, smooth=False)
        self._show_large(self.grid.place)

    def _image(self, place: int) -> QImage:
        event = self._event
        if event is None:
            return QImage()
        _, channels, height, width = event.shape
        form, step = (QImage.Format.Format_RGB888, 3) if channels == 3 else (QImage.Format.Format_Grayscale8, 1)
        return QImage(event.filters[place], width, height, step * width, form).copy()

    def _show_large(self, place: int) -> None:
        if self._event is None or not 0 <= place < len(self._event.filters):
            return
        self.large.show_image(self._image(place), smooth=False)
        self.title.setText(f"Filter {place}")
        self.stats.setText(
            f"norm {number(self._event.norms[place])}\nlargest of all weights {number(self._event.peak)}"
        )
