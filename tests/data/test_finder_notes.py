"""What deserves a look in a layout is said in its notes."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from resnet_gui.engine.data.folders import list_folder


@pytest.mark.parametrize("repeated", [True, False])
def test_class_folders_that_hold_the_same_folders_are_remarked_on(tmp_path: Path, repeated: bool) -> None:
    for number, place in enumerate(("paris", "london")):
        for name in ("cat", "dog") if repeated or not number else ("ant", "bee"):
            (tmp_path / place / name).mkdir(parents=True)
            for each in range(6):
                Image.new("RGB", (4, 4), (number * 90, each, 7)).save(tmp_path / place / name / f"{each}.png")
    listing = list_folder(tmp_path)
    assert listing.classes == ("london", "paris")
    said = [note for note in listing.description.notes if note.startswith("Every class folder holds the same folders")]
    assert said == (
        ["Every class folder holds the same folders (cat, dog); if those are the classes, name one class folder."]
        if repeated
        else []
    )
