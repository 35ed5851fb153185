"""Tables that name the class or the part of each picture, in the forms that people have them in."""

from __future__ import annotations

from pathlib import Path

import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.data.file_kinds import PICTURE_SUFFIXES, UNREAD
from resnet_gui.data.layouts.describe import describe
from resnet_gui.data.layouts.description import left_out_line
from resnet_gui.data.layouts.evaluation import find_test
from tests.data.layout_files import aside, by_class, counts, fill, layout_of, look, names, write

TWO = {"cat": 3, "dog": 2}


def parts(**folders: dict[str, int]) -> dict[str, int]:
    return {f"{part}/{name}": count for part, classes in folders.items() for name, count in classes.items()}


TWO = {"cat": 3, "dog": 2}


@pytest.mark.parametrize("comma", [",", ", ", ";", "\t"])
@pytest.mark.parametrize("ending", ["", ".jpg"])
@pytest.mark.parametrize(
    "head", [("id", "label"), ("filename", "class"), ("Image Name", "Category"), ("file_name", "breed")]
)
def test_a_table_of_file_and_label_names_the_classes(
    tmp_path: Path, comma: str, ending: str, head: tuple[str, str]
) -> None:
    write(tmp_path, *names("train/", range(5)), *names("test/", range(100, 103)), "sample_submission.csv")
    rows = [head, *((f"{number}{ending}", "cat" if number < 3 else "dog") for number in range(5))]
    write(tmp_path, labels__csv="\n".join(comma.join(row) for row in rows))
    layout = layout_of(tmp_path)
    assert (layout.labels, counts(layout)) == ("labels.csv", {"training": TWO})
    assert aside(layout) == {"test": 3}


def test_paths_in_a_table_may_begin_at_the_table_or_at_the_set_or_on_windows(tmp_path: Path) -> None:
    write(tmp_path, "pictures/a/1.jpg", "pictures/b/1.jpg", "pictures/b/2.jpg", "pictures/b/3.jpg")
    rows = ["path,label", "pictures/a/1.jpg,cat", "./pictures/b/1.jpg,dog", r"pictures\b\2.jpg,dog", "b/3.jpg,cat"]
    write(tmp_path / "pictures", labels__csv="\n".join(rows))
    found = layout_of(tmp_path)
    assert by_class(found, found.training) == {
        "a": {"pictures/a/1.jpg"}, "b": {"pictures/b/1.jpg", "pictures/b/2.jpg", "pictures/b/3.jpg"}
    }, "class folders count before tables"  # fmt: skip
    (tmp_path / "pictures" / "a").rename(tmp_path / "pictures" / "images_1")
    (tmp_path / "pictures" / "b").rename(tmp_path / "pictures" / "images_2")
    write(tmp_path / "pictures", labels__csv="\n".join(rows).replace("a/", "images_1/").replace("b/", "images_2/"))
    (tmp_path / "pictures" / "images_2" / "2.jpg").unlink()
    found = layout_of(tmp_path)
    assert by_class(found, found.training) == {
        "cat": {"pictures/images_1/1.jpg", "pictures/images_2/3.jpg"}, "dog": {"pictures/images_2/1.jpg"}
    }  # fmt: skip
    assert found.notes == ["1 of 4 rows of pictures/labels.csv name no picture here."]


def test_a_table_for_each_part_beside_one_folder_of_pictures_makes_the_parts(tmp_path: Path) -> None:
    write(tmp_path, *names("images/", range(9)))
    for name, numbers in (("train", range(5)), ("val", range(5, 7)), ("test", range(7, 9))):
        write(tmp_path, **{f"{name}__csv": "image,label\n" + "".join(f"{n}.jpg,{'ab'[n % 2]}\n" for n in numbers)})
    layout = layout_of(tmp_path)
    assert counts(layout) == {"training": {"a": 3, "b": 2}, "validation": {"a": 1, "b": 1}, "test": {"a": 1, "b": 1}}
    assert layout.aside == []


def test_a_column_of_parts_makes_the_parts(tmp_path: Path) -> None:
    write(tmp_path, *names("images/", range(6)))
    rows = [f"{n}.jpg,{'ab'[n % 2]},{'train' if n < 4 else 'test'}" for n in range(6)]
    write(tmp_path, data__csv="\n".join(["image,label,split", *rows]))
    assert counts(layout_of(tmp_path)) == {"training": {"a": 2, "b": 2}, "test": {"a": 1, "b": 1}}


