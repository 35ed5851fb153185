"""Folders whose names say which part of a data set they hold, and folders around what matters."""

from __future__ import annotations

from resnet_gui.data.layouts.part_names import PartRole, is_piece, role_of, roles_of
from resnet_gui.data.layouts.scan import FoundFolder


class Parts:
    """The folders of one data set that name parts, by what for, and its other folders of pictures."""

    def __init__(self, folder: FoundFolder) -> None:
        names = roles_of([each.name for each in folder.filled])
        self.by_role: dict[PartRole, list[FoundFolder]] = {}
        self.others: list[FoundFolder] = []
        for each in folder.filled:
            if each.name in names:
                self.by_role.setdefault(names[each.name], []).append(each)
            else:
                self.others.append(each)

    @property
    def named(self) -> list[FoundFolder]:
        """All folders that name a part."""
        return [each for folders in self.by_role.values() for each in folders]

    @property
    def are_there(self) -> bool:
        """Whether the names mean parts; a single one beside others may be a class: bus, car, train."""
        named = self.named
        return bool(named) and not (len(named) == 1 and self.others and not named[0].filled)


def wrapped(folder: FoundFolder) -> FoundFolder | None:
    """The one folder inside that holds all pictures and is no class, ``train/train`` or ``train/images``, if any.

    One that holds parts is not opened so: its parts are to be found first.
    """
    if folder.pictures or len(folder.filled) != 1:
        return None
    inner = folder.filled[0]
    plain = role_of(inner.name) is not None or is_piece(inner.name)
    return inner if (plain or len(inner.filled) >= 2) and not Parts(inner).are_there else None
