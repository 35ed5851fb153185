"""The left side of the Train page: the runs, what the chosen one is, and the form of a new one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QMenu, QScrollArea, QSplitter, QWidget

from resnet_gui.gui.kit.basic import column, icon_button, label
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.window.splitter_sizes import WIDEST
from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.train.recipe.form import RecipeForm
from resnet_gui.gui.train.runs.details import RunDetails
from resnet_gui.gui.train.runs.finder import RunFinder
from resnet_gui.gui.train.runs.section import Section
from resnet_gui.gui.train.runs.table import RunTable
from resnet_gui.gui.train.runs.table_delegate import NARROW_HEIGHT
from resnet_gui.gui.train.state import TrainState
from resnet_gui.gui.train.switch import RUNS, ModeSwitch

LISTED: Final = 280
FORM, NARROW_FORM = 400, 340
"""Least widths of the side: with the list alone, with the form of a new run, and with that in a narrow window."""

BESIDE: Final = 900
"""Pixels from which the form stands beside the runs and not below them."""

BAR, LEAST_FORM, ANY = 37, 150, 16_777_215
"""Pixels of a section's bar, of the form at least, and of what may be as large as it likes."""


ROWS: Final = ((800, 6), (520, 4), (430, 3))
LEAST_ROWS: Final = 2
"""Runs on show beside the form: pixels of the side's height from which, and how many; and how many in a lower one."""


HEADING: Final = "Best top-1 error"
SHORTER: Final = ("Best error", "Error")
"""What the figures of a narrow list are, and what stands for it where the bar has no room."""