@pytest.mark.parametrize(
    ("head", "cells"), [("image,label,split", ("a", "b")), ("image,a,b,split", ("1,0", "0,1"))], ids=["label", "marks"]
)
def test_values_of_a_column_of_parts_that_are_no_parts_are_left_out_by_name(
    tmp_path: Path, head: str, cells: tuple[str, str]
) -> None:
    write(tmp_path, *names("images/", range(22)))
    values = ["train"] * 8 + ["valid"] * 4 + ["test_private"] * 4 + ["exclude"] * 4 + [""] * 2
    rows = [f"{n}.jpg,{cells[n % 2]},{value}" for n, value in enumerate(values)]
    write(tmp_path, data__csv="\n".join([head, *rows]))
    layout = layout_of(tmp_path)
    assert counts(layout) == {"training": {"a": 4, "b": 4}, "validation": {"a": 2, "b": 2}}
    assert layout.where == {"training": "data.csv", "validation": "data.csv"}
    assert [(each.more, each.count, each.name) for each in layout.aside] == [
        ("pictures of no known part in data.csv", 4, "test_private"),
        ("pictures of no known part in data.csv", 4, "exclude"),
        ("pictures without a part in data.csv", 2, ""),
    ]
    assert layout.notes == []
    described = describe(look(tmp_path), layout, "set")
    assert left_out_line(described) == (
        "4 pictures of no known part in data.csv (test_private); 4 pictures of no known part in data.csv (exclude); "
        "2 pictures without a part in data.csv"
    )
    tested = find_test(look(tmp_path), {"a", "b"})
    assert counts(tested) == {"test": {"a": 2, "b": 2}}, "the validation part, not what was learnt"
    assert tested.notes == ["Of the parts that data.csv names, validation is counted, not training."]
    assert aside(tested) == {"test_private": 4, "exclude": 4, "pictures without a part in data.csv": 2}


def test_of_many_values_that_are_no_parts_the_most_frequent_are_named_and_the_others_counted(tmp_path: Path) -> None:
    write(tmp_path, *names("images/", range(40)))
    values = ["train"] * 8 + ["test"] * 4 + [f"fold {n // 4 + 1}" for n in range(28)]
    write(tmp_path, data__csv="\n".join(["image,label,split", *(f"{n}.jpg,{n % 2},{v}" for n, v in enumerate(values))]))
    layout = layout_of(tmp_path)
    assert counts(layout) == {"training": {"0": 4, "1": 4}, "test": {"0": 2, "1": 2}}
    assert aside(layout) == {f"fold {n}": 4 for n in range(1, 6)} | {"pictures of 2 more unknown parts in data.csv": 8}


def test_a_column_that_names_no_part_at_all_leaves_nothing_out(tmp_path: Path) -> None:
    write(tmp_path, *names("images/", range(10)))
    write(tmp_path, data__csv="\n".join(["image,label,dataset", *(f"{n}.jpg,{'ab'[n % 2]},flickr" for n in range(10))]))
    layout = layout_of(tmp_path)
    assert (counts(layout), layout.aside) == ({"training": {"a": 5, "b": 5}}, [])


def test_a_column_of_parts_whose_training_pictures_have_one_class_is_refused(tmp_path: Path) -> None:
    write(tmp_path, *names("images/", range(6)))
    rows = [f"{n}.jpg,{'ab'[n % 2]},{('train', 'hidden')[n % 2]}" for n in range(6)]
    write(tmp_path, data__csv="\n".join(["image,label,split", *rows]))
    with pytest.raises(InputError, match=r"data\.csv names training pictures of one class alone, 'a', in its column"):
        layout_of(tmp_path)


def test_a_column_of_parts_keeps_unknown_ones_out_of_a_training_folder_and_the_folder_counts_else(
    tmp_path: Path,
) -> None:
    write(tmp_path, *names("train/", range(10)), *names("test/", range(10, 14)))
    values = ["train"] * 4 + ["val"] * 2 + ["exclude"] * 4 + ["test"] * 4
    write(tmp_path, data__csv="\n".join(["image,label,split", *(f"{n}.jpg,{n % 2},{v}" for n, v in enumerate(values))]))
    layout = layout_of(tmp_path)
    assert counts(layout) == {"training": {"0": 3, "1": 3}, "test": {"0": 2, "1": 2}}
    assert aside(layout) == {"exclude": 4}
    assert layout.notes == ["2 pictures of train/ are learnt as their folder says, though data.csv says validation."]


def test_endings_that_are_read_are_not_among_those_that_are_not() -> None:
    assert not UNREAD & {*PICTURE_SUFFIXES}


