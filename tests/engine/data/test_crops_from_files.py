"""Random-resized crops are cut from the picture on disk where pictures are read while the training goes on."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFile
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional

from resnet_gui.data.preprocessing import Scaling, random_crop
from resnet_gui.engine.data import datasets
from resnet_gui.engine.data.datasets import load
from resnet_gui.engine.data.loaders import Resident
from resnet_gui.engine.data.pictures import read_crop
from resnet_gui.engine.train.augment import draw, draw_mix, epoch_order
from resnet_gui.engine.train.distributed import RankGroup
from resnet_gui.engine.train.step import TrainingStep
from resnet_gui.runs.folder import RUN_FILE
from resnet_gui.training.recipe import Recipe
from tests.conftest import examples
from tests.engine.train.tiny_run import Run, sha

CHANCE = st.floats(0, 1, exclude_max=True)
CHANCES = st.tuples(CHANCE, CHANCE, CHANCE, CHANCE)
SHAPE = (1, 8, 8)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes of twenty pictures of 60×40 and 40×60."""
    folder = tmp_path_factory.mktemp("photos")
    random = np.random.default_rng(1)
    for number in range(40):
        path = folder / "ab"[number % 2] / f"{number:02}.png"
        path.parent.mkdir(exist_ok=True)
        size = (40, 60) if number % 3 else (60, 40)
        Image.fromarray(random.integers(0, 256, size, dtype=np.uint8)).save(path)
    return folder


@given(size=st.tuples(st.integers(1, 5000), st.integers(1, 5000)), chances=CHANCES)
def test_a_crop_lies_in_the_picture_and_has_the_area_and_the_ratio_of_szegedy(
    size: tuple[int, int], chances: tuple[float, ...]
) -> None:
    width, height = size
    box = random_crop(size, chances)
    wide, high = box.right - box.left, box.bottom - box.top
    assert 0 <= box.left < box.right <= width
    assert 0 <= box.top < box.bottom <= height
    # Rounding moves a side by half a pixel.
    assert (wide - 0.5) / (high + 0.5) <= 4 / 3
    assert (wide + 0.5) / (high - 0.5) >= 3 / 4 or high == 1
    assert (wide + 0.5) * (high + 0.5) >= min(0.08 * width * height, (3 / 4) * min(width, height) ** 2)


def test_crops_have_the_means_of_torchvisions_draws() -> None:
    from torchvision.transforms import RandomResizedCrop

    torch.manual_seed(1)
    picture = torch.zeros(3, 300, 400)
    theirs = np.array([RandomResizedCrop.get_params(picture, [0.08, 1.0], [3 / 4, 4 / 3]) for _ in range(2000)])
    numbers = np.random.default_rng(1).random((2000, 4))
    boxes = np.array([random_crop((400, 300), row) for row in numbers])
    ours = np.stack([boxes[:, 1], boxes[:, 0], boxes[:, 3] - boxes[:, 1], boxes[:, 2] - boxes[:, 0]], 1)
    # Top, left, height, width: within five standard errors, and what the other way to an area that fits changes.
    for mine, their in zip(ours.T, theirs.T, strict=True):
        assert abs(mine.mean() - their.mean()) < 5 * math.hypot(mine.std(), their.std()) / math.sqrt(2000) + 2


