"""Layer-wise relevance propagation: zennit's figures where it has the network, conservation in every design."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from hypothesis import given
from torch import Tensor, nn

from resnet_gui.base.errors import InputError
from resnet_gui.design.choices import KINDS
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine.explain.attribution import relevance as propagation
from resnet_gui.engine.explain.attribution.question import AttributionQuestion, AttributionValues
from resnet_gui.engine.explain.attribution.relevance import check_rules, gets_relevance, relevance
from resnet_gui.engine.explain.attribution.relevance_rules import RULES
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.attribution_settings import AttributionSettings
from tests.conftest import daily, examples
from tests.designs import designs
from tests.engine.explain.explain_case import for_pictures, preset, seasoned
from tests.engine.explain.test_grad_cam import of_torchvision
from tests.network.test_fusion import stirred


def relevances(model: ResNet, x: Tensor, target: int = 0, **settings: Any) -> AttributionValues:
    how = AttributionSettings(**settings)
    return relevance(model, AttributionQuestion(x, torch.zeros_like(x), target, how, 1), lambda _count: None)


def picture(spec: ResNetSpec, seed: int = 1) -> Tensor:
    return torch.randn(1, *spec.input, generator=torch.Generator().manual_seed(seed))


# ---- beside zennit


def of_zennit(network: nn.Module, x: Tensor, target: int, rule: Any) -> Tensor:
    """Relevances of the input by zennit: the rule where there are weights, Norm for sums and means, Pass elsewhere."""
    from zennit.composites import LayerMapComposite
    from zennit.layer import Sum
    from zennit.rules import Norm, Pass
    from zennit.torchvision import ResNetCanonizer
    from zennit.types import Activation, AvgPool

    rules: list[Any] = [
        (Activation, Pass()), (Sum, Norm(1e-12)), (AvgPool, Norm(1e-12)), ((nn.Conv2d, nn.Linear), rule),
    ]  # fmt: skip
    composite = LayerMapComposite(layer_map=rules, canonizers=[ResNetCanonizer()])
    with composite.context(network) as changed:
        for module in changed.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eps = 0.0  # What zennit has merged into a convolution still divides by √(1 + eps).
        x = x.clone().requires_grad_(True)
        output = changed(x)
        begin = torch.zeros_like(output)
        begin[0, target] = output[0, target].detach()
        (found,) = torch.autograd.grad(output, [x], begin)
    return found[0]


@pytest.mark.parametrize(
    ("name", "rule"),
    daily([("resnet50", "gamma")], [("resnet50", "epsilon"), ("resnet18", "epsilon"), ("resnet18", "gamma")]),
)
def test_relevances_of_torchvisions_networks_are_zennits(name: str, rule: Any) -> None:
    from zennit.rules import Epsilon, Gamma

    spec = evolve(preset(name, 40, 32, classes=5), blocks=(1, 2, 1, 1), width_per_group=64 if name == "resnet18" else 8)
    # In fp64 and all but unstabilised: shares of what cancels grow, and with them what is added to denominators.
    model, x = seasoned(spec, 3).double(), picture(spec).double()
    known = Epsilon(1e-12) if rule == "epsilon" else Gamma(0.5, stabilizer=1e-12)
    expected = of_zennit(of_torchvision(model), x, 2, known)
    made = relevances(model, x, 2, rule=rule, split="signed", gamma=0.5, epsilon=1e-12).values
    assert float((made - expected).abs().max()) <= 1e-5 * float(expected.abs().max())


# ---- by hand


def test_the_z_plus_rule_is_its_equation_in_a_network_of_one_block() -> None:
    spec = ResNetSpec(
        block="basic", blocks=(1,), widths=(3,), stem="cifar", norm="none", conv_bias=True, classes=2, input=(1, 3, 3)
    )
    model = stirred(spec, 4)
    x = picture(spec)
    made = relevances(model, x, 1)
    with torch.no_grad():
        matrices = {
            path: _matrix(model.get_submodule(path), 3) for path in ("conv1", "layer1.0.conv1", "layer1.0.conv2")
        }
        bias = {path: model.get_parameter(f"{path}.bias").repeat_interleave(9) for path in matrices}

        def make(path: str, value: Tensor) -> Tensor:
            return matrices[path] @ value + bias[path]

        def back(path: str, value: Tensor, given_back: Tensor) -> Tensor:
            """R_i = Σ_j (x_i w_ij)^± / Σ_i (x_i w_ij)^± R_j with the sign of unit j."""
            parts = matrices[path] * value
            sign = torch.where(make(path, value) >= 0, 1.0, -1.0)[:, None]
            agreeing = (parts * sign).clamp(min=0)
            whole = agreeing.sum(dim=1, keepdim=True)
            return (torch.where(whole > 0, agreeing / whole, 0.0) * given_back[:, None]).sum(dim=0)

        stem = make("conv1", x.flatten()).relu()
        first = make("layer1.0.conv1", stem).relu()
        branch = make("layer1.0.conv2", first)
        out = (branch + stem).relu()
        weight, shift = model.get_parameter("fc.weight")[1], model.get_parameter("fc.bias")[1]
        pooled = out.view(3, 9).mean(dim=1)
        logit = weight @ pooled + shift
        to_pooled = weight * pooled / (weight @ pooled) * logit
        mean = out.view(3, 9).mean(dim=1, keepdim=True)
        to_out = torch.where(mean > 0, out.view(3, 9) / (9 * mean) * to_pooled[:, None], 0.0).flatten()
        share = branch.abs() / (branch.abs() + stem.abs())
        to_first = back("layer1.0.conv2", first, share * to_out)
        to_stem = (1 - share) * to_out + back("layer1.0.conv1", stem, to_first)
        expected = back("conv1", x.flatten(), to_stem).view(1, 3, 3)
    assert made.expected == pytest.approx(float(logit), rel=1e-5)
    assert float((made.values - expected).abs().max()) <= 1e-4 * float(expected.abs().max())


def _matrix(conv: nn.Module, side: int) -> Tensor:
    """A convolution of (C, side, side) maps as a matrix, without its bias."""
    plain = copy.deepcopy(conv)
    assert isinstance(plain, nn.Conv2d)
    assert plain.bias is not None
    nn.init.zeros_(plain.bias)
    basis = torch.eye(plain.in_channels * side * side).view(-1, plain.in_channels, side, side)
    made: Tensor = plain(basis).detach().flatten(1).T
    return made


# ---- conservation


def assert_conserved(spec: ResNetSpec, **settings: Any) -> AttributionValues:
    model = stirred(spec)
    with torch.no_grad():
        for name, value in model.named_parameters():
            if value.dim() == 0 and name.endswith("weight"):
                value.fill_(0.7)  # A scalar of SkipInit that has learned something.
    made = relevances(model, picture(spec), **settings)
    expected = made.expected
    assert expected is not None
    total = float(made.values.double().sum()) + made.biases
    assert abs(total - expected) <= 0.01 * abs(expected) + 1e-6, (total, made.biases, expected)
    return made


@pytest.mark.parametrize("name", daily(["digits-resnet"], [name for name in PRESETS if name != "digits-resnet"]))
def test_the_pixels_of_a_published_network_add_up_to_the_logit(name: str) -> None:
    spec = PRESETS[name].spec
    small = evolve(
        spec, blocks=tuple(min(count, 2) for count in spec.blocks), classes=3,
        input=(spec.input[0], *((40, 33) if spec.input[1] > 100 else spec.input[1:])),
    )  # fmt: skip
    assert_conserved(for_pictures(small))


@examples(8)
@given(spec=designs())
def test_pixels_and_biases_add_up_to_the_logit_in_every_design(spec: ResNetSpec) -> None:
    assert_conserved(for_pictures(spec))
    assert_conserved(for_pictures(spec), biases="absorbed", rule="z-plus")


# ---- which layers have a rule


def test_every_kind_that_relevance_may_reach_has_a_rule() -> None:
    assert {kind.relevance for kind in KINDS.values()} - {""} == set(RULES)
    without = {kind.key for kind in KINDS.values() if not kind.relevance}
    for found in PRESETS.values():
        planned = plan(found.spec)
        check_rules(planned)
        reached = {layer.kind for _, layer in planned.layers() if gets_relevance(layer)}
        assert not reached & without
        made_for_gates = {layer.kind for _, layer in planned.layers() if layer.kind in without}
        assert not made_for_gates & reached


def test_a_layer_without_a_rule_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import msgspec

    unknown = dict(KINDS) | {"relu": msgspec.structs.replace(KINDS["relu"], relevance="")}
    monkeypatch.setattr(propagation, "KINDS", unknown)
    sentence = "has no rule for layers of the kind ReLU, such as relu; use another method"
    with pytest.raises(InputError, match=sentence):
        check_rules(plan(PRESETS["resnet20"].spec))
