"""Weights that are fetched by name: progress, broken off and gone on with, checked by SHA-256, used by their name."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from resnet_gui.base.errors import InputError
from resnet_gui.cli.main import main
from resnet_gui.data.weights_catalogue import WEIGHTS, published_file, weights_folder
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.engine.data import download
from resnet_gui.engine.data.torchvision_sets import Archive
from resnet_gui.engine.predict.models import ModelCache, weights_file
from resnet_gui.network.resnet import ResNet
from resnet_gui.runs.lock import writing
from tests.engine.data.local_server import Site

NAME = "resnet18-v1"
FILE = WEIGHTS[NAME].file


@pytest.fixture
def content(site: Site, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A small weights file that the site has under the published name; the addresses and digits are this file's."""
    buffer = io.BytesIO()
    torch.save(ResNet(plan(PRESETS["resnet20"].spec)).state_dict(), buffer)
    made = buffer.getvalue()
    site.files[FILE] = made
    archive = Archive(FILE, "", (site.address + FILE,), hashlib.sha256(made).hexdigest()[:8])
    monkeypatch.setattr(download, "weights_archive", {NAME: archive}.__getitem__)
    monkeypatch.setattr(download, "CHUNK", 1000)
    return made


def quiet(_done: int, _total: int) -> None:
    return


def files_below(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.name != "lock"}


def test_weights_arrive_with_progress_are_usable_by_their_name_and_are_not_fetched_twice(
    site: Site, content: bytes
) -> None:
    with pytest.raises(InputError, match="'resnet-gui download resnet18-v1' fetches them"):
        weights_file(NAME)
    told: list[tuple[int, int]] = []
    path = download.download(NAME, lambda done, total: told.append((done, total)))
    done = [each for each, _ in told]
    total = round(44.661 * 2**20)
    assert (done == sorted(done), done[0] <= 1000, done[-2:]) == (True, True, [len(content), total])
    assert {each for _, each in told} == {total}
    assert path == published_file(NAME) == weights_file(NAME)
    assert path.read_bytes() == content
    assert files_below(weights_folder()) == {FILE: len(content)}
    assert ModelCache().get(NAME)[1].spec == PRESETS["resnet20"].spec
    assert download.download(NAME, quiet) == path
    assert site.asked == [(FILE, "")]


@pytest.mark.parametrize("ranges", [True, False])
def test_a_download_of_weights_that_was_cancelled_or_cut_keeps_its_part_and_goes_on(
    site: Site, content: bytes, ranges: bool
) -> None:
    site.ranges = ranges

    def stop(done: int, _total: int) -> None:
        if done >= 3000:
            raise InputError("Stopped.")

    with pytest.raises(InputError, match=r"Stopped\."):
        download.download(NAME, stop)
    kept = files_below(weights_folder())[f"{FILE}.incomplete"]
    assert 0 < kept < len(content)
    with pytest.raises(InputError, match="are not on this computer"):
        weights_file(NAME)
    site.cut = 2000
    with pytest.raises(InputError, match=r"could not be fetched .*the connection was cut.*What has arrived is kept"):
        download.download(NAME, quiet)
    later = files_below(weights_folder())[f"{FILE}.incomplete"]
    assert later == (kept + 2000 if ranges else 2000)
    site.cut = 0
    assert download.download(NAME, quiet).read_bytes() == content
    assert [wanted for _, wanted in site.asked] == ["", f"bytes={kept}-", f"bytes={later}-"]
    assert files_below(weights_folder()) == {FILE: len(content)}


def test_weights_of_another_sha256_are_refused_and_removed_and_the_next_attempt_is_fresh(
    site: Site, content: bytes
) -> None:
    site.files[FILE] = content[:-1] + b"\1"
    with pytest.raises(InputError, match=r"is not the published file \(its SHA-256 differs\); try again"):
        download.download(NAME, quiet)
    assert files_below(weights_folder()) == {}
    site.files[FILE] = content
    assert download.download(NAME, quiet).read_bytes() == content
    assert [wanted for _, wanted in site.asked] == ["", ""]


def test_a_damaged_file_in_the_place_of_weights_is_replaced(content: bytes) -> None:
    published_file(NAME).parent.mkdir(parents=True)
    published_file(NAME).write_bytes(content[:5000])
    assert download.download(NAME, quiet).read_bytes() == content


@pytest.mark.usefixtures("content")
def test_weights_that_cannot_be_fetched_are_refused_with_a_reason(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.files.clear()
    with pytest.raises(InputError, match=rf"{FILE} could not be fetched \(Not Found\)"):
        download.download(NAME, quiet)
    parts = weights_folder() / f"{NAME}.part"
    assert not parts.exists(), "nothing had arrived, so nothing is left"
    parts.mkdir()
    with writing(parts), pytest.raises(InputError, match="resnet18-v1 is being fetched by another process already"):
        download.download(NAME, quiet)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=1000))
    asked = len(site.asked)
    with pytest.raises(InputError, match="The weights need 45 MB of free disk"):
        download.download(NAME, quiet)
    assert len(site.asked) == asked


def test_the_command_line_fetches_weights_and_names_those_that_there_are(
    content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["download", NAME, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"name": NAME, "folder": str(published_file(NAME))}
    assert published_file(NAME).read_bytes() == content
    assert main(["download", "resnet19-v1"]) == 2
    complaint = capsys.readouterr().err
    for name in WEIGHTS:
        assert name in complaint
