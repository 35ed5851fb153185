"""Batches of pictures in several lanes: every picture once, in order, and no lane idle at the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from resnet_gui.base.files import assets
from resnet_gui.engine.predict.classifier import ClassifierCache
from resnet_gui.engine.predict.picture_answers import ClassifierAnswer, classify, shared_batches
from resnet_gui.protocol.jobs import ModelRequest

SAMPLES = sorted((assets() / "samples").glob("digit-*.png"))


@given(count=st.integers(0, 300), size=st.integers(1, 64), lanes=st.integers(1, 5))
def test_batches_hold_every_picture_once_in_order_and_become_smaller_at_the_end(
    count: int, size: int, lanes: int
) -> None:
    paths = [Path(str(number)) for number in range(count)]
    batches = list(shared_batches(paths, size, lanes))
    assert [path for batch in batches for path in batch] == paths
    sizes = [len(batch) for batch in batches]
    assert max(sizes, default=1) <= size
    assert sizes == sorted(sizes, reverse=True)
    if lanes > 1 and count >= lanes:
        # The last batch leaves another lane waiting for no more than it would have had to do itself.
        assert len(batches) >= lanes
        assert sizes[-1] <= 2


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("two_threads")
def test_in_two_lanes_pictures_have_the_answers_that_they_have_alone_in_their_order(
    trained_run: Path, tmp_path: Path
) -> None:
    classifier = ClassifierCache().get(ModelRequest(model=str(trained_run), device="cpu"))
    alone = {path: next(iter(classify(classifier, [path])))[0].scores for path in SAMPLES}
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no")
    paths = [*SAMPLES * 20, bad, *SAMPLES]
    batches = list(classify(classifier, paths))
    answers = [answer for batch in batches for answer in batch]
    assert [answer.path for answer in answers] == paths
    assert len(batches[0]) == 1, "the first picture does not wait for others"
    assert max(map(len, batches)) == classifier.batch // 2, "two lanes together hold one batch"
    for answer in answers:
        if answer.path == bad:
            assert answer.scores is None
            continue
        expected = alone[answer.path]
        assert answer.scores is not None
        assert expected is not None
        assert np.abs(np.exp(answer.scores) - np.exp(expected)).max() < 1e-6
    assert torch.get_num_threads() == 2


@pytest.mark.usefixtures("two_threads")
def test_who_stops_asking_for_answers_has_no_further_batch_begun(
    trained_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = ClassifierCache().get(ModelRequest(model=str(trained_run), device="cpu"))
    begun: list[Path] = []
    real = classifier.prepare

    def prepare(path: Path, *, alone: bool = False) -> object:
        begun.append(path)
        return real(path, alone=alone)

    monkeypatch.setattr(classifier, "prepare", prepare)
    seen: list[ClassifierAnswer] = []
    for batch in classify(classifier, SAMPLES * 100, stop=lambda: len(seen) > 1):
        seen.extend(batch)
    assert len(seen) == 1 + classifier.batch // 2
    # One for each lane was begun when the first came back, and what waited then.
    assert len(begun) <= 1 + 4 * (classifier.batch // 2)
