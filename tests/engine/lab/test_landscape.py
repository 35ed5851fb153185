"""Loss surfaces against hand-written loops over filters, weights and pictures."""

from __future__ import annotations

import math
import os
from itertools import islice

import pytest
import torch
from torch import Tensor

from resnet_gui.base.errors import InputError
from resnet_gui.design.spec import evolve
from resnet_gui.engine.lab import norm_statistics
from resnet_gui.engine.lab.finished_run import LabelledPictures, MeasuredNetwork
from resnet_gui.engine.lab.landscape import Landscape, filter_normalised
from resnet_gui.lab.measured.landscape import MIDDLE, ORDER, LandscapeSetup, SurfacePoint
from tests.engine.lab.measured_case import SPEC, drawn_network, drawn_pictures


def by_hand(network: MeasuredNetwork, seed: int, *, move: bool = False) -> list[list[Tensor]]:
    """Both directions, filter by filter, number by number."""
    generator = torch.Generator().manual_seed(seed)
    directions = []
    for _ in range(2):
        found = []
        for weight in network.model.parameters():
            drawn = torch.randn(weight.shape, generator=generator)
            if weight.ndim <= 1:
                found.append(weight.clone() if move else torch.zeros_like(weight))
                continue
            for row in range(len(weight)):
                length = math.sqrt(sum(value * value for value in drawn[row].flatten().tolist()))
                wanted = math.sqrt(sum(value * value for value in weight[row].flatten().tolist()))
                drawn[row] = drawn[row] * (wanted / length)
            found.append(drawn)
        directions.append(found)
    return directions


def loss_by_hand(
    network: MeasuredNetwork, pictures: LabelledPictures, directions: list[list[Tensor]], at: tuple[float, float],
    *, training: bool = False,
) -> float:  # fmt: skip
    """Mean cross-entropy of one picture after the other (of all together in training mode) at a point."""
    moved = network.copied().train(training)
    with network.computing(), torch.no_grad():
        for number, parameter in enumerate(moved.parameters()):
            parameter.copy_(parameter + at[0] * directions[0][number] + at[1] * directions[1][number])
        x = (pictures.images.float() / 255 - 0.4) / 0.3
        logits = moved(x) if training else torch.cat([moved(each[None]) for each in x])
    logs = torch.log_softmax(logits.double(), 1)
    return -sum(float(logs[number, label]) for number, label in enumerate(pictures.labels.tolist())) / len(logits)


@pytest.mark.parametrize("move", [False, True])
def test_each_filter_of_a_direction_has_the_norm_of_the_networks_own(move: bool) -> None:
    network = drawn_network()
    generator = torch.Generator().manual_seed(3)
    weights = list(network.model.parameters())
    found = [filter_normalised(weights, generator, move_biases_and_norms=move) for _ in range(2)]
    for ours, theirs in zip(found, by_hand(network, 3, move=move), strict=True):
        for one, other in zip(ours, theirs, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-7)
    kernels = [(d, w) for d, w in zip(found[0], weights, strict=True) if w.ndim == 4]
    for direction, weight in kernels:
        torch.testing.assert_close(direction.flatten(1).norm(dim=1), weight.flatten(1).norm(dim=1))
    assert all(bool(d.any()) == move for d, w in zip(found[0], weights, strict=True) if w.ndim == 1)


@pytest.mark.parametrize("move", [False, True])
def test_a_point_is_the_loss_of_the_weights_that_a_loop_moves_there(move: bool) -> None:
    network, pictures = drawn_network(batch=4), drawn_pictures(10)
    landscape = Landscape(network, pictures, LandscapeSetup(seed=5, move_biases_and_norms=move))
    directions, plane = by_hand(network, 5, move=move), landscape.plane()
    own = loss_by_hand(network, pictures, directions, (0, 0))
    assert landscape.empty.training_loss == pytest.approx(own, rel=1e-6)
    for at in ((-1.0, 0.5), (0.25, -0.75)):
        expected = loss_by_hand(network, pictures, directions, at)
        assert landscape.loss(plane, *at) == pytest.approx(expected, rel=1e-5)
        assert abs(expected - own) > 0.01
    # Whatever point was visited before.
    assert landscape.loss(plane, 0.0, 0.0) == landscape.empty.training_loss


