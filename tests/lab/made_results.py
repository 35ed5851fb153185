"""Results that nobody measured, with figures that are known, for every experiment."""

from __future__ import annotations

import math
from collections.abc import Mapping

from resnet_gui.design.spec import ResNetSpec
from resnet_gui.lab.experiments import EXPERIMENTS
from resnet_gui.lab.experiments import receptive_field as fields_experiment
from resnet_gui.lab.experiments import signal_propagation as signals
from resnet_gui.lab.measured.gradients import (
    DesignGradients,
    GradientSeries,
    GradientSetup,
    GradientsMeasured,
    InputPair,
    residual_slope,
)
from resnet_gui.lab.measured.landscape import EDGE, ORDER, LandscapeSetup, LossSurface
from resnet_gui.lab.measured.lesions import BlockDeletion, LesionSetup, LesionStudy, RandomDeletions
from resnet_gui.lab.measured.paths import LengthGradients, PathSetup, PathsMeasured, path_counts
from resnet_gui.lab.measured.probe import DepthProbe, ProbesByDepth, ProbeSetup
from resnet_gui.lab.measured.propagation import BlockSignal, DesignSignal, PropagationMeasured, PropagationSetup
from resnet_gui.lab.measured.receptive_field import EffectiveField, ReceptiveFieldMeasured, ReceptiveFieldSetup
from resnet_gui.lab.measured.responses import LayerResponse, ResponseSetup, ResponsesMeasured
from resnet_gui.lab.results import ALL, NetworkOfRole, Results, ScaleKey, TrainedRun

SEEDS = (1, 2, 3)
PICTURES: dict[ScaleKey, tuple[int, int]] = {"quick": (1437, 360), "cifar": (50_000, 10_000), "paper": (50_000, 10_000)}
"""Scale -> pictures of the training and of the test part."""

JITTER = {1: -1.0, 2: 0.0, 3: 1.0}
"""What makes seeds differ, in units that each figure scales down."""


NETWORKS = {
    "residual": NetworkOfRole(56, True, 10), "plain": NetworkOfRole(20, False, 10),
    "residual-20": NetworkOfRole(20, True, 10),
}  # fmt: skip
"""The networks of a lesion study."""

PAIRS = {
    "residual": NetworkOfRole(32, True, 10), "plain": NetworkOfRole(32, False, 10),
    "residual-20": NetworkOfRole(20, True, 10), "plain-20": NetworkOfRole(20, False, 10),
}  # fmt: skip
"""Those of loss landscapes."""


def trained(
    experiment: str, figures: Mapping[str, tuple[float, float, float]], scale: ScaleKey = "quick", jitter: float = 1e-4
) -> Results:
    """A training experiment in which networks end with these figures, and those left out at 0.

    Args:
        experiment: its key.
        figures: network -> training error, test error and early error (fractions).
        scale: of it.
        jitter: by which seeds differ.
    """
    found = EXPERIMENTS[experiment].scale(scale)
    assert found is not None
    assert found.sweep is not None
    networks = found.sweep.axes[0].labels
    assert set(figures) <= set(networks)
    runs: dict[str, dict[int, TrainedRun]] = {}
    for place, name in enumerate(networks):
        train, test, early = figures.get(name, (0.0, 0.0, 0.0))
        # Another jitter for each network, so that differences have a deviation too.
        runs[name] = {
            seed: TrainedRun(
                train_error=train + jitter * JITTER[seed] * (1 + place % 3),
                test_error=test + jitter * JITTER[seed] * (1 + place % 3),
                train_loss=1.0,
                test_loss=1.0,
                early_error=early + jitter * JITTER[seed] * (1 + place % 3),
                train_images=PICTURES[scale][0],
                test_images=PICTURES[scale][1],
                early_images=50 * 64,
            )
            for seed in SEEDS
        }
    return Results(scale=scale, seeds=SEEDS, trained=runs)


