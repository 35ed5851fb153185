"""The badge that says which published design a design is, or nearly is, and what differs."""

from __future__ import annotations

from PySide6.QtWidgets import QSizePolicy, QWidget

from resnet_gui.gui.ink import elided
from resnet_gui.gui.theme import Theme
from resnet_gui.gui.widgets.basic import column, label, restyle
from resnet_gui.gui.widgets.lines import Lines
from resnet_gui.spec.presets import PRESETS
from resnet_gui.spec.resemblance import Resemblance


class PaperBadge(QWidget):
    """A line on what the paper reports or on what differs from it; the tooltip has everything.

    Attributes:
        badge: the state in a word, for the form to place.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        layout = column(self)
        self.badge = label("")
        self.badge.setProperty("badge", "idle")
        self.badge.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.words = Lines(theme, 2)
        layout.addWidget(self.words)
        self._shown: object = ""

    def show_resemblance(self, found: Resemblance | None) -> None:
        """Show what a design is beside the published ones."""
        if found == self._shown:
            return
        self._shown = found
        if found is None:
            self._say("own design", "idle", ("No published network has these choices.",), "")
            return
        title = PRESETS[found.preset].title
        if found.exact:
            reported = (f"Paper: {found.reports[0]}",) if found.reports else ()
            lines = (*reported, *found.remarks) or (PRESETS[found.preset].source,)
            self._say("published", "finished", lines, self._everything(found))
        else:
            lines = (f"{title}, but {found.differences[0]}", *found.differences[1:], *found.remarks)
            self._say(f"nearly {title}", "paused", lines, self._everything(found))

    @staticmethod
    def _everything(found: Resemblance) -> str:
        preset = PRESETS[found.preset]
        lines = [f"{preset.title}: {preset.source}"]
        lines += [f"Differs: {text}" for text in found.differences]
        lines += [f"Reported: {text}" for text in found.reports]
        return "\n".join((*lines, *found.remarks))

    def _say(self, state: str, badge: str, lines: tuple[str, ...], tip: str) -> None:
        self.badge.setText(elided(state, 150, 11, 500))
        restyle(self.badge, badge=badge)
        self.words.show_lines(lines)
        for part in (self, self.badge):
            part.setToolTip(tip)
        self.setAccessibleName(state)
        self.setAccessibleDescription(" ".join(lines))
