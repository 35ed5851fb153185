"""The pictures that the networks of an experiment learn from: whether they are here, and how they get here."""

from __future__ import annotations

from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from resnet_gui.base.files import is_there
from resnet_gui.data.datasets import KNOWN, holds_cifar10, is_here
from resnet_gui.gui.client.downloads import Downloads
from resnet_gui.gui.lab.parts.missing_data import MissingDataStrip, MissingWords
from resnet_gui.gui.lab.state import LabState
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings


class ExperimentData(QObject):
    """The pictures that have to be on this computer before the experiment on show can train its networks.

    Nothing is locked while it is not: a prediction must not be spent on a run that cannot begin.

    Attributes:
        downloads: those that go on.

    Signals:
        changed: something about the data of an experiment is new.
    """

    changed = Signal()

    def __init__(
        self, parent: QWidget, state: LabState, strip: MissingDataStrip, session: Session, settings: Settings
    ) -> None:
        super().__init__(parent)
        self._parent, self._state, self._strip = parent, state, strip
        self._session, self._settings = session, settings
        self.downloads = Downloads(self)
        self._arrived: dict[str, tuple[int, int]] = {}
        self._more = ("", "")
        strip.download_requested.connect(self.download)
        strip.cancel_requested.connect(lambda: self.downloads.cancel(self._offered()))
        strip.folder_requested.connect(self.ask_folder)
        self.downloads.progressed.connect(self._progressed)
        self.downloads.ended.connect(self._ended)

    def _known(self) -> str:
        """The known set that the scale's own networks learn from; empty where it trains none now."""
        state = self._state
        # Networks that are asked for anew are trained once more.
        kept = None if state.anew and not state.scale.shared else state.sweep
        there = kept is not None and kept.status == "finished" and self._more != self._shown()
        if state.scale.sweep is None or state.record.runs or there:
            return ""
        return state.scale.sweep.recipe.data

    def _shown(self) -> tuple[str, str]:
        return self._state.experiment.key, self._state.scale.key

    def _offered(self) -> str:
        """The known set that is fetched on request: of a locked record the one that it names, as it stays that."""
        record = self._state.record
        return record.data if record.locked and record.data in KNOWN else self._known()

    def _may_choose(self) -> bool:
        """Whether a folder may be chosen: once networks learn from some pictures, the others learn from no others."""
        state = self._state
        return not state.record.locked and (state.sweep is None or state.anew)

    def sentence(self) -> str:
        """Why the experiment cannot train its networks yet; empty where it can, or need not."""
        known, chosen = self._known(), self._state.record.data
        if not known:
            return ""
        if chosen and chosen not in KNOWN:
            instead = "choose another folder" if self._may_choose() else f"bring {chosen} back, or Run again"
            return "" if is_there(Path(chosen)) else f"{Path(chosen).name} is not here any more; {instead}."
        name = chosen or known
        if is_here(name):
            return ""
        it, folder = KNOWN[name], ", or choose its folder" if self._may_choose() else ""
        return f"{it.title} is not on this computer yet: {it.megabytes:.0f} MB to download{folder}."

    def sentence_of_more(self) -> str:
        """Why networks cannot be added to those that are trained; the strip then shows how to get what is missing."""
        self._more = self._shown()
        sentence = self.sentence()
        if sentence:
            self.changed.emit()
        else:
            self._more = ("", "")
        return sentence

    def show(self) -> None:
        """Fill the strip."""
        self._strip.show_words(self._words())

    def _words(self) -> MissingWords:
        known, record, sentence = self._offered(), self._state.record, self.sentence()
        if not self._known():
            return MissingWords()
        it = KNOWN[known]
        get = f"Use {it.title}" if is_here(known) else f"Download {it.megabytes:.0f} MB"
        if record.data and not sentence:
            # What is locked says where it learns from below its claims.
            said = "" if record.locked else f"{it.title} is read from {record.data}"
            return MissingWords(said, get, is_settled=True)
        if known in self._arrived:
            done, total = self._arrived[known]
            far = f"{done / 1e6:,.1f} of {total / 1e6:,.1f} MB" if total else "the engine asks for the files …"
            return MissingWords(f"Fetching {it.title}: {far}", fraction=done / total if total else 0.0)
        return MissingWords(sentence, get if self._is_free() else "", folder=self._may_choose())

    # ---- getting them

    def _is_free(self) -> bool:
        """Whether the known set would be learned from: what is locked on a folder stays on it."""
        record = self._state.record
        return not record.locked or not record.data or record.data in KNOWN

    def download(self) -> None:
        """Fetch the scale's own data, or go back to them where they are here."""
        known = self._offered()
        if not known or not self._is_free():
            return
        if not self._state.record.locked:
            self._take("")
        if not is_here(known):
            self._arrived[known] = (0, 0)
            self.downloads.start(known)
        self.changed.emit()

    def ask_folder(self) -> None:
        """Ask where the data lie."""
        if not self._may_choose():
            return
        title = KNOWN[self._known()].title
        begin = self._settings.larger_data or self._settings.folder
        chosen = QFileDialog.getExistingDirectory(self._parent, f"Folder that holds {title}", begin)
        if not chosen:
            return
        if not holds_cifar10(Path(chosen)):
            self._session.say(
                f"{Path(chosen).name} does not hold {title}: neither cifar-10-batches-py, nor train and test with a "
                "folder for each of its ten classes. Choose another folder, or download it.", "error",
            )  # fmt: skip
            return
        self._take(chosen)
        self.changed.emit()

    def _take(self, data: str) -> None:
        """Learn from a folder, or from the scale's own data again."""
        self._state.record = msgspec.structs.replace(self._state.record, data=data)

    def _progressed(self, name: str, done: int, total: int) -> None:
        self._arrived[name] = (done, total)
        self.changed.emit()

    def _ended(self, name: str, sentence: str) -> None:
        self._arrived.pop(name, None)
        if sentence:
            self._session.say(sentence, "error")
        elif is_here(name):
            self._session.say(f"{KNOWN[name].title} is here.", "ok")
        self.changed.emit()
