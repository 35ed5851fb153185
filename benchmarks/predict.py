"""Classifying: ours beside plain eager torchvision, ResNet-18 and ResNet-50 at 224×224, weights drawn at random.

Usage: python benchmarks/predict.py [--rounds N] [--device cpu|cuda] [--no-window]

 eager: torchvision's network under no_grad, contiguous, fp32, from bytes over its own normalisation to logits; in a
    process of its own, for the program's settings of the allocator would be its settings too.
 exact: what the program answers with by default, from the same bytes; probabilities are compared first.
 fast: with bf16 where it is faster.
 photograph: a 12-megapixel JPEG, warm, from file to answer: PIL's plain decode, torchvision's preset and the eager
    network, beside ours.
 window: the same pictures through a real window, drawn offscreen, beside an engine without one.
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
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from drawn import drawn, make_photo
from PIL import Image
from table import head, row, seconds
from torchvision.models import get_model_builder, get_model_weights

from resnet_gui.design.presets import PRESETS
from resnet_gui.engine.predict.classifier import Classifier, ClassifierCache
from resnet_gui.engine.predict.picture_answers import classify
from resnet_gui.protocol.jobs import ModelRequest, Predict, encode_message

if TYPE_CHECKING:
    from resnet_gui.gui.predict.page import PredictPage

NETWORKS = ("resnet18", "resnet50")
BATCHES = (1, 16)
PHOTO = (4000, 3000)
PICTURES = 300


class Eager:
    """What a script would do: torchvision's network and its own normalisation, under no_grad."""

    def __init__(self, name: str, model: Any, device: str) -> None:
        self.model = model.to(device)
        self.preset = get_model_weights(name)["IMAGENET1K_V1"].transforms()
        self.device = device
        self.mean, self.std = (
            torch.tensor(v, device=device).view(-1, 1, 1) for v in (self.preset.mean, self.preset.std)
        )

    @torch.no_grad()
    def logits(self, pixels: np.ndarray[Any, Any]) -> torch.Tensor:
        """From bytes (N, C, H, W) to logits on the CPU."""
        x = (torch.from_numpy(pixels).to(self.device).float() / 255 - self.mean) / self.std
        return self.model(x).cpu()  # type: ignore[no-any-return]

    @torch.no_grad()
    def answer(self, path: Path) -> torch.Tensor:
        """From a file to probabilities."""
        with Image.open(path) as image:
            x = self.preset(image.convert("RGB"))[None].to(self.device)
        return torch.softmax(self.model(x), dim=1).cpu()


