"""The choice of what a new run's weights begin from: drawn, known by name, of a run, or of a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QLineEdit, QStackedWidget, QWidget

from resnet_gui.data.file_kinds import WEIGHT_SUFFIXES
from resnet_gui.data.weights_catalogue import WEIGHTS
from resnet_gui.gui.kit.basic import ElidingCombo, button, column, label, row
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.form import prepare
from resnet_gui.gui.kit.format import percent
from resnet_gui.gui.kit.switch import ToggleSwitch
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.train.start.card import FitCard
from resnet_gui.gui.train.start.offers import NamedWeights
from resnet_gui.training.start import StartRequest, WhichWeights

RANDOM, NAMED, RUN, FILE = "random", "named", "run", "file"
KINDS: Final = (RANDOM, NAMED, RUN, FILE)


class StartChoice(QFrame):
    """The choice of the weights that a new run begins from, and what of them fits.

    Attributes:
        segment: drawn weights, known ones, a run's, a file's.
        named, run: which.
        which: the best weights of the run, or its last ones.
        file: path of the file.
        key: which of several networks in it.
        rows: whether classes of one name keep their rows of the head.
        card: what fits.

    Signals:
        chosen: the user has chosen others.
        runs_requested: the runs are to be offered as they are now; one of them may be chosen next.
    """

    chosen = Signal()
    runs_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._file, self._is_named = "", False
        self._given = StartRequest(model="")
        self._runs: tuple[tuple[str, bool], ...] = ()
        layout = column(self, (0, 4, 0, 4), 0)
        layout.addWidget(label("Start from", "label"))
        layout.addSpacing(4)
        self.segment = SegmentedControl(theme, _segments(0))
        self.segment.setAccessibleName("Start from")
        layout.addWidget(self.segment)
        self.source = QFrame()
        inside = column(self.source, (0, 8, 0, 0), 8)
        self._stack = QStackedWidget()
        self._stack.setFixedHeight(28)
        for page in (self._named_page(), self._run_page(theme), self._file_page()):
            self._stack.addWidget(page)
        inside.addWidget(self._stack)
        self.key = QLineEdit()
        prepare(self.key, "Network in the file", "Which of several networks it holds; empty for the one that is meant")
        self.key.setPlaceholderText("Network in the file: the one that is meant")
        inside.addWidget(self.key)
        self.card = FitCard(theme)
        inside.addWidget(self.card)
        self.rows = ToggleSwitch(
            theme, "Keep rows of classes of one name", "A class that both have begins with what the weights know of it"
        )
        inside.addWidget(self.rows)
        layout.addWidget(self.source)
        self._connect()
        self._show()

    # ---- construction

    def _named_page(self) -> QWidget:
        self.named = ElidingCombo()
        prepare(self.named, "Weights", "Weights by name; those of this design come first")
        return self.named

    def _run_page(self, theme: Theme) -> QWidget:
        page = QWidget()
        line = row(page, gap=8)
        self.run = ElidingCombo()
        prepare(self.run, "Run", "Whose weights")
        self.which = SegmentedControl(theme, [("best", "Best", ""), ("last", "Last", "")], height=28)
        self.which.setFixedWidth(112)
        self.which.setAccessibleName("Best or last weights")
        self.which.setToolTip("The weights with the best validation error, or those of the last checkpoint")
        line.addWidget(self.run, 1)
        line.addWidget(self.which)
        return page

    def _file_page(self) -> QWidget:
        page = QWidget()
        line = row(page, gap=8)
        self.file = QLineEdit()
        prepare(self.file, "Weights file", "A checkpoint of any origin, or a run's folder")
        self.file.setPlaceholderText("No file chosen; one can be dropped here")
        self.browse = button("Choose file", "", "Weights of any origin: " + " ".join(WEIGHT_SUFFIXES))
        line.addWidget(self.file, 1)
        line.addWidget(self.browse)
        return page

    def _connect(self) -> None:
        self.segment.chosen.connect(lambda _key: self._changed())
        self.named.activated.connect(lambda _index: self._name())
        self.run.activated.connect(lambda _index: self._changed())
        self.which.chosen.connect(lambda _key: self._changed())
        self.browse.clicked.connect(self.ask_file)
        self.file.editingFinished.connect(self._file_typed)
        self.key.editingFinished.connect(self._key_typed)
        self.rows.toggled.connect(lambda _on: self._changed())

    # ---- what is chosen

    @property
    def kind(self) -> str:
        """Which of ``KINDS``."""
        return self.segment.key

    @property
    def model(self) -> str:
        """The chosen weights as the command line names them; empty for none."""
        match self.kind:
            case "named":
                return str(self.named.currentData() or "")
            case "run":
                return str(self.run.currentData() or "")
            case "file":
                return self._file
        return ""

    @property
    def request(self) -> StartRequest | None:
        """What the engine is asked to begin from; None to draw the weights."""
        if not self.model:
            return None
        key, given = self.key.text().strip() if self.kind == FILE else "", self._given
        which: WhichWeights = "last" if self.kind == RUN and self.which.key == "last" else "best"
        # Answers about a file, and which weights of a run that is not listed, have no control here.
        same = (self.model, key) == (given.model, given.key)
        return StartRequest(
            model=self.model, key=key, weights=given.weights if same and self.kind == FILE else which,
            head="rows" if self.rows.isChecked() else "auto", assigned=given.assigned if same else (),
        )  # fmt: skip

    @property
    def lacking(self) -> str:
        """A sentence what is still to be chosen; empty if nothing is."""
        if self.kind == RANDOM or self.model:
            return ""
        return {
            NAMED: "Choose the weights to start from.",
            RUN: "No run here has weights yet; start from others.",
            FILE: "Choose the weights file to start from.",
        }[self.kind]

    def show_named(self, offers: Sequence[NamedWeights]) -> None:
        """Offer weights by name, and keep what the user has chosen; the first stands for the design without that."""
        chosen = self.named.currentData() if self._is_named else None
        blocked = self.named.blockSignals(True)
        self.named.clear()
        for offer in offers:
            self.named.addItem(offer.title if offer.fits else f"{offer.title}; another design", offer.name)
        self.named.setCurrentIndex(max(0, self.named.findData(chosen)))
        self.named.blockSignals(blocked)

    def show_runs(self, runs: Sequence[RunRow]) -> None:
        """Offer the runs that have weights, and keep the choice."""
        usable = [run for run in runs if run.usable]
        shown = tuple((_run_title(run), run.checkpoint) for run in usable)
        folders = [str(run.folder) for run in usable]
        if shown == self._runs and folders == [self.run.itemData(place) for place in range(self.run.count())]:
            return
        self._runs, chosen = shown, self.run.currentData()
        blocked = self.run.blockSignals(True)
        self.run.clear()
        for (title, _), folder in zip(shown, folders, strict=True):
            self.run.addItem(title, folder)
        self.run.setCurrentIndex(max(0, self.run.findData(chosen)) if folders else -1)
        self.run.blockSignals(blocked)
        self.segment.set_options(_segments(len(usable)), set())

    def choose(self, request: StartRequest | None) -> None:
        """Take weights as if the user had chosen them."""
        model = request.model if request is not None else ""
        if request is not None:
            self.runs_requested.emit()  # the list may be a moment old, and lack a run that has weights since
        if request is None:
            self.segment.set_key(RANDOM)
        elif self.named.findData(model) >= 0:
            self.segment.set_key(NAMED)
            self._is_named = True
            self.named.setCurrentIndex(self.named.findData(model))
        elif self.run.findData(model) >= 0:
            self.segment.set_key(RUN)
            self.run.setCurrentIndex(self.run.findData(model))
            self.which.set_key(request.weights)
        else:
            self.segment.set_key(FILE)
            self._take_file(model)
        self._given = request if request is not None else StartRequest(model="")
        if request is not None:
            self.key.setText(request.key)
            blocked = self.rows.blockSignals(True)
            self.rows.setChecked(request.head == "rows")
            self.rows.blockSignals(blocked)
        self._changed()

    # ---- from the user

    def ask_file(self) -> None:
        """Ask for a weights file."""
        kinds = " ".join(f"*{suffix}" for suffix in WEIGHT_SUFFIXES)
        start = str(Path(self._file).parent) if self._file else ""
        chosen, _ = QFileDialog.getOpenFileName(
            self.window(), "Weights to start from", start, f"Weights ({kinds});;All files (*)"
        )
        if chosen:
            self._take_file(chosen)
            self._changed()

    def _take_file(self, path: str) -> None:
        self._file = path
        self.file.setText(path)
        self.file.setModified(False)
        self.key.clear()

    def _name(self) -> None:
        self._is_named = True
        self._changed()

    def _file_typed(self) -> None:
        if self.file.text().strip() != self._file:
            self._take_file(self.file.text().strip())
            self._changed()

    def _key_typed(self) -> None:
        if self.key.isModified():
            self.key.setModified(False)
            self._changed()

    def _changed(self) -> None:
        self._show()
        self.chosen.emit()

    def _show(self) -> None:
        self.source.setVisible(self.kind != RANDOM)
        if self.kind != RANDOM:
            self._stack.setCurrentIndex(KINDS.index(self.kind) - 1)
        self.key.setVisible(self.kind == FILE and bool(self._file))
        self.rows.setVisible(self.request is not None and self.rows.isChecked())
        if self.request is None:
            self.card.clear()


def _segments(runs: int) -> list[tuple[str, str, str]]:
    return [
        (RANDOM, "Random", "weights"),
        (NAMED, "Pretrained", "by name"),
        (RUN, "A run", f"{runs:,} here"),
        (FILE, "A file", ".pt .pth"),
    ]


def _run_title(run: RunRow) -> str:
    error = f", error {percent(run.error, 2)}" if run.error is not None else ""
    return f"{run.name}, {run.data_name}{error}"


def missing_sentence(name: str) -> str:
    """What it costs to fetch weights that are not on this computer."""
    weights = WEIGHTS[name]
    return (
        f"Not on this computer yet: {weights.megabytes:.1f} MB from torchvision's address, checked by SHA-256. "
        "Nothing is sent."
    )
