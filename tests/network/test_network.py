"""How the network begins, what its own layers compute, and what each shortcut does."""

from __future__ import annotations

import math
import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from resnet_gui.design.choices import ABLATIONS, BLOCKS, NORMS, ORDERS
from resnet_gui.design.choices.attention.squeeze_excitation import squeezed_width
from resnet_gui.design.choices.pad_side.both_sides import zero_pad_class
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.network.layers import DropPath, FixedScale, Gate
from resnet_gui.network.resnet import ResNet
from tests.designs import designs

SMALL = ResNetSpec(block="basic", blocks=(1, 2), widths=(4, 8), stem="cifar", classes=2, input=(3, 9, 9))
LEARNS_FROM_ZERO = [order for order in ORDERS if order not in {"relu_before_addition", "relu_around_addition"}]


def built(spec: ResNetSpec, seed: int = 0) -> ResNet:
    torch.manual_seed(seed)
    return ResNet(plan(spec))


# ---- initialisation


@pytest.mark.parametrize("name", ["resnet20", "resnet50", "resnext50_32x4d"])
def test_weights_begin_as_he_et_al_say_with_the_fan_out(name: str) -> None:
    for path, module in built(PRESETS[name].spec).named_modules():
        if isinstance(module, nn.Conv2d):
            # Torch, and so torchvision, leaves the groups out of the fan-out.
            expected = math.sqrt(2 / (module.kernel_size[0] ** 2 * module.out_channels))
            count = module.weight.numel()
            # Five standard errors of a standard deviation, and of a mean, of so many normal draws.
            assert float(module.weight.detach().std()) == pytest.approx(expected, rel=5 / math.sqrt(2 * count)), path
            assert abs(float(module.weight.detach().mean())) < 5 * expected / math.sqrt(count), path
            assert module.bias is None


@pytest.mark.parametrize(("norm", "kind"), [("batch", nn.BatchNorm2d), ("group", nn.GroupNorm)])
def test_normalisation_begins_as_the_identity(norm: str, kind: type[nn.Module]) -> None:
    model = built(evolve(PRESETS["resnet20"].spec, norm=norm, norm_groups=8))
    found = [module for module in model.modules() if isinstance(module, kind)]
    assert len(found) == 19
    for module in found:
        assert torch.equal(module.weight, torch.ones_like(module.weight))  # type: ignore[arg-type]
        assert torch.equal(module.bias, torch.zeros_like(module.bias))  # type: ignore[arg-type]


@given(spec=designs(conv_bias=True, projection_bias=True))
def test_biases_of_convolutions_begin_at_zero_and_those_of_gates_where_the_design_says(spec: ResNetSpec) -> None:
    gates = 0
    for path, module in built(spec).named_modules():
        if isinstance(module, nn.Conv2d):
            assert module.bias is not None, path
            gate = ".gate." in path
            gates += gate
            assert torch.equal(module.bias, torch.full_like(module.bias, spec.gate_bias if gate else 0.0)), path
    assert gates == (sum(spec.blocks) if "gating" in spec.ablation else 0)


def branches(model: ResNet, x: Tensor) -> list[tuple[Tensor, Tensor, Tensor]]:
    """What each addition adds, and what comes out of its block."""
    found: list[tuple[Tensor, Tensor, Tensor]] = []
    adds: list[tuple[Tensor, ...]] = []
    for path, module in model.named_modules():
        if path.endswith(".add"):
            module.register_forward_hook(lambda _m, inputs, _o: adds.append(tuple(each.clone() for each in inputs)))
        elif re.fullmatch(r"layer\d+\.\d+", path):
            module.register_forward_hook(lambda _m, _i, output: found.append((*adds[-1], output.clone())))
    with torch.inference_mode():
        model.eval()(x)
    return found


def activated(spec: ResNetSpec, x: Tensor) -> Tensor:
    functions = {"relu": torch.relu, "leaky_relu": nn.functional.leaky_relu, "gelu": nn.functional.gelu}
    if spec.activation == "prelu":
        return torch.where(x > 0, x, 0.25 * x)  # where its slopes begin
    return functions.get(spec.activation, nn.functional.silu)(x)


@given(spec=designs(zero_init=True), seed=st.integers(0, 2**31))
def test_with_zero_init_every_block_begins_as_its_shortcut(spec: ResNetSpec, seed: int) -> None:
    if not spec.zero_init:
        return
    for branch, shortcut, output in branches(built(spec, seed), torch.randn(2, *spec.input)):
        assert not branch.any()
        expected = shortcut
        if spec.order == "bn_after_addition" and spec.norm == "group":
            expected = nn.functional.group_norm(expected, spec.norm_groups, eps=spec.norm_eps)
        elif spec.order == "bn_after_addition" and spec.norm == "batch":
            expected = expected / math.sqrt(1 + spec.norm_eps)
        if spec.order in {"original", "bn_after_addition", "relu_around_addition"}:
            expected = activated(spec, expected)
        torch.testing.assert_close(output, expected)


