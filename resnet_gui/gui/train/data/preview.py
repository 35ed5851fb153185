"""The pictures of the chosen data set: the engine is asked for those in view, and the panel is kept up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from resnet_gui.data.datasets import KNOWN, is_here
from resnet_gui.data.preprocessing import Scaling, at_input
from resnet_gui.design.bounds import Shape
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.client.latest import LatestRequests
from resnet_gui.gui.kit.throttle import Debounce
from resnet_gui.gui.session import Session
from resnet_gui.gui.train.data.panel import DataSetPanel, data_name
from resnet_gui.gui.train.recipe.form import RecipeForm
from resnet_gui.gui.train.setup import TrainSetup
from resnet_gui.gui.train.start.fitting import WeightsFitting
from resnet_gui.protocol.events import ClassShown, Event, Failed, Progressed
from resnet_gui.protocol.jobs import ShowClassPictures
from resnet_gui.training.recipe import Recipe

REST_MS: Final = 150
SHOWN: Final = 8
"""Pictures of a class."""


class DataPreview(QObject):
    """The preview of the data of a new run, while its panel is on screen."""

    def __init__(
        self,
        panel: DataSetPanel,
        form: RecipeForm,
        setup: TrainSetup,
        fitting: WeightsFitting,
        session: Session,
        engines: Engines,
    ) -> None:
        super().__init__(panel)
        self._fitting = fitting
        self._panel, self._form, self._setup, self._session = panel, form, setup, session
        self._requests = LatestRequests(engines, self)
        self._resting = Debounce(self, REST_MS, self._ask)
        self._shown: object = None
        self._asked: object = None
        setup.data_changed.connect(self.look)
        setup.known.connect(self.look)
        setup.progressed.connect(self.show_progress)
        form.changed.connect(self.look)
        fitting.changed.connect(self.look)
        session.design_changed.connect(self.look)
        engines.state_changed.connect(lambda _state: self.look())
        panel.list.shown.connect(self._resting.request)
        panel.open_requested.connect(self._open)
        panel.again_requested.connect(self._look_again)
        panel.choose_requested.connect(form.choice.ask_folder)
        panel.cards.balance_requested.connect(lambda: form.change_recipe(balance="weights"))
        self._requests.answered.connect(self._take)

    def look(self) -> None:
        """Show what is known by now, and ask for pictures when the form rests."""
        if not self._panel.isVisible():
            return
        data, recipe = self._form.data, self._recipe()
        self._panel.open.setVisible(data not in KNOWN)
        described = self._setup.description
        state = (data, self._setup.problem, described, is_here(data) if data in KNOWN else True)
        if state != self._shown:
            self._shown, self._asked = state, None
            # Pictures of what was chosen before would be taken for these data's.
            self._requests.forget("pictures")
            self._show(data, recipe)
        self._panel.show_notices(recipe)
        self._resting.request()

    def _look_again(self) -> None:
        # What went wrong with the pictures alone is no part of what is known of the data.
        self._shown = None
        self._setup.look_through()

    def _show(self, data: str, recipe: Recipe) -> None:
        name, described = data_name(data), self._setup.description
        if self._setup.problem:
            self._panel.show_problem(name, self._setup.problem)
        elif data in KNOWN and not is_here(data):
            self._panel.show_empty()
        elif described is not None:
            self._panel.show_description(name, described, recipe)
        elif data in KNOWN:
            self._panel.begin_pictures(name)
        else:
            self._panel.show_reading(name, "looked through …")

    def show_progress(self, words: str) -> None:
        """Say how far the engine's look through the data is."""
        if self._panel.isVisible():
            self._panel.show_reading(data_name(self._form.data), words)

    def _recipe(self) -> Recipe:
        return self._form.valid_recipe() or Recipe(data=self._form.data)

    # ---- pictures

    def _ask(self) -> None:
        data = self._form.data
        ready = self._setup.description is not None if data not in KNOWN else is_here(data)
        if not self._panel.isVisible() or self._setup.problem or not ready:
            return
        recipe, shape = self._recipe(), self._session.spec.input
        scaling = self._scaling(recipe, shape)
        question = (data, shape, scaling, recipe.split)
        if question != self._asked:
            self._asked = question
            for row in self._panel.model.rows:
                row.asked = False
        wanted = tuple(self._panel.list.wanted())
        if self._requests.asking("pictures") or (not wanted and self._panel.model.rows):
            return
        for number in wanted:
            self._panel.model.rows[number].asked = True
        self._requests.ask(
            "pictures",
            lambda job: ShowClassPictures(
                job=job, data=data, shape=shape, scaling=scaling, split=recipe.split, pictures=SHOWN, classes=wanted
            ),
        )

    def _scaling(self, recipe: Recipe, shape: Shape) -> Scaling:
        """How a run would bring pictures to the input: as for the weights that it begins from, else by its recipe."""
        found = self._fitting.found
        if found is None or found.refused:
            return recipe.scaled(Scaling())
        return recipe.scaled(at_input(found.preprocess, found.design.spec.input, shape))

    def _take(self, _kind: str, event: Event) -> None:
        match event:
            case ClassShown():
                pngs = [picture.png for picture in event.pictures]
                # All lie in the folder whose name stands above.
                inside = f"{self._form.data.rstrip('/')}/"
                problems = [sentence.replace(inside, "") for sentence in event.problems]
                self._panel.show_class(event.number, event.count, pngs, problems)
                self._panel.show_notices(self._recipe())
            case Progressed():
                pass  # pictures appear one class after the other, which says as much
            case Failed():
                self._panel.show_problem(data_name(self._form.data), event.message)
            case _:  # all are shown; what has come into view meanwhile is next
                self._resting.request()

    def _open(self) -> None:
        path = Path(self._form.data)
        folder = path if path.is_dir() else path.parent
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._session.say(f"No program opens folders here; the pictures are in {folder}.", "warn")