class RunSide(QFrame):
    """The left side of the Train page: the runs above, details and form of a new run below, each in its place.

    The handle between both stays where the user has put it, however many runs there are. Where the side is pulled wide
    both stand side by side.

    Attributes:
        switch: runs or sweeps.
        list: of the runs.
        parts: runs, and what is below them.

    Signals:
        follow_requested: show a run that lies elsewhere.
        recorded_requested: show the runs that ship with the program, or not.
        restore_requested: show what is in the trash, to have it back.
        empty_trash_requested: delete what is in the trash.
        launch_requested: hand the form's run over to torchrun or Slurm.
        arranged: another section is open.
    """

    follow_requested = Signal()
    recorded_requested = Signal(bool)
    restore_requested = Signal()
    empty_trash_requested = Signal()
    launch_requested = Signal()
    arranged = Signal()

    def __init__(self, theme: Theme, runs: RunModel, state: TrainState, data: str) -> None:
        super().__init__()
        self.setObjectName("rightLine")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._state, self._narrow, self._preparing, self._going = state, False, False, 0
        self._replaying, self._folded = False, False
        self._shares: dict[Qt.Orientation, list[int]] = {}
        layout = column(self)
        layout.setContentsMargins(0, 0, 1, 0)
        self.switch = ModeSwitch(theme, RUNS)
        self.listed = self._head(theme)
        self.list = RunTable(theme, runs, state)
        self.finder = RunFinder(theme, self.list)
        self._no_runs = self._empty(theme)
        self.details, self.new = Section(theme, "Run details"), Section(theme, "New run")
        self.facts = RunDetails()
        self.form = RecipeForm(theme, data)
        self.parts = QSplitter(Qt.Orientation.Vertical)
        self.parts.setHandleWidth(1)
        self.parts.setChildrenCollapsible(False)
        self._upper, self._lower = self._upper_part(), self._lower_part()
        self.parts.addWidget(self._upper)
        self.parts.addWidget(self._lower)
        self.parts.setStretchFactor(0, 1)
        self.parts.splitterMoved.connect(lambda _place, _number: self._keep_shares())
        layout.addWidget(self.parts)
        self.details.toggled.connect(lambda on: self._toggle(self.details, on))
        self.new.toggled.connect(lambda on: self._toggle(self.new, on))
        self.listed.toggled.connect(lambda _on: self._arrange())
        self.new.button.setChecked(True)
        self._arrange()

    def _upper_part(self) -> QFrame:
        part = QFrame()
        layout = column(part)
        for widget in (self.listed, self.finder):
            layout.addWidget(widget)
        layout.addWidget(self.list, 1)
        layout.addWidget(self._no_runs, 1)
        return part

    def _lower_part(self) -> QFrame:
        part = QFrame()
        layout = column(part)
        self._facts_area = QScrollArea()
        self._facts_area.setWidgetResizable(True)
        self._facts_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._facts_area.setWidget(self.facts)
        self._filler = QWidget()
        layout.addWidget(self.details)
        layout.addWidget(self._facts_area, 1)
        layout.addWidget(self.new)
        layout.addWidget(self.form, 100)
        layout.addWidget(self._filler, 1)
        return part

    def _head(self, theme: Theme) -> Section:
        bar = Section(theme, "")
        bar.setObjectName("panel")
        bar.button.setAccessibleName("Runs")
        bar.button.setToolTip("Fold the list of runs, or unfold it")
        bar.button.setChecked(True)
        bar.line.insertWidget(1, self.switch)
        bar.note.setText(HEADING)
        more = icon_button(theme, "more", "More about runs", size=24)
        menu = QMenu(more)
        self.recorded = QAction("Recorded runs of the program", menu, checkable=True)
        self.recorded.triggered.connect(self.recorded_requested)
        menu.addAction(self.recorded)
        for text, signal in (
            ("Follow a run folder elsewhere …", self.follow_requested),
            ("New run as torchrun line or Slurm script …", self.launch_requested),
            ("Restore from the trash …", self.restore_requested),
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

    # ---- how it is arranged

    def _toggle(self, section: Section, on: bool) -> None:
        """One of both is open, or none."""
        other = self.new if section is self.details else self.details
        if on and other.open:
            other.button.setChecked(False)
        self._arrange()

    @property
    def needed_width(self) -> int:
        """Pixels that the side needs, as it is open."""
        return (NARROW_FORM if self._narrow else FORM) if self.new.open else LISTED

    def _arrange(self) -> None:
        self.setMinimumWidth(self.needed_width)
        self._facts_area.setVisible(self.details.open)
        if self.details.open and self._state.run is not None:
            self.facts.show_run(self._state.run)
        self.form.setVisible(self.new.open)
        self.show_count(self._state.count)
        self.arranged.emit()

    def _fit_parts(self) -> None:
        """Give both parts their room: what is folded has only its bars."""
        beside = self.width() >= BESIDE
        turned = beside != (self.parts.orientation() is Qt.Orientation.Horizontal)
        if turned:
            self.parts.setOrientation(Qt.Orientation.Horizontal if beside else Qt.Orientation.Vertical)
        filled = self.details.open or self.new.open
        bars = BAR * (2 if self._state.count else 1)
        self._filler.setVisible(beside and not filled)
        self._upper.setMaximumHeight(ANY if beside or self.listed.open or not filled else BAR)
        self._lower.setMaximumHeight(ANY if beside or filled else bars)
        self._lower.setMaximumWidth(FORM if beside else ANY)
        self._lower.setMinimumHeight(bars + (LEAST_FORM if filled and not beside else 0))
        shares = self._shares.get(self.parts.orientation()) or self._usual_shares()
        if not beside and not filled:
            # Qt would leave what the bars do not need empty, below rows that are cut.
            shares = [max(1, self.height() - bars), bars]
        self.parts.setSizes(shares)

    def _usual_shares(self) -> list[int]:
        if self.parts.orientation() is Qt.Orientation.Horizontal:
            return [max(1, self.width() - FORM), FORM]
        rows = next((rows for least, rows in ROWS if self.height() >= least), LEAST_ROWS)
        upper = BAR + 36 + rows * NARROW_HEIGHT
        return [upper, max(1, self.height() - upper)]

    def _keep_shares(self) -> None:
        self._shares[self.parts.orientation()] = self.parts.sizes()

    @property
    def shares(self) -> list[int]:
        """Where the handle was put: of the parts above each other, then beside each other; zeros where it was not."""
        both = (Qt.Orientation.Vertical, Qt.Orientation.Horizontal)
        return [size for each in both for size in self._shares.get(each, [0, 0])]

    def restore_shares(self, shares: Sequence[int]) -> None:
        """Put the handle where it was, or where it is at first."""
        self._shares.clear()
        if len(shares) == 4:
            for each, (one, other) in (
                (Qt.Orientation.Vertical, shares[:2]),
                (Qt.Orientation.Horizontal, shares[2:]),
            ):
                if 0 < one < WIDEST and 0 < other < WIDEST:
                    self._shares[each] = [one, other]
        self._fit_parts()

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

    def set_replaying(self, *, on: bool) -> None:
        """Fold the form of a new run while recorded runs are replayed, whose rows need the room."""
        if on != self._replaying:
            self._replaying = on
            if on:
                self._folded = self.new.open
                self.listed.button.setChecked(True)
                self.new.button.setChecked(False)
            elif self._folded and not self.details.open:
                self.new.button.setChecked(True)

    def open_form(self) -> None:
        """Show the form of a new run."""
        self.new.button.setChecked(True)

    def search(self) -> None:
        """Let the user search for runs."""
        self.listed.button.setChecked(True)
        self.finder.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.finder.field.selectAll()

    # ---- what is shown

    def show_going(self, going: int) -> None:
        """Say how many runs are going, where the list is folded."""
        self._going = going
        running = f"{going} running" if going else ""
        note, heads = self.listed.note, self.listed.open and self.list.narrow
        note.shorter = SHORTER if heads else ()
        note.setToolTip(HEADING if heads else "")
        note.setText(HEADING if heads else "" if self.listed.open else running)

    def show_count(self, count: int) -> None:
        """Say how many runs there are."""
        self.show_going(self._going)
        listed = bool(count) and self.listed.open
        self.list.setVisible(listed)
        self.finder.setVisible(listed)
        self._no_runs.setVisible(not count and self.listed.open)
        self.details.setVisible(bool(count))
        if not count and self.details.open:
            self.new.button.setChecked(True)
        self._fit_parts()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room anew."""
        super().resizeEvent(event)
        self._fit_parts()
        self.show_going(self._going)

    def show_design(self, name: str) -> None:
        """Say what a new run would train."""
        self.new.note.setText(f"of {name}")
        self.new.note.setToolTip(name)

    def show_run(self, run: RunRow) -> None:
        """Show what the chosen run is."""
        self.details.note.setText(run.name)
        if self.details.open:
            self.facts.show_run(run)
