"""The digits inside, and folders of class folders in every state that people have them in."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import assets
from resnet_gui.design.bounds import Shape
from resnet_gui.engine.data import datasets, set_figures
from resnet_gui.engine.data.datasets import DataSet, load, mean_and_std
from resnet_gui.engine.data.loaders import Batch

SHAPE = (1, 4, 4)


def fill(folder: Path, values: Sequence[int]) -> Path:
    """A class folder with one picture of each grey."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, value in enumerate(values):
        Image.new("L", (4, 4), value).save(folder / f"{number:03}.png")
    return folder


def greys(images: torch.Tensor) -> list[int]:
    return images[:, 0, 0, 0].tolist()


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """Ten cats of greys 0 to 9 and ten dogs of 100 to 109."""
    fill(tmp_path / "pets" / "cat", range(10))
    fill(tmp_path / "pets" / "dog", range(100, 110))
    return tmp_path / "pets"


# ---- digits


def test_the_digits_are_1797_pictures_of_ten_classes_in_a_fixed_split() -> None:
    data = load("digits", (1, 8, 8))
    assert data.train.images.shape == (1438, 1, 8, 8)
    assert data.test.images.shape == (359, 1, 8, 8)
    assert data.train.images.dtype == torch.uint8
    assert data.train.labels.dtype == torch.int64
    assert data.identity.classes == tuple("0123456789")
    # The counts of UCI's optical digits, test part (1797 pictures).
    counts = torch.bincount(torch.cat([data.train.labels, data.test.labels]))
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert data.identity.sha256 == "a7e65cc35b40ce55cef51829d9ee6d53583d74e7a9ac213cbce28702c11c2fb9"
    assert data.skipped == ()


def test_no_digit_of_the_test_part_is_in_the_training_part() -> None:
    data = load("digits", (1, 8, 8))

    def digests(images: torch.Tensor) -> set[str]:
        return {hashlib.sha256(image.numpy().tobytes()).hexdigest() for image in images}

    assert not digests(data.train.images) & digests(data.test.images)


def test_the_digit_samples_are_of_the_test_part_and_named_by_their_label() -> None:
    data = load("digits", (1, 8, 8))
    for path in sorted((assets() / "samples").glob("digit-*.png")):
        pixels = torch.from_numpy(np.array(Image.open(path)))
        assert pixels.shape == (8, 8)
        (found,) = (data.test.images[:, 0] == pixels).all(2).all(1).nonzero().flatten().tolist()
        assert data.test.labels[found] == int(path.stem[-1])


def test_the_digits_grow_to_the_size_and_colours_of_a_network() -> None:
    data = load("digits", (3, 32, 32))
    small = load("digits", (1, 8, 8))
    assert data.train.images.shape == (1438, 3, 32, 32)
    assert torch.equal(data.train.images[:, 0], data.train.images[:, 2])
    assert torch.equal(data.train.labels, small.train.labels)
    middle = data.train.images[:, :1].float().reshape(-1, 1, 8, 4, 8, 4).mean((3, 5))
    assert (middle - small.train.images.float()).abs().mean() < 20
    assert data.identity.sha256 != small.identity.sha256


def test_the_digits_are_refused_for_two_channels() -> None:
    with pytest.raises(InputError, match="reads 2 channels"):
        load("digits", (2, 8, 8))


# ---- mean and deviation


def test_mean_and_deviation_are_those_of_all_pixels_of_a_channel() -> None:
    images = torch.randint(0, 256, (7, 3, 5, 4), generator=torch.Generator().manual_seed(0)).to(torch.uint8)
    mean, std = mean_and_std(images)
    scaled = images.double() / 255
    assert mean == pytest.approx(scaled.mean((0, 2, 3)).tolist(), rel=1e-12)
    assert std == pytest.approx(scaled.std((0, 2, 3), unbiased=False).tolist(), rel=1e-12)


# ---- folders


def test_every_fifth_picture_of_each_class_is_held_out(pets: Path) -> None:
    data = load(str(pets), SHAPE)
    assert data.identity.classes == ("cat", "dog")
    assert data.identity.name == "pets"
    assert greys(data.test.images) == [4, 9, 104, 109]
    assert data.test.labels.tolist() == [0, 0, 1, 1]
    assert greys(data.train.images) == [0, 1, 2, 3, 5, 6, 7, 8, 100, 101, 102, 103, 105, 106, 107, 108]
    assert data.train.labels.tolist() == [0] * 8 + [1] * 8
    assert (data.identity.train_images, data.identity.test_images) == (16, 4)


