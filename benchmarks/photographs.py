"""A thousand mixed photographs, from files to answers: ours beside a plain script with torch's DataLoader.

Usage: python benchmarks/photographs.py [--pictures N] [--rounds N] [--networks resnet50,resnet18] [--beside CHECKOUT]

 script: PIL, upright by EXIF, torchvision's preset, a DataLoader with two workers and batches of 16, and torchvision's
    eager network under inference_mode with its default threads; in a process of its own, imported and warm.
 ours: the same files through an engine, exact, from the question to the last answer; in a process of its own, warm.
 beside: the engine of another checkout.

The files have 0.3 to 12 megapixels, evenly; of ten, six are plain JPEGs, one is progressive, one a PNG, one grey and
one stored on its side. Answers are compared first. All are taken by turns; the ratio is that of the medians.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageOps
from table import head, row

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
SIZES = (
    (640, 480), (800, 600), (1200, 900), (1632, 1224), (2048, 1536), (2592, 1944), (3264, 2448), (4000, 3000),
)  # fmt: skip
KINDS = ("plain",) * 6 + ("progressive", "png", "grey", "sideways")
BATCH = 16
WORKERS = 2
CLOSE = 1e-5


def draw_photographs(folder: Path, count: int) -> None:
    """Parts of one large picture with edges and texture at every scale."""
    from drawn import make_photo

    make_photo(folder / "whole.jpg", (4600, 3600))
    with Image.open(folder / "whole.jpg") as opened:
        whole = opened.convert("RGB")
    (folder / "whole.jpg").unlink()
    generator = np.random.default_rng(0)
    # The rarer kinds in all sizes: in a hundred each kind has ten.
    for number, place in enumerate(generator.permutation(count).tolist()):
        (width, height), kind = SIZES[place % len(SIZES)], KINDS[place // len(SIZES) % len(KINDS)]
        left, top = (int(generator.integers(0, most + 1)) for most in (4600 - width, 3600 - height))
        image = whole.crop((left, top, left + width, top + height))
        options: dict[str, Any] = {"quality": 90, "progressive": kind == "progressive"}
        if kind == "sideways":
            options["exif"] = Image.Exif()
            options["exif"][0x0112] = 6
        if kind == "grey":
            image = image.convert("L")
        image.save(folder / f"{number:05}.{'png' if kind == 'png' else 'jpg'}", **({} if kind == "png" else options))


# ---- the script


class Photographs:
    """A data set as torch's DataLoader wants it."""

    def __init__(self, folder: Path, transform: Any) -> None:
        self.paths, self.transform = sorted(folder.iterdir()), transform

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Any:
        with Image.open(self.paths[index]) as image:
            return self.transform(ImageOps.exif_transpose(image).convert("RGB"))


def serve_script(name: str, folder: Path, answers: Path) -> None:
    """What a script does, once for each line of its input."""
    import torch
    from torch.utils.data import DataLoader
    from torchvision.models import get_model_builder, get_model_weights

    torch.manual_seed(0)
    model = get_model_builder(name)().eval()
    pictures: Any = Photographs(folder, get_model_weights(name)["IMAGENET1K_V1"].transforms())

    @torch.inference_mode()
    def classify() -> torch.Tensor:
        loader = DataLoader(pictures, batch_size=BATCH, num_workers=WORKERS)
        return torch.cat([torch.softmax(model(batch), 1) for batch in loader])

    with torch.inference_mode():
        model(torch.rand(BATCH, 3, 224, 224))
    print("ready", flush=True)
    for _ in sys.stdin:
        begun = time.perf_counter()
        found = classify()
        print(time.perf_counter() - begun, flush=True)
        np.save(answers, found.numpy())


