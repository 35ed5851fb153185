"""Parts that are frozen stay as they were to the bit and cost nothing; parts that learn do so at their own rates."""

from __future__ import annotations

import copy
import hashlib

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from resnet_gui.design.choices import KINDS
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine.train.frozen_parts import FrozenParts
from resnet_gui.engine.train.step import TrainingStep
from resnet_gui.network.parts import first_parts, other_parts, part_of_modules
from resnet_gui.network.resnet import ResNet
from resnet_gui.training.phases import WHOLE, Phase, rate_factor
from resnet_gui.training.recipe import Recipe, lr_at
from tests.engine.train.test_step import COUNT, SPEC, TOTAL, data, learner, net, normal, vary

FAMILIES = [
    "resnet18", "resnet50", "resnet20", "plain20", "resnet34_c", "resnet50d", "seresnet50", "resnext50_32x4d",
    "wrn_16_8", "preact_resnet110", "resnetv2_50", "resnet110_bn_after_addition", "resnet110_exclusive_gating",
    "resnet110_dropout", "unnormalised_resnet18", "digits-resnet",
]  # fmt: skip
BACKBONE = (Phase(frozen="backbone"),)
STAGE1 = (Phase(frozen="stage1"),)


def tiny(name: str) -> ResNetSpec:
    """A network of a family that takes milliseconds."""
    spec = PRESETS[name].spec
    width = 32 if spec.groups > 1 else 8
    return evolve(
        spec, blocks=(1, 1), widths=(width, width), strides=None, input=(3, 8, 8), classes=3, head="pool", hidden=(),
    )  # fmt: skip


def digests(model: nn.Module) -> dict[str, str]:
    """Of every tensor's bits."""
    return {
        name: hashlib.sha256(value.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()).hexdigest()
        for name, value in model.state_dict().items()
    }


def frozen_names(model: ResNet, count: int) -> set[str]:
    parts = part_of_modules(model)
    return {name for name in model.state_dict() if parts[name.partition(".")[0]] < count}


def steps(found: TrainingStep, first: int = 0, last: int = TOTAL) -> None:
    for step in range(first, last):
        found.learn(data(step), step, TOTAL, COUNT)


# ---- what stays


@pytest.mark.parametrize("name", FAMILIES)
def test_frozen_tensors_of_a_family_and_of_its_average_stay_as_they_were_to_the_bit(name: str) -> None:
    # −0.0, which an average or a decay would turn into 0.0.
    changes = {"ema": 0.9, "weight_decay": 0.1, "augment": "shift-flip", "clip": 1.0}
    found = learner(vary(phases=STAGE1, **changes), tiny(name))
    frozen = frozen_names(found.model, 2)
    with torch.no_grad():
        next(iter(found.model.parameters())).view(-1)[0] = -0.0
    found.frozen.forget()
    before = digests(found.model)
    steps(found)
    for network in (found.model, found.tested):
        after = digests(network)
        assert {key for key in before if before[key] == after[key]} == frozen
    assert not any(found.optimiser.state[value] for value in found.model.parameters() if not value.requires_grad)


def test_nothing_but_the_head_learns_behind_a_frozen_backbone() -> None:
    found = learner(vary(phases=BACKBONE, weight_decay=0.1))
    before = digests(found.model)
    steps(found)
    after = digests(found.model)
    assert {name for name in before if before[name] != after[name]} == {"fc.weight", "fc.bias"}
    assert found.frozen.parameters == (
        sum(value.numel() for value in found.model.parameters()) - 27, 27
    )  # fmt: skip


