"""The Design page of a test: its own, or one for all tests of a file that says ``ONE_PAGE = True``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import Session


def made_page(session: Session, theme: Theme) -> DesignPage:
    """A page at the reference size, shown."""
    page = DesignPage(session, theme)
    page.resize(1380, 828)
    page.show()
    return page


@pytest.fixture(scope="module")
def shared_page(theme: Theme) -> Iterator[tuple[Session, DesignPage]]:
    """A page takes longer to make than most tests to ask it something."""
    session = Session()
    page = made_page(session, theme)
    yield session, page
    session.close()
    page.close()
    page.deleteLater()


@pytest.fixture
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    session: Session
    if not getattr(request.module, "ONE_PAGE", False):
        session = Session()
        yield session
        session.close()
        return
    session, page = request.getfixturevalue("shared_page")
    session.open_design(Session().design)
    session.undo.clear()
    page.form.advanced_part.button.setChecked(False)
    page.resize(1380, 828)
    yield session


@pytest.fixture
def page(request: pytest.FixtureRequest, qtbot: QtBot, session: Session, theme: Theme) -> DesignPage:
    """The Design page without a window around it, at the reference size."""
    if getattr(request.module, "ONE_PAGE", False):
        shared: DesignPage = request.getfixturevalue("shared_page")[1]
        return shared
    page = made_page(session, theme)
    qtbot.addWidget(page)
    return page
