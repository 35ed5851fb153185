"""Pictures read a batch at a time: the pixels and the answers of each read alone, to the bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from resnet_gui.engine.data.opened import untold, unwatched
from resnet_gui.engine.evaluate.opened import classifier_of
from resnet_gui.engine.evaluate.reading import InputReader
from resnet_gui.engine.evaluate.tested_pictures import find_tested
from resnet_gui.protocol.model_request import ModelRequest
from tests.engine.data.picture_files import png
from tests.engine.evaluate.colour_network import colour_picture, save_colours


@pytest.mark.parametrize("jpegs", [6, 2], ids=["mostly JPEGs of the input's size", "mostly others"])
def test_a_batch_has_the_pixels_and_the_answers_of_each_picture_read_alone(jpegs: int, tmp_path: Path) -> None:
    classifier = classifier_of(ModelRequest(model=str(save_colours(tmp_path / "m.safetensors")), device="cpu"))
    folder = tmp_path / "set" / "red"
    folder.mkdir(parents=True)
    (tmp_path / "set" / "green").mkdir()
    colour_picture("green", 0).save(tmp_path / "set" / "green" / "0.png")
    for number in range(jpegs):
        colour_picture("red", number).save(folder / f"{2 * number:02}.jpg", quality=60 + 5 * number)
    colour_picture("red", 20, side=11).save(folder / "05.jpg")
    (folder / "03.png").write_bytes(png((8, 8), 16, 2, (b"\0" + bytes(48)) * 8))
    (folder / "07.jpg").write_bytes((folder / "00.jpg").read_bytes()[:-20])
    Image.new("L", (8, 8), 90).save(folder / "09.jpg")
    classes = ("red", "green", "blue")
    pictures = find_tested(str(tmp_path / "set"), (3, 8, 8), classes, unwatched, untold)
    reader, numbers = InputReader(pictures, classifier), np.arange(len(pictures.files))
    for _ in range(2):
        batch = reader.read(numbers)
        assert [Path(pictures.files[each.number]).name for each in batch.unread] == ["07.jpg"]
        assert batch.cut == 1
        assert batch.numbers.tolist() == [number for number in numbers if number != batch.unread[0].number]
        alone = np.stack([classifier.prepare(Path(pictures.files[number])).pixels for number in batch.numbers])
        assert np.array_equal(batch.pixels, alone)
        assert np.array_equal(classifier.scores(batch.pixels), classifier.scores(alone))
