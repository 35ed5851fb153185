"""The frame around the pages: top bar, navigation rail and status bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QMenu,
    QProgressBar,
    QSizePolicy,
    QWidget,
)

from resnet_gui.gui.kit.bars.folding import Folding, bare, hiding
from resnet_gui.gui.kit.basic import (
    ElidedLabel,
    StatusDot,
    button,
    column,
    icon_button,
    label,
    literal,
    restyle,
    row,
    set_icon,
    vertical_line,
)
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.format import duration, native_keys
from resnet_gui.gui.kit.theme import Theme, font

if TYPE_CHECKING:
    from resnet_gui.gui.shell.pages import PageSpec

    # At run time this would load msgspec before the first paint.
    from resnet_gui.protocol.events import Device


class RailButton(QAbstractButton):
    """A page's button: icon over word, a bar at the left when it is on."""

    def __init__(self, theme: Theme, icon: str, text: str, tip: str) -> None:
        super().__init__()
        self._theme, self._icon = theme, icon
        self.setText(text)
        self.setToolTip(native_keys(tip))
        self.setAccessibleName(text)
        self.setFixedSize(60, 58)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        theme.changed.connect(self.update)

    def paintEvent(self, _event: object) -> None:
        """Draw ground, bar, icon and word."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color, on = self._theme.color, self.isChecked()
        box = QRect(4, 2, 52, 54)
        painter.setPen(Qt.PenStyle.NoPen)
        if on or self.underMouse():
            painter.setBrush(color("accsoft" if on else "hover"))
            painter.drawRoundedRect(box, 6, 6)
        if on:
            painter.setBrush(color("acc"))
            painter.drawRoundedRect(QRect(-2, 13, 5, 32), 2, 2)
        if self.hasFocus():
            painter.setPen(color("acc"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 5, 5)
        painter.drawPixmap(20, 10, self._theme.pixmap(self._icon, "acc" if on else "t2", 20))
        painter.setPen(color("t1" if on else "t2"))
        painter.setFont(font(11, 500))
        painter.drawText(QRect(0, 34, 60, 15), Qt.AlignmentFlag.AlignCenter, self.text())


class PageRail(QFrame):
    """The navigation rail.

    Signals:
        page_chosen: key of the page.
        help_requested: the last button.
    """

    page_chosen = Signal(str)
    help_requested = Signal()

    def __init__(self, theme: Theme, pages: Sequence[PageSpec]) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setFixedWidth(61)
        layout = column(self, (0, 4, 0, 4))
        self.buttons: dict[str, RailButton] = {}
        group = self._group = QButtonGroup(self, exclusive=True)
        for place, page in enumerate((page for page in pages if page.in_rail), start=1):
            made = RailButton(theme, page.icon, page.title, f"{page.tip} (Ctrl+{place})")
            made.setCheckable(True)
            made.setShortcut(f"Ctrl+{place}")
            made.clicked.connect(lambda _=False, key=page.key: self.page_chosen.emit(key))
            group.addButton(made)
            self.buttons[page.key] = made
            layout.addWidget(made)
        layout.addStretch()
        helper = RailButton(theme, "help", "Help", "Words, keys and versions (F1)")
        helper.setShortcut("F1")
        helper.clicked.connect(self.help_requested)
        layout.addWidget(helper)

    def show_page(self, key: str) -> None:
        """Mark a page as the one on screen; one that has no button leaves none marked."""
        if key in self.buttons:
            self.buttons[key].setChecked(True)
            return
        self._group.setExclusive(False)
        for made in self.buttons.values():
            made.setChecked(False)
        self._group.setExclusive(True)


class Logo(QAbstractButton):
    """The sign of the program: two blocks and the shortcut over them; a press leads to the welcome page."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setFixedSize(60, 43)
        self.setAccessibleName("Welcome page")
        self.setToolTip("Back to the welcome page")
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        theme.changed.connect(self.update)

    def paintEvent(self, _event: object) -> None:
        """Draw the mark in the stage hues."""
        from PySide6.QtCore import QPointF, QRectF
        from PySide6.QtGui import QPainterPath, QPen

        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus() or self.underMouse():
            painter.setPen(QPen(self._theme.color("acc"), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("hover") if self.underMouse() else Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(9, 3, 42, 37), 6, 6)
        painter.translate(17, 8.5)
        painter.setPen(QPen(self._theme.color("t2"), 1.6))
        painter.drawLine(QPointF(9.5, 18.5), QPointF(16.5, 18.5))
        painter.setPen(Qt.PenStyle.NoPen)
        for x, token in ((3.0, "s1"), (16.5, "s4")):
            painter.setBrush(self._theme.color(token))
            painter.drawRoundedRect(QRectF(x, 14, 6.5, 9), 1.5, 1.5)
        path = QPainterPath(QPointF(6.2, 13.5))
        path.lineTo(6.2, 11.2)
        path.arcTo(QRectF(6.2, 4.4, 13.6, 13.6), 180, -180)
        path.lineTo(19.8, 13.5)
        pen = QPen(self._theme.color("t1"), 1.8)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)


