"""The built network against its plan, against torchvision's, and against the paper's formulas."""

from __future__ import annotations

import math
import re

import pytest
import torch
import torchvision
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from resnet_gui.core.layers import ZeroPad
from resnet_gui.core.resnet import ResNet
from resnet_gui.spec.arch import ResNetSpec
from resnet_gui.spec.choices import Shortcut
from resnet_gui.spec.costs import rows, totals
from resnet_gui.spec.plan import plan
from resnet_gui.spec.presets import PRESETS
from resnet_gui.spec.structure import Plan
from tests.conftest import specs


def leaves(model: nn.Module) -> dict[str, nn.Module]:
    return {name: module for name, module in model.named_modules() if not list(module.children())}


def outputs_in_order(model: nn.Module, x: Tensor) -> list[tuple[str, tuple[int, ...]]]:
    """Path and output shape (without the batch) of every leaf module, in the order in which torch runs them."""
    found: list[tuple[str, tuple[int, ...]]] = []

    def hook(name: str) -> None:
        def note(_module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
            found.append((name, tuple(output.shape[1:])))

        leaves(model)[name].register_forward_hook(note)

    for name in leaves(model):
        hook(name)
    model(x)
    return found


@given(spec=specs())
@settings(max_examples=100)
def test_every_planned_shape_is_the_shape_that_torch_computes(spec: ResNetSpec) -> None:
    planned = plan(spec)
    model = ResNet(planned).eval()
    with torch.inference_mode():
        found = outputs_in_order(model, torch.zeros(2, *spec.input))
    assert found == [(path, layer.output) for path, layer in planned.layers()]


@given(spec=specs())
def test_every_planned_parameter_count_is_that_of_the_built_layer(spec: ResNetSpec) -> None:
    planned = plan(spec)
    with torch.device("meta"):
        model = ResNet(planned)
    built = {name: sum(value.numel() for value in module.parameters()) for name, module in leaves(model).items()}
    assert built == {row.path: row.cost.params for row in rows(planned)}
    assert sum(value.numel() for value in model.parameters()) == totals(planned).cost.params


@given(spec=specs(), seed=st.integers(0, 2**31))
def test_every_parameter_gets_a_finite_gradient(spec: ResNetSpec, seed: int) -> None:
    torch.manual_seed(seed)
    model = ResNet(plan(spec)).train()
    logits = model(torch.randn(2, *spec.input))
    assert logits.shape == (2, spec.classes)
    logits.square().sum().backward()
    for name, value in model.named_parameters():
        assert value.grad is not None, name
        assert value.grad.isfinite().all(), name


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "resnet20", "resnet110", "plain56", "digits-resnet"])
def test_planned_macs_are_half_of_torchs_own_flop_count(name: str) -> None:
    planned = plan(PRESETS[name].spec)
    with torch.device("meta"):
        model, picture = ResNet(planned).eval(), torch.zeros(1, *planned.spec.input)
    with FlopCounterMode(display=False) as counter:
        model(picture)
    assert counter.get_total_flops() == 2 * totals(planned).cost.macs


# ---- torchvision


def torchvision_net(name: str) -> nn.Module:
    """Torchvision's network with random weights and random BN statistics, in eval mode."""
    torch.manual_seed(3)
    model: nn.Module = getattr(torchvision.models, name)(weights=None)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None
            assert module.running_var is not None
            nn.init.normal_(module.running_mean, std=0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, std=0.1)
    return model.eval()


