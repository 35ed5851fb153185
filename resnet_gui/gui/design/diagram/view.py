"""The diagram of a network: bands, blocks and shortcuts, drawn from the plan; zoom, pan, choose, unfold, ask."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QGraphicsView, QStyleOptionGraphicsItem, QToolTip, QWidget

from resnet_gui.analysis.arithmetic import find_layer, has_path
from resnet_gui.design.location import Location
from resnet_gui.design.structure import Plan
from resnet_gui.gui.design.diagram.fitting import MARGIN
from resnet_gui.gui.design.diagram.network import block_words, lay_out, shortcut_cost_words
from resnet_gui.gui.design.diagram.paint import Colouring, PaintContext, changed_strips, chosen_card, paint_diagram
from resnet_gui.gui.design.diagram.scaled_view import ScaledDiagramView
from resnet_gui.gui.design.diagram.scene import ClickArea, Diagram, DiagramCard
from resnet_gui.gui.kit.theme import Theme


class _DiagramItem(QGraphicsItem):
    """The whole diagram in one item: one paint call instead of hundreds."""

    def __init__(self, view: NetworkView) -> None:
        super().__init__()
        self._view = view
        self._drawn: tuple[object, ...] = ()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)  # to be told what is exposed

    def boundingRect(self) -> QRectF:
        """The whole diagram."""
        return QRectF(0, 0, self._view.diagram.width, self._view.diagram.height)

    def show_diagram(self, diagram: Diagram) -> None:
        """Draw another diagram; sections that look the same are not painted, which takes longer than all else here."""
        view = self._view
        before, view.diagram = view.diagram, diagram
        size, look = (diagram.width, diagram.height), view.look()
        if size != (before.width, before.height):
            self.prepareGeometryChange()
        drawn = (*size, look.colouring, look.chosen)
        strips = changed_strips(before, diagram, look) if drawn == self._drawn else None
        self._drawn = drawn
        if strips is None:
            view.viewport().update()
            return
        for top, bottom in strips:
            place = view.mapFromScene(QRectF(0, top, diagram.width, bottom - top)).boundingRect()
            view.viewport().update(place.adjusted(-2, -2, 2, 2))

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Draw it as the view wants it."""
        look = msgspec.structs.replace(self._view.look(), exposed=option.exposedRect)
        paint_diagram(painter, self._view.diagram, look)


