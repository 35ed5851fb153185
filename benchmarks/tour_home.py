"""Makes the home of a user who has worked for months, for the tour: runs, one of them long, an evaluation, a sweep."""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec

RUNS = 200
STEPS = 50_000
"""Of the long run; an hour of training on a graphics card."""

TRAINED = "20260101-000000-trained"
LONG = "20260102-000000-long"
WEIGHTS = "weights.safetensors"


def make_home(home: Path) -> None:
    """Fill a folder with what the program itself writes; a folder that is filled stays as it is."""
    if (home / "made").exists():
        return
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    run = home / "runs" / TRAINED
    _program(home, "train", "digits-resnet", "--data", "digits", "--epochs", "2", "--run", str(run))
    _program(home, "evaluate", str(run), "--data", "digits")
    _program(
        home, "sweep", "digits-resnet", "--data", "digits", "--epochs", "1", "--set", "shortcut=A,none", "--seeds", "2"
    )
    _program(home, "lab", "run", "signal-propagation", "--seeds", "1")
    shutil.copy(run / "best.safetensors", home / WEIGHTS)
    _copy_runs(home, run)
    _write_long_run(home, run)
    (home / "made").touch()


def _program(home: Path, *arguments: str) -> None:
    """Run a command of the program.

    Raises:
        SystemExit: it failed.
    """
    environment = {**os.environ, "RESNET_GUI_HOME": str(home)}
    command = [sys.executable, "-m", "resnet_gui", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stderr}")


def _copy_runs(home: Path, run: Path) -> None:
    """The run again and again under other names, without its weights."""
    from resnet_gui.runs.folder import read_run_info, write_run_info

    info = read_run_info(run)
    for number in range(RUNS - 2):
        folder = home / "runs" / f"20250101-{number:06d}-copy"
        folder.mkdir()
        shutil.copy(run / "events.jsonl", folder)
        write_run_info(folder, msgspec.structs.replace(info, name=f"Run {number + 1} of many"))


def _write_long_run(home: Path, run: Path) -> None:
    """A run that was ended by its user after many steps."""
    from resnet_gui.base.jsonl import encode_line
    from resnet_gui.runs.events import EpochDone, RunStarted, StepDone
    from resnet_gui.runs.folder import read_run_info, write_run_info

    folder = home / "runs" / LONG
    folder.mkdir()
    write_run_info(folder, msgspec.structs.replace(read_run_info(run), name="Long run"))
    per_epoch = 500
    lines = [
        encode_line(
            RunStarted(0, STEPS // per_epoch, per_epoch, 1438, 359, "cpu", "fp32", seconds=0.0, total_steps=STEPS)
        )
    ]
    for step in range(1, STEPS + 1):
        loss, error = 0.05 + 2 * math.exp(-step / 9000), 0.02 + 0.8 * math.exp(-step / 9000)
        lines.append(encode_line(StepDone(step, loss * (1 + 0.2 * math.sin(step)), error, 0.1, step / 10)))
        if not step % per_epoch:
            epoch = EpochDone(step // per_epoch, step, loss, error, loss * 1.1, error * 1.1, 100.0, step / 10)
            lines.append(encode_line(epoch))
    (folder / "events.jsonl").write_bytes(b"".join(lines))
