"""How pictures are prepared and answered: preprocessing, class names, crops, exact or fast."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFrame, QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.data.labels import SETS, known_labels, suggest_labels
from resnet_gui.data.preprocessing import PREPROCESSES, Preprocess
from resnet_gui.gui.kit.basic import ElidingCombo, column, label, row
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.protocol.events import ModelLoaded
from resnet_gui.protocol.jobs import ModelRequest

OWN: Final = "own"
VALUES: Final = "values"
LABEL_FILE: Final = "file"


class AnswerChoices(QFrame):
    """The choices of how pictures are prepared and answered.

    Signals:
        changed: another one was made.
        values_requested: enter mean, deviation and size by hand.
        labels_requested: choose a text file of labels in a dialog.
    """

    changed = Signal()
    values_requested = Signal()
    labels_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("topLine")
        self._values: Preprocess | None = None
        self._labels_file = ""
        # Where a dialog that is cancelled goes back to.
        self._preprocess_place, self._labels_place = 0, 0
        layout = column(self, (16, 10, 16, 12), 4)
        layout.addWidget(label("Preprocessing", "label"))
        self.preprocess = ElidingCombo()
        self.preprocess.setAccessibleName("Preprocessing")
        self.preprocess.addItem("From the weights", OWN)
        for named in PREPROCESSES.values():
            self.preprocess.addItem(named.title, named.name)
            self.preprocess.setItemData(self.preprocess.count() - 1, named.source, Qt.ItemDataRole.ToolTipRole)
        self.preprocess.addItem("Own values …", VALUES)
        self.preprocess.activated.connect(self._preprocess_chosen)
        layout.addWidget(self.preprocess)
        self.labels_row = QWidget()
        inner = column(self.labels_row, (0, 6, 0, 0), 4)
        inner.addWidget(label("Class names", "label"))
        self.labels = ElidingCombo()
        self.labels.setAccessibleName("Class names")
        self.labels.activated.connect(self._labels_chosen)
        inner.addWidget(self.labels)
        layout.addWidget(self.labels_row)
        self.labels_row.setVisible(False)
        layout.addSpacing(6)
        self.views = SegmentedControl(theme, (("1", "1 crop", ""), ("10", "10 crops", "")), height=24)
        self.views.setToolTip("Ten: corners and centre, each mirrored; their probabilities are averaged")
        self.mode = SegmentedControl(theme, (("exact", "Exact", ""), ("fast", "Fast", "")), height=24)
        self.mode.setToolTip(
            "Fast computes in int8 or bf16, whichever is fastest here, and decodes large JPEGs at a fraction of their "
            "size. Before int8 is used, it is compared with exact answers on 200 pictures; below 97 % it is refused"
        )
        for words, choice in (("Test views", self.views), ("Answers", self.mode)):
            line = row(gap=8)
            line.addWidget(label(words, "label"), 1)
            choice.setAccessibleName(words)
            choice.setFixedWidth(122)
            choice.chosen.connect(lambda _: self.changed.emit())
            line.addWidget(choice)
            layout.addLayout(line)
            layout.addSpacing(2)

    def request(self, model: str) -> ModelRequest:
        """A network as engines are asked about it with these choices, on any device."""
        name = self.preprocess.currentData()
        own = PREPROCESSES[name].preprocess if name in PREPROCESSES else None
        labels = self.labels.currentData() or ""
        return ModelRequest(
            model=model, mode="fast" if self.mode.key == "fast" else "exact",
            preprocess=self._values if name == VALUES else own,
            labels=self._labels_file if labels == LABEL_FILE else labels, views=10 if self.views.key == "10" else 1,
        )  # fmt: skip

    def show_request(self, request: ModelRequest) -> None:
        """Show the choices of a request, without telling anybody; what fits the network is offered when it is loaded.

        Args:
            request: how the network was asked elsewhere.
        """
        self.reset()
        own = request.preprocess
        named = next((each.name for each in PREPROCESSES.values() if each.preprocess == own), VALUES)
        if own is not None:
            self._values = own
            self.preprocess.setCurrentIndex(self.preprocess.findData(named))
            self._preprocess_place = self.preprocess.currentIndex()
        if request.labels:
            known = request.labels in SETS
            self._labels_file = self._labels_file if known else request.labels
            with QSignalBlocker(self.labels):
                self.labels.addItem(SETS.get(request.labels, request.labels), request.labels if known else LABEL_FILE)
        self.views.set_key(str(request.views))
        self.mode.set_key(request.mode)

    def reset(self) -> None:
        """Another network brings its own preprocessing and labels."""
        with QSignalBlocker(self.preprocess), QSignalBlocker(self.labels):
            self.preprocess.setCurrentIndex(0)
            self.preprocess.setItemText(0, "From the weights")
            self.labels.clear()
        self.labels_row.setVisible(False)
        self._preprocess_place = 0

    def show_loaded(self, event: ModelLoaded) -> None:
        """Offer what fits a network."""
        self.preprocess.setItemText(0, "From the weights" if event.own else "Suggested for this network")
        self.labels_row.setVisible(not event.own)
        if event.own:
            return
        chosen = self.labels.currentData()
        with QSignalBlocker(self.labels):
            self.labels.clear()
            for name in SETS:
                if _fits(name, len(event.classes)):
                    suggested = name == suggest_labels(len(event.classes)) and name != "numbers"
                    self.labels.addItem(SETS[name] + (", suggested" if suggested else ""), name)
            file = f"From {Path(self._labels_file).name}" if self._labels_file else "From a file …"
            self.labels.addItem(file, LABEL_FILE)
            self.labels.setCurrentIndex(max(0, self.labels.findData(chosen or event.labels)))
            self._labels_place = self.labels.currentIndex()

    def set_values(self, values: Preprocess | None) -> None:
        """Take values that were entered; None goes back to what was chosen before."""
        if values is None:
            self.preprocess.setCurrentIndex(self._preprocess_place)
            return
        self._values, self._preprocess_place = values, self.preprocess.currentIndex()
        self.changed.emit()

    def set_labels(self, path: str) -> None:
        """Take a text file of labels; an empty name goes back to what was chosen before."""
        if not path:
            self.labels.setCurrentIndex(self._labels_place)
            return
        self._labels_file, self._labels_place = path, self.labels.currentIndex()
        self.labels.setItemText(self.labels.findData(LABEL_FILE), f"From {Path(path).name}")
        self.changed.emit()

    def _preprocess_chosen(self) -> None:
        if self.preprocess.currentData() == VALUES:
            self.values_requested.emit()
            return
        self._preprocess_place = self.preprocess.currentIndex()
        self.changed.emit()

    def _labels_chosen(self) -> None:
        if self.labels.currentData() == LABEL_FILE:
            self.labels_requested.emit()
            return
        self._labels_place = self.labels.currentIndex()
        self.changed.emit()


def _fits(name: str, classes: int) -> bool:
    try:
        known_labels(name, classes)
    except InputError:
        return False
    return True
