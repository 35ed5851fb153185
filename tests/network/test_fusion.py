"""Norms folded into convolutions, and what oneDNN fuses, change nothing but rounding; lesions leave the shortcut."""

from __future__ import annotations

import copy
from collections.abc import Iterable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from resnet_gui.analysis.locations import blocks_of
from resnet_gui.base.errors import InputError
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine.predict.lesions import lesion
from resnet_gui.network.fusion import FusedConv, foldable, folded, fused
from resnet_gui.network.resnet import ResNet
from tests.conftest import examples
from tests.designs import designs

CLOSE = 1e-5
"""Largest difference as a fraction of the largest logit."""

CHAOTIC = {"resnet110_shortcut_gating"}
"""Drawn at random, its answers turn with the last digit of its input."""

DAILY = [
    "resnet18", "resnet50", "resnet34_c", "plain34", "seresnet18", "resnet50d", "resnet56", "plain56", "resnetv2_50",
    "preact_resnet110", "resnet110_bn_after_addition", "resnet110_relu_before_addition", "resnet110_relu_only_preact",
    "resnet110_conv1x1", "resnet110_scaling_both", "resnet110_exclusive_gating", "resnet110_dropout", "wrn_16_8",
    "unnormalised_resnet18", "biased_resnet50", "resnext50_32x4d", "digits-resnet",
]  # fmt: skip
"""One of every kind, with two blocks in a stage; 'make prove' takes all of them whole."""


def stirred(spec: ResNetSpec, seed: int = 0) -> ResNet:
    """A network in eval mode with statistics, scales and shifts that are drawn too."""
    torch.manual_seed(seed)
    model = ResNet(plan(spec)).eval()
    # Branches of the thousand-layer networks must not grow beyond what fp32 holds.
    scales = (0.5, 1.5) if sum(spec.blocks) < 200 else (0.1, 0.4)
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d | nn.GroupNorm):
                module.weight.uniform_(*scales)
            if isinstance(module, nn.BatchNorm2d):
                assert module.running_mean is not None
                assert module.running_var is not None
                module.running_mean.normal_(0, 0.3)
                module.running_var.uniform_(0.5, 2)
            bias = getattr(module, "bias", None)
            if isinstance(bias, nn.Parameter):
                bias.normal_(0, 0.3)
    return model


@torch.inference_mode()
def answers(model: nn.Module, x: Tensor) -> Tensor:
    logits: Tensor = model(x)
    return logits


def difference(answer: Tensor, expected: Tensor) -> float:
    """The largest difference as a fraction of the largest logit."""
    assert torch.isfinite(expected).all()
    return float((answer - expected).abs().max() / expected.abs().max())


def quick_forms(model: ResNet) -> tuple[ResNet, ResNet]:
    """As it is computed on a GPU, and as on a CPU that has oneDNN."""
    with torch.inference_mode():
        base = folded(model)
        return base, fused(copy.deepcopy(base).to(memory_format=torch.channels_last))


def check(spec: ResNetSpec, lesions: Iterable[str] = (), batches: Iterable[int] = (1, 3)) -> None:
    model = lesion(stirred(spec), lesions)
    base, quick = quick_forms(model)
    for batch in batches:
        x = torch.randn(batch, *spec.input)
        expected = answers(model, x)
        assert difference(answers(base, x), expected) < CLOSE
        laid_out = x.contiguous(memory_format=torch.channels_last)
        assert difference(answers(quick, laid_out), expected) < CLOSE


def small(name: str) -> ResNetSpec:
    """A preset for pictures of 64 pixels."""
    spec = PRESETS[name].spec
    return evolve(spec, input=(spec.input[0], 64, 64)) if spec.input[1] > 64 else spec


