"""What the command palette of the window finds: pages, actions, presets, runs, files, experiments, help."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.kit.palette.finding import PaletteEntry
from resnet_gui.gui.kit.palette.popup import CommandPalette
from resnet_gui.gui.runs.row import progress_text, state_word
from resnet_gui.gui.shell.first_steps import FirstSteps
from resnet_gui.gui.shell.pages import PAGES

if TYPE_CHECKING:
    from resnet_gui.gui.shell.application import Application

KEY: Final = "Ctrl+K"
REASONS: Final = {
    "Undo": "There is no edit to take back.",
    "Redo": "No edit was taken back.",
    "Edits of this design": "The design was not edited yet.",
}
"""Why an action cannot be done, by the beginning of its text; where nothing else says so."""

ELSEWHERE: Final = frozenset({"Open recent", "Edits of this design"})
"""Menus that are not walked through: files have a group of their own, and edits are a list without an end."""


class WindowPalette(QObject):
    """The palette of a window, made when it is first asked for."""

    def __init__(self, app: Application) -> None:
        super().__init__(app)
        self._app = app
        self._steps = FirstSteps(app)
        self._palette: CommandPalette | None = None

    @property
    def palette(self) -> CommandPalette:
        """The popup."""
        if self._palette is None:
            words = "A page, an action, a preset, a run, an experiment …"
            self._palette = CommandPalette(self._app.theme, self._app.window, words)
            self._app.session.runs.loaded.connect(self._take_runs)
        return self._palette

    def open(self) -> None:
        """Open it; runs that are not read yet come while it is open."""
        self.palette.open_with(list(self.entries()))
        self._app.session.runs.load_in_slices(self._app.settings.followed)

    def _take_runs(self) -> None:
        if self.palette.isVisible():
            self.palette.show_entries(list(self.entries()))

    # ---- what there is

    def entries(self) -> Iterator[PaletteEntry]:
        """Everything that can be found, group by group."""
        yield from self._pages()
        yield from self._actions()
        yield from self._files()
        yield from self._designs()
        yield from self._runs()
        yield from self._experiments()
        yield from self._presets()
        yield from self._help()

    def _pages(self) -> Iterator[PaletteEntry]:
        for place, page in enumerate(PAGES, start=1):
            key = f"Ctrl+{place}" if page.in_rail else ""
            yield PaletteEntry("Pages", page.title, partial(self._app.show_page, page.key), page.tip, key)

    def _actions(self) -> Iterator[PaletteEntry]:
        yield from _entries_of(self._app.menus.main, "")

    def _files(self) -> Iterator[PaletteEntry]:
        for path in self._app.files.recent():
            yield PaletteEntry("Recent files", path.name, partial(self._app.files.open, path), str(path.parent))

    def _designs(self) -> Iterator[PaletteEntry]:
        for recent in self._app.settings.recent_designs:
            yield PaletteEntry(
                "Recent designs", recent.design.name, partial(self._app.open_design, recent.design)
            )  # fmt: skip

    def _runs(self) -> Iterator[PaletteEntry]:
        for run in self._app.session.runs.rows():
            about = f"{state_word(run)}, {progress_text(run)}"
            yield PaletteEntry("Runs", run.name, partial(self._app.show_runs, [str(run.folder)]), about)

    def _experiments(self) -> Iterator[PaletteEntry]:
        # Here and not above: a window that nobody asks for an experiment does without them.
        from resnet_gui.lab.experiments import EXPERIMENTS

        for key, experiment in EXPERIMENTS.items():
            work = partial(self._steps.show_experiment, key)
            yield PaletteEntry("Experiments of the Lab", experiment.title, work, experiment.question)
        yield PaletteEntry(
            "Experiments of the Lab", "Replay the recorded runs", self._steps.replay,
            "plain and residual networks of 20 and 56 layers",
        )  # fmt: skip

    def _presets(self) -> Iterator[PaletteEntry]:
        for preset in PRESETS.values():
            about = f"{preset.family}, {preset.source}"
            yield PaletteEntry("Presets", preset.title, partial(self._steps.open_preset, preset), about)

    def _help(self) -> Iterator[PaletteEntry]:
        from resnet_gui.gui.shell.help import WORDS

        for word, meaning in WORDS:
            yield PaletteEntry("Help", word, self._app.show_help, meaning)


def _entries_of(menu: QMenu, before: str) -> Iterator[PaletteEntry]:
    """The actions of a menu and of those below it, each with the titles of the menus above it."""
    for action in menu.actions():
        below = action.menu()
        text = action.text().replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…")
        if isinstance(below, QMenu):
            if text not in ELSEWHERE:
                below.aboutToShow.emit()  # menus that check what holds now do so when they are shown
                yield from _entries_of(below, f"{before}{text}: ")
        elif not action.isSeparator() and text:
            yield PaletteEntry(
                "Actions", f"{before}{text}", action.trigger, "on" if action.isChecked() else "",
                action.shortcut().toString(), _reason(action, text),
            )  # fmt: skip


def _reason(action: QAction, text: str) -> str:
    """Why an action cannot be done now; empty if it can."""
    if action.isEnabled():
        return ""
    return action.statusTip() or next(
        (why for name, why in REASONS.items() if text.startswith(name)), "Not possible at the moment."
    )
