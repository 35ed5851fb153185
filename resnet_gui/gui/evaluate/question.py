"""What is to be measured: a model, the data, a second model beside; as the bar shows it and engines are asked."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Signal

from resnet_gui.base.files import assets
from resnet_gui.data.datasets import KNOWN, is_here
from resnet_gui.data.weights_catalogue import SHIPPED, WEIGHTS, published_file
from resnet_gui.gui.common.network_model import NetworkModel
from resnet_gui.gui.evaluate.bar.bar import EvaluationBar
from resnet_gui.gui.evaluate.bar.model_choice import ModelCombo, short_title
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.protocol.jobs import ModelRequest
from resnet_gui.training.start import BEST, LAST, WhichWeights

SHIPPED_DATA: Final = "cifar10"
"""Whose training pictures the network inside has learnt from."""

SAMPLE_TABLE: Final = "samples/sample-pictures.csv"
"""The classes of the sample pictures inside the program."""


def weights_entries(row: RunRow) -> list[tuple[str, WhichWeights]]:
    """The weights that a run keeps, in words: "best, 12/20"."""
    state = row.look()
    found: list[tuple[str, WhichWeights]] = []
    best = min(state.epochs, key=lambda epoch: epoch.test_error, default=None)
    if row.usable:
        found.append((f"best, {best.epoch}/{row.epochs}" if best is not None else "best", BEST))
    if row.checkpoint:
        last = state.last_epoch
        found.append((f"last, {last.epoch}/{row.epochs}" if last is not None else "last", LAST))
    return found


class EvaluationQuestion(QObject):
    """The choices of the bar as one question.

    Attributes:
        model: that is measured; None for none.
        other: beside it; None for none.
        data: as the command line names it; empty for none.

    Signals:
        changed: another model or other data: another evaluation is asked for.
        other_changed: another second model.
    """

    changed = Signal()
    other_changed = Signal()

    def __init__(self, bar: EvaluationBar, networks: NetworkModel, session: Session, settings: Settings) -> None:
        super().__init__(bar)
        self._bar, self._networks, self._session, self._settings = bar, networks, session, settings
        self.model: ModelRequest | None = None
        self.other: ModelRequest | None = None
        self.data = ""
        bar.data.set_recent(settings.evaluated_recent)
        bar.model.chosen.connect(self.choose_model)
        bar.other.chosen.connect(self.choose_other)
        bar.data.chosen.connect(self.choose_data)
        bar.weights_chosen.connect(self._choose_weights)

    # ---- choices

    def restore(self) -> None:
        """Take what was measured last, unless it is gone or would have to be fetched."""
        settings = self._settings
        model, data = settings.evaluated, settings.evaluated_data
        if not model or not _has_model(model) or (data in KNOWN and not is_here(data)):
            model, data = self._first_choice()
        self._set_model(ModelRequest(model=model))
        self._set_data(data or self._own_data())
        if settings.evaluated_beside and _has_model(settings.evaluated_beside):
            self._set_other(ModelRequest(model=settings.evaluated_beside))
        self.changed.emit()

    def _first_choice(self) -> tuple[str, str]:
        """A model and data to begin with, both on this computer.

        The last run of the user's on its own data; else the network inside on CIFAR-10, or on the sample pictures.
        """
        for row in self._session.runs.rows():
            if row.usable and not row.recorded and _has_data(row.recipe.data):
                return str(row.folder), row.recipe.data
        return SHIPPED, SHIPPED_DATA if is_here(SHIPPED_DATA) else str(assets() / SAMPLE_TABLE)

    def choose_model(self, model: str) -> None:
        """Measure another model; on its own data where there is none yet."""
        self.choose_request(ModelRequest(model=model) if model else None)

    def choose_request(self, request: ModelRequest | None) -> None:
        """Measure another model, asked as it is asked elsewhere: with its preprocessing, key and open fields."""
        self._set_model(request)
        if not self.data:
            self._set_data(self._own_data())
        self._remember()
        self.changed.emit()

    def choose_both(self, request: ModelRequest, data: str) -> None:
        """Ask about a model, as it was asked elsewhere, on other data."""
        self._set_model(request)
        self._set_data(data)
        self._remember()
        self.changed.emit()

    def choose_own_data(self) -> None:
        """Measure on the model's own data, if there are such."""
        if self._own_data():
            self.choose_data(self._own_data())

    def choose_data(self, data: str) -> None:
        """Measure on other data."""
        self._set_data(data)
        self._remember()
        self.changed.emit()

    def choose_other(self, model: str) -> None:
        """Show another model beside; empty for none."""
        self._set_other(ModelRequest(model=model) if model else None)
        self._remember()
        self.other_changed.emit()

    def _choose_weights(self, which: str) -> None:
        if self.model is not None and which != self.model.weights:
            self.model = msgspec.structs.replace(self.model, weights=LAST if which == LAST else BEST)
            self.changed.emit()

    def _set_model(self, request: ModelRequest | None) -> None:
        self.model = request
        self._bar.model.show_model(request.model if request is not None else "")
        self._bar.data.set_own(self._own_data())
        self.show_weights()

    def _set_data(self, data: str) -> None:
        self.data = data
        self._bar.data.show_data(data)

    def _set_other(self, request: ModelRequest | None) -> None:
        self.other = request
        self._bar.other.show_model(request.model if request is not None else "")

    def _remember(self) -> None:
        settings = self._settings
        settings.evaluated = self.model.model if self.model is not None else ""
        settings.evaluated_beside = self.other.model if self.other is not None else ""
        settings.evaluated_data, settings.evaluated_recent = self.data, list(self._bar.data.recent)

    def refresh(self) -> None:
        """Look again: what was lacking may be here."""
        self._bar.data.show_data(self.data)
        self.changed.emit()

    # ---- what is known of them

    def show_weights(self) -> None:
        """Offer the weights that a run keeps."""
        row = self._row()
        entries = weights_entries(row) if row is not None else []
        chosen = self.model.weights if self.model is not None else ""
        self._bar.show_weights(entries if len(entries) > 1 else (), chosen)

    def _row(self) -> RunRow | None:
        return self._session.runs.row(self.model.model) if self.model is not None else None

    def _own_data(self) -> str:
        """The data that the model was trained and tested on; empty where that is not known."""
        row = self._row()
        if row is not None:
            return row.recipe.data
        return SHIPPED_DATA if self.model is not None and self.model.model == SHIPPED else ""

    @property
    def name(self) -> str:
        """What the model is called."""
        return _name(self._bar.model)

    @property
    def other_name(self) -> str:
        """What the second model is called; empty for none."""
        return _name(self._bar.other)

    @property
    def missing_weights(self) -> tuple[str, ...]:
        """Weights by name that are not on this computer."""
        asked = [request.model for request in (self.model, self.other) if request is not None]
        return tuple(name for name in asked if name in WEIGHTS and not published_file(name).is_file())

    @property
    def missing_data(self) -> str:
        """The known set that is not on this computer; empty where it is, or is none."""
        return self.data if self.data in KNOWN and not is_here(self.data) else ""

    @property
    def whole(self) -> bool:
        """Whether it can be asked."""
        return self.model is not None and bool(self.data) and not self.missing_weights and not self.missing_data

    @property
    def sentence(self) -> str:
        """What will be measured, or what is missing."""
        if self.model is None:
            return "Choose a model: a run, the network inside, torchvision's, or a file of weights."
        if not self.data:
            return f"Choose the pictures that {self.name} is to be measured on: a known set, a folder, a table."
        if self.missing_weights:
            weights = WEIGHTS[self.missing_weights[0]]
            size = f"{weights.megabytes:.1f} MB from torchvision's address, checked by SHA-256"
            return f"{weights.function}, {weights.version} is not on this computer yet: {size}."
        if self.missing_data:
            known = KNOWN[self.data]
            size = f"{known.megabytes:.0f} MB, checked by {known.checksum}"
            return f"{known.title} is not on this computer yet: {size}. Nothing is sent."
        beside = f", and {self.other_name} beside it on the same" if self.other is not None else ""
        what = self._bar.data.currentText() or Path(self.data).name
        return f"{self.name} has not been measured on {what}{beside}."


def _has_model(model: str) -> bool:
    """Whether a model is on this computer."""
    if model in WEIGHTS:
        return published_file(model).is_file()
    return model == SHIPPED or Path(model).exists()


def _has_data(data: str) -> bool:
    """Whether data are on this computer."""
    return is_here(data) if data in KNOWN else Path(data).exists()


def _name(combo: ModelCombo) -> str:
    return short_title(combo.entry, combo.key) if combo.key else ""
