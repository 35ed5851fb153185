"""Pictures that training pictures hold too: the same pixels, or nearly the same picture."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance
from scipy.fft import dctn

from resnet_gui.base.errors import InputError
from resnet_gui.engine.evaluate.measuring import measure_evaluation
from resnet_gui.engine.evaluate.near_duplicates import (
    SIDE,
    THRESHOLD,
    PictureSketches,
    TrainingPictures,
    find_copies,
    hashes,
    near_pairs,
    sketches,
    training_alone,
)
from resnet_gui.protocol.evaluation_messages import FindCopies
from resnet_gui.protocol.events import Event, Progressed
from tests.engine.evaluate.colour_network import COLOURS, measure_job, save_colours


def scene(seed: int, side: int = 48) -> Image.Image:
    """Smooth shapes, another for each seed."""
    noise = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((side, side), Image.Resampling.BICUBIC)


def test_a_hash_is_the_signs_of_the_lowest_frequencies_of_scipys_cosine_transform() -> None:
    grey = np.random.default_rng(1).normal(size=(6, SIDE, SIDE)).astype(np.float32)
    for found, picture in zip(hashes(grey), grey, strict=True):
        # scipy weighs the first row and column otherwise, which changes no sign but the median.
        low = np.asarray(dctn(picture.astype(np.float64), type=2))[:8, :8].ravel()
        bits = np.unpackbits(np.array([found]).view(np.uint8)).astype(bool)
        assert (bits == (low > np.median(low[1:]))).all()
    assert len(hashes(grey[:0])) == 0


def test_the_nearest_pair_is_that_of_a_loop_over_all() -> None:
    pictures = [scene(seed) for seed in range(12)]
    changed = [ImageEnhance.Brightness(each).enhance(0.8).resize((40, 40)) for each in pictures[3:9]]
    ours = sketches(len(changed), changed.__getitem__, lambda _done: None)
    theirs = sketches(len(pictures), pictures.__getitem__, lambda _done: None)
    assert sorted((mine, other) for mine, other, _ in near_pairs(ours, theirs)) == [(n, n + 3) for n in range(6)]
    for mine, other, distance in near_pairs(ours, theirs):
        apart = [int(each ^ ours.hashes[mine]).bit_count() for each in theirs.hashes]
        assert (min(apart), apart[other]) == (distance, distance)
        assert distance <= THRESHOLD
    assert near_pairs(theirs, ours._replace(hashes=ours.hashes[:0], small=ours.small[:0])) == []


def test_any_number_of_plain_or_equal_pictures_takes_little_memory() -> None:
    plain = sketches(1, lambda _number: Image.new("L", (8, 8)), lambda _done: None)
    for each, expected in ((plain, 0), (sketches(1, scene, lambda _done: None), 400)):
        many = PictureSketches([b"?"] * 400, each.hashes.repeat(400), each.small.repeat(400, axis=0))
        tracemalloc.start()
        found = near_pairs(many, many)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert [(mine, other) for mine, other, _ in found] == [(number, 0) for number in range(expected)]
        assert peak < 150e6  # of 160,000 pairs at once 330 MB


def test_copies_are_found_by_pixels_and_near_ones_by_their_looks_but_plain_pictures_are_not(tmp_path: Path) -> None:
    model = save_colours(tmp_path / "model.safetensors")
    data = tmp_path / "set"
    for part in ("train", "test"):
        for name in COLOURS:
            (data / part / name).mkdir(parents=True)
    for number in range(4):
        scene(number).save(data / "train" / "red" / f"{number}.png")
    scene(7).save(data / "train" / "green" / "7.png")
    scene(1).save(data / "test" / "red" / "same.bmp")
    scene(2).resize((44, 44)).save(data / "test" / "green" / "near.jpg", quality=80)
    scene(9).save(data / "test" / "blue" / "other.png")
    Image.new("RGB", (48, 48), (9, 9, 9)).save(data / "test" / "blue" / "plain.png")
    Image.new("RGB", (48, 48), (10, 9, 9)).save(data / "train" / "blue" / "plain.png")
    (data / "train" / "blue" / "broken.png").write_bytes(b"none")
    folder = measure_evaluation(measure_job(model, data), lambda _event: None, lambda: True)
    events: list[Event] = []
    found = find_copies(FindCopies(7, str(folder)), events.append, lambda: True)
    assert (found.pictures, found.training_pictures, found.unreadable, found.threshold) == (4, 7, 1, THRESHOLD)
    (exact,) = found.exact
    assert (exact.number, Path(exact.training).name, exact.training_class) == (3, "1.png", "red")
    (near,) = found.near
    assert (near.number, Path(near.training).name) == (2, "2.png")
    assert any(isinstance(event, Progressed) for event in events)
    named = find_copies(FindCopies(7, str(folder), str(data)), events.append, lambda: True)
    assert (named.exact, named.near) == (found.exact, found.near)


def test_a_folder_that_was_evaluated_whole_is_not_taken_for_its_own_training_pictures(tmp_path: Path) -> None:
    model = save_colours(tmp_path / "model.safetensors")
    for number, name in enumerate(COLOURS):
        for picture in range(5):
            (tmp_path / "set" / name).mkdir(parents=True, exist_ok=True)
            scene(10 * number + picture).save(tmp_path / "set" / name / f"{picture}.png")
    folder = measure_evaluation(measure_job(model, tmp_path / "set"), lambda _event: None, lambda: True)
    with pytest.raises(InputError, match="none of it is for training alone"):
        find_copies(FindCopies(7, str(folder)), lambda _event: None, lambda: True)


def test_training_pictures_that_were_evaluated_are_left_out_and_counted() -> None:
    names = ("a.png", "b.png", "c.png", "d.png")
    training = TrainingPictures(4, scene, names.__getitem__, lambda number: f"class {number}")
    kept, shared = training_alone(training, ("b.png", "z.png", "a.png"))
    assert (kept.pictures, shared) == (2, 2)
    assert [kept.title(place) for place in range(2)] == ["c.png", "d.png"]
    assert kept.label(1) == "class 3"
    assert kept.picture(1) == scene(3)
    with pytest.raises(InputError, match="none of it is for training alone"):
        training_alone(training, names)


def test_a_run_is_compared_with_what_it_has_learnt_from(trained_run: Path) -> None:
    folder = measure_evaluation(measure_job(trained_run, "digits"), lambda _event: None, lambda: True)
    found = find_copies(FindCopies(7, str(folder)), lambda _event: None, lambda: True)
    assert (found.pictures, found.training_pictures) == (359, 1438)
    assert all(each.training.startswith("picture ") for each in (*found.exact, *found.near))


def test_a_comparison_that_is_given_up_ends_in_a_sentence(trained_run: Path) -> None:
    folder = measure_evaluation(measure_job(trained_run, "digits"), lambda _event: None, lambda: True)
    left = [1]

    def go_on() -> bool:
        left[0] -= 1
        return left[0] >= 0

    with pytest.raises(InputError, match="given up"):
        find_copies(FindCopies(7, str(folder)), lambda _event: None, go_on)
