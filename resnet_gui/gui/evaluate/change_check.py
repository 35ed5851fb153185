"""A look at whether the pictures of an evaluation are still those that were measured."""

from __future__ import annotations

from PySide6.QtCore import Signal

from resnet_gui.evaluation.folder import Evaluation, pictures_changed
from resnet_gui.gui.kit.emitter import ThreadWorker


class ChangeCheck(ThreadWorker):
    """A check of evaluations on a thread: thousands of files take a tenth of a second, and on a slow disk far longer.

    Signals:
        checked: an evaluation, and whether its pictures are others now.
    """

    checked = Signal(object, bool)

    def look_at(self, evaluation: Evaluation) -> None:
        """Look at the pictures of an evaluation."""
        self._start(self.checked, lambda: (evaluation, pictures_changed(evaluation)))
