"""``resnet-gui predict`` on a folder of a thousand pictures, some of them broken."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from resnet_gui.base.files import assets
from tests.cli.test_main import call_here, fork
from tests.engine.data.picture_files import BOMBS, encoded, good_files, save_drawn_model
from tests.forks import Forks

COUNT = 1000
BROKEN: dict[str, bytes] = {
    "0003-empty.png": b"", "0100-text.jpg": b"Dear Sir,\n", "0101-bomb.png": BOMBS["header.png"],
    "0250-tile.tif": BOMBS["tile.tif"], "0251-page.webp": b"<html></html>", "0500-scans.jpg": BOMBS["scans.jpg"],
    "0777-cut.png": good_files()["colour.png"][:200], "0900-two\nlines.png": b"no", "0998-🐈.gif": b"GIF89a",
    "9999-last.jpg": good_files()["colour.jpg"][:150],
}  # fmt: skip
Results = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_drawn_model(tmp_path_factory.mktemp("model") / "drawn.safetensors", resize=18)


def pieces() -> list[bytes]:
    """A thousand small pictures cut out of the photographs that are shipped, half of them JPEGs."""
    photos = [Image.open(path).convert("RGB") for path in sorted((assets() / "samples").glob("*.jpg"))]
    photos += [Image.open(path).convert("RGB").resize((64, 64)) for path in (assets() / "samples").glob("digit-*.png")]
    drawn, made = np.random.default_rng(0), []
    for number in range(COUNT):
        photo = photos[number % len(photos)]
        side = int(drawn.integers(12, min(photo.size)))
        left, top = (int(drawn.integers(0, extent - side + 1)) for extent in photo.size)
        piece = photo.crop((left, top, left + side, top + side)).resize((24 + number % 9, 24 + number % 7))
        made.append(encoded(piece, "PNG" if number % 2 else "JPEG"))
    return made


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder of a thousand pictures, and one of the same with broken ones between them."""
    clean, mixed = tmp_path_factory.mktemp("clean"), tmp_path_factory.mktemp("mixed")
    for number, data in enumerate(pieces()):
        name = f"{number:04}.{'png' if number % 2 else 'jpg'}"
        (clean / name).write_bytes(data)
        (mixed / name).write_bytes(data)
    for name, data in BROKEN.items():
        (mixed / name).write_bytes(data)
    return clean, mixed


def answered(forks: Forks, model: Path, folder: Path, *options: object, broken: int = 0) -> tuple[Results, list[str]]:
    """What the command says in a process of its own."""
    return read(fork(forks, "predict", model, folder, "--json", "--device", "cpu", *options), folder, broken)


def read(done: subprocess.CompletedProcess[str], folder: Path, broken: int) -> tuple[Results, list[str]]:
    """Results by file name and the lines about files on stderr; that there is one JSON document is shown here."""
    assert done.returncode == (2 if broken else 0), done.stderr
    assert done.stdout.count("\n") == 1
    document = json.loads(done.stdout)
    assert list(document) == ["model", "results"]
    # libtiff writes lines of its own, which no program can turn off in one thread alone.
    said = [line for line in done.stderr.splitlines() if line.startswith("resnet-gui: ")]
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr
    assert len(said) == broken, done.stderr
    results = document["results"]
    assert [result["image"] for result in results] == [str(path) for path in sorted(folder.iterdir())]
    return {Path(result["image"]).name: result for result in results}, said


def tops(results: Results) -> dict[str, list[tuple[str, float]]]:
    return {
        name: [(score["label"], score["probability"]) for score in result["top"]]
        for name, result in results.items()
        if "top" in result
    }


@pytest.fixture(scope="module")
def plain(forks: Forks, model: Path, folders: tuple[Path, Path]) -> Results:
    return answered(forks, model, folders[0])[0]


def close(found: Results, expected: Results, tolerance: float) -> None:
    """The same pictures have the same answers, up to a rounding of their probabilities."""
    one, other = tops(found), tops(expected)
    assert list(one) == list(other)
    assert len(one) == COUNT
    for name, scores in one.items():
        pair = dict(scores), dict(other[name])
        assert max(abs(pair[0][label] - pair[1][label]) for label in pair[0] if label in pair[1]) <= tolerance, name


