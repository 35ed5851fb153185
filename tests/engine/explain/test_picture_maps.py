"""What is known of a picture is not computed again, and is what a whole pass makes, to the bit."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import torch

from resnet_gui.analysis.locations import layer_maps, stage_maps
from resnet_gui.design.spec import evolve
from resnet_gui.engine.explain import picture_maps
from resnet_gui.engine.explain.picture_maps import PictureMaps, SectionRow
from resnet_gui.protocol.jobs import Explain, ModelRequest, ShowMaps
from tests.engine.explain.explain_case import CIFAR, ExplainCase, make_case, seasoned, write_picture


@pytest.fixture
def case(tmp_path: Path) -> ExplainCase:
    return make_case(tmp_path, seasoned(evolve(CIFAR, blocks=(2, 1, 2))))


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of the sections that ran."""
    numbers: list[int] = []
    run = SectionRow.run

    def counted(row: SectionRow, number: int, x: torch.Tensor) -> torch.Tensor:
        numbers.append(number)
        return run(row, number, x)

    monkeypatch.setattr(SectionRow, "run", counted)
    return numbers


def request_of(case: ExplainCase, **choices: Any) -> ModelRequest:
    return ModelRequest(model=case.model_request.model, device="cpu", **choices)


@pytest.mark.parametrize("room", [2**30, 30_000, 0])
def test_every_layer_makes_what_it_makes_in_a_whole_pass_however_much_is_kept(
    case: ExplainCase, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_maps, "KEPT_BYTES", room)
    model, x = case.explain_model(), case.explain_model().input(case.image)
    for place in (*reversed(layer_maps(model.plan)), *stage_maps(model.plan)):
        with torch.no_grad():
            expected = model.output(place.name, x)
        assert torch.equal(model.output_on(place.name, case.image), expected), place.name


def test_after_heat_maps_a_layers_maps_take_one_section_and_a_block_none(case: ExplainCase, ran: list[int]) -> None:
    service = case.service()
    service.answer(Explain(1, case.model_request, case.image))
    assert ran == [0, 1, 2, 3, 4, 5, 6], "one pass for all stages"
    ran.clear()
    service.answer(ShowMaps(2, case.model_request, case.image, "layer2"))
    assert ran == []
    service.answer(ShowMaps(3, case.model_request, case.image, "layer2.0.conv1"))
    assert ran == [3]
    ran.clear()
    service.answer(Explain(4, case.model_request, case.image, 2, ("layer3",)))
    assert ran == [5, 6], "what stands before the place is known"


def test_a_lesion_begins_with_the_maps_of_the_whole_network_and_another_share_with_none(
    case: ExplainCase, ran: list[int]
) -> None:
    service = case.service()
    service.answer(Explain(1, case.model_request, case.image))
    ran.clear()
    lesioned = request_of(case, lesions=("layer3.0",))
    found = service.answer(ShowMaps(2, lesioned, case.image, "layer3"))
    assert ran == [4, 5]
    assert found == case.service().answer(ShowMaps(2, lesioned, case.image, "layer3"))
    ran.clear()
    scaled = request_of(case, branch_share=0.5)
    half = service.answer(ShowMaps(3, scaled, case.image, "layer1"))
    assert ran == [0, 1, 2]
    assert half != service.answer(ShowMaps(3, request_of(case, branch_share=0.25), case.image, "layer1"))


def test_a_picture_that_changes_is_looked_at_again(case: ExplainCase) -> None:
    service = case.service()
    before = service.answer(ShowMaps(1, case.model_request, case.image, "layer1"))
    write_picture(Path(case.image), 255 - case.pixels)
    os.utime(case.image, (1, 1))
    assert service.answer(ShowMaps(1, case.model_request, case.image, "layer1")) != before


def test_maps_for_which_there_is_no_room_are_computed_each_time(case: ExplainCase, ran: list[int]) -> None:
    maps = PictureMaps(SectionRow(case.explain_model().network), case.x)
    maps._room = 0
    one, other = maps.before(3), maps.before(3)
    assert torch.equal(one, other)
    assert ran == [0, 1, 2, 0, 1, 2]
