"""A strip about pictures that an experiment needs and that are not here: what they cost, and two ways to get them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QProgressBar

from resnet_gui.gui.kit.basic import ElidedLabel, button, label, restyle, row, set_icon
from resnet_gui.gui.kit.theme import Theme

HIGH = 40


@dataclass(frozen=True)
class MissingWords:
    """The content of the strip.

    Attributes:
        sentence: what is needed, and how large it is; empty where nothing is needed.
        download: words of the button that fetches it; empty for no such button.
        folder: whether a folder may be chosen in its place.
        fraction: how far its download is, 0 to 1; None where none goes on.
        is_settled: whether what is needed is there: the strip only says where from.
    """

    sentence: str = ""
    download: str = ""
    folder: bool = True
    fraction: float | None = None
    is_settled: bool = False


class MissingDataStrip(QFrame):
    """The strip; hidden where nothing is missing.

    Signals:
        download_requested, cancel_requested: fetch the pictures; stop that.
        folder_requested: the user has them in a folder.
    """

    download_requested = Signal()
    cancel_requested = Signal()
    folder_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setFixedHeight(HIGH)
        line = row(self, (16, 0, 16, 0))
        sign = label()
        theme.follow(sign, lambda: sign.setPixmap(theme.pixmap("download", "warn", 16)))
        line.addWidget(sign)
        self.sentence = ElidedLabel("", least=80)
        line.addWidget(self.sentence, 1)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(160)
        line.addWidget(self.bar)
        self.folder, self.download = button("Choose folder", "small"), button("", "small")
        self.cancel = button("Cancel", "small", "Stop the download; what has arrived stays")
        set_icon(theme, self.folder, "folder", "t1")
        set_icon(theme, self.download, "download", "t1")
        for pressed, signal in (
            (self.folder, self.folder_requested), (self.download, self.download_requested),
            (self.cancel, self.cancel_requested),
        ):  # fmt: skip
            pressed.clicked.connect(signal)
            line.addWidget(pressed)
        self.hide()

    def show_words(self, words: MissingWords) -> None:
        """Show what is missing, or hide the strip."""
        self.setVisible(bool(words.sentence))
        if not words.sentence:
            return
        going = words.fraction is not None
        self.sentence.setText(words.sentence)
        self.sentence.setToolTip(words.sentence)
        self.download.setText(words.download)
        self.download.setVisible(bool(words.download) and not going)
        self.folder.setVisible(words.folder and not going)
        self.bar.setVisible(going)
        self.bar.setValue(round(1000 * (words.fraction or 0.0)))
        self.cancel.setVisible(going)
        self.setObjectName("topLine" if words.is_settled else "banner")
        restyle(self, level="warn")