def test_a_thousand_pictures_give_one_document_with_an_answer_for_each_that_depends_on_the_picture(
    plain: Results,
) -> None:
    found = tops(plain)
    assert len(found) == COUNT
    assert all(len(scores) == 5 for scores in found.values())
    assert len({tuple(scores) for scores in found.values()}) > COUNT * 0.9


def test_broken_files_are_reported_one_by_one_and_change_no_other_answer(
    forks: Forks, model: Path, folders: tuple[Path, Path], plain: Results, tmp_path: Path
) -> None:
    table = tmp_path / "answers.csv"
    results, said = answered(forks, model, folders[1], "--csv", table, broken=len(BROKEN))
    assert {name for name, result in results.items() if "error" in result} == set(BROKEN)
    for name, line in zip(sorted(BROKEN), said, strict=True):
        sentence = results[name]["error"]
        assert list(results[name]) == ["image", "error"]
        assert line == f"resnet-gui: {' '.join(sentence.split())}"
        assert sentence.endswith(".")
        assert str(folders[1] / name) in sentence
    # Batches are others, so sums may be rounded otherwise; what is printed for people is the same.
    close(results, plain, 1e-6)
    for name, scores in tops(results).items():
        assert scores[0][0] == tops({name: plain[name]})[name][0][0]
    check_table(table, results)


def check_table(table: Path, results: Results) -> None:
    rows = list(csv.reader(table.read_text(encoding="utf-8").splitlines(keepends=True)))
    places = [f"{word}{place}" for place in range(1, 6) for word in ("label", "probability")]
    assert rows[0] == ["image", "error", *places]
    assert [Path(row[0]).name for row in rows[1:]] == list(results)
    for row in rows[1:]:
        result = results[Path(row[0]).name]
        assert row[1] == result.get("error", "")
        top = result.get("top", ())
        assert row[2 : 2 + 2 * len(top) : 2] == [score["label"] for score in top]
        assert [float(cell) for cell in row[3 : 3 + 2 * len(top) : 2]] == pytest.approx(
            [score["probability"] for score in top], abs=6e-7
        )


@pytest.mark.prove
def test_ten_views_of_a_thousand_pictures_answer_with_the_mean_over_the_views(
    forks: Forks, model: Path, folders: tuple[Path, Path], plain: Results
) -> None:
    results, _ = answered(forks, model, folders[1], "--views", 10, "--top", 6, broken=len(BROKEN))
    found = tops(results)
    assert len(found) == COUNT
    assert all(sum(value for _, value in scores) == pytest.approx(1, abs=1e-6) for scores in found.values())
    assert sum(found[name][:5] != scores for name, scores in tops(plain).items()) > COUNT * 0.9


@pytest.mark.prove
def test_the_fast_mode_answers_a_thousand_pictures_nearly_as_the_exact_one(
    forks: Forks, model: Path, folders: tuple[Path, Path], plain: Results
) -> None:
    results, _ = answered(forks, model, folders[1], "--mode", "fast", broken=len(BROKEN))
    close(results, plain, 0.05)


def test_a_folder_of_broken_files_alone_gives_a_document_of_sentences(
    model: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    for name, data in BROKEN.items():
        (folder / name).write_bytes(data)
    done = call_here(capfd, "predict", model, folder, "--json", "--device", "cpu")
    assert tops(read(done, folder, len(BROKEN))[0]) == {}


def test_paths_that_are_no_pictures_are_answered_among_those_that_are(
    model: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "good.png").write_bytes(good_files()["colour.png"])
    (tmp_path / "loop").symlink_to("loop")
    undecodable = tmp_path / os.fsdecode(b"\xff.png")
    undecodable.write_bytes(good_files()["colour.png"])
    names = ["empty", "gone", "loop", "good.png", undecodable.name]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")
        names.append("pipe.png")
    done = call_here(capfd, "predict", model, *(tmp_path / name for name in names), "--json", "--device", "cpu")
    results = json.loads(done.stdout)["results"]
    assert done.returncode == 2
    assert sum("top" in result for result in results) == 2
    assert len(re.findall(r"(?m)^resnet-gui: ", done.stderr)) == len(names) - 2
    assert len(results) == len(names)
