"""The commands of the benchmarks; what they measure is not measured here."""

from __future__ import annotations

import re
import runpy
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tests.rooms import ROOT

BENCHMARKS = ROOT / "benchmarks"


def test_what_is_run_as_a_benchmark_is_a_program_that_no_other_imports_and_makes_no_file_of_the_tree(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    run = {script.stem: script.read_text(encoding="utf-8") for script in import_module("dev").benchmarks()}
    everything = {script.stem: script.read_text(encoding="utf-8") for script in BENCHMARKS.glob("*.py")}
    imported = {
        name
        for text in everything.values()
        for names in re.findall(r"^from (\w+) import|^import (\w+)", text, re.MULTILINE)
        for name in names
    }
    assert set(everything) - set(run) == (imported & set(everything)) | {"recordings"}
    assert all('__name__ == "__main__"' in text for text in run.values())


def test_the_benchmark_of_training_goes_on_with_starts_from_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    names = runpy.run_path(str(BENCHMARKS / "train.py"))
    main, run = names["main"], []
    monkeypatch.setitem(main.__globals__, "make_pictures", lambda folder: run.append(folder.name))
    monkeypatch.setitem(main.__globals__, "compare", lambda _options: run.append("training"))
    monkeypatch.setattr(sys.modules["start_weights"], "main", lambda arguments: run.append(f"starts {arguments}"))
    for arguments in ([], ["--no-starts"]):
        monkeypatch.setattr(sys, "argv", ["train.py", *arguments])
        main()
    assert run[1:3] == ["training", "starts []"]
    assert run[4:] == ["training"]


def test_the_benchmark_of_answers_goes_through_every_click(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.setenv("RESNET_GUI_HOME", str(tmp_path))  # which it sets too; set back after the test
    monkeypatch.setattr(sys, "argv", ["bench_evaluation_answers.py", "--pictures", "600", "--classes", "24"])
    runpy.run_path(str(BENCHMARKS / "bench_evaluation_answers.py"), run_name="__main__")
    printed = capsys.readouterr().out
    assert "600 pictures × 24 classes: a click" in printed
    assert "most memory that the process held" in printed
