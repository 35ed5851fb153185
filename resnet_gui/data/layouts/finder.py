"""From what a look through a folder has found to its layout: class folders, parts, tables, names of files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from resnet_gui.base.errors import InputError
from resnet_gui.data.layouts.labelled import FOLDER_NAMES, Labelled, PartPlace, TableFinder, label, parts_of_column
from resnet_gui.data.layouts.layout import (
    HELD_OUT,
    HeldOut,
    Layout,
    SetAside,
    make_layout,
    pictures_aside,
    values_aside,
    without_pictures,
)
from resnet_gui.data.layouts.part_lists import by_lists, find_lists
from resnet_gui.data.layouts.part_names import PartRole, role_of
from resnet_gui.data.layouts.parts import Parts, wrapped
from resnet_gui.data.layouts.refusals import (
    check_empty,
    check_mixed,
    described_path,
    no_classes,
    no_training_part,
    nothing,
    one_class,
    one_training_class,
    part_or_class,
    parts_without_classes,
    set_beside,
    strange_classes,
    two_parts,
)
from resnet_gui.data.layouts.scan import FoundFolder, Scan

DEEPEST_WRAPPING: Final = 4
"""Folders around a data set that are opened to find it."""


def find_layout(scan: Scan) -> Layout:
    """Classes and parts of a folder.

    Raises:
        InputError: it is no data set; the sentence says what it looks like.
    """
    return LayoutFinder(scan).find()


class LayoutFinder:
    """The search for classes and parts in what a look through a folder has found."""

    def __init__(self, scan: Scan) -> None:
        self._scan = scan
        self._tables = TableFinder(scan.root)

    def find(self) -> Layout:
        """See ``find_layout``."""
        folder = self._scan.tree
        if not folder.total:
            raise nothing(self._scan)
        for _ in range(DEEPEST_WRAPPING):
            parts = Parts(folder)
            if parts.are_there:
                return self._of_parts(folder, parts)
            check_mixed(self._scan, folder)
            self._check_sets(folder)
            found = self._of_one(folder)
            if found is not None:
                return found
            inner = folder.filled[0] if not folder.pictures and len(folder.filled) == 1 else None
            if inner is None or (not inner.filled and not self._tells(inner)):
                break
            folder = inner
        raise no_classes(self._scan, folder)

    # ---- one folder for everything

    def _of_one(self, folder: FoundFolder) -> Layout | None:
        """A folder whose classes all serve for training; None if it holds fewer than two."""
        if (by_class := self._class_first(folder)) is not None:
            return by_class
        found = label(PartPlace(folder), self._tables)
        if found is None or len(found.classes) < 2:
            return None
        check_empty(self._scan, found.empty)
        if found.parts:
            return self._by_column(found)
        found.notes.extend(_repeated(folder))
        if found.labels == FOLDER_NAMES and (parts := self._listed(folder, found)) is not None:
            return self._of_labelled(parts)
        return self._by_tables(folder, found) or make_layout(self._scan, found, {})

    def _listed(self, folder: FoundFolder, found: Labelled) -> dict[PartRole, Labelled] | None:
        """The parts that lists beside class folders name; None without such."""
        lists = find_lists(self._scan.root, folder)
        return None if lists is None else by_lists(found, lists, folder)

    def _tells(self, folder: FoundFolder) -> bool:
        """Whether a folder without folders tells classes all the same."""
        found = label(PartPlace(folder), self._tables)
        return found is not None and len(found.classes) >= 2

    def _check_sets(self, folder: FoundFolder) -> None:
        """Refuse whole data sets in parts that lie beside other folders, as if they were classes.

        Raises:
            InputError: there is one.
        """
        if len(folder.filled) > 1:
            for each in folder.filled:
                inner = Parts(each)
                if any(part.filled for part in inner.by_role.get("training", [])):
                    raise set_beside(self._scan, folder, each)

    def _class_first(self, folder: FoundFolder) -> Layout | None:
        """Classes that hold their parts: ``cats/train``, ``cats/test``, ``dogs/train``."""
        classes: dict[PartRole, dict[str, list[str]]] = {"training": {}}
        for each in folder.filled:
            roles = {inner.name: role for inner in each.filled if (role := role_of(inner.name)) is not None}
            if each.pictures or len(roles) < max(2, len(each.filled)) or "training" not in roles.values():
                return None
            for inner in each.filled:
                classes.setdefault(roles[inner.name], {}).setdefault(each.name, []).extend(inner.below())
        if len(classes["training"]) < 2:
            return None
        parts = {
            role: Labelled(found, FOLDER_NAMES, f"the {role} folder of each class") for role, found in classes.items()
        }
        return self._of_labelled(parts)

    def _by_column(self, found: Labelled) -> Layout:
        """Parts that a column of the table names."""
        parts, others = parts_of_column(found)
        if "training" not in parts:
            raise InputError(f"{found.tables[0]} names no training pictures in its column of parts.")
        training = parts["training"]
        if len(training.classes) < 2:
            raise one_training_class(found.tables[0], training.classes)
        training.tables, training.unlabelled, training.notes = found.tables, found.unlabelled, found.notes
        training.rows = training.count + found.rows - found.count
        layout = self._of_labelled(parts)
        layout.aside.extend(values_aside(found.tables[0], others))
        return layout

    def _of_labelled(self, parts: Mapping[PartRole, Labelled]) -> Layout:
        """Training and held-out parts; pictures that somebody shall name are set aside."""
        held: dict[HeldOut, Labelled] = {role: parts[role] for role in HELD_OUT if role in parts}
        layout = make_layout(self._scan, parts["training"], held)
        if "unlabelled" in parts:
            layout.aside.append(pictures_aside("of a part without classes", parts["unlabelled"].count))
        return layout

    def _by_tables(self, folder: FoundFolder, found: Labelled) -> Layout | None:
        """A table each for training and for what is held out: ``train.csv`` beside ``val.csv``."""
        if not found.tables:
            return None
        held: dict[HeldOut, Labelled] = {}
        for role in HELD_OUT:
            tables = [each for each in self._tables.of(folder) if each.role == role]
            named = label(PartPlace(folder, tables, role), self._tables, set(found.classes)) if tables else None
            if named is not None and named.tables != found.tables:
                held[role] = named
        # What the training table does not name, the others do.
        listed = sum(each.count for each in held.values())
        left = {why: count - listed for why, count in found.unlabelled.items() if count > listed}
        if not held:
            return None
        found.unlabelled = left
        for each in held.values():
            each.unlabelled = {}
        return make_layout(self._scan, found, held)

    # ---- parts

    def _of_parts(self, folder: FoundFolder, parts: Parts) -> Layout:
        trainings = parts.by_role.get("training", [])
        if not trainings:
            return self._without_training(folder, parts)
        training = self._only(trainings, "training")
        if len(parts.others) >= 2 and len(parts.by_role) == 1:
            raise part_or_class(self._scan, folder, training, parts.others)
        tables = self._tables.of(folder)
        found = label(PartPlace(training, tables), self._tables)
        if found is None:
            raise parts_without_classes(self._scan, folder, parts.named)
        if len(found.classes) < 2:
            raise one_class(self._scan, training, next(iter(found.classes)))
        check_empty(self._scan, found.empty)
        held: dict[HeldOut, Labelled] = {}
        aside = _without_unknown(found) if found.parts else []
        if len(found.classes) < 2:
            raise one_training_class(found.tables[0], found.classes)
        for role in HELD_OUT:
            for each in parts.by_role.get(role, []):
                named = label(PartPlace(each, tables, role), self._tables, set(found.classes))
                if named is None or _same_rows(named, found):
                    aside.append(self._unlabelled(each, found))
                elif role in held:
                    raise two_parts(self._scan, folder, role, parts.by_role[role])
                else:
                    held[role] = named
        unlabelled = parts.by_role.get("unlabelled", [])
        aside.extend(pictures_aside("without a class", each.total, each.name) for each in unlabelled)
        aside.extend(pictures_aside("beside the parts", each.total, each.name) for each in parts.others)
        aside.extend(without_pictures(each) for each in folder.folders if not each.total and role_of(each.name))
        if folder.pictures:
            aside.append(pictures_aside("beside the parts", len(folder.pictures)))
        layout = make_layout(self._scan, found, held)
        layout.aside = [*aside, *layout.aside]
        return layout

    def _only(self, folders: Sequence[FoundFolder], role: PartRole) -> FoundFolder:
        """The one folder of a part that tells classes."""
        if len(folders) == 1:
            return folders[0]
        telling = [each for each in folders if self._tells(each)]
        if len(telling) != 1:
            raise two_parts(self._scan, self._scan.tree, role, folders)
        return telling[0]

    def _without_training(self, folder: FoundFolder, parts: Parts) -> Layout:
        if len(parts.named) == 1 and not parts.others and parts.named[0].filled:
            inner = parts.named[0]
            found = label(PartPlace(inner), self._tables)
            if found is not None and len(found.classes) >= 2:
                check_empty(self._scan, found.empty)
                return self._by_column(found) if found.parts else make_layout(self._scan, found, {})
        if all(not each.filled for each in parts.named):
            raise parts_without_classes(self._scan, folder, parts.named)
        raise no_training_part(self._scan, folder, parts.named)

    def _unlabelled(self, folder: FoundFolder, found: Labelled) -> SetAside:
        """Why a held-out part cannot be used."""
        inner = folder
        while (deeper := wrapped(inner)) is not None:
            inner = deeper
        strange = [each.name for each in inner.filled if each.name not in found.classes]
        if len(strange) >= 2:
            raise strange_classes(described_path(self._scan, inner), strange, found.classes)
        return pictures_aside("without a class", folder.total, folder.name)


def _without_unknown(training: Labelled) -> list[SetAside]:
    """Take pictures out of a folder for training that a table says to be of no known part.

    Where the table says another part than the folder, the folder counts, and a note says so.
    """
    table, (parts, others) = training.tables[0], parts_of_column(training)
    known = {path for part in parts.values() for paths in part.classes.values() for path in paths}
    classes = {name: [path for path in paths if path in known] for name, paths in training.classes.items()}
    training.classes = {name: paths for name, paths in classes.items() if paths}
    training.rows -= others.total()
    training.notes.extend(
        f"{part.count:,} pictures of {training.where} are learnt as their folder says, though {table} says {role}."
        for role, part in parts.items()
        if role != "training"
    )
    return values_aside(table, others)


def _same_rows(held: Labelled, training: Labelled) -> bool:
    """Whether a table was read for two parts by names that both have: ``1.png`` of one is not that of the other."""
    if not held.loose or held.tables != training.tables:
        return False
    names = {path.rpartition("/")[2] for paths in training.classes.values() for path in paths}
    return any(path.rpartition("/")[2] in names for paths in held.classes.values() for path in paths)


def _repeated(folder: FoundFolder) -> list[str]:
    """A note where all class folders hold folders of the same names, which may be the classes."""
    inside = {frozenset(inner.name for inner in each.filled) for each in folder.filled}
    (same, *others) = inside or {frozenset[str]()}
    if others or len(same) < 2 or len(folder.filled) < 2 or any(each.pictures for each in folder.filled):
        return []
    names = ", ".join(sorted(same))
    return [f"Every class folder holds the same folders ({names}); if those are the classes, name one class folder."]
