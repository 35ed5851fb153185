"""How many pictures a network still answers rightly when they are made worse; kept beside its evaluation."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from resnet_gui.base.decoding import decoding_fault
from resnet_gui.base.errors import InputError
from resnet_gui.base.files import write_atomic
from resnet_gui.evaluation.attacks import NO_ATTACK, Attack
from resnet_gui.evaluation.corruptions import CORRUPTIONS, MOST, Corruption, Shape, settings_words
from resnet_gui.evaluation.intervals import Share, wilson

ROBUSTNESS_FILE: Final = "robustness.json"
VERSION: Final = 1
MOST_COMBINED: Final = 50
"""Combined settings that are kept, the last ones."""


class DrawnSample(msgspec.Struct, frozen=True):
    """The pictures that are measured: ``pictures`` of the evaluation's ``of``, drawn with ``seed``."""

    pictures: int
    of: int
    seed: int = 0

    @property
    def words(self) -> str:
        """What it stands on: "1,000 of 10,000 pictures, evenly drawn with seed 0", or "all 360 pictures"."""
        if self.pictures == self.of:
            return f"all {self.of:,} pictures"
        return f"{self.pictures:,} of {self.of:,} pictures, evenly drawn with seed {self.seed}"

    def numbers(self) -> NDArray[np.int64]:
        """Numbers of its pictures, rising: the set in equal stretches, and one drawn from each.

        A set that lies class by class is so drawn from in proportion to its classes.
        """
        ends = np.arange(self.pictures + 1, dtype=np.int64) * self.of // max(1, self.pictures)
        draws = np.random.default_rng(self.seed).random(self.pictures)
        return ends[:-1] + (draws * np.diff(ends)).astype(np.int64)


def drawn_sample(wanted: int, of: int, seed: int = 0) -> DrawnSample:
    """A sample of ``wanted`` pictures of ``of``; of all where there are no more, or none are wanted.

    Raises:
        InputError: fewer than none are wanted, or the seed is below 0.
    """
    if wanted < 0:
        raise InputError(f"{wanted} pictures are asked for; name at least one, or 0 for all.")
    if seed < 0:
        raise InputError(f"The seed is {seed}; it must be 0 or more.")
    return DrawnSample(min(wanted or of, of), of, seed)


