"""Data sets as arrays, idx files under every published name and .npz, and archives of pictures."""

from __future__ import annotations

import gzip
import io
import os
import platform
import struct
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import data_folder
from resnet_gui.data.archives import unpacked_folder
from resnet_gui.data.layouts.description import DataDescription
from resnet_gui.engine.data.datasets import DataSet, load
from resnet_gui.engine.data.test_sets import load_test
from resnet_gui.engine.data.torchvision_sets import is_published
from resnet_gui.engine.train.estimate import fit_of

GREY = (1, 6, 5)
RANDOM = np.random.default_rng(3)


def pictures(count: int, *shape: int) -> NDArray[np.uint8]:
    return RANDOM.integers(0, 256, (count, *shape), dtype=np.uint8)


def idx(values: NDArray[np.uint8]) -> bytes:
    """LeCun's format: two zeros, the kind (8: bytes), dimensions, sizes, values."""
    return struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape) + values.tobytes()


def write_idx(folder: Path, names: str, images: NDArray[np.uint8], labels: list[int]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for what, digit, values in (("images", 3, images), ("labels", 1, np.array(labels, dtype=np.uint8))):
        name = names.format(what=what, digit=digit)
        (folder / name).write_bytes(gzip.compress(idx(values)) if name.endswith(".gz") else idx(values))


def read(path: Path, shape: tuple[int, int, int] = GREY) -> tuple[DataSet, DataDescription]:
    told: list[str | DataDescription] = []
    found = load(str(path), shape, tell=told.append)
    description = told[-1]
    assert isinstance(description, DataDescription)
    assert found.identity.description == description
    return found, description


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("train-{what}.idx{digit}-ubyte", "t10k-{what}.idx{digit}-ubyte"),
        ("train-{what}-idx{digit}-ubyte.gz", "test-{what}-idx{digit}-ubyte.gz"),
        ("emnist-letters-train-{what}-idx{digit}-ubyte.gz", "emnist-letters-test-{what}-idx{digit}-ubyte.gz"),
        ("kmnist_train-{what}-idx{digit}-ubyte", "kmnist_t10k-{what}-idx{digit}-ubyte"),
    ],
)
def test_idx_files_are_read_under_every_published_name(tmp_path: Path, train: str, test: str) -> None:
    folder = tmp_path / "letters"
    images, held = pictures(6, 6, 5), pictures(4, 6, 5)
    turned = train.startswith("emnist")
    stored = (images.swapaxes(1, 2), held.swapaxes(1, 2)) if turned else (images, held)
    write_idx(folder / "raw", train, stored[0], [1, 2, 3, 1, 2, 3])
    write_idx(folder / "raw", test, stored[1], [3, 2, 1, 1])
    found, description = read(folder)
    assert found.identity.classes == ("1", "2", "3")
    assert torch.equal(found.train.images, torch.from_numpy(images[:, None]))
    assert torch.equal(found.test.images, torch.from_numpy(held[:, None]))
    assert (found.train.labels.tolist(), found.test.labels.tolist()) == ([0, 1, 2, 0, 1, 2], [2, 1, 0, 0])
    assert any("turned upright" in note for note in description.notes) == turned
    assert fit_of(str(folder)).shape == GREY


def test_a_mapping_names_emnists_classes_and_a_file_chooses_among_several_sets(tmp_path: Path) -> None:
    for name in ("balanced", "digits"):
        write_idx(tmp_path, f"emnist-{name}-train-{{what}}-idx{{digit}}-ubyte", pictures(10, 5, 6), [0, 1] * 5)
    (tmp_path / "emnist-balanced-mapping.txt").write_text("0 65\n1 98\n")
    with pytest.raises(InputError, match=r"several sets \('emnist-balanced', 'emnist-digits'\)"):
        read(tmp_path)
    found, description = read(tmp_path / "emnist-balanced-train-images-idx3-ubyte")
    assert found.identity.classes == ("A", "b")
    assert (len(found.train.labels), len(found.test.labels)) == (8, 2), "every fifth of a class is held out"
    assert description.parts[1].where == "every fifth picture of each class"
    tested = load_test(str(tmp_path / "emnist-balanced-train-images-idx3-ubyte"), GREY, (), _unwatched, _untold)
    assert len(tested.split.labels) == 10, "evaluated whole"


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize("folder", ["mine", "fashion"])
def test_files_of_mnists_names_that_are_others_are_read_as_what_they_are_and_it_is_said(
    tmp_path: Path, folder: str, packed: str
) -> None:
    images = pictures(10, 6, 5)
    for part in ("train", "t10k"):
        write_idx(tmp_path / folder, f"{part}-{{what}}-idx{{digit}}-ubyte{packed}", images, [0, 7] * 5)
    told: list[str | DataDescription] = []
    found = load(str(tmp_path / folder), GREY, tell=told.append)
    title = "MNIST" if folder == "mine" else "Fashion-MNIST"
    assert told[0] == (
        f"The files have the names of {title} and are not the published ones; they are read as what they are."
    )
    assert found.identity.classes == ("0", "7")
    assert found.train.images[:, 0].equal(torch.from_numpy(images))
    tested = load_test(str(tmp_path / folder), GREY, ("0", "7"), _unwatched, _untold)
    assert tested.split.labels.tolist() == [0, 1] * 5


