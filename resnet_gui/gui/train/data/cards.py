"""What deserves a look in a data set, a card each: what was left out, what would flatter, what is uneven."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QMessageBox, QVBoxLayout

from resnet_gui.data.layouts.description import DataDescription, LeftOut, contradiction_text, name_text
from resnet_gui.gui.kit.basic import button, column, label, panel, row, scrolled
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.train.data.class_list import few_classes
from resnet_gui.training.recipe import Balance

NAMES: Final = 3
"""Lines that a card shows of what it is about."""

FLATTERS: Final = "would flatter"
"""What is said of copies of held-out pictures that are left out."""

BALANCED: Final[dict[Balance, str]] = {
    "none": "",
    "weights": "The loss of each picture is weighted by the inverse share of its class.",
    "sampler": "An epoch draws each class equally often.",
}


@dataclass(frozen=True)
class Notice:
    """Something that deserves a look.

    Attributes:
        icon, token: its sign.
        title: in a few words.
        lines: below it.
        action: text of its link; empty for none.
        more: everything, for a dialog; empty where the link does something else.
    """

    icon: str
    token: str
    title: str
    lines: tuple[str, ...]
    action: str = ""
    more: str = ""


def notices(
    description: DataDescription | None, problems: Sequence[str], balance: Balance, looked_at: int = 0
) -> list[Notice]:
    """What deserves a look.

    Args:
        description: of the data; None while nobody knows.
        problems: a sentence for each picture that was opened and could not be read.
        balance: how the recipe balances uneven classes.
        looked_at: pictures that were opened, those that could not be read among them.
    """
    found = []
    if problems:
        title = unreadable_title(description, len(problems), looked_at)
        found.append(_listed("broken", "err", title, problems))
    if description is None:
        return found
    if description.contradicted:
        found.append(_contradictions(description))
    if description.copies:
        found.append(_copies(description))
    found += [_left_out(each) for each in description.left_out if not (description.copies and FLATTERS in each.why)]
    few = few_classes(description.classes)
    # The card of a class with few pictures says the same, and can do something about it.
    found += [_note(note) for note in description.notes if not (few and note.startswith("The classes are unequal"))]
    if few:
        most = max(description.classes, key=lambda each: each.training)
        more = f" and {len(few) - 1} more" if len(few) > 1 else ""
        words = f"{few[0].training:,} to train, {name_text(most.name)} has {most.training:,}."
        advice = BALANCED[balance] or "Classes can be balanced by weight."
        action = "" if balance != "none" else "Balance"
        found.append(Notice("info", "t2", f"Few pictures of {name_text(few[0].name)}{more}", (words, advice), action))
    return found


def unreadable_title(description: DataDescription | None, unreadable: int, looked_at: int) -> str:
    """How many pictures cannot be read, of those that were opened: a few of each class, if not all."""
    counts = description.classes if description is not None else ()
    every = sum(each.training + each.validation + each.test for each in counts)
    if looked_at >= every:
        return f"{unreadable:,} cannot be read"
    return f"At least {unreadable:,} of the {looked_at:,} looked at cannot be read"


def _listed(icon: str, token: str, title: str, lines: Sequence[str]) -> Notice:
    shown = (*lines[:NAMES], *((f"and {len(lines) - NAMES:,} more",) if len(lines) > NAMES else ()))
    return Notice(icon, token, title, shown, "Show", "\n".join(lines))


def _copies(description: DataDescription) -> Notice:
    count = next((each.count for each in description.left_out if FLATTERS in each.why), len(description.copies))
    first = description.copies[0]
    held = "test" if first.part == "test" and description.selection != "test" else "validation"
    lines = (
        f"training: {name_text(first.training)}",
        f"{held}: {name_text(first.held_out)}",
        "left out of training, else it would flatter"
        if count == 1
        else "left out of training, else they would flatter",
    )
    every = "\n".join(f"{name_text(each.training)} = {name_text(each.held_out)}" for each in description.copies)
    title = "1 duplicate across the split" if count == 1 else f"{count:,} duplicates across the split"
    return Notice("duplicate", "warn", title, lines, "Show", every)


def _contradictions(description: DataDescription) -> Notice:
    first, count = description.contradictions[0], description.contradicted
    lines = (
        f"{name_text(first.first_class)}: {name_text(first.first)}",
        f"{name_text(first.second_class)}: {name_text(first.second)}",
        "the same picture, so one label is wrong" if count == 1 else "the same picture each, so labels are wrong",
    )
    title = "1 picture of two classes" if count == 1 else f"{count:,} pictures of two classes"
    return Notice(
        "duplicate", "err", title, lines, "Show", "\n".join(map(contradiction_text, description.contradictions))
    )


def _left_out(group: LeftOut) -> Notice:
    names = [name_text(name) for name in group.names]
    more = f", and {group.more:,} more" if group.more else ""
    return Notice(
        "eye-off", "t2", f"Left out: {group.count:,} {group.why}", (", ".join(names) + more,) if names else ()
    )


def _note(sentence: str) -> Notice:
    return Notice("info", "t2", "Worth a look", (sentence,))


class NoticeCard(QFrame):
    """The card of one notice.

    Signals:
        action_requested: its link was pressed.
    """

    action_requested = Signal()

    def __init__(self, theme: Theme, notice: Notice) -> None:
        super().__init__()
        self.notice = notice
        self.setObjectName("card")
        layout = column(self, (12, 8, 12, 9), 2)
        line = row(gap=8)
        sign = QLabel()
        theme.follow(sign, lambda: sign.setPixmap(theme.pixmap(notice.icon, notice.token, 16)))
        title = label(notice.title, wrap=True)
        title.setStyleSheet("font-weight: 500;")
        title.setToolTip(notice.title)
        line.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(title, 1)
        self.link = button(notice.action, "link")
        self.link.setStyleSheet("font-size: 12px;")
        self.link.setVisible(bool(notice.action))
        self.link.clicked.connect(self.action_requested)
        line.addWidget(self.link, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(line)
        for text in notice.lines:
            words = label(text, "small", wrap=True)
            words.setContentsMargins(24, 0, 0, 0)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            layout.addWidget(words)


class NoticeColumn(QFrame):
    """The column of cards, which scrolls by itself.

    Signals:
        balance_requested: even the classes out.
    """

    balance_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("leftLine")
        self.cards: list[NoticeCard] = []
        self._shown: list[Notice] = []
        body = panel()
        self._layout: QVBoxLayout = column(body, (12, 10, 12, 10), 8)
        self._layout.addStretch()
        column(self, (1, 0, 0, 0)).addWidget(scrolled(body))

    def show_notices(self, found: list[Notice]) -> None:
        """Show these; without any the column is hidden."""
        if found != self._shown:
            self._shown = found
            for card in self.cards:
                card.hide()
                card.deleteLater()
            self.cards = [NoticeCard(self._theme, notice) for notice in found]
            for place, card in enumerate(self.cards):
                card.action_requested.connect(lambda card=card: self._act(card.notice))
                self._layout.insertWidget(place, card)
        self.setVisible(bool(found))

    def _act(self, notice: Notice) -> None:
        if not notice.more:
            self.balance_requested.emit()
            return
        box = QMessageBox(self.window())
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle("Data set")
        box.setText(notice.title)
        box.setDetailedText(notice.more)
        box.exec()
        box.deleteLater()
