"""What all tests share: folders away from the user's, drawn designs, one trained run, real engines on pipes."""

from __future__ import annotations

import contextlib
import functools
import itertools
import math
import os
import queue
import subprocess
import sys
import threading
import time
import tomllib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import filelock
import hypothesis
import msgspec
import pytest
from hypothesis import strategies as st

from resnet_gui.design.choices import BLOCKS
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.protocol.events import Event, decode_event
from resnet_gui.protocol.jobs import Message, encode_message
from resnet_gui.runs.events import RunEvent
from resnet_gui.runs.history import RunReader
from tests import item_process, memory, order
from tests.forks import Forks
from tests.waiting import PATIENCE

# Before torch is loaded, and for every engine too: several small trainings on few cores then never wait for each other.
THREADS = int(os.environ.setdefault("OMP_NUM_THREADS", "1").partition(",")[0])
# Where a test does ask for several, one that waits for the others sleeps. Beside other tests it waits for milliseconds
# at the end of every layer, and libgomp would spin as long: a tiny training then costs up to twelve times as much.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
# oneDNN keeps the code that it has made for a thousand shapes of layers, a tenth of a megabyte each.
os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")

# "make prove" draws many times as many examples, and others each time.
FACTOR = int(os.environ.get("RESNET_GUI_EXAMPLES", "1"))
hypothesis.settings.register_profile(
    "project", deadline=None, max_examples=25 * FACTOR, derandomize=FACTOR == 1, database=None
)
hypothesis.settings.load_profile("project")


def examples(count: int) -> hypothesis.settings:
    """Draw so many examples, or a multiple of them in a long proof."""
    return hypothesis.settings(max_examples=count * FACTOR)


def deep_ones_in_prove(names: Iterable[str], most: int = 30) -> list[Any]:
    """Presets as parameters; those with more blocks than ``most``, which take seconds each, are a long proof."""
    return [
        pytest.param(name, marks=[pytest.mark.prove] if sum(PRESETS[name].spec.blocks) > most else []) for name in names
    ]


def one_of_each_kind(names: Iterable[str], most: int = 16) -> list[Any]:
    """Presets as parameters; daily those that have something in their design that none before them has.

    Deeper ones than ``most`` blocks, and those that differ from another in size alone, are a long proof.
    """
    seen: set[tuple[str, object]] = set()
    chosen = []
    for name in names:
        spec = PRESETS[name].spec
        kinds = _kinds(spec) if sum(spec.blocks) <= most else set()
        chosen.append(pytest.param(name, marks=[] if kinds - seen else [pytest.mark.prove]))
        seen |= kinds
    return chosen


def _kinds(spec: ResNetSpec) -> set[tuple[str, object]]:
    """What a design has chosen; of a number whether it is the usual one."""
    found: set[tuple[str, object]] = {("stages", len(spec.blocks))}
    for field in msgspec.structs.fields(ResNetSpec):
        value = getattr(spec, field.name)
        if field.name not in {"blocks", "widths", "classes", "input"}:
            found.add((field.name, value if isinstance(value, str | bool | None) else value == field.default))
    return found


def daily(names: Iterable[Any], proved: Iterable[Any]) -> list[Any]:
    """Parameters of every day, then those that only a long proof repeats with."""
    rest = [name if isinstance(name, tuple) else (name,) for name in proved]
    return [*names, *(pytest.param(*values, marks=pytest.mark.prove) for values in rest)]


ROOT = Path(__file__).resolve().parent.parent
FIGURES: dict[str, Any] = tomllib.loads((ROOT / "tests" / "figures.toml").read_text(encoding="utf-8"))
DIGITS_EPOCHS = 4
E = TypeVar("E", bound=Event)
R = TypeVar("R", bound=RunEvent)

