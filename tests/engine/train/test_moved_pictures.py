"""Pictures of a run that lie elsewhere now: found where they are named, by their fingerprint, and never unasked."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from resnet_gui.base.errors import InputError
from resnet_gui.engine.data.set_thumbnails import show_pictures
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.run import train
from resnet_gui.protocol.jobs import Extend, Resume, ShowPictures
from resnet_gui.runs.events import RunEnded, StepDone
from resnet_gui.runs.folder import RUN_FILE, read_run_info
from tests.engine.train.tiny_run import Run, sha


def resume(run: Run, data: Path | str = "") -> RunEnded:
    return train(Resume(2, str(run.folder), None, str(data)), lambda _event: None, Control())


@pytest.fixture
def stopped(new_run: Callable[[], Run]) -> Run:
    run = new_run()
    run.react = lambda event: run.control.stop() if isinstance(event, StepDone) and event.step == 6 else None
    run.start()
    return run


def test_a_run_goes_on_to_the_same_end_with_its_pictures_elsewhere_and_keeps_the_place(
    new_run: Callable[[], Run], stopped: Run, picture_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = new_run()
    expected = sha(whole.start())
    elsewhere = picture_folder.with_name("elsewhere")
    picture_folder.rename(elsewhere)
    with pytest.raises(InputError, match=r"are gone; put them back, or say where they are now \(--data FOLDER\)"):
        resume(stopped)
    monkeypatch.chdir(elsewhere.parent)  # a place is kept whole, from wherever it was named
    assert sha(resume(stopped, "elsewhere")) == expected
    info = read_run_info(stopped.folder)
    assert info.recipe.data == str(elsewhere)
    assert info.data == read_run_info(whole.folder).data
    monkeypatch.chdir("/")
    assert resume(stopped).status == "finished"
    (shown,) = show_pictures(ShowPictures(1, str(stopped.folder), (0,))).pictures
    assert Path(shown.path).is_relative_to(elsewhere)


def test_pictures_of_the_same_name_elsewhere_are_not_looked_for(stopped: Run, picture_folder: Path) -> None:
    shutil.copytree(picture_folder, stopped.folder.parent / "copies" / "pictures")
    shutil.rmtree(picture_folder)
    with pytest.raises(InputError, match="are gone"):
        resume(stopped)


def test_other_pictures_are_refused_with_what_differs_and_the_run_is_as_it_was(
    stopped: Run, picture_folder: Path
) -> None:
    before = (stopped.folder / RUN_FILE).read_bytes()
    fewer, renamed, painted = (picture_folder.with_name(name) for name in ("fewer", "renamed", "painted"))
    for folder in (fewer, renamed, painted):
        shutil.copytree(picture_folder, folder)
    for name in ("00.png", "01.png", "02.png", "03.png", "04.png"):
        (fewer / "dark" / name).unlink()
    (renamed / "dark").rename(renamed / "night")
    Image.new("L", (8, 8), 3).save(painted / "dark" / "00.png")
    for folder, says in (
        (fewer, "it has 28 training pictures instead of 32 and 7 tested pictures instead of 8"),
        (renamed, r"it has 2 classes \(light, night\), the run learns 2 classes \(dark, light\)"),
        (painted, "as many pictures of the same classes, but they are others, by their fingerprint"),
        (picture_folder.with_name("nowhere"), "nowhere"),
    ):
        with pytest.raises(InputError, match=says):
            resume(stopped, folder)
    with pytest.raises(InputError, match="does not hold the pictures of this run"):
        resume(stopped, "digits")
    assert (stopped.folder / RUN_FILE).read_bytes() == before


def test_other_bytes_of_the_same_size_are_other_pictures_where_files_are_read_while_the_run_goes_on(
    new_run: Callable[[], Run], picture_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resnet_gui.engine.data.datasets.MAX_BYTES", 0)
    for path in picture_folder.rglob("*.png"):
        Image.open(path).save(path.with_suffix(".bmp"))
        path.unlink()
    run = new_run()
    run.react = lambda event: run.control.stop() if isinstance(event, StepDone) and event.step == 2 else None
    run.start()
    same, painted = (picture_folder.with_name(name) for name in ("same", "painted"))
    shutil.copytree(picture_folder, same)
    shutil.copytree(picture_folder, painted)
    for path in painted.rglob("*.bmp"):
        Image.open(path).point(lambda value: 255 - value).save(path)
    with pytest.raises(InputError, match="as many pictures of the same classes, but they are others, by their"):
        resume(run, painted)
    assert resume(run, same).status == "finished"


def test_a_run_is_extended_with_its_pictures_elsewhere(new_run: Callable[[], Run], picture_folder: Path) -> None:
    run = new_run()
    run.start()
    elsewhere = picture_folder.with_name("elsewhere")
    picture_folder.rename(elsewhere)
    job = Extend(1, str(run.folder), 1, None, str(elsewhere))
    assert train(job, lambda _event: None, Control()).status == "finished"
    info = read_run_info(run.folder)
    assert (info.recipe.data, info.recipe.epochs) == (str(elsewhere), 5)
