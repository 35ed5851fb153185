"""Layer-wise relevance propagation: a class's logit handed back, layer by layer, to the pixels (Bach et al. 2015).

Right through the addition of a residual block, whose relevance is shared among branch and shortcut by what each of them
adds. Norms that follow a convolution are folded into it first (``network.fusion``); others hand on what they get, as
activations do. By hand, as a rule for each kind of layer: zennit knows neither this program's additions, paddings and
gates nor negative units under its z+ rule; the tests compare with it where it has the network.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from resnet_gui.base.errors import InputError
from resnet_gui.design.choices import KINDS
from resnet_gui.design.layer_kind import LayerKind
from resnet_gui.design.structure import LayerPlan, Plan
from resnet_gui.engine.explain.attribution.question import AttributionQuestion, AttributionValues, Passed
from resnet_gui.engine.explain.attribution.relevance_rules import RULES, Absorbed, Rule, RuleSettings
from resnet_gui.network.block import Block
from resnet_gui.network.fusion import folded
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.attribution_settings import AttributionSettings, bias_share


def gets_relevance(layer: LayerPlan) -> bool:
    """Whether relevance can reach a layer: what makes a gate gets none."""
    kind = KINDS[layer.kind]
    return layer.branch != "gate" and (not layer.part_of or kind.gates) and not kind.idle_in_evaluation


def check_rules(planned: Plan) -> None:
    """Refuse a design with a layer that relevance would reach and that no rule is known for.

    Raises:
        InputError: the sentence names the first one.
    """
    for path, layer in planned.layers():
        kind = KINDS[layer.kind]
        if gets_relevance(layer) and not kind.relevance:
            raise InputError(
                f"Layer-wise relevance propagation has no rule for layers of the kind {kind.title}, such as {path}; "
                "use another method."
            )


class _Propagation(torch.autograd.Function):
    """A layer on the way there; its rule on the way back, where autograd would have the chain rule."""

    @staticmethod
    def forward(ctx: Any, layer: RelevanceLayer, *inputs: Tensor) -> Tensor:
        output: Tensor = layer.layer(*inputs)
        ctx.layer = layer
        ctx.save_for_backward(*inputs, output)
        ctx.set_materialize_grads(False)
        return output

    @staticmethod
    def backward(ctx: Any, relevance: Tensor | None) -> Any:
        *inputs, output = ctx.saved_tensors
        if relevance is None:
            return (None,) * (1 + len(inputs))
        layer: RelevanceLayer = ctx.layer
        return (None, *layer.rule(layer.layer, tuple(inputs), output, relevance, layer.settings))


class RelevanceLayer(nn.Module):
    """A layer whose "gradient" is its relevance."""

    def __init__(self, layer: nn.Module, rule: Rule, settings: RuleSettings) -> None:
        super().__init__()
        self.layer, self.rule, self.settings = layer, rule, settings

    def forward(self, *inputs: Tensor) -> Tensor:
        """What the layer makes of its inputs."""
        made: Tensor = _Propagation.apply(self, *inputs)
        return made


class _KeptByScale(torch.autograd.Function):
    """A branch times a number, whose relevance is that of the product: a factor contributes nothing of its own."""

    @staticmethod
    def forward(_ctx: Any, branch: Tensor, scale: float) -> Tensor:
        return branch * scale

    @staticmethod
    def backward(_ctx: Any, relevance: Tensor) -> Any:
        return relevance, None


def _keeping_relevance(branch: Tensor, scale: float) -> Tensor:
    made: Tensor = _KeptByScale.apply(branch, scale)
    return made


def _factors(settings: AttributionSettings, module: nn.Module) -> tuple[float, float]:
    """What contributions of a unit's own sign count, and the others."""
    match settings.rule:
        case "epsilon":
            return 1.0, 1.0
        case "gamma":
            return 1.0 + settings.gamma, 1.0
        case "z-plus":
            return 1.0, 0.0
        case "composite":
            return (1.0, 1.0) if isinstance(module, nn.Linear) else (1.0, 0.0)


def _settings(settings: AttributionSettings, kind: LayerKind, module: nn.Module, absorbed: Absorbed) -> RuleSettings:
    weight = kind.used_weight(module).detach() if kind.relevance == "weights" else None
    agree, other = _factors(settings, module)
    return RuleSettings(agree, other, settings.epsilon, settings.split, bias_share(settings), absorbed, weight)


def propagating(model: ResNet, settings: AttributionSettings) -> tuple[ResNet, Absorbed]:
    """A copy of a network whose gradients are relevances, and where those go that belong to no pixel.

    Raises:
        InputError: a kind of layer has no rule.
    """
    check_rules(model.plan)
    made, absorbed = folded(model).requires_grad_(False), Absorbed()
    for module in made.modules():
        if isinstance(module, Block):
            module.multiply = _keeping_relevance
    for path, layer in made.plan.layers():
        module = made.get_submodule(path)
        if not gets_relevance(layer) or isinstance(module, nn.Identity):
            continue
        kind = KINDS[layer.kind]
        if kind.in_place:
            module.inplace = False  # type: ignore[assignment]
        parent, _, name = path.rpartition(".")
        rule = RULES[kind.relevance]
        wrapped = RelevanceLayer(module, rule, _settings(settings, kind, module, absorbed))
        made.get_submodule(parent).add_module(name, wrapped)
    return made, absorbed


def relevance(network: ResNet, question: AttributionQuestion, passed: Passed) -> AttributionValues:
    """Relevances of the pixels; with those of biases they add up to the logit.

    Raises:
        InputError: a kind of layer has no rule.
    """
    made, absorbed = propagating(network, question.settings)
    with torch.enable_grad():
        x = question.x.detach().requires_grad_(True)
        output = made(x)
        logit = question.logit(output)[0].detach()
        # Where a gradient begins with 1, relevance begins with the logit itself.
        begin = torch.zeros_like(output)
        begin[0, question.target if output.shape[1] > 1 else 0] = logit
        (found,) = torch.autograd.grad(output, [x], begin)
    passed(1)
    return AttributionValues(found[0].cpu(), float(logit), absorbed.total())
