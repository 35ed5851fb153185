"""Which model was measured: its name, the digest of its weights, and of a run the epoch that they are of."""

from __future__ import annotations

from pathlib import Path

from resnet_gui.base.text import readable
from resnet_gui.data.datasets import KNOWN
from resnet_gui.engine.predict.classifier import Classifier
from resnet_gui.evaluation.record import ModelIdentity
from resnet_gui.protocol.model_request import ModelRequest
from resnet_gui.runs.folder import RUN_FILE, read_run_info
from resnet_gui.runs.history import replay
from resnet_gui.training.start import LAST, WhichWeights


def identify_model(request: ModelRequest, classifier: Classifier) -> ModelIdentity:
    """The identity of a model that was loaded."""
    loaded, digest = classifier.loaded, classifier.weights_sha256
    folder = Path(request.model)
    if not (folder / RUN_FILE).is_file():
        return ModelIdentity(
            name=readable(loaded.name), path=readable(request.model), key=loaded.key, weights_sha256=digest
        )
    return ModelIdentity(
        name=readable(loaded.name), path=readable(request.model), weights_sha256=digest, run=readable(folder.name),
        epoch=_epoch(folder, request.weights), weights=request.weights,
    )  # fmt: skip


def _epoch(run: Path, weights: WhichWeights) -> int | None:
    """The epoch that a run's weights are of, counted from 1: the first of the best ones, or the last that is over."""
    epochs = replay(run, steps=False).epochs
    if not epochs:
        return None
    return (epochs[-1] if weights == LAST else min(epochs, key=lambda each: each.test_error)).epoch


def learnt_note(model: str, data: str, count: int) -> str:
    """A sentence if a run is measured on pictures that it has learnt from, else empty.

    Args:
        model: as it was asked for.
        data: as it was asked for.
        count: pictures that are measured.
    """
    run = Path(model)
    if data in KNOWN or not (run / RUN_FILE).is_file():
        return ""
    info = read_run_info(run)
    held = info.data.test_images + info.data.final_images
    if Path(info.recipe.data).resolve() != Path(data).resolve() or count <= held:
        return ""
    return (
        f"This run has learnt from {info.data.train_images:,} of these {count:,} pictures, so the accuracy says "
        "little: name a folder that it has not seen."
    )
