"""Training ResNet-20, batch 128, 32×32: ours with all live events on, beside the usual loop and beside the limit.

Then ResNet-18 at 224×224 begun from weights, a linear probe and the last stage, beside the usual scripts
(start_weights.py).

Usage: python benchmarks/train.py [--rounds N] [--steps N] [--device cpu|cuda] [--formats fp32,bf16] [--no-window]
                                  [--no-starts]
       python benchmarks/train.py --pictures FOLDER --accuracy 0.9 [--device cuda]    time of ResNet-18 to an accuracy

Contenders run in processes of their own, one after the other, round after round; medians are compared.
 (a) loop: a DataLoader with two workers, PIL pictures, torchvision's transforms, plain SGD, contiguous layout.
 (b) limit: the same network, layout and number format on one fixed batch that is ready on the device; nothing else.
 ours: `resnet_gui.engine.train.run` with run folder, events, probes, test and checkpoints, timed from step to step.
 window: the same run started from the Train page of a real window, drawn offscreen.
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
from typing import Any

import start_weights

PICTURES, BATCH, SIZE, CLASSES = 6_400, 128, 32, 10
BEAT = 16
"""Milliseconds between two looks at the event loop; more often would be a load of its own."""

WARM = 4
"""Steps at the start that are not counted: kernels are chosen in them."""


def make_pictures(folder: Path) -> None:
    """A folder of random PNGs; what is in them does not change what a step costs."""
    import numpy as np
    from PIL import Image

    generator = np.random.default_rng(0)
    for number in range(PICTURES):
        place = folder / f"class{number % CLASSES}"
        place.mkdir(parents=True, exist_ok=True)
        pixels = generator.integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(place / f"{number:05}.png", compress_level=0)


def network(device: str) -> Any:
    import torch

    from resnet_gui.design.plan import plan
    from resnet_gui.design.presets import PRESETS
    from resnet_gui.network.resnet import ResNet

    torch.manual_seed(0)
    return ResNet(plan(PRESETS["resnet20"].spec)).to(device).train()


def speed_of_loop(batches: Any, model: Any, optimiser: Any, options: argparse.Namespace, layout: Any) -> float:
    """Pictures a second of a plain loop, the waiting for its batches included; a GPU is waited for at the ends only."""
    import torch
    from torch.nn import functional

    def wait() -> float:
        if options.device != "cpu":
            torch.cuda.synchronize()
        return time.perf_counter()

    begun = 0.0
    for number, (raw, wanted) in enumerate(batches):
        if number == WARM:
            begun = wait()
        if number == options.steps + WARM:
            break
        images, labels = raw.to(options.device, memory_format=layout), wanted.to(options.device)
        with torch.autocast(options.device, torch.bfloat16, enabled=options.format == "bf16"):
            logits = model(images)
        loss = functional.cross_entropy(logits.float(), labels)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return float(BATCH * options.steps / (wait() - begun))


def run_loop(options: argparse.Namespace) -> dict[str, float]:
    import torch
    from torch.utils.data import DataLoader
    from torchvision import datasets, transforms

    transform = transforms.Compose(
        [
            transforms.RandomCrop(SIZE, padding=4),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize((0.5,) * 3, (0.25,) * 3),
        ]
    )
    started = time.perf_counter()
    data = datasets.ImageFolder(options.pictures, transform)

    def forever() -> Any:
        while True:
            yield from DataLoader(data, BATCH, shuffle=True, num_workers=2, drop_last=True)

    model = network(options.device)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    layout = torch.contiguous_format
    speed = speed_of_loop(forever(), model, optimiser, options, layout)
    spent = BATCH * options.steps / speed
    return {"speed": speed, "first": time.perf_counter() - started - spent}


def run_limit(options: argparse.Namespace) -> dict[str, float]:
    import torch

    model = network(options.device).to(memory_format=torch.channels_last)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4, fused=True)
    batch = torch.randn(BATCH, 3, SIZE, SIZE, device=options.device).to(memory_format=torch.channels_last)
    labels = torch.randint(0, CLASSES, (BATCH,), device=options.device)
    batches = iter(lambda: (batch, labels), None)
    return {"speed": speed_of_loop(batches, model, optimiser, options, torch.channels_last)}


def recipe(options: argparse.Namespace) -> Any:
    from resnet_gui.training.recipe import Recipe

    return Recipe(
        data=str(options.pictures), epochs=10_000, steps=options.steps + WARM, batch_size=BATCH, weight_decay=1e-4,
        augment="shift-flip", precision=options.format,
    )  # fmt: skip


def run_ours(options: argparse.Namespace) -> dict[str, float]:
    from resnet_gui.design.presets import PRESETS
    from resnet_gui.engine.train.control import Control
    from resnet_gui.engine.train.run import train
    from resnet_gui.protocol.jobs import Train
    from resnet_gui.runs.events import RunEvent, StepDone

    told: list[tuple[int, float]] = []
    started = time.perf_counter()

    def tell(event: RunEvent) -> None:
        if isinstance(event, StepDone):
            told.append((event.step, time.perf_counter()))

    with tempfile.TemporaryDirectory() as folder:
        job = Train(1, f"{folder}/run", "bench", PRESETS["resnet20"].spec, recipe(options), options.device)
        ended = train(job, tell, Control())
        if ended.status != "finished":
            raise SystemExit(f"the run failed: {ended}")
    return {"speed": between(told), "first": told[0][1] - started}


def between(told: list[tuple[int, float]]) -> float:
    """Pictures a second from (step, time): over the steps of each epoch, the tests between them left out.

    On a GPU steps are told in bursts, so whole stretches are measured and not single steps.
    """
    per_epoch = PICTURES * 4 // 5 // BATCH
    steps = taken = 0.0
    for epoch in range(told[-1][0] // per_epoch + 1):
        inside = [each for each in told if each[0] > WARM and (each[0] - 1) // per_epoch == epoch]
        if len(inside) > 1:
            steps += inside[-1][0] - inside[0][0]
            taken += inside[-1][1] - inside[0][1]
    return BATCH * steps / taken


def run_headless(options: argparse.Namespace) -> dict[str, float]:
    """An engine as the window starts it, without a window; speed from its own events."""
    from resnet_gui.design.presets import PRESETS
    from resnet_gui.protocol.events import decode_event
    from resnet_gui.protocol.jobs import Train, encode_message
    from resnet_gui.runs.events import StepDone

    with tempfile.TemporaryDirectory() as folder:
        job = Train(1, f"{folder}/run", "bench", PRESETS["resnet20"].spec, recipe(options), options.device)
        child = subprocess.Popen(
            [sys.executable, "-m", "resnet_gui.engine"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        if child.stdin is None or child.stdout is None:
            raise SystemExit("the engine has no pipes")
        child.stdin.write(encode_message(job))
        child.stdin.flush()
        steps: list[StepDone] = []
        for line in child.stdout:
            event = decode_event(line)
            if isinstance(event, StepDone):
                steps.append(event)
            if b'"type":"done"' in line:
                break
        child.stdin.close()
        child.wait()
    return {"speed": speed_of(steps)}


def speed_of(steps: list[Any]) -> float:
    """Pictures a second over the counted steps, by the run's own clock."""
    return between([(event.step, event.seconds) for event in steps])


