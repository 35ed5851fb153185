"""Every file that is no good picture gets one sentence: broken ones, and what is no file."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.data.preprocessing import Preprocess
from resnet_gui.engine.data import pictures
from resnet_gui.engine.data.picture_paths import pictures_in
from resnet_gui.engine.data.pictures import open_picture, prepare
from tests.engine.data.picture_files import (
    bmp,
    chunk,
    encoded,
    gif,
    good_files,
    grey_tiff,
    packed,
    photo,
    png,
    tiff,
)

pytestmark = pytest.mark.filterwarnings("ignore:::PIL")
HOW = Preprocess(mean=(0.5,) * 3, std=(0.5,) * 3, resize=12)


def sentence(path: Path) -> str:
    """The one sentence about a file; the same in both modes, and with the path in it."""
    said = []
    for quick in (False, True):
        with pytest.raises(InputError) as caught:
            prepare(path, (3, 8, 8), HOW, quick=quick)
        said.append(str(caught.value))
    assert said[0] == said[1]
    assert str(path) in said[0]
    assert said[0].endswith(".")
    assert "\n" not in said[0].replace(str(path), "")
    return said[0].replace(str(path), "PATH")


def outcome(path: Path) -> str:
    """A sentence, or nothing where the picture has an answer."""
    try:
        prepare(path, (3, 8, 8), HOW)
    except InputError:
        return sentence(path)
    assert prepare(path, (3, 8, 8), HOW, quick=True).pixels.shape == (1, 3, 8, 8)
    return ""


# ---- broken PNGs, as in PngSuite

ROWS = packed(np.arange(32).reshape(4, 8), 8)
GOOD = png((8, 4), 8, 0, ROWS)
SIGNATURE, HEADER = GOOD[:8], GOOD[8:33]
DATA = chunk(b"IDAT", zlib.compress(ROWS))
END = chunk(b"IEND", b"")


def header(*values: int) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", *values))


SQUEEZED = zlib.compress(ROWS)
CORRUPT: dict[str, bytes] = {
    "a signature with seven bits": bytes(byte & 0x7F for byte in SIGNATURE) + GOOD[8:],
    "a signature with DOS line ends": GOOD.replace(b"\r\n\x1a\n", b"\n\x1a\r\n", 1),
    "a signature with a missing byte": GOOD[1:],
    "no header": SIGNATURE + DATA + END,
    "no pixels": SIGNATURE + HEADER + END,
    "pixels before the header": SIGNATURE + DATA + HEADER + END,
    "a header with a wrong checksum": SIGNATURE + chunk(b"IHDR", HEADER[8:21], 1) + DATA + END,
    "a width of zero": SIGNATURE + header(0, 4, 8, 0, 0, 0, 0) + DATA + END,
    "a height of zero": SIGNATURE + header(8, 0, 8, 0, 0, 0, 0) + DATA + END,
    "a bit depth of 0": SIGNATURE + header(8, 4, 0, 0, 0, 0, 0) + DATA + END,
    "a bit depth of 3": SIGNATURE + header(8, 4, 3, 0, 0, 0, 0) + DATA + END,
    "a bit depth of 99": SIGNATURE + header(8, 4, 99, 0, 0, 0, 0) + DATA + END,
    "a colour type of 1": SIGNATURE + header(8, 4, 8, 1, 0, 0, 0) + DATA + END,
    "a colour type of 9": SIGNATURE + header(8, 4, 8, 9, 0, 0, 0) + DATA + END,
    "an unknown filter method": SIGNATURE + header(8, 4, 8, 0, 0, 7, 0) + DATA + END,
    "a header that is too short": SIGNATURE + chunk(b"IHDR", HEADER[8:15]) + DATA + END,
    "no zlib stream": SIGNATURE + HEADER + chunk(b"IDAT", b"pixels") + END,
    "a damaged zlib stream": SIGNATURE + HEADER + chunk(b"IDAT", SQUEEZED[:4] + b"\xff" * 20) + END,
    "half of a zlib stream": SIGNATURE + HEADER + chunk(b"IDAT", SQUEEZED[: len(SQUEEZED) // 2]) + END,
    "an unknown row filter": png((8, 4), 8, 0, b"\x09" + ROWS[1:]),
    "a chunk of negative length": SIGNATURE + HEADER + struct.pack(">I", 2**32 - 1) + b"tEXt" + DATA + END,
    "a chunk with no name": SIGNATURE + HEADER + chunk(b"\0\0\0\0", b"") + DATA + END,
    "text that swells to a gigabyte": png(
        (8, 4), 8, 0, ROWS, before=chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(10**6))) * 100
    ),
}
FORGIVEN: dict[str, bytes] = {
    "a chunk longer than the file": SIGNATURE + HEADER + struct.pack(">I", 2**31 - 1) + b"IDAT" + SQUEEZED,
    "too few rows": png((8, 4), 8, 0, ROWS[:18]),
    "pixels with a wrong checksum": SIGNATURE + HEADER + chunk(b"IDAT", SQUEEZED, 1) + END,
    "a wrong end of the zlib stream": SIGNATURE + HEADER + chunk(b"IDAT", SQUEEZED[:-4] + b"\0\0\0\0") + END,
    "no end": SIGNATURE + HEADER + DATA,
    "something after the end": GOOD + b"<html>",
    "a second header": SIGNATURE + HEADER + HEADER + DATA + END,
    "too many rows": png((8, 4), 8, 0, ROWS * 3),
    "pixels in chunks of one byte": SIGNATURE + HEADER + b"".join(chunk(b"IDAT", bytes([b])) for b in SQUEEZED) + END,
    "a palette that is too small": png((8, 4), 8, 3, ROWS, before=chunk(b"PLTE", bytes(9))),
    "no palette": png((8, 4), 8, 3, ROWS),
    "transparency without colours": png((8, 4), 8, 0, ROWS, before=chunk(b"tRNS", b"")),
    "transparency longer than the palette": png(
        (8, 4), 8, 3, ROWS, before=chunk(b"PLTE", bytes(96)) + chunk(b"tRNS", bytes(300))
    ),
}


@pytest.mark.parametrize("name", CORRUPT)
def test_a_png_that_is_corrupt_is_refused_in_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.png").write_bytes(CORRUPT[name])
    assert sentence(tmp_path / "a.png").startswith(("PATH cannot be read: ", "PATH is not a picture"))


@pytest.mark.parametrize("name", FORGIVEN)
def test_a_png_with_a_lesser_fault_gets_an_answer_or_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.png").write_bytes(FORGIVEN[name])
    outcome(tmp_path / "a.png")


# ---- the others

ODD: dict[str, bytes] = {
    "a BMP of negative width": bmp(-5, 5, data=bytes(100)),
    "a BMP from top to bottom": bmp(5, -5, data=bytes(100)),
    "a BMP of zero pixels": bmp(0, 0),
    "a BMP of 3 bits": bmp(5, 5, 3, data=bytes(100)),
    "a BMP whose runs leave it": bmp(4, 4, 8, 1, b"\xff\1" * 50),
    "a BMP that jumps far": bmp(4, 4, 8, 1, b"\0\2\xff\xff" * 50),
    "a BMP of an unknown compression": bmp(4, 4, 8, 77, bytes(50)),
    "a GIF without a frame": b"GIF89a" + struct.pack("<HHBBB", 5, 5, 0, 0, 0) + b";",
    "a GIF of zero pixels": gif((0, 0), (0, 0)),
    "a GIF with wrong codes": gif((5, 5), (5, 5))[:-5] + b"\x0c\x04\xff\xff\xff\xff\0;",
    "a TIFF of no directory": b"II*\0" + struct.pack("<I", 0),
    "a TIFF whose directory is outside": b"II*\0" + struct.pack("<I", 10**9),
    "a TIFF without tags": tiff({}),
    "a TIFF of zero pixels": grey_tiff(0, 0),
    "a TIFF of an unknown compression": grey_tiff(5, 5, 12345),
    "a TIFF of many channels": grey_tiff(5, 5, _277=65_535),
    "a TIFF whose strip is outside": grey_tiff(5, 5, _273=10**9),
    "a TIFF whose strip has 4 gigabytes": grey_tiff(5, 5, 8, _279=4 * 10**9),
    "a TIFF with strips of 4 billion rows": grey_tiff(5, 5, 5, _278=4 * 10**9),
    "a TIFF of itself as its directory": b"II*\0" + struct.pack("<I", 2) + bytes(40),
    "a WebP of nothing": b"RIFF\x04\0\0\0WEBP",
    "a WebP that claims to be longer": b"RIFF\xff\xff\xff\x7fWEBPVP8 " + bytes(40),
    "a PPM without a size": b"P6\n",
    "a PPM of negative size": b"P6\n-5 -5\n255\n" + bytes(75),
    "a PPM with letters": b"P3\n2 2\n255\nred green blue and so on and on\n",
    "a PPM whose number never ends": b"P6\n" + b"9" * 5000,
    "a PPM of a maximum of zero": b"P5\n2 2\n0\n" + bytes(4),
    "a PPM with values above its maximum": b"P2\n2 2\n10\n1 2 3 4000\n",
    "a JPEG of a start alone": b"\xff\xd8\xff",
    "a JPEG of start and end": b"\xff\xd8\xff\xd9",
    "a JPEG of many starts": b"\xff\xd8" * 500,
    "a JPEG whose segments never end": b"\xff\xd8" + b"\xff\xe0\0\0" * 500,
    "a JPEG with a broken list of pictures": encoded(photo(), "JPEG").replace(
        b"\xff\xdb", b"\xff\xe2\0\x0cMPF\0II*\0\xff\xff\xff\xdb"[:14] + b"\xff\xdb", 1
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_file_gets_an_answer_or_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.bin").write_bytes(ODD[name])
    outcome(tmp_path / "a.bin")


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_is_cut_anywhere_gets_one_sentence(tmp_path: Path, *, progressive: bool) -> None:
    data = encoded(photo(60, 40), "JPEG", progressive=progressive, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0")
    path = tmp_path / "a.jpg"
    for end in range(0, len(data) - 2, 7):
        path.write_bytes(data[:end])
        assert sentence(path)


def test_a_file_of_any_form_that_is_cut_anywhere_gets_an_answer_or_one_sentence(tmp_path: Path) -> None:
    for name, data in good_files().items():
        path = tmp_path / name
        said = 0
        for end in {len(data) * part // 16 for part in range(16)}:
            path.write_bytes(data[:end])
            said += bool(outcome(path))
        # Of many frames, the first is whole early.
        assert said >= 3, name


NO_PICTURES: dict[str, bytes] = {
    "empty": b"",
    "one byte": b"\x89",
    "text": b"Dear Sir,\n" * 100,
    "html": b"<!doctype html><title>404</title>",
    "vector": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "pdf": b"%PDF-1.7\n" + bytes(50),
    "archive": b"PK\3\4" + bytes(50),
    "film": b"\0\0\0 ftypmp42" + bytes(50),
    "heic": b"\0\0\0 ftypheic" + bytes(50),
    "zeros": bytes(5000),
    "random": np.random.default_rng(0).bytes(5000),
}


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".gif", ".webp", ".tif", ".bmp", ".ppm", ".txt", ""])
@pytest.mark.parametrize("name", NO_PICTURES)
def test_a_file_that_is_no_picture_is_said_to_be_none_whatever_its_name(tmp_path: Path, name: str, suffix: str) -> None:
    (tmp_path / f"a{suffix}").write_bytes(NO_PICTURES[name])
    assert sentence(tmp_path / f"a{suffix}").startswith("PATH is not a picture that can be read")


@pytest.mark.parametrize("form", ["ICO", "TGA", "PCX", "SGI", "PDF", "EPS", "DDS"])
def test_a_form_that_is_not_tried_is_said_not_to_be_read(tmp_path: Path, form: str) -> None:
    (tmp_path / "a.png").write_bytes(encoded(photo(32, 32), form))
    assert sentence(tmp_path / "a.png").startswith("PATH is not a picture that can be read")


# ---- what is no file


def test_what_is_missing_and_what_is_a_folder_is_said_so_in_both_modes(tmp_path: Path) -> None:
    assert sentence(tmp_path / "gone.png") == "There is no picture PATH."
    (tmp_path / "folder.png").mkdir()
    assert sentence(tmp_path / "folder.png") == "PATH is a folder, not a picture."
    assert "cannot be read" in sentence(tmp_path / "folder.png" / ".." / ("x" * 300 + ".png"))
    assert "cannot be read" in sentence(Path("nul\0byte.png"))
    (tmp_path / "file.png").write_bytes(GOOD)
    assert "cannot be read" in sentence(tmp_path / "file.png" / "inside.png")


def test_links_are_followed_and_loops_of_them_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(GOOD)
    (tmp_path / "link.png").symlink_to("a.png")
    assert open_picture(tmp_path / "link.png").size == (8, 4)
    (tmp_path / "to.png").symlink_to("fro.png")
    (tmp_path / "fro.png").symlink_to("to.png")
    (tmp_path / "dead.png").symlink_to("nowhere.png")
    (tmp_path / "circle").symlink_to(tmp_path)
    assert "symbolic links" in sentence(tmp_path / "to.png")
    assert sentence(tmp_path / "dead.png") == "There is no picture PATH."
    found = pictures_in([tmp_path, tmp_path / "to.png"])
    assert [path.name for path in found.paths] == ["a.png", "link.png", "to.png"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_a_socket_and_a_device_are_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    os.mkfifo(tmp_path / "pipe.png")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.png")
        for path in (tmp_path / "pipe.png", tmp_path / "socket.png", Path("/dev/zero"), Path("/dev/null")):
            assert sentence(path) == "PATH is a pipe or a device, not a picture."
    (tmp_path / "link.png").symlink_to("/dev/zero")
    assert sentence(tmp_path / "link.png") == "PATH is a pipe or a device, not a picture."
    assert pictures_in([tmp_path]).paths == []


@pytest.fixture
def nobody() -> Iterator[Path]:
    """A folder, as a user who is not root; root may read everything."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root:
        os.seteuid(65_534)
    yield folder
    if root:
        os.seteuid(0)
    for path in folder.rglob("*"):
        path.chmod(0o700)
    shutil.rmtree(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of Unix")
def test_what_may_not_be_read_costs_only_itself(nobody: Path) -> None:
    for name in ("in/a.png", "in/closed.png", "in/sub/b.png", "in/blind/c.png", "shut/d.png"):
        (nobody / name).parent.mkdir(parents=True, exist_ok=True)
        (nobody / name).write_bytes(GOOD)
    (nobody / "in" / "closed.png").chmod(0)
    (nobody / "in" / "sub").chmod(0)  # neither its names nor its files
    (nobody / "in" / "blind").chmod(0o400)  # its names, but not its files
    (nobody / "shut").chmod(0)
    assert sentence(nobody / "in" / "closed.png") == "PATH cannot be read: Permission denied."
    assert sentence(nobody / "shut" / "d.png") == "PATH cannot be read: Permission denied."
    found = pictures_in([nobody / "shut", nobody / "in", nobody / "shut" / "d.png"])
    names = [path.name for path in found.paths]
    assert "a.png" in names
    assert "closed.png" in names
    assert [path.name for path, _ in found.unreadable][:1] == ["shut"]
    assert all(text.endswith(".") and "\n" not in text for _, text in found.unreadable)


def test_photographs_as_telephones_and_cameras_write_them_are_refused_with_what_to_do(tmp_path: Path) -> None:
    for name in ("a.HEIC", "b.heic", "c.dng", ".d.heic"):
        (tmp_path / name).write_bytes(b"\0\0\0\x18ftypheic")
    (found,) = pictures_in([tmp_path]).unreadable
    only = "only 2 .heic, 1 .dng; convert them to JPEG or PNG."
    assert found[1] == f"The folder {tmp_path} holds no pictures that can be read, {only}"
    assert sentence(tmp_path / "a.HEIC").endswith("); convert it to JPEG or PNG.")
    (tmp_path / "e.png").write_bytes(GOOD)
    for hidden in (".trash", "set.npy"):  # what lies in a hidden folder, and a folder that is called like a file
        (tmp_path / hidden).mkdir()
    (tmp_path / ".trash" / "f.heic").write_bytes(b"")
    (tmp_path / "set.npy" / "g.png").write_bytes(GOOD)
    mixed = pictures_in([tmp_path])
    assert (mixed.paths, mixed.unreadable) == ([tmp_path / "e.png", tmp_path / "set.npy" / "g.png"], [])
    (left_out,) = mixed.left_out
    assert left_out.startswith(f"Left out of the folder {tmp_path}, ")
    assert left_out.endswith(": 2 .heic, 1 .dng; convert them to JPEG or PNG.")


NAMES = [
    "two\nlines.png",
    "🐈 chat noir.png",
    "a b'c\"d$e`f.png",
    "%s{}.png",
    "-rf.png",
    "e\u0301.png",
    "x" * 251 + ".png",
]


@pytest.mark.parametrize("name", [*NAMES, os.fsdecode(b"\xff\xfe undecodable.png")])
def test_a_picture_of_any_name_is_read_and_a_broken_one_named(tmp_path: Path, name: str) -> None:
    try:
        (tmp_path / name).write_bytes(GOOD)
    except (OSError, UnicodeError):
        pytest.skip("this file system has no such name")
    assert open_picture(tmp_path / name).size == (8, 4)
    assert pictures_in([tmp_path]).paths == [tmp_path / name]
    (tmp_path / name).write_bytes(GOOD[:60])
    assert "cannot be read: " in sentence(tmp_path / name)


def test_a_file_of_more_than_a_gigabyte_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.webp"
    path.write_bytes(encoded(photo(), "WEBP"))
    os.truncate(path, 40 * 10**9)
    assert sentence(path) == "PATH has 40.0 GB; a picture of more than 1 GB is not read."
    os.truncate(path, 10**5)
    monkeypatch.setattr(pictures, "MAX_BYTES", 10**5)
    assert open_picture(path).size == (24, 18)
    monkeypatch.setattr(pictures, "MAX_BYTES", 10**5 - 1)
    assert "is not read" in sentence(path)
