"""Where the welcome page leads: each of its doors ends in the real page with everything filled in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from resnet_gui.design.presets import PRESETS, Preset
from resnet_gui.gui.first_settings import FirstSettings
from resnet_gui.gui.shell.pages import PAGES, WELCOME

if TYPE_CHECKING:
    from resnet_gui.gui.shell.application import Application


class FirstSteps(QObject):
    """The ways from the welcome page into the others."""

    def __init__(self, app: Application) -> None:
        super().__init__(app)
        self._app = app

    def replay(self) -> None:
        """Show the Train page with the recorded runs, which play at once."""
        self._app.show_page("train")
        self._app.train_page().replay.begin()

    def show_experiment(self, key: str) -> None:
        """Show the Lab page with an experiment, which asks for a prediction first."""
        from resnet_gui.gui.lab.page import LabPage

        page = self._app.page("lab")
        if isinstance(page, LabPage):
            self._app.show_page("lab")
            page.choose(key)

    def train_on(self, folder: Path) -> None:
        """Show the Train page with a new run that learns from pictures."""
        preparation = self._app.train_page().preparation
        if not preparation.takes_files([folder]):
            self._app.session.say(f"{folder.name} holds no pictures to train on.", "error")
            return
        self._app.show_page("train")
        preparation.take_files([folder])

    def open_preset(self, preset: Preset) -> None:
        """Show the Design page with a preset."""
        self._app.session.choose_preset(preset)
        self._app.show_page("design")


def wants_welcome(settings: FirstSettings) -> bool:
    """Whether a new window begins with the welcome page: the user has not done without it, and nothing is open.

    Open is a page other than the first one, a design that is no preset as it is published, a pinned one, and a run that
    waits.
    """
    if not settings.welcome or settings.page not in {"", PAGES[0].key, WELCOME} or settings.pins or settings.queue:
        return False
    design = settings.design
    return design is None or any(design.spec == preset.spec for preset in PRESETS.values())
