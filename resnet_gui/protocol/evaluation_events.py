"""What an engine answers about an evaluation; the figures lie in the evaluation's folder, where they are read."""

from __future__ import annotations

import msgspec

from resnet_gui.protocol.scores import Score


class EvaluationCounted(msgspec.Struct, frozen=True, kw_only=True, tag="evaluation_counted"):
    """The counts of an evaluation so far, a few times a second.

    Attributes:
        done: pictures that were answered.
        total: pictures that there are to answer, unreadable ones among them.
        correct: of ``done``, whose likeliest class is the true one.
        near: of ``done``, whose true class is one of the five likeliest.
        left_out: pictures that cannot be read, so far.
        images_per_second: of the answers so far, decoding included.
    """

    job: int
    done: int
    total: int
    correct: int
    near: int
    left_out: int = 0
    images_per_second: float = 0.0


class ClassesUnmatched(msgspec.Struct, frozen=True, kw_only=True, tag="classes_unmatched"):
    """The classes of the data are not the network's, and nothing was measured; Failed follows with the sentence.

    Attributes:
        data_classes: names, in the order of the data.
        network_classes: names, in the order of the network's outputs.
        suggested: data class -> network class, or "" where none comes near; what a user sees first and may change.
        pictures: of each data class.
        sentence: what does not fit, the same as that of Failed.
    """

    job: int
    data_classes: tuple[str, ...]
    network_classes: tuple[str, ...]
    suggested: dict[str, str]
    pictures: tuple[int, ...]
    sentence: str


class EvaluationMeasured(msgspec.Struct, frozen=True, tag="evaluation_measured"):
    """An evaluation lies in its folder, whole; ``found`` if it was measured before and nothing has changed since."""

    job: int
    folder: str
    found: bool = False


class PictureFile(msgspec.Struct, frozen=True, tag="picture_file"):
    """A picture of an evaluation as a file, also of a set that is held in arrays."""

    job: int
    number: int
    path: str


class PictureCopy(msgspec.Struct, frozen=True):
    """A picture of an evaluation that training pictures hold too, or nearly.

    Attributes:
        number: of the picture in the evaluation.
        training: the training picture: its file, or "picture 17" of a set in arrays.
        training_class: what that stands under.
        distance: bits of the two pictures' hashes that differ, of 64; it may be 0 though pixels differ.
    """

    number: int
    training: str
    training_class: str
    distance: int = 0


class CopiesFound(msgspec.Struct, frozen=True, kw_only=True, tag="copies_found"):
    """Pictures of an evaluation that are among training pictures too.

    Attributes:
        exact: the same pixels; one of the training pictures for each.
        near: nearly the same, the nearest training picture for each, the nearest first.
        pictures: of the evaluation, that were compared.
        training_pictures: that they were compared with.
        shared: files of the training part that were evaluated themselves, and so were not compared with.
        unreadable: of either, that could not be read and were not compared.
        threshold: largest distance that counts as near.
    """

    job: int
    exact: tuple[PictureCopy, ...]
    near: tuple[PictureCopy, ...]
    pictures: int
    training_pictures: int
    unreadable: int = 0
    threshold: int = 0
    shared: int = 0

    @property
    def shared_words(self) -> str:
        """What was not compared with, to stand behind the counts; empty where there is none."""
        return f"; {self.shared:,} more were evaluated themselves and not compared with" if self.shared else ""


# ---- by depth


class DepthMeasured(msgspec.Struct, frozen=True, tag="depth_measured"):
    """Projections, probes and CKA by depth lie in the evaluation's folder."""

    job: int
    folder: str


class DepthProjected(msgspec.Struct, frozen=True, tag="depth_projected"):
    """A projection of one location lies in the evaluation's folder."""

    job: int
    folder: str
    path: str
    method: str


class CkaMeasured(msgspec.Struct, frozen=True, kw_only=True, tag="cka_measured"):
    """Debiased linear CKA of every location of a network with every location of the same or another one.

    The fields of ``evaluation.depth.CkaRecord``, whose module needs NumPy: the messages load without it.

    Attributes:
        folder: of the evaluation whose locations are the rows.
        other: of the one whose locations are the columns; empty for the same.
        rows, columns: paths of the locations.
        values: a row of columns for each of ``rows``; None where features do not vary, or are no finite numbers.
        pictures: the same ones of both, on which it stands.
        of: pictures that both have features of.
    """

    job: int
    folder: str
    other: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    pictures: int
    of: int


# ---- robustness


class RobustnessCounted(msgspec.Struct, frozen=True, kw_only=True, tag="robustness_counted"):
    """A point of a curve is measured, and kept in the evaluation's folder.

    Attributes:
        corruption: its key.
        severity: 0 to 5.
        correct: of ``pictures``, answered rightly.
        done, total: points that are measured, of all that are asked for.
    """

    job: int
    corruption: str
    severity: int
    correct: int
    pictures: int
    done: int
    total: int


class AttackCounted(msgspec.Struct, frozen=True, kw_only=True, tag="attack_counted"):
    """A point of the curve of an attack is measured, and kept in the evaluation's folder.

    Attributes:
        epsilon: in units of 1/255; 0 is no attack.
        steps: of the attack.
        correct: of ``pictures``, answered rightly.
        done, total: points that are measured, of all that are asked for.
    """

    job: int
    epsilon: float
    steps: int
    correct: int
    pictures: int
    done: int
    total: int


class RobustnessMeasured(msgspec.Struct, frozen=True, tag="robustness_measured"):
    """All points that were asked for lie in the evaluation's folder, see ``evaluation.robustness``."""

    job: int
    folder: str


class PictureCorrupted(msgspec.Struct, frozen=True, kw_only=True, tag="picture_corrupted"):
    """A picture before and after it was corrupted, with the answers about both.

    Attributes:
        before_png, after_png: the network's input before it is normalised.
        before, after: the likeliest classes, the likeliest first.
        truth: number of the true class.
    """

    job: int
    number: int
    before_png: bytes
    after_png: bytes
    before: tuple[Score, ...]
    after: tuple[Score, ...]
    truth: int


class SettingsMeasured(msgspec.Struct, frozen=True, tag="settings_measured"):
    """The count of right answers with corruptions of some settings together, and of how many pictures."""

    job: int
    correct: int
    pictures: int


class PictureAttacked(msgspec.Struct, frozen=True, kw_only=True, tag="picture_attacked"):
    """A picture that was changed against the network.

    Attributes:
        epsilon, step_size: largest change of a value, and size of a step, in units of 1/255.
        steps: that were made.
        before_png: the network's input before it is normalised.
        after_png: the changed one, rounded to whole levels; the answer is about the one that is not rounded.
        difference_png: the change, amplified ``factor`` times around a middle grey (128), before any rounding.
        largest: the largest change of any value, in units of 1/255; no more than ``epsilon``.
        before, after: the likeliest classes, the likeliest first.
        truth: number of the true class.
    """

    job: int
    number: int
    epsilon: float
    steps: int
    step_size: float
    before_png: bytes
    after_png: bytes
    difference_png: bytes
    factor: int
    largest: float
    before: tuple[Score, ...]
    after: tuple[Score, ...]
    truth: int


EvaluationEvent = (
    EvaluationCounted | ClassesUnmatched | EvaluationMeasured | PictureFile | CopiesFound | DepthMeasured
    | DepthProjected | CkaMeasured | RobustnessCounted | RobustnessMeasured | PictureCorrupted | SettingsMeasured
    | PictureAttacked | AttackCounted
)  # fmt: skip
