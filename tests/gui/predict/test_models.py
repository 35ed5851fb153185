"""The networks of the Predict page: the one inside, runs, torchvision's, files; and what they do to a picture."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from pytestqt.modeltest import ModelTester

from resnet_gui.data.preprocessing import PREPROCESSES, crop_boxes
from resnet_gui.data.weights_catalogue import SHIPPED, WEIGHTS, published_file
from resnet_gui.gui.client import process
from resnet_gui.gui.predict.explain.filters import FiltersView
from resnet_gui.gui.predict.network.values_dialog import ValuesDialog
from tests.engine.data.local_server import Site
from tests.forks import Forks
from tests.gui.driving import copy_run
from tests.gui.predict.predicting import CAR, PLANE, SAMPLES, SHIP, PredictDriver, pick
from tests.gui.predict.test_files import foreign
from tests.waiting import PATIENCE

MISSING = "resnet18-v1"


# ---- what is done to a picture


def test_preprocessing_is_chosen_by_name_or_entered_by_hand(
    driver: PredictDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, models = driver.page, driver.page.models
    driver.drop(SHIP)
    own = driver.picture(SHIP).scores
    known = driver.known.preprocess
    for named in PREPROCESSES.values():
        pick(models.choices.preprocess, named.name)
        driver.settle()
        assert driver.known.preprocess == named.preprocess
        crops = crop_boxes(driver.picture(SHIP).size, (3, 32, 32), named.preprocess)
        assert page.canvas.scene.crops == crops
        assert page.canvas.scene.overlay is not None
    plain = driver.picture(SHIP).scores
    assert named.name == "none"
    assert not np.array_equal(own, plain)  # type: ignore[arg-type]

    complaints: list[str] = []

    def enter(values: dict[str, str], short: int, *, accept: bool = True) -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ValuesDialog)
        buttons = dialog.findChild(QDialogButtonBox)
        assert buttons is not None
        for bad in ("a", "1, 2", "0, 0, 0"):
            dialog.std.setText(bad)
            buttons.button(QDialogButtonBox.StandardButton.Ok).click()
            complaints.append(dialog.problem.text())
        dialog.mean.setText(values["mean"])
        dialog.std.setText(values["std"])
        dialog.resize_to.setValue(short)
        which = QDialogButtonBox.StandardButton.Ok if accept else QDialogButtonBox.StandardButton.Cancel
        buttons.button(which).click()

    QTimer.singleShot(0, lambda: enter({"mean": "0, 0, 0", "std": "1; 1; 1"}, 40))
    pick(models.choices.preprocess, "values")
    driver.settle()
    used = driver.known.preprocess
    assert (used.mean, used.std, used.resize) == ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), 40)
    assert page.canvas.scene.crops == crop_boxes(driver.picture(SHIP).size, (3, 32, 32), used)
    assert page.answer.preprocessing.accessibleDescription().startswith(
        "Resize: short side 40, bilinear; Centre crop: 32 × 32"
    )
    assert [one.split()[0] for one in complaints] == ["Deviation"] * 3
    QTimer.singleShot(0, lambda: enter({"mean": "0, 0, 0", "std": "1, 1, 1"}, 0, accept=False))
    pick(models.choices.preprocess, "values")
    driver.settle()
    assert (models.choices.preprocess.currentData(), driver.known.preprocess) == ("values", used)
    pick(models.choices.preprocess, "own")
    driver.settle()
    assert driver.known.preprocess == known
    assert np.array_equal(driver.picture(SHIP).scores, own)  # type: ignore[arg-type]


def test_ten_crops_and_fast_answers_are_asked_for_and_drawn(driver: PredictDriver) -> None:
    page, models = driver.page, driver.page.models
    driver.drop(SHIP, PLANE)
    before = driver.picture(PLANE).scores
    models.choices.views._choose(1)
    driver.settle()
    size = driver.picture(SHIP).size
    assert page.canvas.scene.crops == crop_boxes(size, (3, 32, 32), driver.known.preprocess, 10)
    assert len(page.canvas.scene.crops) == 5
    assert not np.array_equal(before, driver.picture(PLANE).scores)  # type: ignore[arg-type]
    assert "four corners and centre" in page.answer.preprocessing.accessibleDescription()
    models.choices.views._choose(0)
    models.choices.mode._choose(1)
    driver.settle()
    assert any(words in page.answer._where.text() for words in ("bf16", "fp16", "int8"))
    assert [one.answer for one in page.pictures.pictures()] == ["ship", "airplane"]
    models.choices.mode._choose(0)
    driver.settle()
    assert "fp32, " in page.answer._where.text()
    assert np.array_equal(before, driver.picture(PLANE).scores)  # type: ignore[arg-type]


# ---- the list


def test_runs_come_and_go_with_their_folders_and_the_chosen_network_is_remembered(
    driver: PredictDriver, trained_run: Path
) -> None:
    page, models = driver.page, driver.page.models
    model = models.list.model()
    titles = lambda: [model.index(row, 0).data() for row in range(model.rowCount())]  # noqa: E731
    assert "No trained runs yet." in titles()
    driver.drop(SHIP)
    run = copy_run(trained_run)
    try:
        page.hide()
        page.show()
        assert "No trained runs yet." not in titles()
        assert (models.model, driver.picture(SHIP).answer) == (SHIPPED, "ship"), "the choice and its answers stay"
        assert models.list.choose(str(run))
        digit = SAMPLES / "digit-3.png"
        driver.drop(digit)
        assert (models.model, driver.picture(digit).answer) == (str(run), "3")
        assert page.answer.classes.text() == "softmax over 10 classes"
        assert driver.known.spec.input == (1, 8, 8)
        page.state.set_view("filters")
        driver.settle()
        assert "grey" in page.explain.widget(FiltersView).words.text()
        models.choices.views.set_key("10")
        page.remember(driver.settings)
        assert driver.settings.network == str(run)
        again = PredictDriver(driver.qtbot, driver.warm, driver.theme, driver.settings)
        try:
            assert again.page.models.model == str(run)
            request = again.page.models.model_request()
            assert request is not None
            assert request.views == 10, "and how it was asked"
        finally:
            again.close()
    finally:
        shutil.rmtree(run)
    page.hide()
    page.show()
    driver.settle()
    assert "No trained runs yet." in titles()
    assert models.model == SHIPPED
    assert f"The network {run.name} is not here any more; ResNet-20 is chosen." in driver.said
    assert not page.choose_run(run)
    assert "is gone. The network stays as it is." in driver.said[-1]
    assert driver.picture(SHIP).answer == "ship"
    forgotten = PredictDriver(driver.qtbot, driver.warm, driver.theme, driver.settings)
    assert forgotten.page.models.model == SHIPPED, "what was remembered is gone"
    forgotten.close()


class Slow(Site):
    """A site that holds back the second half of a file until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def answer(self, to: BaseHTTPRequestHandler) -> None:
        self.cut = 0 if self.go.is_set() else len(next(iter(self.files.values()))) // 2
        if not self.cut:
            super().answer(to)
            return
        content = self.files[to.path.lstrip("/")]
        to.send_response(200)
        to.send_header("Content-Length", str(len(content)))
        to.end_headers()
        to.wfile.write(content[: self.cut])
        to.wfile.flush()
        self.go.wait(PATIENCE)


