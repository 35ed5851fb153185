"""The steps of the tour through everything that the window shows; ``bench_tour.py`` takes them and measures."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from PySide6.QtCore import QPoint
from tour_home import WEIGHTS
from tour_pages import compare, evaluate, lab, predict, runs, sweeps, tables
from tour_step import Step, Tour, figures, opened_over, shown_over

SIZES: Final = ((1440, 900), (1100, 720), (1920, 1200), (1024, 640), (2560, 1440), (1440, 900))


def pages(tour: Tour) -> Iterator[Step]:
    """Every page's first opening, in the order of the rail."""
    from resnet_gui.gui.shell.pages import PAGES

    app = tour.app
    for spec in PAGES:
        yield Step(
            f"first opening of {spec.title}",
            partial(app.pages.open, spec.key),
            partial(app.pages.made.__contains__, spec.key),
        )


def pages_again(tour: Tour) -> Iterator[Step]:
    """Every page once more, when all of them are filled."""
    from resnet_gui.gui.shell.pages import PAGES

    for spec in PAGES:
        yield Step(f"{spec.title} again, filled", partial(tour.app.show_page, spec.key))


def presentation(tour: Tour) -> Iterator[Step]:
    """The panes of every page, alone on the screen."""
    from resnet_gui.gui.shell.pages import PAGES
    from resnet_gui.gui.shell.presentation import PresentationWindow

    def next_pane(place: int) -> None:
        for window in shown_over(tour, PresentationWindow):
            window.show_pane(place)

    for spec in PAGES:
        yield Step("to a page", partial(tour.app.show_page, spec.key))
        yield Step(f"presentation of {spec.title}", tour.app.present, stays=True)
        for place in range(1, 5):
            yield Step(f"presentation of {spec.title}", partial(next_pane, place), stays=True)
        yield Step("the presentation ends", lambda: None)


def themes(tour: Tour) -> Iterator[Step]:
    """Both themes with every page on show, all pages built; and another page at once after it, and when all is done."""
    from resnet_gui.gui.shell.pages import PAGES

    theme = tour.app.theme
    for spec in PAGES:
        yield Step("to a page", partial(tour.app.show_page, spec.key))
        for mode in ("dark", "light"):
            yield Step(f"theme change on {spec.title}", partial(theme.set_mode, mode))
    for spec in PAGES:
        yield Step("to a page", lambda: tour.app.show_page("welcome"))
        yield Step("theme change on Welcome", partial(theme.set_mode, "dark"))
        yield Step(f"{spec.title} after a theme change", partial(tour.app.show_page, spec.key))
        yield Step("to a page", lambda: tour.app.show_page("welcome"))

        def change(key: str = spec.key) -> None:
            theme.set_mode("light")
            tour.app.show_page(key)

        yield Step(f"{spec.title} at once after a theme change", change)


def sizes(tour: Tour) -> Iterator[Step]:
    """The window in other sizes, with every page on show."""
    from resnet_gui.gui.shell.pages import PAGES

    for spec in PAGES:
        yield Step("to a page", partial(tour.app.show_page, spec.key))
        for size in SIZES:
            yield Step(f"another size on {spec.title}", partial(tour.window.resize, *size))


def designs(tour: Tour) -> Iterator[Step]:
    """Every preset, undone and done again; the deepest network."""
    from resnet_gui.design.presets import PRESETS

    session = tour.app.session
    yield Step("to a page", lambda: tour.app.show_page("design"))
    for name, preset in PRESETS.items():
        title = "the preset ResNet-1202" if name == "resnet1202" else "another preset"
        yield Step(title, partial(session.choose_preset, preset))
    for _ in range(6):
        yield Step("undo, redo of presets", session.undo.undo)
    for _ in range(6):
        yield Step("undo, redo of presets", session.undo.redo)


def editing(tour: Tour) -> Iterator[Step]:
    """Blocks unfolded, filters, names, colours and calculators of a usual and of the deepest network."""
    from resnet_gui.design.presets import PRESETS

    session, design = tour.app.session, tour.app.design
    table, network = design.table, design.network
    for name in ("resnet50", "resnet1202"):
        title = PRESETS[name].title
        yield Step("another preset" if name == "resnet50" else title, partial(session.choose_preset, PRESETS[name]))
        for on in (True, False, True):
            yield Step(f"{title}: a block is chosen", lambda: network.view.choose("layer2.0"))
            yield Step(f"{title}: unfold, fold", partial(network.view.unfold, on=on))
        for words in ("c", "conv", "3x3", "layer3", ""):
            yield Step(f"{title}: filter", partial(table.model.set_filter, words))
        for naming in ("torch", "paper"):
            yield Step(f"{title}: names of the table", partial(table.set_naming, naming))
        for colouring in ("params", "macs", "stage"):
            yield Step(f"{title}: colours", partial(network.set_colouring, colouring))
        for work in (network.view.fit, network.view.natural, lambda: network.view.zoom(1.5)):
            yield Step(f"{title}: zoom", work)
        yield Step(f"{title}: calculator", design.headline.field_requested.emit)
        yield Step(f"{title}: ledger", design.show_ledger)
        yield Step(f"{title}: edit", lambda: session.edit("classes", classes=session.spec.classes + 1))
        yield Step(f"{title}: edit", lambda: session.edit("conv bias", conv_bias=not session.spec.conv_bias))
        yield from figures(tour, f"{title}: diagram", f"diagram-{name}", partial(tour.app.files.ask_export, "svg"))
        for form in ("python", "csv", "latex", "json"):
            path = tour.home / f"export.{form}"
            yield Step(f"{title}: export as {form}", partial(tour.app.files.export, form, path))
    yield Step("another preset", partial(session.choose_preset, PRESETS["resnet50"]))


def dialogs(tour: Tour) -> Iterator[Step]:
    """Help, menus, weights that are identified."""
    app = tour.app
    yield Step("to a page", lambda: app.show_page("design"))
    yield Step("Help", app.rail.help_requested.emit)
    yield Step("the guide", app.show_guide)
    yield Step("the command palette", app.palette.open, stays=True)
    for words in ("r", "re", "res", "run 12", "theme"):
        yield Step("the command palette is typed into", partial(app.palette.palette.search.setText, words), stays=True)
    yield Step("the command palette", app.palette.palette.close)
    for title, menu in (("menu of the window", app.menus.main), ("menu of exports", app.menus.export)):
        yield Step(title, partial(menu.popup, QPoint(99, 99)))
    yield Step("list of presets", app.title.open_list)
    yield Step(
        "weights identified", lambda: app.files.open(tour.home / WEIGHTS), lambda: bool(opened_over(tour.window))
    )


PARTS: Final = {
    part.__name__: part
    for part in (
        pages, designs, editing, compare, runs, tables, sweeps, predict, evaluate, lab, dialogs, presentation, themes,
        sizes, pages_again,
    )
}  # fmt: skip
"""Every part of the tour, in order."""
