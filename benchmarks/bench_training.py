"""Training on the CPU of this tree beside another checkout: speed of whole runs, and the memory of a step.

Usage: python benchmarks/bench_training.py --beside CHECKOUT [--rounds N]

Both are measured by turns in one run, each measurement in a process of its own; medians are compared.
 digits: a whole run of the digits network, batch 64, with run folder, events, probes, tests and checkpoints; from step
   to step, so that start and tests are left out.
 resnet20: the same of ResNet-20 on 32×32 pictures, batch 128.
 peak: most bytes that torch has given out in a step of ResNet-20, batch 128, beyond those before it.
 growth: how much the process grows over a whole run of it, from before the network is made (the high-water mark of its
   resident memory; Linux alone tells it).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
WARM: Final = 10
"""Steps at the start of a run that are not counted."""

BATCH: Final = 128


def paces(design: str, recipe: Any) -> dict[str, float]:
    """Pictures a second of a run, of its median step and of all of them."""
    from resnet_gui.design.presets import PRESETS
    from resnet_gui.engine.train.control import Control
    from resnet_gui.engine.train.run import train
    from resnet_gui.protocol.jobs import Train
    from resnet_gui.runs.events import RunEvent, StepDone

    told: list[float] = []

    def tell(event: RunEvent) -> None:
        if isinstance(event, StepDone):
            told.append(time.perf_counter())

    with tempfile.TemporaryDirectory() as folder:
        before = resident()
        ended = train(Train(1, f"{folder}/run", "bench", PRESETS[design].spec, recipe, "cpu"), tell, Control())
        if ended.status != "finished":
            raise SystemExit(f"the run failed: {ended}")
    steps = sorted(after - before for before, after in zip(told[WARM:], told[WARM + 1 :], strict=False))
    # Steps across a test are the longest ones.
    steps = steps[: len(steps) - recipe.epochs]
    return {
        "images/s, median step": recipe.batch_size / statistics.median(steps),
        "images/s, all steps": recipe.batch_size * len(steps) / sum(steps),
        "growth, MB": (highest() - before) / 1e6,
    }


def resident() -> int:
    """Bytes of memory that this process has; its high-water mark begins anew."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _status("VmRSS")


def highest() -> int:
    """The most bytes that it has had since."""
    return _status("VmHWM")


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def digits() -> dict[str, float]:
    from resnet_gui.training.recipe import Recipe

    found = paces("digits-resnet", Recipe(data="digits", epochs=8))
    return {f"digits {name}": value for name, value in found.items() if name != "growth, MB"}


def resnet20() -> dict[str, float]:
    import numpy as np
    from PIL import Image

    from resnet_gui.training.recipe import Recipe

    generator = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1600):
            place = Path(folder) / f"class{number % 10}"
            place.mkdir(exist_ok=True)
            pixels = generator.integers(0, 256, (32, 32, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(place / f"{number:05}.png", compress_level=0)
        recipe = Recipe(data=folder, epochs=4, batch_size=BATCH, augment="shift-flip")
        return {f"resnet20 {name}": value for name, value in paces("resnet20", recipe).items()}


def peak() -> dict[str, float]:
    """What torch's own counting of its memory says of steps."""
    import torch
    from torch.profiler import ProfilerActivity, profile

    from resnet_gui.design.plan import plan
    from resnet_gui.design.presets import PRESETS
    from resnet_gui.engine.train.distributed import RankGroup
    from resnet_gui.engine.train.step import TrainingStep
    from resnet_gui.network.resnet import ResNet
    from resnet_gui.training.recipe import Recipe

    network = ResNet(plan(PRESETS["resnet20"].spec))
    learner = TrainingStep(network, Recipe(batch_size=BATCH), "fp32", torch.channels_last, RankGroup())
    batch = torch.randint(0, 256, (BATCH, 3, 32, 32), dtype=torch.uint8), torch.randint(0, 10, (BATCH,))
    for step in range(3):
        learner.learn(batch, step, 100, BATCH)
    with tempfile.TemporaryDirectory() as folder:
        with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as watched:
            learner.learn(batch, 3, 100, BATCH)
        watched.export_chrome_trace(f"{folder}/trace.json")
        trace = json.loads(Path(folder, "trace.json").read_text(encoding="utf-8"))
    moments = [event for event in trace["traceEvents"] if event["name"] == "[memory]"]
    moments.sort(key=lambda event: event["ts"])
    totals = [event["args"]["Total Allocated"] for event in moments]
    return {"resnet20 peak of a step, MB": (max(totals) - totals[0] + moments[0]["args"]["Bytes"]) / 1e6}


PARTS: Final = {"digits": digits, "resnet20": resnet20, "peak": peak}


def measured(tree: Path, part: str) -> dict[str, float]:
    """One part of a tree, in a process of its own."""
    path = os.pathsep.join((str(tree), str(Path(__file__).parent)))
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [sys.executable, __file__, "--worker", part], cwd=tree, capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": path, "RESNET_GUI_HOME": home},
        )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{part} failed in {tree}:\n{done.stderr}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(other: Path, rounds: int, parts: list[str]) -> None:
    """Measure both trees by turns and print this one's figures over the other's."""
    trees = {"ours": ROOT, "theirs": other.resolve()}
    print(f"training on the CPU, this tree beside {other}: medians of {rounds} rounds by turns")
    print(f"  {'':36} {'theirs':>12} {'ours':>12} {'ratio':>8}")
    for part in parts:
        found: dict[str, list[dict[str, float]]] = {name: [] for name in trees}
        for turn in range(rounds):
            for name in sorted(trees, reverse=bool(turn % 2)):
                found[name].append(measured(trees[name], part))
        for title in found["ours"][0]:
            theirs, ours = (statistics.median(each[title] for each in found[name]) for name in ("theirs", "ours"))
            print(f"  {title:36} {theirs:12,.1f} {ours:12,.1f} {ours / theirs:7.2f}×", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--beside", type=Path, metavar="CHECKOUT")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--worker", choices=PARTS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        print(json.dumps(PARTS[options.worker]()))
    elif options.beside is None:
        parser.error("--beside CHECKOUT: there is nothing to compare with")
    else:
        compare(options.beside, options.rounds, options.parts.split(","))


if __name__ == "__main__":
    main()
