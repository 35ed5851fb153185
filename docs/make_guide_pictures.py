"""Takes the pictures of the guide and of README from the running program: no screen, a real engine, real runs.

Run by ``python3 dev.py guide [NAME ...]`` when the program has changed what a picture shows; takes some minutes.
Everything that it needs is inside the program; its runs and settings lie in a folder that is removed at the end.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from few_colours import with_few_colours
from guide_home import save_strange_weights, train_runs, write_class_folders
from PIL import Image

from resnet_gui.design.presets import PRESETS

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QWidget

    from resnet_gui.gui.shell.application import Application

DOCS: Final = Path(__file__).resolve().parent
GUIDE_SIZE: Final = (1280, 800)
README_SIZE: Final = (1440, 900)
README_PICTURES: Final = ("design-dark", "design-light", "compare-light", "train-light", "predict-dark")
PATIENCE: Final = 90.0
"""Seconds after which what is waited for will not come."""

MANY: Final = 15_000
"""Colours of a picture with photographs in it, which is kept as it is: few colours would be seen."""

TITLE_BAR: Final = 30
"""Pixels of the bar over a dialog that a window manager would draw, of which there is none here."""

PINNED: Final = ("resnet50", "resnet18", "resnext50_32x4d", "wide_resnet50_2")
TUTORIALS: Final = {
    "biased_resnet50": "layer3.0", "unnormalised_resnet18": "layer2.0", "preact_resnet22": "layer1.0",
    "digits-resnet": "layer2.0",
}  # fmt: skip
"""Preset -> the block that its page unfolds."""


class PictureTour:
    """A window that is led through its pages, with a picture of each place.

    Attributes:
        home: folder of the runs and settings, and of the user's own files.
        wanted: names of the pictures that are to be taken; all where there are none.
        missed: what did not come about.
    """

    def __init__(self, home: Path, runs: list[Path], wanted: set[str]) -> None:
        from resnet_gui.gui import app as program
        from resnet_gui.gui.kit.theme import Theme
        from resnet_gui.gui.shell.main_window import MainWindow

        self.home, self.runs, self.wanted = home, runs, wanted
        self.missed: list[str] = []
        self._qt = program.make_application()
        self.theme = Theme(self._qt, "light")
        self.window = MainWindow(self.theme)
        made: list[Application] = []
        self.window.painted.connect(lambda: made.append(program.fill(self.window, self.theme)))
        self._resize(GUIDE_SIZE)
        self.window.show()
        # As the program does, so that no field has the ring of the focus.
        self.window.setFocus()
        self.wait("the first page", lambda: bool(made))
        self.app = made[0]
        self.wait("the engine", lambda: self.app.engines.state == "ready")

    def _resize(self, size: tuple[int, int]) -> None:
        self.window.resize(*size)

    # ---- waiting, taking

    def wait(self, words: str, until: Callable[[], bool], rest: float = 0.5) -> None:
        """Let the program work until something has come about, and for a moment more, so that it is drawn."""
        end = time.monotonic() + PATIENCE
        while not until() and time.monotonic() < end:
            self._turn()
        if not until():
            self.missed.append(words)
            sys.stderr.write(f"did not come: {words}\n")
        self.rest(rest)

    def rest(self, seconds: float) -> None:
        """Let the program work for some time, as for what moves by itself."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._turn()

    def _turn(self) -> None:
        self._qt.processEvents()
        time.sleep(0.005)

    def take_all(self) -> int:
        """Take the pictures; 1 if something has not come about."""
        for scenes in (self._guide, self._readme):
            for name in scenes():
                self.take(name)
        self.app.end()
        self.app.after_close()
        return int(bool(self.missed))

    def take(self, name: str, alone: QWidget | None = None) -> None:
        """Keep what is on screen: the window with what stands over it, or a widget ``alone``."""
        if self.wanted and name not in self.wanted:
            return
        from PySide6.QtGui import QPainter

        readme = name in README_PICTURES
        path = DOCS / f"{name}.png" if readme else DOCS / "guide" / "pictures" / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        picture = (alone or self.window).grab()
        painter = QPainter(picture)
        for over in self._over() if alone is None else ():
            self._draw_over(painter, over)
        painter.end()
        picture.save(str(path))
        size = README_SIZE if readme else GUIDE_SIZE
        with Image.open(path) as image:
            drawn = image.convert("RGB")
            drawn = drawn if drawn.size == size else drawn.resize(size, Image.Resampling.LANCZOS)
        drawn.save(path, optimize=True)
        if len(drawn.getcolors(size[0] * size[1]) or ()) < MANY:
            with_few_colours(drawn).save(path, optimize=True)
        sys.stderr.write(f"{name}: {path.stat().st_size // 1000} kB\n")

    def _draw_over(self, painter: QPainter, dialog: QWidget) -> None:
        """Draw a dialog over the window, in a frame as a window manager draws one."""
        from PySide6.QtCore import QRect, Qt
        from PySide6.QtGui import QColor

        place = QRect(dialog.geometry().topLeft() - self.window.geometry().topLeft(), dialog.size())
        frame = place.adjusted(0, -TITLE_BAR, 0, 0)
        painter.fillRect(painter.viewport(), QColor(0, 0, 0, 70))
        painter.fillRect(frame.adjusted(-1, -1, 1, 1), QColor("#8a8f98"))
        painter.fillRect(frame, QColor("#e3e5e9"))
        painter.setPen(QColor("#1b1d21"))
        painter.setFont(dialog.font())
        painter.drawText(
            frame.adjusted(0, 0, 0, TITLE_BAR - frame.height()), Qt.AlignmentFlag.AlignCenter, dialog.windowTitle()
        )
        painter.drawPixmap(place.topLeft(), dialog.grab())

    def _over(self) -> list[QWidget]:
        return [each for each in self._qt.topLevelWidgets() if each.isVisible() and each is not self.window]

    def _close_others(self) -> None:
        for widget in self._over():
            widget.close()
        self.rest(0.3)

    # ---- the guide

    def _guide(self) -> Iterator[str]:
        yield from self._first_minute()
        yield from self._design()
        yield from self._train()
        yield from self._predict()
        yield from self._measured()
        self._take_identified()

    def _first_minute(self) -> Iterator[str]:
        """What somebody sees who has nothing yet; then the runs are there."""
        from resnet_gui.gui.shell.first_steps import FirstSteps

        app, steps = self.app, FirstSteps(self.app)
        app.show_page("welcome")
        # The recording plays for some seconds before it is half through.
        self.rest(7.0)
        yield "welcome"
        steps.replay()
        page = app.train_page()
        page.side.new.button.setChecked(False)
        self.wait("the replay", lambda: page.replay.going is not None and page.replay.going.epoch > 8)
        yield "recorded"
        page.replay.end()
        steps.show_experiment("degradation")
        self.rest(2.0)
        yield "lab"
        (self.home / "made").rename(self.home / "runs")
        self.runs = [self.home / "runs" / folder.name for folder in self.runs]
        app.session.runs.load()
        self.wait("the runs", lambda: len(page.runs.rows()) >= len(self.runs))

    def choose(self, name: str, path: str = "") -> None:
        """Show a preset, verified, with a block unfolded."""
        app, page = self.app, self.app.design
        app.show_page("design")
        page.choose_preset(PRESETS[name])
        # "verified" is said first of both where torchvision has the design too.
        wanted = "matches torchvision" if name.startswith("resnet") else "verified"
        self.wait(f"{name} {wanted}", lambda: page.headline.verdict.text() == wanted)
        view = page.network.view
        view.choose(path)
        if path:
            view.path_chosen.emit(path)
            view.unfold(on=True)
            self.rest(0.5)
            self._look_at_unfolded()
        self.rest(1.0)

    def _look_at_unfolded(self) -> None:
        """Scroll to the block that is unfolded, as far up as it goes."""
        view = self.app.design.network.view
        if view.diagram.unfolded is not None:
            view.centerOn(view.diagram.unfolded.center())
        self.rest(0.5)

    def _design(self) -> Iterator[str]:
        app, page = self.app, self.app.design
        for name, path in TUTORIALS.items():
            self.choose(name, path)
            yield f"tutorial-{name.replace('_', '-')}"
        self.choose("resnet50")
        # What the figures were before the change is shown for some seconds.
        self.rest(4.0)
        yield "design"
        self.choose("resnet50", "layer3.0")
        page.calculator.open_for(app.session.plan, "layer3.0.conv2", "shape")
        self.rest(0.5)
        self._look_at_unfolded()
        yield "design-block"
        page.calculator.dismiss()
        app.present()
        self.rest(1.0)
        (shown,) = self._over()
        self._walk(shown)
        self.take("presentation", alone=shown)
        self._close_others()

    def _walk(self, presented: QWidget) -> None:
        """Step to a layer of the first block, as somebody who explains it."""
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        pane = self._qt.focusWidget() or presented
        for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down, *3 * [Qt.Key.Key_Right]):
            QTest.keyClick(pane, key)
        self.rest(1.0)

    def _train(self) -> Iterator[str]:
        from resnet_gui.gui.common.figure_dialog import FigureDialog
        from resnet_gui.gui.shell.first_steps import FirstSteps

        app, page = self.app, self.app.train_page()
        self.choose("digits-resnet")
        app.show_runs([str(folder) for folder in self.runs[:1]])
        page.side.new.button.setChecked(True)
        self.wait("the time of a run", lambda: "about" in page.form.footer.note.text(), rest=1.5)
        yield "train"
        page.actions_of_runs.export("figure", [page.state.run] if page.state.run else [])
        self.rest(1.0)
        dialog = next(each for each in self._over() if isinstance(each, FigureDialog))
        dialog.figures.setCurrentIndex(2)
        self.rest(1.0)
        yield "figure"
        self._close_others()
        app.show_runs([str(folder) for folder in self.runs])
        page.side.new.button.setChecked(False)
        page.modes.pulled = 660
        page.modes.share()
        self.rest(0.5)
        page.side.parts.setSizes([480, 130])
        self.rest(2.0)
        yield "runs"
        page.modes.pulled = 0
        page.modes.share()
        FirstSteps(app).train_on(write_class_folders(self.home / "my-digits"))
        self.rest(2.0)
        self.wait("the time of that run", lambda: "about" in page.form.footer.note.text(), rest=2.0)
        yield "your-pictures"
        page.side.new.button.setChecked(False)

    def _predict(self) -> Iterator[str]:
        from resnet_gui.gui.predict.explain.lesions import LesionView

        self.app.show_page("predict")
        page = self.app.predict_page()
        self.wait("an explanation", lambda: page.state.explanation is not None, rest=2.0)
        yield "predict"
        blocks = [place.path for place, _ in page.state.plan.blocks()] if page.state.plan is not None else []
        view = page.explain.widget(LesionView)
        page.state.set_lesions(tuple(blocks[1:3]))
        view.slider.setValue(80)
        # "2 off, α = 0.80: cat falls from 97 % to …" is said when the answer is there.
        self.wait("the answer without blocks", lambda: " to " in view.words.text(), rest=3.0)
        yield "lesions"
        page.state.set_lesions(())
        view.slider.setValue(100)
        self.rest(1.0)

    def _measured(self) -> Iterator[str]:
        app = self.app
        app.evaluate_run(str(self.runs[2]))
        page = app.evaluate_page()
        self.rest(1.0)
        page.measuring.measure(again=True)
        self.wait("an evaluation", lambda: not page.measuring.busy and page.state.evaluation is not None, rest=6.0)
        yield "evaluate"
        self._pin_and_compare("resnet50")
        yield "compare"
        for design in list(app.session.pins):
            app.session.unpin(design)

    def _pin_and_compare(self, present: str) -> None:
        """Show four pinned networks beside the present one, which may be one of them."""
        self.choose(present)
        for name in PINNED:
            self.app.session.pin(PRESETS[name].design, baseline=name == PINNED[0])
        self.app.show_page("compare")
        self.rest(2.0)

    def _take_identified(self) -> None:
        """Open a file of weights; its dialog waits in a loop of its own, so the picture is taken from within."""
        from PySide6.QtCore import QTimer

        from resnet_gui.gui.shell.dialogs import IdentifiedDialog

        taken: list[str] = []

        def look() -> None:
            dialog = self._qt.activeModalWidget()
            if isinstance(dialog, IdentifiedDialog) and not taken:
                taken.append("identify")
                self.rest(1.0)
                self.take("identify")
                dialog.reject()

        poll = QTimer(interval=100)
        poll.timeout.connect(look)
        poll.start()
        self.choose("resnet50")
        self.app.files.open(save_strange_weights(self.home / "model_best.pth"))
        self.wait("an identified file", lambda: bool(taken))
        poll.stop()

    # ---- README

    def _readme(self) -> Iterator[str]:
        app = self.app
        self._resize(README_SIZE)
        app.session.pin(PRESETS["resnet34"].design, baseline=True)
        self.choose("resnet50", "layer3.0")
        self.theme.set_mode("dark")
        self.rest(2.0)
        yield "design-dark"
        app.session.unpin(PRESETS["resnet34"].design)
        app.show_page("predict")
        page = app.predict_page()
        self.wait("an explanation", lambda: page.state.explanation is not None, rest=2.0)
        yield "predict-dark"
        self.theme.set_mode("light")
        app.show_runs([str(folder) for folder in self.runs[:2]])
        self.rest(2.0)
        yield "train-light"
        self.choose("preact_resnet164")
        app.design.network.set_colouring("memory")
        app.design.calculator.open_for(app.session.plan, app.session.plan.stages[-1].last_layer.path, "field")
        self.rest(1.0)
        yield "design-light"
        self._pin_and_compare("resnet101")
        yield "compare-light"


def main(wanted: list[str]) -> int:
    """Take the pictures of these names, or all; returns the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        screen = home / "screen.json"
        screen.write_text(json.dumps({"screens": [{"name": "guide", "x": 0, "y": 0, "width": 1920, "height": 1200}]}))
        os.environ.update(RESNET_GUI_HOME=folder, QT_QPA_PLATFORM=f"offscreen:configfile={screen}")
        return PictureTour(home, train_runs(home), set(wanted)).take_all()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
