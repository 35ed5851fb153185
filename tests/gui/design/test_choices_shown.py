"""Every registered choice is offered by the form, and its layers stand in the layer table and in the diagram."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QComboBox, QWidget

from resnet_gui.design.choice import Choice, StemChoice
from resnet_gui.design.choices import CHOICES, KINDS
from resnet_gui.design.location import Location
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import Design, ResNetSpec
from resnet_gui.design.structure import LayerPlan, Plan
from resnet_gui.gui.design.diagram.network import lay_out
from resnet_gui.gui.design.page import DesignPage
from resnet_gui.gui.design.table.model import LayerModel
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.theme import font
from resnet_gui.gui.session import Session
from tests.choice_checks import design_with, every_choice, unusual_choices, usual_beside
from tests.gui.design.layer_models import nodes
from tests.gui.design.test_form import FIELDS, control

pytestmark = pytest.mark.usefixtures("theme")


def offered(widget: QWidget) -> dict[str, str]:
    """What a control offers, by its key."""
    match widget:
        case QComboBox():
            return {widget.itemData(number): widget.itemText(number) for number in range(widget.count())}
        case SegmentedControl():
            return {key: title for key, title, _ in widget._options}
    raise AssertionError(widget)


def shown(widget: QWidget) -> str:
    """The text of what is chosen."""
    return widget.currentText() if isinstance(widget, QComboBox) else widget.accessibleDescription()


def texts_of(choice: Choice) -> set[str]:
    """What the form may call a choice: in a list, or on a button of its own."""
    return {choice.option_text, *(choice.pill or ())} if isinstance(choice, StemChoice) else {choice.option_text}


def controls(page: DesignPage, field: str) -> list[QWidget]:
    """The controls of a field: in the tables, made by hand, or both as the stem's."""
    by_hand = {"block": page.form.block, "shortcut": page.form.shortcut, "stem": page.form.stem}
    found: list[QWidget] = [by_hand[field]] if field in by_hand else []
    return [*found, control(page, field)] if field in FIELDS else found


def test_the_form_offers_every_registered_choice_and_shows_it_when_it_is_chosen(
    page: DesignPage, session: Session
) -> None:
    assert {field for field in CHOICES if not controls(page, field)} == set()
    for field, key in every_choice():
        session.open_design(Design(name="it", spec=design_with(field, key)))
        texts = texts_of(CHOICES[field][key])
        found = [widget for widget in controls(page, field) if key in offered(widget)]
        assert found, f"{field}={key} is not offered"
        for widget in found:
            assert offered(widget)[key] in texts
            assert shown(widget) in texts
            assert CHOICES[field][key].help in widget.toolTip()
            assert widget.isEnabled()


def test_every_block_and_shortcut_is_readable_in_a_window_of_1100_pixels(page: DesignPage) -> None:
    page.resize(1040, 648)
    metrics = QFontMetrics(font(12, 600))
    for made in (page.form.block, page.form.shortcut):
        for number, words in enumerate(made._options):
            width = metrics.horizontalAdvance(words[1])
            assert width + 6 <= made._segment(number).width(), words


def own_layers(spec: ResNetSpec, field: str) -> list[tuple[Location, LayerPlan]]:
    """Layers of a design that it would not have with the field's first choice, or not of this kind."""
    usual = {(location, layer.kind) for location, layer in plan(usual_beside(spec, field)).places()}
    return [(location, layer) for location, layer in plan(spec).places() if (location, layer.kind) not in usual]


def assert_listed(planned: Plan, own: list[tuple[Location, LayerPlan]]) -> None:
    """The layer table has a row for each layer with its kind and its weights."""
    model = LayerModel()
    model.set_plan(planned)
    rows = {node.path: node.texts() for node in nodes(model)}
    for location, layer in own:
        kind = KINDS[layer.kind]
        assert rows[location.path][0] == kind.title
        assert str(kind.params(layer) or "–") in {text.replace(",", "") for text in rows[location.path]}


def assert_drawn(planned: Plan, location: Location, layer: LayerPlan) -> None:
    """The unfolded block has a pill with the layer's text, and an arc over it has the note of a changed shortcut."""
    assert isinstance(location.stage, int)
    diagram = lay_out(planned, Location(location.stage, location.block))
    kind = KINDS[layer.kind]
    wanted = layer.part_of.upper() or (kind.pill(layer) if kind.pill else kind.short_title)
    rects = [spot.rect for spot in diagram.spots if spot.path == location.path and spot.kind == "layer"]
    assert [text.text for text in diagram.texts if text.rect in rects] == [wanted]
    block = planned.find_section(location)
    assert block is not None
    notes = {note for each in block.on("shortcut") if (note := KINDS[each.kind].note(each))}
    assert not notes or notes & {chip.text for chip in diagram.chips}


@pytest.mark.parametrize(("field", "key"), unusual_choices())
def test_the_layers_of_every_registered_choice_stand_in_the_table_and_in_the_unfolded_block(
    field: str, key: str
) -> None:
    spec = design_with(field, key)
    planned, own = plan(spec), own_layers(spec, field)
    assert_listed(planned, own)
    for location, layer in own:
        whole_part = not layer.part_of or KINDS[layer.kind].gates
        if isinstance(location.stage, int) and whole_part and layer.branch != "join":
            assert_drawn(planned, location, layer)
