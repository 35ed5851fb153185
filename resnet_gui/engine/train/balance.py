"""Uneven classes: what each counts in the loss, and how often it is drawn in an epoch."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from resnet_gui.engine.train.augment import epoch_order, keyed
from resnet_gui.training.recipe import Recipe

_BALANCED: Final = 0x94D049BB133111EB
"""Keeps the draws of a balanced order apart from those of augmentation, at every seed and epoch."""


def class_weights(labels: Tensor, classes: int) -> Tensor:
    """What each class counts in the loss: the inverse of its share of the pictures, with a mean of 1 over them.

    Args:
        labels: (N,) int64, of the training pictures.
        classes: how many there are; one without a picture counts 1.

    Returns:
        (classes,) float32 on the CPU.
    """
    counts = torch.bincount(labels.cpu(), minlength=classes).double()
    there = counts > 0
    return torch.where(there, len(labels) / (there.sum() * counts), 1.0).float()


def order_of_epoch(recipe: Recipe, labels: Tensor, epoch: int) -> Tensor:
    """The order of the training pictures in an epoch of a recipe: (N,) int64 on the CPU.

    Args:
        recipe: with seed and balance.
        labels: (N,) int64, of the pictures.
        epoch: from 0.
    """
    if recipe.balance == "sampler":
        return balanced_order(labels.cpu(), recipe.seed, epoch)
    return epoch_order(len(labels), recipe.seed, epoch)


def balanced_order(labels: Tensor, seed: int, epoch: int) -> Tensor:
    """As many pictures as there are, of each class equally often but for one, in an order drawn by seed and epoch.

    torch's ``WeightedRandomSampler`` draws each picture for itself: in an epoch some are drawn thrice and others of the
    same class never. Here a class is gone through again and again, each time in a new order, until it has its share.
    """
    generator = torch.Generator().manual_seed(keyed(_BALANCED, seed, epoch))
    members = [(labels == label).nonzero()[:, 0] for label in sorted(set(labels.tolist()))]
    share, left = divmod(len(labels), len(members))
    more = set(torch.randperm(len(members), generator=generator)[:left].tolist())
    drawn: list[Tensor] = []
    for number, each in enumerate(members):
        wanted = share + (number in more)
        rounds = [each[torch.randperm(len(each), generator=generator)] for _ in range(-(-wanted // len(each)))]
        drawn.append(torch.cat(rounds)[:wanted] if rounds else each[:0])
    order = torch.cat(drawn)
    return order[torch.randperm(len(order), generator=generator)]
