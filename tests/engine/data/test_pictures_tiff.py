"""Fails today: Pillow 13 maps an uncompressed one-strip TIFF into memory with the turned size and scrambles it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from resnet_gui.engine.data.pictures import open_picture
from tests.engine.data.test_pictures import GREY, TURNED


@pytest.mark.parametrize("orientation", TURNED)
def test_an_uncompressed_tiff_stands_upright_whatever_way_the_camera_was_held(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = GREY[:3].copy()
    Image.fromarray(stored).save(tmp_path / "a.tif", exif=exif)
    assert np.array_equal(np.asarray(open_picture(tmp_path / "a.tif").convert("L")), TURNED[orientation](stored))
