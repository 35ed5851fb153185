"""Designs drawn from the whole space: what is planned is what torch builds and what the papers write."""

from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from resnet_gui.analysis.costs import rows, totals
from resnet_gui.design.choices import ABLATIONS, BLOCKS, KINDS, ORDERS, SHORTCUTS, STEMS
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.engine.export.verify import compare
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.events import Verified
from tests.conftest import FACTOR, examples
from tests.designs import designs
from tests.papers import Written, drawn

SEEDS = st.integers(0, 2**31)
STILL = [ablation for ablation in ABLATIONS if ablation != "dropout"]


def leaves(model: nn.Module) -> dict[str, nn.Module]:
    return {name: module for name, module in model.named_modules() if not list(module.children())}


def outputs_in_order(model: nn.Module, x: Tensor) -> list[tuple[str, tuple[int, ...]]]:
    """Path and output shape (without the batch) of every leaf module, in the order in which torch runs them."""
    found: list[tuple[str, tuple[int, ...]]] = []

    def hook(name: str, module: nn.Module) -> None:
        def note(_module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
            found.append((name, tuple(output.shape[1:])))

        module.register_forward_hook(note)

    for name, module in leaves(model).items():
        hook(name, module)
    model(x)
    return found


@given(spec=designs())
@examples(12)
def test_every_planned_shape_is_the_shape_that_torch_computes_in_the_order_of_the_plan(spec: ResNetSpec) -> None:
    planned = plan(spec)
    model = ResNet(planned).eval()
    with torch.inference_mode():
        found = outputs_in_order(model, torch.zeros(2, *spec.input))
    assert found == [(path, layer.output) for path, layer in planned.layers()]


@given(spec=designs())
@examples(8)
def test_every_row_has_the_shape_parameters_and_macs_that_torchinfo_counts(spec: ResNetSpec) -> None:
    planned = plan(spec)
    with torch.device("meta"):
        model = ResNet(planned).eval()
    built = {name: sum(value.numel() for value in module.parameters()) for name, module in leaves(model).items()}
    assert built == {row.path: row.cost.params for row in rows(planned)}
    total = totals(planned)
    assert sum(value.numel() for value in model.parameters()) == total.cost.params
    assert compare(1, planned, model) == Verified(1, total.rows, total.cost.params, total.cost.macs)


@given(spec=designs())
@examples(8)
def test_the_macs_are_half_of_torchs_own_flop_count(spec: ResNetSpec) -> None:
    planned = plan(spec)
    with torch.device("meta"):
        model, picture = ResNet(planned).eval(), torch.zeros(1, *spec.input)
    with FlopCounterMode(display=False) as counter:
        model(picture)
    assert counter.get_total_flops() == 2 * totals(planned).cost.macs


@given(spec=designs(), seed=SEEDS)
@examples(12)
def test_a_step_of_training_gives_every_parameter_a_finite_gradient(spec: ResNetSpec, seed: int) -> None:
    torch.manual_seed(seed)
    model = ResNet(plan(spec)).train()
    pictures = torch.randn(2, *spec.input)
    before = pictures.clone()
    logits = model(pictures)
    assert logits.shape == (2, spec.classes if spec.head != "none" else spec.output_channels(-1))
    logits.square().sum().backward()
    assert torch.equal(pictures, before), "the pictures are overwritten"
    for name, value in model.named_parameters():
        assert value.grad is not None, name
        assert value.grad.isfinite().all(), name


@given(spec=designs(), seed=SEEDS)
@examples(12)
def test_the_evaluated_network_is_the_one_that_the_papers_write(spec: ResNetSpec, seed: int) -> None:
    model = drawn(spec, seed).eval()
    pictures = torch.randn(2, *spec.input, dtype=torch.float64)
    with torch.inference_mode():
        expected = Written(spec, model.state_dict(), training=False)(pictures)
        torch.testing.assert_close(model(pictures), expected, rtol=1e-9, atol=1e-9)


def compare_training(spec: ResNetSpec, seed: int) -> None:
    """One step of training, ours and the papers': the same logits, and the same gradient of every parameter."""
    model = drawn(spec, seed).train()
    pictures = torch.randn(4, *spec.input, dtype=torch.float64)
    values = {name: value.detach().clone().requires_grad_() for name, value in model.named_parameters()}
    logits, expected = model(pictures), Written(spec, values, training=True)(pictures)
    torch.testing.assert_close(logits, expected, rtol=1e-6, atol=1e-8)
    weights = torch.randn_like(logits)
    found = torch.autograd.grad((logits * weights).sum(), list(model.parameters()))
    wanted = torch.autograd.grad((expected * weights).sum(), list(values.values()))
    for name, one, other in zip(values, found, wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-7, msg=name)


@given(
    spec=st.sampled_from(STILL).flatmap(lambda kind: designs(dropout=0.0, stochastic_depth=0.0, ablation=kind)),
    seed=SEEDS,
)
@examples(12)
def test_the_trained_network_and_its_gradients_are_those_that_the_papers_write(spec: ResNetSpec, seed: int) -> None:
    compare_training(spec, seed)


def tiny(order: str, shortcut: str, block: str, ablation: str, raw: bool, activated: bool) -> ResNetSpec:
    widths = (2, 4) if block == "half_bottleneck" else (2, 3)
    return ResNetSpec(
        block=block, blocks=(1, 2), widths=widths, order=order, shortcut=shortcut, ablation=ablation, stem="cifar",
        stem_width=2 if block == "basic" else 8, raw_projection=raw, activated_stem=activated, classes=3,
        input=(2, 7, 6),
    )  # fmt: skip


@pytest.mark.parametrize("shortcut", SHORTCUTS)
@pytest.mark.parametrize("order", ORDERS)
def test_every_order_with_every_shortcut_and_ablation_is_trained_as_the_papers_write(order: str, shortcut: str) -> None:
    """Each day every order has every ablation with every second shortcut, and every shortcut alone."""
    preactivated = order in {"relu_only_preact", "full_preact"}
    every = list(itertools.product((True, False), repeat=2)) if preactivated else [(False, False)]
    for number, ablation in enumerate(STILL if shortcut != "none" else ["none"]):
        if FACTOR == 1 and ablation != "none" and (number + [*SHORTCUTS].index(shortcut)) % 2:
            continue
        # What the first layers do is the same whatever is done to the shortcuts behind them, and that is the same
        # whatever lies in the branch: each day every ablation has one of the blocks.
        for block in [*BLOCKS] if ablation == "none" or FACTOR > 1 else [[*BLOCKS][number % len(BLOCKS)]]:
            # Every first layer with one of the blocks, and the first of them with all.
            whole = FACTOR > 1 or [*BLOCKS].index(block) == [*SHORTCUTS].index(shortcut) % len(BLOCKS)
            for raw, activated in every if ablation == "none" and whole else every[:1]:
                compare_training(tiny(order, shortcut, block, ablation, raw, activated), 1)


@pytest.mark.prove
@pytest.mark.parametrize("shortcut", [name for name in SHORTCUTS if name != "none"])
@pytest.mark.parametrize("order", ["relu_only_preact", "full_preact"])
def test_every_ablation_with_every_first_layer_is_trained_as_the_papers_write(order: str, shortcut: str) -> None:
    switches = (True, False)
    for block, ablation, raw, activated in itertools.product(BLOCKS, STILL, switches, switches):
        compare_training(tiny(order, shortcut, block, ablation, raw, activated), 1)


@given(spec=designs(), seed=SEEDS)
@examples(12)
def test_evaluation_gives_the_same_again_whatever_else_is_in_the_batch(spec: ResNetSpec, seed: int) -> None:
    model = drawn(spec, seed).eval()
    pictures = torch.randn(3, *spec.input, dtype=torch.float64)
    state = {name: value.clone() for name, value in model.state_dict().items()}
    with torch.inference_mode():
        whole = model(pictures)
        assert torch.equal(model(pictures), whole)
        for number in range(3):
            torch.testing.assert_close(model(pictures[number : number + 1])[0], whole[number], rtol=1e-9, atol=1e-9)
        torch.testing.assert_close(model(pictures.flip(0)).flip(0), whole, rtol=1e-9, atol=1e-9)
    for name, value in model.state_dict().items():
        assert torch.equal(value, state[name]), f"evaluation changes {name}"


@given(spec=designs(), seed=SEEDS)
@examples(12)
def test_the_head_does_not_overwrite_what_the_last_block_puts_out(spec: ResNetSpec, seed: int) -> None:
    model = drawn(spec, seed).eval()
    seen: list[tuple[Tensor, Tensor]] = []
    last = model.get_submodule(f"layer{len(spec.blocks)}")
    last.register_forward_hook(lambda _module, _inputs, output: seen.append((output, output.clone())))
    with torch.inference_mode():
        model(torch.randn(1, *spec.input, dtype=torch.float64))
    ((now, then),) = seen
    assert torch.equal(now, then)


@given(spec=designs())
def test_dropout_stands_before_the_last_convolution_and_the_dropped_path_ends_the_branch(spec: ResNetSpec) -> None:
    # Zagoruyko & Komodakis 2016, section 2.4; Huang et al. 2016, section 3; He et al. 2016, Fig. 2 (f).
    last = "conv2" if spec.block == "basic" else "conv3"
    for stage in plan(spec).stages:
        for block in stage.blocks:
            branch = [(layer.name, layer.kind, layer.rate) for layer in block.on("main")]
            dropouts = [number for number, (_, kind, _) in enumerate(branch) if kind == "dropout"]
            assert len(dropouts) == bool(spec.dropout)
            for number in dropouts:
                assert branch[number][2] == spec.dropout
                assert branch[number + 1][0] == last
                assert KINDS[branch[number + 1][1]].mixes
            paths = [number for number, (_, kind, _) in enumerate(branch) if kind == "drop_path"]
            assert paths == ([len(branch) - 1] if spec.stochastic_depth else [])
            rates = [layer.rate for layer in block.on("shortcut") if layer.kind == "dropout"]
            assert rates == ([0.5] if spec.ablation == "dropout" else [])


@given(spec=designs())
def test_every_choice_that_is_drawn_is_seen_in_the_built_layers(spec: ResNetSpec) -> None:
    model = ResNet(plan(spec))
    kinds = {type(module) for module in model.modules()}
    activations = {"relu": nn.ReLU, "leaky_relu": nn.LeakyReLU, "gelu": nn.GELU, "silu": nn.SiLU, "prelu": nn.PReLU}
    activation = activations[spec.activation]
    others = {*activations.values()} - {activation}
    assert activation in kinds
    assert not kinds & others
    norms = {"batch": {nn.BatchNorm2d}, "group": {nn.GroupNorm}, "none": set()}[spec.norm]
    assert kinds & {nn.BatchNorm2d, nn.GroupNorm} == norms
    assert all(m.num_groups == spec.norm_groups for m in model.modules() if isinstance(m, nn.GroupNorm))
    assert (nn.MaxPool2d in kinds) == (STEMS[spec.stem].pools and spec.stem_pool != "means_2x2")
    assert sum(isinstance(module, nn.Linear) for module in model.modules()) == len(spec.hidden) + (spec.head != "none")
    for path, module in model.named_modules():
        if isinstance(module, nn.Conv2d) and ".gate." not in path and ".se." not in path:
            wants = spec.conv_bias
            if "downsample" in path and spec.projection_bias is not None:
                wants = spec.projection_bias
            assert (module.bias is not None) == wants, path
            grouped = spec.block != "basic" and path.endswith(".conv2") and path.startswith("layer")
            assert module.groups == (spec.groups if grouped else 1), path
