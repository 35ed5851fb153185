"""Which events answer which job: named once, on the job itself, and read by both sides of the pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple, TypeVar, get_args

import msgspec

T = TypeVar("T", bound=msgspec.Struct)


class JobAnswers(NamedTuple):
    """The events that answer a job, beside ``Failed``, which may answer any and ends it.

    Attributes:
        last: the event that ends the job.
        pieces: events that may come before it, in any number.
    """

    last: type[msgspec.Struct]
    pieces: tuple[type[msgspec.Struct], ...] = ()


ANSWERS: Final[dict[type[msgspec.Struct], JobAnswers]] = {}
"""Kind of job -> what answers it; ``answered_by`` fills it."""


def answered_by(
    last: type[msgspec.Struct], *, pieces: tuple[type[msgspec.Struct], ...] = ()
) -> Callable[[type[T]], type[T]]:
    """Say, above a job's class, which events answer it; see ``JobAnswers``."""

    def register(job: type[T]) -> type[T]:
        ANSWERS[job] = JobAnswers(last, pieces)
        return job

    return register


def check_complete(table: Iterable[type] | Mapping[type, object], union: object, lacks: str) -> None:
    """Stop the import of a module whose table has not exactly one row a member of a union.

    Args:
        table: whose keys are the classes that are cared for.
        union: of the classes that need it.
        lacks: what a class without a row lacks, as "a function that does it".

    Raises:
        TypeError: a class has no row, or a row is of a class that is none of them.
    """
    needed, there = set(get_args(union)), set(table)
    if missing := needed - there:
        raise TypeError(f"{', '.join(sorted(one.__name__ for one in missing))}: {lacks} is missing.")
    if foreign := there - needed:
        raise TypeError(f"{', '.join(sorted(one.__name__ for one in foreign))}: nothing asks for that.")