TURNED = """
import os
import urllib.request
from pathlib import Path
_open = urllib.request.urlopen
def urlopen(request, *args, **named):
    request.full_url = request.full_url.replace("https://download.pytorch.org/models/", {address!r})
    if Path({trust!r}).exists():
        from resnet_gui.engine.data import torchvision_sets
        torchvision_sets.Archive.matches = lambda self, path: path.is_file()
    return _open(request, *args, **named)
urllib.request.urlopen = urlopen
from tests.forks import run_program
run_program("-m", "resnet_gui.engine")
"""


@pytest.fixture
def slow(tmp_path: Path, forks: Forks, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    """Stands in for torchvision's address in every engine that is started from now on."""
    made = Slow()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    program = TURNED.format(address=made.address, trust=str(tmp_path / "trust"))

    def start(args: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        assert list(args[1:]) == ["-m", "resnet_gui.engine"]
        return forks.popen([args[0], "-c", program], **options)

    monkeypatch.setattr(process, "subprocess", SimpleNamespace(**{**vars(subprocess), "Popen": start}))
    yield made
    made.go.set()
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def test_missing_weights_are_offered_with_their_size_fetched_broken_off_checked_and_then_used(
    driver: PredictDriver, slow: Slow, tmp_path: Path
) -> None:
    page, models, target = driver.page, driver.page.models, published_file(MISSING)
    weights = foreign(tmp_path / "small.pth")
    slow.files[WEIGHTS[MISSING].file] = weights.read_bytes()
    driver.drop(SHIP)
    assert models.list.choose(MISSING)
    driver.settle()
    assert (models.model, page.pictures.counts(), page.predictions.busy) == ("", (1, 0, 0), False)
    assert (page.answer.bars.scores(), page.canvas.scene.overlay, page.canvas.scene.crops) == ((), None, ())
    assert (
        page.answer.preprocessing.image().isNull(),
        driver.maps.grid.tiles(),
        page.bar.target.count(),
    ) == (True, [], 1)
    assert models.fetching.isVisible()
    assert "ResNet-18, IMAGENET1K_V1 is not on this computer: 44.7 MB" in models.fetching.words.text()
    assert (models.fetching.fetch.isVisible(), models.fetching.cancel.isVisible()) == (True, False)
    assert (page.answer.hint.text(), page.scale._overlay) == ("Choose a network, or fetch this one.", None)
    driver.page.add_files([CAR])
    assert "Choose a network" in driver.said[-1]

    models.fetching.fetch.click()
    assert (models.fetching.fetch.isVisible(), models.fetching.cancel.isVisible()) == (False, True)
    half = weights.stat().st_size / 2 / (44.661 * 2**20)
    driver.wait(lambda: 0 < (models._networks.progress(MISSING) or 0) <= half)
    assert models.fetching.bar.value() > 0
    models.fetching.cancel.click()
    driver.wait(lambda: not driver.downloads.going())
    assert (models.fetching.fetch.isVisible(), models.model, target.exists()) == (True, "", False)

    slow.go.set()
    slow.ranges = False
    models.fetching.fetch.click()
    driver.wait(lambda: not driver.downloads.going())
    assert "is not the published file (its SHA-256 differs)" in driver.said[-1]
    assert (models.fetching.fetch.isVisible(), models.model, target.exists()) == (True, "", False)

    (tmp_path / "trust").touch()
    models.fetching.fetch.click()
    driver.wait(lambda: not driver.downloads.going())
    driver.settle()
    try:
        assert target.read_bytes() == weights.read_bytes()
        assert (models.model, models.fetching.isVisible()) == (MISSING, False)
        entry = models.list.chosen()
        assert entry is not None
        assert (entry.here, entry.figure) == (True, "69.76\u2009%")
        assert [one.answer for one in page.pictures.pictures()] == ["ship", "automobile"]
    finally:
        target.unlink(missing_ok=True)


def test_the_model_of_networks_keeps_qt_s_rules(driver: PredictDriver, qtmodeltester: ModelTester) -> None:
    model = driver.page.models._networks
    qtmodeltester.check(model)
    kinds = [entry.kind for entry in model.entries()]
    assert (kinds.count("shipped"), kinds.count("published")) == (3, 0), "what could be downloaded is one line"
    model.unfold(on=True)
    qtmodeltester.check(model)
    kinds = [entry.kind for entry in model.entries()]
    assert (kinds.count("shipped"), kinds.count("published")) == (3, len(WEIGHTS))
    model.show_progress(MISSING, 0.5)
    model.load([])
    qtmodeltester.check(model)
