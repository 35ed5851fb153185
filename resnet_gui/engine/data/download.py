"""Fetching data sets and weights: asked for, with progress, checked, broken off and gone on with at any moment.

By hand, because pooch and the downloads of torch and torchvision begin a broken file anew, which for hundreds of
megabytes on a slow line may mean never to arrive.
"""

from __future__ import annotations

import http.client
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

from resnet_gui.base.errors import InputError
from resnet_gui.data.datasets import DIGITS, KNOWN, datasets_folder, is_here, known_folder
from resnet_gui.data.weights_catalogue import WEIGHTS, published_file
from resnet_gui.engine.data.torchvision_sets import Archive, archives, install
from resnet_gui.runs.lock import LOCK_FILE, writing

CHUNK: Final = 1 << 17
TIMEOUT: Final = 30.0
UNPACKED: Final = 3
"""Times its size that a download needs on disk until it is unpacked."""

ReportBytes = Callable[[int, int], None]
"""Bytes that have arrived, and bytes in all."""


def download(name: str, report: ReportBytes) -> Path:
    """Fetch a known data set or weights into the program's own folder; what is there already is not fetched again.

    Raises:
        InputError: there is no such thing, no network, no room, or what arrives is not the published file.
    """
    if name in WEIGHTS:
        return fetch_weights(name, weights_archive(name), report)
    if name not in KNOWN or name == DIGITS:
        names = ", ".join(known for known in KNOWN if known != DIGITS)
        raise InputError(
            f"There is no data set '{name}' to download; choose one of {names}, or weights: {', '.join(WEIGHTS)}."
        )
    if is_here(name):
        return known_folder(name)
    total = round(KNOWN[name].megabytes * 1e6)
    return fetch(name, archives(name), report, total)


def fetch(name: str, files: tuple[Archive, ...], report: ReportBytes, total: int) -> Path:
    """Fetch archives and unpack them.

    Raises:
        InputError: as for ``download``.
    """
    parts = datasets_folder() / f"{name}.part"
    try:
        parts.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(parts).free < UNPACKED * total:
            raise InputError(
                f"{KNOWN[name].title} needs {UNPACKED * total / 1e6:,.0f} MB of free disk until it is unpacked."
            )
        with ExitStack() as alone:
            try:
                # Nobody else may append to the same files.
                alone.enter_context(writing(parts))
            except InputError as error:
                raise InputError(f"{KNOWN[name].title} is being fetched by another process already.") from error
            done = 0
            for archive in files:
                done += _fetch_file(archive, parts / archive.name, partial(_add, report, done, total))
            folder = install(name, parts)
        shutil.rmtree(parts, ignore_errors=True)
    except OSError as error:
        raise InputError(f"The download stopped: {error.strerror or error}; start it again to go on.") from error
    return folder


def weights_archive(name: str) -> Archive:
    """The file of torchvision's weights with the address that torchvision gives for it."""
    from torchvision.models import get_model_weights

    published = WEIGHTS[name]
    address = str(get_model_weights(published.function)[published.version].url)
    return Archive(published.file, "", (address,), published.digits)


def fetch_weights(name: str, archive: Archive, report: ReportBytes) -> Path:
    """Fetch weights into the program's own folder; returns the file.

    Raises:
        InputError: as for ``download``.
    """
    path, total = published_file(name), round(WEIGHTS[name].megabytes * 2**20)
    parts = path.parent / f"{name}.part"
    try:
        if path.is_file() and archive.matches(path):
            return path
        parts.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(parts).free < total:
            raise InputError(f"The weights need {total / 2**20:,.0f} MB of free disk.")
        with ExitStack() as alone:
            alone.callback(_tidy, parts)
            try:
                alone.enter_context(writing(parts))
            except InputError as error:
                raise InputError(f"{name} is being fetched by another process already.") from error
            # The size that torchvision lists is rounded.
            _fetch_file(archive, parts / archive.name, lambda here: report(min(here, total), total))
            report(total, total)
            (parts / archive.name).replace(path)
        shutil.rmtree(parts, ignore_errors=True)
    except OSError as error:
        raise InputError(f"The download stopped: {error.strerror or error}; start it again to go on.") from error
    return path


def _tidy(parts: Path) -> None:
    """Leave no folder behind in which nothing has arrived."""
    if not any(path.name != LOCK_FILE for path in parts.iterdir()):
        shutil.rmtree(parts, ignore_errors=True)


def _add(report: ReportBytes, before: int, total: int, here: int) -> None:
    report(before + here, total)


def _fetch_file(archive: Archive, path: Path, report: Callable[[int], None]) -> int:
    """Fetch one file from the first address that has it; returns its size."""
    if not (path.is_file() and archive.matches(path)):
        problems: list[str] = []
        for address in archive.addresses:
            try:
                _pull(address, path.with_name(path.name + ".incomplete"), report)
                break
            except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
                reason = getattr(error, "reason", error)
                problems.append(str(getattr(reason, "strerror", None) or reason))
        else:
            raise InputError(
                f"{archive.name} could not be fetched ({problems[-1]}). {archive.otherwise} What has arrived is kept; "
                "start the download again to go on."
            )
        arrived = path.with_name(path.name + ".incomplete")
        if not archive.matches(arrived):
            arrived.unlink()
            raise InputError(
                f"What arrived as {archive.name} is not the published file (its {archive.checked_by} differs); try "
                "again."
            )
        arrived.replace(path)
    size = path.stat().st_size
    report(size)
    return size


def _pull(address: str, path: Path, report: Callable[[int], None]) -> None:
    """Append what is missing of a file; a server that cannot go on from the middle sends it anew."""
    have = path.stat().st_size if path.is_file() else 0
    headers = {"User-Agent": "resnet-gui"} | ({"Range": f"bytes={have}-"} if have else {})
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 (an address of torchvision's own)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            goes_on = answer.status == http.HTTPStatus.PARTIAL_CONTENT
            expected = int(answer.headers.get("Content-Length") or 0)
            arrived = have if goes_on else 0
            with path.open("ab" if goes_on else "wb") as file:
                begun = arrived
                while chunk := answer.read(CHUNK):
                    file.write(chunk)
                    arrived += len(chunk)
                    report(arrived)
            if expected and arrived - begun < expected:
                raise ConnectionError("the connection was cut")
    except urllib.error.HTTPError as error:
        if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
        # All of it had arrived before; the checksum decides.
