"""FGSM and PGD against captum's and against a plain loop, on a network that is written by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from captum.robust import FGSM, PGD
from torch import Tensor, nn

from resnet_gui.data.preprocessing import Preprocess
from resnet_gui.engine.evaluate.robustness.attacks import GradientNetwork, attacked, start_draws
from resnet_gui.engine.evaluate.robustness.pixels import Pixels
from resnet_gui.evaluation.attacks import Attack

HOW = Preprocess(mean=(0.4, 0.5, 0.6), std=(0.2, 0.25, 0.3))
SHAPE = (3, 6, 6)
CPU = torch.device("cpu")
TRUTH = np.array([0, 2, 3, 1])


@pytest.fixture(scope="module")
def written() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(32, 4)
    ).eval()


@pytest.fixture(scope="module")
def pixels() -> Pixels:
    # Black and white among them: the range ends there.
    return np.random.default_rng(0).integers(-60, 316, (4, *SHAPE)).clip(0, 255).astype(np.uint8)


def forward(written: nn.Module, unit: Tensor) -> Tensor:
    """Logits of pictures from 0 to 1."""
    mean, std = (torch.tensor(each).view(-1, 1, 1) for each in (HOW.mean, HOW.std))
    made: Tensor = written((unit - mean) / std)
    return made


@pytest.mark.filterwarnings("ignore:Input Tensor 0 did not")
def test_fgsm_is_captums_and_one_step_by_hand(written: nn.Module, pixels: Pixels) -> None:
    network, unit = GradientNetwork(written, HOW, CPU), torch.from_numpy(pixels).float() / 255
    made = attacked(network, pixels, TRUTH, Attack(3.0))
    theirs = FGSM(lambda x: forward(written, x), nn.CrossEntropyLoss(reduction="none"), 0.0, 1.0)
    assert torch.allclose(made / 255, theirs.perturb(unit, 3 / 255, torch.from_numpy(TRUTH)), atol=1e-6)
    leaf = unit.clone().requires_grad_(True)
    loss = nn.functional.cross_entropy(forward(written, leaf), torch.from_numpy(TRUTH))
    (gradient,) = torch.autograd.grad(loss, leaf)
    by_hand = (torch.from_numpy(pixels).float() + 3 * gradient.sign()).clamp(0, 255)
    assert torch.equal(made, by_hand)
    assert torch.equal(made, made.round())  # whole levels for a whole ε


@pytest.mark.filterwarnings("ignore:Input Tensor 0 did not")
def test_pgd_is_captums_and_stays_in_the_box_and_the_range(written: nn.Module, pixels: Pixels) -> None:
    network, attack = GradientNetwork(written, HOW, CPU), Attack(4.0, steps=7)
    assert attack.step_size == pytest.approx(2.5 * 4 / 7)
    made = attacked(network, pixels, TRUTH, attack)
    theirs = PGD(lambda x: forward(written, x), nn.CrossEntropyLoss(reduction="none"), 0.0, 1.0)
    unit = torch.from_numpy(pixels).float() / 255
    expected = theirs.perturb(unit, 4 / 255, attack.step_size / 255, 7, torch.from_numpy(TRUTH), random_start=False)
    assert torch.allclose(made / 255, expected, atol=1e-5)
    drawn = attacked(network, pixels, TRUTH, attack, start_draws(range(4), SHAPE, 0))
    for levels in (made, drawn):
        change = (levels - torch.from_numpy(pixels)).abs()
        assert 3.9 < change.max() <= 4 + 1e-4
        assert levels.min() >= 0
        assert levels.max() <= 255
    assert not torch.equal(drawn, made)


def test_a_drawn_start_is_a_pictures_own(written: nn.Module) -> None:
    draws = start_draws([5, 2], SHAPE, 1)
    assert np.array_equal(draws[1], start_draws([2], SHAPE, 1)[0])
    assert not np.array_equal(draws[0], draws[1])
    assert not np.array_equal(draws, start_draws([5, 2], SHAPE, 2))
    assert draws.min() < -0.9
    assert draws.max() > 0.9
    assert np.abs(draws).max() <= 1


def test_attacks_raise_the_loss_and_more_steps_raise_it_further(written: nn.Module, pixels: Pixels) -> None:
    network = GradientNetwork(written, HOW, CPU)

    def loss(levels: Tensor) -> float:
        return float(nn.functional.cross_entropy(network.logits(levels), torch.from_numpy(TRUTH)))

    plain = loss(torch.from_numpy(pixels).float())
    fgsm = loss(attacked(network, pixels, TRUTH, Attack(8.0)))
    pgd = loss(attacked(network, pixels, TRUTH, Attack(8.0, steps=20)))
    assert plain < fgsm < pgd + 1e-6
    assert torch.equal(attacked(network, pixels, TRUTH, Attack(0.0)), torch.from_numpy(pixels).float())


def test_one_logit_is_attacked_as_two_classes(pixels: Pixels) -> None:
    torch.manual_seed(1)
    linear = nn.Linear(108, 1)
    written = nn.Sequential(nn.Flatten(), linear)
    network, truth = GradientNetwork(written, HOW, CPU), np.array([0, 1, 0, 1])
    logits = network.logits(torch.from_numpy(pixels).float())
    assert torch.allclose(logits.softmax(1)[:, 1], forward(written, torch.from_numpy(pixels) / 255).sigmoid()[:, 0])
    # The loss of a linear network rises against its weights where the truth is the second class, else with them.
    change = attacked(network, pixels, truth, Attack(2.0)) - torch.from_numpy(pixels)
    sign = linear.weight.detach().view(SHAPE).sign()
    inside = torch.from_numpy((pixels >= 2) & (pixels <= 253))
    for picture, direction in enumerate([1, -1, 1, -1]):
        assert torch.equal(change[picture][inside[picture]], (2 * direction * sign)[inside[picture]])
