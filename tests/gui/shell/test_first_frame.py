"""What is painted first lies where it stays: nothing jumps, and nothing stands over anything else."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject, QRect
from PySide6.QtWidgets import QApplication, QWidget

from resnet_gui.gui.shell.pages import PAGES
from tests.gui.driving import Opener, train_page
from tests.gui.fitting import described, overlapping


class FirstFrame(QObject):
    """Watches a part of a window until it is painted.

    Attributes:
        places: where each visible child was then, by how a person would find it.
        faults: which controls stood over each other.
    """

    def __init__(self, root: QWidget) -> None:
        super().__init__()
        self._root = root
        self.places: dict[str, QRect] = {}
        self.faults: list[str] = []
        for part in (root, *root.findChildren(QWidget)):
            part.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Note where everything is before the first of it is painted."""
        if event.type() == QEvent.Type.Paint and not self.places:
            self.places, self.faults = laid_out(self._root), overlapping(self._root)
        return False


def laid_out(root: QWidget) -> dict[str, QRect]:
    """Where each visible child of a widget is."""
    children = [child for child in root.findChildren(QWidget) if child.isVisible() and child.window() is root.window()]
    return {described(child): QRect(child.mapTo(root, child.rect().topLeft()), child.size()) for child in children}


def settle() -> None:
    for _ in range(5):
        QApplication.processEvents()


@pytest.mark.parametrize("width", [1440, 1024])
def test_the_top_bar_is_painted_first_as_it_stays(open_window: Opener, width: int) -> None:
    window = open_window(engine=False)
    frame = FirstFrame(window.top)
    window.window.resize(width, 720)
    settle()
    assert frame.faults == []
    assert frame.places == laid_out(window.top)
    assert len(frame.places) > 8


def test_the_recipe_form_is_painted_first_as_it_stays_though_no_data_are_known(open_window: Opener) -> None:
    window = open_window(engine=False)
    settle()
    form = train_page(window).form
    frame = FirstFrame(form)
    window.show_page("train")
    settle()
    assert frame.faults == []
    assert frame.places == laid_out(form)
    assert len(frame.places) > 20


def test_on_no_page_does_anything_stand_over_anything_else_in_the_first_picture(open_window: Opener) -> None:
    window = open_window(engine=False)
    settle()
    for spec in PAGES:
        page = window.page(spec.key)
        frame = FirstFrame(page)
        window.show_page(spec.key)
        settle()
        assert frame.places, spec.key
        assert frame.faults == [], spec.key
