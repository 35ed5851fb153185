"""Gradients on single paths, against all sixteen paths of a network with four blocks, written by hand."""

from __future__ import annotations

import itertools
import math

import msgspec
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from resnet_gui.base.errors import InputError
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine.lab.finished_run import LabelledPictures
from resnet_gui.engine.lab.networks import CPU, readable_copy
from resnet_gui.engine.lab.paths import ForwardPass, draw_paths, measure_paths
from resnet_gui.lab.measured.paths import PathSetup, PathsMeasured, path_counts, shares
from tests.engine.lab.hand_written import (
    SPEC,
    HandNetwork,
    by_hand,
    hand_written,
    labelled_pictures,
    measured_network,
)

PICTURES = labelled_pictures(5)
ALL = PathSetup(draws=6)
"""As many as there are paths of the middle length."""


def gradient_on(network: HandNetwork, path: tuple[int, ...]) -> Tensor:
    """Gradient of each picture's loss at the input on one path: the forward pass is whole, the other way is cut."""
    x = inputs = by_hand(PICTURES.images).requires_grad_(True)
    x = network.stem(x)
    for number, block in enumerate(network.rows):
        branch, shortcut = block.branch(x), block.shortcut(x)
        x = torch.relu(branch + shortcut.detach() if number in path else branch.detach() + shortcut)
    functional.cross_entropy(network.head(x), PICTURES.labels, reduction="sum").backward()  # type: ignore[no-untyped-call]
    assert inputs.grad is not None
    return inputs.grad.flatten(1).double()


@pytest.fixture(scope="module")
def measured() -> PathsMeasured:
    return measure_paths("four blocks", measured_network(), PICTURES, ALL, 1)


def test_norms_are_those_of_all_sixteen_paths_whose_sum_is_the_whole_gradient(measured: PathsMeasured) -> None:
    network = hand_written(measured_network().model)
    total = torch.zeros(len(PICTURES.labels), 64, dtype=torch.float64)
    amounts = []
    for length, found in enumerate(measured.lengths):
        gradients = [gradient_on(network, path) for path in itertools.combinations(range(4), length)]
        norms = [float(gradient.norm(dim=1).mean()) for gradient in gradients]
        assert found.norms == pytest.approx(norms, rel=1e-4)
        assert (found.length, found.count) == (length, len(norms))
        assert found.total == pytest.approx(sum(norms), rel=1e-4)
        amounts.append(sum(norms))
        total += sum(gradients)
    x = by_hand(PICTURES.images).requires_grad_(True)
    functional.cross_entropy(network(x), PICTURES.labels, reduction="sum").backward()  # type: ignore[no-untyped-call]
    assert x.grad is not None
    assert total.numpy() == pytest.approx(x.grad.flatten(1).double().numpy(), abs=1e-6)
    assert [each.share for each in measured.lengths] == pytest.approx([amount / sum(amounts) for amount in amounts])
    assert measured.mean_length == pytest.approx(sum(k * amount for k, amount in enumerate(amounts)) / sum(amounts))
    assert measured.share_within(1, 3) == pytest.approx(sum(amounts[1:4]) / sum(amounts))
    assert (measured.blocks, measured.pictures, measured.possible_length) == (4, 5, 2)


@pytest.mark.parametrize(
    "changes",
    [{"order": "full_preact"}, {"shortcut": "A"}, {"ablation": "exclusive_gating"}, {"order": "bn_after_addition"}],
)
def test_both_ways_through_each_block_of_any_residual_design_add_up_to_its_gradient(changes: dict[str, str]) -> None:
    measured = measured_network(evolve(SPEC, blocks=(1, 1), **changes))
    forward = ForwardPass(readable_copy(measured.model, CPU), by_hand(PICTURES.images), PICTURES.labels)
    gradient = forward.gradient
    for block in reversed(forward.blocks):
        gradient = block.back(gradient, through_branch=True) + block.back(gradient, through_branch=False)
    (found,) = torch.autograd.grad([forward.stem], [forward.input], [gradient])
    x = by_hand(PICTURES.images).requires_grad_(True)
    functional.cross_entropy(measured.model(x), PICTURES.labels, reduction="sum").backward()  # type: ignore[no-untyped-call]
    assert x.grad is not None
    assert found.numpy() == pytest.approx(x.grad.numpy(), abs=1e-6)