@given(chances=CHANCES, side=st.integers(1, 24), wide=st.integers(1, 24))
@examples(40)
def test_pixels_of_a_crop_are_those_of_torchvisions_resized_crop(
    photo: Path, chances: tuple[float, ...], side: int, wide: int
) -> None:
    with Image.open(photo) as picture:
        picture.load()
    box = random_crop(picture.size, chances)
    found = read_crop(photo, (3, side, wide), Scaling(), chances)
    theirs = functional.resized_crop(
        torch.from_numpy(np.asarray(picture).transpose(2, 0, 1).copy()), box.top, box.left, box.bottom - box.top,
        box.right - box.left, [side, wide], InterpolationMode.BILINEAR, antialias=True,
    )  # fmt: skip
    assert np.abs(found.astype(int) - theirs.numpy()).max() <= 1


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photo") / "a.png"
    Image.fromarray(np.random.default_rng(3).integers(0, 256, (45, 70, 3), dtype=np.uint8)).save(path)
    return path


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_large_jpeg_is_decoded_smaller_as_long_as_the_crop_keeps_the_inputs_resolution(
    tmp_path: Path, orientation: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, columns = np.mgrid[0:600, 0:1000]
    smooth = np.stack([rows * 255 / 600, columns * 255 / 1000, (rows + columns) / 7], 2).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(smooth).save(tmp_path / "a.jpg", exif=exif, quality=95, subsampling=0)
    upright = smooth if orientation == 1 else np.rot90(smooth, -1)
    Image.fromarray(np.ascontiguousarray(upright)).save(tmp_path / "a.png")
    drafted: list[tuple[int, int]] = []
    real = ImageFile.ImageFile.load

    def load(self: ImageFile.ImageFile) -> Any:
        drafted.append(self.size)
        return real(self)

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    for chances, scale in (((0.999, 0.5, 0.5, 0.5), 8), ((0.02, 0.1, 0.9, 0.2), 2), ((0.999, 0.5, 0.1, 0.1), 8)):
        drafted.clear()
        small = read_crop(tmp_path / "a.jpg", (3, 64, 64), Scaling(), chances)
        assert drafted[0] == (1000 // scale, 600 // scale)
        exact = read_crop(tmp_path / "a.png", (3, 64, 64), Scaling(), chances)
        assert np.abs(small.astype(int) - exact).mean() < 3


# ---- in a training


def streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "MAX_BYTES", 0)


@pytest.mark.parametrize("mixup", [0.0, 0.4])
def test_each_rank_cuts_its_pictures_and_their_partners_as_the_draws_of_the_step_say(
    photos: Path, mixup: float, monkeypatch: pytest.MonkeyPatch, make_step: Callable[..., TrainingStep]
) -> None:
    streamed(monkeypatch)
    recipe = Recipe(data=str(photos), augment="resized-crop", mixup=mixup)
    data = load(str(photos), SHAPE, recipe=recipe)
    assert data.identity.crops_from_files
    source = data.source(data.train, SHAPE, CPU)
    order, step = epoch_order(32, 1, 0)[:12], 5
    chances, how = draw(recipe, step, 12, 8, 8).chances, draw_mix(recipe, step, 12, 8, 8)
    assert chances is not None
    for rank in range(2):
        learner = make_step(recipe, rank)
        numbers = learner.wanted(step, 12, 8, 8)
        mine = torch.arange(12).tensor_split(2)[rank]
        assert torch.equal(numbers, mine if how is None else torch.cat([mine, how.partner[mine]]))
        ((images, labels),) = source.batches([order[numbers]], [learner.wanted_crops(step, 12, 8, 8)])
        assert torch.equal(labels, data.train.labels[order[numbers]])
        for image, number in zip(images, numbers.tolist(), strict=True):
            path = data.train.files[int(order[number])]
            assert np.array_equal(image, read_crop(path, SHAPE, Scaling(), chances[number].tolist()))


@pytest.fixture
def make_step() -> Callable[..., TrainingStep]:
    from resnet_gui.design.plan import plan
    from resnet_gui.network.resnet import ResNet
    from tests.engine.train.tiny_run import SPEC

    class Ranks(RankGroup):
        """Two of them, which do not exchange anything."""

        def wrap(self, model: Any, *_args: object, **_more: object) -> Any:
            return model

    def make(recipe: Recipe, rank: int) -> TrainingStep:
        made = TrainingStep(ResNet(plan(SPEC)), recipe, "fp32", torch.contiguous_format, Ranks(rank, 2))
        made.crops_come_cut = True
        return made

    return make


def test_a_part_that_was_cut_is_only_mirrored_afterwards(make_step: Callable[..., TrainingStep]) -> None:
    recipe = Recipe(augment="resized-crop")
    learner, images = make_step(recipe, 0), torch.randint(0, 256, (6, 1, 8, 8), dtype=torch.uint8)
    learner._mean, learner._std = torch.zeros(1, 1, 1, 1), torch.ones(1, 1, 1, 1)
    found = learner._prepared((images[:3], torch.zeros(3, dtype=torch.int64)), 4, 6)[0]
    flips = draw(recipe, 4, 6, 8, 8).flips
    assert flips is not None
    expected = torch.where(flips[:3, None, None, None], images[:3].flip(3), images[:3]).float() / 255
    assert torch.equal(found, expected)


def test_a_streamed_run_goes_on_to_the_same_weights_and_one_of_an_earlier_build_with_its_own_crops(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    streamed(monkeypatch)
    whole = Run(photos, tmp_path / "whole")
    expected = sha(whole.start(augment="resized-crop", epochs=2))
    run = Run(photos, tmp_path / "run")
    run.react = lambda event: run.control.stop() if getattr(event, "step", 0) == 3 else None
    assert run.start(augment="resized-crop", epochs=2).status == "stopped"
    run.react = lambda _event: None
    assert sha(run.resume()) == expected
    # As an earlier build wrote it: its crops are those of the copies, from the first step on.
    (old,) = (Run(photos, tmp_path / "old"),)
    old.react = lambda event: old.control.stop() if getattr(event, "step", -1) == 0 else None
    old.start(augment="resized-crop", epochs=2)
    info = json.loads((old.folder / RUN_FILE).read_text())
    assert info["data"].pop("crops_from_files") is True
    (old.folder / RUN_FILE).write_text(json.dumps(info))
    old.react = lambda _event: None
    assert sha(old.resume()) != expected


def test_sets_in_memory_pay_no_attention_to_crops() -> None:
    source = Resident(torch.arange(4)[:, None, None, None].to(torch.uint8), torch.arange(4), CPU)
    assert not source.cuts
    ((images, _),) = source.batches([torch.tensor([2])], [torch.rand(1, 4)])
    assert images.item() == 2
