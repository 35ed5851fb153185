"""What every explain view has: it shows answers, may draw over the picture, and may be told of a click on it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from resnet_gui.design.structure import Plan
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.predict.pictures.canvas import Marks, Overlay
from resnet_gui.gui.predict.state import PredictState


class ExplainWidget(QWidget):
    """The widget of an explain view; a view overrides what it has.

    What the user chooses in it goes into the state at once, and what it shows as chosen is what the state says.

    Attributes:
        state: of the page.

    Signals:
        given_up: the answer that is being computed is not wanted any more.
        wanted_again: what was given up is wanted after all.
    """

    given_up = Signal()
    wanted_again = Signal()

    def __init__(self, _theme: Theme, state: PredictState) -> None:
        super().__init__()
        self.state = state

    def show_network(self, planned: Plan) -> None:
        """List the layers or blocks of another network."""

    def list_anew(self) -> None:
        """List the parts of the network by their other names."""
        if self.state.plan is not None:
            self.show_network(self.state.plan)

    def show_answer(self, answer: Any) -> None:
        """Show what the engine has answered, an event of the type that the view's row names."""

    def show_piece(self, piece: Any) -> None:
        """Show what comes before the answer."""

    def show_failure(self, sentence: str) -> None:
        """There is no answer, and this is why."""

    def clear(self, sentence: str) -> None:
        """Show no answer, but why."""

    def drawing(self) -> tuple[Overlay | None, Marks] | None:
        """What lies over the picture while this view is on show; None leaves the picture to Grad-CAM."""
        return None

    def drawing_title(self) -> str:
        """What lies over the picture instead of the page's Grad-CAM, in a word or two; empty where that is it."""
        return ""

    def drawing_is_placed(self) -> bool:
        """Whether what lies over the picture belongs to the place in the network that the picture's bar names."""
        return not self.drawing_title()

    def choose_place(self, x: float, y: float) -> None:
        """The picture was clicked at a place of the network's input, 0 to 1 in each direction."""
