"""What a page puts alone onto the full screen in presentation mode: its panes, each drawn large."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple, Protocol, runtime_checkable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from resnet_gui.gui.common.enlarged_widget import EnlargedWidget
from resnet_gui.gui.common.presented_figure import PresentedFigure
from resnet_gui.gui.kit.basic import column, row
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


class EnlargedGroup(QWidget):
    """Widgets of a page that belong together: one with the keyboard, and what follows from it in a column beside it.

    Attributes:
        parts: each as it is drawn, the main one first.

    Signals:
        keys_changed: other keys have a use here.
    """

    keys_changed = Signal()

    def __init__(self, widget: QWidget, beside: Iterable[QWidget], *, share: int = 3) -> None:
        """Show a widget with others ``beside`` it; it is ``share`` times as wide as they are."""
        super().__init__()
        self.parts = tuple(EnlargedWidget(each) for each in (widget, *beside))
        main, *others = self.parts
        line = row(self, gap=16)
        line.addWidget(main, share)
        side = QWidget()
        inside = column(side, gap=8)
        for each in others:
            each.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            inside.addWidget(each, 1)
        line.addWidget(side, 1)
        self.setFocusProxy(main)
        main.keys_changed.connect(self.keys_changed)

    @property
    def keys(self) -> str:
        """What keys and mouse do here now, in a line."""
        return self.parts[0].keys


def enlarged_panes(
    page: QWidget, widgets: Iterable[tuple[str, QWidget, *tuple[QWidget, ...]]]
) -> tuple[PresentedPane, ...]:
    """A pane for each widget of a page that is on show there now, by its title; others may stand beside it."""
    panes = list[PresentedPane]()
    for title, widget, *beside in widgets:
        if widget.isVisibleTo(page) and beside:
            panes.append(PresentedPane(title, partial(EnlargedGroup, widget, beside)))
        elif widget.isVisibleTo(page):
            panes.append(PresentedPane.enlarged(title, widget))
    return tuple(panes)


@runtime_checkable
class Presents(Protocol):
    """A page with panes that can stand alone on the screen."""

    def panes(self) -> Sequence[PresentedPane]:
        """The panes that have something to show now, in their order; the first is shown first."""
        ...