def test_statistics_measured_again_at_a_point_are_those_of_a_training_pass_over_all_pictures() -> None:
    network, pictures = drawn_network(), drawn_pictures(40)
    landscape = Landscape(network, pictures, LandscapeSetup(seed=5, statistics="remeasured"))
    directions, plane = by_hand(network, 5), landscape.plane()
    for at in ((0.0, 0.0), (-1.0, 0.5), (0.25, -0.75)):
        expected = loss_by_hand(network, pictures, directions, at, training=True)
        assert landscape.loss(plane, *at) == pytest.approx(expected, rel=1e-5)


def test_the_surface_has_direction_one_along_its_columns_and_its_centre_is_the_loss_to_the_bit() -> None:
    network, pictures = drawn_network(batch=8), drawn_pictures(12)
    landscape = Landscape(network, pictures, LandscapeSetup(extent=0.5))
    surface = list(islice(landscape.surface(), 49))[-1]
    plane = landscape.plane()
    grid = surface.grid(7)
    for row, column in ((0, 0), (0, 6), (6, 0), (2, 5)):
        assert grid[row][column] == landscape.loss(plane, (column - 3) / 6, (row - 3) / 6)
    assert grid[3][3] == surface.training_loss
    assert surface.losses[ORDER.index(SurfacePoint(MIDDLE, MIDDLE))] == surface.training_loss


def test_a_surface_that_was_paused_goes_on_to_the_same_bits_however_many_threads_compute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network, pictures, setup = drawn_network(), drawn_pictures(12), LandscapeSetup(seed=2)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    whole = list(islice(Landscape(network, pictures, setup).surface(), 60))
    assert [len(each.losses) for each in whole] == list(range(1, 61))
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    paused = list(islice(Landscape(network, pictures, setup).surface(), 17))[-1]
    assert paused == whole[16]
    continued = next(Landscape(network, pictures, setup).surface(paused))
    assert continued == whole[17]
    assert list(islice(Landscape(network, pictures, setup).surface(paused), 43))[-1] == whole[-1]


def test_a_finished_surface_has_nothing_to_go_on_with_and_another_networks_is_refused() -> None:
    network, pictures, setup = drawn_network(), drawn_pictures(4), LandscapeSetup()
    landscape = Landscape(network, pictures, setup)
    begun = next(landscape.surface())
    finished = type(begun)(begun.setup, begun.weights, begun.pictures, begun.training_loss, begun.losses * len(ORDER))
    assert finished.finished
    assert list(landscape.surface(finished)) == []
    for other in (
        Landscape(drawn_network(seed=9), pictures, setup),
        Landscape(network, drawn_pictures(4, seed=9), setup),
        Landscape(network, pictures, LandscapeSetup(seed=9)),
    ):
        with pytest.raises(InputError, match="belongs to other weights, other pictures or another set-up"):
            next(other.surface(begun))


def test_a_loss_that_overflows_is_none_and_what_cannot_be_computed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    network, pictures = drawn_network(evolve(SPEC, norm="none")), drawn_pictures(4)
    surface = next(Landscape(network, pictures, LandscapeSetup(extent=1e12)).surface())
    assert surface.losses == (None,)
    for parameter in network.model.parameters():
        parameter.mul_(1e12)
    with pytest.raises(InputError, match="own loss over these pictures is no number"):
        Landscape(network, pictures, LandscapeSetup())
    with pytest.raises(InputError, match="There are no pictures to compute the loss of"):
        Landscape(network, LabelledPictures(pictures.images[:0], pictures.labels[:0]), LandscapeSetup())
    monkeypatch.setattr(norm_statistics, "LARGEST_MAP", 3 * 6 * 8 * 8)
    with pytest.raises(InputError, match="can be measured again over 3 pictures of this size; ask for fewer"):
        Landscape(drawn_network(), pictures, LandscapeSetup(statistics="remeasured"))
