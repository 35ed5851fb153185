"""Evaluations by a real engine: asked, shown meanwhile, given up, and killed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from resnet_gui.base.files import evaluations_folder
from resnet_gui.engine.evaluate.measuring import evaluated
from resnet_gui.evaluation.folder import list_evaluations, read_evaluation
from resnet_gui.protocol.evaluation_events import EvaluationCounted, EvaluationMeasured
from resnet_gui.protocol.evaluation_messages import ShowEvaluated
from resnet_gui.protocol.events import JobDone, ThumbnailsLoaded
from resnet_gui.protocol.jobs import Drop
from tests.conftest import EngineChild
from tests.engine.evaluate.colour_network import draw_colours, measure_job, save_colours


@pytest.mark.prove
def test_an_engine_measures_is_given_up_and_when_it_is_killed_nothing_looks_whole(
    start_engine: Callable[..., EngineChild], tmp_path: Path
) -> None:
    model = save_colours(tmp_path / "model.safetensors")
    few = draw_colours(tmp_path / "few", {"red": 3, "blue": 3})
    many = draw_colours(tmp_path / "many", {"red": 3000, "blue": 3000})
    engine = start_engine()
    engine.send(measure_job(model, few))
    whole = engine.wait_for(EvaluationMeasured)
    assert read_evaluation(Path(whole.folder)).record.correct == 6
    engine.send(measure_job(model, many), ShowEvaluated(2, whole.folder, (0, 5)))
    assert len(engine.wait_for(ThumbnailsLoaded).pictures) == 2
    engine.send(Drop(1))
    assert engine.wait_for(JobDone).job == 1
    engine.send(measure_job(model, many))
    engine.wait_for(EvaluationCounted)
    engine.kill()
    found, problems = list_evaluations()
    assert ([each.folder for each in found], problems) == ([Path(whole.folder)], [])
    again = evaluated(measure_job(model, many), lambda _event: None, lambda: True)
    assert not again.found
    # What the killed engine had left is gone with the next measurement.
    assert sorted(path.name for path in evaluations_folder().iterdir()) == sorted(
        Path(folder).name for folder in (whole.folder, again.folder)
    )
