"""Every field of a recipe does what it says, computed a second time by hand or by plain torch."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional

from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine.checkpoint import load_checkpoint
from resnet_gui.engine.data.datasets import load
from resnet_gui.engine.train.augment import Mixing, draw_mix, mix
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.distributed import RankGroup
from resnet_gui.engine.train.run import train
from resnet_gui.engine.train.step import TrainingStep, parameter_groups
from resnet_gui.network.layers import Add
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.jobs import Train
from resnet_gui.runs.events import Answered, EpochDone, RunEvent, RunStarted, StepDone
from resnet_gui.runs.folder import DataIdentity, read_run_info
from resnet_gui.runs.history import unpack
from resnet_gui.training.recipe import Recipe, lr_at

SPEC = ResNetSpec(block="basic", blocks=(1, 1), widths=(8, 8), stem="cifar", shortcut="A", classes=3, input=(3, 8, 8))
NORMLESS = evolve(SPEC, norm="none")
IDENTITY = DataIdentity(
    name="x", classes=("a", "b", "c"), train_images=16, test_images=2, sha256="", mean=(0.4, 0.5, 0.6),
    std=(0.2, 0.3, 0.25),
)  # fmt: skip
PLAIN = Recipe(augment="none", batch_size=16, lr=0.05, weight_decay=0.0, momentum=0.9, schedule="constant", seed=3)
COUNT, TOTAL = 16, 6


def vary(**changes: object) -> Recipe:
    return msgspec.structs.replace(PLAIN, **changes)


def data(seed: int = 0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(0, 256, (COUNT, 3, 8, 8), generator=generator, dtype=torch.uint8)
    return images, torch.randint(0, 3, (COUNT,), generator=generator)


def net(spec: ResNetSpec = SPEC) -> ResNet:
    torch.manual_seed(3)
    return ResNet(plan(spec)).train()


def learner(recipe: Recipe, spec: ResNetSpec = SPEC, precision: str = "fp32") -> TrainingStep:
    found = TrainingStep(net(spec), recipe, precision, torch.contiguous_format, RankGroup())
    found.normalise_by(IDENTITY)
    return found


def learnt(recipe: Recipe, spec: ResNetSpec = SPEC, steps: int = TOTAL) -> TrainingStep:
    found = learner(recipe, spec)
    for step in range(steps):
        found.learn(data(step), step, TOTAL, COUNT)
    return found


def normal(images: Tensor) -> Tensor:
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (IDENTITY.mean, IDENTITY.std))
    return (images.float() / 255 - mean) / std


def close(found: nn.Module, expected: nn.Module, rtol: float = 1e-4, atol: float = 1e-6) -> None:
    for name, value in expected.state_dict().items():
        torch.testing.assert_close(found.state_dict()[name], value, rtol=rtol, atol=atol, msg=name)


# ---- optimisers


@pytest.mark.parametrize("changes", [{"nesterov": True}, {"momentum": 0.0}, {"nesterov": True, "decay_norm": False}])
def test_sgd_is_that_of_sutskever_and_what_does_not_decay_stays(changes: dict[str, object]) -> None:
    recipe, spec = vary(weight_decay=0.1, **changes), evolve(SPEC, conv_bias=True)
    model = net(spec)
    velocity = {name: torch.zeros_like(value) for name, value in model.named_parameters()}
    for step in range(TOTAL):
        images, labels = data(step)
        loss = functional.cross_entropy(model(normal(images)), labels)
        gradients = torch.autograd.grad(loss, list(model.parameters()))
        with torch.no_grad():
            for (name, value), gradient in zip(model.named_parameters(), gradients, strict=True):
                decays = recipe.decay_norm or value.ndim > 1
                slope = gradient + 0.1 * value if decays else gradient
                velocity[name] = recipe.momentum * velocity[name] + slope
                way = slope + recipe.momentum * velocity[name] if recipe.nesterov else velocity[name]
                value.sub_(recipe.lr * way)
    close(learnt(recipe, spec).model, model)


@pytest.mark.parametrize("decay_norm", [True, False])
def test_adamw_is_that_of_its_paper_with_decoupled_decay(decay_norm: bool) -> None:
    recipe = vary(optimizer="adamw", lr=0.01, weight_decay=0.3, decay_norm=decay_norm, schedule="cosine")
    model = net()
    first = {name: torch.zeros_like(value) for name, value in model.named_parameters()}
    second = {name: torch.zeros_like(value) for name, value in model.named_parameters()}
    for step in range(TOTAL):
        images, labels = data(step)
        lr = 0.01 * 0.5 * (1 + math.cos(math.pi * step / TOTAL))
        gradients = torch.autograd.grad(
            functional.cross_entropy(model(normal(images)), labels), list(model.parameters())
        )
        with torch.no_grad():
            for (name, value), gradient in zip(model.named_parameters(), gradients, strict=True):
                first[name] = 0.9 * first[name] + 0.1 * gradient
                second[name] = 0.999 * second[name] + 0.001 * gradient**2
                bias = first[name] / (1 - 0.9 ** (step + 1)), second[name] / (1 - 0.999 ** (step + 1))
                value.mul_(1 - lr * (0.3 if decay_norm or value.ndim > 1 else 0.0))
                value.sub_(lr * bias[0] / (bias[1].sqrt() + 1e-8))
    close(learnt(recipe).model, model, rtol=2e-3, atol=2e-4)


def test_weights_of_convolutions_of_every_kind_decay_and_what_each_channel_has_for_itself_need_not() -> None:
    spec = evolve(SPEC, attention="eca", activation="prelu", branch_scale="skip_init", conv_bias=True)
    model = net(spec)
    names = {value: name for name, value in model.named_parameters()}
    decaying, still = (
        [names[value] for value in group["params"]] for group in parameter_groups(model, vary(decay_norm=False))
    )
    # A checkpoint numbers them as they stand here: in the network's order, in both groups.
    assert decaying == [name for name, value in model.named_parameters() if value.ndim > 1]
    assert still == [name for name, value in model.named_parameters() if value.ndim <= 1]
    assert "layer2.0.eca.conv.weight" in decaying
    assert {"relu.weight", "layer1.0.branch_scale.weight"}.isdisjoint(decaying)
    (everything,) = parameter_groups(model, vary(decay_norm=True))
    assert [names[value] for value in everything["params"]] == [*names.values()]


# ---- the batch, the loss, the gradient


def test_accumulated_parts_give_the_gradient_of_the_batch_where_nothing_is_normalised() -> None:
    whole, parts = learnt(vary(), NORMLESS), learnt(vary(accumulate=2), NORMLESS)
    close(parts.model, whole.model, rtol=1e-4, atol=1e-5)


def test_accumulated_parts_are_normalised_each_for_itself() -> None:
    recipe = vary(accumulate=3)
    model = net()
    images, labels = data(0)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for part in torch.arange(COUNT).tensor_split(3):
        loss = functional.cross_entropy(model(normal(images[part])), labels[part], reduction="sum") / COUNT
        torch.autograd.backward(loss)
    optimiser.step()
    found = learnt(recipe, steps=1)
    close(found.model, model)
    assert int(found.model.get_buffer("bn1.num_batches_tracked")) == 3


def test_clipping_limits_the_norm_of_the_gradient_over_all_parameters() -> None:
    for limit in (0.01, 1e5):
        found = learner(vary(clip=limit))
        found.learn(data(0), 0, TOTAL, COUNT)
        gradient = torch.cat([value.grad.flatten() for value in found.model.parameters() if value.grad is not None])
        images, labels = data(0)
        model = net()
        free = torch.autograd.grad(functional.cross_entropy(model(normal(images)), labels), list(model.parameters()))
        norm = torch.cat([each.flatten() for each in free]).norm()
        assert gradient.norm().item() == pytest.approx(min(limit, norm.item()), rel=1e-3)


def test_label_smoothing_spreads_its_share_over_all_classes() -> None:
    found = learner(vary(label_smoothing=0.3)).learn(data(0), 0, TOTAL, COUNT)
    images, labels = data(0)
    log = functional.log_softmax(net()(normal(images)), 1)
    target = 0.7 * functional.one_hot(labels, 3) + 0.3 / 3
    assert found.loss.item() == pytest.approx(-(target * log).sum().item(), rel=1e-5)


def test_the_average_follows_the_recursion_by_hand_and_is_what_is_tested() -> None:
    found = learner(vary(ema=0.8))
    average: dict[str, Tensor] = {}
    for step in range(TOTAL):
        found.learn(data(step), step, TOTAL, COUNT)
        for name, value in found.model.state_dict().items():
            now, decay = value.detach().double(), min(0.8, (1 + step) / (10 + step))
            average[name] = decay * average[name] + (1 - decay) * now if name in average else now
    tested = found.tested.state_dict()
    assert list(tested) == list(average)
    for name, value in average.items():
        if value.ndim:
            torch.testing.assert_close(tested[name].double(), value, rtol=1e-5, atol=1e-6, msg=name)
    images, labels = data(9)
    ((loss, answers, _),) = found.test(iter([(images, labels)]))
    found.tested.eval()
    logits = found.tested(normal(images))
    assert loss.item() == pytest.approx(functional.cross_entropy(logits, labels, reduction="sum").item(), rel=1e-5)
    assert answers.tolist() == logits.argmax(1).tolist()


@pytest.mark.parametrize("changes", [{"mixup": 0.7}, {"cutmix": 1.0}, {"mixup": 0.5, "cutmix": 0.5}])
def test_mixed_pictures_and_their_loss_are_those_by_hand(changes: dict[str, object]) -> None:
    recipe, kinds = vary(**changes), set()
    for step in range(TOTAL):
        how = draw_mix(recipe, step, COUNT, 8, 8)
        assert how is not None
        kinds.add(how.box is None)
        images, labels = data(step)
        pictures, model = normal(images), net()
        mixed = pictures.clone()
        for row, other in enumerate(how.partner.tolist()):
            if how.box is None:
                mixed[row] = how.share * pictures[row] + (1 - how.share) * pictures[other]
            else:
                top, bottom, left, right = how.box
                mixed[row, :, top:bottom, left:right] = pictures[other, :, top:bottom, left:right]
                assert how.share == pytest.approx(1 - (bottom - top) * (right - left) / 64)
        target = how.share * functional.one_hot(labels, 3) + (1 - how.share) * functional.one_hot(
            labels[how.partner], 3
        )
        loss = -(target * functional.log_softmax(model(mixed), 1)).sum()
        found = learner(recipe).learn((images, labels), step, TOTAL, COUNT)
        assert found.loss.item() == pytest.approx(loss.item(), rel=1e-4)
    assert len(kinds) == len(changes)


@given(step=st.integers(0, 10**6), height=st.integers(1, 40), width=st.integers(1, 40), alpha=st.floats(0.1, 10))
def test_a_mix_takes_a_share_between_nothing_and_all_and_a_box_within_the_picture(
    step: int, height: int, width: int, alpha: float
) -> None:
    for recipe in (vary(mixup=alpha), vary(cutmix=alpha)):
        how = draw_mix(recipe, step, 5, height, width)
        assert isinstance(how, Mixing)
        assert sorted(how.partner.tolist()) == list(range(5))
        assert 0 <= how.share <= 1
        if how.box is not None:
            top, bottom, left, right = how.box
            assert 0 <= top <= bottom <= height
            assert 0 <= left <= right <= width
        ones, zeros = torch.ones(5, 1, height, width), torch.zeros(5, 1, height, width)
        assert mix(ones, zeros, how).mean().item() == pytest.approx(how.share, abs=1e-5)


# ---- how it is computed


def test_both_layouts_learn_the_same_but_for_rounding() -> None:
    losses = []
    for layout in (torch.contiguous_format, torch.channels_last):
        found = TrainingStep(net(evolve(SPEC, widths=(16, 16))), vary(), "fp32", layout, RankGroup())
        found.normalise_by(IDENTITY)
        losses.append([found.learn(data(step), step, TOTAL, COUNT).loss.item() for step in range(TOTAL)])
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_half_precision_learns_nearly_the_same_with_and_without_a_clip(precision: str) -> None:
    for clip in (0.0, 0.5):
        losses = []
        for how in ("fp32", precision):
            found = learner(vary(clip=clip), precision=how)
            losses.append([found.learn(data(0), step, TOTAL, COUNT).loss.item() for step in range(TOTAL)])
        assert losses[0] == pytest.approx(losses[1], rel=0.1)
        assert losses[1][-1] < losses[1][0]
        assert all(value.dtype == torch.float32 for value in found.model.parameters())


# ---- a whole run


@pytest.fixture
def events(tmp_path: Path, picture_folder: Path) -> list[RunEvent]:
    """A run with a warm-up that ends within its second epoch, of 32 training pictures in steps of 8."""
    found: list[RunEvent] = []
    recipe = Recipe(data=str(picture_folder), batch_size=8, steps=6, warmup=3, seed=4, augment="none", lr=0.02)
    spec = evolve(SPEC, input=(1, 8, 8))
    job = Train(1, str(tmp_path / "run"), "x", spec, recipe, "cpu")
    assert train(job, found.append, Control()).status == "finished"
    return found


def test_a_warm_up_and_a_limit_of_steps_are_kept_and_the_rest_of_an_epoch_is_tested(
    events: list[RunEvent], tmp_path: Path
) -> None:
    recipe = read_run_info(tmp_path / "run").recipe
    rates = [event.lr for event in events if isinstance(event, StepDone)]
    assert rates == [lr_at(recipe, step, 6) for step in range(6)]
    assert rates[:3] == pytest.approx([0.02 / 3, 0.04 / 3, 0.02])
    epochs = [event for event in events if isinstance(event, EpochDone)]
    assert [(event.epoch, event.step) for event in epochs] == [(1, 4), (2, 6)]
    losses = [event.loss for event in events if isinstance(event, StepDone)]
    assert epochs[1].train_loss == pytest.approx(sum(losses[4:]) / 2, rel=1e-6)
    assert isinstance(events[0], RunStarted) and (events[0].epochs, events[0].total_steps) == (2, 6)  # noqa: PT018


def test_answers_are_the_largest_outputs_and_the_error_is_theirs(events: list[RunEvent], tmp_path: Path) -> None:
    folder = tmp_path / "run"
    info = read_run_info(folder)
    pictures = load(info.recipe.data, info.spec.input)
    model = ResNet(plan(info.spec))
    model.load_state_dict(load_checkpoint(folder)["model"])
    images = (pictures.test.images.float() / 255 - info.data.mean[0]) / info.data.std[0]
    expected = model.eval()(images).argmax(1).tolist()
    assert isinstance(events[0], RunStarted)
    labels = np.frombuffer(unpack(events[0].labels), "<u2")
    assert labels.tolist() == pictures.test.labels.tolist()
    told = [event for event in events if isinstance(event, Answered)]
    errors = [event.test_error for event in events if isinstance(event, EpochDone)]
    answers = [np.frombuffer(unpack(event.answers), "<u2") for event in told]
    assert answers[-1].tolist() == expected
    assert [float((each != labels).mean()) for each in answers] == errors


@pytest.mark.parametrize("spec", [SPEC, evolve(SPEC, attention="eca")], ids=["plain", "eca"])
def test_probes_are_norms_of_gradients_and_of_branches_over_shortcuts(spec: ResNetSpec) -> None:
    found = learner(vary(), spec)
    found.probe.on = True
    found.learn(data(0), 0, TOTAL, COUNT)
    model, (images, labels) = net(spec), data(0)
    inputs: list[tuple[Tensor, Tensor]] = []
    for module in model.modules():
        if isinstance(module, Add):
            module.register_forward_hook(lambda _module, both, _out: inputs.append(both))
    weights = [m.weight for m in model.modules() if isinstance(m, nn.Conv2d | nn.Conv1d | nn.Linear)]
    gradients = torch.autograd.grad(functional.cross_entropy(model(normal(images)), labels), weights)
    assert found.gradients == pytest.approx([each.norm().item() for each in gradients], rel=1e-3)
    ratios = [
        float(np.mean([(branch[row].norm() / shortcut[row].norm()).item() for row in range(COUNT)]))
        for branch, shortcut in inputs
    ]
    assert found.probe.ratios() == pytest.approx(ratios, rel=1e-3)
