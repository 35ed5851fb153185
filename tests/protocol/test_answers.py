"""What answers a job stands on the job, and a table of jobs without a row is no table."""

from __future__ import annotations

from typing import get_args

import pytest

from resnet_gui.protocol.answers import ANSWERS, check_complete
from resnet_gui.protocol.events import Failed, Heartbeat, JobEvent, Ready
from resnet_gui.protocol.jobs import Describe, Estimate, Identify, Job


def test_every_job_names_what_answers_it() -> None:
    assert set(ANSWERS) == set(get_args(Job))


def test_every_event_of_a_job_answers_some_job_and_what_answers_a_job_crosses_the_pipe() -> None:
    answers = {kind for row in ANSWERS.values() for kind in (row.last, *row.pieces)}
    # RunStarted and RunEnded are a run's own and have no number of a job.
    with_number = {kind for kind in answers if "job" in kind.__struct_fields__}
    assert with_number | {Failed} == set(get_args(JobEvent))
    assert not {Ready, Heartbeat} & answers


def test_no_job_is_ended_by_what_may_come_before_its_end() -> None:
    assert [job.__name__ for job, row in ANSWERS.items() if row.last in row.pieces] == []


def test_a_table_without_a_row_is_refused_by_the_name_of_what_it_lacks() -> None:
    with pytest.raises(TypeError, match=r"^Estimate, Identify: a function is missing\.$"):
        check_complete({Describe: 1}, Describe | Identify | Estimate, "a function")


def test_a_table_with_a_row_that_nothing_asks_for_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^Estimate: nothing asks for that\.$"):
        check_complete({Describe: 1, Identify: 2, Estimate: 3}, Describe | Identify, "a function")


def test_a_complete_table_is_taken() -> None:
    check_complete([Identify, Describe], Describe | Identify, "a function")
