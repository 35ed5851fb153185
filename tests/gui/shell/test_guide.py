"""The guide: every page and picture is there, opens without a network, and says what the program says."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from resnet_gui.analysis.costs import totals
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.shell.guide import GuideDialog, guide_folder, guide_pages

FILES = sorted(path.name for path in guide_folder().glob("*.md"))
TUTORIALS = ["biased_resnet50", "unnormalised_resnet18", "preact_resnet22", "digits-resnet"]


def text_of(file: str) -> str:
    return (guide_folder() / file).read_text(encoding="utf-8")


@pytest.fixture
def guide(qtbot: QtBot, qapp: QApplication) -> Iterator[GuideDialog]:
    theme, parent = Theme(qapp, "light"), QWidget()
    parent.resize(1100, 720)
    qtbot.addWidget(parent)
    theme.dress(parent)
    made = GuideDialog(parent, theme)
    made.show()
    # Not returned: the parent lives as long as this function.
    yield made


def test_the_contents_name_every_page_once() -> None:
    assert sorted(file for file, _ in guide_pages()) == FILES


@pytest.mark.parametrize("file", FILES)
def test_what_a_page_links_to_is_there(file: str) -> None:
    for picture, target in re.findall(r"(!?)\[[^]]*\]\(([^)]+)\)", text_of(file)):
        assert (guide_folder() / target).is_file(), target
        assert not picture or QImage(str(guide_folder() / target)).width() > 600, target


def test_links_lists_and_keys_lead_from_page_to_page(guide: GuideDialog, qtbot: QtBot) -> None:
    assert guide.page() == "index.md"
    guide.browser.anchorClicked.emit(QUrl("words.md"))
    assert guide.page() == "words.md"
    assert guide.pages.currentItem().text() == "The words"
    assert "Receptive field" in guide.browser.toPlainText()
    guide.pages.setCurrentRow(1)
    assert guide.page() == "first-minute.md"
    qtbot.keyClick(guide, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert guide.page() == "words.md"
    guide.forward.click()
    assert guide.page() == "first-minute.md"
    assert guide.pages.currentRow() == 1


def test_headings_stand_apart_and_titles_in_the_list_have_room_for_all_their_words(guide: GuideDialog) -> None:
    def spaces() -> list[float]:
        document, found = guide.browser.document(), []
        for number in range(document.blockCount()):
            block = document.findBlockByNumber(number)
            if block.text() in {"Begin here", "Jobs"}:
                found.append(block.blockFormat().topMargin())
        return found

    assert min(spaces()) >= 12
    guide.browser.reload()
    assert min(spaces()) >= 12
    pages = guide.pages
    pages.resize(190, 400)
    QApplication.processEvents()
    line = pages.fontMetrics().height()
    for number in range(pages.count()):
        item = pages.item(number)
        box, room = pages.visualItemRect(item), pages.viewport().width() - 30
        lines = -(-pages.fontMetrics().horizontalAdvance(item.text()) // room)
        assert box.height() >= lines * line + 8, item.text()


def test_pictures_are_as_wide_as_the_text(guide: GuideDialog) -> None:
    guide.show_page("design.md")
    (name, *_) = re.findall(r"!\[[^]]*\]\(([^)]+)\)", text_of("design.md"))
    image = guide.browser.loadResource(2, QUrl(name))
    assert isinstance(image, QImage)
    assert 0 < image.width() / image.devicePixelRatio() <= guide.browser.viewport().width()
    assert guide.browser.document().idealWidth() <= guide.browser.viewport().width()


@pytest.mark.parametrize("name", TUTORIALS)
def test_figures_of_a_walk_through_are_those_of_the_network(name: str) -> None:
    design = PRESETS[name]
    planned = plan(design.spec)
    cost = totals(planned).cost
    text = text_of(f"tutorial-{name.replace('_', '-')}.md")
    assert design.title in text
    assert f"{cost.params:,}" in text
    assert f"{cost.macs:,}" in text
    shapes = {"×".join(map(str, layer.output)) for _, _, layer in planned.parts()}
    shapes |= {"×".join(map(str, design.spec.input)), "8×8", "256×256", "56×56", "28×28", "7×7", "3×3", "1×1"}
    for shape in re.findall(r"\d+(?:×\d+)+", text):
        assert shape in shapes, shape
