"""The filters of the first convolution, one enlarged with its norm."""

from __future__ import annotations

from PySide6.QtGui import QImage

from resnet_gui.gui.kit.basic import column, label
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.explain.map_grid import Enlarged, MapGrid, Tile, beside_grid, number
from resnet_gui.gui.predict.explain.widget import ExplainWidget
from resnet_gui.gui.predict.state import PredictState
from resnet_gui.protocol.explain_events import Filters
from resnet_gui.protocol.jobs import ShowFilters


def request_filters(state: PredictState) -> ShowFilters | None:
    """The question about the filters; they are the same with lesions."""
    return ShowFilters(0, state.model_request) if state.model_request is not None and state.loaded is not None else None


class FiltersView(ExplainWidget):
    """The view of the first convolution's filters."""

    def __init__(self, theme: Theme, state: PredictState) -> None:
        super().__init__(theme, state)
        self._filters: Filters | None = None
        layout = column(self, (16, 6, 16, 12), 8)
        self.words = label("", "muted12")
        layout.addWidget(self.words)
        self.grid = MapGrid(theme, "Filters of the first convolution")
        self.large = Enlarged(theme)
        self.title, self.stats = label("", "title"), label("", "small", wrap=True)
        layout.addLayout(beside_grid(self.grid, self.large, self.title, self.stats), 1)
        self.grid.chosen.connect(self._show_large)

    def clear(self, sentence: str) -> None:
        """Show no filters, but why."""
        self._filters = None
        self.grid.show_tiles([], words=sentence)
        self.large.show_image(QImage())
        for one in (self.words, self.title, self.stats):
            one.setText("")

    def show_answer(self, answer: Filters) -> None:
        """Show what the engine has read."""
        self._filters = answer
        count, channels, height, width = answer.shape
        colours = "as colours" if channels == 3 else "grey" if channels == 1 else f"mean of {channels} channels"
        self.words.setText(
            f"{answer.layer}: {count} filters of {channels} × {height} × {width}, {colours}; grey is zero"
        )
        tiles = [
            Tile(self._image(place), f"Filter {place}, norm {number(norm)}") for place, norm in enumerate(answer.norms)
        ]
        self.grid.show_tiles(tiles, smooth=False)
        self._show_large(self.grid.place)

    def _image(self, place: int) -> QImage:
        filters = self._filters
        if filters is None:
            return QImage()
        _, channels, height, width = filters.shape
        form, step = (QImage.Format.Format_RGB888, 3) if channels == 3 else (QImage.Format.Format_Grayscale8, 1)
        return QImage(filters.filters[place], width, height, step * width, form).copy()

    def _show_large(self, place: int) -> None:
        if self._filters is None or not 0 <= place < len(self._filters.filters):
            return
        self.large.show_image(self._image(place), smooth=False)
        self.title.setText(f"Filter {place}")
        self.stats.setText(
            f"norm {number(self._filters.norms[place])}\nlargest of all weights {number(self._filters.peak)}"
        )
