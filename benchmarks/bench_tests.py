"""What the tests cost: `make test` of this tree and of another checkout, in one run.

Usage: python benchmarks/bench_tests.py --beside CHECKOUT [--rounds 1]

Both checkouts must have been set up (`python3 dev.py setup` in each). A round is: everything of the other checkout,
those tests of this one whose claims the other one makes too, and everything of this one. Each with ruff and mypy, as
`make test` runs them. It takes as long as those together: a quarter of an hour a round.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import same_tests

ROOT = Path(__file__).resolve().parent.parent

HELD_BY = {"PYTHONPATH", "QT_QPA_PLATFORM", "RESNET_GUI_HOME", "PYTHONDONTWRITEBYTECODE", "PYTEST_ADDOPTS"}
"""What a person's shell does not set."""


class Cost(NamedTuple):
    """Seconds of the wall and of all processors, and how many tests passed."""

    wall: float
    processor: float
    passed: int


def functions(tree: Path) -> set[str]:
    """Names of the test functions of a checkout."""
    return {
        node.name
        for file in sorted((tree / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def tested(tree: Path, environment: dict[str, str]) -> Cost:
    """Cost of `make test` in a checkout.

    Raises:
        SystemExit: a test failed.
    """
    own = {name: value for name, value in os.environ.items() if name not in HELD_BY} | environment
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "dev.py", "test"], cwd=tree, env=own, capture_output=True, text=True, check=False
    )
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"the tests failed in {tree}:\n{done.stdout[-3000:]}\n{done.stderr[-1000:]}")
    passed = re.search(r"(\d+) passed", done.stdout)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, processor, int(passed[1]) if passed else 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--beside", type=Path, metavar="CHECKOUT")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    if options.beside is None:
        print("\nThe tests are measured beside another checkout: --beside CHECKOUT")
        return
    other = options.beside.resolve()
    theirs, ours = functions(other), functions(ROOT)
    gone = [name for name in theirs if same_tests.RENAMED.get(name, name) not in ours]
    print(f"\n{len(theirs)} test functions there, {len(ours)} here; of those there {len(gone)} have none here:")
    print("\n".join(f"  {name}" for name in sorted(gone)))
    rows: dict[str, list[Cost]] = {"everything there": [], "the same claims here": [], "everything here": []}
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as names:
        names.write("\n".join(theirs))
        names.flush()
        same = {"SAME_TESTS": names.name, "PYTEST_ADDOPTS": "-p benchmarks.same_tests"}
        for _ in range(options.rounds):
            for title, tree, environment in zip(rows, (other, ROOT, ROOT), ({}, same, {}), strict=True):
                rows[title].append(tested(tree, environment))
                print(f"  {title}: {rows[title][-1]}", flush=True)
    reference = Cost(*(statistics.median(each) for each in zip(*rows["everything there"], strict=True)))
    print(f"\n  {'':24} {'tests':>6} {'wall':>8} {'CPU':>8} {'wall':>7} {'CPU':>7}")
    for title, costs in rows.items():
        wall, processor, passed = (statistics.median(each) for each in zip(*costs, strict=True))
        ratios = f"{wall / reference.wall:6.2f}× {processor / reference.processor:6.2f}×"
        print(f"  {title:24} {passed:6.0f} {wall:6.0f} s {processor:6.0f} s {ratios}")


if __name__ == "__main__":
    main()
