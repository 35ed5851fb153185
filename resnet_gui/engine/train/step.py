"""One optimiser step of a recipe on a batch: augmentation, forward, loss, backward, update; and the test after it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel

from resnet_gui.design.choices import KINDS
from resnet_gui.engine.data.loaders import IGNORED, Batch, are_features
from resnet_gui.engine.train.augment import (
    Mixing,
    crop,
    cut_out,
    draw,
    draw_mix,
    mix,
    move,
    noise_seed,
    plain_pictures,
    recolour,
    turn,
)
from resnet_gui.engine.train.distributed import RankGroup
from resnet_gui.engine.train.eager_optimisers import EagerAdamW, EagerSGD
from resnet_gui.engine.train.frozen_parts import FrozenParts
from resnet_gui.engine.train.probes import Probe
from resnet_gui.engine.train.recompute import recompute_blocks
from resnet_gui.engine.train.script.scripted_step import LossTarget, ScriptedStep
from resnet_gui.engine.train.script.writer import NotWrittenError
from resnet_gui.network.parts import part_of_modules
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.sampled import laid_out
from resnet_gui.runs.folder import DataIdentity
from resnet_gui.training.phases import Phase, frozen_parts, phase_at, rate_factor
from resnet_gui.training.recipe import Recipe, lr_at

FORMATS = {"bf16": torch.bfloat16, "fp16": torch.float16}


class StepResult(NamedTuple):
    """The result of a step, still on the device: summed loss, wrong answers and pictures of this rank, its rate."""

    loss: Tensor
    wrong: Tensor
    seen: Tensor
    lr: float


def parameter_groups(model: ResNet, recipe: Recipe) -> list[dict[str, Any]]:
    """Parameters that decay and those that do not; of each part for itself if the recipe has phases.

    Weights of convolutions and linear layers, of whatever kind, always decay; what each channel has for itself, such as
    norms' parameters, biases and slopes, if the recipe wants it.
    """
    mixing = {path for path, layer in model.plan.layers() if KINDS[layer.kind].mixes}
    parts = part_of_modules(model) if recipe.phases else {}
    found: dict[tuple[int, bool], list[nn.Parameter]] = {}
    for path, module in model.named_modules():
        for name, value in module.named_parameters(recurse=False):
            decays = recipe.decay_norm or (name == "weight" and path in mixing)
            found.setdefault((parts.get(path.partition(".")[0], 0), not decays), []).append(value)
    return [
        {"params": values, "weight_decay": 0.0 if still else recipe.weight_decay}
        for (_, still), values in sorted(found.items(), key=lambda item: item[0])
    ]


def make_optimiser(model: ResNet, recipe: Recipe) -> torch.optim.Optimizer:
    """The optimiser of a recipe."""
    groups = parameter_groups(model, recipe)
    if recipe.optimizer == "adamw":
        return EagerAdamW(groups, lr=recipe.lr, fused=True)
    return EagerSGD(groups, lr=recipe.lr, momentum=recipe.momentum, nesterov=recipe.nesterov, fused=True)


@torch.no_grad()
def _average(
    decay: float, fixed: frozenset[int], averages: list[Tensor], values: list[Tensor], count: Tensor | int
) -> None:
    """Move averages towards the present values, quickly at first; what stays, by its address, is its own average."""
    seen = int(count)
    share = 1 - min(decay, (1 + seen) / (10 + seen))
    for average, value in zip(averages, values, strict=True):
        if value.data_ptr() in fixed:
            continue
        if average.is_floating_point():
            average.lerp_(value, share)
        else:
            average.copy_(value)


class TrainingStep:
    """A network that learns by a recipe, one step at a time.

    Attributes:
        model: the network itself.
        ema: average of its weights, if the recipe keeps one.
        optimiser: with its state.
        scaler: of the loss, in fp16.
        probe: measures the steps that it is switched on for.
        gradients: norms by depth of the last measured step.
        frozen: the parts that do not learn in the present phase.
        crops_come_cut: whether random-resized crops have been cut from the files when pictures come.
        may_fork: whether a step of one thread may use a second core; not where a user has chosen the count, as several
            runs may share the cores.
    """

    gradients: tuple[float, ...]
    frozen: FrozenParts
    crops_come_cut: bool = False
    may_fork: bool = False

    def __init__(
        self, model: ResNet, recipe: Recipe, precision: str, layout: torch.memory_format, ranks: RankGroup
    ) -> None:
        self._recipe, self._ranks, self._layout = recipe, ranks, layout
        self.device = next(model.parameters()).device
        self.model = laid_out(model, layout)
        self.ema = AveragedModel(model, use_buffers=True) if recipe.ema else None
        self.optimiser = make_optimiser(model, recipe)
        parts = part_of_modules(model)
        part_of = {id(value): parts[name.partition(".")[0]] for name, value in model.named_parameters()}
        self._parts = [part_of[id(group["params"][0])] for group in self.optimiser.param_groups]
        self._format = FORMATS.get(precision)
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=precision == "fp16")
        self.probe, self.gradients = Probe(model), ()
        # What is idle in evaluation draws in training.
        self._noisy = any(KINDS[layer.kind].idle_in_evaluation for _, layer in model.plan.layers())
        if recipe.recompute:
            recompute_blocks(model)
        if recipe.sync_bn:
            ranks.synchronise(model, self.device)
        self._mean = self._std = torch.zeros(())
        self._weights: Tensor | None = None
        self._plain: nn.Module = model
        self.begin_phase(phase_at(recipe.phases, 0))

    def begin_phase(self, phase: Phase) -> None:
        """Let those parts learn that learn in a phase, each at its rate.

        Raises:
            ValueError: the phase names a stage that the network does not have.
        """
        recipe, stages = self._recipe, len(self.model.plan.stages)
        self.optimiser.zero_grad(set_to_none=True)
        self.frozen = FrozenParts(
            self.model, frozen_parts(phase.frozen, stages), recipe.frozen_norms, fp32=self._format is None
        )
        self._drawn = plain_pictures(recipe) if phase.cached else recipe
        self._factors = [rate_factor(phase, part, stages) for part in self._parts]
        if self.ema is not None:
            self.ema.multi_avg_fn = partial(_average, recipe.ema, self.frozen.fixed)
        # What is wrapped or compiled once knows which parameters needed a gradient then.
        self._plain = self._ranks.wrap(self.frozen.rest, self.device)
        # Parts that learn again compute as in training.
        self.model.train()
        self._script: ScriptedStep | None = None
        self._scripted = self._may_be_scripted()
        self._fast: Any = torch.compile(self._plain, dynamic=False) if recipe.compile else self._plain

    def normalise_by(self, identity: DataIdentity) -> None:
        """Take the mean and deviation of the data."""
        self._mean = torch.tensor(identity.mean, device=self.device).view(1, -1, 1, 1)
        self._std = torch.tensor(identity.std, device=self.device).view(1, -1, 1, 1)

    def weigh_classes(self, weights: Tensor) -> None:
        """Let the loss of a picture count by its class: (classes,), as torch's ``CrossEntropyLoss`` takes them."""
        self._weights = weights.to(self.device)

    @property
    def tested(self) -> nn.Module:
        """The weights that are tested and kept: the average where there is one."""
        return self.ema.module if self.ema is not None else self.model

    # ---- a step

    def learn(self, batch: Batch, step: int, total: int, count: int) -> StepResult:
        """One optimiser step.

        Args:
            batch: this rank's pictures; of a mixing recipe in several ranks, those and their partners.
            step: steps behind.
            total: steps of the training.
            count: pictures of the step over all ranks.
        """
        recipe, lr = self._recipe, lr_at(self._recipe, step, total)
        for group, factor in zip(self.optimiser.param_groups, self._factors, strict=True):
            group["lr"] = lr * factor
        if self._noisy:
            torch.manual_seed(noise_seed(recipe.seed, step, self._ranks.rank))
        images, labels, others, how = self._prepared(batch, step, count)
        if not self.model.training:
            self.model.train()
        self.frozen.set_modes()
        self.optimiser.zero_grad(set_to_none=True)
        loss = torch.zeros((), device=self.device)
        wrong = torch.zeros((), device=self.device, dtype=torch.int64)
        # Ranks take the mean of their gradients; the loss is a mean over the pictures of all of them.
        scale = self._ranks.world / count
        parts = torch.arange(len(labels)).tensor_split(recipe.accumulate)
        for number, part in enumerate(parts):
            piece = slice(int(part[0]), int(part[-1]) + 1) if len(part) else slice(0, 0)
            with self._exchange(last=number + 1 == len(parts)):
                target = LossTarget(labels[piece], others[piece], how.share if how is not None else 1.0, self._weights)
                summed, logits = self._gradients(images[piece], target, scale)
            loss += summed
            answers = logits.argmax(1)
            wrong += ((answers != labels[piece]) & (labels[piece] != IGNORED)).sum()
        self._update()
        return StepResult(loss, wrong, (labels != IGNORED).sum(), lr)

    def _update(self) -> None:
        if self._recipe.clip or self.probe.on:
            self.scaler.unscale_(self.optimiser)
        if self.probe.on:
            self.gradients = self.probe.gradients()
        if self._recipe.clip:
            nn.utils.clip_grad_norm_(self.model.parameters(), self._recipe.clip)
        self.scaler.step(self.optimiser)
        self.scaler.update()
        if self.ema is not None:
            self.ema.update_parameters(self.model)

    def _exchange(self, *, last: bool) -> Any:
        """Ranks exchange gradients once a step, after its last part."""
        if isinstance(self._plain, nn.parallel.DistributedDataParallel) and not last:
            return self._plain.no_sync()
        return torch.enable_grad()

    def _gradients(self, images: Tensor, target: LossTarget, scale: float) -> tuple[Tensor, Tensor]:
        """Add the gradients of a part of the batch to those of the parameters; its summed loss, and its logits."""
        read = self.frozen(images, plain=self.probe.on)
        script = self._script_of_step() if self._scripted else None
        if script is not None:
            found = script(read, target, scale, probing=self.probe.on)
            self.probe.take(script.ratios)
            return found
        model = self._plain if self.probe.on else self._fast
        with torch.autocast(self.device.type, self._format or torch.bfloat16, enabled=self._format is not None):
            logits = model(read)
        summed = self._loss(logits.float(), target)
        self.scaler.scale(summed * scale).backward()  # type: ignore[no-untyped-call]
        return summed.detach(), logits.detach()

    def _may_be_scripted(self) -> bool:
        """Whether a script computes what autograd would, if the network has one."""
        as_usual = self._format is None and not self._recipe.recompute and not self._recipe.compile
        return as_usual and self._ranks.world == 1 and self.device.type == "cpu"

    def _script_of_step(self) -> ScriptedStep | None:
        """The script of the network as it learns in this phase; None where it has a layer without one."""
        if self._script is None:
            alone = torch.get_num_threads() == 1
            forks = alone and self.may_fork and (os.cpu_count() or 1) > 1
            try:
                self._script = ScriptedStep(
                    self._plain.children(), self._recipe.label_smoothing, renews=not alone, forks=forks
                )
            except NotWrittenError:
                self._scripted = False
        return self._script

    def _loss(self, logits: Tensor, target: LossTarget) -> Tensor:
        """Cross-entropy summed over the pictures."""

        def entropy(labels: Tensor) -> Tensor:
            smoothing = self._recipe.label_smoothing
            return functional.cross_entropy(
                logits, labels, self._weights, reduction="sum", label_smoothing=smoothing, ignore_index=IGNORED
            )

        if target.share == 1.0:
            return entropy(target.labels)
        return target.share * entropy(target.labels) + (1 - target.share) * entropy(target.others)

    # ---- pictures

    def wanted(self, step: int, count: int, height: int, width: int) -> Tensor:
        """Which of a step's pictures this rank reads: its part, and what that is mixed with."""
        return self._numbers(count, draw_mix(self._drawn, step, count, height, width))

    def wanted_crops(self, step: int, count: int, height: int, width: int) -> Tensor | None:
        """What says which part of each wanted picture is cut out of its file; None where nothing is cut there."""
        if not self.crops_come_cut:
            return None
        chances = draw(self._recipe, step, count, height, width).chances
        return None if chances is None else chances[self.wanted(step, count, height, width)]

    def _numbers(self, count: int, how: Mixing | None) -> Tensor:
        mine = self._ranks.part(count)
        return mine if how is None or self._ranks.world == 1 else torch.cat([mine, how.partner[mine]])

    def _prepared(self, batch: Batch, step: int, count: int) -> tuple[Tensor, Tensor, Tensor, Mixing | None]:
        """Augmented, normalised pictures; labels, labels of the partners, and how they are mixed."""
        raw, labels = batch
        if are_features(raw):
            return raw, labels, labels, None
        height, width = raw.shape[2:]
        how = draw_mix(self._recipe, step, count, height, width)
        draws = draw(self._recipe, step, count, height, width).part(self._numbers(count, how))
        if self.crops_come_cut:
            draws = draws._replace(boxes=None)
        moved = move(raw, draws).float().div_(255)
        images = recolour(turn(crop(moved, draws), draws), draws).sub_(self._mean).div_(self._std)
        images = cut_out(images, draws, self._recipe.cutout)
        others = labels
        if how is not None:
            if self._ranks.world == 1:
                partner = how.partner.to(self.device)
                images, others = mix(images, images[partner], how), labels[partner]
            else:
                mine = len(labels) // 2
                images, labels, others = mix(images[:mine], images[mine:], how), labels[:mine], labels[mine:]
        return self._laid(images), labels, others, how

    def _laid(self, images: Tensor) -> Tensor:
        # A copy in any case: of one channel both layouts claim to be contiguous, with strides that differ.
        return images.clone(memory_format=self._layout)

    # ---- the test

    @torch.inference_mode()
    def test(self, batches: Iterator[Batch]) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Summed loss, answers and labels of each batch of test pictures, still on the device."""
        model = self.tested.eval()
        for raw, labels in batches:
            images = raw
            if not are_features(raw):
                images = self._laid(raw.float().div_(255).sub_(self._mean).div_(self._std))
            with torch.autocast(self.device.type, self._format or torch.bfloat16, enabled=self._format is not None):
                logits = self.frozen.tested(model, images).float()
            loss = functional.cross_entropy(logits, labels, reduction="sum", ignore_index=IGNORED)
            yield loss, logits.argmax(1), labels

    # ---- checkpoints

    def state(self) -> dict[str, Any]:
        """Everything that the next step depends on."""
        return {
            "model": self.model.state_dict(),
            "ema": self.ema.state_dict() if self.ema is not None else None,
            "optimiser": self.optimiser.state_dict(),
            "scaler": self.scaler.state_dict(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what ``state`` gave.

        Raises:
            KeyError, RuntimeError, ValueError, TypeError: it is another network's or recipe's.
        """
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        if self.ema is not None:
            self.ema.load_state_dict(state["ema"])
        self.frozen.forget()
        if self.scaler.is_enabled():
            self.scaler.load_state_dict(state["scaler"])
