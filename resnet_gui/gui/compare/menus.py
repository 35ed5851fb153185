"""The menus of the Compare page: what can be pinned, and what can be done with a design."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design
from resnet_gui.gui.compare.model import ComparedDesign
from resnet_gui.gui.compare.preset_checklist import PresetChecklist, names_of
from resnet_gui.gui.kit.basic import literal
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import MAX_PINS, Session


class CompareMenus(QObject):
    """The menus of a page.

    Signals:
        design_requested: open this design on the Design page.
        file_requested: pin a design from a file.
    """

    design_requested = Signal(object)
    file_requested = Signal()

    def __init__(self, page: QWidget, session: Session, theme: Theme) -> None:
        super().__init__(page)
        self._page, self._session, self._theme = page, session, theme

    def ask_what(self, anchor: QWidget) -> None:
        """Ask what is to be pinned, below a button."""
        menu = self.add_menu(anchor)
        menu.exec(anchor.mapToGlobal(QPoint(0, anchor.height() + 2)))
        menu.deleteLater()

    def add_menu(self, anchor: QWidget) -> QMenu:
        """What can be pinned; the list of presets opens below ``anchor``."""
        menu, session = QMenu(self._page), self._session
        present = menu.addAction(literal(f"The present design, {session.design.name}"))
        present.setEnabled(session.design not in session.pins)
        present.triggered.connect(lambda: session.pin(session.design))
        menu.addAction("Presets…").triggered.connect(lambda: self.choose_presets(anchor))
        menu.addAction("From a file…").triggered.connect(self.file_requested)
        return menu

    def choose_presets(self, anchor: QWidget) -> PresetChecklist:
        """Open the list of presets below a button."""
        pins = self._session.pins
        popup = PresetChecklist(self._theme, self._page, names_of(pins), MAX_PINS - len(pins))
        popup.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        popup.chosen.connect(self.pin_presets)
        popup.open_under(anchor)
        return popup

    def pin_presets(self, names: tuple[str, ...], *, baseline: bool = False) -> None:
        """Pin presets in one go; ``baseline`` makes the first of them the baseline where there is none."""
        session = self._session
        designs = tuple(PRESETS[name].design for name in names)
        first = designs[0] if baseline and session.baseline is None else session.baseline
        session.set_pins((*session.pins, *designs), first)

    def ask_about(self, entry: ComparedDesign, at: QPoint) -> None:
        """Ask what is to be done with a design."""
        menu = self.design_menu(entry)
        menu.exec(at)
        menu.deleteLater()

    def design_menu(self, entry: ComparedDesign) -> QMenu:
        """What can be done with the design of a column."""
        menu, session, design = QMenu(self._page), self._session, entry.design
        if design in session.pins:
            baseline = menu.addAction("No baseline" if entry.is_baseline else "Make it the baseline")
            baseline.triggered.connect(lambda: session.set_baseline(None if entry.is_baseline else design))
        else:
            menu.addAction("Pin it").triggered.connect(lambda: session.pin(design))
        menu.addAction("Open on the Design page").triggered.connect(lambda: self.design_requested.emit(design))
        if design in session.pins:
            menu.addSeparator()
            for words, step in (("Move left", -1), ("Move right", 1)):
                action = menu.addAction(words)
                action.setEnabled(self._may_move(entry, step))
                action.triggered.connect(lambda _=False, step=step: self.move_design(entry, step))
            menu.addSeparator()
            menu.addAction("Remove").triggered.connect(lambda: session.unpin(design))
        return menu

    # ---- the order

    def _movable(self) -> list[Design]:
        """The pinned designs whose places can change; the baseline stays in front."""
        return [design for design in self._session.pins if design != self._session.baseline]

    def _may_move(self, entry: ComparedDesign, step: int) -> bool:
        others = self._movable()
        return entry.design in others and 0 <= others.index(entry.design) + step < len(others)

    def move_design(self, entry: ComparedDesign, step: int) -> None:
        """Move a pinned design by so many columns, no further than to an end; the baseline stays in front."""
        session = self._session
        others = self._movable()
        if entry.design not in others:
            return
        place = others.index(entry.design)
        others.insert(min(len(others) - 1, max(0, place + step)), others.pop(place))
        front = (session.baseline,) if session.baseline is not None else ()
        session.set_pins((*front, *others), session.baseline)
