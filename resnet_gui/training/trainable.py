"""Whether a design can be trained here: to tell classes apart."""

from __future__ import annotations

from resnet_gui.base.errors import SpecError
from resnet_gui.design.choices import HEADS
from resnet_gui.design.spec import ResNetSpec


def check_trainable(spec: ResNetSpec) -> None:
    """Refuse a design that answers no classes.

    Raises:
        SpecError: it has no head.
    """
    if not HEADS[spec.head].classifies:
        raise SpecError(
            "head",
            "head: a network without a head answers no classes, so that it cannot be trained; choose another head.",
        )
