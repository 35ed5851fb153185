"""The experiments of the Lab, one a file, in the order of the list."""

from __future__ import annotations

import difflib
from typing import Final

from resnet_gui.base.errors import InputError
from resnet_gui.lab.experiment import Experiment
from resnet_gui.lab.experiments import (
    degradation,
    layer_responses,
    lesion_study,
    loss_landscape,
    orders_bench,
    probe_by_depth,
    receptive_field,
    shattered_gradients,
    shortcut_bench,
    signal_propagation,
    start_up_remedies,
    unravelled_paths,
)

EXPERIMENTS: Final[dict[str, Experiment]] = {
    module.EXPERIMENT.key: module.EXPERIMENT
    for module in (
        shattered_gradients, signal_propagation, receptive_field,
        lesion_study, unravelled_paths, layer_responses, probe_by_depth, loss_landscape,
        degradation, shortcut_bench, orders_bench, start_up_remedies,
    )
}  # fmt: skip
"""By key, group by group."""


def find_experiment(name: str) -> Experiment:
    """The experiment of a key or title; case, spaces and underscores do not matter.

    Raises:
        InputError: there is none; the sentence offers the nearest.
    """
    bare = name.strip().casefold().replace(" ", "-").replace("_", "-")
    if bare in EXPERIMENTS:
        return EXPERIMENTS[bare]
    near = difflib.get_close_matches(bare, EXPERIMENTS, n=1)
    hint = f"did you mean '{near[0]}'?" if near else "'resnet-gui lab list' lists them."
    raise InputError(f"There is no experiment '{name}'; {hint}")
