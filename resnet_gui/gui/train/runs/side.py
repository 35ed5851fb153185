"""The left side of the Train page: the runs, what the chosen one is, and the form of a new one."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QMenu, QPushButton, QScrollArea, QWidget

from resnet_gui.gui.kit.basic import ElidedLabel, button, column, icon_button, label, panel, row
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.train.recipe.form import RecipeForm
from resnet_gui.gui.train.runs.details import RunDetails
from resnet_gui.gui.train.runs.list import HEIGHT, RunList
from resnet_gui.gui.train.state import TrainState
from resnet_gui.gui.train.switch import RUNS, ModeSwitch

LISTED: Final = 280
FORM, NARROW_FORM = 400, 340
"""Widths of the side: with the list alone, with the form of a new run, and with that in a narrow window."""


class Section(QFrame):
    """A bar that opens and closes the part below it.

    Attributes:
        button: opens and closes.
        note: at the bar's right end.
        line: the bar's row, for more.

    Signals:
        toggled: whether it is open now.
    """

    toggled = Signal(bool)

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("topLine")
        self.setFixedHeight(37)
        inner = panel("panelHeader")
        outer = row(self, (0, 1, 0, 0), 0)
        outer.addWidget(inner)
        line = self.line = row(inner, (4, 0, 12, 0), 4)
        self.button: QPushButton = button(title, "ghost")
        self.button.setStyleSheet("font-weight: 600; padding: 0 8px 0 4px; text-align: left;")
        self.button.setCheckable(True)
        self.button.setIconSize(QSize(14, 14))
        self.button.toggled.connect(self._open)
        self.note = ElidedLabel("", "muted12", least=20)
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self.button)
        line.addWidget(self.note, 1)
        theme.follow(self.button, lambda: self._paint())  # noqa: PLW0108

    @property
    def open(self) -> bool:
        """Whether its part is open."""
        return self.button.isChecked()

    def _paint(self) -> None:
        self.button.setIcon(self._theme.icon("chevron-down" if self.open else "chevron-right", "t2"))

    def _open(self, on: bool) -> None:
        self._paint()
        self.toggled.emit(on)


class RunSide(QFrame):
    """The left side of the Train page: the list of runs; details and form share its lower part.

    Attributes:
        switch: runs or sweeps.

    Signals:
        follow_requested: show a run that lies elsewhere.
        empty_trash_requested: delete what is in the trash.
        launch_requested: hand the form's run over to torchrun or Slurm.
        arranged: another section is open.
    """

    follow_requested = Signal()
    empty_trash_requested = Signal()
    launch_requested = Signal()
    arranged = Signal()

    def __init__(self, theme: Theme, runs: RunModel, state: TrainState, data: str) -> None:
        super().__init__()
        self.setObjectName("rightLine")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._state, self._narrow, self._preparing, self._going = state, False, False, 0
        layout = column(self)
        layout.setContentsMargins(0, 0, 1, 0)
        self.switch = ModeSwitch(theme, RUNS)
        self.listed = self._head(theme)
        layout.addWidget(self.listed)
        self.list = RunList(theme, runs, state)
        self._no_runs = self._empty(theme)
        layout.addWidget(self.list)
        layout.addWidget(self._no_runs, 1)
        self.details, self.new = Section(theme, "Run details"), Section(theme, "New run")
        self.facts = RunDetails()
        self._facts_area = QScrollArea()
        self._facts_area.setWidgetResizable(True)
        self._facts_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._facts_area.setWidget(self.facts)
        self.form = RecipeForm(theme, data)
        layout.addWidget(self.details)
        layout.addWidget(self._facts_area, 1)
        layout.addWidget(self.new)
        layout.addWidget(self.form, 100)
        self._filler = QWidget()
        layout.addWidget(self._filler, 1)
        self.details.toggled.connect(lambda on: self._toggle(self.details, on))
        self.new.toggled.connect(lambda on: self._toggle(self.new, on))
        self.listed.toggled.connect(lambda _on: self._arrange())
        self.new.button.setChecked(True)
        self._arrange()

    def _head(self, theme: Theme) -> Section:
        bar = Section(theme, "")
        bar.setObjectName("panel")
        bar.button.setAccessibleName("Runs")
        bar.button.setToolTip("Fold the list of runs, or unfold it")
        bar.button.setChecked(True)
        bar.line.insertWidget(1, self.switch)
        bar.note.setText("Best top-1 error")
        more = icon_button(theme, "more", "More about runs", size=24)
        menu = QMenu(more)
        for text, signal in (
            ("Follow a run folder elsewhere …", self.follow_requested),
            ("New run as torchrun line or Slurm script …", self.launch_requested),
            ("Empty trash …", self.empty_trash_requested),
        ):
            menu.addAction(text).triggered.connect(lambda _=False, signal=signal: signal.emit())
        more.setMenu(menu)
        bar.line.addWidget(more)
        return bar

    @staticmethod
    def _empty(theme: Theme) -> QFrame:
        box = QFrame()
        layout = column(box, (40, 12, 40, 12), 4)
        layout.addStretch()
        sign = QLabel()
        sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        theme.follow(sign, lambda: sign.setPixmap(theme.pixmap("train", "t3", 20)))
        layout.addWidget(sign)
        for text, role in (
            ("No runs yet", "title"),
            ("Each run appears here with its colour, state and best error.", "muted12"),
        ):
            made = label(text, role, wrap=True)
            made.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(made)
        layout.addStretch()
        return box

    def _toggle(self, section: Section, on: bool) -> None:
        """One of both is open, or none."""
        other = self.new if section is self.details else self.details
        if on and other.open:
            other.button.setChecked(False)
        self._arrange()

    def _arrange(self) -> None:
        wide = NARROW_FORM if self._narrow else FORM
        self.setFixedWidth(wide if self.new.open else LISTED)
        self._facts_area.setVisible(self.details.open)
        if self.details.open and self._state.run is not None:
            self.facts.show_run(self._state.run)
        self.form.setVisible(self.new.open)
        self.show_count(self.list.model().rowCount())
        self.arranged.emit()

    def set_narrow(self, *, narrow: bool) -> None:
        """Give the form less room, in a narrow window."""
        if narrow != self._narrow:
            self._narrow = narrow
            self._arrange()

    def set_preparing(self, *, on: bool) -> None:
        """Fold the list while the form needs the room, and unfold it after."""
        if on != self._preparing:
            self._preparing = on
            self.listed.button.setChecked(not on)

    def open_form(self) -> None:
        """Show the form of a new run."""
        self.new.button.setChecked(True)

    def show_going(self, going: int) -> None:
        """Say how many runs are going, where the list is folded."""
        self._going = going
        running = f"{going} running" if going else ""
        self.listed.note.setText("Best top-1 error" if self.listed.open else running)

    def show_count(self, count: int) -> None:
        """Say how many runs there are, and give the list the room that it needs."""
        self.show_going(self._going)
        self.list.setVisible(bool(count) and self.listed.open)
        self._no_runs.setVisible(not count and self.listed.open)
        self.details.setVisible(bool(count))
        if not count and self.details.open:
            self.new.button.setChecked(True)
        filled = self.details.open or self.new.open or self._no_runs.isVisibleTo(self)
        self._filler.setVisible(not filled)
        self._fit_list(count)

    def _fit_list(self, count: int) -> None:
        """Whole rows: seven where the window is as tall as the mock-up, fewer beside an open form in a low one."""
        most = 7 if self.height() >= 800 or not self.new.open else 4
        self.list.setFixedHeight(max(1, min(count, most)) * HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the list another share."""
        super().resizeEvent(event)
        self._fit_list(self.list.model().rowCount())

    def show_design(self, name: str) -> None:
        """Say what a new run would train."""
        self.new.note.setText(f"of {name}")
        self.new.note.setToolTip(name)

    def show_run(self, run: RunRow) -> None:
        """Show what the chosen run is."""
        self.details.note.setText(run.name)
        if self.details.open:
            self.facts.show_run(run)
