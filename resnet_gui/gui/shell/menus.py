"""The window's menus: files, edits, pins, theme, help; each action once, with its key."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from resnet_gui.gui.kit.basic import literal
from resnet_gui.gui.kit.theme import MODES, Theme
from resnet_gui.gui.session import Session
from resnet_gui.gui.shell.documents import FORMS, Documents
from resnet_gui.gui.shell.text_size import TextSizeMenu

GROUPS = (("svg", "png", "pdf"), ("csv", "latex"), ("python", "onnx"), ("json",))
KEYS: dict[str, str] = {"open": "Ctrl+O", "save": "Ctrl+S", "export": "Ctrl+E", "pin": "Ctrl+B", "quit": "Ctrl+Q"}


class Menus:
    """The menus of the window, with their actions.

    Attributes:
        main: the window's menu.
        export: every form in which a design can be written.
        actions: the actions by name.
    """

    def __init__(self, window: QWidget, session: Session, files: Documents, theme: Theme) -> None:
        self._window, self._session, self._files, self._theme = window, session, files, theme
        self.actions: dict[str, QAction] = {}
        self.export = self._make_export()
        self.main = QMenu(window)
        self._recent = QMenu("Open recent", self.main)
        self._history = QMenu("Edits of this design", self.main)
        self._fill_main()
        files.recent_changed.connect(self._show_recent)
        self._show_recent()
        self._history.aboutToShow.connect(self._show_history)

    def _action(self, name: str, text: str, work: Callable[[], object], key: str = "") -> QAction:
        action = QAction(text, self._window)
        if key:
            action.setShortcut(QKeySequence(key))
        action.triggered.connect(lambda _=False: work())
        self._window.addAction(action)
        self.actions[name] = action
        return action

    def _make_export(self) -> QMenu:
        menu = QMenu("Export", self._window)
        for number, group in enumerate(GROUPS):
            if number:
                menu.addSeparator()
            for form in group:
                work = partial(self._files.ask_export, form)
                # Each of them asks for a file.
                menu.addAction(self._action(f"export-{form}", f"{FORMS[form][0].rstrip(' …')}…", work))
        return menu

    def _fill_main(self) -> None:
        menu, session, files = self.main, self._session, self._files
        menu.addAction(self._action("open", "Open design or weights…", files.ask_open, KEYS["open"]))
        menu.addMenu(self._recent)
        menu.addAction(self._action("save", "Save design…", files.ask_save, KEYS["save"]))
        menu.addMenu(self.export)
        menu.addSeparator()
        # Qt names the step in the text itself: "Undo change shortcut".
        undo = session.undo.createUndoAction(self._window, "Undo")
        redo = session.undo.createRedoAction(self._window, "Redo")
        undo.setShortcut(QKeySequence("Ctrl+Z"))
        redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        steps = session.undo
        for name, word, action, text, changed in (
            ("undo", "Undo", undo, steps.undoText(), steps.undoTextChanged),
            ("redo", "Redo", redo, steps.redoText(), steps.redoTextChanged),
        ):
            changed.connect(_StepName(action, word, text).show_step)  # behind Qt, which has been told first
            self.actions[name] = action
            self._window.addAction(action)
            menu.addAction(action)
        menu.addMenu(self._history)
        menu.addSeparator()
        menu.addAction(self._action("pin", "Pin as baseline", self.pin_baseline, KEYS["pin"]))
        menu.addAction(self._action("compare", "Pin for comparison", lambda: session.pin(session.design)))
        menu.addSeparator()
        menu.addMenu(self.theme_menu(menu))

    def add_text_sizes(self, menu: TextSizeMenu) -> None:
        """Add the choice of the text size, whose keys work everywhere."""
        self.main.addMenu(menu)
        for action in (menu.larger, menu.smaller, menu.usual):
            self._window.addAction(action)

    def finish(self, entries: tuple[tuple[str, str, Callable[[], object], str], ...]) -> None:
        """Add what belongs to the window: help, full screen, close."""
        self.main.addSeparator()
        for entry in entries:
            self.main.addAction(self._action(*entry))

    def theme_menu(self, parent: QWidget) -> QMenu:
        """The choice of the theme; every menu of it shows the present one."""
        menu = QMenu("Theme", parent)
        group = QActionGroup(menu)
        for mode in MODES:
            action = menu.addAction({"system": "As the system", "dark": "Dark", "light": "Light"}[mode])
            action.setCheckable(True)
            action.triggered.connect(lambda _=False, mode=mode: self._theme.set_mode(mode))
            group.addAction(action)
        menu.aboutToShow.connect(lambda: self._check_mode(menu))
        return menu

    def _check_mode(self, menu: QMenu) -> None:
        for mode, action in zip(MODES, menu.actions(), strict=True):
            action.setChecked(mode == self._theme.mode)

    def pin_baseline(self) -> None:
        """Compare every later design with the present one."""
        session = self._session
        session.pin(session.design, baseline=True)
        if session.baseline == session.design:
            session.say(f"{session.design.name} is the baseline now.", "ok")

    def _show_recent(self) -> None:
        menu = self._recent
        menu.clear()
        found = self._files.recent()
        for path in found:
            action = menu.addAction(literal(path.name))
            action.setToolTip(str(path))
            action.triggered.connect(lambda _=False, path=path: self._files.open(path))
        menu.setToolTipsVisible(True)
        menu.setEnabled(bool(found))
        if found:
            menu.addSeparator()
            menu.addAction("Clear the list").triggered.connect(self._files.forget_recent)

    def _show_history(self) -> None:
        """Every step of the undo stack; choosing one goes there."""
        menu, stack = self._history, self._session.undo
        menu.clear()
        texts = ["as it was opened", *(stack.text(number) for number in range(stack.count()))]
        for number, text in enumerate(texts):
            if number < len(texts) - 30:
                continue
            action = menu.addAction(literal(text))
            action.setCheckable(True)
            action.setChecked(number == stack.index())
            action.triggered.connect(lambda _=False, number=number: stack.setIndex(number))


class _StepName(QObject):
    """The text of an action that undoes or redoes a step; Qt's own takes an ampersand in it for the mark of a key."""

    def __init__(self, action: QAction, word: str, text: str) -> None:
        super().__init__(action)
        self._action, self._word = action, word
        self.show_step(text)

    def show_step(self, text: str) -> None:
        """Name another step."""
        self._action.setText(f"{self._word} {literal(text)}".rstrip())
