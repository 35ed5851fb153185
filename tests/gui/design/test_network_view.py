"""The diagram: a block unfolded into its layers, mouse and keyboard."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resnet_gui.analysis.arithmetic import find_layer
from resnet_gui.design.choices import ORDERS, STEM_POOLS, STEMS
from resnet_gui.design.location import Location
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.gui.design.diagram.fitting import LARGEST_FILL, MARGIN, UNFOLDED, DiagramFit, fill
from resnet_gui.gui.design.diagram.network import lay_out, shortcut_cost_words
from resnet_gui.gui.design.diagram.paint import (
    COLOURINGS,
    chosen_card,
)
from resnet_gui.gui.design.diagram.scaled_view import LARGEST, LEAST
from resnet_gui.gui.design.diagram.scene import WIDTH, ClickArea, Diagram
from resnet_gui.gui.design.diagram.view import NetworkView
from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import Session
from tests.conftest import FACTOR, examples
from tests.designs import designs
from tests.gui.design.diagram_checks import assert_clean, too_wide

pytestmark = pytest.mark.usefixtures("theme")
SOME = ["resnet18", "resnet50", "resnet152", "resnet1202", "plain34", "resnext50_32x4d", "preact_resnet164",
        "seresnet50", "resnet50d", "resnet110_exclusive_gating", "resnet110_scaling_both", "wrn_28_10"]  # fmt: skip


def inside(drawn: Diagram) -> list[ClickArea]:
    """The layers of the unfolded block."""
    panel = drawn.unfolded
    assert panel is not None
    return [spot for spot in drawn.spots if spot.kind == "layer" and panel.contains(spot.rect.center())]


def assert_unfolded(spec: ResNetSpec, stage: int, block: int) -> None:
    """Every layer of the block is there once, in its true order, nothing on top of another, nothing outside."""
    planned = plan(spec)
    drawn = lay_out(planned, Location(stage, block))
    panel = drawn.unfolded
    assert panel is not None
    layers = planned.stages[stage].blocks[block].layers
    prefix = Location(stage, block).prefix
    spots = inside(drawn)
    shown = [spot.path.removeprefix(prefix) for spot in spots]
    excited = {layer.name for layer in layers if layer.part_of and layer.kind != "gate"}
    assert sorted(shown) == sorted({layer.name for layer in layers} - excited)
    for branches in (("shared", "main"), ("shortcut",), ("out",), ("gate",)):
        wanted = [layer.name for layer in layers if layer.branch in branches and layer.name not in excited]
        found = [name for name in shown if name in wanted]
        assert found == wanted
    for one, other in combinations([spot.rect for spot in spots], 2):
        assert not one.adjusted(0.5, 0.5, -0.5, -0.5).intersects(other)
    for spot in spots:
        assert panel.contains(spot.rect), spot.path
    words = [text for text in drawn.texts if panel.contains(text.rect.center())]
    for text in words:
        assert panel.adjusted(-1, -1, 1, 1).contains(text.rect), text.text
    assert len(drawn.joins) == sum(block.shortcut != "none" for block in (card.plan for card in drawn.cards)) + (
        planned.stages[stage].blocks[block].shortcut != "none"
    )
    for card in drawn.cards:
        assert not panel.intersects(card.rect)
    bands = [box.rect for box in drawn.boxes if box.radius == 8 and box.line.endswith("l")]
    assert any(band.contains(panel) for band in bands)
    for one, other in combinations(bands, 2):
        assert not one.intersects(other)
    for spot in drawn.spots:
        assert not spot.path or find_layer(planned, spot.path) is not None, spot.path
    assert too_wide(drawn) == []


@pytest.mark.parametrize("name", SOME)
def test_the_first_and_the_last_block_of_every_stage_unfold_into_their_layers(name: str) -> None:
    spec = PRESETS[name].spec
    for stage, count in enumerate(spec.blocks):
        for block in {0, count - 1, count // 2}:
            assert_unfolded(spec, stage, block)


@given(spec=designs(stages=5, deepest=14))
@examples(15)
def test_any_block_of_any_design_unfolds_into_its_layers(spec: ResNetSpec) -> None:
    for stage, count in enumerate(spec.blocks):
        assert_unfolded(spec, stage, count - 1)


@pytest.mark.parametrize("pool", STEM_POOLS)
@pytest.mark.parametrize("stem", STEMS)
def test_every_stem_has_room_with_every_pooling(stem: str, pool: str) -> None:
    drawn = lay_out(plan(evolve(PRESETS["resnet18"].spec, stem=stem, stem_pool=pool)))
    assert too_wide(drawn) == []
    assert any("pool, /2" in text.text for text in drawn.texts) == STEMS[stem].pools


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("block", ["basic", "bottleneck"])
def test_every_order_with_everything_in_a_branch_has_room(order: str, block: str) -> None:
    spec = evolve(
        PRESETS["resnet50"].spec, block=block, order=order, se_ratio=16, dropout=0.3, stochastic_depth=0.5,
        ablation="exclusive_gating", norm="group", activation="leaky_relu", projection="avg_pool", shortcut="C",
        widths=(1024, 2048, 4096, 8192),
    )  # fmt: skip
    for stage in range(4):
        assert_unfolded(spec, stage, 0)


def test_the_whole_diagram_has_a_card_for_every_block() -> None:
    for name in ("resnet152", "resnet1202"):
        drawn = lay_out(plan(PRESETS[name].spec), whole=True)
        assert [card.more for card in drawn.cards] == [0] * sum(PRESETS[name].spec.blocks)
        assert len({card.name for card in drawn.cards}) == len(drawn.cards)


def test_resnet1202_fits_one_screen_and_so_it_does_with_a_block_unfolded() -> None:
    assert lay_out(plan(PRESETS["resnet1202"].spec)).height < 500
    assert lay_out(plan(PRESETS["resnet1202"].spec), Location(1, 0)).height < 660


# ---- mouse and keyboard


def at(view: NetworkView, place: QPointF) -> QPoint:
    return view.mapFromScene(place)


def test_a_click_chooses_and_unfolds_a_second_one_folds_and_the_table_follows(
    page: DesignPage, session: Session, qtbot: QtBot
) -> None:
    page.choose_preset(PRESETS["resnet50"])
    view, port = page.network.view, page.network.view.viewport()
    card = view.diagram.cards[3]
    qtbot.mouseClick(port, Qt.MouseButton.LeftButton, pos=at(view, card.rect.center()))
    assert (view.path, view.unfolded) == ("layer2.0", True)
    node = page.table.model.node(page.table.tree.currentIndex())
    assert node is not None
    assert node.path == "layer2.0"
    spot = next(spot for spot in inside(view.diagram) if spot.path.endswith("conv2"))
    qtbot.mouseClick(port, Qt.MouseButton.LeftButton, pos=at(view, spot.rect.center()))
    assert view.path == "layer2.0.conv2"
    node = page.table.model.node(page.table.tree.currentIndex())
    assert node is not None
    assert node.path == "layer2.0.conv2"
    card = next(card for card in view.diagram.cards if card.path == "layer2.0")
    qtbot.mouseClick(port, Qt.MouseButton.LeftButton, pos=at(view, card.rect.center()))
    assert not view.unfolded
    assert not page.table.tree.isExpanded(page.table.model.find("layer2.0"))
    session.undo.undo()
    assert view.path in {"", "layer2.0", "layer2.0.conv2"}


def test_a_layer_chosen_in_the_table_is_marked_in_the_diagram(page: DesignPage) -> None:
    page.choose_preset(PRESETS["resnet50"])
    view, table = page.network.view, page.table
    for path in ("layer3.2.bn2", "conv1", "maxpool", "fc", "layer4", "layer4.1", "layer1.0.downsample.0"):
        table.tree.setCurrentIndex(table.model.find(path))
        assert view.path == path
        card = chosen_card(view.diagram, path)
        assert (card is None) == (path.count(".") == 0)
        if card is not None:
            assert view.unfolded
        page.grab()


def test_a_block_that_a_stack_hides_unfolds_below_the_stack(page: DesignPage) -> None:
    page.choose_preset(PRESETS["resnet1202"])
    page.table.choose_path("layer2.117")
    page.network.view.choose("layer2.117")
    drawn = page.network.view.diagram
    card = chosen_card(drawn, "layer2.117")
    assert card is not None
    assert card.more == 195
    assert "conv3_118" in [text.text for text in drawn.texts]
    assert all(spot.path.startswith("layer2.117.") for spot in inside(drawn))


def test_a_click_on_a_shape_opens_the_calculator_and_escape_closes_it(page: DesignPage, qtbot: QtBot) -> None:
    page.choose_preset(PRESETS["resnet50"])
    view = page.network.view
    shapes = [spot for spot in view.diagram.spots if spot.kind == "shape"]
    assert len(shapes) >= 6
    for spot in shapes:
        view.ensureVisible(spot.rect)
        QApplication.processEvents()
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at(view, spot.rect.center()))
        assert page.calculator.isVisible()
        assert page.calculator.path == spot.path
        qtbot.keyClick(page.calculator, Qt.Key.Key_Escape)
        assert not page.calculator.isVisible()


def test_a_drag_moves_the_picture_and_chooses_nothing(page: DesignPage, qtbot: QtBot) -> None:
    page.choose_preset(PRESETS["resnet50"])
    view = page.network.view
    place = at(view, view.diagram.cards[0].rect.center())
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseMove(view.viewport(), place + QPoint(0, 40))
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=place + QPoint(0, 40))
    assert view.path == ""


def unfolded(view: NetworkView) -> bool:
    return view.unfolded


def test_arrows_go_from_block_to_block_and_from_stage_to_stage(page: DesignPage, qtbot: QtBot) -> None:
    page.choose_preset(PRESETS["resnet50"])
    view = page.network.view
    steps = [
        (Qt.Key.Key_Right, "layer1.0"), (Qt.Key.Key_Right, "layer1.1"), (Qt.Key.Key_Down, "layer2.0"),
        (Qt.Key.Key_Down, "layer3.0"), (Qt.Key.Key_Left, "layer2.3"), (Qt.Key.Key_Up, "layer1.0"),
        (Qt.Key.Key_Left, "layer1.0"), (Qt.Key.Key_Up, "layer1.0"),
    ]  # fmt: skip
    for key, path in steps:
        qtbot.keyClick(view, key)
        assert view.path == path
        node = page.table.model.node(page.table.tree.currentIndex())
        assert node is not None
        assert node.path == path
    assert "bottleneck" in view.accessibleDescription()
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert not unfolded(view)
    qtbot.keyClick(view, Qt.Key.Key_Space)
    assert unfolded(view)
    qtbot.keyClick(view, Qt.Key.Key_Equal)
    assert page.calculator.path == "layer1.0.relu3"
    page.calculator.dismiss()
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert not unfolded(view)


def test_zoom_has_its_keys_and_limits_and_no_bar_comes_and_goes(page: DesignPage, qtbot: QtBot) -> None:
    view = page.network.view
    for _ in range(20):
        qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert view._scale == LARGEST
    assert view.horizontalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAsNeeded
    for _ in range(30):
        qtbot.keyClick(view, Qt.Key.Key_Minus)
    assert view._scale == LEAST
    qtbot.keyClick(view, Qt.Key.Key_0)
    for name in ("resnet18", "resnet152", "resnet50", "resnet1202"):
        page.choose_preset(PRESETS[name])
        for height in range(500, 900, 7 if FACTOR > 1 else 49):
            page.resize(1380, height)
            QApplication.processEvents()
        view.fit()
        QApplication.processEvents()
        assert view.horizontalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        assert view.verticalScrollBar().maximum() <= 2, name
    page.resize(1040, 560)
    QApplication.processEvents()
    view.fit()
    QApplication.processEvents()
    assert view._scale < 1
    qtbot.keyClick(view, Qt.Key.Key_1)
    assert view._scale == 1.0


def test_a_view_that_is_too_narrow_shrinks_the_diagram(theme: Theme, qtbot: QtBot) -> None:
    view = NetworkView(theme)
    qtbot.addWidget(view)
    view.show_plan(plan(PRESETS["resnet18"].spec))
    view.resize(400, 500)
    view.show()
    QApplication.processEvents()
    assert abs(view._scale - 390 / 520) < 0.01
    view.resize(800, 500)
    QApplication.processEvents()
    assert view._scale == 1.0


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "resnet152", "resnet1202"])
@pytest.mark.parametrize("place", [(522, 695), (820, 875), (1216, 1235), (589, 300)])
def test_a_diagram_fills_its_place_and_is_never_smaller_than_drawn(name: str, place: tuple[int, int]) -> None:
    planned = plan(PRESETS[name].spec)
    fit = fill(planned, *place)
    drawn = lay_out(planned, width=fit.width)
    assert fit.scale >= 1
    assert fit.scale * (fit.width - 2 * MARGIN) <= place[0] + 1, "no bar across"
    assert fit.scale == 1 or drawn.height * fit.scale <= place[1], "what is enlarged is seen whole"
    larger = fit.scale * 1.05
    grows = larger * (WIDTH - 2 * MARGIN) <= place[0] and (drawn.height + UNFOLDED) * larger <= place[1]
    complete = not any(card.more for card in drawn.cards)
    assert not grows or complete or fit.scale == LARGEST_FILL
    assert_clean(drawn, PRESETS[name].spec)


def test_the_mock_ups_are_drawn_at_their_size() -> None:
    assert fill(plan(PRESETS["resnet50"].spec), 522, 695) == DiagramFit(1.0, WIDTH)


def test_a_large_window_unstacks_long_stages(theme: Theme, qtbot: QtBot) -> None:
    planned = plan(PRESETS["resnet101"].spec)
    assert any(card.more for card in lay_out(planned).cards)
    fit = fill(planned, 1216, 1235)
    assert not any(card.more for card in lay_out(planned, width=fit.width).cards)


def test_a_shortcut_under_the_pointer_lights_the_way_through_the_network(page: DesignPage, qtbot: QtBot) -> None:
    page.choose_preset(PRESETS["resnet18"])
    view = page.network.view
    view.ensureVisible(view.diagram.cards[1].rect)
    QApplication.processEvents()
    before = view.grab().toImage()
    arc = view.diagram.shortcut_lines()[1].path.boundingRect()
    with qtbot.waitSignal(view.shortcut_pointed) as told:
        qtbot.mouseMove(view.viewport(), at(view, QPointF(arc.center().x(), arc.top())))
    assert told.args == ["layer1.1"]
    assert view.look().lit == "layer1.1"
    assert view.grab().toImage() != before
    assert "0 parameters" in shortcut_cost_words(view.diagram.cards[1])
    assert "8,448 parameters" in shortcut_cost_words(view.diagram.cards[2])
    qtbot.mouseMove(view.viewport(), at(view, view.diagram.cards[1].rect.center()))
    assert view.look().lit == ""


def test_colours_are_chosen_from_the_list_and_the_legend_tells_their_scale(page: DesignPage) -> None:
    panel = page.network
    page.choose_preset(PRESETS["resnet50"])
    for place, key in enumerate(COLOURINGS):
        panel.colouring.setCurrentIndex(place)
        panel.colouring.activated.emit(place)
        assert panel.view.colouring == key
        page.grab()
    assert panel._legend._most == "15.31 MiB"
    panel.set_colouring("stage")
    assert panel._legend._most == ""