@pytest.mark.parametrize("name", ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"])
def test_the_state_dict_has_torchvisions_names_shapes_and_order(name: str) -> None:
    with torch.device("meta"):
        theirs = getattr(torchvision.models, name)(weights=None).state_dict()
        ours = ResNet(plan(PRESETS[name].spec)).state_dict()
    assert [(key, value.shape, value.dtype) for key, value in ours.items()] == [
        (key, value.shape, value.dtype) for key, value in theirs.items()
    ]


@pytest.mark.parametrize("name", ["resnet18", "resnet50"])
def test_outputs_equal_torchvisions_to_the_bit_under_the_same_weights(name: str) -> None:
    theirs = torchvision_net(name)
    ours = ResNet(plan(PRESETS[name].spec)).eval()
    ours.load_state_dict(theirs.state_dict())
    with torch.inference_mode():
        for side in (224, 97):
            picture = torch.randn(1, 3, side, side)
            expected = theirs(picture)
            assert expected.std() > 0
            assert torch.equal(ours(picture), expected), side


# ---- initialisation


@pytest.mark.parametrize("name", ["resnet20", "resnet50"])
def test_weights_begin_as_he_et_al_say_with_the_fan_out(name: str) -> None:
    torch.manual_seed(0)
    model = ResNet(plan(PRESETS[name].spec))
    for path, module in leaves(model).items():
        if isinstance(module, nn.Conv2d):
            expected = math.sqrt(2 / (module.kernel_size[0] ** 2 * module.out_channels))
            count = module.weight.numel()
            # Five standard errors of a standard deviation, and of a mean, of so many normal draws.
            assert float(module.weight.detach().std()) == pytest.approx(expected, rel=5 / math.sqrt(2 * count)), path
            assert abs(float(module.weight.detach().mean())) < 5 * expected / math.sqrt(count), path
            assert module.bias is None


def test_batch_normalisation_begins_as_the_identity() -> None:
    model = ResNet(plan(PRESETS["resnet20"].spec))
    found = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    assert len(found) == 19
    for module in found:
        assert torch.equal(module.weight, torch.ones_like(module.weight))
        assert torch.equal(module.bias, torch.zeros_like(module.bias))


# ---- shortcuts


def test_option_a_takes_every_second_pixel_and_puts_zeros_round_the_old_channels() -> None:
    x = torch.randn(2, 4, 7, 5)
    y = ZeroPad(4, 11, 2)(x)
    assert y.shape == (2, 11, 4, 3)
    assert torch.equal(y[:, 3:7], x[:, :, ::2, ::2])
    assert not y[:, :3].any()
    assert not y[:, 7:].any()


def block_of(shortcut: Shortcut, *, first: bool) -> tuple[nn.Module, Tensor]:
    """A block of the second stage whose residual branch gives zero, and an input for it."""
    spec = ResNetSpec(
        block="basic", blocks=(1, 2), widths=(4, 8), shortcut=shortcut, stem="cifar", classes=2, input=(3, 9, 9)
    )
    torch.manual_seed(1)
    block = ResNet(plan(spec)).eval().get_submodule("layer2.0" if first else "layer2.1")
    nn.init.zeros_(block.get_submodule("bn2").weight)  # type: ignore[arg-type]
    return block, torch.randn(2, 4, 9, 9) if first else torch.randn(2, 8, 5, 5)


@pytest.mark.parametrize("shortcut", ["A", "B"])
def test_the_shortcut_is_the_identity_where_the_shape_stays(shortcut: Shortcut) -> None:
    block, x = block_of(shortcut, first=False)
    assert torch.equal(block(x.clone()), x.clamp(min=0))


@pytest.mark.parametrize(("shortcut", "first"), [("B", True), ("C", True), ("C", False)])
def test_the_shortcut_is_a_projection_with_batch_normalisation(shortcut: Shortcut, first: bool) -> None:
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


# ---- receptive field


def linearised(planned: Plan) -> ResNet:
    """The network with positive weights, no ReLU and mean for max: a unit's gradient is then its receptive field."""
    model = ResNet(planned).double().eval()
    for path, module in leaves(model).items():
        parent = model.get_submodule(path.rpartition(".")[0])
        name = path.rpartition(".")[2]
        if isinstance(module, nn.ReLU):
            setattr(parent, name, nn.Identity())
        elif isinstance(module, nn.MaxPool2d):
            setattr(parent, name, nn.AvgPool2d(3, stride=2, padding=1))
        elif isinstance(module, nn.Conv2d):
            nn.init.ones_(module.weight)
    return model


def edge_of_gradient(output: Tensor, x: Tensor) -> int:
    """Edge of the square of input pixels that the middle unit of an output depends on."""
    _, _, height, width = output.shape
    (gradient,) = torch.autograd.grad(output[0, :, height // 2, width // 2].sum(), x, retain_graph=True)
    reached = gradient[0].sum(0) > 0
    found_rows, found_columns = reached.any(1).nonzero(), reached.any(0).nonzero()
    edges = {int(found.max() - found.min()) + 1 for found in (found_rows, found_columns)}
    assert len(edges) == 1, "the receptive field is square"
    return edges.pop()


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        (ResNetSpec(block="basic", blocks=(1, 2), widths=(2, 3), shortcut="A", stem="cifar", input=(1, 49, 49)), 21),
        (ResNetSpec(block="bottleneck", blocks=(1, 1), widths=(1, 2), shortcut="C", input=(1, 131, 131)), 27),
        (ResNetSpec(block="basic", blocks=(1, 1), widths=(2, 2), shortcut="none", input=(1, 131, 131)), 51),
    ],
    ids=["cifar-basic-A", "imagenet-bottleneck-C", "imagenet-plain"],
)
def test_the_receptive_field_of_every_row_is_the_support_of_a_real_gradient(spec: ResNetSpec, field: int) -> None:
    planned = plan(spec)
    model = linearised(planned)
    seen: dict[str, Tensor] = {}
    for path, module in leaves(model).items():
        module.register_forward_hook(lambda _module, _inputs, output, path=path: seen.update({path: output}))
    x = torch.randn(1, *spec.input, dtype=torch.float64, requires_grad=True)
    model(x)
    body = [row for row in rows(planned) if row.path not in {"avgpool", "flatten", "fc"}]
    assert {row.path: edge_of_gradient(seen[row.path], x) for row in body} == {
        row.path: row.receptive_field for row in body
    }
    assert totals(planned).receptive_field == field
    assert field < min(spec.input[1:]), "a field as large as the picture would be cut"


def test_a_model_prints_what_option_a_pads() -> None:
    assert re.search(r"ZeroPad\(before=8, after=8, stride=2\)", str(ResNet(plan(PRESETS["resnet20"].spec))))
