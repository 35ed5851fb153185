"""Layouts that people have their pictures in, one by one: what they mean is read, or a sentence says why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.base.system_folders import system_devices, system_kind
from resnet_gui.data.layouts import scan
from resnet_gui.data.layouts.describe import left_out as left_out_of
from tests.data.layout_files import RULES, aside, by_class, counts, fill, layout_of, look, names, write

TWO = {"cat": 3, "dog": 2}


def parts(**folders: dict[str, int]) -> dict[str, int]:
    return {f"{part}/{name}": count for part, classes in folders.items() for name, count in classes.items()}


# ---- parts by folders


TRAIN_NAMES = ["train", "Training", "TRAIN", "training_set", "seg_train", "train_images", "TrainSet"]
VALIDATION_NAMES = ["val", "valid", "Validation", "dev", "val2017"]
TEST_NAMES = ["test", "Testing", "test_set", "TEST", "testset"]
NAMED = [
    # Each day every pair of two, the third by turns.
    pytest.param(train, val, test, marks=[] if (row + column + place) % 5 == 0 else [pytest.mark.prove])
    for row, train in enumerate(TRAIN_NAMES)
    for column, val in enumerate(VALIDATION_NAMES)
    for place, test in enumerate(TEST_NAMES)
]


@pytest.mark.parametrize(("train", "val", "test"), NAMED)
def test_validation_and_test_parts_are_known_by_their_names_in_any_case(
    tmp_path: Path, train: str, val: str, test: str
) -> None:
    fill(tmp_path, parts(**{train: TWO, val: {"cat": 2, "dog": 1}, test: {"cat": 1, "dog": 4}}))
    layout = layout_of(tmp_path)
    assert layout.classes == ("cat", "dog")
    assert counts(layout) == {"training": TWO, "validation": {"cat": 2, "dog": 1}, "test": {"cat": 1, "dog": 4}}
    assert layout.where == {"training": f"{train}/", "validation": f"{val}/", "test": f"{test}/"}


@pytest.mark.parametrize("wrapping", ["", "data/", "archive/my set/"])
@pytest.mark.parametrize("doubled", ["{0}", "{0}/{0}", "{0}/images", "{0}/{0}/imgs"])
def test_folders_around_the_set_and_around_a_part_change_nothing(tmp_path: Path, wrapping: str, doubled: str) -> None:
    places = {wrapping + doubled.format(name): TWO for name in ("train", "test")}
    fill(tmp_path, parts(**places))
    assert counts(layout_of(tmp_path)) == {"training": TWO, "test": TWO}


def test_parts_that_differ_in_one_word_of_a_longer_name_are_parts(tmp_path: Path) -> None:
    fill(tmp_path, parts(**{"asl_alphabet_train/asl_alphabet_train": TWO}))
    write(tmp_path, *(f"asl_alphabet_test/asl_alphabet_test/{letter}_test.jpg" for letter in "ABC"))
    layout = layout_of(tmp_path)
    assert counts(layout) == {"training": TWO}
    assert aside(layout) == {"asl_alphabet_test": 3}


def test_classes_that_hold_their_parts_are_read(tmp_path: Path) -> None:
    fill(tmp_path, {"cat/train": 3, "cat/test": 1, "dog/train": 2, "dog/test": 2})
    assert counts(layout_of(tmp_path)) == {"training": TWO, "test": {"cat": 1, "dog": 2}}


@pytest.mark.parametrize("place", ["test", "test1", "test/images", "test/unknown", "seg_pred/seg_pred", "unlabeled"])
def test_pictures_without_a_class_are_set_aside_by_name(tmp_path: Path, place: str) -> None:
    fill(tmp_path, parts(train=TWO, val=TWO) | {place: 7})
    layout = layout_of(tmp_path)
    assert counts(layout) == {"training": TWO, "validation": TWO}
    assert aside(layout) == {place.split("/", maxsplit=1)[0]: 7}


def test_an_incomplete_test_part_is_set_aside_where_validation_is_complete(tmp_path: Path) -> None:
    fill(tmp_path, parts(train=TWO, val=TWO, test={"cat": 2}))
    layout = layout_of(tmp_path)
    assert counts(layout) == {"training": TWO, "validation": TWO}
    (left,) = layout.aside
    assert (left.name, left.count, left.more) == ("test", 2, "pictures of a test part that lacks 'dog'")


@pytest.mark.parametrize("part", ["test", "val"])
@pytest.mark.parametrize("empty", [False, True])
def test_a_class_that_the_only_held_out_part_lacks_is_named_and_the_others_are_used(
    tmp_path: Path, part: str, empty: bool
) -> None:
    fill(tmp_path, parts(train=TWO, **{part: {"dog": 2}}))
    if empty:
        (tmp_path / part / "cat").mkdir()
    layout = layout_of(tmp_path)
    word = "test" if part == "test" else "validation"
    assert counts(layout) == {"training": TWO, word: {"dog": 2}}
    assert f"The {word} part ({part}/) has no picture of 'cat'." in layout.notes


def test_folders_beside_the_parts_are_set_aside_by_name(tmp_path: Path) -> None:
    fill(tmp_path, parts(train=TWO, test=TWO) | {"chest/train/cat": 3, "chest/test/dog": 1, "samples": 2})
    write(tmp_path, "cover.png")
    layout = layout_of(tmp_path)
    assert counts(layout) == {"training": TWO, "test": TWO}
    assert aside(layout) == {"chest": 4, "samples": 2, "pictures beside the parts": 1}


# ---- classes


def test_classes_that_differ_only_in_case_stay_apart_and_are_told(tmp_path: Path) -> None:
    fill(tmp_path, {"A": 2, "a": 3, "B": 1})
    layout = layout_of(tmp_path)
    assert counts(layout) == {"training": {"A": 2, "B": 1, "a": 3}}
    assert layout.notes == ["Classes whose names differ only in case are kept apart: 'A', 'a'."]


def test_a_folder_with_other_files_alone_is_no_class_and_an_empty_one_is_refused(tmp_path: Path) -> None:
    fill(tmp_path, TWO)
    write(tmp_path, "annotations/cat.xml")
    assert aside(layout_of(tmp_path)) == {"annotations": 1}
    (tmp_path / "cow").mkdir()
    with pytest.raises(InputError, match=r"cow holds no pictures; fill the class folder or remove it"):
        layout_of(tmp_path)


def test_a_class_whose_pictures_are_of_a_kind_that_is_not_read_is_refused_by_its_kind(tmp_path: Path) -> None:
    fill(tmp_path, TWO)
    fill(tmp_path, {"cow": 4}, ".heic")
    with pytest.raises(InputError, match=r"cow holds no pictures that can be read, only 4 \.heic"):
        layout_of(tmp_path)


def test_a_folder_of_photographs_as_telephones_and_cameras_write_them_is_refused_with_what_to_do(
    tmp_path: Path,
) -> None:
    for name in ("a.HEIC", "b.heic", "c.dng"):
        write(tmp_path, f"phone/{name}")
    with pytest.raises(InputError) as raised:
        layout_of(tmp_path / "phone")
    only = "only 2 .heic, 1 .dng; convert them to JPEG or PNG."
    assert str(raised.value) == f"{tmp_path / 'phone'} holds no pictures that can be read, {only}"


# ---- file names


def test_photographs_among_the_pictures_are_left_out_with_what_to_do_and_counted_once(tmp_path: Path) -> None:
    fill(tmp_path, {"cow": 4, "pig": 4})
    fill(tmp_path, {"cow": 5}, ".heic")
    (left_out,) = left_out_of(look(tmp_path), layout_of(tmp_path))
    assert (left_out.count, left_out.names, left_out.more) == (5, (".heic 5",), 0)
    assert left_out.why == "files by their ending; convert them to JPEG or PNG"


@pytest.mark.parametrize("pattern", ["{}.{}", "{}_{}", "{}-{}", "{} ({})", "{} {}", "{}{:03}"])
def test_names_of_files_tell_classes_where_all_fit_one_pattern(tmp_path: Path, pattern: str) -> None:
    labels = ("cat", "great_dane", "Cat")
    write(tmp_path, *(f"train/{pattern.format(label, number)}.jpg" for label in labels for number in range(3)))
    layout = layout_of(tmp_path)
    assert (layout.labels, layout.classes) == ("file names", ("Cat", "cat", "great_dane"))
    assert by_class(layout, layout.training)["great_dane"] == {
        f"train/{pattern.format('great_dane', number)}.jpg" for number in range(3)
    }


@pytest.mark.parametrize(
    "files",
    [
        [*names("cat.", range(3)), *names("dog.", range(1))],
        [*names("cat.", range(3)), *names("dog.", range(3)), "extra.jpg"],
        [*names("IMG_", range(3)), *names("DSC_", range(3))],
        [*names("train_", range(3)), *names("test_", range(3))],
        names("", range(6)),
        names("cat.", range(6)),
    ],
)
def test_names_that_do_not_all_tell_a_class_tell_none(tmp_path: Path, files: list[str]) -> None:
    write(tmp_path, *files)
    with pytest.raises(InputError, match="tell no classes"):
        layout_of(tmp_path)


# ---- refusals


@pytest.mark.parametrize(
    ("folders", "says"),
    [
        ({"train": 4, "test1": 4}, r"looks like a data set in parts \('test1', 'train'\)"),
        ({"seg_train": 2, "seg_test": 2, "seg_pred": 2}, "looks like a data set in parts"),
        ({"val/cat": 2, "val/dog": 2, "test/cat": 1, "test/dog": 1}, "but no training part"),
        ({"images": 4, "masks": 4}, "looks like pictures and their masks"),
        ({"images_001": 4, "images_002": 4}, "looks like pieces of one set"),
        ({"images/train": 4, "images/val": 4}, "looks like a data set in parts"),
        (
            {"out/train/cat": 2, "out/val/cat": 2, "raw/cat": 5},
            "'out', which looks like a data set in parts, beside 'raw'",
        ),
        (
            {"cats_train": 2, "cats_test": 2, "dogs_train": 2, "dogs_test": 1},
            "looks like classes and parts in one name",
        ),
        ({"train/steam": 2, "train/diesel": 2, "bus": 2, "car": 2}, "if all are classes, put the pictures of 'train'"),
        ({"train/cat": 2, "train/dog": 2, "test/Cat": 1, "test/Dog": 1}, "'Cat', 'Dog'.*the training part has 'cat'"),
        ({"train/cat": 2, "training/dog": 2}, "has two training parts, 'train' and 'training'"),
        ({"train/cat": 2, "train/dog": 2, "val/cat": 1, "dev/cat": 1}, "has two validation parts"),
        ({"cat": 9}, "has only the folder 'cat'; .* at least two classes"),
        ({"train/cat": 9}, "train has only the folder 'cat'"),
        ({}, "has no folder inside and no pictures"),
    ],
)
def test_what_is_no_data_set_is_refused_as_what_it_looks_like(
    tmp_path: Path, folders: dict[str, int], says: str
) -> None:
    fill(tmp_path, folders)
    with pytest.raises(InputError, match=says):
        layout_of(tmp_path)


def test_archives_in_a_folder_without_pictures_are_named(tmp_path: Path) -> None:
    write(tmp_path, "train.zip", "test1.zip", "sampleSubmission.csv")
    with pytest.raises(InputError, match=r"holds no pictures that can be read, only 2 \.zip"):
        layout_of(tmp_path)


def test_a_class_with_a_name_of_an_unknown_encoding_is_refused(tmp_path: Path) -> None:
    fill(tmp_path, {"cat": 3, "caf\udce9": 3})
    with pytest.raises(InputError, match="unknown encoding"):
        layout_of(tmp_path)


# ---- the look


def test_links_are_followed_and_none_back_into_a_folder_around_it(tmp_path: Path) -> None:
    fill(tmp_path / "set", TWO)
    fill(tmp_path / "more", {"cat": 4})
    (tmp_path / "set" / "cat" / "more").symlink_to(tmp_path / "more" / "cat")
    (tmp_path / "set" / "dog" / "all").symlink_to(tmp_path / "set")
    (tmp_path / "set" / "dog" / "self").symlink_to(".")
    (tmp_path / "set" / "dog" / "linked.jpg").symlink_to(tmp_path / "more" / "cat" / "0.jpg")
    (tmp_path / "set" / "dog" / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    found = look(tmp_path / "set")
    layout = layout_of(tmp_path / "set")
    assert counts(layout) == {"training": {"cat": 7, "dog": 3}}
    assert found.omissions.loops == ["dog/all", "dog/self"]
    assert found.omissions.broken == ["dog/gone.jpg"]


def test_folders_that_link_to_each_other_come_to_an_end_and_are_told(tmp_path: Path) -> None:
    fill(tmp_path, dict.fromkeys("abcdefgh", 1))
    for name in "abcdefgh":
        for other in set("abcdefgh") - {name}:
            (tmp_path / name / f"to_{other}").symlink_to(tmp_path / other)
    found = look(tmp_path)
    assert 8 <= found.tree.total <= 8 * 8 * 8
    assert found.omissions.twice


def test_run_folders_hidden_ones_and_what_desktops_leave_are_counted_and_not_read(tmp_path: Path) -> None:
    fill(tmp_path, TWO | {"run1": 2, ".cache/x": 5, "__MACOSX/cat": 3, "cat/.thumbs": 1, "@eaDir": 2})
    write(tmp_path, "run1/run.json", "run2/lock", "cat/Thumbs.db", "cat/._1.jpg", "dog/.DS_Store", "notes.txt")
    found = look(tmp_path)
    layout = layout_of(tmp_path)
    assert counts(layout) == {"training": TWO}
    assert found.omissions.runs == ["run1", "run2"]
    assert (found.omissions.hidden, found.omissions.desktop) == (2, 5)
    assert found.endings() == {".txt": 1}
    assert found.tree.total == 5


# ---- folders that are no data


def test_folders_of_the_system_are_refused_and_left_out(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    fill(disk, TWO)
    (disk / "system").symlink_to("/proc")
    if not system_kind(Path("/proc")):
        pytest.skip("no list of what is mounted")
    with pytest.raises(InputError, match=r"/proc is a folder of the system \(proc\), which holds no pictures; name"):
        look(Path("/proc"))
    assert look(disk).omissions.system == ["system"]
    assert counts(layout_of(disk)) == {"training": TWO}


def test_file_systems_of_the_system_are_known_by_the_list_of_what_is_mounted(tmp_path: Path) -> None:
    place = tmp_path / "a b"
    place.mkdir()
    mounts = tmp_path / "mounts"
    for kind, known in (("sysfs", {place.stat().st_dev: "sysfs"}), ("ext4", {})):
        mounts.write_text(
            f"none {str(place).replace(' ', chr(92) + '040')} {kind} rw 0 0\nnone /no/where proc\nbroken\n"
        )
        assert system_devices(mounts) == known
    assert system_devices(tmp_path / "none") == {}


def test_very_many_files_without_a_picture_are_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, *(f"{folder}/{name}.txt" for folder in "ab" for name in range(6)))
    monkeypatch.setattr(scan, "MOST_BARREN", 12)
    look(tmp_path)
    monkeypatch.setattr(scan, "MOST_BARREN", 11)
    with pytest.raises(InputError, match=r"Of the first 12 files that were looked at none is a picture; name the"):
        look(tmp_path)
    fill(tmp_path, {"0": 1})
    assert look(tmp_path).tree.total == 1


@pytest.mark.parametrize("linked", [False, True])
def test_pictures_behind_very_many_other_files_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, linked: bool
) -> None:
    root = write(tmp_path / "set", *(f"annotations/{name}.txt" for name in range(30)))
    fill(tmp_path, {f"{'there' if linked else 'set/images'}/{name}": 2 for name in ("cat", "dog")})
    if linked:
        (root / "images").symlink_to(tmp_path / "there", target_is_directory=True)
        (root / "back").symlink_to(root, target_is_directory=True)
    monkeypatch.setattr(scan, "MOST_BARREN", 20)
    assert look(root).tree.total == 4


def test_files_of_a_run_folder_do_not_count_as_files_without_a_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, {"a_run": 12})
    write(tmp_path, f"a_run/{RULES.run_file}", *(f"b/{name}.txt" for name in range(8)))
    monkeypatch.setattr(scan, "MOST_BARREN", 8)
    assert look(tmp_path).omissions.runs == ["a_run"]
    write(tmp_path, "c/8.txt")
    with pytest.raises(InputError, match="Of the first 9 files"):
        look(tmp_path)


def test_every_file_of_a_look_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, *(f"a/{name}.txt" for name in range(6)), "b/1.txt")
    fill(tmp_path, {"c": 2})
    monkeypatch.setattr(scan, "TELL_SECONDS", -1)
    told: list[int] = []
    scan.scan(tmp_path, RULES, told.append)
    assert told == [0, 6, 7, 9]
