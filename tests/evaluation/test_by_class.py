"""Precision, recall, F1 and their means beside scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from resnet_gui.evaluation.answers import Answers
from resnet_gui.evaluation.by_class import class_figures, class_means, hardest_class
from resnet_gui.evaluation.intervals import wilson
from tests.conftest import examples
from tests.evaluation.made_answers import drawn_answers, made_answers


@given(drawn_answers)
@examples(20)
def test_the_figures_of_a_class_are_scikit_learns(answers: Answers) -> None:
    from sklearn.metrics import precision_recall_fscore_support

    theirs = precision_recall_fscore_support(
        answers.truth, answers.answer, labels=range(answers.classes), zero_division=np.nan
    )
    ours = [
        (
            np.nan if one.precision is None else one.precision.value,
            np.nan if one.recall is None else one.recall.value,
            # scikit-learn gives an F1 of 0 to a class without pictures that was answered.
            (0.0 if one.answered else np.nan) if one.f1 is None else one.f1,
            one.support,
        )
        for one in answers.by_class
    ]
    assert np.array(ours) == pytest.approx(np.array(theirs).T, nan_ok=True)


@given(drawn_answers)
@examples(20)
def test_the_means_are_scikit_learns_over_the_classes_that_are_there(answers: Answers) -> None:
    from sklearn.metrics import precision_recall_fscore_support

    present = np.unique(answers.truth)
    theirs = precision_recall_fscore_support(
        answers.truth, answers.answer, labels=present, average="macro", zero_division=0
    )
    ours = class_means(answers.by_class)
    assert ours is not None
    assert (ours.precision, ours.recall, ours.f1) == pytest.approx(theirs[:3])
    assert ours.classes == len(present)
    assert ours.never_answered == len(set(present.tolist()) - set(answers.answer.tolist()))


def test_a_class_without_pictures_or_answers_has_no_figure_instead_of_zero() -> None:
    shown, answered, neither, unanswered = class_figures(
        np.array([[2, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [3, 0, 0, 0]]), ("a", "b", "c", "d")
    )
    assert (shown.recall, shown.precision) == (wilson(2, 3), wilson(2, 5))
    assert (answered.recall, answered.f1, answered.precision) == (None, None, wilson(0, 1))
    assert (neither.recall, neither.f1, neither.precision) == (None, None, None)
    assert (unanswered.recall, unanswered.f1, unanswered.precision) == (wilson(0, 3), 0.0, None)


def test_the_hardest_class_is_the_one_with_pictures_that_is_found_least() -> None:
    found = hardest_class(made_answers(np.eye(4)[[0, 1, 1, 3]] * 9, [0, 1, 3, 3]).by_class)
    assert found is not None
    assert found.number == 3
    empty = class_figures(np.zeros((2, 2), dtype=np.int64), ("a", "b"))
    assert hardest_class(empty) is None
    assert class_means(empty) is None
