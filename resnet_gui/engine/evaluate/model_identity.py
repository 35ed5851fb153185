"""Which model was measured: its name, the digest of its weights, and of a run the epoch that they are of."""

from __future__ import annotations

from pathlib import Path

import msgspec

from resnet_gui.base.file_states import file_state
from resnet_gui.base.text import readable
from resnet_gui.data.datasets import KNOWN
from resnet_gui.data.layouts.part_names import role_of
from resnet_gui.engine.predict.classifier import Classifier
from resnet_gui.engine.predict.models import weights_file
from resnet_gui.evaluation.record import SAYS_LITTLE, ModelIdentity
from resnet_gui.protocol.model_request import ModelRequest
from resnet_gui.runs.folder import RUN_FILE, read_run_info
from resnet_gui.runs.history import replay
from resnet_gui.training.start import LAST, WhichWeights


def identify_model(request: ModelRequest, classifier: Classifier) -> ModelIdentity:
    """The identity of a model that was loaded."""
    loaded, folder = classifier.loaded, Path(request.model)
    file = weights_file(request.model, request.weights)
    model = ModelIdentity(
        name=readable(loaded.name), path=readable(request.model), weights_sha256=classifier.weights_sha256,
        file=str(file.absolute()), state=file_state(file),
    )  # fmt: skip
    if not (folder / RUN_FILE).is_file():
        # The one network of a file has a key too, which nobody has to say.
        return msgspec.structs.replace(model, key=loaded.key if loaded.networks else "")
    return msgspec.structs.replace(
        model, run=readable(folder.name), epoch=_epoch(folder, request.weights), weights=request.weights
    )


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
    learnt, tested = Path(info.recipe.data).resolve(), Path(data).resolve()
    if info.recipe.data in KNOWN or not (tested.is_relative_to(learnt) or learnt.is_relative_to(tested)):
        return ""
    if tested == learnt:
        if count <= info.data.test_images + info.data.final_images:
            return ""
        return f"This run has learnt from {info.data.train_images:,} of these {count:,} pictures, {SAYS_LITTLE}"
    within = tested.relative_to(learnt).parts if tested.is_relative_to(learnt) else ()
    roles = {role_of(Path(name).stem) for name in within}
    if roles & {"test", "validation"} and "training" not in roles:
        return ""
    all_or_some = "these" if "training" in roles else "some or all of these"
    return f"This run was trained on {readable(str(learnt))}, so on {all_or_some} {count:,} pictures, {SAYS_LITTLE}"