@pytest.mark.parametrize("order", ORDERS)
def test_without_zero_init_no_branch_begins_at_zero(order: str) -> None:
    found = branches(built(evolve(SMALL, order=order)), torch.randn(2, 3, 9, 9))
    assert len(found) == 3
    assert all(branch.std() > 0.01 for branch, _, _ in found)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize(
    ("order", "activation"), [*((order, "relu") for order in LEARNS_FROM_ZERO), ("relu_before_addition", "leaky_relu")]
)
def test_what_begins_at_zero_learns_in_the_first_step(order: str, activation: str, block: str, norm: str) -> None:
    spec = evolve(SMALL, order=order, activation=activation, block=block, norm=norm, norm_groups=1, zero_init=True)
    model = built(spec).train()
    model(torch.randn(4, *spec.input)).square().sum().backward()
    zeros = {path: value for path, value in model.named_parameters() if path.endswith("weight") and not value.any()}
    assert len(zeros) == 3, "one for each block"
    for path, value in zeros.items():
        assert value.grad is not None
        assert value.grad.abs().sum() > 0, path


# ---- stochastic depth


@given(spec=designs(stages=4, deepest=4))
def test_blocks_are_dropped_with_a_rate_that_grows_linearly_to_the_last(spec: ResNetSpec) -> None:
    # Huang et al. 2016, eq. 4, with p = 1 − the survival of the last block.
    total = sum(spec.blocks)
    found = [
        [layer.rate for layer in block.layers if layer.kind == "drop_path"]
        for stage in plan(spec).stages
        for block in stage.blocks
    ]
    if not spec.stochastic_depth:
        assert found == [[]] * total
        return
    assert [rate for (rate,) in found] == pytest.approx(
        [spec.stochastic_depth * number / total for number in range(1, total + 1)]
    )


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_a_dropped_path_keeps_its_expectation_and_drops_whole_pictures(rate: float) -> None:
    torch.manual_seed(0)
    count = 20_000
    x = torch.ones(count, 2, 3, 1)
    y = DropPath(rate).train()(x)
    assert torch.equal(y, y[:, :1, :1].expand_as(y)), "one draw a picture"
    kept = y[:, 0, 0, 0] != 0
    torch.testing.assert_close(y[kept], x[kept] / (1 - rate))
    # Five standard errors of a mean of so many draws.
    assert float(kept.float().mean()) == pytest.approx(1 - rate, abs=5 * math.sqrt(rate * (1 - rate) / count))
    assert torch.equal(DropPath(rate).eval()(x), x)


def test_a_dropped_branch_leaves_the_shortcut_alone() -> None:
    model = built(
        evolve(SMALL, stochastic_depth=0.5, order="full_preact", blocks=(1, 1), widths=(4, 4), strides=(1, 1))
    )
    block = model.get_submodule("layer2.0").train()
    drop = block.get_submodule("drop_path")
    assert isinstance(drop, DropPath)
    assert drop.rate == 0.5
    x = torch.randn(64, 4, 5, 5)
    y = block(x)
    alone = (y == x).flatten(1).all(1)
    assert 10 < int(alone.sum()) < 54


# ---- layers of our own


def test_option_a_takes_every_second_pixel_and_puts_zeros_round_the_old_channels() -> None:
    x = torch.randn(2, 4, 7, 5)
    y = zero_pad_class()(7, 3, 2)(x)
    assert y.shape == (2, 11, 4, 3)
    assert torch.equal(y[:, 3:7], x[:, :, ::2, ::2])
    assert not y[:, :3].any()
    assert not y[:, 7:].any()


def test_a_scale_and_a_gate_and_its_complement_weigh_a_tensor() -> None:
    x, gate = torch.randn(2, 3, 4, 4), torch.rand(2, 3, 1, 1)
    assert torch.equal(FixedScale(0.5)(x), x / 2)
    assert torch.equal(Gate()(x, gate), x * gate)
    assert torch.equal(Gate(complement=True)(x, gate), x * (1 - gate))


