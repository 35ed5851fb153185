"""What a dropped file is: a design, weights or a run, or a picture. ``gui.shell.drops`` says what becomes of it."""

from __future__ import annotations

import platform
import sys
from itertools import islice
from pathlib import Path

from PySide6.QtCore import QMimeData, QMimeDatabase, QUrl

from resnet_gui.data.file_kinds import WEIGHT_SUFFIXES
from resnet_gui.runs.folder import RUN_FILE


def is_openable(path: Path) -> bool:
    """Whether something dropped is a design, a weights file or a run folder rather than a picture."""
    if path.is_dir():
        return (path / RUN_FILE).is_file()
    return path.suffix.lower() in {".json", *WEIGHT_SUFFIXES}


def is_card(path: Path) -> bool:
    """Whether it is a teacher's card of the Lab, or a report in which one lies."""
    # Here and not above: the welcome page does without the experiments and without what reads archives.
    from resnet_gui.lab.card import CARD_SUFFIX

    return path.name.casefold().endswith((CARD_SUFFIX, ".html", ".htm"))


def is_network(path: Path) -> bool:
    """Whether it holds weights: a weights file or a run folder."""
    return is_openable(path) and path.suffix.lower() != ".json"


def local_files(mime: QMimeData) -> list[Path]:
    """Files and folders of this computer among what was dropped; addresses and shares of others are none."""
    return [path for path in map(local_path, mime.urls()) if path is not None]


def local_path(url: QUrl) -> Path | None:
    """The file of this computer that an address names; None where it names none.

    Desktops may name the computer in it (``file://host/home/anna/cat.png``). A share of a network has a path on Windows
    alone.
    """
    if not url.isLocalFile():
        return None
    here = {"", "localhost", platform.node().casefold()}
    if url.host().casefold() in here:
        url = QUrl(url)
        url.setHost("")
        return Path(url.toLocalFile())
    return Path(url.toLocalFile()) if sys.platform == "win32" else None


def may_be_picture(path: Path) -> bool:
    """Whether something dropped is for the Predict page: a picture, or a folder with one or with folders in it."""
    kinds = QMimeDatabase()
    try:
        inside = islice(path.iterdir(), 1000) if path.is_dir() else (path,)
        return any(one.is_dir() or kinds.mimeTypeForFile(str(one)).name().startswith("image/") for one in inside)
    except OSError:
        return False


def holds_classes(path: Path) -> bool:
    """Whether something dropped is pictures to learn from: a folder of folders that is no run, or a file of arrays."""
    # Here and not above: the welcome page does without the experiments and without what reads archives.
    from resnet_gui.data.archives import is_archive
    from resnet_gui.data.layouts.array_names import is_array_file

    if is_openable(path):
        return False
    if not path.is_dir():
        return is_array_file(path.name) or is_archive(path)
    try:
        return sum(one.is_dir() for one in islice(path.iterdir(), 1000)) > 1
    except OSError:
        return False
