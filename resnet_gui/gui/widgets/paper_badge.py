"""The badge that says which published design a design is, or nearly is, and what differs."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.ink import elided, ink
from resnet_gui.gui.theme import Theme
from resnet_gui.gui.widgets.basic import column
from resnet_gui.gui.widgets.lines import Lines
from resnet_gui.spec.presets import PRESETS
from resnet_gui.spec.resemblance import Resemblance


class StateBadge(QWidget):
    """A word in a soft fill at the right end of its place, which keeps its size whatever the word."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._word, self._tokens = "", ("hover", "t2")
        self.setFixedSize(168, 16)
        theme.changed.connect(self.update)

    def show_state(self, word: str, tokens: tuple[str, str]) -> None:
        """Show another word in the colours of its fill and its letters."""
        if (word, tokens) != (self._word, self._tokens):
            self._word, self._tokens = word, tokens
            self.setAccessibleName(word)
            self.update()

    def text(self) -> str:
        """The word."""
        return self._word

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the fill and the word."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground, letters = self._tokens
        made = ink(elided(self._word, self.width() - 12, 11, 500), 11, 500)
        box = QRectF(self.width() - made.width - 12, 0, made.width + 12, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(ground))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(self._theme.color(letters))
        made.draw_in(painter, box, "centre")


class PaperBadge(QWidget):
    """A line on what the paper reports or on what differs from it; the tooltip has everything.

    Attributes:
        badge: the state in a word, for the form to place.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        layout = column(self)
        self.badge = StateBadge(theme)
        self.words = Lines(theme, 2)
        layout.addWidget(self.words)
        self._shown: object = ""

    def show_resemblance(self, found: Resemblance | None) -> None:
        """Show what a design is beside the published ones."""
        if found == self._shown:
            return
        self._shown = found
        if found is None:
            self._say("own design", ("hover", "t2"), ("No published network has these choices.",), "")
            return
        title = PRESETS[found.preset].title
        if found.exact:
            reported = (f"Paper: {found.reports[0]}",) if found.reports else ()
            lines = (*reported, *found.remarks) or (PRESETS[found.preset].source,)
            self._say("published", ("oksoft", "ok"), lines, self._everything(found))
        else:
            lines = (f"{title}, but {found.differences[0]}", *found.differences[1:], *found.remarks)
            self._say(f"nearly {title}", ("warnsoft", "warn"), lines, self._everything(found))

    @staticmethod
    def _everything(found: Resemblance) -> str:
        preset = PRESETS[found.preset]
        lines = [f"{preset.title}: {preset.source}"]
        lines += [f"Differs: {text}" for text in found.differences]
        lines += [f"Reported: {text}" for text in found.reports]
        return "\n".join((*lines, *found.remarks))

    def _say(self, state: str, badge: tuple[str, str], lines: tuple[str, ...], tip: str) -> None:
        self.badge.show_state(state, badge)
        self.words.show_lines(lines)
        for part in (self, self.badge):
            part.setToolTip(tip)
        self.setAccessibleName(state)
        self.setAccessibleDescription(" ".join(lines))