def test_a_gradient_too_small_for_single_precision_is_kept() -> None:
    spec = evolve(SPEC, blocks=(20,), widths=(4,))
    network = measured_network(spec)
    with torch.no_grad():
        for number in range(20):
            network.model.get_parameter(f"layer1.{number}.bn2.weight").mul_(1e-4)
    found = measure_paths("deep", network, PICTURES, PathSetup(draws=2, lengths=(20, 0, 1)), 1)
    assert [each.length for each in found.lengths] == [0, 1, 20]
    none, one, every = (math.log10(each.norm) for each in found.lengths)
    assert every < -60
    assert every - none == pytest.approx(20 * (one - none), rel=0.3)
    assert sum(each.share for each in found.lengths) == pytest.approx(1)


def test_drawn_paths_are_different_of_their_length_and_of_their_seed() -> None:
    paths = draw_paths(27, 10, 12, 1)
    assert len(set(paths)) == 12
    assert all(len(set(path)) == 10 and list(path) == sorted(path) and max(path) < 27 for path in paths)
    assert draw_paths(27, 10, 12, 1) == paths != draw_paths(27, 10, 12, 2)
    assert draw_paths(27, 1, 40, 1) == tuple((number,) for number in range(27))
    # Each block is on about 10 of 27 paths.
    many = draw_paths(27, 10, 400, 1)
    assert all(0.25 < sum(block in path for path in many) / 400 < 0.5 for block in range(27))


def test_a_measurement_is_the_same_again_and_leaves_the_network_as_it_was(measured: PathsMeasured) -> None:
    network = measured_network()
    done: list[float] = []
    before = {name: value.clone() for name, value in network.model.state_dict().items()}
    assert measure_paths("four blocks", network, PICTURES, ALL, 1, done.append) == measured
    assert all(bool((value == before[name]).all()) for name, value in network.model.state_dict().items())
    assert done == sorted(done)
    assert (len(done), done[-1]) == (17, 1)
    assert msgspec.json.decode(msgspec.json.encode(measured), type=PathsMeasured) == measured


def test_counts_are_binomial_and_shares_of_logarithms_add_up() -> None:
    assert path_counts(4) == (1, 4, 6, 4, 1)
    assert math.isfinite(max(path_counts(1000)))
    assert shares([math.log(1), math.log(3), -math.inf]) == pytest.approx((0.25, 0.75, 0))
    assert shares([-5000.0, -5000.0]) == (0.5, 0.5)
    assert shares([-math.inf]) == (0,)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"shortcut": "none"}, "'it' has no shortcuts"),
        ({"head": "none"}, "'it' does not tell two classes apart"),
        ({"classes": 1}, "'it' does not tell two classes apart"),
    ],
)
def test_a_network_without_paths_or_a_loss_gets_a_sentence(changes: dict[str, object], sentence: str) -> None:
    spec: ResNetSpec = evolve(SPEC, **changes)
    with pytest.raises(InputError, match=sentence):
        measure_paths("it", measured_network(spec), PICTURES, ALL, 1)


def test_paths_that_cannot_be_drawn_get_a_sentence() -> None:
    with pytest.raises(InputError, match="lengths from 0 to 4, not 5"):
        measure_paths("it", measured_network(), PICTURES, PathSetup(lengths=(1, 5)), 1)
    with pytest.raises(InputError, match="no picture to measure the paths of 'it' on"):
        measure_paths("it", measured_network(), LabelledPictures(PICTURES.images[:0], PICTURES.labels[:0]), ALL, 1)
    with pytest.raises(InputError, match="each length of the paths once"):
        PathSetup(lengths=(1, 1))
    with pytest.raises(InputError, match="1 to 1000 paths of each length are drawn, not 0"):
        PathSetup(draws=0)
    with pytest.raises(InputError, match="1 to 4096 pictures, not 0"):
        PathSetup(pictures=0)
