"""Headline cards, the baseline, the verdict, the ledger, the badge and the calculator."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.analysis.arithmetic import chain_steps, field_steps
from resnet_gui.analysis.layer_names import Naming
from resnet_gui.analysis.ledger import ledger
from resnet_gui.analysis.memory import training_memory
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, evolve
from resnet_gui.gui.design.arithmetic import Calculator, lay_steps
from resnet_gui.gui.design.headline import FigureCard
from resnet_gui.gui.design.ledger import LedgerDialog
from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.kit.cached_text import ink
from resnet_gui.gui.kit.format import change, difference, signed
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import MAX_PINS, Session
from resnet_gui.protocol.events import Matched, Mismatch, Verified


def baseline(session: Session) -> Design | None:
    return session.baseline


def notes(page: DesignPage) -> dict[str, str]:
    return {title: card.note() for title, card in page.headline.cards.items()}


@pytest.mark.parametrize(
    ("mine", "its", "text"),
    [(117, 100, "+17.0 %"), (100, 117, "−14.5 %"), (199, 100, "+99.0 %"), (200, 100, "×2.00"), (297, 100, "×2.97"),
     (51, 100, "−49.0 %"), (50, 100, "×0.50"), (1, 100, "×0.01"), (100, 100, "+0.0 %"), (7, 0, "+7"),
     (10, 25_870, "1/2,600"), (1, 106, "1/110"), (0, 5, "×0"), (25_870, 10, "×2,587"), (9_950, 100, "×99.50"),
     (10_001, 10_000, "+< 0.1 %"), (9_999, 10_000, "−< 0.1 %")],
)  # fmt: skip
def test_changes_are_per_cent_below_twice_and_factors_from_there(mine: int, its: int, text: str) -> None:
    assert change(mine, its) == text


def test_differences_have_a_true_minus() -> None:
    assert [difference(50, 34), difference(427, 899), signed(0), signed(-1024)] == ["+16", "−472", "0", "−1,024"]


def test_cards_show_the_mock_ups_deltas_of_resnet50_against_resnet34(page: DesignPage, session: Session) -> None:
    page.choose_preset(PRESETS["resnet50"])
    assert notes(page)["Params"] == "97.5 MiB in fp32"
    session.pin(PRESETS["resnet34"].design, baseline=True)
    assert notes(page) == {
        "Params": "▲ +17.2 % vs ResNet-34", "MACs": "▲ +11.6 % vs ResNet-34", "Depth": "▲ +16 vs ResNet-34",
        "Activations": "▲ ×2.97 vs ResNet-34", "Receptive field": "▼ −472 px vs ResNet-34",
    }  # fmt: skip
    page.choose_preset(PRESETS["resnet34"])
    assert set(notes(page).values()) == {"= as ResNet-34"}
    session.undo.undo()
    assert notes(page)["Depth"] == "▲ +16 vs ResNet-34"


def test_the_baseline_is_chosen_from_the_pinned_designs(page: DesignPage, session: Session) -> None:
    for name in ("resnet18", "resnet34"):
        session.pin(PRESETS[name].design)
    combo = page.headline.baseline
    assert [combo.itemText(place) for place in range(combo.count())] == ["No baseline", "ResNet-18", "ResNet-34"]
    combo.activated.emit(2)
    assert session.baseline == PRESETS["resnet34"].design
    assert combo.currentText() == "ResNet-34"
    session.unpin(PRESETS["resnet34"].design)
    assert baseline(session) is None
    assert combo.currentText() == "No baseline"
    combo.activated.emit(0)
    assert baseline(session) is None


def test_a_baseline_of_the_same_name_but_another_design_is_told_apart(page: DesignPage, session: Session) -> None:
    one = Design(name="mine", spec=PRESETS["resnet18"].spec)
    other = Design(name="mine", spec=evolve(one.spec, classes=10))
    session.pin(one)
    session.pin(other)
    page.headline.baseline.activated.emit(2)
    assert session.baseline == other


def test_pins_have_a_limit_and_no_doubles(session: Session) -> None:
    said: list[str] = []
    session.message.connect(lambda sentence, _level: said.append(sentence))
    spec = PRESETS["resnet18"].spec
    for number in range(MAX_PINS + 3):
        session.pin(Design(name=f"d{number}", spec=spec))
        session.pin(Design(name="d0", spec=spec))
    assert len(session.pins) == MAX_PINS
    assert "pinned already" in said[-1]


def test_checks_stand_only_where_something_was_compared(page: DesignPage) -> None:
    def checked() -> set[str]:
        return {title for title, card in page.headline.cards.items() if card.checked}

    assert checked() == set()
    page.show_verdict(Verified(1, 69, 11_689_512, 1_814_073_344), "")
    assert checked() == {"Params", "MACs"}
    page.show_verdict(Matched(1, "resnet18", 43), "")
    assert checked() == set(page.headline.cards)
    assert page.headline.verdict.text() == "matches torchvision"
    assert page.headline.reason.text().startswith("resnet18: ")
    assert page.headline.reason.fits()
    page.show_verdict(Verified(2, 69, 11_689_512, 1_814_073_344, "resnet18"), "")
    assert checked() == set(), "torchvision has not answered yet"
    page.show_verdict(Mismatch(1, "fc", "parameters", "1", "2", "torchvision"), "")
    assert checked() == set()
    assert page.headline.verdict.text() == "differs from torchvision"
    assert page.headline.reason.text() == "fc: parameters planned 1, built 2"
    page.show_verdict(None, "waiting")
    assert checked() == set()


def test_the_ledger_is_one_click_or_key_away_and_holds_what_the_command_line_prints(
    page: DesignPage, session: Session, qtbot: QtBot
) -> None:
    page.choose_preset(PRESETS["resnet50"])
    for press in (
        lambda card: qtbot.mouseClick(card, Qt.MouseButton.LeftButton),
        lambda card: qtbot.keyClick(card, Qt.Key.Key_Return),
    ):
        press(page.headline.cards["MACs"])
        dialog = page.findChild(LedgerDialog)
        assert dialog is not None
        assert dialog.entries() == ledger(session.plan)
        assert len(dialog.entries()) == 5
        assert "torchinfo" in dialog.text()
        dialog.batch.setValue(16)
        wanted = training_memory(session.plan, 16).total
        assert str(wanted) in dialog.text()
        dialog.precision.setCurrentText("bf16")
        assert str(training_memory(session.plan, 16, "bf16").total) in dialog.text()
        dialog.grab()
        dialog.close()
        dialog.deleteLater()
        QApplication.sendPostedEvents(None, 52)


def test_the_depth_card_cannot_be_clicked_and_the_field_card_opens_its_arithmetic(
    page: DesignPage, session: Session, qtbot: QtBot
) -> None:
    page.choose_preset(PRESETS["resnet50"])
    qtbot.mouseClick(page.headline.cards["Depth"], Qt.MouseButton.LeftButton)
    assert page.findChild(LedgerDialog) is None
    qtbot.mouseClick(page.headline.cards["Receptive field"], Qt.MouseButton.LeftButton)
    assert page.calculator.isVisible()
    assert page.calculator.tabs.key == "field"
    assert page.calculator.steps.shown()[-1].result == "427"
    page.calculator.dismiss()


def test_a_figure_that_changes_shows_for_a_moment_what_it_was(page: DesignPage, session: Session) -> None:
    page.choose_preset(PRESETS["resnet18"])
    card = page.headline.cards["Params"]
    page.choose_preset(PRESETS["resnet34"])
    assert (card.number(), card.ghost) == ("21,797,672", "11,689,512")
    shown = card.grab().toImage()
    card._fading.timeout.emit()
    assert card.ghost == ""
    assert card.grab().toImage() != shown
    session.edit("same figures", zero_init=True)
    assert card.ghost == ""


def test_a_figure_counts_to_its_new_value_and_is_read_at_once(page: DesignPage, session: Session, qtbot: QtBot) -> None:
    page.choose_preset(PRESETS["resnet18"])
    card = page.headline.cards["Params"]
    qtbot.waitUntil(lambda: card.painted == "11,689,512")
    page.choose_preset(PRESETS["resnet34"])
    assert card.painted == "11,689,512", "it begins at the old one"
    assert card.number() == "21,797,672"
    assert card.accessibleDescription().startswith("21,797,672")
    qtbot.waitUntil(lambda: card.painted == "21,797,672")


@pytest.mark.parametrize("low", [False, True])
def test_no_figure_of_a_narrow_card_is_without_its_unit(theme: Theme, *, low: bool) -> None:
    for number, unit in (("74.37", "M"), ("34", "layers"), ("4.09", "G")):
        pictures = []
        for shown in (unit, ""):
            card = FigureCard(theme, "MACs", clickable=False)
            card.set_low(low=low)
            card.set_narrow(narrow=True)
            card.resize(72, card.minimumHeight())
            card.show_figure(number, shown, "")
            pictures.append(card.grab().toImage())
        assert pictures[0] != pictures[1], f"{number} {unit} looks like {number}"
        card.show_figure(number, unit, "")
        sizes = card.letters(56)
        assert ink(number, sizes.figure, 600).width + sizes.gap + ink(unit, sizes.unit).width <= 56
        assert card.letters(400).figure == 17, "with room it is as large as ever"


@pytest.mark.parametrize("name", ["resnet18", "resnext101_64x4d", "wide_resnet101_2"])
def test_no_verdict_is_cut_in_a_narrow_window(page: DesignPage, name: str) -> None:
    page.resize(900, 700)
    reason = page.headline.reason
    for answer in (Matched(1, name, 43), Verified(1, 1_234, 1, 2, name), Verified(1, 1_234, 1, 2)):
        page.show_verdict(answer, "")
        QApplication.processEvents()
        assert reason.fits(), reason.text()


# ---- the calculator


def test_the_calculator_has_three_tabs_copies_its_text_and_follows_edits(
    page: DesignPage, session: Session, qtbot: QtBot
) -> None:
    page.choose_preset(PRESETS["resnet50"])
    made = page.calculator
    assert made.open_for(session.plan, "layer2.0.conv2")
    assert made.rule.text() == "⌊(size + 2·pad − kernel) / stride⌋ + 1"
    assert [step.result for step in made.steps.shown()] == ["28", "128", "147,456", "115,605,504"]
    made.tabs.chosen.emit("chain")
    made.tabs.set_key("chain")
    made._show()
    assert results(made) == [step.result for step in chain_steps(session.plan, "layer2.0.conv2")]
    made.tabs.set_key("field")
    made._show()
    assert results(made) == [step.result for step in field_steps(session.plan, "layer2.0.conv2")]
    QApplication.processEvents()
    bar = made._scroll.verticalScrollBar()
    assert bar.value() == bar.maximum()
    qtbot.keyClick(made, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert "conv3_1 conv2" in QApplication.clipboard().text()
    assert [step.result for step in made.steps.shown()][-1] in QApplication.clipboard().text().split("\n")[-1]
    made.tabs.set_key("shape")
    session.edit("larger", input=(3, 320, 320))
    assert made.isVisible()
    assert made.steps.shown()[0].result == "40"
    page.choose_preset(PRESETS["resnet18"])
    assert made.isVisible()
    page.choose_preset(PRESETS["resnet20"])
    session.edit("fewer", blocks=(1,), widths=(16,))
    assert not made.isVisible()
    page.grab()


def results(made: Calculator) -> list[str]:
    return [step.result for step in made.steps.shown()]


@pytest.mark.parametrize("naming", ["paper", "torch"])
@pytest.mark.parametrize("wide", [260, 560])
def test_no_sum_of_the_calculator_is_cut_and_its_names_are_the_tables(
    page: DesignPage, session: Session, naming: Naming, wide: int
) -> None:
    page.choose_preset(PRESETS["resnet50"])
    names = {"paper": "conv5_3 conv3", "torch": "layer4.2.conv3"}
    for path, tab in itertools.product(("conv1", "layer4.2.conv3", "fc"), ("shape", "chain", "field")):
        made = page.calculator
        assert made.open_for(session.plan, path, tab, naming)
        drawn = lay_steps(made.steps.shown(), wide)
        for laid, step in zip(drawn, made.steps.shown(), strict=True):
            assert " ".join(laid.lines).removesuffix(" =").split() == step.working.split()
            assert all(ink(line).width <= wide - laid.left for line in laid.lines if " " in line)
        assert any(names[naming] == step.name for step in made.steps.shown()) == (
            path == "layer4.2.conv3" and tab != "shape"
        )


def test_the_calculator_makes_room_for_itself_in_a_panel_and_covers_nothing(page: DesignPage, session: Session) -> None:
    page.choose_preset(PRESETS["resnet50"])
    before = page.table.tree.height()
    page.network.view.shape_clicked.emit("conv1", QRectF())
    QApplication.processEvents()
    assert page.table.isAncestorOf(page.calculator)
    assert before > page.table.tree.height() > before / 3
    others = (page.table.tree, page.table.total)
    assert not any(page.calculator.geometry().intersects(other.geometry()) for other in others)
    page.resize(900, 467)
    page.tabs.setCurrentWidget(page.network)
    QApplication.processEvents()
    assert page.network.isAncestorOf(page.calculator)
    page.resize(1380, 828)
    page.calculator.dismiss()
    QApplication.processEvents()
    assert page.table.tree.height() == before


@pytest.mark.parametrize(("path", "parts"), [("layer1.0", 8), ("layer1", 3), ("stem", 2), ("head", 1)])
def test_costs_of_blocks_and_stages_are_sums_of_their_parts(
    page: DesignPage, session: Session, path: str, parts: int
) -> None:
    page.choose_preset(PRESETS["resnet50"])
    made = page.calculator
    for key, total in (("params", "parameters"), ("macs", "MACs")):
        assert made.open_for(session.plan, path, key)
        *lines, last = (int(result.replace(",", "")) for result in results(made))
        assert (sum(lines), made.steps.shown()[-1].name) == (last, total)
        assert len(lines) == parts or key == "macs"
    made.dismiss()


# ---- the badge


def test_the_badge_says_published_nearly_or_own(page: DesignPage, session: Session) -> None:
    badge = page.form.badge
    page.choose_preset(PRESETS["resnet20"])
    assert badge.badge.text() == "published"
    assert "8.75 %" in badge.words.text()
    page.form.shortcut.chosen.emit("B")
    assert badge.badge.text().startswith("nearly ResNet-20")
    assert badge.words.text() == "Shortcut B, not A."
    assert "Reported: 8.75 %" in badge.toolTip()
    page.form.grid.spins("blocks")[0].setValue(9)
    assert badge.badge.text() == "own design"
    session.undo.undo()
    session.undo.undo()
    assert badge.badge.text() == "published"
    page.choose_preset(PRESETS["resnet18"])
    session.edit("small pictures", input=(3, 32, 32), classes=10)
    assert badge.badge.text() == "nearly ResNet-18"
    first, second = badge.words.text().split("\n")
    assert first == "10 classes, not 1,000; input 3×32×32, not 3×224×224."
    assert second.startswith("A coarse stem for 32×32")
    assert badge.words.fits()
    page.choose_preset(PRESETS["resnet50"])
    session.edit("small pictures", input=(3, 32, 32), classes=10)
    assert badge.words.fits()
    page.choose_preset(PRESETS["resnet50"])
    assert "v1.5" in badge.words.text()
    page.choose_preset(PRESETS["resnet18d"])
    assert badge.badge.text() == "from timm"
    page.choose_preset(PRESETS["digits-resnet"])
    assert (badge.badge.text(), badge.words.text()) == ("preset", f"{PRESETS['digits-resnet'].source}.")
    page.form.grid.spins("blocks")[0].setValue(9)
    assert badge.badge.text() == "own design"
    assert badge.words.text().startswith("Began as Digits ResNet")
