"""What the row of comparisons needs of the page: its data, its queue, its place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from resnet_gui.data.datasets import KNOWN, holds_cifar10
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.settings import Settings
from resnet_gui.training.starters import STARTERS

if TYPE_CHECKING:
    from resnet_gui.gui.train.page import TrainPage


class StarterLink(QObject):
    """The link between the page and its row of comparisons, and of the starters with what they take here."""

    def __init__(self, page: TrainPage, engines: Engines, settings: Settings) -> None:
        super().__init__(page)
        self._timed = False
        engines.ready.connect(lambda _ready: self.time_starters())
        self._page, self._row, self._settings = page, page.comparisons, settings
        row = self._row
        row.set_open(on=settings.starters_open)
        if settings.larger_data and holds_cifar10(Path(settings.larger_data)):
            row.take_folder(Path(settings.larger_data))
        row.queue_requested.connect(page.starts.queue_starter)
        row.photos_requested.connect(self._ask_photos)
        row.download_requested.connect(page.setup.download)
        row.folder_requested.connect(self._ask_folder)
        page.setup.data_changed.connect(self._show_data)
        page.form.data_changed.connect(self._data_chosen)
        page.modes.currentChanged.connect(lambda number: row.setVisible(number == 0))

    def time_starters(self) -> None:
        """Measure the starters of a first run as long as nobody has begun."""
        if self._page.setup.active and not self._page.runs.rows() and not self._timed:
            self._timed = True
            self._page.setup.time_starters(STARTERS)

    def _ask_photos(self) -> None:
        """A new run learns from pictures of the user's own."""
        self._page.side.open_form()
        self._page.form.choice.ask_folder()

    def _ask_folder(self) -> None:
        """Ask where CIFAR-10 lies."""
        chosen = QFileDialog.getExistingDirectory(self._page, "Folder that holds CIFAR-10", self._settings.folder)
        if not chosen:
            return
        if holds_cifar10(Path(chosen)):
            self._row.take_folder(Path(chosen))
        else:
            self._row.show_problem(
                f"{Path(chosen).name} does not hold CIFAR-10: neither cifar-10-batches-py, nor train and test with a "
                "folder for each of its ten classes. Choose another folder, or download it."
            )

    def _data_chosen(self, data: str) -> None:
        """CIFAR-10 in a folder that was chosen anywhere on the page serves the comparisons too."""
        if data and data not in KNOWN and holds_cifar10(Path(data)):
            self._row.take_folder(Path(data))

    def _show_data(self) -> None:
        progress = self._page.setup.progress
        done, total = progress.get("cifar10", (0, 0))
        self._row.show_download(done, total, going="cifar10" in progress)

    def write(self, settings: Settings) -> None:
        """Write down whether the row is unfolded, and what takes the place of CIFAR-10."""
        settings.starters_open, settings.larger_data = self._row.wanted, self._row.larger_data
