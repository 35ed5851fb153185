"""Designs and models as files for other programs: Python, ONNX, LaTeX, CSV, JSON."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

import torch

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import AtomicPath
from resnet_gui.checkpoints.identify import Identification
from resnet_gui.checkpoints.load import examine, load_foreign
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design
from resnet_gui.engine.predict.models import weights_file
from resnet_gui.export.formats import TEXTS
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.weights import checked_info
from resnet_gui.protocol.events import Identified

Form = Literal["python", "onnx", "csv", "latex", "json"]

ONNX_OPSET: Final = 18


def identify_file(model: str) -> Identification:
    """What a weights file, or the best weights of a run folder, holds.

    Raises:
        InputError: it cannot be read or is no residual network.
    """
    return examine(weights_file(model))[1]


def design_of(model: str) -> Design:
    """The design of a weights file or run folder, named as it says, after what it is, or after the file.

    Raises:
        InputError: it cannot be read or is no residual network.
    """
    return _look_into(model)[0]


def identified(job: int, model: str) -> Identified:
    """What a weights file or run folder holds, as the answer to a job.

    Raises:
        InputError: it cannot be read or is no residual network.
    """
    design, found = _look_into(model)
    return Identified(
        job=job, path=model, design=design, preset=found.preset, params=found.params, matched=len(found.names),
        unmatched=found.unmatched, undetermined=found.undetermined,
    )  # fmt: skip


def _look_into(model: str) -> tuple[Design, Identification]:
    path = weights_file(model)
    checkpoint, found = examine(path)
    info = checked_info(checkpoint.metadata, checkpoint.state, path)
    if info is not None:
        return Design(name=info.name, spec=found.spec), found
    # A file name may hold bytes that are no text.
    name = PRESETS[found.preset].title if found.preset else path.stem.encode("utf-8", "replace").decode()
    return Design(name=name, spec=found.spec), found


def export_design(design: Design, form: Form, path: Path) -> None:
    """Write a design; as ONNX with freshly drawn weights.

    Raises:
        InputError: the file cannot be written, or a package is missing.
    """
    if form == "onnx":
        torch.manual_seed(0)
        _write(path, lambda temporary: _onnx(ResNet(plan(design.spec)).eval(), temporary))
        return
    text = TEXTS[form](design)
    _write(path, lambda temporary: temporary.write_bytes(text.encode()))


def export_model(model: str, form: Form, path: Path) -> None:
    """Write the design of a weights file or run folder; as ONNX with its weights.

    Raises:
        InputError: the weights cannot be read, the file cannot be written, or a package is missing.
    """
    if form != "onnx":
        export_design(design_of(model), form, path)
        return
    network, _ = load_foreign(weights_file(model))
    _write(path, lambda temporary: _onnx(network, temporary))


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


def _onnx(model: ResNet, path: Path) -> None:
    """Write a network with a batch of any size; inputs are called ``pictures``, outputs ``logits``.

    Raises:
        InputError: the packages onnx and onnxscript are not installed.
    """
    missing = [name for name in ("onnx", "onnxscript") if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError(
            f"Writing ONNX needs {' and '.join(missing)}, which is not installed; run: pip install 'resnet-gui[onnx]'."
        )
    # Two pictures: torch.export takes a dimension of size 1 for a constant.
    pictures = torch.zeros(2, *model.plan.spec.input)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            model, (pictures,), dynamo=True, verbose=False, opset_version=ONNX_OPSET,
            input_names=["pictures"], output_names=["logits"],
            dynamic_shapes=({0: torch.export.Dim("batch")},),
        )  # fmt: skip
    if program is None:
        raise InputError("torch could not turn this network into ONNX.")
    program.save(str(path), external_data=False)
