"""All that is written down of an evaluation, gathered: its answers, and what was measured beside them."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path, PureWindowsPath
from typing import Final, NamedTuple

import msgspec

from resnet_gui.data.datasets import KNOWN
from resnet_gui.data.weights_catalogue import SHIPPED, WEIGHTS
from resnet_gui.evaluation.answers import Answers
from resnet_gui.evaluation.comparison import PairedComparison, PairedPictures, compare, paired_pictures
from resnet_gui.evaluation.corruptions import CORRUPTIONS
from resnet_gui.evaluation.depth import CkaRecord, DepthRecord
from resnet_gui.evaluation.depth_files import DepthFiles
from resnet_gui.evaluation.folder import Evaluation
from resnet_gui.evaluation.record import EvaluationRecord
from resnet_gui.evaluation.robustness import RobustnessRecord, read_robustness
from resnet_gui.protocol.evaluation_events import CopiesFound

NAMED_MODELS: Final = frozenset([SHIPPED, *WEIGHTS])
"""Models that have the same name on every computer."""


class Compared(NamedTuple):
    """Two evaluations on the same pictures: which these are, and what their answers say."""

    pairs: PairedPictures
    outcome: PairedComparison


class AskedBeside(NamedTuple):
    """The measurements beside an evaluation that one call has asked for; an earlier one may have kept others.

    Attributes:
        depth: whether probes and likeness by depth are among them.
        corruptions: keys of corruptions, all of them for no key; None for none.
    """

    depth: bool
    corruptions: tuple[str, ...] | None


class MeasuredBeside(NamedTuple):
    """The measurements beside an evaluation that are not in its folder.

    Attributes:
        likeness: CKA of the first model's blocks with those of another one.
        copies: pictures that are among training pictures too; None where nobody looked.
        train_data: where these are; empty for where the evaluation itself knows them.
        asked: which of the kept measurements are shown; None for all that the folder has.
    """

    likeness: CkaRecord | None = None
    copies: CopiesFound | None = None
    train_data: str = ""
    asked: AskedBeside | None = None


class TypedNames(NamedTuple):
    """Model and data as somebody typed them; the record has paths from the root."""

    model: str
    data: str


NOTHING: Final = MeasuredBeside()


class EvaluationSource:
    """An evaluation with what was measured beside it, each read when it is asked for.

    Args:
        evaluation: of a model.
        other: of another model on the same pictures; None for none.
        beside: what else was measured.
        temperature: at which confidences are shown.
        typed: how model and data were named; None for the record's own names.
    """

    def __init__(
        self,
        evaluation: Evaluation,
        other: Evaluation | None = None,
        beside: MeasuredBeside = NOTHING,
        temperature: float = 1.0,
        typed: TypedNames | None = None,
    ) -> None:
        self.evaluation, self.other = evaluation, other
        self.beside, self.temperature = beside, temperature
        self.typed = typed or TypedNames(evaluation.record.model.path, evaluation.record.data)

    @property
    def copies(self) -> CopiesFound | None:
        """Pictures that are among training pictures too."""
        return self.beside.copies

    @property
    def record(self) -> EvaluationRecord:
        """What the evaluation is of."""
        return self.evaluation.record

    @property
    def answers(self) -> Answers:
        """About each picture."""
        return self.evaluation.answers

    @cached_property
    def compared(self) -> Compared | None:
        """Both models on the same pictures; None where there is one.

        Raises:
            InputError: they share no picture.
        """
        if self.other is None:
            return None
        pairs = paired_pictures(self.answers, self.other.answers)
        return Compared(pairs, compare(self.answers, self.other.answers, pairs))

    @cached_property
    def depth(self) -> DepthRecord | None:
        """Probes by depth, where they were measured and are shown."""
        return _depth(self.evaluation) if self._shows_depth else None

    @cached_property
    def other_depth(self) -> DepthRecord | None:
        """Those of the other model."""
        return None if self.other is None or not self._shows_depth else _depth(self.other)

    @property
    def _shows_depth(self) -> bool:
        return self.beside.asked is None or self.beside.asked.depth

    @cached_property
    def cka(self) -> CkaRecord | None:
        """Likeness of the model's blocks, where it was measured and is shown.

        Raises:
            InputError: its file is damaged.
        """
        files = DepthFiles(self.evaluation.folder)
        return files.cka if self.depth is not None and files.has_cka else None

    @cached_property
    def robustness(self) -> RobustnessRecord | None:
        """Accuracy under corruptions and attacks, where it was measured and is shown."""
        found, asked = read_robustness(self.evaluation.folder), self.beside.asked
        if found is None or asked is None:
            return found
        if asked.corruptions is None:
            return None
        keys = asked.corruptions or tuple(CORRUPTIONS)
        curves = tuple(curve for curve in found.curves if curve.key in keys)
        return msgspec.structs.replace(found, curves=curves, combined=(), attacks=())

    @property
    def other_name(self) -> str:
        """Name of the other model, told apart from the first one's; empty where there is none."""
        if self.other is None:
            return ""
        first, second = self.record.model, self.other.record.model
        if first.name != second.name:
            return second.name
        return (
            f"{second.name} ({last_name(second.path)})" if first.path != second.path else f"{second.name} (the other)"
        )

    def image_name(self, number: int) -> str:
        """The file of a picture below the data as they were named; of a set in arrays its number in the test part."""
        file = self.answers.files[number]
        if not file:
            return f"test picture {number}"
        # As the engine makes names of files: without links followed, so that names stay those of the user.
        folder = os.path.abspath(self.record.data)  # noqa: PTH100
        below = file.startswith(folder + os.sep)
        return str(Path(self.typed.data, file[len(folder) + 1 :])) if below else file


def _depth(evaluation: Evaluation) -> DepthRecord | None:
    files = DepthFiles(evaluation.folder)
    return files.record if files.is_measured else None


def last_name(path: str) -> str:
    """The last part of a path, of any system."""
    return PureWindowsPath(path).name or path


def is_public_model(path: str) -> bool:
    """Whether a model has this name on every computer."""
    return path in NAMED_MODELS


def is_public_data(data: str) -> bool:
    """Whether a data set has this name on every computer."""
    return data in KNOWN