@given(channels=st.integers(1, 8192), ratio=st.integers(1, 64))
def test_the_squeezed_width_is_that_of_timms_rule(channels: int, ratio: int) -> None:
    from timm.layers.helpers import make_divisible

    # timm's squeeze-and-excitation switches off the rule's lower limit of nine tenths.
    expected = make_divisible(channels / ratio, 8, round_limit=0.0)
    assert squeezed_width(channels, ratio) == expected


@pytest.mark.parametrize(("channels", "ratio"), [(64, 16), (2048, 16), (8, 16), (144, 16), (40, 4)])
def test_the_squeezed_width_is_that_of_timms_squeeze_and_excitation(channels: int, ratio: int) -> None:
    from timm.layers.squeeze_excite import SEModule

    with torch.device("meta"):
        theirs = SEModule(channels, rd_ratio=1 / ratio)
    assert squeezed_width(channels, ratio) == theirs.fc1.out_channels


# ---- shortcuts


def block_of(shortcut: str, *, first: bool, ablation: str = "none") -> tuple[nn.Module, Tensor]:
    """A block of the second stage whose residual branch gives zero, and an input for it."""
    torch.manual_seed(1)
    model = ResNet(plan(evolve(SMALL, shortcut=shortcut, ablation=ablation))).eval()
    block = model.get_submodule("layer2.0" if first else "layer2.1")
    nn.init.zeros_(block.get_submodule("bn2").weight)  # type: ignore[arg-type]
    return block, torch.randn(2, 4, 9, 9) if first else torch.randn(2, 8, 5, 5)


@pytest.mark.parametrize("shortcut", ["A", "B"])
def test_the_shortcut_is_the_identity_where_the_shape_stays(shortcut: str) -> None:
    block, x = block_of(shortcut, first=False)
    assert torch.equal(block(x.clone()), x.clamp(min=0))


@pytest.mark.parametrize(("shortcut", "first"), [("B", True), ("C", True), ("C", False)])
def test_the_shortcut_is_a_projection_with_batch_normalisation(shortcut: str, first: bool) -> None:
    block, x = block_of(shortcut, first=first)
    conv = block.get_submodule("downsample.0")
    assert isinstance(conv, nn.Conv2d)
    expected = nn.functional.conv2d(x, conv.weight, stride=2 if first else 1) / math.sqrt(1 + 1e-5)
    assert conv.weight.shape[2:] == (1, 1)
    torch.testing.assert_close(block(x.clone()), expected.clamp(min=0))


def test_the_shortcut_of_option_a_is_added_where_the_shape_changes() -> None:
    block, x = block_of("A", first=True)
    y = block(x.clone())
    assert torch.equal(y[:, 2:6], x[:, :, ::2, ::2].clamp(min=0))
    assert not y[:, :2].any()
    assert not y[:, 6:].any()


@pytest.mark.parametrize("first", [True, False])
def test_a_plain_block_adds_nothing(first: bool) -> None:
    block, x = block_of("none", first=first)
    assert not block(x).any()


@pytest.mark.parametrize("ablation", [ablation for ablation in ABLATIONS if ablation != "none"])
def test_an_ablation_weakens_the_shortcut_as_its_name_says(ablation: str) -> None:
    block, x = block_of("B", first=False, ablation=ablation)
    torch.manual_seed(2)
    if ablation.startswith("scaling"):
        assert torch.equal(block(x.clone()), x.clamp(min=0) / 2)
    elif ablation == "dropout":
        assert torch.equal(block(x.clone()), x.clamp(min=0))
        dropped = block.get_submodule("drop_shortcut").train()
        ones = dropped(torch.ones(100, 100))
        assert set(ones.unique().tolist()) == {0.0, 2.0}
        assert float(ones.mean()) == pytest.approx(1, abs=5 / 100)
    else:
        gate = block.get_submodule("gate.0")
        assert isinstance(gate, nn.Conv2d)
        g = torch.sigmoid(nn.functional.conv2d(x, gate.weight) - 6)
        torch.testing.assert_close(block(x.clone()), ((1 - g) * x).clamp(min=0))


def test_a_model_prints_what_option_a_pads() -> None:
    assert re.search(r"ZeroPad\(before=8, after=8, stride=2\)", str(built(PRESETS["resnet20"].spec)))


def test_a_model_prints_the_factors_and_rates_of_its_layers() -> None:
    text = str(built(evolve(SMALL, ablation="scaling", stochastic_depth=0.3)))
    assert re.search(r"Scale\(factor=0\.5\)", text)
    assert [float(rate) for rate in re.findall(r"DropPath\(rate=([\d.]+)\)", text)] == pytest.approx([0.1, 0.2, 0.3])
    assert "Gate(complement=True)" in str(built(evolve(SMALL, ablation="shortcut_gating")))
