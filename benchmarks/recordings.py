"""Makes the recorded runs of the welcome page anew, by the program's own commands and measurements.

Usage: python benchmarks/recordings.py [--only NAME | --only agreement]

The four networks of He et al. 2015, section 4.2, learn the digits inside by one recipe, on one thread: 5 to 10 minutes
for the deep ones. What is kept of a run is what the program reads: no path, and weights of the shallow two alone.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import msgspec

from resnet_gui.base.files import write_atomic
from resnet_gui.base.jsonl import encode_line
from resnet_gui.design.spec import Design, ResNetSpec, save_design
from resnet_gui.engine.lab.gradients import agreement_by_block
from resnet_gui.lab.measured.gradients import GradientSetup
from resnet_gui.lab.networks import digits_spec
from resnet_gui.runs.events import RunEnded, decode_run_event
from resnet_gui.runs.folder import BEST_FILE, RUN_FILE
from resnet_gui.runs.history import EVENTS_FILE
from resnet_gui.runs.notes import NOTES_FILE, RunNotes
from resnet_gui.runs.recordings import (
    AGREEMENT_FILE,
    RECORDED,
    AgreementFile,
    BlockAgreement,
    recordings_folder,
)

OPTIONS: Final = ["--data", "digits", "--epochs", "15", "--batch-size", "32", "--lr", "0.02", "--seed", "1"]
"""The recipe: at twice the rate ResNet-56 starts too slowly to end in so few steps."""

ON_CPU: Final = ["--device", "cpu", "--precision", "fp32"]
WITH_WEIGHTS: Final = ("plain-20", "ResNet-20")
COLOURS: Final = {"plain-20": 0, "ResNet-20": 2, "plain-56": 3, "ResNet-56": 1}
POINTS: Final = 128
SEEDS: Final = (1, 2, 3)


def spec_of(name: str) -> ResNetSpec:
    """The network of a recording."""
    kind, _, depth = name.partition("-")
    return digits_spec(int(depth), shortcut="none" if kind == "plain" else "A")


def record(name: str, work: Path) -> None:
    """Train a network as a user would, and keep what is replayed of it."""
    design, run = work / "design.json", work / name
    save_design(Design(name=name, spec=spec_of(name)), design)
    command = [sys.executable, "-m", "resnet_gui", "train", str(design), "--run", str(run), *OPTIONS, *ON_CPU]
    subprocess.run(command, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    target = recordings_folder() / name
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for file in (RUN_FILE, *([BEST_FILE] if name in WITH_WEIGHTS else [])):
        shutil.copyfile(run / file, target / file)
    lines = (run / EVENTS_FILE).read_bytes().splitlines()
    write_atomic(target / EVENTS_FILE, b"".join(without_path(line, name) for line in lines))
    write_atomic(target / NOTES_FILE, msgspec.json.encode(RunNotes(colour=COLOURS[name])) + b"\n")


def without_path(line: bytes, name: str) -> bytes:
    """A line of the events in which the last word names the run and no folder."""
    event = decode_run_event(line)
    if not isinstance(event, RunEnded) or event.result is None:
        return line + b"\n"
    return encode_line(msgspec.structs.replace(event, result=msgspec.structs.replace(event.result, run=name)))


def measure_agreement() -> None:
    """Measure how alike the gradients of neighbouring pictures are at each block of the networks."""
    setup, found = GradientSetup(points=POINTS), []
    for name in RECORDED:
        spec = spec_of(name)
        of_seeds = [agreement_by_block(spec, setup, seed) for seed in SEEDS]
        means = tuple(round(sum(values) / len(values), 4) for values in zip(*of_seeds, strict=True))
        found.append(BlockAgreement(name, spec.blocks, means))
        print(f"{name}: {means[0]:.2f} at the first block, {means[-1]:.2f} at the last")
    content = msgspec.to_builtins(AgreementFile(POINTS, SEEDS, tuple(found)))
    write_atomic(recordings_folder() / AGREEMENT_FILE, json.dumps(content).encode() + b"\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=(*RECORDED, "agreement"))
    only = parser.parse_args().only
    for name in RECORDED:
        if only in {None, name}:
            with tempfile.TemporaryDirectory() as work:
                record(name, Path(work))
    if only in {None, "agreement"}:
        measure_agreement()


if __name__ == "__main__":
    main()
