"""Standard deviations of the responses of 3×3 layers (He et al. 2015, Fig. 7)."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

from resnet_gui.base.errors import InputError
from resnet_gui.design.choices import KINDS
from resnet_gui.design.structure import Plan
from resnet_gui.engine.lab.finished_run import LabelledPictures, MeasuredNetwork, Report, unreported
from resnet_gui.engine.lab.networks import check_finite, exact_arithmetic, readable_copy
from resnet_gui.lab.measured.responses import LayerResponse, ResponseSetup, ResponsesMeasured


def measure_responses(
    name: str,
    network: MeasuredNetwork,
    pictures: LabelledPictures,
    setup: ResponseSetup,
    report: Report = unreported,
) -> ResponsesMeasured:
    """The responses of a network's 3×3 layers on all the pictures given.

    Args:
        name: of the network, for people.
        network: that was trained; it stays as it is.
        pictures: that it sees.
        setup: how the pictures were chosen.
        report: takes the share that is done, batch by batch.

    Raises:
        InputError: there are no pictures, a 3×3 layer has no output behind a norm and before activation or addition,
            or it overflows.
    """
    norms = response_norms(name, network.model.plan)
    count = len(pictures.images)
    if not count:
        raise InputError(f"There is no picture to measure the responses of '{name}' on; name one or more.")
    copied = readable_copy(network.model, network.device)
    sums = {path: _sums_of(copied.get_submodule(norm)) for path, norm in norms.items()}
    with torch.no_grad(), exact_arithmetic(network.threads):
        for start in range(0, count, network.batch):
            report(start / count)
            copied(network.input(pictures.images[start : start + network.batch]))
    check_finite(torch.stack(list(sums.values())), f"A response of '{name}'")
    report(1.0)
    spec = network.model.plan.spec
    return ResponsesMeasured(
        setup=setup,
        name=name,
        depth=spec.depth,
        residual=spec.adds,
        pictures=count,
        layers=tuple(LayerResponse(path, _std(*each.tolist())) for path, each in sums.items()),
    )


def _sums_of(module: nn.Module) -> Tensor:
    """Sum, sum of squares and count (3,) of all that a module puts out from here on."""
    sums = torch.zeros(3, dtype=torch.float64)

    def add(_module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
        values = output.double()
        sums.add_(torch.stack([values.sum(), values.square().sum(), values.new_tensor(values.numel())]).cpu())

    module.register_forward_hook(add)
    return sums


def _std(total: float, squares: float, count: float) -> float:
    mean = total / count
    return math.sqrt(max(0.0, squares / count - mean * mean))


def response_norms(name: str, planned: Plan) -> dict[str, str]:
    """Path of each 3×3 convolution on the main path -> path of the norm directly behind it.

    Raises:
        InputError: the design has no 3×3 layers there, or one has no such norm.
    """
    found: dict[str, str] = {}
    for location, group in planned.sections():
        layers = group.layers if location.stage == "stem" else group.main()
        for layer, following in pairwise((*layers, None)):
            if layer is None or layer.kernel != 3 or not KINDS[layer.kind].mixes:
                continue
            path = location.with_layer(layer.name).path
            if following is None or not KINDS[following.kind].is_norm:
                raise InputError(
                    f"'{name}' has no norm between '{path}' and the activation or addition behind it, so there is no "
                    "response as He et al. 2015 measure it; choose a network in the original order."
                )
            found[path] = location.with_layer(following.name).path
    if not found:
        raise InputError(f"'{name}' has no 3×3 layers to measure the responses of.")
    return found
