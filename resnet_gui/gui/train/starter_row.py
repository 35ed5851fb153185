"""The row above the runs: ready-made comparisons, and one's own photographs; folded or not, always there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy

from resnet_gui.data.datasets import KNOWN, data_title, is_here
from resnet_gui.gui.common.pressable_card import PressableCard
from resnet_gui.gui.kit.basic import button, column, label, panel, row, set_icon
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.train.runs.section import Section
from resnet_gui.training.starters import COMPARISONS, Starter

PHOTOS: Final = "photos"
SMALL, LARGE = "small", "large"
CARD: Final = 54
"""Pixels of a card's height."""


class ComparisonCard(PressableCard):
    """A card of the row: a title, and what it shows."""

    def __init__(self, theme: Theme, title: str, words: str) -> None:
        super().__init__(theme)
        self._title, self._words = title, words
        self.chosen = False
        self.setFixedHeight(CARD)
        self.setMinimumWidth(120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)
        self.setAccessibleDescription(words)
        self.setToolTip(words)
        self.set_clickable(on=True)

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(220, CARD)

    def set_chosen(self, *, on: bool) -> None:
        """Whether the card's details are open below it."""
        self.chosen = on
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw frame and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frame(painter)
        if self.chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("acc"))
            painter.drawRoundedRect(QRectF(0, 8, 3, self.height() - 16), 1.5, 1.5)
        room = self.width() - 24
        painter.setPen(self._theme.color("t1"))
        ink(self._title, 13, 600).draw(painter, 12, 8)
        painter.setPen(self._theme.color("t2"))
        ink(elided(self._words, room, 12), 12).draw(painter, 12, 28)


