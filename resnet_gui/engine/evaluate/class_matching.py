"""Which of a network's classes each class of the data is: by name, by WordNet's number, by place, or as a user says."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import assets
from resnet_gui.base.text import readable
from resnet_gui.data.labels import known_labels, read_labels, unique_names
from resnet_gui.data.layouts.description import name_text
from resnet_gui.evaluation.record import MappedBy

NOT_COUNTED: Final = -1
"""Stands for the network's class of a class of the data that is not counted."""

WNID: Final = re.compile(r"n\d{8}")
"""WordNet's number of a synset, by which ImageNet's folders are named."""

CLOSE: Final = 0.7
"""How alike two names are that one is suggested for the other, from 0 to 1 (difflib's ratio)."""

NAMED: Final = 3
IMAGENET: Final = "imagenet"
IMAGENET_CLASSES: Final = 1000


class ClassMatch(NamedTuple):
    """The network's class of each class of the data.

    Attributes:
        numbers: of the network's classes, in the order of the data's; NOT_COUNTED where a user says so.
        by: how they were found.
        notices: what deserves a look, a sentence each.
    """

    numbers: tuple[int, ...]
    by: MappedBy
    notices: tuple[str, ...] = ()


class UnmatchedClassesError(InputError):
    """Classes of the data are none of the network's.

    Attributes:
        network_classes: names that a mapping may use, one a class of the network, no two the same.
        suggested: class of the data -> such a name, or "" where none comes near.
    """

    def __init__(self, message: str, network_classes: tuple[str, ...], suggested: dict[str, str]) -> None:
        super().__init__(message)
        self.network_classes, self.suggested = network_classes, suggested


def match_classes(data: Sequence[str], network: Sequence[str], mapping: Mapping[str, str] | None = None) -> ClassMatch:
    """Find the network's class of each class of the data.

    A user's mapping counts first. Names are the same where they are equal, letter by letter; names that differ in case
    alone match where neither side has two such names. ImageNet's folders (``n01440764``) match its names. A network
    whose classes have no names, "class 0" and so on, is matched by place, as torchvision's ImageFolder counts folders.

    Args:
        data: names of the data's classes, each once.
        network: names of the network's classes, in the order of its outputs; two may be the same.
        mapping: data class -> network class, or "" for one that is not counted; what it does not name is matched as it
            is without a mapping. Of two network classes of one name the mapping names one as ``unique_names`` has it.

    Raises:
        UnmatchedClassesError: a class of the data is none of the network's, or no one can say which.
        InputError: the mapping names what is not there, or counts no class.
    """
    mapped = _mapped(data, network, mapping or {})
    others = [name for name in data if name not in mapped]
    found = _by_name(others, data, network) or _by_wnid(others, network) or _by_place(others, data, network)
    if found is None:
        raise _unmatched(data, network, mapping)
    if not mapping:
        return found
    rest = dict(zip(others, found.numbers, strict=True))
    numbers = tuple(mapped[name] if name in mapped else rest[name] for name in data)
    if max(numbers) < 0:
        raise InputError("The mapping counts no class of the data: take at least one for a class of the network.")
    return ClassMatch(numbers, "user", (*found.notices, *_mapping_notices(data, network, numbers)))


def _places(names: Sequence[str]) -> dict[str, int]:
    """Name -> its place, of names that stand once."""
    counts = Counter(names)
    return {name: place for place, name in enumerate(names) if counts[name] == 1}


def _near(data: Sequence[str], network: Sequence[str]) -> dict[str, int]:
    """Class of the data -> network class of the same letters in another case, where neither side has two of those."""
    ours, theirs = (Counter(name.casefold() for name in names) for names in (data, network))
    places = {name.casefold(): place for place, name in enumerate(network)}
    return {
        name: places[name.casefold()]
        for name in data
        if ours[name.casefold()] == 1 and theirs[name.casefold()] == 1
    }  # fmt: skip


def _by_name(names: Sequence[str], data: Sequence[str], network: Sequence[str]) -> ClassMatch | None:
    """Classes ``names`` of the data, that may have others too."""
    places = _places(network)
    exact = [name in places for name in names]
    if all(exact):
        return ClassMatch(tuple(places[name] for name in names), "name")
    near = _near(data, network)
    numbers = [places.get(name, near.get(name, NOT_COUNTED)) for name in names]
    if min(numbers) < 0:
        return None
    others = [name for name, same in zip(names, exact, strict=True) if not same]
    pairs = ", ".join(f"'{_text(name)}' as '{_text(network[near[name]])}'" for name in others[:NAMED])
    more = ", …" if len(others) > NAMED else ""
    return ClassMatch(tuple(numbers), "name", (f"Matched though their names differ in case: {pairs}{more or '.'}",))


@cache
def wnids() -> tuple[str, ...]:
    """WordNet's numbers of ImageNet's 1,000 classes (Russakovsky et al. 2015), in the order of its names.

    Raises:
        InputError: the program's own list cannot be read.
    """
    return read_labels(assets() / "labels" / "imagenet-wnids.txt")


def _by_wnid(names: Sequence[str], network: Sequence[str]) -> ClassMatch | None:
    """Folders with WordNet's numbers and a network with ImageNet's names, or the other way round."""
    ours, theirs = (all(WNID.fullmatch(name) for name in each) for each in (names, network))
    if ours == theirs:
        return None
    numbers = dict(zip(wnids(), known_labels(IMAGENET, IMAGENET_CLASSES), strict=True))
    if ours:
        if tuple(network) != tuple(numbers.values()):
            return None
        places = {number: place for place, number in enumerate(numbers)}
    else:
        by_name = {name: number for number, name in numbers.items()}
        at = _places(network)
        places = {name: at[number] for name, number in by_name.items() if number in at}
    if not all(name in places for name in names):
        return None
    return ClassMatch(tuple(places[name] for name in names), "wnid")


