"""The network of the Predict page: its dialogs, its downloads, and what the engine says of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from resnet_gui.base.text import is_readable
from resnet_gui.data.file_kinds import WEIGHT_SUFFIXES
from resnet_gui.data.weights_catalogue import SHIPPED, WEIGHTS
from resnet_gui.gui.client.downloads import Downloads
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.client.latest import LatestRequests
from resnet_gui.gui.common.dropped_kinds import is_network
from resnet_gui.gui.predict.network.panel import ModelPanel
from resnet_gui.gui.predict.network.values_dialog import ValuesDialog
from resnet_gui.gui.predict.state import PredictState
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.protocol.events import Event, Failed, ModelLoaded, Progressed
from resnet_gui.protocol.jobs import LoadModel, ModelRequest
from resnet_gui.runs.folder import BEST_FILE
from resnet_gui.training.start import LAST

COMPARED_FILES: Final = 300
"""Pictures that an engine is told of; it takes as many as it needs."""


class ModelController(QObject):
    """The controller that keeps state, panel and engine in agreement about the network.

    Attributes:
        downloads: of weights.
        gallery: the user's pictures, on which fast answers are compared with exact ones.
    """

    gallery: Callable[[], list[Path]] = staticmethod(list)

    def __init__(
        self, session: Session, engines: Engines, state: PredictState, panel: ModelPanel, settings: Settings
    ) -> None:
        super().__init__(panel)
        self._session, self._state, self._panel, self._settings = session, state, panel, settings
        self._device, self._good_name = session.device, ""
        self.downloads = Downloads(self)
        self._good: ModelRequest | None = None
        self._requests = LatestRequests(engines, self)
        self._requests.answered.connect(self._take)
        panel.model_request_changed.connect(self._load)
        panel.network_lost.connect(self._tell_lost)
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

    def _load(self) -> None:
        """Have the chosen network loaded where the session computes."""
        self._requests.forget("load")
        chosen = self._panel.model_request()
        if chosen is not None and not is_readable(chosen.model + chosen.labels):
            self._panel.show_problem("The name of this file is not valid text (UTF-8); rename it.")
            chosen = None
        if chosen is None:
            self._state.set_model_request(None)
            return
        request = msgspec.structs.replace(chosen, device=self._session.device)
        if request.mode == "fast":
            files = [path for path in map(str, self.gallery()) if is_readable(path)]
            step = max(1, len(files) // COMPARED_FILES)
            request = msgspec.structs.replace(request, calibrate_on=tuple(files[::step][:COMPARED_FILES]))
        self._requests.ask("load", lambda job: LoadModel(job, request))
        self._state.set_model_request(request)

    def _take(self, _kind: str, event: Event) -> None:
        request = self._state.model_request
        if isinstance(event, ModelLoaded):
            self._panel.show_loaded(event)
            if request is not None and request.model in WEIGHTS and not event.own:
                self._session.say(event.notes[0], "warn")
            else:
                last = ", of its last epoch" if request is not None and request.weights == LAST else ""
                self._session.say(f"{event.name}{last}: {len(event.classes):,} classes, {event.computed}.")
            self._good, self._good_name = request, event.name
            self._state.set_loaded(event)
        elif isinstance(event, Progressed):
            self._session.say(f"Fast answers are compared with exact ones; {event.sentence}.")
        elif isinstance(event, Failed) and (former := self._former(request)) is not None:
            self._panel.go_back(former, event.message)
            stays = f"{self._good_name} stays the network" if self._good is not None else "another network is chosen"
            self._session.say(f"{event.message.rstrip('.')}; {stays}.", "error")
        elif isinstance(event, Failed):
            self._panel.show_problem(event.message)
            self._session.say(event.message, "error")
            self._state.set_model_request(None)

    def can_take_run(self, folder: Path) -> bool:
        """Whether a run can be the network; if it cannot, the user is told why."""
        there = (folder / BEST_FILE).is_file()
        if not there:
            why = "it has no weights yet" if folder.is_dir() else f"its folder {folder} is gone"
            self._session.say(f"The run {folder.name} cannot classify: {why}. The network stays as it is.", "error")
        return there

    def _tell_lost(self, model: str, instead: str) -> None:
        """Say that a network is gone, unless it is a file, which is opened by its path."""
        if not is_network(Path(model)):
            self._session.say(f"The network {Path(model).name} is not here any more; {instead} is chosen.", "warn")

    def _former(self, failed: ModelRequest | None) -> ModelRequest | None:
        """What answers where a network cannot be used: the one before it, and at the start one that can.

        None where another setting of the same network has failed, which stands beside it and can be corrected.
        """
        if failed is None:
            return None
        if self._good is not None:
            return self._good if self._good.model != failed.model else None
        plain = ModelRequest(model=failed.model)
        if msgspec.structs.replace(failed, device=plain.device) != plain:
            return plain
        return ModelRequest(model=SHIPPED) if failed.model != SHIPPED else None

    def _choose_weights(self) -> None:
        kinds = " ".join(f"*{suffix}" for suffix in sorted(WEIGHT_SUFFIXES))
        chosen, _ = QFileDialog.getOpenFileName(
            self._window, "Open a network", self._settings.folder, f"Weights ({kinds});;All files (*)"
        )
        if chosen:
            self._settings.folder = str(Path(chosen).parent)
            self._panel.open_file(Path(chosen))

    def _ask_values(self) -> None:
        loaded = self._state.loaded
        if loaded is None:
            self._panel.choices.set_values(None)
            return
        dialog = ValuesDialog(self._window, loaded.preprocess)
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
            self._load()
