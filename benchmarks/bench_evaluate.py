"""A whole evaluation beside the bare forward passes: 10,000 pictures of 32 × 32 and the network inside.

Usage: python benchmarks/bench_evaluate.py [FOLDER] [--pictures N] [--rounds N]

 bare: ``Classifier.scores`` on pictures that are decoded already, in the same batches.
 evaluation: from the folder's name to what the page shows: files found and decoded, every picture answered, figures,
    calibration, probable label errors, features by depth with their projections, probes and CKA, all of it written.

FOLDER holds a folder a class, named as CIFAR-10's; without one, pictures are drawn and written as JPEG first.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from table import head, interleaved, row

os.environ["RESNET_GUI_HOME"] = HOME = tempfile.mkdtemp(prefix="resnet-gui-bench-")

from resnet_gui.data.labels import CIFAR10
from resnet_gui.data.weights_catalogue import SHIPPED
from resnet_gui.engine.data.opened import untold, unwatched
from resnet_gui.engine.evaluate.depth.service import measure_depth
from resnet_gui.engine.evaluate.measuring import batch_size, evaluated
from resnet_gui.engine.evaluate.opened import classifier_of
from resnet_gui.engine.evaluate.reading import InputReader
from resnet_gui.engine.evaluate.tested_pictures import find_tested
from resnet_gui.protocol.evaluation_messages import MeasureDepth, MeasureEvaluation
from resnet_gui.protocol.events import Event
from resnet_gui.protocol.model_request import ModelRequest

REQUEST = ModelRequest(model=SHIPPED, device="cpu")


def draw_pictures(folder: Path, count: int) -> None:
    """Blurred noise, so that JPEGs are as large as those of photographs."""
    noise = np.random.default_rng(0)
    for number in range(count):
        place = folder / CIFAR10[number % len(CIFAR10)] / f"{number:05}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        small = Image.fromarray(noise.integers(0, 256, (12, 12, 3), dtype=np.uint8))
        small.resize((32, 32), Image.Resampling.BICUBIC).save(place, quality=90)


def unsaid(_event: Event) -> None:
    """What is said meanwhile is not shown."""


def going_on() -> bool:
    """Nobody gives it up."""
    return True


def whole(folder: Path) -> None:
    job = MeasureEvaluation(job=1, model_request=REQUEST, data=str(folder), again=True)
    found = evaluated(job, unsaid, going_on)
    measure_depth(MeasureDepth(1, found.folder), unsaid, going_on)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--pictures", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    folder = options.folder or Path(HOME) / "pictures"
    try:
        if options.folder is None:
            draw_pictures(folder, options.pictures)
        classifier = classifier_of(REQUEST)
        pictures = find_tested(str(folder), classifier.loaded.spec.input, classifier.loaded.classes, unwatched, untold)
        size = batch_size(classifier)
        reader = InputReader(pictures, classifier)
        count = len(pictures.labels)
        decoded = [reader.read(np.arange(start, min(count, start + size))).pixels for start in range(0, count, size)]

        def bare() -> None:
            for pixels in decoded:
                classifier.scores(pixels)

        bare()
        times = interleaved([bare, lambda: whole(folder)], options.rounds)
        print(head(f"{len(pictures.labels):,} pictures, {SHIPPED}, batches of {size}", "of bare"))
        print(row("bare forward passes", times[0]))
        print(row("whole evaluation", times[1], statistics.median(times[0])))
    finally:
        shutil.rmtree(HOME, ignore_errors=True)


if __name__ == "__main__":
    main()
