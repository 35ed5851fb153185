"""The model that is asked about, and how it answers: a part of every question about pictures."""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.data.preprocessing import Changes, Preprocess, Views
from resnet_gui.training.start import BEST, WhichWeights

Mode = Literal["exact", "fast"]


class ModelRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The model that answers, and how it does.

    Attributes:
        model: a run folder, a weights file, the network inside or torchvision weights by name.
        key: which of several networks in a weights file; empty for the one that is meant.
        device: where it computes.
        mode: "exact" gives the answers of plain fp32. "fast" gives those of 8-bit integers or bf16, whichever is
            fastest here, if they agree with the exact ones, and decodes large JPEGs at a fraction of their size.
        preprocess: instead of the file's own.
        labels: a set of labels or a text file with one a line, instead of the file's own; empty for those.
        views: one central crop, or ten whose probabilities are averaged.
        input: shape of a picture instead of the file's own.
        changes: of the preprocessing.
        assigned: ``field=value`` of what the tensors of a weights file leave open of its design.
        temperature: what the logits are divided by before the softmax (Guo et al. 2017, section 4.2); above 0. 1 gives
            the network's own probabilities; no other changes which class is the likeliest.
        weights: of a run: those of its best epoch, or of its last; any other model has but one set.
        lesions: blocks whose residual branch is turned off, as "layer2.0" (Veit et al. 2016, section 4).
        branch_share: α from 0 to 1, how much of F(x) every block adds to its shortcut: α F(x) + h(x). A block of a
            plain network has no shortcut and passes α F(x) on. 1 is the network as it was trained.
        calibrate_on: pictures that "fast" compares its answers on, where it has not done so before; changes no answer
            to anything else.
    """

    model: str
    key: str = ""
    device: str = "auto"
    mode: Mode = "exact"
    preprocess: Preprocess | None = None
    labels: str = ""
    views: Views = 1
    lesions: tuple[str, ...] = ()
    input: tuple[int, int, int] | None = None
    changes: Changes = Changes()
    assigned: tuple[str, ...] = ()
    temperature: float = 1.0
    weights: WhichWeights = BEST
    branch_share: float = 1.0
    calibrate_on: tuple[str, ...] = ()


def check_temperature(temperature: float) -> None:
    """Refuse a temperature that nothing can be divided by.

    Raises:
        InputError: it is no number above 0.
    """
    if not 0 < temperature < math.inf:
        raise InputError(f"The temperature is {temperature:g}; it must be a number above 0.")


def check_branch_share(share: float) -> None:
    """Refuse what is no share of the branches.

    Raises:
        InputError: it is no number from 0 to 1.
    """
    if not 0 <= share <= 1:
        raise InputError(f"The share of the branches is {share:g}; it must be a number from 0 to 1.")