def test_a_set_of_mnists_sizes_is_known_by_its_first_labels(tmp_path: Path) -> None:
    """KMNIST was made to stand in MNIST's place: same names, same sizes."""
    for part, count in (("train", 60_000), ("t10k", 10_000)):
        for what, digit, size in (("images", 3, 16 + 784 * count), ("labels", 1, 8 + count)):
            with (tmp_path / f"{part}-{what}-idx{digit}-ubyte").open("wb") as file:
                file.truncate(size)
    assert not is_published("mnist", tmp_path)
    for part, first in (("train", b"\5\0\4\1\t\2\1\3\1\4"), ("t10k", b"\7\2\1\0\4\1\4\t\5\t")):
        with (tmp_path / f"{part}-labels-idx1-ubyte").open("r+b") as file:
            file.write(bytes(8) + first)
    assert is_published("mnist", tmp_path)
    assert not is_published("fashion-mnist", tmp_path)


def _unwatched(_done: int, _total: int) -> None: ...


def _untold(_news: str | DataDescription) -> None: ...


@pytest.mark.parametrize("colour", [(), (1,), (3,)])
@pytest.mark.parametrize("inside", [False, True])
def test_an_npz_of_medmnists_form_is_read_with_its_three_parts(
    tmp_path: Path, colour: tuple[int, ...], inside: bool
) -> None:
    arrays = {
        f"{part}_images": pictures(count, 6, 5, *colour) for part, count in (("train", 6), ("val", 4), ("test", 2))
    }
    labels = {name.replace("images", "labels"): np.arange(len(each))[:, None] % 2 for name, each in arrays.items()}
    path = tmp_path / "set" / "bloodmnist.npz"
    path.parent.mkdir()
    np.savez(path, **arrays, **labels)  # type: ignore[arg-type]
    found, description = read(path.parent if inside else path, (colour[0] if colour else 1, 6, 5))
    wanted = arrays["train_images"]
    wanted = wanted.transpose(0, 3, 1, 2) if colour else wanted[:, None]
    assert np.array_equal(found.train.images.numpy(), wanted)
    assert [(part.part, part.pictures) for part in description.parts] == [
        ("training", 6), ("validation", 4), ("test", 2)
    ]  # fmt: skip
    assert found.final is not None
    assert (len(found.test.labels), len(found.final.labels), found.identity.final_images) == (4, 2, 2)
    assert description.selection == "validation"
    changed = arrays["test_images"].copy()
    changed[-1, -1, -1] ^= 1
    np.savez(path, **arrays | {"test_images": changed}, **labels)  # type: ignore[arg-type]
    other = read(path, (colour[0] if colour else 1, 6, 5))[0].identity
    assert other.sha256 == found.identity.sha256
    assert "" != other.final_sha256 != found.identity.final_sha256 != ""
    np.savez(path, **arrays, **labels)  # type: ignore[arg-type]
    tested = load_test(str(path), found.train.images.shape[1:], (), _unwatched, _untold)
    assert torch.equal(tested.split.images, found.final.images)


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"train_images": np.zeros((4, 5, 5, 5, 1), np.uint8), "train_labels": np.arange(4)}, "no volumes"),
        ({"train_images": np.zeros((4, 5, 5), np.float32), "train_labels": np.arange(4)}, "pictures of float32"),
        ({"train_images": np.zeros((4, 5, 5), np.uint8), "train_labels": np.zeros((4, 14))}, "14 labels"),
        ({"train_images": np.zeros((4, 5, 5), np.uint8), "train_labels": np.arange(3)}, "4 training pictures and 3"),
        ({"train_images": np.zeros((4, 5, 5), np.uint8), "train_labels": np.ones(4, int)}, "holds one class"),
        ({"weights": np.zeros(3)}, "holds weights; train_images and train_labels"),
    ],
)
def test_arrays_of_something_else_are_refused(tmp_path: Path, arrays: dict[str, NDArray[np.uint8]], says: str) -> None:
    np.savez(tmp_path / "a.npz", **arrays)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=says):
        load(str(tmp_path / "a.npz"), GREY)


@pytest.mark.parametrize("kept", [0, 3, 4, 7, 40])
def test_damaged_arrays_are_refused_in_a_sentence(tmp_path: Path, kept: int) -> None:
    write_idx(tmp_path, "train-{what}.idx{digit}-ubyte", pictures(6, 6, 5), [0, 1] * 3)
    whole = (tmp_path / "train-images.idx3-ubyte").read_bytes()
    (tmp_path / "train-images.idx3-ubyte").write_bytes(whole[:kept])
    with pytest.raises(InputError, match=r"train-images\.idx3-ubyte"):
        load(str(tmp_path), GREY)
    (tmp_path / "b.npz").write_bytes(b"PK\x03\x04 no more")
    with pytest.raises(InputError, match=r"b\.npz cannot be read"):
        load(str(tmp_path / "b.npz"), GREY)


