"""What a network sees on a picture: Grad-CAM, feature maps, filters, distributions, and the reach of a unit."""

from __future__ import annotations

import copy
import io
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from resnet_gui.analysis.locations import find_shape, stage_points, unit_centre
from resnet_gui.base.errors import InputError
from resnet_gui.design.location import Location
from resnet_gui.design.plan import plan
from resnet_gui.engine.predict.classifier import ClassifierCache, lesion
from resnet_gui.engine.predict.models import normalised
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.explain_events import (
    Explanation,
    FeatureMap,
    FeatureMaps,
    Filters,
    HeatMap,
    Histogram,
    Histograms,
    UnitGradient,
)
from resnet_gui.protocol.jobs import (
    MOST_MAPS,
    Explain,
    Look,
    ModelRequest,
    ShowFilters,
    ShowHistograms,
    ShowMaps,
    ShowUnitGradient,
)

KEPT: Final = 2
BINS: Final = 64
MOST_POINTS: Final = 256
Image8 = NDArray[np.uint8]


class ExplainModel:
    """A network whose inside can be read: nothing works in place, and the picture last looked at stays ready."""

    def __init__(self, warm: ClassifierCache, subject: ModelRequest) -> None:
        # One central crop: with ten there is no one map to lay over the picture.
        self._classifier = warm.get(_plain(subject))
        opened = self._classifier.opened
        self.device = self._classifier.device
        model = lesion(opened.model, subject.lesions) if subject.lesions else copy.deepcopy(opened.model)
        for module in model.modules():
            if isinstance(module, nn.ReLU | nn.LeakyReLU):
                module.inplace = False
        self.model: ResNet = model.to(self.device).requires_grad_(False)
        # Of the input that is used, which may not be the file's own.
        self.spec, self.plan = opened.spec, plan(opened.spec)
        self._pictures: OrderedDict[tuple[str, int], NDArray[np.uint8]] = OrderedDict()

    def pixels(self, image: str) -> NDArray[np.uint8]:
        """The input that is cut out of a picture, (C, H, W) bytes.

        Raises:
            InputError: the picture cannot be read.
        """
        path = Path(image)
        try:
            key = (image, path.stat().st_mtime_ns)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise InputError(f"{image!r} cannot be read: {reason}.") from error
        if key not in self._pictures:
            self._pictures[key] = self._classifier.prepare(path).pixels[0]
            while len(self._pictures) > KEPT:
                self._pictures.popitem(last=False)
        return self._pictures[key]

    def input(self, image: str) -> Tensor:
        """The normalised input (1, C, H, W)."""
        return normalised(self.pixels(image), self._classifier.opened.preprocess, self.device)[None]

    def module(self, layer: str, *, flat: bool = False) -> nn.Module:
        """The module of a layer, block or stage; with ``flat`` also of a layer whose output is no map.

        Raises:
            InputError: there is none of that path.
        """
        known = flat and any(path == layer for path, _ in self.plan.layers())
        if not known and (":" in layer or find_shape(self.plan, layer) is None):
            raise InputError(f"The network has no layer '{layer}' with a map.")
        return self.model.get_submodule(layer)

    def output(self, layer: str, x: Tensor, *, flat: bool = False) -> Tensor:
        """What a layer makes of an input, (C, H, W); with ``flat`` perhaps (features,)."""
        kept: list[Tensor] = []
        handle = self.module(layer, flat=flat).register_forward_hook(lambda _m, _i, out: kept.append(out))
        try:
            self.model(x)
        finally:
            handle.remove()
        if not kept:
            raise InputError(f"'{layer}' takes no part in the answer: its branch is turned off.")
        return kept[0][0]


def _plain(subject: ModelRequest) -> ModelRequest:
    """The same network for one central crop and without lesions: what reads pictures, and holds the weights."""
    return ModelRequest(
        model=subject.model, device=subject.device, mode="exact", preprocess=subject.preprocess, labels=subject.labels,
        input=subject.input, changes=subject.changes,
    )  # fmt: skip


