"""Classifying pictures with the weights of a run."""

from __future__ import annotations

import math
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from resnet_gui.base.errors import InputError, SpecError
from resnet_gui.base.files import assets
from resnet_gui.data.preprocessing import Changes
from resnet_gui.engine.data.datasets import load
from resnet_gui.engine.data.pictures import read_pixels
from resnet_gui.engine.predict.classifier import KEPT, Classifier, ClassifierCache
from resnet_gui.engine.predict.picture_answers import ClassifierAnswer, classify
from resnet_gui.network.weights import load_model
from resnet_gui.protocol.events import Score
from resnet_gui.protocol.jobs import Mode, ModelRequest
from resnet_gui.runs.folder import BEST_FILE

SAMPLES = sorted((assets() / "samples").glob("digit-*.png"))


def classifier_of(model: Path, **choices: Any) -> Classifier:
    return ClassifierCache().get(ModelRequest(model=str(model), device="cpu", **choices))


def all_answers(classifier: Classifier, paths: list[Path]) -> list[ClassifierAnswer]:
    return [answer for answers in classify(classifier, paths) for answer in answers]


def scores_of(classifier: Classifier, path: Path, count: int) -> tuple[Score, ...]:
    (answer,) = all_answers(classifier, [path])
    assert answer.scores is not None, answer.error
    return classifier.top(answer.scores, count)


def test_nine_of_the_ten_sample_digits_are_named(trained_run: Path) -> None:
    classifier = classifier_of(trained_run)
    named = [scores_of(classifier, path, 1)[0].label for path in SAMPLES]
    assert sum(label == path.stem[-1] for label, path in zip(named, SAMPLES, strict=True)) >= 9


def test_probabilities_are_the_softmax_of_the_normalised_picture_the_likeliest_first(trained_run: Path) -> None:
    model, info = load_model(trained_run / BEST_FILE)
    classifier = classifier_of(trained_run / BEST_FILE)
    data = load("digits", (1, 8, 8))
    for path in SAMPLES[:3]:
        scores = scores_of(classifier, path, 10)
        read = torch.from_numpy(read_pixels(path, (1, 8, 8)))
        matches = [image for image in data.test.images if torch.equal(image, read)]
        assert len(matches) == 1
        with torch.inference_mode():
            picture = (matches[0].float() / 255 - info.mean[0]) / info.std[0]
            expected = torch.softmax(model(picture[None])[0].double(), 0)
        assert [score.probability for score in scores] == sorted((score.probability for score in scores), reverse=True)
        assert sum(score.probability for score in scores) == pytest.approx(1)
        assert sorted(score.index for score in scores) == list(range(10))
        for score in scores:
            assert score.label == str(score.index)
            assert score.probability == pytest.approx(float(expected[score.index]), abs=1e-5)


@pytest.mark.parametrize(("asked", "given"), [(1, 1), (3, 3), (10, 10), (1000, 10)])
def test_as_many_classes_are_named_as_asked_for_and_there_are(trained_run: Path, asked: int, given: int) -> None:
    assert len(scores_of(classifier_of(trained_run), SAMPLES[0], asked)) == given


@pytest.mark.parametrize("mode", ["exact", "fast"])
def test_a_moment_of_rest_changes_no_bit_of_an_answer(trained_run: Path, mode: Mode) -> None:
    cache = ClassifierCache()
    cache.record()
    classifier = cache.get(ModelRequest(model=str(trained_run), device="cpu", mode=mode))
    pixels = np.random.default_rng(0).integers(0, 256, (1, 1, 8, 8), dtype=np.uint8)
    before = classifier.logits(pixels)
    cache.record()
    assert torch.equal(classifier.logits(pixels), before)
    without = classifier.without(("layer1.0",))
    assert not torch.equal(without.logits(pixels), before)
    assert torch.equal(classifier.at_temperature(2.0).logits(pixels), before)


# ---- many pictures


def close(one: ClassifierAnswer, other: ClassifierAnswer) -> bool:
    assert one.scores is not None
    assert other.scores is not None
    return bool(np.allclose(np.exp(one.scores), np.exp(other.scores), rtol=0, atol=1e-6))


