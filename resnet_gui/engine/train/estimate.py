"""What a training will cost, from a few measured steps on random pictures; and what a data set holds."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from math import prod
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import torch

from resnet_gui.analysis.costs import totals
from resnet_gui.base.errors import InputError
from resnet_gui.data.archives import will_unpack
from resnet_gui.data.datasets import KNOWN
from resnet_gui.data.layouts.array_names import ArrayFiles
from resnet_gui.data.layouts.description import DataDescription
from resnet_gui.data.layouts.splitting import EVERY_FIFTH, SplitRule
from resnet_gui.design.bounds import Shape
from resnet_gui.design.choices import KINDS
from resnet_gui.design.plan import plan
from resnet_gui.design.structure import Plan
from resnet_gui.engine.data.array_sets import describe_arrays, read_arrays
from resnet_gui.engine.data.copies import without_copies
from resnet_gui.engine.data.datasets import MAX_BYTES
from resnet_gui.engine.data.folders import list_looked
from resnet_gui.engine.data.opened import OpenedData, Tell, Watch, open_data, untold, unwatched
from resnet_gui.engine.data.picture_survey import depth_notes, survey, survey_depth
from resnet_gui.engine.devices import (
    free_memory,
    resolve_device,
    resolve_layout,
    resolve_precision,
    useful_threads,
)
from resnet_gui.engine.processor_load import LoadMeter
from resnet_gui.engine.train.distributed import RankGroup
from resnet_gui.engine.train.step import TrainingStep
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.events import DataSetDescribed, DataSetListed, Fit, TrainingEstimated
from resnet_gui.protocol.jobs import Describe, Estimate
from resnet_gui.training.memory_fit import RESERVE, run_memory
from resnet_gui.training.phases import WHOLE, Phase, frozen_parts
from resnet_gui.training.recipe import Recipe, steps_in_epoch, steps_of_phases, total_steps
from resnet_gui.training.trainable import check_phases, check_trainable, check_turns

BUDGET: Final = 2.0
"""Seconds that the measurements may take for each number format."""

GROWTH: Final = 4
"""From one measured batch size to the next."""

TEST_SHARE: Final = 1 / 3
"""A forward pass against forward, backward and update (Kaplan et al. 2020, section 2.1, count the backward as two)."""

SURVEYED: Final = 64
"""Pictures whose size is looked at for a suggestion."""

SIDES: Final = (8, 28, 32, 64, 96, 128, 224)


def describe_data_set(
    job: Describe,
    watch: Watch = unwatched,
    send: Callable[[DataSetListed], None] = lambda _event: None,
    tell_first: Callable[[str], None] = lambda _sentence: None,
) -> DataSetDescribed:
    """What a data set holds, from its names and some of its pictures.

    Args:
        job: the question.
        watch: told how many files are found; may raise to break off.
        send: takes what the names alone tell, before any picture is opened, and in its notes what was done before that.
        tell_first: told in a sentence what is done before that, such as unpacking an archive.

    Raises:
        InputError: it is no data set.
    """
    done: list[str] = []

    def tell(news: str | DataDescription) -> None:
        if isinstance(news, DataDescription):
            send(DataSetListed(job.job, job.data, msgspec.structs.replace(news, notes=(*news.notes, *done))))
        else:
            done.append(news)
            tell_first(news)

    return DataSetDescribed(job.job, job.data, fit_of(job.data, watch, tell, job.split))


def fit_of(data: str, watch: Watch = unwatched, tell: Tell = untold, split: SplitRule = EVERY_FIFTH) -> Fit:
    """Size of pictures, classes and counts of a data set; a folder's size is that of the middle one of many.

    Args:
        data: as a recipe names it.
        watch: told how far the reading is.
        tell: told what the set holds.
        split: what is held out of data without parts.

    Raises:
        InputError: it is no data set.
    """
    opened = OpenedData(Path(), Path(), data) if data in KNOWN else open_data(data, watch, tell)
    if opened.known:
        known = KNOWN[opened.known]
        return Fit(known.shape, known.classes, known.train_images, known.test_images, known=True)
    if opened.arrays is not None or opened.scan is None:
        return _fit_of_arrays(opened, split, tell)
    listing = list_looked(opened.scan, opened.named, split)
    tell(listing.description)
    if (cleared := without_copies(listing, watch)) is not listing:
        listing = cleared
        tell(listing.description)
    if notes := depth_notes(survey_depth([*listing.part("train")[0], *listing.part("test")[0]])):
        described = listing.description
        tell(msgspec.structs.replace(described, notes=(*described.notes, *notes)))
    shape = suggested_shape([path for path, _ in listing.train])
    return Fit(shape, len(listing.classes), len(listing.train), len(listing.test))


def suggested_shape(paths: Sequence[Path]) -> tuple[int, int, int]:
    """The input that fits a set of pictures: by the middle one of some that are evenly spread over it.

    Raises:
        InputError: none of them can be read.
    """
    found = survey(paths, SURVEYED)
    side = max((side for side in SIDES if side <= found.middle), default=SIDES[0])
    return 1 if found.grey else 3, side, side


def _fit_of_arrays(opened: OpenedData, split: SplitRule, tell: Tell) -> Fit:
    held = read_arrays(opened.root, opened.arrays or ArrayFiles(), split)
    tell(describe_arrays(opened.named.name, held))
    images = held.parts["training"][0]
    shape = (1 if images.ndim == 3 else 3, *images.shape[1:3])
    selected = held.parts["validation" if "validation" in held.parts else "test"][1]
    return Fit(shape, len(held.classes), len(images), len(selected))


def estimate(
    job: Estimate, cancelled: Callable[[], bool] = lambda: False, clock: Callable[[], float] = time.perf_counter
) -> TrainingEstimated:
    """Time and memory of a whole training.

    Args:
        job: the question.
        cancelled: asked before each step whether the measuring is given up.
        clock: says the time in seconds.

    Raises:
        InputError: the design has no head, the recipe names what is not there or has to be unpacked first, or the
            measuring was given up.
    """
    check_trainable(job.spec)
    check_phases(job.spec, job.recipe)
    check_turns(job.spec, job.recipe)
    device = resolve_device(job.device)
    planned = plan(job.spec)
    precision = resolve_precision(job.recipe.precision, device)
    needed = run_memory(planned, job.recipe, precision)
    free, _ = free_memory(device)
    fit = job.fit or _fit_now(job.recipe)
    pictures = (fit.train_images + fit.test_images) * prod(job.spec.input)
    # Folders beyond that are streamed; arrays are then kept at their own size, and not on the device.
    whole = needed.total + (pictures if pictures <= MAX_BYTES else 0)
    if whole > RESERVE * free:
        return TrainingEstimated(job.job, None, None, whole, free, str(device), precision=precision)
    batch = min(job.recipe.batch_size, fit.train_images)
    epoch = steps_in_epoch(fit.train_images, batch, job.recipe.accumulate)
    passed = _passed(planned, job.recipe, epoch)
    trials = [_Trial(batch, cancelled, clock, phase) for phase in dict.fromkeys(phase for phase, _ in passed)]

    def of_phases(form: str) -> dict[Phase, _Pace]:
        return {trial.phase: _measured(planned, job.recipe, form, device, trial) for trial in trials}

    paces = of_phases(precision)
    learning = _sum(paces, passed)
    half = of_phases("bf16") if precision == "fp32" else {}
    # A pace on a busy computer and one on an idle one are no pair.
    like = all(half[phase].busy == paces[phase].busy for phase in half)
    bf16 = learning / _sum(half, passed) if half and like else 0.0
    shares = [(phase, count * _test_share(planned, phase)) for phase, count in passed]
    tests = fit.test_images / fit.train_images * _sum(paces, shares)
    threads = useful_threads(batch // job.recipe.accumulate * totals(planned).cost.macs) if device.type == "cpu" else 0
    return TrainingEstimated(
        job.job, learning + tests, learning / total_steps(job.recipe, epoch), whole, free, str(device), round(bf16, 2),
        precision, any(pace.busy for pace in paces.values()), threads,
    )  # fmt: skip


def _fit_now(recipe: Recipe) -> Fit:
    """The pictures of a recipe's data, looked at without a word.

    Raises:
        InputError: they have to be unpacked first, which would not be done without one, or are not there.
    """
    if will_unpack(Path(recipe.data)):
        raise InputError(f"Not measured: {recipe.data} is not unpacked yet; that is done when its set is looked at.")
    return fit_of(recipe.data, split=recipe.split)


def _passed(planned: Plan, recipe: Recipe, epoch: int) -> list[tuple[Phase, float]]:
    """The phases of a recipe, and the steps of each as if all of them computed everything; ``epoch`` has so many.

    A cached phase computes its frozen parts in one epoch only, and from then on what learns from them.
    """
    found: list[tuple[Phase, float]] = []
    for phase, count in zip(recipe.phases or (WHOLE,), steps_of_phases(recipe, epoch), strict=True):
        more = max(0, count - epoch) if phase.cached else 0
        learning = (1 - _frozen_share(planned, phase)) / TEST_SHARE * _test_share(planned, phase)
        found.append((phase, count - more + more * learning))
    return found


def _frozen_share(planned: Plan, phase: Phase) -> float:
    """The share of the MACs that frozen parts have."""
    frozen = frozen_parts(phase.frozen, len(planned.stages))
    macs = [(part, KINDS[layer.kind].macs(layer)) for part, _, layer in planned.parts()]
    return sum(count for part, count in macs if part < frozen) / max(1, sum(count for _, count in macs))


def _test_share(planned: Plan, phase: Phase) -> float:
    """A test against a step of a phase: frozen parts cost both a forward pass, the others a step three of them."""
    share = _frozen_share(planned, phase)
    return 1 / (share + (1 - share) / TEST_SHARE)


class _Trial(NamedTuple):
    """Pictures of a step, whether the measuring was given up meanwhile, what says the time, and the phase."""

    batch: int
    cancelled: Callable[[], bool]
    clock: Callable[[], float]
    phase: Phase


class _Pace(NamedTuple):
    """Seconds of a step where nothing else wants the cores, and whether something did while they were measured."""

    seconds: float
    busy: bool


def _sum(paces: dict[Phase, _Pace], steps: list[tuple[Phase, float]]) -> float:
    """Seconds of so many steps of each phase."""
    return sum(paces[phase].seconds * count for phase, count in steps)


def _measured(planned: Plan, recipe: Recipe, precision: str, device: torch.device, ask: _Trial) -> _Pace:
    """Seconds of an optimiser step: of whole ones where they are quick, else worked out from smaller batches.

    On a busy CPU they are those of one thread's processor time: how often it has its turn is another thing every
    minute, and several threads would be measured waiting for each other, or spinning meanwhile.
    """
    threads = torch.get_num_threads()
    batch = ask.batch
    try:
        if device.type == "cpu":
            torch.set_num_threads(useful_threads(batch // recipe.accumulate * totals(planned).cost.macs))
        layout = resolve_layout(recipe.layout)
        recipe = msgspec.structs.replace(recipe, compile=False)
        budget = BUDGET / len(set(recipe.phases) or {WHOLE})
        learner = TrainingStep(ResNet(planned).to(device), recipe, precision, layout, RankGroup())
        learner.begin_phase(ask.phase)
        full, shape = max(2 * recipe.accumulate, batch), planned.spec.input
        until = ask.clock() + budget
        sizes, times, meter = [min(full, 2 * recipe.accumulate)], [], LoadMeter()
        busy, tries = False, 3
        while True:
            # The first steps at a size choose kernels; the quickest of three is what a training sees.
            steps = [_one_step(learner, sizes[-1], shape, ask, meter if busy else None) for _ in range(tries)]
            wall = min(taken for taken, _ in steps)
            times.append(min(own for _, own in steps))
            if device.type == "cpu" and not busy and meter.read().is_kept_off(torch.get_num_threads()):
                # From the first size on again: times with different counts of threads say nothing of growth.
                busy, sizes, times, tries = True, sizes[:1], [], 3
                torch.set_num_threads(1)
                until = ask.clock() + budget
                continue
            growth = min(GROWTH, full / sizes[-1])
            short = until - ask.clock() < 4 * growth * wall
            # Of one size alone, what a step costs beside its pictures would count for each of them.
            if growth == 1 or (short and (len(sizes) > 1 or growth * wall > budget)):
                break
            tries = 2 if short else 3
            sizes.append(min(full, GROWTH * sizes[-1]))
        return _Pace(_of_whole_step(sizes, times, full), busy)
    finally:
        torch.set_num_threads(threads)
        if device.type == "cuda":
            # The training is another process: what this one caches would be missing there.
            gc.collect()
            torch.cuda.empty_cache()


def _of_whole_step(sizes: list[int], times: list[float], full: int) -> float:
    """Seconds of a step of ``full`` pictures from those of smaller ones, the last size being the largest."""
    in_proportion = times[-1] * full / sizes[-1]
    if sizes[-1] == full or len(sizes) == 1:
        return in_proportion
    # What a step costs beside its pictures does not grow with them.
    slope = (times[-1] - times[-2]) / (sizes[-1] - sizes[-2])
    return min(in_proportion, times[-1] + max(0.0, slope) * (full - sizes[-1]))


def _one_step(
    learner: TrainingStep, size: int, shape: Shape, ask: _Trial, meter: LoadMeter | None
) -> tuple[float, float]:
    """Seconds of a step, and how many of them one thread was computing, by a meter where others want its core."""
    if ask.cancelled():
        raise InputError("Not measured: a run has begun.")
    device = learner.device
    images = torch.randint(0, 256, (size, *shape), dtype=torch.uint8, device=device)
    labels = torch.zeros(size, dtype=torch.int64, device=device)
    if meter is not None:
        # Each step has another share of the core: that of all of them is not the quickest one's.
        meter.restart()
    begun = ask.clock()
    float(learner.learn((images, labels), 0, 100, size).loss)
    taken = ask.clock() - begun
    return taken, taken if meter is None else meter.read().share(1) * taken
