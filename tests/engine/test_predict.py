"""Classifying pictures with the weights of a run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import torch

from resnet_gui.core.weights import load_model
from resnet_gui.engine.datasets import load
from resnet_gui.engine.predict import KEPT, Classifier, Warm, read_labels, weights_file
from resnet_gui.spec.errors import InputError, SpecError
from resnet_gui.spec.files import assets
from resnet_gui.spec.runs import BEST_FILE

CPU = torch.device("cpu")
SAMPLES = sorted((assets() / "samples").glob("digit-*.png"))


def test_nine_of_the_ten_sample_digits_are_named(trained_run: Path) -> None:
    classifier = Classifier(weights_file(str(trained_run)), CPU)
    named = [classifier.classify(path, 1)[0].label for path in SAMPLES]
    assert sum(label == path.stem[-1] for label, path in zip(named, SAMPLES, strict=True)) >= 9


def test_probabilities_are_the_softmax_of_the_normalised_picture_the_likeliest_first(trained_run: Path) -> None:
    model, info = load_model(trained_run / BEST_FILE)
    classifier = Classifier(trained_run / BEST_FILE, CPU)
    data = load("digits", (1, 8, 8))
    for path in SAMPLES[:3]:
        scores = classifier.classify(path, 10)
        matches = [image for image in data.test.images if torch.equal(image, _pixels(path))]
        assert len(matches) == 1
        with torch.inference_mode():
            picture = (matches[0].float() / 255 - info.mean[0]) / info.std[0]
            expected = torch.softmax(model(picture[None])[0].double(), 0)
        assert [score.probability for score in scores] == sorted((score.probability for score in scores), reverse=True)
        assert sum(score.probability for score in scores) == pytest.approx(1)
        assert sorted(score.index for score in scores) == list(range(10))
        for score in scores:
            assert score.label == str(score.index)
            assert score.probability == pytest.approx(float(expected[score.index]), abs=1e-4)


def _pixels(path: Path) -> torch.Tensor:
    from resnet_gui.engine.pictures import read_pixels

    return torch.from_numpy(read_pixels(path, (1, 8, 8)))


@pytest.mark.parametrize(("asked", "given"), [(1, 1), (3, 3), (10, 10), (1000, 10)])
def test_as_many_classes_are_named_as_asked_for_and_there_are(trained_run: Path, asked: int, given: int) -> None:
    assert len(Classifier(trained_run / BEST_FILE, CPU).classify(SAMPLES[0], asked)) == given


def test_a_picture_that_cannot_be_read_is_refused_and_the_next_one_is_classified(
    trained_run: Path, tmp_path: Path
) -> None:
    classifier = Classifier(trained_run / BEST_FILE, CPU)
    (tmp_path / "bad.png").write_bytes(b"no")
    with pytest.raises(InputError, match=r"bad\.png"):
        classifier.classify(tmp_path / "bad.png", 1)
    assert len(classifier.classify(SAMPLES[0], 1)) == 1


# ---- what names a model


def test_a_run_folder_and_its_weights_file_name_the_same_model(trained_run: Path) -> None:
    assert weights_file(str(trained_run)) == weights_file(str(trained_run / BEST_FILE)) == trained_run / BEST_FILE


def test_what_is_no_model_is_refused_with_the_reason(tmp_path: Path, trained_run: Path) -> None:
    with pytest.raises(InputError, match=r"There is no run folder or weights file '.*gone'"):
        weights_file(str(tmp_path / "gone"))
    with pytest.raises(InputError, match=r"is not a run folder: it has no run\.json"):
        weights_file(str(tmp_path))
    shutil.copy(trained_run / "run.json", tmp_path)
    with pytest.raises(InputError, match="has no weights yet"):
        weights_file(str(tmp_path))


# ---- what the user says instead of the file


def test_labels_given_by_hand_are_the_labels_of_the_scores(trained_run: Path) -> None:
    classifier = Classifier(trained_run / BEST_FILE, CPU)
    before = classifier.classify(SAMPLES[7], 10)
    names = ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
    classifier.override(classes=names)
    assert [(score.label, score.index, score.probability) for score in classifier.classify(SAMPLES[7], 10)] == [
        (names[score.index], score.index, score.probability) for score in before
    ]


def test_a_normalisation_given_by_hand_changes_the_scores(trained_run: Path) -> None:
    classifier = Classifier(trained_run / BEST_FILE, CPU)
    before = classifier.classify(SAMPLES[3], 10)
    classifier.override(mean=(0.9,), std=(3.0,))
    assert classifier.classify(SAMPLES[3], 10) != before
    classifier.override(
        mean=load_model(trained_run / BEST_FILE)[1].mean, std=load_model(trained_run / BEST_FILE)[1].std
    )
    assert classifier.classify(SAMPLES[3], 10) == before


def test_an_input_size_given_by_hand_is_used(trained_run: Path) -> None:
    classifier = Classifier(trained_run / BEST_FILE, CPU)
    classifier.override(shape=(1, 16, 24))
    assert classifier.info.spec.input == (1, 16, 24)
    assert len(classifier.classify(SAMPLES[3], 10)) == 10


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"classes": ("a", "b")}, "--classes names 2 classes, but the network has 10"),
        ({"shape": (3, 8, 8)}, "--input has 3 channels, but the network reads 1"),
        ({"mean": (0.1, 0.2, 0.3)}, "--mean has 3 values, but the network reads 1 channels"),
        ({"std": ()}, "--std has 0 values"),
        ({"std": (0.0,)}, "--std must be above 0"),
        ({"std": (-1.0,)}, "--std must be above 0"),
    ],
)
def test_what_does_not_fit_the_network_is_refused_by_its_option(
    trained_run: Path, given: dict[str, tuple[object, ...]], says: str
) -> None:
    classifier = Classifier(trained_run / BEST_FILE, CPU)
    before = classifier.info
    with pytest.raises(InputError, match=says):
        classifier.override(**given)  # type: ignore[arg-type]
    assert classifier.info == before


def test_an_input_that_the_stages_cannot_halve_is_refused(trained_run: Path) -> None:
    with pytest.raises(SpecError, match="too small"):
        Classifier(trained_run / BEST_FILE, CPU).override(shape=(1, 2, 2))


def test_labels_are_the_lines_of_a_file_without_the_empty_ones(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("  cat \n\ndog, big\r\nétoile\n", encoding="utf-8")
    assert read_labels(tmp_path / "labels.txt") == ("cat", "dog, big", "étoile")
    with pytest.raises(InputError, match=r"There is no file of class labels .*gone\.txt"):
        read_labels(tmp_path / "gone.txt")


# ---- warm models


def test_a_model_stays_warm_until_its_file_changes_or_others_push_it_out(trained_run: Path, tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.safetensors" for number in range(KEPT + 1)]
    for path in files:
        shutil.copy(trained_run / BEST_FILE, path)
    warm = Warm()
    first = warm.get(str(files[0]), CPU)
    assert warm.get(str(files[0]), CPU) is first
    os.utime(files[0], ns=(1, 1))
    changed = warm.get(str(files[0]), CPU)
    assert changed is not first
    for path in files[1:]:
        warm.get(str(path), CPU)
    assert len(warm.models) == KEPT
    assert warm.get(str(files[0]), CPU) is not changed
