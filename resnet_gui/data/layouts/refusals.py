"""The sentences for folders that are no data set: what they look like, and what to do."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from resnet_gui.base.errors import InputError
from resnet_gui.base.text import readable
from resnet_gui.data.file_kinds import UnreadFiles, unread_files
from resnet_gui.data.layouts.description import many
from resnet_gui.data.layouts.part_names import PartRole, is_mask, mixed_names
from resnet_gui.data.layouts.scan import FoundFolder, Scan

NEEDS: Final = "a data set needs one folder of pictures for each of at least two classes"
TESTED_NEEDS: Final = "a model is measured on one folder of pictures for each class, one class at least"

FEW_CLASSES: Final = 8
"""So many classes may have a picture each."""


def described_path(scan: Scan, folder: FoundFolder) -> str:
    """A folder's whole path."""
    return str(scan.root / folder.path) if folder.path else str(scan.root)


def names_text(names: Sequence[str], shown: int = 5) -> str:
    """The first few names, in quotes, and how many more there are."""
    few = ", ".join(f"'{readable(name)}'" for name in names[:shown])
    return few if len(names) <= shown else f"{few} and {len(names) - shown:,} more"


def unread_in(folder: FoundFolder) -> UnreadFiles:
    """The files of a folder that may hold pictures in a form that is not read."""
    return unread_files(name for inner in folder.walk() for name in inner.files)


def nothing(scan: Scan, needs: str = NEEDS) -> InputError:
    """There is no picture; ``needs`` is what the data have to hold."""
    if not scan.tree.folders and not scan.tree.files:
        return InputError(f"{scan.root} has no folder inside and no pictures; {needs}.")
    unread = unread_in(scan.tree)
    # Before they are converted, folders for classes would help nobody.
    rest = "" if unread.advice else f"; {needs}"
    return InputError(f"{scan.root} holds no pictures that can be read{unread.words}{rest}.")


def parts_without_classes(scan: Scan, folder: FoundFolder, parts: Sequence[FoundFolder]) -> InputError:
    """Folders name parts, but nothing tells the classes of their pictures."""
    return InputError(
        f"{described_path(scan, folder)} looks like a data set in parts ({names_text([each.name for each in parts])}), "
        "but nothing tells the class of its training pictures: put them into one folder a class, lay a table of file "
        "and label beside them, or name them like cat.1.jpg."
    )


def no_training_part(scan: Scan, folder: FoundFolder, parts: Sequence[FoundFolder]) -> InputError:
    """Folders name parts, but none is for training."""
    return InputError(
        f"{described_path(scan, folder)} holds {names_text([each.name for each in parts])}, which look like parts of a "
        "data set, but no training part; name the folder whose pictures are to be learnt."
    )


def two_parts(scan: Scan, folder: FoundFolder, role: PartRole, folders: Sequence[FoundFolder]) -> InputError:
    """Two folders are for the same."""
    names = " and ".join(f"'{readable(each.name)}'" for each in folders)
    return InputError(f"{described_path(scan, folder)} has two {role} parts, {names}; take one of them out of it.")


def part_or_class(scan: Scan, folder: FoundFolder, training: FoundFolder, others: Sequence[FoundFolder]) -> InputError:
    """A folder may be the training part or a class."""
    return InputError(
        f"{described_path(scan, folder)} holds '{training.name}' with folders inside, beside "
        f"{names_text([each.name for each in others], 3)}: if all are classes, put the pictures of '{training.name}' "
        f"right into it; if not, name {described_path(scan, training)}."
    )


def set_beside(scan: Scan, folder: FoundFolder, inner: FoundFolder) -> InputError:
    """A folder holds a whole data set beside others."""
    others = names_text([each.name for each in folder.filled if each is not inner], 3)
    return InputError(
        f"{described_path(scan, folder)} holds '{readable(inner.name)}', which looks like a data set in parts, beside "
        f"{others}; name the one that is meant, such as {described_path(scan, inner)}."
    )


