"""Runs a benchmark of this tree beside another checkout: by turns, each round in a process of its own.

Both are measured by this tree's benchmark, in one run on one machine. Modules of an older build may have other names:
what a benchmark needs of the program is found by what defines it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

PACKAGE = "resnet_gui"
ROOT = Path(__file__).resolve().parent.parent

Seconds = tuple[float, float]
"""Of the clock on the wall, and of the process on all processors, which another program's work does not lengthen."""

Rows = Mapping[str, Sequence[Seconds]]
"""Title -> times."""

Chosen = Callable[[str], bool]
"""Whether the row of a title is to be measured."""


def modules_of(file: str, name: str) -> list[str]:
    """Dotted names of the modules ``file`` of the program that define ``name``."""
    package = find_spec(PACKAGE)
    root = Path(next(iter(package.submodule_search_locations or ()))) if package is not None else ROOT / PACKAGE
    defines = re.compile(rf"^(def |class )?{name}\b", re.MULTILINE)
    return [
        ".".join((PACKAGE, *path.relative_to(root).with_suffix("").parts))
        for path in sorted(root.rglob(f"{file}.py"))
        if defines.search(path.read_text(encoding="utf-8"))
    ]


def module_of(file: str, name: str) -> str:
    """Dotted name of the first of them.

    Raises:
        LookupError: this build has none.
    """
    found = modules_of(file, name)
    if not found:
        raise LookupError(f"no module {file} of this build defines {name}")
    return found[0]


def part(file: str, name: str) -> Any:
    """What a module of the program defines, wherever this build has that module."""
    return getattr(import_module(module_of(file, name)), name)


def run_benchmark(script: str, text: str, rounds: int, worker: Callable[[], None], alone: Callable[[], None]) -> None:
    """Do what the command line of a benchmark says.

    Args:
        script: its file.
        text: its help.
        rounds: of a measurement beside another checkout, unless told otherwise.
        worker: measures this tree and reports the times, in a process of its own.
        alone: measures what stands beside it without another checkout.
    """
    run_chosen(script, text, rounds, lambda _: worker(), lambda _: alone())


def run_chosen(
    script: str, text: str, rounds: int, worker: Callable[[Chosen], None], alone: Callable[[Chosen], None],
    titles: Sequence[str] = (),
) -> None:  # fmt: skip
    """``run_benchmark`` where only some rows may be asked for, of those with these ``titles``."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--beside", type=Path, metavar="CHECKOUT")
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    if titles:
        known = "; ".join(titles)
        parser.add_argument(
            "--only", action="append", metavar="WORDS", help=f"rows whose titles hold the words: {known}"
        )
    options = parser.parse_args()
    words: list[str] = (options.only or []) if titles else []
    for each in words:
        if not any(each in title for title in titles):
            parser.error(f"no row's title holds {each!r}; the rows are: {'; '.join(titles)}")

    def chosen(title: str) -> bool:
        return not words or any(each in title for each in words)

    if options.worker:
        worker(chosen)
    elif options.beside is not None:
        compare(script, options.beside, options.rounds, [part for each in words for part in ("--only", each)])
    else:
        alone(chosen)


def clocked(work: Callable[[], object]) -> Seconds:
    """Times of one call."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


def report(rows: Rows) -> None:
    """What a worker hands to the one who started it."""
    print(json.dumps(rows))


def compare(script: str, other: Path, rounds: int, arguments: Sequence[str] = ()) -> None:
    """Run ``script --worker`` for this tree and the other by turns and print this one's times over the other's.

    A row's time in a round is the median of its times, and in all of them the median of its rounds; its worst is the
    median of the rounds' longest, on the wall.
    """
    trees = {"ours": ROOT, "theirs": other.resolve()}
    found: dict[str, list[Rows]] = {name: [] for name in trees}
    for turn in range(rounds):
        for name in sorted(trees, reverse=bool(turn % 2)):
            found[name].append(_worker(script, trees[name], arguments))
    print(f"\n{Path(script).name} of this tree beside {other}: medians of {rounds} rounds by turns")
    heads = ("theirs, CPU", "ours, CPU", "CPU", "wall", "worst: theirs", "ours")
    print(f"  {'':52} {heads[0]:>13} {heads[1]:>13} {heads[2]:>8} {heads[3]:>8} {heads[4]:>14} {heads[5]:>11}")
    for title in found["ours"][0]:
        ours, theirs = (_medians([rows[title] for rows in found[name]]) for name in ("ours", "theirs"))
        ratios = f"{ours.processor / theirs.processor:7.2f}× {ours.wall / theirs.wall:7.2f}×"
        print(
            f"  {title:52} {theirs.processor * 1000:10.3f} ms {ours.processor * 1000:10.3f} ms {ratios}"
            f" {theirs.worst * 1000:11.1f} ms {ours.worst * 1000:8.1f} ms"
        )


class _Medians(NamedTuple):
    """Medians over the rounds (seconds): of the times on the wall and of the processor, and of the longest."""

    wall: float
    processor: float
    worst: float


def _medians(rounds: Sequence[Sequence[Seconds]]) -> _Medians:
    wall, processor = (
        statistics.median(statistics.median(times[clock] for times in each) for each in rounds) for clock in (0, 1)
    )
    return _Medians(wall, processor, statistics.median(max(times[0] for times in each) for each in rounds))


def _worker(script: str, tree: Path, arguments: Sequence[str]) -> Rows:
    path = os.pathsep.join((str(tree), str(Path(__file__).parent)))
    done = subprocess.run(
        [sys.executable, script, "--worker", *arguments],
        env={**os.environ, "PYTHONPATH": path},
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{script} failed in {tree}:\n{done.stderr}")
    rows: Rows = json.loads(done.stdout.splitlines()[-1])
    return rows
