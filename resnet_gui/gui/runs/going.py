"""Which run goes on, for the status bar: known before any page is opened."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from resnet_gui.gui.runs.model import RunModel


class GoingRun(QObject):
    """The run that goes on, whoever trains it, until a page tells more of it.

    Signals:
        progress: name, colour token, fraction and seconds left of the going run; an empty name for none.
    """

    progress = Signal(str, str, float, object)

    def __init__(self, runs: RunModel, followed: Sequence[str], parent: QObject) -> None:
        super().__init__(parent)
        self._runs = runs
        self._shown = False
        runs.loaded.connect(self.tell)
        runs.run_changed.connect(self._changed)
        self._followed = followed

    def begin(self) -> None:
        """Read the runs, a few at a time."""
        self._runs.load_in_slices(self._followed)

    def end(self) -> None:
        """Tell no more: a page does."""
        self._runs.loaded.disconnect(self.tell)
        self._runs.run_changed.disconnect(self._changed)

    def _changed(self, _run: object) -> None:
        if self._shown or any(run.going for run in self._runs.rows()):
            self.tell()

    def tell(self) -> None:
        """Say which run goes on."""
        going = next((run for run in self._runs.rows() if run.going), None)
        self._shown = going is not None
        if going is None:
            self.progress.emit("", "r0", 0.0, None)
            return
        state = going.state or going.look()
        self.progress.emit(going.name, going.token, state.step / max(1, state.total_steps), state.seconds_left())