def narrow(name: str, most: int = 2) -> ResNetSpec:
    """The same with a quarter of an ImageNet network's channels and at most so many blocks in a stage.

    What is folded and fused is a matter of the layers and their order; millions of weights are drawn for nothing.
    """
    spec = small(name)
    blocks = tuple(min(count, most) for count in spec.blocks)
    widths = tuple(width // 4 for width in spec.widths) if max(spec.widths) > 256 else spec.widths
    return evolve(spec, blocks=blocks, widths=widths)


@pytest.mark.parametrize("name", DAILY)
def test_folded_and_fused_networks_give_the_answers_of_the_plain_one(name: str) -> None:
    check(narrow(name))


@pytest.mark.prove
@pytest.mark.parametrize("name", sorted(PRESETS.keys() - CHAOTIC))
def test_folded_and_fused_networks_give_the_answers_of_the_plain_one_at_full_depth(name: str) -> None:
    check(small(name))


def check_drawn(model: ResNet, expected: Tensor, x: Tensor) -> None:
    """Against fp64. A single logit can be small by chance: the scale is then that of the weights which make it."""
    last = next(module for module in reversed(list(model.modules())) if isinstance(module, nn.Linear | nn.Conv2d))
    scale = max(float(expected.abs().max()), float(last.weight.detach().abs().max()))
    exact = answers(folded(copy.deepcopy(model).double()), x.double())
    assert float((exact - expected).abs().max()) < 1e-7 * scale
    # A group norm of next to no variance magnifies the rounding of fp32, layer for layer.
    close = (1e-2 if model.plan.spec.norm == "group" else CLOSE) * scale
    base, quick = quick_forms(model)
    assert float((answers(base, x) - expected).abs().max()) < close
    assert float((answers(quick, x.contiguous(memory_format=torch.channels_last)) - expected).abs().max()) < close


@given(spec=designs(), seed=st.integers(0, 2**31), batch=st.integers(1, 4))
@examples(8)
def test_folded_and_fused_networks_give_the_answers_of_the_plain_one_over_the_space(
    spec: ResNetSpec, seed: int, batch: int
) -> None:
    model = stirred(spec, seed)
    x = torch.randn(batch, *spec.input)
    check_drawn(model, answers(copy.deepcopy(model).double(), x.double()), x)


# ---- what is fused, and what is left alone


def test_every_norm_behind_a_convolution_is_gone_and_the_network_itself_is_left_as_it_was() -> None:
    model = stirred(narrow("resnet50", most=6))
    before = copy.deepcopy(model.state_dict())
    base, quick = quick_forms(model)
    assert len(foldable(model.plan)) == 53
    assert not any(isinstance(module, nn.BatchNorm2d) for module in base.modules())
    left = [name for name, module in quick.named_modules() if isinstance(module, nn.ReLU | nn.Conv2d)]
    assert left == [], "each activation is part of a convolution"
    assert sum(isinstance(module, FusedConv) for module in quick.modules()) == 53
    after = model.state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(after[name], before[name]) for name in before)
    assert sum(isinstance(module, nn.BatchNorm2d) for module in model.modules()) == 53


def test_a_norm_that_reads_an_activation_or_a_sum_is_not_folded() -> None:
    # Full pre-activation: of a block's two norms, only the second reads a convolution.
    preact = plan(evolve(PRESETS["preact_resnet110"].spec, blocks=(2, 2, 2)))
    assert [norm for _, norm in foldable(preact) if norm.endswith("bn1")] == []
    assert len([norm for _, norm in foldable(preact) if norm.endswith("bn2")]) == 6
    after_sum = plan(evolve(PRESETS["resnet110_bn_after_addition"].spec, blocks=(1, 1, 1)))
    assert "layer1.0.bn1" in [norm for _, norm in foldable(after_sum)]
    assert "layer1.0.bn2" not in [norm for _, norm in foldable(after_sum)]


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "plain34", "preact_resnet110", "resnet110_shortcut_gating"])
def test_sums_written_over_the_shortcuts_map_change_no_bit_and_no_map_that_is_read_again(name: str) -> None:
    spec = narrow(name)
    model = stirred(spec)
    with torch.inference_mode():
        over, apart = (fused(folded(model).to(memory_format=torch.channels_last)) for _ in range(2))
    sums = [module for module in apart.modules() if isinstance(module, FusedConv) and module.overwrites]
    assert len(sums) == (0 if spec.shortcut == "none" else sum(spec.blocks))
    for module in sums:
        module.overwrites = False
    maps: dict[str, Tensor] = {}
    for path, module in over.named_modules():
        if path.count(".") == 1 and path.startswith("layer"):
            module.register_forward_hook(
                lambda _module, _inputs, output, path=path: maps.update({path: output.clone()})
            )
    x = torch.randn(3, *spec.input).contiguous(memory_format=torch.channels_last)
    before = x.clone()
    for count in (1, 3, 1):
        first = answers(over, x[:count])
        assert torch.equal(first, answers(over, x[:count])), "a pass leaves nothing behind"
        assert torch.equal(first, answers(apart, x[:count]))
    assert torch.equal(x, before)
    for path, value in maps.items():
        kept = dict[str, Tensor]()
        handle = apart.get_submodule(path).register_forward_hook(
            lambda _m, _i, output, kept=kept: kept.update(it=output)
        )
        answers(apart, x[:1])
        handle.remove()
        assert torch.equal(kept["it"], value), path


