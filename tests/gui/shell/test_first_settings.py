"""The settings of the first page are decoded by themselves, from the same bytes as all of them."""

import json
import subprocess
import sys

import msgspec
import pytest

from resnet_gui.base.files import data_folder
from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.appearance import settings_path
from resnet_gui.gui.first_settings import FirstSettings, decode_first, settings_bytes
from resnet_gui.gui.settings import Settings, load_settings

DESIGN = PRESETS["resnet50"].design


def test_a_recipe_that_cannot_be_read_costs_the_design_of_last_time_nothing() -> None:
    data = json.dumps({"design": msgspec.to_builtins(DESIGN), "preset": "resnet50", "recipe": 3, "queue": [1]}).encode()
    said: list[str] = []
    first, settings = decode_first(data), load_settings(said.append, data)
    assert first is not None
    assert settings == Settings(design=DESIGN, preset="resnet50"), "what is on screen is what is kept"
    assert first.design == settings.design
    assert said[0].startswith("The settings of last time cannot all be read (recipe, queue)")
    assert said[0].endswith("These begin with the defaults.")


def test_what_a_newer_version_has_written_costs_the_rest_nothing() -> None:
    """A theme, a pin and a field that this one does not know: the other pins, the device and that field stay."""
    pin, newer = msgspec.to_builtins(DESIGN), msgspec.to_builtins(PRESETS["resnet18"].design)
    newer["spec"]["norm"] = "quantum"
    fields = {"theme": "sepia", "device": "cpu", "pins": [pin, newer, pin], "baseline": 2, "orbit": 1}
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_text(json.dumps(fields))
    said: list[str] = []
    first, settings = decode_first(settings_bytes()), load_settings(said.append)
    assert first is not None
    for found in (first, settings):
        assert (found.theme, found.device, found.pins, found.baseline) == ("system", "cpu", [DESIGN, DESIGN], -1)
    assert said == [
        "The settings of last time cannot all be read (theme, pins); the file is kept as settings.json.bad. "
        "These begin with the defaults."
    ]
    assert json.loads(settings_path().read_text())["orbit"] == 1
    assert settings_path().with_name("settings.json.bad").read_text() == json.dumps(fields)


def test_whole_settings_have_every_field_of_the_first_page_as_it_had_it() -> None:
    whole = Settings(theme="dark", pins=[DESIGN], welcome=False, splitter=[3, 4])
    first = decode_first(msgspec.json.encode(whole))
    assert first == FirstSettings(theme="dark", pins=[DESIGN], welcome=False, splitter=[3, 4])


LATE = {
    "argparse",
    "lzma",
    "numpy",
    "platformdirs",
    "typing_extensions",
    "resnet_gui.lab.experiments",
    "resnet_gui.protocol.events",
    "resnet_gui.protocol.jobs",
}

LATER = {"dataclasses", "inspect"}
"""What only the figures of the welcome page need."""


@pytest.mark.parametrize("welcome", [False, True])
def test_the_first_page_is_painted_before_messages_and_experiments_are_imported(*, welcome: bool) -> None:
    data_folder().mkdir(parents=True, exist_ok=True)
    (data_folder() / "settings.json").write_text(json.dumps({"welcome": welcome}))
    script = (
        "import linecache, os, sys\n"
        "from resnet_gui.gui.app import make_application\n"
        "from resnet_gui.gui.shell.main_window import MainWindow\n"
        "from resnet_gui.gui.kit.theme import Theme\n"
        "from resnet_gui.gui.shell.start.opening import filling\n"
        "window = MainWindow(theme := Theme(make_application(), 'dark'))\n"
        "steps = filling(window, theme)\n"
        "while (page := next(steps)) is None: pass\n"
        "print(type(page).__name__, *(name for name in sys.modules if name in set(sys.argv[1:])),\n"
        "    *(name for name in linecache.cache if '/resnet_gui/' in name))\n"
        "sys.stdout.flush(); os._exit(0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *LATE, *(() if welcome else LATER)], capture_output=True, text=True, check=True
    )
    # Nor has PySide read the source of a module to find out what of PySide it selects.
    assert done.stdout.strip() == ("WelcomePage" if welcome else "DesignPage")
