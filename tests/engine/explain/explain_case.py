"""Networks and pictures on disk, and the same network untouched, for tests that look inside."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from resnet_gui.data.model_card import ModelInfo
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine.explain.grad_cam import grad_cam
from resnet_gui.engine.explain.model import ExplainModel
from resnet_gui.engine.explain.service import ExplainService
from resnet_gui.engine.predict.classifier import ClassifierCache
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.weights import save_model, weights_sha256
from resnet_gui.protocol.explain_events import Explanation
from resnet_gui.protocol.jobs import Explain, ModelRequest

MEANS, DEVIATIONS = (0.4, 0.5, 0.6), (0.2, 0.25, 0.3)


def preset(name: str, height: int, width: int, classes: int = 12) -> ResNetSpec:
    """A published design for other pictures."""
    return evolve(PRESETS[name].spec, input=(3, height, width), classes=classes)


CIFAR = preset("resnet20", 32, 24)
GATED = ResNetSpec(
    block="bottleneck", blocks=(1, 2), widths=(4, 6), order="full_preact", ablation="exclusive_gating", se_ratio=2,
    se_divisor=1, activation="leaky_relu", classes=3, input=(1, 40, 36),
)  # fmt: skip


def seasoned(spec: ResNetSpec, seed: int = 0) -> ResNet:
    """A network whose norms have learned something, in eval mode; freshly drawn ones would be the identity."""
    torch.manual_seed(seed)
    model = ResNet(plan(spec)).eval()
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d | nn.GroupNorm):
                module.weight.uniform_(0.5, 1.5)
                module.bias.normal_(0, 0.2)
            if isinstance(module, nn.BatchNorm2d):
                assert module.running_mean is not None
                assert module.running_var is not None
                module.running_mean.normal_(0, 0.2)
                module.running_var.uniform_(0.5, 1.5)
    return model


class ExplainCase(NamedTuple):
    """A network on disk with a picture of just its input's size.

    Attributes:
        model: the same network, untouched: whatever works in place does so.
        x: the normalised picture (1, C, H, W), computed here.
        model_request: names the network on disk.
        image: path of the picture.
        pixels: of the picture, (C, H, W).
        classifiers: keep the network ready from one question to the next.
    """

    model: ResNet
    x: Tensor
    model_request: ModelRequest
    image: str
    pixels: NDArray[np.uint8]
    classifiers: ClassifierCache

    def service(self) -> ExplainService:
        """What answers questions."""
        return ExplainService(self.classifiers)

    def explain_model(self, *lesions: str) -> ExplainModel:
        """The network whose inside can be read."""
        return ExplainModel(
            self.classifiers, ModelRequest(model=self.model_request.model, device="cpu", lesions=lesions)
        )


def write_network(path: Path, model: ResNet) -> None:
    """A weights file as a run writes it."""
    spec, state = model.plan.spec, model.state_dict()
    channels = spec.input[0]
    info = ModelInfo(
        name="drawn", spec=spec, classes=tuple(f"class {number}" for number in range(spec.classes)),
        mean=MEANS[:channels], std=DEVIATIONS[:channels], data="none", top1=0.0, sha256=weights_sha256(state),
    )  # fmt: skip
    save_model(path, state, info)


def write_picture(path: Path, pixels: NDArray[np.uint8]) -> None:
    """A PNG of (1 or 3, H, W) bytes."""
    Image.fromarray(pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0)).save(path)


def make_case(folder: Path, model: ResNet, lowest: int = 0) -> ExplainCase:
    """Write a network and a picture of noise, its pixels at least ``lowest``."""
    shape = model.plan.spec.input
    write_network(folder / "network.safetensors", model)
    pixels = np.random.default_rng(7).integers(lowest, 256, shape, dtype=np.uint8)
    write_picture(folder / "picture.png", pixels)
    mean, deviation = (np.array(values[: shape[0]])[:, None, None] for values in (MEANS, DEVIATIONS))
    x = torch.from_numpy(((pixels / 255 - mean) / deviation).astype(np.float32))[None]
    request = ModelRequest(model=str(folder / "network.safetensors"), device="cpu")
    return ExplainCase(model.requires_grad_(False), x, request, str(folder / "picture.png"), pixels, ClassifierCache())


def for_pictures(spec: ResNetSpec) -> ResNetSpec:
    """The same design for grey or coloured pictures, with a head of several logits: only classes can be explained."""
    head = "pool" if spec.head == "none" else spec.head
    picture = (1 if spec.input[0] % 2 else 3, *spec.input[1:])
    return evolve(spec, input=picture, head=head, classes=max(2, spec.classes))


# ---- Grad-CAM


def explained(
    case: ExplainCase, target: int = -1, points: tuple[str, ...] = (), lesions: tuple[str, ...] = ()
) -> Explanation:
    request = ModelRequest(model=case.model_request.model, device="cpu", lesions=lesions)
    answer = case.service().answer(Explain(3, request, case.image, target, points))
    assert isinstance(answer, Explanation)
    return answer


def maps_of(
    case: ExplainCase, target: int, points: tuple[str, ...], lesions: tuple[str, ...] = ()
) -> dict[str, Tensor]:
    explained_model = case.explain_model(*lesions)
    return grad_cam(explained_model.network, explained_model.input(case.image), target, points)[2]


def assert_same_map(made: Tensor, expected: Tensor, scale: float = 0.0) -> None:
    """Within 1e-4 of the largest value, or of ``scale``, what was added up to it."""
    assert made.shape == expected.shape
    assert float((made - expected).abs().max()) <= 1e-4 * max(float(expected.max()), scale, 1e-12)


def assert_answer_shows(heats: dict[str, tuple[np.ndarray[Any, Any], float]], maps: dict[str, Tensor]) -> None:
    """Every heat in an answer is its map in 8 bits, and some of them show something."""
    assert any(peak > 0 for _, peak in heats.values())
    for point, (values, peak) in heats.items():
        expected = maps[point].numpy()
        assert peak == pytest.approx(float(expected.max()), rel=1e-4, abs=1e-6)
        if peak:
            assert np.abs(values - 255 * expected / peak).max() <= 0.5 + 0.05
        else:
            assert not values.any()


def heats_of(answer: Explanation) -> dict[str, tuple[np.ndarray[Any, Any], float]]:
    return {
        heat.location: (np.frombuffer(heat.values, np.uint8).reshape(heat.height, heat.width).astype(float), heat.peak)
        for heat in answer.heats
    }


# ---- feature maps


def untouched(model: ResNet, x: Tensor, layer: str) -> NDArray[np.float32]:
    """What a layer writes, copied before the next one can overwrite it, (C, H, W)."""
    kept: list[Tensor] = []
    handle = model.get_submodule(layer).register_forward_hook(lambda _m, _i, out: kept.append(out.detach().clone()))
    model(x)
    handle.remove()
    values: NDArray[np.float32] = kept[0][0].numpy()
    return values


def case_of_huge_values(folder: Path) -> ExplainCase:
    """A network whose first layer makes of its picture what no number holds."""
    model = seasoned(evolve(CIFAR, blocks=(1,), widths=(4,)))
    with torch.no_grad():
        model.get_parameter("conv1.weight").fill_(3e38)
    return make_case(folder, model, lowest=200)
