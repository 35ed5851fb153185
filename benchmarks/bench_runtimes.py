"""Exact answers: ours beside ONNX Runtime, ResNet-18 and ResNet-50 at 224×224, weights drawn at random, on the CPU.

Usage: python benchmarks/bench_runtimes.py [--python PYTHON] [--rounds N] [--networks resnet18,resnet50]

 onnxruntime: the file that the program exports, with ONNX Runtime's defaults, from bytes over numpy's normalisation to
    logits. It is no part of the program: PYTHON is a Python that has onnxruntime and numpy, unless this one has them.
 ours: what the program answers with by default, from the same bytes, with the traces that an engine makes at rest.

Each is a process of its own, and they take turns. Threads of ONNX Runtime go on waiting with all their might after a
pass, so the next turn begins when they have gone to sleep; the second pass of a turn counts. Answers are compared
first.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BATCHES = (1, 16)
CLOSE = 1e-5
REST_SECONDS = 0.3
"""Longer than the threads of a runtime wait for their next work before they sleep."""


def batch_of(count: int) -> NDArray[np.uint8]:
    """Bytes (N, 3, 224, 224)."""
    return np.random.default_rng(0).integers(0, 256, (count, 3, 224, 224), dtype=np.uint8)


def onnxruntime_answers(options: argparse.Namespace) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
    """From bytes to logits by ONNX Runtime."""
    import onnxruntime  # type: ignore[import-not-found]  # an option that the project does not depend on

    session = onnxruntime.InferenceSession(str(options.file), providers=["CPUExecutionProvider"])
    (read,) = (each.name for each in session.get_inputs())
    mean, std = (np.asarray(values, np.float32).reshape(3, 1, 1) for values in (options.mean, options.std))

    def answer(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = session.run(None, {read: (pixels.astype(np.float32) / 255 - mean) / std})[0]
        return found

    return answer


def own_answers(options: argparse.Namespace) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
    """From bytes to logits as the program's engine answers after a moment of rest."""
    from resnet_gui.engine.predict.classifier import ClassifierCache
    from resnet_gui.protocol.jobs import ModelRequest

    warm = ClassifierCache()
    classifier = warm.get(ModelRequest(model=str(options.file), device="cpu"))

    def answer(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        made: NDArray[np.float32] = classifier.logits(pixels).numpy()
        warm.record()
        return made

    return answer


PARTS: dict[str, Callable[[argparse.Namespace], Callable[[NDArray[np.uint8]], NDArray[np.float32]]]] = {
    "onnxruntime": onnxruntime_answers,
    "ours": own_answers,
}


def serve(options: argparse.Namespace) -> None:
    """What a process does: a batch in each line, answered with the seconds of the second of two passes."""
    answer = PARTS[options.part](options)
    for line in sys.stdin:
        name, _, count = line.strip().partition(" ")
        pixels = batch_of(int(count))
        made = answer(pixels)
        if name == "save":
            np.save(options.file.with_suffix(f".{options.part}.npy"), made)
        begun = time.perf_counter()
        answer(pixels)
        print(time.perf_counter() - begun, flush=True)


class Runtime:
    """A process that answers by one runtime."""

    def __init__(self, python: str, part: str, file: Path, normalisation: list[str]) -> None:
        command = [python, __file__, "--part", part, "--file", str(file), *normalisation]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.saved = file.with_suffix(f".{part}.npy")

    def turn(self, name: str, count: int) -> float:
        """Seconds of a pass with so many pictures."""
        into, out = self._child.stdin, self._child.stdout
        if into is None or out is None:
            raise RuntimeError("the process has no pipes")
        into.write(f"{name} {count}\n")
        into.flush()
        return float(out.readline())

    def close(self) -> None:
        """End it."""
        self._child.kill()
        self._child.wait()


def compare(name: str, options: argparse.Namespace, folder: Path) -> None:
    """The table of one network."""
    from drawn import drawn
    from table import head, row

    from resnet_gui.data.weights_catalogue import WEIGHTS
    from resnet_gui.engine.export.onnx_file import write_onnx
    from resnet_gui.network.weights import load_model

    _, path = drawn(name, folder)
    model, info = load_model(path)
    write_onnx(model.eval(), path.with_suffix(".onnx"), info)
    how = WEIGHTS[f"{name}-v1"].preprocess
    normalisation = ["--mean", *map(str, how.mean), "--std", *map(str, how.std)]
    peer = Runtime(options.python, "onnxruntime", path.with_suffix(".onnx"), normalisation)
    ours = Runtime(sys.executable, "ours", path, [])
    print(head(name, "onnxruntime ÷"))
    for count in BATCHES:
        for runtime in (peer, ours):
            runtime.turn("save", count)
        expected, found = (np.load(runtime.saved) for runtime in (peer, ours))
        away = float(np.abs(found - expected).max() / np.abs(expected).max())
        print(f"  batch {count}: logits at most {away:.1e} of the largest from each other")
        if away > CLOSE:
            raise SystemExit(f"{name}: the answers differ by {away:.1e}; more than {CLOSE:.0e} is not the same network")
        times: dict[str, list[float]] = {"onnxruntime": [], "ours": []}
        for _ in range(options.rounds if count == 1 else max(3, options.rounds // 4)):
            for part, runtime in (("onnxruntime", peer), ("ours", ours)):
                times[part].append(runtime.turn("time", count))
                time.sleep(REST_SECONDS)
        base = statistics.median(times["onnxruntime"])
        for part, taken in times.items():
            print(row(f"batch {count}, {part}", taken) + f"{base / statistics.median(taken):8.2f}×")
    for runtime in (peer, ours):
        runtime.close()


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--rounds", type=int, default=24)
    parser.add_argument("--networks", default="resnet18,resnet50")
    for hidden in ("--part", "--file"):
        parser.add_argument(hidden, type=Path if hidden == "--file" else str, help=argparse.SUPPRESS)
    for hidden in ("--mean", "--std"):
        parser.add_argument(hidden, type=float, nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        serve(options)
        return 0
    asked: Any = subprocess.run([options.python, "-c", "import onnxruntime; print(onnxruntime.__version__)"],
                                capture_output=True, text=True, check=False)  # fmt: skip
    if asked.returncode:
        print(f"Exact answers are not compared: {options.python} has no onnxruntime; name one that has by --python.")
        return 0
    print(f"ONNX Runtime {asked.stdout.strip()}")
    with tempfile.TemporaryDirectory() as folder:
        for name in options.networks.split(","):
            compare(name, options, Path(folder))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