class CorruptionCurve(msgspec.Struct, frozen=True):
    """The right answers by severity of one corruption.

    Attributes:
        key: of the corruption.
        values: its settings from severity 0 (the one that changes nothing) to 5.
        correct: right answers from severity 0 on, as far as it is measured.
    """

    key: str
    values: tuple[float, ...]
    correct: tuple[int, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether all six points are measured."""
        return len(self.correct) == MOST + 1

    def shares(self, pictures: int) -> tuple[Share, ...]:
        """Accuracy with its 95 % interval (Wilson) at each severity that is measured."""
        return tuple(wilson(correct, pictures) for correct in self.correct)

    def mean(self, pictures: int) -> float | None:
        """Mean accuracy of severity 1 to 5, a fraction, as the paper has it; None until all are measured.

        The five are of the same pictures, so that it has no interval of a share.
        """
        return sum(self.correct[1:]) / (MOST * pictures) if self.whole and pictures else None


class CombinedAccuracy(msgspec.Struct, frozen=True):
    """The right answers with all sliders at their settings together: key of a corruption -> setting."""

    settings: dict[str, float]
    correct: int

    @property
    def words(self) -> str:
        """The settings in a line."""
        return settings_words(self.settings)


class AttackAccuracy(msgspec.Struct, frozen=True):
    """The right answers under an attack.

    Attributes:
        attack: that was made.
        step_size: as it was, in units of 1/255.
        correct: right answers.
        computed: device and number format, in words; gradients need another network than answers alone.
    """

    attack: Attack
    step_size: float
    correct: int
    computed: str = ""


class RobustnessRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The record of an evaluation's robustness; all of it stands on the same sample.

    Attributes:
        sample: the pictures it stands on.
        classes: that the network answers with, one over it is chance.
        shape: channels, height, width of the network's input.
        computed: device and number format of curves and combinations, in words; an attack has its own.
        curves, combined, attacks: as far as they are measured.
    """

    sample: DrawnSample
    classes: int
    shape: tuple[int, ...]
    computed: str = ""
    curves: tuple[CorruptionCurve, ...] = ()
    combined: tuple[CombinedAccuracy, ...] = ()
    attacks: tuple[AttackAccuracy, ...] = ()
    version: int = VERSION

    @property
    def chance(self) -> float:
        """Accuracy of guessing each class equally often, a fraction."""
        return 1 / self.classes

    @property
    def of_what(self) -> RobustnessRecord:
        """What all of it stands on, with nothing measured: records of the same can be gone on with."""
        return msgspec.structs.replace(self, curves=(), combined=(), attacks=())

    @property
    def attacks_computed(self) -> str:
        """Device and number format of the attacks, in words; empty without one."""
        return self.attacks[-1].computed if self.attacks else ""

    def share(self, correct: int) -> Share:
        """An accuracy on the sample with its 95 % interval (Wilson)."""
        return wilson(correct, self.sample.pictures)

    def curve(self, key: str) -> CorruptionCurve | None:
        """The curve of a corruption, as far as it is measured."""
        return next((each for each in self.curves if each.key == key), None)

    def with_curve(self, curve: CorruptionCurve) -> RobustnessRecord:
        """The record with a curve in place of that of the same corruption; they stand in the order of corruptions."""
        there = {each.key: each for each in (*self.curves, curve)}
        ordered = tuple(there[key] for key in CORRUPTIONS if key in there)
        return msgspec.structs.replace(self, curves=ordered)

    def combination(self, settings: dict[str, float]) -> CombinedAccuracy | None:
        """What was measured with exactly these settings."""
        return next((each for each in self.combined if each.settings == settings), None)

    def with_combination(self, combined: CombinedAccuracy) -> RobustnessRecord:
        """The record with another combination, the last of those that are kept."""
        others = [each for each in self.combined if each.settings != combined.settings]
        return msgspec.structs.replace(self, combined=(*others, combined)[-MOST_COMBINED:])

    def attacked(self, attack: Attack) -> AttackAccuracy | None:
        """What was measured with exactly this attack."""
        return next((each for each in self.attacks if each.attack == attack), None)

    def attack_curve(self, steps: int) -> tuple[AttackAccuracy, ...]:
        """What was measured of attacks of so many steps, by rising ε; without any attack first, if that is known."""
        return tuple(each for each in self.attacks if each.attack.steps == steps or each.attack == NO_ATTACK)

    def with_attack(self, attacked: AttackAccuracy) -> RobustnessRecord:
        """The record with another attack; they stand by ε, then by steps."""
        there = {(each.attack.epsilon, each.attack.steps): each for each in (*self.attacks, attacked)}
        return msgspec.structs.replace(self, attacks=tuple(there[key] for key in sorted(there)))


def empty_curve(corruption: Corruption, shape: Shape) -> CorruptionCurve:
    """The curve of a corruption of which nothing is measured."""
    return CorruptionCurve(corruption.key, (corruption.none, *corruption.values(shape)))


def read_robustness(folder: Path) -> RobustnessRecord | None:
    """What an evaluation's folder keeps of its robustness; None where nothing was measured.

    Raises:
        InputError: it cannot be read, or is of a newer version.
    """
    return _read(folder / ROBUSTNESS_FILE)


def _read(path: Path) -> RobustnessRecord | None:
    try:
        content = path.read_bytes()
        record = msgspec.json.decode(content, type=RobustnessRecord)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        fault = decoding_fault(error, content, RobustnessRecord)
        raise InputError(f"{path} is damaged ({fault}); remove it, and the robustness is measured anew.") from error
    if record.version > VERSION:
        raise InputError(f"{path} was written by a newer version of this program; open it there.")
    return record


def write_robustness(folder: Path, record: RobustnessRecord) -> None:
    """Keep what is measured, whole or as it was before.

    Raises:
        OSError: the folder cannot be written.
    """
    write_atomic(folder / ROBUSTNESS_FILE, _content(record))


def take_up_robustness(folder: Path, wanted: RobustnessRecord) -> RobustnessRecord:
    """The record that a measurement goes on with, put in the place of the one that is shown.

    One record is shown, that of the last measurement. One of another sample, seed, device or number format is kept in a
    file of its own beside it, and shown again when its like is asked for.

    Args:
        folder: of the evaluation.
        wanted: with nothing measured.

    Returns:
        What is measured of the same; ``wanted`` itself where nothing is.

    Raises:
        InputError: a record cannot be read.
        OSError: the folder cannot be written.
    """
    shown = read_robustness(folder)
    if shown is not None and shown.of_what == wanted:
        return shown
    if shown is not None:
        write_atomic(_set_aside(folder, shown), _content(shown))
    kept = _read(_set_aside(folder, wanted))
    if kept is None or kept.of_what != wanted:
        return wanted
    write_robustness(folder, kept)
    return kept


def _set_aside(folder: Path, record: RobustnessRecord) -> Path:
    """The file of a record that is not shown, one for all that stand on the same."""
    digest = hashlib.sha256(msgspec.json.encode(record.of_what)).hexdigest()[:16]
    return folder / f"robustness-{digest}.json"


def _content(record: RobustnessRecord) -> bytes:
    return msgspec.json.format(msgspec.json.encode(record)) + b"\n"
