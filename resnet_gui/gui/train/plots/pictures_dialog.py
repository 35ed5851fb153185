"""The test pictures behind a cell of the confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QDialog, QListWidget, QListWidgetItem, QWidget

from resnet_gui.gui.kit.basic import button, column, label, row
from resnet_gui.protocol.events import Thumbnail

SIDE = 80


class PicturesDialog(QDialog):
    """A dialog with test pictures as the network gets them, enlarged without smoothing."""

    def __init__(self, parent: QWidget, title: str, count: int) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumSize(520, 420)
        layout = column(self, (24, 18, 24, 16), 8)
        layout.addWidget(label(title, "run", wrap=True))
        self.note = label(f"{count:,} pictures; the engine reads them …" if count else "No picture.", "muted12")
        layout.addWidget(self.note)
        self.list = QListWidget()
        self.list.setViewMode(QListWidget.ViewMode.IconMode)
        self.list.setIconSize(QSize(SIDE, SIDE))
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.setMovement(QListWidget.Movement.Static)
        self.list.setSpacing(6)
        self.list.setAccessibleName("Pictures")
        layout.addWidget(self.list, 1)
        line = row()
        line.addStretch()
        close = button("Close")
        close.clicked.connect(self.reject)
        line.addWidget(close)
        layout.addLayout(line)
        self._count = count

    def show_pictures(self, pictures: Sequence[Thumbnail]) -> None:
        """Show what the engine has read."""
        shown = f"the first {len(pictures)} of " if len(pictures) < self._count else ""
        self.note.setText(f"{shown}{self._count:,} pictures, as the network gets them")
        for picture in pictures:
            pixmap = QPixmap()
            pixmap.loadFromData(picture.png, "PNG")
            scaled = pixmap.scaled(
                SIDE, SIDE, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.FastTransformation
            )
            item = QListWidgetItem(QIcon(scaled), "")
            name = Path(picture.path).name if picture.path else f"number {picture.index + 1}"
            item.setToolTip(picture.path or f"test picture {picture.index + 1}")
            item.setText(name if len(name) <= 14 else f"{name[:6]}…{name[-7:]}")
            self.list.addItem(item)

    def show_problem(self, sentence: str) -> None:
        """Say why there are none."""
        self.note.setText(sentence)