class NetworkView(ScaledDiagramView):
    """The view of a network's diagram.

    Attributes:
        path: PyTorch's path of the chosen stage, block or layer; empty for none.
        colouring: what the blocks' colours mean.

    Signals:
        path_chosen: the user chose a block or a layer.
        shape_clicked: path of the layer, and the shape's place in the viewport.
        folded: the chosen block was unfolded or folded; True for unfolded.
        shortcut_pointed: path of the block whose shortcut is under the pointer; empty for none.
    """

    path_chosen = Signal(str)
    shape_clicked = Signal(str, QRectF)
    folded = Signal(bool)
    shortcut_pointed = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        # One that Python has not made would have PySide make all its classes of widgets to find out what it is.
        self.setViewport(QWidget())
        self._scene = QGraphicsScene(self)
        self._scene.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.strong, self._lit = 1.0, ""
        self._unfolded = True
        self._pressed = QPointF()
        self.path = ""
        self.colouring: Colouring = "stage"
        self._picture = _DiagramItem(self)
        self._scene.addItem(self._picture)
        self.setScene(self._scene)
        self.setObjectName("canvas")
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setMinimumWidth(360)
        self.setAccessibleName("Network diagram")
        # Its ground covers everything, so that Qt need not paint the window behind it first.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.viewport().setMouseTracking(True)
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        theme.changed.connect(self._recolour)
        self._recolour()

    # ---- showing

    @property
    def chosen(self) -> Location | None:
        """The block of what is chosen; None if that lies in none."""
        location = Location.parse(self.path).without_layer() if self.path else None
        return location if location is not None and location.block is not None else None

    def look(self) -> PaintContext:
        """How the diagram is painted now."""
        color, focused = self._theme.color, self.hasFocus()
        return PaintContext(color, self._scale, self.colouring, self.path, focused, lit=self._lit, strong=self.strong)

    def show_plan(self, plan: Plan) -> None:
        """Draw another plan; what was chosen stays so where the plan has it."""
        self._plan = plan
        if not has_path(plan, self.path):
            block = self.chosen
            self.path = block.path if block is not None and plan.has(block) else ""
        self._light(None)  # a strip does not take away what lies across all of them
        self._arrange(anew=True)

    def _draw(self) -> None:
        """Lay the plan out and draw it."""
        if self._plan is None:
            return
        self._picture.show_diagram(lay_out(self._plan, self.chosen if self._unfolded else None, width=self._width))
        self._scene.setSceneRect(MARGIN, 0, self._width - 2 * MARGIN, self.diagram.height)
        card = chosen_card(self.diagram, self.path)
        self.setAccessibleDescription(block_words(card) if card is not None else "")

    def choose(self, path: str) -> None:
        """Mark a stage, block or layer and unfold its block, without telling anybody."""
        if path == self.path:
            return
        before, self.path = self.chosen, path
        if self.chosen != before:
            self._unfolded = True
            self._draw()
            self._show_chosen()
        else:
            self.viewport().update()

    def unfold(self, *, on: bool) -> None:
        """Unfold the chosen block into its layers, or fold it."""
        if on != self._unfolded and self.chosen is not None:
            self._unfolded = on
            self._draw()
            self.folded.emit(on)

    @property
    def unfolded(self) -> bool:
        """Whether the layers of the chosen block are on show."""
        return self.diagram.unfolded is not None

    def _show_chosen(self) -> None:
        card = chosen_card(self.diagram, self.path)
        if card is not None:
            wanted = card.rect.adjusted(-8, -24, 8, 24)
            panel = self.diagram.unfolded
            self.ensureVisible(wanted.united(panel) if panel is not None else wanted, 4, 8)

    def set_colouring(self, colouring: Colouring) -> None:
        """Let the blocks' colours mean something else."""
        self.colouring = colouring
        self.viewport().update()

    # ---- mouse

    def _hit(self, event: QMouseEvent | QHelpEvent) -> DiagramCard | ClickArea | None:
        at = event.position().toPoint() if isinstance(event, QMouseEvent) else event.pos()
        place = self.mapToScene(at)
        panel = self.diagram.unfolded
        spot = self.diagram.spot_at(place)
        if spot is not None or (panel is not None and panel.contains(place)):
            return spot
        return next((card for card in self.diagram.cards if card.rect.contains(place)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where a click begins; a drag moves the picture."""
        self._pressed = event.position()
        super().mousePressEvent(event)
        self._point(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose what was clicked."""
        super().mouseReleaseEvent(event)
        self._point(event)
        if event.button() != Qt.MouseButton.LeftButton or (event.position() - self._pressed).manhattanLength() > 4:
            return
        match self._hit(event):
            case DiagramCard() as card:
                self._click_card(card)
            case ClickArea(kind="layer") as spot:
                self.choose(spot.path)
                self.path_chosen.emit(spot.path)
            case ClickArea() as spot:
                place = self.mapFromScene(spot.rect).boundingRect()
                self.shape_clicked.emit(spot.path, QRectF(place))
            case None:
                pass

    def _click_card(self, card: DiagramCard) -> None:
        if card is chosen_card(self.diagram, self.path):
            self.unfold(on=not self._unfolded)
            return
        self.choose(card.path)
        self.path_chosen.emit(card.path)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A hand over what can be clicked."""
        super().mouseMoveEvent(event)
        if not event.buttons():
            self._point(event)
            self._light(self.diagram.shortcut_at(self.mapToScene(event.position().toPoint())))

    def leaveEvent(self, event: QEvent) -> None:
        """No shortcut is pointed at from outside."""
        super().leaveEvent(event)
        self._light(None)

    def _light(self, card: DiagramCard | None) -> None:
        """Light the way along the shortcuts, that of a card most, or nothing."""
        path = card.path if card is not None else ""
        if path != self._lit:
            self._lit = path
            self.viewport().update()
            self.shortcut_pointed.emit(path)

    def _point(self, event: QMouseEvent) -> None:
        hand = self._hit(event) is not None
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor)

    def viewportEvent(self, event: QEvent) -> bool:
        """Explain what is under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            found = self._hit(event)
            words = block_words(found) if isinstance(found, DiagramCard) else found.tip if found is not None else ""
            arc = self.diagram.shortcut_at(self.mapToScene(event.pos())) if found is None else None
            words = shortcut_cost_words(arc) if arc is not None else words
            QToolTip.showText(event.globalPos(), words, self.viewport())
            return True
        return super().viewportEvent(event)

    # ---- keyboard

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The frame of what is chosen is thicker; Qt paints only the edge of the view anew."""
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The frame is as thin as before."""
        super().focusOutEvent(event)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose the next block or stage, Enter unfolds, Escape folds, ``=`` explains, + − 0 1 zoom."""
        key = Qt.Key(event.key())
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(key)
        leap = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(key)
        if step is not None:
            self._step(step)
        elif leap is not None and self.chosen is not None:
            self._leap(leap)
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.unfold(on=not self._unfolded)
        elif key == Qt.Key.Key_Escape and self.unfolded:
            self.unfold(on=False)
        elif key == Qt.Key.Key_Plus:
            self.zoom(1.15)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / 1.15)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key == Qt.Key.Key_1:
            self.natural()
        elif key == Qt.Key.Key_Equal:
            self._explain()
        else:
            super().keyPressEvent(event)

    def _step(self, step: int) -> None:
        cards = self.diagram.cards
        present = chosen_card(self.diagram, self.path)
        place = cards.index(present) + step if present is not None else 0
        self._go(place)

    def _leap(self, step: int) -> None:
        stage = self.chosen.stage if self.chosen is not None else None
        if isinstance(stage, int):
            cards = self.diagram.cards
            self._go(next((n for n, card in enumerate(cards) if card.location.stage == stage + step), -1))

    def _go(self, place: int) -> None:
        if 0 <= place < len(self.diagram.cards):
            path = self.diagram.cards[place].path
            self.choose(path)
            self.path_chosen.emit(path)

    def _explain(self) -> None:
        """Ask for the arithmetic of the chosen layer, or of the chosen block's last one."""
        card, plan = chosen_card(self.diagram, self.path), self._plan
        if plan is None or not self.path:
            return
        place = self.mapFromScene(card.rect if card is not None else QRectF(20, 20, 40, 20)).boundingRect()
        path, block = self.path, self.chosen
        if card is not None and block is not None and path == block.path:
            path = block.with_layer(card.plan.layers[-1].name).path
        if find_layer(plan, path) is not None:
            self.shape_clicked.emit(path, QRectF(place))

    # ---- the rest

    def _recolour(self) -> None:
        self.setBackgroundBrush(self._theme.color("canvas"))
        self.viewport().update()