class StarterRow(QFrame):
    """The row of comparisons above the runs, which says what one will do before it does it.

    Attributes:
        bar: folds it, and unfolds it.
        cards: by their keys.
        larger_data: the folder that takes the place of CIFAR-10; empty for none.

    Signals:
        queue_requested: a starter whose runs are to be queued, and the data that they learn from.
        photos_requested: the user has pictures of their own.
        download_requested: fetch the data set of that name.
        folder_requested: the user has CIFAR-10 in a folder.
        folded: it was folded or unfolded.
    """

    queue_requested = Signal(object, str)
    photos_requested = Signal()
    download_requested = Signal(str)
    folder_requested = Signal()
    folded = Signal()

    def __init__(self, theme: Theme, waits: Callable[[], bool]) -> None:
        """Make the row; ``waits`` says whether a run is going, after which others begin."""
        super().__init__()
        self.setObjectName("panelHeader")
        self._waits = waits
        self._starter: Starter | None = None
        self._downloading = ""
        self._wanted, self._low = True, False
        self.larger_data = ""
        layout = column(self)
        self.bar = Section(theme, "Experiments")
        self.bar.setObjectName("panel")
        self.bar.button.setToolTip("Fold the row of experiments, or unfold it")
        self.bar.button.setChecked(True)
        self.bar.toggled.connect(self._fold)
        layout.addWidget(self.bar)
        self._body = panel()
        inside = column(self._body, (12, 2, 12, 8), 8)
        line = row(gap=8)
        self.cards: dict[str, ComparisonCard] = {}
        entries = [(each.key, each.title, each.words) for each in COMPARISONS]
        entries.append((PHOTOS, "Your photos", "A folder with a folder for each class."))
        for key, title, words in entries:
            card = self.cards[key] = ComparisonCard(theme, title, words)
            card.clicked.connect(lambda key=key: self.press(key))
            line.addWidget(card)
        inside.addLayout(line)
        self._detail = self._make_detail(theme)
        inside.addWidget(self._detail)
        layout.addWidget(self._body)
        self._detail.hide()

    def _make_detail(self, theme: Theme) -> QFrame:
        detail = panel()
        line = row(detail, (0, 0, 0, 0), 8)
        self.scale = SegmentedControl(theme, [(SMALL, "Digits", ""), (LARGE, "CIFAR-10", "")], height=24)
        self.scale.setFixedWidth(144)
        self.scale.setAccessibleName("Data of the experiment")
        self.scale.chosen.connect(lambda _key: self._show_detail())
        self.words = label("", "muted12", wrap=True)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.words.setMinimumHeight(34)
        self.folder, self.download = button("Choose folder", "small"), button("Download", "small")
        self.start = button("Queue runs", "primary")
        set_icon(theme, self.folder, "folder", "t1")
        set_icon(theme, self.download, "download", "t1")
        set_icon(theme, self.start, "play", "onacc")
        self.folder.setToolTip("A folder that holds CIFAR-10: as it is published, or train/ and test/ with ten classes")
        self.folder.clicked.connect(self.folder_requested)
        self.download.clicked.connect(lambda: self.download_requested.emit("cifar10"))
        self.start.clicked.connect(self._queue)
        self.fold = button("Close", "small", "Fold what this experiment would do")
        self.fold.clicked.connect(lambda: self.press(self._starter.key if self._starter else ""))
        line.addWidget(self.scale)
        line.addWidget(self.words, 1)
        for pressed in (self.folder, self.download, self.start, self.fold):
            line.addWidget(pressed)
        return detail

    @property
    def wanted(self) -> bool:
        """Whether the user wants it unfolded, where there is room for it."""
        return self._wanted

    def set_open(self, *, on: bool) -> None:
        """Unfold it, or fold it."""
        self._wanted = on
        self.bar.button.setChecked(on and not self._low)

    def set_low(self, *, on: bool) -> None:
        """Fold it by itself while the window is low; the user may unfold it all the same."""
        if on != self._low:
            self._low = on
            self.bar.button.setChecked(self._wanted and not on)

    def _fold(self, on: bool) -> None:
        self._wanted = on if not self._low else self._wanted
        self._body.setVisible(on)
        titles = [*(each.title for each in COMPARISONS), "Your photos"]
        self.bar.note.setText("" if on else ", ".join(titles))
        self.folded.emit()

    # ---- what one would do

    @property
    def starter(self) -> Starter | None:
        """What would be queued: the chosen comparison, on the chosen data."""
        chosen = self._starter
        return chosen.larger if chosen is not None and self._larger and chosen.larger else chosen

    @property
    def _larger(self) -> bool:
        return self._starter is not None and self._starter.larger is not None and self.scale.key == LARGE

    @property
    def data(self) -> str:
        """What its runs would learn from: a folder in place of CIFAR-10 where that was chosen."""
        starter = self.starter
        if starter is None:
            return ""
        data = starter.recipe.data
        return self.larger_data if data == "cifar10" and not is_here(data) and self.larger_data else data

    def press(self, key: str) -> None:
        """Show what a card would do, below it; the same card again hides it."""
        if key == PHOTOS:
            self.photos_requested.emit()
            return
        pressed = next((each for each in COMPARISONS if each.key == key), None)
        self._starter = None if pressed is self._starter else pressed
        for name, card in self.cards.items():
            card.set_chosen(on=self._starter is not None and name == self._starter.key)
        self.scale.set_key(SMALL)
        self._detail.setVisible(self._starter is not None)
        self.folded.emit()
        self._show_detail()
        if self._starter is not None:
            self.start.setFocus()

    def show_download(self, done: int, total: int, *, going: bool) -> None:
        """Say how far CIFAR-10 is being fetched."""
        words = f"{done / 1e6:,.0f} of {total / 1e6:,.0f} MB" if total else "the engine asks for the files"
        self._downloading = f"Fetching CIFAR-10: {words} …" if going else ""
        self._show_detail()

    def take_folder(self, folder: Path) -> None:
        """Learn from a folder in place of CIFAR-10."""
        self.larger_data = str(folder)
        self._show_detail()

    def _show_detail(self) -> None:
        starter = self.starter
        if starter is None:
            return
        here = self.data not in KNOWN or is_here(self.data)
        self.scale.setVisible(self._starter is not None and self._starter.larger is not None)
        for pressed in (self.folder, self.download):
            pressed.setVisible(not here and not self._downloading)
        self.start.setEnabled(here)
        self.start.setText(starter.button)
        self.words.setText(self._downloading if not here and self._downloading else self._sentence(starter, here=here))

    def _sentence(self, starter: Starter, *, here: bool) -> str:
        known = KNOWN[starter.recipe.data]
        where = "the digits inside" if starter.recipe.data == "digits" else data_title(self.data)
        names = ", ".join(design.name.removesuffix(" on 8×8").removesuffix(" (CIFAR)") for design in starter.designs)
        recipe = starter.recipe
        sentence = f"{names}: {len(starter.designs)} runs on {where}, one after another; "
        sentence += f"{recipe.epochs} epochs each, batch {recipe.batch_size}, rate {recipe.lr:g}."
        if not here:
            return f"{sentence} {known.title} is not on this computer yet: {known.megabytes:.0f} MB."
        after = " They begin when what is being trained is over." if self._waits() else ""
        return f"{sentence}{after} Your design and the form below stay as they are."

    def show_problem(self, sentence: str) -> None:
        """Say beside the card why a folder is not taken."""
        self.words.setText(sentence)

    def _queue(self) -> None:
        starter, data = self.starter, self.data
        if starter is not None:
            self.queue_requested.emit(starter, data)
            count = len(starter.designs)
            self.words.setText(f"{count} runs are in the list now and train one after another; their curves follow.")
            self.start.setEnabled(False)
