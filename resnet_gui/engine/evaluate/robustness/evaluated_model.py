"""The model of an evaluation and the pictures that it answered, ready to be asked about changed ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from resnet_gui.base.cache import LruCache
from resnet_gui.design.bounds import Shape
from resnet_gui.engine.evaluate.opened import KEPT, OpenedEvaluation, open_evaluated
from resnet_gui.engine.evaluate.robustness.attacks import GradientNetwork, attacked, start_draws
from resnet_gui.engine.evaluate.robustness.pixels import Pixels
from resnet_gui.engine.predict.classifier import Classifier
from resnet_gui.evaluation.attacks import Attack
from resnet_gui.protocol.scores import Score

TOP: Final = 5
"""Classes that an answer names."""

Scores = NDArray[np.float32]
"""Natural log-probabilities, (N, classes)."""

Reader = Callable[[Sequence[int]], Pixels]
"""From numbers of pictures to the network's input before it is normalised, (N, C, H, W) bytes."""


class EvaluatedModel:
    """A model that answered labelled pictures, and is asked about them anew after they were changed.

    It sees one central crop of a picture, also where the evaluation stands on ten.

    Attributes:
        classifier: that answers: the network as Predict has it.
        truth: (N,) the network's class of each picture.
        read: reads pictures by their numbers.
    """

    def __init__(self, classifier: Classifier, truth: NDArray[np.int32], read: Reader) -> None:
        self.classifier, self.truth, self.read = classifier, truth, read

    @property
    def computed(self) -> str:
        """Where and how it computes, in words."""
        return f"{self.classifier.device}, {self.classifier.computed}{self._crop_words}"

    @property
    def gradients_computed(self) -> str:
        """Where and how it computes gradients, and the answers of attacks, in words."""
        return f"{self.classifier.device}, fp32, neither folded nor fused{self._crop_words}"

    @property
    def _crop_words(self) -> str:
        """Said where the evaluation stands on more crops than are corrupted; else empty."""
        return "" if self.classifier.views == 1 else ", one central crop"

    @property
    def shape(self) -> Shape:
        """Channels, height, width of the network's input."""
        return self.classifier.loaded.spec.input

    @property
    def batch(self) -> int:
        """Pictures that are computed at once."""
        return self.classifier.batch

    @cached_property
    def gradients(self) -> GradientNetwork:
        """The network with gradients: the classifier's own is folded or fused, and has none."""
        loaded = self.classifier.loaded
        return GradientNetwork(loaded.model, loaded.preprocess, self.classifier.device)

    def scores(self, pixels: Pixels) -> Scores:
        """Log-probabilities of pictures (N, C, H, W)."""
        return self.classifier.scores(pixels[:, None])

    def attacked(self, pixels: Pixels, numbers: Sequence[int], attack: Attack, seed: int) -> torch.Tensor:
        """Pictures after an attack against their true classes, (N, C, H, W) levels from 0 to 255, not rounded."""
        draws = start_draws(numbers, pixels.shape[1:], seed) if attack.method == "pgd" else None
        return attacked(self.gradients, pixels, self.truth[list(numbers)].astype(np.int64), attack, draws)

    def gradient_scores(self, levels: torch.Tensor) -> Scores:
        """Log-probabilities that the network with gradients gives to levels (N, C, H, W)."""
        with torch.inference_mode():
            scores = self.gradients.logits(levels).double().log_softmax(dim=1)
        return scores.float().cpu().numpy()

    def top(self, scores: Scores) -> tuple[Score, ...]:
        """The likeliest classes of one picture (classes,), the likeliest first."""
        return self.classifier.top(scores, TOP)


_ready = LruCache[OpenedEvaluation, EvaluatedModel](KEPT)
"""Networks with gradients stay ready with the evaluations that stay open."""


def evaluated_model(folder: str) -> EvaluatedModel:
    """The model of an evaluation with its pictures.

    Raises:
        InputError: there is no such evaluation, or its model is gone or has changed.
    """
    opened = open_evaluated(folder)

    def make() -> EvaluatedModel:
        return EvaluatedModel(opened.classifier, np.array(opened.evaluation.answers.truth), opened.inputs)

    return _ready.get_or_make(opened, make)
