"""The guide: every page and picture is there, opens without a network, and says what the program says."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from resnet_gui.analysis.costs import totals
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.design.diagram.view import NetworkView
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.shell.guide import GuideDialog, guide_folder, guide_pages
from resnet_gui.gui.shell.help import KEYS
from tests.rooms import PACKAGE, ROOT

FILES = sorted(path.name for path in guide_folder().glob("*.md"))
TUTORIALS = ["biased_resnet50", "unnormalised_resnet18", "preact_resnet22", "digits-resnet"]


def text_of(file: str) -> str:
    return (guide_folder() / file).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def written() -> str:
    """Everything that the program can write on a control, and more."""
    titles = [f'"{preset.title}"' for preset in PRESETS.values()]
    return "\n".join([*titles, *(path.read_text(encoding="utf-8") for path in (ROOT / PACKAGE).rglob("*.py"))])


def unknown_labels(text: str, written: str) -> list[str]:
    """What stands in a page as the label of a control (in italics, with a capital), and begins no text of the program.

    A program may write more behind it: "Lock and run, 5 min".
    """
    labels = re.findall(r"(?<![*\w])\*([A-Z][^*\n]*)\*(?!\*)", text)
    return [label for label in labels if not re.search(rf"""["']{re.escape(label)}(?![\w-])""", written)]


@pytest.fixture
def guide(qtbot: QtBot, qapp: QApplication) -> Iterator[GuideDialog]:
    theme, parent = Theme(qapp, "light"), QWidget()
    parent.resize(1100, 720)
    qtbot.addWidget(parent)
    theme.dress(parent)
    made = GuideDialog(parent, theme)
    made.show()
    # Not returned: the parent, which nobody else holds, would go and take the dialog along.
    yield made
    parent.close()


def test_the_contents_name_every_page_once() -> None:
    assert sorted(file for file, _ in guide_pages()) == FILES


@pytest.mark.parametrize("file", FILES)
def test_what_a_page_links_to_is_there(file: str) -> None:
    for picture, target in re.findall(r"(!?)\[[^]]*\]\(([^)]+)\)", text_of(file)):
        assert (guide_folder() / target).is_file(), target
        assert not picture or QImage(str(guide_folder() / target)).width() > 600, target


@pytest.mark.parametrize("file", [file for file in FILES if file != "words.md"])
def test_every_control_that_a_page_names_has_that_label(file: str, written: str) -> None:
    assert unknown_labels(text_of(file), written) == []


def test_guide_and_keys_say_that_a_click_or_an_arrow_unfolds_and_enter_folds(theme: Theme, qtbot: QtBot) -> None:
    view = NetworkView(theme)
    qtbot.addWidget(view)
    view.resize(800, 600)
    view.show_plan(plan(PRESETS["resnet18"].spec))
    card = next(card for card in view.diagram.cards if card.path == "layer2.0")
    view._click_card(card)
    seen = [view.unfolded]
    for key in (Qt.Key.Key_Enter, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_Right):
        qtbot.keyClick(view, key)
        seen.append(view.unfolded)
    assert seen == [True, False, True, False, True]
    assert view.path == "layer2.1"
    assert (
        "Click a block, or go to it with the arrow keys, and it unfolds into its layers in their true order; "
        "a second click or Esc folds it, Enter unfolds it again."
    ) in text_of("design.md")
    keys = dict(KEYS)
    assert "it unfolds, as by a click" in keys["Arrows"]
    assert keys["Enter, Esc"].endswith("fold the chosen block or unfold it again; fold it")


def test_a_label_that_nothing_has_is_found(written: str) -> None:
    assert unknown_labels("Press *Start run*, then *Start running*, by *far*.", written) == ["Start running"]


def test_pictures_are_small_and_say_nothing_of_where_they_were_taken() -> None:
    pictures = sorted((guide_folder() / "pictures").glob("*.png"))
    assert sum(path.stat().st_size for path in pictures) < 3_000_000
    named = {name for file in FILES for name in re.findall(r"pictures/([\w-]+\.png)", text_of(file))}
    assert {path.name for path in pictures} == named
    for path in pictures:
        with Image.open(path) as image:
            assert image.size == (1280, 800)
            assert image.info == {}, path.name


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


def test_paragraphs_stand_apart_also_after_a_change_of_width(guide: GuideDialog) -> None:
    guide.show_page("words.md")
    for width in (0, 200):
        guide.resize(guide.width() + width, guide.height())
        first, second = (guide.browser.document().findBlockByNumber(number) for number in (0, 1))
        assert first.blockFormat().bottomMargin() >= 8
        assert second.blockFormat().bottomMargin() >= 8


def test_what_is_read_stays_in_view_in_another_width_and_another_theme(guide: GuideDialog) -> None:
    guide.show_page("design.md")
    browser = guide.browser
    QApplication.processEvents()
    bar = browser.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    first = browser.cursorForPosition(QPoint(0, 0)).block()
    number, text = first.blockNumber(), first.text()
    assert number > 0
    for change in (lambda: guide.resize(guide.width() + 80, guide.height()), lambda: browser._theme.set_mode("dark")):
        change()
        QApplication.processEvents()
        again = browser.cursorForPosition(QPoint(0, 0)).block()
        assert (again.blockNumber(), again.text()) == (number, text)


def test_titles_in_the_list_have_room_for_all_their_words(guide: GuideDialog) -> None:
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
    assert guide.browser.horizontalScrollBar().maximum() == 0


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
    shapes |= {"×".join(map(str, design.spec.input)), "8×8", "256×256", "56×56", "14×14", "7×7", "3×3", "1×1"}
    for shape in re.findall(r"\d+(?:×\d+)+", text):
        assert shape in shapes, shape
