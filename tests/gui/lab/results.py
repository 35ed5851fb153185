"""Made results of experiments, written into their folders as an engine writes them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec

from resnet_gui.design.plan import plan
from resnet_gui.lab.experiments import EXPERIMENTS
from resnet_gui.lab.folder import ExperimentRecord, SeedFile, begun, experiment_folder, locked, write_record, write_seed
from resnet_gui.lab.measured.gradients import (
    DISTANCES,
    DesignGradients,
    GradientSeries,
    GradientSetup,
    GradientsMeasured,
    InputPair,
)
from resnet_gui.lab.measured.landscape import EDGE, ORDER, LandscapeSetup, LossSurface, steps
from resnet_gui.lab.measured.lesions import BlockDeletion, LesionSetup, LesionStudy, RandomDeletions
from resnet_gui.lab.networks import digits_spec
from resnet_gui.lab.results import ALL

CORRELATIONS = {"plain-20": 0.44, "plain-56": -0.05, "plain-110": -0.05,
                "ResNet-20": 0.85, "ResNet-56": 0.75, "ResNet-110": 0.62}  # fmt: skip


def keep(experiment: str, measured: Mapping[int, Mapping[str, msgspec.Struct]], *,
         seeds: Sequence[int] = (1, 2, 3), answers: Mapping[str, str] | None = None) -> ExperimentRecord:  # fmt: skip
    """Write the quick results of an experiment: seed -> role -> what was measured."""
    found = EXPERIMENTS[experiment]
    folder = experiment_folder(found, "quick")
    record = msgspec.structs.replace(begun(found, "quick"), seeds=tuple(seeds), answers=dict(answers or {}))
    write_record(folder, locked(record))
    for seed, by_role in measured.items():
        raw = {role: msgspec.Raw(msgspec.json.encode(value)) for role, value in by_role.items()}
        write_seed(folder, SeedFile(seed=seed, seconds=1.0, measured=raw))
    return record


def series(correlation: float, shift: float = 0.0) -> GradientSeries:
    """A series whose correlation falls by the same factor from point to point."""
    values = tuple(math.sin(0.3 * place + shift) for place in range(128))
    return GradientSeries(values, tuple(correlation**far if far else 1.0 for far in range(DISTANCES + 1)))


def gradients(seed: int, correlations: Mapping[str, float] | None = None) -> GradientsMeasured:
    """Gradients of the six networks of one seed."""
    designs = tuple(
        DesignGradients(
            name,
            int(name.rpartition("-")[2]),
            name.startswith("ResNet"),
            series(value + (0.01 + 1e-4 * place) * seed),
            1.0,
        )
        for place, (name, value) in enumerate((correlations or CORRELATIONS).items())
    )
    pair = InputPair((1, 1, 2), (0.0, 0.0), (1.0, 1.0), "3", "8")
    return GradientsMeasured(
        setup=GradientSetup(), seed=seed, pair=pair, designs=designs, white=series(0.0), brown=series(0.9),
        residual_slope=-0.2 + 1e-3 * seed,
    )  # fmt: skip


def keep_gradients(seeds: Sequence[int] = (1, 2, 3), answers: Mapping[str, str] | None = None) -> None:
    """Finished shattered gradients."""
    keep("shattered-gradients", {seed: {ALL: gradients(seed)} for seed in seeds}, seeds=seeds, answers=answers)


def lesions(depth: int, *, plain: bool) -> LesionStudy:
    """A study whose blocks all have another error, so that each can be told from the others."""
    spec = digits_spec(depth, shortcut="none" if plain else "A")
    deletions = tuple(
        BlockDeletion(location.path, "shortcut", 0.02 + 0.01 * number)
        if block.adds or block.input == block.output
        else BlockDeletion(location.path, "none", None, "shape changes")
        for number, (location, block) in enumerate(plan(spec).blocks())
    )
    draws = tuple(RandomDeletions(k, ((),), (0.1 * k, 0.1 * k + 0.02)) for k in (2, 4, 8))
    return LesionStudy(
        setup=LesionSetup(), pictures=360, measured_over=0, intact=0.017, chance=0.9, deletions=deletions,
        at_random=draws, swaps=(),
    )  # fmt: skip


def surface(count: int = EDGE * EDGE, training_loss: float = 0.03, steepness: float = 3.0) -> LossSurface:
    """A bowl, as far as the first so many points."""
    places = steps(1.0)
    losses = tuple(training_loss + steepness * (places[at.row] ** 2 + places[at.column] ** 2) for at in ORDER[:count])
    return LossSurface(LandscapeSetup(), "digest", 360, training_loss, losses)
