"""The badge that says which published design a design is, or nearly is, and what differs."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from resnet_gui.design.nearest import Resemblance, resemblance
from resnet_gui.design.papers import PUBLISHED
from resnet_gui.design.presets import PRESETS, Preset
from resnet_gui.gui.kit.basic import column
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.caption_lines import CaptionLines
from resnet_gui.gui.kit.theme import Theme

LINES = 4
"""Lines below the list of presets."""


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
    """The badge of a design beside the published ones: where it stands and what is reported, or what differs.

    Attributes:
        badge: the state in a word, for the form to place.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        layout = column(self)
        self.badge = StateBadge(theme)
        self.words = CaptionLines(theme, LINES)
        layout.addWidget(self.words)
        self._shown: object = None

    def show_design(self, found: Resemblance | None, preset: Preset, *, unchanged: bool) -> None:
        """Show what a design is; of one that is nobody's, the ``preset`` that it began as, or ``unchanged`` is."""
        if (found, preset, unchanged) == self._shown:
            return
        self._shown = found, preset, unchanged
        lines: tuple[str, ...]
        if found is None:
            word, tokens = ("preset", ("accsoft", "acc")) if unchanged else ("own design", ("hover", "t2"))
            lines = (f"{preset.source}." if unchanged else f"Began as {preset.title}: {preset.source}.",)
            self._say(word, tokens, lines, "No published network has these choices.")
            return
        known = PRESETS[found.preset]
        if found.exact:
            printed = PUBLISHED.get(found.preset)
            # The list of presets above says which one it is, unless edits have led from another one here.
            lines = (f"{known.source}." if preset is known else f"{known.title}: {known.source}.",)
            if printed is not None and printed.error:
                lines = (*lines, f"{printed.error} % {printed.measure}.")
            lines = (*lines, *found.remarks)
            self._say(found.origin, ("oksoft", "ok"), lines, self._everything(found))
        else:
            # The badge has the name; what is true of the known network too is left to the tooltip.
            text = "; ".join(found.differences)
            lines = (f"{text[0].upper()}{text[1:]}.", *(line for line in found.remarks if not line.startswith("v1.5")))
            if preset is not known and resemblance(preset.spec) == found:
                # A tutorial's network, unchanged, or one that is the same but for what the papers leave open.
                lines = (f"{preset.source}.", lines[0])
            self._say(f"nearly {known.title}", ("warnsoft", "warn"), lines, self._everything(found))

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
