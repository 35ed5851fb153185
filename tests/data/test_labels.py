"""Names of classes: known sets, text files, and what is suggested."""

from __future__ import annotations

from pathlib import Path

import pytest
from torchvision import models

from resnet_gui.base.errors import InputError
from resnet_gui.data.labels import CIFAR10, SETS, known_labels, read_labels, suggest_labels


def test_labels_are_the_lines_of_a_file_without_the_empty_ones(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("  cat \n\ndog, big\r\nétoile\n", encoding="utf-8")
    assert read_labels(tmp_path / "labels.txt") == ("cat", "dog, big", "étoile")
    with pytest.raises(InputError, match=r"There is no file of class labels .*gone\.txt"):
        read_labels(tmp_path / "gone.txt")


def test_the_labels_of_imagenet_are_torchvisions_in_its_order() -> None:
    categories = models.ResNet50_Weights.IMAGENET1K_V2.meta["categories"]
    assert known_labels("imagenet", 1000) == tuple(categories)


def test_the_labels_of_cifar_are_in_the_order_of_its_numbers() -> None:
    assert known_labels("cifar10", 10) == CIFAR10
    assert (CIFAR10[0], CIFAR10[3], CIFAR10[9], len(set(CIFAR10))) == ("airplane", "cat", "truck", 10)
    fine = known_labels("cifar100", 100)
    # The 100 fine labels stand in the order of the alphabet (Krizhevsky 2009, batches.meta).
    assert (fine[0], fine[3], fine[99], len(set(fine))) == ("apple", "bear", "worm", 100)
    assert list(fine) == sorted(fine)


def test_numbers_fit_every_network() -> None:
    assert known_labels("numbers", 3) == ("class 0", "class 1", "class 2")


@pytest.mark.parametrize(("name", "count"), [("cifar10", 11), ("cifar100", 10), ("imagenet", 1001), ("cifar10", 0)])
def test_a_set_of_another_length_is_refused_with_both_lengths(name: str, count: int) -> None:
    right = {"cifar10": 10, "cifar100": 100, "imagenet": 1000}[name]
    with pytest.raises(InputError, match=rf"{SETS[name]} has {right} classes, but the network has {count}\."):
        known_labels(name, count)


def test_a_set_that_nobody_knows_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(InputError, match=r"no labels 'birds'; choose cifar10, cifar100, imagenet, numbers or a text"):
        known_labels("birds", 10)


@pytest.mark.parametrize("count", [1, 2, 10, 11, 100, 999, 1000, 1001])
def test_the_labels_that_are_suggested_fit(count: int) -> None:
    suggested = suggest_labels(count)
    assert len(known_labels(suggested, count)) == count
    assert (suggested == "numbers") == (count not in {10, 100, 1000})