def test_what_frozen_parts_make_has_no_gradient_and_is_the_same_for_the_same_pictures() -> None:
    spec = evolve(SPEC, dropout=0.5, stochastic_depth=0.5)
    found = learner(vary(phases=STAGE1), spec)
    found.model.train()
    found.frozen.set_modes()
    pictures = normal(data()[0])
    made = [found.frozen(pictures, plain=plain) for plain in (True, True, False, False)]
    assert not any(each.requires_grad for each in made)
    assert torch.equal(made[0], made[1])
    assert torch.equal(made[2], made[3])
    torch.testing.assert_close(made[2], made[0], rtol=1e-4, atol=1e-5)
    expected = first_parts(found.model, 2).eval()(pictures)
    assert torch.equal(made[0], expected)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_copy_that_frozen_parts_compute_by_makes_what_they_make(name: str) -> None:
    model = net(tiny(name))
    pictures = normal(data()[0])
    model(pictures)  # running statistics that are no longer 0 and 1
    for count in range(1, len(model.plan.stages) + 2):
        frozen = FrozenParts(model, count, "keep")
        expected = first_parts(model.eval(), count)(pictures)
        torch.testing.assert_close(frozen(pictures), expected, rtol=1e-3, atol=1e-4 * float(expected.abs().max()))


def test_norms_that_measure_take_the_statistics_of_the_batches_and_nothing_else_of_them_changes() -> None:
    spec = evolve(SPEC, dropout=0.5)
    found, plain = learner(vary(phases=STAGE1, frozen_norms="measure", ema=0.5), spec), net(spec)
    names = frozen_names(found.model, 2)
    before = digests(found.model)
    found.learn(data(), 0, TOTAL, COUNT)
    after = digests(found.model)
    changed = {name for name in names if before[name] != after[name]}
    assert changed == {name for name in names if "running" in name or "tracked" in name}
    expected = first_parts(plain, 2)
    for module in expected.modules():
        module.train(isinstance(module, nn.BatchNorm2d))
    expected(normal(data()[0]))
    for name in changed:
        torch.testing.assert_close(found.model.state_dict()[name], plain.state_dict()[name], msg=name)
        torch.testing.assert_close(found.tested.state_dict()[name], plain.state_dict()[name], msg=name)


def test_a_test_behind_frozen_parts_is_that_of_the_whole_network() -> None:
    for changes in ({}, {"ema": 0.5}, {"frozen_norms": "measure"}):
        found = learner(vary(phases=STAGE1, **changes))
        steps(found, last=2)
        images, labels = data(9)
        ((loss, answers, _),) = found.test(iter([(images, labels)]))
        logits = found.tested.eval()(normal(images))
        assert loss.item() == pytest.approx(functional.cross_entropy(logits, labels, reduction="sum").item(), rel=1e-4)
        assert answers.tolist() == logits.argmax(1).tolist()


def test_frozen_parts_that_took_up_a_checkpoint_compute_by_its_weights() -> None:
    found, other = learner(vary(phases=STAGE1)), learner(vary(phases=STAGE1))
    found.learn(data(), 0, TOTAL, COUNT)  # by the old weights
    with torch.no_grad():
        other.model.get_parameter("conv1.weight").mul_(2)
    found.restore(other.state())
    pictures = normal(data()[0])
    assert torch.equal(found.frozen(pictures), other.frozen(pictures))


# ---- how fast what learns does


def groups_of_plain_torch(model: ResNet, recipe: Recipe, phase: Phase) -> torch.optim.Optimizer:
    stages = len(model.plan.stages)
    convolutions = {path for path, layer in model.plan.layers() if KINDS[layer.kind].mixes}
    groups = []
    for part in range(stages + 2):
        own = [
            (name, value) for name, value in model.named_parameters()
            if part_of_modules(model)[name.partition(".")[0]] == part and value.requires_grad
        ]  # fmt: skip
        for decays in (True, False):
            values = [value for name, value in own if (name.removesuffix(".weight") in convolutions) == decays]
            decay, factor = recipe.weight_decay if decays else 0.0, rate_factor(phase, part, stages)
            groups += [{"params": values, "weight_decay": decay, "factor": factor}] if values else []
    if recipe.optimizer == "adamw":
        return torch.optim.AdamW(groups, lr=1.0, fused=True)
    return torch.optim.SGD(groups, lr=1.0, momentum=recipe.momentum, fused=True)


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
@pytest.mark.parametrize("frozen", ["nothing", "stem", "stage1", "backbone"])
def test_rates_of_parts_are_those_of_plain_torch_parameter_groups_to_the_bit(optimizer: str, frozen: str) -> None:
    phase = Phase(frozen=frozen, rates=(2.0, 0.5, 0.1))
    recipe = vary(
        phases=(phase,), optimizer=optimizer, lr=0.01, weight_decay=0.1, decay_norm=False, schedule="cosine"
    )  # fmt: skip
    model, spec = net(), SPEC
    parts = FrozenParts(model, {"nothing": 0, "stem": 1, "stage1": 2, "backbone": 3}[frozen], "keep")
    optimiser = groups_of_plain_torch(model, recipe, phase)
    for step in range(TOTAL):
        images, labels = data(step)
        model.train()
        loss = functional.cross_entropy(parts.rest(parts(normal(images))), labels, reduction="sum") / COUNT
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        for group in optimiser.param_groups:
            group["lr"] = lr_at(recipe, step, TOTAL) * group["factor"]
        optimiser.step()
    found = learner(recipe, spec)
    steps(found)
    for name, value in model.named_parameters():
        assert torch.equal(found.model.get_parameter(name), value), name


