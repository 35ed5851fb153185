"""The whole way in the window, with real engines: pictures and weights are dropped, trained, and predicted with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from resnet_gui.design.presets import PRESETS
from tests.gui.driving import START, Opener, copy_run, drop, files, predict_page, set_field, train_page, wait_ready


def write_pictures(folder: Path) -> Path:
    """Two classes of ten pictures of 8×8: bright above, and bright below."""
    noise = np.random.default_rng(0)
    for name, bright in (("above", slice(0, 4)), ("below", slice(4, 8))):
        (folder / name).mkdir(parents=True)
        for number in range(10):
            picture = noise.integers(0, 60, (8, 8), dtype=np.uint8)
            picture[bright] += 180
            Image.fromarray(picture).save(folder / name / f"{number}.png")
    return folder


def test_drop_a_folder_drop_weights_move_the_handle_start_see_the_phases_and_predict(
    qtbot: QtBot, open_window: Opener, trained_run: Path, tmp_path: Path
) -> None:
    pictures = write_pictures(tmp_path / "stripes")
    copy_run(trained_run)  # where there is a run, no time is spent on measuring what to begin with
    window = open_window()
    window.session.choose_preset(PRESETS["digits-resnet"])
    window.show_page("train")
    page = train_page(window)
    wait_ready(qtbot, window)

    drop(window, files(pictures))
    panel = page.centre.data
    qtbot.waitUntil(lambda: [len(row.pictures) for row in panel.model.rows] == [8, 8], timeout=START)
    assert [row.count.name for row in panel.model.rows] == ["above", "below"]

    drop(window, files(trained_run))
    card = page.form.begin.card
    qtbot.waitUntil(card.new.what.isVisible, timeout=START)
    assert "10 → 2 classes" in card.new.what.text()
    assert page.form.named.currentData() == "fine-tune"

    page.form.change_recipe(phases=(), epochs=2)
    page.form.table.add.click()
    handle = page.form.table.rows[0].handle
    qtbot.keyClick(handle, Qt.Key.Key_Left)
    assert page.form.recipe().phases[0].frozen == "stage2"
    set_field(page.form, "batch_size", 4)
    page.form.start.click()
    run = page.runs.rows()[0]
    qtbot.waitUntil(lambda: run.status == "finished", timeout=START)
    assert run.info is not None
    assert run.info.start is not None
    qtbot.waitUntil(lambda: not page._stale and not page._drawing.is_pending(), timeout=START)
    assert [line.value() for line in page.plots.phases[0].lines] == [1]
    assert page.header._thaws.text() == "unfreezes from epoch 2 on"

    qtbot.waitUntil(lambda: page.header.button("predict").isVisible(), timeout=START)
    page.header.button("predict").click()
    predict = predict_page(window)
    qtbot.waitUntil(lambda: predict.state.loaded is not None, timeout=START)
    assert predict.state.loaded is not None
    assert predict.state.loaded.classes == ("above", "below")
    assert predict.models.begin.isEnabled()
    predict.models.begin.click()
    assert window.shows("train")
    assert page.form.begin.request is not None
    assert page.form.begin.request.model == str(run.folder)
