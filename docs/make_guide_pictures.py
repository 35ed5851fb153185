"""Takes the pictures of the guide and of README from the running program: no screen, a real engine, real runs.

Run by ``python3 dev.py guide [NAME ...]`` when the program has changed what a picture shows; takes some minutes.
Everything that it needs is inside the program; its runs and settings lie in a folder that is removed at the end.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from guide_home import save_strange_weights, train_runs, write_class_folders
from pictured_window import README_SIZE, PicturedWindow

from resnet_gui.design.presets import PRESETS

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

PINNED: Final = ("resnet50", "resnet18", "resnext50_32x4d", "wide_resnet50_2")
TUTORIALS: Final = {
    "biased_resnet50": "layer3.0", "unnormalised_resnet18": "layer2.0", "preact_resnet22": "layer1.0",
    "digits-resnet": "layer2.0",
}  # fmt: skip
"""Preset -> the block that its page unfolds."""


class PictureTour:
    """The way through the pages of a window, with a picture of each place.

    Attributes:
        home: folder of the runs and settings, and of the user's own files.
        runs: folders of the runs that somebody has made before.
    """

    def __init__(self, pictured: PicturedWindow, home: Path, runs: list[Path]) -> None:
        self._pictured, self.app = pictured, pictured.app
        self.home, self.runs = home, runs

    def take_all(self) -> int:
        """Take the pictures; 1 if something has not come about."""
        for scenes in (self._guide, self._readme):
            for name in scenes():
                self._pictured.take(name)
        self._pictured.end()
        return int(bool(self._pictured.missed))

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
        self._pictured.rest(7.0)
        yield "welcome"
        steps.replay()
        page = app.train_page()
        page.side.new.button.setChecked(False)
        self._pictured.wait("the replay", lambda: page.replay.going is not None and page.replay.going.epoch > 8)
        yield "recorded"
        page.replay.end()
        steps.show_experiment("degradation")
        self._pictured.rest(2.0)
        yield "lab"
        (self.home / "made").rename(self.home / "runs")
        self.runs = [self.home / "runs" / folder.name for folder in self.runs]
        app.session.runs.load()
        self._pictured.wait("the runs", lambda: len(page.runs.rows()) >= len(self.runs))

    def choose(self, name: str, path: str = "") -> None:
        """Show a preset, verified, with a block unfolded."""
        app, page = self.app, self.app.design
        app.show_page("design")
        page.choose_preset(PRESETS[name])
        # "verified" is said first of both where torchvision has the design too.
        wanted = "matches torchvision" if name.startswith("resnet") else "verified"
        self._pictured.wait(f"{name} {wanted}", lambda: page.headline.verdict.text() == wanted)
        view = page.network.view
        view.choose(path)
        if path:
            view.path_chosen.emit(path)
            view.unfold(on=True)
            self._pictured.rest(0.5)
            self._look_at_unfolded()
        self._pictured.rest(1.0)

    def _look_at_unfolded(self) -> None:
        """Scroll to the block that is unfolded, as far up as it goes."""
        view = self.app.design.network.view
        if view.diagram.unfolded is not None:
            view.centerOn(view.diagram.unfolded.center())
        self._pictured.rest(0.5)

    def _design(self) -> Iterator[str]:
        app, page = self.app, self.app.design
        for name, path in TUTORIALS.items():
            self.choose(name, path)
            yield f"tutorial-{name.replace('_', '-')}"
        self.choose("resnet50")
        # What the figures were before the change is shown for some seconds.
        self._pictured.rest(4.0)
        yield "design"
        self.choose("resnet50", "layer3.0")
        page.calculator.open_for(app.session.plan, "layer3.0.conv2", "shape")
        self._pictured.rest(0.5)
        self._look_at_unfolded()
        yield "design-block"
        page.calculator.dismiss()
        app.present()
        self._pictured.rest(1.0)
        (shown,) = self._pictured.over()
        self._walk(shown)
        self._pictured.take("presentation", alone=shown)
        self._pictured.close_others()

    def _walk(self, presented: QWidget) -> None:
        """Step to a layer of the first block, as somebody who explains it."""
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        pane = self._pictured.qt.focusWidget() or presented
        for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down, *3 * [Qt.Key.Key_Right]):
            QTest.keyClick(pane, key)
        self._pictured.rest(1.0)

    def _train(self) -> Iterator[str]:
        from resnet_gui.gui.common.figure_dialog import FigureDialog
        from resnet_gui.gui.shell.first_steps import FirstSteps

        app, page = self.app, self.app.train_page()
        self.choose("digits-resnet")
        app.show_runs([str(folder) for folder in self.runs[:1]])
        page.side.new.button.setChecked(True)
        self._pictured.wait("the time of a run", lambda: "about" in page.form.footer.note.text(), rest=1.5)
        yield "train"
        page.actions_of_runs.export("figure", [page.state.run] if page.state.run else [])
        self._pictured.rest(1.0)
        dialog = next(each for each in self._pictured.over() if isinstance(each, FigureDialog))
        dialog.figures.setCurrentIndex(2)
        self._pictured.rest(1.0)
        yield "figure"
        self._pictured.close_others()
        app.show_runs([str(folder) for folder in self.runs])
        page.side.new.button.setChecked(False)
        page.modes.pulled = 660
        page.modes.share()
        self._pictured.rest(0.5)
        page.side.parts.setSizes([480, 130])
        self._pictured.rest(2.0)
        yield "runs"
        page.modes.pulled = 0
        page.modes.share()
        FirstSteps(app).train_on(write_class_folders(self.home / "my-digits"))
        self._pictured.rest(2.0)
        self._pictured.wait("the time of that run", lambda: "about" in page.form.footer.note.text(), rest=2.0)
        yield "your-pictures"
        page.side.new.button.setChecked(False)

    def _predict(self) -> Iterator[str]:
        from resnet_gui.gui.predict.explain.lesions import LesionView

        self.app.show_page("predict")
        page = self.app.predict_page()
        self._pictured.wait("an explanation", lambda: page.state.explanation is not None, rest=2.0)
        yield "predict"
        blocks = [place.path for place, _ in page.state.plan.blocks()] if page.state.plan is not None else []
        view = page.explain.widget(LesionView)
        page.state.set_lesions(tuple(blocks[1:3]))
        view.slider.setValue(80)
        # "2 off, α = 0.80: cat falls from 97 % to …" is said when the answer is there.
        self._pictured.wait("the answer without blocks", lambda: " to " in view.words.text(), rest=3.0)
        yield "lesions"
        page.state.set_lesions(())
        view.slider.setValue(100)
        self._pictured.rest(1.0)

    def _measured(self) -> Iterator[str]:
        app = self.app
        app.evaluate_run(str(self.runs[2]))
        page = app.evaluate_page()
        self._pictured.rest(1.0)
        page.measuring.measure(again=True)
        self._pictured.wait(
            "an evaluation", lambda: not page.measuring.busy and page.state.evaluation is not None, rest=6.0
        )
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
        self._pictured.rest(2.0)

    def _take_identified(self) -> None:
        """Open a file of weights; its dialog waits in a loop of its own, so the picture is taken from within."""
        from PySide6.QtCore import QTimer

        from resnet_gui.gui.shell.dialogs import IdentifiedDialog

        taken: list[str] = []

        def look() -> None:
            dialog = self._pictured.qt.activeModalWidget()
            if isinstance(dialog, IdentifiedDialog) and not taken:
                taken.append("identify")
                self._pictured.rest(1.0)
                self._pictured.take("identify")
                dialog.reject()

        poll = QTimer(interval=100)
        poll.timeout.connect(look)
        poll.start()
        self.choose("resnet50")
        self.app.files.open(save_strange_weights(self.home / "model_best.pth"))
        self._pictured.wait("an identified file", lambda: bool(taken))
        poll.stop()

    # ---- README

    def _readme(self) -> Iterator[str]:
        app = self.app
        self._pictured.resize(README_SIZE)
        app.session.pin(PRESETS["resnet34"].design, baseline=True)
        self.choose("resnet50", "layer3.0")
        self._pictured.theme.set_mode("dark")
        self._pictured.rest(2.0)
        yield "design-dark"
        app.session.unpin(PRESETS["resnet34"].design)
        app.show_page("predict")
        page = app.predict_page()
        self._pictured.wait("an explanation", lambda: page.state.explanation is not None, rest=2.0)
        yield "predict-dark"
        self._pictured.theme.set_mode("light")
        app.show_runs([str(folder) for folder in self.runs[:2]])
        self._pictured.rest(2.0)
        yield "train-light"
        self.choose("preact_resnet164")
        app.design.network.set_colouring("memory")
        app.design.calculator.open_for(app.session.plan, app.session.plan.stages[-1].last_layer.path, "field")
        self._pictured.rest(1.0)
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
        runs = train_runs(home)
        return PictureTour(PicturedWindow(set(wanted)), home, runs).take_all()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
