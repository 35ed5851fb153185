"""How a run goes on: resumed as it is, with more epochs, or with its pictures at another place."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from resnet_gui.data.archives import is_archive
from resnet_gui.data.datasets import KNOWN
from resnet_gui.data.layouts.array_names import is_array_file
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.session import Session
from resnet_gui.gui.train.recipe.dataset import FILES
from resnet_gui.gui.train.runs.extend_dialog import ExtendDialog
from resnet_gui.protocol.jobs import Extend, Resume


def is_moved(run: RunRow) -> bool:
    """Whether the pictures of a run are not where they were."""
    return run.recipe.data not in KNOWN and not Path(run.recipe.data).exists()


def is_extendable(run: RunRow) -> bool:
    """Whether a run can be given more epochs: it has come to its end, or was stopped, and has a checkpoint."""
    ended = run.status in {"finished", "stopped"} and run.info is not None
    return ended and run.checkpoint and not run.recorded and not run.gone


class RunContinuation(QObject):
    """The ways in which a run that has ended goes on.

    Attributes:
        ways: what the buttons and menus of a run call them.

    Signals:
        went_on: folder of a run that an engine was just told to go on with.
    """

    went_on = Signal(str)

    def __init__(self, parent: QWidget, runs: RunModel, session: Session, engines: Engines, theme: Theme) -> None:
        super().__init__(parent)
        self._parent, self._runs, self._session = parent, runs, session
        self._engines, self._theme = engines, theme
        self._awaited: dict[str, Callable[[], None]] = {}
        self.ways: dict[str, Callable[[RunRow], None]] = {
            "resume": self.resume, "extend": self.extend, "locate": self.locate,
            "locate_folder": self.locate_folder, "locate_file": self.locate_file,
        }  # fmt: skip

    def engine_gone(self, folder: str) -> None:
        """An engine has ended; a run that was to go on meanwhile does so now."""
        work = self._awaited.pop(folder, None)
        if work is not None and self._runs.row(folder) is not None:
            work()

    def resume(self, run: RunRow, data: str = "") -> None:
        """Go on from the last checkpoint; ``data`` is where its pictures lie now, if elsewhere."""
        line = f"train --resume {shlex.quote(str(run.folder))}" + (f" --data {shlex.quote(data)}" if data else "")
        self._go_on(run, line, lambda job, device: Resume(job, str(run.folder), device, data))

    def locate(self, run: RunRow) -> None:
        """Ask where the pictures of a run lie now, and go on with it; the engine takes only the same pictures."""
        if data := self._ask_data(run):
            self.resume(run, data)

    def locate_folder(self, run: RunRow) -> None:
        """The same, where the pictures are a folder now, whatever they were."""
        if data := self._ask_folder(Path(run.recipe.data)):
            self.resume(run, data)

    def locate_file(self, run: RunRow) -> None:
        """The same, where the pictures are an archive or a file of arrays now."""
        if data := self._ask_file(Path(run.recipe.data)):
            self.resume(run, data)

    def extend(self, run: RunRow) -> None:
        """Ask for how many epochs a run goes on, and let it; pictures that have moved are asked for before."""
        state = run.look()
        while run.behind:  # all of it, for the tests at its ends
            state = run.look()
        if run.info is None or state.started is None:
            return
        run.read_info()
        steps = (state.step, state.started.steps_per_epoch)
        dialog = ExtendDialog(self._parent, self._theme, run, steps, len(state.final_tests))
        agreed, epochs = dialog.exec() == QDialog.DialogCode.Accepted, dialog.epochs.value()
        dialog.deleteLater()
        if agreed:
            self.extend_by(run, epochs)

    def extend_by(self, run: RunRow, epochs: int) -> None:
        """Let a run go on for so many epochs."""
        data = self._ask_data(run) if is_moved(run) else ""
        if is_moved(run) and not data:
            return
        line = f"train --extend {shlex.quote(str(run.folder))} --epochs {epochs}"
        self._go_on(run, line, lambda job, device: Extend(job, str(run.folder), epochs, device, data))

    def _ask_data(self, run: RunRow) -> str:
        """Ask where the pictures are by now: for a file where they were one, else for a folder."""
        before = Path(run.recipe.data)
        return self._ask_file(before) if is_archive(before) or is_array_file(before.name) else self._ask_folder(before)

    def _ask_folder(self, before: Path) -> str:
        return QFileDialog.getExistingDirectory(self._parent, f"Where is {before.name} now?", _nearest(before))

    def _ask_file(self, before: Path) -> str:
        kinds = f"Data sets ({FILES});;All files (*)"
        chosen, _ = QFileDialog.getOpenFileName(self._parent, f"Where is {before.name} now?", _nearest(before), kinds)
        return chosen

    def _go_on(self, run: RunRow, line: str, job: Callable[[int, str | None], Resume | Extend]) -> None:
        folder = str(run.folder)
        if self._engines.owns(folder):
            if not run.going:
                # Its engine has said its last word but is not gone yet.
                self._awaited[folder] = lambda: self._go_on(run, line, job)
            return
        if run.info is not None and run.info.processes > 1:
            self._session.say(
                f"{run.info.processes} processes trained this run; go on with: torchrun --nproc-per-node "
                f"{run.info.processes} -m resnet_gui {line}",
                "warn",
            )
            return
        device = self._device_of(run)
        self._runs.own(folder)
        self._engines.train(job(self._engines.next_job(), device))
        self.went_on.emit(folder)

    def _device_of(self, run: RunRow) -> str | None:
        """None for the device that the run began on; where that is gone, the chosen one."""
        began = run.info.device if run.info is not None else "cpu"
        if not self._session.devices or began in {device.name for device in self._session.devices}:
            return None
        self._session.say(f"{run.name} began on {began}, which is not here; it goes on on the chosen device.", "warn")
        return self._session.device


def _nearest(path: Path) -> str:
    """The nearest folder above a path that is there; empty without one."""
    return next((str(folder) for folder in path.parents if folder.is_dir()), "")
