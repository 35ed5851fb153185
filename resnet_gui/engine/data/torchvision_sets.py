"""The data sets of torchvision: read from a folder, and put there from their archives, checked by MD5.

torchvision reads them; fetching and unpacking are ours, because its ``download=True`` tells its progress to a terminal
alone, and can neither be cancelled nor resumed.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
import tarfile
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from torchvision import datasets

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import AtomicPath
from resnet_gui.data.datasets import KNOWN, known_folder

READERS: Final[dict[str, Any]] = {
    "mnist": datasets.MNIST,
    "fashion-mnist": datasets.FashionMNIST,
    "cifar10": datasets.CIFAR10,
    "cifar100": datasets.CIFAR100,
}
Part = tuple[NDArray[np.uint8], NDArray[np.int64]]


class Archive(msgspec.Struct, frozen=True):
    """A file to fetch: its name, MD5, and the addresses that torchvision gives for it.

    Weights have no MD5 but ``sha256``, the first digits of their SHA-256.
    """

    name: str
    md5: str
    addresses: tuple[str, ...]
    sha256: str = ""

    @property
    def otherwise(self) -> str:
        """How to do without this download."""
        if self.sha256:
            return "A copy of it can be opened, dropped on the Predict page, or named instead."
        return "You can also put the file into a folder yourself and choose that."

    @property
    def checked_by(self) -> str:
        """Name of the checksum."""
        return "SHA-256" if self.sha256 else "MD5"

    def matches(self, path: Path) -> bool:
        """Whether a file is the published one."""
        if self.sha256:
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest().startswith(self.sha256)
        return md5_of(path) == self.md5


def archives(name: str) -> tuple[Archive, ...]:
    """The files of a known data set."""
    reader = READERS[name]
    if "cifar" in name:
        return (Archive(reader.filename, reader.tgz_md5, (reader.url,)),)
    return tuple(
        Archive(file, md5, tuple(mirror + file for mirror in reader.mirrors)) for file, md5 in reader.resources
    )


def md5_of(path: Path) -> str:
    """MD5 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def is_published(name: str, folder: Path) -> bool:
    """Whether the packed or unpacked files of a known set in a folder are the published ones, by name.

    Packed ones are known by their MD5; unpacked ones, of which nobody has published one, by their sizes and by the
    first labels: sets that were made to replace MNIST have its sizes.
    """
    if "cifar" in name:
        return True
    for archive in archives(name):
        packed, plain = folder / archive.name, folder / Path(archive.name).stem
        if plain.is_file():
            if plain.stat().st_size != _idx_size(archive.name) or not _begins(name, plain):
                return False
        elif packed.is_file() and md5_of(packed) != archive.md5:
            return False
    return True


def _idx_size(name: str) -> int:
    """Bytes of a published file of MNIST or Fashion-MNIST, unpacked: a head and its values."""
    count = 60_000 if name.startswith("train") else 10_000
    return 16 + count * 28 * 28 if "images" in name else 8 + count


FIRST_LABELS: Final = {
    ("mnist", "train"): b"\5\0\4\1\t\2\1\3\1\4", ("mnist", "t10k"): b"\7\2\1\0\4\1\4\t\5\t",
    ("fashion-mnist", "train"): b"\t\0\0\3\0\2\7\2\5\5", ("fashion-mnist", "t10k"): b"\t\2\1\1\6\1\4\6\5\7",
}  # fmt: skip
"""The first ten labels of the published sets."""


def _begins(name: str, path: Path) -> bool:
    """Whether a file of labels begins as the published one."""
    if "labels" not in path.name:
        return True
    with path.open("rb") as file:
        return file.read(18)[8:] == FIRST_LABELS[name, path.name.partition("-")[0]]


def install(name: str, source: Path, target: Path | None = None) -> Path:
    """Unpack a data set's archives into the program's own folder; returns where it lies.

    Args:
        name: of the data set.
        source: folder with the archives.
        target: where to; the program's own folder for it if not named.

    Raises:
        InputError: an archive is missing or is not the published one.
        OSError: the disk is full.
    """
    folder = target or known_folder(name)
    for archive in archives(name):
        path = source / archive.name
        if not path.is_file():
            raise InputError(f"{source} lacks {archive.name}, a part of {KNOWN[name].title}.")
        if md5_of(path) != archive.md5:
            raise InputError(
                f"{path} is not the published file of {KNOWN[name].title}: its MD5 is not {archive.md5}. Fetch it "
                "again."
            )
        _unpack(name, path, folder)
    (folder / "complete").touch()
    return folder


def _unpack(name: str, path: Path, folder: Path) -> None:
    reader = READERS[name]
    if "cifar" not in name:
        target = folder / reader.__name__ / "raw" / path.stem
        target.parent.mkdir(parents=True, exist_ok=True)
        with gzip.open(path) as packed, AtomicPath(target) as temporary, temporary.open("wb") as file:
            shutil.copyfileobj(packed, file)
        return
    wanted = {reader.meta["filename"], *(entry[0] for entry in (*reader.train_list, *reader.test_list))}
    (folder / reader.base_folder).mkdir(parents=True, exist_ok=True)
    with tarfile.open(path) as archive:
        # By name and not by extractall: whatever else an archive holds, or wherever it points, stays in it.
        for member in archive:
            short = Path(member.name).name
            if member.isfile() and short in wanted and (content := archive.extractfile(member)) is not None:
                with AtomicPath(folder / reader.base_folder / short) as temporary, temporary.open("wb") as file:
                    shutil.copyfileobj(content, file)


def _idx(folder: Path, split: str, title: str) -> Part:
    """Pictures and labels of a split of MNIST from its unpacked files."""
    try:
        images = datasets.mnist.read_image_file(str(folder / f"{split}-images-idx3-ubyte")).numpy()
        labels = datasets.mnist.read_label_file(str(folder / f"{split}-labels-idx1-ubyte")).numpy()
    except Exception as error:
        raise InputError(
            f"{folder} does not hold {title} whole: a file of it is missing or damaged. Fetch it again."
        ) from error
    return images, labels.astype(np.int64)


def read_known(name: str, folder: Path) -> tuple[tuple[str, ...], tuple[Part, Part]]:
    """Class names, and pictures (N, H, W) or (N, H, W, 3) with labels, for training and test.

    torchvision compares the MD5 of CIFAR's files before it unpickles them.

    Raises:
        InputError: the folder does not hold the data set, or a file is damaged.
    """
    reader = READERS[name]
    root = folder.parent if folder.name in {reader.__dict__.get("base_folder"), reader.__name__} else folder
    title = KNOWN[name].title
    if "cifar" not in name and (folder / "train-images-idx3-ubyte").is_file():
        return tuple(map(str, reader.classes)), (_idx(folder, "train", title), _idx(folder, "t10k", title))
    first, archive = archives(name)[0], root / archives(name)[0].name
    if archive.is_file() and not (root / (reader.base_folder if "cifar" in name else reader.__name__)).is_dir():
        root = install(name, root)
    try:
        found = [reader(str(root), train=train, download=False) for train in (True, False)]
    except Exception as error:
        raise InputError(
            f"{folder} does not hold {title} whole: torchvision finds its files missing or damaged. "
            f"Put {first.name} there as it is published, or download it anew."
        ) from error
    parts = tuple((np.asarray(part.data), np.asarray(part.targets, dtype=np.int64)) for part in found)
    return tuple(str(label) for label in found[0].classes), (parts[0], parts[1])