class EagerProcess:
    """The eager network in a process of its own, which times itself."""

    def __init__(self, name: str, device: str, photo: Path) -> None:
        command = [sys.executable, __file__, "--part", "eager", "--model", name, "--pictures", str(photo)]
        self._child = subprocess.Popen(
            [*command, "--device", device], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def seconds(self, what: str) -> float:
        """One run: "1" or "16" for a batch, or "photo"."""
        into, out = self._child.stdin, self._child.stdout
        if into is None or out is None:
            raise RuntimeError("the process has no pipes")
        into.write(f"{what}\n")
        into.flush()
        return float(out.readline())

    def close(self) -> None:
        """End it."""
        self._child.kill()
        self._child.wait()


def batch_of(count: int) -> np.ndarray[Any, Any]:
    """Bytes (N, 3, 224, 224)."""
    return np.random.default_rng(0).integers(0, 256, (count, 3, 224, 224), dtype=np.uint8)


def serve_eager(options: argparse.Namespace) -> None:
    """What ``EagerProcess`` runs."""
    torch.manual_seed(0)
    eager = Eager(options.model, get_model_builder(options.model)().eval(), options.device)
    batches = {str(count): batch_of(count) for count in BATCHES}
    for line in sys.stdin:
        what = line.strip()
        work = partial(eager.answer, options.pictures) if what == "photo" else partial(eager.logits, batches[what])
        print(seconds(work), flush=True)


def networks(options: argparse.Namespace, folder: Path) -> None:
    """The tables of the networks, and of the photograph."""
    photo = folder / "photo.jpg"
    make_photo(photo, PHOTO)
    for name in NETWORKS:
        model, path = drawn(name, folder)
        eager, warm = Eager(name, model, options.device), ClassifierCache(quantises=True)
        apart = EagerProcess(name, options.device, photo)
        exact = warm.get(ModelRequest(model=str(path), device=options.device))
        fast = warm.get(ModelRequest(model=str(path), device=options.device, mode="fast"))
        print(head(f"{PRESETS[name].title} on {options.device}; fast is {fast.computed}", "eager ÷"))
        for batch in BATCHES:
            pixels = batch_of(batch)
            wanted = torch.softmax(eager.logits(pixels).double(), dim=1)
            for ours in (exact, fast):
                away = float((torch.softmax(ours.logits(pixels).double(), dim=1) - wanted).abs().max())
                print(f"  {ours.mode}: probabilities at most {away:.1e} from eager's")
                # As an engine does where nobody asks.
                ours.record()
            works: list[Callable[[], float]] = [
                partial(apart.seconds, str(batch)),
                partial(seconds, partial(exact.logits, pixels)),
                partial(seconds, partial(fast.logits, pixels)),
            ]
            report(f"batch {batch}", works, options.rounds)
        works = [
            partial(apart.seconds, "photo"),
            *(partial(seconds, partial(answer, one, photo)) for one in (exact, fast)),
        ]
        report("12-megapixel photograph", works, options.rounds)
        apart.close()


def answer(classifier: Classifier, photo: Path) -> object:
    """From a file to an answer."""
    return next(classify(classifier, [photo]))


def report(what: str, works: Sequence[Callable[[], float]], rounds: int) -> None:
    """Lines of eager, exact and fast, taken in turns; how many times faster than eager stands behind."""
    times: list[list[float]] = [[] for _ in works]
    for number in range(rounds + 3):
        for taken, work in zip(times, works, strict=True):
            one = work()
            if number >= 3:
                taken.append(one)
    base = statistics.median(times[0])
    for word, taken in zip(("eager", "exact", "fast"), times, strict=True):
        print(row(f"{what}, {word}", taken) + f"{base / statistics.median(taken):8.2f}×")


# ---- the window


def headless(request: ModelRequest, pictures: Path) -> float:
    """Seconds that an engine process takes for a folder, from question to last answer, warm."""
    engine = subprocess.Popen(
        [sys.executable, "-m", "resnet_gui.engine"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    into, out = engine.stdin, engine.stdout
    if into is None or out is None:
        raise RuntimeError("the engine has no pipes")

    def ask(job: int, images: tuple[str, ...]) -> float:
        begun = time.perf_counter()
        into.write(encode_message(Predict(job, request, images, scores=True)))
        into.flush()
        for line in out:
            said = json.loads(line)
            if said["type"] == "done" and said["job"] == job:
                break
        return time.perf_counter() - begun

    try:
        ask(1, (str(next(pictures.iterdir())),))
        return ask(2, (str(pictures),))
    finally:
        engine.kill()
        engine.wait()


def in_window(request: ModelRequest, pictures: Path) -> tuple[float, float]:
    """The same through the Predict page; also the event loop's gap at p99 in milliseconds."""
    from PySide6.QtCore import QTimer

    from resnet_gui.gui.app import fill, make_application
    from resnet_gui.gui.kit.theme import Theme
    from resnet_gui.gui.shell.main_window import MainWindow

    app = make_application()
    theme = Theme(app, "dark")
    bench = fill(MainWindow(theme), theme)
    bench.window.resize(1440, 900)
    bench.window.show()
    bench.show_page("predict")
    page = cast("PredictPage", bench.page("predict"))

    def wait(until: Callable[[], bool]) -> None:
        while not until():
            app.processEvents()
            time.sleep(0.001)

    wait(lambda: bench.engines.state == "ready")
    page.open_network(Path(request.model))
    page.add_files([next(pictures.iterdir())])
    wait(lambda: not page.predictions.busy and page.pictures.counts()[1] == 1)
    wait_until = time.perf_counter() + 2
    wait(lambda: time.perf_counter() > wait_until)
    page.state.set_cam(True)
    gaps: list[float] = []
    last = time.perf_counter()

    def beat() -> None:
        nonlocal last
        now = time.perf_counter()
        gaps.append((now - last) * 1000)
        last = now

    timer = QTimer(interval=8)
    timer.timeout.connect(beat)
    begun = last = time.perf_counter()
    timer.start()
    page.add_files([pictures])
    wait(lambda: not page.predictions.busy)
    taken = time.perf_counter() - begun
    timer.stop()
    bench.engines.shutdown(keep_runs=False)
    bench.engines.kill_all()
    return taken, float(np.percentile(gaps, 99))


def window(options: argparse.Namespace, folder: Path) -> None:
    """How much of the engine's speed a window costs; each part in a process of its own, in turns."""
    _, path = drawn("resnet18", folder)
    pictures = folder / "pictures"
    pictures.mkdir()
    for number in range(PICTURES):
        make_photo(pictures / f"{number:03}.jpg", (500, 375), number)
    found: dict[str, list[float]] = {"headless": [], "window": []}
    gaps: list[float] = []
    for _ in range(options.window_rounds):
        for part in ("headless", "window"):
            command = [sys.executable, __file__, "--part", part, "--model", str(path), "--pictures", str(pictures)]
            environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "RESNET_GUI_HOME": str(folder / "home")}
            out = subprocess.run(
                [*command, "--device", options.device], env=environment, capture_output=True, text=True, check=True
            )
            said = json.loads(out.stdout.splitlines()[-1])
            found[part].append(said["seconds"])
            gaps += [said["p99"]] if "p99" in said else []
    base = statistics.median(found["headless"])
    print(head(f"{PICTURES} photographs of 500×375 through ResNet-18, exact", "÷ engine"))
    for part, taken in found.items():
        print(row(part, taken, base) + f"   {PICTURES / statistics.median(taken):.1f} pictures/s")
    print(f"  event loop's gap at p99: {statistics.median(gaps):.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--window-rounds", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--no-window", action="store_true")
    parser.add_argument("--part", choices=("headless", "window", "eager"), help=argparse.SUPPRESS)
    parser.add_argument("--model", help=argparse.SUPPRESS)
    parser.add_argument("--pictures", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part == "eager":
        serve_eager(options)
        return
    if options.part:
        request = ModelRequest(model=options.model, device=options.device)
        if options.part == "headless":
            print(json.dumps({"seconds": headless(request, options.pictures)}))
        else:
            taken, gap = in_window(request, options.pictures)
            print(json.dumps({"seconds": taken, "p99": gap}), flush=True)
            os._exit(0)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        networks(options, folder)
        if not options.no_window:
            window(options, folder)


if __name__ == "__main__":
    main()