def test_one_column_a_class_is_read_in_each_part(tmp_path: Path) -> None:
    for part, count in (("train", 4), ("valid", 2), ("test", 2)):
        write(tmp_path, *names(f"{part}/x", range(count)))
        rows = [f"x{n}.jpg, {n % 2}, {1 - n % 2}" for n in range(count)]
        write(tmp_path / part, _classes__csv="\n".join(["filename, Fertil, Infertil", *rows]))
    layout = layout_of(tmp_path)
    half = {"Fertil": 1, "Infertil": 1}
    assert counts(layout) == {"training": {"Fertil": 2, "Infertil": 2}, "validation": half, "test": half}
    assert layout.labels == "train/_classes.csv"


def test_pictures_of_several_classes_at_once_are_refused(tmp_path: Path) -> None:
    write(tmp_path, *names("train/x", range(3)))
    write(tmp_path / "train", _classes__csv="filename,a,b\nx0.jpg,1,1\nx1.jpg,1,0\nx2.jpg,0,1\n")
    with pytest.raises(InputError, match=r"_classes\.csv gives 1 pictures several classes at once"):
        layout_of(tmp_path)


def test_tiny_imagenets_annotations_label_its_validation_part(tmp_path: Path) -> None:
    fill(tmp_path, {"train/n01/images": 3, "train/n02/images": 2, "test/images": 4}, ".png")
    write(tmp_path, "train/n01/n01_boxes.txt", *names("val/images/val_", range(4), ".png"))
    lines = [f"val_{n}.png\tn0{1 + n % 2}\t0\t0\t62\t62" for n in range(4)]
    write(tmp_path / "val", val_annotations__txt="\n".join(lines))
    layout = layout_of(tmp_path)
    assert counts(layout) == {"training": {"n01": 3, "n02": 2}, "validation": {"n01": 2, "n02": 2}}
    assert aside(layout) == {"test": 4}


def test_oxfords_lists_of_pets_make_parts_and_the_files_name_the_classes(tmp_path: Path) -> None:
    write(tmp_path, *names("images/Abyssinian_", range(4)), *names("images/great_pyrenees_", range(4)))
    write(tmp_path, *names("annotations/trimaps/Abyssinian_", range(4), ".png"))
    for name, numbers in (("trainval", range(3)), ("test", range(3, 4))):
        rows = [f"{pet}_{n} {k} 1 1" for k, pet in enumerate(("Abyssinian", "great_pyrenees"), 1) for n in numbers]
        write(tmp_path / "annotations", **{f"{name}__txt": "\n".join(rows)})
    layout = layout_of(tmp_path)
    assert counts(layout) == {
        "training": {"Abyssinian": 3, "great_pyrenees": 3},
        "test": {"Abyssinian": 1, "great_pyrenees": 1},
    }
    assert layout.labels == "annotations/trainval.txt"


def test_a_table_beside_a_test_part_without_folders_labels_it(tmp_path: Path) -> None:
    fill(tmp_path, {"Train/0": 3, "Train/1": 2, "Test": 4}, ".png")
    rows = ["Width,Height,ClassId,Path", *(f"30,30,{n % 2},Test/{n}.png" for n in range(4))]
    write(tmp_path, Test__csv="\n".join(rows), Train__csv="Width,Height,ClassId,Path\n30,30,0,Train/0/0.png\n")
    layout = layout_of(tmp_path)
    assert counts(layout) == {"training": {"0": 3, "1": 2}, "test": {"0": 2, "1": 2}}


def test_a_table_of_values_is_no_table_of_classes(tmp_path: Path) -> None:
    write(tmp_path, *names("images/", range(40)))
    write(tmp_path, ages__csv="id,age\n" + "".join(f"{n},{n * 1.5}\n" for n in range(40)))
    with pytest.raises(InputError, match=r"ages\.csv gives 40 pictures 40 different labels .* values and no classes"):
        layout_of(tmp_path)


def test_an_empty_part_is_told(tmp_path: Path) -> None:
    fill(tmp_path, parts(train=TWO))
    (tmp_path / "val").mkdir()
    layout = layout_of(tmp_path)
    assert counts(layout) == {"training": TWO}
    assert [(each.one, each.name) for each in layout.aside] == [("folder without a picture", "val")]


def test_numbered_pieces_of_a_set_are_one_set_where_a_table_tells_their_classes(tmp_path: Path) -> None:
    write(tmp_path, *names("HAM10000_images_part_1/I", range(3)), *names("HAM10000_images_part_2/I", range(3, 6)))
    rows = [f"H{n},I{n},{'nv' if n % 3 else 'mel'},80" for n in range(6)]
    write(tmp_path, HAM10000_metadata__csv="\n".join(["lesion_id,image_id,dx,age", *rows]))
    assert counts(layout_of(tmp_path)) == {"training": {"mel": 2, "nv": 4}}


