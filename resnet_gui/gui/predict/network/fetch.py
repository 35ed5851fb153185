"""Weights that are not on this computer: what they cost to fetch, how far that is, and how to stop it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QProgressBar

from resnet_gui.data.weights_catalogue import WEIGHTS
from resnet_gui.gui.common.network_model import NetworkEntry
from resnet_gui.gui.kit.basic import button, column, label, row, set_icon
from resnet_gui.gui.kit.theme import Theme


class FetchPanel(QFrame):
    """The panel that offers to fetch weights; it is hidden while there is nothing to fetch.

    Signals:
        download_requested, cancel_requested: of the weights of that name.
    """

    download_requested = Signal(str)
    cancel_requested = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("topLine")
        self._name = ""
        layout = column(self, (16, 10, 16, 10), 6)
        self.words = label("", "small", wrap=True)
        layout.addWidget(self.words)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        layout.addWidget(self.bar)
        line = row(gap=8)
        self.fetch = button("Download")
        set_icon(theme, self.fetch, "download", "t1")
        self.cancel = button("Cancel")
        self.fetch.clicked.connect(lambda: self.download_requested.emit(self._name))
        self.cancel.clicked.connect(lambda: self.cancel_requested.emit(self._name))
        line.addWidget(self.fetch)
        line.addWidget(self.cancel)
        line.addStretch()
        layout.addLayout(line)
        self.show_entry(None, None)

    def show_entry(self, entry: NetworkEntry | None, progress: float | None) -> None:
        """Show a network that is missing, and how far its download is; None, or one that is here, for nothing."""
        missing = entry is not None and not entry.here
        self.setVisible(missing)
        if entry is None or not missing:
            return
        self._name = entry.key
        weights = WEIGHTS[entry.key]
        self.words.setText(
            f"{entry.title}, {weights.version} is not on this computer: {weights.megabytes:.1f} MB from torchvision's "
            "address, checked by SHA-256. Offline, open a copy of the file with 'Open file'."
        )
        self.fetch.setVisible(progress is None)
        self.cancel.setVisible(progress is not None)
        self.bar.setVisible(progress is not None)
        self.bar.setValue(round(1000 * (progress or 0.0)))