def strange_classes(place: str, names: Sequence[str], classes: Collection[str]) -> InputError:
    """A held-out part has classes that the training part has not."""
    folded = {name.casefold().strip(): name for name in classes}
    near = folded.get(names[0].casefold().strip())
    hint = f"; the training part has '{near}'" if near else ""
    return InputError(
        f"{place.rstrip('/')} does not have the same class folders as the training part: it has {names_text(names)}, "
        f"which nothing is learnt about{hint}."
    )


def one_class(scan: Scan, folder: FoundFolder, name: str) -> InputError:
    """There is one class."""
    return InputError(f"{described_path(scan, folder)} has only the folder '{readable(name)}'; {NEEDS}.")


def one_training_class(table: str, classes: Collection[str]) -> InputError:
    """A table's column of parts leaves fewer than two classes to learn."""
    names = f"of one class alone, {names_text(list(classes))}" if classes else "of no class"
    return InputError(f"{table} names training pictures {names}, in its column of parts; at least two are needed.")


def no_classes(scan: Scan, folder: FoundFolder) -> InputError:
    """Nothing tells classes."""
    if folder.filled:
        return one_class(scan, folder, folder.filled[0].name)
    return InputError(
        f"{described_path(scan, folder)} has no folder inside, and the names of its {many(folder.total, 'picture')} "
        f"tell no classes; {NEEDS}, a table of file and label, or names like cat.1.jpg."
    )


def check_mixed(scan: Scan, folder: FoundFolder) -> None:
    """Refuse folders that name a class and a part at once.

    Raises:
        InputError: they do, such as ``cats_train`` and ``cats_test`` beside ``dogs_train`` and ``dogs_test``.
    """
    mixed = mixed_names([each.name for each in folder.filled])
    both = [roles for roles in mixed.values() if "training" in roles.values() and len(roles) >= 2]
    if len(both) >= 2:
        names = [name for roles in both for name in roles]
        raise InputError(
            f"{described_path(scan, folder)} holds {names_text(names, 4)}: this looks like classes and parts in one "
            "name; put the pictures into train/CLASS and test/CLASS."
        )


def check_classes(table: str, classes: Mapping[str, Sequence[str]]) -> None:
    """Refuse a table whose labels are no classes but values, such as ages or sentences.

    Raises:
        InputError: nearly each picture has a label of its own.
    """
    pictures = sum(map(len, classes.values()))
    if len(classes) > max(FEW_CLASSES, pictures // 2):
        raise InputError(
            f"{table} gives {pictures:,} pictures {len(classes):,} different labels ({names_text(list(classes), 3)}); "
            "these are values and no classes."
        )


def pieces(place: str, folders: Sequence[FoundFolder]) -> InputError:
    """Folders have names that say nothing about classes."""
    names = names_text([each.name for each in folders], 4)
    if any(is_mask(each.name) for each in folders):
        return InputError(
            f"{place} holds {names}: this looks like pictures and their masks or annotations, a set for another "
            "task; classification needs one folder of pictures for each class."
        )
    return InputError(
        f"{place} holds {names}: this looks like pieces of one set, not like classes; put the pictures into one folder "
        "a class, or lay a table of file and label beside them."
    )


def check_empty(scan: Scan, empty: Sequence[FoundFolder]) -> None:
    """Refuse a class folder that somebody has forgotten to fill, or whose pictures are not read.

    Raises:
        InputError: there is one.
    """
    for each in empty:
        if not any(inner.files for inner in each.walk()):
            raise InputError(f"{described_path(scan, each)} holds no pictures; fill the class folder or remove it.")
        unread = unread_in(each)
        if unread.kinds:
            or_remove = f"{' or' if unread.advice else ';'} remove the class folder"
            raise InputError(
                f"{described_path(scan, each)} holds no pictures that can be read{unread.words}{or_remove}."
            )
