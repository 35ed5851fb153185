"""The table of questions about the inside of a network."""

from __future__ import annotations

from typing import get_args

from resnet_gui.engine.explain.service import FUNCTIONS
from resnet_gui.protocol.jobs import ExplainRequest


def test_every_question_about_the_inside_of_a_network_has_one_function_that_answers_it() -> None:
    assert set(FUNCTIONS) == set(get_args(ExplainRequest))
    assert len(set(FUNCTIONS.values())) == len(FUNCTIONS)
