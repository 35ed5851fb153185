"""The left side of the Predict page: which network, and what it does to a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QFrame

from resnet_gui.data.weights_catalogue import SHIPPED
from resnet_gui.gui.common.network_list import NetworkList
from resnet_gui.gui.common.network_model import NetworkEntry, NetworkModel
from resnet_gui.gui.kit.basic import button, column, header, panel, set_icon
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.throttle import Throttle
from resnet_gui.gui.predict.network.choices import AnswerChoices
from resnet_gui.gui.predict.network.fetch import FetchPanel
from resnet_gui.gui.predict.network.file_card import FileCard
from resnet_gui.gui.runs.model import RunModel
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.protocol.events import ModelLoaded
from resnet_gui.protocol.jobs import ModelRequest

BEGIN: Final = "Train this network on my pictures"
AGAIN_MS: Final = 3000
"""After so long the weights of a going run are looked at again."""


class ModelPanel(QFrame):
    """The panel of the model: the list, the file, and what the chosen network does to a picture.

    Signals:
        model_request_changed: another network, preprocessing, set of labels or way of computing was chosen.
        train_requested: there is no run yet and the user wants one.
        file_requested: choose a weights file in a dialog.
        download_requested: fetch the weights of that name.
        begin_requested: train a new run from the weights of the chosen network.
        network_lost: MODEL of the one that was chosen, or is wanted, and is not there any more; the title of the one
            that is chosen in its place.
    """

    network_lost = Signal(str, str)

    begin_requested = Signal()
    model_request_changed = Signal()
    train_requested = Signal()
    file_requested = Signal()
    download_requested = Signal(str)

    def __init__(self, theme: Theme, runs: RunModel) -> None:
        super().__init__()
        self.setObjectName("rightLine")
        self._runs = runs
        self._networks = NetworkModel(self)
        self._file: Path | None = None
        self._shown_key: tuple[str, int] | None = None
        self._given: ModelRequest | None = None
        layout = column(self)
        layout.setContentsMargins(0, 0, 1, 0)
        bar, line, _ = header("Model")
        line.addStretch()
        self.open = button(
            "Open file", "small", "Weights of any origin: .safetensors, .pt, .pth, .th; a run can be dropped"
        )
        set_icon(theme, self.open, "folder", "t1")
        self.open.clicked.connect(self.file_requested)
        line.addWidget(self.open)
        layout.addWidget(bar)
        self.list = NetworkList(theme, self._networks)
        self.list.network_chosen.connect(self._entry_chosen)
        self.list.clicked.connect(lambda _index: self._row_clicked())
        self.list.train_requested.connect(self.train_requested)
        layout.addWidget(self.list, 1)
        self.card = FileCard(theme)
        self.card.closed.connect(self.forget_file)
        self.card.opened.changed.connect(self.model_request_changed)
        self.card.network_changed.connect(self._network_changed)
        layout.addWidget(self.card)
        self.fetching = FetchPanel(theme)
        self.fetching.download_requested.connect(self._ask_download)
        layout.addWidget(self.fetching)
        self.choices = AnswerChoices(theme)
        self.choices.changed.connect(self.model_request_changed)
        layout.addWidget(self.choices)
        foot = panel("topLine")
        self.begin = button("Train on my pictures", "", f"{BEGIN}: a new run begins from these weights")
        self.begin.setAccessibleName(BEGIN)
        set_icon(theme, self.begin, "train", "t1")
        self.begin.setEnabled(False)
        self.begin.clicked.connect(self.begin_requested)
        column(foot, (16, 11, 16, 10)).addWidget(self.begin)
        layout.addWidget(foot)
        # The weights of a run that goes on become better while they are looked at; not with each of its steps.
        self._again = Throttle(self, AGAIN_MS, self._look_again)
        runs.run_changed.connect(self._run_changed)

    def _run_changed(self, run: RunRow) -> None:
        """Look again at the chosen run while it learns, and at the list when a run has weights for it, or has ended."""
        entry, key = self.list.chosen(), str(run.folder)
        listed = any(each.key == key for each in self._networks.entries())
        news = (entry is not None and entry.key == key) or not run.going or (run.usable and not listed)
        if self.isVisible() and news:
            self._again.request()

    def _look_again(self) -> None:
        if self.isVisible() and self._file is None:
            self.load()

    def load(self, wanted: str = "") -> None:
        """List the networks anew; choose the wanted one, else keep the choice, else take the first that is here."""
        self._runs.load()
        chosen = self.list.chosen()
        keep = wanted or (chosen.key if chosen is not None else "")
        with QSignalBlocker(self.list):
            self._networks.load(self._runs.rows())
        if wanted:
            self._file = None
            self.card.show_file(None)
        if self._file is not None:
            return
        if not (keep and self.list.choose(keep)):
            first = next((one for one in self._networks.entries() if one.kind != "heading" and one.here), None)
            if first is not None:
                self.list.choose(first.key)
            if keep and first is not None:
                self.network_lost.emit(keep, first.title)
        entry = self.list.chosen()
        if entry is not None:
            self._entry_chosen(entry)

    def open_file(self, path: Path) -> None:
        """Take a weights file as the network."""
        # Until it is read, the row of the network that answers stays chosen.
        self._file = path
        self._reset()
        self.card.show_file(path)
        self._show_fetch()
        self.model_request_changed.emit()

    def show_request(self, request: ModelRequest) -> None:
        """Take a network as it was asked elsewhere: with its weights, preprocessing, key and open fields."""
        with QSignalBlocker(self):
            self.load(request.model)
            if self.model != request.model:
                self.open_file(Path(request.model))
            self.choices.show_request(request)
            self.card.key = request.key
            self.card.opened.take(request.assigned)
        self._given = request
        self.model_request_changed.emit()

    def go_back(self, request: ModelRequest, sentence: str) -> None:
        """Take the network that answered before; one from a file that cannot be used says why in its card.

        Args:
            request: of the network before.
            sentence: why the present one cannot be used.
        """
        broken = self._file
        self.show_request(request)
        if broken is not None and self._file is None:
            self.card.show_file(broken)
            self.card.show_problem(sentence)

    def _network_changed(self) -> None:
        # Another network of the same file may have other classes and another size.
        self._reset()
        self.model_request_changed.emit()

    def forget_file(self) -> None:
        """Go back to the list."""
        self._file = None
        self._reset()
        self.card.show_file(None)
        self.load(SHIPPED)

    @property
    def model(self) -> str:
        """MODEL of the chosen network; empty if there is none that can be used."""
        if self._file is not None:
            return str(self._file)
        entry = self.list.chosen()
        return entry.key if entry is not None and entry.here else ""

    def model_request(self) -> ModelRequest | None:
        """How engines are asked about the chosen network, on any device; None if there is none that can be used."""
        if not self.model:
            return None
        request, given = self.choices.request(self.model), self._given
        if given is not None and given.model == request.model:
            # No control says these.
            request = msgspec.structs.replace(
                request, weights=given.weights, input=given.input, changes=given.changes, lesions=given.lesions,
                key=given.key, assigned=given.assigned,
            )  # fmt: skip
        if self._file is None:
            return request
        return msgspec.structs.replace(request, key=self.card.key, assigned=self.card.opened.assignments())

    def show_loaded(self, event: ModelLoaded) -> None:
        """Take what the engine says of the network."""
        self.choices.show_loaded(event)
        if self._file is not None:
            self.list.clear_choice()
            self.card.show_loaded(event)

    def show_problem(self, sentence: str) -> None:
        """The network cannot be used."""
        if self._file is not None:
            self.card.show_problem(sentence)

    def show_progress(self, name: str, done: int, total: int) -> None:
        """How far a download is."""
        self._networks.show_progress(name, done / total if total else 0.0)
        self._show_fetch()

    def end_progress(self, name: str) -> None:
        """A download is over; if it has come, its network can be used."""
        self._networks.show_progress(name, None)
        if self._file is None:
            self.load()
        self._show_fetch()

    def _row_clicked(self) -> None:
        """A click on the row that is still chosen while a file is being read takes the file away."""
        entry = self.list.chosen()
        if self._file is not None and entry is not None:
            self._entry_chosen(entry)

    def _entry_chosen(self, entry: NetworkEntry) -> None:
        self._file = None
        self.card.show_file(None)
        self._show_fetch()
        # The list is read anew whenever the page is shown; the same weights are no other network.
        shown_key = (entry.key, entry.stamp + int(entry.here))
        if self._shown_key != shown_key:
            if self._shown_key is None or self._shown_key[0] != entry.key:
                self._reset()
            self._shown_key = shown_key
            self.model_request_changed.emit()

    def _reset(self) -> None:
        self._shown_key = self._given = None
        self.choices.reset()

    def _show_fetch(self) -> None:
        entry = self.list.chosen() if self._file is None else None
        self.fetching.show_entry(entry, self._networks.progress(entry.key) if entry is not None else None)

    def _ask_download(self, name: str) -> None:
        self._networks.show_progress(name, 0.0)
        self._show_fetch()
        self.download_requested.emit(name)
