"""The settings that version 0.1 wrote, in a present window."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from resnet_gui.gui.settings import load_settings
from resnet_gui.gui.shell.application import Application
from resnet_gui.gui.shell.pages import PAGES
from tests.old_files import OLD, kept, read_json

ARRANGED = ("splitter", "compared", "plotted", "panels", "geometry")
"""Sizes in pixels, which another screen may not allow."""

ELSEWHERE = ("recent", "followed", "theme")
"""Paths that are left out where nothing is to be found any more, and the theme, which the tests' windows share."""


def test_a_window_keeps_what_an_old_one_remembered(open_window: Callable[..., Application], home: Path) -> None:
    home.mkdir()
    shutil.copy(OLD / "settings.json", home / "settings.json")
    everything = read_json(OLD / "settings.json")
    written = {name: value for name, value in everything.items() if name not in ARRANGED + ELSEWHERE}
    application = open_window(load_settings())
    assert kept(written["design"], application.session.design) == written["design"]
    assert kept(written["pins"], list(application.session.pins)) == written["pins"]
    assert application.session.baseline == application.session.pins[written["baseline"]]
    for page in PAGES:
        application.show_page(page.key)
    application.window.close()
    assert kept(written, load_settings()) == written
