"""The enums of PySide, made in a third of the time.

PySide makes thousands of members while its classes are first used, 40 ms until the first page is there, and Python's
``EnumType`` rewrites the class for each of them. Here a class is laid out as ``EnumType`` has laid out a sample of its
base, and only the members are new. The sample is made both ways: a base whose two samples differ, as under a Python
that keeps something else in its enums, is left to Python.
"""

from __future__ import annotations

import contextlib
import enum
import sys
from collections.abc import Callable, Iterable
from enum import Enum, EnumType, Flag, FlagBoundary, IntEnum, IntFlag
from typing import Any, Final

Members = list[tuple[str, int]]
"""Names and values, as PySide hands them over."""

BASES: Final = (Enum, IntEnum, Flag, IntFlag)

SAMPLE: Final[Members] = [
    ("two", 2),
    ("one", 1),
    ("three", 3),
    ("again", 1),
    ("zero", 0),
    ("negative", -4),
    ("four", 4),
]
"""Values out of order, one that has two names, none, several bits, all bits but some."""

_python_creates: Final[Callable[..., Any]] = vars(EnumType)["_create_"]


class EnumLayout:
    """The layout that all enums of one base have.

    Attributes:
        is_python_s: whether enums that are made by it are those that Python makes.
    """

    def __init__(self, base: type[Enum]) -> None:
        self._base, self._is_flag = base, issubclass(base, Flag)
        sample = _python_creates(base, "Sample", list(SAMPLE), module=__name__, boundary=enum.KEEP)
        self._common = {
            name: value
            for name, value in vars(sample).items()
            if name not in sample.__members__ and name not in ("__dict__", "__weakref__", "__module__", "_iter_member_")
        }
        self._containers = [(name, type(value)) for name, value in self._common.items() if type(value) in (dict, list)]
        self._new_member = self._common["_new_member_"]
        self._takes_value = self._common["_use_args_"]
        # What an enum of this base has already; Python treats a member of such a name in a way of its own.
        self._taken = frozenset(name for each in [*base.mro(), EnumType, type] for name in vars(each))
        self.is_python_s = _looks(self.make("Sample", SAMPLE, __name__, enum.KEEP)) == _looks(sample)

    def takes(self, members: object) -> bool:
        """Whether members are such that Python does nothing of its own with one of them."""
        if type(members) is not list:
            return False
        for member in members:
            if type(member) is not tuple or len(member) != 2:
                return False
            name, value = member
            if type(name) is not str or type(value) is not int or name[:1] == "_" or name in self._taken:
                return False
        return len(dict(members)) == len(members)

    def make(self, name: str, members: Members, module: str, boundary: FlagBoundary) -> type[Enum]:
        """An enum of these members."""
        space = {**self._common, **{name: kind() for name, kind in self._containers}, "__module__": module}
        if self._is_flag:
            space["_boundary_"] = boundary
        made: Any = type.__new__(EnumType, name, (self._base,), space)
        # Set here, since in the space of a new class it would become a static method.
        type.__setattr__(made, "__new__", self._common["__new__"])
        self._add(made, members)
        if self._is_flag:
            self._note_bits(made, [value for _, value in members])
        return made  # type: ignore[no-any-return]

    def _add(self, made: Any, members: Members) -> None:
        names, by_name, by_value = made._member_names_, made._member_map_, made._value2member_map_
        hashable = vars(made).get("_hashable_values_")
        for name, value in members:
            member = by_value.get(value)
            if member is None:
                member = self._new_member(made, value) if self._takes_value else self._new_member(made)
                known = member.__dict__
                known["_value_"], known["_name_"] = value, name
                known["__objclass__"], known["_sort_order_"] = made, len(names)
                by_value[value] = member
                if hashable is not None:
                    hashable.append(value)
                if not self._is_flag or _is_single_bit(value):
                    names.append(name)
            by_name[name] = member
            type.__setattr__(made, name, member)

    @staticmethod
    def _note_bits(made: Any, values: list[int]) -> None:
        known = single = 0
        for value in values:
            known |= value
            if _is_single_bit(value):
                single |= value
        made._flag_mask_, made._singles_mask_ = known, single
        made._all_bits_ = 2 ** known.bit_length() - 1
        order = [member._value_ for member in made]
        if order != sorted(order):
            made._iter_member_ = made._iter_member_by_def_


def _is_single_bit(value: int) -> bool:
    return value != 0 and value & (value - 1) == 0


def _looks(made: Any) -> dict[str, object]:
    """All that an enum has, in values that are equal for enums that are made alike."""
    own = {name: value for name, value in vars(made).items() if name not in ("__dict__", "__weakref__")}
    return {name: _look(value) for name, value in own.items()} | {"order": [each.name for each in made]}


def _look(value: Any) -> object:
    if isinstance(value, Enum) and not isinstance(value, FlagBoundary):
        known = {name: said for name, said in vars(value).items() if name != "__objclass__"}
        return type(value).__name__, int(value._value_), known
    if isinstance(value, dict):
        return {name: _look(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_look(each) for each in value]
    return getattr(value, "__func__", value), type(value)


_layouts: Final[dict[type[Enum], EnumLayout]] = {}


def create(
    cls: type[Enum],
    class_name: str,
    names: Iterable[Any],
    *,
    module: str | None = None,
    boundary: FlagBoundary | None = None,
    **others: Any,
) -> Any:
    """In the place of ``EnumType._create_``: an enum of PySide by the layout of its base, any other as ever."""
    if module is None:
        # As Python does, which would look one call too near from here.
        with contextlib.suppress(ValueError):
            module = sys._getframe(2).f_globals.get("__name__")
    plain = others.get("qualname") is None and others.get("type") is None
    if plain and cls in BASES and boundary is enum.KEEP and module is not None:
        layout = _layouts.get(cls)
        if layout is None:
            layout = _layouts[cls] = EnumLayout(cls)
        if layout.is_python_s and layout.takes(names):
            return layout.make(class_name, names, module, boundary)  # type: ignore[arg-type]
    return _python_creates(cls, class_name, names, module=module, boundary=boundary, **others)


def install() -> None:
    """Make enums this way from now on."""
    setattr(EnumType, "_create_", create)  # noqa: B010 (a method of a class of the standard library)