class ExplainService:
    """Answers looks; the last networks stay ready."""

    def __init__(self, warm: ClassifierCache) -> None:
        self._warm = warm
        self._ready: OrderedDict[tuple[object, ...], ExplainModel] = OrderedDict()

    def answer(self, job: Look) -> Explanation | FeatureMaps | Filters | Histograms | UnitGradient:
        """Do what is asked.

        Raises:
            InputError: the picture cannot be read, or the network has no such place.
        """
        looker = self._get(job.subject)
        match job:
            case Explain():
                return explain(looker, job)
            case ShowMaps():
                return show_maps(looker, job)
            case ShowFilters():
                return show_filters(looker, job)
            case ShowHistograms():
                return show_spread(looker, job)
            case ShowUnitGradient():
                return trace_unit(looker, job)

    def _get(self, subject: ModelRequest) -> ExplainModel:
        key, _ = self._warm.networks.get(subject.model)
        full = (key, subject.device, subject.preprocess, subject.lesions, subject.input, subject.changes)
        if full not in self._ready:
            self._ready[full] = ExplainModel(self._warm, subject)
            while len(self._ready) > KEPT:
                self._ready.popitem(last=False)
        self._ready.move_to_end(full)
        return self._ready[full]


# ---- Grad-CAM


class _Record:
    """Keeps the tensors at points of a network during one pass."""

    def __init__(self, model: ResNet, points: Iterable[str]) -> None:
        self.tensors: dict[str, Tensor] = {}
        self._handles: list[RemovableHandle] = []
        self._model = model
        for point in points:
            location = Location.parse(point)
            term = location.term
            module = model.get_submodule((location if term is None else location.without_layer()).path)
            if term is not None and getattr(module, "lesioned", False):
                self._look_without_addition(location)
            elif term is not None and term != "sum":
                hook = self._before(point, int(term == "shortcut"))
                self._handles.append(module.get_submodule("add").register_forward_pre_hook(hook))
            else:
                added = module.get_submodule("add") if term is not None else module
                self._handles.append(added.register_forward_hook(self._after(point)))

    def _look_without_addition(self, location: Location) -> None:
        """Where the branch is turned off, the shortcut alone is the sum: what follows the addition reads it."""
        block, point = self._model.plan.find_section(location), location.path
        if block is None or location.term == "branch":
            return
        behind, whole = block.on("out"), location.without_layer()
        module = self._model.get_submodule((whole.with_layer(behind[0].name) if behind else whole).path)
        self._handles.append(
            module.register_forward_pre_hook(self._before(point, 0))
            if behind
            else module.register_forward_hook(self._after(point))
        )

    def _before(self, point: str, place: int) -> Callable[[nn.Module, Any], Any]:
        def hook(_module: nn.Module, inputs: Any) -> Any:
            # A view of its own: an identity shortcut is the very tensor that the branch reads too, and only what
            # goes through the addition counts here.
            kept = inputs[place].view_as(inputs[place])
            self.tensors[point] = kept
            return tuple(kept if number == place else value for number, value in enumerate(inputs))

        return hook

    def _after(self, point: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(_module: nn.Module, _inputs: Any, output: Tensor) -> None:
            self.tensors[point] = output

        return hook

    def close(self) -> None:
        """Take the hooks away."""
        for handle in self._handles:
            handle.remove()


def grad_cam(model: ResNet, x: Tensor, target: int, points: tuple[str, ...]) -> tuple[int, float, dict[str, Tensor]]:
    """Grad-CAM at points of a network, all from one forward and one backward pass.

    L = ReLU(Σ_k α_k A_k) with α_k the mean over the map of ∂y/∂A_k (Selvaraju et al. 2017, eq. 1 and 2).

    Args:
        model: in eval mode, nothing of it in place.
        x: (1, C, H, W), normalised.
        target: class whose logit y is explained; -1 for the largest.
        points: see ``spec.points``.

    Returns:
        The class, its logit, and a map (H', W') for every point that took part.
    """
    record = _Record(model, points)
    try:
        with torch.enable_grad():
            logits = model(x.detach().requires_grad_(True))[0]
            chosen = int(logits.argmax()) if target < 0 else target
            kept = list(record.tensors)
            found = torch.autograd.grad(logits[chosen], [record.tensors[point] for point in kept], allow_unused=True)
    finally:
        record.close()
    maps: dict[str, Tensor] = {}
    for point, gradient in zip(kept, found, strict=True):
        values = record.tensors[point].detach()[0]
        weight = torch.zeros_like(values) if gradient is None else gradient[0]
        maps[point] = (weight.mean(dim=(1, 2), keepdim=True) * values).sum(dim=0).clamp(min=0)
    return chosen, float(logits[chosen].detach()), maps


def explain(looker: ExplainModel, job: Explain) -> Explanation:
    """Answer where the evidence for a class lies."""
    if not -1 <= job.target < looker.spec.classes:
        raise InputError(f"There is no class {job.target}: the network has {looker.spec.classes}, counted from 0.")
    points = job.points or tuple(point.name for point in stage_points(looker.plan))
    if len(points) > MOST_POINTS:
        raise InputError(f"{len(points)} places at once are more than {MOST_POINTS}.")
    shapes = {point: find_shape(looker.plan, point) for point in points}
    unknown = next((point for point, shape in shapes.items() if shape is None), None)
    if unknown is not None:
        raise InputError(f"The network has no place '{unknown}'.")
    pixels = looker.pixels(job.image)
    begun = time.perf_counter()
    target, score, maps = grad_cam(looker.model, looker.input(job.image), job.target, points)
    _check_finite(score, "The network's answer")
    heats = [_heat(point, maps.get(point), shapes[point] or (1, 1, 1)) for point in points]
    milliseconds = (time.perf_counter() - begun) * 1000
    return Explanation(job.job, job.image, target, score, _png(pixels), tuple(heats), milliseconds)


def _heat(point: str, values: Tensor | None, shape: tuple[int, ...]) -> HeatMap:
    if values is None:
        # Turned off: nothing went through it.
        return HeatMap(point, shape[1], shape[2], bytes(shape[1] * shape[2]), 0.0)
    array = values.float().cpu().numpy()
    _check_finite(array, f"The evidence at '{point}'")
    peak = float(array.max(initial=0.0))
    height, width = array.shape
    return HeatMap(point, height, width, _bytes(array, 0.0, peak).tobytes(), peak)


def _bytes(values: NDArray[np.float32], low: float, high: float) -> Image8:
    """Values between ``low`` and ``high`` as 0 to 255; all 0 where there is nothing between them."""
    if not high > low:
        return np.zeros(values.shape, dtype=np.uint8)
    scaled = np.nan_to_num((values - low) / (high - low)) * 255
    made: Image8 = np.round(np.clip(scaled, 0, 255)).astype(np.uint8)
    return made


def _check_finite(values: NDArray[np.float32] | float, what: str) -> None:
    """Refuse what cannot be shown, nor told as JSON."""
    if not np.isfinite(values).all():
        raise InputError(f"{what} is no finite number: the weights are damaged or too large.")


def _png(pixels: NDArray[np.uint8]) -> bytes:
    image = Image.fromarray(pixels[0] if pixels.shape[0] == 1 else pixels.transpose(1, 2, 0))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


# ---- maps, filters, distributions, reach


@torch.no_grad()
def show_maps(looker: ExplainModel, job: ShowMaps) -> FeatureMaps:
    """Channels of a layer on a picture, in the order asked for."""
    output = looker.output(job.layer, looker.input(job.image)).float().cpu()
    _check_finite(output.numpy(), f"What '{job.layer}' makes of this picture")
    flat = output.reshape(output.shape[0], -1)
    order = torch.arange(len(flat))
    if job.order == "active":
        order = torch.argsort(flat.abs().mean(dim=1), descending=True, stable=True)
    start = max(0, job.start)
    maps = []
    for channel in order[start : start + max(0, min(job.count, MOST_MAPS))].tolist():
        values = output[channel].numpy()
        low, high = float(values.min()), float(values.max())
        active = float((values > 0).mean())
        mean = float(values.mean(dtype=np.float64))
        maps.append(FeatureMap(channel, mean, low, high, active, _bytes(values, low, high).tobytes()))
    shape = (output.shape[0], output.shape[1], output.shape[2])
    return FeatureMaps(job.job, job.image, job.layer, shape, start, tuple(maps))


def show_filters(looker: ExplainModel, job: ShowFilters) -> Filters:
    """The filters of the first convolution."""
    layer = next(path for path, layer in looker.plan.layers() if layer.kind == "conv")
    values = looker.model.state_dict()[f"{layer}.weight"].float().cpu().numpy()
    _check_finite(values, "A filter")
    peak = float(np.abs(values).max())
    norms = tuple(float(np.linalg.norm(one.astype(np.float64))) for one in values)
    shown = values if values.shape[1] == 3 else values.mean(axis=1, keepdims=True)
    grey = np.round(np.clip(shown / (peak or 1.0) * 127.5 + 127.5, 0, 255)).astype(np.uint8)
    filters = tuple(one.transpose(1, 2, 0).tobytes() for one in grey)
    count, channels, height, width = values.shape
    return Filters(job.job, layer, (count, channels, height, width), filters, norms, peak)


def _weight(module: nn.Module) -> Tensor | None:
    weight = getattr(module, "weight", None)
    return weight.detach().float() if isinstance(weight, Tensor) else None


def histogram(values: NDArray[np.float32]) -> Histogram:
    """Values in equal bins between their extremes."""
    finite = values[np.isfinite(values)].astype(np.float64).ravel()
    if not len(finite):
        return Histogram(0.0, 0.0, (0,) * BINS, 0.0, 0.0, 0.0, 0)
    low, high = float(finite.min()), float(finite.max())
    aside = 0.0 if high > low else max(0.5, abs(low) / 2)
    counts, _ = np.histogram(finite, bins=BINS, range=(low - aside, high + aside))
    return Histogram(
        low, high, tuple(counts.tolist()), float(finite.mean()), float(finite.std()), float((finite == 0).mean()),
        len(finite),
    )  # fmt: skip


@torch.no_grad()
def show_spread(looker: ExplainModel, job: ShowHistograms) -> Histograms:
    """Distributions of a layer's weights and of its output on a picture."""
    weight = _weight(looker.module(job.layer, flat=True))
    output = looker.output(job.layer, looker.input(job.image), flat=True).float().cpu().numpy()
    weights = None if weight is None else histogram(weight.cpu().numpy())
    return Histograms(job.job, job.image, job.layer, weights, histogram(output))


def trace_unit(looker: ExplainModel, job: ShowUnitGradient) -> UnitGradient:
    """The gradient of a unit at the pixels of the input."""
    with torch.enable_grad():
        x = looker.input(job.image).requires_grad_(True)
        output = looker.output(job.layer, x)
        channels, height, width = output.shape
        if not (0 <= job.x < width and 0 <= job.y < height and -1 <= job.channel < channels):
            raise InputError(
                f"'{job.layer}' has {channels} channels of {width}×{height} units; there is none at channel "
                f"{job.channel}, column {job.x}, row {job.y}."
            )
        unit = output[:, job.y, job.x].sum() if job.channel < 0 else output[job.channel, job.y, job.x]
        (gradient,) = torch.autograd.grad(unit, [x])
    values = gradient[0].abs().sum(dim=0).float().cpu().numpy()
    _check_finite(values, f"The gradient of a unit of '{job.layer}'")
    peak = float(values.max(initial=0.0))
    rows, columns = np.nonzero(values)
    box: tuple[int, ...] = ()
    if len(rows):
        box = (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
    centre = unit_centre(looker.plan, job.layer, job.x, job.y)
    return UnitGradient(
        job.job, job.image, job.layer, job.x, job.y, values.shape[0], values.shape[1],
        _bytes(values, 0.0, peak).tobytes(), peak, box, _half(values, centre),
    )  # fmt: skip


def _half(values: NDArray[np.float32], centre: tuple[float, float]) -> int:
    """Side of the smallest square around a place that holds half of the sum of the values; 0 if all are 0."""
    total = float(values.sum(dtype=np.float64))
    if total <= 0:
        return 0
    rows, columns = np.indices(values.shape)
    distance = np.maximum(np.abs(columns - centre[0]), np.abs(rows - centre[1]))
    order = np.argsort(distance, axis=None, kind="stable")
    reached = np.searchsorted(np.cumsum(values.ravel()[order], dtype=np.float64), total / 2)
    return int(2 * distance.ravel()[order[min(int(reached), len(order) - 1)]]) + 1
