"""The CKA of the blocks of a network with each other, and beside it with those of another network."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.evaluation.depth import CkaRecord
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.client.latest import LatestRequests
from resnet_gui.gui.evaluate.depth.clouds import EvaluationDepth, cells_of_paths, pictures_words
from resnet_gui.gui.evaluate.depth.likeness import LikenessData, LikenessView
from resnet_gui.gui.kit.basic import label, row
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.protocol.evaluation_events import CkaMeasured
from resnet_gui.protocol.evaluation_messages import CompareDepth
from resnet_gui.protocol.events import Event, Failed, Progressed

EXPLAINED: Final = (
    "1: two blocks see the same pictures as alike, but for a rotation and a scale of their features; 0: not at all"
    " (Kornblith et al. 2019).\n\nA click on a row goes to its block. With a second model beside, the blocks of both"
    " are compared here."
)


def likeness_data(title: str, found: CkaRecord | CkaMeasured) -> LikenessData:
    """A matrix as it is drawn."""
    values = np.array([[np.nan if value is None else value for value in line] for line in found.values])
    return LikenessData(title, cells_of_paths(found.rows), cells_of_paths(found.columns), values)


class LikenessTab(QWidget):
    """One matrix, or two beside each other.

    Attributes:
        own: of the network with itself.
        beside: of the network with the one beside; hidden without one.
        about: on how many pictures they stand.

    Signals:
        row_clicked: place of a block of the network.
        about_changed: other words.
    """

    row_clicked = Signal(int)
    about_changed = Signal()

    def __init__(self, theme: Theme, engines: Engines) -> None:
        super().__init__()
        self._depth: EvaluationDepth | None = None
        self._names = ("", "")
        self._other: Path | None = None
        self._place = 0
        self._own = self._waiting = ""
        self.about = ""
        self.own, self.beside = LikenessView(theme), LikenessView(theme)
        line = row(self, (16, 8, 16, 6), 16)
        for view in (self.own, self.beside):
            view.row_clicked.connect(self.row_clicked)
            line.addWidget(view, 1)
        self.words = label(EXPLAINED, "muted12", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.words, 1)
        self._requests = LatestRequests(engines, self)
        self._requests.answered.connect(self._take)

    def show_evaluations(
        self, depth: EvaluationDepth, names: tuple[str, str], other: Path | None, waiting: str = ""
    ) -> None:
        """Show the matrix of an evaluation, and compare it with another one when the tab is opened.

        Args:
            depth: of the evaluation.
            names: of both networks.
            other: folder of the other evaluation; None for none.
            waiting: why that cannot be compared yet; empty where it can.
        """
        self._requests.forget("compare")
        self._depth, self._names, self._other = depth, names, other
        self._own = ""
        try:
            found = depth.files.cka
        except InputError as error:
            self.own.message = str(error)
            self.own.show_matrix(None)
        else:
            self.own.show_matrix(likeness_data(f"{names[0]} with itself", found), self._place)
            self._own = f"debiased linear CKA of features, {pictures_words(found.pictures, depth.record.of)}"
        self.about = self._own
        self.beside.setVisible(other is not None)
        self.words.setVisible(other is None)
        self.beside.show_matrix(None)
        self.show_waiting(waiting)

    def show_waiting(self, words: str) -> None:
        """Say why the networks cannot be compared yet; empty where they can."""
        self._waiting = self.beside.message = words
        self.beside.update()

    def begin(self) -> None:
        """Compare with the network beside, if there is one and that was not done."""
        if self._depth is None or self._other is None or self._waiting or self.beside.matrix:
            return
        if self._requests.asking("compare"):
            return
        self.beside.message = f"Comparing with {self._names[1]}"
        self.beside.update()
        folder, other = str(self._depth.files.folder), str(self._other)
        self._requests.ask("compare", lambda number: CompareDepth(number, folder, other))

    def choose(self, place: int) -> None:
        """Mark the row of a block."""
        self._place = place
        self.own.choose(place)
        self.beside.choose(place)

    def _take(self, _kind: str, event: Event) -> None:
        match event:
            case CkaMeasured():
                title = f"{self._names[0]} (rows) with {self._names[1]}"
                self.beside.show_matrix(likeness_data(title, event), self._place)
                self.about = f"{self._own}; with {self._names[1]}: {pictures_words(event.pictures, event.of)}"
                self.about_changed.emit()
            case Failed(message=message):
                self.beside.message = message
                self.beside.update()
            case Progressed():
                self.beside.message = event.sentence
                self.beside.update()
