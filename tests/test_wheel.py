"""The wheel holds everything: built, installed into an empty environment, and run from an empty folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from resnet_gui import __version__
from tests.conftest import ROOT


def clean_environment() -> dict[str, str]:
    """Without what points Python or mypy at this checkout."""
    return {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "MYPYPATH", "VIRTUAL_ENV"}}


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command without anything that points Python at this checkout."""
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=clean_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an environment with the wheel; the packages that it needs are found in this environment."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=ROOT)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    options = ["--no-deps", "--no-index", "--disable-pip-version-check", "-q"]
    run(sys.executable, "-m", "pip", "--python", python, "install", *options, wheel, cwd=ROOT)
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(run(python, "-c", code, cwd=folder).stdout.strip())
    assert (site / "resnet_gui" / "cli" / "main.py").is_file()
    # The .pth file adds a folder to the path; .pth files in that folder (the editable checkout) are not read.
    (site / "needs.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def scripts(folder: Path) -> Path:
    return folder / ("Scripts" if os.name == "nt" else "bin")


def test_the_wheel_is_pure_and_carries_the_assets_and_the_licence(wheel: Path) -> None:
    assert wheel.name == f"resnet_gui-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        inside = {name: archive.getinfo(name).file_size for name in archive.namelist()}
    expected = {
        f"resnet_gui/assets/{start}{path.relative_to(folder).as_posix()}": path.stat().st_size
        for folder, start in ((ROOT / "assets", ""), (ROOT / "docs" / "guide", "guide/"))
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert {name: inside.get(name) for name in expected} == expected
    for name in (
        "digits/digits.npz",
        "fonts/Inter-Regular.otf",
        "icons/play.svg",
        "samples/digit-0.png",
        "guide/index.md",
    ):
        assert f"resnet_gui/assets/{name}" in inside
    assert "resnet_gui/py.typed" in inside
    assert f"resnet_gui-{__version__}.dist-info/licenses/LICENSE" in inside
    tops = {name.split("/")[0] for name in inside}
    shared = f"resnet_gui-{__version__}.data"
    assert tops == {"resnet_gui", f"resnet_gui-{__version__}.dist-info", shared}, "no tests and no benchmarks"
    assert f"{shared}/data/share/applications/resnet-explorer.desktop" in inside
    assert f"{shared}/data/share/icons/hicolor/scalable/apps/resnet-explorer.svg" in inside


def test_the_wheel_carries_every_module(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if name.endswith(".py")}
    assert inside == {path.relative_to(ROOT).as_posix() for path in (ROOT / "resnet_gui").rglob("*.py")}


def test_the_desktop_finds_the_entry_and_its_icon_where_the_wheel_was_installed(installed: Path) -> None:
    entry = installed / "share/applications/resnet-explorer.desktop"
    icon = installed / "share/icons/hicolor/scalable/apps/resnet-explorer.svg"
    assert entry.read_bytes() == (ROOT / "assets" / entry.name).read_bytes()
    assert icon.read_bytes() == (ROOT / "assets" / icon.name).read_bytes()
    assert f"Icon={icon.stem}\n" in entry.read_text(encoding="utf-8")


USERS_SCRIPT = """
from typing import assert_type
from resnet_gui import build, identify, load_model, plan, preset, presets, summary
from resnet_gui.checkpoints.identify import Identification
from resnet_gui.design.spec import Design
from resnet_gui.design.structure import Plan
from resnet_gui.export.design_summary import DesignSummary
from resnet_gui.network.resnet import ResNet

assert_type(presets(), tuple[str, ...])
assert_type(preset("resnet50"), Design)
assert_type(plan("resnet50"), Plan)
assert_type(summary(preset("resnet50")), DesignSummary)
assert_type(summary("resnet50").macs, int)
assert_type(build("resnet50"), ResNet)
assert_type(identify("a.pth"), Identification)
assert_type(load_model("my-run", weights="last"), ResNet)
"""

WRONG = """
build(5)
load_model("my-run", weights="first")
plan("resnet50").stagse
from resnet_gui import biuld
"""


def test_a_type_checker_sees_the_types_of_the_installed_package_and_a_wrong_name(
    installed: Path, tmp_path: Path
) -> None:
    (tmp_path / "user.py").write_text(USERS_SCRIPT + WRONG)
    # Torch's own annotations take the time of all else together, and are not the claim.
    (tmp_path / "mypy.ini").write_text("[mypy]\n[mypy-torch.*]\nfollow_imports = skip\n")
    command = [sys.executable, "-m", "mypy", "--python-executable", str(scripts(installed) / "python"), "user.py"]
    done = subprocess.run(command, cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.stderr == ""
    *faults, _count = done.stdout.splitlines()
    first = USERS_SCRIPT.count("\n") + 2
    assert [(fault.split(":")[1], fault.rpartition("[")[2]) for fault in faults] == [
        (str(first), "arg-type]"),
        (str(first + 1), "arg-type]"),
        (str(first + 2), "attr-defined]"),
        (str(first + 3), "attr-defined]"),
    ]


def test_the_installed_command_summarises_a_design_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    done = run(scripts(installed) / "resnet-gui", "summary", "resnet34", "--json", cwd=tmp_path)
    summary = json.loads(done.stdout)
    assert (summary["name"], summary["params"], summary["macs"]) == ("resnet34", 21_797_672, 3_663_761_408)
    assert done.stderr == ""


WHERE = """
import json
import resnet_gui
from resnet_gui.engine.data.datasets import load
from resnet_gui.base.files import assets
data = load("digits", (1, 8, 8))
print(json.dumps([resnet_gui.__file__, str(assets()), data.identity.sha256]))
"""


def test_the_installed_package_and_its_assets_are_not_the_checkouts(installed: Path, tmp_path: Path) -> None:
    package, assets, digest = json.loads(run(scripts(installed) / "python", "-c", WHERE, cwd=tmp_path).stdout)
    assert Path(package).is_relative_to(installed)
    assert Path(assets).is_relative_to(installed)
    assert ROOT not in Path(package).parents
    assert digest == "a7e65cc35b40ce55cef51829d9ee6d53583d74e7a9ac213cbce28702c11c2fb9"