LARGEST_MB = 1200
"""Most memory that a process of "make test" may ever hold; imports alone are up to 920 of it, torch 530."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--forks``."""
    item_process.add_option(parser)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Run the tests in forks, if asked to, and bound their memory."""
    memory.leave_sources_unread()
    config.pluginmanager.register(memory)
    config.pluginmanager.register(order)
    if item_process.possible(config):
        memory.bound(config, LARGEST_MB if FACTOR == 1 else math.inf)
        config.pluginmanager.register(item_process.ForkRunner(config.getoption("forks"), order.scope))


HOMES = itertools.count(1)


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program's own folder for this test; the user's is never touched.

    It is there when the program makes it: to remove thousands of empty folders takes a disk half a minute.
    """
    folder = tmp_path_factory.getbasetemp() / f"home-{os.getpid()}-{next(HOMES)}"
    monkeypatch.setenv("RESNET_GUI_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def few_threads() -> None:
    """Have torch compute as before any test: a training sets how many threads it takes, and nobody sets them back.

    Several threads wait for each other with all their might, and small tensors then take several times as long.
    """
    torch = sys.modules.get("torch")
    if torch is not None and torch.get_num_threads() != THREADS:
        torch.set_num_threads(THREADS)


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """The folder of a finished run of the digits net; one for all forks."""
    from resnet_gui.design.presets import find_preset
    from resnet_gui.engine.train.control import Control
    from resnet_gui.engine.train.run import train
    from resnet_gui.protocol.jobs import Train
    from resnet_gui.training.recipe import Recipe

    shared = item_process.shared_folder(tmp_path_factory, pytestconfig)
    folder = shared / "digits" / "run"
    with filelock.FileLock(shared / "digits.lock"):
        if not folder.exists():
            design = find_preset("digits-resnet").design
            job = Train(1, str(folder), design.name, design.spec, Recipe(epochs=DIGITS_EPOCHS), "cpu")
            assert train(job, lambda _event: None, Control()).status == "finished"
    return folder


@pytest.fixture(scope="session")
def onnx_table() -> Iterator[None]:
    """torch's table of what each of its operators is in ONNX, built once; every export takes half its time for it."""
    from torch.onnx._internal.exporter import _registration

    registry = _registration.ONNXRegistry
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "from_torchlib", staticmethod(functools.cache(registry.from_torchlib)))
        yield


@st.composite
def specs(draw: st.DrawFn, *, top: int = 8, stages: int = 3, deepest: int = 3) -> ResNetSpec:
    """Legal designs of every block, shortcut and stem, with odd input sizes; small unless told otherwise."""
    count = draw(st.integers(1, stages))
    block = draw(st.sampled_from(list(BLOCKS)))
    width = st.integers(1, top).map(lambda number: number * BLOCKS[block].divisor)
    widths = draw(st.lists(width, min_size=count, max_size=count))
    shortcut = draw(st.sampled_from(["A", "B", "C", "none"]))
    if shortcut == "A":
        widths.sort()
    stem = draw(st.sampled_from(["imagenet", "cifar"]))
    halvings = count - 1 + (2 if stem == "imagenet" else 0)
    smallest = 2 ** (halvings - 1) + 1 if halvings else 1
    size = st.integers(smallest, smallest + 12)
    return ResNetSpec(
        block=block,
        blocks=tuple(draw(st.lists(st.integers(1, deepest), min_size=count, max_size=count))),
        widths=tuple(widths),
        shortcut=shortcut,
        stem=stem,
        classes=draw(st.integers(1, 12)),
        input=(draw(st.integers(1, 4)), draw(size), draw(size)),
    )


ENGINE = ("-m", "resnet_gui.engine")


