"""The network of He et al. 2015, section 4.2, written by hand with torchvision's names.

It knows nothing of plans: weights of one of our networks are loaded into it.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.engine.lab.finished_run import LabelledPictures, MeasuredNetwork
from resnet_gui.network.resnet import ResNet

SPEC: Final = ResNetSpec(
    block="basic", blocks=(2, 2), widths=(4, 6), shortcut="B", stem="cifar", classes=3, input=(1, 8, 8)
)
"""Four blocks, the third of which projects its shortcut."""

MEAN, STD = 0.4, 0.3


class HandBlock(nn.Module):
    """Two 3×3 convolutions with their norms, and a shortcut if it is residual."""

    def __init__(self, inputs: int, width: int, stride: int, *, residual: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.residual = residual
        if residual and (stride > 1 or inputs != width):
            self.downsample = nn.Sequential(nn.Conv2d(inputs, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def branch(self, x: Tensor) -> Tensor:
        y: Tensor = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return y

    def shortcut(self, x: Tensor) -> Tensor:
        y: Tensor = self.downsample(x) if hasattr(self, "downsample") else x
        return y

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.branch(x) + self.shortcut(x) if self.residual else self.branch(x))


class HandNetwork(nn.Module):
    """A stem, stages of blocks, mean pooling and a linear layer."""

    def __init__(self, spec: ResNetSpec) -> None:
        super().__init__()
        width = spec.widths[0]
        self.conv1 = nn.Conv2d(spec.input[0], width, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.rows: list[HandBlock] = []
        for stage, (count, out) in enumerate(zip(spec.blocks, spec.widths, strict=True)):
            row = nn.Sequential()
            for number in range(count):
                stride = 2 if stage and not number else 1
                row.append(HandBlock(width, out, stride, residual=spec.shortcut != "none"))
                width = out
            self.add_module(f"layer{stage + 1}", row)
            self.rows += [block for block in row if isinstance(block, HandBlock)]
        self.fc = nn.Linear(width, spec.classes)

    def stem(self, x: Tensor) -> Tensor:
        return torch.relu(self.bn1(self.conv1(x)))

    def head(self, x: Tensor) -> Tensor:
        y: Tensor = self.fc(x.mean((2, 3)))
        return y

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for block in self.rows:
            x = block(x)
        return self.head(x)


def hand_written(model: ResNet) -> HandNetwork:
    """The same network by hand, in eval mode."""
    made = HandNetwork(model.plan.spec)
    made.load_state_dict(model.state_dict())
    return made.eval()


def measured_network(spec: ResNetSpec = SPEC, seed: int = 0) -> MeasuredNetwork:
    """A network whose norms have drawn statistics, scales and shifts, as if it had been trained."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = ResNet(plan(spec)).eval().requires_grad_(False)
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.weight.uniform_(0.5, 1.5)
                module.bias.normal_(0, 0.3)
                module.get_buffer("running_mean").normal_(0, 0.3)
                module.get_buffer("running_var").uniform_(0.5, 2)
    channels = spec.input[0]
    return MeasuredNetwork(model, (MEAN,) * channels, (STD,) * channels, torch.contiguous_format, 1, 8)


def labelled_pictures(count: int, spec: ResNetSpec = SPEC) -> LabelledPictures:
    """Noise with drawn labels."""
    numbers = torch.Generator().manual_seed(5)
    images = torch.randint(0, 256, (count, *spec.input), generator=numbers).to(torch.uint8)
    return LabelledPictures(images, torch.randint(0, spec.classes, (count,), generator=numbers))


def by_hand(images: Tensor) -> Tensor:
    """Pictures as the network reads them."""
    return (images.float() / 255 - MEAN) / STD
