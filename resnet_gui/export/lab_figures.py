"""Which charts show what an experiment of the Lab has measured: one function a kind of measurement."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from resnet_gui.export.lab_charts import Chart, ChartLine, SurfaceChart
from resnet_gui.lab.experiment import Experiment
from resnet_gui.lab.measured.gradients import GradientsMeasured
from resnet_gui.lab.measured.landscape import LossSurface
from resnet_gui.lab.measured.lesions import LesionStudy
from resnet_gui.lab.measured.paths import PathsMeasured
from resnet_gui.lab.measured.probe import ProbesByDepth
from resnet_gui.lab.measured.propagation import PropagationMeasured
from resnet_gui.lab.measured.receptive_field import ReceptiveFieldMeasured
from resnet_gui.lab.measured.responses import ResponsesMeasured
from resnet_gui.lab.results import ALL, Results
from resnet_gui.sweeps.state import RunCell, SweepState

Figure = Chart | SurfaceChart
Curve = Sequence[float | None]


def figures(experiment: Experiment, results: Results, sweep: SweepState | None) -> tuple[Figure, ...]:
    """The charts of an experiment, as far as there is something to draw.

    Args:
        experiment: of the registry.
        results: of it.
        sweep: the runs that it has trained, for their curves.
    """
    if experiment.measures is None:
        return _training_curves(sweep) if sweep is not None else ()
    return tuple(_FIGURES[experiment.measures](experiment, results))


def line(label: str, curves: Iterable[tuple[Sequence[float], Curve]]) -> ChartLine:
    """A line over all x that a curve has; each curve is that of a seed."""
    found = [(tuple(x), tuple(y)) for x, y in curves]
    xs = tuple(sorted({x for xs, _ in found for x in xs}))
    rows = []
    for x, y in found:
        known = dict(zip(x, y, strict=False))
        rows.append(tuple(known.get(place) for place in xs))
    return ChartLine(label, xs, tuple(rows))


def _training_curves(sweep: SweepState) -> tuple[Chart, ...]:
    configurations = sweep.expansion.configurations
    plain = [one.number for one in configurations if not one.spec.adds]
    axes = "{} error %, by epoch"

    def curves(numbers: Collection[int], part: str) -> tuple[ChartLine, ...]:
        found = []
        for place, one in enumerate(configurations):
            if one.number in numbers:
                drawn = line(one.labels[0], map(_errors(part), sweep.cells_of(one.number)))
                found.append(msgspec.structs.replace(drawn, colour=place))  # that of its card among the designs
        return tuple(found)

    if len(plain) > 1:
        residual = [one.number for one in configurations if one.spec.adds]
        return (
            Chart(
                title="Plain networks",
                axes=axes.format("training"),
                x="epoch",
                y="training error (%)",
                lines=curves(plain, "train"),
            ),
            Chart(
                title="Residual networks",
                axes=axes.format("training"),
                x="epoch",
                y="training error (%)",
                lines=curves(residual, "train"),
            ),
        )
    every = [one.number for one in configurations]
    return (
        Chart(
            title="Training",
            axes=axes.format("training"),
            x="epoch",
            y="training error (%)",
            lines=curves(every, "train"),
        ),
        Chart(title="Test", axes=axes.format("test"), x="epoch", y="test error (%)", lines=curves(every, "test")),
    )


def _errors(part: str) -> Callable[[RunCell], tuple[list[float], Curve]]:
    def of(cell: RunCell) -> tuple[list[float], Curve]:
        errors = [100 * (it.train_error if part == "train" else it.test_error) for it in cell.epochs]
        return [float(epoch.epoch) for epoch in cell.epochs], errors

    return of


def _gradients(_: Experiment, results: Results) -> Iterable[Figure]:
    found: Mapping[int, GradientsMeasured] = results.measured.get(ALL, {})
    names = [design.name for one in list(found.values())[:1] for design in one.designs]
    lines = []
    for name in names:
        series = [design.series.autocorrelation for one in found.values() for design in one.designs
                  if design.name == name]  # fmt: skip
        lines.append(line(name, ((range(1, len(values)), values[1:]) for values in series)))
    yield Chart(
        title="Correlation of gradients",
        axes="by distance along the line, points",
        x="distance along the line (points)",
        y="correlation",
        lines=tuple(lines),
    )
    for one in list(found.values())[:1]:
        for title, wanted in (("plain", False), ("residual", True)):
            drawn = [design for design in one.designs if design.residual == wanted]
            lines = [
                line(design.name, [(range(len(design.series.values)), design.series.values)]) for design in drawn[::2]
            ]
            axes = f"along the line, over its standard deviation, seed {one.seed}"
            yield Chart(
                title=f"Gradient, {title}",
                axes=axes,
                x="point on the line",
                y="gradient / its deviation",
                lines=tuple(lines),
            )


def _propagation(_: Experiment, results: Results) -> Iterable[Figure]:
    found: Mapping[int, PropagationMeasured] = results.measured.get(ALL, {})
    names = [design.name for one in list(found.values())[:1] for design in one.designs]
    for title, figure in (("Variance", "variance"), ("Squared mean", "squared_mean")):
        lines = []
        for name in names:
            designs = [design for one in found.values() for design in one.designs if design.name == name]
            lines.append(
                line(
                    name,
                    (
                        (
                            [100 * (place + 1) / len(design.blocks) for place in range(len(design.blocks))],
                            [getattr(block, figure) for block in design.blocks],
                        )
                        for design in designs
                    ),
                )
            )
        axes = "of a channel, average, by depth % of the blocks"
        yield Chart(title=title, axes=axes, x="depth (% of the blocks)", y=title.lower(), lines=tuple(lines), log=True)


def _receptive_field(_: Experiment, results: Results) -> Iterable[Figure]:
    found: Mapping[int, ReceptiveFieldMeasured] = results.measured.get(ALL, {})
    lines = []
    for label, residual, trained in (
        ("plain", False, False), ("residual", True, False), ("trained", True, True),
    ):  # fmt: skip
        curves = []
        for one in found.values():
            fields = [it for it in one.fields if it.residual == residual and it.trained == trained]
            curves.append(([float(it.depth) for it in fields], [it.radius for it in fields]))
        if any(x for x, _ in curves):
            lines.append(line(label, curves))
    yield Chart(
        title="2σ radius",
        axes="pixels, by depth in layers",
        x="depth (layers)",
        y="2σ radius (pixels)",
        lines=tuple(lines),
    )


def _lesions(experiment: Experiment, results: Results) -> Iterable[Figure]:
    alone, several = [], []
    for role in experiment.roles:
        found: Mapping[int, LesionStudy] = results.measured.get(role.key, {})
        alone.append(
            line(
                role.title,
                (
                    (range(1, len(study.deletions) + 1), [_percent(one.error) for one in study.deletions])
                    for study in found.values()
                ),
            )
        )
        several.append(line(role.title, (_at_random(study) for study in found.values())))
    yield Chart(
        title="One block deleted",
        axes="test error %, by block",
        x="deleted block",
        y="test error (%)",
        lines=tuple(alone),
    )
    yield Chart(
        title="Several at once",
        axes="test error %, by blocks deleted at random",
        x="blocks deleted at random",
        y="test error (%)",
        lines=tuple(several),
    )


def _percent(error: float | None) -> float | None:
    return None if error is None else 100 * error


def _at_random(study: LesionStudy) -> tuple[list[float], Curve]:
    x, y = [0.0], [100 * study.intact]
    for one in study.at_random:
        if one.errors:
            x.append(float(one.count))
            y.append(100 * math.fsum(one.errors) / len(one.errors))
    return x, y


def _paths(experiment: Experiment, results: Results) -> Iterable[Figure]:
    norms, shares = [], []
    for role in experiment.roles:
        found: Mapping[int, PathsMeasured] = results.measured.get(role.key, {})
        norms.append(line(role.title, _by_length(found, lambda one: one.norm)))
        shares.append(line(role.title, _by_length(found, lambda one: 100 * one.share)))
    yield Chart(
        title="Gradient of a path",
        axes="norm at the input, by length",
        x="length (blocks)",
        y="gradient norm at the input",
        lines=tuple(norms),
        log=True,
    )
    yield Chart(
        title="Share of all gradient",
        axes="count × norm, %, by length",
        x="length (blocks)",
        y="share (%)",
        lines=tuple(shares),
    )


def _by_length(
    found: Mapping[int, PathsMeasured], figure: Callable[[Any], float]
) -> Iterable[tuple[Sequence[float], Curve]]:
    for one in found.values():
        yield [float(each.length) for each in one.lengths], [figure(each) for each in one.lengths]


def _responses(experiment: Experiment, results: Results) -> Iterable[Figure]:
    in_order, ranked = [], []
    for role in experiment.roles:
        found: Mapping[int, ResponsesMeasured] = results.measured.get(role.key, {})
        in_order.append(line(role.title, ((_numbers(one), [it.std for it in one.layers]) for one in found.values())))
        ranked.append(line(role.title, ((_numbers(one), [it.std for it in one.ranked]) for one in found.values())))
    yield Chart(
        title="Responses", axes="standard deviation, by layer", x="layer", y="standard deviation", lines=tuple(in_order)
    )
    yield Chart(
        title="Responses, ranked",
        axes="standard deviation, the strongest first",
        x="layer, the strongest first",
        y="standard deviation",
        lines=tuple(ranked),
    )


def _numbers(one: ResponsesMeasured) -> list[float]:
    return [float(number) for number in range(1, len(one.layers) + 1)]


def _probes(experiment: Experiment, results: Results) -> Iterable[Figure]:
    lines = []
    for role in experiment.roles:
        found: Mapping[int, ProbesByDepth] = results.measured.get(role.key, {})
        lines.append(
            line(
                role.title,
                ((range(len(one.probes)), [100 * it.test_error for it in one.probes]) for one in found.values()),
            )
        )
    yield Chart(
        title="Linear probes",
        axes="test error %, by block (0: stem)",
        x="block (0: stem)",
        y="test error (%)",
        lines=tuple(lines),
    )


def _landscape(experiment: Experiment, results: Results) -> Iterable[Figure]:
    shown: list[tuple[str, LossSurface]] = []
    for role in experiment.roles:
        found: Mapping[int, LossSurface] = results.measured.get(role.key, {})
        shown += [(role.title, surface) for surface in list(found.values())[:1]]
    losses = [loss for _, surface in shown for loss in surface.losses if loss is not None and 0 < loss < math.inf]
    for title, surface in shown:
        yield SurfaceChart(
            title=title, caption=f"{surface.caption}; training loss {surface.training_loss:.3g}",
            rows=surface.grid(), low=min(losses, default=1.0), high=max(losses, default=2.0),
            extent=surface.setup.extent,
        )  # fmt: skip


_FIGURES: Final[dict[type, Callable[[Experiment, Results], Iterable[Figure]]]] = {
    GradientsMeasured: _gradients,
    PropagationMeasured: _propagation,
    ReceptiveFieldMeasured: _receptive_field,
    LesionStudy: _lesions,
    PathsMeasured: _paths,
    ResponsesMeasured: _responses,
    ProbesByDepth: _probes,
    LossSurface: _landscape,
}
