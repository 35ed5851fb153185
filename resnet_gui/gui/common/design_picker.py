"""The title of the design: its name, the list of presets behind it, and a line to call it otherwise."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from resnet_gui.design.presets import Preset
from resnet_gui.gui.common.preset_combo import PresetCombo
from resnet_gui.gui.kit.basic import icon_button, row
from resnet_gui.gui.kit.cached_text import elided, ink
from resnet_gui.gui.kit.theme import Theme

SIZE: Final = 14
LEAST, MOST = 92, 300
LONGEST: Final = 120
"""Letters of a name."""


class _TitleCombo(PresetCombo):
    """The list of presets whose closed face is the design's name in the letters of a title."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._name = ""
        self.setObjectName("title")
        self.setAccessibleName("Design and presets")
        self.setToolTip("Choose a published design to begin with (Ctrl+P)")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme.changed.connect(self.update)

    def show_name(self, name: str) -> None:
        """Show another name."""
        if name != self._name:
            self._name = name
            self.setAccessibleDescription(name)
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """The name and the sign of the list."""
        return QSize(min(MOST, round(ink(self._name, SIZE, 600).width) + 36), 30)

    def minimumSizeHint(self) -> QSize:
        """A few letters."""
        return QSize(min(LEAST, self.sizeHint().width()), 30)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the name and the sign of a list; a frame only under the pointer or with the keyboard."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color, box = self._theme.color, self.rect()
        if self.hasFocus() or self.underMouse():
            painter.setPen(QPen(color("acc"), 2) if self.hasFocus() else QPen(color("line"), 1))
            painter.setBrush(color("hover") if self.underMouse() else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 6, 6)
        painter.setPen(color("t1"))
        shown = elided(self._name, box.width() - 34, SIZE, 600)
        ink(shown, SIZE, 600).draw_in(painter, QRect(8, 0, box.width() - 34, box.height()))
        painter.drawPixmap(QPoint(box.width() - 22, box.center().y() - 6), self._theme.pixmap("chevron-down", "t2", 14))


class DesignPicker(QWidget):
    """The design's title in the top bar, which is also where another preset is chosen, and a name given.

    Signals:
        preset_chosen: the user chose one.
        renamed: the name that the user has typed.
    """

    preset_chosen = Signal(object)
    renamed = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        line = row(self, gap=2)
        self.combo = _TitleCombo(theme)
        self.combo.preset_chosen.connect(self.preset_chosen)
        self.pencil = icon_button(theme, "pencil", "Rename this design", size=24)
        self.pencil.clicked.connect(self.begin_renaming)
        self.field = QLineEdit()
        self.field.setMaxLength(LONGEST)
        self.field.setAccessibleName("Name of the design")
        self.field.setToolTip("Enter takes the name, Esc leaves the old one")
        self.field.setMinimumWidth(200)
        self.field.editingFinished.connect(self._end_renaming)
        self.field.installEventFilter(self)
        self.field.hide()
        for part in (self.combo, self.field, self.pencil):
            line.addWidget(part)
        self._name = ""

    @property
    def name(self) -> str:
        """The name on show."""
        return self._name

    def show_design(self, name: str, preset: Preset) -> None:
        """Show a name, and in the list the preset that stands behind it, without telling anybody."""
        self._name = name
        self.combo.show_name(name)
        self.combo.show_preset(preset)
        layout = self.layout()
        if layout is not None:
            # At once, so that the bar around it is laid out before the next picture and not after it.
            layout.activate()

    def open_list(self) -> None:
        """Open the list of presets with its search."""
        self.combo.showPopup()

    # ---- the name

    def begin_renaming(self) -> None:
        """Let the name be typed."""
        self._change(typing=True)
        self.field.setText(self._name)
        self.field.selectAll()
        self.field.setFocus()

    def _change(self, *, typing: bool) -> None:
        self.field.setVisible(typing)
        self.combo.setVisible(not typing)
        self.pencil.setVisible(not typing)

    def _end_renaming(self) -> None:
        if self.field.isHidden():
            return
        name = " ".join(self.field.text().split())
        self._change(typing=False)
        if name and name != self._name:
            self.renamed.emit(name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape leaves the old name."""
        pressed = watched is self.field and event.type() == QEvent.Type.KeyPress
        if pressed and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self.field.setText(self._name)
            self._end_renaming()
            return True
        return False