def test_a_table_does_not_label_pictures_of_another_part_that_have_the_same_names(tmp_path: Path) -> None:
    write(tmp_path, *names("train/", range(6)), *names("test/", range(4)))
    rows = "".join(f"{n},{'ab'[n % 2]}\n" for n in range(6))
    for name in ("trainLabels", "labels"):
        write(tmp_path, **{f"{name}__csv": "id,label\n" + rows})
        layout = layout_of(tmp_path)
        assert counts(layout) == {"training": {"a": 3, "b": 3}}
        assert aside(layout) == {"test": 4}
        (tmp_path / f"{name}.csv").unlink()
    rows = "".join(
        f"{part}/{n}.jpg,{'ab'[n % 2]}\n" for part, count in (("train", 6), ("test", 4)) for n in range(count)
    )
    write(tmp_path, labels__csv="path,label\n" + rows)
    assert counts(layout_of(tmp_path)) == {"training": {"a": 3, "b": 3}, "test": {"a": 2, "b": 2}}


def test_paths_of_another_computer_and_lines_of_json_are_read(tmp_path: Path) -> None:
    write(tmp_path, *names("set/imgs/", range(4)))
    rows = [r"C:\Users\me\set\imgs\0.jpg,a", "/content/set/imgs/1.jpg,b", "/x/imgs/2.jpg,a", "/x/imgs/3.jpg,b"]
    write(tmp_path / "set", labels__csv="\n".join(["filepath,label", *rows]))
    assert counts(layout_of(tmp_path)) == {"training": {"a": 2, "b": 2}}
    (tmp_path / "set" / "labels.csv").unlink()
    lines = [f'{{"file_name": "{n}.jpg", "label": {n % 2}}}' for n in range(4)]
    write(tmp_path / "set" / "imgs", metadata__jsonl="\n".join(lines))
    assert counts(layout_of(tmp_path)) == {"training": {"0": 2, "1": 2}}


# ---- what deserves a look


def labelled(root: Path, head: str, *rows: str) -> Path:
    """A table beside a folder of its pictures, which its rows number."""
    write(root, *names("images/", range(len(rows))))
    return write(root, labels__csv="\n".join([head, *(f"{number}.jpg,{row}" for number, row in enumerate(rows))]))


def test_a_second_column_that_tells_other_classes_is_remarked_on(tmp_path: Path) -> None:
    labelled(tmp_path, "file,label,species", "a,x", "a,y", "b,x", "b,y")
    layout = layout_of(tmp_path)
    assert counts(layout) == {"training": {"a": 2, "b": 2}}
    assert layout.notes == ["labels.csv tells classes in its column 'label', and others in 'species', not used."]


def test_a_number_beside_each_name_of_a_class_is_none(tmp_path: Path) -> None:
    labelled(tmp_path, "file,label,class_id", "a,0", "a,0", "b,1", "b,1")
    assert layout_of(tmp_path).notes == []


@pytest.mark.parametrize("word", ["nan", "NaN", "null", "None", "N/A"])
def test_a_class_that_may_mean_none_is_remarked_on(tmp_path: Path, word: str) -> None:
    labelled(tmp_path, "file,label", "a", "a", "b", "b", word, "")
    layout = layout_of(tmp_path)
    assert counts(layout) == {"training": {"a": 2, "b": 2, word: 1}}
    assert layout.notes == [
        "1 row of labels.csv names no class.",
        f"1 picture of labels.csv by the class '{word}', which may mean that there is none: it is a class like "
        "the others here.",
    ]


def test_a_picture_that_a_table_puts_into_two_parts_is_refused(tmp_path: Path) -> None:
    labelled(tmp_path, "file,label,split", "a,train", "b,train", "a,test", "b,test")
    with (tmp_path / "labels.csv").open("a", encoding="utf-8") as file:
        file.write("\n0.jpg,a,test")
    with pytest.raises(InputError, match=r"puts images/0\.jpg into several parts \('train', 'test'\)"):
        layout_of(tmp_path)


def test_a_picture_that_a_table_names_twice_alike_is_counted_once(tmp_path: Path) -> None:
    labelled(tmp_path, "file,label,split", "a,train", "b,train", "a,test", "b,test")
    with (tmp_path / "labels.csv").open("a", encoding="utf-8") as file:
        file.write("\n0.jpg,a,train")
    assert counts(layout_of(tmp_path)) == {"training": {"a": 1, "b": 1}, "test": {"a": 1, "b": 1}}
