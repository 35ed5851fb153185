"""Drawn layouts: a truth is drawn, written to disk as somebody might, and read back; junk beside it changes nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from resnet_gui.base.errors import InputError
from resnet_gui.data.layouts.part_names import is_mask, is_piece, role_of
from resnet_gui.data.layouts.scan import DESKTOP_NAMES
from tests.conftest import examples
from tests.data.layout_files import ClassFiles, by_class, layout_of, look, write

PARTS = ("training", "validation", "test")
PART_NAMES = {
    "training": ("train", "training", "trainset", "seg_train", "training_set", "train_images", "train2017"),
    "validation": ("val", "valid", "validation", "dev", "val_set", "seg_val"),
    "test": ("test", "testing", "testset", "seg_test", "test_set", "test1"),
}
CASES: tuple[Callable[[str], str], ...] = (str.lower, str.upper, str.title)
ENDINGS = (".png", ".jpg", ".JPEG", ".Jpg")
JUNK = (
    *(("__MACOSX/{0}/._0.jpg",), ("Thumbs.db", "{0}/Thumbs.db"), (".DS_Store",), ("{0}/.hidden/0.jpg", ".git/0.png")),
    *(("notes.txt", "{0}/model.pt"), ("old_run/run.json", "old_run/0.png"), ("desktop.ini", "{0}/._9.png")),
)
"""What may lie beside and in class folders."""


def is_class_name(name: str) -> bool:
    """Whether a name is that of a class and of nothing else."""
    small = name.casefold()
    other = small in DESKTOP_NAMES or small.endswith(ENDINGS) or role_of(name) or is_piece(name) or is_mask(name)
    return not other and name.strip(".") != "" and not name.startswith(".") and small != "old_run"


names = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="/\\\0"), min_size=1, max_size=12
).filter(is_class_name)
plain_names = st.from_regex(r"[A-Za-zäß]{3,8}(_[a-z]{3,6})?", fullmatch=True).filter(is_class_name)


@dataclass(frozen=True)
class Truth:
    """Files of each class in each part, as they are below the folder that is named."""

    parts: dict[str, ClassFiles]
    wrapping: str
    folders: dict[str, str]


@st.composite
def truths(draw: st.DrawFn, classes: st.SearchStrategy[str] = names, *, one_folder: bool = False) -> Truth:
    """Classes and counts, and folders for the parts; with ``one_folder`` classes lie side by side in one."""
    labels = draw(st.lists(classes, min_size=2, max_size=4, unique=True))
    held = draw(st.sets(st.sampled_from(PARTS[1:])))
    case = draw(st.sampled_from(CASES))
    folders = {part: case(draw(st.sampled_from(PART_NAMES[part]))) for part in ("training", *sorted(held))}
    if draw(st.booleans()):
        folders = {part: f"{name}/{name}" for part, name in folders.items()}
    if one_folder:
        folders = {"training": ""}
    wrapping = draw(st.sampled_from(["", "data", "my set/archive"]))
    parts: dict[str, ClassFiles] = {}
    for part, folder in folders.items():
        parts[part] = {}
        for label in labels:
            ending = draw(st.sampled_from(ENDINGS))
            count = draw(st.integers(2, 4))
            start = "/".join(filter(None, (wrapping, folder)))
            parts[part][label] = {f"{start}/{label}/{number}{ending}".lstrip("/") for number in range(count)}
    return Truth(parts, wrapping, folders)


def found_in(root: Path) -> dict[str, ClassFiles]:
    layout = layout_of(root)
    files = {"training": layout.training, "validation": layout.validation, "test": layout.test}
    return {part: by_class(layout, each) for part, each in files.items() if each}


def all_files(truth: Truth) -> list[str]:
    return [path for classes in truth.parts.values() for paths in classes.values() for path in sorted(paths)]


@examples(60)
@given(truths() | truths(one_folder=True), st.sets(st.sampled_from(JUNK)))
def test_classes_in_folders_are_read_in_all_their_parts_whatever_lies_beside(
    truth: Truth, junk: set[tuple[str, ...]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root, *all_files(truth))
        assert found_in(root) == truth.parts
        label = min(truth.parts["training"])
        write(
            root / truth.wrapping / truth.folders["training"], *(path.format(label) for each in junk for path in each)
        )
        assert found_in(root) == truth.parts
        assert layout_of(root).classes == tuple(sorted(truth.parts["training"]))


@examples(30)
@given(truths(one_folder=True), st.data())
def test_linked_folders_and_files_are_read_as_if_they_lay_there(truth: Truth, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, store = Path(folder) / "set", Path(folder) / "store"
        write(root, *all_files(truth))
        store.mkdir()
        for number, (label, paths) in enumerate(truth.parts["training"].items()):
            what = data.draw(st.sampled_from(["nothing", "folder", "file"]), label=f"what of '{label}' is a link")
            linked = {"folder": root / truth.wrapping / label, "file": root / min(paths)}.get(what)
            if linked is not None:
                linked.rename(store / str(number))
                linked.symlink_to(store / str(number))
        (root / "loop").symlink_to(root)
        assert found_in(root) == truth.parts
        assert look(root).omissions.loops == ["loop"]


@examples(40)
@given(truths(plain_names), st.sampled_from(["{}.{}", "{}_{}", "{}-{}", "{} ({})"]))
def test_classes_in_the_names_of_files_are_read_in_each_part(truth: Truth, pattern: str) -> None:
    parts: dict[str, ClassFiles] = {}
    for part, classes in truth.parts.items():
        start = "/".join(filter(None, (truth.wrapping, truth.folders[part])))
        parts[part] = {
            label: {f"{start}/{pattern.format(label, number)}.png" for number in range(len(paths) + 1)}
            for label, paths in classes.items()
        }
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root, *(path for classes in parts.values() for paths in classes.values() for path in paths))
        assert found_in(root) == parts


@examples(40)
@given(truths(plain_names), st.sampled_from([",", ";", "\t"]), st.booleans(), st.booleans(), st.booleans())
def test_a_table_in_each_part_tells_the_classes(
    truth: Truth, comma: str, one_hot: bool, ending: bool, deeper: bool
) -> None:
    parts: dict[str, ClassFiles] = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        labels = sorted(truth.parts["training"])
        for part, classes in truth.parts.items():
            start = "/".join(filter(None, (truth.wrapping, truth.folders[part])))
            rows = [comma.join(["filename", *labels]) if one_hot else comma.join(["id", "label"])]
            parts[part] = {}
            for number, label in enumerate(labels):
                for index in range(len(classes[label])):
                    name = f"x{number}y{index}.png"
                    parts[part].setdefault(label, set()).add(f"{start}/{'images/' if deeper else ''}{name}")
                    cells = [str(int(each == label)) for each in labels] if one_hot else [label]
                    rows.append(comma.join([name if ending else name.removesuffix(".png"), *cells]))
            write(root, *(path for paths in parts[part].values() for path in paths))
            (root / start / "_classes.csv").write_text("\n".join(rows), encoding="utf-8")
        assert found_in(root) == parts


@examples(30)
@given(truths(), st.integers(1, 5))
def test_a_test_part_without_classes_is_set_aside_and_the_rest_is_the_truth(truth: Truth, count: int) -> None:
    assume("test" not in truth.parts)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root, *all_files(truth))
        write(root / truth.wrapping / "test", *(f"{number}.jpg" for number in range(count)))
        assert found_in(root) == truth.parts
        assert [(each.name, each.count) for each in layout_of(root).aside] == [("test", count)]


@examples(30)
@given(truths(), st.data())
def test_a_class_that_only_a_held_out_part_has_is_refused_by_its_name(truth: Truth, data: st.DataObject) -> None:
    held = [part for part in truth.parts if part != "training"]
    assume(len(held) == 1)
    strange = data.draw(names.filter(lambda name: name not in truth.parts["training"]))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root, *all_files(truth))
        write(root / truth.wrapping / truth.folders[held[0]] / strange, "0.jpg")
        with pytest.raises(InputError) as refused:
            layout_of(root)
        assert f"'{strange}'" in str(refused.value)
