"""t-SNE: scikit-learn's own with the stated settings; how far it is, and that it can be given up."""

from __future__ import annotations

import numpy as np
import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.engine.evaluate.depth.pca import centred, largest_directions
from resnet_gui.engine.evaluate.depth.tsne import tsne

RANDOM = np.random.default_rng(0)
CLASSES = np.arange(48) % 3
FEATURES = (RANDOM.normal(size=(48, 5)) + CLASSES[:, None] * 8).astype(np.float32)


def test_it_is_scikit_learns_with_the_stated_settings_and_says_how_far_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from sklearn import __version__
    from sklearn.manifold import TSNE

    steps: list[int] = []
    found = tsne(FEATURES, 3, steps.append, "layer1.0")
    assert steps == sorted(steps)
    assert len(steps) >= 5
    assert steps[-1] in (found.iterations, found.iterations + 1)
    assert not capsys.readouterr().out
    assert found.perplexity == pytest.approx(47 / 3)
    assert found.package == f"scikit-learn {__version__}"
    # The directions are held against scikit-learn's elsewhere; the descent turns with their last digit.
    x = centred(FEATURES)
    assert x is not None
    points = largest_directions(x, 5).points.numpy()
    start = (points[:, :2] / points[:, 0].std() * 1e-4).astype(np.float32)
    theirs = TSNE(perplexity=found.perplexity, random_state=3, init=start, max_iter=1000)
    np.testing.assert_allclose(found.points, theirs.fit_transform(points.astype(np.float32)), rtol=1e-3, atol=1e-3)
    assert found.divergence == pytest.approx(theirs.kl_divergence_, rel=1e-3)
    # The classes are three islands: every picture's nearest one is of its class.
    away = np.linalg.norm(found.points[:, None] - found.points, axis=2) + np.diag([np.inf] * 48)
    assert (CLASSES[away.argmin(1)] == CLASSES).all()


def test_what_is_raised_between_iterations_ends_it() -> None:
    def give_up(_done: int) -> None:
        raise InputError("given up")

    with pytest.raises(InputError, match="given up"):
        tsne(FEATURES, 0, give_up, "stem")


def test_too_few_pictures_and_features_that_do_not_vary_get_a_sentence() -> None:
    with pytest.raises(InputError, match="t-SNE needs 8 pictures with features, and there are 7; choose PCA"):
        tsne(FEATURES[:7], 0, print, "stem")
    with pytest.raises(InputError, match=r"features after layer1\.0 are the same for all pictures"):
        tsne(np.ones((9, 3)), 0, print, "layer1.0")