# ---- lesions


def by_shortcut_alone(model: ResNet, lesions: Iterable[str], x: Tensor) -> Tensor:
    """The plain network, where what each lesioned block adds is replaced by its shortcut."""
    hurt = copy.deepcopy(model)
    for name in lesions:
        hurt.get_submodule(f"{name}.add").register_forward_hook(lambda _module, inputs, _output: inputs[1])
    return answers(hurt, x)


@pytest.mark.parametrize(
    ("name", "lesions"),
    [
        ("resnet18", ("layer1.0",)),
        ("resnet18", ("layer2.0", "layer4.1")),
        ("resnet50", ("layer1.0", "layer3.2")),
        ("resnet56", ("layer1.0", "layer2.0", "layer3.2")),
        ("preact_resnet22", ("layer1.0", "layer2.0", "layer3.1")),
        ("resnet110_relu_before_addition", ("layer1.2", "layer3.0")),
        ("resnet110_bn_after_addition", ("layer1.2", "layer3.0")),
        ("resnet110_exclusive_gating", ("layer1.1", "layer3.0")),
    ],
)
def test_a_lesioned_block_is_its_shortcut_alone(name: str, lesions: tuple[str, ...]) -> None:
    # Through 54 gates, next to nothing of a picture arrives.
    spec = narrow(name, most=2 if "gating" in name else 3)
    model, x = stirred(spec), torch.randn(2, *spec.input)
    expected = by_shortcut_alone(model, lesions, x)
    assert difference(answers(model, x), expected) > 1e-3, "a lesion that changes nothing shows nothing"
    assert difference(answers(lesion(model, lesions), x), expected) < CLOSE
    check(spec, lesions, batches=(2,))


@pytest.mark.parametrize("name", ["plain34", "plain56"])
def test_a_plain_block_is_bypassed_and_one_that_changes_the_shape_is_refused(name: str) -> None:
    spec = narrow(name, most=3)
    model, x = stirred(spec), torch.randn(2, *spec.input)
    hurt = copy.deepcopy(model)
    hurt.get_submodule("layer2")[1] = nn.Identity()  # type: ignore[operator]
    expected = answers(hurt, x)
    assert difference(answers(model, x), expected) > 1e-3
    assert torch.equal(answers(lesion(model, ["layer2.1"]), x), expected)
    check(spec, ["layer1.0", "layer2.1"], batches=(2,))
    with pytest.raises(InputError, match=r"'layer2\.0' has no shortcut and turns a map of .+ so nothing fits"):
        lesion(model, ["layer1.1", "layer2.0"])


@given(spec=designs(), seed=st.integers(0, 2**31), data=st.data())
@examples(8)
def test_lesions_leave_the_shortcuts_over_the_space(spec: ResNetSpec, seed: int, data: st.DataObject) -> None:
    model = stirred(spec, seed)
    names = [name for name, block in blocks_of(model.plan) if block.shortcut != "none"]
    if not names:
        return
    lesions = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    x = torch.randn(2, *spec.input)
    expected = by_shortcut_alone(copy.deepcopy(model).double(), lesions, x.double())
    check_drawn(lesion(model, lesions), expected, x)
    assert not any(getattr(module, "lesioned", False) for module in model.modules()), "the network itself stays whole"
