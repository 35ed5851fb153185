"""Designs from every corner of the space are trained, stopped and resumed exactly, saved and loaded again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from resnet_gui.design.spec import ResNetSpec
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.run import train
from resnet_gui.network.weights import load_model
from resnet_gui.protocol.jobs import Resume, Train
from resnet_gui.runs.events import RunEvent, StepDone
from resnet_gui.runs.folder import BEST_FILE
from resnet_gui.training.recipe import Recipe

SMALL: dict[str, Any] = {
    "block": "basic", "blocks": (1, 1), "widths": (8, 16), "stem": "cifar", "classes": 2, "input": (1, 8, 8)
}  # fmt: skip
CORNERS: dict[str, dict[str, Any]] = {
    "dropout and stochastic depth": {"dropout": 0.3, "stochastic_depth": 0.5},
    "dropout on the shortcut": {"ablation": "dropout", "shortcut": "A"},
    "gating before the activation": {"order": "full_preact", "ablation": "exclusive_gating"},
    "group norm, SiLU, excitation": {"norm": "group", "norm_groups": 4, "activation": "silu", "se_ratio": 4},
    "no norm, hidden layer, zero init": {
        "norm": "none", "conv_bias": True, "hidden": (8,), "head": "flatten", "zero_init": True,
    },
}  # fmt: skip


def run(folder: Path, pictures: Path, spec: ResNetSpec, stop_at: int = 0) -> str:
    """The hash of the final weights; stopped and resumed on the way if told so."""
    control = Control()

    def react(event: RunEvent) -> None:
        if stop_at and isinstance(event, StepDone) and event.step == stop_at:
            control.stop()

    recipe = Recipe(data=str(pictures), epochs=2, batch_size=8)
    ended = train(Train(1, str(folder), "corner", spec, recipe, "cpu"), react, control)
    if stop_at:
        assert ended.status == "stopped"
        torch.manual_seed(987)
        ended = train(Resume(1, str(folder), None), lambda _event: None, Control())
    assert ended.status == "finished", ended.message
    assert ended.result is not None
    return ended.result.weights_sha256


@pytest.mark.parametrize("corner", CORNERS)
def test_a_design_of_every_corner_trains_and_resumes_exactly_and_its_weights_say_what_they_are(
    corner: str, tmp_path: Path, picture_folder: Path
) -> None:
    spec = ResNetSpec(**SMALL | CORNERS[corner])
    whole = run(tmp_path / "whole", picture_folder, spec)
    assert run(tmp_path / "halves", picture_folder, spec, stop_at=3) == whole
    _, info = load_model(tmp_path / "whole" / BEST_FILE)
    assert info.spec == spec
