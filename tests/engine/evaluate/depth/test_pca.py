"""Two directions against a singular value decomposition by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from resnet_gui.engine.evaluate.depth import pca
from resnet_gui.engine.evaluate.depth.pca import Directions, aligned, centred, largest_directions


def features_of(pictures: int, channels: int, seed: int = 0) -> NDArray[np.float32]:
    """Features with a mean, and deviations that differ."""
    random = np.random.default_rng(seed)
    mixed = random.normal(size=(pictures, channels)) @ random.normal(size=(channels, channels))
    return (mixed + random.normal(size=channels) * 5).astype(np.float32)


@pytest.mark.parametrize(("pictures", "channels"), [(40, 6), (5, 12), (3, 1)])
def test_points_and_explained_variance_are_those_of_a_decomposition_by_hand_and_of_scikit_learn(
    pictures: int, channels: int
) -> None:
    from sklearn.decomposition import PCA

    features = features_of(pictures, channels)
    x = centred(features)
    assert x is not None
    found = largest_directions(x)
    away = features.astype(np.float64) - features.astype(np.float64).mean(0)
    left, lengths, right = np.linalg.svd(away, full_matrices=False)
    count = min(2, len(lengths))
    theirs = PCA(count).fit(features.astype(np.float64))
    for axis in range(count):
        sign = np.sign(right[axis, np.abs(right[axis]).argmax()])
        np.testing.assert_allclose(found.points[:, axis].numpy(), sign * left[:, axis] * lengths[axis], atol=1e-8)
        assert found.explained[axis] == pytest.approx(lengths[axis] ** 2 / (lengths**2).sum(), abs=1e-10)
        assert found.explained[axis] == pytest.approx(theirs.explained_variance_ratio_[axis], abs=1e-10)
        along = theirs.transform(features.astype(np.float64))[:, axis]
        np.testing.assert_allclose(np.abs(found.points[:, axis].numpy()), np.abs(along), atol=1e-8)
    assert found.points.shape == (pictures, 2)
    assert len(found.explained) == 2
    assert not found.points[:, count:].any()
    assert not any(found.explained[count:])


@pytest.mark.parametrize(("pictures", "channels"), [(60, 40), (40, 60), (30, 200)])
def test_directions_of_wide_features_are_those_of_all_to_the_stated_tolerance(
    pictures: int, channels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = centred(features_of(pictures, channels))
    assert x is not None
    expected = largest_directions(x)
    monkeypatch.setattr(pca, "WHOLE", 10)
    monkeypatch.setattr(pca, "DEPTH", 3)
    monkeypatch.setattr(pca, "_of_all", None)
    found = largest_directions(x)
    assert found.explained == pytest.approx(expected.explained, abs=pca.TOLERANCE)
    np.testing.assert_allclose(found.points.numpy(), expected.points.numpy(), atol=1e-7 * float(x.norm()))


def test_directions_that_are_not_found_so_are_those_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    x = centred(features_of(60, 40))
    assert x is not None
    expected = largest_directions(x)
    monkeypatch.setattr(pca, "WHOLE", 10)
    monkeypatch.setattr(pca, "DEPTH", 1)
    monkeypatch.setattr(pca, "ROUNDS", 1)
    found = largest_directions(x)
    assert found.points.equal(expected.points)
    assert found.explained == expected.explained


def test_from_block_to_block_only_signs_change_so_that_no_cloud_flips() -> None:
    x = centred(features_of(30, 5))
    assert x is not None
    first = largest_directions(x)
    random = np.random.default_rng(1)
    later: list[Directions | None] = [first]
    for signs in ((-1.0, 1.0), (1.0, -1.0), (-1.0, -1.0)):
        noise = torch.from_numpy(random.normal(size=(30, 2))) * 0.1
        later.append(Directions((first.points + noise) * torch.tensor(signs), first.explained))
    later.insert(2, None)
    found = aligned(later)
    assert found[0] is not None
    assert found[0].points.equal(first.points)
    assert found[2] is None
    before = first.points
    for each, given in zip(found[1:], later[1:], strict=True):
        if each is None or given is None:
            continue
        assert ((each.points * before).sum(0) > 0).all()
        assert each.points.abs().equal(given.points.abs())
        before = each.points


def test_features_that_do_not_vary_or_are_no_numbers_have_no_directions() -> None:
    constant = np.full((20, 4), 3.7, dtype=np.float32)
    rounded = constant * (1 + np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32) * 6e-8)
    odd = features_of(20, 4)
    odd[3, 2] = np.inf
    for features in (constant, rounded, odd, np.zeros((20, 4), dtype=np.float32), features_of(1, 4)):
        assert centred(features) is None
    assert centred(constant * (1 + np.eye(20, 4, dtype=np.float32) * 1e-4)) is not None
