"""Torchvision's and timm's networks: the same names, and the same output to the bit under the same weights."""

from __future__ import annotations

import re
import socket
from typing import NoReturn

import pytest
import torch
import torchvision
from torch import Tensor, nn

from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.network.resnet import ResNet
from tests.conftest import FACTOR, FIGURES

TORCHVISION = [
    "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "wide_resnet50_2", "wide_resnet101_2",
    "resnext50_32x4d", "resnext101_32x8d", "resnext101_64x4d",
]  # fmt: skip
TIMM = ["resnet18d", "resnet50d", "resnet101d", "seresnet18", "seresnet50", "senet154", "resnetv2_50"]
LARGE = {
    "resnet34",
    "resnet50",
    "wide_resnet50_2",
    "resnet50d",
    "seresnet50",
    "resnet101",
    "resnet152",
    "wide_resnet101_2",
    "resnext101_32x8d",
    "resnext101_64x4d",
    "resnet101d",
    "senet154",
}
"""Take seconds each: a long proof. One of each kind of block and stem stays."""
SIZES = [(64, 96), (97, 33)] if FACTOR == 1 else [(224, 224), (97, 97), (33, 65)]


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a test must not want the network")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def theirs(name: str) -> nn.Module:
    """Their network on the meta device."""
    import timm

    with torch.device("meta"):
        model: nn.Module = (
            torchvision.models.get_model(name, weights=None)
            if name in TORCHVISION
            else timm.create_model(name, pretrained=False)
        )
    return model.eval()


def ours(name: str) -> ResNet:
    """Our network on the meta device."""
    with torch.device("meta"):
        return ResNet(plan(PRESETS[name].spec)).eval()


def our_name(name: str, key: str) -> str:
    """What a value of theirs is called by us; only timm's second version has names of its own."""
    if name != "resnetv2_50":
        return key
    key = re.sub(r"^stages\.(\d)\.blocks\.(\d+)\.", lambda found: f"layer{int(found[1]) + 1}.{found[2]}.", key)
    key = re.sub(r"^(layer.*\.)norm(\d)", r"\1bn\2", key).replace("downsample.conv", "downsample.0")
    return key.replace("stem.conv", "conv1").replace("head.fc", "fc")


def fill(state: dict[str, Tensor]) -> None:
    """Random weights that keep the size of the signal, and random statistics of BN."""
    torch.manual_seed(3)
    for key, value in state.items():
        if value.ndim > 1:
            edge = (6 / value[0].numel()) ** 0.5
            value.uniform_(-edge, edge)
        elif key.endswith(("running_var", "weight")):
            value.uniform_(0.5, 1.5)
        elif value.is_floating_point():
            value.uniform_(-0.2, 0.2)
        else:
            value.zero_()


def test_every_network_that_the_figures_say_is_somebodys_is_compared_with_it() -> None:
    named = {row["same_as"] for row in FIGURES["imagenet"].values()}
    assert named <= {f"tv {name}" for name in TORCHVISION} | {f"timm {name}" for name in TIMM}
    known = [name for name in torchvision.models.list_models(module=torchvision.models) if "resne" in name]
    assert sorted(known) == sorted(TORCHVISION), "torchvision has a ResNet that is not compared"


NAMES = [pytest.param(name, marks=[pytest.mark.prove] if name in LARGE else []) for name in (*TORCHVISION, *TIMM)]


@pytest.mark.parametrize("name", [name for name in NAMES if name.values != ("resnetv2_50",)])
def test_the_state_dict_has_their_names_shapes_types_and_order(name: str) -> None:
    assert [(key, value.shape, value.dtype) for key, value in ours(name).state_dict().items()] == [
        (key, value.shape, value.dtype) for key, value in theirs(name).state_dict().items()
    ]


def test_the_state_dict_of_the_second_version_has_timms_values_under_our_names() -> None:
    found = {key: (value.shape, value.dtype) for key, value in ours("resnetv2_50").state_dict().items()}
    wanted = {
        our_name("resnetv2_50", key): (value.shape, value.dtype)
        for key, value in theirs("resnetv2_50").state_dict().items()
    }
    # timm's last layer is a 1×1 convolution.
    assert wanted.pop("fc.weight")[0] == (1000, 2048, 1, 1)
    assert found.pop("fc.weight")[0] == (1000, 2048)
    assert found == wanted


@pytest.mark.parametrize("name", NAMES)
def test_outputs_equal_theirs_to_the_bit_and_the_weights_go_there_and_back(name: str) -> None:
    their = theirs(name).to_empty(device="cpu")
    fill(their.state_dict())
    original = their.state_dict()
    our = ours(name)
    given = {our_name(name, key): value for key, value in original.items()}
    given["fc.weight"] = given["fc.weight"].flatten(1)
    assert len(given) == len(original)
    our.load_state_dict(given, assign=True)
    with torch.inference_mode():
        for size in SIZES:
            picture = torch.randn(1, 3, *size)
            expected = their(picture)
            assert expected.std() > 0
            assert torch.equal(our(picture), expected), size

    back = theirs(name)
    saved = our.state_dict()
    back.load_state_dict(
        {key: saved[our_name(name, key)].reshape(value.shape) for key, value in original.items()}, assign=True
    )
    assert not any(value.is_meta for value in back.state_dict().values())
    assert all(torch.equal(value, original[key]) for key, value in back.state_dict().items())
