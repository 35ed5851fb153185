"""The left side of the page about sweeps: the list, the builder of a new one, and what waits."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QListView, QWidget

from resnet_gui.gui.kit.basic import ElidedLabel, column, header, label, scrolled
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.train.runs.section import Section
from resnet_gui.gui.train.sweeps.builder import Making, SweepBuilder
from resnet_gui.gui.train.sweeps.lists import (
    RUN_HEIGHT,
    SWEEP_HEIGHT,
    SweepList,
    WaitingDelegate,
    WaitingRuns,
)
from resnet_gui.gui.train.sweeps.model import SweepItem, SweepModel
from resnet_gui.gui.train.switch import SWEEPS, ModeSwitch
from resnet_gui.sweeps.state import RunCell

WIDE, NARROW = 348, 300
MOST_LISTED: Final = 4


class SweepSide(QFrame):
    """The left side: list, builder, queue.

    Attributes:
        switch: runs or sweeps.
        list: of the sweeps.
        new: the bar that opens the builder.
        builder: of a new sweep.
        queue: the runs of the chosen sweep that go on or wait.

    Signals:
        run_requested: folder of a run that is to be shown.
    """

    run_requested = Signal(object)

    def __init__(self, theme: Theme, model: SweepModel, making: Making) -> None:
        super().__init__()
        self.setObjectName("rightLine")
        self._model = model
        layout = column(self)
        layout.setContentsMargins(0, 0, 1, 0)
        bar, line, title = header("")
        line.setContentsMargins(12, 0, 16, 0)
        title.hide()
        self.switch = ModeSwitch(theme, SWEEPS)
        line.addWidget(self.switch)
        line.addStretch()
        self._head_note = label("runs done", "muted12")
        line.addWidget(self._head_note)
        layout.addWidget(bar)
        self.list = SweepList(theme, model)
        layout.addWidget(self.list)
        self.new = Section(theme, "New sweep")
        layout.addWidget(self.new)
        self.builder = SweepBuilder(theme, making)
        self._builder_area = scrolled(self.builder)
        layout.addWidget(self._builder_area)
        self._queue_bar, queue_line, _ = header("Queue")
        self._queue_bar.setObjectName("topLine")
        queue_line.setContentsMargins(16, 0, 16, 0)
        self._queue_note = ElidedLabel("", "muted12", least=20)
        queue_line.addWidget(self._queue_note, 1)
        layout.addWidget(self._queue_bar)
        self._waiting = WaitingRuns()
        self.queue = self._queue_list(theme)
        layout.addWidget(self.queue, 1)
        self._filler = QWidget()
        layout.addWidget(self._filler, 1)
        self.builder.installEventFilter(self)
        self.new.toggled.connect(lambda _on: self._arrange())
        for signal in (model.rowsInserted, model.rowsRemoved):
            signal.connect(lambda *_: self._arrange())
        self.new.button.setChecked(True)
        self._arrange()

    def _queue_list(self, theme: Theme) -> QListView:
        made = QListView()
        made.setModel(self._waiting)
        self._delegate = WaitingDelegate(theme)
        made.setItemDelegate(self._delegate)
        made.setUniformItemSizes(True)
        made.setMouseTracking(True)
        made.setSelectionMode(QListView.SelectionMode.NoSelection)
        made.setAccessibleName("Queue")
        made.clicked.connect(self._show_run)
        theme.changed.connect(made.viewport().update)
        return made

    def _show_run(self, index: QModelIndex) -> None:
        cell = self._waiting.data(index, Qt.ItemDataRole.UserRole)
        if isinstance(cell, RunCell) and cell.status != "queued":
            self.run_requested.emit(cell.folder)

    def set_narrow(self, *, narrow: bool) -> None:
        """Give the side less room, in a narrow window, and fold the builder there while sweeps are listed."""
        wide = NARROW if narrow else WIDE
        if self.width() != wide:
            self.setFixedWidth(wide)
            if narrow and self._model.items():
                self.new.button.setChecked(False)

    def show_making(self, words: str) -> None:
        """Say what a new sweep would train."""
        self.new.note.setText(f"of {words}")
        self.new.note.setToolTip(
            f"The design of the window, and the recipe of the form of a new run: {words}. Each run begins from random "
            "weights, whatever the form begins from."
        )

    def show_queue(self, item: SweepItem | None) -> None:
        """Show what of a sweep goes on or waits."""
        state = item.state if item is not None and (item.going or item.waiting) else None
        self._waiting.show_state(state)
        count = self._waiting.rowCount()
        live = item.live() if item is not None else 0
        how = f"{live} at once" if live > 1 else "one after another"
        self._queue_note.setText(f"{count:,} to go, {how}" if count else "")
        self._arrange()

    def _arrange(self) -> None:
        count, waits = len(self._model.items()), self._waiting.rowCount() > 0
        self._head_note.setVisible(count > 0)
        self.list.setVisible(count > 0)
        self.list.setFixedHeight(max(1, min(count, MOST_LISTED)) * SWEEP_HEIGHT)
        self._builder_area.setVisible(self.new.open)
        self._queue_bar.setVisible(waits)
        self.queue.setVisible(waits)
        self._filler.setVisible(not waits)
        if self.new.open:
            taken = 37 + 37 + (self.list.height() if count else 0) + (37 + 4 * RUN_HEIGHT if waits else 0)
            wanted = self.builder.sizeHint().height() + 2
            self._builder_area.setFixedHeight(max(160, min(wanted, self.height() - taken)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Give the builder another height when its fields need it."""
        if watched is self.builder and event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room anew."""
        super().resizeEvent(event)
        self._arrange()
