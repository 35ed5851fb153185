"""Which pictures have features, which locations a film shows, and what a lasso encloses; the files of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from resnet_gui.base.errors import InputError
from resnet_gui.evaluation.depth import (
    DepthLocation,
    DepthRecord,
    ProbeSplit,
    TsneRecord,
    affordable_pictures,
    drawn_places,
    film_places,
    inside,
)
from resnet_gui.evaluation.depth_files import (
    DEPTH_FILE,
    PCA_FILE,
    DepthFiles,
    tsne_files,
    write_array,
    write_features,
    write_record,
)
from resnet_gui.evaluation.intervals import wilson


@pytest.mark.parametrize("order", ["sorted", "periodic", "shuffled"])
def test_every_class_gives_the_same_part_of_its_pictures_in_whatever_order_they_stand(order: str) -> None:
    truth = np.repeat([4, 7, 9], [600, 300, 100])
    if order == "periodic":
        truth = np.tile([4, 4, 4, 7, 9, 4, 7, 4, 4, 7], 100)
    elif order == "shuffled":
        truth = np.random.default_rng(1).permutation(truth)
    counts = np.bincount(truth)
    for most in (10, 99, 500):
        drawn = drawn_places(truth, most)
        assert len(drawn) == most
        assert (np.diff(drawn) > 0).all()
        np.testing.assert_allclose(np.bincount(truth[drawn], minlength=10), counts * most / 1000, atol=1)


def test_fewer_pictures_are_part_of_more_and_all_are_all() -> None:
    truth = np.random.default_rng(2).integers(0, 7, 200)
    drawn = [set(drawn_places(truth, most).tolist()) for most in (0, 1, 20, 21, 150, 200, 500)]
    assert all(few <= many for few, many in itertools.pairwise(drawn))
    assert [len(each) for each in drawn] == [0, 1, 20, 21, 150, 200, 200]
    assert drawn[3] != set(drawn_places(truth, 21, seed=1).tolist())


def test_features_of_as_many_pictures_as_fit_are_affordable() -> None:
    assert affordable_pictures((16, 48), 2560) == 10
    assert affordable_pictures((10**9,), 16) == 1


def paths_of(*blocks: int) -> tuple[str, ...]:
    """Locations of a network of so many blocks a stage."""
    return ("stem", *(f"layer{stage + 1}.{block}" for stage, count in enumerate(blocks) for block in range(count)))


@pytest.mark.parametrize(
    ("blocks", "film"),
    [
        ((3, 3, 3), ["stem", "layer1.2", "layer2.2", "layer3.0", "layer3.2"]),
        ((3, 4, 6, 3), ["stem", "layer1.2", "layer2.3", "layer3.5", "layer4.2"]),
        ((2,), ["stem", "layer1.0", "layer1.1"]),
        ((1,) * 8, ["stem", "layer2.0", "layer4.0", "layer6.0", "layer8.0"]),
    ],
)
def test_a_film_shows_the_stem_the_ends_of_stages_and_what_lies_between(
    blocks: tuple[int, ...], film: list[str]
) -> None:
    paths = paths_of(*blocks)
    assert [paths[place] for place in film_places(paths)] == film


def angles_around(point: NDArray[np.float64], polygon: NDArray[np.float64]) -> float:
    """How often a polygon goes round a point, by the angles under which its edges are seen."""
    away = (polygon - point) @ np.array([1, 1j])
    return float(np.angle(np.roll(away, -1) / away).sum() / (2 * np.pi))


@pytest.mark.parametrize("corners", [3, 4, 9, 40])
def test_a_lasso_encloses_what_it_goes_round_also_where_it_crosses_itself(corners: int) -> None:
    random = np.random.default_rng(corners)
    polygon, points = random.normal(size=(corners, 2)), random.normal(size=(200, 2))
    expected = [round(angles_around(point, polygon)) != 0 for point in points]
    assert 0 < sum(expected) < len(points)
    for turned in (polygon, polygon[::-1], np.roll(polygon, 2, axis=0)):
        assert inside(points, turned).tolist() == expected
    assert inside(points.astype(np.float32), polygon.astype(np.float32)).tolist() == expected


def test_squares_side_by_side_share_no_point_and_leave_none_out() -> None:
    points = np.array([[x, y] for x in range(3) for y in range(3)], dtype=np.float64)
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=np.float64)
    held = sum(inside(points, square + corner).astype(int) for corner in np.array([[0, 0], [1, 0], [0, 1], [1, 1]]))
    assert np.asarray(held).reshape(3, 3).tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 0]]
    assert inside(points, square).tolist() == inside(points, square[::-1]).tolist()


def test_a_line_encloses_nothing_and_a_point_that_is_no_number_is_outside() -> None:
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=np.float64)
    assert not inside(np.array([[0.5, 0.5]]), square[:2]).any()
    assert inside(np.zeros((0, 2)), square).shape == (0,)
    assert inside(np.array([[np.nan, 0.5], [np.inf, 0.5], [0.5, 0.5]]), square).tolist() == [False, False, True]


@pytest.fixture
def files(tmp_path: Path) -> DepthFiles:
    """Features of three pictures at two locations, with projections."""
    random = np.random.default_rng(0)
    places = np.array([1, 4, 5])
    features = {path: random.normal(size=(3, 4)).astype(np.float32) for path in ("stem", "layer10.2", "layer2.0")}
    write_features(tmp_path, places, features)
    write_array(tmp_path / PCA_FILE, np.arange(12, dtype=np.float32).reshape(2, 3, 2))
    locations = (
        DepthLocation(path="stem", channels=4),
        DepthLocation(path="layer2.0", channels=4, explained=(0.5, 0.25), probe=wilson(1, 2)),
    )
    split = ProbeSplit(learnt=2, tested=1, classes=2, classes_in_both=1, seed=0)
    record = DepthRecord(locations=locations, pictures=3, of=6, seed=0, probes=split, film=(0, 1))
    write_record(tmp_path / DEPTH_FILE, record)
    names = tsne_files(tmp_path, "layer2.0")
    write_array(names.points, np.ones((2, 2), dtype=np.float32))
    write_array(names.pictures, places[:2])
    made = {"perplexity": 1.0, "seed": 0, "iterations": 250, "divergence": 0.5, "package": "scikit-learn 1"}
    write_record(names.record, TsneRecord(path="layer2.0", pictures=2, of=3, **made))  # type: ignore[arg-type]
    return DepthFiles(tmp_path)


def test_what_was_written_is_read(files: DepthFiles) -> None:
    assert files.has_features
    assert files.is_measured
    assert files.paths == ("stem", "layer2.0", "layer10.2")
    assert files.record.of == 6
    assert [(each.number, each.stage) for each in files.record.locations] == [("stem", "stem"), ("3_1", 1)]
    assert files.pca("layer2.0").points.tolist() == [[6, 7], [8, 9], [10, 11]]
    assert files.pca("stem").places.tolist() == [1, 4, 5]
    assert files.tsne_record("stem") is None
    found = files.tsne_record("layer2.0")
    assert found is not None
    assert (found.pictures, found.of) == (2, 3)
    assert files.tsne("layer2.0").places.tolist() == [1, 4]
    assert files.features("layer10.2").shape == (3, 4)


def unlink(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def shorten(name: str) -> Callable[[Path], None]:
    """Cut a file in the middle."""

    def cut(folder: Path) -> None:
        path = folder / name
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    return cut


def replace(name: str, values: NDArray[Any]) -> Callable[[Path], None]:
    return lambda folder: write_array(folder / name, values)


@pytest.mark.parametrize(
    ("spoil", "read", "sentence"),
    [
        (shorten(DEPTH_FILE), lambda files: files.record, r"depth\.json is damaged; measure"),
        (unlink(PCA_FILE), lambda files: files.pca("stem"), r"There is no .*-pca\.npy; measure"),
        (shorten(PCA_FILE), lambda files: files.pca("stem"), r"-pca\.npy is damaged"),
        (replace(PCA_FILE, np.zeros((2, 4, 2), "f4")), lambda files: files.pca("stem"), r"-pca\.npy is damaged"),
        (replace("features-stem.npy", np.zeros((4, 4), "f4")), lambda files: files.features("stem"), "is damaged"),
        (replace("projection-tsne-layer2.0.npy", np.zeros((2, 2))), lambda files: files.tsne("layer2.0"), "is damaged"),
        (lambda _: None, lambda files: files.pca("layer9.9"), r"no location 'layer9\.9' .*; it has stem, layer2\.0"),
        (unlink("sampled.npy"), lambda files: files.paths, "has no features by depth; measure"),
    ],
    ids=range(8),
)  # fmt: skip
def test_what_is_damaged_or_missing_gets_a_sentence(
    files: DepthFiles, spoil: Callable[[Path], object], read: Callable[[DepthFiles], object], sentence: str
) -> None:
    spoil(files.folder)
    with pytest.raises(InputError, match=sentence):
        read(files)
