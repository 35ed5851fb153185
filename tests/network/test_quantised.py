"""Networks of 8 bits, against integers multiplied one by one and against the networks that they stand for."""

from __future__ import annotations

import copy
import os
import subprocess
import sys

import msgspec
import pytest
import torch
from torch import Tensor, nn

from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.network.activation_ranges import activation_ranges
from resnet_gui.network.fusion import folded
from resnet_gui.network.quantised import (
    MapFormats,
    MaxPoolBytes,
    Quantisation,
    QuantisedConv,
    keeps_bytes,
    quantisation,
    quantised,
    weight_steps,
)
from tests.network.test_fusion import DAILY, answers, narrow, stirred

CHANNELS_LAST = torch.channels_last
IN_BYTES = {
    "resnet18", "resnet50", "resnet34_c", "plain34", "resnet50d", "resnet56", "plain56", "unnormalised_resnet18",
    "biased_resnet50", "resnext50_32x4d", "digits-resnet", "resnet110_dropout", "resnet110_conv1x1",
}  # fmt: skip
"""Those of DAILY whose maps stay in 8 bits from stem to head."""

FAR = 0.12
"""Most that logits move, as a fraction of their length; stirred networks are harder than trained ones."""


def drawn_bytes(*shape: int) -> Tensor:
    return torch.randint(0, 256, shape, dtype=torch.uint8).contiguous(memory_format=CHANNELS_LAST)


def exact_sums(conv: nn.Conv2d, q: Tensor, kept: Quantisation) -> Tensor:
    """The convolution of the numbers that the bytes stand for, with weights as they are kept, in fp64."""
    scale = conv.weight.abs().amax(dim=(1, 2, 3)) / weight_steps()
    whole = (conv.weight / scale.view(-1, 1, 1, 1)).round().double()
    sums = nn.functional.conv2d(
        q.double() - kept.zero, whole, None, conv.stride, conv.padding, conv.dilation, conv.groups
    )
    bias = conv.bias.double() if conv.bias is not None else torch.zeros(len(whole), dtype=torch.float64)
    return sums * scale.double().view(1, -1, 1, 1) * kept.scale + bias.view(1, -1, 1, 1)


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "groups", "dilation"),
    [(1, 1, 0, 1, 1), (3, 2, 1, 1, 1), (3, 1, 2, 4, 2), (7, 2, 3, 1, 1)],
)
def test_a_convolution_of_bytes_is_the_sum_of_its_integer_products(
    kernel: int, stride: int, padding: int, groups: int, dilation: int
) -> None:
    torch.manual_seed(kernel)
    conv = nn.Conv2d(8, 12, kernel, stride, padding, dilation, groups).requires_grad_(False)
    q, kept, end = drawn_bytes(2, 8, 13, 13), Quantisation(0.03, 118), Quantisation(0.02, 100)
    expected = exact_sums(conv, q, kept)
    made = QuantisedConv(conv, (8, 13, 13), MapFormats(kept))(q)
    assert made.dtype == torch.float32
    torch.testing.assert_close(made.double(), expected, rtol=1e-4, atol=1e-4)
    written = QuantisedConv(conv, (8, 13, 13), MapFormats(kept, end), "relu")(q)
    assert written.dtype == torch.uint8
    wanted = (expected.relu() / end.scale + end.zero).round().clamp(0, 255)
    # A sum that lies half-way between two steps may fall to either side.
    assert float((written.double() - wanted).abs().max()) <= 1
    assert float((written.double() != wanted).double().mean()) < 0.01


def test_a_map_of_other_steps_is_added_before_the_activation() -> None:
    torch.manual_seed(0)
    conv = nn.Conv2d(16, 32, 1).requires_grad_(False)
    q, other = drawn_bytes(3, 16, 9, 9), drawn_bytes(3, 32, 9, 9)
    kept, added, end = Quantisation(0.03, 0), Quantisation(0.05, 131), Quantisation(0.04, 0)
    made = QuantisedConv(conv, (16, 9, 9), MapFormats(kept, end, added), "relu")(q, other.clone())
    total = exact_sums(conv, q, kept) + (other.double() - added.zero) * added.scale
    assert float((made.double() - (total.relu() / end.scale).round().clamp(0, 255)).abs().max()) <= 1


def test_numbers_are_quantised_where_they_are_given_as_numbers() -> None:
    conv = nn.Conv2d(4, 8, 3, padding=1).requires_grad_(False)
    kept = quantisation((-2.0, 3.0))
    made = QuantisedConv(conv, (4, 6, 6), MapFormats(kept))
    x = torch.randn(2, 4, 6, 6)
    assert torch.equal(made(x), made(kept.of(x)))
    assert kept.back(torch.tensor([kept.zero], dtype=torch.uint8)).item() == 0
    assert float((kept.back(kept.of(x.clamp(-2, 3))) - x.clamp(-2, 3)).abs().max()) <= kept.scale * 0.501


@pytest.mark.parametrize("size", [7, 8, 13, 112])
@pytest.mark.parametrize(("kernel", "stride", "padding"), [(3, 2, 1), (2, 2, 0), (3, 1, 1)])
def test_the_maximum_of_bytes_is_torchs_of_their_numbers(size: int, kernel: int, stride: int, padding: int) -> None:
    layer = next(layer for _, layer in plan(PRESETS["resnet18"].spec).layers() if layer.kind == "max_pool")
    changed = msgspec.structs.replace(layer, kernel=kernel, stride=stride, padding=padding)
    q = drawn_bytes(2, 5, size, size)
    expected = nn.functional.max_pool2d(q.float(), kernel, stride, padding)
    assert torch.equal(MaxPoolBytes(changed)(q).float(), expected)


def moved(name: str) -> float:
    """How far logits are from the folded network's, as a fraction of their length."""
    spec = narrow(name)
    with torch.inference_mode():
        base = folded(stirred(spec))
        x = torch.randn(4, *spec.input)
        made = quantised(copy.deepcopy(base), activation_ranges(base, [x]))
        expected, got = answers(base, x), answers(made, x.contiguous(memory_format=CHANNELS_LAST))
    return float((got - expected).norm() / expected.norm())


@pytest.mark.parametrize("name", DAILY)
def test_a_network_of_bytes_answers_nearly_as_the_one_it_stands_for(name: str) -> None:
    assert keeps_bytes(plan(narrow(name))) == (name in IN_BYTES)
    assert moved(name) < FAR


@pytest.mark.prove
@pytest.mark.skipif("x86" not in os.uname().machine, reason="oneDNN is told to do without VNNI, which x86 alone has")
def test_without_vnni_weights_have_seven_bits() -> None:
    code = "from resnet_gui.network.quantised import weight_steps; print(weight_steps())"
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "ONEDNN_MAX_CPU_ISA": "AVX2"},
    )  # fmt: skip
    assert said.stdout.strip() == "63"
