"""Processes that are spawned and not forked, as macOS and Windows start them: the same bits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.waiting import PATIENCE

pytestmark = pytest.mark.prove

# The spawned processes import the module that asked for them, so what they change of it stands in files.
PROGRAM = """
import multiprocessing, sys
from pathlib import Path
from resnet_gui.engine.data import datasets
datasets.MAX_BYTES = 1  # pictures are read by processes while the training goes on
if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    from resnet_gui.engine.sweep import run_process
    from tests.engine.sweep.tiny_sweep import made, result, run, tiny_sweep
    run_process.process_context = lambda: multiprocessing.get_context(sys.argv[1])
    state = run(made(Path(sys.argv[2]), tiny_sweep(Path(sys.argv[3]), epochs=1, seeds=(1,))), workers=2)
    print(state.status, [result(cell) for cell in state.cells])
"""


def test_spawned_runs_and_readers_of_pictures_give_the_bits_of_forked_ones(
    tmp_path: Path, picture_folder: Path
) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    said = []
    for method in ("forkserver", "spawn"):
        command = [sys.executable, program, method, tmp_path / method, picture_folder]
        done = subprocess.run(
            list(map(str, command)), cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=PATIENCE,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
    assert said[0].startswith("finished")
    assert said[0] == said[1]
