"""How much of F(x) every block adds: against a network written by hand, torch hooks, and the exact answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from resnet_gui.base.errors import InputError
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine.explain.grad_cam import grad_cam
from resnet_gui.engine.predict.classifier import Classifier
from resnet_gui.engine.predict.lesions import set_branch_share
from resnet_gui.network.block import Block
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.attribution_messages import Attribute
from resnet_gui.protocol.jobs import Explain, ModelRequest
from tests.conftest import examples
from tests.designs import designs
from tests.engine.explain.explain_case import ExplainCase, make_case, seasoned

RESIDUAL = evolve(PRESETS["resnet20"].spec, blocks=(2, 1), widths=(4, 8), input=(3, 12, 12), classes=4)
PLAIN = evolve(RESIDUAL, shortcut="none")
KINDS: dict[str, ResNetSpec] = {
    "option A": RESIDUAL,
    "projections": evolve(RESIDUAL, shortcut="C"),
    "plain": PLAIN,
    "pre-activation": evolve(RESIDUAL, order="full_preact"),
    "SkipInit": evolve(RESIDUAL, order="full_preact", norm="none", branch_scale="skip_init"),
    "scaled sums": evolve(RESIDUAL, ablation="scaling_both"),
    "gates": evolve(RESIDUAL, order="full_preact", ablation="exclusive_gating"),
    "stochastic depth": evolve(RESIDUAL, stochastic_depth=0.5),
}


def by_hand(model: ResNet, x: Tensor, scale: float) -> Tensor:
    """A network of post-activation basic blocks from He et al. 2015, figure 2, with α before the sum."""
    get = model.get_submodule

    def norm(name: str, y: Tensor) -> Tensor:
        found = get(name)
        assert isinstance(found, nn.BatchNorm2d)
        assert found.running_mean is not None
        assert found.running_var is not None
        mean, deviation = found.running_mean, (found.running_var + found.eps).sqrt()
        shape = (1, -1, 1, 1)
        return (y - mean.view(shape)) / deviation.view(shape) * found.weight.view(shape) + found.bias.view(shape)

    def conv(name: str, y: Tensor, stride: int = 1) -> Tensor:
        return functional.conv2d(y, model.get_parameter(f"{name}.weight"), stride=stride, padding=1)

    x = functional.relu(norm("bn1", conv("conv1", x)))
    for location, block in model.plan.blocks():
        path, stride = location.path, block.input[1] // block.output[1]
        f = functional.relu(norm(f"{path}.bn1", conv(f"{path}.conv1", x, stride)))
        f = norm(f"{path}.bn2", conv(f"{path}.conv2", f))
        shortcut = torch.zeros_like(f)
        if model.plan.spec.shortcut == "A":
            missing = f.shape[1] - x.shape[1]
            shortcut = functional.pad(x[:, :, ::stride, ::stride], (0, 0, 0, 0, missing // 2, missing - missing // 2))
        x = functional.relu(scale * f + shortcut)
    return functional.linear(x.mean(dim=(2, 3)), model.get_parameter("fc.weight"), model.get_parameter("fc.bias"))


def by_hooks(model: ResNet, x: Tensor, scale: float) -> Tensor:
    """The network as it is, with hooks that multiply what reaches the addition, or the end of a plain branch."""
    handles = []
    for location, block in model.plan.blocks():
        module = model.get_submodule(location.path)
        if block.adds:
            hook: Callable[..., Any] = lambda _m, inputs: (scale * inputs[0], inputs[1])  # noqa: E731
            handles.append(module.get_submodule("add").register_forward_pre_hook(hook))
        else:
            last = module.get_submodule(block.on("main")[-1].name)
            handles.append(last.register_forward_hook(lambda _m, _i, output: scale * output))
    try:
        return model(x)  # type: ignore[no-any-return]
    finally:
        for handle in handles:
            handle.remove()


def scaled(model: ResNet, x: Tensor, scale: float) -> Tensor:
    set_branch_share(model, scale)
    try:
        return model(x)  # type: ignore[no-any-return]
    finally:
        set_branch_share(model, 1.0)


def close(one: Tensor, other: Tensor) -> bool:
    return torch.allclose(one, other, rtol=1e-4, atol=1e-5)


@torch.no_grad()
@pytest.mark.parametrize("spec", [RESIDUAL, PLAIN], ids=["residual", "plain"])
def test_alpha_times_f_plus_x_is_that_of_a_network_written_by_hand(spec: ResNetSpec) -> None:
    model, x = seasoned(spec), torch.randn(2, 3, 12, 12)
    for scale in (0.0, 0.3, 1.0):
        assert close(scaled(model, x, scale), by_hand(model, x, scale)), scale
    assert not close(scaled(model, x, 0.3), model(x))


@torch.no_grad()
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_block_adds_so_much_of_its_branch_and_all_of_it_to_the_bit(kind: str) -> None:
    model, x = seasoned(KINDS[kind]), torch.randn(2, 3, 12, 12)
    for parameter in model.parameters():
        if not parameter.dim():
            parameter.fill_(0.7)  # SkipInit's scalars begin at 0
    whole = model(x)
    assert torch.equal(scaled(model, x, 1.0), whole)
    for scale in (0.0, 0.6):
        assert torch.equal(scaled(model, x, scale), by_hooks(model, x, scale))
    assert not torch.equal(scaled(model, x, 0.6), whole)


@given(designs(), st.sampled_from([0.0, 0.25, 0.9]))
@examples(2)
@torch.no_grad()
def test_any_design_adds_so_much_of_its_branches(spec: ResNetSpec, scale: float) -> None:
    model, x = seasoned(spec).double(), torch.randn(1, *spec.input, dtype=torch.float64)
    assert torch.equal(scaled(model, x, scale), by_hooks(model, x, scale))


@torch.no_grad()
def test_of_a_plain_network_nothing_is_left_at_0_and_of_a_residual_one_the_shortcuts() -> None:
    one, other = torch.randn(2, 1, 3, 12, 12)
    plain, residual = seasoned(PLAIN), seasoned(RESIDUAL)
    assert torch.equal(scaled(plain, one, 0.0), scaled(plain, other, 0.0)), "the answer does not see the picture"
    assert not close(scaled(residual, one, 0.0), scaled(residual, other, 0.0))


@pytest.fixture(scope="module", params=[RESIDUAL, PLAIN], ids=["residual", "plain"])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ExplainCase:
    return make_case(tmp_path_factory.mktemp("scaled"), seasoned(request.param))


def classifier(case: ExplainCase, **choices: Any) -> Classifier:
    return case.classifiers.get(ModelRequest(model=case.model_request.model, device="cpu", **choices))


def answer(case: ExplainCase, **choices: Any) -> NDArray[np.float32]:
    (found,) = classifier(case, **choices).scores(case.pixels[None, None])
    return np.asarray(found)


@torch.no_grad()
def test_a_classifier_answers_at_any_scale_and_gives_the_exact_answer_at_1(case: ExplainCase) -> None:
    exact = answer(case)
    for scale in (0.5, 0.0, 0.5):  # one network serves all of them, in whatever order
        expected = torch.log_softmax(by_hooks(case.model, case.x, scale)[0], dim=0).numpy()
        assert np.allclose(answer(case, branch_share=scale), expected, atol=1e-4)
        assert np.array_equal(answer(case, branch_share=1.0), exact)
    half, none = classifier(case, branch_share=0.5), classifier(case, branch_share=0.0)
    assert half.network is none.network, "a step of the slider makes no network ready anew"
    assert half.network is not classifier(case).network
    mixed = answer(case, branch_share=0.5, temperature=2.0)
    assert np.allclose(np.exp(mixed).sum(), 1)


def test_grad_cam_follows_the_scale_and_is_that_of_hooks(case: ExplainCase) -> None:
    service = case.service()

    def asked(scale: float) -> Any:
        request = ModelRequest(model=case.model_request.model, device="cpu", branch_share=scale)
        return service.answer(Explain(1, request, case.image, target=1, locations=("layer1",)))

    whole = asked(1.0)
    found = asked(0.4)
    kept: list[Tensor] = []
    handle = case.model.get_submodule("layer1").register_forward_hook(lambda _m, _i, output: kept.append(output))
    with torch.enable_grad():
        logits = by_hooks(case.model, case.x.clone().requires_grad_(True), 0.4)[0]
        (gradient,) = torch.autograd.grad(logits[1], kept)
    handle.remove()
    values = (gradient[0].mean(dim=(1, 2), keepdim=True) * kept[0][0].detach()).sum(dim=0).clamp(min=0)
    assert found.score == pytest.approx(logits[1].item(), rel=1e-4)
    assert found.heats[0].peak == pytest.approx(float(values.max()), rel=1e-4, abs=1e-7)
    assert asked(1.0).heats == whole.heats, "what was asked in between changes nothing"


def test_relevance_of_a_scaled_network_still_adds_up_to_its_logit(case: ExplainCase) -> None:
    request = ModelRequest(model=case.model_request.model, device="cpu", branch_share=0.4)
    made: Any = case.service().answer(Attribute(job=1, model_request=request, image=case.image, method="lrp", target=1))
    with torch.no_grad():
        logit = float(by_hooks(case.model, case.x, 0.4)[0, 1])
    assert made.score == pytest.approx(logit, rel=1e-4)
    assert made.total + made.biases == pytest.approx(made.score, rel=0.01)


@pytest.mark.parametrize("scale", [-0.1, 1.5, float("nan")])
def test_what_is_no_share_is_refused(case: ExplainCase, scale: float) -> None:
    with pytest.raises(InputError, match="must be a number from 0 to 1"):
        classifier(case, branch_share=scale)


def test_a_lesioned_block_stays_its_shortcut_at_every_scale() -> None:
    model = seasoned(RESIDUAL)
    block = model.get_submodule("layer1.1")
    assert isinstance(block, Block)
    x = torch.rand(1, 4, 12, 12)
    block.lesioned, block.branch_share = True, 0.3
    assert torch.equal(block(x), x)
    _, score, _ = grad_cam(model, torch.randn(1, 3, 12, 12), 0, ("layer1",))
    assert np.isfinite(score)
