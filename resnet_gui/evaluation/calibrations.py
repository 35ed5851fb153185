"""Temperatures that were fitted to networks as they answer, so that Predict can use them where they answer so."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from filelock import FileLock, Timeout

from resnet_gui.base.decoding import decoding_fault
from resnet_gui.base.errors import InputError
from resnet_gui.base.files import data_folder, write_atomic
from resnet_gui.data.preprocessing import Preprocess
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.evaluation.record import EvaluationRecord

FILE: Final = "calibrations.json"
LOCK_SECONDS: Final = 10.0
MOST: Final = 1000
"""Networks that are remembered; those that were calibrated longest ago go first."""


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """The temperature of a network, and how it was found.

    Attributes:
        key: of the network and how it answers; see ``calibration_key``.
        model: its name, as it is shown.
        temperature: what its logits are divided by.
        data: name of the data set that it was fitted on.
        pictures: it was fitted on.
        held_out: other pictures, of which the two figures below are.
        ece_before, ece_after: expected calibration error of those at temperature 1 and at this one, 0 to 1.
        measured: when.
    """

    key: str
    model: str
    temperature: float
    data: str
    pictures: int
    held_out: int
    ece_before: float
    ece_after: float
    measured: str

    @property
    def sentence(self) -> str:
        """What was done, with what, and what it was worth."""
        return (
            f"T = {self.temperature:.2f}, fitted on {self.pictures:,} pictures of {self.data}; on {self.held_out:,} "
            f"others the calibration error went from {100 * self.ece_before:.1f} % to "
            f"{100 * self.ece_after:.1f} %."
        )

    def is_same_fit(self, other: Calibration) -> bool:
        """Whether the other was fitted to the same network by the same pictures, whenever and under whatever name."""
        return msgspec.structs.replace(self, model=other.model, measured=other.measured) == other


def calibrations_file() -> Path:
    """Where they are kept."""
    return data_folder() / FILE


def calibration_key(
    weights_sha256: str,
    spec: ResNetSpec | None,
    preprocess: Preprocess | None,
    views: int,
    mode: str,
    lesions: Sequence[str],
) -> str:
    """What a temperature is kept by: a digest of all that changes a network's logits.

    Args:
        weights_sha256: of the network, in the order of its state_dict.
        spec: of its design, with the input that it is given.
        preprocess: as it is used.
        views: crops whose probabilities are averaged.
        mode: "exact" or "fast".
        lesions: blocks that are turned off.

    Returns:
        64 digits; none for a network whose weights have no digest.
    """
    answering = (weights_sha256, spec, preprocess, views, mode, sorted(lesions))
    return hashlib.sha256(msgspec.json.encode(answering)).hexdigest() if weights_sha256 else ""


def key_of(record: EvaluationRecord) -> str:
    """The key of the network that was measured, as it answered; empty where its weights have no digest."""
    asked = record.asked
    return calibration_key(
        record.model.weights_sha256, record.spec, record.preprocess, asked.get("views", 1), asked.get("mode", "exact"),
        asked.get("lesions", ()),
    )  # fmt: skip


def calibration_of(record: EvaluationRecord) -> Calibration | None:
    """The calibration that an evaluation has found; None where no temperature could be fitted."""
    fitted = record.temperature
    key = key_of(record)
    if fitted is None or not key:
        return None
    return Calibration(
        key=key, model=record.model.name, temperature=fitted.value,
        data=record.data_name, pictures=fitted.pictures, held_out=fitted.held_out, ece_before=fitted.ece_before,
        ece_after=fitted.ece_after, measured=record.measured,
    )  # fmt: skip


def read_calibrations() -> dict[str, Calibration]:
    """Key -> calibration; none where nothing was kept.

    Raises:
        InputError: the file is damaged or cannot be read.
    """
    path = calibrations_file()
    try:
        content = path.read_bytes()
        found = msgspec.json.decode(content, type=tuple[Calibration, ...])
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
    except msgspec.MsgspecError as error:
        raise InputError(
            f"{path} is damaged ({decoding_fault(error, content)}); remove it, and calibrate anew."
        ) from error
    return {each.key: each for each in found}


def find_calibration(key: str) -> Calibration | None:
    """The calibration of a network as it answers; None where it has none.

    Raises:
        InputError: the file is damaged or cannot be read.
    """
    return read_calibrations().get(key) if key else None


def keep_calibration(calibration: Calibration) -> None:
    """Keep a calibration, instead of an older one of the same network.

    Raises:
        InputError: the file cannot be read or written.
    """
    _change(calibration.key, calibration)


def remove_calibration(key: str) -> None:
    """Forget the calibration of a network; one that has none is left alone.

    Raises:
        InputError: the file cannot be read or written.
    """
    _change(key, None)


def _change(key: str, calibration: Calibration | None) -> None:
    """Read, change and write while no other process does."""
    path = calibrations_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f"{FILE}.lock"), timeout=LOCK_SECONDS):
            found = read_calibrations()
            found.pop(key, None)
            if calibration is not None:
                found[key] = calibration
            kept = list(found.values())[-MOST:]
            write_atomic(path, msgspec.json.format(msgspec.json.encode(kept), indent=1) + b"\n")
    except (OSError, Timeout) as error:
        raise InputError(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}.") from error
