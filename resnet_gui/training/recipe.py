"""How a network is trained: the recipe and its learning-rate schedule."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Final, Literal, get_args

import msgspec

from resnet_gui.base.errors import RecipeError
from resnet_gui.data.datasets import DIGITS
from resnet_gui.data.layouts.splitting import SplitRule
from resnet_gui.data.preprocessing import PictureFit, Scaling
from resnet_gui.training.phases import Phase, first_epochs, phases_problem

Optimizer = Literal["sgd", "adamw"]
Schedule = Literal["constant", "step", "cosine", "one-cycle"]
Warmup = Literal["linear", "constant"]
Augmentation = Literal["none", "shift", "shift-flip", "resized-crop"]
Precision = Literal["auto", "fp32", "bf16", "fp16"]
Layout = Literal["auto", "contiguous", "channels-last"]
FrozenNorms = Literal["keep", "measure"]
FitChoice = Literal["auto", "crop", "squeeze", "pad"]
Balance = Literal["none", "weights", "sampler"]

STEP_AT: Final = (0.5, 0.75)
"""Fractions of the training at which the step schedule divides by ten: 32k and 48k of 64k in He et al. 2015, 4.2."""

DEFAULT_LR: Final = 0.1
DEFAULT_EPOCHS: Final = 20
DEFAULT_BATCH: Final = 64

WARMUP_FACTOR: Final = 0.1
"""A constant warm-up trains at a tenth of the learning rate (He et al. 2015, section 4.2: 0.01, then 0.1)."""

MOST_HELD_OUT: Final = 0.9
"""Largest fraction of a data set that is held out."""

ONE_CYCLE_RISE: Final = 0.3
"""Fraction of a one-cycle schedule that rises, from lr/25; then it falls to lr/250,000 (Smith and Topin 2017)."""


class Recipe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An optimiser on cross-entropy, with its schedule and what is done to the pictures.

    Attributes:
        data: "digits", a data set of ``data.datasets``, or the path of a folder of class folders.
        epochs: passes over the training pictures.
        steps: the training ends after so many optimiser steps even within an epoch; 0 for all epochs.
        batch_size: pictures an optimiser step, over all processes and parts.
        accumulate: parts that a batch is computed in; each is normalised for itself.
        lr: learning rate at the top of the schedule.
        optimizer: "sgd" or "adamw" (Loshchilov and Hutter 2017).
        momentum: of SGD.
        nesterov: Nesterov's form of momentum.
        weight_decay: L2 penalty (SGD), or decoupled decay (AdamW).
        decay_norm: whether norms' parameters and biases decay too, as in He et al. 2015.
        schedule: "constant", "step" (÷10 at each of ``step_at``), "cosine" (to zero), or "one-cycle".
        step_at: fractions of the training at which the step schedule divides by ten.
        warmup: steps at a lower learning rate before the schedule.
        warmup_shape: "linear" from zero (Goyal et al. 2017), or "constant" at a tenth (He et al. 2015, section 4.2).
        label_smoothing: probability that is spread over all classes (Szegedy et al. 2015, section 7).
        ema: decay of an exponential moving average of the weights, which is then tested and kept; 0 for none. After n
            steps the decay is at most (1 + n) / (10 + n), so that a short training does not keep its first weights.
        clip: largest norm of the gradient over all parameters; 0 for no limit.
        augment: "none"; "shift", a random crop after padding by an eighth; "shift-flip", mirrored at random as well
            (He et al. 2015, section 4.2); "resized-crop", 8 to 100 % of the area, stretched, and mirrored at random
            (Szegedy et al. 2014): of the whole picture on disk, whatever its fit, where pictures are read while the
            training goes on, else of the picture as it is held, which is at the input's size.
        colour: how far brightness, contrast and saturation are changed at random: by factors 1 ± colour.
        cutout: side of a square that is blanked in each picture, as a fraction (DeVries and Taylor 2017).
        mixup: alpha of MixUp (Zhang et al. 2017); 0 for none.
        cutmix: alpha of CutMix (Yun et al. 2019); 0 for none; with both, each batch takes one of them by chance.
        seed: of the initial weights, the order of pictures and the augmentation.
        precision: "fp32", "bf16" or "fp16" (autocast), or "auto": bf16 on a GPU that has it, else fp32.
        layout: of feature maps: "contiguous", "channels-last", or "auto", the fastest that is safe.
        compile: whether torch.compile is used.
        recompute: whether blocks are computed again in the backward pass instead of kept (Chen et al. 2016).
        sync_bn: whether batch normalisation takes its statistics over all processes of a distributed training.
        phases: which parts of the network learn in which epochs and how fast; none where all learn alike to the end.
        frozen_norms: whether norms of frozen parts "keep" their running statistics and normalise by them, as in a test,
            or "measure" them anew from the batches.
        fit: how a picture of another shape becomes the input's: "auto", as the weights want it that a training begins
            from, else as "crop"; "crop", the largest centred part of its aspect ratio;
            "squeeze", the whole picture, stretched; "pad", the whole picture between black bars.
        vertical_flip: whether pictures are turned upside down at random.
        quarter_turns: whether pictures are turned by a random number of quarter turns; the input must be square.
        balance: of uneven classes: "none"; "weights", each picture's loss is weighted by the inverse share of its
            class, with a mean of 1 over the pictures; "sampler", an epoch draws each class equally often.
        patience: the training ends after so many epochs of its last phase without a better validation error; 0 never.
        validation: fraction of each class that is held out for validation where the data have no part for it.
        test: fraction of each class that is held out for the test at the end where the data have no part for it.
        split_seed: draws what is held out; 0 takes pictures evenly spaced in the order of their names.
        split_groups: what stays together when pictures are held out: "folders", those of one folder below the class's;
            or a pattern (regular expression) whose first group in a picture's name tells; empty for nothing.

    Raises:
        RecipeError: a value is out of range; its ``field`` names it.
    """

    data: str = DIGITS
    epochs: int = DEFAULT_EPOCHS
    steps: int = 0
    batch_size: int = DEFAULT_BATCH
    accumulate: int = 1
    lr: float = DEFAULT_LR
    optimizer: Optimizer = "sgd"
    momentum: float = 0.9
    nesterov: bool = False
    weight_decay: float = 5e-4
    decay_norm: bool = True
    schedule: Schedule = "cosine"
    step_at: tuple[float, ...] = STEP_AT
    warmup: int = 0
    warmup_shape: Warmup = "linear"
    label_smoothing: float = 0.0
    ema: float = 0.0
    clip: float = 0.0
    augment: Augmentation = "shift"
    colour: float = 0.0
    cutout: float = 0.0
    mixup: float = 0.0
    cutmix: float = 0.0
    seed: int = 1
    precision: Precision = "auto"
    layout: Layout = "auto"
    compile: bool = False
    recompute: bool = False
    sync_bn: bool = False
    phases: tuple[Phase, ...] = ()
    frozen_norms: FrozenNorms = "keep"
    fit: FitChoice = "auto"
    vertical_flip: bool = False
    quarter_turns: bool = False
    balance: Balance = "none"
    patience: int = 0
    validation: float = 0.2
    test: float = 0.0
    split_seed: int = 0
    split_groups: str = ""

    def __post_init__(self) -> None:
        for field, accepts, rule in _RULES:
            value = getattr(self, field)
            if isinstance(value, bool) or not accepts(value):
                raise RecipeError(field, f"{field} is {value!r}; it must be {rule}.")
        if self.batch_size < 2 * self.accumulate:
            rule = f"at most {self.batch_size // 2} for a batch of {self.batch_size} (two pictures a part)"
            raise RecipeError("accumulate", f"accumulate is {self.accumulate}; it must be {rule}.")
        if self.nesterov and not self.momentum:
            raise RecipeError("nesterov", "nesterov is on; it needs a momentum above 0.")
        if problem := phases_problem(self.phases, self.epochs):
            raise RecipeError("phases", f"phases must be {problem}.")
        if self.frozen_norms != "keep" and any(phase.cached for phase in self.phases):
            raise RecipeError(
                "frozen_norms",
                f"frozen_norms is '{self.frozen_norms}'; it must be keep where a phase is cached: features that are "
                "computed once leave nothing to measure.",
            )
        if self.validation + self.test > MOST_HELD_OUT:
            held = f"validation and test hold out {self.validation + self.test:g} of the pictures"
            raise RecipeError("validation", f"{held}; it must be at most {MOST_HELD_OUT:g} together.")
        if self.warmup and self.schedule == "one-cycle":
            raise RecipeError(
                "warmup", f"warmup is {self.warmup}; it must be 0: the one-cycle schedule rises by itself."
            )

    def scaled(self, how: Scaling) -> Scaling:
        """The scaling that weights want which a training begins from, but for a fit that the recipe names itself."""
        return how if self.fit == "auto" else msgspec.structs.replace(how, fit=self.fit)

    @property
    def picture_fit(self) -> PictureFit:
        """How a picture of another shape becomes the input's, where no weights say it."""
        return self.scaled(Scaling()).fit

    @property
    def mixes(self) -> bool:
        """Whether pictures are mixed with others of their batch."""
        return self.mixup > 0 or self.cutmix > 0

    @property
    def split(self) -> SplitRule:
        """What is held out of data that have no parts of their own."""
        return SplitRule(
            validation=self.validation, test=self.test, seed=self.split_seed, groups=self.split_groups
        )  # fmt: skip


