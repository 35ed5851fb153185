"""The recipe's split is what training, description, estimate and thumbnails hold out, of folders and of arrays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from resnet_gui.base.errors import InputError
from resnet_gui.data.layouts.splitting import NO_EFFECT, SplitRule
from resnet_gui.engine.data.datasets import DataSet, load
from resnet_gui.engine.data.folders import list_folder
from resnet_gui.engine.data.set_thumbnails import show_pictures
from resnet_gui.engine.train.estimate import fit_of
from resnet_gui.protocol.jobs import ShowPictures
from resnet_gui.runs.folder import read_run_info
from resnet_gui.training.recipe import Recipe
from tests.engine.train.tiny_run import Run, sha

SHAPE = (1, 8, 8)


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes of twenty pictures in five sub-folders each."""
    folder = tmp_path_factory.mktemp("cells")
    random = np.random.default_rng(1)
    for name in "ab":
        for number in range(20):
            path = folder / name / f"{name}{number % 5}" / f"{number:02}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(random.integers(0, 256, (8, 8), dtype=np.uint8)).save(path)
    return folder


@pytest.fixture(scope="module")
def arrays(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty pictures of each of two classes, without parts."""
    path = tmp_path_factory.mktemp("arrays") / "set.npz"
    random = np.random.default_rng(1)
    images = random.integers(0, 256, (40, 8, 8), dtype=np.uint8)
    np.savez(path, train_images=images, train_labels=np.arange(40) % 2)
    return path


def parts(data: DataSet) -> tuple[int, int, int]:
    return len(data.train.labels), len(data.test.labels), len(data.final.labels) if data.final is not None else 0


def test_the_default_split_is_known_by_the_digest_that_it_always_had(cells: Path) -> None:
    plain = list_folder(cells)
    expected = [path for name in "ab" for path in sorted((cells / name).rglob("*.png"))[4::5]]
    assert [path for path, _ in plain.test] == expected
    assert plain.fingerprint() == list_folder(cells, split=SplitRule()).fingerprint()
    assert plain.description.parts[1].where == "every fifth picture of each class"
    assert plain.fingerprint() != list_folder(cells, split=SplitRule(seed=1)).fingerprint()


@pytest.mark.parametrize("kind", ["cells", "arrays"])
def test_validation_and_test_are_held_out_as_the_recipe_says(kind: str, request: pytest.FixtureRequest) -> None:
    path: Path = request.getfixturevalue(kind)
    recipe = Recipe(data=str(path), validation=0.2, test=0.1, split_seed=3)
    found = load(str(path), SHAPE, recipe=recipe)
    assert parts(found) == (28, 8, 4)
    assert found.final is not None
    for labels in (found.test.labels, found.final.labels):
        assert len(set(torch.bincount(labels).tolist())) == 1, "as many of each class"
    description = found.identity.description
    assert description is not None
    assert [(part.part, part.where, part.use) for part in description.parts[1:]] == [
        ("validation", "20 % of each class, drawn by seed 3", "the weights are selected on it"),
        ("test", "10 % of each class, drawn by seed 3", "counted once, at the end"),
    ]
    fit = fit_of(str(path), split=recipe.split)
    assert (fit.train_images, fit.test_images) == (28, 8)
    other = load(str(path), SHAPE, recipe=Recipe(data=str(path), split_seed=4))
    assert parts(other) == (32, 8, 0)
    assert other.identity.sha256 != found.identity.sha256


def test_folders_stay_together(cells: Path) -> None:
    found = load(str(cells), SHAPE, recipe=Recipe(data=str(cells), split_groups="folders"))
    assert parts(found) == (32, 8, 0)
    held = {path.parent for path in found.test.files}
    assert len(held) == 2
    assert not held & {path.parent for path in found.train.files}


def test_arrays_have_no_groups_and_parts_of_their_own_are_kept_and_said(arrays: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has neither folders nor names of pictures, so split_groups must be empty"):
        load(str(arrays), SHAPE, recipe=Recipe(split_groups="folders"))
    whole, other = (load("digits", SHAPE, recipe=recipe) for recipe in (Recipe(), Recipe(validation=0.4, split_seed=2)))
    assert other.identity.sha256 == whole.identity.sha256
    assert whole.identity.description is not None
    assert other.identity.description is not None
    assert NO_EFFECT not in whole.identity.description.notes
    assert NO_EFFECT in other.identity.description.notes
    for part in ("train", "test"):
        for name in "ab":
            (tmp_path / part / name).mkdir(parents=True)
            for number in range(3):
                Image.new("L", (8, 8), ord(name) + number + 9 * len(part)).save(
                    tmp_path / part / name / f"{number}.png"
                )
    assert list_folder(tmp_path).description.notes == ()
    assert list_folder(tmp_path, split=SplitRule(seed=2)).description.notes == (NO_EFFECT,)


def test_too_few_pictures_for_a_part_are_refused_and_for_a_class_are_said(tmp_path: Path) -> None:
    for name, count in (("a", 9), ("b", 3)):
        (tmp_path / name).mkdir()
        for number in range(count):
            Image.new("L", (8, 8), 20 * number + ord(name)).save(tmp_path / name / f"{number}.png")
    with pytest.raises(InputError, match=r"too few pictures: a class needs at least 20 to hold one out\."):
        list_folder(tmp_path, split=SplitRule(test=0.05))
    note = "No picture of 'b' is held out for the selection of the weights: too few."
    assert list_folder(tmp_path).description.notes == (note,)


def test_a_run_selects_on_validation_counts_the_test_once_and_goes_on_with_its_own_split(
    cells: Path, tmp_path: Path
) -> None:
    changes = {"validation": 0.2, "test": 0.2, "split_seed": 3, "split_groups": r"(\d)\.png", "epochs": 2}
    whole = Run(cells, tmp_path / "whole")
    ended = whole.start(**changes)
    assert ended.result is not None
    info = read_run_info(whole.folder)
    assert ended.result.final_images == info.data.final_images > 0
    run = Run(cells, tmp_path / "run")
    run.react = lambda event: run.control.stop() if getattr(event, "step", 0) == 2 else None
    assert run.start(**changes).status == "stopped"
    run.react = lambda _event: None
    assert sha(run.resume()) == sha(ended)
    shown = show_pictures(ShowPictures(1, str(run.folder), (0, 1)))
    listing = list_folder(cells, split=info.recipe.split)
    assert [Path(each.path) for each in shown.pictures] == [path for path, _ in listing.test[:2]]
