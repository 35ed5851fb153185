"""Where pictures are dropped: an invitation with the ways to give one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton

from resnet_gui.gui.theme import Theme
from resnet_gui.gui.widgets.basic import button, column, label, restyle, row, set_icon
from resnet_gui.gui.widgets.gallery import enlarged, read_image


class DropZone(QFrame):
    """The invitation; the page takes the drop itself.

    Signals:
        choose_asked: open a file dialog.
        paste_asked: take the clipboard.
        samples_asked: take these samples.
    """

    choose_asked = Signal()
    paste_asked = Signal()
    samples_asked = Signal(object)

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
        self.choose.clicked.connect(self.choose_asked)
        self.paste.clicked.connect(self.paste_asked)
        if samples:
            layout.addSpacing(16)
            layout.addWidget(
                label("or try a sample: digits that no run has trained on", "caption"), 0, Qt.AlignmentFlag.AlignHCenter
            )
            layout.addLayout(self._sample_row(samples))
        layout.addStretch()

    def _sample_row(self, samples: Sequence[Path]) -> QHBoxLayout:
        line = row(gap=5)
        line.addStretch()
        self.samples: list[QToolButton] = []
        for path in samples:
            made = QToolButton()
            made.setFixedSize(36, 36)
            made.setIconSize(QSize(28, 28))
            image = read_image(path, QSize(64, 64))
            made.setIcon(QIcon(QPixmap() if image.isNull() else enlarged(image, QSize(28, 28))))
            made.setToolTip(path.name)
            made.setAccessibleName(f"Sample {path.stem}")
            made.clicked.connect(lambda _=False, path=path: self.samples_asked.emit([path]))
            self.samples.append(made)
            line.addWidget(made)
        line.addStretch()
        return line

    def light(self, *, on: bool) -> None:
        """Show that something is being dragged over it."""
        restyle(self, over="true" if on else "false")
