"""What the new run learns from: classes with their counts and pictures, and what deserves a look."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QStackedWidget

from resnet_gui.data.datasets import KNOWN
from resnet_gui.data.layouts.description import ClassCount, DataDescription
from resnet_gui.gui.kit.basic import (
    ElidedLabel,
    button,
    column,
    header,
    icon_button,
    label,
    panel,
    restyle,
    row,
    set_icon,
)
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.train.data.cards import NoticeColumn, notices
from resnet_gui.gui.train.data.class_list import COUNTS, EDGE, HEIGHT, NAME, ClassList, ClassModel
from resnet_gui.training.recipe import Recipe

HEADS: Final = 26
FOLDED: Final = 38
"""Pixels of the bar alone, with the line below it."""

CARDS, NARROW_CARDS, NARROW = 290, 220, 860
MOST_ROWS: Final = 5
TREE: Final = """{name}/
    apple/     a picture, another picture, …
    banana/    …
or
{name}/
    train/     a folder of pictures for each class
    val/       the same"""


class DataSetPanel(QFrame):
    """The panel of the data set of a new run.

    Attributes:
        list: of the classes.
        cards: what deserves a look.
        zone: where a folder is dropped while there is none.
        fold: folds the panel to its bar, or unfolds it.

    Signals:
        folded: whether it is folded to its bar now.
        open_requested: show the folder.
        choose_requested: ask for a folder.
        again_requested: look through the data once more, in which something was put right.
    """

    folded = Signal(bool)
    open_requested = Signal()
    choose_requested = Signal()
    again_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("panelHeader")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._problems: list[str] = []
        self._looked_at: dict[int, int] = {}
        self._description: DataDescription | None = None
        self._counts: list[ClassCount] = []
        layout = column(self)
        layout.setContentsMargins(0, 0, 0, 1)
        self._theme = theme
        bar, line, _ = header("Data set")
        line.setContentsMargins(8, 0, 16, 0)
        self.fold = icon_button(theme, "chevron-down", "Fold the data set, or unfold it", size=24)
        self.fold.setCheckable(True)
        theme.follow(self.fold, self._paint_fold)
        self.fold.toggled.connect(self._show_folded)
        line.insertWidget(0, self.fold)
        self.about = ElidedLabel("", "muted12", least=40)
        self.split = label("", "muted12")
        self.open = button("Open folder", "small", "Show the pictures in the system's own program")
        set_icon(theme, self.open, "folder", "t1")
        self.open.setIconSize(QSize(14, 14))
        self.open.clicked.connect(self.open_requested)
        line.addWidget(self.about, 1)
        line.addWidget(self.split)
        line.addWidget(self.open)
        layout.addWidget(bar)
        self._stack = QStackedWidget()
        self.model = ClassModel(self)
        self.list = ClassList(theme, self.model)
        self.cards = NoticeColumn(theme)
        self._stack.addWidget(self._table())
        self._stack.addWidget(self._drop(theme))
        self._stack.addWidget(self._failure())
        layout.addWidget(self._stack, 1)

    def set_folded(self, *, on: bool) -> None:
        """Fold the panel to its bar, or unfold it."""
        self.fold.setChecked(on)

    @property
    def is_folded(self) -> bool:
        """Whether only its bar is on screen."""
        return self.fold.isChecked()

    def _show_folded(self, on: bool) -> None:
        self._paint_fold()
        self.folded.emit(on)

    def _paint_fold(self) -> None:
        self.fold.setIcon(self._theme.icon("chevron-right" if self.is_folded else "chevron-down", "t2"))

    def show_bar_alone(self, *, on: bool) -> None:
        """Leave everything below the bar out; where the data set has a tab of its own, it is never folded."""
        self._stack.setVisible(not on)

    # ---- construction

    def _table(self) -> QFrame:
        side = panel()
        both = row(side, gap=0)
        left = panel()
        rows = column(left)
        heads = panel("tableHead")
        heads.setFixedHeight(HEADS)
        titles = row(heads, (EDGE, 0, EDGE, 0), 0)
        for text, wide in (("Class", NAME), ("Pictures: training, held out", COUNTS)):
            made = label(text, "small")
            made.setFixedWidth(wide)
            titles.addWidget(made)
            if wide == NAME:
                self.list.name_width_changed.connect(made.setFixedWidth)
        titles.addWidget(ElidedLabel("Some of them, in the crop that the network sees", "small"), 1)
        rows.addWidget(heads)
        rows.addWidget(self.list, 1)
        both.addWidget(left, 1)
        both.addWidget(self.cards)
        return side

    def _drop(self, theme: Theme) -> QFrame:
        around = panel()
        self.zone = QFrame()
        self.zone.setObjectName("drop")
        inside = column(self.zone, (16, 16, 16, 16), 8)
        inside.addStretch()
        sign = QLabel()
        theme.follow(sign, lambda: sign.setPixmap(theme.pixmap("folder", "t3", 32)))
        inside.addWidget(sign, 0, Qt.AlignmentFlag.AlignHCenter)
        words = "Drop a folder with a folder of pictures for each class"
        inside.addWidget(label(words, "title"), 0, Qt.AlignmentFlag.AlignHCenter)
        more = label("An archive, or a file of arrays, will do as well. Pictures stay on this computer.", "muted12")
        inside.addWidget(more, 0, Qt.AlignmentFlag.AlignHCenter)
        self.choose = button("Choose folder")
        self.choose.clicked.connect(self.choose_requested)
        inside.addWidget(self.choose, 0, Qt.AlignmentFlag.AlignHCenter)
        inside.addStretch()
        column(around, (16, 16, 16, 16)).addWidget(self.zone)
        return around

    def _failure(self) -> QFrame:
        side = panel()
        layout = column(side, (16, 14, 16, 14), 8)
        self.found = label("", "err", wrap=True)
        layout.addWidget(self.found)
        layout.addWidget(label("What is expected, for example:", "muted12"))
        self.tree = label("", "muted12")
        self.tree.setStyleSheet('font-family: "JetBrains Mono", "DejaVu Sans Mono", monospace;')
        layout.addWidget(self.tree)
        self.again = button("Look again", "", "Look through the data once more, when something was put right there")
        self.again.clicked.connect(self.again_requested)
        layout.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addStretch()
        return side

    # ---- what is shown

    @property
    def wanted_height(self) -> int:
        """As many whole rows as there are classes, five at most."""
        rows = max(3, min(MOST_ROWS, len(self.model.rows) or MOST_ROWS))
        return 37 + HEADS + rows * HEIGHT

    def show_empty(self) -> None:
        """There are no pictures yet."""
        self._forget("")
        self._stack.setCurrentIndex(1)

    def show_reading(self, name: str, words: str) -> None:
        """Say how far the look through the data is."""
        if self._description is None and not self._counts:
            self._forget(name)
        self._stack.setCurrentIndex(0)
        self.about.setText(f"{name}, {words}" if words else name)

    def show_problem(self, name: str, sentence: str) -> None:
        """Say what was found, and which tree is expected."""
        self._forget(name)
        self.found.setText(sentence)
        self.tree.setText(TREE.format(name=name))
        self._stack.setCurrentIndex(2)

    def show_description(self, name: str, description: DataDescription, recipe: Recipe) -> None:
        """Show the classes of a folder by the names of its files."""
        self._forget(name)
        self._description = description
        used = sum(each.training + each.validation + each.test for each in description.classes)
        left = sum(group.count for group in description.left_out)
        self.about.setText(f"{name}, {used + left:,} files found")
        self.split.setText(split_words(recipe, description))
        self._stack.setCurrentIndex(0)
        self.model.show_counts(description.classes)
        self.show_notices(recipe)

    def begin_pictures(self, name: str) -> None:
        """The classes of a known set follow one by one."""
        self._forget(name)
        self._stack.setCurrentIndex(0)

    def show_class(self, number: int, count: ClassCount, pictures: Sequence[bytes], problems: Sequence[str]) -> None:
        """Show the pictures of a class, and the class itself where only now it is known."""
        if number >= len(self.model.rows):
            self._counts.append(count)
            kept = [(each.pictures, each.asked) for each in self.model.rows]
            self.model.show_counts(self._counts)
            for each, (drawn, asked) in zip(self.model.rows, kept, strict=False):
                each.pictures, each.asked = drawn, asked
        self.model.show_pictures(number, pictures)
        self._stack.setCurrentIndex(0)
        self._looked_at[number] = len(pictures) + len(problems)
        self._problems += [sentence for sentence in problems if sentence not in self._problems]

    def show_notices(self, recipe: Recipe) -> None:
        """Show what deserves a look, as it stands with a recipe."""
        looked_at = sum(self._looked_at.values())
        self.cards.show_notices(notices(self._description, self._problems, recipe.balance, looked_at))

    def light(self, *, on: bool) -> None:
        """Light the drop zone while something hangs over the window."""
        restyle(self.zone, over="true" if on else "false")

    def _forget(self, name: str) -> None:
        self._description, self._problems, self._counts = None, [], []
        self._looked_at = {}
        self.about.setText(name)
        self.split.setText("")
        self.model.show_counts(())
        self.cards.show_notices([])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the cards less room where there is little."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        self.cards.setFixedWidth(NARROW_CARDS if narrow else CARDS)
        self.split.setVisible(not narrow)


def split_words(recipe: Recipe, description: DataDescription) -> str:
    """How pictures without parts are split: ``split 80 / 20 by seed 1``; empty where they have parts of their own."""
    rule = recipe.split
    ours = {rule.words(rule.validation), rule.words(rule.test)}
    held = [part for part in description.parts if part.part != "training"]
    if not held or any(part.where not in ours for part in held):
        return ""
    shares = [1 - recipe.validation - recipe.test, recipe.validation, *([recipe.test] if recipe.test else [])]
    words = " / ".join(f"{100 * share:.3g}" for share in shares)
    how = f"by seed {recipe.split_seed}" if recipe.split_seed else "evenly spaced"
    return f"split {words}, {how}" if not recipe.split_seed else f"split {words} {how}"


def data_name(data: str) -> str:
    """What data are called."""
    return KNOWN[data].title if data in KNOWN else Path(data).name or data
