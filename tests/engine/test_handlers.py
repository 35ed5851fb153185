"""The table of what an engine can do: a kind of job that is left out stops the import."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import get_args

import pytest

from resnet_gui.engine.handlers import APPENDED_SECONDS, HANDLERS, AppendedNotifier
from resnet_gui.protocol.answers import ANSWERS
from resnet_gui.protocol.events import Appended, Event
from resnet_gui.protocol.jobs import Job
from tests.rooms import ROOT


def without_row(source: str, table: str, key: str) -> str:
    """The source of a module without one row of one of its tables."""
    tree = ast.parse(source)
    rows = next(
        node.value
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == table
    )
    assert isinstance(rows, ast.Dict)
    at = next(at for at, row in enumerate(rows.keys) if isinstance(row, ast.Name) and row.id == key)
    del rows.keys[at], rows.values[at]
    return ast.unparse(tree)


def without_decorator(source: str, name: str) -> str:
    """The source of a module whose class has lost what stands above it."""
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            node.decorator_list = []
    return ast.unparse(tree)


def run_module(file: str, change: Callable[[str], str]) -> None:
    """Run a changed copy of a module as its import does."""
    source = change((ROOT / file).read_text(encoding="utf-8"))
    exec(compile(source, file, "exec"), {"__name__": "changed"})  # noqa: S102 (our own source, a row less)


@pytest.mark.parametrize("kind", ["Verify", "Resume", "Identify", "ShowPictures", "Download"])
def test_an_engine_that_lacks_the_function_for_a_job_is_not_imported(kind: str) -> None:
    with pytest.raises(TypeError, match=rf"^{kind}: a function that does it is missing\.$"):
        run_module("resnet_gui/engine/handlers.py", lambda source: without_row(source, "HANDLERS", kind))


def test_an_engine_that_lacks_the_function_for_a_question_about_the_inside_is_not_imported() -> None:
    with pytest.raises(TypeError, match=r"^ShowMaps: a function that answers it is missing\.$"):
        run_module("resnet_gui/engine/explain/service.py", lambda source: without_row(source, "FUNCTIONS", "ShowMaps"))


def test_jobs_of_which_one_does_not_say_what_answers_it_are_not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    # Those of other files are not run again.
    elsewhere = {job: answers for job, answers in ANSWERS.items() if job.__module__ != "resnet_gui.protocol.jobs"}
    monkeypatch.setattr("resnet_gui.protocol.answers.ANSWERS", elsewhere)
    with pytest.raises(TypeError, match=r"^Describe: the event that answers it is missing\.$"):
        run_module("resnet_gui/protocol/jobs.py", lambda source: without_decorator(source, "Describe"))


def test_the_copies_of_the_modules_above_run_when_nothing_is_left_out() -> None:
    run_module("resnet_gui/engine/handlers.py", lambda source: source)
    run_module("resnet_gui/engine/explain/service.py", lambda source: source)


def test_every_job_has_one_function() -> None:
    assert set(HANDLERS) == set(get_args(Job))


def test_steps_that_follow_one_another_quickly_ring_once_and_once_more_at_the_next_heartbeat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[Event] = []
    now = 100.0
    monkeypatch.setattr("resnet_gui.engine.handlers.time.monotonic", lambda: now)
    bell = AppendedNotifier(sent.append)
    bell.begin(7)
    for _ in range(5):
        bell.notify_soon()
    assert sent == [Appended(7)]
    bell.flush()
    bell.flush()
    assert sent == [Appended(7)] * 2
    now += APPENDED_SECONDS / 2
    bell.notify_soon()
    bell.end()
    bell.flush()
    assert sent == [Appended(7)] * 2
    now += APPENDED_SECONDS
    bell.notify_soon()
    assert sent == [Appended(7)] * 3
