"""What a training in phases will cost: each phase is measured, and the whole is their sum."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from resnet_gui.analysis.costs import totals
from resnet_gui.base.errors import RecipeError
from resnet_gui.design.choices import KINDS
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import find_preset
from resnet_gui.engine.devices import useful_threads
from resnet_gui.engine.train import estimate
from resnet_gui.protocol.events import Fit
from resnet_gui.protocol.jobs import Estimate
from resnet_gui.training.phases import Phase
from resnet_gui.training.recipe import Recipe

SPEC = find_preset("digits-resnet").spec
FIT = Fit((1, 8, 8), 10, 100, 50)
STEPS = 10  # an epoch
PHASES = (Phase(epochs=2, frozen="backbone"), Phase(epochs=3, frozen="stage1"), Phase())


def test_each_phase_is_measured_and_the_whole_is_their_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    costs = {"backbone": 1.0, "stage1": 2.0, "nothing": 3.0}

    def measured(_plan: object, _recipe: object, form: str, _device: object, trial: Any) -> estimate._Pace:
        return estimate._Pace(costs[trial.phase.frozen] * (1.0 if form == "fp32" else 0.5), busy=False)

    monkeypatch.setattr(estimate, "_measured", measured)
    recipe = Recipe(epochs=10, batch_size=10, precision="fp32", phases=PHASES)
    found = estimate.estimate(Estimate(1, SPEC, recipe, "cpu", FIT))
    learning = STEPS * (2 * 1.0 + 3 * 2.0 + 5 * 3.0)
    planned = plan(SPEC)
    macs = [(part, KINDS[layer.kind].macs(layer)) for part, _, layer in planned.parts()]
    tests = 0.0
    for seconds, epochs, frozen in ((1.0, 2, len(SPEC.blocks) + 1), (2.0, 3, 2), (3.0, 5, 0)):
        below, above = (sum(count for part, count in macs if (part < frozen) == is_below) for is_below in (True, False))
        # A test is one forward pass; a step is one of what is frozen and three of the rest.
        tests += epochs * STEPS * seconds * 50 / 100 * (below + above) / (below + 3 * above)
    assert found.seconds == pytest.approx(learning + tests)
    assert found.step_seconds == pytest.approx(learning / (10 * STEPS))
    assert found.bf16_speed == 2.0
    assert found.threads == useful_threads(10 * totals(planned).cost.macs), "as the run itself would choose"


@pytest.mark.parametrize("frozen", ["backbone", "stage1"])
def test_a_cached_phase_costs_one_pass_over_the_pictures_and_what_learns_from_them(
    frozen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimate, "_measured", lambda *_: estimate._Pace(1.0, busy=False))
    found = []
    fit = msgspec.structs.replace(FIT, test_images=0)
    for epochs in (1, 100):
        phases = (Phase(frozen=frozen, cached=True),)
        recipe = Recipe(epochs=epochs, batch_size=10, precision="bf16", phases=phases)
        found.append(estimate.estimate(Estimate(1, SPEC, recipe, "cpu", fit)).seconds)
    parts = len(SPEC.blocks) + 1 if frozen == "backbone" else 2
    macs = [(part, KINDS[layer.kind].macs(layer)) for part, _, layer in plan(SPEC).parts()]
    below, above = (sum(count for part, count in macs if (part < parts) == is_below) for is_below in (True, False))
    assert found[0] == pytest.approx(STEPS)
    assert found[1] == pytest.approx(STEPS * (1 + 99 * 3 * above / (below + 3 * above)))


def test_frozen_parts_are_measured_as_they_are_trained() -> None:
    recipe = Recipe(epochs=10, batch_size=10, precision="bf16", phases=PHASES)
    found = estimate.estimate(Estimate(1, SPEC, recipe, "cpu", FIT))
    assert found.seconds is not None
    assert found.seconds > 0


def test_a_phase_of_another_design_is_refused_before_anything_is_measured() -> None:
    with pytest.raises(RecipeError, match=r"phases freeze stage9, but the design has"):
        estimate.estimate(Estimate(1, SPEC, Recipe(phases=(Phase(frozen="stage9"),)), "cpu", FIT))
