"""The Design page on a projector: the diagram alone with a walk through it, and the table of the layers."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from resnet_gui.gui.common.enlarged_widget import EnlargedWidget
from resnet_gui.gui.common.presentation import PresentedPane
from resnet_gui.gui.design.diagram.paint import Colouring
from resnet_gui.gui.design.diagram.view import NetworkView
from resnet_gui.gui.design.table.model import LayerModel
from resnet_gui.gui.design.table.tree import LayerTree
from resnet_gui.gui.design.walk import FIGURES, NetworkWalk
from resnet_gui.gui.kit.cached_text import ink, wrapped
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import Session

LEAST_LETTERS: Final = 24
"""Pixels of the caption's letters on the smallest projector."""

CAPTION_SHARE: Final = 0.34
TABLE_FACTOR: Final = 2.0
DIAGRAM_KEYS: Final = "← →  next    ↑ ↓ or Tab  level    Space  another figure"
TABLE_KEYS: Final = "↑ ↓  row    ← →  fold and unfold"


def design_panes(session: Session, theme: Theme, colouring: Colouring, model: LayerModel) -> tuple[PresentedPane, ...]:
    """The panes of the Design page: its diagram and its table."""
    return (
        PresentedPane("Network", lambda: PresentedDiagram(session, theme, colouring), DIAGRAM_KEYS),
        PresentedPane("Layers", lambda: _table(theme, model), TABLE_KEYS),
    )


def _table(theme: Theme, model: LayerModel) -> EnlargedWidget:
    """A second view of the table's rows, in letters twice as large."""
    tree = LayerTree(theme, model)
    for node in model.top_nodes():
        tree.setExpanded(model.index_of(node), node.kind == "Stage")
    tree.setCurrentIndex(model.index(0, 0))
    return EnlargedWidget(tree, TABLE_FACTOR)


class _FarView(NetworkView):
    """The diagram without bars, which goes where the walk goes."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.strong = 1.8
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        for set_policy in (self.setHorizontalScrollBarPolicy, self.setVerticalScrollBarPolicy):
            set_policy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def _settle_bar(self) -> None:
        """There are none."""

    def look_at(self, place: QRectF | None) -> None:
        """Show a place as large as it fits, or everything."""
        if place is None:
            self.fit()
            return
        self._zooming = "hand"
        self.set_zoom(min(self.width() / place.width(), self.height() / place.height()))
        self.centerOn(place.center())


class PresentedDiagram(QWidget):
    """The diagram of the session's design, fitted, with a caption of what is lit.

    Left and Right step through stages, blocks or layers; Down, Up and Tab change between these; Space goes to the
    arithmetic of the next figure. Edits are followed.
    """

    def __init__(self, session: Session, theme: Theme, colouring: Colouring) -> None:
        super().__init__()
        self._session = session
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.walk = NetworkWalk(session.plan)
        self._figure = 0
        self.view = _FarView(theme)
        self.view.setParent(self)
        self.view.set_colouring(colouring)
        self.caption = WalkCaption(theme, self)
        session.design_changed.connect(self._show_plan)
        self._show_plan()

    def _show_plan(self) -> None:
        self.walk.show_plan(self._session.plan)
        self.view.show_plan(self._session.plan)
        self._show()

    @property
    def figure(self) -> str:
        """The figure whose arithmetic is shown."""
        return FIGURES[self._figure]

    def _show(self) -> None:
        walk, view = self.walk, self.view
        place, plan = walk.location, self._session.plan
        group = {"stem": plan.stem, "head": plan.head}.get(str(place.stage))
        # Stem and head have no path of their own; a layer of them lights their band.
        view.choose(place.path or (group.layers[-1].name if group is not None else ""))
        target = None
        if walk.level != "stages":
            # Laid out as narrow as it goes: what is looked at is then largest.
            view.natural()
            band = view.diagram.bands[place.stage]
            panel = view.diagram.unfolded
            target = panel if walk.level == "layers" and panel is not None else band
            target = target.adjusted(-14, -40 if target is panel else -14, 14, 14)
        view.look_at(target)
        lines = (f"{place.section_title}: {walk.level}",)
        self.caption.show_stop(walk, self.figure)
        self.setAccessibleName("Network diagram")
        self.setAccessibleDescription(". ".join((*lines, *self.caption.texts())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The caption stands beside the diagram, or below it on an upright screen."""
        super().resizeEvent(event)
        wide, high = self.width(), self.height()
        if wide > high:
            part = round(wide * CAPTION_SHARE)
            self.view.setGeometry(0, 0, wide - part, high)
            self.caption.setGeometry(wide - part, 0, part, high)
        else:
            part = round(high * CAPTION_SHARE)
            self.view.setGeometry(0, 0, wide, high - part)
            self.caption.setGeometry(0, high - part, wide, part)
        self._show()

    def focusNextPrevChild(self, _next: bool) -> bool:  # noqa: N802
        """Tab is a key of the walk."""
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
            return
        match Qt.Key(event.key()):
            case Qt.Key.Key_Right:
                self.walk.step(1)
            case Qt.Key.Key_Left:
                self.walk.step(-1)
            case Qt.Key.Key_Down | Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.walk.deeper()
            case Qt.Key.Key_Up | Qt.Key.Key_Backspace:
                self.walk.higher()
            case Qt.Key.Key_Tab:
                self.walk.next_level()
            case Qt.Key.Key_Backtab:
                self.walk.higher()
            case Qt.Key.Key_Space:
                self._figure = (self._figure + 1) % len(FIGURES)
            case _:
                event.ignore()
                return
        self._show()


class WalkCaption(QWidget):
    """The caption of a walk in letters for the last row: name, shapes, costs, and the arithmetic of one figure."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title, self._kind, self._figure = "", "", ""
        self._facts: tuple[str, ...] = ()
        self._sums: tuple[str, ...] = ()
        theme.changed.connect(self.update)

    @property
    def letters(self) -> int:
        """Pixels of its letters, larger on a larger screen."""
        return max(LEAST_LETTERS, self.window().height() // 40)

    def show_stop(self, walk: NetworkWalk, figure: str) -> None:
        """Show what a walk has reached, and the arithmetic of a figure there."""
        stop = walk.stop()
        self._title, self._kind, self._figure = stop.title, stop.kind, figure
        self._facts = (stop.shapes, f"{stop.params} parameters", f"{stop.macs} MACs")
        self._sums = walk.arithmetic(figure)
        self.update()

    def texts(self) -> tuple[str, ...]:
        """Everything that stands here."""
        return (self._title, self._kind, *self._facts, *self._sums)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it from the top, in lines that fit."""
        painter = QPainter(self)
        color, size = self._theme.color, self.letters
        painter.fillRect(self.rect(), color("panel"))
        left, room = size, self.width() - 2 * size
        y = float(size)
        for texts, token, letters, weight, gap in (
            ((self._title,), "t1", size * 3 // 2, 600, 0.0), ((self._kind,), "t2", size, 400, 0.8),
            (self._facts, "t1", size, 500, 0.8), ((f"Arithmetic: {self._figure}",), "acc", size, 600, 0.0),
            (self._sums, "t1", size, 400, 0.0),
        ):  # fmt: skip
            painter.setPen(color(token))
            for line in (line for text in texts for line in wrapped(text, room, letters, weight)):
                ink(line, letters, weight).draw(painter, left, y)
                y += letters * 1.4
            y += size * gap
