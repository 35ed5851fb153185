"""How the diagram of a network is painted: colours, legibility, zoom."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRectF, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from resnet_gui.design.location import Location
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import evolve
from resnet_gui.gui.design.diagram import view as view_module
from resnet_gui.gui.design.diagram.network import lay_out
from resnet_gui.gui.design.diagram.paint import (
    COLOURINGS,
    Colouring,
    PaintContext,
    amount,
    most,
    paint_diagram,
    what_is_drawn,
)
from resnet_gui.gui.design.diagram.scene import WIDTH, Diagram
from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.kit.colormap import is_bright, viridis
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import Session
from tests.gui.design.test_network_view import SOME


def paint(theme: Theme, drawn: Diagram, **look: object) -> QImage:
    image = QImage(QSize(round(WIDTH), round(drawn.height)), QImage.Format.Format_RGB32)
    image.fill(theme.color("canvas"))
    painter = QPainter(image)
    scale = look.get("scale", 1.0)
    painter.scale(scale, scale)  # type: ignore[arg-type]
    paint_diagram(painter, drawn, PaintContext(theme.color, **look))  # type: ignore[arg-type]
    painter.end()
    return image


@pytest.mark.parametrize("colouring", COLOURINGS)
def test_colours_show_the_stage_or_how_much_a_block_costs(theme: Theme, colouring: str) -> None:
    drawn = lay_out(plan(PRESETS["resnet50"].spec))
    image = paint(theme, drawn, colouring=colouring)
    largest = most(drawn, colouring)  # type: ignore[arg-type]
    for card in drawn.cards:
        place = card.rect.topLeft().toPoint() + QPoint(4, 8)
        wanted = theme.color(f"{card.token}c")
        if colouring != "stage":
            wanted = viridis(amount(card.cost, colouring) / largest)  # type: ignore[arg-type]
        assert image.pixelColor(place).name() == wanted.name()


@pytest.mark.parametrize("colouring", COLOURINGS)
def test_diagrams_of_which_the_same_is_drawn_are_one_picture(theme: Theme, colouring: Colouring) -> None:
    usual = PRESETS["resnet50"].spec
    changes: list[dict[str, object]] = [
        {"conv_bias": True}, {"se_ratio": 16}, {"zero_init": True}, {"classes": 10}, {"shortcut": "C"},
        {"order": "full_preact"}, {"stem": "cifar"}, {"norm": "none"}, {"blocks": (3, 4, 7, 3)},
        {"widths": (64, 128, 256, 640)}, {"block": "basic"}, {"ablation": "scaling"}, {"hidden": (512,)},
    ]  # fmt: skip
    look = PaintContext(theme.color, colouring=colouring)
    before = lay_out(plan(usual))
    same = set()
    for change in changes:
        after = lay_out(plan(evolve(usual, **change)))
        if what_is_drawn(before, look) == what_is_drawn(after, look):
            same |= set(change)
            assert paint(theme, before, colouring=colouring) == paint(theme, after, colouring=colouring), change
    # A bias and an excitation have no place in the diagram, but they cost something, which colours can show.
    assert same >= ({"conv_bias", "se_ratio", "zero_init"} if colouring == "stage" else {"zero_init"})
    assert colouring != "params" or "se_ratio" not in same


def test_an_edit_paints_the_diagram_only_if_it_looks_different(
    page: DesignPage, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.choose_preset(PRESETS["resnet50"])
    page.show()
    QApplication.processEvents()
    painted: list[Diagram] = []

    def count(painter: QPainter, diagram: Diagram, look: PaintContext) -> None:
        painted.append(diagram)
        paint_diagram(painter, diagram, look)

    monkeypatch.setattr(view_module, "paint_diagram", count)
    session.edit("bias", conv_bias=True)
    QApplication.processEvents()
    assert painted == []
    session.edit("shortcut", shortcut="C")
    QApplication.processEvents()
    assert painted != []
    assert painted[-1] is page.network.view.diagram


def test_the_scale_of_colours_is_viridis_and_text_on_it_can_be_read() -> None:
    assert [viridis(share).name() for share in (0, 0.5, 1)] == ["#440154", "#21918c", "#fde725"]
    assert viridis(-3).name() == viridis(0).name()
    assert viridis(7).name() == viridis(1).name()
    brightness = [is_bright(viridis(step / 20)) for step in range(21)]
    assert brightness == sorted(brightness)
    assert not brightness[0]
    assert brightness[-1]


@pytest.mark.parametrize("name", SOME)
@pytest.mark.parametrize("scale", [0.4, 0.55, 0.7, 0.9, 1.0, 2.5])
def test_a_diagram_is_painted_at_every_zoom(theme: Theme, name: str, scale: float) -> None:
    planned = plan(PRESETS[name].spec)
    paint(theme, lay_out(planned, Location(0, 0)), scale=scale, chosen="layer1.0.conv1", focused=True)


def test_below_sixty_per_cent_bars_go_then_names(theme: Theme) -> None:
    drawn = lay_out(plan(PRESETS["resnet18"].spec))
    card = drawn.cards[0]

    def inks(scale: float, rect: QRectF) -> bool:
        """Whether anything but the ground stands in a part of the card."""
        image = paint(theme, drawn, scale=scale)
        ground = theme.color(f"{card.token}c").name()
        area = QRectF(rect.x() * scale, rect.y() * scale, rect.width() * scale, rect.height() * scale).toRect()
        return any(
            image.pixelColor(x, y).name() != ground
            for x in range(area.left() + 1, area.right())
            for y in range(area.top() + 1, area.bottom())
        )

    bars = QRectF(card.rect.center().x() - 12, card.rect.bottom() - 8, 24, 6)
    middle = card.rect.adjusted(8, 12, -8, -12)
    assert inks(1.0, QRectF(card.rect.center().x() - 12, card.rect.y() + 21, 24, 10))
    assert not inks(0.55, bars)
    assert inks(0.55, middle)
    assert not inks(0.42, middle)