def test_a_part_that_thaws_begins_anew_and_one_that_learnt_goes_on_with_its_momentum() -> None:
    phases = (Phase(epochs=1, frozen="backbone"), Phase())
    found = learner(vary(phases=phases))
    steps(found, last=3)
    head, first = found.model.get_parameter("fc.weight"), found.model.get_parameter("conv1.weight")
    momentum = found.optimiser.state[head]["momentum_buffer"].clone()
    found.begin_phase(WHOLE)
    assert torch.equal(found.optimiser.state[head]["momentum_buffer"], momentum)
    assert not found.optimiser.state[first]
    before = digests(found.model)
    steps(found, 3, 4)
    assert not {name for name, digest in digests(found.model).items() if digest == before[name]}
    again = learner(vary(phases=phases))
    again.restore(copy.deepcopy(found.state()))  # as from a file
    again.begin_phase(WHOLE)
    for each in (found, again):
        steps(each, 4, 6)
    assert digests(again.model) == digests(found.model)


def test_a_recipe_without_phases_has_the_groups_of_earlier_checkpoints() -> None:
    assert len(learner(vary()).optimiser.param_groups) == 1
    assert len(learner(vary(decay_norm=False)).optimiser.param_groups) == 2


def test_probes_of_frozen_layers_are_0_and_every_block_has_its_ratio() -> None:
    found, whole = learner(vary(phases=STAGE1)), learner(vary())
    for each in (found, whole):
        each.probe.on = True
        each.learn(data(), 0, TOTAL, COUNT)
    zeros = [value == 0 for value in found.gradients]
    behind = [part < 2 for part, _, layer in found.model.plan.parts() if KINDS[layer.kind].mixes]
    assert zeros == behind
    assert len(found.gradients) == len(whole.gradients)
    assert len(found.probe.ratios()) == len(whole.probe.ratios()) == 2


@pytest.mark.parametrize("changes", [{"recompute": True}, {"accumulate": 2}])
def test_frozen_parts_go_with_recomputation_and_with_parts_of_a_batch(changes: dict[str, object]) -> None:
    plain, other = learner(vary(phases=STAGE1)), learner(vary(phases=STAGE1, **changes))
    for each in (plain, other):
        before = digests(each.model)
        steps(each, last=2)
        same = {name for name, digest in digests(each.model).items() if digest == before[name]}
        assert same == frozen_names(each.model, 2)
    if "recompute" in changes:
        assert digests(plain.model) == digests(other.model)


def test_half_precision_learns_behind_frozen_parts() -> None:
    recipe = vary(phases=STAGE1)
    losses = []
    for precision in ("fp32", "bf16"):
        found = learner(recipe, precision=precision)
        losses.append([found.learn(data(), step, TOTAL, COUNT).loss.item() for step in range(TOTAL)])
    assert losses[0] == pytest.approx(losses[1], rel=0.1)


def test_the_rest_of_a_network_is_what_the_optimiser_sees() -> None:
    found = learner(vary(phases=STAGE1))
    learning: set[Tensor] = {value for value in found.model.parameters() if value.requires_grad}
    assert learning == set(other_parts(found.model, 2).parameters())
