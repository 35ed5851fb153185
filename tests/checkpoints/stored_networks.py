"""A small network with all that a module may hold, and what a file that was read is compared by."""

from __future__ import annotations

import functools
import pickle
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from resnet_gui.checkpoints.reader import Checkpoint

LEGACY = [False, True]
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


class Net(nn.Module):
    """A small network with all that a module may hold: a shared part, a buffer that is not saved, a missing bias."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.again = self.conv1
        self.layer = nn.Sequential(OrderedDict(a=nn.Linear(4, 4), b=nn.ReLU()))
        self.scale = nn.Parameter(torch.rand(4))
        self.register_buffer("mean", torch.rand(3))
        self.register_buffer("index", torch.arange(3), persistent=False)
        self.fc = nn.Linear(4, 2)
        self.opt = functools.partial(max, default=np.float64(1))

    def forward(self, x: Tensor) -> Tensor:
        features: Tensor = self.bn1(self.conv1(x)).mean((2, 3)) * self.scale
        return self.fc(self.layer(features))  # type: ignore[no-any-return]


class Wrapped(nn.Module):
    """A network in another module, as trainers have it."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Net()
        self.loss = nn.CrossEntropyLoss(weight=torch.ones(2))


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def same(found: Checkpoint, state: Mapping[str, Tensor]) -> bool:
    """Whether a checkpoint has these tensors under these names, in this order, to the bit."""
    return list(found.state) == list(state) and all(
        torch.equal(value, state[name]) and value.dtype == state[name].dtype for name, value in found.state.items()
    )
