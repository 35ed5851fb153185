"""Explanations of any design at any place, of networks with lesions, and what is refused."""

from __future__ import annotations

import copy
import io
import math
import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from resnet_gui.analysis.locations import block_maps, blocks_of, find_shape, layer_maps, stage_maps
from resnet_gui.base.errors import InputError
from resnet_gui.data.preprocessing import Preprocess
from resnet_gui.design.location import TERMS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine.explain.grad_cam import MOST_LOCATIONS, grad_cam
from resnet_gui.network.block import Block
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.explain_events import Explanation
from resnet_gui.protocol.jobs import Explain, ModelRequest
from tests.conftest import examples
from tests.designs import designs
from tests.engine.explain.explain_case import (
    CIFAR,
    DEVIATIONS,
    MEANS,
    ExplainCase,
    assert_same_map,
    explained,
    for_pictures,
    make_case,
    seasoned,
)

PLAIN = ResNetSpec(block="basic", blocks=(1, 1), widths=(4, 4), shortcut="none", stem="cifar", input=(3, 12, 12))


def exactly(case: ExplainCase, *lesions: str) -> tuple[ResNet, Tensor]:
    """The network that is explained and its input in 64 bits: a norm over few values magnifies what is rounded."""
    explained_model = case.explain_model(*lesions)
    return explained_model.network.double(), explained_model.input(case.image).double()


class Inside(NamedTuple):
    """Logits, Grad-CAM inside a block, and the largest sum of absolute values that made each map."""

    logits: Tensor
    maps: dict[str, Tensor]
    scales: dict[str, float]