def test_pictures_that_cannot_be_read_are_answered_in_their_places_and_change_no_other_answer(
    trained_run: Path, tmp_path: Path
) -> None:
    classifier = classifier_of(trained_run)
    alone = {path: all_answers(classifier, [path])[0] for path in SAMPLES}
    (tmp_path / "bad.png").write_bytes(b"no")
    (tmp_path / "empty.png").touch()
    bad = [tmp_path / "bad.png", tmp_path / "gone.png", tmp_path, tmp_path / "empty.png"]
    paths = [SAMPLES[9], bad[0], *SAMPLES * 20, bad[1], *SAMPLES, bad[2], bad[3], SAMPLES[4]]
    answers = all_answers(classifier, paths)
    assert [answer.path for answer in answers] == paths
    for answer in answers:
        if answer.path in bad:
            assert answer.scores is None
            assert str(answer.path) in answer.error
        else:
            assert (answer.error, answer.size) == ("", (8, 8))
            assert close(answer, alone[answer.path])
            assert answer.latency.preprocess > 0
            assert answer.latency.forward > 0
    assert max(answer.latency.batch for answer in answers) == classifier.batch
    assert answers[0].latency.batch == 1, "the first picture does not wait for others"


def test_a_batch_that_fails_as_a_whole_is_computed_one_by_one(
    trained_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = classifier_of(trained_run)
    alone = {path: all_answers(classifier, [path])[0] for path in SAMPLES}
    real, black = classifier.scores, read_pixels(SAMPLES[7], (1, 8, 8))

    def scores(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        if len(pixels) > 1 or np.array_equal(pixels[0, 0], black):
            raise RuntimeError("the device failed")
        return real(pixels)

    monkeypatch.setattr(classifier, "scores", scores)
    answers = all_answers(classifier, SAMPLES)
    assert [answer.path for answer in answers] == SAMPLES
    assert [answer.path for answer in answers if answer.scores is None] == [SAMPLES[7]]
    assert "the device failed" in answers[7].error
    assert all(close(answer, alone[answer.path]) for answer in answers if answer.scores is not None)


def test_no_batch_is_begun_once_it_is_to_stop(trained_run: Path) -> None:
    classifier, seen = classifier_of(trained_run), list[ClassifierAnswer]()
    for answers in classify(classifier, SAMPLES * 100, stop=lambda: len(seen) > 1):
        seen.extend(answers)
    assert 1 < len(seen) <= 1 + classifier.batch


def test_no_pictures_have_no_answers(trained_run: Path) -> None:
    assert all_answers(classifier_of(trained_run), []) == []


def test_ten_views_are_averaged_as_probabilities(trained_run: Path) -> None:
    classifier = classifier_of(trained_run, views=10)
    (answer,) = all_answers(classifier, [SAMPLES[3]])
    crops = classifier.prepare(SAMPLES[3]).pixels
    assert crops.shape == (10, 1, 8, 8)
    mean = torch.softmax(classifier.logits(crops).double(), 1).mean(0)
    assert answer.scores is not None
    np.testing.assert_allclose(np.exp(answer.scores), mean.numpy(), atol=1e-6)


def test_the_fast_mode_says_how_it_computes_and_names_the_same_classes(trained_run: Path) -> None:
    exact, fast = classifier_of(trained_run), classifier_of(trained_run, mode="fast")
    assert exact.computed in {"fp32, fused", "fp32, folded"}
    assert fast.computed.startswith(("bf16, ", "fp32, "))
    for path in SAMPLES:
        one, other = scores_of(exact, path, 1)[0], scores_of(fast, path, 1)[0]
        assert one.label == other.label or math.isclose(one.probability, other.probability, abs_tol=0.1)


# ---- what the user says instead of the file


def test_labels_given_by_hand_are_the_labels_of_the_scores(trained_run: Path, tmp_path: Path) -> None:
    names = ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
    file = tmp_path / "labels.txt"
    file.write_text("\n".join(names), encoding="utf-8")
    warm = ClassifierCache()
    before = scores_of(warm.get(ModelRequest(model=str(trained_run), device="cpu")), SAMPLES[7], 10)
    labelled = ModelRequest(model=str(trained_run), device="cpu", labels=str(file))
    after = scores_of(warm.get(labelled), SAMPLES[7], 10)
    assert after == tuple(Score(names[score.index], score.index, score.probability) for score in before)
    file.write_text("\n".join(reversed(names)), encoding="utf-8")
    assert scores_of(warm.get(labelled), SAMPLES[7], 1)[0].label == names[9 - before[0].index], "the file was edited"
    numbered = warm.get(ModelRequest(model=str(trained_run), device="cpu", labels="cifar10"))
    assert (numbered.loaded.classes[0], numbered.loaded.labels) == ("airplane", "cifar10")


def test_a_normalisation_given_by_hand_changes_the_scores(trained_run: Path) -> None:
    before = scores_of(classifier_of(trained_run), SAMPLES[3], 10)
    other = classifier_of(trained_run, changes=Changes(mean=(0.9,), std=(3.0,)))
    assert scores_of(other, SAMPLES[3], 10) != before
    info = load_model(trained_run / BEST_FILE)[1]
    same = classifier_of(trained_run, changes=Changes(mean=info.mean, std=info.std))
    assert scores_of(same, SAMPLES[3], 10) == before


def test_an_input_size_given_by_hand_is_used(trained_run: Path) -> None:
    classifier = classifier_of(trained_run, input=(1, 16, 24))
    assert classifier.loaded.spec.input == (1, 16, 24)
    assert classifier.prepare(SAMPLES[3]).pixels.shape == (1, 1, 16, 24)
    assert len(scores_of(classifier, SAMPLES[3], 10)) == 10


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"labels": "{two}"}, r"two\.txt names 2 classes, but the network has 10"),
        ({"labels": "imagenet"}, "ImageNet has 1000 classes, but the network has 10"),
        ({"labels": "birds"}, "There is no file of class labels birds"),
        ({"input": (3, 8, 8)}, "--input has 3 channels, but the network reads 1"),
        ({"changes": Changes(mean=(0.1, 0.2, 0.3))}, "--mean has 3 values, but the network reads 1 channels"),
        ({"changes": Changes(std=())}, "--std has 0 values"),
        ({"changes": Changes(std=(0.0,))}, "--std must be above 0"),
        ({"changes": Changes(std=(-1.0,))}, "--std must be above 0"),
        ({"changes": Changes(std=(float("nan"),))}, "--std must be numbers"),
        ({"changes": Changes(resize=-1)}, "--resize is -1; it must be from 0 to 4096"),
        ({"changes": Changes(resize=4097)}, "--resize is 4097; it must be from 0 to 4096"),
        ({"lesions": ("layer9.0",)}, "'layer9.0' is no block of this network; name one such as 'layer1.0'"),
        ({"lesions": ("layer1",)}, "'layer1' is no block of this network"),
    ],
)
def test_what_does_not_fit_the_network_is_refused_and_the_warm_network_stays_as_it_was(
    trained_run: Path, tmp_path: Path, given: dict[str, Any], says: str
) -> None:
    (tmp_path / "two.txt").write_text("a\nb\n")
    if given.get("labels") == "{two}":
        given = {"labels": str(tmp_path / "two.txt")}
    warm, plain = ClassifierCache(), ModelRequest(model=str(trained_run), device="cpu")
    classifier = warm.get(plain)
    before = scores_of(classifier, SAMPLES[2], 10)
    with pytest.raises(InputError, match=says):
        warm.get(ModelRequest(model=str(trained_run), device="cpu", **given))
    assert warm.get(plain) is classifier
    assert scores_of(classifier, SAMPLES[2], 10) == before


