"""Both panels with a real engine: twelve pictures, the network inside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from resnet_gui.evaluation.folder import read_evaluation
from resnet_gui.gui.client.latest import LatestRequests
from resnet_gui.gui.evaluate.depth.panel import DepthPanel
from resnet_gui.gui.evaluate.robustness.panel import RobustnessPanel
from resnet_gui.gui.evaluate.state import EvaluateState
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.protocol.evaluation_events import EvaluationMeasured
from resnet_gui.protocol.evaluation_messages import MeasureEvaluation
from resnet_gui.protocol.events import Event, Failed
from resnet_gui.protocol.model_request import ModelRequest
from tests.gui.driving import START
from tests.gui.predict.predicting import WarmEngine

CLASSES = ("cat", "ship", "truck")


def test_what_an_engine_measures_is_what_the_panels_show(
    qtbot: QtBot, warm: WarmEngine, theme: Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESNET_GUI_HOME", str(warm.home))
    rng = np.random.default_rng(0)
    for number in range(12):
        path = tmp_path / CLASSES[number % 3] / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)).save(path)
    heard: list[Event] = []
    asking = LatestRequests(warm.engines)
    asking.answered.connect(lambda _kind, event: heard.append(event))

    def until(done: Callable[[], bool]) -> None:
        failed = [event for event in heard if isinstance(event, Failed)]
        assert not failed
        qtbot.waitUntil(done, timeout=START)

    request = ModelRequest(model="cifar10-resnet20", device="cpu")
    asking.ask("measure", lambda job: MeasureEvaluation(job=job, model_request=request, data=str(tmp_path)))
    until(lambda: any(isinstance(event, EvaluationMeasured) for event in heard))
    folder = next(Path(event.folder) for event in heard if isinstance(event, EvaluationMeasured))
    state = EvaluateState()
    depth, robustness = DepthPanel(theme, state, warm.engines), RobustnessPanel(theme, state, warm.engines)
    for panel in (depth, robustness):
        qtbot.addWidget(panel)
        panel.show()
    state.show_evaluation(read_evaluation(folder), "ResNet-20")
    until(lambda: depth.stack.currentIndex() == 1)
    assert [cell.name for cell in depth.strip._cells][:3] == ["stem", "2_1", "2_2"]
    assert depth.cloud.cloud is not None
    assert depth.cloud.cloud.places.shape == (12, 2)
    assert "12 pictures" in depth.about.text()
    until(lambda: bool(robustness.corruption.after.caption))
    assert robustness.corruption.after.image.size().toTuple() == (32, 32)
    robustness.corruption.show_keys(("gaussian_blur",))
    robustness.corruption.measure_row.action.click()
    until(robustness.corruption.measure_row.isHidden)
    chart = robustness.corruption.chart.chart
    assert chart is not None
    assert chart.lines[0].points.x.tolist() == [0, 1, 2, 3, 4, 5]
    answers = state.answers
    assert answers is not None
    assert chart.lines[0].points.y[0] == pytest.approx(100 * answers.top1.value)
    robustness.tabs._choose(1)
    until(lambda: robustness.attack.difference.caption == "change ×63")