def gradients(neighbours: Mapping[str, float]) -> Results:
    """Correlations of neighbours by network."""

    def of(seed: int) -> GradientsMeasured:
        designs = tuple(
            DesignGradients(
                name, int(name.split("-")[1]), name.startswith("R"),
                GradientSeries((0.0,), (1.0, value + 1e-3 * JITTER[seed] * (1 + place % 2))), 1.0,
            )
            for place, (name, value) in enumerate(neighbours.items())
        )  # fmt: skip
        noise = GradientSeries((0.0,), (1.0, 0.0))
        pair = InputPair((1, 1, 2), (0.0, 1.0), (1.0, 0.0))
        return GradientsMeasured(
            setup=GradientSetup(), seed=seed, pair=pair, designs=designs, white=noise, brown=noise,
            residual_slope=residual_slope(designs),
        )  # fmt: skip

    return Results(scale="quick", seeds=SEEDS, measured={ALL: {seed: of(seed) for seed in SEEDS}})


def propagation(growth: float, reset: float, plain_growth: float) -> Results:
    """Growth of the variance within the first stage, and what the second begins with."""

    def of(seed: int) -> PropagationMeasured:
        far = 1 + 1e-3 * JITTER[seed]

        def design(name: str, grown: float, begins: float) -> DesignSignal:
            blocks = (
                BlockSignal("layer1.0", 0, 0.0, 1.0, 1.0),
                BlockSignal("layer1.1", 0, 0.0, grown * far, 1.0),
                BlockSignal("layer2.0", 1, 0.0, grown * begins, 1.0),
            )
            return DesignSignal(name, 56, residual=True, stem=1.0, blocks=blocks)

        designs = (design(signals.PRE, growth, reset), design(signals.PLAIN, plain_growth, 1.0))
        return PropagationMeasured(setup=PropagationSetup(), seed=seed, designs=designs)

    return Results(scale="quick", seeds=SEEDS, measured={ALL: {seed: of(seed) for seed in SEEDS}})


def receptive(
    radius_at_20: float, slope: float, residual_share: float, *, area: int = 400, grown: float = 0.0
) -> Results:
    """Fields whose radius follows a power of depth; residual ones are a share of the plain ones."""

    def of(seed: int) -> ReceptiveFieldMeasured:
        def field(family: str, depth: int, factor: float, more: float = 0.0) -> EffectiveField:
            radius = factor * radius_at_20 * (depth / 20) ** slope * (1 + 1e-5 * JITTER[seed] * factor * depth)
            return EffectiveField(
                name=f"{family}-{depth}", depth=depth, residual=family == "ResNet", trained=bool(more), theory=64,
                height=1, width=1, centre=(0, 0), values=(1.0,), radius=radius + more, area=area + seed, cut_off=False,
            )  # fmt: skip

        found = [
            field(family, depth, factor)
            for family, factor in (("plain", 1.0), ("ResNet", residual_share))
            for depth in fields_experiment.DEPTHS
        ]
        if grown:
            found.append(field("ResNet", 20, residual_share, grown + 1e-3 * JITTER[seed]))
        return ReceptiveFieldMeasured(setup=ReceptiveFieldSetup(), seed=seed, fields=tuple(found))

    return Results(scale="quick", seeds=SEEDS, measured={ALL: {seed: of(seed) for seed in SEEDS}})


def lesion_study(seed: int, alone: tuple[float | None, ...], several: Mapping[int, float]) -> LesionStudy:
    """A study with these errors without each block, and without so many."""
    far = 1e-4 * JITTER[seed]
    return LesionStudy(
        setup=LesionSetup(), pictures=360, measured_over=0, intact=0.02 + far, chance=0.9,
        deletions=tuple(
            BlockDeletion(f"layer1.{place}", "shortcut", None if error is None else error + 2 * far)
            for place, error in enumerate(alone)
        ),
        at_random=tuple(
            RandomDeletions(count, (("layer1.0",),), (error + far * count,)) for count, error in several.items()
        ),
        swaps=(),
    )  # fmt: skip


def lesions(
    residual: tuple[float | None, ...] = (0.03,) * 27,
    plain: tuple[float | None, ...] = (0.9,) * 9,
    shallow: tuple[float | None, ...] = (0.3,) * 9,
    several: Mapping[int, float] = {2: 0.05, 4: 0.1, 8: 0.3},
) -> Results:
    """Errors of the three networks without each block, and of the residual one without several."""
    roles = {"residual": residual, "plain": plain, "residual-20": shallow}
    return Results(
        scale="quick", seeds=SEEDS, networks=NETWORKS,
        measured={
            role: {seed: lesion_study(seed, errors, several) for seed in SEEDS} for role, errors in roles.items()
        },
    )  # fmt: skip


