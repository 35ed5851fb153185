"""Grad-CAM: the evidence for a class at stages, blocks and inside of blocks, beside other computations of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from resnet_gui.base.errors import InputError
from resnet_gui.design.location import TERMS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.network.resnet import ResNet
from tests.engine.explain.explain_case import (
    CIFAR,
    assert_answer_shows,
    assert_same_map,
    explained,
    heats_of,
    make_case,
    maps_of,
    preset,
    seasoned,
)

PREACTIVATED = ResNetSpec(
    block="basic", blocks=(2, 2), widths=(6, 8), order="full_preact", stem="cifar", classes=5, input=(3, 20, 28)
)


@pytest.fixture(scope="module")
def oracle() -> Iterator[Any]:
    """pytorch-grad-cam; importing it sets environment variables."""
    before = dict(os.environ)
    import pytorch_grad_cam

    yield pytorch_grad_cam
    os.environ.clear()
    os.environ.update(before)


# ---- beside pytorch-grad-cam


def of_torchvision(model: ResNet) -> nn.Module:
    """torchvision's own network with the same weights, its activations in place as ever."""
    from torchvision.models import resnet

    spec = model.plan.spec
    block = resnet.BasicBlock if spec.block == "basic" else resnet.Bottleneck
    with torch.device("meta"):
        made: nn.Module = resnet.ResNet(
            block, list(spec.blocks), num_classes=spec.classes, width_per_group=spec.width_per_group
        )
    made.load_state_dict(model.state_dict(), assign=True)
    return made.eval()


def itself(model: ResNet) -> nn.Module:
    return model


def differentiable(network: nn.Module) -> nn.Module:
    """Such that gradients flow back to its first layer; no more weights need one."""
    next(network.requires_grad_(False).parameters()).requires_grad_(True)
    return network


# Points in the order of computation.
NETWORKS: dict[str, tuple[ResNetSpec, tuple[str, ...], Callable[[ResNet], nn.Module]]] = {
    "resnet18": (
        evolve(preset("resnet18", 64, 96), blocks=(2, 1, 2, 1)),
        ("layer1", "layer2.0", "layer2", "layer3.1", "layer3", "layer4.0", "layer4"),
        of_torchvision,
    ),
    "resnet50": (
        evolve(preset("resnet50", 96, 64), blocks=(1, 2, 1, 2), width_per_group=16),
        ("layer2.1", "layer3", "layer4.1", "layer4"),
        of_torchvision,
    ),
    "cifar": (CIFAR, ("layer1.0", "layer1", "layer2", "layer3.1", "layer3"), itself),
    "preactivated": (PREACTIVATED, ("conv1", "layer1.0", "layer1", "layer2.0", "layer2"), itself),
}

SEED = 6
"""Of weights with which each class asked for has evidence at every place."""


@pytest.mark.parametrize("name", NETWORKS)
def test_maps_at_stages_and_blocks_are_those_of_pytorch_grad_cam(name: str, oracle: Any, tmp_path: Path) -> None:
    spec, points, other = NETWORKS[name]
    case = make_case(tmp_path, seasoned(spec, SEED))
    network = differentiable(other(case.model))
    likeliest = int(case.model(case.x).detach().argmax())
    for target in (-1, (likeliest + 1) % spec.classes):
        answer = explained(case, target, points)
        assert answer.target == (likeliest if target < 0 else target)
        maps = maps_of(case, target, points)
        assert_answer_shows(heats_of(answer), maps)
        score, raw, scaled = of_pytorch_grad_cam(oracle, network, case.x, answer.target, points)
        assert answer.score == pytest.approx(score, rel=1e-5)
        for point in points:
            assert_same_map(maps[point], raw[point])
            assert float((shown(maps[point], spec) - scaled[point]).abs().max()) <= 1e-4


def test_one_logit_is_explained_for_its_class_and_against_it(tmp_path: Path) -> None:
    case = make_case(tmp_path, seasoned(evolve(CIFAR, classes=1), SEED))
    logit = float(case.model(case.x)[0, 0])
    assert explained(case, 1).score == pytest.approx(logit, rel=1e-5)
    assert explained(case, 0).score == pytest.approx(-logit, rel=1e-5)
    assert explained(case).target == int(logit > 0)
    with pytest.raises(InputError, match="There is no class 2: the network has 2"):
        explained(case, 2)


def of_pytorch_grad_cam(
    oracle: Any, network: nn.Module, x: Tensor, target: int, points: Iterable[str]
) -> tuple[float, dict[str, Tensor], dict[str, Tensor]]:
    """Logit, maps, and the same from 0 to 1 and as large as the picture."""
    layers = {point: network.get_submodule(point) for point in points}
    wanted = [oracle.utils.model_targets.ClassifierOutputTarget(target)]
    with oracle.GradCAM(model=network, target_layers=list(layers.values())) as cam:
        cam(input_tensor=x, targets=wanted)
        kept, raw, scaled = cam.activations_and_grads, {}, {}
        rows = zip(layers, kept.activations, kept.gradients, cam.compute_cam_per_layer(x, wanted, False), strict=True)
        for point, activation, gradient, final in rows:
            made = cam.get_cam_image(x, layers[point], wanted, activation.numpy(), gradient.numpy())
            raw[point], scaled[point] = torch.from_numpy(made)[0].clamp(min=0), torch.from_numpy(final)[0, 0]
        return float(cam.outputs[0, target].detach()), raw, scaled


