"""The network of the Predict page: its dialogs, its downloads, and what the engine says of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from resnet_gui.base.text import is_readable
from resnet_gui.data.file_kinds import WEIGHT_SUFFIXES
from resnet_gui.data.weights_catalogue import WEIGHTS
from resnet_gui.gui.client.downloads import Downloads
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.client.latest import LatestRequests
from resnet_gui.gui.predict.network.panel import ModelPanel
from resnet_gui.gui.predict.network.values_dialog import ValuesDialog
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.protocol.events import Event, Failed, ModelLoaded
from resnet_gui.protocol.jobs import LoadModel, ModelRequest


class ModelController(QObject):
    """Keeps panel and engine in agreement about the network.

    Attributes:
        subject: how engines are asked about it; None while none is chosen that can be used.
        known: what the engine says of it; None while that is not known.
        downloads: of weights.

    Signals:
        changed: another subject.
        introduced: ``known`` is there.
    """

    changed = Signal()
    introduced = Signal()

    def __init__(self, session: Session, engines: Engines, panel: ModelPanel, settings: Settings) -> None:
        super().__init__(panel)
        self._session, self._panel, self._settings = session, panel, settings
        self._device = session.device
        self.subject: ModelRequest | None = None
        self.known: ModelLoaded | None = None
        self.downloads = Downloads(self)
        self._asker = LatestRequests(engines, self)
        self._asker.answered.connect(self._answered)
        panel.subject_changed.connect(self._ask)
        panel.file_requested.connect(self._choose_weights)
        panel.choices.values_requested.connect(self._ask_values)
        panel.choices.labels_requested.connect(self._ask_labels)
        panel.download_requested.connect(self.downloads.start)
        panel.fetching.cancel_requested.connect(self.downloads.cancel)
        self.downloads.progressed.connect(panel.show_progress)
        self.downloads.ended.connect(self._download_ended)
        session.device_changed.connect(self._device_changed)

    @property
    def device(self) -> str:
        """Where it computes, in a word."""
        session = self._session
        return session.device if session.device != "auto" else "cpu" if session.no_cuda else "cuda"

    @property
    def _window(self) -> QWidget:
        return self._panel.window()

    def _ask(self) -> None:
        self.known = None
        self._asker.forget("introduce")
        subject = self.subject = self._panel.subject(self._session.device) if self._panel.model else None
        if subject is not None and not is_readable(subject.model + subject.labels):
            self.subject = subject = None
            self._panel.show_problem("The name of this file is not valid text (UTF-8); rename it.")
        if subject is not None:
            asked = subject
            self._asker.ask("introduce", lambda job: LoadModel(job, asked))
        self.changed.emit()

    def _answered(self, _kind: str, event: Event) -> None:
        if isinstance(event, ModelLoaded):
            self.known = event
            self._panel.show_introduced(event)
            if self.subject is not None and self.subject.model in WEIGHTS and not event.own:
                self._session.say(event.notes[0], "warn")
            else:
                self._session.say(f"{event.name}: {len(event.classes):,} classes, {event.computed}.")
            self.introduced.emit()
        elif isinstance(event, Failed):
            self.subject = None
            self._panel.show_problem(event.message)
            self._session.say(event.message, "error")
            self.changed.emit()

    def _choose_weights(self) -> None:
        kinds = " ".join(f"*{suffix}" for suffix in sorted(WEIGHT_SUFFIXES))
        chosen, _ = QFileDialog.getOpenFileName(
            self._window, "Open a network", self._settings.folder, f"Weights ({kinds});;All files (*)"
        )
        if chosen:
            self._settings.folder = str(Path(chosen).parent)
            self._panel.open_file(Path(chosen))

    def _ask_values(self) -> None:
        if self.known is None:
            self._panel.choices.set_values(None)
            return
        dialog = ValuesDialog(self._window, self.known.preprocess)
        self._panel.choices.set_values(dialog.values if dialog.exec() else None)

    def _ask_labels(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self._window, "Class names, one a line", self._settings.folder, "Text (*.txt *.csv *.names);;All files (*)"
        )
        self._panel.choices.set_labels(chosen)

    def _download_ended(self, name: str, sentence: str) -> None:
        self._panel.end_progress(name)
        if sentence:
            self._session.say(sentence, "error")

    def _device_changed(self) -> None:
        # Also told when the engine has merely found the devices.
        if self._session.device != self._device:
            self._device = self._session.device
            self._ask()
