"""What a page puts alone onto the full screen in presentation mode: its panes, each drawn large."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from PySide6.QtWidgets import QWidget

from resnet_gui.gui.common.enlarged_widget import EnlargedWidget
from resnet_gui.gui.common.presented_figure import PresentedFigure
from resnet_gui.gui.kit.figures.figure import FigureDrawing
from resnet_gui.gui.kit.theme import Theme


class PresentedPane(NamedTuple):
    """One pane of a page.

    Attributes:
        title: what stands over it.
        make: makes the widget that fills the screen; it is deleted when the pane is left. A key that it does not take
            (``QKeyEvent.ignore``) goes to the other panes.
        keys: what its own keys do, in a line.
    """

    title: str
    make: Callable[[], QWidget]
    keys: str = ""

    @classmethod
    def enlarged(cls, title: str, widget: QWidget, *, least: int = 0) -> PresentedPane:
        """A widget of the page in the shape of the screen, drawn large; the page itself is left as it is.

        Its words have room in ``least`` so many pixels before it is enlarged.
        """
        return cls(title, lambda: EnlargedWidget(widget, least=least))

    @classmethod
    def figure(
        cls,
        theme: Theme,
        title: str,
        make: Callable[[], FigureDrawing | None],
        *,
        fills: bool = True,
        full: bool = False,
    ) -> PresentedPane:
        """A figure, painted anew and live for the screen; see ``PresentedFigure``."""
        return cls(title, lambda: PresentedFigure(theme, title, make, fills=fills, full=full))


def enlarged_panes(page: QWidget, widgets: Iterable[tuple[str, QWidget]]) -> tuple[PresentedPane, ...]:
    """A pane for each widget of a page that is on show there now, by its title."""
    return tuple(PresentedPane.enlarged(title, widget) for title, widget in widgets if widget.isVisibleTo(page))


@runtime_checkable
class Presents(Protocol):
    """A page with panes that can stand alone on the screen."""

    def panes(self) -> Sequence[PresentedPane]:
        """The panes that have something to show now, in their order; the first is shown first."""
        ...
