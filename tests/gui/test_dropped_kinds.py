"""Addresses of files, as desktops write them where something is dropped."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl

from resnet_gui.gui.common.dropped_kinds import local_path


@pytest.mark.parametrize("host", ["", "localhost", "the-pc", "THE-PC"])
@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_an_address_with_this_computers_name_is_a_file_of_it(
    host: str, system: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "node", lambda: "The-PC")
    monkeypatch.setattr("sys.platform", system)
    assert local_path(QUrl(f"file://{host}/home/anna/a%20cat%23.png")) == Path("/home/anna/a cat#.png")


def test_a_share_of_a_network_is_a_file_on_windows_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    url = QUrl("file://server/pictures/cat.png")
    assert local_path(url) is None
    monkeypatch.setattr("sys.platform", "win32")
    assert local_path(url) == Path("//server/pictures/cat.png")


@pytest.mark.parametrize("address", ["https://localhost/cat.png", "ftp://x/cat.png", "cat.png", ""])
def test_other_addresses_name_no_file(address: str) -> None:
    assert local_path(QUrl(address)) is None
