"""A real engine is given folders of good and broken pictures: it lives, and each file has exactly one answer."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from resnet_gui.engine.data.picture_paths import is_picture
from resnet_gui.protocol.events import Failed, FolderListed, Heartbeat, JobDone, Predicted, PredictFailed, Ready
from resnet_gui.protocol.jobs import ModelRequest, Predict
from tests.conftest import EngineChild
from tests.engine.data.picture_files import BOMBS, good_files, save_drawn_model, solid_png
from tests.engine.data.test_picture_mutations import Damage
from tests.forks import Forks

ROUNDS = 3
GROWTH_MB = 60
ClassifierAnswer = Predicted | PredictFailed


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, forks: Forks) -> Iterator[EngineChild]:
    child = EngineChild(tmp_path_factory.mktemp("engine") / "errors.txt", popen=forks.popen)
    yield child
    child.kill()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_drawn_model(tmp_path_factory.mktemp("model") / "drawn.safetensors", resize=18)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seventy pictures of all forms; the first of them is the first of the broken folder too."""
    folder = tmp_path_factory.mktemp("good")
    for number in range(2):
        for name, data in good_files(number).items():
            (folder / f"{number}-{name}").write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def mixed(good: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The good ones among eighty broken, mislabelled, malicious and damaged ones."""
    folder = tmp_path_factory.mktemp("mixed")
    for path in good.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    for name, data in BOMBS.items():
        (folder / f"0-x-{name}").write_bytes(data)
    for number, junk in enumerate((b"", b"\xff\xd8\xff", b"<html></html>", bytes(3000), b"GIF89a", b"II*\0" * 9)):
        for suffix in ("png", "jpg"):
            (folder / f"0-y-{number}.{suffix}").write_bytes(junk)
    damage = Damage(3)
    for number in range(48):
        name, data = damage.next()
        (folder / f"0-z-{number}-{name}").write_bytes(data)
    (folder / "1-a-link.png").symlink_to("nowhere.png")
    (folder / "1-a-two\nlines.png").write_bytes(b"no")
    (folder / "1-a-🐈.png").write_bytes(good_files(5)["colour.png"])
    return folder


def ask(engine: EngineChild, number: int, request: ModelRequest, *images: Path) -> list[ClassifierAnswer]:
    """All answers to a question, which then is done."""
    engine.send(Predict(number, request, tuple(map(str, images)), 3, scores=True))
    answers: list[ClassifierAnswer] = []
    while not isinstance(event := engine.next(), JobDone):
        if isinstance(event, Predicted | PredictFailed):
            assert event.job == number
            answers.append(event)
        else:
            assert isinstance(event, Heartbeat | Ready | FolderListed), event
    assert event.job == number
    return answers


def scores(answers: list[ClassifierAnswer]) -> dict[str, bytes]:
    return {Path(answer.image).name: answer.scores for answer in answers if isinstance(answer, Predicted)}


@pytest.mark.parametrize("views", [1, 10])
def test_each_of_150_files_has_one_answer_and_the_good_ones_have_those_that_they_have_alone(
    engine: EngineChild, model: Path, good: Path, mixed: Path, views: int
) -> None:
    request = ModelRequest(model=str(model), device="cpu", views=views)  # type: ignore[arg-type]
    names = {path.name for path in mixed.iterdir()}
    found = {path.name for path in mixed.iterdir() if is_picture(path) and path.is_file()}
    assert len(found) >= 145
    assert names - found == {"1-a-link.png"}
    answers = ask(engine, 10 + views, request, mixed)
    assert Counter(Path(answer.image).name for answer in answers) == dict.fromkeys(found, 1)
    failed = [answer for answer in answers if isinstance(answer, PredictFailed)]
    assert len(failed) >= 50
    for answer in failed:
        assert answer.image in answer.error
        assert answer.error.endswith(".")
        assert "inside the program" not in answer.error
        assert "\n" not in answer.error.replace(answer.image, "")
    for name in (*BOMBS, "two\nlines.png"):
        assert any(Path(answer.image).name.endswith(name) for answer in failed), name
    alone, among = scores(ask(engine, 20 + views, request, good)), scores(answers)
    assert set(alone) == {path.name for path in good.iterdir()}
    assert [name for name in alone if among[name] != alone[name]] == []


def test_broken_files_before_the_first_good_one_move_its_answer_by_rounding_alone(
    engine: EngineChild, model: Path, good: Path, tmp_path: Path
) -> None:
    # Its batch is another then, and torch rounds sums of other shapes in another order.
    request = ModelRequest(model=str(model), device="cpu")
    files = sorted(good.iterdir())
    broken = [tmp_path / f"{number}.png" for number in range(5)]
    alone = scores(ask(engine, 40, request, *files))
    among = scores(ask(engine, 41, request, *broken, *files, *broken))
    assert set(among) == set(alone)
    for name, expected in alone.items():
        moved = np.frombuffer(among[name], "<f4") - np.frombuffer(expected, "<f4")
        assert float(abs(moved).max()) < 2e-6, name


def test_an_engines_memory_stays_bounded_while_bombs_come_again_and_again(
    engine: EngineChild, model: Path, mixed: Path, tmp_path: Path
) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(solid_png(5000, 5000))
    process = psutil.Process(engine.process.pid)
    held: list[float] = []
    for number in range(ROUNDS):
        for mode in ("exact", "fast"):
            request = ModelRequest(model=str(model), device="cpu", mode=mode)
            answers = ask(engine, 100 + number, request, mixed, large, mixed / "0-x-tile.tif")
            assert isinstance(answers[-2], Predicted)
            assert isinstance(answers[-1], PredictFailed)
        held.append(process.memory_info().rss / 1e6)
    assert max(held[1:]) - held[0] < GROWTH_MB, held


def test_an_engine_answers_for_what_is_no_file_and_goes_on(
    engine: EngineChild, model: Path, good: Path, tmp_path: Path
) -> None:
    request = ModelRequest(model=str(model), device="cpu")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")
    else:
        (tmp_path / "pipe.png").mkdir()
    (tmp_path / "empty").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    asked = [tmp_path / "pipe.png", tmp_path / "empty", tmp_path / "loop", tmp_path / "gone", Path("x" * 5000)]
    asked += [Path("nul\0.png"), next(good.iterdir())]
    answers = ask(engine, 200, request, *asked)
    assert Counter(answer.image for answer in answers) == dict.fromkeys(map(str, asked), 1)
    assert [type(answer) for answer in answers].count(Predicted) == 1
    assert not [event for event in engine.seen if isinstance(event, Failed)]


@pytest.mark.parametrize("data", [b"", good_files()["colour.png"]], ids=["broken", "good"])
def test_a_picture_whose_name_no_encoding_knows_has_an_answer_too(
    engine: EngineChild, model: Path, tmp_path: Path, data: bytes
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    try:
        (folder / os.fsdecode(b"\xff\xfe.png")).write_bytes(data)
    except (OSError, UnicodeError):
        pytest.skip("this file system has no such name")
    answers = ask(engine, 300, ModelRequest(model=str(model), device="cpu"), folder)
    assert [type(answer) for answer in answers] == [Predicted if data else PredictFailed]
