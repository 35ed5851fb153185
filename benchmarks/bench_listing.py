"""Listing a data set beside torchvision's ImageFolder: 200,000 files in 1,000 folders, in one process, by turns.

Usage: python benchmarks/bench_listing.py [--beside CHECKOUT [--rounds N]]

The files are hard links to a few pictures; whoever goes first finds a cold disk, so both have looked before it counts.
With ``--beside`` this tree is measured beside another checkout of the program instead.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from beside import clocked, part, report, run_benchmark
from PIL import Image
from table import head, interleaved, row
from torchvision.datasets import ImageFolder

if TYPE_CHECKING:
    from resnet_gui.engine.data.folders import list_folder
else:
    # Beside an older build, whose modules are elsewhere.
    list_folder = part("folders", "list_folder")

CLASSES, PICTURES = 1_000, 200
ORIGINALS = 8
"""Files that the others are links to; most disks allow 65,000 to one."""

ROUNDS = 5


def make_set(root: Path) -> Path:
    """A data set of that many classes and pictures of each."""
    originals = [root / f"{number}.png" for number in range(ORIGINALS)]
    for original in originals:
        Image.new("RGB", (8, 8)).save(original)
    for number in range(CLASSES):
        folder = root / "set" / f"n{number:08d}"
        folder.mkdir(parents=True)
        for index in range(PICTURES):
            os.link(originals[index % ORIGINALS], folder / f"img_{index}.png")
    return root / "set"


def worker() -> None:
    """Times of this build."""
    with tempfile.TemporaryDirectory() as folder:
        pictures = make_set(Path(folder))
        list_folder(pictures)
        report({"listing 200,000 files": [clocked(lambda: list_folder(pictures)) for _ in range(ROUNDS)]})


def alone() -> None:
    """Beside ImageFolder."""
    with tempfile.TemporaryDirectory() as folder:
        pictures = make_set(Path(folder))
        listing, theirs = list_folder(pictures), ImageFolder(str(pictures))
        assert len(listing.train) + len(listing.test) == len(theirs.samples)  # noqa: S101
        ours, image_folder, prints = interleaved(
            [
                lambda: list_folder(pictures),
                lambda: ImageFolder(str(pictures)),
                lambda: listing.fingerprint(times=True),
            ],
            ROUNDS,
        )
        reference = statistics.median(image_folder)
        print(head(f"{CLASSES * PICTURES:,} files in {CLASSES:,} folders", "of theirs"))
        print(row("list_folder: classes, parts, description", ours, reference))
        print(row("torchvision's ImageFolder", image_folder, reference))
        print(row("fingerprint: size and time of every file", prints, reference))


if __name__ == "__main__":
    run_benchmark(__file__, __doc__ or "", 3, worker, alone)