# ---- archives


def png(value: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (5, 6), value).save(out, "PNG")
    return out.getvalue()


FILES = {
    **{f"pets/train/{name}/{n}.png": png(base + n) for name, base in (("cat", 0), ("dog", 100)) for n in range(4)},
    **{f"pets/test/{name}/{n}.png": png(base + n) for name, base in (("cat", 50), ("dog", 150)) for n in range(2)},
    "__MACOSX/pets/train/cat/._0.png": b"resource fork",
    "pets/train/.DS_Store": b"",
    "pets/setup.sh": b"rm -rf /",
}


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def taped(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


@pytest.mark.parametrize(("pack", "name"), [(zipped, "pets.zip"), (taped, "pets.tar.gz"), (taped, "Pets.TGZ")])
def test_an_archive_is_unpacked_once_after_saying_so_and_read_as_its_folder(
    tmp_path: Path, pack: Callable[[Path, dict[str, bytes]], Path], name: str
) -> None:
    path = pack(tmp_path / name, FILES)
    told: list[str | DataDescription] = []
    found = load(str(path), GREY, tell=told.append)
    assert isinstance(told[0], str)
    assert str(unpacked_folder(path).parent) in told[0]
    assert found.train.images[:, 0, 0, 0].tolist() == [0, 1, 2, 3, 100, 101, 102, 103]
    assert found.test.images[:, 0, 0, 0].tolist() == [50, 51, 150, 151]
    assert found.identity.description is not None
    assert found.identity.description.name == name
    inside = sorted(each.name for each in unpacked_folder(path).rglob("*") if each.is_file())
    assert set(inside) == {f"{n}.png" for n in range(4)}, "pictures and nothing else"
    again: list[str | DataDescription] = []
    assert load(str(path), GREY, tell=again.append).identity == found.identity
    assert len(again) == 1, "it is unpacked already"


def test_what_killed_processes_have_unpacked_is_removed_and_what_living_ones_and_other_computers_do_stays(
    tmp_path: Path,
) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    path, host = zipped(tmp_path / "pets.zip", FILES), platform.node()
    left = unpacked_folder(path).parent
    names = {who: f"{left.name}.part-{who}" for who in (f"{host}-{dead.pid}", f"{host}-{os.getppid()}", "other-node-7")}
    other = f"0123456789abcdef.part-{host}-{dead.pid}"
    for name in (*names.values(), other):
        (left.parent / name).mkdir(parents=True)
        (left.parent / name / "0.png").write_bytes(png(0))
    load(str(path), GREY)
    there = {each.name for each in left.parent.iterdir()}
    assert there == {left.name, names[f"{host}-{os.getppid()}"], names["other-node-7"]}


@pytest.mark.parametrize("name", ["../out.png", "/out.png", "a/../../out.png", "..\\out.png", "C:\\out.png"])
@pytest.mark.parametrize(("pack", "ending"), [(zipped, ".zip"), (taped, ".tar.gz")])
def test_an_archive_that_would_write_elsewhere_is_refused_and_leaves_nothing(
    tmp_path: Path, name: str, pack: Callable[[Path, dict[str, bytes]], Path], ending: str
) -> None:
    path = pack(tmp_path / f"bad{ending}", {"cat/0.png": png(1), name: png(2)})
    with pytest.raises(InputError, match="wants to write outside"):
        load(str(path), GREY)
    assert not list((data_folder() / "datasets").rglob("*.png"))


def test_an_archive_that_unpacks_to_far_more_than_it_is_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resnet_gui.data.archives.ALLOWANCE", 1000)
    path = zipped(tmp_path / "bomb.zip", {"cat/0.png": bytes(4_000_000)})
    with pytest.raises(InputError, match="would unpack to more than"):
        load(str(path), GREY)


def test_links_in_a_tape_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(png(9))
    with tarfile.open(tmp_path / "set.tar", "w") as archive:
        info = tarfile.TarInfo("cat/0.png")
        info.type, info.linkname = tarfile.SYMTYPE, str(tmp_path / "secret.png")
        archive.addfile(info)
    with pytest.raises(InputError, match="holds no pictures"):
        load(str(tmp_path / "set.tar"), GREY)


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz", "a.tar.xz"])
def test_a_damaged_archive_is_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x1f\x8b\x08 no archive at all")
    with pytest.raises(InputError, match="is damaged and cannot be unpacked"):
        load(str(tmp_path / name), GREY)


def test_an_archive_of_archives_is_named(tmp_path: Path) -> None:
    path = zipped(tmp_path / "kaggle.zip", {"train.zip": b"PK", "sampleSubmission.csv": b"id,label\n"})
    with pytest.raises(InputError, match=r"an archive in it \(train\.zip\)"):
        load(str(path), GREY)