@pytest.mark.parametrize("train", ["train", "Training"])
@pytest.mark.parametrize("test", ["test", "val", "Validation"])
def test_a_folder_with_a_training_and_a_test_part_keeps_them_apart(tmp_path: Path, train: str, test: str) -> None:
    for name, base in (("cat", 0), ("dog", 100)):
        fill(tmp_path / train / name, range(base, base + 6))
        fill(tmp_path / test / name, range(base + 50, base + 52))
    data = load(str(tmp_path), SHAPE)
    assert data.identity.classes == ("cat", "dog")
    assert greys(data.train.images) == [*range(6), *range(100, 106)]
    assert greys(data.test.images) == [50, 51, 150, 151]


def test_a_training_part_without_a_test_part_holds_every_fifth_out(tmp_path: Path) -> None:
    for name, base in (("cat", 0), ("dog", 100)):
        fill(tmp_path / "train" / name, range(base, base + 5))
    data = load(str(tmp_path), SHAPE)
    assert data.identity.classes == ("cat", "dog")
    assert greys(data.test.images) == [4, 104]


def test_a_class_that_is_called_train_is_a_class_beside_others(tmp_path: Path) -> None:
    for number, name in enumerate(("bus", "car", "train")):
        fill(tmp_path / name, range(50 * number, 50 * number + 5))
    data = load(str(tmp_path), SHAPE)
    assert data.identity.classes == ("bus", "car", "train")
    assert greys(data.test.images) == [4, 54, 104]


def test_parts_whose_pictures_have_no_classes_are_refused_as_what_they_look_like(tmp_path: Path) -> None:
    fill(tmp_path / "train", range(5))
    fill(tmp_path / "test", range(100, 105))
    with pytest.raises(InputError, match=r"looks like a data set in parts \('test', 'train'\), but nothing tells"):
        load(str(tmp_path), SHAPE)


def test_test_classes_that_differ_from_the_training_classes_are_refused(tmp_path: Path) -> None:
    fill(tmp_path / "train" / "cat", range(5))
    fill(tmp_path / "train" / "dog", range(5))
    fill(tmp_path / "test" / "cat", range(5))
    fill(tmp_path / "test" / "cow", range(5))
    with pytest.raises(InputError, match=r"test does not have the same class folders as .*train"):
        load(str(tmp_path), SHAPE)


def test_hidden_folders_and_files_are_no_classes_and_no_pictures(pets: Path) -> None:
    before = load(str(pets), SHAPE).identity.sha256
    fill(pets / ".git", range(5))
    (pets / "cat" / "._000.png").write_bytes(b"resource fork")
    (pets / "cat" / ".DS_Store").write_bytes(b"")
    (pets / "cat" / "notes.txt").write_text("not a picture")
    (pets / "readme.md").write_text("pets")
    assert load(str(pets), SHAPE).identity.sha256 == before


def test_pictures_in_folders_below_a_class_belong_to_it(tmp_path: Path) -> None:
    fill(tmp_path / "cat" / "black" / "small", range(5))
    fill(tmp_path / "dog", range(100, 105))
    data = load(str(tmp_path), SHAPE)
    assert data.identity.classes == ("cat", "dog")
    assert data.train.labels.tolist() == [0] * 4 + [1] * 4


def test_pictures_that_cannot_be_read_are_skipped_and_listed(pets: Path) -> None:
    (pets / "cat" / "001.png").write_bytes(b"not a picture")
    (pets / "dog" / "104.png").unlink(missing_ok=True)
    (pets / "dog" / "004.png").write_bytes(b"")
    data = load(str(pets), SHAPE)
    assert [Path(sentence.split(" is ")[0]) for sentence in data.skipped] == [
        pets / "cat" / "001.png",
        pets / "dog" / "004.png",
    ]
    assert greys(data.train.images) == [0, 2, 3, 5, 6, 7, 8, 100, 101, 102, 103, 105, 106, 107, 108]
    assert greys(data.test.images) == [4, 9, 109]
    assert data.train.labels.tolist() == [0] * 7 + [1] * 8
    assert (data.identity.train_images, data.identity.test_images) == (15, 3)


def test_a_folder_of_which_nothing_can_be_read_is_refused_by_its_first_class(pets: Path) -> None:
    for path in pets.rglob("*.png"):
        path.write_bytes(b"no")
    with pytest.raises(InputError, match=r"No picture of the class 'cat' can be read; the last: .*\.png"):
        load(str(pets), SHAPE)


