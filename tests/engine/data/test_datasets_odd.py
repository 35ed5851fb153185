from __future__ import annotations

from pathlib import Path

import pytest
import torch

from resnet_gui.engine.data.datasets import load, mean_and_std
from tests.engine.data.test_datasets import SHAPE, fill


@pytest.mark.parametrize("value", range(0, 256, 17))
def test_a_channel_without_variation_has_the_deviation_one(value: int) -> None:
    mean, std = mean_and_std(torch.full((3, 1, 2, 2), value, dtype=torch.uint8))
    assert mean == pytest.approx((value / 255,))
    assert std == (1.0,)


def test_a_folder_of_which_one_picture_is_held_out_is_a_data_set_or_refused_with_a_sentence(tmp_path: Path) -> None:
    # IndexError today: _read names skipped[0], but nothing was skipped.
    fill(tmp_path / "cat", range(5))
    fill(tmp_path / "dog", range(100, 104))
    from resnet_gui.base.errors import InputError

    try:
        load(str(tmp_path), SHAPE)
    except InputError as error:
        said = str(error)
        assert "too few" in said.lower()


def test_pictures_in_hidden_folders_below_a_class_are_no_pictures_of_it(tmp_path: Path) -> None:
    fill(tmp_path / "cat", range(10))
    fill(tmp_path / "dog", range(100, 110))
    before = load(str(tmp_path), SHAPE).identity.sha256
    fill(tmp_path / "cat" / ".thumbnails", range(5))
    assert load(str(tmp_path), SHAPE).identity.sha256 == before


def test_a_class_of_which_no_picture_can_be_read_is_refused_by_its_name(tmp_path: Path) -> None:
    for name in ("cat", "dog", "emu"):
        fill(tmp_path / name, range(10))
    for path in (tmp_path / "emu").iterdir():
        path.write_bytes(b"no")
    from resnet_gui.base.errors import InputError

    with pytest.raises(InputError, match="emu"):
        load(str(tmp_path), SHAPE)


def test_a_folder_named_as_a_picture_is_not_counted_as_one(tmp_path: Path) -> None:
    fill(tmp_path / "cat", range(10))
    fill(tmp_path / "dog", range(100, 110))
    (tmp_path / "cat" / "album.png").mkdir()
    assert load(str(tmp_path), SHAPE).skipped == ()