def paths(log_norms: tuple[float, ...]) -> Results:
    """Norms (natural logarithms) of the paths of each length from 0 on."""

    def of(seed: int) -> PathsMeasured:
        blocks = len(log_norms) - 1
        norms = [math.exp(log + 1e-3 * JITTER[seed] * (place % 3)) for place, log in enumerate(log_norms)]
        totals = [norm * count for norm, count in zip(norms, path_counts(blocks), strict=True)]
        lengths = tuple(
            LengthGradients(length, count, (norm,), total / (sum(totals) or 1))
            for length, (norm, count, total) in enumerate(zip(norms, path_counts(blocks), totals, strict=True))
        )
        return PathsMeasured(setup=PathSetup(), seed=seed, name="made", blocks=blocks, pictures=8, lengths=lengths)

    return Results(scale="quick", seeds=SEEDS, measured={"residual": {seed: of(seed) for seed in SEEDS}})


def responses(means: Mapping[str, float]) -> Results:
    """Mean responses by role."""

    def of(mean: float, seed: int, place: int) -> ResponsesMeasured:
        std = mean + 1e-3 * JITTER[seed] * (1 + place)
        return ResponsesMeasured(
            setup=ResponseSetup(), name="made", depth=20, residual=True, pictures=8,
            layers=(LayerResponse("a", std), LayerResponse("b", std)),
        )  # fmt: skip

    return Results(
        scale="quick", seeds=SEEDS,
        measured={
            role: {seed: of(mean, seed, place) for seed in SEEDS} for place, (role, mean) in enumerate(means.items())
        },
    )  # fmt: skip


def probes(errors: tuple[float, ...], own: float = 0.02, pictures: int = 360) -> Results:
    """Test errors of the probes by depth, and of the network itself."""

    def of(seed: int) -> ProbesByDepth:
        found = tuple(
            DepthProbe(f"layer1.{place}", 16, error, error + 1e-4 * JITTER[seed] * (1 + place % 2))
            for place, error in enumerate(errors)
        )
        return ProbesByDepth(
            setup=ProbeSetup(),
            train_pictures=1437,
            test_pictures=pictures,
            probes=found,
            train_error=own,
            test_error=own,
        )

    return Results(scale="quick", seeds=SEEDS, measured={"residual": {seed: of(seed) for seed in SEEDS}})


def surface(seed: int, steepness: float, training_loss: float = 0.02) -> LossSurface:
    """A surface of a paraboloid of log loss, whose bends grow with the steepness."""
    middle = EDGE // 2
    losses = tuple(
        training_loss
        * math.exp(steepness * (1 + 1e-3 * JITTER[seed]) * ((p.row - middle) ** 2 + (p.column - middle) ** 2) / 100)
        for p in ORDER
    )
    return LossSurface(LandscapeSetup(seed=seed), "made", 360, training_loss, losses)


def landscapes(
    deep: tuple[float, float] = (3.0, 1.0), shallow: tuple[float, float] = (1.1, 1.0), plain_loss: float = 0.02
) -> Results:
    """Steepness of the surfaces: plain and residual, of the deep pair and of the shallow one."""
    return Results(
        scale="quick", seeds=SEEDS, networks=PAIRS,
        measured={
            "plain": {seed: surface(seed, deep[0] * (1 + 1e-3 * seed), plain_loss) for seed in SEEDS},
            "residual": {seed: surface(seed, deep[1]) for seed in SEEDS},
            "plain-20": {seed: surface(seed, shallow[0] * (1 + 1e-3 * seed)) for seed in SEEDS},
            "residual-20": {seed: surface(seed, shallow[1]) for seed in SEEDS},
        },
    )  # fmt: skip


def spec_of(experiment: str, network: str) -> ResNetSpec:
    """The design of a network of an experiment's quick sweep."""
    from resnet_gui.sweeps.sweep import expanded

    scale = EXPERIMENTS[experiment].scales[0]
    assert scale.sweep is not None
    return next(one.spec for one in expanded(scale.sweep).configurations if one.labels[0] == network)
