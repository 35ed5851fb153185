"""Lists of the pictures of each part beside class folders, as Food-101 and CUB-200 have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from resnet_gui.base.errors import InputError
from tests.data.layout_files import aside, counts, fill, layout_of, write

CLASSES = ("apple_pie", "baklava")


def food(root: Path, wrapping: str = "") -> Path:
    """Food-101 in small: ``images/CLASS/NUMBER.jpg``, lists without endings, and what else lies beside them."""
    place = root / wrapping
    fill(place, {f"images/{name}": 5 for name in CLASSES})
    lists = {"train": range(3), "test": range(3, 5)}
    for part, numbers in lists.items():
        lines = [f"{name}/{number}" for name in CLASSES for number in numbers]
        write(place / "meta", f"{part}.json", "classes.txt")
        write(place / "meta", **{f"{part}__txt": "\n".join(lines) + "\n"})
    write(place / "meta", classes__txt="\n".join(CLASSES), labels__txt="Apple pie\nBaklava")
    return place


def birds(root: Path) -> Path:
    """CUB-200-2011 in small: numbered lists of pictures, classes and parts."""
    names = ("001.Black_footed_Albatross", "002.Laysan_Albatross")
    pictures = [f"{name}/{name[4:]}_{number:04}_{number}.jpg" for name in names for number in range(4)]
    write(root, *(f"images/{picture}" for picture in pictures), "parts/parts.txt", "attributes/attributes.txt")
    numbered = list(enumerate(pictures, start=1))
    write(
        root,
        images__txt="\n".join(f"{number} {picture}" for number, picture in numbered),
        image_class_labels__txt="\n".join(f"{number} {int(picture[:3])}" for number, picture in numbered),
        train_test_split__txt="\n".join(f"{number} {int(number % 4 != 0)}" for number, _ in numbered),
        classes__txt="\n".join(f"{int(name[:3])} {name}" for name in names),
        bounding_boxes__txt="\n".join(f"{number} 60.0 27.0 325.0 304.0" for number, _ in numbered),
    )
    return root


@pytest.mark.parametrize("wrapping", ["", "data/food-101"])
def test_food_101s_lists_make_the_parts_and_folders_the_classes(tmp_path: Path, wrapping: str) -> None:
    food(tmp_path, wrapping)
    layout = layout_of(tmp_path)
    assert counts(layout) == {"training": dict.fromkeys(CLASSES, 3), "test": dict.fromkeys(CLASSES, 2)}
    start = f"{wrapping}/" if wrapping else ""
    assert {path for path, label in layout.test if label == 0} == {f"{start}images/apple_pie/{n}.jpg" for n in (3, 4)}
    assert (layout.labels, aside(layout), layout.notes) == ("folder names", {}, [])
    assert layout.where["training"] == f"{start}meta/train.txt"


def test_cub_200s_numbered_lists_make_the_parts(tmp_path: Path) -> None:
    layout = layout_of(birds(tmp_path))
    names = ("001.Black_footed_Albatross", "002.Laysan_Albatross")
    assert counts(layout) == {"training": dict.fromkeys(names, 3), "test": dict.fromkeys(names, 1)}
    assert layout.where["training"] == "train_test_split.txt"
    assert layout.notes == []


@pytest.mark.parametrize("ending", [".jpg", ""])
def test_lists_beside_class_folders_may_name_a_validation_part_and_lie_anywhere(tmp_path: Path, ending: str) -> None:
    fill(tmp_path, {"cat": 4, "dog": 4})
    for part, number in (("train", 0), ("val", 2), ("test", 3)):
        numbers = (0, 1) if part == "train" else (number,)
        write(
            tmp_path, **{f"{part}__txt": "\n".join(f"{name}/{n}{ending}" for name in ("cat", "dog") for n in numbers)}
        )
    one = {"cat": 1, "dog": 1}
    assert counts(layout_of(tmp_path)) == {"training": {"cat": 2, "dog": 2}, "validation": one, "test": one}


def test_what_no_list_names_is_left_out_and_what_is_not_there_is_counted(tmp_path: Path) -> None:
    place = food(tmp_path)
    fill(place, {"images/apple_pie": 7})
    with (place / "meta" / "train.txt").open("a", encoding="utf-8") as file:
        file.write("baklava/9\n")
    layout = layout_of(tmp_path)
    assert aside(layout) == {"pictures in no list of a part": 2}
    assert layout.notes == ["1 of 11 lines of meta/test.txt, meta/train.txt name no picture here."]


def test_a_picture_in_two_lists_is_refused(tmp_path: Path) -> None:
    place = food(tmp_path)
    with (place / "meta" / "train.txt").open("a", encoding="utf-8") as file:
        file.write("baklava/4\n")
    with pytest.raises(
        InputError, match=r"meta/(train|test)\.txt names images/baklava/4\.jpg, which is in the list of"
    ):
        layout_of(tmp_path)


def test_lists_about_others_change_nothing(tmp_path: Path) -> None:
    fill(tmp_path, {"cat": 4, "dog": 4})
    write(tmp_path, train__txt="sheep/1\nsheep/2\nsheep/3", test__txt="sheep/4\ngoat/2")
    assert counts(layout_of(tmp_path)) == {"training": {"cat": 4, "dog": 4}}
