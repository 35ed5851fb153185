"""What of the head of other weights a design keeps: all of it, the rows of classes of one name, or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from resnet_gui.design.bounds import Shape
from resnet_gui.design.choices import HEADS
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.engine.predict.models import LoadedModel
from resnet_gui.training.start import StartRequest

SYNONYMS = ","
"""Between the words of one class where a list names several: "tench, Tinca tinca"."""


class HeadFit(msgspec.Struct, frozen=True, kw_only=True):
    """The part of the head of other weights that a design takes over.

    Attributes:
        kept: whether it is taken as it is.
        rows: numbers of an output here and there, a pair for each row of the last layer that is taken; empty for none.
        words: why it is kept, or what a new one is: the middle of a sentence.
    """

    kept: bool
    words: str
    rows: tuple[tuple[int, int], ...] = ()


def in_head(name: str) -> bool:
    """Whether a tensor of a network is one of its head."""
    return name.startswith(("fc.", "hidden."))


def last_layer(name: str) -> bool:
    """Whether a tensor has a row for each class."""
    return name.startswith("fc.")


def fit_head(
    start: StartRequest, loaded: LoadedModel, spec: ResNetSpec, classes: tuple[str, ...], wanted: dict[str, Shape]
) -> HeadFit:
    """What of the head of a network that was read a design takes over.

    Args:
        start: says what is asked for.
        loaded: the network.
        spec: of the design.
        classes: names of its outputs; empty while nobody knows them.
        wanted: name -> shape of the design's tensors.
    """
    theirs = loaded.model.plan.spec
    if not HEADS[theirs.head].classifies:
        return HeadFit(kept=False, words=f"{_count(spec.classes)}: the weights have none")
    if start.head == "new":
        return HeadFit(kept=False, words=f"{_count(spec.classes)}, as was asked")
    shapes = {name: tuple(tensor.shape) for name, tensor in loaded.model.state_dict().items() if in_head(name)}
    ours = {name: shape for name, shape in wanted.items() if in_head(name)}
    features = [{name: shape[1:] if last_layer(name) else shape for name, shape in of.items()} for of in (shapes, ours)]
    if features[0] != features[1]:
        return HeadFit(kept=False, words=f"{_count(spec.classes)}: its layers are others")
    if start.head == "rows":
        return _by_rows(loaded, spec, classes)
    if theirs.classes != spec.classes:
        return HeadFit(kept=False, words=_count(theirs.classes, spec.classes))
    if not classes:
        return HeadFit(kept=True, words="where the pictures have its classes")
    if not loaded.named:
        return HeadFit(kept=True, words=f"{_count(spec.classes)}, whose names the weights do not tell")
    if loaded.classes != classes:
        return HeadFit(kept=False, words=f"its {_count(spec.classes)} are others")
    return HeadFit(kept=True, words="it has the same classes")


def _by_rows(loaded: LoadedModel, spec: ResNetSpec, classes: tuple[str, ...]) -> HeadFit:
    """The rows of classes that have the same name."""
    theirs = loaded.model.plan.spec
    change = _count(theirs.classes, spec.classes)
    if not loaded.named:
        return HeadFit(kept=False, words=f"{change}: the weights do not tell the names of theirs")
    if theirs.classes == 1:
        return HeadFit(kept=False, words=f"{change}: one output for two classes has no rows of theirs")
    if loaded.classes == classes:
        return HeadFit(kept=True, words="it has the same classes")
    rows = same_classes(classes, loaded.classes)
    if not rows:
        return HeadFit(kept=False, words=f"{change}: none has the name of one of the weights")
    return HeadFit(kept=False, words=change, rows=rows)


def _count(*counts: int) -> str:
    """How many classes, or how many became how many."""
    return " → ".join(f"{count:,}" for count in dict.fromkeys(counts)) + " classes"


def same_classes(ours: Sequence[str], theirs: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Numbers of classes here and there that have the same name, in the order of ``ours``.

    Names are compared as they are; then without regard to case; then by the single words of a list of synonyms. A name
    that two classes have tells neither.
    """
    found: dict[int, int] = {}
    for spelled in (_as_they_are, _folded, _synonyms):
        here, there = _places(ours, spelled), _places(theirs, spelled)
        taken = set(found.values())
        for name, number in here.items():
            other = there.get(name)
            if other is not None and number not in found and other not in taken:
                found[number] = other
                taken.add(other)
    return tuple(sorted(found.items()))


def _as_they_are(label: str) -> tuple[str, ...]:
    return (label,)


def _folded(label: str) -> tuple[str, ...]:
    # Folders are often named with underscores for blanks.
    return (" ".join(label.replace("_", " ").split()).casefold(),)


def _synonyms(label: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_folded(word)[0] for word in label.split(SYNONYMS)))


def _places(labels: Sequence[str], spelled: Callable[[str], tuple[str, ...]]) -> dict[str, int]:
    """Name -> number of the class that alone has it."""
    pairs = [(name, number) for number, label in enumerate(labels) for name in spelled(label)]
    counts = Counter(name for name, _ in pairs)
    return {name: number for name, number in pairs if name and counts[name] == 1}
