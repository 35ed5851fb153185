"""The welcome page: why shortcuts matter, three ways to begin, and what was done last."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Final

from PySide6.QtCore import QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.gui.common.presentation import PresentedPane
from resnet_gui.gui.first_settings import FirstSettings
from resnet_gui.gui.kit.basic import column, icon_button, label, panel, row, scrolled
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import Session
from resnet_gui.gui.welcome.doors import NetworkDoor, PicturesDoor, ReplayDoor
from resnet_gui.gui.welcome.hero.picture import HIGH, LOW, TALL, HeroPicture
from resnet_gui.gui.welcome.hero.recorded import Recorded, read_recorded
from resnet_gui.gui.welcome.recent_designs import RecentDesigns
from resnet_gui.gui.welcome.recent_runs import RecentRuns
from resnet_gui.runs.recordings import EXPERIMENT_OF_RECORDED

NARROW: Final = 1130
"""Width of the page below which the curve and the second column are left out: that of a window of 1190."""

STACKED: Final = 760
"""Width below which the doors stand one over the other."""

SHORT: Final = 1040
"""Width below which the words of buttons have to be short where doors stand side by side."""

WIDEST: Final = 1560
MARGIN: Final = 24
STOPPED: Final = "The engine has stopped; click Engine stopped below."


class WelcomePage(QWidget):
    """The welcome page.

    Signals:
        replay_requested: the recorded runs are to be replayed.
        experiment_requested: an experiment of the Lab, by its key.
        folder_chosen: pictures to train on.
        preset_chosen: a preset to be opened.
        file_requested: the user wants to choose a file.
        design_chosen: a design of last time.
        run_chosen: folder of a run of last time.
    """

    replay_requested = Signal()
    experiment_requested = Signal(str)
    folder_chosen = Signal(object)
    preset_chosen = Signal(object)
    file_requested = Signal()
    design_chosen = Signal(object)
    run_chosen = Signal(str)

    def __init__(self, session: Session, theme: Theme, settings: FirstSettings) -> None:
        super().__init__()
        self._session, self._theme, self._settings = session, theme, settings
        # Its own timer, which ends with it: the window may be closed before.
        self._reading = QTimer(self, singleShot=True, interval=0)
        self._reading.timeout.connect(self._read_recordings)
        self._read = False
        self._recorded: Recorded | None = None
        self._unplayable = self._stopped = ""
        body = panel("canvas")
        self._outer = column(body, (MARGIN, 14, MARGIN, 16), 16)
        self._outer.addLayout(self._make_title())
        self._outer.addWidget(self._make_hero())
        self.replay, self.pictures, self.network = ReplayDoor(theme), PicturesDoor(theme), NetworkDoor(theme)
        self._doors = row(gap=16)
        for door in (self.replay, self.pictures, self.network):
            self._doors.addWidget(door, 1)
        self._outer.addLayout(self._doors)
        self.designs, self.runs = RecentDesigns(theme), RecentRuns(theme)
        self._recents = row(gap=16)
        for recent in (self.designs, self.runs):
            self._recents.addWidget(recent, 1)
        self._outer.addLayout(self._recents)
        self.nothing = label("Your designs and runs will appear here.", "muted")
        self._outer.addWidget(self.nothing)
        self.at_start = QCheckBox("Show this page at the start")
        self.at_start.setToolTip("Where nothing is open when the program starts")
        self.at_start.setChecked(settings.welcome)
        self.at_start.toggled.connect(self._keep_start)
        self._outer.addWidget(self.at_start, 0, Qt.AlignmentFlag.AlignLeft)
        self._outer.addStretch(1)
        self._area = scrolled(body)
        column(self).addWidget(self._area)
        self._connect()
        self._show_recents()

    def use(self, settings: FirstSettings) -> None:
        """Read from, and write into, other settings: the whole ones, when they have been decoded."""
        settings.welcome = self.at_start.isChecked()
        self._settings = settings

    def take_over(self, _settings: FirstSettings, fields: Set[str]) -> None:
        """List designs that another window has worked on."""
        if "recent_designs" in fields:
            self._show_recents()

    def _make_title(self) -> QVBoxLayout:
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(label("Design, train and understand residual networks", "number", wrap=True))
        quiet = "Everything runs on this computer. Nothing is sent anywhere, and nothing has to be fetched to begin."
        texts.addWidget(label(quiet, "muted", wrap=True))
        return texts

    def _make_hero(self) -> QFrame:
        """The picture in its card, and over its corner what it is and what holds it."""
        card = panel("card")
        self.hero = HeroPicture(self._theme)
        column(card, (1, 1, 1, 1)).addWidget(self.hero)
        corner: QHBoxLayout = row(self.hero, (0, 12, 12, 0), 6)
        corner.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
        corner.addStretch()
        self._source = label("recorded: digits, seed 1", "small")
        corner.addWidget(self._source)
        self.hold = icon_button(self._theme, "pause", "Hold the recording", size=24)
        self.hold.clicked.connect(lambda: self.hero.hold(on=not self.hero.held))
        corner.addWidget(self.hold)
        self.hero.held_changed.connect(self._show_held)
        return card

    def _connect(self) -> None:
        self.replay.replay_requested.connect(self.replay_requested)
        self.replay.experiment_requested.connect(lambda: self.experiment_requested.emit(EXPERIMENT_OF_RECORDED))
        self.pictures.chosen.connect(self.folder_chosen)
        self.network.preset_chosen.connect(self.preset_chosen)
        self.network.file_requested.connect(self.file_requested)
        self.designs.chosen.connect(self.design_chosen)
        self.runs.chosen.connect(self.run_chosen)
        self.runs.changed.connect(self._show_recents)
        self._theme.changed.connect(self._show_held)

    # ---- what is shown

    def show_engine(self, state: str) -> None:
        """Close the ways that need the engine while it does not run; the recording plays without one."""
        works = state != "stopped"
        self.replay.here.setEnabled(works)
        self.pictures.choose.setEnabled(works)
        self.pictures.zone.setEnabled(works)
        self._stopped = "" if works else STOPPED
        self._show_reasons()

    def _show_reasons(self) -> None:
        """Say on each door why it is not, or only half, open."""
        self.pictures.show_reason(self._stopped)
        self.replay.show_reason(" ".join(filter(None, (self._unplayable, self._stopped))))

    def show_drag(self, mime: QMimeData | None) -> None:
        """Something hangs over the window; None when it is gone."""
        self.pictures.light(mime)

    def _show_held(self) -> None:
        held = self.hero.held
        self.hold.setIcon(self._theme.icon("play" if held else "pause"))
        tip = "Go on with the recording" if held else "Hold the recording"
        self.hold.setToolTip(tip)
        self.hold.setAccessibleName(tip)

    def _show_recents(self) -> None:
        """Show both lists, or one line where there is nothing in either."""
        recent = self._settings.recent_designs
        self.designs.show_designs(recent)
        nothing = not recent and self.runs.empty
        self.designs.setVisible(not nothing)
        self.runs.setVisible(not nothing)
        self.nothing.setVisible(nothing)

    def _read_recordings(self) -> None:
        """Read what the picture shows; after the page is on screen, as it needs files."""
        try:
            self._recorded = read_recorded()
            self.hero.show_recorded(self._recorded)
        except InputError as error:
            self.hero.show_problem(str(error))
            self.replay.replay.setEnabled(False)
            self._unplayable = str(error)
            self._show_reasons()
        self.hold.setVisible(not self.hero.still)
        self.runs.show_runs(self._session.runs)
        self._session.runs.load_in_slices(self._settings.followed)

    def _keep_start(self, on: bool) -> None:
        self._settings.welcome = on

    def panes(self) -> Sequence[PresentedPane]:
        """The recording, as large as the screen; a presentation has one of its own, which plays there."""
        if self._recorded is None:
            return ()
        return (PresentedPane("Why shortcuts matter", self._make_presented),)

    def _make_presented(self) -> HeroPicture:
        made = HeroPicture(self._theme, presented=True)
        if self._recorded is not None:
            made.show_recorded(self._recorded)
        return made

    # ---- the window

    def showEvent(self, event: QShowEvent) -> None:
        """Show what has come since; the recording is read once, when the page has been painted."""
        super().showEvent(event)
        self._show_recents()
        self.pictures.folder = self._settings.folder
        if not self._read:
            self._read = True
            self._reading.start()
        else:
            self.runs.show_runs(self._session.runs)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the page for its width."""
        super().resizeEvent(event)
        wide = self.width()
        content = min(WIDEST, wide - 2 * MARGIN) if wide < 1330 or wide > 1700 else wide - 184
        side = (wide - content) // 2
        self._outer.setContentsMargins(side, 14, side, 16)
        narrow = wide < NARROW
        self.hero.arrange(
            LOW if narrow else TALL if wide > 1900 and self.height() > 1000 else HIGH, with_curves=not narrow
        )
        beside, below = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._recents.setDirection(below if narrow else beside)
        self._doors.setDirection(below if wide < STACKED else beside)
        self._source.setVisible(not narrow)
        self.replay.show_short(short=STACKED <= wide < SHORT)