class EngineChild:
    """A real engine; every line of its standard output must be an event.

    Attributes:
        process: the child.
        seen: events so far, in order.
        errors: file that its standard error goes to.
    """

    def __init__(
        self,
        errors: Path,
        command: tuple[str, ...] = ENGINE,
        popen: type[subprocess.Popen[bytes]] = subprocess.Popen,
    ) -> None:
        self.errors = errors
        with errors.open("wb") as file:
            self.process = popen([sys.executable, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=file)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._stdin: BinaryIO = self.process.stdin  # type: ignore[assignment]
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        self.seen: list[Event] = []
        self._readers: dict[Path, tuple[RunReader, deque[RunEvent]]] = {}
        self._reader = threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True)
        self._reader.start()

    def _read(self, stream: BinaryIO) -> None:
        for line in stream:
            self._lines.put(line)
        self._lines.put(None)

    def send(self, *messages: Message) -> None:
        """Write messages."""
        self.send_raw(b"".join(map(encode_message, messages)))

    def send_raw(self, data: bytes) -> None:
        """Write bytes."""
        self._stdin.write(data)
        self._stdin.flush()

    def next(self, timeout: float = PATIENCE) -> Event:
        """The next event; EOFError when there will be none."""
        line = self._lines.get(timeout=timeout)
        if line is None:
            self._lines.put(None)
            code = self.process.wait(timeout=PATIENCE)
            last = self.seen[-1] if self.seen else None
            raise EOFError(f"exit code {code} after {last}; {self.errors.read_text(errors='replace')}")
        event = decode_event(line)
        self.seen.append(event)
        return event

    def wait_for(
        self, kind: type[E], accept: Callable[[E], bool] = lambda _event: True, timeout: float = PATIENCE
    ) -> E:
        """The next event of a kind that is accepted."""
        until = time.monotonic() + timeout
        while True:
            event = self.next(timeout=max(0.1, until - time.monotonic()))
            if isinstance(event, kind) and accept(event):
                return event

    def wait_in(
        self, run: Path, kind: type[R], accept: Callable[[R], bool] = lambda _event: True, timeout: float = PATIENCE
    ) -> R:
        """The next event of a kind in the folder of a run that it trains, looked for whenever the engine speaks."""
        until = time.monotonic() + timeout
        reader, found = self._readers.setdefault(run, (RunReader(run), deque()))
        while True:
            found.extend(reader.read())
            while found:
                event = found.popleft()
                if isinstance(event, kind) and accept(event):
                    return event
            self.next(timeout=max(0.1, until - time.monotonic()))

    def rest(self) -> list[Event]:
        """All events up to the end of the stream."""
        first = len(self.seen)
        with contextlib.suppress(EOFError):
            while True:
                self.next()
        return self.seen[first:]

    def close_input(self) -> None:
        """Close its standard input, as a window that dies does."""
        self._stdin.close()

    def wait(self, timeout: float = PATIENCE) -> int:
        """The exit code; ``subprocess.TimeoutExpired`` if it is still alive after so long."""
        return self.process.wait(timeout=timeout)

    def kill(self) -> None:
        """End it at once (SIGKILL) and free what it holds."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        if self.process.stdout is not None:
            self.process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            self._stdin.close()


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """What forks engines and commands that have loaded torch already."""
    made = Forks()
    yield made
    made.close()


@pytest.fixture
def start_engine(tmp_path: Path) -> Iterator[Callable[..., EngineChild]]:
    """Starts engines that are gone when the test is over; arguments are Python's, if not ``-m resnet_gui.engine``."""
    yield from _engines(tmp_path, subprocess.Popen)


@pytest.fixture
def fork_engine(tmp_path: Path, forks: Forks) -> Iterator[Callable[..., EngineChild]]:
    """The same, of engines that have loaded torch already, where starting is not what the test is about."""
    yield from _engines(tmp_path, forks.popen)


def _engines(folder: Path, popen: type[subprocess.Popen[bytes]]) -> Iterator[Callable[..., EngineChild]]:
    children: list[EngineChild] = []

    def start(*command: str) -> EngineChild:
        errors = folder / f"engine-{len(children)}.txt"
        children.append(EngineChild(errors, command or ENGINE, popen))
        return children[-1]

    yield start
    for child in children:
        child.kill()


@pytest.fixture
def picture_folder(tmp_path: Path) -> Path:
    """Twenty dark and twenty light 8×8 pictures in two class folders: something that a small net learns in seconds."""
    return draw_pictures(tmp_path / "pictures")


def draw_pictures(root: Path) -> Path:
    """The pictures of ``picture_folder``, the same each time, in a new folder; returns it."""
    import numpy as np
    from PIL import Image

    generator = np.random.default_rng(0)
    for name, lift in (("dark", 0), ("light", 127)):
        folder = root / name
        folder.mkdir(parents=True)
        for number in range(20):
            grey = generator.integers(0, 128, (8, 8), dtype=np.uint8) + np.uint8(lift)
            Image.fromarray(grey).save(folder / f"{number:02}.png")
    return root
