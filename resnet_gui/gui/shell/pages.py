"""The pages of the window, a row each: a new page is its folder and a row here."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from resnet_gui.gui.shell.application import Application


Steps = Generator[None, None, "QWidget"]
"""A page that is made in steps, between which the window answers."""


class PageSpec(NamedTuple):
    """A page of the window.

    Attributes:
        key: its name in signals and calls.
        title: under its icon in the rail.
        icon: name of the icon.
        tip: of its button.
        make: makes the page when it is first asked for, and connects what it asks of others; in steps where it takes
            long. What it needs is imported there: the rail is painted from these rows before anything heavy is loaded.
        in_rail: whether it has a button there; one that has none is reached from the menu and by the logo.
    """

    key: str
    title: str
    icon: str
    tip: str
    make: Callable[[Application], QWidget | Steps]
    in_rail: bool = True


def _make_train(app: Application) -> Steps:
    from resnet_gui.gui.runs.going import TRAIN
    from resnet_gui.gui.shell.first_steps import FirstSteps
    from resnet_gui.gui.train.page import TrainPage
    from resnet_gui.gui.train.plots.panels import RunPlots

    plots = RunPlots(app.theme)
    yield
    page = TrainPage(app.session, app.engines, app.theme, app.settings, plots)
    yield
    page.queue.share(app.memory.keeper)
    page.restore()
    app.runs_at_start.end()
    page.progress.connect(app.progress.take_from(TRAIN))
    page.predict_requested.connect(app.predict_with)
    page.replay.experiment_requested.connect(FirstSteps(app).show_experiment)
    page.actions_of_runs.evaluate_requested.connect(lambda run: app.evaluate_run(str(run.folder)))
    app.drops.announced.connect(lambda key: page.centre.data.light(on=key == "train"))
    return page


def _make_predict(app: Application) -> QWidget:
    from resnet_gui.gui.predict.page import PredictPage

    page = PredictPage(app.session, app.engines, app.theme, app.settings)
    page.train_requested.connect(lambda: app.pages.open("train"))
    page.begin_requested.connect(app.train_from)
    app.drops.announced.connect(lambda key: page.light(on=key == "predict"))
    return page


def _make_lab(app: Application) -> QWidget:
    from resnet_gui.gui.lab.page import LabPage
    from resnet_gui.gui.runs.going import LAB

    page = LabPage(app.session, app.engines, app.theme, app.settings)
    page.progress.connect(app.progress.take_from(LAB))
    page.design_requested.connect(app.open_design)
    page.runs_requested.connect(app.show_runs)
    return page


def _make_evaluate(app: Application) -> QWidget:
    from resnet_gui.gui.evaluate.page import EvaluatePage

    page = EvaluatePage(app.session, app.engines, app.theme, app.settings)
    page.train_requested.connect(lambda: app.pages.open("train"))
    page.picture_opened.connect(app.predict_picture)
    return page


def _make_compare(app: Application) -> QWidget:
    from resnet_gui.gui.compare.page import ComparePage

    page = ComparePage(app.session, app.theme, app.settings)
    page.design_requested.connect(app.open_design)
    page.file_requested.connect(app.pin_from_file)
    return page


def _make_welcome(app: Application) -> QWidget:
    from resnet_gui.gui.shell.first_steps import FirstSteps
    from resnet_gui.gui.welcome.page import WelcomePage

    shown = app.first.page if app.first is not None else None
    page = shown if isinstance(shown, WelcomePage) else WelcomePage(app.session, app.theme, app.settings)
    page.use(app.settings)
    steps = FirstSteps(app)
    page.replay_requested.connect(steps.replay)
    page.experiment_requested.connect(steps.show_experiment)
    page.folder_chosen.connect(steps.train_on)
    page.preset_chosen.connect(steps.open_preset)
    page.file_requested.connect(app.files.ask_open)
    page.design_chosen.connect(app.open_design)
    page.run_chosen.connect(lambda folder: app.show_runs([folder]))
    app.engines.state_changed.connect(page.show_engine)
    app.window.dragged.connect(page.show_drag)
    page.show_engine(app.engines.state)
    return page


LOADED: Final = (
    "compare.page", "evaluate.classes.table", "evaluate.depth.panel", "evaluate.page", "lab.figures.trained",
    "lab.page", "predict.page", "train.plots.panels", "train.recipe.form", "train.page", "train.sweeps.view",
    "welcome.page",
)  # fmt: skip
"""Modules that bring what the pages need, the page that is the next to be asked for first, each with the one before."""


def load_pages() -> Iterator[None]:
    """Import what the pages need of ours, a part at a time; for the window's thread.

    PySide reads a class whenever one that derives from it is made, and so does Qt when an object of it gets an event:
    made in another thread while the window turned, classes of ours crashed it now and then.
    """
    for name in LOADED:
        import_module(f"resnet_gui.gui.{name}")
        yield


WELCOME: Final = "welcome"
"""Key of the page that is shown where nothing is open."""

PAGES: Final = (
    PageSpec("design", "Design", "design", "Design a network and read its layers", lambda app: app.design),
    PageSpec("train", "Train", "train", "Train the design and watch it learn", _make_train),
    PageSpec("predict", "Predict", "predict", "Classify pictures with a trained network", _make_predict),
    PageSpec("lab", "Lab", "lab", "Why residual networks work: experiments with claims and verdicts", _make_lab),
    PageSpec("evaluate", "Evaluate", "evaluate", "How good a model is, and where and why it fails", _make_evaluate),
    PageSpec("compare", "Compare", "compare", "Pinned designs side by side", _make_compare),
    PageSpec(
        WELCOME, "Welcome", "play", "What the program can do, and what you did last", _make_welcome, in_rail=False
    ),
)
"""In the order of the rail; the first is there from the start."""
