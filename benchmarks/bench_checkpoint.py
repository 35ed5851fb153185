"""Reading a checkpoint: ours beside ``torch.load(mmap=True)``, ResNet-50 with 26 million values, 100 MB.

Usage: python benchmarks/bench_checkpoint.py [--rounds N]

 reading: names, shapes and mapped values, in this process.
 identify: reading, and finding the design.
 a process of its own: from its start to its end, with the most memory that it held over what ``import torch`` holds, as
    a share of the file's size.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
import torchvision
from table import head, interleaved, row

from resnet_gui.checkpoints.load import examine
from resnet_gui.checkpoints.reader import read_checkpoint

MEGABYTE = 1_000_000

PROCESSES = {
    "import torch": ["-c", "import torch"],
    "import torch; torch.load(mmap=True)": ["-c", "import sys, torch; torch.load(sys.argv[1], mmap=True)", "FILE"],
    "resnet-gui identify": ["-m", "resnet_gui", "identify", "FILE", "--json"],
}
"""Name -> what Python is given."""


def written(folder: Path) -> Path:
    """A state_dict of torchvision's ResNet-50 as its training scripts save it."""
    torch.manual_seed(0)
    path = folder / "model_90.pth"
    torch.save({"model": torchvision.models.resnet50(weights=None).state_dict(), "epoch": 90}, path)
    return path


def here(path: Path, rounds: int) -> None:
    """The table of this process."""
    works: list[Callable[[], object]] = [
        partial(torch.load, path, mmap=True), partial(read_checkpoint, path, checked=False), partial(examine, path),
        partial(read_checkpoint, path),
    ]  # fmt: skip
    for work in works:
        work()
    theirs, reading, identify, checked = interleaved(works, rounds)
    reference = statistics.median(theirs)
    print(head(f"a file of {path.stat().st_size / MEGABYTE:.0f} MB, warm", "of torch"))
    print(row("torch.load(mmap=True)", theirs, reference))
    print(row("reading", reading, reference))
    print(row("identify", identify, reference))
    print(row("reading with every checksum", checked, reference))


def process(arguments: list[str], path: Path) -> tuple[float, int]:
    """Wall time of a process of its own (seconds), and the most memory that it held (bytes)."""
    begun = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, *(str(path) if argument == "FILE" else argument for argument in arguments)],
        stdout=subprocess.DEVNULL,
    )
    _, code, used = os.wait4(child.pid, 0)
    child.returncode = code
    if code:
        raise SystemExit(f"{arguments} failed")
    # Linux counts in KiB, macOS in bytes.
    return time.perf_counter() - begun, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def apart(path: Path, rounds: int) -> None:
    """The table of processes of their own, with what each held over "import torch"."""
    found: dict[str, list[tuple[float, int]]] = {name: [] for name in PROCESSES}
    for _ in range(rounds):
        for name, arguments in PROCESSES.items():
            found[name].append(process(arguments, path))
    base, theirs, _ = found.values()
    reference = statistics.median(took for took, _ in theirs)
    print(head("a process of its own, from its start to its end", "of torch"))
    for name, rows in found.items():
        more = max(held for _, held in rows) - max(held for _, held in base)
        times = [took for took, _ in rows]
        print(f"{row(name, times, reference)}   {more / path.stat().st_size:5.2f} of the file's size held over torch")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        file = written(Path(temporary))
        here(file, options.rounds)
        apart(file, max(3, options.rounds // 5))
