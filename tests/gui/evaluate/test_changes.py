"""Evaluations of pictures that have changed since are noticed, and the window does not wait for the look at them."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from resnet_gui.base.file_states import file_state
from resnet_gui.evaluation.answers import Answers, PictureSources
from resnet_gui.evaluation.folder import Evaluation, pictures_changed
from resnet_gui.gui.evaluate.page import OUTDATED
from resnet_gui.gui.kit.theme import Theme
from tests.gui.evaluate.evaluating import EvaluateDriver, kept
from tests.gui.evaluate.measured_folders import LABELS, PICTURES, make_answers


def keep_with_files(folder: Path) -> tuple[Evaluation, list[Path]]:
    """An evaluation of pictures that lie in files."""
    files = [folder / f"{number}.png" for number in range(PICTURES)]
    for file in files:
        file.touch()
    names, states = tuple(map(str, files)), np.array([file_state(file) for file in files])
    made, sources = make_answers(), PictureSources(names, names, np.arange(PICTURES), states)
    return kept(Answers(made.scores, made.truth, LABELS, sources)), files


def test_pictures_that_have_changed_since_are_noticed_on_a_thread(
    qtbot: QtBot, theme: Theme, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluation, files = keep_with_files(tmp_path)
    threads = []

    def looked_at(evaluation: Evaluation) -> bool:
        threads.append(threading.current_thread())
        return pictures_changed(evaluation)

    monkeypatch.setattr("resnet_gui.gui.evaluate.change_check.pictures_changed", looked_at)
    driver = EvaluateDriver(qtbot, theme)
    page = driver.page
    assert page.state.answers is not None
    files[7].write_bytes(b"another picture")
    page.open_evaluation(evaluation.folder)
    driver.wait(lambda: page.banner.text.text() == OUTDATED)
    assert page.state.answers is not None, "who opens an evaluation wants to see it"
    page.measuring.look_again()
    driver.wait(lambda: page.invitation.isVisible() and page.state.answers is None)
    assert threading.main_thread() not in threads
    driver.close()
