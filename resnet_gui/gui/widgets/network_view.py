"""The diagram of a network: bands, blocks and shortcuts, drawn from the plan; zoom, pan, choose a block."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsItem,
    QGraphicsScene,
    QGraphicsSceneMouseEvent,
    QGraphicsView,
    QStyleOptionGraphicsItem,
    QWidget,
)

from resnet_gui.gui.format import count, shape
from resnet_gui.gui.models.layers import KIND_TITLES
from resnet_gui.gui.theme import Theme, font
from resnet_gui.gui.widgets.basic import column, header, icon_button, label
from resnet_gui.gui.widgets.network_layout import WIDTH, Card, Diagram, lay_out
from resnet_gui.spec.costs import block_cost
from resnet_gui.spec.structure import Plan

ALIGN = {
    "left": Qt.AlignmentFlag.AlignLeft,
    "centre": Qt.AlignmentFlag.AlignHCenter,
    "right": Qt.AlignmentFlag.AlignRight,
}
SHORTCUT_WORDS = {
    "identity": "identity shortcut",
    "projection": "shape changes: projection shortcut",
    "zero-pad": "shape changes: zero-padded shortcut",
    "none": "no shortcut",
}


class _Ground(QGraphicsItem):
    """Everything that cannot be clicked, in one item: one paint call instead of hundreds."""

    def __init__(self, theme: Theme, diagram: Diagram) -> None:
        super().__init__()
        self._theme, self._diagram = theme, diagram

    def boundingRect(self) -> QRectF:
        """The whole diagram."""
        return QRectF(0, 0, WIDTH, self._diagram.height)

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Draw bands, lines, additions, chips and texts."""
        diagram, color = self._diagram, self._theme.color
        for box in diagram.boxes:
            painter.setPen(QPen(color(box.line), 1))
            painter.setBrush(color(box.fill))
            painter.drawRoundedRect(box.rect, box.radius, box.radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for line in diagram.lines:
            pen = QPen(color(line.token), line.width)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap if line.dash else Qt.PenCapStyle.RoundCap)
            if line.dash:
                pen.setDashPattern([part / line.width for part in line.dash])
            painter.setPen(pen)
            painter.drawPath(line.path)
        for point, token in diagram.joins:
            painter.setPen(QPen(color(token), 1.5))
            painter.setBrush(color("panel"))
            painter.drawEllipse(point, 6, 6)
            painter.setPen(QPen(color("t1"), 1.3))
            painter.drawLine(point - QPointF(3, 0), point + QPointF(3, 0))
            painter.drawLine(point - QPointF(0, 3), point + QPointF(0, 3))
        for box in diagram.chips:
            painter.setPen(QPen(color(box.line), 1))
            painter.setBrush(color(box.fill))
            painter.drawRoundedRect(box.rect, box.radius, box.radius)
        for text in diagram.texts:
            painter.setPen(color(text.token))
            painter.setFont(font(text.size, text.weight))
            painter.drawText(text.rect, ALIGN[text.align] | Qt.AlignmentFlag.AlignVCenter, text.text)


