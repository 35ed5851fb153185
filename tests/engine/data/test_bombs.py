"""Small files that are large pictures are refused before they are decoded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.engine.data.picture_files import BOMBS, encoded, photo, solid_png

pytestmark = pytest.mark.filterwarnings("ignore:::PIL")

MEASURE = """
import json, re, sys, time
from pathlib import Path
from PIL import Image
from resnet_gui.engine.data.pictures import read_pixels
from resnet_gui.base.errors import InputError

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

for name in sys.argv[2:]:
    try:
        read_pixels(Path(sys.argv[1]), (3, 8, 8))
    except InputError:
        pass
    before = peak()
    try:
        said = str(read_pixels(Path(name), (3, 8, 8)).shape)
    except InputError as error:
        said = str(error)
    print(json.dumps([said, peak() - before]))
"""


def measured(tmp_path: Path, files: dict[str, bytes]) -> dict[str, tuple[str, float]]:
    """What is said of each file, and by how many MB it raised the peak of a process of its own."""
    if not Path("/proc/self/status").exists():
        pytest.skip("this system does not tell the peak of a process")
    for name, data in {"warm.jpg": encoded(photo(), "JPEG"), **files}.items():
        (tmp_path / name).write_bytes(data)
    paths = [str(tmp_path / name) for name in files]
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "warm.jpg"), *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = map(json.loads, done.stdout.splitlines())
    return {name: (said, grown) for name, (said, grown) in zip(files, told, strict=True)}


def test_bombs_are_refused_before_they_are_decoded(tmp_path: Path) -> None:
    assert max(map(len, BOMBS.values())) < 110_000
    for name, (said, grown) in measured(tmp_path, BOMBS).items():
        assert "are not decoded" in said or "that is not decoded" in said, (name, said)
        assert grown < 20, (name, grown)


def test_the_largest_picture_that_is_decoded_takes_little_more_memory_than_its_pixels(tmp_path: Path) -> None:
    assert Image.MAX_IMAGE_PIXELS == 100_000_000
    said, grown = measured(tmp_path, {"a.png": solid_png(10_000, 10_000)})["a.png"]
    # A byte for each pixel, and four while it becomes colour.
    assert said == "(3, 8, 8)"
    assert grown < 650