def test_an_input_that_the_stages_cannot_halve_is_refused(trained_run: Path) -> None:
    with pytest.raises(SpecError, match="too small"):
        classifier_of(trained_run, input=(1, 2, 2))


def test_a_lesion_changes_the_answer_of_its_own_request_only(trained_run: Path) -> None:
    warm, plain = ClassifierCache(), ModelRequest(model=str(trained_run), device="cpu")
    before = scores_of(warm.get(plain), SAMPLES[2], 10)
    hurt = warm.get(ModelRequest(model=str(trained_run), device="cpu", lesions=("layer1.0",)))
    assert scores_of(hurt, SAMPLES[2], 10) != before
    assert scores_of(warm.get(plain), SAMPLES[2], 10) == before


# ---- warm models


def test_a_model_stays_warm_until_its_file_changes_or_others_push_it_out(trained_run: Path, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.safetensors" for number in range(KEPT + 1)]
    for path in files:
        shutil.copy(trained_run / BEST_FILE, path)
    warm = ClassifierCache()

    def get(path: Path) -> Classifier:
        return warm.get(ModelRequest(model=str(path), device="cpu"))

    first = get(files[0])
    assert get(files[0]) is first
    os.utime(files[0], ns=(1, 1))
    changed = get(files[0])
    assert changed is not first
    later = [get(path) for path in files[1:]]
    assert [get(path) for path in files[1:]] == later
    assert get(files[0]) is not changed
