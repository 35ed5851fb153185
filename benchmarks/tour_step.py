"""What a step of the tour is, and the steps that several parts of it take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

if TYPE_CHECKING:
    from resnet_gui.gui.shell.application import Application
    from resnet_gui.gui.shell.main_window import MainWindow

W = TypeVar("W", bound=QWidget)


class Step(NamedTuple):
    """A step of the tour.

    Attributes:
        title: of its row in the table; of several steps of one title the worst counts.
        work: what the user does.
        ready: whether what was asked for is there.
        stays: whether what it has opened is left for the next step, instead of being closed.
    """

    title: str
    work: Callable[[], object]
    ready: Callable[[], bool] = lambda: True
    stays: bool = False


class Tour(Protocol):
    """The window that the steps are taken in.

    Attributes:
        app: behind it.
        window: itself.
        home: of its user.
    """

    app: Application
    window: MainWindow
    home: Path


def opened_over(window: QWidget) -> list[QWidget]:
    """Menus, dialogs and windows on screen beside a window, the last first."""
    popup = QApplication.activePopupWidget()
    if popup is not None:
        return [popup]
    tops = (top for top in QApplication.topLevelWidgets() if top is not window and top.isVisible())
    return [top for top in tops if top.isWindow() and type(top) is not QWidget]


def shown_over(tour: Tour, kind: type[W]) -> list[W]:
    """Those of a kind."""
    return [widget for widget in opened_over(tour.window) if isinstance(widget, kind)]


def _place(tour: Tour, name: str) -> None:
    """The next time somebody is asked where to save, this is the answer."""
    path = tour.home / name
    path.unlink(missing_ok=True)
    setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))  # noqa: B010 (a method of Qt)


def saved(tour: Tour, title: str, name: str, work: Callable[[], object]) -> Step:
    """A step that asks where to save, and is over when the file is there."""

    def ask() -> None:
        _place(tour, name)
        work()

    return Step(title, ask, (tour.home / name).is_file)


def figures(tour: Tour, title: str, name: str, work: Callable[[], object]) -> Iterator[Step]:
    """Figures offered, each looked at, and one written."""
    from resnet_gui.gui.common.figure_dialog import FigureDialog

    def dialog() -> FigureDialog:
        return shown_over(tour, FigureDialog)[0]

    yield Step(f"{title}: dialog", work, lambda: bool(shown_over(tour, FigureDialog)), stays=True)
    for form in ("svg", "pdf", "png"):
        yield Step(
            f"{title}: as {form}",
            lambda form=form: dialog().form.setCurrentIndex(dialog().form.findData(form)),  # type: ignore[misc]
            stays=True,
        )
        path = tour.home / f"{name}.{form}"
        path.unlink(missing_ok=True)
        if form == "png":
            yield Step(f"{title}: written", lambda path=path: dialog().write(path), path.is_file)  # type: ignore[misc]
