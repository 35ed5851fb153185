"""A small network with drawn weights and statistics, and drawn pictures, for what is measured of networks."""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import Tensor, nn

from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.engine.lab.finished_run import LabelledPictures, MeasuredNetwork
from resnet_gui.network.resnet import ResNet

SPEC: Final = ResNetSpec(
    block="basic", blocks=(3, 3), widths=(6, 8), shortcut="A", stem="cifar", classes=5, input=(2, 8, 8)
)
BATCH: Final = 16


def drawn_network(spec: ResNetSpec = SPEC, seed: int = 0, **changes: Any) -> MeasuredNetwork:
    """A network whose norms have drawn statistics, scales and shifts, so that every part of it matters."""
    torch.manual_seed(seed)
    model = ResNet(plan(spec)).eval().requires_grad_(False)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.weight.uniform_(0.5, 1.5)
            module.bias.normal_(0, 0.3)
            module.get_buffer("running_mean").normal_(0, 0.3)
            module.get_buffer("running_var").uniform_(0.5, 2)
    with torch.inference_mode():  # answers of all classes: the logits of noise are around zero
        logits = model((drawn_pictures(64, spec).images.float() / 255 - 0.4) / 0.3)
    model.get_parameter("fc.bias").sub_(logits.mean(0))
    channels = spec.input[0]
    values = {
        "model": model, "mean": (0.4,) * channels, "std": (0.3,) * channels, "layout": torch.contiguous_format,
        "threads": 1, "batch": BATCH,
    }  # fmt: skip
    return MeasuredNetwork(**values | changes)  # type: ignore[arg-type]


def drawn_pictures(count: int, spec: ResNetSpec = SPEC, seed: int = 1) -> LabelledPictures:
    """Coarse and fine noise, with drawn labels."""
    generator = torch.Generator().manual_seed(seed)
    coarse = (
        torch.rand((count, spec.input[0], 2, 2), generator=generator).repeat_interleave(4, 2).repeat_interleave(4, 3)
    )
    fine = torch.rand((count, *spec.input), generator=generator)
    images = (170 * coarse + 85 * fine).to(torch.uint8)
    return LabelledPictures(images, torch.randint(0, spec.classes, (count,), generator=generator))


@torch.inference_mode()
def logits_of(network: nn.Module, measured: MeasuredNetwork, images: Tensor) -> Tensor:
    """What a network answers to pictures that are normalised by hand, in the batches of the measured one."""
    with measured.computing():
        x = (images.float() / 255 - measured.mean[0]) / measured.std[0]
        return torch.cat([network(part) for part in torch.split(x, measured.batch)])