def test_pictures_become_the_networks_size_and_colours(pets: Path) -> None:
    Image.new("RGBA", (30, 20), (9, 9, 9, 255)).save(pets / "cat" / "009.png")
    data = load(str(pets), (3, 6, 5))
    assert data.train.images.shape == (16, 3, 6, 5)
    assert greys(data.test.images)[:2] == [4, 9]


def test_the_identity_follows_the_pixels_and_labels_not_the_files(pets: Path, tmp_path: Path) -> None:
    before = load(str(pets), SHAPE).identity
    pets.rename(tmp_path / "moved")
    assert load(str(tmp_path / "moved"), SHAPE).identity.sha256 == before.sha256
    Image.new("L", (4, 4), 11).save(tmp_path / "moved" / "cat" / "000.png")
    assert load(str(tmp_path / "moved"), SHAPE).identity.sha256 != before.sha256


# ---- folders that are no data sets


def test_a_missing_folder_and_a_file_are_named(tmp_path: Path) -> None:
    (tmp_path / "file.png").write_bytes(b"")
    with pytest.raises(InputError, match=r"There is no data set '.*gone'"):
        load(str(tmp_path / "gone"), SHAPE)
    with pytest.raises(InputError, match=r"file\.png is a file; a data set is a folder"):
        load(str(tmp_path / "file.png"), SHAPE)


def test_a_folder_without_class_folders_is_refused(tmp_path: Path) -> None:
    for number in range(3):
        Image.new("L", (4, 4)).save(tmp_path / f"{number}.png")
    with pytest.raises(InputError, match=f"{tmp_path} has no folder inside"):
        load(str(tmp_path), SHAPE)


def test_a_single_class_is_refused_by_its_name(tmp_path: Path) -> None:
    fill(tmp_path / "cat", range(10))
    with pytest.raises(InputError, match=r"has only the folder 'cat'; .* at least two classes"):
        load(str(tmp_path), SHAPE)


def test_an_empty_class_is_refused_by_its_path(pets: Path) -> None:
    (pets / "cow").mkdir()
    with pytest.raises(InputError, match=r"pets/cow holds no pictures"):
        load(str(pets), SHAPE)


def test_too_few_pictures_to_hold_one_out_are_refused(tmp_path: Path) -> None:
    fill(tmp_path / "cat", range(4))
    fill(tmp_path / "dog", range(4))
    with pytest.raises(InputError, match="too few pictures: a class needs at least 5"):
        load(str(tmp_path), SHAPE)


def test_a_network_of_two_channels_is_refused_not_every_picture_skipped(pets: Path) -> None:
    with pytest.raises(InputError, match="reads 2 channels"):
        load(str(pets), (2, 4, 4))


# ---- known sets that do not fit at a network's size


def batches_of(data: DataSet, shape: Shape) -> list[Batch]:
    device = torch.device("cpu")
    numbers = torch.split(torch.arange(len(data.train.labels)).flip(0)[:70], 32)
    return list(data.source(data.train, shape, device).batches(numbers))


@pytest.mark.parametrize("shape", [(1, 12, 10), (3, 16, 16)])
def test_pictures_that_are_resized_a_batch_at_a_time_are_those_that_were_held(
    monkeypatch: pytest.MonkeyPatch, shape: Shape
) -> None:
    held = load("digits", shape)
    monkeypatch.setattr(datasets, "MAX_BYTES", 1000)
    monkeypatch.setattr(set_figures, "CHUNK", 7777)
    told: list[tuple[int, int]] = []
    resized = load("digits", shape, lambda done, total: told.append((done, total)))
    assert held.identity == resized.identity, "a run goes on with either"
    assert resized.train.images.shape[1:] == (1, 8, 8)
    assert held.train.images.shape[1:] == shape
    assert told[-1] == (1797, 1797)
    for one, other in zip(batches_of(held, shape), batches_of(resized, shape), strict=True):
        assert torch.equal(one[0], other[0])
        assert torch.equal(one[1], other[1])


def test_a_set_that_takes_too_long_to_be_resized_first_is_known_by_its_own_pixels_and_its_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = load("digits", (3, 32, 32)).identity
    monkeypatch.setattr(set_figures, "MOST_RESIZED_FIRST", 1000)
    monkeypatch.setattr(set_figures, "CHUNK", 100_000)
    data, other = load("digits", (3, 32, 32)), load("digits", (3, 32, 31))
    assert data.train.images.shape[1:] == (1, 8, 8)
    assert len({held.sha256, data.identity.sha256, other.identity.sha256}) == 3
    assert data.identity.mean == pytest.approx(held.mean, rel=0.1)
