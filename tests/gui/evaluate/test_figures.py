"""What goes out of the Evaluate page as figures, and the confusion matrix as tables."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from resnet_gui.evaluation.corruptions import CORRUPTIONS
from resnet_gui.evaluation.robustness import write_robustness
from resnet_gui.gui.common.enlarged_fit import put_back
from resnet_gui.gui.common.enlarged_widget import EnlargedWidget
from resnet_gui.gui.common.figure_dialog import FigureChoice
from resnet_gui.gui.evaluate.cards.card import CardContent
from resnet_gui.gui.evaluate.cards.cards import AGAINST, CardRow
from resnet_gui.gui.evaluate.figures import EvaluationFigures
from resnet_gui.gui.evaluate.matrix import MatrixPanel
from resnet_gui.gui.evaluate.robustness.panel import RobustnessPanel
from resnet_gui.gui.kit.figures.figure import FigureOptions
from resnet_gui.gui.kit.figures.files import figure_file
from resnet_gui.gui.kit.theme import Theme
from tests.gui.driving import drawn_at
from tests.gui.evaluate.depth_driver import DepthDriver
from tests.gui.evaluate.evaluating import EvaluateDriver
from tests.gui.evaluate.measured_folders import make_record


def drawn(choice: FigureChoice) -> str:
    return figure_file(choice.make(), FigureOptions(width=174.0)).decode()


def has(svg: str, *words: str) -> None:
    for each in words:
        assert f'aria-label="{each}"' in svg, each


def test_matrix_and_reliability_are_figures_with_titles_and_numbers(shown: EvaluateDriver) -> None:
    page = shown.page
    matrix, reliability = page.figures.choices()[:2]
    assert (matrix.title, reliability.title) == ("Confusion matrix", "Reliability diagram")
    answers = page.state.answers
    assert answers is not None
    has(drawn(matrix), "true class", "answer", *answers.labels, str(answers.counts.max()))
    page.matrix.shown.setCurrentIndex(1)
    has(drawn(page.figures.choices()[0]), f"{100 * np.diag(answers.counts)[0] / answers.counts[0].sum():.1f}")
    has(drawn(reliability), "accuracy (%)", "confidence (%)", "pictures", "gap to the confidence")


@pytest.mark.parametrize(("width", "height"), [(1280, 636), (960, 456)])
def test_the_figures_stand_whole_on_a_projector_and_follow_their_page(
    shown: EvaluateDriver, width: int, height: int
) -> None:
    page = shown.page
    made = page.panes()[0].make()
    shown.qtbot.addWidget(made)
    made.resize(width, height)
    made.show()
    assert isinstance(made, EnlargedWidget)
    row = made.findChild(CardRow)
    assert row is not None
    made.refresh()
    with put_back(row):
        row.resize((made.shown / made.factor()).toSize())
        assert sum(card.cut_words() for card in row.cards) == 0, "nothing is cut"
        boxes = [card.geometry() for card in row.cards]
    assert made.factor() >= 1.5
    assert not any(one.intersects(other) for number, one in enumerate(boxes) for other in boxes[:number])
    contents = [card.content for card in page.cards.cards]
    contents[0] = other = CardContent("Top-1 accuracy", "12.3", "%")
    page.cards.show_contents(contents)
    assert row.cards[0].content == other
    pressed: list[bool] = []
    page.cards.cards[AGAINST].clicked.disconnect()
    page.cards.cards[AGAINST].clicked.connect(lambda: pressed.append(True))
    page.cards.set_clickable(AGAINST, on=True)
    shown.qtbot.mouseClick(made, Qt.MouseButton.LeftButton, pos=drawn_at(made, row, row.cards[AGAINST]))
    assert pressed


def test_the_matrix_is_written_as_csv_and_latex_with_its_counts(
    shown: EvaluateDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = shown.page.state.answers
    assert answers is not None
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "matrix"), ""))
    for kind in ("csv", "tex"):
        shown.page.exports.ask_matrix(kind)
        assert shown.said[-1] == f"Wrote matrix.{kind}."
    with (tmp_path / "matrix.csv").open(newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    assert head == ["true class", *answers.labels]
    assert [[int(count) for count in row[1:]] for row in rows] == answers.counts.tolist()
    latex = (tmp_path / "matrix.tex").read_text(encoding="utf-8")
    assert latex.count(r"\\") == 1 + len(rows)
    assert rf"\textbf{{{answers.counts[0, 0]}}}" in latex


def test_depth_and_robustness_are_figures_where_they_are_measured(depth: DepthDriver, theme: Theme) -> None:
    depth.show()
    robustness = RobustnessPanel(theme, depth.state, depth.engines)
    depth.qtbot.addWidget(robustness)
    matrix = MatrixPanel(theme, depth.state)
    depth.qtbot.addWidget(matrix)
    figures = EvaluationFigures(depth.state, matrix, depth.panel, robustness)
    depth.panel.views._choose(1)
    found = {choice.title: choice for choice in figures.choices()}
    assert "Accuracy by corruption" not in found
    has(drawn(found["Linear probes by depth"]), "linear probe accuracy (%)", "features after block", "stem", "net")
    has(drawn(found["Cloud of features"]), "principal component 1", "principal component 2", "ship")
    likeness = next(choice for title, choice in found.items() if title.startswith("CKA"))
    has(drawn(likeness), "CKA", "features after block", "4_2")
    shown = list(CORRUPTIONS)[:2]
    write_robustness(depth.folder / "first", make_record(shown))
    robustness.reload()
    robustness.corruption.show_keys(tuple(shown))
    found = {choice.title: choice for choice in figures.choices()}
    has(drawn(found["Accuracy by corruption"]), "severity", "accuracy (%)", CORRUPTIONS[shown[0]].title, "chance")