class TopBar(QFrame):
    """The bar at the top: the design's name, presets, undo and redo, pin, export, theme, and the window's menu.

    Attributes:
        logo, undo, redo, pin, export, menu: the buttons; the application gives them their work.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("top")
        self.setFixedHeight(44)
        layout = row(self, (0, 0, 12, 0))
        self.logo = Logo(theme)
        layout.addWidget(self.logo)
        self._name = ElidedLabel("", "design", least=180)
        self._name.setMaximumWidth(240)
        self._state = ElidedLabel("", "quiet12")
        # Room for the longest of its words, so that no edit lays the bar out anew.
        self._state.setFixedWidth(108)
        layout.addWidget(self._name)
        self._presets = row(gap=8)
        layout.addLayout(self._presets)
        layout.addWidget(self._state)
        layout.addWidget(vertical_line())
        self.undo = icon_button(theme, "undo", "Undo (Ctrl+Z)")
        self.redo = icon_button(theme, "redo", "Redo (Ctrl+Shift+Z)")
        layout.setSpacing(8)
        layout.addWidget(self.undo)
        layout.addWidget(self.redo)
        layout.addStretch()
        self.pin = button("Pin as baseline", "ghost", "Compare every later design with this one (Ctrl+B)")
        set_icon(theme, self.pin, "pin", "t2")
        layout.addWidget(self.pin)
        self.export = button("Export", "menu", "Write this design for other programs (Ctrl+E)")
        set_icon(theme, self.export, "export", "t1")
        layout.addWidget(self.export)
        layout.addWidget(vertical_line())
        self.theme = icon_button(theme, "sun", "Theme: system, dark or light")
        theme.follow(self.theme, lambda: self.theme.setIcon(theme.icon("sun" if theme.name == "dark" else "moon")))
        layout.addWidget(self.theme)
        self.menu = icon_button(theme, "gear", "Menu: open, recent files, edits, text size (F10, Ctrl+,)")
        self.menu.setAccessibleName("Menu")
        layout.addWidget(self.menu)
        Folding(self, layout, (hiding(self._state), bare(self.pin), bare(self.export)))

    def add_title(self, title: QWidget) -> None:
        """Take the design's title with the list of presets, made after the first paint, in the name's place."""
        self._name.hide()
        self._presets.addWidget(title)

    def show_design(self, name: str, state: str, tip: str) -> None:
        """Show the design's name, whether it is saved and still is its preset, and what differs."""
        self._name.setText(name)
        self._name.setToolTip(name)
        self._state.setText(state)
        self._state.setToolTip(tip)

    def set_menus(self, main: QMenu, export: QMenu, theme: QMenu) -> None:
        """Give the buttons their menus."""
        self.menu.setMenu(main)
        self.export.setMenu(export)
        self.theme.setMenu(theme)


