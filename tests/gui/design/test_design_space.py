"""The Design page over the whole space: every preset, drawn designs, random presses, the keyboard."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import pytest
from hypothesis import given
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QWidget,
)
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from resnet_gui.design.choices import KINDS
from resnet_gui.design.depth import family_depth
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, ResNetSpec, evolve
from resnet_gui.gui.common.preset_combo import PresetCombo
from resnet_gui.gui.design.diagram.network import lay_out
from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.design.table.model import LayerModel
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.controls.unseen import UnseenButton
from resnet_gui.gui.kit.format import shape
from resnet_gui.gui.kit.switch import ToggleSwitch
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.window.tab_order import tab_stops
from resnet_gui.gui.session import Session
from tests.conftest import FACTOR, daily, examples
from tests.designs import designs
from tests.gui.design.diagram_checks import assert_clean, too_wide
from tests.gui.design.test_form import FIELDS, Case, assert_shows, begin, control, enter

ONE_PAGE = True

FAMILIES: Final = {preset.family: name for name, preset in reversed(PRESETS.items())}
"""The first preset of each family."""

SMALL: Final = [name for name, preset in PRESETS.items() if sum(preset.spec.blocks) <= 16]


def assert_form_shows(page: DesignPage, session: Session) -> None:
    """The controls that are made by hand show the spec, and those of the tables too."""
    spec, form = session.spec, page.form
    assert (form.block.key, form.shortcut.key, form.stem.key) == (spec.block, spec.shortcut, spec.stem)
    assert form.stages.value() == len(spec.blocks)
    assert tuple(spin.value() for spin in form.grid.spins("blocks")) == spec.blocks
    assert tuple(spin.value() for spin in form.grid.spins("widths")) == spec.widths
    assert form.depth_field.text() == str(family_depth(spec))
    assert form.input.text() == shape(spec.input, wide=True)
    assert form.classes.value() == spec.classes
    assert_shows(page, session)


# ---- presets


def test_titles_of_presets_are_unique_and_every_one_is_in_the_list_under_its_family(theme: Theme, qtbot: QtBot) -> None:
    assert len({preset.title for preset in PRESETS.values()}) == len(PRESETS)
    combo, family, found = PresetCombo(theme), "", []
    qtbot.addWidget(combo)
    for place in range(combo.count()):
        if combo.itemData(place) is None:
            family = combo.itemText(place)
        else:
            preset = PRESETS[combo.itemData(place)]
            assert (preset.family, preset.title) == (family, combo.itemText(place))
            found.append(preset.name)
    assert sorted(found) == sorted(PRESETS)
    assert combo.count() == len(PRESETS) + len(FAMILIES)


def test_every_preset_can_be_chosen_and_is_shown_whole(page: DesignPage, session: Session) -> None:
    for name, preset in PRESETS.items():
        page.choose_preset(preset)
        QApplication.processEvents()
        assert session.design == preset.design
        assert session.preset is preset, name
        assert preset.source in page.form.badge.words.text()
        assert page.form.badge.words.fits(), page.form.badge.words.text()
        assert not page.form.reset.isEnabled(), name
        assert_form_shows(page, session)
        assert_clean(page.network.view.diagram, preset.spec)
        assert too_wide(page.network.view.diagram) == [], name


@pytest.mark.parametrize(
    ("name", "most"),
    # Qt's tester asks every row of every level: ten seconds for a hundred layers.
    daily([(name, 1) for name in FAMILIES.values()], [(name, 99) for name in FAMILIES.values()]),
)
def test_the_layer_model_passes_qts_model_tester_for_a_preset_of_every_family(
    qtmodeltester: ModelTester, name: str, most: int
) -> None:
    published = PRESETS[name].spec
    spec = evolve(published, blocks=tuple(min(count, most) for count in published.blocks))
    model = LayerModel()
    model.set_plan(plan(spec))
    open_all(model, 1)
    qtmodeltester.check(model)
    model.set_plan(plan(evolve(spec, classes=3)))


def open_all(model: LayerModel, most: int) -> None:
    """Have the layers listed of the first blocks of every stage."""
    for top in range(model.rowCount()):
        parent = model.index(top, 0)
        for child in range(min(most, model.rowCount(parent))):
            index = model.index(child, 0, parent)
            assert model.parent(index) == parent
            assert model.rowCount(index) >= 0


def test_every_kind_of_layer_and_block_has_a_title() -> None:
    assert all(kind.title and kind.short_title for kind in KINDS.values())


def test_undo_brings_back_the_preset_of_an_opened_design(session: Session) -> None:
    first = session.preset
    session.open_design(Design(name="mine", spec=evolve(session.spec, classes=3)))
    session.choose_preset(PRESETS["resnet50"])
    session.undo.undo()
    assert (session.design.name, session.preset) == ("mine", first)


# ---- drawn designs


def test_every_drawn_design_is_shown_whole_and_its_diagram_is_clean(page: DesignPage, session: Session) -> None:
    @examples(12)
    @given(spec=designs(stages=8, deepest=14))
    def check(spec: ResNetSpec) -> None:
        session.undo.clear()
        session.open_design(Design(name="drawn", spec=spec))
        QApplication.processEvents()
        assert session.spec == spec
        assert_form_shows(page, session)
        assert_clean(page.network.view.diagram, spec)
        open_all(page.table.model, 1)

    check()


@pytest.mark.usefixtures("theme")
@pytest.mark.parametrize(
    "changes",
    [
        {"input": (3, 1024, 1024)},
        {"hidden": (100_000,) * 4, "classes": 100_000},
        {"head": "flatten", "input": (3, 640, 640), "hidden": (128,)},
        {"stem": "deep", "stem_width": 8192},
        {"norm": "group", "activation": "leaky_relu", "order": "full_preact", "activated_stem": True},
        {"head": "flatten", "norm": "group", "activation": "leaky_relu", "order": "full_preact"},
        {"blocks": (1000, 1000, 1000, 1000)},
    ],
    ids="-".join,
)
def test_extreme_designs_are_drawn_without_a_text_cut_off_or_a_chip_on_a_word(changes: dict[str, object]) -> None:
    spec = evolve(PRESETS["resnet18"].spec, **changes)
    drawn = lay_out(plan(spec))
    assert_clean(drawn, spec)
    assert too_wide(drawn) == []
    word = next(text for text in drawn.texts if text.text == "input")
    assert not any(chip.rect.intersects(word.rect) for chip in drawn.chips)
    # A chip that says what flows into a box must not cover the box.
    inner = [box for box in drawn.boxes if box.rect.height() == 35]
    assert not any(chip.rect.intersects(box.rect) for chip in drawn.chips for box in inner)


# ---- stages and depth


@pytest.mark.parametrize("name", ["preact_resnet22", "resnet18", "wrn_16_8", "resnet50d", "digits-resnet"])
def test_changing_the_number_of_stages_keeps_explicit_strides_legal(
    page: DesignPage, session: Session, name: str
) -> None:
    page.choose_preset(PRESETS[name])
    session.edit("larger", input=(3, 300, 300), strides=session.spec.stage_strides)
    for count in (3, 5, 4, 1, 2, 6, 4):
        page.form.stages.setValue(count)
        assert page.form.error_text("stages") == ""
        spec = session.spec
        assert len(spec.blocks) == len(spec.widths) == len(spec.strides or ()) == count
        assert_form_shows(page, session)


def test_a_depth_that_changes_the_stages_keeps_the_design_legal(
    page: DesignPage, session: Session, qtbot: QtBot
) -> None:
    page.choose_preset(PRESETS["preact_resnet22"])
    for text, depth in (("20", 20), ("21", 20), ("110", 110), ("zero", 110), ("0", 110), ("-2", 110), ("56", 56)):
        if not page.form.depth_field.isVisible():
            page.form.depths.other.click()
        enter(qtbot, page.form.depth_field, text)
        assert session.spec.depth == depth
        assert len(session.spec.stage_strides) == len(session.spec.blocks) == len(session.spec.widths)
        assert bool(page.form.error_text("depth")) == (text != str(depth))
    assert_form_shows(page, session)


@pytest.mark.parametrize("preset", ["resnet20", "wrn_28_10", "digits-resnet", "resnet18", "preact_resnet22"])
def test_group_normalisation_can_be_reached_from_every_kind_of_design(
    page: DesignPage, session: Session, qtbot: QtBot, preset: str
) -> None:
    begin(page, session, Case("norm", preset, {}, None, None))
    enter(qtbot, control(page, "norm"), "group")
    assert session.spec.norm == "group", page.form.error_text("norm")
    assert session.undo.count() == 1
    assert_form_shows(page, session)


# ---- random presses


def presses(page: DesignPage, session: Session, qtbot: QtBot, chance: random.Random) -> list[Callable[[], object]]:
    """Everything that can be pressed now, one press each, drawn by chance."""
    form, found = page.form, list[Callable[[], object]]()

    def add(widget: QWidget, choices: Sequence[Any]) -> None:
        if widget.isEnabled() and widget.isVisible():
            found.append(partial(enter, qtbot, widget, chance.choice(choices)))

    for widget in (control(page, name) for name in FIELDS):
        match widget:
            case QComboBox():
                add(widget, [widget.itemData(place) for place in range(widget.count())])
            case QLineEdit():
                add(widget, ("", "1", "2, 2", "1, 2, 1", "1 2 2 2", "3, x", "0", "4 4 4 4 4"))
            case _:
                add(widget, ("0", "1", "2", "4", "8", "32", "64", "0.5"))
    for spin in (*form.grid.spins("blocks"), form.stages):
        add(spin, ("0", "1", "2", "3", "5"))
    for spin in (*form.grid.spins("widths"), form.classes):
        add(spin, ("0", "8", "16", "32", "64", "96"))
    add(form.input, ("3x32x32", "1 × 8 × 8", "3, 300, 257", "small", "0 1 1"))
    add(form.depth_field, ("18", "20", "50", "29", "7", "deep"))
    for segments in (form.block, form.shortcut, form.stem):
        found += [partial(qtbot.keyClick, segments, key) for key in (Qt.Key.Key_Left, Qt.Key.Key_Right)]
    found.append(partial(page.choose_preset, PRESETS[chance.choice(SMALL)]))
    return [*found, session.undo.undo, session.undo.redo, form.reset.click, form.advanced_part.button.click]


@pytest.mark.parametrize("seed", daily([3], [4]))
def test_random_presses_leave_everything_in_agreement_and_undo_goes_back_to_the_first_design(
    page: DesignPage, session: Session, qtbot: QtBot, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311
    page.choose_preset(PRESETS["digits-resnet"])
    session.undo.clear()
    first = session.design
    page.form.advanced_part.button.setChecked(True)
    for _ in range(250 if FACTOR > 1 else 70):
        QApplication.processEvents()
        before, steps = session.design, session.undo.index()
        chance.choice(presses(page, session, qtbot, chance))()
        assert (session.design == before) == (session.undo.index() == steps)
        assert abs(session.undo.index() - steps) <= 1
        assert session.plan == plan(session.spec)
        shown = sum(node.cost.params for node in page.table.model.top_nodes())
        assert shown == session.totals.cost.params
        assert shown >= 10**9 or page.headline.cards["Params"].number() == f"{shown:,}"
        assert sum(card.more or 1 for card in page.network.view.diagram.cards) == sum(session.spec.blocks)
    assert session.undo.count() > 10
    while session.undo.canUndo():
        session.undo.undo()
    assert session.design == first
    assert_form_shows(page, session)


# ---- keyboard


def in_reading_order(page: DesignPage) -> list[QWidget]:
    """Everything in the form that can be pressed now: line by line, then the bars below."""
    form = page.form
    inside = form.findChildren(QScrollArea)[0].widget()
    assert inside is not None
    bars = [form.advanced_part.button, form.reset, form.train]
    kinds = (QComboBox, QAbstractSpinBox, QPushButton, SegmentedControl, ToggleSwitch, QLineEdit)
    body = [
        widget
        for widget in inside.findChildren(QWidget)
        if isinstance(widget, kinds)
        and widget.isVisible()
        and widget.isEnabled()
        and not isinstance(widget.parent(), QAbstractSpinBox | QComboBox)
    ]

    def middle(widget: QWidget) -> QPoint:
        return widget.mapTo(inside, widget.rect().center())

    # Controls of one line stand within a few pixels of each other's height.
    body.sort(key=lambda widget: (round(middle(widget).y() / 12), middle(widget).x()))
    return [*body, *(bar for bar in bars if bar.isEnabled())]


def tabbed(page: DesignPage) -> list[str]:
    """What the controls are called that Tab goes through in the form; of a segmented control one segment takes it."""
    stops = [stop.parentWidget() if isinstance(stop, UnseenButton) else stop for stop in tab_stops(page.form)]
    return [stop.accessibleName() or str(stop.property("text")) for stop in stops if stop is not None]


@pytest.mark.parametrize("advanced", [False, True])
def test_tab_goes_through_every_enabled_control_in_reading_order(
    page: DesignPage, session: Session, advanced: bool
) -> None:
    page.form.advanced_part.button.setChecked(advanced)
    for change in ({}, {"blocks": (1, 2, 1), "widths": (64, 64, 64)}, {"block": "bottleneck"}, {"norm": "group"}):
        session.edit("change", **change)
        QApplication.processEvents()
        wanted = [widget.accessibleName() or str(widget.property("text")) for widget in in_reading_order(page)]
        assert tabbed(page) == wanted


def test_every_control_has_a_name_to_be_read_out_and_a_tooltip(page: DesignPage, session: Session) -> None:
    page.form.advanced_part.button.setChecked(True)
    session.edit("all", block="bottleneck", norm="group", order="full_preact")
    QApplication.processEvents()
    for widget in in_reading_order(page):
        name = widget.accessibleName() or (widget.text() if isinstance(widget, QPushButton) else "")
        assert name, widget
        assert widget.toolTip(), name
    names = [widget.accessibleName() for widget in in_reading_order(page) if isinstance(widget, QSpinBox)]
    assert len(set(names)) == len(names)


def test_alt_a_opens_and_closes_advanced(page: DesignPage, qtbot: QtBot) -> None:
    page.activateWindow()
    QApplication.processEvents()
    for opened in (True, False, True):
        qtbot.keyClick(page, Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier)
        qtbot.wait(200)  # Qt shows the button pressed for a moment.
        assert page.form.advanced_part.button.isChecked() is opened
        assert page.form.advanced.isVisible() is opened


def test_a_stem_refused_in_the_segments_says_so_in_view_though_advanced_is_open(
    page: DesignPage, session: Session, qtbot: QtBot
) -> None:
    begin(page, session, Case("stem", "digits-resnet", {}, None, None))
    page.resize(1380, 560)
    qtbot.wait(20)  # Opening it scrolls to it.
    page.form.findChildren(QScrollArea)[0].verticalScrollBar().setValue(0)
    qtbot.keyClick(page.form.stem, Qt.Key.Key_Left)
    QApplication.processEvents()
    assert session.spec.stem == page.form.stem.key == "cifar"
    seen = [str(part.property("text")) for part in page.findChildren(QLabel) if not part.visibleRegion().isEmpty()]
    assert any("too small" in text for text in seen)


def test_the_arrow_keys_leave_a_stem_that_the_two_segments_do_not_offer(
    page: DesignPage, session: Session, qtbot: QtBot
) -> None:
    page.choose_preset(PRESETS["resnet50d"])
    assert session.spec.stem == "deep"
    qtbot.keyClick(page.form.stem, Qt.Key.Key_Right)
    assert session.spec.stem in {"imagenet", "cifar"}
