"""What is chosen on the Train page: the one state that its parts read, change and follow."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.runs.row import RunRow


class TrainState(QObject):
    """The state of the page; it holds no widget.

    Attributes:
        run: the chosen one, which header, details and plots are about; None while none is listed.

    Signals:
        run_changed: another run is chosen, or none.
    """

    run_changed = Signal()

    def __init__(self, runs: RunModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self.run: RunRow | None = None
        self._begun: RunRow | None = None
        self._before: RunRow | None = None
        runs.rowsAboutToBeRemoved.connect(self._leave_refused)
        for signal in (runs.rowsRemoved, runs.modelReset):
            signal.connect(self._leave_removed)

    @property
    def count(self) -> int:
        """How many runs are listed."""
        return self._runs.rowCount()

    def choose(self, run: RunRow | None) -> None:
        """Look at another run; None for none. One that is not listed any more, as it never began, changes nothing."""
        if run is not self.run and (run is None or run in self._runs.rows()):
            self.run = run
            self.run_changed.emit()

    def choose_begun(self, run: RunRow) -> None:
        """Look at a run that was just begun; if that is refused, the choice is again what it was."""
        before = self.run
        self.choose(run)
        if self.run is run and before is not run:
            self._begun, self._before = run, before

    def _leave_refused(self, _parent: object, first: int, last: int) -> None:
        """Before the lists that show the choice move on to a neighbour of a run that goes as it never began."""
        rows, begun = self._runs.rows(), self._begun
        if begun is None or begun not in rows[first : last + 1]:
            return
        if self.run is begun and begun.info is None and self._before in rows:
            self.choose(self._before)
        self._begun = self._before = None

    def _leave_removed(self) -> None:
        """A list that shows the choice has moved on to a neighbour before; without one the newest run is next."""
        rows = self._runs.rows()
        if self.run is not None and self.run not in rows:
            self.choose(rows[0] if rows else None)
