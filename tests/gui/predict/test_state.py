"""The state of the Predict page by itself, and the rows of the explain views."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from PySide6.QtCore import Signal

from resnet_gui.analysis.locations import default_location
from resnet_gui.data.preprocessing import PREPROCESSES
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.gui.predict.explain.views import VIEWS
from resnet_gui.gui.predict.pictures.model import Picture
from resnet_gui.gui.predict.state import AttributionChoice, MapChoice, PredictState, Unit
from resnet_gui.protocol.events import ModelLoaded
from resnet_gui.protocol.explain_events import ExplainAnswer, Explanation
from resnet_gui.protocol.jobs import ExplainRequest, ModelRequest


def loaded(preset: str) -> ModelLoaded:
    spec = PRESETS[preset].spec
    classes = tuple(f"class {number}" for number in range(spec.classes))
    return ModelLoaded(1, preset, spec, classes, PREPROCESSES["imagenet"].preprocess, own=True)


@pytest.fixture
def state() -> PredictState:
    """A network that is loaded, and a picture."""
    made = PredictState(view=VIEWS[0].key)
    made.set_model_request(ModelRequest(model="weights"))
    made.set_loaded(loaded("resnet20"))
    made.set_picture(Picture(Path("ship.jpg"), 0))
    return made


def heard(state: PredictState, work: Callable[[], object]) -> list[str]:
    """Names of the signals, in order."""
    names = [name for name, value in vars(PredictState).items() if isinstance(value, Signal)]
    found: list[str] = []
    slots = [(getattr(state, name), lambda name=name: found.append(name)) for name in names]
    for signal, slot in slots:
        signal.connect(slot)
    work()
    for signal, slot in slots:
        signal.disconnect(slot)
    return found


EXPLANATION = Explanation(1, "ship.jpg", 3, 1.0, b"", (), 1.0)


@pytest.mark.parametrize(
    ("work", "signal"),
    [
        (lambda state: state.set_view("filters"), "view_changed"),
        (lambda state: state.set_target(3), "target_changed"),
        (lambda state: state.set_location("layer1"), "location_changed"),
        (lambda state: state.set_cam(False), "cam_changed"),
        (lambda state: state.set_block("layer1.0"), "block_changed"),
        (lambda state: state.set_maps(MapChoice("layer2")), "maps_changed"),
        (lambda state: state.set_histogram_layer("fc"), "histogram_layer_changed"),
        (lambda state: state.set_unit(Unit("layer1", 2, 3)), "unit_changed"),
        (lambda state: state.set_unit_layer("layer1"), "unit_changed"),
        (lambda state: state.set_attribution(AttributionChoice("occlusion")), "attribution_changed"),
        (lambda state: state.set_lesions(("layer1.0",)), "lesions_changed"),
    ],
)
def test_a_choice_is_told_once_by_its_own_signal_and_the_same_choice_not_at_all(
    state: PredictState, work: Callable[[PredictState], None], signal: str
) -> None:
    assert heard(state, lambda: work(state)) == [signal, "changed"]
    assert heard(state, lambda: work(state)) == []


def test_an_explanation_is_forgotten_with_what_it_explains_and_stays_with_the_rest(state: PredictState) -> None:
    for work in (
        lambda: state.set_target(5), lambda: state.set_lesions(("layer2.0",)), lambda: state.set_picture(None),
        lambda: state.set_model_request(ModelRequest(model="other")),
    ):  # fmt: skip
        state.set_explanation(EXPLANATION)
        assert heard(state, work)[0] == "explanation_changed"
        assert state.explanation is None
    state.set_explanation(EXPLANATION)
    state.set_location("layer1")
    state.set_view("filters")
    assert state.explanation is EXPLANATION


def test_the_same_design_keeps_what_was_chosen_in_it_and_another_begins_anew(state: PredictState) -> None:
    state.set_target(4)
    state.set_location("layer1")
    state.set_lesions(("layer1.0",))
    state.set_unit(Unit("layer1.0.conv1", 1, 2, 15))
    kept = (state.target, state.location, state.lesions, state.unit, state.maps)
    state.set_model_request(ModelRequest(model="weights", views=10))
    assert "design_changed" not in heard(state, lambda: state.set_loaded(loaded("resnet20")))
    assert (state.target, state.location, state.lesions, state.unit, state.maps) == kept
    state.set_model_request(ModelRequest(model="more"))
    assert heard(state, lambda: state.set_loaded(loaded("resnet18")))[0] == "design_changed"
    planned = plan(PRESETS["resnet18"].spec)
    assert (state.target, state.location, state.lesions) == (-1, default_location(planned), ())
    assert state.unit == Unit("layer1.0.conv1", 28, 28, 15), "the layer is there too: its middle, in the same channel"
    assert (state.maps.layer, state.block, state.histogram_layer) == ("layer1.1", "layer4.1", "conv1")


def test_nothing_is_asked_without_a_loaded_network_or_without_a_picture_that_can_be_read(state: PredictState) -> None:
    asked = [view.request for view in VIEWS if view.request is not None]
    assert all(request(state) is not None for request in asked)
    of_picture = [view.request for view in VIEWS if view.request is not None and view.of_picture]
    picture = state.picture
    assert picture is not None
    picture.refuse("It cannot be read.")
    assert [request(state) for request in of_picture] == [None] * len(of_picture)
    state.set_picture(Picture(Path("car.jpg"), 1))
    state.set_model_request(ModelRequest(model="other"))
    assert [request(state) for request in asked] == [None] * len(asked)


def test_the_inside_of_a_network_is_asked_about_with_its_lesions(state: PredictState) -> None:
    assert state.explained_request == ModelRequest(model="weights")
    state.set_lesions(("layer2.1",))
    assert state.explained_request == msgspec.structs.replace(ModelRequest(model="weights"), lesions=("layer2.1",))


def test_every_question_about_the_inside_of_a_network_has_one_view_that_shows_its_answer(state: PredictState) -> None:
    rows = [view for view in VIEWS if view.request is not None]
    asked = [type(view.request(state)) for view in rows if view.request is not None]
    assert sorted(one.__name__ for one in asked) == sorted(one.__name__ for one in get_args(ExplainRequest))
    assert {view.shows for view in rows} == set(get_args(ExplainAnswer))
    assert len({view.key for view in VIEWS}) == len({view.widget for view in VIEWS}) == len(VIEWS)
