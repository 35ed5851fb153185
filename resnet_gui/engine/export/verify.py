"""The plan against the built model: every layer's shape, parameters and MACs as torchinfo sees them."""

from __future__ import annotations

import math
from typing import Final

import msgspec
import torch
import torchinfo

from resnet_gui.analysis.costs import Row, rows, totals
from resnet_gui.base.text import shape_text
from resnet_gui.design.bounds import Shape
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.design.structure import Plan
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.events import Matched, Mismatch, Verified

_DEEPEST: Final = 8
"""More levels of modules than any design has."""


def verify(job: int, spec: ResNetSpec) -> Verified | Mismatch:
    """Build a design on the meta device and compare it with its plan, row by row."""
    planned = plan(spec)
    with torch.device("meta"):
        model = ResNet(planned).eval()
    return compare(job, planned, model)


def against_torchvision(job: int, spec: ResNetSpec, name: str) -> Matched | Mismatch:
    """Build torchvision's own network on the meta device and compare it with the plan, layer by layer.

    torchvision calls one ReLU several times, which torchinfo lists once; ReLUs hold no parameters and change no shape,
    so they are left out.
    """
    from torchvision import models

    planned = plan(spec)
    with torch.device("meta"):
        model = models.get_model(name, weights=None, num_classes=spec.classes).eval()
    built = {path: found for path, found in _built(model, spec).items() if path.rpartition(".")[2] != "relu"}
    mine = {row.path: row for row in rows(planned) if row.path in built or row.cost.params}
    for path in (*mine, *built):
        if path not in mine or path not in built:
            here, there = ("missing", "present") if path not in mine else ("present", "missing")
            return Mismatch(job, path, "layer", here, there, "torchvision")
    for path, row in mine.items():
        difference = _difference(job, row, built[path]) or _window_difference(job, row, model.get_submodule(path))
        if difference is not None:
            return msgspec.structs.replace(difference, against="torchvision")
    return Matched(job, name, len(mine))


def _window_difference(job: int, row: Row, module: torch.nn.Module) -> Mismatch | None:
    """What of a window differs: two windows may give one shape, but not one receptive field."""
    if not isinstance(module, torch.nn.Conv2d | torch.nn.MaxPool2d):
        return None
    layer = row.layer
    for what, planned, built in (
        ("kernel", layer.kernel, module.kernel_size), ("stride", layer.stride, module.stride),
        ("padding", layer.padding, module.padding),
    ):  # fmt: skip
        if built not in {planned, (planned, planned)}:
            return Mismatch(job, row.path, what, str(planned), str(built))
    return None


def _built(model: torch.nn.Module, spec: ResNetSpec) -> dict[str, BuiltRow]:
    picture = torch.zeros(1, *spec.input, device="meta")
    return _rows(torchinfo.summary(model, input_data=picture, depth=_DEEPEST, verbose=0, device="meta", mode="eval"))


def _difference(job: int, row: Row, found: BuiltRow) -> Mismatch | None:
    """What of a planned row the built layer has otherwise."""
    if found.output != row.layer.output:
        return Mismatch(job, row.path, "output shape", shape_text(row.layer.output), shape_text(found.output))
    if found.params != row.cost.params:
        return Mismatch(job, row.path, "parameters", f"{row.cost.params:,}", f"{found.params:,}")
    if found.macs != row.cost.macs:
        return Mismatch(job, row.path, "MACs", f"{row.cost.macs:,}", f"{found.macs:,}")
    return None


class BuiltRow(msgspec.Struct, frozen=True):
    """A leaf module as torchinfo sees it: output shape without the batch, parameters, MACs."""

    output: Shape
    params: int
    macs: int


def compare(job: int, planned: Plan, model: torch.nn.Module) -> Verified | Mismatch:
    """Compare a plan with a model on the meta device; the first row that differs is named.

    Each row is checked for its presence, its output shape, its parameters and its MACs; then that torch runs the layers
    in the order of the plan, and that the model has nothing with parameters beside the plan.
    """
    built = _built(model, planned.spec)
    order = list(built)
    count = 0
    for count, row in enumerate(rows(planned), start=1):  # noqa: B007
        found = built.pop(row.path, None)
        if found is None:
            return Mismatch(job, row.path, "layer", row.layer.kind, "missing")
        difference = _difference(job, row, found)
        if difference is not None:
            return difference
    for path, found in built.items():
        if found.params:
            return Mismatch(job, path, "layer", "missing", f"{found.params:,} parameters")
    for row, path in zip(rows(planned), (path for path in order if path not in built), strict=True):
        if row.path != path:
            return Mismatch(job, row.path, "place in the order", row.path, path)
    # Parameters that hang on no leaf module would be in no row.
    params = sum(parameter.numel() for parameter in model.parameters())
    cost = totals(planned).cost
    if params != cost.params:
        return Mismatch(job, "total", "parameters", f"{cost.params:,}", f"{params:,}")
    return Verified(job, count, params, cost.macs)


def _rows(summary: torchinfo.ModelStatistics) -> dict[str, BuiltRow]:
    """Torchinfo's leaf modules by their full path."""
    found: dict[str, BuiltRow] = {}
    for info in summary.summary_list:
        if not info.is_leaf_layer or info.parent_info is None:
            continue
        names, parent = [info.var_name], info.parent_info
        while parent is not None and parent.parent_info is not None:
            names.append(parent.var_name)
            parent = parent.parent_info
        # torchinfo counts a bias and BN's scale and shift as multiply-additions too; the convention here does not.
        macs = 0
        count = getattr(info.module, "multiply_accumulates", None)
        if isinstance(info.module, torch.nn.Conv2d | torch.nn.Linear):
            bias = info.module.bias
            spatial = int(math.prod(info.output_size[2:]))
            macs = info.macs - (bias.numel() * spatial if bias is not None else 0)
        elif count is not None:
            # A module of a choice counts what it multiplies itself; tests hold it against torch's own counter.
            macs = count(tuple(info.output_size))
        path = ".".join(reversed(names))
        found[path] = BuiltRow(tuple(info.output_size[1:]), max(info.num_params, 0), macs)
    return found
