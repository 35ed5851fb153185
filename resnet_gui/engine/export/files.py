"""Designs and models as files for other programs: Python, ONNX, safetensors, LaTeX, CSV, JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

import msgspec
import torch

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import AtomicPath, is_there
from resnet_gui.base.text import readable
from resnet_gui.checkpoints.identify import Identification
from resnet_gui.checkpoints.load import USELESS, examine, find_refusal
from resnet_gui.data.model_card import ModelInfo
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design
from resnet_gui.engine.export.onnx_file import compare_with_torch, write_onnx
from resnet_gui.engine.predict.models import LoadedModel, open_network, weights_file
from resnet_gui.export.formats import TEXTS
from resnet_gui.export.python import Weights, to_python
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.weights import checked_info, is_card, save_model, weights_sha256
from resnet_gui.protocol.events import Exported, Identified

Form = Literal["python", "onnx", "safetensors", "csv", "latex", "json"]

SUGGESTED: Final = (
    "the weights do not tell their {what}: the file has what is suggested by the size of the input and the number of "
    "outputs (labels: {labels})"
)


def identify_file(model: str, key: str = "", assigned: Sequence[str] = ()) -> Identification:
    """What a weights file, or the best weights of a run folder, holds; a notice says if its values cannot be used.

    Args:
        model: the file or folder.
        key: which of several networks in it.
        assigned: ``field=value`` of what its tensors leave open.

    Raises:
        InputError: it cannot be read or is no residual network.
    """
    path = weights_file(model)
    checkpoint, found = examine(path, key, assigned)
    refusal = "" if USELESS in " ".join(found.notices) else find_refusal(path, checkpoint, found)
    return msgspec.structs.replace(found, notices=(refusal, *found.notices)) if refusal else found


def design_of(model: str, key: str = "", assigned: Sequence[str] = ()) -> Design:
    """The design of a weights file or run folder, named as it says, after what it is, or after the file.

    Raises:
        InputError: it cannot be read or is no residual network.
    """
    return _look_into(model, key, assigned)[0]


def identified(job: int, model: str) -> Identified:
    """What a weights file or run folder holds, as the answer to a job.

    Raises:
        InputError: it cannot be read or is no residual network.
    """
    design, found = _look_into(model)
    return Identified(
        job=job, path=model, design=design, preset=found.preset, params=found.params, matched=len(found.names),
        unmatched=found.unmatched, undetermined=found.undetermined, notices=found.notices,
    )  # fmt: skip


def _look_into(model: str, key: str = "", assigned: Sequence[str] = ()) -> tuple[Design, Identification]:
    path = weights_file(model)
    checkpoint, found = examine(path, key, assigned)
    info = checked_info(checkpoint.metadata, checkpoint.state, path)
    if info is not None:
        return Design(name=info.name, spec=found.spec), found
    return Design(name=PRESETS[found.preset].title if found.preset else readable(path.stem), spec=found.spec), found


def export_design(design: Design, form: Form, path: Path, *, job: int = 0) -> Exported:
    """Write a design; as ONNX with freshly drawn weights, which is said.

    Raises:
        InputError: the file cannot be written, or a package is missing.
    """
    if form == "safetensors":
        raise InputError("A design has no weights; safetensors are written of a run or a weights file.")
    if form == "onnx":
        torch.manual_seed(0)
        written = _export_onnx(ResNet(plan(design.spec)).eval(), None, path)
        return Exported(
            job, written.files, ("a design has no weights; the file holds freshly drawn ones", *written.notes)
        )
    _write_text(TEXTS[form](design), path)
    return Exported(job, (readable(path.name),))


def export_model(
    model: str, form: Form, path: Path, assigned: Sequence[str] = (), *, key: str = "", job: int = 0
) -> Exported:
    """Write the design of a weights file or run folder, and where the form has room for them what it has learned.

    ONNX, Python and safetensors carry weights, classes, normalisation and the size of the input. Python code
    is written with its weights beside it, as safetensors of the same name. ``key`` says which of several networks.

    Raises:
        InputError: the weights cannot be read, the file cannot be written, or a package is missing.
    """
    if form not in {"onnx", "python", "safetensors"}:
        return export_design(design_of(model, key, assigned), form, path, job=job)
    loaded = open_network(weights_file(model), key, assigned)
    info = card_of(loaded)
    lacking = [what for what, known in (("classes", loaded.named), ("normalisation", loaded.normalised)) if not known]
    guess = SUGGESTED.format(what=" and ".join(lacking), labels=loaded.labels or "numbers")
    notes = (*loaded.notices, *([guess] if lacking else []))
    match form:
        case "onnx":
            written = _export_onnx(loaded.model, info, path)
            return Exported(job, written.files, (*notes, *written.notes))
        case "safetensors":
            _write_weights(path, loaded.model, info)
            return Exported(job, (readable(path.name),), notes)
        case _:
            weights = path.with_suffix(".safetensors")
            check_weights_name(weights, path, weights_file(model))
            text = to_python(Design(name=info.name, spec=info.spec), Weights(weights.name, info, loaded.own))
            _write_weights(weights, loaded.model, info)
            _write_text(text, path)
            note = f"the weights are in {readable(weights.name)} beside it"
            return Exported(job, (readable(path.name), readable(weights.name)), (*notes, note))


def check_weights_name(weights: Path, path: Path, source: Path) -> None:
    """See that the weights of a Python file may be written beside it: over an earlier export, and over nothing else.

    Raises:
        InputError: it is the file itself, the source of the export, or somebody else's file.
    """
    if weights == path:
        raise InputError(f"{path} would be the name of its weights too; name the file with the ending .py.")
    if not is_there(weights):
        return
    if weights.samefile(source) or not is_card(weights):
        what = "the file that is exported" if weights.samefile(source) else "there already and not of an export"
        raise InputError(
            f"{weights}, where the weights of {path.name} would be written, is {what}; name the Python file otherwise."
        )


def card_of(loaded: LoadedModel) -> ModelInfo:
    """What a file that leaves the program says of a network."""
    how = loaded.preprocess
    return ModelInfo(
        name=readable(loaded.name), spec=loaded.spec, classes=loaded.classes, mean=how.mean, std=how.std,
        resize=how.resize, greys=how.greys, fit=how.fit, interpolation=how.interpolation, data=loaded.data,
        top1=loaded.top1, sha256=weights_sha256(loaded.model.state_dict()),
    )  # fmt: skip


def _export_onnx(model: ResNet, info: ModelInfo | None, path: Path) -> Exported:
    """Write a network that was compared with torch before it takes the file's place."""
    notes: list[str] = []
    beside: list[str] = []

    def work(temporary: Path) -> None:
        # Under its own name: a file whose weights lie beside it names theirs.
        with TemporaryDirectory(dir=temporary.parent, prefix=f"{path.name}.tmp-") as folder:
            written = Path(folder) / path.name
            weights = write_onnx(model, written, info)
            notes.append(compare_with_torch(written, model, info.preprocess if info else None).sentence)
            if weights:
                (written.parent / weights).replace(path.parent / weights)
                beside.append(readable(weights))
                notes.append(f"the weights are in {readable(weights)} beside it, as one ONNX file holds at most 2 GB")
            written.replace(temporary)

    _write(path, work)
    return Exported(0, (readable(path.name), *beside), tuple(notes))


def _write_text(text: str, path: Path) -> None:
    _write(path, lambda temporary: temporary.write_bytes(text.encode()))


def _write_weights(path: Path, model: ResNet, info: ModelInfo) -> None:
    _write(path, lambda temporary: save_model(temporary, model.state_dict(), info))


def _write(path: Path, work: Callable[[Path], object]) -> None:
    """Let ``work`` fill a temporary file that then takes its place.

    Raises:
        InputError: the file cannot be written.
    """
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder; name the file to write.")
        with AtomicPath(path) as temporary:
            work(temporary)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}; choose another place.") from error