def _whole(low: int, high: int) -> Callable[[object], bool]:
    return lambda value: isinstance(value, int) and low <= value <= high


def _number(low: float, high: float, *, above: bool = False) -> Callable[[object], bool]:
    def accepts(value: object) -> bool:
        return isinstance(value, int | float) and low <= value <= high and not (above and value == low)

    return accepts


def _one_of(kind: object) -> tuple[Callable[[object], bool], str]:
    allowed = get_args(kind)
    return (lambda value: value in allowed), "one of " + ", ".join(allowed)


def _rising(value: object) -> bool:
    if not isinstance(value, tuple) or not all(isinstance(at, int | float) and 0 < at < 1 for at in value):
        return False
    return list(value) == sorted(set(value))


def _pattern(value: object) -> bool:
    if value in {"", "folders"}:
        return True
    try:
        return isinstance(value, str) and re.compile(value).groups > 0
    except re.error:
        return False


_RULES: Final[tuple[tuple[str, Callable[[object], bool], str], ...]] = (
    (
        "data",
        lambda value: isinstance(value, str) and value.strip() != "",
        "'digits', the name of a data set, or a folder",
    ),
    ("epochs", _whole(1, 100_000), "a whole number from 1 to 100,000"),
    ("steps", _whole(0, 10**9), "a whole number from 0 to 1,000,000,000"),
    (
        "batch_size",
        _whole(2, 65_536),
        "a whole number from 2 to 65,536 (batch normalisation needs two pictures)",
    ),
    ("accumulate", _whole(1, 32_768), "a whole number from 1 to 32,768"),
    ("lr", _number(0, 100, above=True), "a number above 0 and at most 100"),
    ("optimizer", *_one_of(Optimizer)),
    ("momentum", _number(0, 0.9999), "a number from 0 to 0.9999"),
    ("weight_decay", _number(0, 1), "a number from 0 to 1"),
    ("schedule", *_one_of(Schedule)),
    ("step_at", _rising, "rising fractions between 0 and 1"),
    ("warmup", _whole(0, 10**7), "a whole number of steps from 0 to 10,000,000"),
    ("warmup_shape", *_one_of(Warmup)),
    ("label_smoothing", _number(0, 0.9), "a number from 0 to 0.9"),
    ("ema", _number(0, 0.99999), "a number from 0 to 0.99999"),
    ("clip", _number(0, 1e6), "a number from 0 to 1,000,000"),
    ("augment", *_one_of(Augmentation)),
    ("colour", _number(0, 0.9), "a number from 0 to 0.9"),
    ("cutout", _number(0, 0.9), "a fraction from 0 to 0.9"),
    ("mixup", _number(0, 10), "a number from 0 to 10"),
    ("cutmix", _number(0, 10), "a number from 0 to 10"),
    ("seed", _whole(0, 2**31 - 1), "a whole number from 0 to 2,147,483,647"),
    ("precision", *_one_of(Precision)),
    ("layout", *_one_of(Layout)),
    ("frozen_norms", *_one_of(FrozenNorms)),
    ("fit", *_one_of(FitChoice)),
    ("balance", *_one_of(Balance)),
    ("patience", _whole(0, 100_000), "a whole number of epochs from 0 to 100,000"),
    ("validation", _number(0.01, MOST_HELD_OUT), f"a fraction from 0.01 to {MOST_HELD_OUT:g}"),
    ("test", _number(0, MOST_HELD_OUT), f"a fraction from 0 to {MOST_HELD_OUT:g}"),
    ("split_seed", _whole(0, 2**31 - 1), "a whole number from 0 to 2,147,483,647"),
    ("split_groups", _pattern, "empty, 'folders', or a regular expression with a group"),
)


