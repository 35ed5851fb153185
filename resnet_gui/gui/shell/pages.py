"""The pages of the window, a row each: a new page is its folder and a row here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from resnet_gui.gui.shell.application import Application


class PageSpec(NamedTuple):
    """A page of the window.

    Attributes:
        key: its name in signals and calls.
        title: under its icon in the rail.
        icon: name of the icon.
        tip: of its button.
        make: makes the page when it is first asked for, and connects what it asks of others. What it needs is imported
            there: the rail is painted from these rows before anything heavy is loaded.
        in_rail: whether it has a button there; one that has none is reached from the menu and by the logo.
    """

    key: str
    title: str
    icon: str
    tip: str
    make: Callable[[Application], QWidget]
    in_rail: bool = True


def _make_train(app: Application) -> QWidget:
    from resnet_gui.gui.common.dropped_kinds import local_files
    from resnet_gui.gui.train.page import TrainPage

    page = TrainPage(app.session, app.engines, app.theme, app.settings)
    app.runs_at_start.end()
    page.progress.connect(app.status.show_run)
    page.predict_requested.connect(app.predict_with)
    page.actions_of_runs.evaluate_requested.connect(lambda run: app.evaluate_run(str(run.folder)))
    app.window.dragged.connect(lambda mime: page.preparation.light(local_files(mime) if mime is not None else []))
    return page


def _make_predict(app: Application) -> QWidget:
    from resnet_gui.gui.predict.page import PredictPage

    page = PredictPage(app.session, app.engines, app.theme, app.settings)
    page.train_requested.connect(lambda: app.show_page("train"))
    page.begin_requested.connect(app.train_from)
    app.window.dragged.connect(page.show_drag)
    return page


def _make_lab(app: Application) -> QWidget:
    from resnet_gui.gui.lab.page import LabPage

    page = LabPage(app.session, app.engines, app.theme, app.settings)
    page.progress.connect(app.status.show_run)
    page.design_requested.connect(app.open_design)
    page.runs_requested.connect(app.show_runs)
    return page


def _make_evaluate(app: Application) -> QWidget:
    from resnet_gui.gui.evaluate.page import EvaluatePage

    page = EvaluatePage(app.session, app.engines, app.theme, app.settings)
    page.train_requested.connect(lambda: app.show_page("train"))
    page.picture_opened.connect(app.predict_picture)
    return page


def _make_compare(app: Application) -> QWidget:
    from resnet_gui.gui.compare.page import ComparePage

    page = ComparePage(app.session, app.theme, app.settings)
    page.design_requested.connect(app.open_design)
    page.file_requested.connect(app.pin_from_file)
    return page


def _make_welcome(app: Application) -> QWidget:
    from resnet_gui.gui.welcome.page import WelcomePage

    return WelcomePage(app.session, app.theme, app.settings)


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
