"""No residual network, or one with a tensor lost, added or of another shape: refused with a tensor that shows it."""

from __future__ import annotations

import time

import pytest
import torch

from resnet_gui.checkpoints.identify import identify
from resnet_gui.design.bounds import Shape
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.tensors import tensor_shapes
from tests.checkpoints.public_checkpoints import refusal, shapes_of, stranger
from tests.conftest import daily
from tests.waiting import stretched

STRANGERS = ["vgg16", "vgg16_bn", "alexnet", "densenet121", "mobilenet_v2", "efficientnet_b0", "vit_b_16", "swin_t",
             "googlenet", "inception_v3", "convnext_tiny", "regnet_y_400mf", "shufflenet_v2_x1_0", "squeezenet1_0",
             "mnasnet1_0"]  # fmt: skip


def meta_shapes(name: str) -> dict[str, Shape]:
    import torchvision

    options = {"init_weights": False} if name in {"googlenet", "inception_v3"} else {}
    # RegNet's initialisation draws with a generator, which meta tensors have none of.
    with torch.device("cpu" if name.startswith("regnet") else "meta"):
        return shapes_of(torchvision.models.get_model(name, **options).state_dict())


@pytest.mark.parametrize(
    ("name", "sort"),
    daily(
        [(name, bool(number % 2)) for number, name in enumerate(STRANGERS)],
        [(name, not number % 2) for number, name in enumerate(STRANGERS)],
    ),
)
def test_another_kind_of_network_is_refused_with_a_tensor_that_cannot_belong(name: str, sort: bool) -> None:
    shapes = meta_shapes(name)
    begun = time.monotonic()
    stranger(dict(sorted(shapes.items())) if sort else shapes)
    assert time.monotonic() - begun < stretched(5)


def test_perceptrons_and_language_models_are_refused_with_a_tensor_that_cannot_belong() -> None:
    stranger({"0.weight": (30, 20), "0.bias": (30,), "2.weight": (4, 30), "2.bias": (4,)})
    gpt: dict[str, Shape] = {"wte.weight": (500, 32), "wpe.weight": (64, 32)}
    for number in range(3):
        row = f"h.{number}."
        gpt |= {f"{row}ln_1.weight": (32,), f"{row}ln_1.bias": (32,), f"{row}attn.bias": (1, 1, 64, 64),
                f"{row}attn.c_attn.weight": (32, 96), f"{row}attn.c_attn.bias": (96,)}  # fmt: skip
    stranger(gpt)
    assert "no tensors" in refusal(lambda: identify({}))


R18 = tensor_shapes(plan(PRESETS["resnet18"].spec))
WRONG: dict[str, Shape] = {
    "layer3.0.conv2.weight": (256, 255, 3, 3), "layer2.1.bn2.weight": (127,), "conv1.weight": (64, 3, 7, 5),
    "layer4.0.downsample.0.weight": (512, 255, 1, 1), "layer1.1.conv1.weight": (64, 64, 5, 5), "bn1.weight": (32,),
    "layer3.1.conv2.weight": (255, 256, 3, 3), "fc.weight": (1000, 511), "layer2.0.bn1.running_var": (64,),
    "layer4.1.conv1.weight": (512, 512), "layer2.0.downsample.1.bias": (64,), "layer1.0.conv1.weight": (64, 32, 3, 3),
}  # fmt: skip


def block_of(name: str) -> str:
    if name.startswith("layer"):
        return ".".join(name.split(".")[:2])
    return "stem" if name.startswith(("conv1", "bn1")) else name.partition(".")[0]


def near(name: str) -> list[str]:
    """The block of a tensor and the one behind it."""
    blocks = list(dict.fromkeys(map(block_of, R18)))
    place = blocks.index(block_of(name))
    return blocks[place : place + 2]


@pytest.mark.parametrize("name", WRONG)
def test_of_a_tensor_of_the_wrong_shape_the_block_is_named(name: str) -> None:
    assert block_of(stranger({**R18, name: WRONG[name]})) == block_of(name)


GONE = ["layer3.0.conv2.weight", "layer2.1.bn1.weight", "layer4.0.downsample.0.weight",
        "layer1.0.bn2.weight", "layer2.1.conv1.weight"]  # fmt: skip


def test_without_a_stem_a_tensor_of_the_first_stage_is_named() -> None:
    found = stranger({key: shape for key, shape in R18.items() if key != "conv1.weight"})
    assert block_of(found) in {"stem", "layer1.0", "layer1.1"}


@pytest.mark.parametrize("name", GONE)
def test_a_lost_layer_is_noticed_in_its_block_or_right_behind(name: str) -> None:
    layer = name.rpartition(".")[0]
    assert block_of(stranger({key: shape for key, shape in R18.items() if key != name})) in near(name)
    assert block_of(stranger({key: shape for key, shape in R18.items() if not key.startswith(f"{layer}.")})) in near(
        name
    )


EXTRA: dict[str, Shape] = {
    "layer2.1.conv3.weight": (128, 128, 3, 3), "layer3.0.attention.weight": (256, 256, 1, 1),
    "layer4.1.bn3.weight": (512,), "fc.tail": (5,), "layer3.1.scale": (1,), "conv1.mask": (64, 3, 7, 7),
    "layer1.0.conv4.weight": (64, 64, 1, 3), "fc.extra.weight": (4, 4, 2),
}  # fmt: skip


def test_what_stands_apart_and_is_no_layer_is_left_out_and_said() -> None:
    apart: dict[str, Shape] = {"mean": (3,), "normalizer.std": (1, 3, 1, 1), "criterion.weight": (1000,)}
    found = identify({**apart, **R18})
    assert found.preset == "resnet18"
    assert set(found.unmatched) == set(apart)


@pytest.mark.parametrize("name", EXTRA)
def test_one_tensor_too_many_is_noticed_in_its_block_or_right_behind(name: str) -> None:
    ordered: dict[str, Shape] = {}
    for key, shape in reversed(R18.items()):
        if name not in ordered and block_of(key) == block_of(name):
            ordered[name] = EXTRA[name]
        ordered[key] = shape
    found = stranger({**dict(reversed(ordered.items())), name: EXTRA[name]})
    assert found == name or block_of(found) in near(name), found
