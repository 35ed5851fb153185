"""What is answered of an experiment that has not run is kept: for the next window, and while another is looked at."""

from __future__ import annotations

import msgspec
import pytest

from resnet_gui.gui.lab.state import LabState
from resnet_gui.gui.settings import LabDraft, Settings

FIRST, OTHER = "degradation", "shattered-gradients"

pytestmark = pytest.mark.usefixtures("home")


def restarted(state: LabState) -> LabState:
    kept = msgspec.json.decode(msgspec.json.encode(Settings(lab_drafts=state.drafts)), type=Settings)
    again = LabState()
    again.set_drafts(kept.lab_drafts)
    again.choose(state.experiment.key, state.scale.key)
    return again


def test_answers_and_seeds_are_there_again_in_the_next_window_and_after_a_look_at_another_experiment() -> None:
    state = LabState()
    state.choose(FIRST)
    question = state.experiment.questions[0]
    state.answer(question.key, question.options[0])
    state.set_seeds(5)
    for again in (restarted(state), state):
        again.choose(OTHER)
        assert again.record.answers == {}
        again.choose(FIRST)
        assert again.record.answers == {question.key: question.options[0]}
        assert again.record.seeds == (1, 2, 3, 4, 5)
        assert not again.revealed


def test_what_is_locked_or_untouched_is_no_draft() -> None:
    state = LabState()
    state.choose(OTHER)
    assert state.drafts == []
    question = state.experiment.questions[0]
    state.answer(question.key, question.options[0])
    assert len(state.drafts) == 1
    assert state.lock()
    assert state.drafts == []
    assert restarted(state).record.locked


def test_answers_to_questions_that_are_not_asked_any_more_are_left_out() -> None:
    state = LabState()
    state.set_drafts([LabDraft(FIRST, "quick", {"once": "yes"}, (7,))])
    state.choose(FIRST, "quick")
    assert (state.record.answers, state.record.seeds) == ({}, (7,))
