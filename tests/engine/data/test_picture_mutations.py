"""Real pictures damaged at random: an answer or a sentence, in seconds, with bounded memory.

As a program it does one series: ``python -m tests.engine.data.test_picture_mutations FOLDER SEED COUNT``. A process
of its own, so that a decoder that crashes or does not return is seen, and the peak of its memory is its own.
"""

from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.data.preprocessing import Preprocess
from resnet_gui.engine.data.pictures import prepare, read_pixels
from tests.conftest import ROOT
from tests.engine.data.picture_files import good_files

HOWS: Final = (Preprocess(mean=(0.5,) * 3, std=(0.5,) * 3), Preprocess(mean=(0.5,) * 3, std=(0.5,) * 3, resize=12))
SHAPES: Final = ((3, 8, 8), (1, 8, 8))
ODD_BYTES: Final = (0, 1, 0x7F, 0x80, 0xD9, 0xDA, 0xFE, 0xFF)
PEAK_MB: Final = 1300
"""Of 100 megapixels with four channels, which a damaged header may claim, and once more in grey or RGB."""


class Damage:
    """Draws damaged versions of pictures."""

    def __init__(self, seed: int) -> None:
        self._draw = np.random.default_rng(seed)
        self._files = {name: data for number in range(3) for name, data in _numbered(number)}
        self._names = sorted(self._files)

    def _below(self, top: int) -> int:
        return int(self._draw.integers(0, max(1, top)))

    def _pick(self) -> str:
        return self._names[self._below(len(self._names))]

    def next(self) -> tuple[str, bytes]:
        """Name of a picture, and what is left of it."""
        name = self._pick()
        data = self._files[name]
        for _ in range(1 + self._below(3)):
            kind = self._below(9)
            if kind == 0 and name.endswith(".png"):
                data = self._png(data)
            elif kind <= 3:
                data = self._bytes(data)
            else:
                data = self._pieces(data, kind)
        return name, data

    def _bytes(self, data: bytes) -> bytes:
        """A few bytes changed, in the first hundred as often as anywhere."""
        changed = bytearray(data)
        for _ in range(1 + self._below(6)):
            if not changed:
                break
            place = self._below(min(len(changed), 100) if self._below(2) else len(changed))
            odd = ODD_BYTES[self._below(len(ODD_BYTES))]
            changed[place] = (odd, changed[place] ^ (1 << self._below(8)), self._below(256))[self._below(3)]
        return bytes(changed)

    def _pieces(self, data: bytes, kind: int) -> bytes:
        """Cut, spliced with another picture, a piece doubled, dropped, moved or zeroed."""
        start = self._below(len(data))
        end = start + 1 + self._below(min(64, len(data)) if self._below(2) else len(data))
        piece = data[start:end]
        match kind:
            case 4:
                return data[:start]
            case 5:
                other = self._files[self._pick()]
                return data[:start] + other[min(start, len(other)) :]
            case 6:
                return data[:end] + piece * (1 + self._below(20)) + data[end:]
            case 7:
                return data[:start] + data[end:]
            case _:
                return data[:start] + bytes(len(piece)) + data[end:]

    def _png(self, data: bytes) -> bytes:
        """Chunks dropped, doubled, swapped or changed, with checksums that are right again."""
        chunks, place = [], 8
        while place + 8 <= len(data):
            (length,) = struct.unpack(">I", data[place : place + 4])
            chunks.append((data[place + 4 : place + 8], data[place + 8 : place + 8 + length]))
            place += 12 + length
        if not chunks:
            return data
        number = self._below(len(chunks))
        kind, body = chunks[number]
        match self._below(5):
            case 0:
                del chunks[number]
            case 1:
                chunks[number:number] = [chunks[number]] * (1 + self._below(3))
            case 2:
                other = self._below(len(chunks))
                chunks[number], chunks[other] = chunks[other], chunks[number]
            case 3:
                chunks[number] = (kind, self._bytes(body))
            case _:
                try:
                    chunks[number] = (kind, zlib.compress(self._bytes(zlib.decompress(body))))
                except zlib.error:
                    chunks[number] = (kind, body[: self._below(len(body))])
        parts = (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
            for kind, body in chunks
        )
        return data[:8] + b"".join(parts)


def _numbered(number: int) -> list[tuple[str, bytes]]:
    return [(f"{number}-{name}", data) for name, data in good_files(number).items()]


def peak() -> float:
    """MB that this process held at most; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+)", status.read_text(encoding="utf-8")) if status.exists() else None
    return int(found[1]) / 1024 if found else 0.0


def one(path: Path, number: int) -> bool:
    """Read a file in one of the ways that there are; whether it has an answer."""
    shape = SHAPES[number % 2]
    try:
        if number % 5 == 0:
            found = read_pixels(path, shape)[None]
        else:
            views = 10 if number % 3 == 0 else 1
            prepared = prepare(path, shape, HOWS[number // 2 % 2], views=views, quick=number % 4 == 1)
            found = prepared.pixels
            assert min(prepared.size) > 0
    except InputError as error:
        said = str(error)
        assert str(path) in said, said
        assert "\n" not in said, said
        assert said.endswith("."), said
        return False
    assert found.dtype == np.uint8
    assert found.shape[1:] == shape
    return True


def main() -> int:
    folder, seed, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    damage, before = Damage(seed), peak()
    answers, slowest, slow_file = 0, 0.0, ""
    for number in range(count):
        name, data = damage.next()
        path = folder / f"{number}-{name}"
        path.write_bytes(data)
        begun = time.perf_counter()
        answers += one(path, number)
        taken = time.perf_counter() - begun
        if taken > slowest:
            slowest, slow_file = taken, path.name
        path.unlink()
    told = {"answers": answers, "slowest": slowest, "slow_file": slow_file, "peak": peak() - before}
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


def series(folder: Path, seed: int, count: int, seconds: float) -> None:
    command = [sys.executable, "-W", "error", "-m", __name__, str(folder), str(seed), str(count)]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=seconds)
    except subprocess.TimeoutExpired:
        pytest.fail(f"a picture of seed {seed} was not over in time: {sorted(path.name for path in folder.iterdir())}")
    left = sorted(path.name for path in folder.iterdir())
    assert done.returncode == 0, f"seed {seed} ended at {left}: {done.stderr[-3000:]}"
    assert left == []
    told = json.loads(done.stdout.splitlines()[-1])
    assert count // 20 < told["answers"] < count * 19 // 20, told
    # No measure of speed: a decoder that goes on for minutes is one that hangs.
    assert told["slowest"] < 30, told
    assert told["peak"] < PEAK_MB, told


def test_three_thousand_damaged_pictures_each_get_an_answer_or_a_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "damaged"
    folder.mkdir()
    series(folder, 1, 3000, 120)


@pytest.mark.prove
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("part", range(8))
def test_sixty_thousand_damaged_pictures_each_get_an_answer_or_a_sentence(tmp_path: Path, part: int) -> None:
    folder = tmp_path / "damaged"
    folder.mkdir()
    series(folder, time.time_ns() % 10**9 + part, 7500, 1700)


def test_every_form_is_damaged_in_a_series() -> None:
    damage = Damage(1)
    names = {damage.next()[0].split("-", 1)[1] for _ in range(1200)}
    assert names == set(good_files())
    assert {Path(name).suffix for name in names} == {
        ".png", ".jpg", ".gif", ".webp", ".bmp", ".tif", ".ppm", ".pgm", ".pbm",
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
