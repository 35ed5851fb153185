"""The diagram with its title bar: what the lines and colours mean, and the zoom."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QLinearGradient, QPainter, QPainterPath
from PySide6.QtWidgets import QComboBox, QFrame, QSizePolicy, QWidget

from resnet_gui.design.structure import Plan
from resnet_gui.gui.common.shortcut_dashes import DASHES
from resnet_gui.gui.design.diagram.paint import COLOURINGS, Colouring, most, pen_of
from resnet_gui.gui.design.diagram.view import NetworkView
from resnet_gui.gui.design.table.rows import mebibytes
from resnet_gui.gui.kit.basic import column, header, icon_button, label
from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.colormap import viridis
from resnet_gui.gui.kit.controls.unseen import NamedComboBox
from resnet_gui.gui.kit.format import scaled
from resnet_gui.gui.kit.theme import Theme


class NetworkPanel(QFrame):
    """The panel of the network: a title bar and the diagram."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.column = layout = column(self)
        bar, line, self.title = header("Network")
        self._legend = _Legend(theme)
        line.addWidget(self._legend)
        line.addStretch()
        self.colouring = NamedComboBox()
        self.colouring.setProperty("small", "true")
        self.colouring.setAccessibleName("Colours of the blocks")
        self.colouring.setToolTip("What the colours of the blocks show: their stage, or how much each of them costs")
        for key, text in COLOURINGS.items():
            self.colouring.addItem(text, key)
        self.colouring.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.colouring.setMinimumContentsLength(8)
        self.colouring.setFixedWidth(152)
        self.colouring.view().setMinimumWidth(170)
        line.addWidget(self.colouring)
        smaller = icon_button(theme, "minus", "Smaller (Ctrl+wheel)", size=24)
        self._zoom = label("100 %", "muted12")
        self._zoom.setFixedWidth(42)
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._zoom.setToolTip("1 in the diagram is 100 %, 0 the whole network")
        larger = icon_button(theme, "plus", "Larger (Ctrl+wheel)", size=24)
        fit = icon_button(theme, "fit", "Show the whole network (0)", size=24)
        line.setSpacing(0)
        line.addSpacing(4)
        for widget in (smaller, self._zoom, larger, fit):
            line.addWidget(widget)
        layout.addWidget(bar)
        self.view = NetworkView(theme)
        layout.addWidget(self.view)
        smaller.clicked.connect(lambda: self.view.zoom(1 / 1.15))
        larger.clicked.connect(lambda: self.view.zoom(1.15))
        fit.clicked.connect(self.view.fit)
        self.view.zoomed.connect(lambda scale: self._zoom.setText(f"{scale * 100:.0f} %"))
        self.colouring.activated.connect(lambda: self.set_colouring(self.colouring.currentData()))

    def show_plan(self, plan: Plan) -> None:
        """Draw another plan."""
        self.view.show_plan(plan)
        self._show_legend()

    def set_colouring(self, colouring: Colouring) -> None:
        """Let the blocks' colours mean something else."""
        self.colouring.setCurrentIndex(self.colouring.findData(colouring))
        self.view.set_colouring(colouring)
        self._show_legend()

    def _show_legend(self) -> None:
        view = self.view
        self._legend.show_kinds(sorted(set(view.diagram.arcs())))
        self._legend.show_range(view.colouring, most(view.diagram, view.colouring))


class _Legend(QWidget):
    """The legend: how the shortcuts of this network are drawn, or what the colours of its blocks mean."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._kinds: list[str] = []
        self._most = ""
        self.setMinimumWidth(0)
        self.setFixedHeight(24)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Room for two kinds of shortcuts."""
        return QSize(176, 24)

    def show_kinds(self, kinds: list[str]) -> None:
        """Show the kinds that occur."""
        if kinds == self._kinds:
            return
        self._kinds = kinds
        self.setAccessibleName(", ".join(kinds) or "plain network, no shortcuts")
        self._show_tip()
        self.update()

    def show_range(self, colouring: Colouring, largest: int) -> None:
        """Show the scale of the colours instead, unless they mean the stage."""
        most = ""
        if colouring == "memory":
            most = f"{mebibytes(largest)} MiB"
        elif colouring != "stage":
            most = " ".join(scaled(largest)).strip()
        if most == self._most:
            return
        self._most = most
        self._show_tip()
        self.update()

    def _show_tip(self) -> None:
        kinds = f"Shortcuts of this network: {', '.join(self._kinds)}" if self._kinds else ""
        self.setToolTip("The largest of all blocks is at the right end" if self._most else kinds)

    def paintEvent(self, _event: object) -> None:
        """Draw a stroke and a word for each kind, or the scale."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._most:
            self._paint_range(painter)
            return
        x = 10.0
        quiet = self._theme.color("t2")
        painter.setPen(quiet)
        if not self._kinds:
            ink("plain network, no shortcuts", 11).draw_in(painter, QRectF(x, 0, 180, 24))
        for kind in self._kinds:
            word = ink(kind, 11)
            if x + 28 + word.width > self.width():
                break  # beside a table in a narrow window; all of them stand in the tip
            arc = QPainterPath(QPointF(x, 15))
            arc.quadTo(QPointF(x + 11, 3), QPointF(x + 22, 15))
            painter.setPen(pen_of(quiet, 1.6, DASHES.get(kind, ())))
            painter.drawPath(arc)
            painter.setPen(quiet)
            word.draw_in(painter, QRectF(x + 28, 0, 90, 24))
            x += 28 + word.width + 12

    def _paint_range(self, painter: QPainter) -> None:
        painter.setPen(self._theme.color("t2"))
        zero = ink("0", 11)
        zero.draw_in(painter, QRectF(10, 0, 20, 24))
        bar = QRectF(16 + zero.width, 8, 84, 8)
        shades = QLinearGradient(bar.topLeft(), bar.topRight())
        for step in range(9):
            shades.setColorAt(step / 8, viridis(step / 8))
        ink(self._most, 11).draw_in(painter, QRectF(bar.right() + 6, 0, 80, 24))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shades)
        painter.drawRoundedRect(bar, 4, 4)
