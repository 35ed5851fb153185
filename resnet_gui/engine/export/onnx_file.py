"""Networks as ONNX files: with what is known of the network, and nothing of the computer that wrote them."""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from resnet_gui import __version__
from resnet_gui.analysis.costs import totals
from resnet_gui.base.errors import InputError
from resnet_gui.base.files import assets
from resnet_gui.data.model_card import ModelInfo
from resnet_gui.data.preprocessing import Preprocess
from resnet_gui.design.bounds import Shape
from resnet_gui.design.choices import HEADS
from resnet_gui.engine.data.pictures import read_pixels
from resnet_gui.network.resnet import ResNet

OPSET: Final = 18
EQUAL: Final = 1e-5
"""Largest difference of two evaluations of a network, as a part of its logits, that is rounding."""

COMPARED: Final = 8
"""Real pictures that an evaluator in machine code is given."""

REFERENCE_MACS: Final = 4e9
"""Multiply-accumulates that onnx's own evaluator, which is written for reading and not for speed, is asked for."""

LARGEST_BYTES: Final = 2**31 - 2**24
"""Most bytes of weights that a protobuf, and so one ONNX file, can hold beside the graph."""


class OnnxComparison(msgspec.Struct, frozen=True):
    """The answers of an ONNX file beside torch's.

    Attributes:
        evaluator: what ran the file.
        pictures: how many real pictures both were given.
        difference: largest difference of a logit, as a part of the standard deviation of all logits, or of the largest
            logit where that is more: around a common value far from 0 they are rounded by that.
    """

    evaluator: str
    pictures: int
    difference: float

    @property
    def sentence(self) -> str:
        """For people."""
        count = f"{self.pictures} picture{'s' if self.pictures != 1 else ''}"
        return (
            f"equal to {EQUAL:.0e} on {count} by {self.evaluator} (largest difference {self.difference:.1e})".replace(
                "e-0", "e-"
            )
        )


def write_onnx(model: ResNet, path: Path, info: ModelInfo | None = None) -> str:
    """Write a network with a batch of any size, from ``pictures`` to ``logits``, or without a head to ``features``.

    Args:
        model: in eval mode on the CPU.
        path: of the file; weights above 2 GB lie beside it, in one more file.
        info: what its metadata say of classes and normalisation; None for a design whose weights are drawn.

    Returns:
        Name of the file of weights beside it, empty if there is none.

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
            model, (pictures,), dynamo=True, verbose=False, opset_version=OPSET,
            input_names=["pictures"], output_names=["logits" if HEADS[model.plan.spec.head].classifies else "features"],
            dynamic_shapes=({0: torch.export.Dim("batch")},),
        )  # fmt: skip
    if program is None:
        raise InputError("torch could not turn this network into ONNX.")
    _forget_origin(program.model)
    program.model.metadata_props.update(metadata(model, info))
    size = sum(tensor.nbytes for tensor in model.state_dict().values())
    program.save(str(path), external_data=size > LARGEST_BYTES)
    return f"{path.name}.data" if size > LARGEST_BYTES else ""


def metadata(model: ResNet, info: ModelInfo | None) -> dict[str, str]:
    """What the file says of its network: texts, numbers and lists as JSON."""
    known: dict[str, object] = {"input": model.plan.spec.input, "source": f"ResNet Explorer {__version__}"}
    if info is None:
        known["weights"] = "freshly drawn"
    else:
        known |= {
            "name": info.name, "classes": info.classes, "mean": info.mean, "std": info.std, "resize": info.resize,
            "fit": info.fit, "interpolation": info.interpolation,
            "scale": "pictures from 0 to 1, less the mean, over the deviation, of each channel",
        }  # fmt: skip
        if info.greys.words:
            known["greys"] = info.greys.words
    return {
        key: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for key, value in known.items()
    }


def _forget_origin(model: Any) -> None:
    """Take from every node, value and graph the tracebacks that torch writes there, with paths of this computer."""
    graphs = [model.graph, *model.functions.values()]
    for graph in graphs:
        values = [*graph.inputs, *getattr(graph, "initializers", {}).values()]
        for node in graph.all_nodes():
            _forget(node)
            values += node.outputs
            for attribute in node.attributes.values():
                attribute.doc_string = None
        for each in (graph, *values):
            _forget(each)
    _forget(model)


def _forget(part: Any) -> None:
    part.metadata_props.clear()
    part.doc_string = None


def compare_with_torch(path: Path, model: ResNet, preprocess: Preprocess | None) -> OnnxComparison:
    """Run a written file beside torch on real pictures.

    Args:
        path: of the ONNX file.
        model: that it was written from, in eval mode on the CPU.
        preprocess: normalisation of the pictures; None leaves them from 0 to 1.

    Raises:
        InputError: the answers differ by more than rounding.
    """
    quick = importlib.util.find_spec("onnxruntime") is not None
    macs = totals(model.plan).cost.macs
    count = COMPARED if quick else max(1, min(COMPARED, int(REFERENCE_MACS // max(1, macs))))
    pictures = sample_pictures(model.plan.spec.input, preprocess, count)
    with torch.inference_mode():
        wanted = torch.cat([model(one[None]) for one in pictures]).numpy()
    found = _run(path, pictures, quick=quick)
    scale = max(float(wanted.std()), float(np.abs(wanted).max())) or 1.0
    difference = float(np.abs(found - wanted).max()) / scale
    evaluator = "onnxruntime" if quick else "onnx's reference evaluator"
    if not difference <= EQUAL:
        raise InputError(
            f"{path.name} was not written: in {evaluator} it answers otherwise than in torch, by {difference:.1e} of "
            "its logits; update the packages torch, onnx and onnxscript."
        )
    return OnnxComparison(evaluator, count, difference)


def _run(path: Path, pictures: Tensor, *, quick: bool) -> NDArray[np.float32]:
    """Logits (N, classes), or features (N, C), of pictures (N, C, H, W), one after the other as torch is given them."""
    run: Any
    if quick:
        runtime = importlib.import_module("onnxruntime")  # an option that the project does not depend on
        run = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run
    else:
        from onnx.reference import ReferenceEvaluator

        run = ReferenceEvaluator(str(path)).run
    return np.concatenate([run(None, {"pictures": one[None].numpy()})[0] for one in pictures])


def sample_pictures(shape: Shape, preprocess: Preprocess | None, count: int) -> Tensor:
    """Samples of the program at the size of a network's input, (N, C, H, W), normalised.

    A network of other than one or three channels is given those of the colour picture again and again.
    """
    channels, height, width = shape
    files = _sample_files()
    read = 1 if channels == 1 else 3
    images = [read_pixels(path, (read, height, width)) for path in itertools.islice(itertools.cycle(files), count)]
    stacked = np.stack(images)[:, np.arange(channels) % read]
    pictures = torch.from_numpy(stacked).float() / 255
    if preprocess is None:
        return pictures
    mean, std = (torch.tensor(values).view(-1, 1, 1) for values in (preprocess.mean, preprocess.std))
    return (pictures - mean) / std


def _sample_files() -> Sequence[Path]:
    """Photographs first: they differ most."""
    files = sorted((assets() / "samples").iterdir())
    return [
        *(path for path in files if path.suffix == ".jpg"),
        *(path for path in files if path.suffix == ".png"),
    ]
