"""A real network that is right by construction: it answers which colour a picture has most of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from resnet_gui.data.model_card import ModelInfo
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine.evaluate.measuring import measure_evaluation
from resnet_gui.evaluation.folder import Evaluation, read_evaluation
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.weights import save_model, weights_sha256
from resnet_gui.protocol.evaluation_messages import MeasureEvaluation
from resnet_gui.protocol.model_request import ModelRequest

COLOURS = {"red": (220, 40, 40), "green": (40, 220, 40), "blue": (40, 40, 220)}
SPEC = ResNetSpec(block="basic", blocks=(1,), widths=(8,), shortcut="B", stem="cifar", classes=3, input=(3, 8, 8))


def colour_network(order: Sequence[int] = (0, 1, 2), classes: int = 3, sharpness: float = 10.0) -> ResNet:
    """Class n answers to the colour ``order[n]``: the stem passes the colours on, the block adds nothing to them."""
    torch.manual_seed(0)
    network = ResNet(plan(evolve(SPEC, classes=classes))).eval()
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if "conv" in name or name.startswith("fc"):
                value.zero_()
        for colour in range(3):
            network.get_parameter("conv1.weight")[colour, colour, 1, 1] = 1.0
        for number, colour in enumerate(order):
            network.get_parameter("fc.weight")[number, colour] = sharpness
    return network


def save_colours(
    path: Path, labels: Sequence[str] = tuple(COLOURS), order: Sequence[int] = (0, 1, 2), sharpness: float = 10.0
) -> Path:
    """Write such a network with its card."""
    return save_network(path, colour_network(order, len(labels), sharpness), labels)


def save_network(path: Path, network: ResNet, labels: Sequence[str] = tuple(COLOURS)) -> Path:
    """Write a network that reads pictures from 0 to 1, with its card."""
    state = network.state_dict()
    info = ModelInfo(
        name=path.stem, spec=network.plan.spec, classes=tuple(labels), mean=(0.0,) * 3, std=(1.0,) * 3, data="colours",
        top1=1.0, sha256=weights_sha256(state),
    )  # fmt: skip
    save_model(path, state, info)
    return path


def colour_picture(colour: str, number: int, side: int = 8) -> Image.Image:
    """Mostly of a colour; no two of different numbers are the same."""
    noise = np.random.default_rng(1000 * list(COLOURS).index(colour) + number)
    pixels = np.array(COLOURS[colour]) + noise.integers(-30, 31, (side, side, 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def draw_colours(folder: Path, counts: dict[str, int], names: dict[str, str] | None = None) -> Path:
    """A folder for each colour, by its own name or another."""
    for colour, count in counts.items():
        place = folder / (names or {}).get(colour, colour)
        place.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            colour_picture(colour, number).save(place / f"{number}.png")
    return folder


def measure_job(model: Path | str, data: Path | str, **changes: object) -> MeasureEvaluation:
    """The job to measure a model on the CPU."""
    fields = {"job": 1, "model_request": ModelRequest(model=str(model), device="cpu"), "data": str(data)}
    return MeasureEvaluation(**fields | changes)  # type: ignore[arg-type]


def go_on() -> bool:
    """Never given up."""
    return True


def measured(model: Path, data: Path | str, **changes: object) -> Evaluation:
    """What the engine measures of a model on data."""
    return read_evaluation(measure_evaluation(measure_job(model, data, **changes), lambda _event: None, go_on))
