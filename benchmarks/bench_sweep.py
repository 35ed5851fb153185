"""A sweep of twelve runs on the digits beside the same runs one after the other in this process with two threads.

Usage: python benchmarks/bench_sweep.py [--epochs N] [--workers N]... [--skip-reference]

Depth 8, 14 and 20, with shortcuts and without, two seeds each. The sweep's time begins before the process that forks
its runs has loaded torch; the other one's begins when everything is loaded. Runs at once: 1, 2, and 4, 8, 16 where the
machine has so many cores.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from resnet_gui.design.presets import find_design
from resnet_gui.engine.sweep.capacity import cores
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.run import train
from resnet_gui.protocol.jobs import Train
from resnet_gui.sweeps.folder import new_sweep_folder
from resnet_gui.sweeps.state import SweepState, read_state
from resnet_gui.sweeps.sweep import Sweep, field_axis
from resnet_gui.training.recipe import Recipe

THREADS = 2
PROCESSES = (1, 2, 4, 8, 16)


def twelve(epochs: int) -> Sweep:
    axes = (
        field_axis("depth", {"8": 8, "14": 14, "20": 20}),
        field_axis("shortcut", {"A": "A", "none": "none"}),
    )
    recipe = Recipe(epochs=epochs, augment="none", weight_decay=1e-4)
    return Sweep(
        name="twelve", design=find_design("digits-resnet"), recipe=recipe, axes=axes, seeds=(1, 2), device="cpu"
    )


def in_a_row(folder: Path, state: SweepState) -> float:
    """Seconds of the same runs one after the other in this process."""
    cell = state.cells[0]
    warm = msgspec.structs.replace(cell.configuration.recipe, epochs=1)
    train(Train(0, str(folder / "warm"), "warm", cell.configuration.spec, warm, "cpu"), lambda _event: None, Control())
    begun = time.perf_counter()
    for number, each in enumerate(state.cells):
        recipe = msgspec.structs.replace(each.configuration.recipe, seed=each.seed)
        job = Train(0, str(folder / str(number)), "x", each.configuration.spec, recipe, "cpu", threads=THREADS)
        ended = train(job, lambda _event: None, Control())
        if ended.status != "finished":
            raise SystemExit(ended.message)
    return time.perf_counter() - begun


def as_a_sweep(folder: Path, sweep: Sweep, workers: int) -> tuple[float, SweepState]:
    """Seconds of the sweep, as the command runs it, in a process of its own."""
    new_sweep_folder(sweep, folder)
    words = ["-m", "resnet_gui", "sweep", "--resume", str(folder), "--workers", str(workers), "--json"]
    begun = time.perf_counter()
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    return time.perf_counter() - begun, read_state(folder)


def row(name: str, taken: float, reference: float | None, state: SweepState | None = None) -> str:
    ratio = f"{taken / reference:6.2f}×" if reference else ""
    inside = [cell.figures.seconds for cell in state.cells if cell.figures is not None] if state else []
    each = f"{statistics.mean(inside):8.2f} s" if inside else ""
    return f"  {name:52} {taken:8.1f} s {ratio:>8} {each:>10}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=Recipe().epochs)
    parser.add_argument("--workers", type=int, action="append")
    parser.add_argument("--skip-reference", action="store_true")
    options = parser.parse_args()
    sweep = twelve(options.epochs)
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        print(f"\ntwelve runs on the digits, {options.epochs} epochs each; this machine has {cores()} cores")
        print(f"  {'':52} {'wall':>10} {'ratio':>8} {'each':>10}")
        reference = None
        if not options.skip_reference:
            reference = in_a_row(place / "row", read_state(new_sweep_folder(sweep, place / "plan")))
            print(row(f"one after the other, {THREADS} threads", reference, reference), flush=True)
        for workers in options.workers or [count for count in PROCESSES if count <= max(2, cores())]:
            taken, state = as_a_sweep(place / str(workers), sweep, workers)
            name = f"resnet-gui sweep, {workers} run{'s' * (workers > 1)} at once"
            print(row(name, taken, reference, state), flush=True)


if __name__ == "__main__":
    main()
