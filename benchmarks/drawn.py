"""Networks and photographs that are drawn, for several benchmarks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torchvision.models import get_model_builder

from resnet_gui.data.labels import known_labels
from resnet_gui.data.model_card import ModelInfo
from resnet_gui.data.weights_catalogue import WEIGHTS
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.weights import save_model, weights_sha256


def drawn(name: str, folder: Path) -> tuple[Any, Path]:
    """A network of torchvision with drawn weights, and a file of the program with the same ones."""
    torch.manual_seed(0)
    theirs = get_model_builder(name)().eval()
    ours = ResNet(plan(PRESETS[name].spec))
    ours.load_state_dict(theirs.state_dict())
    how = WEIGHTS[f"{name}-v1"].preprocess
    info = ModelInfo(
        name=name, spec=PRESETS[name].spec, classes=known_labels("imagenet", 1000), mean=how.mean, std=how.std,
        data="", top1=0.0, sha256=weights_sha256(ours.state_dict()), resize=how.resize,
    )  # fmt: skip
    path = folder / f"{name}.safetensors"
    save_model(path, ours.state_dict(), info)
    return theirs, path


def make_photo(path: Path, size: tuple[int, int], seed: int = 0) -> None:
    """A JPEG with edges and texture at every scale, as photographs have them."""
    generator = np.random.default_rng(seed)
    pixels = np.zeros((size[1], size[0], 3), dtype=np.float32)
    for scale in (4, 16, 64, 256):
        small = generator.integers(0, 256, (size[1] // scale + 2, size[0] // scale + 2, 3), dtype=np.uint8)
        pixels += np.asarray(Image.fromarray(small).resize(size, Image.Resampling.BICUBIC), dtype=np.float32) / 4
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path, quality=90)
