"""Errors whose text is written for the person who caused them."""

from __future__ import annotations


class InputError(ValueError):
    """Bad input: one sentence that says what is wrong, where, and what to do."""


class StoppedError(InputError):
    """Somebody has stopped the work before there was anything to keep: nothing is at fault."""


class SpecError(InputError):
    """A design that cannot be.

    Attributes:
        field: the field of ``ResNetSpec`` (or ``depth``, ``preset``) that causes it.
        stage: the stage whose value it is, counted from 0; None where the field has no stages.
    """

    def __init__(self, field: str, message: str, stage: int | None = None) -> None:
        super().__init__(message)
        self.field = field
        self.stage = stage


class RecipeError(InputError):
    """A recipe that cannot be; ``field`` names the field of ``Recipe``."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
