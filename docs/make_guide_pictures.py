"""Takes the guide's pictures of the running program: a window without a screen, a real engine, real runs.

Run by ``python3 dev.py guide``, after the program has changed what a picture shows; takes some minutes. Everything
that it needs is inside the program.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from PIL import Image

FOLDER: Final = Path(__file__).resolve().parent / "guide" / "pictures"
SIZE: Final = (1280, 800)
COLOURS: Final = 128
PATIENCE: Final = 300.0


def write_digit_folders(root: Path, each: int = 24) -> Path:
    """Pictures of the digits inside as somebody would bring them: a folder for each class."""
    from resnet_gui.base.files import assets

    with np.load(assets() / "digits" / "digits.npz") as file:
        images, labels = (file[name] for name in sorted(file.files)[:2])
    if images.ndim == 1:
        images, labels = labels, images
    names = ("zero", "one", "two", "three", "four")
    for number, name in enumerate(names):
        (root / name).mkdir(parents=True)
        for place, index in enumerate(np.flatnonzero(labels == number)[:each]):
            pixels = np.squeeze(images[index]).astype(np.float64)
            grey = (255 * pixels / pixels.max()).astype(np.uint8)
            Image.fromarray(grey).resize((64, 64), Image.Resampling.NEAREST).save(root / name / f"{place}.png")
    return root


def main() -> int:
    """Take all pictures; returns the exit code."""
    with tempfile.TemporaryDirectory() as home:
        os.environ.update(RESNET_GUI_HOME=home, QT_QPA_PLATFORM="offscreen")
        from resnet_gui.cli.main import main as command

        for seed in (1, 2):
            run = Path(home) / "runs" / f"2026010{seed}-120000-digits"
            command(
                ["train", "digits-resnet", "--data", "digits", "--epochs", "8", "--seed", str(seed), "--run", str(run)]
            )
        command(["evaluate", "cifar10-resnet20", "--data", str(_samples(Path(home))), "--depth"])
        return Tour(Path(home)).take_all()


def _samples(home: Path) -> Path:
    """The sample pictures as a labelled folder."""
    from resnet_gui.base.files import assets

    for path in sorted((assets() / "samples").glob("*.jpg")):
        (home / "samples" / path.stem).mkdir(parents=True)
        for turn in range(3):
            image = Image.open(path)
            image.rotate(4 * turn).save(home / "samples" / path.stem / f"{turn}.png")
    return home / "samples"


class Shot(NamedTuple):
    """A picture: its name, what brings it on screen, and when that is done."""

    name: str
    show: Callable[[], object]
    ready: Callable[[], bool] = lambda: True
    rest: float = 1.5


class Tour:
    """A window that is led through its pages."""

    def __init__(self, home: Path) -> None:
        from resnet_gui.gui import app as program
        from resnet_gui.gui.kit.theme import Theme
        from resnet_gui.gui.shell.main_window import MainWindow

        self._home = home
        self._qt = program.make_application()
        theme = Theme(self._qt, "light")
        self.window = MainWindow(theme)
        made: list[program.Application] = []
        self.window.painted.connect(lambda: made.append(program.fill(self.window, theme)))
        self.window.resize(*SIZE)
        self.window.show()
        self._wait(lambda: bool(made))
        self.app = made[0]
        self._wait(lambda: self.app.engines.state == "ready")

    def _wait(self, until: Callable[[], bool], rest: float = 0.0) -> bool:
        end = time.monotonic() + PATIENCE
        while not until() and time.monotonic() < end:
            self._qt.processEvents()
            time.sleep(0.01)
        end = time.monotonic() + rest
        while time.monotonic() < end:
            self._qt.processEvents()
            time.sleep(0.01)
        return until()

    def take_all(self) -> int:
        """Take every picture; 1 if one did not come about."""
        FOLDER.mkdir(exist_ok=True)
        failed = [shot.name for shot in self._shots() if not self._take(shot)]
        self.app.engines.kill_all()
        sys.stderr.write(f"not taken: {', '.join(failed)}\n" if failed else "all pictures are taken\n")
        return int(bool(failed))

    def _take(self, shot: Shot) -> bool:
        shot.show()
        done = self._wait(shot.ready, shot.rest)
        target = self._qt.activeModalWidget() or self._qt.activePopupWidget() or self.window
        shown = next((each for each in self._qt.topLevelWidgets() if each.property("guide")), target)
        path = FOLDER / f"{shot.name}.png"
        shown.grab().save(str(path))
        with Image.open(path) as image:
            image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
        sys.stderr.write(f"{shot.name}: {path.stat().st_size // 1000} kB\n")
        return done

    def _shots(self) -> Iterator[Shot]:
        yield Shot("welcome", lambda: self.app.show_page("welcome"), rest=7.0)
        yield from self._design()
        yield from self._train()
        yield from self._predict()
        yield from self._others()

    def _design(self) -> Iterator[Shot]:
        app, page = self.app, self.app.design

        def choose(name: str, path: str = "") -> None:
            app.show_page("design")
            page.choose_preset(PRESETS[name])
            self._wait(lambda: True, 0.5)
            if path:
                page.network.view.choose(path)
                page.network.view.unfold(on=True)

        yield Shot("design", lambda: choose("resnet50"), rest=4.0)
        yield Shot("design-block", lambda: choose("resnet50", "layer3.0"))
        for name in ("biased_resnet50", "unnormalised_resnet18", "preact_resnet22", "digits-resnet"):
            path = {"biased_resnet50": "layer3.0", "preact_resnet22": "layer1.0"}.get(name, "layer2.0")
            yield Shot(f"tutorial-{name.replace('_', '-')}", lambda name=name, path=path: choose(name, path), rest=3.0)
        yield Shot("presentation", app.present, rest=3.0)
        self._close_others()

    def _close_others(self) -> None:
        for widget in self._qt.topLevelWidgets():
            if widget is not self.window and widget.isVisible():
                widget.close()
        self._wait(lambda: True, 0.5)

    def _train(self) -> Iterator[Shot]:
        app = self.app
        app.show_page("train")
        page = app.train_page()
        self._wait(lambda: len(page.runs.rows()) >= 2, 1.0)
        yield Shot("train", lambda: page.state.choose(page.runs.rows()[0]), rest=3.0)
        yield Shot("runs", lambda: page.modes.pull(760), rest=2.0)
        page.modes.pull(0)
        folder = write_digit_folders(self._home / "my-digits")
        yield Shot("your-pictures", lambda: page.preparation.take_files([folder]), rest=8.0)
        yield Shot("figure", lambda: page.actions_of_runs.ask_figure(), rest=3.0)
        self._close_others()
        yield Shot("recorded", FirstSteps(app).replay, rest=9.0)

    def _predict(self) -> Iterator[Shot]:
        app = self.app
        yield Shot("predict", lambda: app.show_page("predict"), lambda: bool(app.predict_page().state.answers), 5.0)

    def _others(self) -> Iterator[Shot]:
        app = self.app
        yield Shot("lab", lambda: FirstSteps(app).show_experiment("degradation"), rest=3.0)
        yield Shot("compare", self._pin, rest=3.0)

    def _pin(self) -> None:
        for name in ("resnet18", "resnet50", "wide_resnet50_2", "resnext50_32x4d"):
            self.app.session.pin(PRESETS[name].design, baseline=name == "resnet50")
        self.app.show_page("compare")


if __name__ == "__main__":
    sys.exit(main())
