"""What the Train page keeps for the next time: recipe, data, what waits, and how it is arranged."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from PySide6.QtCore import QObject

from resnet_gui.gui.settings import Settings
from resnet_gui.gui.train.runs.arrangement import RunArrangement

if TYPE_CHECKING:
    from resnet_gui.gui.train.page import TrainPage

HIDDEN: Final = 200
"""Runs of which it is kept that their curves were hidden, the newest."""


class TrainMemory(QObject):
    """The memory of the page."""

    def __init__(self, page: TrainPage, settings: Settings) -> None:
        super().__init__(page)
        self._page, self._settings = page, settings

    def restore(self) -> int:
        """Fill form and queue as they were; how many runs wait that no other window begins."""
        page, settings = self._page, self._settings
        if settings.recipe is not None:
            recipe = msgspec.structs.replace(settings.recipe, data=settings.recipe_data)
            page.form.take_training(recipe, settings.start)
        elif settings.start is not None:
            page.form.begin.choose(settings.start)
        page.side.restore_shares(settings.runs_shares)
        page.list.arrange(
            RunArrangement.of(settings.runs_order, settings.runs_group, descending=settings.runs_descending)
        )
        if settings.recorded:
            page.runs.show_recorded()
        # What another window has begun meanwhile waits no more.
        waiting = [job for job in settings.queue if not Path(job.run).exists()]
        for job in waiting:
            page.runs.add(job, queued=True)
        page.queue.restore(waiting)
        if page.runs.rows():
            # Their curves are what the page is opened for; the data of the form are a click away.
            page.preparation.fold()
        return len(page.queue.own)

    def take_over(self, settings: Settings, fields: Set[str]) -> None:
        """List what waits in another window, and no longer what was begun or taken out of the queue there."""
        if "queue" not in fields:
            return
        runs, queue = self._page.runs, self._page.queue
        waiting = [job for job in settings.queue if not Path(job.run).exists()]
        for job in waiting:
            if runs.row(Path(job.run)) is None:
                runs.add(job, queued=True)
        gone = {job.run for job in queue.jobs} - {job.run for job in waiting}
        queue.take_over(waiting)
        for row in [row for row in map(runs.row, map(Path, gone)) if row is not None and row.status == "queued"]:
            if row.folder.exists():
                runs.take_begun(row)
            else:
                runs.remove(row)

    def show_runs(self) -> None:
        """Choose the run to begin with, and draw no curves of those that the user had hidden."""
        rows = sorted(self._page.runs.rows(), key=lambda run: (not run.going, run.status == "queued"))
        if rows:
            self._page.state.choose(rows[0])
        # Afterwards: a run that is chosen is drawn.
        for folder in self._settings.runs_hidden:
            run = self._page.runs.row(folder)
            if run is not None:
                self._page.runs.set_shown(run, shown=False)

    def arrange(self, settings: Settings) -> None:
        """Arrange the page as it was, or as at first where that is not said."""
        page = self._page
        page.plots.restore(settings.panels or [1] * 6)
        page.side.restore_shares(settings.runs_shares)
        page.modes.arrange(settings)

    def write(self, settings: Settings) -> None:
        """Write down recipe, queue, followed folders and panels."""
        page = self._page
        settings.queue, settings.followed = list(page.queue.jobs), page.runs.followed
        settings.panels, settings.recipe_data = page.plots.sizes(), page.form.data
        settings.runs_width, settings.runs_shares = page.modes.pulled, page.side.shares
        arrangement = page.list.table.arrangement
        settings.runs_order, settings.runs_descending = arrangement.key, arrangement.descending
        settings.runs_group = arrangement.group
        hidden = [str(run.folder) for run in page.runs.rows() if run.folder in page.runs.hidden]
        settings.runs_hidden = hidden[:HIDDEN]
        settings.recorded = page.side.recorded.isChecked()
        page.comparing.write(settings)
        settings.start = page.form.begin.request
        # While a value cannot be, the last recipe that could.
        settings.recipe = page.form.valid_recipe() or settings.recipe
        page.modes.remember(settings)
