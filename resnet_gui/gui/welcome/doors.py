"""Three ways to begin, a card each: a replay, pictures of one's own, a network."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QMimeData, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from resnet_gui.data.file_kinds import WEIGHT_SUFFIXES
from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.common.dropped_kinds import holds_classes, local_files
from resnet_gui.gui.common.preset_combo import PresetCombo
from resnet_gui.gui.kit.basic import button, column, label, restyle, row, set_icon
from resnet_gui.gui.kit.theme import Theme

HIGH: Final = 158
LONG: Final = "Replay the four runs"


class _Sign(QWidget):
    """The icon of a card on its ground."""

    def __init__(self, theme: Theme, icon: str) -> None:
        super().__init__()
        self._theme, self._icon = theme, icon
        self.setFixedSize(36, 36)
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw ground and icon."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accsoft"))
        painter.drawRoundedRect(QRectF(self.rect()), 8, 8)
        painter.drawPixmap(8, 8, self._theme.pixmap(self._icon, "acc", 20))


class DoorCard(QFrame):
    """A way to begin: what it is, and the controls that lead there.

    Attributes:
        about: the line under the title.
        controls: the row of its controls.
    """

    def __init__(self, theme: Theme, icon: str, title: str, about: str, words: str) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setMinimumHeight(HIGH)
        # Not Maximum: a height that is bounded by the hint would cut words that wrap in a narrow window.
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._layout: QVBoxLayout = column(self, (15, 13, 15, 13), 8)
        top = row(gap=12)
        top.addWidget(_Sign(theme, icon))
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(label(title, "run", wrap=True))
        self._usual = about
        self.about: QLabel = label(about, "muted12", wrap=True)
        texts.addWidget(self.about)
        top.addLayout(texts, 1)
        self._layout.addLayout(top)
        self._layout.addWidget(label(words, "muted", wrap=True))
        self._layout.addStretch()
        self.controls: QHBoxLayout = row(gap=8)
        self._layout.addLayout(self.controls)

    def show_reason(self, sentence: str) -> None:
        """Say why a control cannot be used; an empty sentence for nothing."""
        self.about.setText(sentence or self._usual)
        restyle(self.about, role="warn" if sentence else "muted12")


class ReplayDoor(DoorCard):
    """The way to the recorded runs, and to the same experiment on this computer.

    Signals:
        replay_requested, experiment_requested: its buttons.
    """

    replay_requested = Signal()
    experiment_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            theme, "lab", "See why shortcuts matter", "four recorded runs, 20 s",
            "Plain and residual networks of 20 and 56 layers learn the digits inside, side by side.",
        )  # fmt: skip
        self.replay = button(LONG, "primary", "Watch the recorded runs again, on the Train page")
        self.replay.setAccessibleName(LONG)
        # As high as what stands beside it.
        self.replay.setStyleSheet("QPushButton { min-height: 26px; } QPushButton:focus { min-height: 24px; }")
        set_icon(theme, self.replay, "play", "onacc")
        self.replay.clicked.connect(self.replay_requested)
        self.here = button("Run it here", "", "The same experiment on this computer, with your prediction first")
        set_icon(theme, self.here, "lab", "t1")
        self.here.clicked.connect(self.experiment_requested)
        self.controls.addWidget(self.replay, 1)
        self.controls.addWidget(self.here)

    def show_short(self, *, short: bool) -> None:
        """Say less on the button where there is little room."""
        self.replay.setText("Replay" if short else LONG)


class PicturesDoor(DoorCard):
    """The way to a training on pictures of one's own, which may be dropped on it.

    Signals:
        chosen: the folder.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            theme, "image", "Train on your own pictures", "folders, archives, tables",
            "Any folder that holds one folder of pictures a class. ImageNet weights help when there are few.",
        )  # fmt: skip
        self.zone = label("Drop a folder here", "muted12")
        self.zone.setObjectName("drop")
        self.zone.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.zone.setFixedHeight(28)
        self.choose = button("Choose", "", "Choose the folder of your pictures")
        self.choose.setAccessibleName("Choose a folder of pictures")
        set_icon(theme, self.choose, "folder", "t1")
        self.choose.clicked.connect(self._ask)
        self.controls.addWidget(self.zone, 1)
        self.controls.addWidget(self.choose)
        self.folder = ""

    def light(self, mime: QMimeData | None) -> None:
        """Light the zone while something hangs over the window that it takes."""
        over = mime is not None and self.zone.isEnabled() and any(map(holds_classes, local_files(mime)))
        restyle(self.zone, over="true" if over else "false")

    def _ask(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder of pictures", self.folder)
        if chosen:
            self.chosen.emit(Path(chosen))


class NetworkDoor(DoorCard):
    """The way to a network: a preset or a file.

    Signals:
        preset_chosen: a preset.
        file_requested: its button.
    """

    preset_chosen = Signal(object)
    file_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        endings = ", ".join((".json", *sorted(WEIGHT_SUFFIXES)[:4]))
        super().__init__(
            theme, "design", "Open a network", f"presets, {endings}, …",
            f"One of {len(PRESETS)} presets, a saved design, or a checkpoint of any origin: its design is read from "
            "its shapes.",
        )  # fmt: skip
        self.presets = PresetCombo(theme)
        self.presets.setPlaceholderText("Choose a preset")
        self.presets.setCurrentIndex(-1)
        self.presets.preset_chosen.connect(self._take)
        self.open = button("Open file", "", "Open a design, weights or a run (Ctrl+O)")
        set_icon(theme, self.open, "folder", "t1")
        self.open.clicked.connect(self.file_requested)
        self.controls.addWidget(self.presets, 1)
        self.controls.addWidget(self.open)

    def _take(self, preset: object) -> None:
        # The next time the same one can be chosen again.
        self.presets.setCurrentIndex(-1)
        self.preset_chosen.emit(preset)
