"""What an evaluation is of, how it was made and what it counted: the content of ``evaluation.json``."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from resnet_gui import __version__
from resnet_gui.base.file_states import GONE, FileState
from resnet_gui.data.layouts.description import DataDescription
from resnet_gui.data.preprocessing import Preprocess
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.evaluation.calibration import Temperature

MappedBy = Literal["name", "place", "user", "wnid"]

SAYS_LITTLE: Final = "so the accuracy says little: name a folder that it has not seen."
"""The end of a notice about a model that is measured on pictures that it has learnt from."""

_KNOWN_AFTERWARDS: Final = (
    "device", "computed", "seconds", "images_per_second", "left_out", "split_seed", "pictures", "correct",
    "temperature", "measured", "program", "version",
)  # fmt: skip
"""Fields of a record that say how it was measured and what was counted, whoever asks for it later."""


class ModelIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """The model that was measured.

    Attributes:
        name: as it is shown.
        path: as it was asked for: a run folder, a weights file, or a name.
        key: which of several networks in a file; empty where it holds but one.
        weights_sha256: digest of its weights, in the order of its state_dict.
        run: name of the run, empty of other models.
        epoch: that the weights are of, in a run; None where that is not known.
        weights: which weights of a run, empty of other models.
        file: that the weights were read from; empty where that is not known.
        state: of that file.
    """

    name: str
    path: str
    key: str = ""
    weights_sha256: str = ""
    run: str = ""
    epoch: int | None = None
    weights: Literal["best", "last", ""] = ""
    file: str = ""
    state: FileState = GONE


class LeftOutPicture(msgspec.Struct, frozen=True):
    """A picture, or a class of them, that was not counted, and why, in a few words."""

    path: str
    reason: str


class EvaluationRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The content of ``evaluation.json``.

    Attributes:
        model: that was measured.
        asked: the ModelRequest as JSON has it, with which it was, so that the command can be repeated.
        data: as it was asked for: a known name, or a path.
        data_name: as it is shown.
        data_sha: digest of the files' places, states and labels, or of the arrays.
        labels: names of the network's classes, in the order of its outputs.
        data_classes: names of the data's classes.
        mapping: the network's class of each of them; -1 for one that was not counted.
        mapped_by: how that was found.
        device: that computed, such as "cpu".
        computed: how, in words, such as "fp32, fused".
        spec: of the network's design; None where that is not known.
        preprocess: as it was used; None where that is not known.
        places: folders of the pictures, and files of arrays: path -> state, by which a window sees that something was
            added, removed or written anew.
        seconds: that the pictures took.
        images_per_second: so many were answered.
        left_out: what was not counted.
        description: what the data set holds.
        notices: what deserves a look, a sentence each.
        undetermined: fields of the design that the weights file leaves open, as they were taken.
        command: the line that measures the same again.
        split_seed: of the halves for the temperature.
        pictures: that were counted; the writer fills it in, as the two below.
        correct: of them, answered rightly.
        temperature: that was fitted on one half of them.
        measured: when, as ``now_text`` writes it.
        program: version of the program.
    """

    model: ModelIdentity
    asked: dict[str, Any] = {}
    data: str
    data_name: str
    data_sha: str
    labels: tuple[str, ...]
    data_classes: tuple[str, ...]
    mapping: tuple[int, ...]
    mapped_by: MappedBy = "name"
    device: str = "cpu"
    computed: str = ""
    spec: ResNetSpec | None = None
    preprocess: Preprocess | None = None
    places: dict[str, FileState] = {}
    seconds: float = 0.0
    images_per_second: float = 0.0
    left_out: tuple[LeftOutPicture, ...] = ()
    description: DataDescription | None = None
    notices: tuple[str, ...] = ()
    undetermined: tuple[str, ...] = ()
    command: str = ""
    split_seed: int = 0
    pictures: int = 0
    correct: int = 0
    temperature: Temperature | None = None
    measured: str = ""
    program: str = __version__
    version: int = 1

    @property
    def title(self) -> str:
        """Model and data in words."""
        return f"{self.model.name} on {self.data_name}"

    @property
    def learnt_note(self) -> str:
        """The notice that the model has learnt from these pictures; empty where nobody knows of it."""
        return next((notice for notice in self.notices if notice.endswith(SAYS_LITTLE)), "")

    def same_question(self, other: EvaluationRecord) -> bool:
        """Whether the other asks the same: the same network, pictures, classes and way of computing.

        Where the model's file lies does not matter, nor does its name. Equal weights are not enough: of two files of
        the same tensors one may say another activation, or another mean.
        """
        return (
            self.model.weights_sha256 == other.model.weights_sha256
            and all(
                getattr(self, name) == getattr(other, name)
                for name in ("spec", "preprocess", "data_sha", "labels", "mapping")
            )
            and self._settings() == other._settings()
        )

    def renewed(self, asked: EvaluationRecord) -> EvaluationRecord:
        """The record as it answers the same question, asked another time: of a model or data under another name."""
        known = {name: getattr(self, name) for name in _KNOWN_AFTERWARDS}
        notices = (*asked.notices, *(each for each in self.notices if each not in asked.notices))
        return msgspec.structs.replace(asked, notices=notices, **known)

    def _settings(self) -> dict[str, Any]:
        return {name: value for name, value in self.asked.items() if name not in {"model", "key"}}
