"""The steps of the tour on the pages Compare, Train, Predict, Evaluate and Lab."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from PySide6.QtCore import QPoint
from tour_home import LONG, TRAINED
from tour_step import Step, Tour, figures, saved

MEASURED: Final = "signal-propagation"
"""An experiment of the Lab that the made home has results of."""


def compare(tour: Tour) -> Iterator[Step]:
    """Sixteen pins, table and blocks."""
    from resnet_gui.design.presets import PRESETS
    from resnet_gui.gui.compare.page import ComparePage

    session = tour.app.session
    page: ComparePage = tour.app.page("compare")  # type: ignore[assignment]
    yield Step("to a page", lambda: tour.app.show_page("compare"))
    for preset in list(PRESETS.values())[:16]:
        yield Step("Compare: another pin", partial(session.pin, preset.design))
    yield Step("Compare: baseline", lambda: session.set_baseline(session.pins[3]))
    for view in ("blocks", "table"):
        yield Step(f"Compare: {view}", partial(page.views.chosen.emit, view))
    for on in (True, False):
        yield Step("Compare: only rows that differ", partial(page.only.toggled.emit, on))
    yield Step("Compare: presets to pin", partial(page.menus.choose_presets, page.add))
    yield Step("Compare: menu", lambda: page.menus.add_menu(page.add).popup(QPoint(9, 9)))
    yield from figures(tour, "Compare: figures", "compare", page.exports.offer)
    yield saved(tour, "Compare: table as CSV", "compare.csv", partial(page.exports.ask, "csv"))


def runs(tour: Tour) -> Iterator[Step]:
    """Two hundred runs, the long one, several chosen in a row, plots written."""
    page = tour.app.train_page()
    folder = tour.home / "runs"

    def choose(name: str) -> None:
        page.state.choose(page.runs.row(folder / name))

    def read() -> bool:
        return not any(row.behind for row in page.runs.rows() if row.shown or row is page.state.run)

    yield Step("to a page", lambda: tour.app.show_page("train"))
    yield Step("Train: the long run", lambda: choose(LONG), read)
    yield Step("Train: the trained run", lambda: choose(TRAINED), read)
    for number in range(0, 100, 9):
        yield Step("Train: another of 200 runs", partial(choose, f"20250101-{number:06d}-copy"), read)
    for number in range(12):
        row = page.runs.rows()[number]
        yield Step("Train: another curve is drawn", partial(page.runs.set_shown, row, shown=True), read)
    yield Step("Train: the long run", lambda: choose(LONG), read)
    rows = page.runs.rows()[:4]
    yield saved(tour, "Train: curves as CSV", "curves.csv", partial(page.actions_of_runs.export, "csv", rows))
    yield from figures(tour, "Train: figures", "train", partial(page.actions_of_runs.save, "figure", None))
    yield Step("Train: menu of a run", lambda: page.actions_of_runs.menu(page.runs.rows()[0]).popup(QPoint(9, 9)))
    yield Step("Train: launch dialog", lambda: page.control.show_launch(None, page.form.recipe))


def tables(tour: Tour) -> Iterator[Step]:
    """The table of two hundred runs sorted, grouped, searched and pulled wide."""
    from dataclasses import replace

    from resnet_gui.gui.train.runs.arrangement import GROUPS
    from resnet_gui.gui.train.runs.columns import COLUMNS, CURVE

    page = tour.app.train_page()
    table = page.list
    yield Step("to a page", lambda: tour.app.show_page("train"))
    for width in (900, 300):
        yield Step("Train: another width of the table", partial(page.modes.halves.setSizes, [width, 1440 - width]))
        for column in COLUMNS:
            if column.key != CURVE:
                yield Step("Train: the table is sorted", partial(table.sort_by, column.key))
        for group in (*GROUPS, next(iter(GROUPS))):
            yield Step(
                "Train: the table is grouped",
                lambda group=group: table.arrange(replace(table.table.arrangement, group=group)),  # type: ignore[misc]
            )
        for words in ("run 1", "many", "long", ""):
            yield Step("Train: a search in the table", partial(page.side.finder.field.setText, words))
    yield Step("Train: all runs are selected", table.selectAll)
    yield Step("Train: menu of many runs", lambda: page.actions_of_runs.show_menu(table.selected(), QPoint(9, 9)))
    yield Step("Train: the long run", lambda: page.state.choose(page.runs.row(tour.home / "runs" / LONG)))


def sweeps(tour: Tour) -> Iterator[Step]:
    """The sweeps of the Train page."""
    page = tour.app.train_page()
    yield Step("to a page", lambda: tour.app.show_page("train"))
    for mode in ("sweeps", "runs", "sweeps"):
        yield Step(f"Train: {mode}", partial(page.modes.show_mode, mode))
    yield Step("Train: a sweep is chosen", lambda: page.modes.view.model.choose(page.modes.view.model.items()[0]))
    yield Step("Train: runs", lambda: page.modes.show_mode("runs"))


def predict(tour: Tour) -> Iterator[Step]:
    """Pictures with their answers, each explain view, the table."""
    from resnet_gui.base.files import assets
    from resnet_gui.gui.predict.explain.views import VIEWS

    page = tour.app.predict_page()
    pictures = sorted((assets() / "samples").glob("*.jpg"))
    yield Step("to a page", lambda: tour.app.show_page("predict"), lambda: page.state.loaded is not None)

    def answered() -> bool:
        found = page.pictures.pictures()
        return bool(found) and all(picture.top or picture.error for picture in found)

    yield Step("Predict: eight pictures", lambda: page.add_files(pictures), answered)
    for view in range(len(VIEWS)):
        yield Step(f"Predict: {VIEWS[view].title}", partial(page.explain.tabs.setCurrentIndex, view))
    for picture in range(3):
        yield Step("Predict: another picture", partial(page.gallery.choose, page.pictures.pictures()[picture]))
    for on in (True, False):
        yield Step("Predict: table of pictures", partial(page.strip.set_table, on=on))
        yield Step("Predict: table of pictures", page._show_parts)
    yield Step("Predict: another picture", partial(page.gallery.choose, page.pictures.pictures()[0]))
    run = tour.home / "runs" / TRAINED
    yield Step("Predict: another network", lambda: page.choose_run(run), lambda: page.state.loaded is not None)


def evaluate(tour: Tour) -> Iterator[Step]:
    """A stored evaluation and selections in it."""
    from resnet_gui.evaluation.selection import Selection
    from resnet_gui.gui.common.figure_dialog import offer_figures

    page = tour.app.evaluate_page()
    folder = next(path.parent for path in sorted(tour.home.glob("evaluations/*/evaluation.json")))
    yield Step("to a page", lambda: tour.app.show_page("evaluate"))
    yield Step(
        "Evaluate: a stored evaluation",
        lambda: tour.app.open_evaluation(folder),
        lambda: page.state.answers is not None,
    )
    selections = (Selection(truth=3), Selection(truth=8, answer=1), Selection(numbers=tuple(range(50))), Selection())
    for selection in selections:
        yield Step("Evaluate: a selection", partial(page.state.select, selection))
    yield Step("Evaluate: a temperature", lambda: page.state.set_temperature(2.0))
    yield Step("Evaluate: menu of reports", lambda: page.bar.report_menu.popup(QPoint(9, 9)))
    yield saved(tour, "Evaluate: report", "report.html", page.exports.ask_report)
    yield saved(tour, "Evaluate: answers as CSV", "answers.csv", page.exports.ask_table)
    offer = partial(offer_figures, page, tour.app.session, tour.app.settings)
    yield from figures(tour, "Evaluate: figures", "evaluate", lambda: offer(page.figures.choices()))


def lab(tour: Tour) -> Iterator[Step]:
    """The page of each experiment."""
    from resnet_gui.gui.lab.page import LabPage
    from resnet_gui.lab.experiments import EXPERIMENTS

    page: LabPage = tour.app.page("lab")  # type: ignore[assignment]
    yield Step("to a page", lambda: tour.app.show_page("lab"))
    for key, experiment in EXPERIMENTS.items():
        yield Step(f"Lab: {experiment.title}", partial(page.choose, key))
        yield Step(f"Lab: {experiment.title}", page._skip)
    yield Step("Lab: the measured experiment", partial(page.choose, MEASURED))
    yield saved(tour, "Lab: report", "lab.html", page.exports.report)
    yield from figures(tour, "Lab: figures", "lab", page.exports.figure)