def through_the_addition(model: ResNet, x: Tensor, target: int, path: str, branch: float = 1.0) -> Inside:
    """From one gradient at the sum, which is the branch's and the shortcut's too.

    ``branch`` is a factor of the branch: 0 turns it off.
    """
    block = model.get_submodule(path)
    kept: dict[str, Tensor] = {}

    def before(_module: nn.Module, inputs: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        kept.update(branch=inputs[0].clone() * branch, shortcut=inputs[1].clone())
        return kept["branch"], kept["shortcut"]

    def behind(_module: nn.Module, _inputs: Any, output: Tensor) -> Tensor:
        kept["sum"] = output
        return output.clone()

    handles = [block.get_submodule("add").register_forward_pre_hook(before)]
    handles.append(block.get_submodule("add").register_forward_hook(behind))
    logits = model(x.clone().requires_grad_(True))[0]
    (gradient,) = torch.autograd.grad(logits[target], [kept["sum"]])
    for handle in handles:
        handle.remove()
    weights = gradient[0].mean(dim=(1, 2))
    maps, scales = {}, {}
    for place in TERMS:
        values = kept[place][0].detach()
        maps[f"{path}:{place}"] = functional.relu(torch.einsum("kij,k->ij", values, weights))
        scales[f"{path}:{place}"] = float(
            torch.einsum("kij,k->ij", values.abs(), gradient[0].abs().mean(dim=(1, 2))).max()
        )
    return Inside(logits.detach(), maps, scales)


@examples(12)
@given(spec=designs())
def test_any_design_can_be_explained_at_every_place_and_inside_every_block(
    spec: ResNetSpec, tmp_path_factory: pytest.TempPathFactory
) -> None:
    case = make_case(tmp_path_factory.mktemp("any"), seasoned(for_pictures(spec)))
    planned = case.model.plan
    points = [point.name for block, made in planned.blocks() for point in block_maps(block, made)]
    points += [point.name for point in (*stage_maps(planned), *layer_maps(planned))]
    target = spec.classes - 1
    answer = explained(case, target, tuple(points[:MOST_LOCATIONS]))
    assert [heat.location for heat in answer.heats] == points[:MOST_LOCATIONS]
    for heat in answer.heats:
        shape = find_shape(planned, heat.location)
        assert shape is not None
        assert (heat.height, heat.width) == shape[1:]
        assert len(heat.values) == heat.height * heat.width
    network, x = exactly(case)
    _, score, maps = grad_cam(network, x, target, tuple(points))
    case.model.double()
    for path, block in blocks_of(planned):
        if block.shortcut != "none":
            inside = through_the_addition(case.model, x, target, path)
            assert score == pytest.approx(float(inside.logits[target]))
            for point, values in inside.maps.items():
                assert_same_map(maps[point], values, inside.scales[point])


# ---- lesions


@examples(12)
@given(spec=designs())
def test_a_turned_off_branch_gives_nothing_and_its_shortcut_is_the_sum(
    spec: ResNetSpec, tmp_path_factory: pytest.TempPathFactory
) -> None:
    case = make_case(tmp_path_factory.mktemp("off"), seasoned(for_pictures(spec)))
    whole = copy.deepcopy(case.model).double()
    # The first, the last and one between, for each takes a network of its own.
    blocks = list(blocks_of(case.model.plan))
    for path, block in dict([blocks[0], blocks[len(blocks) // 2], blocks[-1]]).items():
        if block.shortcut == "none":
            if block.input != block.output:
                with pytest.raises(InputError, match=rf"'{path}' has no shortcut and turns"):
                    explained(case, 0, lesions=(path,))
            else:
                assert len(explained(case, 0, (path,), (path,)).heats) == 1
            continue
        network, x = exactly(case, path)
        logits, expected, scales = through_the_addition(whole, x, 0, path, branch=0.0)
        _, score, maps = grad_cam(network, x, 0, tuple(expected))
        assert score == pytest.approx(float(logits[0]))
        assert set(maps) == {f"{path}:shortcut", f"{path}:sum"}
        for point, values in maps.items():
            assert_same_map(values, expected[point], scales[point])
        branch, shortcut, total = explained(case, 0, tuple(expected), (path,)).heats
        assert (branch.peak, any(branch.values)) == (0.0, False)
        assert (branch.height, branch.width) == block.on("join")[0].output[1:]
        assert (shortcut.peak, shortcut.values) == (total.peak, total.values)
        if spec.norm != "group":
            request = ModelRequest(model=case.model_request.model, device="cpu", lesions=(path,))
            predicted = case.classifiers.get(request).logits(case.pixels[None])[0]
            assert float((predicted - logits).abs().max()) <= 1e-4 * max(1.0, float(logits.abs().max()))


def test_several_blocks_are_turned_off_together_and_the_network_itself_stays_whole(tmp_path: Path) -> None:
    case = make_case(tmp_path, seasoned(CIFAR))
    lesions = ("layer1.1", "layer2.0", "layer3.2")
    service = case.service()
    request = ModelRequest(model=case.model_request.model, device="cpu", lesions=lesions)
    first = service.answer(Explain(1, case.model_request, case.image, 3))
    without = service.answer(Explain(2, request, case.image, 3))
    again = service.answer(Explain(3, case.model_request, case.image, 3))
    assert isinstance(first, Explanation)
    assert isinstance(without, Explanation)
    assert isinstance(again, Explanation)
    assert (again.score, again.heats) == (first.score, first.heats)
    zeroed = seasoned(CIFAR)
    with torch.no_grad():
        for path in lesions:
            # F(x) ends in this norm.
            zeroed.get_parameter(f"{path}.bn2.weight").zero_()
            zeroed.get_parameter(f"{path}.bn2.bias").zero_()
        assert without.score == pytest.approx(float(zeroed(case.x)[0, 3]), abs=1e-5)
    assert abs(without.score - first.score) > 1e-3
    assert not any(module.lesioned for module in case.model.modules() if isinstance(module, Block))


# ---- the answer


def test_without_a_choice_every_stage_is_shown_for_the_likeliest_class_with_what_the_network_sees(
    tmp_path: Path,
) -> None:
    case = make_case(tmp_path, seasoned(CIFAR))
    answer = explained(case)
    assert (answer.job, answer.image, answer.target) == (3, case.image, int(case.model(case.x).argmax()))
    assert [(heat.location, heat.height, heat.width) for heat in answer.heats] == [
        ("layer1", 32, 24), ("layer2", 16, 12), ("layer3", 8, 6),
    ]  # fmt: skip
    with Image.open(io.BytesIO(answer.input_png)) as image:
        assert np.array_equal(np.asarray(image).transpose(2, 0, 1), case.pixels)
    assert answer.milliseconds > 0


def test_an_input_chosen_by_hand_is_explained_at_its_own_size(tmp_path: Path) -> None:
    case = make_case(tmp_path, seasoned(CIFAR))
    request = ModelRequest(model=case.model_request.model, device="cpu", input=(3, 48, 40), lesions=("layer2.1",))
    answer = case.service().answer(Explain(1, request, case.image, 0, ("layer2.1:branch", "layer2")))
    assert isinstance(answer, Explanation)
    assert [(heat.height, heat.width) for heat in answer.heats] == [(24, 20), (24, 20)]


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> ExplainCase:
    return make_case(tmp_path_factory.mktemp("case"), seasoned(CIFAR))


@pytest.mark.parametrize(
    ("target", "points", "says"),
    [
        (12, (), "There is no class 12: the network has 12"),
        (-2, (), "There is no class -2"),
        (0, ("layer9",), "The network has no place 'layer9'"),
        (0, ("layer1", "layer1.0:end"), "no place 'layer1.0:end'"),
        (0, ("layer1.0:branch:sum",), "no place"),
        (0, ("fc",), "no place 'fc'"),
        (0, ("",), "no place ''"),
        (0, ("layer1.0.__class__",), "no place"),
        (0, ("layer1",) * (MOST_LOCATIONS + 1), f"{MOST_LOCATIONS + 1} places at once are more than {MOST_LOCATIONS}"),
    ],
)
def test_a_class_or_a_place_that_is_not_there_is_refused_in_a_sentence(
    target: int, points: tuple[str, ...], says: str, refusing: ExplainCase
) -> None:
    with pytest.raises(InputError, match=says) as caught:
        explained(refusing, target, points)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_a_plain_block_has_no_inside(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no place 'layer1\.0:sum'"):
        explained(make_case(tmp_path, seasoned(PLAIN)), 0, ("layer1.0:sum",))


@pytest.mark.parametrize("kind", ["missing", "folder", "text", "empty", "null"])
def test_a_picture_that_cannot_be_read_is_refused_by_its_name(kind: str, tmp_path: Path) -> None:
    case = make_case(tmp_path, seasoned(PLAIN))
    path = tmp_path / "bad.png"
    if kind == "folder":
        path.mkdir()
    elif kind in {"text", "empty"}:
        path.write_text("no picture" if kind == "text" else "")
    image = f"{path}\0" if kind == "null" else str(path)
    with pytest.raises(InputError, match=r"bad\.png") as caught:
        explained(case._replace(image=image), 0)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("parameters", "value", "says"),
    [
        (
            ("conv1.weight", "fc.weight"),
            3e38,
            "The network's answer is no finite number: the weights are damaged or too large.",
        ),
        (("fc.bias",), math.inf, ".*: tensor 'fc.bias' holds values that are not finite numbers."),
    ],
)
def test_values_beyond_any_number_are_a_sentence_and_no_empty_answer(
    parameters: tuple[str, ...], value: float, says: str, tmp_path: Path
) -> None:
    model = seasoned(PLAIN)
    with torch.no_grad():
        for path in parameters:
            model.get_parameter(path).fill_(value)
    with pytest.raises(InputError, match=f"^{says}$"):
        explained(make_case(tmp_path, model), 0)


def test_a_picture_and_weights_that_change_on_disk_are_read_again(tmp_path: Path) -> None:
    case = make_case(tmp_path, seasoned(CIFAR))
    service = case.service()
    job = Explain(1, case.model_request, case.image, 0)
    scores = []
    for seed in (1, 2):
        other = make_case(tmp_path, seasoned(CIFAR, seed))
        os.utime(case.model_request.model, ns=(seed, seed))
        answer = service.answer(job)
        assert isinstance(answer, Explanation)
        assert answer.score == pytest.approx(float(other.model(other.x)[0, 0]), abs=1e-5)
        scores.append(answer.score)
    Image.new("RGB", (24, 32), "white").save(case.image)
    os.utime(case.image, ns=(5, 5))
    white = service.answer(job)
    assert isinstance(white, Explanation)
    assert len({*scores, white.score}) == 3


def test_of_several_networks_in_a_file_the_one_that_was_asked_for_is_explained(tmp_path: Path) -> None:
    small = evolve(CIFAR, blocks=(1,), widths=(4,))
    trained, averaged = seasoned(small, 1), seasoned(small, 2)
    case = make_case(tmp_path, trained)
    torch.save({"model": trained.state_dict(), "model_ema": averaged.state_dict()}, tmp_path / "both.pt")
    preprocess = Preprocess(mean=MEANS, std=DEVIATIONS)
    for key, model in (("model", trained), ("model_ema", averaged)):
        request = ModelRequest(
            model=str(tmp_path / "both.pt"), key=key, device="cpu", preprocess=preprocess, input=CIFAR.input
        )
        answer = case.service().answer(Explain(1, request, case.image, 3))
        assert isinstance(answer, Explanation)
        assert answer.score == pytest.approx(float(model(case.x)[0, 3].detach()), rel=1e-4)
