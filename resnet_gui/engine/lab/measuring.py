"""From an experiment's set-up and its networks to what ``lab.measured`` keeps: one function an experiment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import torch

from resnet_gui.design.spec import ResNetSpec
from resnet_gui.engine.lab.finished_run import FinishedRun, Report, open_run
from resnet_gui.engine.lab.gradients import measure_gradients
from resnet_gui.engine.lab.landscape import Landscape
from resnet_gui.engine.lab.lesions import study_lesions
from resnet_gui.engine.lab.paths import measure_paths
from resnet_gui.engine.lab.probe import probe_depths
from resnet_gui.engine.lab.propagation import measure_propagation
from resnet_gui.engine.lab.receptive_field import measure_receptive_field
from resnet_gui.engine.lab.responses import measure_responses
from resnet_gui.lab.measured.gradients import GradientSetup
from resnet_gui.lab.measured.landscape import ORDER, LandscapeSetup, LossSurface
from resnet_gui.lab.measured.lesions import LesionSetup
from resnet_gui.lab.measured.paths import PathSetup
from resnet_gui.lab.measured.probe import ProbeSetup
from resnet_gui.lab.measured.propagation import PropagationSetup
from resnet_gui.lab.measured.receptive_field import ReceptiveFieldSetup
from resnet_gui.lab.measured.responses import ResponseSetup


class Request(NamedTuple):
    """One measurement of a seed.

    Attributes:
        setup: how it is measured.
        seed: of what is drawn for it.
        device: where it is computed.
        report: takes the share that is done; may raise to end it.
        keep: takes what is there so far, of a measurement that can be gone on with.
        begun: what was kept of it before; None for nothing.
    """

    setup: Any
    seed: int
    device: torch.device
    report: Report
    keep: Callable[[msgspec.Struct], None]
    begun: msgspec.Struct | None = None


Designs = Sequence[tuple[str, ResNetSpec]]


def measure_designs(request: Request, designs: Designs, runs: Sequence[Path] = ()) -> msgspec.Struct:
    """Measure freshly drawn networks, and where the set-up has a use for them, trained ones beside their drawn twins.

    Raises:
        InputError: one of them cannot be measured so.
    """
    match request.setup:
        case GradientSetup() as gradients:
            return measure_gradients(designs, gradients, request.seed, request.report, request.device)
        case PropagationSetup() as propagation:
            return measure_propagation(designs, propagation, request.seed, request.report, request.device)
        case ReceptiveFieldSetup() as field:
            opened = [open_run(folder, request.device) for folder in runs]
            trained = [(run.info.name, run.network.model) for run in opened]
            twins = [(run.info.name, run.info.spec) for run in opened]
            return measure_receptive_field(
                [*designs, *twins], trained, field, request.seed, request.report, request.device
            )
        case setup:
            raise TypeError(f"no designs are measured with {type(setup).__name__}")


def measure_run(request: Request, run: FinishedRun) -> msgspec.Struct:
    """Measure a finished run.

    Raises:
        InputError: it cannot be measured so.
    """
    match request.setup:
        case LesionSetup() as lesions:
            drawn = msgspec.structs.replace(lesions, seed=request.seed)
            read = run.train(drawn.measuring_pictures) if drawn.statistics == "remeasured" else None
            return study_lesions(run.network, run.test(drawn.pictures), read, drawn, request.report)
        case PathSetup() as paths:
            pictures = run.train(paths.pictures)
            return measure_paths(run.info.name, run.network, pictures, paths, request.seed, request.report)
        case ResponseSetup() as responses:
            pictures = run.train(responses.pictures)
            return measure_responses(run.info.name, run.network, pictures, responses, request.report)
        case ProbeSetup() as probe:
            train, test = run.train(probe.train_pictures), run.test(probe.test_pictures)
            return probe_depths(run.network, train, test, probe, request.report)
        case LandscapeSetup() as landscape:
            return _surface(request, msgspec.structs.replace(landscape, seed=request.seed), run)
        case setup:
            raise TypeError(f"no run is measured with {type(setup).__name__}")


KEEP_EVERY: Final = 24
"""Points of a surface after which it is kept, so that a killed measurement goes on near where it was."""


def _surface(request: Request, setup: LandscapeSetup, run: FinishedRun) -> LossSurface:
    landscape = Landscape(run.network, run.train(setup.pictures), setup)
    begun, surface = request.begun, landscape.empty
    if isinstance(begun, LossSurface) and _same(begun, landscape):
        surface = begun
    for further in landscape.surface(surface):
        surface = further
        request.report(len(surface.losses) / len(ORDER))
        if len(surface.losses) % KEEP_EVERY == 0 and not surface.finished:
            request.keep(surface)
    return surface


def _same(begun: LossSurface, landscape: Landscape) -> bool:
    """Whether a surface that was begun is this one; another is computed from the beginning."""
    empty = landscape.empty
    return (begun.setup, begun.weights, begun.pictures) == (empty.setup, empty.weights, empty.pictures)