class ScriptProcess:
    """The script in a process of its own."""

    def __init__(self, name: str, folder: Path, answers: Path) -> None:
        command = [sys.executable, __file__, "--part", name, "--folder", str(folder), "--answers", str(answers)]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._answers = answers
        self._line()

    def _line(self) -> str:
        if self._child.stdout is None:
            raise RuntimeError("the process has no pipes")
        return self._child.stdout.readline()

    def run(self) -> float:
        """Seconds of one run."""
        if self._child.stdin is None:
            raise RuntimeError("the process has no pipes")
        self._child.stdin.write("\n")
        self._child.stdin.flush()
        return float(self._line())

    def probabilities(self) -> NDArray[np.float32]:
        """Of the last run, (N, classes) in the order of the files' names."""
        found: NDArray[np.float32] = np.load(self._answers)
        return found

    def close(self) -> None:
        """End it."""
        self._child.kill()
        self._child.wait()


# ---- ours


class EngineProcess:
    """An engine of a checkout, with a network that is warm."""

    def __init__(self, tree: Path, model: Path, folder: Path) -> None:
        from resnet_gui.protocol.jobs import ModelRequest

        self._child = subprocess.Popen(
            [sys.executable, "-m", "resnet_gui.engine"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(tree)}, cwd=tree,
        )  # fmt: skip
        self._request, self._folder, self._job = ModelRequest(model=str(model), device="cpu"), folder, 0
        self._scores: dict[str, bytes] = {}
        self._ask(next(folder.iterdir()))

    def _ask(self, path: Path) -> None:
        from resnet_gui.protocol.jobs import Predict, encode_message

        if self._child.stdin is None:
            raise RuntimeError("the engine has no pipes")
        self._job += 1
        self._child.stdin.write(encode_message(Predict(self._job, self._request, (str(path),), scores=True)))
        self._child.stdin.flush()
        self._scores = dict(self._until_done())

    def _until_done(self) -> Iterator[tuple[str, bytes]]:
        from resnet_gui.protocol.events import JobDone, Predicted, decode_event

        for line in self._child.stdout or ():
            event = decode_event(line)
            if isinstance(event, Predicted):
                yield event.image, event.scores
            elif isinstance(event, JobDone):
                return

    def run(self) -> float:
        """Seconds from the question to the last answer."""
        begun = time.perf_counter()
        self._ask(self._folder)
        return time.perf_counter() - begun

    def probabilities(self) -> NDArray[np.float32]:
        """Of the last run, (N, classes) in the order of the files' names."""
        logs = [np.frombuffer(scores, "<f4") for _, scores in sorted(self._scores.items())]
        found: NDArray[np.float32] = np.exp(np.stack(logs))
        return found

    def close(self) -> None:
        """End it."""
        self._child.kill()
        self._child.wait()


def compare(name: str, folder: Path, pictures: Path, options: argparse.Namespace) -> None:
    """The table of one network."""
    from drawn import drawn

    model = drawn(name, folder)[1]
    parts: dict[str, ScriptProcess | EngineProcess] = {
        f"script, {WORKERS} workers": ScriptProcess(name, pictures, folder / "answers.npy"),
        "ours, exact": EngineProcess(ROOT, model, pictures),
    }
    if options.beside is not None:
        parts[f"beside, {options.beside}"] = EngineProcess(options.beside.resolve(), model, pictures)
    times: dict[str, list[float]] = {part: [] for part in parts}
    try:
        for _ in range(options.rounds):
            for part, process in parts.items():
                times[part].append(process.run())
        script, *others = parts.values()
        away = max(float(np.abs(each.probabilities() - script.probabilities()).max()) for each in others)
    finally:
        for process in parts.values():
            process.close()
    base = statistics.median(next(iter(times.values())))
    print(head(f"{options.pictures} photographs of 0.3 to 12 megapixels, {name}", "script ÷"))
    for part, taken in times.items():
        median = statistics.median(taken)
        print(f"{row(part, taken)}{base / median:8.2f}×   {options.pictures / median:.1f} pictures/s")
    print(f"  probabilities at most {away:.1e} from the script's")
    if away > CLOSE:
        raise SystemExit(f"the answers differ by more than {CLOSE}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--networks", default="resnet50,resnet18")
    parser.add_argument("--beside", type=Path, metavar="CHECKOUT")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--answers", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        serve_script(options.part, options.folder, options.answers)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pictures").mkdir()
        draw_photographs(folder / "pictures", options.pictures)
        for network in options.networks.split(","):
            compare(network, folder, folder / "pictures", options)


if __name__ == "__main__":
    main()
