"""Data sets that are fetched, kept decoded or streamed; and what is read of a training behind it."""

from __future__ import annotations

import gzip
import hashlib
import io
import pickle
import shutil
import socket
import struct
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torchvision import datasets as published

from resnet_gui.base.errors import InputError
from resnet_gui.data.datasets import datasets_folder, is_here, known_folder
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.engine.data import datasets, decoded_cache, download, torchvision_sets
from resnet_gui.engine.data.datasets import DataSet, load
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.run import train
from resnet_gui.protocol.jobs import Resume, Train
from resnet_gui.runs.events import RunEnded, RunEvent, Skipped, StepDone
from resnet_gui.runs.history import replay
from resnet_gui.training.recipe import Recipe
from tests.engine.data.local_server import Site
from tests.engine.train.test_kills import same

GREY, COLOUR = (1, 28, 28), (3, 32, 32)
SPEC = ResNetSpec(block="basic", blocks=(1,), widths=(8,), shortcut="A", stem="cifar", classes=2, input=(1, 8, 8))


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def tar_of(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture
def cifar(site: Site, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A CIFAR-10 of a few pictures, on the site; its archive also holds what would write elsewhere."""
    generator, base = np.random.default_rng(1), published.CIFAR10.base_folder
    files: dict[str, bytes] = {}
    pictures: dict[str, Any] = {}
    for name, _ in (*published.CIFAR10.train_list, *published.CIFAR10.test_list):
        rows, labels = generator.integers(0, 256, (4, 3072), dtype=np.uint8), generator.integers(0, 10, 4).tolist()
        files[name], pictures[name] = pickle.dumps({"data": rows, "labels": labels}), (rows, labels)
    meta = str(published.CIFAR10.meta["filename"])
    files[meta] = pickle.dumps({"label_names": [f"class {number}" for number in range(10)]})
    evil = {"../evil": b"1", "/tmp/resnet-evil": b"2", f"{base}/../../evil": b"3", f"{base}/more": b"4"}  # noqa: S108
    archive = tar_of({f"{base}/{name}": content for name, content in files.items()} | evil)
    changes = {
        "train_list": [[name, md5(files[name])] for name, _ in published.CIFAR10.train_list],
        "test_list": [[name, md5(files[name])] for name, _ in published.CIFAR10.test_list],
        "meta": published.CIFAR10.meta | {"md5": md5(files[meta])},
        "tgz_md5": md5(archive),
        "url": site.address + published.CIFAR10.filename,
    }
    monkeypatch.setitem(torchvision_sets.READERS, "cifar10", type("CIFAR10", (published.CIFAR10,), changes))
    monkeypatch.setattr(download, "CHUNK", 1000)
    site.files[published.CIFAR10.filename] = archive
    return pictures


@pytest.fixture
def mnist(site: Site, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """An MNIST of ten and five pictures, on the site's second mirror; its files by name, packed."""
    generator = np.random.default_rng(2)
    files: dict[str, bytes] = {}
    for split, count in (("train", 10), ("t10k", 5)):
        head = struct.pack(">4B3i", 0, 0, 8, 3, count, 28, 28)
        files[f"{split}-images-idx3-ubyte.gz"] = (
            head + generator.integers(0, 256, count * 784, dtype=np.uint8).tobytes()
        )
        labels = (np.arange(count) % 10).astype(np.uint8)
        files[f"{split}-labels-idx1-ubyte.gz"] = struct.pack(">4Bi", 0, 0, 8, 1, count) + labels.tobytes()
    packed = {name: gzip.compress(content, mtime=0) for name, content in files.items()}
    resources = [(name, md5(packed[name])) for name, _ in published.MNIST.resources]
    changes = {"resources": resources, "mirrors": [site.address + "dead/", site.address]}
    monkeypatch.setitem(torchvision_sets.READERS, "mnist", type("MNIST", (published.MNIST,), changes))
    site.files |= packed
    return packed


def quiet(_done: int, _total: int) -> None:
    return


# ---- fetching


def test_a_download_tells_how_far_it_is_and_is_read_as_it_was_published(
    site: Site, cifar: dict[str, Any], home: Path
) -> None:
    with pytest.raises(InputError, match=r"CIFAR-10 is not on this computer yet .*'resnet-gui download cifar10'"):
        load("cifar10", COLOUR)
    told: list[int] = []
    folder = download.download("cifar10", lambda done, _total: told.append(done))
    size = len(site.files[published.CIFAR10.filename])
    assert (told == sorted(told), told[0] <= 1000, told[-1] == size) == (True, True, True)
    assert (folder, is_here("cifar10")) == (known_folder("cifar10"), True)
    data = load("cifar10", COLOUR)
    rows = np.concatenate([cifar[name][0] for name, _ in published.CIFAR10.train_list])
    assert torch.equal(data.train.images, torch.from_numpy(rows.reshape(-1, *COLOUR)))
    assert data.identity.classes == tuple(f"class {number}" for number in range(10))
    # Nothing but the files of the set, wherever the archive's other members point.
    names = sorted(path.name for path in home.rglob("*") if path.is_file())
    assert names == sorted([*cifar, "batches.meta", "complete"])
    assert not Path("/tmp/resnet-evil").exists()  # noqa: S108
    assert list(home.parent.rglob("evil")) == []
    assert download.download("cifar10", quiet) == folder
    assert len(site.asked) == 1


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.usefixtures("cifar")
def test_a_download_that_was_broken_off_goes_on_where_it_was_or_anew(site: Site, ranges: bool) -> None:
    site.ranges = ranges

    def stop(done: int, _total: int) -> None:
        if done >= 3000:
            raise InputError("Stopped.")

    with pytest.raises(InputError, match=r"Stopped\."):
        download.download("cifar10", stop)
    kept = next(datasets_folder().rglob("*.incomplete")).stat().st_size
    assert 0 < kept < len(site.files[published.CIFAR10.filename])
    site.cut = 2000
    with pytest.raises(InputError, match=r"could not be fetched .*the connection was cut.*put the file into a folder"):
        download.download("cifar10", quiet)
    later = next(datasets_folder().rglob("*.incomplete")).stat().st_size
    assert later == (kept + 2000 if ranges else 2000)
    site.cut = 0
    download.download("cifar10", quiet)
    assert [wanted for _, wanted in site.asked] == ["", f"bytes={kept}-", f"bytes={later}-"]
    assert list(datasets_folder().glob("*.part")) == []


@pytest.mark.usefixtures("cifar")
def test_what_is_not_the_published_file_is_refused_and_removed_and_the_next_attempt_is_fresh(site: Site) -> None:
    good = site.files[published.CIFAR10.filename]
    site.files[published.CIFAR10.filename] = good[:-1] + b"\1"
    with pytest.raises(InputError, match=r"is not the published file \(its MD5 differs\); try again"):
        download.download("cifar10", quiet)
    assert [path for path in datasets_folder().rglob("*") if path.is_file() and path.name != "lock"] == []
    # All had arrived when it was broken off: the server has nothing to add.
    part = datasets_folder() / "cifar10.part" / f"{published.CIFAR10.filename}.incomplete"
    part.write_bytes(good)
    assert is_here("cifar10") or download.download("cifar10", quiet).is_dir()


@pytest.mark.usefixtures("cifar")
def test_what_cannot_be_fetched_is_said_in_a_sentence_that_says_how_to_do_without(site: Site) -> None:
    site.files.clear()
    with pytest.raises(
        InputError, match=r"could not be fetched \(Not Found\)\. .* put the file into a folder yourself"
    ):
        download.download("cifar10", quiet)
    site.server.shutdown()
    site.server.server_close()
    with pytest.raises(InputError, match=r"could not be fetched \(.*refused.*\)\. .* put the file into a folder"):
        download.download("cifar10", quiet)


@pytest.mark.usefixtures("cifar")
def test_too_little_room_is_said_before_anything_is_fetched(site: Site) -> None:
    with pytest.raises(InputError, match=r"CIFAR-10 needs 3,000,000,000 MB of free disk until it is unpacked\."):
        download.fetch("cifar10", torchvision_sets.archives("cifar10"), quiet, 10**15)
    assert site.asked == []


@pytest.mark.parametrize("where", ["second mirror", "packed", "torchvision", "inside torchvision", "plain"])
def test_a_folder_with_the_files_of_mnist_is_read_however_they_lie(
    tmp_path: Path, mnist: dict[str, bytes], where: str
) -> None:
    folder = tmp_path / "mine"
    place = folder / "MNIST" / "raw" if "torchvision" in where else folder
    place.mkdir(parents=True)
    for name, content in mnist.items():
        packed = where == "packed"
        (place / (name if packed else name[:-3])).write_bytes(content if packed else gzip.decompress(content))
    if where == "second mirror":
        folder = download.download("mnist", quiet)
    data = load(str(folder / "MNIST" if where == "inside torchvision" else folder), GREY)
    assert data.train.labels.tolist() == list(range(10))
    assert data.test.images.numpy().tobytes() == gzip.decompress(mnist["t10k-images-idx3-ubyte.gz"])[16:]


# ---- kept decoded


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every picture file that is decoded; folders of any size are worth keeping."""
    seen: list[Path] = []
    real = vars(datasets)["read_pixels"]

    def read(path: Path, *how: Any) -> Any:
        seen.append(path)
        return real(path, *how)

    monkeypatch.setattr(datasets, "read_pixels", read)
    monkeypatch.setattr(decoded_cache, "WORTH", 1)
    return seen


def content(data: DataSet) -> tuple[object, ...]:
    parts = [(part.images.numpy().tobytes(), part.labels.tolist(), part.files) for part in (data.train, data.test)]
    return (*parts, data.identity, data.skipped)


def test_a_folder_is_decoded_once_and_again_when_a_file_changes_or_what_is_kept_is_damaged(
    picture_folder: Path, counted: list[Path]
) -> None:
    (picture_folder / "dark" / "03.png").write_bytes(b"no picture")
    first = content(load(str(picture_folder), (1, 8, 8)))
    assert len(counted) == 40
    assert content(load(str(picture_folder), (1, 8, 8))) == first
    assert len(counted) == 40
    load(str(picture_folder), (1, 4, 4))
    assert len(counted) == 80
    for kept in decoded_cache.cache_folder().glob("*.npz"):
        whole = kept.read_bytes()
        kept.write_bytes(whole[: len(whole) // 2])
    assert content(load(str(picture_folder), (1, 8, 8))) == first
    assert len(counted) == 120
    for kept in decoded_cache.cache_folder().glob("*-1x8x8.npz"):
        whole = kept.read_bytes()
        kept.write_bytes(whole[:600] + bytes([whole[600] ^ 1]) + whole[601:])
    assert content(load(str(picture_folder), (1, 8, 8))) == first
    shutil.copy(picture_folder / "dark" / "04.png", picture_folder / "dark" / "05.png")
    assert content(load(str(picture_folder), (1, 8, 8))) != first


# ---- streamed


def run_on(
    folder: Path, pictures: Path, stop_at: int = 0, told: Callable[[RunEvent], None] = lambda _event: None
) -> RunEnded:
    control = Control()

    def react(event: RunEvent) -> None:
        told(event)
        if isinstance(event, StepDone) and event.step == stop_at:
            control.stop()

    recipe = Recipe(data=str(pictures), epochs=2, batch_size=8, lr=0.02, augment="shift-flip")
    job = Resume(1, str(folder)) if folder.exists() else Train(1, str(folder), "x", SPEC, recipe, "cpu")
    return train(job, react, control)


def test_a_streamed_folder_trains_as_one_in_memory(
    picture_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_on(tmp_path / "memory", picture_folder).status == "finished"
    monkeypatch.setattr(datasets, "MAX_BYTES", 100)
    assert load(str(picture_folder), (1, 8, 8)).train.streamed
    assert run_on(tmp_path / "streamed", picture_folder, stop_at=6).status == "stopped"
    assert run_on(tmp_path / "streamed", picture_folder).status == "finished"
    same(tmp_path / "streamed", tmp_path / "memory")


def test_pictures_of_a_streamed_folder_that_cannot_be_read_are_told_once_and_do_no_harm(
    picture_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "MAX_BYTES", 100)
    bad = [*sorted((picture_folder / "dark").iterdir())[3:12], picture_folder / "light" / "14.png"]
    for path in bad:
        path.write_bytes(b"\x89PNG no picture")
    events: list[RunEvent] = []
    assert run_on(tmp_path / "whole", picture_folder, told=events.append).status == "finished"
    skipped = [event.sentence for event in events if isinstance(event, Skipped)]
    assert len(skipped) == len(bad)
    assert all(any(str(path) in sentence for sentence in skipped) for path in bad)
    assert run_on(tmp_path / "run", picture_folder, stop_at=5).status == "stopped"
    assert run_on(tmp_path / "run", picture_folder).status == "finished"
    same(tmp_path / "run", tmp_path / "whole")
    # 16 test pictures less 3 that cannot be read: the error is over those that can.
    error = replay(tmp_path / "run").epochs[-1].test_error
    assert error * 5 == pytest.approx(round(error * 5))
    assert sorted(replay(tmp_path / "run").skipped) == sorted(skipped), "a resume finds them again; they are as many"


# ---- and what is read of a training behind it


def test_tensorboard_reads_what_was_exported(
    trained_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A real name may be of two letters, which stand in any large file by chance.
    host = "the-computer-of-anna"
    monkeypatch.setattr(socket, "gethostname", lambda: host)
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    from resnet_gui.engine.export.tensorboard import TAGS, write_tensorboard

    (place,) = write_tensorboard([str(trained_run)], tmp_path / "boards")
    (file,) = place.iterdir()
    assert host not in file.name
    assert host.encode() not in file.read_bytes()
    reader = accumulator.EventAccumulator(str(place), size_guidance={"scalars": 0})
    reader.Reload()
    state = replay(trained_run)
    assert sorted(reader.Tags()["scalars"]) == sorted(TAGS.values())
    for name, tag in TAGS.items():
        points = reader.Scalars(tag)
        assert [point.step for point in points] == list(map(int, state.curves[name].x))
        assert [point.value for point in points] == pytest.approx(list(state.curves[name].y), rel=1e-6)
    with pytest.raises(InputError, match="exists already; choose another place"):
        write_tensorboard([str(trained_run)], tmp_path / "boards")
