"""Uneven classes: weights are those of torch's loss, and a balanced epoch draws each class equally often."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from resnet_gui.engine.train.augment import epoch_order
from resnet_gui.engine.train.balance import balanced_order, class_weights, order_of_epoch
from tests.engine.train.test_step import COUNT, TOTAL, data, learner, net, normal, vary

LABELS = st.lists(st.integers(0, 4), min_size=1, max_size=60).map(torch.tensor)


@given(LABELS)
def test_weights_are_inverse_to_the_shares_of_classes_with_a_mean_of_1_over_the_pictures(labels: torch.Tensor) -> None:
    weights = class_weights(labels, 5)
    assert weights[labels].mean().item() == pytest.approx(1, rel=1e-5)
    counts = torch.bincount(labels, minlength=5)
    found = (weights * counts)[counts > 0]
    torch.testing.assert_close(found, found.mean().expand_as(found))
    assert bool((weights[counts == 0] == 1).all())


@given(LABELS, st.integers(0, 2**31 - 1), st.integers(0, 1000))
def test_a_balanced_epoch_is_as_long_as_any_and_has_each_class_and_each_of_its_pictures_equally_often(
    labels: torch.Tensor, seed: int, epoch: int
) -> None:
    order = balanced_order(labels, seed, epoch)
    assert len(order) == len(labels)
    assert torch.equal(order, balanced_order(labels, seed, epoch))
    there = sorted(set(labels.tolist()))
    counts = torch.bincount(labels[order], minlength=5)[there]
    assert int(counts.max() - counts.min()) <= 1
    for label in there:
        drawn = torch.bincount(order, minlength=len(labels))[labels == label]
        assert int(drawn.max() - drawn.min()) <= 1


def test_epochs_and_seeds_are_drawn_anew_and_the_odd_ones_go_round() -> None:
    labels = torch.tensor([0] * 30 + [1] * 9 + [2] * 2)
    orders = {tuple(balanced_order(labels, seed, epoch).tolist()) for seed in range(5) for epoch in range(5)}
    assert len(orders) == 25
    odd = {int(torch.bincount(labels[balanced_order(labels, 1, epoch)]).argmin()) for epoch in range(30)}
    assert odd == {0, 1, 2}


def test_a_recipe_says_which_order_an_epoch_has() -> None:
    labels = torch.tensor([0] * 6 + [1] * 2)
    for balance, expected in (
        ("none", epoch_order(8, 3, 2)), ("weights", epoch_order(8, 3, 2)), ("sampler", balanced_order(labels, 3, 2)),
    ):  # fmt: skip
        assert torch.equal(order_of_epoch(vary(balance=balance), labels, 2), expected)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_a_weighted_loss_is_that_of_torchs_cross_entropy_over_the_number_of_pictures(smoothing: float) -> None:
    weights = torch.tensor([0.5, 2.0, 1.25])
    found = learner(vary(balance="weights", label_smoothing=smoothing))
    found.weigh_classes(weights)
    images, labels = data()
    told = found.learn((images, labels), 0, TOTAL, COUNT)
    model = net()
    loss = nn.CrossEntropyLoss(weights, reduction="sum", label_smoothing=smoothing)(model(normal(images)), labels)
    assert told.loss.item() == pytest.approx(loss.item(), rel=1e-5)
    torch.autograd.backward(loss / COUNT)
    for name, value in model.named_parameters():
        torch.testing.assert_close(found.model.get_parameter(name).grad, value.grad, rtol=1e-3, atol=1e-5, msg=name)