class StatusBar(QFrame):
    """The bar at the bottom: engine, device, the latest sentence, and the run that is going on.

    Signals:
        engine_clicked: the engine's state was clicked.
        device_chosen: as the command line names it.
        run_clicked: the running training was clicked.
        progress_shown: fraction of what goes on, None for nothing, and its name.
    """

    engine_clicked = Signal()
    device_chosen = Signal(str)
    run_clicked = Signal()
    progress_shown = Signal(object, str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("status")
        self.setFixedHeight(29)
        layout = row(self, (12, 0, 12, 0), 8)
        self._dot = StatusDot(theme, "t3")
        self.engine = button(
            "Engine starting", "status", "The process that computes; click to start it anew when it has stopped"
        )
        self.engine.clicked.connect(self.engine_clicked)
        layout.addWidget(self._dot)
        layout.addWidget(self.engine)
        layout.addWidget(self._line())
        layout.addWidget(label("Device"))
        self.devices = SegmentedControl(theme, [("cpu", "CPU", "")], height=20)
        self.devices.setAccessibleName("Device")
        self.devices.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.devices.chosen.connect(self.device_chosen)
        layout.addWidget(self.devices)
        self.unkept = button("", "status", "")
        self.unkept.setAccessibleName("Not kept")
        set_icon(theme, self.unkept, "alert", "warn")
        self.unkept.clicked.connect(lambda: self.say(self.unkept.toolTip(), "warn"))
        self.unkept.hide()
        layout.addWidget(self.unkept)
        self._sentence_line = self._line()
        layout.addWidget(self._sentence_line)
        self.sentence = ElidedLabel("")
        self.sentence.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout.addWidget(self.sentence, 1)
        self._run_dot = StatusDot(theme, "r0")
        self._run_name = button("", "status", "Show this run")
        self._run_name.clicked.connect(self.run_clicked)
        self._run_bar = QProgressBar()
        self._run_bar.setRange(0, 1000)
        self._run_bar.setTextVisible(False)
        self._run_bar.setFixedWidth(96)
        self._run_text = label("")
        self._run_parts = (self._run_dot, self._run_name, self._run_bar, self._run_text)
        for part in self._run_parts:
            layout.addWidget(part)
        self._idle = label("No running jobs")
        layout.addWidget(self._idle)
        self._fade = QTimer(self, singleShot=True)
        self._fade.timeout.connect(lambda: self.say("", "info"))
        self.show_run("", "r0", 0, None)
        self.say("", "info")

    @staticmethod
    def _line() -> QFrame:
        made = vertical_line()
        made.setFixedHeight(14)
        return made

    def show_engine(self, state: str) -> None:
        """Show the state of the engine that stays."""
        texts = {
            "starting": ("Engine starting", "warn"),
            "ready": ("Engine ready", "ok"),
            "stopped": ("Engine stopped", "err"),
        }
        text, token = texts[state]
        self.engine.setText(text)
        self._dot.set_token(token)

    def show_devices(self, devices: Sequence[Device], chosen: str, no_cuda: str) -> None:
        """Show what there is to compute on; CUDA that is not there is shown with its reason."""
        options = [(device.name, device.name.upper(), "") for device in devices] or [("cpu", "CPU", "")]
        blocked: set[str] = set()
        if no_cuda or not devices:
            options.append(("cuda", "CUDA", ""))
            blocked.add("cuda")
        self.devices.set_options(options, blocked)
        best = options[1][0] if len(devices) > 1 else options[0][0]
        self.devices.set_key(best if chosen == "auto" else chosen)
        self.devices.setFixedWidth(self.devices.sizeHint().width())
        titles = "\n".join(f"{device.name}: {device.title}" for device in devices)
        self.devices.setToolTip(f"{titles}\n{no_cuda}".strip() or "The engine is looking for devices")

    def say(self, sentence: str, level: str) -> None:
        """Show a sentence; it goes after a while unless it is an error."""
        self.sentence.setText(sentence)
        self._sentence_line.setVisible(bool(sentence))
        self.sentence.setToolTip(sentence)
        restyle(self.sentence, role={"error": "err", "warn": "warn", "ok": "ok"}.get(level, ""))
        self._fade.stop()
        if sentence and level != "error":
            self._fade.start(15_000)

    def withdraw(self, sentence: str) -> None:
        """Let go of a sentence that does not hold any more, if it is the one that is shown."""
        if self.sentence.text() == sentence:
            self.say("", "info")

    def show_unkept(self, sentence: str, reason: str) -> None:
        """Show why settings and queue cannot be kept, for as long as that is so; empty for nothing."""
        self.unkept.setText(literal(f"Not kept: {reason}"))
        self.unkept.setToolTip(sentence)
        self.unkept.setAccessibleDescription(sentence)
        self.unkept.setVisible(bool(sentence))

    def show_run(self, name: str, token: str, fraction: float, seconds_left: float | None) -> None:
        """Show the run that is going on; no name for none."""
        for part in self._run_parts:
            part.setVisible(bool(name))
        self._idle.setVisible(not name)
        self._run_dot.set_token(token)
        self._run_name.setText(literal(name))
        self._run_bar.setValue(round(fraction * 1000))
        left = f"  ETA {duration(seconds_left)}" if seconds_left is not None else ""
        self._run_text.setText(f"{fraction * 100:.0f} %{left}")
        self.progress_shown.emit(fraction if name else None, name)

    def sizeHint(self) -> QSize:
        """Long sentences must not widen the window."""
        return QSize(600, 29)
