"""Where pictures are dropped: an invitation with the ways to give one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton

from resnet_gui.gui.kit.bars.folding import Folding, hiding
from resnet_gui.gui.kit.basic import button, column, label, restyle, row, set_icon
from resnet_gui.gui.kit.picture_reader import read_image
from resnet_gui.gui.kit.theme import Theme

PICTURE, DIGIT = QSize(72, 50), QSize(28, 28)
SMALL, NARROW = QSize(56, 39), 520
"""Size of the pictures in a zone that is narrower than so many pixels."""


class DropZone(QFrame):
    """The place where pictures are dropped, an invitation; the window takes the drop.

    Signals:
        choose_requested: open a file dialog.
        paste_requested: take the clipboard.
        samples_requested: take these samples.
    """

    choose_requested = Signal()
    paste_requested = Signal()
    samples_requested = Signal(object)

    def __init__(self, theme: Theme, samples: Sequence[Path]) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("drop")
        layout = column(self, (12, 24, 12, 24), 10)
        layout.addStretch()
        picture = QLabel()
        theme.follow(picture, lambda: picture.setPixmap(theme.pixmap("image", "t3", 64)))
        layout.addWidget(picture, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(label("Drop pictures here", "number"), 0, Qt.AlignmentFlag.AlignHCenter)
        text = "JPEG, PNG, WebP, GIF, TIFF, BMP or a whole folder. Pictures stay on this computer."
        made = label(text, "muted", wrap=True)
        made.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(made)
        layout.addSpacing(6)
        line = row(gap=8)
        self.choose = button("Choose pictures", "primary", "Open a file dialog")
        set_icon(theme, self.choose, "image", "onacc")
        self.paste = button("Paste", "", "Take the picture on the clipboard (Ctrl+V)")
        set_icon(theme, self.paste, "copy", "t1")
        line.addStretch()
        line.addWidget(self.choose)
        line.addWidget(self.paste)
        line.addStretch()
        layout.addLayout(line)
        self.choose.clicked.connect(self.choose_requested)
        self.paste.clicked.connect(self.paste_requested)
        self.samples: list[QToolButton] = []
        pictures = [path for path in samples if path.suffix == ".jpg"]
        digits = [path for path in samples if path.suffix != ".jpg"]
        for words, paths, size, most in (
            ("or try the samples", pictures, PICTURE, 6),
            ("handwritten digits of the test part, from which no run learns", digits, DIGIT, 10),
        ):
            if paths:
                layout.addSpacing(14)
                layout.addWidget(label(words, "caption"), 0, Qt.AlignmentFlag.AlignHCenter)
                for start in range(0, len(paths), most):
                    layout.addLayout(self._sample_row(paths[start : start + most], size))
        layout.addStretch()

    def _sample_row(self, samples: Sequence[Path], size: QSize) -> QHBoxLayout:
        line = row(gap=6)
        line.addStretch()
        for path in samples:
            made = QToolButton()
            made.setObjectName("sample")
            made.setFixedSize(size + QSize(4, 4))
            made.setIconSize(size)
            made.setIcon(QIcon(_filling(path, size)))
            made.setProperty("picture", size == PICTURE)
            made.setToolTip(path.name)
            made.setAccessibleName(f"Sample {path.stem}")
            made.clicked.connect(lambda _=False, path=path: self.samples_requested.emit([path]))
            self.samples.append(made)
            line.addWidget(made)
        line.addStretch()
        Folding(self, line, [hiding(made) for made in reversed(self.samples[-len(samples) :])])
        return line

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The samples give way in a narrow window."""
        size = SMALL if self.width() < NARROW else PICTURE
        for made in self.samples:
            if made.property("picture"):
                made.setFixedSize(size + QSize(4, 4))
                made.setIconSize(size)
        super().resizeEvent(event)

    def light(self, *, on: bool) -> None:
        """Show that something is being dragged over it."""
        restyle(self, over="true" if on else "false")


def _filling(path: Path, size: QSize) -> QPixmap:
    """A picture that fills a tile, cut at its sides; small ones keep their pixels as squares."""
    image = read_image(path, size * 4)
    if image.isNull():
        return QPixmap()
    small = image.width() * 2 <= size.width()
    how = Qt.TransformationMode.FastTransformation if small else Qt.TransformationMode.SmoothTransformation
    wide = image.scaled(size * 2, Qt.AspectRatioMode.KeepAspectRatioByExpanding, how)
    left, top = (wide.width() - 2 * size.width()) // 2, (wide.height() - 2 * size.height()) // 2
    made = QPixmap.fromImage(wide.copy(left, top, 2 * size.width(), 2 * size.height()))
    made.setDevicePixelRatio(2)
    return made
