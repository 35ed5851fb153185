"""Classify pictures with the weights of a run, keeping the last models warm."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from pathlib import Path
from typing import Final

import msgspec
import torch
from torch import nn

from resnet_gui.core.weights import load_model
from resnet_gui.engine.pictures import read_pixels
from resnet_gui.spec.arch import evolve
from resnet_gui.spec.errors import InputError
from resnet_gui.spec.events import Score
from resnet_gui.spec.files import read_text
from resnet_gui.spec.runs import BEST_FILE, RUN_FILE

KEPT: Final = 3


def weights_file(model: str) -> Path:
    """The weights file that a MODEL names: the best weights of a run folder, or the file itself.

    Raises:
        InputError: it is neither.
    """
    path = Path(model)
    if not path.exists():
        raise InputError(f"There is no run folder or weights file '{model}'.")
    if path.is_file():
        return path
    if not (path / RUN_FILE).is_file():
        raise InputError(f"{model or 'The empty name'} is not a run folder: it has no {RUN_FILE}.")
    if not (path / BEST_FILE).is_file():
        raise InputError(f"The run {model} has no weights yet: none of its epochs is over.")
    return path / BEST_FILE


class Classifier:
    """A network with everything that turns a picture into class probabilities.

    Attributes:
        info: what the network is, its classes and normalisation.
    """

    def __init__(self, path: Path, device: torch.device) -> None:
        model, self.info = load_model(path)
        self._model: nn.Module = model.to(device).to(memory_format=torch.channels_last)
        self._device = device

    def override(
        self,
        *,
        classes: tuple[str, ...] | None = None,
        shape: tuple[int, int, int] | None = None,
        mean: tuple[float, ...] | None = None,
        std: tuple[float, ...] | None = None,
    ) -> None:
        """Replace what the file says of classes, input or normalisation.

        Raises:
            InputError: the number of labels, channels or values does not fit the network.
        """
        info = self.info
        if classes is not None and len(classes) != len(info.classes):
            raise InputError(f"--classes names {len(classes)} classes, but the network has {len(info.classes)}.")
        spec = info.spec
        if shape is not None:
            if shape[0] != spec.input[0]:
                raise InputError(f"--input has {shape[0]} channels, but the network reads {spec.input[0]}.")
            spec = evolve(spec, input=shape)
        for option, values in (("--mean", mean), ("--std", std)):
            if values is not None and len(values) != spec.input[0]:
                raise InputError(f"{option} has {len(values)} values, but the network reads {spec.input[0]} channels.")
            if values is not None and not all(math.isfinite(value) and abs(value) < 1e6 for value in values):
                raise InputError(f"{option} must be numbers between -1000000 and 1000000.")
        if std is not None and min(std) < 1e-6:
            raise InputError("--std must be above 0 in every channel, 0.000001 at least.")
        self.info = msgspec.structs.replace(
            info, spec=spec, classes=classes or info.classes, mean=mean or info.mean, std=std or info.std
        )

    @torch.inference_mode()
    def classify(self, image: Path, top: int) -> tuple[Score, ...]:
        """The likeliest classes of a picture, the likeliest first.

        Raises:
            InputError: the picture cannot be read.
        """
        info = self.info
        pixels = torch.from_numpy(read_pixels(image, info.spec.input)).to(self._device).float() / 255
        mean = torch.tensor(info.mean, device=self._device).view(-1, 1, 1)
        std = torch.tensor(info.std, device=self._device).view(-1, 1, 1)
        logits = self._model(((pixels - mean) / std)[None])
        probabilities = torch.softmax(logits[0].double(), dim=0).cpu()
        values, indices = probabilities.topk(min(top, len(info.classes)))
        return tuple(
            Score(info.classes[index], index, value)
            for value, index in zip(values.tolist(), indices.tolist(), strict=True)
        )


class Warm(msgspec.Struct):
    """The last models that were used, by file, time of change and device."""

    models: OrderedDict[tuple[str, int, str], Classifier] = msgspec.field(default_factory=OrderedDict)

    def get(self, model: str, device: torch.device) -> Classifier:
        """The classifier of a MODEL, loaded if it is not warm or its file has changed.

        Raises:
            InputError: it cannot be loaded.
        """
        path = weights_file(model)
        key = (str(path.resolve()), path.stat().st_mtime_ns, str(device))
        if key not in self.models:
            self.models[key] = Classifier(path, device)
            while len(self.models) > KEPT:
                self.models.popitem(last=False)
        self.models.move_to_end(key)
        return self.models[key]


def timed(classifier: Classifier, image: Path, top: int) -> tuple[tuple[Score, ...], float]:
    """``classify`` with the milliseconds it took, the picture's decoding included."""
    begun = time.perf_counter()
    scores = classifier.classify(image, top)
    return scores, (time.perf_counter() - begun) * 1000


def read_labels(path: Path) -> tuple[str, ...]:
    """Class labels from a text file, one a line.

    Raises:
        InputError: the file cannot be read.
    """
    return tuple(line.strip() for line in read_text(path, "file of class labels").splitlines() if line.strip())
