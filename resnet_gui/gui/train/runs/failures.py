"""What is said of runs that could not be trained, for as long as it is so."""

from __future__ import annotations

from PySide6.QtCore import QObject

from resnet_gui.gui.common.banner import Banner
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.session import Session
from resnet_gui.gui.train.controller import RunController


class RunFailures(QObject):
    """The sentences about runs that failed, in a banner and in the status bar; they go when the run goes on."""

    def __init__(self, banner: Banner, session: Session, control: RunController) -> None:
        super().__init__(banner)
        self._banner, self._session, self._control = banner, session, control
        self._sentences: dict[str, tuple[str, str]] = {}
        control.continuation.went_on.connect(self.forget)

    def tell_untrained(self, folder: str, name: str, message: str) -> None:
        """Say why a run could not even begin."""
        self._show(folder, f"{name} could not be trained: {message}", said=message)
        self._session.say(message, "error")

    def tell_gone(self, run: RunRow, sentence: str) -> None:
        """Say how the engine of a run went, which nobody wanted."""
        kept = " Its last checkpoint is kept; Resume goes on from it." if run.checkpoint else ""
        self._show(str(run.folder), f"{run.name}: {sentence}{kept}", "Resume", "resume", run)

    def tell_stopped(self, run: RunRow) -> None:
        """Say what stopped a run."""
        self._show(str(run.folder), f"{run.name} stopped: {run.message}", "Details", "error", run)

    def forget(self, folder: str) -> None:
        """A run goes on: what is said of it is not true any more."""
        shown, said = self._sentences.pop(folder, ("", ""))
        if shown and self._banner.text.text() == shown:
            self._banner.hide()
        if said:
            self._session.withdraw(said)

    def _show(
        self, folder: str, sentence: str, action: str = "", what: str = "", run: RunRow | None = None, *, said: str = ""
    ) -> None:
        self._sentences[folder] = sentence, said
        self._banner.show_sentence(sentence, action, (lambda: self._control.act(what, run)) if what else None)