def shown(values: Tensor, spec: ResNetSpec) -> Tensor:
    """From 0 to 1 and as large as the picture."""
    scaled = (values - values.min()) / ((values - values.min()).max() + 1e-7)
    return functional.interpolate(scaled[None, None], size=spec.input[1:], mode="bilinear", align_corners=False)[0, 0]


@pytest.mark.parametrize(
    ("name", "inside", "other"),
    [
        # Not torchvision's: it adds the shortcut to the branch in place, and the hook then finds the sum.
        ("resnet18", {"layer1.1:branch": "layer1.1.bn2", "layer4.0:branch": "layer4.0.bn2"}, itself),
        ("resnet50", {"layer4.0:branch": "layer4.0.bn3"}, itself),
        ("resnet18", {"layer2.0:shortcut": "layer2.0.downsample", "layer4.0:shortcut": "layer4.0.downsample"},
         of_torchvision),
        ("resnet50", {"layer1.0:shortcut": "layer1.0.downsample"}, of_torchvision),
    ],
)  # fmt: skip
def test_branch_and_projection_are_what_pytorch_grad_cam_finds_at_the_modules_that_end_there(
    name: str, inside: dict[str, str], other: Callable[[ResNet], nn.Module], oracle: Any, tmp_path: Path
) -> None:
    case = make_case(tmp_path, seasoned(NETWORKS[name][0]))
    network = differentiable(other(case.model))
    maps = maps_of(case, 2, tuple(inside))
    _, expected, _ = of_pytorch_grad_cam(oracle, network, case.x, 2, inside.values())
    for point, module in inside.items():
        assert_same_map(maps[point], expected[module])


# ---- beside a pass written by hand


def halves(block: nn.Module, order: str, x: Tensor) -> tuple[Tensor, Tensor]:
    """F(x) and the shortcut of a basic block, as the papers write them."""
    conv1, conv2, bn1, bn2 = (block.get_submodule(name) for name in ("conv1", "conv2", "bn1", "bn2"))
    projection = dict(block.named_children()).get("downsample")
    if order == "full_preact":
        s = functional.relu(bn1(x))
        branch = conv2(functional.relu(bn2(conv1(s))))
        # What the first block of all and those that change the shape share (He et al. 2016, appendix).
        return branch, projection(s) if projection is not None else x
    branch = bn2(conv2(functional.relu(bn1(conv1(x)))))
    return branch, projection(x) if projection is not None else x


def by_hand(model: ResNet, x: Tensor, target: int, path: str) -> dict[str, Tensor]:
    """Grad-CAM inside a block: branch and shortcut are cut off from what made them, then added."""
    order = model.plan.spec.order
    found: dict[str, Tensor] = {}
    for name, child in model.named_children():
        for number, block in child.named_children() if name.startswith("layer") else [("", child)]:
            if f"{name}.{number}" != path:
                x = block(x)
                continue
            branch, shortcut = (half.detach().requires_grad_(True) for half in halves(block, order, x))
            total = branch + shortcut
            found = dict(zip(TERMS, (branch, shortcut, total), strict=True))
            x = total if order == "full_preact" else functional.relu(total)
    gradients = torch.autograd.grad(x[0, target], list(found.values()))
    return {
        f"{path}:{place}": functional.relu(torch.einsum("kij,k->ij", values[0], gradient[0].mean(dim=(1, 2)))).detach()
        for (place, values), gradient in zip(found.items(), gradients, strict=True)
    }


@pytest.mark.parametrize(
    ("spec", "paths"),
    [(CIFAR, ("layer1.0", "layer2.0", "layer2.1", "layer3.2")), (PREACTIVATED, ("layer1.1", "layer2.0", "layer2.1"))],
    ids=["original", "preactivated"],
)
def test_branch_shortcut_and_sum_are_those_of_a_pass_that_keeps_them_apart(
    spec: ResNetSpec, paths: tuple[str, ...], tmp_path: Path
) -> None:
    case = make_case(tmp_path, seasoned(spec))
    points = tuple(f"{path}:{place}" for path in paths for place in TERMS)
    for target in (0, 4):
        maps = maps_of(case, target, points)
        expected = {
            point: values for path in paths for point, values in by_hand(case.model, case.x, target, path).items()
        }
        assert set(maps) == set(points)
        for point in points:
            assert_same_map(maps[point], expected[point])
        assert_answer_shows(heats_of(explained(case, target, points)), expected)
