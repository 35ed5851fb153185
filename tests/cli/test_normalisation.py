from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from resnet_gui.cli.main import main
from tests.cli.test_main import SAMPLES


@pytest.mark.parametrize("arguments", [["--std", "nan"], ["--std", "inf"], ["--mean", "nan"], ["--mean", "inf"]])
def test_a_normalisation_that_is_no_number_is_refused(
    trained_run: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert main(["predict", str(trained_run), SAMPLES[0], *arguments, "--json"]) == 2
    assert capsys.readouterr().out == ""


def test_a_summary_can_be_piped_where_the_output_has_no_multiplication_sign() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "resnet_gui", "summary", "resnet20"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 0, done.stderr
