"""The report of a sweep: what it says, and that it is a file by itself."""

from __future__ import annotations

import html
import re

import msgspec
import pytest

from resnet_gui.export.sweep_report import sweep_report
from resnet_gui.sweeps.state import RunCell, read_state
from resnet_gui.sweeps.sweep import decode_sweep
from tests.gui.train.sweeps.sweeping import axis, made_sweep, write_sweep_runs

pytestmark = pytest.mark.usefixtures("home")


def error(cell: RunCell, epoch: int) -> float:
    return (0.3 if cell.configuration.labels[0] == "none" else 0.02) + cell.seed / 359 + 0.4 * 0.3**epoch


def test_a_report_has_verdicts_curves_what_was_left_out_and_the_sweep_that_repeats_it() -> None:
    sweep = made_sweep(axis("shortcut", "A", "none"), axis("depth", 8, 9), baseline={"shortcut": "A"})
    state = read_state(write_sweep_runs(sweep, error, done=5, failed=(0,)))
    text = sweep_report(state, "29 November 2026")
    assert "5 of 6 runs" in text
    assert "Left out" in text
    assert "not a number any more" in text
    assert "shortcut none, depth 9" in html.unescape(text) or "depth 9" in text
    assert text.count("<polyline") >= 2
    lines = re.search(r"<pre>(.*?)</pre>", text, re.DOTALL)
    assert lines is not None
    assert decode_sweep(html.unescape(lines[1]), "report") == sweep
    assert "waits for seed 3" in text


def test_a_finished_report_says_what_differs_and_holds_nothing_that_is_fetched_or_of_this_computer() -> None:
    sweep = made_sweep(axis("shortcut", "A", "none"), baseline={"shortcut": "A"})
    folder = write_sweep_runs(sweep, error)
    text = sweep_report(read_state(folder), "today")
    assert '<span class="badge run">differs</span>' in text
    assert str(folder) not in text
    for word in ("<script", "http:", "https:", "src=", "url("):
        assert word not in text
    elsewhere = msgspec.structs.replace(sweep, recipe=msgspec.structs.replace(sweep.recipe, data="/home/me/shapes"))
    state = msgspec.structs.replace(read_state(folder), sweep=elsewhere)
    assert "/home/me" not in sweep_report(state, "today")
