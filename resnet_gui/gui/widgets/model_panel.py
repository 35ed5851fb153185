"""The networks that can classify pictures: runs with weights."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QListView, QWidget

from resnet_gui.gui.format import shape
from resnet_gui.gui.models.run_row import RunRow
from resnet_gui.gui.models.runs import RunModel
from resnet_gui.gui.theme import Theme
from resnet_gui.gui.widgets.basic import button, column, header, label
from resnet_gui.gui.widgets.run_list import RunDelegate
from resnet_gui.spec.runs import BEST_FILE


class ModelPanel(QFrame):
    """The list with what the chosen network does to a picture.

    Signals:
        model_chosen: number of classes of the network that is chosen now.
        train_asked: there is none yet and the user wants one.
    """

    model_chosen = Signal(int)
    train_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("rightLine")
        self.setFixedWidth(280)
        self._runs = RunModel(self)
        self._told: tuple[Path, int] | None = None
        layout = column(self)
        layout.setContentsMargins(0, 0, 1, 0)
        bar, line, _ = header("Model")
        line.addStretch()
        line.addWidget(label("Best top-1 accuracy", "small"))
        layout.addWidget(bar)
        self.list = QListView()
        self.list.setModel(self._runs)
        self._delegate = RunDelegate(theme, eyes=False)
        self.list.setItemDelegate(self._delegate)
        self.list.setMouseTracking(True)
        self.list.setAccessibleName("Trained networks")
        self.list.selectionModel().currentChanged.connect(self._tell)
        layout.addWidget(self.list, 1)
        self._none = QWidget()
        none = column(self._none, (16, 12, 16, 12), 4)
        none.addWidget(label("No trained runs yet.", "muted12"))
        train = button("Train a network", "link")
        train.clicked.connect(self.train_asked)
        none.addWidget(train)
        none.addStretch()
        layout.addWidget(self._none, 1)
        self._about = label("", "caption", wrap=True)
        self._about.setContentsMargins(16, 8, 16, 10)
        layout.addWidget(self._about)

    def load(self, wanted: Path | None = None) -> None:
        """List the runs whose weights can be used, and choose one of them, the newest if none is wanted."""
        self._runs.load()
        for found in self._runs.rows():
            if not found.usable:
                self._runs.remove(found)
        rows = self._runs.rows()
        self.list.setVisible(bool(rows))
        self._none.setVisible(not rows)
        if rows:
            number = next((number for number, found in enumerate(rows) if found.folder == wanted), 0)
            self.list.setCurrentIndex(self._runs.index(number))
        else:
            self._about.setText("")

    def chosen(self) -> RunRow | None:
        """The run that is chosen."""
        found = self.list.currentIndex().data(Qt.ItemDataRole.UserRole)
        return found if isinstance(found, RunRow) else None

    def _tell(self) -> None:
        found = self.chosen()
        if found is None or not found.usable:
            return
        # The list is read anew whenever the page is shown; the same weights are no other network.
        weights = (found.folder, (found.folder / BEST_FILE).stat().st_mtime_ns)
        if weights == self._told:
            return
        self._told = weights
        picture = found.spec.input
        self._about.setText(
            f"Pictures are cut to {shape(picture[1:])}, {'grey' if picture[0] == 1 else 'colour'}, "
            "and normalised as in the training of this run."
        )
        self.model_chosen.emit(len(found.data.classes) if found.data is not None else found.spec.classes)
