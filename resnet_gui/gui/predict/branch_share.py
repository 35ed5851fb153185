"""The slider of how much of F(x) is added: one share after the other, each answered before the next is asked."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject

from resnet_gui.gui.predict.explain.controller import ExplainController
from resnet_gui.gui.predict.explain.lesions import LesionView
from resnet_gui.gui.predict.predictions import Predictions
from resnet_gui.gui.predict.state import PredictState
from resnet_gui.gui.predict.waiting_sign import WaitingSign

MAP: Final = "cam_by_depth"
"""Key of the view whose map lies over the picture."""


class BranchShareController(QObject):
    """The controller between the slider and the engine; where that is slow, a sign says that a move waits.

    A share is asked when answer and map of the one before are there; of those that were passed meanwhile only the
    latest is asked. So both follow a hand that drags as fast as the engine can, and the last place is always answered.
    """

    def __init__(
        self, state: PredictState, view: LesionView, predictions: Predictions, explain: ExplainController
    ) -> None:
        super().__init__(view)
        self._state, self._predictions, self._explain = state, predictions, explain
        self._wanted: float | None = None
        view.share_chosen.connect(self.request)
        predictions.lesions_over.connect(self._go_on)
        explain.answered.connect(self._go_on)
        state.model_changed.connect(self._forget)
        state.picture_changed.connect(self._go_on)
        self.sign = WaitingSign(state, lambda: self._wanted is not None or self.busy, self)
        self.sign.changed.connect(view.show_waiting)
        self.sign.changed.connect(explain.canvas.show_waiting)
        for signal in (view.share_chosen, predictions.lesions_over, predictions.changed, explain.answered):
            signal.connect(self.sign.look)

    @property
    def busy(self) -> bool:
        """Whether answer or map of the last share are still on their way."""
        return self._predictions.asking_with_lesions or self._explain.asking(MAP)

    def request(self, share: float) -> None:
        """Take a share, now or when the one before is answered."""
        self._wanted = share
        self._go_on()

    def _go_on(self) -> None:
        if self._wanted is not None and not self.busy:
            share, self._wanted = self._wanted, None
            self._state.set_branch_share(share)

    def _forget(self) -> None:
        self._wanted = None