def run_window(options: argparse.Namespace) -> dict[str, float]:
    """The same from the Train page; the gaps of its event loop beside it."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QTimer

    from resnet_gui.design.presets import PRESETS
    from resnet_gui.gui.app import fill, make_application
    from resnet_gui.gui.kit.theme import Theme
    from resnet_gui.gui.shell.main_window import MainWindow
    from resnet_gui.runs.history import RunReader

    app = make_application()
    theme = Theme(app, "dark")
    frame = MainWindow(theme)
    frame.show()
    window: Any = fill(frame, theme)
    window.session.choose_preset(PRESETS["resnet20"])
    window.show_page("train")
    page = window.page("train")
    gaps: list[float] = []
    last = time.perf_counter()

    def beat() -> None:
        nonlocal last
        now = time.perf_counter()
        gaps.append(now - last)
        last = now

    def watch() -> None:
        rows = page.runs.rows()
        if window.engines.state == "ready" and not rows:
            page.starts.present(recipe(options), 1)
        elif rows and rows[0].status == "running" and not timer.isActive():
            gaps.clear()
            timer.start(BEAT)
        elif rows and rows[0].status in {"finished", "failed"} and not window.engines.running():
            app.exit(0)  # quitting would close the window, which asks about runs

    timer = QTimer()
    timer.timeout.connect(beat)
    look = QTimer()
    look.timeout.connect(watch)
    look.start(50)
    app.exec()
    run = page.runs.rows()[0]
    from resnet_gui.runs.events import StepDone

    steps = [event for event in RunReader(run.folder).read() if isinstance(event, StepDone)]
    late = sorted(max(0.0, gap - BEAT / 1000) for gap in gaps[5:])
    window.engines.shutdown(keep_runs=False)
    found = {"speed": speed_of(steps), "gap99": late[int(0.99 * len(late))] * 1000, "gap": late[-1] * 1000}
    print(json.dumps(found | {"rss": peak_mb()}), flush=True)
    os._exit(0)


CONTENDERS = {
    "loop": run_loop, "limit": run_limit, "ours": run_ours, "headless": run_headless, "window": run_window,
}  # fmt: skip


def peak_mb() -> float:
    """Most memory that this process has had."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def child(name: str, options: argparse.Namespace, precision: str) -> dict[str, float]:
    """Run a contender in a process of its own."""
    command = [sys.executable, __file__, "--child", name, "--format", precision, "--steps", str(options.steps)]
    command += ["--device", options.device, "--pictures", str(options.pictures)]
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            command, env={**os.environ, "RESNET_GUI_HOME": home}, stdout=subprocess.PIPE, text=True, check=True
        )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(options: argparse.Namespace) -> None:
    names = ["loop", "limit", "ours", *([] if options.no_window else ["headless", "window"])]
    rows: list[list[str]] = []
    for precision in options.formats.split(","):
        found: dict[str, list[dict[str, float]]] = {name: [] for name in names}
        for _ in range(options.rounds):
            for name in names:
                # The usual loop is fp32 whatever ours computes in.
                found[name].append(child(name, options, "fp32" if name == "loop" else precision))
        speeds = {name: statistics.median(each["speed"] for each in found[name]) for name in names}
        against = {"ours": "loop", "window": "headless"}
        for name in names:
            first = statistics.median(each.get("first", 0.0) for each in found[name])
            memory = statistics.median(each["rss"] for each in found[name])
            other = against.get(name, "")
            rows.append(
                [
                    precision, name, f"{speeds[name]:,.0f}",
                    f"{speeds[name] / speeds[other]:.2f}× {other}" if other else "",
                    f"{speeds[name] / speeds['limit']:.1%} of limit" if name in {"ours", "window"} else "",
                    f"{first:.1f} s" if first else "", f"{memory:,.0f} MB",
                ]
            )  # fmt: skip
        if "window" in names:
            gaps = [each["gap99"] for each in found["window"]]
            rows.append([precision, "event loop", f"p99 {statistics.median(gaps):.1f} ms", "", "", "", ""])
    head = ["format", "contender", "images/s", "against", "limit", "first event", "peak memory"]
    widths = [max(len(line[column]) for line in (head, *rows)) for column in range(len(head))]
    for line in (head, *rows):
        print("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def to_accuracy(options: argparse.Namespace) -> None:
    """Time of ResNet-18 (CIFAR stem) on a folder of pictures to an accuracy."""
    from resnet_gui.design.presets import PRESETS
    from resnet_gui.design.spec import evolve
    from resnet_gui.engine.train.control import Control
    from resnet_gui.engine.train.run import train
    from resnet_gui.protocol.jobs import Train
    from resnet_gui.runs.events import EpochDone, RunEvent
    from resnet_gui.training.recipe import Recipe

    control = Control()
    begun = time.perf_counter()

    def tell(event: RunEvent) -> None:
        if isinstance(event, EpochDone):
            reached = 1 - event.test_error
            print(f"epoch {event.epoch}: {reached:.2%} after {time.perf_counter() - begun:,.1f} s", flush=True)
            if reached >= options.accuracy:
                control.stop()

    spec = evolve(PRESETS["resnet18"].spec, stem="cifar", input=(3, 32, 32), classes=10)
    plan = Recipe(
        data=str(options.pictures), epochs=options.epochs, batch_size=512, lr=0.4, nesterov=True, schedule="one-cycle",
        augment="shift-flip", cutout=0.25, label_smoothing=0.1,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        ended = train(Train(1, f"{folder}/run", "to accuracy", spec, plan, options.device), tell, control)
    best = ended.result.best_top1 if ended.result is not None else 0.0
    print(f"{ended.status}: best {best:.2%} in {time.perf_counter() - begun:,.1f} s, wanted {options.accuracy:.0%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--formats", default="fp32,bf16")
    parser.add_argument("--no-window", action="store_true")
    parser.add_argument("--no-starts", action="store_true", help="nothing about starts from weights")
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--accuracy", type=float, default=0.0)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--child", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--format", default="fp32", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        found = CONTENDERS[options.child](options)
        print(json.dumps(found | {"rss": peak_mb()}))
    elif options.accuracy:
        to_accuracy(options)
    else:
        with tempfile.TemporaryDirectory() as folder:
            options.pictures = Path(folder)
            make_pictures(options.pictures)
            compare(options)
        if not options.no_starts:
            print(flush=True)
            start_weights.main([])


if __name__ == "__main__":
    main()
