"""The choice of a model: a combo box whose list is that of the Predict page, with a file as its last line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QFrame, QWidget

from resnet_gui.data.weights_catalogue import WEIGHTS
from resnet_gui.gui.common.network_list import NetworkList
from resnet_gui.gui.common.network_model import NetworkEntry, NetworkModel
from resnet_gui.gui.kit.basic import ElidingCombo, button, column, row
from resnet_gui.gui.kit.field_guard import FieldGuard
from resnet_gui.gui.kit.theme import Theme

POPUP: Final = QSize(320, 420)
SIGN: Final = 14


def model_title(entry: NetworkEntry | None, key: str) -> str:
    """A model in few words: where it is from stands behind its name. ``entry`` is None of a file."""
    if entry is None:
        return f"{Path(key).name}, a file" if key else ""
    match entry.kind:
        case "shipped":
            return f"{entry.title}, inside the program"
        case "run":
            return f"{entry.title}, a run"
        case _:
            return f"{entry.title}, {WEIGHTS[entry.key].version.removeprefix('IMAGENET1K_')} of torchvision"


def short_title(entry: NetworkEntry | None, key: str) -> str:
    """Its name alone."""
    return entry.title if entry is not None else Path(key).stem


class NetworkPopup(QFrame):
    """The list of networks below a combo box.

    Attributes:
        list: the networks; the chosen one is current.

    Signals:
        chosen: MODEL of the network that was chosen; empty for none.
        file_requested: ask for a weights file or a run folder.
        train_requested: there is no run yet and the user wants one.
    """

    chosen = Signal(str)
    file_requested = Signal()
    train_requested = Signal()

    def __init__(self, theme: Theme, networks: NetworkModel, parent: QWidget, *, can_be_none: bool) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popover")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._networks = networks
        layout = column(self, (1, 6, 1, 8), 6)
        self.list = NetworkList(theme, networks)
        layout.addWidget(self.list, 1)
        below = row(margins=(14, 0, 14, 0))
        self.file = button("A weights file …", "link", "A checkpoint of any origin")
        self.file.clicked.connect(self._ask_file)
        below.addWidget(self.file)
        below.addStretch()
        self.none = button("No second model", "link")
        self.none.clicked.connect(lambda: self._choose(""))
        self.none.setVisible(can_be_none)
        below.addWidget(self.none)
        layout.addLayout(below)
        self.list.clicked.connect(self._take)
        self.list.activated.connect(self._take)
        self.list.train_requested.connect(self._train)

    def open_under(self, anchor: QWidget, model: str) -> None:
        """Open below a widget with a model current."""
        self.list.clear_choice()
        self.list.choose(model)
        corner = anchor.mapToGlobal(anchor.rect().bottomLeft())
        screen = anchor.screen().availableGeometry()
        size = QSize(max(POPUP.width(), anchor.width()), min(POPUP.height(), max(200, screen.bottom() - corner.y())))
        place = QRect(corner, size)
        place.moveLeft(max(screen.left(), min(place.left(), screen.right() - size.width())))
        self.setGeometry(place.translated(0, 4))
        self.show()
        self.list.setFocus()

    def _take(self, index: QModelIndex) -> None:
        entry = self._networks.entry(index)
        if entry is not None:
            self._choose(entry.key)

    def _choose(self, key: str) -> None:
        self.close()
        self.chosen.emit(key)

    def _ask_file(self) -> None:
        self.close()
        self.file_requested.emit()

    def _train(self) -> None:
        self.close()
        self.train_requested.emit()


class ModelCombo(ElidingCombo):
    """A combo box with one entry, the chosen model; its list is a popup.

    Attributes:
        key: MODEL as engines know it; empty for none.

    Signals:
        chosen: another model.
        file_requested: ask for a weights file or a run folder.
        train_requested: there is no run yet and the user wants one.
    """

    chosen = Signal(str)
    file_requested = Signal()
    train_requested = Signal()

    def __init__(
        self, theme: Theme, networks: NetworkModel, refresh: Callable[[], object], name: str, nothing: str,
        *, can_be_none: bool = False,
    ) -> None:  # fmt: skip
        """Make a choice among ``networks``, which ``refresh`` reads anew; ``nothing`` stands where none is chosen."""
        super().__init__()
        self.key = ""
        self._theme, self._networks, self._refresh = theme, networks, refresh
        self._nothing, self._can_be_none = nothing, can_be_none
        self._popup: NetworkPopup | None = None
        self.setAccessibleName(name)
        self.setSizeAdjustPolicy(ElidingCombo.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setIconSize(QSize(SIGN, SIGN))
        self.installEventFilter(FieldGuard(self))
        self.addItem(nothing)
        theme.changed.connect(self._show)
        self._show()

    @property
    def entry(self) -> NetworkEntry | None:
        """The chosen model's row; None of a file, or where none is chosen."""
        return self._networks.entry(self._networks.index_of(self.key)) if self.key else None

    @property
    def popup(self) -> NetworkPopup:
        """The list, made when it is first asked for."""
        if self._popup is None:
            self._popup = NetworkPopup(self._theme, self._networks, self.window(), can_be_none=self._can_be_none)
            self._popup.chosen.connect(self._take)
            self._popup.file_requested.connect(self.file_requested)
            self._popup.train_requested.connect(self.train_requested)
        return self._popup

    def show_model(self, model: str) -> None:
        """Show a model without telling anybody."""
        self.key = model
        self._show()

    def showPopup(self) -> None:  # noqa: N802
        """Open the list, with the runs as they are now."""
        self._refresh()
        self.popup.open_under(self, self.key)

    def hidePopup(self) -> None:  # noqa: N802
        """Close it."""
        if self._popup is not None:
            self._popup.hide()

    def _take(self, model: str) -> None:
        if model != self.key:
            self.show_model(model)
            self.chosen.emit(model)

    def _show(self) -> None:
        entry = self.entry
        title = model_title(entry, self.key) or self._nothing
        self.setItemText(0, title)
        self.setToolTip(self.key or self._nothing)
        self.setItemIcon(0, self._icon(entry) if self.key else QIcon())

    def _icon(self, entry: NetworkEntry | None) -> QIcon:
        if entry is None:
            return self._theme.icon("file", size=SIGN)
        if entry.kind != "run":
            return self._theme.icon("chip" if entry.kind == "shipped" else "layers", size=SIGN)
        return QIcon(dot_pixmap(self._theme.color(entry.token), SIGN, hollow=entry.dashed))


def dot_pixmap(colour: QColor, side: int, *, hollow: bool) -> QPixmap:
    """A dot in the middle of a square; ``hollow`` is only its rim."""
    found = QPixmap(side, side)
    found.fill(Qt.GlobalColor.transparent)
    painter = QPainter(found)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 2) if hollow else Qt.PenStyle.NoPen)
    if not hollow:
        painter.setBrush(colour)
    radius = side / 2 - 3.5 if hollow else side / 2 - 2.5
    middle = found.rect().toRectF().center()
    painter.drawEllipse(middle, radius, radius)
    painter.end()
    return found
