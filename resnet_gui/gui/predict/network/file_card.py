"""The checkpoint file that is the network: where it is dropped, and what is known of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from resnet_gui.analysis.costs import totals
from resnet_gui.design.choices import SHORTCUTS
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.gui.kit.basic import ElidedLabel, column, icon_button, label, panel, row
from resnet_gui.gui.kit.format import count, percent
from resnet_gui.gui.kit.small_combo import SmallCombo
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.network.open_fields import OpenFields
from resnet_gui.protocol.events import ModelLoaded


class FileCard(QWidget):
    """The card of the weights file that is dropped or open.

    Attributes:
        network: the networks that the file holds, if they are several.
        key: of the one that was chosen of them; empty for the one that is meant.
        opened: what the file leaves open of its design.

    Signals:
        closed: the file is not wanted any more.
        network_changed: another network of the file was chosen, so that ``key`` is another.
    """

    closed = Signal()
    network_changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.key = ""
        layout = column(self)
        bar = panel("panelHeader")
        bar.setFixedHeight(28)
        line = row(bar, (16, 0, 12, 0))
        line.addWidget(label("Checkpoint file", "small"))
        line.addStretch()
        layout.addWidget(bar)
        drop = panel("drop")
        inner = column(drop, (10, 10, 10, 10), 3)
        for words, role in (
            ("Drop a .pt, .pth or .th file here", "muted12"),
            ("The architecture is inferred from it", "caption"),
        ):
            made = label(words, role, wrap=True)
            made.setAlignment(Qt.AlignmentFlag.AlignCenter)
            inner.addWidget(made)
        self._invitation = QWidget()
        column(self._invitation, (16, 10, 16, 10)).addWidget(drop)
        layout.addWidget(self._invitation)
        self._card = QWidget()
        card = column(self._card, (16, 8, 16, 10), 6)
        head = row(gap=8)
        self.name = ElidedLabel("", "title")
        head.addWidget(self.name, 1)
        self.close_file = icon_button(theme, "close", "Take the file away", size=24)
        self.close_file.clicked.connect(self.closed)
        head.addWidget(self.close_file)
        card.addLayout(head)
        box = panel("card")
        lines = column(box, (10, 8, 10, 8), 3)
        self.verdict = label("", "muted12", wrap=True)
        self.about = label("", "", wrap=True)
        self.details = label("", "small", wrap=True)
        for one in (self.verdict, self.about, self.details):
            lines.addWidget(one)
        card.addWidget(box)
        self.network = SmallCombo("Network of the file", 20, list_width=260)
        self.network.setToolTip("The networks that this file holds; which one answers")
        self.network.activated.connect(self._choose_network)
        card.addWidget(self.network)
        self.opened = OpenFields(theme)
        card.addWidget(self.opened)
        layout.addWidget(self._card)
        self.show_file(None)

    def show_file(self, path: Path | None) -> None:
        """Show that a file is being read; None shows where one is dropped."""
        self._card.setVisible(path is not None)
        self._invitation.setVisible(path is None)
        self.opened.forget()
        self.key = ""
        self.network.hide()
        if path is not None:
            self.name.setText(path.name)
            self.name.setToolTip(str(path))
            self._say("Reading …", "", "")

    def show_loaded(self, event: ModelLoaded) -> None:
        """Say what the engine has found in it."""
        spec, inferred = event.spec, bool(event.notes) or not event.own
        params = totals(plan(spec)).cost.params
        noted = "".join(f"\n{line}" for line in (*event.notes[:1], *event.notices))
        logits = "one logit" if spec.classes == 1 else f"{spec.classes} classes"
        if event.top1:
            noted += f"\n{percent(event.top1, 2)} right of the test pictures of {event.data}"
        self._say(
            "✓ Architecture inferred" if inferred else "✓ Written by this program",
            _title(event.name, spec) if inferred else event.name,
            f"{count(params)} parameters, {logits}, {spec.input[1]} × {spec.input[2]}{noted}",
        )
        self.details.setToolTip("\n".join((*event.notes[:1], *event.notices, *event.notes[1:])))
        self.network.setVisible(bool(event.networks))
        self.network.show_entries((key, key) for key in event.networks)
        self.network.show_key(event.key)
        self.opened.show_design(spec, event.opened)

    def _choose_network(self) -> None:
        self.key = self.network.currentData()
        # What was said of one network is not said of another.
        self.opened.forget()
        self.network_changed.emit()

    def show_problem(self, sentence: str) -> None:
        """Say why it cannot be used."""
        self._say("Cannot be used", "", sentence)

    def _say(self, verdict: str, about: str, details: str) -> None:
        self.verdict.setText(verdict)
        self.about.setText(about)
        self.about.setVisible(bool(about))
        self.details.setText(details)
        self.details.setToolTip("")


def _title(name: str, spec: ResNetSpec) -> str:
    """What an inferred network is: its name, and how its shortcuts are."""
    title = PRESETS[name].title if name in PRESETS else name
    return f"{title}, {SHORTCUTS[spec.shortcut].short_run}"
