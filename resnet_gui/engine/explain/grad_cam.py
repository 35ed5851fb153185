"""Grad-CAM: where the evidence for a class lies, at any place of a network (Selvaraju et al. 2017).

By hand, because it is one forward and one backward pass with a hook. pytorch-grad-cam brings eighteen packages, OpenCV
and scikit-learn among them; the tests compare its maps with these.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from resnet_gui.analysis.locations import find_shape, stage_maps
from resnet_gui.base.errors import InputError
from resnet_gui.design.location import Location
from resnet_gui.engine.explain.model import ExplainModel
from resnet_gui.engine.explain.picture_maps import PictureMaps, SectionRow
from resnet_gui.engine.explain.values import check_finite, to_bytes
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.explain_events import Explanation, HeatMap
from resnet_gui.protocol.jobs import Explain

MOST_LOCATIONS: Final = 256
"""Places of one question."""


class _Record:
    """A record of the tensors at points of a network during one pass."""

    def __init__(self, row: SectionRow, paths: Iterable[str]) -> None:
        self.tensors: dict[str, Tensor] = {}
        self._handles: list[RemovableHandle] = []
        self._model = row.network
        for path in paths:
            location = Location.parse(path)
            term, module = location.term, row.module(path)
            if term is not None and getattr(module, "lesioned", False):
                self._record_without_addition(location)
            elif term is not None and term != "sum":
                hook = self._before(path, int(term == "shortcut"))
                self._handles.append(module.get_submodule("add").register_forward_pre_hook(hook))
            else:
                added = module.get_submodule("add") if term is not None else module
                self._handles.append(added.register_forward_hook(self._after(path)))

    def _record_without_addition(self, location: Location) -> None:
        """Where the branch is turned off, the shortcut alone is the sum: what follows the addition reads it."""
        block, path = self._model.plan.find_section(location), location.path
        if block is None or location.term == "branch":
            return
        behind, whole = block.on("out"), location.without_layer()
        module = self._model.get_submodule((whole.with_layer(behind[0].name) if behind else whole).path)
        self._handles.append(
            module.register_forward_pre_hook(self._before(path, 0))
            if behind
            else module.register_forward_hook(self._after(path))
        )

    def _before(self, path: str, place: int) -> Callable[[nn.Module, Any], Any]:
        def hook(_module: nn.Module, inputs: Any) -> Any:
            # A view of its own: an identity shortcut is the very tensor that the branch reads too, and only what
            # goes through the addition counts here.
            kept = inputs[place].view_as(inputs[place])
            self.tensors[path] = kept
            return tuple(kept if number == place else value for number, value in enumerate(inputs))

        return hook

    def _after(self, path: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(_module: nn.Module, _inputs: Any, output: Tensor) -> None:
            self.tensors[path] = output

        return hook

    def close(self) -> None:
        """Take the hooks away."""
        for handle in self._handles:
            handle.remove()


def grad_cam(model: ResNet, x: Tensor, target: int, paths: tuple[str, ...]) -> tuple[int, float, dict[str, Tensor]]:
    """Grad-CAM at paths of a network, all from one forward and one backward pass.

    L = ReLU(Σ_k α_k A_k) with α_k the mean over the map of ∂y/∂A_k (Selvaraju et al. 2017, eq. 1 and 2).

    Args:
        model: in eval mode, nothing of it in place.
        x: (1, C, H, W), normalised.
        target: class whose logit y is explained; -1 for the largest. One logit is that of class 1 of two.
        paths: see ``analysis.locations``.

    Returns:
        The class, its logit, and a map (H', W') for every path that took part.
    """
    return _grad_cam(PictureMaps(SectionRow(model), x), 0, target, paths)


def grad_cam_of(known: PictureMaps, target: int, paths: tuple[str, ...]) -> tuple[int, float, dict[str, Tensor]]:
    """``grad_cam`` of a picture whose maps may be known: what stands before the first place is not computed again.

    What is computed is kept for later questions.
    """
    return _grad_cam(known, min(map(known.row.number, paths)), target, paths)


def _grad_cam(
    known: PictureMaps, first: int, target: int, paths: tuple[str, ...]
) -> tuple[int, float, dict[str, Tensor]]:
    """``grad_cam`` whose graph begins with a section."""
    row, begin = known.row, known.before(first).detach().requires_grad_(True)
    record = _Record(row, paths)
    try:
        with torch.enable_grad():
            x = begin
            for number in range(first, len(row)):
                x = row.run(number, x)
                known.keep(number + 1, x)
            logits = x[0]
            if len(logits) == 1:
                # One logit speaks for its class, and as much against it.
                logits = torch.cat((-logits, logits))
            chosen = int(logits.argmax()) if target < 0 else target
            kept = list(record.tensors)
            found = torch.autograd.grad(logits[chosen], [record.tensors[path] for path in kept], allow_unused=True)
    finally:
        record.close()
    maps: dict[str, Tensor] = {}
    for path, gradient in zip(kept, found, strict=True):
        values = record.tensors[path].detach()[0]
        weight = torch.zeros_like(values) if gradient is None else gradient[0]
        maps[path] = (weight.mean(dim=(1, 2), keepdim=True) * values).sum(dim=0).clamp(min=0)
    return chosen, float(logits[chosen].detach()), maps


def explanation(model: ExplainModel, job: Explain) -> Explanation:
    """Answer where the evidence for a class lies."""
    model.check_target(job.target)
    paths = job.locations or tuple(path.name for path in stage_maps(model.plan))
    if len(paths) > MOST_LOCATIONS:
        raise InputError(f"{len(paths)} places at once are more than {MOST_LOCATIONS}.")
    shapes = {path: find_shape(model.plan, path) for path in paths}
    unknown = next((path for path, shape in shapes.items() if shape is None), None)
    if unknown is not None:
        raise InputError(f"The network has no place '{unknown}'.")
    input_png = model.input_png(job.image)
    begun = time.perf_counter()
    target, score, maps = grad_cam_of(model.maps(job.image), job.target, paths)
    check_finite(score, "The network's answer")
    heats = [_heat(path, maps.get(path), shapes[path] or (1, 1, 1)) for path in paths]
    milliseconds = (time.perf_counter() - begun) * 1000
    return Explanation(job.job, job.image, target, score, input_png, tuple(heats), milliseconds)


def _heat(path: str, values: Tensor | None, shape: tuple[int, ...]) -> HeatMap:
    if values is None:
        # Turned off: nothing went through it.
        return HeatMap(path, shape[1], shape[2], bytes(shape[1] * shape[2]), 0.0)
    array = values.float().cpu().numpy()
    check_finite(array, f"The evidence at '{path}'")
    peak = float(array.max(initial=0.0))
    height, width = array.shape
    return HeatMap(path, height, width, to_bytes(array, 0.0, peak).tobytes(), peak)
