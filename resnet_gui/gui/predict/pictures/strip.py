"""The strip above the picture: the gallery, how far the answers are, and what can be done with all pictures."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QWidget

from resnet_gui.gui.kit.basic import button, column, label, panel, row, set_icon
from resnet_gui.gui.kit.small_combo import SmallCombo
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.pictures.filter import PictureFilter
from resnet_gui.gui.predict.pictures.gallery import Gallery
from resnet_gui.gui.predict.pictures.model import PictureModel

SHOWN_FROM = 2
"""Pictures from which on their number, the choice of them and the progress are worth a line."""


class PictureStrip(QFrame):
    """The strip above the picture: the gallery with its buttons, and which of the pictures it shows.

    Attributes:
        shown: the pictures that pass the choice.

    Signals:
        add_requested, clear_requested, cancel_requested: more pictures, none, or no more answers.
        table_toggled: the answers as a table, or the picture.
    """

    add_requested = Signal()
    clear_requested = Signal()
    cancel_requested = Signal()
    table_toggled = Signal()

    def __init__(self, theme: Theme, pictures: PictureModel) -> None:
        super().__init__()
        self.shown = PictureFilter(pictures, self)
        layout = column(self)
        upper = panel("panelHeader")
        line = row(upper, (8, 0, 12, 1))
        self.gallery = Gallery(theme, pictures, self.shown)
        line.addWidget(self.gallery, 1)
        side = QWidget()
        buttons = column(side, gap=4)
        self.add = button("Add", "small", "Choose more pictures (Ctrl+V pastes one)")
        set_icon(theme, self.add, "plus", "t1")
        self.results = button("Table", "small", "All answers as a table, to sort and to export")
        self.results.setCheckable(True)
        self.clear = button("Clear", "small", "Take all pictures away")
        buttons.addStretch()
        for one in (self.add, self.results, self.clear):
            buttons.addWidget(one)
        buttons.addStretch()
        line.addWidget(side)
        layout.addWidget(upper)
        self.progress = panel("panelHeader")
        self.progress.setFixedHeight(30)
        inner = row(self.progress, (16, 0, 12, 0), 10)
        self.words = label("", "muted12")
        self.filter = SmallCombo("Which pictures are shown", 14, list_width=240)
        self.filter.setToolTip(
            "Which pictures are shown: of one answer, or those that are not what their folder is called"
        )
        self.filter.activated.connect(lambda _: self.shown.show_key(self.filter.currentData()))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.cancel = button("Cancel", "small", "Classify no more of them; what is answered stays")
        inner.addWidget(self.words)
        inner.addWidget(self.filter)
        inner.addWidget(self.bar, 1)
        inner.addStretch()
        inner.addWidget(self.cancel)
        layout.addWidget(self.progress)
        self.add.clicked.connect(self.add_requested)
        self.clear.clicked.connect(self.clear_requested)
        self.cancel.clicked.connect(self.cancel_requested)
        self.results.toggled.connect(lambda _: self.table_toggled.emit())

    @property
    def table(self) -> bool:
        """Whether the table is wanted."""
        return self.results.isChecked()

    def set_table(self, *, on: bool) -> None:
        """Want the table, or the picture."""
        self.results.setChecked(on)

    def show_counts(self, total: int, known: int, failed: int, *, busy: bool) -> None:
        """Say how far the answers are."""
        self.progress.setVisible(total >= SHOWN_FROM)
        for part in (self.bar, self.cancel):
            part.setVisible(busy)
        self.bar.setRange(0, max(1, total))
        self.bar.setValue(known + failed)
        said = f"{known + failed:,} of {total:,} pictures" if busy else f"{total:,} pictures"
        self.words.setText(said + (f", {failed:,} without an answer" if failed else ""))
        if self.filter.view().isVisible():
            return  # the user is choosing
        self.filter.show_entries(
            (f"{choice.title} ({choice.pictures:,})", choice.key) for choice in self.shown.choices()
        )
        self.filter.show_key(self.shown.key)
