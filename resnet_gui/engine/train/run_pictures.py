"""Whether the pictures that a run goes on with are those that it began with, where they were or where they are now."""

from __future__ import annotations

from pathlib import Path

from resnet_gui.base.errors import InputError
from resnet_gui.base.text import shortened
from resnet_gui.data.datasets import KNOWN
from resnet_gui.engine.data.datasets import load
from resnet_gui.runs.folder import DataIdentity, RunInfo
from resnet_gui.training.recipe import Recipe

ELSEWHERE = "say where they are now (--data FOLDER)"


def placed(data: str) -> str:
    """A data set as a run keeps it: a run goes on from wherever, and its pictures stay where they are."""
    return data if data in KNOWN else str(Path(data).absolute())


def check_there(info: RunInfo) -> None:
    """Refuse to look for pictures that are gone.

    Raises:
        InputError: nothing is there.
    """
    data = info.recipe.data
    if data not in KNOWN and not Path(data).exists():
        raise InputError(f"The pictures of this run, '{data}', are gone; put them back, or {ELSEWHERE}.")


def check_same(info: RunInfo, found: DataIdentity) -> None:
    """Refuse pictures that have changed where they lie.

    Raises:
        InputError: they are not those that the run began with.
    """
    data = info.recipe.data
    if found.sha256 != info.data.sha256 or info.data.has_other_samples(found):
        raise InputError(
            f"The pictures of '{data}' have changed since this run began"
            + (", or are read in another way than then" if info.data.description is None else "")
            + "; start a new run."
        )
    if info.data.has_other_final_test(found):
        raise InputError(
            f"The test pictures of '{data}', {info.data.final_images:,} when this run began, have "
            "changed since then, so the test at its end would be another; put them back, or start a new run."
        )


def check_moved(info: RunInfo, found: DataIdentity, data: str) -> None:
    """Refuse pictures of another place that are not those of a run.

    Raises:
        InputError: they are others; the sentence says what differs.
    """
    same = found.sha256 == info.data.sha256 and not info.data.has_other_samples(found)
    if same and not info.data.has_other_final_test(found):
        return
    raise InputError(
        f"'{shortened(data)}' does not hold the pictures of this run, '{shortened(info.recipe.data)}': "
        f"{_difference(info.data, found)}. Name the place that they moved to, or start a new run."
    )


def check_would_read_same(info: RunInfo, recipe: Recipe) -> None:
    """Refuse a recipe whose pictures are not those of a run; they are read only where it names another place.

    Pictures that cannot be read are not refused: a training with them does not begin.

    Raises:
        InputError: they are others; the sentence says what differs.
    """
    if placed(recipe.data) == info.recipe.data:
        return
    try:
        found = load(recipe.data, info.spec.input, known=info.data, recipe=recipe).identity
    except InputError:
        return
    check_moved(info, found, recipe.data)


def _difference(had: DataIdentity, has: DataIdentity) -> str:
    """What differs between two sets of pictures, in words."""
    if had.classes != has.classes:
        return f"it has {_classes(has)}, the run learns {_classes(had)}"
    counts = [
        f"{now:,} {part} pictures instead of {then:,}"
        for part, then, now in (
            ("training", had.train_images, has.train_images),
            ("tested", had.test_images, has.test_images),
            ("finally tested", had.final_images, has.final_images),
        )
        if then != now
    ]
    if counts:
        return "it has " + " and ".join(counts)
    part = "they are others"
    if had.sha256 == has.sha256 and not had.has_other_samples(has):
        part = "the test at the end has other ones"
    return f"as many pictures of the same classes, but {part}, by their fingerprint"


def _classes(data: DataIdentity) -> str:
    names = ", ".join(data.classes[:3]) + (", …" if len(data.classes) > 3 else "")
    return f"{len(data.classes)} classes ({shortened(names)})"