def _by_place(names: Sequence[str], data: Sequence[str], network: Sequence[str]) -> ClassMatch | None:
    """Classes ``names`` of the data, that may have others too, and of a network that has no names for its own.

    The order is that of all the data's classes where there are as many as the network's, else that of ``names``.
    """
    if tuple(network) != known_labels("numbers", len(network)):
        return None
    order = next((each for each in (data, names) if len(each) == len(network)), None)
    if order is not None:
        notices = ["The network has no names for its classes: those of the data are matched by place, in their order."]
        if place := _elsewhere(order):
            notices.append(
                f"So class {place[0]} of the network is '{_text(place[1])}', a name that is another number: if it was "
                "trained by the numbers that name the folders, say which class is which."
            )
        at = {name: number for number, name in enumerate(order)}
        return ClassMatch(tuple(at[name] for name in names), "place", tuple(notices))
    if all(map(_is_number, names)) and all(int(name) < len(network) for name in names):
        notice = (
            "The network has no names for its classes: those of the data are matched by the numbers that name them."
        )
        return ClassMatch(tuple(map(int, names)), "place", (notice,))
    return None


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit() and str(int(name)) == name


def _elsewhere(order: Sequence[str]) -> tuple[int, str] | None:
    """The first place, of names that are numbers, whose name is another number, and that name."""
    if not all(map(_is_number, order)):
        return None
    return next(((place, name) for place, name in enumerate(order) if int(name) != place), None)


def _mapped(data: Sequence[str], network: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    """The number of each class of the data that a user's mapping names."""
    unique = unique_names(network)
    places = {name: place for place, name in enumerate(unique)} | _places(network)
    for name, wanted in mapping.items():
        if name not in data:
            raise InputError(
                f"The mapping names a class '{_text(name)}', which the data does not have; it has {_few(data)}."
            )
        if wanted and wanted not in places:
            raise InputError(
                f"The mapping takes '{_text(name)}' for '{_text(wanted)}', which is no class of the network; it has "
                f"{_few(unique)}."
            )
    return {name: places[wanted] if wanted else NOT_COUNTED for name, wanted in mapping.items()}


def _mapping_notices(data: Sequence[str], network: Sequence[str], numbers: Sequence[int]) -> Iterator[str]:
    """What a mapping leaves out, and which classes it makes one."""
    out = [name for name, number in zip(data, numbers, strict=True) if number == NOT_COUNTED]
    if out:
        yield f"Not counted, as the mapping says: {_few(out)}."
    joined: dict[int, list[str]] = {}
    for name, number in zip(data, numbers, strict=True):
        joined.setdefault(number, []).append(name)
    for number, names in joined.items():
        if number != NOT_COUNTED and len(names) > 1:
            yield (
                f"Counted as one class, '{_text(unique_names(network)[number])}' of the network: {len(names):,} "
                f"classes of the data ({_few(names)})."
            )


def suggest(data: Sequence[str], network: Sequence[str]) -> dict[str, str]:
    """The network's class whose name comes nearest, for each class of the data; "" where none does."""
    unique = unique_names(network)
    places, near = _places(network), _near(data, network)
    plain = {_plain(name): name for name in unique}
    found = {}
    for name in data:
        place = places.get(name, near.get(name, NOT_COUNTED))
        if place >= 0:
            found[name] = unique[place]
            continue
        close = difflib.get_close_matches(_plain(name), plain, n=1, cutoff=CLOSE)
        found[name] = plain[close[0]] if close else ""
    return found


def _plain(name: str) -> str:
    """A name without what names of one class differ in: case, underscores, hyphens."""
    return re.sub(r"[\W_]+", " ", name.casefold()).strip()


def _unmatched(
    data: Sequence[str], network: Sequence[str], mapping: Mapping[str, str] | None = None
) -> UnmatchedClassesError:
    """The refusal, in one sentence."""
    places, near = _places(network), _near(data, network)
    missing = [name for name in data if name not in (mapping or {}) and name not in places and name not in near]
    counts = Counter(network)
    if twice := next((name for name in missing if counts[name] > 1), None):
        sentence = (
            f"The network has {counts[twice]} classes named '{_text(twice)}', and nothing tells which is meant; say "
            "which class of the data is which of the network's."
        )
    elif len(missing) < len(data) or len(data) == len(network):
        more = f" (nor {len(missing) - 1:,} more of the data's)" if len(missing) > 1 else ""
        sentence = (
            f"The network has no class '{_text(missing[0])}'{more}; say which of its classes that is or that it is not "
            "counted, rename the folder, or have classes matched by place with --classes numbers."
        )
    else:
        sentence = (
            f"The data has {len(data):,} {'class' if len(data) == 1 else 'classes'} ({_begun(data)}) and the network "
            f"{len(network):,} ({_begun(network)}); they do not fit each other: say which class of the data is which "
            "of the network's."
        )
    suggested = suggest(data, network) | dict(mapping or {})
    return UnmatchedClassesError(sentence, unique_names(network), suggested)


def _few(names: Sequence[str]) -> str:
    return ", ".join(map(_text, names[:NAMED])) + (", …" if len(names) > NAMED else "")


def _begun(names: Sequence[str]) -> str:
    """The first names as this sentence always had them."""
    return f"{', '.join(map(_text, names[:NAMED]))}, …"


def _text(name: str) -> str:
    return name_text(readable(name))
