"""The quick scale holds its bands with other seeds than those that they were found with: ten of ten repetitions."""

from __future__ import annotations

import pytest

from resnet_gui.engine.lab.runner import measure_experiment
from resnet_gui.engine.train.control import Control
from resnet_gui.lab.experiments import EXPERIMENTS
from resnet_gui.lab.outcomes import claim_outcomes
from resnet_gui.lab.reader import ResultsReader
from resnet_gui.protocol.lab_messages import MeasureExperiment

BANDS = {
    "shattered-gradients": ("shatter", "whole"),
    "signal-propagation": ("grows", "resets", "plain-flat"),
    "degradation": ("plain-degrades", "shortcuts-cure", "no-worse", "no-parameters"),
}
"""Experiment -> claims whose mean lies where they hold, whatever the seeds."""


@pytest.mark.prove
@pytest.mark.parametrize("repetition", range(10))
@pytest.mark.parametrize("experiment", BANDS)
def test_a_quick_band_holds_with_any_three_seeds(experiment: str, repetition: int) -> None:
    seeds = tuple(range(100 + 3 * repetition, 103 + 3 * repetition))
    job = MeasureExperiment(job=1, experiment=experiment, seeds=seeds, device="cpu")
    measure_experiment(job, lambda _event: None, Control(), lambda: False)
    results = ResultsReader(EXPERIMENTS[experiment], "quick").read()
    assert results.complete
    for outcome in claim_outcomes(EXPERIMENTS[experiment], results):
        if outcome.claim.key in BANDS[experiment]:
            assert outcome.estimate is not None
            assert outcome.claim.bound.low <= outcome.estimate.mean <= outcome.claim.bound.high, outcome
            assert outcome.verdict != "not reproduced"
