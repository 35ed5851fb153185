"""The jobs about features by depth, on evaluations as a measurement leaves them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from resnet_gui.base.errors import InputError
from resnet_gui.engine.evaluate.depth.cka import cka
from resnet_gui.engine.evaluate.depth.pca import centred
from resnet_gui.engine.evaluate.depth.probes import RIDGES
from resnet_gui.engine.evaluate.depth.service import compare_depth, measure_depth, project_depth
from resnet_gui.evaluation.depth_files import DepthFiles, write_features
from resnet_gui.protocol.evaluation_events import DepthMeasured, DepthProjected
from resnet_gui.protocol.evaluation_messages import CompareDepth, MeasureDepth, ProjectDepth
from resnet_gui.protocol.events import Event, Progressed
from tests.evaluation.made_answers import made_answers
from tests.evaluation.made_evaluation import written_evaluation

PICTURES = 40
TRUTH = np.random.default_rng(0).integers(0, 3, PICTURES)
PATHS = ("stem", "layer1.0", "layer1.1", "layer2.0")


def features_of(truth: NDArray[np.int64], seed: int) -> dict[str, NDArray[np.float32]]:
    """Features in which the classes come apart block by block."""
    random = np.random.default_rng(seed)
    return {
        path: (random.normal(size=(len(truth), 4 + depth)) + depth * np.eye(3, 4 + depth)[truth] * 3).astype(np.float32)
        for depth, path in enumerate(PATHS)
    }


def evaluation_of(places: NDArray[np.int64], seed: int, names: list[str]) -> Path:
    """An evaluation of pictures with these names, of some of which there are features."""
    numbers = [int(name.removesuffix(".png")) for name in names]
    outputs = np.random.default_rng(seed).normal(size=(len(names), 3))
    folder = written_evaluation(made_answers(outputs, TRUTH[numbers], tuple(names)))
    write_features(folder, places, features_of(TRUTH[numbers][places], seed))
    return folder


NAMES = [f"{number}.png" for number in range(PICTURES)]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An evaluation with features of all pictures but two, and what was made of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RESNET_GUI_HOME", str(tmp_path_factory.mktemp("home")))
        folder = evaluation_of(np.delete(np.arange(PICTURES), [3, 17]), 0, NAMES)
        sent: list[Event] = []
        assert measure_depth(MeasureDepth(7, str(folder)), sent.append, lambda: True) == DepthMeasured(7, str(folder))
        assert sent
        assert all(isinstance(each, Progressed) and each.job == 7 for each in sent)
        yield folder


def test_what_is_made_of_the_features_says_how_many_pictures_it_stands_on(measured: Path) -> None:
    files = DepthFiles(measured)
    record = files.record
    assert (record.pictures, record.of) == (38, 40)
    assert [(each.path, each.channels) for each in record.locations] == list(zip(PATHS, (4, 5, 6, 7), strict=True))
    shares = [each.probe.value if each.probe else 0 for each in record.locations]
    assert shares[-1] > shares[0]
    assert all(each.probe is not None and each.probe.of == record.probes.tested for each in record.locations)
    assert all(each.ridge in RIDGES for each in record.locations)
    assert record.probes.learnt + record.probes.tested == 38
    assert record.film == (0, 1, 2, 3)
    for path, location in zip(PATHS, record.locations, strict=True):
        points = files.pca(path).points
        features = files.features(path).astype(np.float64)
        away = features - features.mean(0)
        assert location.explained is not None
        np.testing.assert_allclose(location.explained, points.var(0) / away.var(0).sum(), rtol=1e-5)
    expected = cka([centred(files.features(path)) for path in PATHS])
    assert files.cka.rows == files.cka.columns == PATHS
    assert (files.cka.pictures, files.cka.of) == (38, 38)
    np.testing.assert_allclose(np.array(files.cka.values, float), np.array(expected, float))


def test_a_pca_is_there_and_a_t_sne_is_made_once(measured: Path) -> None:
    sent: list[Event] = []
    plain = ProjectDepth(3, str(measured), "layer1.1", "pca")
    assert project_depth(plain, sent.append, lambda: True) == DepthProjected(3, str(measured), "layer1.1", "pca")
    assert not sent
    job = ProjectDepth(4, str(measured), "layer1.1", "t-sne")
    with pytest.raises(InputError):
        project_depth(job, sent.append, iter([True, True, False]).__next__)
    assert DepthFiles(measured).tsne_record("layer1.1") is None
    sent.clear()
    assert project_depth(job, sent.append, lambda: True) == DepthProjected(4, str(measured), "layer1.1", "t-sne")
    assert isinstance(sent[0], Progressed)
    record = DepthFiles(measured).tsne_record("layer1.1")
    assert record is not None
    assert (record.pictures, record.of, record.path) == (38, 38, "layer1.1")
    found = DepthFiles(measured).tsne("layer1.1")
    assert found.places.tolist() == DepthFiles(measured).places.tolist()
    sent.clear()
    project_depth(job, sent.append, lambda: True)
    assert not sent
    with pytest.raises(InputError, match=r"no location 'layer7\.0'"):
        project_depth(ProjectDepth(4, str(measured), "layer7.0", "t-sne"), sent.append, lambda: True)


def test_two_networks_are_compared_on_the_same_pictures_by_their_names(measured: Path) -> None:
    names = [NAMES[number] for number in np.random.default_rng(5).permutation(PICTURES)[:30]]
    places = np.arange(2, 30)
    other = evaluation_of(places, 1, names)
    found = compare_depth(CompareDepth(5, str(measured), str(other)), print, lambda: True)
    ours, theirs = DepthFiles(measured), DepthFiles(other)
    rows = [
        (ours.places.tolist().index(NAMES.index(name)), place)
        for place, name in enumerate(names[2:])
        if name not in ("3.png", "17.png")
    ]
    first, second = (
        [centred(files.features(path)[[row[side] for row in rows]]) for path in PATHS]
        for side, files in enumerate((ours, theirs))
    )
    assert (found.pictures, found.of) == (len(rows), len(rows))
    assert (found.rows, found.columns) == (PATHS, PATHS)
    np.testing.assert_allclose(np.array(found.values, float), np.array(cka(first, second), float), atol=1e-12)
    with pytest.raises(InputError, match="given up"):
        compare_depth(CompareDepth(5, str(measured), str(other)), print, lambda: False)


def test_a_network_is_compared_with_itself_as_it_was_measured(measured: Path) -> None:
    found = compare_depth(CompareDepth(5, str(measured)), print, lambda: True)
    assert found.values == DepthFiles(measured).cka.values
    assert [found.values[place][place] for place in range(4)] == pytest.approx([1] * 4)


def test_what_cannot_be_measured_gets_a_sentence(measured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = written_evaluation(made_answers(np.zeros((4, 3)), TRUTH[:4], tuple(NAMES[:4])))
    with pytest.raises(InputError, match="has no features by depth; measure it again"):
        measure_depth(MeasureDepth(1, str(bare)), print, lambda: True)
    write_features(bare, np.array([3]), features_of(TRUTH[:1], 0))
    with pytest.raises(InputError, match="features of no picture in common; measure both again"):
        compare_depth(CompareDepth(1, str(measured), str(bare)), print, lambda: True)
    with pytest.raises(InputError, match=r"no .*depth\.json|There is no"):
        project_depth(ProjectDepth(1, str(bare), "stem", "t-sne"), print, lambda: True)
    with pytest.raises(InputError):
        measure_depth(MeasureDepth(1, str(measured)), print, lambda: False)


def test_cka_of_more_features_than_fit_stands_on_fewer_pictures_and_says_so(
    measured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of 22 channels, in eight bytes each, of nine pictures.
    monkeypatch.setattr("resnet_gui.engine.evaluate.depth.measuring.CENTRED_BYTES", 22 * 8 * 9)
    folder = evaluation_of(np.arange(PICTURES), 2, NAMES)
    measure_depth(MeasureDepth(1, str(folder)), print, lambda: True)
    found = DepthFiles(folder).cka
    assert (found.pictures, found.of) == (9, 40)


def test_threads_are_as_many_afterwards_also_when_it_was_given_up(measured: Path) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        measure_depth(MeasureDepth(1, str(measured)), print, lambda: True)
        with pytest.raises(InputError):
            measure_depth(MeasureDepth(1, str(measured)), print, iter([True, True, False]).__next__)
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