def lr_at(recipe: Recipe, step: int, total: int) -> float:
    """Learning rate of a step.

    A function of the step and not one of torch's ``lr_scheduler``: the window draws the schedule without torch, and a
    resumed run asks for any step without having gone through those before it.

    Args:
        recipe: with the schedule.
        step: how many steps are behind, 0 to ``total``.
        total: steps of the whole training.
    """
    if step < recipe.warmup:
        return recipe.lr * (WARMUP_FACTOR if recipe.warmup_shape == "constant" else (step + 1) / recipe.warmup)
    done = step / total if total else 0.0
    match recipe.schedule:
        case "constant":
            return recipe.lr
        case "step":
            return recipe.lr / float(10 ** sum(done >= at for at in recipe.step_at))
        case "cosine":
            return recipe.lr * 0.5 * (1 + math.cos(math.pi * done))
        case "one-cycle":
            return recipe.lr * _one_cycle(done)


def _one_cycle(done: float) -> float:
    low, end = 1 / 25, 1 / 250_000
    if done < ONE_CYCLE_RISE:
        return _cosine(low, 1.0, done / ONE_CYCLE_RISE)
    return _cosine(1.0, end, (done - ONE_CYCLE_RISE) / (1 - ONE_CYCLE_RISE))


def _cosine(start: float, end: float, done: float) -> float:
    return end + (start - end) * 0.5 * (1 + math.cos(math.pi * done))


def steps_in_epoch(count: int, batch: int, pieces: int = 1) -> int:
    """Optimiser steps in a pass over ``count`` pictures.

    The last, smaller batch counts if each of the ``pieces`` that a batch is computed in (processes times parts) gets
    two pictures of it to normalise over.
    """
    return count // batch + (1 if count % batch >= 2 * pieces else 0)


def total_steps(recipe: Recipe, steps_per_epoch: int) -> int:
    """Optimiser steps of a whole training."""
    whole = recipe.epochs * steps_per_epoch
    return min(whole, recipe.steps) if recipe.steps else whole


def steps_of_phases(recipe: Recipe, steps_per_epoch: int) -> tuple[int, ...]:
    """Optimiser steps of each phase of a training; of the whole where none is named."""
    total = total_steps(recipe, steps_per_epoch)
    begins = [min(total, first * steps_per_epoch) for first in first_epochs(recipe.phases)] or [0]
    return tuple(end - begin for begin, end in pairwise([*begins, total]))