class BlockItem(QGraphicsItem):
    """A block: its name and one bar for each convolution, as wide as its channels."""

    def __init__(self, theme: Theme, card: Card, view: NetworkView) -> None:
        super().__init__()
        self._theme, self.card, self._view = theme, card, view
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        block, cost = card.plan, block_cost(card.plan)
        name = f"conv{card.name}" if not card.more else f"{card.more} more equal blocks"
        self.setToolTip(
            f"{name}: {KIND_TITLES[block.kind].lower()}, {SHORTCUT_WORDS[block.shortcut]}\n"
            f"{shape(block.input, wide=True)} → {shape(block.output, wide=True)}\n"
            f"{count(cost.params)} parameters, {count(cost.macs)} MACs"
        )

    def boundingRect(self) -> QRectF:
        """The card with room for the ring of the chosen one."""
        return self.card.rect.adjusted(-5, -5, 5, 5)

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        """Draw the card."""
        color, rect, token = self._theme.color, self.card.rect, self.card.token
        chosen = self._view.chosen == (self.card.stage, self.card.block)
        painter.setPen(QPen(color(token), 1))
        painter.setBrush(color(f"{token}c"))
        if self.card.more:
            for shift in (4, 2):
                painter.drawRoundedRect(rect.adjusted(shift, -shift, shift - 4, -shift), 6, 6)
        painter.drawRoundedRect(rect, 6, 6)
        if chosen:
            painter.setPen(QPen(color("acc"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(-3, -3, 3, 3), 8, 8)
        painter.setPen(color("t1"))
        painter.setFont(font(11, 600))
        title = QRectF(rect.x(), rect.y() + 4, rect.width(), 14)
        if self.card.more:
            painter.drawText(title, Qt.AlignmentFlag.AlignCenter, f"× {self.card.more}")
            painter.setFont(font(11))
            painter.setPen(color("t2"))
            painter.drawText(title.translated(0, 15), Qt.AlignmentFlag.AlignCenter, "more")
            return
        painter.drawText(title, Qt.AlignmentFlag.AlignCenter, self.card.name)
        self._paint_bars(painter, color(token))

    def _paint_bars(self, painter: QPainter, ink: QColor) -> None:
        rect = self.card.rect
        convs = [layer for layer in self.card.plan.on("main") if layer.kind == "conv"]
        # The two layers of squeeze-and-excitation are no steps of the main path.
        widths = [layer.output[0] for layer in convs if not layer.name.startswith("se.")]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        top = rect.y() + (19.5 if len(widths) == 3 else 22)
        for number, channels in enumerate(widths):
            wide = max(4.0, 38.0 * channels / max(widths))
            painter.drawRoundedRect(QRectF(rect.center().x() - wide / 2, top + 5 * number, wide, 3), 1.5, 1.5)

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        """Choose this block."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._view.choose(self.card.stage, self.card.block)
            self._view.block_chosen.emit(self.card.stage, self.card.block)


class NetworkView(QGraphicsView):
    """The diagram.

    Attributes:
        chosen: stage and block, counted from 0, or None.

    Signals:
        block_chosen: the user chose a block.
        zoomed: the scale has changed.
    """

    block_chosen = Signal(int, int)
    zoomed = Signal(float)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._scene = QGraphicsScene(self)
        self._scale = 1.0
        self.chosen: tuple[int, int] | None = None
        self.diagram = Diagram()
        self.setScene(self._scene)
        self.setObjectName("canvas")
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setMinimumWidth(360)
        self.setAccessibleName("Network diagram")
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        theme.changed.connect(self._recolour)
        self._recolour()

    def show_plan(self, plan: Plan) -> None:
        """Draw another plan."""
        self.diagram = lay_out(plan)
        if self.chosen is not None:
            stage, block = self.chosen
            if stage >= len(plan.stages) or block >= len(plan.stages[stage].blocks):
                self.chosen = None
        self._scene.clear()
        self._scene.addItem(_Ground(self._theme, self.diagram))
        for card in self.diagram.cards:
            self._scene.addItem(BlockItem(self._theme, card, self))
        self._scene.setSceneRect(0, 0, WIDTH, self.diagram.height)

    def choose(self, stage: int, block: int) -> None:
        """Mark a block, or the stack that hides it."""
        self.chosen = (stage, block)
        shown = {(card.stage, card.block) for card in self.diagram.cards}
        if self.chosen not in shown:
            stack = next((card for card in self.diagram.cards if card.stage == stage and card.more), None)
            self.chosen = (stage, stack.block) if stack is not None else None
        for item in self._scene.items():
            if isinstance(item, BlockItem) and (item.card.stage, item.card.block) == self.chosen:
                self.ensureVisible(item, 8, 24)
        self.viewport().update()

    def zoom(self, factor: float) -> None:
        """Scale by a factor, between 40 and 400 per cent."""
        self.set_zoom(self._scale * factor)

    def set_zoom(self, scale: float) -> None:
        """Scale to a size, 1 being the size it is drawn for."""
        wanted = min(4.0, max(0.4, scale))
        self.scale(wanted / self._scale, wanted / self._scale)
        self._scale = wanted
        self.zoomed.emit(wanted)

    def fit(self) -> None:
        """Show the whole network."""
        view = self.viewport().rect()
        self.set_zoom(min(view.width() / WIDTH, view.height() / max(self.diagram.height, 1)))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl, else scroll."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(1.15 if event.angleDelta().y() > 0 else 1 / 1.15)
            event.accept()
            return
        super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right choose the neighbouring block; plus, minus and 0 zoom."""
        key = Qt.Key(event.key())
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(key)
        if step is not None and self.diagram.cards:
            places = [(card.stage, card.block) for card in self.diagram.cards]
            position = places.index(self.chosen) + step if self.chosen in places else 0
            if 0 <= position < len(places):
                self.choose(*places[position])
                self.block_chosen.emit(*places[position])
        elif key in {Qt.Key.Key_Plus, Qt.Key.Key_Equal}:
            self.zoom(1.15)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / 1.15)
        elif key == Qt.Key.Key_0:
            self.fit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A view narrower than the drawing shrinks it rather than cutting it off."""
        super().resizeEvent(event)
        room = self.viewport().width() / WIDTH
        if self._scale <= 1.0:
            self.set_zoom(min(1.0, room))

    def _recolour(self) -> None:
        self.setBackgroundBrush(self._theme.color("canvas"))
        self.viewport().update()


class NetworkPanel(QFrame):
    """The diagram with its title bar: legend and zoom."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("panel")
        layout = column(self)
        bar, line, self.title = header("Network")
        self._theme = theme
        self._legend = _Legend(theme)
        line.addWidget(self._legend)
        line.addStretch()
        smaller = icon_button(theme, "minus", "Smaller (Ctrl+wheel)", size=24)
        self._zoom = label("100 %", "muted12")
        self._zoom.setFixedWidth(44)
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignCenter)
        larger = icon_button(theme, "plus", "Larger (Ctrl+wheel)", size=24)
        fit = icon_button(theme, "fit", "Show the whole network", size=24)
        line.setSpacing(0)
        for widget in (smaller, self._zoom, larger, fit):
            line.addWidget(widget)
        layout.addWidget(bar)
        self.view = NetworkView(theme)
        layout.addWidget(self.view)
        smaller.clicked.connect(lambda: self.view.zoom(1 / 1.15))
        larger.clicked.connect(lambda: self.view.zoom(1.15))
        fit.clicked.connect(self.view.fit)
        self.view.zoomed.connect(lambda scale: self._zoom.setText(f"{scale * 100:.0f} %"))

    def show_plan(self, plan: Plan) -> None:
        """Draw another plan."""
        self.view.show_plan(plan)
        self._legend.show_kinds(sorted(set(self.view.diagram.arcs())))


class _Legend(QWidget):
    """How the shortcuts of this network are drawn."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._kinds: list[str] = []
        self.setFixedSize(216, 24)
        theme.changed.connect(self.update)

    def show_kinds(self, kinds: list[str]) -> None:
        """Show the kinds that occur."""
        self._kinds = kinds
        self.update()

    def paintEvent(self, _event: object) -> None:
        """Draw a stroke and a word for each kind."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(11))
        at = QPoint(14, 12)
        if not self._kinds:
            painter.setPen(self._theme.color("t2"))
            painter.drawText(at.x(), at.y() + 4, "plain network, no shortcuts")
        for kind in self._kinds:
            pen = QPen(self._theme.color("t2"), 1.8)
            dash = {"projection": (4.0, 3.0), "zero-pad": (1.5, 3.0)}.get(kind)
            if dash:
                pen.setDashPattern([part / 1.8 for part in dash])
                pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            painter.drawLine(at, at + QPoint(22, 0))
            painter.setPen(self._theme.color("t2"))
            painter.drawText(at.x() + 28, at.y() + 4, kind)
            at += QPoint(28 + painter.fontMetrics().horizontalAdvance(kind) + 14, 0)
